/* The checks of contract.h. Each gets an empty world of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>

#include "contract.h"

/* Items by index: first base, then items. */
static size_t total(const contract *c)
{
        return c->base_count + c->item_count;
}

static const contract_item *item_at(const contract *c, size_t i)
{
        return i < c->base_count ? &c->base[i] : &c->items[i - c->base_count];
}

static const uint8_t *changed_secret(const contract_item *item)
{
        return item->changed_secret != NULL ? item->changed_secret : item->secret;
}

static int can_change(const contract_item *item)
{
        return item->changed != NULL || item->changed_secret != NULL;
}

static size_t secret_len; /* of the contract that is being checked */

static void add_item(pic__items *bag, const contract_item *item, int changed)
{
        pic__item one = { .kind = item->kind,
                          .key = item->key,
                          .value = changed && item->changed != NULL ? item->changed : item->value,
                          .secret = changed ? changed_secret(item) : item->secret };

        one.secret_len = one.secret != NULL ? secret_len : 0;
        assert_int_equal(pic__items_add_long(bag, &one, NULL), 0);
}

/* A wish: items from..to; those that can be are changed if `changed`. */
static void wish(const contract *c, size_t from, size_t to, int changed, pic__items *bag)
{
        size_t i;

        for (i = from; i < to; i++)
                add_item(bag, item_at(c, i), changed && can_change(item_at(c, i)));
        pic__items_sort(bag);
}

static pic__backend *open_backend(const contract *c)
{
        pic__backend *b = NULL;
        pic_error *err = NULL;

        secret_len = c->secret_len != 0 ? c->secret_len : 32;
        if (c->open(c->world, &b, &err) < 0)
                fail_msg("%s: open: %s", c->name, pic_error_message(err));
        assert_non_null(b);
        assert_int_equal(b->id, c->id);
        return b;
}

static void close_backend(pic__backend *b)
{
        b->ops->free(b);
}

static void observe(const contract *c, pic__backend *b, pic__items *bag)
{
        pic_error *err = NULL;

        if (b->ops->observe(b, bag, &err) < 0)
                fail_msg("%s: observe: %s", c->name, pic_error_message(err));
        pic__items_sort(bag);
}

static void say(const char *what, const pic__items *bag)
{
        size_t i;

        for (i = 0; i < bag->count; i++)
                print_message("  %s %s | %s | %s%s\n", what, pic__item_kinds[bag->at[i].kind].name, bag->at[i].key,
                              bag->at[i].value, bag->at[i].secret != NULL ? " | (secret)" : "");
}

static int same(const contract *c, const pic__item *a, const pic__item *b)
{
        if ((c->flags & CONTRACT_SECRETS_UNSEEN) != 0)
                return strcmp(a->value, b->value) == 0;
        return pic__item_same(a, b);
}

/* The world is exactly this. */
static void expect_bag(const contract *c, pic__backend *b, const pic__items *want, const char *when)
{
        pic__auto_items pic__items seen = PIC__ITEMS_INIT;
        size_t i;
        int equal;

        observe(c, b, &seen);
        equal = seen.count == want->count;
        for (i = 0; equal && i < want->count; i++) {
                const pic__item *got = &seen.at[i];

                equal = got->kind == want->at[i].kind && strcmp(got->key, want->at[i].key) == 0 &&
                        same(c, &want->at[i], got);
        }
        if (equal)
                return;
        say("want", want);
        say("seen", &seen);
        fail_msg("%s: %s: the world is not as it should be", c->name, when);
}

static void expect(const contract *c, pic__backend *b, size_t from, size_t to, int changed, const char *when)
{
        pic__auto_items pic__items want = PIC__ITEMS_INIT;

        wish(c, from, to, changed, &want);
        expect_bag(c, b, &want, when);
}

/* Runs of one backend are applied as the engine does it: here all steps are of one. */
static int apply(pic__backend *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        int r;

        *ret_done = 0;
        if (count == 0)
                return 0;
        r = b->ops->apply(b, steps, count, ret_done, err);
        return r == 0 && b->ops->finish != NULL ? b->ops->finish(b, err) : r;
}

static void apply_all(const contract *c, pic__backend *b, const pic__step *steps, size_t count, const char *when)
{
        pic_error *err = NULL;
        size_t done = 0;

        if (apply(b, steps, count, &done, &err) < 0) {
                const pic_error *e;

                for (e = err; e != NULL; e = pic_error_cause(e))
                        print_message("  %s\n", pic_error_message(e));
                fail_msg("%s: %s: apply failed after %zu of %zu steps", c->name, when, done, count);
        }
        assert_int_equal(done, count);
}

/* From what is observed to the wish, by diff. */
static void bring_to(const contract *c, pic__backend *b, size_t from, size_t to, int changed, const char *when)
{
        pic__auto_items pic__items now = PIC__ITEMS_INIT, want = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;

        observe(c, b, &now);
        wish(c, from, to, changed, &want);
        assert_int_equal(pic__plan_diff(&now, &want, &steps, NULL), 0);
        apply_all(c, b, steps.at, steps.count, when);
}

static void step_of(const pic__items *bag, size_t i, enum pic__verb verb, pic__step *ret)
{
        *ret = (pic__step){ verb, bag->at[i].kind, verb == PIC__ADD ? NULL : &bag->at[i],
                            verb == PIC__REMOVE ? NULL : &bag->at[i] };
}

static void check_empty(void **state)
{
        const contract *c = *state;
        pic__backend *b = open_backend(c);

        expect(c, b, 0, 0, 0, "at first");
        close_backend(b);
}

/* All at once, then seen by this and by a second instance; doing it again is nothing to do. */
static void check_add(void **state)
{
        const contract *c = *state;
        pic__auto_items pic__items now = PIC__ITEMS_INIT, want = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic__backend *b = open_backend(c), *second;

        bring_to(c, b, 0, total(c), 0, "adding all");
        expect(c, b, 0, total(c), 0, "after adding all");
        if ((c->flags & CONTRACT_ONE_INSTANCE) == 0) {
                second = open_backend(c);
                expect(c, second, 0, total(c), 0, "seen by a second instance");
                close_backend(second);
        }
        if ((c->flags & CONTRACT_SECRETS_UNSEEN) == 0) {
                observe(c, b, &now);
                wish(c, 0, total(c), 0, &want);
                assert_int_equal(pic__plan_diff(&now, &want, &steps, NULL), 0);
                assert_int_equal(steps.count, 0);
        }
        close_backend(b);
}

/* One item at a time, there and back. */
static void check_one_by_one(void **state)
{
        const contract *c = *state;
        pic__auto_items pic__items all = PIC__ITEMS_INIT;
        pic__backend *b = open_backend(c);
        pic__step step;
        size_t i;

        for (i = 0; i < total(c); i++)
                add_item(&all, item_at(c, i), 0); /* not sorted: in the order given */
        for (i = 0; i < total(c); i++) {
                step_of(&all, i, PIC__ADD, &step);
                apply_all(c, b, &step, 1, "adding one");
                expect(c, b, 0, i + 1, 0, "after adding one");
        }
        for (i = total(c); i > c->base_count; i--) {
                step_of(&all, i - 1, PIC__REMOVE, &step);
                apply_all(c, b, &step, 1, "removing one");
                expect(c, b, 0, i - 1, 0, "after removing one");
        }
        close_backend(b);
}

static void check_change(void **state)
{
        const contract *c = *state;
        pic__backend *b = open_backend(c);

        bring_to(c, b, 0, total(c), 0, "adding all");
        bring_to(c, b, 0, total(c), 1, "changing");
        expect(c, b, 0, total(c), 1, "after changing");
        bring_to(c, b, 0, total(c), 0, "changing back");
        expect(c, b, 0, total(c), 0, "after changing back");
        close_backend(b);
}

/* Steps and their inverse lead back to where we were. */
static void check_undo(void **state)
{
        const contract *c = *state;
        pic__auto_items pic__items now = PIC__ITEMS_INIT, want = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT, back = PIC__STEPS_INIT;
        pic__backend *b = open_backend(c);
        size_t half = c->base_count + c->item_count / 2;

        bring_to(c, b, 0, half, 0, "adding half");
        observe(c, b, &now);
        wish(c, 0, total(c), 1, &want);
        assert_int_equal(pic__plan_diff(&now, &want, &steps, NULL), 0);
        apply_all(c, b, steps.at, steps.count, "the change");
        expect(c, b, 0, total(c), 1, "after the change");
        assert_int_equal(pic__steps_invert(steps.at, steps.count, &back, NULL), 0);
        apply_all(c, b, back.at, back.count, "undoing it");
        expect(c, b, 0, half, 0, "after undoing");
        close_backend(b);
}

static void check_remove(void **state)
{
        const contract *c = *state;
        pic__backend *b = open_backend(c);

        bring_to(c, b, 0, total(c), 0, "adding all");
        bring_to(c, b, 0, c->base_count, 0, "removing items");
        expect(c, b, 0, c->base_count, 0, "after removing items");
        bring_to(c, b, 0, 0, 0, "removing the base");
        expect(c, b, 0, 0, 0, "after removing all");
        close_backend(b);
}

/* Fails with a code and words, and says how many steps are in force: that many, and no more, are. */
static void expect_refusal(const contract *c, pic__backend *b, const pic__step *step, const pic__items *then,
                           const char *when)
{
        pic_error *err = NULL;
        size_t done = 99;
        int r = apply(b, step, 1, &done, &err);

        if (r >= 0)
                fail_msg("%s: %s was not refused", c->name, when);
        assert_int_equal(done, 0);
        assert_int_equal(pic_error_code(err), r);
        assert_true(strlen(pic_error_message(err)) > 0);
        pic_error_free(err);
        expect_bag(c, b, then, when);
}

static void check_refusals(void **state)
{
        const contract *c = *state;
        pic__auto_items pic__items base = PIC__ITEMS_INIT, all = PIC__ITEMS_INIT, items = PIC__ITEMS_INIT;
        pic__backend *b = open_backend(c);
        pic__step step;
        size_t i;

        wish(c, 0, c->base_count, 0, &base);
        wish(c, 0, total(c), 0, &all);
        wish(c, c->base_count, total(c), 0, &items);
        bring_to(c, b, 0, c->base_count, 0, "the base");
        for (i = 0; i < items.count && (c->flags & CONTRACT_REMOVE_ABSENT_OK) == 0; i++) {
                step_of(&items, i, PIC__REMOVE, &step);
                expect_refusal(c, b, &step, &base, "removing what is not there");
        }
        bring_to(c, b, 0, total(c), 0, "adding all");
        for (i = 0; i < items.count && (c->flags & CONTRACT_ADD_TWICE_OK) == 0; i++) {
                step_of(&items, i, PIC__ADD, &step);
                expect_refusal(c, b, &step, &all, "adding what is there");
        }
        close_backend(b);
}

/* The last of several steps fails: *ret_done of them are in force, no more, and undoing those brings the former world.
 */
static void check_partial(void **state)
{
        const contract *c = *state;
        pic__auto_items pic__items items = PIC__ITEMS_INIT, then = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps back = PIC__STEPS_INIT;
        pic__backend *b = open_backend(c);
        pic__step *steps;
        pic_error *err = NULL;
        size_t done = 0, i;

        if ((c->flags & (CONTRACT_ADD_TWICE_OK | CONTRACT_REMOVE_ABSENT_OK)) ==
                    (CONTRACT_ADD_TWICE_OK | CONTRACT_REMOVE_ABSENT_OK) ||
            c->item_count < 2) {
                close_backend(b);
                skip();
        }
        bring_to(c, b, 0, c->base_count, 0, "the base");
        for (i = 0; i < c->item_count; i++)
                add_item(&items, &c->items[i], 0);
        steps = calloc(items.count + 1, sizeof(*steps));
        assert_non_null(steps);
        for (i = 0; i < items.count; i++)
                step_of(&items, i, PIC__ADD, &steps[i]);
        if ((c->flags & CONTRACT_ADD_TWICE_OK) == 0) {
                step_of(&items, 0, PIC__ADD, &steps[items.count]); /* again */
        } else {
                i = items.count - 1; /* never added, but removed */
                step_of(&items, i, PIC__REMOVE, &steps[i]);
                items.count--;
        }
        assert_true(apply(b, steps, items.count + 1, &done, &err) < 0);
        assert_true(done <= items.count);
        pic_error_free(err);
        wish(c, 0, c->base_count, 0, &then);
        for (i = 0; i < done; i++)
                add_item(&then, &c->items[i], 0);
        pic__items_sort(&then);
        expect_bag(c, b, &then, "after a failure in the middle");
        assert_int_equal(pic__steps_invert(steps, done, &back, NULL), 0);
        apply_all(c, b, back.at, back.count, "undoing what was done");
        expect(c, b, 0, c->base_count, 0, "after undoing what was done");
        free(steps);
        close_backend(b);
}

static int rings(pic__backend *b)
{
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };

        return p.fd >= 0 && poll(&p, 1, 1000) == 1;
}

/* Own changes may ring or not; after draining and a foreign change it has to, and the change has to be seen and
 * repaired. */
static void check_tamper(void **state)
{
        const contract *c = *state;
        pic__backend *b = open_backend(c);

        bring_to(c, b, 0, total(c), 0, "adding all");
        if (c->tamper_foreign != NULL) {
                assert_int_equal(c->tamper_foreign(c->world), 0);
                expect(c, b, 0, total(c), 0, "after a foreign change");
        }
        if (c->tamper == NULL || c->item_count == 0) {
                close_backend(b);
                return;
        }
        (void)b->ops->drain(b);
        assert_int_equal(c->tamper(c->world, b, &c->items[c->item_count - 1]), 0);
        if (b->ops->event_fd(b) >= 0) {
                assert_true(rings(b));
                assert_int_equal(b->ops->drain(b) & ~PIC__DRAIN_NETS, 1);
        }
        expect(c, b, 0, total(c) - 1, 0, "after tampering");
        bring_to(c, b, 0, total(c), 0, "repairing");
        expect(c, b, 0, total(c), 0, "after repairing");
        close_backend(b);
}

/* 1: there is news, and it is what observe tells. */
static int has_news(pic__backend *b)
{
        pic__auto_items pic__items told = PIC__ITEMS_INIT, seen = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        int r = b->ops->news(b, &told, NULL);

        assert_true(r == 0 || r == 1);
        if (r == 0) {
                assert_int_equal(told.count, 0);
                return 0;
        }
        assert_int_equal(b->ops->observe(b, &seen, NULL), 0);
        assert_int_equal(pic__plan_diff(&told, &seen, &steps, NULL), 0);
        assert_int_equal(steps.count, 0);
        return 1;
}

/* Spares an observation only when that would tell nothing new: not before the first, and not after somebody else was at
 * work; own steps are followed. */
static void check_news(void **state)
{
        const contract *c = *state;
        pic__auto_items pic__items all = PIC__ITEMS_INIT;
        pic__backend *b = open_backend(c);
        pic__step step;

        if (b->ops->news == NULL || c->item_count == 0) {
                close_backend(b);
                skip();
        }
        assert_true(has_news(b));
        bring_to(c, b, 0, total(c), 0, "adding all");
        (void)has_news(b);
        assert_false(has_news(b));
        assert_false(has_news(b));
        add_item(&all, &c->items[c->item_count - 1], 0);
        step_of(&all, 0, PIC__REMOVE, &step);
        apply_all(c, b, &step, 1, "removing the last");
        assert_false(has_news(b));
        step_of(&all, 0, PIC__ADD, &step);
        apply_all(c, b, &step, 1, "adding it again");
        assert_false(has_news(b));
        expect(c, b, 0, total(c), 0, "as before");
        if (c->tamper != NULL) {
                assert_int_equal(c->tamper(c->world, b, &c->items[c->item_count - 1]), 0);
                assert_true(has_news(b));
                assert_false(has_news(b));
                expect(c, b, 0, total(c) - 1, 0, "after tampering");
        }
        bring_to(c, b, 0, total(c), 1, "changing");
        if (!has_news(b)) /* it need not know, but what it says is so */
                expect(c, b, 0, total(c), 1, "after changing");
        close_backend(b);
}

/* What keeps packets in when all else is gone. */
static int blocks(const contract_item *item)
{
        return item->kind == PIC__I_NFT_SHAPE || item->kind == PIC__I_ROUTE_FLOOR || item->kind == PIC__I_ROUTE_RULE;
}

static void check_teardown(void **state)
{
        const contract *c = *state;
        pic__auto_items pic__items kept = PIC__ITEMS_INIT;
        pic__backend *b = open_backend(c);
        pic_error *err = NULL;
        size_t i;

        bring_to(c, b, 0, total(c), 0, "adding all");
        if (b->ops->teardown(b, 1, &err) < 0)
                fail_msg("%s: teardown: %s", c->name, pic_error_message(err));
        for (i = 0; i < total(c); i++)
                if (blocks(item_at(c, i)))
                        add_item(&kept, item_at(c, i), 0);
        pic__items_sort(&kept);
        expect_bag(c, b, &kept, "after a teardown that keeps the block");
        if (b->ops->teardown(b, 0, &err) < 0)
                fail_msg("%s: teardown: %s", c->name, pic_error_message(err));
        expect(c, b, 0, 0, 0, "after teardown");
        close_backend(b);
        if (c->leftover != NULL)
                assert_int_equal(c->leftover(c->world), 0);
}

static void on_finding(int level, const char *area, const char *what, const char *fix, void *data)
{
        size_t *count = data;

        assert_true(PIC__LEVEL_OF(level) >= PIC_LOG_ERROR && PIC__LEVEL_OF(level) <= PIC_LOG_DEBUG);
        assert_non_null(area);
        assert_non_null(what);
        if (PIC__LEVEL_OF(level) == PIC_LOG_ERROR)
                assert_non_null(fix);
        (*count)++;
}

static void on_live(const pic__live *live, void *data)
{
        size_t *count = data;

        assert_int_equal(strlen(live->key), 44);
        (*count)++;
}

static void check_looking(void **state)
{
        const contract *c = *state;
        pic__backend *b = open_backend(c);
        size_t findings = 0, peers = 0, seen = 0, one = 0, i;
        const char *key = NULL;

        bring_to(c, b, 0, total(c), 0, "adding all");
        if (b->ops->doctor != NULL)
                b->ops->doctor(b, on_finding, &findings);
        if (b->ops->strangers != NULL)
                b->ops->strangers(b, on_finding, &findings);
        if (b->ops->tick != NULL)
                b->ops->tick(b);
        for (i = 0; i < total(c); i++) {
                if (item_at(c, i)->kind != PIC__I_WG_PEER)
                        continue;
                peers++;
                key = item_at(c, i)->key;
        }
        if (b->ops->live != NULL) {
                assert_true(b->ops->live(b, NULL, on_live, &seen, NULL) >= 0);
                assert_int_equal(seen, peers);
                if (key != NULL) {
                        assert_true(b->ops->live(b, key, on_live, &one, NULL) >= 0);
                        assert_int_equal(one, 1);
                }
        }
        expect(c, b, 0, total(c), 0, "after looking");
        close_backend(b);
}

static int set_up(void **state)
{
        const contract *c = *state;

        return c->open_world != NULL ? c->open_world(c->world) : 0;
}

static int tear_down(void **state)
{
        const contract *c = *state;

        if (c->close_world != NULL)
                c->close_world(c->world);
        return 0;
}

static const struct {
        const char *name;
        void (*run)(void **state);
} checks[] = {
        { "empty", check_empty },       { "add", check_add },         { "one_by_one", check_one_by_one },
        { "change", check_change },     { "undo", check_undo },       { "remove", check_remove },
        { "refusals", check_refusals }, { "partial", check_partial }, { "tamper", check_tamper },
        { "teardown", check_teardown }, { "looking", check_looking }, { "news", check_news },
};

static int run_one(const contract *c)
{
        struct CMUnitTest tests[PIC__COUNT(checks)];
        char names[PIC__COUNT(checks)][80];
        size_t i;

        for (i = 0; i < PIC__COUNT(checks); i++) {
                (void)snprintf(names[i], sizeof(names[i]), "%s %s", c->name, checks[i].name);
                tests[i] = (struct CMUnitTest){ names[i], checks[i].run, set_up, tear_down, (void *)(uintptr_t)c };
        }
        return cmocka_run_group_tests_name(c->name, tests, NULL, NULL);
}

int contract_main(const contract *contracts, size_t count)
{
        int failed = 0;
        size_t i;

        for (i = 0; i < count; i++) {
                const contract *c = &contracts[i];

                /* asked once before anything runs, so that a program that cannot run says so and is not a failure */
                if (c->open_world != NULL) {
                        int r = c->open_world(c->world);

                        if (r == 0 && c->close_world != NULL)
                                c->close_world(c->world);
                        if (r == 77)
                                return 77;
                        if (r != 0)
                                return 1;
                }
                failed += run_one(c);
        }
        return failed == 0 ? 0 : 1;
}
