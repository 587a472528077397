/* The last words of wireguard-go: one line, bare, whatever the log looks like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/wg/words.h"

static void lines(void **state)
{
        static const char *const cases[][2] = {
                { "ERROR: (pic0) 2027/01/31 23:59:59 Failed to create TUN\n", "Failed to create TUN" },
                { "one\ntwo\n\n", "two" },
                { "ERROR: (pic0) short", "ERROR: (pic0) short" },
                { "", "" },
                { "\n\n", "" },
        };
        char path[] = "/tmp/pic-words-XXXXXX", text[300];
        int fd = mkstemp(path);
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(ftruncate(fd, 0), 0);
                assert_int_equal(pwrite(fd, cases[i][0], strlen(cases[i][0]), 0), (ssize_t)strlen(cases[i][0]));
                pic__wg_last_words(path, text, sizeof(text));
                assert_string_equal(text, cases[i][1]);
        }
        close(fd);
        unlink(path);
        pic__wg_last_words(path, text, sizeof(text));
        assert_string_equal(text, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
