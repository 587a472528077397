/* The networks of the machine: rules are made beside them, follow them at once, and are not made when nobody knows
 * them. */
#include "fixture.h"

#include "engine/hostnet.h"

static const char *const internet[] = { "access", "internet", NULL };
static const char *const lan[] = { "access", "lan", NULL };

/* How many rules let somebody to an address by internet or lan. */
static unsigned open_to(pic__engine *e, const char *address)
{
        pic__auto_items pic__items there = PIC__ITEMS_INIT;
        pic__addr a, first, last;
        unsigned n = 0;
        size_t i;

        assert_int_equal(pic__addr_parse(address, &a), 0);
        cell_world(e, &there);
        for (i = 0; i < there.count; i++) {
                char from[64], to[64];

                if (there.at[i].kind != PIC__I_NFT_WIDE4 && there.at[i].kind != PIC__I_NFT_WIDE6)
                        continue;
                assert_int_equal(sscanf(there.at[i].key, "%*s %63[^-]-%63s", from, to), 2);
                assert_int_equal(pic__addr_parse(from, &first), 0);
                assert_int_equal(pic__addr_parse(to, &last), 0);
                n += pic__addr_cmp(&first, &a) <= 0 && pic__addr_cmp(&a, &last) <= 0;
        }
        return n;
}

static pic__backend *route(pic__engine *e)
{
        return e->backends[PIC__B_ROUTE];
}

static void attach(pic__engine *e, const char *nets)
{
        assert_int_equal(pic__fake_attach(route(e), nets), 0);
}

static void test_follows(void **state)
{
        static const char *const name[] = { "note", "x", NULL };
        pic__engine *e;
        cell c;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", internet);
        e = cell_open(&c);
        attach(e, "8.8.8.0/24\n");
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(open_to(e, "8.8.8.8"), 0);
        assert_int_equal(open_to(e, "8.8.9.8"), 1);
        (void)pic__engine_event(e);
        assert_int_equal(pic__engine_event(e), 0);

        attach(e, "2001:db8:1::/64\n9.9.9.0/24\n"); /* another one, and the first is gone */
        assert_int_equal(pic__engine_moved(e), 1);
        assert_true(cell_drift(e) > 0);
        assert_int_equal(pic__engine_event(e), PIC__DRAIN_OPEN);
        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
        assert_int_equal(pic__engine_moved(e), 0);
        assert_int_equal(cell_drift(e), 0);
        assert_int_equal(open_to(e, "8.8.8.8"), 1);
        assert_int_equal(open_to(e, "9.9.9.9"), 0);
        assert_int_equal(open_to(e, "2001:db8:1::9"), 0);
        assert_int_equal(open_to(e, "2001:db8:2::9"), 1);

        attach(e, "2001:db8:1::/64\n9.9.9.0/24\n192.168.5.0/24\n"); /* no difference: no hurry */
        assert_int_equal(pic__engine_event(e) & (PIC__DRAIN_OPEN | PIC__DRAIN_NETS), 0);
        assert_int_equal(pic__engine_moved(e), 0);

        cell_add_peer(&c, "ben", lan); /* by change: beside the same networks */
        cell_set(&c, PIC__PEER, "anna", name);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(open_to(e, "9.9.9.9"), 1);
        assert_settled(e);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* A look for a plan sees other networks; the agent still hears that its rules are not made with them. */
static void test_plan_swallows_nothing(void **state)
{
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        size_t steps = 0;
        pic__engine *e;
        cell c;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", internet);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        attach(e, "8.8.8.0/24\n");
        assert_int_equal(pic__engine_plan(e, &j, &steps, NULL), 0);
        assert_true(steps > 0);
        assert_int_equal(open_to(e, "8.8.8.8"), 1); /* it only looked */
        assert_int_equal(pic__engine_event(e), PIC__DRAIN_OPEN);
        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
        assert_int_equal(open_to(e, "8.8.8.8"), 0);
        pic__buf_free(&text);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* Following fails half way, or without memory: the next attempt looks at everything, and nothing is open meanwhile that
 * is not open at the end. */
static void test_follow_fails(void **state)
{
        size_t steps = 0;
        unsigned long n, made = 0;
        pic__engine *e;
        cell c;
        int r = -1;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", internet);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(pic__engine_follow(e, &steps, NULL), 0);
        assert_int_equal(steps, 0);
        attach(e, "8.8.8.0/24\n");
        pic__fake_fail_at(e->backends[PIC__B_NFT], 2);
        assert_int_equal(pic__engine_follow(e, &steps, NULL), PIC_ROLLEDBACK);
        assert_int_equal(e->dirty, 1);
        assert_int_equal(open_to(e, "8.8.8.8"), 1);
        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
        assert_int_equal(open_to(e, "8.8.8.8"), 0);
        assert_int_equal(open_to(e, "8.8.9.8"), 1);
        for (n = 1; made >= n || n == 1; n++) {
                attach(e, n % 2 != 0 ? "9.9.9.0/24\n" : "8.8.8.0/24\n");
                pic__mem_fail_at(n);
                r = pic__engine_repair(e, NULL, NULL);
                made = pic__mem_fail_at(0);
                if (r < 0)
                        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
                assert_int_equal(open_to(e, n % 2 != 0 ? "9.9.9.9" : "8.8.8.8"), 0);
                assert_int_equal(open_to(e, n % 2 != 0 ? "8.8.8.8" : "9.9.9.9"), 1);
                assert_settled(e);
        }
        assert_int_equal(r, 0);
        assert_true(n > 50);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* What cannot be seen is not taken for the internet. */
static void test_unknown(void **state)
{
        pic_error *err = NULL;
        pic__engine *e;
        cell c;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", internet);
        e = cell_open(&c);
        attach(e, "no network\n");
        assert_true(pic__engine_apply(e, NULL, &err) < 0);
        assert_non_null(strstr(pic_error_message(err), "networks of this machine"));
        assert_int_equal(open_to(e, "8.8.8.8"), 0);
        assert_int_equal(pic__engine_moved(e), 1);
        pic_error_free(err);
        attach(e, "8.8.8.0/24\n");
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(open_to(e, "1.1.1.1"), 1);
        attach(e, "no network\n");
        assert_int_equal(pic__engine_event(e), PIC__DRAIN_OPEN);
        assert_true(pic__engine_repair(e, NULL, NULL) < 0);
        assert_int_equal(open_to(e, "8.8.8.8"), 0); /* as it was */
        pic__engine_unref(e);
        cell_drop(&c);
}

static void read_into(pic__snap *s, const cell *c, const char *want)
{
        pic__auto_free char *run = pic__run_dir(c->dir);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        assert_int_equal(pic__hostnet_attach(run, 1, s, NULL), 0);
        pic__attached_print(pic__snap_attached(s), &text);
        assert_string_equal(pic__buf_str(&text), want);
}

/* Others are told what the rules were made with, and nothing once they are gone. */
static void test_told(void **state)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_free char *run = NULL, *path = NULL;
        pic__engine *e;
        cell c;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", internet);
        assert_int_equal(pic__snap_new(&s, NULL), 0);
        read_into(s, &c, "");
        e = cell_open(&c);
        attach(e, "8.8.8.0/24\n2001:db8:1::/64\n");
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        read_into(s, &c, "8.8.8.0/24\n2001:db8:1::/64\n");
        attach(e, "9.9.9.0/24\n");
        read_into(s, &c, "8.8.8.0/24\n2001:db8:1::/64\n");
        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
        read_into(s, &c, "9.9.9.0/24\n");
        run = pic__run_dir(c.dir);
        path = pic__path_join(run, PIC__ATTACHED_FILE);
        assert_int_equal(pic__file_write(path, "nonsense", 8, 0644, NULL), 0);
        assert_int_equal(pic__hostnet_attach(run, 1, s, NULL), PIC_CORRUPT);
        assert_int_equal(pic__engine_repair(e, NULL, NULL), 0);
        assert_int_equal(pic__engine_teardown(e, 0, NULL), 0);
        read_into(s, &c, "");
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_follows),
                                            cmocka_unit_test(test_plan_swallows_nothing),
                                            cmocka_unit_test(test_follow_fails), cmocka_unit_test(test_unknown),
                                            cmocka_unit_test(test_told) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
