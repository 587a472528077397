/* A network namespace of this test's own with a tun device pic0 that has the cell's addresses, a run directory, and
 * questions asked with chronyd -Q, as any machine asks. */
#ifndef PIC_TESTS_NTP_WORLD_H
#define PIC_TESTS_NTP_WORLD_H

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

#include "backend/ntp/inside.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define SERVER PIC__I_NTP_SERVER
#define VALUE "listen=10.1.0.1,fd12:3456:789a::1 allow=10.1.0.0/16,fd12:3456:789a::/48"
#define MOVED "listen=10.2.0.1,fd12:3456:789a::1 allow=10.2.0.0/24,fd12:3456:789a::/48"

static char world_dir[64];
static char world_log[PATH_MAX];

static inline int sh(const char *command)
{
        return system(command);
}

static inline int world_open(void)
{
        char *found = pic__cmd_find("chronyd");

        if (geteuid() != 0 || found == NULL || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root, chronyd and the right to make a network namespace\n");
                pic__free(found);
                return 77;
        }
        pic__free(found);
        snprintf(world_dir, sizeof(world_dir), "/tmp/pic-ntp-XXXXXX");
        if (mkdtemp(world_dir) == NULL || pic__crypto_start(NULL) < 0)
                return 77;
        snprintf(world_log, sizeof(world_log), "%s/log", world_dir);
        if (sh("ip link set lo up && ip tuntap add pic0 mode tun && ip addr add 10.1.0.1/16 dev pic0 && "
               "ip addr add fd12:3456:789a::1/48 dev pic0 nodad && ip link set pic0 up && "
               "ip addr add 10.2.0.1/24 dev lo && ip addr add 192.0.2.1/24 dev lo") != 0)
                return 77;
        return 0;
}

static inline pic__backend *backend(void)
{
        pic__ntp_opts opts = { .run_dir = world_dir, .log_dir = world_log };
        pic__backend *b = NULL;

        if (pic__ntp_new(&opts, &b, NULL) < 0)
                abort();
        return b;
}

static inline void world_close(void)
{
        pic__backend *b = backend();
        char command[128];

        (void)b->ops->teardown(b, 0, NULL);
        b->ops->free(b);
        snprintf(command, sizeof(command), "rm -rf %s", world_dir);
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

static inline pid_t pid_of(pic__backend *b)
{
        return pic__child_pid(((pic__ntp *)b)->child);
}

static inline int step(pic__backend *b, const char *from, const char *to, pic_error **err)
{
        pic__item before = { .kind = SERVER, .key = "main", .value = from },
                  after = { .kind = SERVER, .key = "main", .value = to };
        pic__step s = { from == NULL ? PIC__ADD
                        : to == NULL ? PIC__REMOVE
                                     : PIC__CHANGE,
                        SERVER, from != NULL ? &before : NULL, to != NULL ? &after : NULL };
        size_t done = 99;
        int r = b->ops->apply(b, &s, 1, &done, err);

        assert_int_equal(done, r < 0 ? 0 : 1);
        return r;
}

/* Fails the test with the backend's words. */
static inline void must(pic__backend *b, const char *from, const char *to)
{
        pic_error *err = NULL;

        if (step(b, from, to, &err) < 0)
                fail_msg("%s (%s)", pic_error_message(err),
                         pic_error_detail(err, "stderr") ? pic_error_detail(err, "stderr") : "");
}

static inline const char *seen(pic__backend *b)
{
        static char value[512];
        pic__auto_items pic__items items = PIC__ITEMS_INIT;

        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        if (items.count == 0)
                return NULL;
        snprintf(value, sizeof(value), "%s", items.at[0].value);
        return value;
}

/* 1: it tells the time there to somebody who asks from `from` (NULL: from anywhere). */
static inline int tells_time(const char *at, const char *from)
{
        char command[300];

        snprintf(command, sizeof(command), "chronyd -Q -t 2 'server %s iburst maxsamples 1' %s%s >/dev/null 2>&1", at,
                 from != NULL ? "bindacqaddress " : "", from != NULL ? from : "");
        if (from != NULL)
                snprintf(command, sizeof(command),
                         "chronyd -Q -t 2 'server %s iburst maxsamples 1' 'bindacqaddress %s' >/dev/null 2>&1", at,
                         from);
        return sh(command) == 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, cleanup)

#endif
