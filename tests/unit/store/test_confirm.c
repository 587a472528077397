/* Shows: one change waits at most; its time is right through restarts, reboots and clocks that jump. */
#include "help.h"

#define MINUTE (60 * PIC__SECOND)

/* A clock whose two hands move apart. */
static pic_time wall = NOON, mono = 5 * MINUTE;

static pic_time read_wall(void *data)
{
        (void)data;
        return wall;
}

static pic_time read_mono(void *data)
{
        (void)data;
        return mono;
}

static const pic__clock hands = { read_wall, read_mono, NULL };

static void one_at_most(void **state)
{
        pic__store *st = NULL;
        pic__confirm c;
        pic__txn *t;

        (void)state;
        needs(pic__store_create(test_dir, test_seal, &hands, &st, &err));
        t = begin(st);
        add_cell(t, "10.1.0.0/16");
        commit(t);
        assert_int_equal(pic__store_confirm(st, &c, NULL), 0);
        t = begin(st);
        put_obj(t, obj(PIC__GROUP, "name", "a", NULL));
        needs(pic__txn_confirm(t, MINUTE, "boot one", &err));
        refused(PIC_BADSTATE, pic__txn_confirm(t, MINUTE, "boot one", &err), NULL);
        commit(t);
        assert_int_equal(pic__store_confirm(st, &c, NULL), 1);
        assert_int_equal(c.revision, 2);
        assert_int_equal(c.back, 1);
        assert_string_equal(c.actor, "root");
        t = begin(st);
        needs(pic__txn_confirm_end(t, &err));
        (void)pic__txn_abort(t);
        assert_int_equal(pic__store_confirm(st, &c, NULL), 1);
        t = begin(st);
        needs(pic__txn_confirm_end(t, &err));
        assert_int_equal(commit(t), 2);
        assert_int_equal(pic__store_confirm(st, &c, NULL), 0);
        pic__store_unref(st);
}

static void time_left(void **state)
{
        const pic__confirm c = { .until = NOON + MINUTE, .until_mono = 6 * MINUTE, .boot = "one", .span = MINUTE };
        pic_time year = (pic_time)365 * 24 * 60 * MINUTE;

        (void)state;
        wall = NOON;
        mono = 5 * MINUTE;
        assert_int_equal(pic__confirm_left(&c, &hands, "one", 0), MINUTE);
        mono += 45 * PIC__SECOND;
        wall += year; /* the wall clock jumps: in the same boot it does not count */
        assert_int_equal(pic__confirm_left(&c, &hands, "one", 0), 15 * PIC__SECOND);
        wall -= 2 * year;
        assert_int_equal(pic__confirm_left(&c, &hands, "one", 0), 15 * PIC__SECOND);
        mono += MINUTE;
        assert_int_equal(pic__confirm_left(&c, &hands, "one", 0), 0);
        /* another boot, ten seconds of it gone, looked at since second two */
        mono = 10 * PIC__SECOND;
        wall = NOON + 20 * PIC__SECOND;
        assert_int_equal(pic__confirm_left(&c, &hands, "two", 2 * PIC__SECOND), 40 * PIC__SECOND);
        wall = NOON + 2 * MINUTE;
        assert_int_equal(pic__confirm_left(&c, &hands, "two", 2 * PIC__SECOND), 0);
        wall = NOON - year; /* a clock that lost its battery: the whole span, not a year */
        assert_int_equal(pic__confirm_left(&c, &hands, "two", 2 * PIC__SECOND), 52 * PIC__SECOND);
        mono = 2 * PIC__SECOND + MINUTE;
        assert_int_equal(pic__confirm_left(&c, &hands, "two", 2 * PIC__SECOND), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(one_at_most), cmocka_unit_test(time_left) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
