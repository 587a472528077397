/* The life of a transaction. */
#include "help.h"

static void one_at_a_time(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st), *u = NULL;

        (void)state;
        refused(PIC_BADSTATE, pic__txn_begin(st, "root", "cli", &u, &err), NULL);
        assert_null(pic__txn_abort(t));
        t = begin(st);
        assert_int_equal(commit(t), 0);
        assert_null(pic__txn_abort(NULL));
        t = begin(st);
        add_cell(t, "10.1.0.0/16");
        pic__store_unref(st); /* takes an open transaction back */
        st = open_store();
        assert_int_equal(number(st, "SELECT count(*) FROM cell"), 0);
        pic__store_unref(st);
}

static void revisions(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        pic_revision rev = -1;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "kids", NULL));
        assert_int_equal(commit(t), 1);
        t = begin(st);
        needs(pic__txn_if_revision(t, 0, &err));
        needs(pic__txn_if_revision(t, 1, &err));
        refused(PIC_STALE, pic__txn_if_revision(t, 2, &err), &e);
        assert_non_null(strstr(pic_error_message(e), "revision 1 now, not at 2"));
        pic_error_free(e);
        change(t, PIC__GROUP, "kids", "note", "x");
        pic__txn_abort(t);
        needs(pic__store_revision(st, &rev, &err));
        assert_int_equal(rev, 1);
        t = begin(st);
        change(t, PIC__GROUP, "kids", "note", "x");
        needs(pic__txn_note(t, PIC__GROUP, 1, "kids", "look", "looked", &err));
        needs(pic__txn_commit(t, NULL, &err));
        needs(pic__store_revision(st, &rev, &err));
        assert_int_equal(rev, 2);
        assert_int_equal(number(st, "SELECT count(*) FROM journal WHERE revision = 2"), 2);
        pic__store_unref(st);
}

static void ids(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_obj *o;
        pic_id id = 0, got = 0;

        (void)state;
        needs(pic__txn_new_id(t, PIC__PEER, &id, &err));
        assert_int_equal(id, 1);
        needs(pic__txn_new_id(t, PIC__PEER, &id, &err));
        assert_int_equal(id, 2);
        o = obj(PIC__PEER, "name", "anna", NULL);
        o->id = id;
        needs(pic__txn_put(t, o, NULL, &got, &err));
        pic__obj_unref(o);
        assert_int_equal(got, 2);
        assert_int_equal(put_obj(t, obj(PIC__PEER, "name", "bert", NULL)), 3);
        commit(t);
        needs(pic__db_exec(st->db, "DELETE FROM sqlite_sequence WHERE name = 'peer'", &err));
        t = begin(st);
        refused(PIC_CORRUPT, pic__txn_new_id(t, PIC__PEER, &id, &err), NULL);
        pic__txn_abort(t);
        pic__store_unref(st);
}

struct walk {
        pic__txn *t;
        int seen;
};

static int rename_it(const pic_obj *o, void *data)
{
        struct walk *w = data;
        pic_obj *copy = NULL;

        w->seen++;
        needs(pic__obj_edit(o, &copy, &err));
        needs(pic__obj_set(copy, "note", "seen", 1, &err));
        put_obj(w->t, copy);
        return w->seen == 3 ? 33 : 0;
}

static void walking(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        struct walk w = { t, 0 };

        (void)state;
        put_obj(t, obj(PIC__PEER, "name", "a", NULL));
        put_obj(t, obj(PIC__PEER, "name", "b", NULL));
        needs(pic__txn_each(t, PIC__PEER, rename_it, &w, &err)); /* writing while walking */
        assert_int_equal(w.seen, 2);
        put_obj(t, obj(PIC__PEER, "name", "c", NULL));
        put_obj(t, obj(PIC__PEER, "name", "d", NULL));
        w.seen = 0;
        assert_int_equal(pic__txn_each(t, PIC__PEER, rename_it, &w, NULL), 33);
        assert_int_equal(w.seen, 3);
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM peer WHERE note = 'seen'"), 3);
        pic__store_unref(st);
}

/* sqlite takes a transaction back by itself when the disk is full: nothing may be written after that. */
static void taken_back(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_obj *o = obj(PIC__PEER, "name", "anna", NULL);
        pic_error *e = NULL;
        uint64_t host;
        pic_id id;

        (void)state;
        needs(pic__db_exec(st->db, "ROLLBACK", &err));
        refused(PIC_BADSTATE, pic__txn_put(t, o, NULL, NULL, &err), &e);
        assert_non_null(pic_error_hint(e));
        pic_error_free(e);
        refused(PIC_BADSTATE, pic__txn_remove(t, PIC__PEER, "anna", &err), NULL);
        refused(PIC_BADSTATE, pic__txn_note(t, PIC__PEER, 1, "anna", "v", "x", &err), NULL);
        refused(PIC_BADSTATE, pic__txn_new_id(t, PIC__PEER, &id, &err), NULL);
        refused(PIC_BADSTATE, pic__txn_alloc_host(t, 9, &host, &err), NULL);
        refused(PIC_BADSTATE, pic__txn_commit(t, NULL, &err), NULL);
        pic__obj_unref(o);
        assert_int_equal(number(st, "SELECT count(*) FROM journal"), 0);
        pic__store_unref(st);
}

/* A database that may not grow: the call fails with the code of a full disk, and the store is as before. */
static void no_room(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        int64_t pages, rows;
        int i, r = 0;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        commit(t);
        pages = number(st, "PRAGMA page_count");
        rows = number(st, "SELECT count(*) FROM journal");
        {
                char sql[64];

                snprintf(sql, sizeof(sql), "PRAGMA max_page_count=%d", (int)pages + 2);
                needs(pic__db_exec(st->db, sql, &err));
        }
        t = begin(st);
        for (i = 0; i < 1000 && r == 0; i++) {
                char name[16];
                pic_obj *o;

                snprintf(name, sizeof(name), "p%d", i);
                o = obj(PIC__PEER, "name", name, "note", "some text that takes room in a page of the file", NULL);
                r = pic__txn_put(t, o, NULL, NULL, &e);
                pic__obj_unref(o);
        }
        assert_int_equal(r, PIC_IO);
        assert_non_null(strstr(pic_error_message(e), "disk is full"));
        assert_non_null(pic_error_hint(e));
        pic_error_free(e);
        pic__txn_abort(t);
        assert_int_equal(number(st, "SELECT count(*) FROM peer"), 0);
        assert_int_equal(number(st, "SELECT count(*) FROM journal"), rows);
        needs(pic__db_exec(st->db, "PRAGMA max_page_count=100000", &err));
        t = begin(st);
        put_obj(t, obj(PIC__PEER, "name", "anna", NULL));
        assert_int_equal(commit(t), 2);
        needs(pic__store_check(st, &err));
        pic__store_unref(st);
}

static void log_is_bounded(void **state)
{
        pic__store *st = new_store();
        int i, most = 0;

        (void)state;
        for (i = 0; i < 600; i++) {
                pic__txn *t = begin(st);
                char name[16];

                snprintf(name, sizeof(name), "p%d", i);
                put_obj(t, obj(PIC__PEER, "name", name, NULL));
                commit(t);
                most = st->db->wal_pages > most ? st->db->wal_pages : most;
        }
        assert_in_range(most, 4000, 4100);
        pic__store_tidy(st);
        assert_int_equal(number(st, "SELECT count(*) FROM peer"), 600);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(one_at_a_time),  STORE_TEST(revisions),  STORE_TEST(ids),
                STORE_TEST(walking),        STORE_TEST(taken_back), STORE_TEST(no_room),
                STORE_TEST(log_is_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
