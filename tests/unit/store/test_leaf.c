/* Shows: the bytes of a leaf are the ones that were promised; the tree's edge follows commit, abort and what fails. */
#include "base/json.h"
#include "help.h"

static void text(void **state)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__journal_row row = { .seq = 7,
                                 .revision = 3,
                                 .time = 1800000000000000,
                                 .actor = "root",
                                 .way = "cli",
                                 .kind = "peer",
                                 .id = 2,
                                 .name = "anna",
                                 .verb = "change",
                                 .before = "{\"note\":null}",
                                 .after = "{\"note\":\"x\"}",
                                 .text = "peer anna: note nothing \xe2\x86\x92 \"x\"" };

        (void)state;
        pic__leaf_text(&row, &b);
        /* never changed: old leaves must give the same hashes for ever */
        assert_string_equal(
                pic__buf_str(&b),
                "{\"seq\":7,\"revision\":3,\"time\":1800000000000000,\"actor\":\"root\",\"way\":\"cli\","
                "\"kind\":\"peer\",\"id\":2,\"name\":\"anna\",\"verb\":\"change\",\"before\":{\"note\":null},"
                "\"after\":{\"note\":\"x\"},\"text\":\"peer anna: note nothing \xe2\x86\x92 \\\"x\\\"\"}");
}

/* The same as any writer of JSON would say it; and where JSON would hide what a text is, there is no leaf. */
static void as_json(void **state)
{
        static const char *const texts[] = { "",           "plain",   "\"quoted\" \\ back", "\n\t\x01\x1f\x7f",
                                             "zürich 😀 →", "\xc2\x9b" };
        static const char *const none[] = { "\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(texts); i++) {
                pic__journal_row row = { .seq = INT64_MAX,
                                         .revision = INT64_MIN,
                                         .actor = texts[i],
                                         .way = texts[i],
                                         .kind = texts[i],
                                         .name = texts[i],
                                         .verb = texts[i],
                                         .text = texts[i] };
                pic__auto_buf pic__buf b = PIC__BUF_INIT, want = PIC__BUF_INIT;
                pic__json j = PIC__JSON(&want);

                assert_int_equal(pic__leaf_text(&row, &b), 0);
                pic__json_open(&j, '{');
                pic__json_kint(&j, "seq", INT64_MAX);
                pic__json_kint(&j, "revision", INT64_MIN);
                pic__json_kint(&j, "time", 0);
                pic__json_kstr(&j, "actor", texts[i]);
                pic__json_kstr(&j, "way", texts[i]);
                pic__json_kstr(&j, "kind", texts[i]);
                pic__json_kint(&j, "id", 0);
                pic__json_kstr(&j, "name", texts[i]);
                pic__json_kstr(&j, "verb", texts[i]);
                pic__json_kstr(&j, "before", NULL);
                pic__json_kstr(&j, "after", NULL);
                pic__json_kstr(&j, "text", texts[i]);
                pic__json_close(&j, '}');
                assert_string_equal(pic__buf_str(&b), pic__buf_str(&want));
        }
        for (i = 0; i < PIC__COUNT(none); i++) {
                pic__journal_row row = { .actor = "", .way = "", .kind = "", .name = "", .verb = "", .text = none[i] };
                pic__auto_buf pic__buf b = PIC__BUF_INIT;

                assert_int_equal(pic__leaf_text(&row, &b), -1);
                row.text = "";
                row.actor = none[i];
                assert_int_equal(pic__leaf_text(&row, &b), -1);
                assert_false(b.failed);
        }
}

/* Who acts may be called anything; what is written can be said in a leaf. */
static void odd_names(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = NULL;
        pic__trail trail;
        char row[1024];

        (void)state;
        needs(pic__txn_begin(st, "a\xff\x01", "w\xc3", &t, &err));
        needs(pic__txn_note(t, PIC__CELL, 0, "", "login", "tried as \xed\xa0\x80", &err));
        commit(t);
        needs(pic__store_trail(st, NULL, NULL, &trail, &err));
        assert_int_equal(trail.bad, 0);
        assert_string_equal(last_row(st, row), "cell|login|-|-|tried as \\xed\\xa0\\x80");
        assert_int_equal(number(st, "SELECT count(*) FROM journal WHERE actor = 'a\\xff\\x01' AND way = 'w\\xc3'"), 1);
        pic__store_unref(st);
}

/* The edge in the file is that of the rows in the file. */
static void agree(pic__store *st)
{
        pic__tree tree, again = { .size = 0 };
        uint8_t a[32], b[32];
        sqlite3_stmt *s = NULL;

        needs(pic__tree_load(st->db, &tree, &err));
        assert_int_equal(sqlite3_prepare_v2(st->db->handle, "SELECT leaf FROM journal ORDER BY seq", -1, &s, NULL), 0);
        while (sqlite3_step(s) == SQLITE_ROW)
                pic__tree_append(&again, sqlite3_column_blob(s, 0));
        sqlite3_finalize(s);
        assert_int_equal(tree.size, again.size);
        pic__tree_root(&tree, a);
        pic__tree_root(&again, b);
        assert_memory_equal(a, b, 32);
        assert_int_equal(pic__store_last_seq(st), tree.size);
}

static void follows(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_obj *o;

        (void)state;
        agree(st);
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__PEER, "name", "anna", NULL));
        commit(t);
        agree(st);
        t = begin(st);
        put_obj(t, obj(PIC__PEER, "name", "bert", NULL));
        (void)pic__txn_abort(t);
        agree(st);
        t = begin(st);
        o = obj(PIC__PEER, "name", "Anna", NULL); /* a put that fails, between two that do not */
        put_obj(t, obj(PIC__PEER, "name", "carl", NULL));
        refused(PIC_EXISTS, pic__txn_put(t, o, NULL, NULL, &err), NULL);
        pic__obj_unref(o);
        put_obj(t, obj(PIC__PEER, "name", "dora", NULL));
        refused(PIC_NOTFOUND, pic__txn_remove(t, PIC__PEER, "nobody", &err), NULL);
        needs(pic__txn_note(t, PIC__PEER, 1, "anna", "login", "somebody came", &err));
        commit(t);
        agree(st);
        t = begin(st);
        needs(pic__txn_note(t, PIC__PEER, 1, "anna", "login", "again", &err));
        commit(t);
        agree(st);
        assert_int_equal(pic__store_last_seq(st), 6);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(text), cmocka_unit_test(as_json), STORE_TEST(odd_names),
                                            STORE_TEST(follows) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
