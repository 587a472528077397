/* Transactions of elements: all or nothing, and which step the kernel refused. */
#include "space.h"

#include "backend/nft/batch.h"
#include "backend/nft/world.h"
#include "base/mem.h"

static pic__nft_sock sock = PIC__NFT_SOCK_INIT;

static int set_up(void **state)
{
        pic__nft_shape shape;
        pic__buf text = PIC__BUF_INIT;

        if (fresh_space(state) < 0 || pic__nft_shape_parse(SHAPE_VALUE, &shape, NULL) < 0)
                return -1;
        pic__nft_shape_text(&shape, NULL, 0, &text, NULL);
        foreign(pic__buf_str(&text));
        pic__buf_free(&text);
        return pic__nft_sock_open(&sock, NULL);
}

static int tear_down(void **state)
{
        (void)state;
        pic__nft_sock_close(&sock);
        return 0;
}

static size_t elements(pic__items *items)
{
        pic__nft_world world;

        assert_int_equal(pic__nft_world_read(&sock, &world, items, NULL), 0);
        return items->count;
}

static size_t count_elements(void)
{
        pic__items items = PIC__ITEMS_INIT;
        size_t n = elements(&items);

        pic__items_wipe(&items);
        return n;
}

static void put_peers(pic__items *bag, unsigned count)
{
        unsigned i;

        for (i = 0; i < count; i++) {
                char v4[32], v6[32];

                snprintf(v4, sizeof(v4), "10.1.%u.%u", (i + 2) >> 8, (i + 2) & 0xff);
                snprintf(v6, sizeof(v6), "fd12::%x", i + 2);
                put_items(bag, PIC__I_NFT_PEER4, v4, "0x00230000", PIC__I_NFT_PEER6, v6, "0x00230000", -1);
        }
}

static pic__step *adding(const pic__items *bag, size_t *count)
{
        pic__step *steps = calloc(bag->count + 1, sizeof(*steps));
        size_t i;

        assert_non_null(steps);
        for (i = 0; i < bag->count; i++)
                steps[i] = step_add(&bag->at[i]);
        *count = bag->count;
        return steps;
}

/* More than one message holds, sorted so that kinds follow each other; one is there already: none of them is added. */
static void test_many(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic_error *err = NULL;
        pic__step *steps;
        size_t count, i;

        (void)state;
        put_peers(&bag, 5000);
        pic__items_sort(&bag);
        steps = adding(&bag, &count);
        assert_int_equal(pic__nft_batch_apply(&sock, steps + 7777, 1, NULL), 0);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, count, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), bag.at[7777].key)); /* that very one is named */
        assert_non_null(pic_error_hint(err));
        pic_error_free(err);
        assert_int_equal(count_elements(), 1);
        steps[7777] = step_remove(&bag.at[7777]);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, count, NULL), 0);
        assert_int_equal(count_elements(), count - 1);
        steps[7777] = step_add(&bag.at[7777]);
        assert_int_equal(pic__nft_batch_apply(&sock, &steps[7777], 1, NULL), 0);
        for (i = 0; i < count; i++)
                steps[i] = step_remove(&bag.at[i]);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, count, NULL), 0);
        assert_int_equal(count_elements(), 0);
        free(steps);
        pic__items_wipe(&bag);
}

/* The maps of sources have a size; who comes after the last one is told so, and those who are there stay. */
static void test_full(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic_error *err = NULL;
        pic__step *steps;
        size_t count;
        unsigned i;

        (void)state;
        for (i = 0; i < 65537; i++) {
                char v4[32];

                snprintf(v4, sizeof(v4), "10.%u.%u.%u", i >> 16, i >> 8 & 0xff, i & 0xff);
                put_items(&bag, PIC__I_NFT_PEER4, v4, "0x00230000", -1);
        }
        steps = adding(&bag, &count);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, count - 1, NULL), 0);
        assert_int_equal(pic__nft_batch_apply(&sock, &steps[count - 1], 1, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_hint(err), "65,536 devices"));
        pic_error_free(err);
        steps[0] = step_remove(&bag.at[0]);
        assert_int_equal(pic__nft_batch_apply(&sock, &steps[0], 1, NULL), 0);
        assert_int_equal(pic__nft_batch_apply(&sock, &steps[count - 1], 1, NULL), 0);
        assert_int_equal(count_elements(), 65536);
        free(steps);
        pic__items_wipe(&bag);
}

static void test_refusals(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic_error *err = NULL;
        pic__step steps[2];

        (void)state;
        put_items(&bag, PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 1-100", "accept", PIC__I_NFT_GRANT4,
                  "0x00230000 192.168.1.9-192.168.1.9 6 50-150", "accept", PIC__I_NFT_PEER4, "not an address",
                  "0x00230000", -1);
        steps[0] = step_add(&bag.at[0]);
        steps[1] = step_add(&bag.at[1]);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, 2, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "192.168.1.9"));
        assert_non_null(strstr(pic_error_hint(err), "overlap"));
        pic_error_free(err);
        err = NULL;
        steps[0] = step_remove(&bag.at[0]);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, 1, &err), PIC_BACKEND);
        assert_string_equal(pic_error_detail(err, "errno"), "2");
        pic_error_free(err);
        steps[0] = step_add(&bag.at[2]);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, 1, NULL), PIC_INVALID);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, 0, NULL), 0);
        assert_int_equal(count_elements(), 0);
        pic__items_wipe(&bag);
}

/* A range gives way to an overlapping one in the same transaction. */
static void test_exchange(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[3];

        (void)state;
        put_items(&bag, PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 1-100", "accept", PIC__I_NFT_GRANT4,
                  "0x00230000 192.168.1.9-192.168.1.9 6 50-150", "accept", PIC__I_NFT_SUBNET4, "192.168.9.0/24",
                  "0x00230000", PIC__I_NFT_SUBNET4, "192.168.9.0/24", "0x00240000", PIC__I_NFT_SHAPE, "table",
                  SHAPE_VALUE, -1);
        steps[0] = step_add(&bag.at[0]);
        steps[1] = step_add(&bag.at[2]);
        steps[2] = step_change(&bag.at[4], &bag.at[4]); /* passed over */
        assert_int_equal(pic__nft_batch_apply(&sock, steps, 3, NULL), 0);
        assert_int_equal(pic__nft_batch_apply(&sock, &steps[2], 1, NULL), 0);
        steps[0] = step_remove(&bag.at[0]);
        steps[1] = step_add(&bag.at[1]);
        steps[2] = step_change(&bag.at[2], &bag.at[3]);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, 3, NULL), 0);
        {
                pic__items seen = PIC__ITEMS_INIT;

                assert_int_equal(elements(&seen), 2);
                expect_item(&seen, PIC__I_NFT_SUBNET4, "192.168.9.0/24", "0x00240000");
                expect_item(&seen, PIC__I_NFT_GRANT4, "0x00230000 192.168.1.9-192.168.1.9 6 50-150", "accept");
                pic__items_wipe(&seen);
        }
        pic__items_wipe(&bag);
}

static void test_empty_and_drop(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        pic_error *err = NULL;
        pic__step *steps;
        size_t count;

        (void)state;
        put_peers(&bag, 3);
        steps = adding(&bag, &count);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, count, NULL), 0);
        assert_int_equal(pic__nft_batch_empty(&sock, NULL), 1);
        assert_int_equal(count_elements(), 0);
        assert_int_equal(pic__nft_batch_drop(&sock, NULL), 1);
        assert_int_equal(pic__nft_batch_drop(&sock, NULL), 0);
        assert_int_equal(pic__nft_batch_empty(&sock, NULL), 0);
        assert_int_equal(pic__nft_batch_apply(&sock, steps, count, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_hint(err), "not there"));
        pic_error_free(err);
        free(steps);
        pic__items_wipe(&bag);
}

static void test_no_memory(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        unsigned long n;
        pic__step *steps;
        size_t count;
        int r = -1;

        (void)state;
        put_peers(&bag, 20);
        steps = adding(&bag, &count);
        for (n = 1; r < 0 && n < 100; n++) {
                pic_error *err = NULL;

                pic__mem_fail_at(n);
                r = pic__nft_batch_apply(&sock, steps, count, &err);
                pic__mem_fail_at(0);
                if (r < 0)
                        assert_int_equal(r, PIC_NOMEM);
                pic_error_free(err);
                assert_int_equal(count_elements(), r < 0 ? 0 : count);
        }
        assert_int_equal(r, 0);
        free(steps);
        pic__items_wipe(&bag);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_exchange, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_empty_and_drop, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
