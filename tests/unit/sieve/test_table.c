/* sieve/table.c: what is in is found, by all lists that have it, and nothing else; bytes that are no table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "sieve/table.h"

static uint64_t key(const char *name, unsigned how)
{
        pic__sieve_name n;

        assert_int_equal(pic__sieve_name_text(name, strlen(name), &n), 0);
        return pic__sieve_number(&n) | how;
}

static uint64_t find(const pic__sieve_table *t, const char *name)
{
        pic__sieve_name n;

        assert_int_equal(pic__sieve_name_text(name, strlen(name), &n), 0);
        return pic__sieve_table_find(t, &n);
}

static void few(void **state)
{
        uint64_t a[] = { key("ads.example", PIC__SIEVE_SELF), key("x.example", PIC__SIEVE_HOW),
                         key("ads.example", PIC__SIEVE_SELF) },
                 b[] = { key("ads.example", PIC__SIEVE_BELOW) };
        pic__sieve_keys lists[] = { { a, 0, 7 }, { b, 1, 9 } };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__sieve_table t;
        size_t i;

        (void)state;
        lists[0].count = pic__sieve_keys_sort(a, 3);
        assert_int_equal(lists[0].count, 2);
        assert_int_equal(pic__sieve_table_make(lists, 2, &out), 0);
        assert_int_equal(pic__sieve_table_read(out.data, out.len, &t), 0);
        assert_int_equal(t.lists, 2);
        assert_true(t.id[0] == 7 && t.id[1] == 9);
        assert_int_equal(find(&t, "ads.example"), 1);
        assert_int_equal(find(&t, "a.b.ads.example"), 2);
        assert_int_equal(find(&t, "x.example"), 1);
        assert_int_equal(find(&t, "y.x.example"), 1);
        assert_int_equal(find(&t, "example"), 0);
        assert_int_equal(find(&t, "other.example"), 0);
        for (i = 0; i < out.len; i += 1 + out.len / 97)
                assert_int_equal(pic__sieve_table_read(out.data, i, &t), -1);
        out.data[0] ^= 1;
        assert_int_equal(pic__sieve_table_read(out.data, out.len, &t), -1);
}

static void none(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__sieve_table t;

        (void)state;
        assert_int_equal(pic__sieve_table_make(NULL, 0, &out), 0);
        assert_int_equal(pic__sieve_table_read(out.data, out.len, &t), 0);
        assert_int_equal(find(&t, "ads.example"), 0);
        assert_int_equal(pic__sieve_table_make(NULL, PIC__SIEVE_LISTS + 1, &out), -1);
}

/* Three lists of random names, each name in some of them. */
static void many(void **state)
{
        enum { N = 200000 };
        uint64_t *list[3];
        pic__sieve_keys lists[3];
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__sieve_table t;
        char name[64];
        size_t i, k, count[3] = { 0 }, bytes;

        (void)state;
        for (k = 0; k < 3; k++)
                list[k] = pic__alloc(N * sizeof(uint64_t));
        for (i = 0; i < N; i++) {
                snprintf(name, sizeof(name), "n%zu.of%zu.example", i, i % 1000);
                for (k = 0; k < 3; k++)
                        if (((i * 2654435761u) >> (7 + k) & 1) != 0)
                                list[k][count[k]++] = key(name, i % 5 == 0 ? PIC__SIEVE_HOW : PIC__SIEVE_SELF);
        }
        for (k = 0; k < 3; k++)
                lists[k] = (pic__sieve_keys){ list[k], pic__sieve_keys_sort(list[k], count[k]), (uint32_t)k + 1 };
        assert_int_equal(pic__sieve_table_make(lists, 3, &out), 0);
        assert_int_equal(pic__sieve_table_read(out.data, out.len, &t), 0);
        for (i = 0; i < N; i++) {
                uint64_t want = 0;

                for (k = 0; k < 3; k++)
                        want |= ((i * 2654435761u) >> (7 + k) & 1) << k;
                snprintf(name, sizeof(name), "n%zu.of%zu.example", i, i % 1000);
                assert_int_equal(find(&t, name), want);
                snprintf(name, sizeof(name), "x.n%zu.of%zu.example", i, i % 1000);
                assert_int_equal(find(&t, name), i % 5 == 0 ? want : 0);
        }
        bytes = out.len / N;
        assert_true(bytes < 20);
        for (k = 0; k < 3; k++)
                pic__free(list[k]);
}

static void kept(void **state)
{
        uint64_t head[2 + 3] = { 0 };
        pic__sieve_keys k;

        (void)state;
        pic__sieve_keys_head(3, (uint8_t *)head);
        assert_int_equal(pic__sieve_keys_read(head, sizeof(head), &k), 0);
        assert_int_equal(k.count, 3);
        assert_int_equal(pic__sieve_keys_read(head, sizeof(head) - 1, &k), -1);
        head[1] = UINT64_MAX;
        assert_int_equal(pic__sieve_keys_read(head, sizeof(head), &k), -1);
        head[0] = 0;
        assert_int_equal(pic__sieve_keys_read(head, sizeof(head), &k), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(few), cmocka_unit_test(none), cmocka_unit_test(many),
                                            cmocka_unit_test(kept) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
