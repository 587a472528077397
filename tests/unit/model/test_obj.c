/* Shows: objects are counted, copies are their own, defaults hold where nothing is set. */
#include "help.h"

static void counting(void **state)
{
        pic_obj *o = obj("peer", 3, "name=anna", NULL), *same = pic__obj_ref(o);

        (void)state;
        assert_ptr_equal(o, same);
        assert_int_equal(o->refs, 2);
        assert_null(pic__obj_unref(o));
        assert_string_equal(pic__obj_name(same), "anna");
        assert_null(pic__obj_unref(same));
        assert_null(pic__obj_unref(NULL));
        assert_null(pic__obj_ref(NULL));
}

static void defaults(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 3, NULL);

        (void)state;
        assert_string_equal(pic__obj_name(o), "");
        assert_int_equal(pic__obj_int(o, "enabled"), 1);
        assert_int_equal(pic__obj_int(o, "keepalive"), 25);
        assert_int_equal(pic__obj_int(o, "expires"), 0);
        assert_string_equal(pic__obj_text(o, "key_mode"), "sealed");
        assert_string_equal(pic__obj_text(o, "tunnel"), "");
        assert_string_equal(pic__obj_text(o, "keepalive"), ""); /* a number has no text to lend */
        assert_int_equal(pic__obj_int(o, "key_mode"), 0);
        assert_false(pic__obj_has(o, "keepalive"));
        assert_string_equal(pic__obj_text(o, "unknown"), "");
        assert_int_equal(pic__obj_int(o, "unknown"), 0);
        assert_false(pic__obj_has(o, "unknown"));
        assert_int_equal(pic__obj_val(o, -1)->tag, PIC__V_NONE);
        assert_int_equal(pic__obj_val(o, 1000)->tag, PIC__V_NONE);
        assert_int_equal(pic__obj_set(o, "keepalive", "0", 0, NULL), 0);
        assert_int_equal(pic__obj_int(o, "keepalive"), 0);
        assert_string_equal(pic__obj_text(o, "keepalive"), "");
        assert_int_equal(pic__obj_set(o, "name", "anna", 0, NULL), 0);
        assert_int_equal(pic__obj_int(o, "name"), 0);
        assert_true(pic__obj_has(o, "keepalive"));
}

static void copies(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 3, "name=anna", "keepalive=7", "private_key=YWI=", NULL);
        PIC__AUTO(pic__obj_unref_p) pic_obj *copy = NULL;

        (void)state;
        o->revision = 9;
        assert_int_equal(pic__obj_edit(o, &copy, NULL), 0);
        assert_int_equal(copy->id, 3);
        assert_int_equal(copy->revision, 9);
        assert_int_equal(pic__obj_set(copy, "name", "bob", 0, NULL), 0);
        assert_string_equal(pic__obj_name(o), "anna");
        assert_string_equal(pic__obj_name(copy), "bob");
        assert_int_equal(pic__obj_int(copy, "keepalive"), 7);
        assert_string_equal(pic__obj_text(copy, "private_key"), "YWI=");
}

static void lists(void **state)
{
        const char *at = "a,bb,ccc";
        char item[3];

        (void)state;
        assert_int_equal(pic__list_next(&at, item, sizeof(item)), 1);
        assert_string_equal(item, "a");
        assert_int_equal(pic__list_next(&at, item, sizeof(item)), 1);
        assert_string_equal(item, "bb");
        assert_int_equal(pic__list_next(&at, item, sizeof(item)), 1);
        assert_string_equal(item, "cc"); /* cut to the room there is */
        assert_int_equal(pic__list_next(&at, item, sizeof(item)), 0);
        at = "";
        assert_int_equal(pic__list_next(&at, item, sizeof(item)), 0);
}

static int edit(void *data)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *copy = NULL;
        pic_error *err = NULL;
        int r = pic__obj_edit(data, &copy, &err);

        assert_int_equal(pic_error_code(err), r);
        return r;
}

static void memory(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 3, "name=anna", "note=x", "access=lan", NULL);

        (void)state;
        out_of_memory(edit, o);
}

RUN(T(counting), T(defaults), T(copies), T(lists), T(memory))
