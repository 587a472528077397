/* Which steps let their flows end behind the answer. */
#include "space.h"

#include "backend/nft/flows_late.h"

static void test_note(void **state)
{
        pic__nft_elems late = PIC__VEC_INIT;
        pic__items bag = PIC__ITEMS_INIT;
        pic__step s[3];

        (void)state;
        put_items(&bag, PIC__I_NFT_PEER4, "10.1.0.2", "0x00231010", PIC__I_NFT_PEER4, "10.1.0.2", "0x00231020",
                  PIC__I_NFT_PEER4, "10.1.0.2", "0x00240000", PIC__I_NFT_SUBNET6, "fd99::/64", "0x00230000",
                  PIC__I_NFT_SUBNET6, "fd99::/64", "0x00231010", PIC__I_NFT_WAY, "0x00001020 picx2", "accept",
                  PIC__I_NFT_OPEN, "0x00001011", "open", PIC__I_NFT_LOCAL4, "192.168.0.0-192.168.0.255", "local",
                  PIC__I_NFT_SHAPE, "table", SHAPE_VALUE, -1);
        s[0] = step_change(&bag.at[0], &bag.at[1]);
        s[1] = step_change(&bag.at[3], &bag.at[4]);
        s[2] = step_add(&bag.at[5]); /* takes nothing away */
        assert_int_equal(pic__nft_late_note(&late, s, 3, NULL), 1);
        assert_int_equal(late.count, 2);
        assert_int_equal(late.at[0].mark, 0x231020);
        assert_int_equal(late.at[1].to.first.family, 6);

        /* one that cannot wait, and none does; another class, a device that goes, a way, what opens, what is near,
         * another table */
        for (size_t i = 0; i < 6; i++) {
                const pic__step now[] = { step_change(&bag.at[1], &bag.at[2]),
                                          step_remove(&bag.at[1]),
                                          step_remove(&bag.at[5]),
                                          step_add(&bag.at[6]),
                                          step_add(&bag.at[7]),
                                          step_add(&bag.at[8]) };

                s[1] = now[i];
                assert_int_equal(pic__nft_late_note(&late, s, 2, NULL), 0);
                assert_int_equal(late.count, 2);
        }
        s[0] = step_add(&bag.at[0]);
        assert_int_equal(pic__nft_late_note(&late, s, 1, NULL), 1);
        assert_int_equal(pic__nft_late_note(&late, NULL, 0, NULL), 1);
        assert_int_equal(late.count, 2);
        pic__vec_free(&late);
        pic__items_wipe(&bag);
}

static void test_turned(void **state)
{
        pic__nft_elem e = { .set = NULL };
        pic__items bag = PIC__ITEMS_INIT;
        pic__step s;

        (void)state;
        put_items(&bag, PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000", PIC__I_NFT_PEER4, "10.1.0.2", "0x00230011",
                  PIC__I_NFT_PEER4, "10.1.0.2", "0x00240000", PIC__I_NFT_PEER4, "10.1.0.2", "no mark", -1);
        s = step_change(&bag.at[0], &bag.at[1]);
        assert_int_equal(pic__nft_turned(&s, &e, NULL), 1);
        assert_int_equal(e.mark, 0x230011);
        s = step_change(&bag.at[0], &bag.at[2]);
        assert_int_equal(pic__nft_turned(&s, &e, NULL), 0);
        assert_int_equal(e.mark, 0x240000);
        s = step_add(&bag.at[0]);
        assert_int_equal(pic__nft_turned(&s, &e, NULL), 0);
        s = step_change(&bag.at[0], &bag.at[3]);
        assert_int_equal(pic__nft_turned(&s, &e, NULL), PIC_INVALID);
        pic__items_wipe(&bag);
}

/* More devices than there can be: then what waits is ended at once. */
static void test_full(void **state)
{
        pic__nft_elems late = PIC__VEC_INIT;
        pic__items bag = PIC__ITEMS_INIT;
        pic__step s;
        int r = 1;

        (void)state;
        put_items(&bag, PIC__I_NFT_PEER4, "10.1.0.2", "0x00231010", PIC__I_NFT_PEER4, "10.1.0.2", "0x00231020", -1);
        s = step_change(&bag.at[0], &bag.at[1]);
        while (r == 1 && late.count < 2 * PIC__NFT_LATE_MAX)
                r = pic__nft_late_note(&late, &s, 1, NULL);
        assert_int_equal(r, 0);
        assert_int_equal(late.count, PIC__NFT_LATE_MAX);
        pic__vec_free(&late);
        pic__items_wipe(&bag);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_note), cmocka_unit_test(test_turned),
                                            cmocka_unit_test(test_full) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
