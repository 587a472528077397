/* What the tests of this room share: random numbers with a fixed seed, objects from "field=value" texts, a loop over
 * failing allocations. */
#ifndef TEST_MODEL_HELP_H
#define TEST_MODEL_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "model/obj.h"
#include "model/snap.h"

static uint64_t test_seed = 0x9e3779b97f4a7c15u;

static inline uint32_t rnd(void)
{
        test_seed ^= test_seed << 13;
        test_seed ^= test_seed >> 7;
        test_seed ^= test_seed << 17;
        return (uint32_t)(test_seed >> 16);
}

/* obj("peer", 7, "name=anna", "access=lan", NULL) */
static inline pic_obj *obj(const char *kind, pic_id id, ...)
{
        pic_obj *o = NULL;
        const char *pair;
        va_list ap;

        assert_int_equal(pic__obj_new((enum pic__kind)pic__kind_find(kind), &o, NULL), 0);
        o->id = id;
        va_start(ap, id);
        while ((pair = va_arg(ap, const char *)) != NULL) {
                char field[32];
                size_t n = strcspn(pair, "=");
                pic_error *err = NULL;

                snprintf(field, sizeof(field), "%.*s", (int)n, pair);
                if (pic__obj_set(o, field, pair + n + 1, 1, &err) != 0)
                        fail_msg("%s: %s", pair, pic_error_message(err));
        }
        va_end(ap);
        return o;
}

#define CELL(...) obj("cell", 1, "name=home", "net4=10.1.0.0/16", "net6=fd00:1::/48", __VA_ARGS__, NULL)

/* Puts it and gives the reference up. */
static inline void put(pic__snap *s, pic_obj *o)
{
        assert_int_equal(pic__snap_put(s, o, NULL), 0);
        pic__obj_unref(o);
}

static inline pic__snap *snap(void)
{
        pic__snap *s = NULL;

        assert_int_equal(pic__snap_new(&s, NULL), 0);
        return s;
}

static inline const char *rights_of(const pic__snap *s, pic_id id)
{
        const pic_obj *o = pic__snap_get(s, PIC__PEER, id);
        const pic__class *c = o != NULL ? pic__snap_class(s, o) : NULL;

        return c != NULL ? c->rights : NULL;
}

/* Counts errors in the row and looks for a text in any of them. */
static inline int says(const pic_error *err, const char *text)
{
        for (; err != NULL; err = pic_error_next(err))
                if (strstr(pic_error_message(err), text) != NULL)
                        return 1;
        return 0;
}

/* Runs `fn` with the first, second, … allocation failing until it succeeds; each time it must answer 0 or PIC_NOMEM. */
static inline void out_of_memory(int (*fn)(void *data), void *data)
{
        unsigned long n;
        int r = PIC_NOMEM;

        for (n = 1; r != 0 && n < 100000; n++) {
                pic__mem_fail_at(n);
                r = fn(data);
                pic__mem_fail_at(0);
                if (r != 0)
                        assert_int_equal(r, PIC_NOMEM);
        }
        assert_int_equal(r, 0);
        assert_true(n > 2); /* at least one allocation failed */
}

#define RUN(...)                                                   \
        int main(void)                                             \
        {                                                          \
                const struct CMUnitTest tests[] = { __VA_ARGS__ }; \
                return cmocka_run_group_tests(tests, NULL, NULL);  \
        }
#define T(fn) cmocka_unit_test(fn)

#endif
