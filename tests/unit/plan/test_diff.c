/* Steps: which, in which order, and back. */
#include "plan/diff.h"
#include "sample.h"

static const uint8_t one[32] = { 1 }, two[32] = { 2 };

static void add(pic__items *bag, enum pic__item_kind kind, const char *key, const char *value)
{
        assert_int_equal(pic__items_add(bag, kind, key, value, NULL, NULL, NULL), 0);
}

static void one_of_every_kind(pic__items *bag, const char *value)
{
        int i;

        for (i = PIC__ITEM_KINDS - 1; i >= 0; i--) {
                add(bag, (enum pic__item_kind)i, "a", value);
                add(bag, (enum pic__item_kind)i, "b", value);
        }
}

static void equal_bags_give_no_step(void **state)
{
        pic__auto_items pic__items a = PIC__ITEMS_INIT, b = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;

        (void)state;
        assert_int_equal(pic__plan_diff(&a, &b, &steps, NULL), 0);
        assert_int_equal(steps.count, 0);
        one_of_every_kind(&a, "v");
        one_of_every_kind(&b, "v");
        assert_int_equal(pic__plan_diff(&a, &b, &steps, NULL), 0);
        assert_int_equal(steps.count, 0);
}

static void additions_come_in_phases(void **state)
{
        pic__auto_items pic__items a = PIC__ITEMS_INIT, b = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT, gone = PIC__STEPS_INIT;
        size_t i;

        (void)state;
        one_of_every_kind(&b, "v");
        assert_int_equal(pic__plan_diff(&a, &b, &steps, NULL), 0);
        assert_int_equal(steps.count, 2 * PIC__ITEM_KINDS);
        for (i = 0; i < steps.count; i++) {
                assert_int_equal(steps.at[i].verb, PIC__ADD);
                assert_null(steps.at[i].before);
                assert_int_equal(pic__item_kinds[steps.at[i].kind].add_phase, i / 2);
                assert_string_equal(steps.at[i].after->key, i % 2 == 0 ? "a" : "b");
        }
        assert_int_equal(pic__plan_diff(&b, &a, &gone, NULL), 0);
        for (i = 0; i < gone.count; i++) {
                assert_int_equal(gone.at[i].verb, PIC__REMOVE);
                assert_null(gone.at[i].after);
                assert_int_equal(pic__item_kinds[gone.at[i].kind].remove_phase, i / 2);
        }
}

static void removals_come_before_all_else(void **state)
{
        pic__auto_items pic__items a = PIC__ITEMS_INIT, b = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;

        (void)state;
        add(&a, PIC__I_DNS_RECORD, "old", "1");
        add(&a, PIC__I_NFT_SHAPE, "table", "1");
        add(&a, PIC__I_NFT_PEER4, "10.1.0.2", "0x00010000");
        add(&b, PIC__I_NFT_SHAPE, "table", "2");
        add(&b, PIC__I_NFT_PEER4, "10.1.0.2", "0x00020000");
        add(&b, PIC__I_DNS_RECORD, "new", "1");
        assert_int_equal(pic__plan_diff(&a, &b, &steps, NULL), 0);
        assert_int_equal(steps.count, 4);
        assert_int_equal(steps.at[0].verb, PIC__REMOVE);
        assert_string_equal(steps.at[0].before->key, "old");
        assert_int_equal(steps.at[1].verb, PIC__CHANGE);
        assert_int_equal(steps.at[1].kind, PIC__I_NFT_SHAPE);
        assert_string_equal(steps.at[1].before->value, "1");
        assert_string_equal(steps.at[1].after->value, "2");
        assert_int_equal(steps.at[2].verb, PIC__CHANGE);
        assert_int_equal(steps.at[3].verb, PIC__ADD);
}

static void a_new_secret_is_a_change(void **state)
{
        pic__auto_items pic__items a = PIC__ITEMS_INIT, b = PIC__ITEMS_INIT, c = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT, more = PIC__STEPS_INIT;

        (void)state;
        pic__items_add(&a, PIC__I_WG_PEER, "k", "v", one, NULL, NULL);
        pic__items_add(&b, PIC__I_WG_PEER, "k", "v", two, NULL, NULL);
        pic__items_add(&c, PIC__I_WG_PEER, "k", "v", NULL, NULL, NULL);
        assert_int_equal(pic__plan_diff(&a, &b, &steps, NULL), 0);
        assert_int_equal(steps.count, 1);
        assert_int_equal(steps.at[0].verb, PIC__CHANGE);
        assert_int_equal(pic__plan_diff(&a, &c, &more, NULL), 0);
        assert_int_equal(more.count, 1);
}

/* Applied to a bag: what is left after the steps. */
static void apply(const pic__items *from, const pic__steps *steps, pic__items *to)
{
        size_t i, k;

        for (i = 0; i < from->count; i++) {
                int touched = 0;

                for (k = 0; k < steps->count; k++)
                        touched |= steps->at[k].before != NULL && steps->at[k].kind == from->at[i].kind &&
                                   strcmp(steps->at[k].before->key, from->at[i].key) == 0;
                if (!touched)
                        add(to, from->at[i].kind, from->at[i].key, from->at[i].value);
        }
        for (k = 0; k < steps->count; k++)
                if (steps->at[k].after != NULL)
                        add(to, steps->at[k].kind, steps->at[k].after->key, steps->at[k].after->value);
        pic__items_sort(to);
}

static void expect_equal(const pic__items *a, const pic__items *b)
{
        size_t i;

        assert_int_equal(a->count, b->count);
        for (i = 0; i < a->count; i++) {
                assert_int_equal(a->at[i].kind, b->at[i].kind);
                assert_string_equal(a->at[i].key, b->at[i].key);
                assert_string_equal(a->at[i].value, b->at[i].value);
        }
}

static void random_bag(pic__items *bag, uint64_t *seed)
{
        size_t i, n = sample_random(seed) % 60;
        char key[8], value[8];

        for (i = 0; i < n; i++) {
                snprintf(key, sizeof(key), "%u", (unsigned)(sample_random(seed) % 12));
                snprintf(value, sizeof(value), "%u", (unsigned)(sample_random(seed) % 3));
                add(bag, (enum pic__item_kind)(sample_random(seed) % PIC__ITEM_KINDS), key, value);
        }
}

static void steps_lead_there_and_back(void **state)
{
        uint64_t seed = 1234567;
        int round;

        (void)state;
        for (round = 0; round < 500; round++) {
                pic__auto_items pic__items a = PIC__ITEMS_INIT, b = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT,
                                           again = PIC__ITEMS_INIT;
                pic__auto_steps pic__steps steps = PIC__STEPS_INIT, back = PIC__STEPS_INIT;
                size_t i;

                random_bag(&a, &seed);
                random_bag(&b, &seed);
                assert_int_equal(pic__plan_diff(&a, &b, &steps, NULL), 0);
                apply(&a, &steps, &there);
                expect_equal(&there, &b);
                assert_int_equal(pic__steps_invert(steps.at, steps.count, &back, NULL), 0);
                assert_int_equal(back.count, steps.count);
                for (i = 0; i < back.count; i++)
                        assert_ptr_equal(back.at[i].after, steps.at[steps.count - 1 - i].before);
                apply(&there, &back, &again);
                expect_equal(&again, &a);
        }
}

static void runs_are_of_one_backend(void **state)
{
        pic__auto_items pic__items a = PIC__ITEMS_INIT, b = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        size_t at = 0, runs = 0;

        (void)state;
        one_of_every_kind(&b, "v");
        assert_int_equal(pic__plan_diff(&a, &b, &steps, NULL), 0);
        while (at < steps.count) {
                size_t n = pic__steps_run(&steps, at), i;

                assert_true(n > 0);
                for (i = 1; i < n; i++)
                        assert_int_equal(pic__item_kinds[steps.at[at + i].kind].backend,
                                         pic__item_kinds[steps.at[at].kind].backend);
                at += n;
                runs++;
        }
        assert_int_equal(at, steps.count);
        assert_int_equal(runs, 11); /* nft wg route nft exit route nft dns ntp front wg */
        assert_int_equal(pic__steps_run(&steps, steps.count), 0);
}

static int diff_some(void *data)
{
        pic__items *bags = data;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT, back = PIC__STEPS_INIT;
        int r = pic__plan_diff(&bags[0], &bags[1], &steps, NULL);

        if (r < 0)
                return r;
        assert_int_equal(steps.count, 2 * PIC__ITEM_KINDS);
        return pic__steps_invert(steps.at, steps.count, &back, NULL);
}

static void without_memory(void **state)
{
        pic__items bags[2] = { PIC__ITEMS_INIT, PIC__ITEMS_INIT };

        (void)state;
        one_of_every_kind(&bags[1], "v");
        sample_nomem(diff_some, bags);
        pic__items_wipe(&bags[1]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(equal_bags_give_no_step),
                cmocka_unit_test(additions_come_in_phases),
                cmocka_unit_test(removals_come_before_all_else),
                cmocka_unit_test(a_new_secret_is_a_change),
                cmocka_unit_test(steps_lead_there_and_back),
                cmocka_unit_test(runs_are_of_one_backend),
                cmocka_unit_test(without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
