/* Shows: changes read from the journal are those between two snapshots, and telling them back leaves what was. */
#include "../../api/world.h"
#include "change/changes.h"
#include "plan/touch.h"
#include "sys/clock.h"

static pic__store *open_store(const world *w)
{
        pic__store *st = NULL;

        assert_int_equal(pic__store_open(w->dir, 1000, &pic__clock_real, &st, NULL), 0);
        return st;
}

static pic__snap *load(pic__store *st, pic_revision *ret)
{
        pic__snap *s = NULL;

        assert_int_equal(pic__snap_new(&s, NULL), 0);
        assert_int_equal(pic__store_load(st, s, ret, NULL), 0);
        return s;
}

static size_t differ(const pic__snap *a, const pic__snap *b)
{
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT;

        assert_int_equal(pic__changes_between(a, b, &c, NULL), 0);
        return c.list.count;
}

static void both_ways(void **state)
{
        static const char *const fields[] = { "groups", "kids", "access", "peer:bob", NULL };
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT, found = PIC__CHANGES_INIT;
        pic_revision then = 0, now = 0;
        pic__snap *was, *is;
        pic_error *err = NULL;
        pic__store *st;
        world w;
        size_t i;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "bob", NULL, &err));
        ok(world_add(&w, "peer", "gone", NULL, &err));
        st = open_store(&w);
        was = load(st, &then);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_add(&w, "peer", "anna", fields, &err));
        ok(world_set(&w, "peer", "bob", "name", "ben", &err)); /* anna's access follows */
        ok(world_remove(&w, "peer", "gone", &err));
        ok(world_add(&w, "peer", "short", NULL, &err));
        ok(world_remove(&w, "peer", "short", &err)); /* never seen here */
        ok(world_set(&w, "cell", NULL, "mtu", "1300", &err));
        ok(world_add(&w, "assertion", "a", (const char *const[]){ "rule", "never any -> lan", NULL }, &err));
        is = load(st, NULL);
        ok(pic__changes_read(st, then, was, &c, &now, &err));
        assert_int_equal(now, then + 8);
        assert_int_equal(c.list.count, 6);
        ok(pic__changes_between(was, is, &found, &err));
        pic__changes_sort(&c);
        pic__changes_sort(&found);
        assert_int_equal(found.list.count, c.list.count);
        for (i = 0; i < c.list.count; i++) {
                assert_int_equal(c.list.at[i].kind, found.list.at[i].kind);
                assert_int_equal(c.list.at[i].id, found.list.at[i].id);
                assert_int_equal(c.list.at[i].after == NULL, found.list.at[i].after == NULL);
        }
        assert_int_equal(c.list.at[0].kind, PIC__CELL);
        assert_null(c.list.at[2].after); /* of peers the one that goes is first */
        ok(pic__changes_tell(was, c.list.at, c.list.count, &err));
        assert_int_equal(differ(was, is), 0);
        pic__snap_unref(is);
        ok(pic__changes_untell(&c, was, &err));
        ok(pic__changes_untell(&(pic__changes)PIC__CHANGES_INIT, was, &err));
        is = load(st, NULL);
        assert_int_equal(differ(was, is), 6);
        assert_non_null(pic__snap_named(was, PIC__PEER, "gone"));
        assert_null(pic__snap_named(was, PIC__PEER, "anna"));
        pic__changes_free(&found);
        found = (pic__changes)PIC__CHANGES_INIT;
        ok(pic__changes_apart(was, is, 1, &found, &err)); /* the same, by what they say */
        assert_int_equal(found.list.count, 6);
        pic__changes_free(&found);
        found = (pic__changes)PIC__CHANGES_INIT;
        ok(pic__changes_apart(was, is, 0, &found, &err)); /* who is called otherwise is another */
        assert_int_equal(found.list.count, 7);
        pic__snap_unref(was);
        pic__snap_unref(is);
        pic__store_unref(st);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(both_ways) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
