/* Shows: folding, plain numbers, and the rule of names. */
#include "help.h"

#include "model/text.h"

static void folding(void **state)
{
        char out[8];

        (void)state;
        assert_int_equal(pic__same_name("Anna", "aNNA"), 1);
        assert_int_equal(pic__same_name("anna", "ann"), 0);
        assert_int_equal(pic__same_name("", ""), 1);
        assert_int_equal(pic__fold("ABCdefg", out, sizeof(out)), 0);
        assert_string_equal(out, "abcdefg");
        assert_int_equal(pic__fold("ABCdefgh", out, sizeof(out)), -1);
        assert_string_equal(out, "abcdefg");
}

static void numbers(void **state)
{
        static const char *const bad[] = {
                "", "-1", "+1", "01", "00", "1 ", " 1", "1.0", "0x1", "101", "99999999999999999999999999"
        };
        long n;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__decimal(bad[i], 0, 100, &n), -1);
        assert_int_equal(pic__decimal("0", 0, 100, &n), 0);
        assert_int_equal(n, 0);
        assert_int_equal(pic__decimal("100", 0, 100, &n), 0);
        assert_int_equal(n, 100);
        assert_int_equal(pic__decimal("0", 1, 100, &n), -1);
}

static void names(void **state)
{
        static const char *const good[] = { "a", "Anna", "anna-phone", "a_b.c", "1", "a1.b2", "x--y" };
        static const char *const bad[] = { "",         "-a",   "a-", ".a", "a.",       "a..b", "a b", "a/b", "a:b",
                                           "\xc3\xa4", "a\nb", "_a", "a_", "10.0.0.1", "a@b",  "a'b", "a,b" };
        char name[80];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++)
                assert_null(pic__name_rule(good[i]));
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_non_null(pic__name_rule(bad[i]));
        memset(name, 'a', sizeof(name));
        name[65] = '\0';
        assert_non_null(pic__name_rule(name)); /* 65 bytes */
        name[64] = '\0';
        assert_non_null(pic__name_rule(name)); /* a label of 64 */
        name[30] = '.';
        assert_null(pic__name_rule(name)); /* 64 bytes, labels shorter */
        name[30] = 'a';
        name[63] = '\0';
        assert_null(pic__name_rule(name));
}

RUN(T(folding), T(numbers), T(names))
