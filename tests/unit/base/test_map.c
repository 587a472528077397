/* Shows: the hash map against a plain array that does the same, through many random changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

#define KEYS 700

static uint32_t seed = 12345;

static uint32_t next(void)
{
        seed = seed * 1664525u + 1013904223u;
        return seed >> 8;
}

static void against_model(void **state)
{
        static char keys[KEYS][16];
        static char values[KEYS * 2];
        void *model[KEYS] = { NULL };
        pic__map m = PIC__MAP_INIT;
        size_t i, count = 0, at = 0, seen = 0;

        (void)state;
        for (i = 0; i < KEYS; i++)
                snprintf(keys[i], sizeof(keys[i]), "key %zu", i);
        for (i = 0; i < 60000; i++) {
                size_t k = next() % KEYS;
                size_t len = strlen(keys[k]);

                if (next() % 3 == 0) {
                        assert_ptr_equal(pic__map_remove(&m, keys[k], len), model[k]);
                        count -= model[k] != NULL;
                        model[k] = NULL;
                } else {
                        void *v = &values[next() % (KEYS * 2)];

                        assert_int_equal(pic__map_set(&m, keys[k], len, v), 0);
                        count += model[k] == NULL;
                        model[k] = v;
                }
                assert_int_equal(m.count, count);
                k = next() % KEYS;
                assert_ptr_equal(pic__map_get(&m, keys[k], strlen(keys[k])), model[k]);
        }
        assert_true(m.room <= 4096); /* removed slots do not pile up */
        while (pic__map_next(&m, &at) != NULL)
                seen++;
        assert_int_equal(seen, count);
        pic__map_free(&m);
        assert_null(pic__map_get(&m, "x", 1));
}

static void keys_are_bytes(void **state)
{
        pic__map m = PIC__MAP_INIT;
        int a, b;

        (void)state;
        assert_null(pic__map_remove(&m, "x", 1));
        assert_int_equal(pic__map_set(&m, "a\0b", 3, &a), 0);
        assert_int_equal(pic__map_set(&m, "a\0c", 3, &b), 0);
        assert_ptr_equal(pic__map_get(&m, "a\0b", 3), &a);
        assert_ptr_equal(pic__map_get(&m, "a\0c", 3), &b);
        assert_null(pic__map_get(&m, "a", 1));
        assert_int_equal(pic__map_set(&m, "", 0, &a), 0);
        assert_ptr_equal(pic__map_get(&m, "", 0), &a);
        pic__map_free(&m);
}

static void refused(void **state)
{
        pic__map m = PIC__MAP_INIT;
        char keys[64];
        size_t i;
        int v;

        (void)state;
        memset(keys, 0, sizeof(keys));
        pic__mem_fail_at(1);
        assert_int_equal(pic__map_set(&m, "a", 1, &v), -1);
        pic__mem_fail_at(0);
        for (i = 0; i < 12; i++) {
                keys[i] = (char)i;
                assert_int_equal(pic__map_set(&m, &keys[i], 1, &v), 0);
        }
        pic__mem_fail_at(1);
        keys[12] = 12;
        assert_int_equal(pic__map_set(&m, &keys[12], 1, &v), -1); /* would have to grow */
        pic__mem_fail_at(0);
        assert_int_equal(m.count, 12);
        for (i = 0; i < 12; i++)
                assert_ptr_equal(pic__map_get(&m, &keys[i], 1), &v);
        pic__map_free(&m);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(against_model),
                cmocka_unit_test(keys_are_bytes),
                cmocka_unit_test(refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
