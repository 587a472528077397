/* Shows, in tables: how many attempts pass, when the next one does, and that no number of strangers fills the memory or
 * takes another one's attempts. */
#include "../../api/world.h"

#include "api/gates.h"
#include "base/time.h"

#define T0 ((pic_time)1000 * PIC__SECOND)

static const struct {
        enum pic__gate gate;
        int burst;
        int refill; /* seconds */
} table[] = { { PIC__GATE_ADDRESS, 20, 6 }, { PIC__GATE_ACCOUNT, 10, 30 },     { PIC__GATE_DEVICE, 10, 15 },
              { PIC__GATE_CODE, 5, 300 },   { PIC__GATE_DEVICE_CODE, 5, 300 }, { PIC__GATE_SETUP, 10, 30 },
              { PIC__GATE_LINK, 10, 30 } };

static void rules(void **state)
{
        pic__gates *g = NULL;
        size_t i;
        int k;

        (void)state;
        assert_int_equal(pic__gates_new(&g, NULL), 0);
        for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                pic_time refill = table[i].refill * PIC__SECOND;

                for (k = 0; k < table[i].burst; k++)
                        assert_int_equal(pic__gate_take(g, table[i].gate, "anna", T0), 0);
                assert_int_equal(pic__gate_take(g, table[i].gate, "anna", T0), refill);
                assert_int_equal(pic__gate_take(g, table[i].gate, "anna", T0 + refill - 1), 1);
                assert_int_equal(pic__gate_take(g, table[i].gate, "anna", T0 + refill), 0);
                assert_int_equal(pic__gate_take(g, table[i].gate, "anna", T0 + refill), refill);
                assert_int_equal(pic__gate_take(g, table[i].gate, "ben", T0), 0);
                pic__gate_give(g, table[i].gate, "anna", T0 + refill);
                assert_int_equal(pic__gate_take(g, table[i].gate, "anna", T0 + refill), 0);
                for (k = 0; k < 100; k++) /* giving back never makes more than there were */
                        pic__gate_give(g, table[i].gate, "carl", T0);
                for (k = 0; k < table[i].burst; k++)
                        assert_int_equal(pic__gate_take(g, table[i].gate, "carl", T0), 0);
                assert_true(pic__gate_take(g, table[i].gate, "carl", T0) > 0);
        }
        pic__gates_free(g);
}

/* Whoever is slowed down stays so while thousands of other names come; those that came once are forgotten first. */
static void full(void **state)
{
        pic__gates *g = NULL;
        int i, passed = 0;
        char name[32];

        (void)state;
        assert_int_equal(pic__gates_new(&g, NULL), 0);
        for (i = 0; i < 10; i++)
                assert_int_equal(pic__gate_take(g, PIC__GATE_ACCOUNT, "anna", T0), 0);
        for (i = 0; i < 20000; i++) {
                snprintf(name, sizeof(name), "guess %d", i);
                passed += pic__gate_take(g, PIC__GATE_ACCOUNT, name, T0) == 0;
        }
        assert_int_equal(passed, 20000);
        assert_true(pic__gate_take(g, PIC__GATE_ACCOUNT, "anna", T0) > 0);
        pic__gates_free(g);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(rules), cmocka_unit_test(full) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
