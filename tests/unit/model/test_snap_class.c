/* Shows: rights become classes; equal rights share one; its number comes from its rights and not from the order of
 * events. */
#include "help.h"

#include "base/map.h"

static const pic__class *class_of(const pic__snap *s, pic_id id)
{
        return pic__snap_class(s, pic__snap_get(s, PIC__PEER, id));
}

static void shared(void **state)
{
        pic__snap *s = snap();
        size_t at = 0;

        (void)state;
        put(s, obj("group", 1, "name=kids", "access=internet,lan", NULL));
        put(s, obj("peer", 1, "name=a", "access=lan,internet", NULL));
        put(s, obj("peer", 2, "name=b", "groups=Kids", NULL));
        put(s, obj("peer", 3, "name=c", "groups=kids", "access=lan", NULL));
        put(s, obj("peer", 4, "name=d", NULL));
        put(s, obj("peer", 5, "name=e", "access=lan", "enabled=no", NULL));
        assert_ptr_equal(class_of(s, 1), class_of(s, 2));
        assert_ptr_equal(class_of(s, 1), class_of(s, 3));
        assert_int_equal(class_of(s, 1)->members, 3);
        assert_string_equal(class_of(s, 1)->rights, "internet,lan");
        assert_int_equal(class_of(s, 1)->count, 2);
        assert_int_equal(class_of(s, 1)->grants[1].to, PIC__TO_LAN);
        assert_string_equal(class_of(s, 4)->rights, "");
        assert_int_equal(class_of(s, 4)->count, 0);
        assert_true(class_of(s, 4)->number != 0);
        assert_null(class_of(s, 5));
        assert_non_null(pic__snap_next_class(s, &at));
        assert_non_null(pic__snap_next_class(s, &at));
        assert_null(pic__snap_next_class(s, &at));
        pic__snap_unref(s);
}

/* The same peers put in different orders have the same numbers, but where numbers collide. */
static void stable_numbers(void **state)
{
        enum { N = 300 };
        uint16_t number[N];
        int order[N], i, round, moved = 0;

        (void)state;
        for (i = 0; i < N; i++)
                order[i] = i;
        for (round = 0; round < 5; round++) {
                pic__snap *s = snap();

                for (i = 0; i < N; i++) {
                        char access[64];

                        snprintf(access, sizeof(access), "access=lan,10.0.%d.1:tcp/%d", order[i] % 200, order[i] + 1);
                        put(s, obj("peer", order[i] + 1, "name=x", access, NULL));
                }
                for (i = 0; i < N; i++) {
                        if (round > 0)
                                moved += number[i] != class_of(s, i + 1)->number;
                        number[i] = class_of(s, i + 1)->number;
                }
                pic__snap_unref(s);
                for (i = N - 1; i > 0; i--) {
                        int k = (int)(rnd() % (unsigned)(i + 1)), t = order[i];

                        order[i] = order[k];
                        order[k] = t;
                }
        }
        print_message("%d of %d numbers moved\n", moved, 4 * N);
        assert_true(moved <= 4 * 4); /* 300 of 65535: about 0.7 pairs collide */
}

static uint64_t home_of(unsigned port)
{
        char text[64];

        snprintf(text, sizeof(text), "10.0.0.1:tcp/%u", port);
        return pic__hash(text, strlen(text)) % 65535;
}

/* Two rights with the same hash: found by search, then put side by side. */
static void collision(void **state)
{
        static uint16_t first[65535];
        pic__snap *s = snap();
        char a[64], b[64];
        unsigned port;
        uint64_t h = 0;

        (void)state;
        for (port = 1; port < 65535; port++) {
                h = home_of(port);
                if (first[h] != 0)
                        break;
                first[h] = (uint16_t)port;
        }
        assert_true(port < 65535);
        snprintf(a, sizeof(a), "access=10.0.0.1:tcp/%u", first[h]);
        snprintf(b, sizeof(b), "access=10.0.0.1:tcp/%u", port);
        put(s, obj("peer", 1, "name=a", a, NULL));
        put(s, obj("peer", 2, "name=b", b, NULL));
        assert_int_equal(class_of(s, 1)->number, h + 1);
        assert_int_equal(class_of(s, 2)->number, (h + 1) % 65535 + 1);
        pic__snap_drop(s, PIC__PEER, 1);
        assert_int_equal(class_of(s, 2)->number, (h + 1) % 65535 + 1); /* a class keeps its number */
        pic__snap_unref(s);
}

static void reaching(void **state)
{
        pic__snap *s = snap();
        size_t at = 0, n = 0;
        const pic__class *c;
        uint16_t last = 0;

        (void)state;
        put(s, obj("peer", 1, "name=Nas", "groups=Servers,other", NULL));
        put(s, obj("peer", 2, "name=a", "access=peer:nas,group:servers", NULL)); /* twice, but one class */
        put(s, obj("peer", 3, "name=b", "access=group:servers", NULL));
        put(s, obj("peer", 4, "name=c", "access=group:nobody,peer:b,peers,lan", NULL));
        while ((c = pic__snap_next_reaching(s, pic__snap_get(s, PIC__PEER, 1), &at)) != NULL) {
                assert_true(c->number > last);
                last = c->number;
                assert_true(c == class_of(s, 2) || c == class_of(s, 3));
                n++;
        }
        assert_int_equal(n, 2);
        at = 0;
        assert_ptr_equal(pic__snap_next_reaching(s, pic__snap_get(s, PIC__PEER, 3), &at), class_of(s, 4));
        assert_null(pic__snap_next_reaching(s, pic__snap_get(s, PIC__PEER, 3), &at));
        pic__snap_drop(s, PIC__PEER, 2);
        pic__snap_drop(s, PIC__PEER, 3);
        at = 0;
        assert_null(pic__snap_next_reaching(s, pic__snap_get(s, PIC__PEER, 1), &at));
        pic__snap_unref(s);
}

RUN(T(shared), T(stable_numbers), T(collision), T(reaching))
