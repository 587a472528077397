/* model/blocklist.c: where a list may come from, and whom it holds for. */
#include "help.h"

#include "model/blocklist.h"

static void sources(void **state)
{
        static const struct {
                const char *source;
                int good;
        } all[] = { { "https://example.org/hosts", 1 },
                    { "/etc/lists/mine.txt", 1 },
                    { "http://127.0.0.1:8080/x", 1 },
                    { "http://example.org/x", 0 },
                    { "ftp://example.org/x", 0 },
                    { "https://", 0 },
                    { "lists/mine.txt", 0 },
                    { "/", 0 },
                    { "/etc/my list", 0 },
                    { "https://example.org/\"x", 0 } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__auto_err pic_error *err = NULL;
                char word[80];
                pic_obj *o;

                snprintf(word, sizeof(word), "source=%s", all[i].source);
                o = obj("blocklist", 1, "name=ads", word, NULL);
                assert_int_equal(pic__obj_check(o, &err), all[i].good ? 0 : PIC_VALUE);
                if (!all[i].good)
                        assert_non_null(strstr(pic_error_message(err), "blocklist ads: source"));
                assert_int_equal(pic__blocklist_is_file(o), all[i].source[0] == '/');
                pic__obj_unref(o);
        }
}

static void whose(void **state)
{
        pic__snap *s = snap();
        const pic_obj *anna, *bob;

        (void)state;
        put(s, CELL("mtu=1400"));
        put(s, obj("group", 1, "name=Kids", NULL));
        put(s, obj("peer", 2, "name=anna", NULL));
        put(s, obj("peer", 3, "name=bob", "groups=kids", NULL));
        anna = pic__snap_get(s, PIC__PEER, 2);
        bob = pic__snap_get(s, PIC__PEER, 3);
        assert_false(pic__blocklists_any(s));
        put(s, obj("blocklist", 1, "name=off", "source=/a", "enabled=no", NULL));
        assert_false(pic__blocklists_any(s));
        put(s, obj("blocklist", 2, "name=ads", "source=/a", NULL));
        put(s, obj("blocklist", 3, "name=games", "source=/b", "groups=kids", NULL));
        assert_true(pic__blocklists_any(s));
        assert_true(pic__blocklist_for_all(pic__snap_get(s, PIC__BLOCKLIST, 2)));
        assert_true(pic__blocklist_holds(pic__snap_get(s, PIC__BLOCKLIST, 2), anna));
        assert_false(pic__blocklist_for_all(pic__snap_get(s, PIC__BLOCKLIST, 3)));
        assert_false(pic__blocklist_holds(pic__snap_get(s, PIC__BLOCKLIST, 3), anna));
        assert_true(pic__blocklist_holds(pic__snap_get(s, PIC__BLOCKLIST, 3), bob));
        assert_false(pic__blocklist_holds(pic__snap_get(s, PIC__BLOCKLIST, 1), bob));
        pic__snap_unref(s);
}

static void one_too_many(void **state)
{
        pic__snap *s = snap();
        pic__auto_err pic_error *err = NULL;
        char text[64];
        int i;

        (void)state;
        put(s, CELL("mtu=1400"));
        for (i = 1; i <= PIC__BLOCKLISTS_MAX; i++) {
                snprintf(text, sizeof(text), "name=l%d", i);
                put(s, obj("blocklist", i, text, "source=/a", NULL));
        }
        assert_int_equal(pic__snap_check(s, NULL, &err), 0);
        put(s, obj("blocklist", i, "name=more", "source=/a", NULL));
        assert_int_equal(pic__snap_check(s, NULL, &err), PIC_CONFLICT);
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(sources), cmocka_unit_test(whose),
                                            cmocka_unit_test(one_too_many) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
