/* engine/blocks_state.c: what is known of block lists survives a start; patience; what the reading child said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/time.h"
#include "engine/blocks_i.h"

static void said(void **state)
{
        pic__block b = { .id = 0 };

        (void)state;
        assert_int_equal(pic__block_said("lines 7\nskipped 2\nline 3 no name\nline 5 more than a name\nnames 4\n", &b),
                         0);
        assert_true(b.lines == 7 && b.skipped == 2 && b.names == 4);
        assert_string_equal(b.faults, "3 no name\n5 more than a name\n");
        pic__free(b.faults);
        b.faults = NULL;
        assert_int_equal(pic__block_said("lines 7\nkilled", &b), -1);
        assert_int_equal(pic__block_said("", &b), -1);
        assert_null(b.faults);
}

static void patience(void **state)
{
        (void)state;
        assert_true(pic__block_patience(1, 24 * 3600 * PIC__SECOND) == 300 * PIC__SECOND);
        assert_true(pic__block_patience(2, 24 * 3600 * PIC__SECOND) == 600 * PIC__SECOND);
        assert_true(pic__block_patience(1000, 24 * 3600 * PIC__SECOND) == 6 * 3600 * PIC__SECOND);
        assert_true(pic__block_patience(1000, 3600 * PIC__SECOND) == 3600 * PIC__SECOND);
}

static void kept(void **state)
{
        pic__block *at = pic__alloc(2 * PIC__BLOCKLISTS_MAX * sizeof(*at)), *again = at + PIC__BLOCKLISTS_MAX;
        char dir[] = "/tmp/pic-blocks-XXXXXX", sub[64], command[100];
        size_t i;

        (void)state;
        assert_non_null(mkdtemp(dir));
        snprintf(sub, sizeof(sub), "%s/" PIC__BLOCKS_DIR, dir);
        assert_int_equal(mkdir(sub, 0700), 0);
        pic__blocks_load(dir, again);
        assert_int_equal(again[0].id, 0);
        at[1].id = 7;
        at[1].failures = 3;
        at[1].taken = 12345;
        at[1].names = 99;
        at[1].file_size = 1 << 20;
        pic__block_keep(&at[1].source, "auto https://example.org/a b");
        pic__block_keep(&at[1].etag, "\"x y\"");
        pic__block_keep(&at[1].faults, "3 no name\n");
        pic__block_keep(&at[1].error, "");
        assert_int_equal(pic__blocks_save(dir, at, NULL), 0);
        pic__blocks_load(dir, again);
        assert_true(again[0].id == 7 && again[0].failures == 3 && again[0].taken == 12345 && again[0].names == 99);
        assert_true(again[0].file_size == 1 << 20 && again[1].id == 0);
        assert_string_equal(again[0].source, "auto https://example.org/a b");
        assert_string_equal(again[0].etag, "\"x y\"");
        assert_string_equal(again[0].faults, "3 no name\n");
        assert_null(again[0].error);
        for (i = 0; i < 2 * PIC__BLOCKLISTS_MAX; i++)
                pic__block_clear(&at[i]);
        pic__free(at);
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        assert_int_equal(system(command), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(said), cmocka_unit_test(patience),
                                            cmocka_unit_test(kept) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
