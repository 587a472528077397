/* For tests of exits: a snapshot of a cell and its connections. */
#ifndef PIC_TEST_ENGINE_EXITS_WORLD_H
#define PIC_TEST_ENGINE_EXITS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/exit.h"
#include "model/snap.h"

static inline pic_obj *world_obj(enum pic__kind kind, pic_id id, const char *const *fields)
{
        pic_error *err = NULL;
        pic_obj *o = NULL;

        assert_int_equal(pic__obj_new(kind, &o, NULL), 0);
        o->id = id;
        for (; fields[0] != NULL; fields += 2)
                if (pic__obj_set(o, fields[0], fields[1], 1, &err) < 0)
                        fail_msg("%s: %s", fields[0], pic_error_message(err));
        return o;
}

/* name, value, …, NULL */
#define WORLD_PUT(s, kind, id, ...)                                                              \
        do {                                                                                     \
                pic_obj *put_ = world_obj(kind, id, (const char *const[]){ __VA_ARGS__, NULL }); \
                assert_int_equal(pic__snap_put(s, put_, NULL), 0);                               \
                pic__obj_unref(put_);                                                            \
        } while (0)

/* A wireguard connection; more fields as above. */
#define WORLD_WG(s, id, name_, slot_, ...)                                                                \
        WORLD_PUT(s, PIC__CONNECTION, id, "name", name_, "type", "wireguard", "slot", slot_, "addresses", \
                  "10.5.0.2/32,fd05::2/128", __VA_ARGS__)

static inline pic__snap *world_snap(void)
{
        pic__snap *s = NULL;

        assert_int_equal(pic__snap_new(&s, NULL), 0);
        WORLD_PUT(s, PIC__CELL, 1, "name", "home", "net4", "10.77.0.0/16", "net6", "fd77::/48");
        return s;
}

#endif
