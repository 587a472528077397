/* Shows: every proof of every small tree holds, and none holds with anything changed. */
#include "help.h"

enum { MOST = 40 };

static uint8_t roots[MOST + 1][32];

static int setup(void **state)
{
        uint64_t n;

        (void)state;
        for (n = 0; n <= MOST; n++)
                root_of(n, roots[n]);
        return 0;
}

static void inclusion(void **state)
{
        uint8_t path[PIC__TREE_LEVELS][32], leaf[32];
        uint64_t size, i;

        (void)state;
        for (size = 1; size <= MOST; size++) {
                for (i = 0; i < size; i++) {
                        int n = pic__tree_inclusion(i, size, leaf_of, NULL, path), k;

                        assert_true(n >= 0);
                        (void)leaf_of(i, leaf, NULL);
                        assert_int_equal(pic__tree_included(leaf, i, size, path, (size_t)n, roots[size]), 1);
                        assert_int_equal(pic__tree_included(leaf, i, size, path, (size_t)n, roots[size - 1]), 0);
                        assert_int_equal(pic__tree_included(leaf, (i + 1) % size, size, path, (size_t)n, roots[size]),
                                         size == 1);
                        if (n > 0)
                                assert_int_equal(pic__tree_included(leaf, i, size, path, (size_t)n - 1, roots[size]),
                                                 0);
                        for (k = 0; k < n; k++) {
                                path[k][k % 32] ^= 1;
                                assert_int_equal(pic__tree_included(leaf, i, size, path, (size_t)n, roots[size]), 0);
                                path[k][k % 32] ^= 1;
                        }
                }
        }
        assert_int_equal(pic__tree_inclusion(3, 3, leaf_of, NULL, path), -1);
        assert_int_equal(pic__tree_included(leaf, 3, 3, path, 2, roots[3]), 0);
}

static void consistency(void **state)
{
        uint8_t path[PIC__TREE_LEVELS][32];
        uint64_t size, old;

        (void)state;
        for (size = 1; size <= MOST; size++) {
                for (old = 1; old <= size; old++) {
                        int n = pic__tree_consistency(old, size, leaf_of, NULL, path), k;

                        assert_true(n >= 0);
                        assert_int_equal(pic__tree_consistent(old, roots[old], size, roots[size], path, (size_t)n), 1);
                        assert_int_equal(pic__tree_consistent(old, roots[old - 1], size, roots[size], path, (size_t)n),
                                         0);
                        assert_int_equal(pic__tree_consistent(old, roots[old], size, roots[size - 1], path, (size_t)n),
                                         0);
                        if (n > 0)
                                assert_int_equal(
                                        pic__tree_consistent(old, roots[old], size, roots[size], path, (size_t)n - 1),
                                        0);
                        for (k = 0; k < n; k++) {
                                path[k][k % 32] ^= 1;
                                assert_int_equal(
                                        pic__tree_consistent(old, roots[old], size, roots[size], path, (size_t)n), 0);
                                path[k][k % 32] ^= 1;
                        }
                }
        }
        assert_int_equal(pic__tree_consistency(0, 3, leaf_of, NULL, path), -1);
        assert_int_equal(pic__tree_consistency(4, 3, leaf_of, NULL, path), -1);
        assert_int_equal(pic__tree_consistent(0, roots[0], 3, roots[3], path, 0), 0);
}

static int no_leaf(uint64_t i, uint8_t out[32], void *data)
{
        return i == 5 ? -1 : leaf_of(i, out, data);
}

static void missing(void **state)
{
        uint8_t path[PIC__TREE_LEVELS][32];

        (void)state;
        assert_int_equal(pic__tree_inclusion(0, 8, no_leaf, NULL, path), -1);
        assert_int_equal(pic__tree_consistency(4, 8, no_leaf, NULL, path), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(inclusion), cmocka_unit_test(consistency),
                                            cmocka_unit_test(missing) };

        return cmocka_run_group_tests(tests, setup, NULL);
}
