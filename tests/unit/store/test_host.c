/* Host numbers: upwards, skipping what people took, an hour of rest, clocks that jump. */
#include "help.h"
#include "store/host.h"

#define HOUR (3600 * PIC__SECOND)

static uint64_t alloc(pic__txn *t, uint64_t capacity)
{
        uint64_t h = 0;

        needs(pic__txn_alloc_host(t, capacity, &h, &err));
        return h;
}

static void put_at(pic__txn *t, const char *name, unsigned h)
{
        char a4[32], a6[48];

        snprintf(a4, sizeof(a4), "10.1.0.%u", h);
        snprintf(a6, sizeof(a6), "fd12:3456:789a::%x", h);
        put_obj(t, obj(PIC__PEER, "name", name, "address4", a4, "address6", a6, NULL));
}

static void upwards(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);

        (void)state;
        add_cell(t, "10.1.0.0/24");
        /* by hand: 3 in one family, 4 in the other, one outside of the network */
        put_obj(t, obj(PIC__PEER, "name", "three", "address4", "10.1.0.3", NULL));
        put_obj(t, obj(PIC__PEER, "name", "four", "address6", "fd12:3456:789a::4", NULL));
        put_obj(t, obj(PIC__PEER, "name", "far", "address4", "10.9.0.5", NULL));
        assert_int_equal(alloc(t, 254), 2); /* 1 is the cell's */
        assert_int_equal(alloc(t, 254), 5);
        assert_int_equal(alloc(t, 254), 6);
        pic__txn_abort(t);
        t = begin(st); /* taken back */
        add_cell(t, "10.1.0.0/24");
        assert_int_equal(alloc(t, 254), 2);
        put_at(t, "two", 2);
        commit(t);
        t = begin(st);
        assert_int_equal(alloc(t, 254), 3);
        pic__txn_abort(t);
        pic__store_unref(st);
}

/* A network for six: 2..6 are to be had. */
static pic__store *full_store(void)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        unsigned i;

        add_cell(t, "10.1.0.0/29");
        for (i = 2; i <= 6; i++) {
                char name[16];

                snprintf(name, sizeof(name), "p%u", i);
                assert_int_equal(alloc(t, 6), i);
                put_at(t, name, i);
        }
        commit(t);
        return st;
}

static void give_back(pic__store *st, const char *name)
{
        pic__txn *t = begin(st);

        needs(pic__txn_remove(t, PIC__PEER, name, &err));
        commit(t);
}

static void none_now(pic__store *st, int resting)
{
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        uint64_t h = 99;

        refused(PIC_CONFLICT, pic__txn_alloc_host(t, 6, &h, &err), &e);
        assert_int_equal(h, 99);
        assert_non_null(pic_error_hint(e));
        assert_int_equal(strstr(pic_error_hint(e), "rests for an hour") != NULL, resting);
        pic_error_free(e);
        pic__txn_abort(t);
}

static uint64_t one_now(pic__store *st)
{
        pic__txn *t = begin(st);
        uint64_t h = alloc(t, 6);

        pic__txn_abort(t);
        return h;
}

static void quarantine(void **state)
{
        pic__store *st = full_store();

        (void)state;
        none_now(st, 0);
        give_back(st, "p4");
        test_now += 60 * PIC__SECOND;
        give_back(st, "p3");
        none_now(st, 1);
        test_now += HOUR - 61 * PIC__SECOND;
        none_now(st, 1);
        test_now += PIC__SECOND;
        assert_int_equal(one_now(st), 4); /* exactly an hour; 3 rests on */
        test_now += HOUR;
        assert_int_equal(one_now(st), 4); /* the longest rest first */
        {
                pic__txn *t = begin(st);

                assert_int_equal(alloc(t, 6), 4);
                put_at(t, "new4", 4);
                assert_int_equal(alloc(t, 6), 3);
                put_at(t, "new3", 3);
                commit(t);
        }
        assert_int_equal(number(st, "SELECT count(*) FROM freed"), 0);
        none_now(st, 0);
        pic__store_unref(st);
}

static pic_time wall, since_boot;

static pic_time read_wall(void *data)
{
        (void)data;
        return wall;
}

static pic_time read_boot(void *data)
{
        (void)data;
        return since_boot;
}

static void clock_jumps(void **state)
{
        pic__store *st;

        (void)state;
        wall = NOON;
        since_boot = 100 * HOUR;
        test_clock.now = read_wall;
        test_clock.mono = read_boot;
        st = full_store();
        give_back(st, "p4");
        /* a jump forward by a year: the clock since boot says that no hour has passed */
        wall += 365 * 24 * HOUR;
        since_boot += HOUR / 2;
        none_now(st, 1);
        since_boot += HOUR / 2;
        assert_int_equal(one_now(st), 4);
        {
                pic__txn *t = begin(st);

                assert_int_equal(alloc(t, 6), 4);
                put_at(t, "new4", 4);
                commit(t);
        }
        /* a jump back: it was given back in the future; the clock since boot counts alone */
        give_back(st, "p5");
        wall -= 365 * 24 * HOUR;
        none_now(st, 1);
        since_boot += HOUR - 1;
        none_now(st, 1);
        since_boot += 1;
        assert_int_equal(one_now(st), 5);
        /* a jump back and a boot: neither clock knows; the rest begins now */
        since_boot = 5;
        {
                pic__txn *t = begin(st);
                pic_error *e = NULL;
                uint64_t h;

                refused(PIC_CONFLICT, pic__txn_alloc_host(t, 6, &h, &err), &e);
                pic_error_free(e);
                change(t, PIC__PEER, "p2", "note", "so that something is written");
                commit(t);
        }
        assert_true(number(st, "SELECT freed_at FROM freed WHERE host = 5") == wall);
        wall += HOUR;
        since_boot += HOUR;
        assert_int_equal(one_now(st), 5);
        /* a boot: the clock since boot begins again, the wall clock counts alone */
        {
                pic__txn *t = begin(st);

                assert_int_equal(alloc(t, 6), 5);
                put_at(t, "new5", 5);
                commit(t);
        }
        give_back(st, "p6");
        since_boot = 0;
        wall += HOUR - 1;
        none_now(st, 1);
        wall += 1;
        assert_int_equal(one_now(st), 6);
        pic__store_unref(st);
}

static void by_hand_and_moving(void **state)
{
        pic__store *st = full_store();
        pic__txn *t;

        (void)state;
        /* a person moves p3 to a number that rests */
        give_back(st, "p4");
        t = begin(st);
        change(t, PIC__PEER, "p3", "address4", "10.1.0.4");
        change(t, PIC__PEER, "p3", "address6", "fd12:3456:789a::4");
        commit(t);
        assert_int_equal(number(st, "SELECT host FROM freed"), 3);
        /* only one family moves away: the number is not free while the other is in use */
        t = begin(st);
        change(t, PIC__PEER, "p5", "address4", "10.1.0.3");
        commit(t);
        test_now += 2 * HOUR;
        none_now(st, 0);
        t = begin(st);
        needs(pic__txn_remove(t, PIC__PEER, "p5", &err));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM freed"), 2); /* 3 and 5 */
        test_now += HOUR;
        assert_int_equal(one_now(st), 3);
        pic__store_unref(st);
}

static void larger_network(void **state)
{
        pic__store *st = full_store();
        pic__txn *t;

        (void)state;
        none_now(st, 0);
        give_back(st, "p2");
        t = begin(st);
        change(t, PIC__CELL, "home", "net4", "10.1.0.0/24");
        assert_int_equal(alloc(t, 254), 7); /* 2 rests, 3..6 are in use */
        commit(t);
        /* another network: no number is in use there in v4, but the v6 ones are */
        t = begin(st);
        change(t, PIC__CELL, "home", "net4", "10.77.0.0/24");
        change(t, PIC__CELL, "home", "net6", "fd00:77::/64");
        assert_int_equal(alloc(t, 254), 3);
        pic__txn_abort(t);
        pic__store_unref(st);
}

static void no_cell(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);

        (void)state;
        put_obj(t, obj(PIC__PEER, "name", "anna", "address4", "10.1.0.2", NULL));
        assert_int_equal(alloc(t, 6), 2);
        assert_int_equal(alloc(t, 6), 3);
        needs(pic__txn_remove(t, PIC__PEER, "anna", &err));
        commit(t);
        assert_int_equal(number(st, "SELECT count(*) FROM freed"), 0);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(upwards),        STORE_TEST(quarantine),
                STORE_TEST(clock_jumps),    STORE_TEST(by_hand_and_moving),
                STORE_TEST(larger_network), STORE_TEST(no_cell),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
