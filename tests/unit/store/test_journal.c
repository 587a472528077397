/* The journal: what a row says, that secrets are not in it, notes. */
#include "help.h"
#include "store/journal.h"

#define SECRET "c2VhbGVkIHNlY3JldCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGxvb2sgbGlrZSBhIGJveCBzZWFsZWQ="

static void rows(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        char text[1024];

        (void)state;
        put_obj(t, obj(PIC__PEER, "name", "anna", "access", "internet", "keepalive", "25", NULL));
        assert_string_equal(last_row(st, text),
                            "peer|add|-|{\"name\":\"anna\",\"access\":\"internet\",\"keepalive\":\"25\"}"
                            "|peer anna added: access internet; keepalive 25");
        pic__store_unref(st);
}

static void changes(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        char text[1024];
        pic_obj *o;

        (void)state;
        put_obj(t, obj(PIC__PEER, "name", "anna", "access", "internet", NULL));
        o = copy_of(t, PIC__PEER, "anna");
        needs(pic__obj_set(o, "access", "lan,internet", 1, &err));
        needs(pic__obj_set(o, "private_key", SECRET, 1, &err));
        needs(pic__obj_set(o, "keepalive", "30", 1, &err));
        put_obj(t, o);
        last_row(st, text);
        assert_null(strstr(text, SECRET));
        assert_non_null(strstr(text, "|change|{\"access\":\"internet\","));
        assert_non_null(strstr(text, "\"private_key\":\"(secret)\""));
        assert_non_null(
                strstr(text, "|peer anna: access internet → internet,lan; keepalive nothing → 30; private_key set"));
        change(t, PIC__PEER, "anna", "private_key", NULL);
        assert_non_null(strstr(last_row(st, text), "|peer anna: private_key cleared"));
        change(t, PIC__PEER, "anna", "access", "");
        assert_non_null(strstr(last_row(st, text), "|peer anna: access internet,lan → nothing"));
        change(t, PIC__PEER, "anna", "access", NULL);
        assert_non_null(strstr(last_row(st, text), "|{\"access\":\"\"}|{\"access\":null}|peer anna: access unset"));
        change(t, PIC__PEER, "anna", "access", "");
        assert_non_null(strstr(last_row(st, text), "|peer anna: access emptied"));
        o = copy_of(t, PIC__PEER, "anna");
        needs(pic__obj_set(o, "private_key", SECRET, 1, &err));
        needs(pic__txn_put(t, o, "rekey", NULL, &err));
        pic__obj_unref(o);
        assert_non_null(strstr(last_row(st, text), "peer|rekey|"));
        assert_non_null(strstr(text, "|peer anna rekey: private_key set"));
        needs(pic__txn_remove(t, PIC__PEER, "anna", &err));
        last_row(st, text);
        assert_non_null(strstr(text, "peer|remove|{\"name\":\"anna\""));
        assert_non_null(strstr(text, "|-|peer anna removed"));
        assert_null(strstr(text, SECRET));
        commit(t);
        pic__store_unref(st);
}

static int see(const pic__journal_row *row, void *data)
{
        int *n = data;

        assert_string_equal(row->actor, "uid 1000");
        assert_string_equal(row->way, "tui");
        assert_true(row->time == NOON);
        (*n)++;
        return 0;
}

static void notes(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = NULL;
        char text[1024];
        int n = 0;

        (void)state;
        needs(pic__txn_begin(st, "uid 1000", "tui", &t, &err));
        needs(pic__txn_note(t, PIC__PEER, 7, "anna", "reveal", "peer anna: configuration shown", &err));
        assert_int_equal(commit(t), 0); /* no change, no revision */
        assert_string_equal(last_row(st, text), "peer|reveal|-|-|peer anna: configuration shown");
        needs(pic__store_journal(st, 0, 100, see, &n, &err));
        assert_int_equal(n, 1);
        t = begin(st);
        needs(pic__txn_note(t, PIC__PEER, 7, "anna", "reveal", "x", &err));
        pic__txn_abort(t);
        assert_int_equal(pic__store_last_seq(st), 1);
        pic__store_unref(st);
}

/* How often something like it was written lately: by verb, and by who, verb and what. */
static void recent(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        unsigned all = 9, same = 9, i;

        (void)state;
        needs(pic__txn_recent(t, "refused", "x", PIC__SECOND, &all, &same, &err));
        assert_int_equal(all + same, 0);
        needs(pic__txn_note(t, PIC__CELL, 0, "home", "refused", "x", &err));
        needs(pic__txn_note(t, PIC__CELL, 0, "home", "refused", "y", &err));
        needs(pic__txn_note(t, PIC__CELL, 0, "home", "login", "x", &err));
        commit(t);
        needs(pic__txn_begin(st, "uid 7", "api", &t, &err));
        needs(pic__txn_recent(t, "refused", "x", PIC__SECOND, &all, &same, &err));
        assert_int_equal(all, 2);
        assert_int_equal(same, 0); /* of somebody else */
        pic__txn_abort(t);
        t = begin(st);
        needs(pic__txn_recent(t, "refused", "x", PIC__SECOND, &all, &same, &err));
        assert_int_equal(all, 2);
        assert_int_equal(same, 1);
        test_now += 2 * PIC__SECOND;
        needs(pic__txn_recent(t, "refused", "x", PIC__SECOND, &all, &same, &err));
        assert_int_equal(all + same, 0);
        for (i = 0; i < 300; i++)
                needs(pic__txn_note(t, PIC__CELL, 0, "home", "refused", "x", &err));
        needs(pic__txn_recent(t, "refused", "x", PIC__SECOND, &all, &same, &err));
        assert_int_equal(all, 256);
        commit(t);
        pic__store_unref(st);
}

static void making_fails(void **state)
{
        pic_obj *a = obj(PIC__PEER, "name", "anna", "access", "lan", NULL);
        unsigned long n, made = 0;
        int r;

        (void)state;
        for (n = 1; n == 1 || made >= n - 1; n++) {
                pic__change c = PIC__CHANGE_INIT;

                pic__mem_fail_at(n);
                r = pic__change_make(&c, NULL, a, NULL, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || (r == 0 && made < n));
                pic__change_free(&c);
        }
        pic__obj_unref(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(rows), STORE_TEST(changes), STORE_TEST(notes),
                                            STORE_TEST(recent), STORE_TEST(making_fails) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
