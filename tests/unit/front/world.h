/* A network namespace of this test's own with a tun device pic0 that has the cell's addresses, a run directory, and a
 * CA that issues what the front asks for. */
#ifndef PIC_TESTS_FRONT_WORLD_H
#define PIC_TESTS_FRONT_WORLD_H

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

#include "backend/front/inside.h"
#include "backend/front/socket.h"
#include "base/time.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/x509.h"

#define SERVER PIC__I_FRONT_SERVER
#define CERT PIC__I_FRONT_CERT
#define HOST PIC__I_FRONT_HOST
#define PEER PIC__I_FRONT_PEER
#define VALUE "listen=10.1.0.1,fd12:3456:789a::1"
#define MOVED "listen=10.2.0.1,fd12:3456:789a::1"
#define OWN_VALUE "own names=home.internal,10.1.0.1 root=0011"

static char world_dir[64];
static char world_log[PATH_MAX];
static char world_secret[PATH_MAX];
static pic_time world_now = (pic_time)1790000000 * PIC__SECOND;
static int world_issued, world_refuses;

static inline int sh(const char *command)
{
        return system(command);
}

static inline int issue(const char *names, pic__buf *out, pic_time *ret_until, void *data, pic_error **err)
{
        static const char *const zones[] = { "home.internal", NULL }, *const nets[] = { "10.1.0.0/16", NULL };
        static const pic__x509_scope scope = { zones, nets };
        PIC__AUTO(pic__x509_key_unref_p) pic__x509_key *key = NULL;
        pic__auto_wipe pic__buf der = PIC__BUF_SECRET;
        pic__auto_buf pic__buf cert = PIC__BUF_INIT;

        (void)data;
        if (strchr(names, ' ') != NULL || world_refuses)
                return pic__fail(err, PIC_NOTFOUND, "nobody vouches for %s", names);
        world_issued++;
        *ret_until = world_now + 30 * 86400 * PIC__SECOND;
        if (pic__x509_key_new(&key, err) < 0 || pic__x509_root(key, "home", &scope, 0, *ret_until, &cert, err) < 0 ||
            pic__x509_key_write(key, &der, err) < 0)
                return PIC_BACKEND;
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&cert), out);
        pic__x509_pem_put("PRIVATE KEY", pic__der_of(&der), out);
        return 0;
}

static inline pic_time world_clock(void *data)
{
        (void)data;
        return world_now;
}

static inline int world_open(void)
{
        char *found = pic__cmd_find("haproxy");

        if (geteuid() != 0 || found == NULL || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root, haproxy and the right to make a network namespace\n");
                pic__free(found);
                return 77;
        }
        pic__free(found);
        snprintf(world_dir, sizeof(world_dir), "/tmp/pic-front-XXXXXX");
        if (mkdtemp(world_dir) == NULL || pic__crypto_start(NULL) < 0)
                return 77;
        snprintf(world_log, sizeof(world_log), "%s/log", world_dir);
        snprintf(world_secret, sizeof(world_secret), "%s/front", world_dir);
        world_issued = world_refuses = 0;
        if (pic__file_write(world_secret, "abcdef", 6, 0600, NULL) < 0 ||
            sh("ip link set lo up && ip tuntap add pic0 mode tun && ip addr add 10.1.0.1/16 dev pic0 && "
               "ip addr add fd12:3456:789a::1/48 dev pic0 nodad && ip link set pic0 up && "
               "ip addr add 10.2.0.1/24 dev lo && ip addr add 192.0.2.1/24 dev lo") != 0)
                return 77;
        return 0;
}

static inline int backend_new(pic__backend **ret, pic_error **err)
{
        const pic__front_opts opts = { .run_dir = world_dir,
                                       .log_dir = world_log,
                                       .secret_file = world_secret,
                                       .issue = issue,
                                       .now = world_clock };

        return pic__front_new(&opts, ret, err);
}

static inline pic__backend *backend(void)
{
        pic__backend *b = NULL;

        if (backend_new(&b, NULL) < 0)
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
        return pic__child_pid(((pic__front *)b)->child);
}

/* All of its threads stand still when this returns: on a busy machine one may answer yet. */
static inline void hold(pic__backend *b)
{
        char path[64], text[256] = "";
        int i;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid_of(b));
        assert_int_equal(kill(pid_of(b), SIGSTOP), 0);
        for (i = 0; i < 500 && strstr(text, ") T ") == NULL; i++) {
                FILE *f = fopen(path, "r");

                usleep(10000);
                assert_non_null(f);
                assert_non_null(fgets(text, sizeof(text), f));
                fclose(f);
        }
        assert_true(i < 500);
}

static inline int step_of(pic__backend *b, enum pic__item_kind kind, const char *key, const char *from, const char *to,
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
        return r;
}

/* Fails the test with the backend's words. */
static inline void must(pic__backend *b, enum pic__item_kind kind, const char *key, const char *from, const char *to)
{
        pic_error *err = NULL;

        if (step_of(b, kind, key, from, to, &err) < 0)
                fail_msg("%s %s: %s", key, to != NULL ? to : "-", pic_error_message(err));
}

/* All that is there: "main=…;front=…". */
static inline const char *seen(pic__backend *b)
{
        static char text[2048];
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        size_t i, n = 0;

        text[0] = '\0';
        assert_int_equal(b->ops->observe(b, &items, NULL), 0);
        pic__items_sort(&items);
        for (i = 0; i < items.count; i++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s=%s", i > 0 ? ";" : "", items.at[i].key,
                                      items.at[i].value);
        return text;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, cleanup)

/* The chain as the store has it, a newline, the key. */
static inline void make_secret(pic__buf *secret, char serial[PIC__X509_HEX])
{
        static const char *const zones[] = { "blog.example", NULL }, *const nets[] = { "10.1.0.0/16", NULL };
        static const pic__x509_scope scope = { zones, nets };
        PIC__AUTO(pic__x509_key_unref_p) pic__x509_key *key = NULL;
        pic__auto_wipe pic__buf der = PIC__BUF_SECRET;
        pic__auto_buf pic__buf cert = PIC__BUF_INIT;
        pic__x509_info info;

        assert_int_equal(pic__x509_key_new(&key, NULL), 0);
        assert_int_equal(pic__x509_root(key, "blog", &scope, 0, world_now, &cert, NULL), 0);
        assert_int_equal(pic__x509_key_write(key, &der, NULL), 0);
        assert_int_equal(pic__x509_read(pic__der_of(&cert), &info, NULL, NULL), 0);
        pic__x509_text_put(pic__der_of(&cert), secret);
        pic__buf_putc(secret, '\n');
        pic__buf_put(secret, der.data, der.len);
        memcpy(serial, info.serial, PIC__X509_HEX);
}

static inline int with_key(pic__backend *b, const char *name, int verb, const char *value, const pic__buf *secret,
                           pic_error **err)
{
        pic__item item = { CERT, name, value, (const uint8_t *)secret->data, secret->len, NULL };
        pic__step s = { verb, CERT, verb == PIC__ADD ? NULL : &item, verb == PIC__REMOVE ? NULL : &item };
        size_t done;

        return b->ops->apply(b, &s, 1, &done, err);
}

#endif
