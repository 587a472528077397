/* engine/reach.c: who came in from outside the house, and who did not. */
#include "fixture.h"

#include "engine/reach.h"

static void from_outside(void **state)
{
        static const struct {
                const char *endpoint;
                int outside;
        } rows[] = {
                { "8.8.8.8:40000", 1 },
                { "[2a01:4f8::1]:51820", 1 },
                { "192.168.1.7:40000", 0 }, /* private */
                { "10.9.8.7:1", 0 },
                { "[fd00::5]:51820", 0 },
                { "5.6.7.9:40000", 0 }, /* a public network that the machine is attached to */
                { "[2a01:beef::9]:51820", 0 },
                { "9.9.9.1:40000", 0 }, /* the router itself: a device at home that called its address */
                { "", 0 },
                { "phone:1", 0 },
                { "8.8.8.8", 0 },
        };
        pic__attached attached = PIC__VEC_INIT;
        pic__prefix p;
        size_t i;

        (void)state;
        assert_true(pic__prefix_parse("5.6.7.0/24", &p) >= 0 && pic__attached_add(&attached, p) == 0);
        assert_true(pic__prefix_parse("2a01:beef::/64", &p) >= 0 && pic__attached_add(&attached, p) == 0);
        for (i = 0; i < PIC__COUNT(rows); i++)
                if (pic__reach_from_outside(rows[i].endpoint, &attached, "9.9.9.1") != rows[i].outside)
                        fail_msg("%s", rows[i].endpoint);
        pic__attached_free(&attached);
}

/* Of a cell of the fake world nothing is said: there is no internet. */
static void pretend(void **state)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic__engine *e;
        cell c;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        pic__engine_reach_look(e, &f);
        assert_int_equal(f.list.count, 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(from_outside), cmocka_unit_test(pretend) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
