/* A network namespace of this test's own with a tun device pic0 that has the cell's addresses, a run directory, and
 * questions asked with dig. */
#ifndef PIC_TESTS_DNS_WORLD_H
#define PIC_TESTS_DNS_WORLD_H

#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/dns/control.h"
#include "backend/dns/inside.h"
#include "sys/crypto.h"

#define SERVER PIC__I_DNS_SERVER
#define RECORD PIC__I_DNS_RECORD

#define ZONES "zone=home.internal reverse=1.10.in-addr.arpa,a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa"
#define VALUE "listen=10.1.0.1,fd12:3456:789a::1 " ZONES " upstream= allow=10.1.0.0/16,fd12:3456:789a::/48"
#define PTR4 "2.0.1.10.in-addr.arpa. PTR"
#define PTR6 "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa. PTR"

static char world_dir[64];
static char world_log[PATH_MAX];

static inline int sh(const char *command)
{
        return system(command);
}

static inline int world_open(void)
{
        char *found = pic__cmd_find("unbound");

        if (geteuid() != 0 || found == NULL || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root, unbound and the right to make a network namespace\n");
                pic__free(found);
                return 77;
        }
        pic__free(found);
        snprintf(world_dir, sizeof(world_dir), "/tmp/pic-dns-XXXXXX");
        if (mkdtemp(world_dir) == NULL || pic__crypto_start(NULL) < 0)
                return 77;
        snprintf(world_log, sizeof(world_log), "%s/log", world_dir);
        if (sh("ip link set lo up && ip tuntap add pic0 mode tun && ip addr add 10.1.0.1/16 dev pic0 && "
               "ip addr add fd12:3456:789a::1/48 dev pic0 nodad && ip link set pic0 up && ip addr add 10.2.0.1/24 dev "
               "lo && "
               "ip addr add fd77::1/64 dev lo nodad") != 0)
                return 77;
        return 0;
}

static inline pic__backend *backend(void)
{
        pic__dns_opts opts = { .run_dir = world_dir, .log_dir = world_log };
        pic__backend *b = NULL;

        if (pic__dns_new(&opts, &b, NULL) < 0)
                abort();
        return b;
}

static inline void world_close(void)
{
        pic__backend *b = backend();
        char command[256];

        (void)b->ops->teardown(b, 0, NULL); /* by the very process that its pid file names */
        b->ops->free(b);
        /* Others that a test started and did not come to stop. */
        snprintf(command, sizeof(command), "cat %s/*.pid 2>/dev/null | xargs -r kill 2>/dev/null; rm -rf %s", world_dir,
                 world_dir);
        (void)sh(command);
        if (unshare(CLONE_NEWNET) < 0)
                abort();
}

static inline int setup(void **state)
{
        (void)state;
        if (world_open() != 0)
                exit(77);
        return 0;
}

static inline int cleanup(void **state)
{
        (void)state;
        world_close();
        return 0;
}

static inline int step(pic__backend *b, enum pic__item_kind kind, const char *key, const char *from, const char *to,
                       pic_error **err)
{
        pic__item before = { .kind = kind, .key = key, .value = from },
                  after = { .kind = kind, .key = key, .value = to };
        pic__step s = { from == NULL ? PIC__ADD
                        : to == NULL ? PIC__REMOVE
                                     : PIC__CHANGE,
                        kind, from != NULL ? &before : NULL, to != NULL ? &after : NULL };
        size_t done = 99;
        int r = b->ops->apply(b, &s, 1, &done, err);

        assert_int_equal(done, r < 0 ? 0 : 1);
        return r < 0 ? r : b->ops->finish(b, err);
}

/* Fails the test with the backend's words. */
static inline void must(pic__backend *b, enum pic__item_kind kind, const char *key, const char *from, const char *to)
{
        pic_error *err = NULL;

        if (step(b, kind, key, from, to, &err) < 0)
                fail_msg("%s: %s (%s)", key, pic_error_message(err),
                         pic_error_detail(err, "stderr") ? pic_error_detail(err, "stderr") : "");
}

static inline const char *seen(pic__backend *b, enum pic__item_kind kind, const char *key)
{
        static char value[2048];
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const pic__item *item;

        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        pic__items_sort(&items);
        item = pic__items_find(&items, kind, key);
        if (item == NULL)
                return NULL;
        snprintf(value, sizeof(value), "%s", item->value);
        return value;
}

/* What dig prints for "<question>", in one line; "status: NXDOMAIN" and the like when there is no answer. */
static inline const char *dig_at(const char *at, const char *question)
{
        static char out[1024];
        char command[600];
        size_t n = 0;
        FILE *p;

        snprintf(command, sizeof(command),
                 "r=$(dig %s +tries=1 +time=4 %s); a=$(echo \"$r\" | grep -v '^;' | grep -v '^$' | grep -v SOA | awk "
                 "'{print $NF}' | sort | paste -sd ' '); "
                 "if [ -n \"$a\" ]; then echo $a; else echo \"$r\" | grep -o 'status: [A-Z]*' || echo nothing; fi",
                 at, question);
        p = popen(command, "r");
        assert_non_null(p);
        n = fread(out, 1, sizeof(out) - 1, p);
        pclose(p);
        out[n] = '\0';
        out[strcspn(out, "\n")] = '\0';
        return out;
}

static inline const char *dig(const char *question)
{
        return dig_at("@10.1.0.1", question);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, cleanup)

#endif
