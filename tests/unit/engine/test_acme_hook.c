/* Shows: what a hook says is taken apart only when all of it is as uacme says it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "engine/acme_hook.h"

static void words(void **state)
{
        static const char good[] = "begin\0dns-01\0home.example.org\0tok_1\0aa-bb";
        static const struct {
                const char *text;
                size_t len;
        } bad[] = {
                { "", 0 },
                { good, sizeof(good) - 1 },                                     /* not to its end */
                { "begin\0dns-01\0home.example.org\0tok_1\0aa-bb\0x", 46 },     /* and more */
                { "begun\0dns-01\0home.example.org\0tok_1\0aa-bb", 43 },        /* no method */
                { "begin\0dns-01\0home.example.org;x\0tok_1\0aa-bb", 45 },      /* no name */
                { "begin\0dns-01\0home.example.org\0../1\0aa-bb", 42 },         /* no token */
                { "begin\0dns-01\0home.example.org\0tok_1\0aa bb", 43 },        /* no text */
                { "begin\0\0home.example.org\0tok_1\0aa-bb", 37 },              /* no type */
                { "begin\0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0a\0tok_1\0aa", 49 }, /* too long */
        };
        pic__acme_word w;
        size_t i;
        char *path;

        (void)state;
        assert_int_equal(pic__acme_hook_read(good, sizeof(good), &w), 1);
        assert_true(w.method == PIC__ACME_BEGIN && strcmp(w.type, "dns-01") == 0 && strcmp(w.auth, "aa-bb") == 0 &&
                    strcmp(w.ident, "home.example.org") == 0 && strcmp(w.token, "tok_1") == 0);
        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_int_equal(pic__acme_hook_read(bad[i].text, bad[i].len, &w), 0);
        path = pic__acme_hook_find();
        pic__free(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(words) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
