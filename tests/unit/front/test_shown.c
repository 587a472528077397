/* backend/front/shown.c: which certificate is shown for which name of a service, by a real haproxy's handshakes. */
#include "world.h"

#define SHOWN PIC__I_FRONT_SHOWN

/* Whether somebody who asks for that name is shown the certificate for blog.example; without any, none. */
static int is_shown(const char *name)
{
        char command[300];

        snprintf(command, sizeof(command),
                 "timeout 2 openssl s_client -connect 10.1.0.1:5443 -servername %s </dev/null 2>/dev/null | grep -q "
                 "'subject=.*blog'",
                 name);
        return sh(command) == 0;
}

static void by_name(void **state)
{
        pic__auto_wipe pic__buf one = PIC__BUF_SECRET, two = PIC__BUF_SECRET;
        char first[PIC__X509_HEX], second[PIC__X509_HEX], v1[90], v2[90];
        pic__backend *b = backend();

        (void)state;
        make_secret(&one, first);
        make_secret(&two, second);
        snprintf(v1, sizeof(v1), "serial=%s", first);
        snprintf(v2, sizeof(v2), "serial=%s", second);
        must(b, SERVER, "main", NULL, VALUE);
        must(b, PIC__I_FRONT_PLACE, "10.1.0.1", NULL, "nas");
        assert_true(step_of(b, SHOWN, "nas.example.org", NULL, "blog", NULL) < 0); /* there is none */
        assert_int_equal(with_key(b, "blog", PIC__ADD, v1, &one, NULL), 0);
        assert_int_equal(with_key(b, "more", PIC__ADD, v2, &two, NULL), 0);
        must(b, SHOWN, "nas.example.org", NULL, "blog");
        must(b, SHOWN, "tv.example.org", NULL, "blog");
        must(b, SHOWN, "tv.example.org", NULL, "blog"); /* once is enough */
        assert_true(is_shown("nas.example.org") && is_shown("tv.example.org"));
        assert_false(is_shown("other.example.org") || is_shown("example.org"));
        must(b, SHOWN, "nas.example.org", "blog", NULL);
        assert_true(!is_shown("nas.example.org") && is_shown("tv.example.org"));
        must(b, SHOWN, "tv.example.org", "blog", "more");
        assert_true(is_shown("tv.example.org"));
        assert_non_null(strstr(seen(b), ";tv.example.org=more"));
        assert_null(strstr(seen(b), ";tv.example.org=blog"));

        /* all that it has goes with it, and a certificate that goes is shown no more */
        must(b, SERVER, "main", VALUE, "listen=10.1.0.1");
        assert_non_null(strstr(seen(b), ";tv.example.org=more"));
        assert_true(is_shown("tv.example.org"));
        assert_int_equal(with_key(b, "more", PIC__REMOVE, v2, &two, NULL), 0);
        assert_null(strstr(seen(b), "tv.example.org"));
        assert_false(is_shown("tv.example.org"));
        b->ops->free(b);
}

static void refuses(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        assert_int_equal(step_of(b, SHOWN, "a b", NULL, "blog", NULL), PIC_INVALID);
        assert_int_equal(step_of(b, SHOWN, "a", NULL, "blog;x", NULL), PIC_INVALID);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(by_name), TEST(refuses) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
