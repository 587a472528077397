/* Shows: a group's change re-classes its members, in any order of events; renaming; dropping without memory takes all
 * rights. */
#include "help.h"

static void changes(void **state)
{
        pic__snap *s = snap();

        (void)state;
        put(s, obj("peer", 1, "name=a", "groups=kids", NULL)); /* before the group is there */
        put(s, obj("peer", 2, "name=b", "groups=kids,adults", "access=lan", NULL));
        put(s, obj("peer", 3, "name=c", "groups=kids", "enabled=no", NULL));
        assert_string_equal(rights_of(s, 1), "");
        put(s, obj("group", 1, "name=Kids", "access=internet", NULL));
        assert_string_equal(rights_of(s, 1), "internet");
        assert_string_equal(rights_of(s, 2), "internet,lan");
        assert_null(rights_of(s, 3));
        put(s, obj("group", 1, "name=Kids", "access=10.0.0.0/8", NULL));
        assert_string_equal(rights_of(s, 1), "10.0.0.0/8");
        put(s, obj("group", 1, "name=adults", "access=10.0.0.0/8", NULL)); /* renamed */
        assert_string_equal(rights_of(s, 1), "");
        assert_string_equal(rights_of(s, 2), "lan,10.0.0.0/8");
        assert_null(pic__snap_named(s, PIC__GROUP, "kids"));
        assert_non_null(pic__snap_named(s, PIC__GROUP, "ADULTS"));
        pic__snap_drop(s, PIC__GROUP, 1);
        assert_string_equal(rights_of(s, 2), "lan");
        pic__snap_drop(s, PIC__GROUP, 1);
        assert_int_equal(pic__snap_count(s, PIC__GROUP), 0);
        pic__snap_unref(s);
}

/* Two groups change names with each other: for a moment both have one name. */
static void swapped(void **state)
{
        pic__snap *s = snap();

        (void)state;
        put(s, obj("group", 1, "name=x", "access=lan", NULL));
        put(s, obj("group", 2, "name=y", "access=internet", NULL));
        put(s, obj("peer", 1, "name=a", "groups=x", NULL));
        put(s, obj("peer", 2, "name=b", "groups=y", NULL));
        put(s, obj("group", 1, "name=y", "access=lan", NULL));
        put(s, obj("group", 2, "name=x", "access=internet", NULL));
        assert_string_equal(rights_of(s, 1), "internet");
        assert_string_equal(rights_of(s, 2), "lan");
        assert_int_equal(pic__snap_named(s, PIC__GROUP, "y")->id, 1);
        pic__snap_unref(s);
}

static void drop_without_memory(void **state)
{
        unsigned long n;

        (void)state;
        for (n = 0; n < 12; n++) {
                pic__snap *s = snap();
                int i;

                put(s, obj("group", 1, "name=g", "access=internet", NULL));
                for (i = 1; i <= 3; i++) {
                        char access[64];

                        snprintf(access, sizeof(access), "access=10.0.0.%d", i);
                        put(s, obj("peer", i, "name=x", "groups=g", access, NULL));
                }
                pic__mem_fail_at(n);
                pic__snap_drop(s, PIC__GROUP, 1);
                pic__mem_fail_at(0);
                for (i = 1; i <= 3; i++) {
                        const char *rights = rights_of(s, i);

                        assert_true(rights == NULL || strstr(rights, "internet") == NULL);
                        if (n == 0)
                                assert_non_null(rights);
                }
                assert_null(pic__snap_named(s, PIC__GROUP, "g"));
                for (i = 1; i <= 3; i++) /* and it can be put right */
                        assert_int_equal(pic__snap_put(s, pic__snap_get(s, PIC__PEER, i), NULL), 0);
                assert_string_equal(rights_of(s, 3), "10.0.0.3");
                pic__snap_unref(s);
        }
}

static void members(void **state)
{
        pic__snap *s = snap();
        size_t at = 0;

        (void)state;
        put(s, obj("peer", 9, "name=z", "groups=g", NULL));
        put(s, obj("peer", 2, "name=y", "groups=g", NULL));
        put(s, obj("peer", 5, "name=x", "groups=G,h", NULL));
        assert_int_equal(pic__snap_next_member(s, "G", &at)->id, 2);
        assert_int_equal(pic__snap_next_member(s, "g", &at)->id, 5);
        assert_int_equal(pic__snap_next_member(s, "g", &at)->id, 9);
        assert_null(pic__snap_next_member(s, "g", &at));
        put(s, obj("peer", 5, "name=x", "groups=h", NULL));
        at = 1;
        assert_int_equal(pic__snap_next_member(s, "g", &at) != NULL, 1);
        at = 0;
        assert_null(pic__snap_next_member(s, "nobody", &at));
        pic__snap_unref(s);
}

RUN(T(changes), T(swapped), T(drop_without_memory), T(members))
