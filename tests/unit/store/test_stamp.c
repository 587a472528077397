/* Shows: a commit by whomever makes another stamp, at once; reading and tidying up make none; what is half-made or is
 * no header of sqlite's is no stamp. */
#include "help.h"

#include <sys/wait.h>

static pic__stamp stamp_of(const pic__store *st)
{
        pic__stamp s;

        assert_int_equal(pic__store_stamp(st, &s), 0);
        return s;
}

static int is_new(const pic__store *st, pic__stamp *last)
{
        pic__stamp now = stamp_of(st);
        int same = pic__stamp_same(&now, last);

        *last = now;
        return !same;
}

static void add(pic__store *st, const char *name)
{
        pic__txn *t = begin(st);

        put_obj(t, obj(PIC__GROUP, "name", name, NULL));
        commit(t);
}

static void commits(void **state)
{
        pic__store *st = new_store(), *other = open_store();
        pic__stamp last = stamp_of(st);
        pic_revision rev;
        pic_obj *o = NULL;
        pic__txn *t;
        int i;

        (void)state;
        add(st, "one");
        assert_true(is_new(st, &last));
        needs(pic__store_get(st, PIC__GROUP, "one", &o, &err));
        needs(pic__store_revision(st, &rev, &err));
        assert_false(is_new(st, &last));
        pic__obj_unref(o);
        add(other, "two");
        assert_true(is_new(st, &last));
        t = begin(other);
        put_obj(t, obj(PIC__GROUP, "name", "three", NULL));
        assert_false(is_new(st, &last)); /* it is nobody else's yet */
        assert_null(pic__txn_abort(t));
        assert_false(is_new(st, &last));
        for (i = 0; i < 20; i++) { /* the log begins anew each time, and grows as long as it was */
                pic__stamp before = last;

                pic__store_tidy(st);
                (void)is_new(st, &last);
                t = begin(i % 2 == 0 ? st : other);
                change(t, PIC__GROUP, "one", "note", i % 2 == 0 ? "even" : "odd.");
                commit(t);
                assert_true(is_new(st, &last));
                assert_false(pic__stamp_same(&before, &last));
        }
        pic__store_unref(other);
        pic__store_unref(st);
}

static void other_process(void **state)
{
        pic__store *st = new_store();
        pic__stamp last = stamp_of(st);
        int status = -1;
        pid_t pid = fork();

        (void)state;
        if (pid == 0) {
                pic__store *mine = NULL;
                pic__txn *t = NULL;
                int r = pic__store_open(test_dir, 100, &test_clock, &mine, NULL);

                if (r == 0)
                        r = pic__txn_begin(mine, "root", "cli", &t, NULL);
                if (r == 0)
                        r = pic__txn_put(t, obj(PIC__GROUP, "name", "far", NULL), NULL, NULL, NULL);
                if (r == 0)
                        r = pic__txn_commit(t, NULL, NULL);
                _exit(r == 0 ? 0 : 1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        assert_true(is_new(st, &last));
        pic__store_unref(st);
}

static void unknown(void **state)
{
        pic__store *st = new_store(), sham = { .index = NULL };
        uint64_t room[2 * PIC__STAMP_WORDS];
        uint32_t version = 3007001;
        pic__stamp s;
        size_t i;

        (void)state;
        assert_int_equal(pic__store_stamp(&sham, &s), -1);
        for (i = 0; i < PIC__COUNT(room); i++)
                room[i] = st->index[i];
        sham.index = room;
        assert_int_equal(pic__store_stamp(&sham, &s), 0);
        for (i = 0; i < PIC__COUNT(room); i++) {
                room[i] ^= 1;
                assert_int_equal(pic__store_stamp(&sham, &s), -1);
                room[i] ^= 1;
        }
        memcpy(room, &version, sizeof(version));
        memcpy(room + PIC__STAMP_WORDS, &version, sizeof(version));
        assert_int_equal(pic__store_stamp(&sham, &s), -1); /* of another format */
        memset(room, 0, sizeof(room));
        assert_int_equal(pic__store_stamp(&sham, &s), -1); /* not begun yet */
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(commits), STORE_TEST(other_process), STORE_TEST(unknown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
