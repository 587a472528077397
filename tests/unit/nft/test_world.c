/* The table as a whole: read consistently, replaced with what is in it. */
#include "space.h"

#include "backend/nft/batch.h"
#include "backend/nft/world.h"
#include "base/mem.h"

static pic__nft_sock sock = PIC__NFT_SOCK_INIT;

static int set_up(void **state)
{
        return fresh_space(state) < 0 ? -1 : pic__nft_sock_open(&sock, NULL);
}

static int tear_down(void **state)
{
        (void)state;
        pic__nft_sock_close(&sock);
        return 0;
}

static void shape_of(const char *value, pic__nft_shape *ret)
{
        assert_int_equal(pic__nft_shape_parse(value, ret, NULL), 0);
}

static int replace(const pic__items *elements, const pic__step *steps, size_t count, int *done, pic_error **err)
{
        pic__nft_world after;
        pic__nft_shape shape;

        shape_of(SHAPE_VALUE, &shape);
        return pic__nft_world_replace(&sock, &shape, elements, steps, count, &after, done, err);
}

static void test_absent(void **state)
{
        pic__items items = PIC__ITEMS_INIT;
        pic__nft_world w;

        (void)state;
        assert_int_equal(pic__nft_world_read(&sock, &w, &items, NULL), 0);
        assert_false(w.there);
        assert_int_equal(items.count, 0);
}

static void test_replace(void **state)
{
        pic__items bag = PIC__ITEMS_INIT, seen = PIC__ITEMS_INIT, again = PIC__ITEMS_INIT, none = PIC__ITEMS_INIT;
        pic__step steps[3];
        pic__nft_world w;
        int done;

        (void)state;
        put_items(&bag, PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000", PIC__I_NFT_PEER4, "10.1.0.2", "0x00240000",
                  PIC__I_NFT_WIDE6, "0x00230000 2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "accept",
                  PIC__I_NFT_REACH4, "0x00230000 10.1.0.7", "accept", -1);
        steps[0] = step_add(&bag.at[0]);
        steps[1] = step_add(&bag.at[2]);
        assert_int_equal(replace(&none, steps, 2, &done, NULL), 0);
        assert_int_equal(done, 1);
        assert_int_equal(pic__nft_world_read(&sock, &w, &seen, NULL), 0);
        assert_true(w.there);
        assert_int_equal(seen.count, 2);
        steps[0] = step_change(&bag.at[0], &bag.at[1]);
        steps[1] = step_remove(&bag.at[2]);
        steps[2] = step_add(&bag.at[3]);
        assert_int_equal(replace(&seen, steps, 3, &done, NULL), 0);
        assert_int_equal(pic__nft_world_read(&sock, &w, &again, NULL), 0);
        assert_int_equal(again.count, 2);
        expect_item(&again, PIC__I_NFT_PEER4, "10.1.0.2", "0x00240000");
        expect_item(&again, PIC__I_NFT_REACH4, "0x00230000 10.1.0.7", "accept");
        pic__items_wipe(&bag);
        pic__items_wipe(&seen);
        pic__items_wipe(&again);
}

static void test_refusals(void **state)
{
        pic__items bag = PIC__ITEMS_INIT, none = PIC__ITEMS_INIT;
        pic_error *err = NULL;
        pic__step steps[2];
        int done;

        (void)state;
        put_items(&bag, PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000", PIC__I_NFT_PEER4, "not an address", "0x00230000",
                  PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 1-100", "accept", PIC__I_NFT_GRANT4,
                  "0x00230000 192.168.1.0-192.168.1.255 6 1-150", "accept", -1);
        steps[0] = steps[1] = step_add(&bag.at[0]);
        assert_int_equal(replace(&none, steps, 2, &done, &err), PIC_CONFLICT);
        pic_error_free(err);
        err = NULL;
        steps[0] = step_remove(&bag.at[0]);
        assert_int_equal(replace(&none, steps, 1, &done, &err), PIC_BACKEND);
        pic_error_free(err);
        err = NULL;
        steps[0] = step_add(&bag.at[1]);
        assert_int_equal(replace(&none, steps, 1, &done, &err), PIC_INVALID);
        pic_error_free(err);
        err = NULL;
        steps[0] = step_add(&bag.at[2]);
        steps[1] = step_add(&bag.at[3]);
        assert_int_equal(replace(&none, steps, 2, &done, &err), PIC_BACKEND); /* they overlap */
        assert_int_equal(done, 0);
        pic_error_free(err);
        test_absent(state);
        pic__items_wipe(&bag);
}

/* Every allocation fails once: the table is the old one or the new one, never another. */
static void test_no_memory(void **state)
{
        pic__items bag = PIC__ITEMS_INIT, none = PIC__ITEMS_INIT;
        unsigned long n;
        pic__step step;
        int r = -1;

        (void)state;
        put_items(&bag, PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000", -1);
        step = step_add(&bag.at[0]);
        for (n = 1; r < 0 && n < 500; n++) {
                pic__items seen = PIC__ITEMS_INIT;
                pic__nft_world w;
                pic_error *err = NULL;
                int done = 0;

                pic__mem_fail_at(n);
                r = replace(&none, &step, 1, &done, &err);
                pic__mem_fail_at(0);
                if (r < 0)
                        assert_int_equal(r, PIC_NOMEM);
                pic_error_free(err);
                assert_int_equal(pic__nft_world_read(&sock, &w, &seen, NULL), 0);
                assert_int_equal(w.there, done);
                assert_int_equal(seen.count, done ? 1 : 0);
                pic__items_wipe(&seen);
                assert_true(pic__nft_batch_drop(&sock, NULL) >= 0);
        }
        assert_int_equal(r, 0);
        pic__items_wipe(&bag);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_absent, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_replace, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
