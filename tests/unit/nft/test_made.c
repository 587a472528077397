/* The file of what is known of our shape: what was written is read, anything else is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backend/nft/made.h"

static void reads(void **state)
{
        char hex[65], text[400];
        pic__nft_made k;

        (void)state;
        memset(hex, 'a', 64);
        hex[64] = '\0';
        snprintf(text, sizeof(text), "%s %s dev=pic0 port=1\n", hex, hex);
        pic__nft_made_parse(text, strlen(text), &k);
        assert_string_equal(k.digest, hex);
        assert_string_equal(k.made_from, hex);
        assert_string_equal(k.value, "dev=pic0 port=1");
        text[64] = 'x';
        pic__nft_made_parse(text, strlen(text), &k);
        assert_string_equal(k.value, "");
        assert_string_equal(k.digest, "");
}

static void refuses(void **state)
{
        char text[400];
        pic__nft_made k;
        size_t len;

        (void)state;
        memset(text, ' ', sizeof(text));
        for (len = 0; len <= 130; len++) {
                pic__nft_made_parse(text, len, &k);
                assert_string_equal(k.value, "");
        }
        text[399] = '\0';
        pic__nft_made_parse(text, 399, &k);
        assert_string_equal(k.value, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(reads), cmocka_unit_test(refuses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
