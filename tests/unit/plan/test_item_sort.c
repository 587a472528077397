/* Sorting bags: the order, which of equals stays, with and without memory. */
#include "sample.h"

enum { MANY = 5000 };

static void fill(pic__items *bag, uint64_t seed, unsigned different)
{
        char key[80], value[16];
        int i;

        for (i = 0; i < MANY; i++) {
                uint64_t n = sample_random(&seed) % different;
                enum pic__item_kind kind = (enum pic__item_kind)(sample_random(&seed) % PIC__ITEM_KINDS);

                /* keys that share a long beginning, are beginnings of others, or differ late */
                if (n % 3 == 0)
                        snprintf(key, sizeof(key), "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.%llu.", (unsigned long long)n);
                else if (n % 3 == 1)
                        snprintf(key, sizeof(key), "%llu", (unsigned long long)n);
                else
                        snprintf(key, sizeof(key), "\xc3\xa4%llu", (unsigned long long)n);
                snprintf(value, sizeof(value), "%d", i);
                assert_int_equal(pic__items_add(bag, kind, key, value, NULL, NULL, NULL), 0);
        }
}

/* The slow and plain way to say what is right. */
static int before(const void *a, const void *b)
{
        const pic__item *x = a, *y = b;
        int c = x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->key, y->key);

        return c != 0 ? c : atoi(x->value) - atoi(y->value);
}

static void check(unsigned different, int memory)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        pic__item *want;
        size_t i, n = 0;

        fill(&bag, 88172645463325252u + different, different);
        want = malloc(bag.count * sizeof(*want));
        assert_non_null(want);
        memcpy(want, bag.at, bag.count * sizeof(*want));
        qsort(want, bag.count, sizeof(*want), before);
        for (i = 1; i < bag.count; i++)
                if (want[i].kind != want[n].kind || strcmp(want[i].key, want[n].key) != 0)
                        want[++n] = want[i];
        if (!memory)
                (void)pic__mem_fail_at(1);
        pic__items_sort(&bag);
        (void)pic__mem_fail_at(0);
        assert_int_equal(bag.count, n + 1);
        for (i = 0; i <= n; i++) {
                assert_int_equal(bag.at[i].kind, want[i].kind);
                assert_string_equal(bag.at[i].key, want[i].key);
                assert_string_equal(bag.at[i].value, want[i].value); /* the first of equals */
        }
        free(want);
}

static void with_memory(void **state)
{
        (void)state;
        check(10, 1);
        check(1000, 1);
        check(1000000, 1);
}

static void without_memory(void **state)
{
        (void)state;
        check(10, 0);
        check(1000, 0);
        check(1000000, 0);
}

static void small_ones(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        pic__items_sort(&bag);
        assert_int_equal(bag.count, 0);
        pic__items_add(&bag, PIC__I_WG_PEER, "b", "1", NULL, NULL, NULL);
        pic__items_sort(&bag);
        pic__items_add(&bag, PIC__I_WG_PEER, "b", "2", NULL, NULL, NULL);
        pic__items_sort(&bag);
        assert_int_equal(bag.count, 1);
        assert_string_equal(bag.at[0].value, "1");
        pic__items_add(&bag, PIC__I_NFT_SHAPE, "z", "", NULL, NULL, NULL);
        pic__items_add(&bag, PIC__I_WG_PEER, "", "", NULL, NULL, NULL);
        pic__items_sort(&bag);
        assert_string_equal(bag.at[0].key, "z");
        assert_string_equal(bag.at[1].key, "");
        assert_string_equal(bag.at[2].key, "b");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(with_memory),
                cmocka_unit_test(without_memory),
                cmocka_unit_test(small_ones),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
