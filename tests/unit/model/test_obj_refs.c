/* Shows: references are found in REF lists and in grants, and rewritten when what they name is renamed. */
#include "help.h"

static int note(enum pic__kind kind, const char *name, const char *field, void *data)
{
        char *text = data;
        size_t n = strlen(text);

        snprintf(text + n, 512 - n, "%s %s in %s;", pic__kinds[kind].name, name, field);
        return strcmp(name, "stop") == 0 ? 3 : 0;
}

static void found(void **state)
{
        PIC__AUTO(pic__obj_unref_p)
        pic_obj *o =
                obj("peer", 1, "name=a", "access=lan,peer:Bob,group:Kids,service:x,10.0.0.1", "groups=G1,g2", NULL);
        char text[512] = "";

        (void)state;
        assert_int_equal(pic__obj_refs(o, note, text), 0);
        assert_string_equal(
                text,
                "peer bob in access;group kids in access;service x in access;group g1 in groups;group g2 in groups;");
        assert_int_equal(pic__obj_set(o, "groups", "a,stop,z", 0, NULL), 0);
        text[0] = '\0';
        assert_int_equal(pic__obj_refs(o, note, text), 3);
        assert_null(strstr(text, "group z"));
}

static void renamed(void **state)
{
        PIC__AUTO(pic__obj_unref_p)
        pic_obj *o = obj("peer", 1, "name=a", "access=lan,peer:kids,group:kids,group:zebra", "groups=kids,other", NULL);
        int changed = -1;

        (void)state;
        assert_int_equal(pic__obj_rename_ref(o, PIC__GROUP, "absent", "x", &changed, NULL), 0);
        assert_int_equal(changed, 0);
        assert_int_equal(pic__obj_rename_ref(o, PIC__GROUP, "KIDS", "Zoo", &changed, NULL), 0);
        assert_int_equal(changed, 1);
        assert_string_equal(pic__obj_text(o, "access"), "lan,peer:kids,group:zebra,group:zoo");
        assert_string_equal(pic__obj_text(o, "groups"), "other,zoo");
        assert_int_equal(pic__obj_rename_ref(o, PIC__PEER, "kids", "bob", &changed, NULL), 0);
        assert_string_equal(pic__obj_text(o, "access"), "lan,peer:bob,group:zebra,group:zoo");
}

static void lists(void **state)
{
        (void)state;
        assert_true(pic__list_has("a,b,c", "B"));
        assert_false(pic__list_has("aa,bb", "a"));
        assert_false(pic__list_has("", ""));
}

static int rename_one(void *data)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *copy = NULL;
        int changed, r = pic__obj_edit(data, &copy, NULL);

        return r == 0 ? pic__obj_rename_ref(copy, PIC__GROUP, "kids", "children", &changed, NULL) : r;
}

static void memory(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 1, "name=a", "access=group:kids,lan", "groups=kids", NULL);

        (void)state;
        out_of_memory(rename_one, o);
}

RUN(T(found), T(renamed), T(lists), T(memory))
