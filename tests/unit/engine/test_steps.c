/* All steps or none: the walk back, and when the walk back fails. */
#include "fixture.h"

static void derive(pic__engine *e, pic__items *wished, pic__items *there, pic__steps *steps)
{
        pic__snap *s = NULL;
        pic_revision revision;

        assert_int_equal(pic__engine_load(e, &s, &revision, NULL), 0);
        assert_int_equal(pic__derive_all(s, NULL, wished, NULL), 0);
        assert_int_equal(pic__engine_observe(e, there, NULL), 0);
        assert_int_equal(pic__plan_diff(there, wished, steps, NULL), 0);
        pic__snap_unref(s);
}

/* A backend that takes each first step and then fails, whatever it is told. */
static int stubborn_calls;
static int stubborn(pic__backend *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        (void)b;
        (void)steps;
        (void)count;
        *ret_done = stubborn_calls++ == 0 ? 1 : 0;
        return pic__fail(err, PIC_BACKEND, "stubborn: no");
}

static void test_broken(void **state)
{
        pic__auto_items pic__items wished = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic_error *err = NULL;
        pic__backend_ops ops;
        const pic__backend_ops *real;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        derive(e, &wished, &there, &steps);
        assert_true(steps.count > 3);
        real = e->backends[PIC__B_DNS]->ops;
        ops = *real;
        ops.apply = stubborn;
        e->backends[PIC__B_DNS]->ops = &ops;
        stubborn_calls = 0;
        assert_int_equal(pic__engine_run(e, &steps, &err), PIC_BROKEN);
        assert_true(stubborn_calls >= 2);
        assert_non_null(pic_error_hint(err));
        assert_non_null(pic_error_detail(err, "failed"));
        assert_non_null(strstr(pic_error_message(err), "undoing failed too"));
        pic_error_free(err);
        assert_true(pic__engine_run(e, &steps, NULL) < 0); /* no error object asked for */
        e->backends[PIC__B_DNS]->ops = real;
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0); /* looks, and puts it right */
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_back_and_nothing(void **state)
{
        pic__auto_items pic__items wished = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT, now = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT, none = PIC__STEPS_INIT;
        pic_error *err = NULL;
        cell c;
        pic__engine *e;
        const pic__log debug = { NULL, NULL, PIC_LOG_DEBUG };

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open_log(&c, &debug);
        derive(e, &wished, &there, &steps);
        assert_int_equal(pic__engine_run(e, &none, NULL), 0);
        pic__fake_fail_at(e->backends[PIC__B_DNS], 2);
        assert_int_equal(pic__engine_run(e, &steps, &err), PIC_ROLLEDBACK);
        assert_non_null(strstr(pic_error_message(err), "former state is back"));
        pic_error_free(err);
        assert_int_equal(cell_world(e, &now), 0);
        assert_int_equal(pic__engine_run(e, &steps, NULL), 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

static int finished;
static int comes_to_nothing(pic__backend *b, pic_error **err)
{
        (void)b;
        return finished++ == 0 ? pic__fail(err, PIC_BACKEND, "it died over its zones") : 0;
}

/* What a backend left running is waited for when all steps are taken; if it comes to nothing, all of them go back. */
static void test_finish(void **state)
{
        pic__auto_items pic__items wished = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT, now = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic_error *err = NULL;
        pic__backend_ops ops;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        derive(e, &wished, &there, &steps);
        ops = *e->backends[PIC__B_DNS]->ops;
        ops.finish = comes_to_nothing;
        e->backends[PIC__B_DNS]->ops = &ops;
        finished = 0;
        assert_int_equal(pic__engine_run(e, &steps, &err), PIC_ROLLEDBACK);
        assert_int_equal(finished, 2); /* of the way back too */
        assert_string_equal(pic_error_message(pic_error_cause(pic_error_cause(err))), "it died over its zones");
        pic_error_free(err);
        assert_int_equal(cell_world(e, &now), 0);
        assert_int_equal(pic__engine_run(e, &steps, NULL), 0);
        assert_int_equal(finished, 3);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_broken), cmocka_unit_test(test_back_and_nothing),
                                            cmocka_unit_test(test_finish) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
