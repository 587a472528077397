/* How connections are watched. */
#include "exits_world.h"

#include "engine/exits_i.h"

static pic__exit_entry set_up(const pic__snap *s, pic_id id)
{
        pic__exit_entry e = { .slot = 0 };

        pic__exits_set_up(&e, s, pic__snap_get(s, PIC__CONNECTION, id));
        return e;
}

/* "ADDRESS PORT" of a target. */
static void assert_target(const pic__exit_entry *e, unsigned n, const char *want)
{
        char text[PIC__ADDR_TEXT], both[80];

        assert_true(n < e->count);
        snprintf(both, sizeof(both), "%s %u", pic__addr_print(&e->targets[n].to, text), e->targets[n].port);
        assert_string_equal(both, want);
}

static void test_targets(void **state)
{
        pic__snap *s = world_snap();
        pic__exit_entry e;

        (void)state;
        WORLD_WG(s, 2, "plain", "1", "dns", "");
        e = set_up(s, 2);
        assert_true(e.slot == 1 && e.id == 2 && !e.tcp && e.how == PIC__WATCH_PROBED && e.count == 2);
        assert_string_equal(e.name, "plain");
        assert_target(&e, 0, "9.9.9.9 53");
        assert_target(&e, 1, "2620:fe::fe 53");
        WORLD_WG(s, 3, "dns", "2", "dns", "10.64.0.1,1.1.1.1@853#one.one,10.64.0.2@5353,fd64::1");
        e = set_up(s, 3);
        assert_int_equal(e.count, 3);
        assert_target(&e, 0, "10.64.0.1 53");
        assert_target(&e, 1, "10.64.0.2 5353");
        assert_target(&e, 2, "fd64::1 53");
        WORLD_WG(s, 4, "probe", "3", "dns", "10.64.0.1", "probe", "198.51.100.1@54");
        e = set_up(s, 4);
        assert_int_equal(e.count, 1);
        assert_target(&e, 0, "198.51.100.1 54");
        WORLD_PUT(s, PIC__CONNECTION, 5, "name", "ssh", "type", "ssh", "slot", "4", "endpoint", "h.example:22", "dns",
                  "fd64::1");
        e = set_up(s, 5); /* carries IPv4 and TCP only */
        assert_true(e.tcp && e.count == 1);
        assert_target(&e, 0, "9.9.9.9 53");
        WORLD_WG(s, 6, "many", "5", "dns", "10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5");
        e = set_up(s, 6);
        assert_int_equal(e.count, PIC__EXITS_TARGETS);
        pic__snap_unref(s);
}

static void test_groups(void **state)
{
        pic__snap *s = world_snap();
        pic__exit_entry e;

        (void)state;
        WORLD_WG(s, 2, "a", "1", "enabled", "no");
        WORLD_WG(s, 3, "b", "2", "dns", "");
        WORLD_PUT(s, PIC__CONNECTION, 4, "name", "stop", "type", "block", "slot", "3");
        WORLD_PUT(s, PIC__CONNECTION, 5, "name", "g", "type", "group", "slot", "9", "members", "stop,a,b");
        e = set_up(s, 5);
        assert_true(e.how == PIC__WATCH_GROUP && e.member_count == 2 && e.members[0] == 3 && e.members[1] == 2);
        e = set_up(s, 4);
        assert_int_equal(e.how, PIC__WATCH_BLOCK);
        pic__snap_unref(s);
}

static void test_far_ends(void **state)
{
        pic__snap *s = world_snap();

        (void)state;
        WORLD_WG(s, 2, "a", "1", "endpoint", "vpn.example:51820");
        WORLD_PUT(s, PIC__CONNECTION, 3, "name", "o", "type", "openvpn", "slot", "2", "remotes",
                  "vpn.example:1194/udp,vpn.example:443/tcp");
        WORLD_PUT(s, PIC__CONNECTION, 4, "name", "t", "type", "tor", "slot", "3");
        WORLD_PUT(s, PIC__CONNECTION, 5, "name", "g", "type", "group", "slot", "4", "members", "a");
        assert_string_equal(pic__exits_far_ends(pic__snap_get(s, PIC__CONNECTION, 2)), "vpn.example:51820");
        assert_string_equal(pic__exits_far_ends(pic__snap_get(s, PIC__CONNECTION, 3)),
                            "vpn.example:1194/udp,vpn.example:443/tcp");
        assert_null(pic__exits_far_ends(pic__snap_get(s, PIC__CONNECTION, 4)));
        assert_null(pic__exits_far_ends(pic__snap_get(s, PIC__CONNECTION, 5)));
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_targets), cmocka_unit_test(test_groups),
                                            cmocka_unit_test(test_far_ends) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
