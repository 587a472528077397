/* engine/keep_state.c: what is known of targets survives a start, and what of backups a new list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "codec/json_in.h"
#include "engine/keep_i.h"

static void take(pic__keep_target *t, const char *json)
{
        pic__doc *doc = NULL;

        assert_int_equal(pic__doc_json(json, strlen(json), "x", &doc, NULL), 0);
        pic__keep_take_held(t, pic__node_list(pic__doc_root(doc), "held"));
        pic__doc_unref(doc);
}

static void held(void **state)
{
        pic__keep_target t = { .id = 1 };
        pic__keep_held *h;

        (void)state;
        take(&t, "{\"held\":[{\"name\":\"a\",\"size\":5,\"created\":\"2026-11-26T00:00:00Z\"},"
                 "{\"name\":\"b\",\"size\":6,\"created\":\"2026-11-27T00:00:00Z\"},{\"size\":3},7]}");
        assert_int_equal(t.held.count, 2);
        assert_string_equal(t.held.at[0].name, "b"); /* the newest first */
        h = pic__keep_find_held(&t, "a");
        h->state = 1;
        h->verified = 9 * PIC__SECOND;
        pic__keep_text(&h->sha256, "ff");
        pic__keep_find_held(&t, "b")->state = -1;
        /* what is as it was stays known; one of another size is another */
        take(&t, "{\"held\":[{\"name\":\"a\",\"size\":5,\"created\":\"2026-11-26T00:00:00Z\"},"
                 "{\"name\":\"b\",\"size\":7,\"created\":\"2026-11-27T00:00:00Z\"}]}");
        h = pic__keep_find_held(&t, "a");
        assert_true(h->state == 1 && h->verified == 9 * PIC__SECOND);
        assert_string_equal(h->sha256, "ff");
        assert_int_equal(pic__keep_find_held(&t, "b")->state, 0);
        assert_null(pic__keep_find_held(&t, "c"));
        pic__keep_clear(&t);
}

static void bounded(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__keep_target t = { .id = 1 };
        int i;

        (void)state;
        pic__buf_puts(&text, "{\"held\":[");
        for (i = 0; i < 600; i++)
                pic__buf_putf(&text, "%s{\"name\":\"n%d\",\"created\":\"2026-11-26T00:%02d:%02dZ\"}", i > 0 ? "," : "",
                              i, i / 60, i % 60);
        pic__buf_puts(&text, "]}");
        take(&t, pic__buf_str(&text));
        assert_int_equal(t.held.count, PIC__KEEP_HELD);
        assert_string_equal(t.held.at[0].name, "n599");
        pic__keep_clear(&t);
}

static void kept(void **state)
{
        pic__keep_target *at = pic__alloc(2 * PIC__TARGETS_MAX * sizeof(*at)), *again = at + PIC__TARGETS_MAX;
        char dir[] = "/tmp/pic-keep-XXXXXX", path[64];
        FILE *f;

        (void)state;
        assert_non_null(mkdtemp(dir));
        pic__keep_load(dir, again);
        assert_int_equal(again[0].id, 0);
        at[3].id = 7;
        at[3].failures = 2;
        at[3].good = at[3].since = 1795651200 * PIC__SECOND;
        at[3].size = 99;
        pic__keep_text(&at[3].url, "/a");
        pic__keep_text(&at[3].error, "no \"room\"\nthere");
        take(&at[3],
             "{\"held\":[{\"name\":\"a\",\"size\":5,\"created\":\"2026-11-26T00:00:00Z\",\"state\":\"good\"}]}");
        assert_int_equal(pic__keep_save(dir, at, NULL), 0);
        pic__keep_load(dir, again);
        assert_true(again[0].id == 7 && again[0].failures == 2 && again[0].good == at[3].good && again[0].size == 99);
        assert_string_equal(again[0].error, "no \"room\"\nthere");
        assert_true(again[0].held.count == 1 && again[0].held.at[0].state == 1);
        assert_int_equal(again[1].id, 0);
        pic__keep_clear(&again[0]);
        pic__keep_clear(&at[3]);
        snprintf(path, sizeof(path), "%s/" PIC__KEEP_STATE, dir);
        f = fopen(path, "w");
        fputs("[{\"id\":-1},{\"id\":\"x\"},7,{\"id\":3}", f);
        fclose(f);
        pic__keep_load(dir, again);
        assert_int_equal(again[0].id, 0); /* what cannot be read is forgotten */
        unlink(path);
        rmdir(dir);
        pic__free(at);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(held), cmocka_unit_test(bounded), cmocka_unit_test(kept) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
