/* Shows: who is refused is a row, the same again is not; however often, the journal stays small, and the number of
 * those without a row comes out. */
#include "help.h"

static pic__store *make(void)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);

        add_cell(t, "10.1.0.0/16");
        commit(t);
        return st;
}

static int refuse(pic__store *st, const char *actor, const char *text, unsigned more)
{
        pic__txn *t = NULL;
        int r;

        needs(pic__txn_begin(st, actor, "http", &t, &err));
        r = pic__txn_refused(t, text, more, NULL);
        commit(t);
        return r;
}

static int rest(pic__store *st)
{
        pic__txn *t = begin(st);
        int r = pic__txn_refused_rest(t, NULL);

        commit(t);
        return r;
}

static int keep(const pic__journal_row *row, void *data)
{
        snprintf(data, 256, "%s|%s|%s|%s|%s", row->actor, row->way, row->kind, row->verb, row->text);
        return 1;
}

static void newest_is(pic__store *st, const char *want)
{
        char row[256];

        assert_int_equal(pic__store_journal_back(st, 0, keep, row, NULL), 1);
        assert_string_equal(row, want);
}

static void counted(void **state)
{
        pic__store *st = make();
        pic_revision before = 0, after = 0;

        (void)state;
        needs(pic__store_revision(st, &before, &err));
        assert_int_equal(refuse(st, "eve", "bad password", 0), 1);
        newest_is(st, "eve|http|cell|refused|bad password");
        assert_int_equal(refuse(st, "eve", "bad password", 0), 0); /* the same again */
        assert_int_equal(refuse(st, "eve", "bad password", 0), 0);
        assert_int_equal(pic__store_last_seq(st), 2);
        assert_int_equal(refuse(st, "mallory", "bad password", 4), 1); /* another; he came four times before */
        newest_is(st, "mallory|http|cell|refused|bad password (and before it 6 times without a row)");
        assert_int_equal(refuse(st, "mallory", "bad password", 0), 0); /* which is the same as with the count */
        assert_int_equal(refuse(st, "mallory", "bad password (", 0), 1);
        newest_is(st, "mallory|http|cell|refused|bad password ( (and before it 1 times without a row)");
        assert_int_equal(refuse(st, "mallory", "bad", 0), 1); /* others' words that begin so are others */
        newest_is(st, "mallory|http|cell|refused|bad");
        needs(pic__store_revision(st, &after, &err));
        assert_int_equal(before, after);
        pic__store_unref(st);
}

static void bounded(void **state)
{
        pic__store *st = make();
        unsigned i, rows = 0;
        char text[16], actor[16];

        (void)state;
        for (i = 0; i < 100; i++) {
                snprintf(text, sizeof(text), "a%u", i);
                rows += (unsigned)refuse(st, "eve", text, 0);
        }
        assert_int_equal(rows, PIC__REFUSED_OWN);
        for (i = 0; i < 100; i++) { /* one cannot speak for all */
                snprintf(actor, sizeof(actor), "b%u", i);
                rows += (unsigned)refuse(st, actor, "a0", 0);
        }
        assert_int_equal(rows, PIC__REFUSED_ALL);
        pic__store_unref(st);
        needs(pic__store_open(test_dir, 1000, &test_clock, &st, &err)); /* nothing is forgotten */
        assert_int_equal(refuse(st, "somebody", "else", 0), 0);
        test_now += 3601 * PIC__SECOND;
        assert_int_equal(refuse(st, "eve", "a0", 0), 1);
        newest_is(st, "eve|http|cell|refused|a0 (and before it 91 times without a row)");
        pic__store_unref(st);
}

/* The count comes out although nobody is refused any more. */
static void told_at_last(void **state)
{
        pic__store *st = make();

        (void)state;
        assert_int_equal(rest(st), 0);
        assert_int_equal(refuse(st, "eve", "x", 0), 1);
        assert_int_equal(refuse(st, "eve", "x", 0), 0);
        assert_int_equal(refuse(st, "agent", NULL, 40), 0); /* counted elsewhere */
        assert_int_equal(rest(st), 0);                      /* a next row may tell it yet */
        test_now += 3601 * PIC__SECOND;
        assert_int_equal(rest(st), 1);
        newest_is(st, "root|cli|cell|refused|refused 41 times without a row");
        assert_int_equal(rest(st), 0);
        test_now += 3601 * PIC__SECOND;
        assert_int_equal(rest(st), 0);
        assert_int_equal(pic__store_last_seq(st), 3);
        pic__store_unref(st);
}

/* Either the row and the count are as told, or neither is. */
static void no_memory(void **state)
{
        pic__store *st = make();
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        assert_int_equal(refuse(st, "eve", "x", 3), 1);
        assert_int_equal(refuse(st, "eve", "x", 0), 0);
        for (n = 1; n < 200 && r < 0; n++) {
                pic__txn *t = begin(st);

                pic__mem_fail_at(n);
                r = pic__txn_refused(t, "y", 0, NULL);
                pic__mem_fail_at(0);
                if (r < 0)
                        (void)pic__txn_abort(t);
                else
                        commit(t);
                assert_true(r == 1 || r == PIC_NOMEM);
        }
        assert_true(n > 2);
        newest_is(st, "root|cli|cell|refused|y (and before it 1 times without a row)");
        assert_int_equal(pic__store_last_seq(st), 3);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(counted), STORE_TEST(bounded), STORE_TEST(told_at_last),
                                            STORE_TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
