/* What pic-http makes of single bytes, words and paths, without a server and without a cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "http/http.h" /* before cmocka, which has a macro called fail */

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

const struct page http_pages[] = { { .path = NULL } };

static void percent(void **state)
{
        static const char *const good[] = { "abc", "abc", "a%20b",  "a b", "%41%7a", "Az",
                                            "a+b", "a+b", "%C3%A4", "ä",   "",       "" };
        static const char *const bad[] = { "%", "%4", "%zz", "a%00b", "%ff", "%C3", "%ED%A0%80", "%C0%AF" };
        char out[64];
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(good) / sizeof(good[0]); i += 2) {
                assert_int_equal(text_percent(good[i], strlen(good[i]), out, sizeof(out), 0), (int)strlen(good[i + 1]));
                assert_string_equal(out, good[i + 1]);
        }
        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_int_equal(text_percent(bad[i], strlen(bad[i]), out, sizeof(out), 0), -1);
        assert_int_equal(text_percent("a+b", 3, out, sizeof(out), 1), 3);
        assert_string_equal(out, "a b");
        assert_int_equal(text_percent("abcd", 4, out, 4, 0), -1);
}

static void bytes(void **state)
{
        int64_t n = 0;

        (void)state;
        assert_true(text_utf8("aä€𝄞", strlen("aä€𝄞")));
        assert_false(text_utf8("\xc3", 1));
        assert_false(text_utf8("\xf4\x90\x80\x80", 4));
        assert_false(text_utf8("\x80", 1));
        assert_int_equal(text_depth("{\"a\":[1,[2]]}", 13), 3);
        assert_int_equal(text_depth("\"[[[\\\"[\"", 8), 0);
        assert_true(text_same("abc", "abc") && text_same("", ""));
        assert_false(text_same("abc", "abd") || text_same("abc", "ab") || text_same("", "a") || text_same("a", ""));
        assert_int_equal(text_int("42", 0, 100, &n), 0);
        assert_int_equal(n, 42);
        assert_int_equal(text_int("-1", -5, 5, &n), 0);
        assert_int_equal(text_int("101", 0, 100, &n), -1);
        assert_int_equal(text_int("4x", 0, 100, &n), -1);
        assert_int_equal(text_int(" 4", 0, 100, &n), -1);
        assert_int_equal(text_int("99999999999999999999", 0, INT64_MAX, &n), -1);
        assert_true(text_is_address("192.0.2.1") && text_is_address("2001:db8::1"));
        assert_false(text_is_address("192.0.2") || text_is_address("a"));
}

static void tags(void **state)
{
        (void)state;
        assert_true(tags_match("\"a-1\"", "\"a-1\""));
        assert_true(tags_match("\"x\", W/\"a-1\"", "\"a-1\""));
        assert_true(tags_match("*", "\"a-1\""));
        assert_false(tags_match("\"aa-1\"", "\"a-1\""));
        assert_false(tags_match("x\"a-1\"", "\"a-1\""));
        assert_false(tags_match("\"a-1\"x", "\"a-1\""));
}

static void words(void **state)
{
        const char *at = "name:s! list:a? any:x @fields";
        struct word w;

        (void)state;
        assert_int_equal(shape_next(&at, &w), 1);
        assert_true(strcmp(w.name, "name") == 0 && w.type == 's' && w.required && !w.nullable);
        assert_int_equal(shape_next(&at, &w), 1);
        assert_true(strcmp(w.name, "list") == 0 && w.type == 'a' && !w.required && w.nullable);
        assert_int_equal(shape_next(&at, &w), 1);
        assert_int_equal(shape_next(&at, &w), 1);
        assert_string_equal(w.name, "@fields");
        assert_int_equal(shape_next(&at, &w), 0);
}

static const struct route *find(const char *method, const char *target, const char **arg, char *allow, size_t size)
{
        static struct call c;
        struct req req = { .method = method, .target = target };
        const struct route *r;

        memset(&c, 0, sizeof(c));
        c.req = &req;
        r = route_find(&c, allow, size);
        *arg = c.args[0];
        return r;
}

static void paths(void **state)
{
        static const char *const none[] = { "/api/peers/",    "/api/peers//",   "/api",      "//",
                                            "/api/peers/a/b", "/api/peers%2Fa", "api/peers", "",
                                            "/api/peers/%zz" };
        char allow[64];
        const char *arg;
        size_t i;

        (void)state;
        assert_string_equal(find("GET", "/api/peers", &arg, allow, sizeof(allow))->path, "/api/peers");
        assert_string_equal(find("GET", "/api/peers/an%20na", &arg, allow, sizeof(allow))->path, "/api/peers/{name}");
        assert_string_equal(arg, "an na");
        assert_string_equal(find("GET", "/api/peers/a%2Fb", &arg, allow, sizeof(allow))->path, "/api/peers/{name}");
        assert_string_equal(arg, "a/b");
        assert_string_equal(find("HEAD", "/api/audit/export", &arg, allow, sizeof(allow))->path, "/api/audit/export");
        assert_null(find("PATCH", "/api/audit/export", &arg, allow, sizeof(allow)));
        assert_string_equal(allow, "GET");
        for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
                assert_null(find("GET", none[i], &arg, allow, sizeof(allow)));
                assert_string_equal(allow, "");
        }
}

/* Two routes of one method and path: the second one could never be reached. */
static void table(void **state)
{
        size_t i, k, n = route_count();

        (void)state;
        for (i = 0; i < n; i++)
                for (k = i + 1; k < n; k++)
                        assert_false(strcmp(http_routes[i].method, http_routes[k].method) == 0 &&
                                     strcmp(http_routes[i].path, http_routes[k].path) == 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(percent), cmocka_unit_test(bytes), cmocka_unit_test(tags),
                cmocka_unit_test(words),   cmocka_unit_test(paths), cmocka_unit_test(table)
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
