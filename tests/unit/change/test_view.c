/* Shows: a view that is kept up is always what a fresh reading gives: with other writers, plans in between, expiry, and
 * memory that runs out. */
#include "../../api/world.h"
#include "base/mem.h"
#include "change/view.h"
#include "sys/clock.h"

static uint64_t seed = 88172645463325252u;

static unsigned below(unsigned n)
{
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        return (unsigned)(seed % n);
}

static void expect_same(const pic__view *v, pic__store *st, pic_time now)
{
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT;
        pic__snap *fresh = NULL;
        const pic_obj *peer;
        pic_id *ids = NULL;
        size_t count = 0, at = 0;

        assert_int_equal(pic__snap_new(&fresh, NULL), 0);
        assert_int_equal(pic__store_load(st, fresh, NULL, NULL), 0);
        assert_int_equal(pic__snap_now(fresh, now, &ids, &count, NULL), 0);
        pic__free(ids);
        assert_int_equal(pic__changes_between(v->snap, fresh, &c, NULL), 0);
        assert_int_equal(c.list.count, 0);
        while ((peer = pic__snap_next(fresh, PIC__PEER, &at)) != NULL) {
                const pic__class *a = pic__snap_class(fresh, peer), *b = pic__snap_class(v->snap, peer);

                assert_int_equal(a == NULL, b == NULL);
                if (a != NULL)
                        assert_string_equal(a->rights, b->rights);
        }
        pic__snap_unref(fresh);
}

static int put_there(pic__snap *s, const void *data, pic_error **err)
{
        pic__auto_attached pic__attached nets = PIC__VEC_INIT;
        int r = pic__attached_parse(&nets, data, err);

        if (r == 0)
                pic__snap_attach(s, &nets);
        return r;
}

/* A view is where the machine is at each look; when that cannot be told there is no view. */
static void place(void **state)
{
        pic__view v = { .place = put_there, .place_data = "8.8.8.0/24\n" };
        pic__store *st = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic__store_open(w.dir, 1000, &pic__clock_real, &st, &err));
        ok(pic__view_refresh(&v, st, 1, &err));
        assert_int_equal(pic__snap_attached(v.snap)->count, 1);
        v.place_data = "9.9.9.0/24\n2001:db8::/64\n";
        ok(pic__view_refresh(&v, st, 1, &err));
        assert_int_equal(pic__snap_attached(v.snap)->count, 2);
        v.place_data = "nonsense";
        assert_int_equal(pic__view_refresh(&v, st, 1, NULL), PIC_CORRUPT);
        assert_null(v.snap);
        pic__store_unref(st);
        world_end(&w);
}

/* A wish of somebody: some are refused, which is as good. */
static void random_wish(pic_edit *e)
{
        static const char *const access[] = { "", "internet", "lan,peers", "peer:p1", "group:g0,10.0.0.1" };
        char name[8], other[8];

        snprintf(name, sizeof(name), "p%u", below(6));
        snprintf(other, sizeof(other), "g%u", below(3));
        switch (below(9)) {
        case 0: (void)!pic_edit_add(e, "group", other, NULL); break;
        case 1: (void)!pic_edit_set(e, "group", other, "access", access[below(5)], NULL); break;
        case 2: (void)!pic_edit_remove(e, "peer", name, NULL); break;
        case 3: (void)!pic_edit_set(e, "peer", name, "access", access[below(5)], NULL); break;
        case 4: (void)!pic_edit_set(e, "peer", name, "groups", other, NULL); break;
        case 5: (void)!pic_edit_set(e, "peer", name, "enabled", below(2) ? "yes" : "no", NULL); break;
        case 6: (void)!pic_edit_set(e, "peer", name, "expires", below(2) ? "2030-01-01" : "2001-01-01", NULL); break;
        default: (void)!pic_edit_add(e, "peer", name, NULL);
        }
}

static void other_writers(void **state)
{
        pic__view v = { .snap = NULL };
        pic_time now = pic__clock_real.now(NULL);
        pic_error *err = NULL;
        pic__store *st = NULL;
        pic_ctx *other;
        world w;
        int i, planned = 0, committed = 0;

        (void)state;
        world_init(&w);
        other = world_open(w.dir, "fake");
        ok(pic__store_open(w.dir, 1000, &pic__clock_real, &st, &err));
        for (i = 0; i < 800; i++) {
                pic_edit *e = NULL;
                pic_plan *plan = NULL;
                unsigned n = 1 + below(3);

                ok(pic_edit_new(below(2) ? other : w.ctx, &e, &err));
                while (n-- > 0)
                        random_wish(e);
                if (below(2))
                        planned += pic_edit_plan(e, &plan, NULL) == 0; /* the contexts' own views go there and back */
                else
                        committed += pic_edit_commit(e, PIC_COMMIT_NOWAIT, NULL, NULL) == 0;
                pic_plan_unref(plan);
                pic_edit_unref(e);
                if (below(3) > 0)
                        continue;
                now += (pic_time)below(3) * 1000000;
                ok(pic__view_refresh(&v, st, now, &err));
                expect_same(&v, st, now);
        }
        print_message("%d plans, %d commits\n", planned, committed);
        assert_true(planned > 40 && committed > 40);
        pic__view_drop(&v);
        pic__store_unref(st);
        pic_ctx_unref(other);
        world_end(&w);
}

/* The view of an open transaction, and back; a lack of memory costs the view, never its truth. */
static void ahead_and_back(void **state)
{
        pic_time now = pic__clock_real.now(NULL);
        pic__view v = { .snap = NULL };
        pic_error *err = NULL;
        pic__store *st = NULL;
        unsigned long n;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic__store_open(w.dir, 1000, &pic__clock_real, &st, &err));
        for (n = 1; n < 1000; n++) {
                pic__changes c = PIC__CHANGES_INIT;
                pic__txn *t = NULL;
                int r;

                ok(pic__txn_begin(st, "a", "b", &t, &err));
                ok(pic__view_refresh(&v, st, now, &err));
                ok(pic__txn_remove(t, PIC__PEER, "anna", &err));
                pic__mem_fail_at(n);
                r = pic__view_ahead(&v, st, &c, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                if (r == 0) {
                        assert_null(pic__snap_named(v.snap, PIC__PEER, "anna"));
                        pic__view_back(&v, &c);
                }
                pic__changes_free(&c);
                (void)pic__txn_abort(t);
                ok(pic__view_refresh(&v, st, now, &err));
                expect_same(&v, st, now);
                if (r == 0)
                        break;
        }
        assert_true(n > 2 && n < 1000);
        pic__view_drop(&v);
        pic__store_unref(st);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(other_writers), cmocka_unit_test(ahead_and_back),
                                            cmocka_unit_test(place) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
