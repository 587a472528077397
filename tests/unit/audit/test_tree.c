/* Shows: the roots are those of the RFC's reference implementation; a packed edge goes on where it stopped. */
#include "help.h"

static void roots(void **state)
{
        static const char *const want[] = {
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        };
        uint64_t n;

        (void)state;
        for (n = 0; n < PIC__COUNT(want); n++) {
                uint8_t root[32];
                char text[65];

                root_of(n, root);
                pic__hex(root, 32, text);
                assert_string_equal(text, want[n]);
        }
}

static void packed(void **state)
{
        uint8_t bytes[PIC__TREE_BYTES], root[32], again[32], leaf[32];
        pic__tree t = { .size = 0 }, back;
        size_t len, cut;
        uint64_t i;

        (void)state;
        for (i = 0; i < 200; i++) {
                len = pic__tree_pack(&t, bytes);
                assert_int_equal(pic__tree_unpack(bytes, len, &back), 0);
                assert_int_equal(back.size, i);
                for (cut = 0; cut < len; cut += 7)
                        assert_int_equal(pic__tree_unpack(bytes, cut, &back), -1);
                assert_int_equal(pic__tree_unpack(bytes, len, &back), 0);
                (void)leaf_of(i, leaf, NULL);
                pic__tree_append(&t, leaf);
                pic__tree_append(&back, leaf);
                pic__tree_root(&t, root);
                pic__tree_root(&back, again);
                assert_memory_equal(root, again, 32);
        }
        memset(bytes, 0xff, sizeof(bytes));
        assert_int_equal(pic__tree_unpack(bytes, sizeof(bytes), &back), -1); /* more leaves than a tree can have */
        assert_int_equal(pic__tree_unpack(bytes, 9, &back), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(roots), cmocka_unit_test(packed) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
