/* Shows: reading by name, address and order. */
#include "help.h"

static void reading(void **state)
{
        pic__snap *s = snap();
        pic__addr a;
        size_t at = 0;
        char big[100];

        (void)state;
        put(s, obj("peer", 4, "name=Anna", "address4=10.1.0.2", "address6=fd00:1::2", "subnets=192.168.9.0/24", NULL));
        put(s, obj("peer", 2, "name=bob", "address4=10.1.0.3", NULL));
        put(s, obj("group", 1, "name=Anna", NULL)); /* kinds do not mix */
        assert_int_equal(pic__snap_named(s, PIC__PEER, "ANNA")->id, 4);
        assert_int_equal(pic__snap_named(s, PIC__GROUP, "anna")->kind, PIC__GROUP);
        assert_null(pic__snap_named(s, PIC__PEER, "ann"));
        assert_null(pic__snap_named(s, PIC__PEER, ""));
        memset(big, 'a', sizeof(big));
        big[99] = '\0';
        assert_null(pic__snap_named(s, PIC__PEER, big));
        assert_int_equal(pic__addr_parse("10.1.0.3", &a), 0);
        assert_int_equal(pic__snap_by_addr(s, &a)->id, 2);
        assert_int_equal(pic__addr_parse("fd00:1::2", &a), 0);
        assert_int_equal(pic__snap_by_addr(s, &a)->id, 4);
        assert_int_equal(pic__addr_parse("fd00:1::3", &a), 0);
        assert_null(pic__snap_by_addr(s, &a));
        assert_int_equal(pic__snap_next(s, PIC__PEER, &at)->id, 2);
        assert_int_equal(pic__snap_next(s, PIC__PEER, &at)->id, 4);
        assert_null(pic__snap_next(s, PIC__PEER, &at));
        at = 0;
        assert_int_equal(pic__snap_next_routed(s, &at)->id, 4);
        assert_null(pic__snap_next_routed(s, &at));
        assert_int_equal(pic__snap_time(s), 0);
        pic__snap_drop(s, PIC__PEER, 4);
        assert_null(pic__snap_named(s, PIC__PEER, "anna"));
        assert_null(pic__snap_get(s, PIC__PEER, 4));
        at = 0;
        assert_null(pic__snap_next_routed(s, &at));
        pic__snap_unref(s);
}

/* A newer state of a peer leaves nothing of the older one behind. */
static void replaced(void **state)
{
        pic__snap *s = snap();
        pic__addr a;

        (void)state;
        put(s, obj("peer", 4, "name=anna", "address4=10.1.0.2", NULL));
        put(s, obj("peer", 4, "name=bert", "address4=10.1.0.9", NULL));
        assert_null(pic__snap_named(s, PIC__PEER, "anna"));
        assert_int_equal(pic__addr_parse("10.1.0.2", &a), 0);
        assert_null(pic__snap_by_addr(s, &a));
        assert_int_equal(pic__addr_parse("10.1.0.9", &a), 0);
        assert_string_equal(pic__obj_name(pic__snap_by_addr(s, &a)), "bert");
        assert_int_equal(pic__snap_count(s, PIC__PEER), 1);
        pic__snap_unref(s);
}

/* Assertions are kept and found; nothing else follows from them here. */
static void assertions(void **state)
{
        pic__snap *s = snap();
        size_t at = 0;

        (void)state;
        put(s, obj("assertion", 3, "name=Offline", "rule=never group:kids -> lan", NULL));
        put(s, obj("assertion", 5, "name=b", "rule=never peers -> peers", NULL));
        assert_int_equal(pic__snap_count(s, PIC__ASSERTION), 2);
        assert_int_equal(pic__snap_named(s, PIC__ASSERTION, "OFFLINE")->id, 3);
        assert_null(pic__snap_named(s, PIC__GROUP, "offline"));
        put(s, obj("assertion", 3, "name=other", "rule=never group:kids -> lan", NULL));
        assert_null(pic__snap_named(s, PIC__ASSERTION, "offline"));
        assert_int_equal(pic__snap_next(s, PIC__ASSERTION, &at)->id, 3);
        pic__snap_drop(s, PIC__ASSERTION, 3);
        assert_null(pic__snap_named(s, PIC__ASSERTION, "other"));
        assert_null(pic__snap_get(s, PIC__ASSERTION, 3));
        at = 0;
        assert_int_equal(pic__snap_next(s, PIC__ASSERTION, &at)->id, 5);
        pic__snap_unref(s);
}

RUN(T(reading), T(replaced), T(assertions))
