/* engine/alert_letter.c: what is said, as a webhook's JSON, ntfy's, and a mail; signatures as everybody makes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "codec/doc.h"
#include "codec/json_in.h"
#include "engine/alert_letter.h"

#include <pic/log.h>

#define WALL ((pic_time)1800000000 * PIC__SECOND)

static const pic__letter_from from = { "home", "home.internal", "me", 2 };

static void fill(pic__letter *l)
{
        char disk[] = "the disk is full", fix[] = "make room", anna[] = "ännä\n\"x\"",
             exit_[] = "connection far is down";
        pic__alert_entry a = { .event = PIC__ALERT_DISK,
                               .level = PIC_LOG_WARNING,
                               .since = 40 * PIC__SECOND,
                               .count = 1,
                               .text = disk,
                               .fix = fix };
        pic__alert_entry b = {
                .event = PIC__ALERT_LOGIN, .level = PIC_LOG_ERROR, .since = 99 * PIC__SECOND, .count = 3, .text = anna
        };
        pic__alert_entry c = { .event = PIC__ALERT_EXIT,
                               .level = PIC_LOG_ERROR,
                               .since = 1 * PIC__SECOND,
                               .count = 1,
                               .about = exit_,
                               .text = exit_ };

        snprintf(l->id, sizeof(l->id), "17.1");
        l->made = WALL;
        pic__letter_add(l, &a, "trouble", WALL, 100 * PIC__SECOND);
        pic__letter_add(l, &b, "happened", WALL, 100 * PIC__SECOND);
        pic__letter_add(l, &c, "recovered", WALL, 100 * PIC__SECOND);
        pic__letter_close(l, 0);
}

static void words(void **state)
{
        pic__letter l = PIC__LETTER_INIT;

        (void)state;
        fill(&l);
        assert_int_equal(l.level, PIC_LOG_ERROR);
        assert_string_equal(pic__buf_str(&l.title), "the disk is full (and 2 more)");
        assert_string_equal(pic__buf_str(&l.text),
                            "the disk is full\n  to do: make room\nerror: ännä\\x0a\"x\" (3 times)\n"
                            "over: connection far is down (since 2027-01-15T07:58:21Z)\n");
        pic__letter_free(&l);
}

static void hook(void **state)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf body = PIC__BUF_INIT;
        pic__letter l = PIC__LETTER_INIT;
        const pic__node *root, *one;

        (void)state;
        fill(&l);
        pic__letter_webhook(&l, &from, &body);
        assert_int_equal(pic__doc_json(body.data, body.len, "hook", &doc, NULL), 0);
        root = pic__doc_root(doc);
        assert_string_equal(pic__node_str(root, "id", ""), "17.1");
        assert_string_equal(pic__node_str(root, "time", ""), "2027-01-15T08:00:00Z");
        assert_string_equal(pic__node_str(root, "level", ""), "error");
        assert_int_equal(pic__node_list(root, "events")->count, 3);
        one = pic__node_list(root, "events")->first;
        assert_string_equal(pic__node_str(one, "event", ""), "disk");
        assert_string_equal(pic__node_str(one, "since", ""), "2027-01-15T07:59:00Z");
        assert_string_equal(pic__node_str(one->next, "text", ""), "ännä\n\"x\"");
        assert_string_equal(pic__node_str(one->next->next, "state", ""), "recovered");
        assert_string_equal(pic__node_str(one->next->next, "level", ""), "info");
        pic__letter_free(&l);
}

static void ntfy(void **state)
{
        pic__auto_buf pic__buf body = PIC__BUF_INIT;
        pic__letter l = PIC__LETTER_INIT;

        (void)state;
        fill(&l);
        pic__letter_ntfy(&l, &from, "cell", &body);
        assert_non_null(
                strstr(pic__buf_str(&body), "\"topic\":\"cell\",\"title\":\"home: the disk is full (and 2 more)\""));
        assert_non_null(
                strstr(pic__buf_str(&body),
                       "\"priority\":5,\"tags\":[\"rotating_light\",\"electric_plug\",\"file_cabinet\",\"key\"]"));
        assert_non_null(strstr(pic__buf_str(&body), "2 earlier messages did not arrive."));
        pic__letter_free(&l);
}

static void mail(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__letter l = PIC__LETTER_INIT;
        const char *line, *end;
        pic_obj *o;

        (void)state;
        assert_int_equal(pic__obj_new(PIC__ALERT, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "sender", "cell@example.org", 0, NULL), 0);
        assert_int_equal(pic__obj_set(o, "recipients", "a@example.org,b@example.org", 0, NULL), 0);
        fill(&l);
        pic__buf_clear(&l.title);
        pic__buf_puts(&l.title, "Gerät Ännä heute neu, und noch eines, und noch eines, und noch Ömer");
        pic__letter_mail(&l, &from, o, &text);
        assert_non_null(strstr(pic__buf_str(&text), "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"));
        assert_non_null(strstr(pic__buf_str(&text), "To: <a@example.org>,\r\n <b@example.org>\r\n"));
        assert_non_null(strstr(pic__buf_str(&text), "Subject: =?utf-8?B?"));
        assert_non_null(strstr(pic__buf_str(&text), "Importance: high\r\n"));
        for (line = pic__buf_str(&text); *line != '\0'; line = end + 2) { /* each ends so, and none is too long */
                end = strstr(line, "\r\n");
                assert_non_null(end);
                assert_true(end - line <= 78);
                assert_null(memchr(line, '\n', (size_t)(end - line)));
        }
        pic__letter_free(&l);
        pic__obj_unref(o);
}

static void signature(void **state)
{
        char text[72];

        (void)state; /* RFC 4231, case 2 */
        pic__letter_sign("what do ya want for nothing?", 28, "Jefe", text);
        assert_string_equal(text, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void many(void **state)
{
        pic__letter l = PIC__LETTER_INIT;
        char what[] = "x";
        pic__alert_entry e = { .event = PIC__ALERT_NAMES, .level = PIC_LOG_WARNING, .text = what };
        int i;

        (void)state;
        for (i = 0; i < PIC__LETTER_ITEMS + 3; i++)
                pic__letter_add(&l, &e, "trouble", WALL, 0);
        pic__letter_close(&l, 4);
        assert_string_equal(pic__buf_str(&l.title), "x (and 56 more)");
        assert_non_null(strstr(pic__buf_str(&l.text), "and 7 more: pic alert status"));
        pic__letter_free(&l);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(words), cmocka_unit_test(hook),      cmocka_unit_test(ntfy),
                cmocka_unit_test(mail),  cmocka_unit_test(signature), cmocka_unit_test(many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
