/* Reading: snapshots, single objects, what changed since, the journal. */
#include "help.h"

static void fill(pic__store *st)
{
        pic__txn *t = begin(st);

        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "kids", "access", "lan", NULL));
        put_obj(t, obj(PIC__PEER, "name", "anna", "groups", "kids", "address4", "10.1.0.2", NULL));
        commit(t);
        t = begin(st);
        put_obj(t, obj(PIC__PEER, "name", "bert", "access", "peer:anna", "address4", "10.1.0.3", NULL));
        commit(t);
}

static void loading(void **state)
{
        pic__store *st = new_store();
        pic_revision rev = -1;
        pic__snap *s = NULL;
        unsigned long n, made = 0;

        (void)state;
        fill(st);
        needs(pic__snap_new(&s, &err));
        needs(pic__store_load(st, s, &rev, &err));
        assert_int_equal(rev, 2);
        assert_int_equal(pic__snap_count(s, PIC__PEER), 2);
        assert_string_equal(pic__obj_name(pic__snap_cell(s)), "home");
        assert_non_null(pic__snap_named(s, PIC__GROUP, "KIDS"));
        pic__snap_unref(s);
        for (n = 1; n == 1 || made >= n - 1; n++) {
                int r;

                needs(pic__snap_new(&s, &err));
                pic__mem_fail_at(n);
                r = pic__store_load(st, s, NULL, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || (r == 0 && made < n));
                pic__snap_unref(s);
        }
        assert_true(sqlite3_get_autocommit(st->db->handle)); /* no read transaction is left open */
        pic__store_unref(st);
}

static void one(void **state)
{
        pic__store *st = new_store();
        pic_error *e = NULL;
        pic_obj *o = NULL;

        (void)state;
        fill(st);
        needs(pic__store_get(st, PIC__CELL, NULL, &o, &err));
        pic__obj_unref(o);
        needs(pic__store_get_id(st, PIC__PEER, 2, &o, &err));
        assert_string_equal(pic__obj_name(o), "bert");
        pic__obj_unref(o);
        refused(PIC_NOTFOUND, pic__store_get_id(st, PIC__PEER, 3, &o, &err), NULL);
        refused(PIC_NOTFOUND, pic__store_get(st, PIC__PEER, "ana", &o, &err), &e);
        assert_string_equal(pic_error_message(e), "there is no peer 'ana'");
        assert_non_null(strstr(pic_error_hint(e), "anna"));
        pic_error_free(e);
        pic__store_unref(st);
}

struct seen {
        char text[2048];
        int stop_at;
        int count;
};

static int see(enum pic__kind kind, pic_id id, const pic_obj *now, void *data)
{
        struct seen *s = data;
        size_t len = strlen(s->text);

        snprintf(s->text + len, sizeof(s->text) - len, "%s%lld=%s ", pic__kinds[kind].name, (long long)id,
                 now != NULL ? pic__obj_name(now) : "-");
        return ++s->count == s->stop_at ? 5 : 0;
}

static void changes(void **state)
{
        pic__store *st = new_store(), *other;
        struct seen s = { "", 0, 0 };
        pic_revision rev = -1;
        pic__txn *t;
        int i;

        (void)state;
        fill(st);
        needs(pic__store_changes(st, 0, see, &s, &rev, &err));
        assert_string_equal(s.text, "cell1=home group1=kids peer1=anna peer2=bert ");
        assert_int_equal(rev, 2);
        memset(&s, 0, sizeof(s));
        needs(pic__store_changes(st, 2, see, &s, &rev, &err));
        assert_string_equal(s.text, "");
        /* another program: rename, change, remove, a note, and an object that came and went */
        other = open_store();
        t = begin(other);
        change(t, PIC__GROUP, "kids", "name", "children");
        change(t, PIC__PEER, "bert", "note", "1");
        needs(pic__txn_note(t, PIC__CELL, 1, "home", "look", "looked", &err));
        commit(t);
        t = begin(other);
        put_obj(t, obj(PIC__PEER, "name", "carl", NULL));
        commit(t);
        t = begin(other);
        needs(pic__txn_remove(t, PIC__PEER, "carl", &err));
        change(t, PIC__PEER, "bert", "note", "2");
        commit(t);
        needs(pic__store_changes(st, 2, see, &s, &rev, &err));
        assert_string_equal(s.text, "group1=children peer1=anna peer3=- peer2=bert ");
        assert_int_equal(rev, 5);
        memset(&s, 0, sizeof(s));
        s.stop_at = 2;
        rev = -1;
        assert_int_equal(pic__store_changes(st, 2, see, &s, &rev, NULL), 5);
        assert_int_equal(s.count, 2);
        assert_int_equal(rev, -1);
        /* many */
        t = begin(other);
        for (i = 0; i < 100; i++) {
                char name[16];

                snprintf(name, sizeof(name), "x%d", i);
                put_obj(t, obj(PIC__PEER, "name", name, NULL));
        }
        for (i = 0; i < 100; i++) {
                char name[16];

                snprintf(name, sizeof(name), "x%d", i);
                change(t, PIC__PEER, name, "note", "n");
        }
        commit(t);
        memset(&s, 0, sizeof(s));
        needs(pic__store_changes(st, 5, see, &s, NULL, &err));
        assert_int_equal(s.count, 100);
        assert_int_equal(strncmp(s.text, "peer4=x0 peer5=x1 ", 18), 0);
        pic__store_unref(other);
        pic__store_unref(st);
}

static int nothing(enum pic__kind kind, pic_id id, const pic_obj *now, void *data)
{
        (void)kind;
        (void)id;
        (void)now;
        (void)data;
        return 0;
}

static void changes_without_memory(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        unsigned long n, made = 0;
        int i;

        (void)state;
        for (i = 0; i < 40; i++) {
                char name[16];

                snprintf(name, sizeof(name), "x%d", i);
                put_obj(t, obj(PIC__PEER, "name", name, NULL));
        }
        commit(t);
        for (n = 1; n == 1 || made >= n - 1; n++) {
                int r;

                pic__mem_fail_at(n);
                r = pic__store_changes(st, 0, nothing, NULL, NULL, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || (r == 0 && made < n));
        }
        pic__store_unref(st);
}

static int stop_at_bert(const pic_obj *o, void *data)
{
        ++*(int *)data;
        return strcmp(pic__obj_name(o), "bert") == 0 ? 9 : 0;
}

static void each(void **state)
{
        pic__store *st = new_store();
        unsigned long n, made = 0;
        int seen = 0;

        (void)state;
        fill(st);
        needs(pic__store_each(st, PIC__GROUP, stop_at_bert, &seen, &err));
        assert_int_equal(seen, 1);
        assert_int_equal(pic__store_each(st, PIC__PEER, stop_at_bert, &seen, NULL), 9);
        assert_int_equal(seen, 3);
        for (n = 1; n == 1 || made >= n - 1; n++) {
                int r;

                pic__mem_fail_at(n);
                r = pic__store_each(st, PIC__CELL, stop_at_bert, &seen, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || (r == 0 && made < n));
        }
        pic__store_unref(st);
}

static int count_rows(const pic__journal_row *row, void *data)
{
        int64_t *last = data;

        assert_int_equal(row->seq, *last + 1);
        *last = row->seq;
        return row->seq == 3 ? 7 : 0;
}

static void journal(void **state)
{
        pic__store *st = new_store();
        int64_t last = 0;

        (void)state;
        assert_int_equal(pic__store_last_seq(st), 0);
        fill(st);
        assert_int_equal(pic__store_last_seq(st), 4);
        needs(pic__store_journal(st, 0, 2, count_rows, &last, &err));
        assert_int_equal(last, 2);
        assert_int_equal(pic__store_journal(st, 2, 100, count_rows, &last, NULL), 7);
        assert_int_equal(last, 3);
        needs(pic__store_journal(st, 3, SIZE_MAX, count_rows, &last, &err));
        assert_int_equal(last, 4);
        needs(pic__store_journal(st, 4, 9, count_rows, &last, &err));
        assert_int_equal(last, 4);
        pic__store_unref(st);
}

/* A reader in a transaction of its own handle sees its writes; another handle does not until the commit. */
static void who_sees_what(void **state)
{
        pic__store *st = new_store(), *other = open_store();
        struct seen s = { "", 0, 0 };
        pic_obj *o = NULL;
        pic__txn *t;

        (void)state;
        fill(st);
        t = begin(st);
        put_obj(t, obj(PIC__PEER, "name", "carl", NULL));
        needs(pic__store_get(st, PIC__PEER, "carl", &o, &err));
        pic__obj_unref(o);
        needs(pic__store_changes(st, 2, see, &s, NULL, &err));
        assert_string_equal(s.text, "peer3=carl ");
        refused(PIC_NOTFOUND, pic__store_get(other, PIC__PEER, "carl", &o, &err), NULL);
        commit(t);
        needs(pic__store_get(other, PIC__PEER, "carl", &o, &err));
        pic__obj_unref(o);
        pic__store_unref(other);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(loading), STORE_TEST(one),     STORE_TEST(changes),       STORE_TEST(changes_without_memory),
                STORE_TEST(each),    STORE_TEST(journal), STORE_TEST(who_sees_what),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
