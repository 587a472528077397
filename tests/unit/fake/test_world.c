/* The fake world's items and their text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/fake/world.h"

#define LONG "private_key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8%3d\npassword=one two\n"

static const uint8_t secret[32] = { 0xab, 1, 0xff };

static void put(pic__fake_world *w, enum pic__item_kind kind, const char *key, const char *value, const uint8_t *bytes)
{
        const pic__item item = { kind, key, value, bytes, 32, NULL };

        assert_int_equal(pic__fake_set(w, &item), 0);
}

static void setting_and_finding(void **state)
{
        pic__fake_world w = PIC__FAKE_WORLD_INIT;
        const pic__fake_item *item;

        (void)state;
        assert_null(pic__fake_find(&w, PIC__I_WG_PEER, "k"));
        put(&w, PIC__I_WG_PEER, "k", "v", secret);
        put(&w, PIC__I_NFT_PEER4, "k", "other", NULL);
        item = pic__fake_find(&w, PIC__I_WG_PEER, "k");
        assert_string_equal(item->value, "v");
        assert_string_equal(item->key, "k");
        assert_memory_equal(item->secret, secret, 32);
        put(&w, PIC__I_WG_PEER, "k", "longer value", NULL);
        item = pic__fake_find(&w, PIC__I_WG_PEER, "k");
        assert_string_equal(item->value, "longer value");
        assert_null(item->secret);
        assert_int_equal(w.items.count, 2);
        pic__fake_unset(&w, PIC__I_WG_PEER, "k");
        pic__fake_unset(&w, PIC__I_WG_PEER, "k");
        assert_null(pic__fake_find(&w, PIC__I_WG_PEER, "k"));
        assert_non_null(pic__fake_find(&w, PIC__I_NFT_PEER4, "k"));
        pic__fake_clear(&w);
        assert_int_equal(w.items.count, 0);
}

/* What a connection has is longer than a key, and comes back out of the file as it was. */
static void long_secrets(void **state)
{
        pic__fake_world w = PIC__FAKE_WORLD_INIT, again = PIC__FAKE_WORLD_INIT;
        const pic__item item = { PIC__I_EXIT_SPACE, "1", "v", (const uint8_t *)LONG, sizeof(LONG), NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const pic__fake_item *got;

        (void)state;
        assert_int_equal(pic__fake_set(&w, &item), 0);
        assert_int_equal(pic__fake_print(&w, &text, NULL), 0);
        pic__buf_putc(&text, '\0');
        assert_int_equal(pic__fake_parse(&again, text.data, "fake/exit", NULL), 0);
        got = pic__fake_find(&again, PIC__I_EXIT_SPACE, "1");
        assert_int_equal(got->secret_len, sizeof(LONG));
        assert_memory_equal(got->secret, LONG, sizeof(LONG));
        pic__fake_clear(&w);
        pic__fake_clear(&again);
}

static void keys_longer_than_any(void **state)
{
        pic__fake_world w = PIC__FAKE_WORLD_INIT;
        char key[2000];
        const pic__item item = { PIC__I_DNS_RECORD, key, "v", NULL, 0, NULL };

        (void)state;
        memset(key, 'k', sizeof(key) - 1);
        key[sizeof(key) - 1] = '\0';
        assert_true(pic__fake_set(&w, &item) < 0);
        assert_null(pic__fake_find(&w, PIC__I_DNS_RECORD, key));
        pic__fake_unset(&w, PIC__I_DNS_RECORD, key);
        pic__fake_clear(&w);
}

static void printing_and_parsing(void **state)
{
        pic__fake_world w = PIC__FAKE_WORLD_INIT, again = PIC__FAKE_WORLD_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT, second = PIC__BUF_INIT;

        (void)state;
        put(&w, PIC__I_WG_PEER, "b=", "allowed= keepalive=0", secret);
        put(&w, PIC__I_ROUTE_ADDR, "pic0 10.1.0.1/16", "", NULL);
        put(&w, PIC__I_WG_PEER, "a=", "v", NULL);
        assert_int_equal(pic__fake_print(&w, &text, NULL), 0);
        assert_string_equal(
                text.data,
                "pic fake world 1\n"
                "wg.peer\ta=\tv\t-\n"
                "wg.peer\tb=\tallowed= keepalive=0\tab01ff0000000000000000000000000000000000000000000000000000000000\n"
                "route.addr\tpic0 10.1.0.1/16\t\t-\n");
        pic__buf_puts(&second, text.data);
        assert_int_equal(pic__fake_parse(&again, second.data, "file", NULL), 0);
        pic__buf_clear(&second);
        assert_int_equal(pic__fake_print(&again, &second, NULL), 0);
        assert_string_equal(second.data, text.data);
        pic__fake_clear(&w);
        pic__fake_clear(&again);
}

static void broken_texts(void **state)
{
        static const struct {
                const char *text;
                const char *line;
        } bad[] = {
                { "", "1" },
                { "pic fake world 1", "1" },
                { "pic fake world 2\n", "1" },
                { "pic fake world 1\nwg.peer\tk\tv\n", "2" },
                { "pic fake world 1\nwg.peer\tk\tv\t-\nwg.nothing\tk\tv\t-\n", "3" },
                { "pic fake world 1\nwg.peer\tk\tv\tabc\n", "2" },
                { "pic fake world 1\nwg.peer\tk\tv\tzz01ff0000000000000000000000000000000000000000000000000000000000\n",
                  "2" },
                { "pic fake world 1\nwg.peer\tk\tv\t-\nwg.peer\tk", "3" },
                { "pic fake world 1\n\n", "2" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__fake_world w = PIC__FAKE_WORLD_INIT;
                pic__auto_free char *text = pic__strdup(bad[i].text);
                pic__auto_err pic_error *err = NULL;

                assert_int_equal(pic__fake_parse(&w, text, "file", &err), PIC_CORRUPT);
                assert_string_equal(pic_error_detail(err, "line"), bad[i].line);
                assert_string_equal(pic_error_detail(err, "file"), "file");
                assert_non_null(pic_error_hint(err));
                pic__fake_clear(&w);
        }
}

static void without_memory(void **state)
{
        unsigned long n = 0, made;
        int r;

        (void)state;
        do {
                pic__fake_world w = PIC__FAKE_WORLD_INIT;
                pic__auto_buf pic__buf out = PIC__BUF_INIT;
                char text[] = "pic fake world "
                              "1\nwg.peer\tk\tv\t-\nwg."
                              "peer\tm\tv\tab01ff0000000000000000000000000000000000000000000000000000000000\n";

                (void)pic__mem_fail_at(++n);
                r = pic__fake_parse(&w, text, "file", NULL);
                if (r == 0)
                        r = pic__fake_print(&w, &out, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic__fake_clear(&w);
        } while (made >= n);
        assert_int_equal(r, 0);
        assert_true(n > 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(setting_and_finding),  cmocka_unit_test(long_secrets),
                cmocka_unit_test(keys_longer_than_any), cmocka_unit_test(printing_and_parsing),
                cmocka_unit_test(broken_texts),         cmocka_unit_test(without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
