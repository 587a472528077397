/* Shows: the bytes of a leaf are the ones that were promised; the tree's edge follows commit, abort and what fails. */
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
        const struct CMUnitTest tests[] = { cmocka_unit_test(text), STORE_TEST(follows) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
