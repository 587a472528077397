/* engine/drill_book.c: what was not come to is neither well nor failed, and what another wrote down is taken over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "engine/drill_book.h"

static pic__doc *put(const pic__drill_book *b, pic__buf *text)
{
        pic__json j = PIC__JSON(text);
        pic__doc *doc = NULL;

        pic__json_open(&j, '{');
        pic__book_put(b, &j);
        pic__json_close(&j, '}');
        assert_int_equal(pic__doc_json(pic__buf_str(text), text->len, "x", &doc, NULL), 0);
        return doc;
}

static int has(const pic__buf *text, const char *words)
{
        return strstr(pic__buf_str(text), words) != NULL;
}

static void outcome(void **state)
{
        pic_time now = 5 * PIC__SECOND;
        const pic__clock clock = pic__clock_fake(&now);
        pic__auto_buf pic__buf text = PIC__BUF_INIT, again = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        pic__drill_book b, other;
        pic__doc *doc;
        int i;

        (void)state;
        pic__book_begin(&b, &clock);
        assert_false(pic__book_good(&b)); /* nothing was looked at */
        for (i = 0; i < PIC__DRILL_CHECKS; i++) {
                now += PIC__SECOND / 4;
                if (i == PIC__DRILL_EXITS)
                        pic__book_skip(&b, PIC__DRILL_EXITS, "there is none");
                else
                        pic__book_ok(&b, (enum pic__drill_check)i, "%d is well", i);
                assert_int_equal(pic__book_good(&b), i == PIC__DRILL_CHECKS - 1);
        }
        assert_int_equal(pic__book_failed(&b), PIC__DRILL_CHECKS);
        (void)pic__fail(&err, PIC_CORRUPT, "nobody answers");
        pic__hint(&err, "wait");
        (void)pic__wrap(&err, "names");
        now += 2 * PIC__SECOND;
        pic__book_fail(&b, PIC__DRILL_NAMES, err);
        assert_true(!pic__book_good(&b) && pic__book_failed(&b) == PIC__DRILL_NAMES);
        doc = put(&b, &text);
        assert_true(has(&text, "\"restorable\":false,\"milliseconds\":6250,\"failed\":\"names\""));
        assert_true(has(&text,
                        "{\"check\":\"names\",\"state\":\"failed\",\"milliseconds\":2000,\"text\":\"names: nobody "
                        "answers\",\"hint\":\"wait\"}"));
        assert_true(has(&text, "{\"check\":\"exits\",\"state\":\"skipped\",\"milliseconds\":250,\"text\":\"there is "
                               "none\",\"hint\":null}"));
        pic__book_begin(&other, &clock);
        pic__book_ok(&other, PIC__DRILL_OPENS, "mine");
        pic__book_take(&other, pic__doc_root(doc));
        pic__doc_unref(doc);
        doc = put(&other, &again);
        assert_true(has(&again, "\"failed\":\"names\"") && has(&again, "0 is well") && has(&again, "nobody answers"));
        pic__doc_unref(doc);
        pic__book_clear(&b);
        pic__book_clear(&other);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(outcome) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
