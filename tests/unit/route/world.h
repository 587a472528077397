/* A network namespace of this test's own with a tun device pic0, a veth pair lan0/far0 that is up, and a run directory.
 */
#ifndef PIC_TESTS_ROUTE_WORLD_H
#define PIC_TESTS_ROUTE_WORLD_H

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/route/inside.h"

static char world_dir[64];

static inline int sh(const char *command)
{
        return system(command);
}

static inline int must(const char *command)
{
        int r = sh(command);

        if (r != 0)
                fprintf(stderr, "failed: %s\n", command);
        return r;
}

/* The kernel tells of a cable that was plugged in when it gets round to it; a test that counts news begins after that.
 */
static inline int world_settle(void)
{
        return must("for i in $(seq 500); do [ $(ip -o link show type veth | grep -c 'state UP') = 2 ] && exit; "
                    "sleep 0.01; done; exit 1");
}

/* 0, or 77 aloud. */
static inline int world_open(void)
{
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root and the right to make a network namespace\n");
                return 77;
        }
        snprintf(world_dir, sizeof(world_dir), "/tmp/pic-route-XXXXXX");
        if (mkdtemp(world_dir) == NULL)
                return 77;
        if (must("ip link set lo up && ip tuntap add pic0 mode tun && ip link add lan0 type veth peer name far0 && "
                 "ip link set lan0 up && ip link set far0 up") != 0 ||
            world_settle() != 0)
                return 77;
        return 0;
}

static inline void world_close(void)
{
        char command[96];

        snprintf(command, sizeof(command), "rm -rf %s", world_dir);
        (void)sh(command);
        if (unshare(CLONE_NEWNET) < 0) /* lets go of the old one */
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

static inline pic__backend *backend(void)
{
        pic__route_opts opts = { .run_dir = world_dir };
        pic__backend *b = NULL;

        assert_int_equal(pic__route_new(&opts, &b, NULL), 0);
        return b;
}

/* One step of the backend. `from`, `to`: values, NULL where there is none. */
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
        return r;
}

static inline int add(pic__backend *b, enum pic__item_kind kind, const char *key, const char *value)
{
        return step(b, kind, key, NULL, value, NULL);
}

static inline int take(pic__backend *b, enum pic__item_kind kind, const char *key, const char *value)
{
        return step(b, kind, key, value, NULL, NULL);
}

/* The value of an item now, in a static buffer; NULL when it is not there. */
static inline const char *seen(pic__backend *b, enum pic__item_kind kind, const char *key)
{
        static char value[128];
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

static inline const char *setting(const char *key)
{
        static char value[32];

        assert_int_equal(pic__procsys_read(key, value, sizeof(value), NULL), 0);
        return value;
}

#define LINK PIC__I_ROUTE_LINK
#define ADDR PIC__I_ROUTE_ADDR
#define ROUTE PIC__I_ROUTE_ROUTE
#define SYSCTL PIC__I_ROUTE_SYSCTL
#define FLOOR PIC__I_ROUTE_FLOOR
#define RULE PIC__I_ROUTE_RULE
#define DEFAULT PIC__I_ROUTE_DEFAULT

/* The cell's ends of the cables to exits 1 and 2, as the exit backend leaves them. */
#define EXIT_DEVICES                                                                                        \
        "ip link add picx1 type veth peer name x1 && ip addr add 169.254.96.5/30 dev picx1 && ip addr add " \
        "fd70:6963:78::1:1/112 dev picx1 nodad && ip link set x1 up && ip link set picx1 alias pic up && "  \
        "ip link add picx2 type veth peer name x2 && ip addr add 169.254.96.9/30 dev picx2 && ip addr add " \
        "fd70:6963:78::2:1/112 dev picx2 nodad && ip link set x2 up && ip link set picx2 alias pic up"
#define WAY1 "dev=picx1 via=169.254.96.6"
#define WAY2 "dev=picx2 via=169.254.96.10"
#define WAY61 "dev=picx1 via=fd70:6963:78::1:2"
#define WAY62 "dev=picx2 via=fd70:6963:78::2:2"

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, cleanup)

#endif
