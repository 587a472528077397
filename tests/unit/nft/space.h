/* What the tests of this room share: a network namespace of their own, other people's rulesets, steps from literals. */
#ifndef PIC_TESTS_NFT_SPACE_H
#define PIC_TESTS_NFT_SPACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/nft/text.h"
#include "plan/diff.h"

#define SHAPE_VALUE "dev=pic0 net4=10.1.0.0/16 net6=fd12::/48 port=51820"

/* A program's first lines: 77 when it cannot run here. */
#define NEED_ROOT()                                                                      \
        do {                                                                             \
                if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {                       \
                        printf("SKIP: needs root for a network namespace of its own\n"); \
                        return 77;                                                       \
                }                                                                        \
        } while (0)

/* setup of a test: an empty network namespace, with loopback up */
static inline int fresh_space(void **state)
{
        struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
        int fd, r;

        (void)state;
        if (unshare(CLONE_NEWNET) < 0)
                return -1;
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        r = ioctl(fd, SIOCSIFFLAGS, &lo);
        close(fd);
        return r;
}

static inline void foreign(const char *text)
{
        pic_error *err = NULL;

        if (pic__nft_text_run(NULL, text, &err) < 0)
                fail_msg("%s\n%s", pic_error_message(err), text);
}

/* kind, key, value[, kind, key, value …], end with -1. */
static inline void put_items(pic__items *bag, ...)
{
        va_list ap;
        int kind;

        va_start(ap, bag);
        while ((kind = va_arg(ap, int)) >= 0) {
                const char *key = va_arg(ap, const char *), *value = va_arg(ap, const char *);

                assert_int_equal(pic__items_add(bag, (enum pic__item_kind)kind, key, value, NULL, NULL, NULL), 0);
        }
        va_end(ap);
}

static inline pic__step step_add(const pic__item *item)
{
        return (pic__step){ PIC__ADD, item->kind, NULL, item };
}

static inline pic__step step_remove(const pic__item *item)
{
        return (pic__step){ PIC__REMOVE, item->kind, item, NULL };
}

static inline pic__step step_change(const pic__item *before, const pic__item *after)
{
        return (pic__step){ PIC__CHANGE, after->kind, before, after };
}

static inline void expect_item(pic__items *bag, enum pic__item_kind kind, const char *key, const char *value)
{
        const pic__item *item;

        pic__items_sort(bag);
        item = pic__items_find(bag, kind, key);
        if (item == NULL)
                fail_msg("%s %s is not there", pic__item_kinds[kind].name, key);
        assert_string_equal(item->value, value);
}

#endif
