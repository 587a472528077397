/* Shows: a hundred thousand logins are few rows, and the number of the others comes out; who floods hides nobody. */
#include "help.h"

#define TRIES 100000
#define TOGETHER 1000 /* in one transaction, which is quicker */

static pic__store *make(pic_obj *people[2])
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);

        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "anna", NULL));
        put_obj(t, obj(PIC__GROUP, "name", "ben", NULL));
        commit(t);
        needs(pic__store_get(st, PIC__GROUP, "anna", &people[0], &err));
        needs(pic__store_get(st, PIC__GROUP, "ben", &people[1], &err));
        return st;
}

static void done(pic__store *st, pic_obj *people[2])
{
        pic__obj_unref(people[0]);
        pic__obj_unref(people[1]);
        pic__store_unref(st);
}

static int note(pic__store *st, const pic_obj *who, const char *verb, const char *text)
{
        pic__txn *t = begin(st);
        int r = pic__txn_note_often(t, who, verb, text, NULL);

        commit(t);
        return r;
}

static int keep(const pic__journal_row *row, void *data)
{
        snprintf(data, 256, "%s|%s|%s", row->name, row->verb, row->text);
        return 1;
}

static void newest_is(pic__store *st, const char *want)
{
        char row[256];

        assert_int_equal(pic__store_journal_back(st, 0, keep, row, NULL), 1);
        assert_string_equal(row, want);
}

static void hour(void **state)
{
        pic_obj *people[2] = { NULL, NULL };
        pic__store *st = make(people);
        int i;

        (void)state;
        for (i = 0; i < PIC__OFTEN_HOUR; i++)
                assert_int_equal(note(st, people[0], "login", "anna logged in"), 1);
        assert_int_equal(note(st, people[0], "login", "anna logged in"), 0);
        assert_int_equal(note(st, people[0], "login", "anna logged in"), 0);
        assert_int_equal(note(st, people[0], "logout", "anna went"), 1); /* another verb */
        assert_int_equal(note(st, people[1], "login", "ben logged in"), 1);
        test_now += 3601 * PIC__SECOND;
        assert_int_equal(note(st, people[0], "login", "anna logged in"), 1);
        newest_is(st, "anna|login|anna logged in (and before it 2 times without a row)");
        assert_int_equal(note(st, people[0], "login", "anna logged in"), 1);
        newest_is(st, "anna|login|anna logged in");
        done(st, people);
}

static int try_both(pic__txn *t, const pic_obj *who, int i)
{
        char text[64];
        int r;

        snprintf(text, sizeof(text), "anna logged in from 192.0.2.%d", i % 250);
        r = pic__txn_note_often(t, who, "login", text, NULL);
        return r + pic__txn_refused(t, text, 0, NULL); /* of those who were wrong */
}

/* A hundred thousand within an hour, then each hour of a week as many as there may be. */
static void flood(void **state)
{
        pic_obj *people[2] = { NULL, NULL };
        pic__store *st = make(people);
        int64_t before = pic__store_last_seq(st);
        int i, k, rows = 0;

        (void)state;
        for (i = 0; i < TRIES / TOGETHER; i++) {
                pic__txn *t = begin(st);

                for (k = 0; k < TOGETHER; k++)
                        rows += try_both(t, people[0], k);
                commit(t);
                test_now += (pic_time)3500 * PIC__SECOND / (TRIES / TOGETHER);
        }
        assert_int_equal(rows, PIC__OFTEN_HOUR + PIC__REFUSED_OWN);
        for (i = 0; i < 7 * 24; i++) {
                pic__txn *t = begin(st);

                for (k = 0; k < PIC__OFTEN_HOUR + 1; k++)
                        rows += try_both(t, people[0], k);
                commit(t);
                test_now += 3600 * PIC__SECOND;
        }
        assert_int_equal(pic__store_last_seq(st) - before, rows);
        assert_in_range(rows, 7 * 24 * PIC__REFUSED_OWN, 8 * (PIC__OFTEN_DAY + 24 * PIC__REFUSED_OWN));
        assert_int_equal(note(st, people[1], "login", "ben logged in"), 1);
        done(st, people);
}

static void no_memory(void **state)
{
        pic_obj *people[2] = { NULL, NULL };
        pic__store *st = make(people);
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        for (n = 1; n < 200 && r < 0; n++) {
                pic__txn *t = begin(st);

                pic__mem_fail_at(n);
                r = pic__txn_note_often(t, people[0], "login", "anna logged in", NULL);
                pic__mem_fail_at(0);
                if (r < 0)
                        (void)pic__txn_abort(t);
                else
                        commit(t);
                assert_true(r == 1 || r == PIC_NOMEM);
        }
        assert_int_equal(r, 1);
        newest_is(st, "anna|login|anna logged in");
        done(st, people);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(hour, new_dir, drop_dir),
                cmocka_unit_test_setup_teardown(flood, new_dir, drop_dir),
                cmocka_unit_test_setup_teardown(no_memory, new_dir, drop_dir),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
