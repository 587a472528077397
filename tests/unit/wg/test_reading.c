/* A reading is kept, tells what observe tells, and nothing of an unfinished one is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/wg/reading.h"

/* A transport that answers what a test wants, one answer a reading; 0 is all of it, else the code after one peer. */
static int answers[8];
static size_t asked, there;

static int find_it(pic__wg_transport *t, pic__wg_link *ret, pic_error **err)
{
        (void)t, (void)err;
        strcpy(ret->name, "pic0");
        return (int)there;
}

static int read_it(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_reader *reader, pic_error **err)
{
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        const pic__wg_device device = { { 1 }, 51820 };
        const char *const prefixes[] = { "fd00::2/128", "10.1.0.2/32" };
        int answer = answers[asked++], r, i;
        size_t k;

        (void)t, (void)link;
        r = reader->device(&device, reader->data, err);
        for (i = 0; r == 0 && i < 3; i++) {
                pic__wg_peer_clear(&peer);
                peer.key[0] = (uint8_t)(1 + i);
                peer.psk[0] = (uint8_t)i;
                for (k = 0; k < (size_t)i && k < PIC__COUNT(prefixes); k++) {
                        pic__prefix p;

                        assert_int_equal(pic__prefix_parse(prefixes[k], &p), 0);
                        if (pic__vec_push(&peer.allowed, p) < 0)
                                return pic__nomem(err);
                }
                r = reader->peer(&peer, reader->data, err);
                if (r == 0 && answer < 0)
                        r = pic__fail(err, answer, "told to fail");
        }
        return r;
}

static const pic__wg_transport_ops ops = { .find = find_it, .read = read_it };
static pic__wg_transport transport = { &ops, "pretended" };

static int take(pic__wg *w, pic__wg_reading *reading, int first, int second, int third)
{
        pic__auto_err pic_error *err = NULL;

        answers[0] = first;
        answers[1] = second;
        answers[2] = third;
        asked = 0;
        return pic__wg_reading_take(w, reading, &err);
}

static void assert_whole(const pic__wg_reading *reading)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;

        assert_int_equal(pic__wg_reading_items(reading, &items, NULL), 0);
        assert_int_equal(items.count, 4);
        assert_string_equal(items.at[0].key, "pic0");
        assert_null(items.at[1].secret);
        assert_int_equal(items.at[2].secret[0], 1);
        assert_string_equal(items.at[1].value, "allowed= keepalive=0");
        assert_string_equal(items.at[3].value, "allowed=10.1.0.2/32,fd00::2/128 keepalive=0");
}

static void once_and_again(void **state)
{
        pic__auto_wg_reading pic__wg_reading a = PIC__WG_READING_INIT, b = PIC__WG_READING_INIT;
        pic__wg w = { .kernel = &transport };

        (void)state;
        there = 1;
        assert_int_equal(take(&w, &a, 0, 0, 0), 0);
        assert_int_equal(asked, 1);
        assert_whole(&a);
        assert_true(w.known && w.sum == a.sum);
        assert_int_equal(take(&w, &b, PIC_BUSY, PIC_BUSY, 0), 0); /* it changed meanwhile, twice */
        assert_int_equal(asked, 3);
        assert_whole(&b);
        assert_true(w.known && w.sum == a.sum);
}

static void not_at_all(void **state)
{
        pic__auto_wg_reading pic__wg_reading a = PIC__WG_READING_INIT, b = PIC__WG_READING_INIT,
                                             c = PIC__WG_READING_INIT;
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__wg w = { .kernel = &transport };

        (void)state;
        there = 1;
        assert_int_equal(take(&w, &a, PIC_BUSY, PIC_BUSY, PIC_BUSY), PIC_BUSY); /* it does not end */
        assert_int_equal(asked, 3);
        assert_false(w.known);
        assert_int_equal(take(&w, &b, PIC_TIMEOUT, 0, 0), PIC_TIMEOUT);
        assert_false(w.known);
        there = 0;
        assert_int_equal(take(&w, &c, 0, 0, 0), 0); /* no device: known, and nothing */
        assert_int_equal(asked, 0);
        assert_true(w.known && w.sum == 0);
        assert_int_equal(pic__wg_reading_items(&c, &items, NULL), 0);
        assert_int_equal(items.count, 0);
}

static void out_of_memory(void **state)
{
        pic__wg w = { .kernel = &transport };
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        there = 1;
        for (n = 1; r != 0 && n < 100; n++) {
                pic__auto_wg_reading pic__wg_reading a = PIC__WG_READING_INIT;
                pic__auto_items pic__items items = PIC__ITEMS_INIT;

                answers[0] = 0;
                asked = 0;
                pic__mem_fail_at(n);
                r = pic__wg_reading_take(&w, &a, NULL);
                if (r == 0)
                        r = pic__wg_reading_items(&a, &items, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        assert_true(n > 3 && r == 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(once_and_again),
                cmocka_unit_test(not_at_all),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
