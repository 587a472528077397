/* Shows: a manifest comes back as it was, and one of strangers is refused unless every word of it may be. */
#include "backup/manifest.h"

#include "base/mem.h"
#include "help.h"

static void round_trip(void **state)
{
        static const char *const members[] = { "a", "one", "b/c", "", "key", "three", NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT, again = PIC__BUF_INIT;
        pic__manifest m, n;

        (void)state;
        describe(members, &m);
        pic__manifest_put(&m, &text);
        assert_int_equal(pic__manifest_get(text.data, text.len, &n, NULL), 0);
        assert_int_equal(n.count, 3);
        assert_int_equal(n.total, 8);
        assert_int_equal(n.revision, 7);
        assert_string_equal(n.cell, "home");
        assert_null(n.domain);
        assert_ptr_equal(pic__manifest_find(&n, "b/c"), &n.members[1]);
        assert_null(pic__manifest_find(&n, "b"));
        pic__manifest_put(&n, &again);
        assert_string_equal(text.data, again.data);
        pic__manifest_clear(&m);
        pic__manifest_clear(&n);
}

static void names(void **state)
{
        static const char *const good[] = { "a", "a/b", "...", ".a", "a b", "\xc3\xa4" };
        static const char *const bad[] = { "",     "/",     "/a",   "a/",    "a//b",  ".",    "..",           "../a",
                                           "a/..", "a/./b", "a\nb", "\x1b[", "a\x7f", "\xff", "manifest.json" };
        char longest[600];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++)
                assert_int_equal(pic__member_name(good[i]), 1);
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__member_name(bad[i]), 0);
        memset(longest, 'a', sizeof(longest));
        longest[599] = '\0';
        assert_int_equal(pic__member_name(longest), 0);
}

static void refused(const char *text, int code)
{
        pic__manifest m;

        assert_int_equal(pic__manifest_get(text, strlen(text), &m, NULL), code);
        assert_null(m.members);
}

#define HEAD "{\"format\":\"pic-backup\",\"layout\":1,\"created\":\"2026-11-26T00:00:00Z\",\"members\":"
#define SHA "\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""

static void wrong(void **state)
{
        pic__manifest m;

        (void)state;
        assert_int_equal(pic__manifest_get(HEAD "[]}", strlen(HEAD "[]}"), &m, NULL), 0);
        pic__manifest_clear(&m);
        refused("", PIC_CORRUPT);
        refused("[]", PIC_CORRUPT);
        refused("{}", PIC_CORRUPT);
        refused("{\"format\":\"pic-backup\",\"layout\":2}", PIC_UNSUPPORTED);
        refused("{\"format\":\"pic-backup\",\"layout\":1,\"created\":\"soon\",\"members\":[]}", PIC_CORRUPT);
        refused("{\"format\":\"pic-backup\",\"layout\":1,\"created\":\"2026-11-26T00:00:00Z\"}", PIC_CORRUPT);
        refused("{\"cell\":{\"name\":\"a\\nb\"},\"format\":\"pic-backup\",\"layout\":1,\"created\":\"2026-11-26T00:00:"
                "00Z\","
                "\"members\":[]}",
                PIC_CORRUPT);
        refused(HEAD "{}}", PIC_CORRUPT);
        refused(HEAD "[1]}", PIC_CORRUPT);
        refused(HEAD "[{\"name\":\"../a\",\"size\":0," SHA "}]}", PIC_CORRUPT);
        refused(HEAD "[{\"name\":\"a\",\"size\":-1," SHA "}]}", PIC_CORRUPT);
        refused(HEAD "[{\"name\":\"a\",\"size\":1e3," SHA "}]}", PIC_CORRUPT);
        refused(HEAD "[{\"name\":\"a\",\"size\":0,\"sha256\":\"E3\"}]}", PIC_CORRUPT);
        refused(HEAD "[{\"name\":\"a\",\"size\":0}]}", PIC_CORRUPT);
        refused(HEAD "[{\"name\":\"a\",\"size\":0," SHA "},{\"name\":\"a\",\"size\":0," SHA "}]}", PIC_CORRUPT);
        refused(HEAD "[{\"name\":\"b\",\"size\":0," SHA "},{\"name\":\"a\",\"size\":0," SHA "}]}", PIC_CORRUPT);
        refused(HEAD "[{\"name\":\"a\",\"size\":9223372036854775807," SHA "},{\"name\":\"b\",\"size\":1," SHA "}]}",
                PIC_CORRUPT);
}

static void no_memory(void **state)
{
        static const char text[] =
                HEAD "[{\"name\":\"a\",\"size\":0," SHA "}],\"version\":\"1\",\"cell\":{\"name\":\"x\"}}";
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        for (n = 1; r != 0; n++) {
                pic__manifest m;

                assert_true(n < 100);
                pic__mem_fail_at(n);
                r = pic__manifest_get(text, strlen(text), &m, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic__manifest_clear(&m);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(round_trip), cmocka_unit_test(names),
                                            cmocka_unit_test(wrong), cmocka_unit_test(no_memory) };

        return cmocka_run_group_tests(tests, start, NULL);
}
