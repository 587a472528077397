/* Boxes without overlap: the same points, none twice, whatever the order. */
#include "plan/boxes.h"
#include "sample.h"

static int overlap(const pic__box *a, const pic__box *b)
{
        return a->addr_lo <= b->addr_hi && b->addr_lo <= a->addr_hi && a->proto_lo <= b->proto_hi &&
               b->proto_lo <= a->proto_hi && a->port_lo <= b->port_hi && b->port_lo <= a->port_hi;
}

static int has(const pic__boxes *boxes, unsigned addr, unsigned proto, unsigned port)
{
        size_t i;
        int n = 0;

        for (i = 0; i < boxes->count; i++) {
                const pic__box *b = &boxes->at[i];

                n += addr >= b->addr_lo && addr <= b->addr_hi && proto >= b->proto_lo && proto <= b->proto_hi &&
                     port >= b->port_lo && port <= b->port_hi;
        }
        return n;
}

static void copy(const pic__boxes *from, pic__boxes *to)
{
        size_t i;

        for (i = 0; i < from->count; i++)
                assert_int_equal(pic__vec_push(to, from->at[i]), 0);
}

static unsigned below(uint64_t *seed, unsigned n)
{
        return (unsigned)(sample_random(seed) % n);
}

static pic__box random_box(uint64_t *seed)
{
        pic__box b = { below(seed, 12), 0, 0, 0, 0, 0 };

        b.addr_hi = b.addr_lo + below(seed, 6);
        b.proto_lo = (uint8_t)below(seed, 4);
        b.proto_hi = (uint8_t)(b.proto_lo + below(seed, 3));
        b.port_lo = (uint16_t)below(seed, 8);
        b.port_hi = (uint16_t)(b.port_lo + below(seed, 5));
        return b;
}

static void check(const pic__boxes *was, const pic__boxes *is)
{
        unsigned a, p, q;
        size_t i, k;

        for (i = 0; i < is->count; i++)
                for (k = 0; k < i; k++)
                        assert_false(overlap(&is->at[i], &is->at[k]));
        for (a = 0; a < 20; a++)
                for (p = 0; p < 8; p++)
                        for (q = 0; q < 14; q++)
                                assert_int_equal(has(was, a, p, q) > 0, has(is, a, p, q));
}

static void random_ones(void **state)
{
        uint64_t seed = 42;
        int round;

        (void)state;
        for (round = 0; round < 400; round++) {
                pic__boxes was = PIC__VEC_INIT, is = PIC__VEC_INIT, turned = PIC__VEC_INIT;
                size_t n = below(&seed, 9), i;

                for (i = 0; i < n; i++)
                        assert_int_equal(pic__vec_push(&was, random_box(&seed)), 0);
                copy(&was, &is);
                assert_int_equal(pic__boxes_disjoint(&is), 0);
                check(&was, &is);
                for (i = n; i > 0; i--)
                        assert_int_equal(pic__vec_push(&turned, was.at[i - 1]), 0);
                assert_int_equal(pic__boxes_disjoint(&turned), 0);
                assert_int_equal(turned.count, is.count);
                for (i = 0; i < is.count; i++)
                        assert_memory_equal(&turned.at[i], &is.at[i], sizeof(pic__box));
                pic__vec_free(&was);
                pic__vec_free(&is);
                pic__vec_free(&turned);
        }
}

/* A network and one port of one of its hosts: the host is in the network already. */
static void a_covered_one_vanishes(void **state)
{
        pic__boxes boxes = PIC__VEC_INIT;
        const pic__box host = { 10, 10, 445, 445, 6, 6 }, net = { 0, 255, 0, 65535, 0, 255 };

        (void)state;
        pic__vec_push(&boxes, host);
        pic__vec_push(&boxes, net);
        pic__vec_push(&boxes, host);
        assert_int_equal(pic__boxes_disjoint(&boxes), 0);
        assert_int_equal(boxes.count, 1);
        assert_true(boxes.at[0].addr_lo == 0 && boxes.at[0].addr_hi == 255);
        pic__vec_free(&boxes);
}

/* A host with everything and its network with one port: the port loses the host, no protocol is cut. */
static void crossing_ones_are_cut_along_addresses(void **state)
{
        pic__boxes boxes = PIC__VEC_INIT;
        const pic__box host = { 10, 10, 0, 65535, 0, 255 }, port = { 0, 255, 445, 445, 6, 6 };

        (void)state;
        pic__vec_push(&boxes, port);
        pic__vec_push(&boxes, host);
        assert_int_equal(pic__boxes_disjoint(&boxes), 0);
        assert_int_equal(boxes.count, 3);
        assert_int_equal(has(&boxes, 10, 6, 445), 1);
        assert_int_equal(has(&boxes, 10, 17, 1), 1);
        assert_int_equal(has(&boxes, 9, 6, 445), 1);
        assert_int_equal(has(&boxes, 9, 6, 444), 0);
        assert_int_equal(has(&boxes, 255, 6, 445), 1);
        pic__vec_free(&boxes);
}

static void the_ends_of_space(void **state)
{
        pic__boxes boxes = PIC__VEC_INIT;
        const pic__u128 last = ~(pic__u128)0;
        const pic__box all = { 0, last, 0, 65535, 17, 17 }, edge = { last, last, 65535, 65535, 0, 255 };
        pic__addr a;
        char text[PIC__ADDR_TEXT];

        (void)state;
        pic__vec_push(&boxes, all);
        pic__vec_push(&boxes, edge);
        assert_int_equal(pic__boxes_disjoint(&boxes), 0);
        assert_true(boxes.count >= 2);
        pic__vec_free(&boxes);
        pic__addr_from_number(last, 6, &a);
        assert_string_equal(pic__addr_print(&a, text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        assert_true(pic__addr_number(&a) == last);
        assert_int_equal(pic__addr_parse("10.1.2.3", &a), 0);
        assert_true(pic__addr_number(&a) == 0x0a010203);
        pic__addr_from_number(0x0a010204, 4, &a);
        assert_string_equal(pic__addr_print(&a, text), "10.1.2.4");
}

static int disjoint(void *data)
{
        pic__boxes boxes = PIC__VEC_INIT;
        uint64_t seed = 7;
        int i, r = 0;

        (void)data;
        for (i = 0; i < 40 && r == 0; i++)
                r = pic__vec_push(&boxes, random_box(&seed));
        if (r == 0)
                r = pic__boxes_disjoint(&boxes);
        pic__vec_free(&boxes);
        return r < 0 ? PIC_NOMEM : 0;
}

static void without_memory(void **state)
{
        (void)state;
        sample_nomem(disjoint, NULL);
}

/* What is left, point by point; and what two have in common. */
static void minus_and_meet(void **state)
{
        uint64_t seed = 4711;
        int round;

        (void)state;
        for (round = 0; round < 400; round++) {
                pic__boxes from = PIC__VEC_INIT, left = PIC__VEC_INIT, holes = PIC__VEC_INIT;
                size_t n = below(&seed, 6), k = below(&seed, 6), i;
                unsigned a, p, q;
                pic__box both, one = random_box(&seed), two = random_box(&seed);
                int meet = pic__box_meet(&one, &two, &both);

                for (i = 0; i < n; i++)
                        assert_int_equal(pic__vec_push(&from, random_box(&seed)), 0);
                for (i = 0; i < k; i++)
                        assert_int_equal(pic__vec_push(&holes, random_box(&seed)), 0);
                assert_int_equal(pic__boxes_disjoint(&from), 0);
                copy(&from, &left);
                assert_int_equal(pic__boxes_minus(&left, &holes), 0);
                for (a = 0; a < 20; a++)
                        for (p = 0; p < 8; p++)
                                for (q = 0; q < 14; q++) {
                                        int in = pic__box_has(&one, a, (uint8_t)p, (uint16_t)q) &&
                                                 pic__box_has(&two, a, (uint8_t)p, (uint16_t)q);

                                        assert_int_equal(has(&left, a, p, q),
                                                         has(&from, a, p, q) > 0 && has(&holes, a, p, q) == 0);
                                        assert_int_equal(meet && pic__box_has(&both, a, (uint8_t)p, (uint16_t)q), in);
                                }
                pic__vec_free(&from);
                pic__vec_free(&left);
                pic__vec_free(&holes);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(random_ones),
                cmocka_unit_test(minus_and_meet),
                cmocka_unit_test(a_covered_one_vanishes),
                cmocka_unit_test(crossing_ones_are_cut_along_addresses),
                cmocka_unit_test(the_ends_of_space),
                cmocka_unit_test(without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
