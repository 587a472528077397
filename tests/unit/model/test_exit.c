/* Shows: the numbers of exits, and which exit a device has in every way of saying so. */
#include "help.h"
#include "model/exit.h"

static void numbers(void **state)
{
        char dev[PIC__EXIT_DEV], text[PIC__ADDR_TEXT];
        pic__addr cell, exit;
        pic__prefix all4, all6;
        unsigned slot;

        (void)state;
        assert_int_equal(pic__exit_mark(1), 0x1010);
        assert_int_equal(pic__exit_mark(255), 0x1ff0);
        assert_int_equal(pic__exit_carrier_mark(255), 0x2ff0);
        assert_int_equal(pic__exit_table(7), 1007);
        assert_string_equal(pic__exit_dev(255, dev), "picx255");
        pic__exit_link(1, 4, &cell, &exit);
        assert_string_equal(pic__addr_print(&cell, text), "169.254.96.5");
        assert_string_equal(pic__addr_print(&exit, text), "169.254.96.6");
        pic__exit_link(255, 4, &cell, &exit);
        assert_string_equal(pic__addr_print(&exit, text), "169.254.99.254");
        pic__exit_link(1, 6, &cell, &exit);
        assert_string_equal(pic__addr_print(&cell, text), "fd70:6963:78::1:1");
        pic__exit_links(4, &all4);
        pic__exit_links(6, &all6);
        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++) {
                assert_int_equal(pic__exit_mark(slot) & ~PIC__EXIT_MASK, 0);
                assert_int_not_equal(pic__exit_carrier_mark(slot) & PIC__EXIT_MASK & 0x1000u, 0x1000u);
                pic__exit_link(slot, 4, &cell, &exit);
                assert_true(pic__prefix_has(&all4, &cell) && pic__prefix_has(&all4, &exit));
                pic__exit_link(slot, 6, &cell, &exit);
                assert_true(pic__prefix_has(&all6, &cell) && pic__prefix_has(&all6, &exit));
        }
}

static pic__snap *house(void)
{
        pic__snap *s = snap();

        put(s, CELL("exit=far"));
        put(s, obj("connection", 1, "name=near", "type=block", "slot=1", NULL));
        put(s, obj("connection", 2, "name=far", "type=wireguard", "slot=2", "failopen=yes", "addresses=10.9.0.2/32",
                   NULL));
        put(s, obj("connection", 3, "name=off", "type=proxy", "slot=3", "enabled=no", NULL));
        put(s, obj("connection", 4, "name=Best", "type=group", "slot=4", "members=off,far", NULL));
        put(s, obj("group", 1, "name=kids", "exit=near", NULL));
        put(s, obj("group", 2, "name=others", NULL));
        return s;
}

static const char *exit_of(const pic__snap *s, const char *field, const char *field2)
{
        pic_obj *peer = obj("peer", 9, "name=anna", field, field2, NULL);
        const pic_obj *exit = pic__exit_of(s, peer);
        const char *name = exit != NULL ? pic__obj_name(exit) : "direct";

        pic__obj_unref(peer);
        return name;
}

static void who_leaves_by_what(void **state)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = house();

        (void)state;
        assert_string_equal(exit_of(s, "note=x", "note=y"), "far");              /* the cell's */
        assert_string_equal(exit_of(s, "groups=others", "note=y"), "far");       /* its group says nothing */
        assert_string_equal(exit_of(s, "groups=kids,others", "note=y"), "near"); /* one of them does */
        assert_string_equal(exit_of(s, "groups=kids", "exit=best"), "Best");
        assert_string_equal(exit_of(s, "groups=kids", "exit=direct"), "direct");
}

static uint32_t mark_of(const pic__snap *s, const char *field, const char *field2)
{
        pic_obj *peer = obj("peer", 9, "name=anna", field, field2, NULL);
        uint32_t mark = pic__exit_peer_mark(s, peer);

        pic__obj_unref(peer);
        return mark;
}

static void fail_open_is_a_bit(void **state)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = house();

        (void)state;
        assert_int_equal(mark_of(s, "exit=far", "note=y"), 0x1021);
        assert_int_equal(mark_of(s, "exit=far", "failopen=no"), 0x1020);
        assert_int_equal(mark_of(s, "exit=near", "note=y"), 0x1010);
        assert_int_equal(mark_of(s, "exit=near", "failopen=yes"), 0x1011);
        assert_int_equal(mark_of(s, "exit=direct", "failopen=yes"), 0);
}

static const char *carrier(const pic__snap *s, const char *name)
{
        const pic_obj *c = pic__exit_carried_by(s, pic__snap_named(s, PIC__CONNECTION, name));

        return c != NULL ? pic__obj_name(c) : "nobody";
}

static void who_carries(void **state)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = house();
        pic__exit_facts facts = { .at = { { 0 } } }, same = { .at = { { 0 } } };

        (void)state;
        assert_string_equal(carrier(s, "far"), "far");
        assert_string_equal(carrier(s, "near"), "nobody"); /* block */
        assert_string_equal(carrier(s, "off"), "nobody");
        assert_string_equal(carrier(s, "best"), "far"); /* the first that is enabled */
        facts.at[4].judged = 1;
        facts.at[2].remote = pic__strdup("203.0.113.7:51820");
        assert_int_equal(pic__exit_facts_copy(&facts, &same), 0);
        assert_true(pic__exit_facts_same(&facts, &same));
        same.at[4].active = 2;
        assert_false(pic__exit_facts_same(&facts, &same));
        assert_int_equal(pic__snap_tell_exits(s, &facts, NULL), 0);
        assert_null(facts.at[2].remote); /* taken over */
        assert_string_equal(carrier(s, "best"), "nobody");
        assert_int_equal(pic__snap_tell_exits(s, &same, NULL), 0);
        assert_string_equal(carrier(s, "best"), "far");
}

static void families(void **state)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = house();
        const pic_obj *far = pic__snap_named(s, PIC__CONNECTION, "far");
        pic_obj *both = obj("connection", 9, "name=b", "type=wireguard", "addresses=10.9.0.2/32,fd09::2/128",
                            "allowed=::/0", NULL);

        (void)state;
        assert_true(pic__exit_carries(far, 4) && !pic__exit_carries(far, 6));
        assert_true(pic__exit_carries(both, 6) && !pic__exit_carries(both, 4));
        pic__obj_unref(both);
}

RUN(T(numbers), T(who_leaves_by_what), T(fail_open_is_a_bit), T(who_carries), T(families))
