/* Shows: each directive is there once with all that its verdict needs; words fit or not; and the table speaks of
 * every directive that the installed openvpn tells in its help. */
#include "take.h"

#include <stdlib.h>

#include "codec/ovpn_parts.h"

static void complete(void **state)
{
        const pic__ovpn_directive *d;
        size_t i, j;

        (void)state;
        for (i = 0; (d = pic__ovpn_at(i)) != NULL; i++) {
                for (j = 0; j < i; j++)
                        if (strcmp(pic__ovpn_at(j)->name, d->name) == 0)
                                fail_msg("%s is there twice", d->name);
                assert_ptr_equal(pic__ovpn_find(d->name), d);
                assert_int_equal(d->words != NULL, d->verdict == PIC__OVPN_KEEP);
                assert_int_equal(d->why != NULL, d->verdict == PIC__OVPN_DROP || d->verdict == PIC__OVPN_REFUSE);
                assert_int_equal(pic__ovpn_special_of(d->name) != NULL, d->verdict == PIC__OVPN_SPECIAL);
        }
        assert_true(i > 250);
        assert_null(pic__ovpn_find("frobnicate"));
        assert_null(pic__ovpn_find("CLIENT"));
}

static void words(void **state)
{
        static const struct {
                const char *words;
                const char *argv[4];
                size_t argc;
                int want;
        } cases[] = {
                { "", { NULL }, 0, 1 },
                { "", { "x" }, 1, 0 },
                { "n", { "10" }, 1, 1 },
                { "n", { "x" }, 1, 0 },
                { "n", { "-1" }, 1, 0 },
                { "n", { "2147483648" }, 1, 0 },
                { "n", { NULL }, 0, 0 },
                { "n?n", { "1" }, 1, 1 },
                { "n?n", { "1", "2" }, 2, 1 },
                { "n?n", { "1", "2", "3" }, 3, 0 },
                { "n?n", { NULL }, 0, 0 },
                { "?nw", { NULL }, 0, 1 },
                { "?nw", { "1" }, 1, 1 },
                { "w", { "" }, 1, 0 },
                { "w*", { "a", "b", "c" }, 3, 1 },
                { "w*", { NULL }, 0, 0 },
                { "*", { NULL }, 0, 1 },
                { "a", { "192.0.2.1" }, 1, 1 },
                { "a", { "2001:db8::1" }, 1, 1 },
                { "a", { "a.example" }, 1, 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                const pic__ovpn_directive d = { "x", PIC__OVPN_KEEP, cases[i].words, NULL, NULL };

                if (pic__ovpn_words_fit(&d, cases[i].argv, cases[i].argc) != cases[i].want)
                        fail_msg("case %zu", i);
        }
}

static void usage(void **state)
{
        const pic__ovpn_directive d = { "x", PIC__OVPN_KEEP, "na?w*", NULL, NULL };

        (void)state;
        pic__buf_clear(&taken);
        pic__ovpn_usage(&d, &taken);
        assert_string_equal(pic__buf_str(&taken), "x NUMBER ADDRESS [ WORD … ]");
}

static void near(void **state)
{
        pic__near n = PIC__NEAR("remote-random-hostnam");
        pic_error *err = NULL;

        (void)state;
        pic__ovpn_near(&n);
        pic__fail(&err, PIC_SYNTAX, "x");
        pic__near_hint(&n, NULL, &err);
        assert_string_equal(pic_error_hint(err), "did you mean 'remote-random-hostname'?");
        pic_error_free(err);
}

/* A newer openvpn with a directive that nobody judged: unknown directives are refused, so this only says what is to
 * do. */
static void help(void **state)
{
        FILE *f = popen("openvpn --help 2>/dev/null", "r");
        char line[512], name[128];
        size_t seen = 0;

        (void)state;
        assert_non_null(f);
        while (fgets(line, sizeof(line), f) != NULL) {
                if (sscanf(line, "--%127[a-z0-9-]", name) != 1)
                        continue;
                seen++;
                if (pic__ovpn_find(name) == NULL)
                        fail_msg("the table does not have '%s'", name);
        }
        pclose(f);
        if (seen == 0)
                skip();
        assert_true(seen > 200);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(complete), cmocka_unit_test(words), cmocka_unit_test(usage),
                cmocka_unit_test(near),     cmocka_unit_test(help),
        };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        pic__buf_free(&taken);
        return r;
}
