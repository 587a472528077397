/* Shows: the clock moves peers in and out of their classes, forward and back, and says whose state it changed. */
#include "base/time.h"
#include "help.h"

static pic_time day(const char *text)
{
        const pic__field *f = &pic__kinds[PIC__PEER].fields[pic__field_find(PIC__PEER, "expires")];
        pic__val v;

        assert_int_equal(pic__field_parse(f, text, &v, NULL), 0);
        return v.i;
}

static size_t now(pic__snap *s, const char *text, pic_id *first)
{
        pic_id *ids = NULL;
        size_t n = 99;

        assert_int_equal(pic__snap_now(s, day(text), &ids, &n, NULL), 0);
        *first = n > 0 ? ids[0] : 0;
        pic__free(ids);
        return n;
}

static void clock_moves(void **state)
{
        pic__snap *s = snap();
        pic_id id;

        (void)state;
        assert_int_equal(pic__snap_next_expiry(s), 0);
        put(s, obj("peer", 1, "name=a", "expires=2027-01-02", "access=lan", NULL));
        put(s, obj("peer", 2, "name=b", "expires=2027-01-01", "access=lan", NULL));
        put(s, obj("peer", 3, "name=c", "expires=2027-01-01", "enabled=no", NULL));
        put(s, obj("peer", 4, "name=d", "access=lan", NULL));
        assert_int_equal(pic__snap_next_expiry(s), day("2027-01-01"));
        assert_int_equal(pic__snap_class(s, pic__snap_get(s, PIC__PEER, 4))->members, 3);
        assert_int_equal(now(s, "2026-12-31", &id), 0);
        assert_int_equal(now(s, "2027-01-01", &id), 1); /* c was not active before either */
        assert_int_equal(id, 2);
        assert_null(rights_of(s, 2));
        assert_int_equal(pic__snap_next_expiry(s), day("2027-01-02"));
        assert_int_equal(now(s, "2028-01-01", &id), 1);
        assert_int_equal(id, 1);
        assert_int_equal(pic__snap_next_expiry(s), 0);
        assert_int_equal(pic__snap_class(s, pic__snap_get(s, PIC__PEER, 4))->members, 1);
        put(s, obj("peer", 2, "name=b", "expires=2029-01-01", "access=lan", NULL)); /* longer */
        assert_string_equal(rights_of(s, 2), "lan");
        assert_int_equal(pic__snap_next_expiry(s), day("2029-01-01"));
        assert_int_equal(now(s, "2026-12-31", &id), 1); /* the clock was wrong */
        assert_int_equal(id, 1);
        assert_string_equal(rights_of(s, 1), "lan");
        pic__snap_drop(s, PIC__PEER, 1);
        assert_int_equal(pic__snap_next_expiry(s), day("2027-01-01"));
        pic__snap_unref(s);
}

/* Many, in any order: each is reported at its time. */
static void in_order(void **state)
{
        pic__snap *s = snap();
        pic_time last = 0;
        unsigned i;
        int seen = 0;

        (void)state;
        for (i = 0; i < 400; i++) {
                pic_obj *o = obj("peer", i + 1, "name=x", NULL);

                assert_int_equal(pic__obj_set_int(o, "expires", (1 + rnd() % 1000) * PIC__SECOND, NULL), 0);
                put(s, o);
        }
        for (i = 0; i < 100; i++)
                pic__snap_drop(s, PIC__PEER, 1 + rnd() % 400);
        while (pic__snap_next_expiry(s) != 0) {
                pic_time t = pic__snap_next_expiry(s);
                pic_id *ids;
                size_t n, k;

                assert_true(t > last);
                assert_int_equal(pic__snap_now(s, t, &ids, &n, NULL), 0);
                assert_true(n > 0);
                for (k = 0; k < n; k++)
                        assert_int_equal(pic__obj_int(pic__snap_get(s, PIC__PEER, ids[k]), "expires"), t);
                pic__free(ids);
                seen += (int)n;
                last = t;
        }
        assert_int_equal(seen, pic__snap_count(s, PIC__PEER));
        pic__snap_unref(s);
}

/* Out of memory on the way: the next call finishes it. */
static void memory(void **state)
{
        unsigned long n;
        int i, r;

        (void)state;
        for (n = 1; n < 40; n++) {
                pic__snap *s = snap();
                pic_id *ids = NULL;
                size_t count;

                for (i = 1; i <= 12; i++)
                        put(s, obj("peer", i, "name=x", i % 2 ? "access=lan" : "access=internet", "expires=2027-01-01",
                                   NULL));
                assert_int_equal(pic__snap_now(s, day("2028-01-01"), &ids, &count, NULL), 0);
                assert_int_equal(count, 12);
                pic__free(ids);
                pic__mem_fail_at(n);
                r = pic__snap_now(s, day("2026-01-01"), &ids, &count, NULL);
                pic__mem_fail_at(0);
                if (r != 0) {
                        assert_int_equal(r, PIC_NOMEM);
                        assert_int_equal(pic__snap_now(s, day("2026-01-01"), &ids, &count, NULL), 0);
                }
                pic__free(ids);
                for (i = 1; i <= 12; i++)
                        assert_string_equal(rights_of(s, i), i % 2 ? "lan" : "internet");
                assert_int_equal(pic__snap_next_expiry(s), day("2027-01-01"));
                pic__snap_unref(s);
        }
}

RUN(T(clock_moves), T(in_order), T(memory))
