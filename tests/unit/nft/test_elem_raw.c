/* What the kernel has and we did not put there. The bytes of our own: test_elem.c. */
#include "space.h"

#include "backend/nft/elem_raw.h"

/* Somebody else's element in our set: shown as it is, equal to no wish. */
static void test_foreign_range(void **state)
{
        const pic__nft_set *set = pic__nft_set_of(PIC__I_NFT_SUBNET4);
        static const uint8_t first[8] = { 2, 0, 0, 0, 192, 168, 9, 1 }, last[8] = { 2, 0, 0, 0, 192, 168, 9, 254 };
        char key[PIC__NFT_ITEM_TEXT], value[PIC__NFT_ITEM_TEXT];
        static const uint8_t mark[4] = { 0x23 };
        pic__nft_elem e;

        (void)state;
        assert_int_equal(pic__nft_elem_read(set, first, 8, last, mark, &e), 0);
        pic__nft_elem_item(&e, key, value);
        assert_string_equal(key, "192.168.9.1-192.168.9.254");
        assert_int_equal(pic__nft_elem_read(set, first, 7, last, mark, &e), -1);
        assert_int_equal(pic__nft_elem_read(set, first, 8, last, NULL, &e), -1);
}

/* A device's name in the guard's set: what could be a device is shown, so that it is taken away again. */
static void test_names(void **state)
{
        static const struct {
                const char name[PIC__NFT_DEV];
                const char *key;
        } names[] = {
                { "wan0", "0x00001010 wan0" },
                { "fifteen_letters", "0x00001010 fifteen_letters" },
                { "", NULL },
                { "a b", NULL },
                { "a\"", NULL },
                { { 'p', 0, 'x' }, NULL },
                { { '1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '1', '2', '3', '4', '5', '6' }, NULL },
        };
        const pic__nft_set *set = pic__nft_set_of(PIC__I_NFT_WAY);
        char key[PIC__NFT_ITEM_TEXT], value[PIC__NFT_ITEM_TEXT];
        uint8_t bytes[20] = { 0 };
        uint32_t mark = 0x1010;
        pic__nft_elem e;
        size_t i;

        (void)state;
        memcpy(bytes, &mark, sizeof(mark));
        for (i = 0; i < PIC__COUNT(names); i++) {
                memcpy(bytes + 4, names[i].name, PIC__NFT_DEV);
                assert_int_equal(pic__nft_elem_read(set, bytes, 20, NULL, NULL, &e), names[i].key != NULL ? 0 : -1);
                if (names[i].key == NULL)
                        continue;
                pic__nft_elem_item(&e, key, value);
                assert_string_equal(key, names[i].key);
                assert_string_equal(value, "accept");
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_foreign_range),
                cmocka_unit_test(test_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
