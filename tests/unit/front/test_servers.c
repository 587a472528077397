/* backend/front/servers.c: services as servers of a real haproxy: added, moved, taken out; what others did; how each
 * is. */
#include "world.h"

#define SERVICE PIC__I_FRONT_SERVICE

static void tells(pic__backend *b, const char *command)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, answer = PIC__BUF_INIT;

        pic__buf_putf(&text, "%s\n", command);
        assert_int_equal(pic__front_ask(((pic__front *)b)->dir, &text, 1000, &answer, NULL), 0);
}

static void come_and_go(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, SERVICE, "nas", NULL, "http/192.0.2.10/8080");
        must(b, SERVICE, "tv", NULL, "https/fd00::7/8443");
        must(b, SERVICE, "cloud", NULL, "verified/192.0.2.10/443/cloud.lan");
        must(b, SERVICE, "gone", NULL, "nowhere");
        assert_string_equal(seen(b), "main=" VALUE ";cloud=verified/192.0.2.10/443/cloud.lan;gone=nowhere;"
                                     "nas=http/192.0.2.10/8080;tv=https/fd00::7/8443");
        must(b, SERVICE, "nas", "http/192.0.2.10/8080", "http/192.0.2.11/8080");
        must(b, SERVICE, "gone", "nowhere", "http/192.0.2.12/80");
        must(b, SERVICE, "tv", "https/fd00::7/8443", NULL);
        must(b, SERVICE, "cloud", "verified/192.0.2.10/443/cloud.lan", "nowhere");
        assert_string_equal(seen(b), "main=" VALUE ";cloud=nowhere;gone=http/192.0.2.12/80;nas=http/192.0.2.11/8080");
        must(b, SERVICE, "nas", "http/192.0.2.11/8080", "http/192.0.2.10/8080"); /* and back */
        assert_false(((pic__front *)b)->stale);
        /* by somebody else */
        tells(b, "set server services/nas_http_192.0.2.10_8080 state maint");
        assert_string_equal(seen(b), "main=" VALUE ";cloud=nowhere;gone=http/192.0.2.12/80");
        must(b, SERVICE, "nas", NULL, "http/192.0.2.10/8080");
        tells(b, "del map servers.map gone");
        assert_string_equal(seen(b), "main=" VALUE ";cloud=nowhere;nas=http/192.0.2.10/8080");
        assert_true(((pic__front *)b)->stale);
        b->ops->tick(b);
        assert_false(((pic__front *)b)->stale);
        b->ops->free(b);
}

static void refuses(void **state)
{
        static const char *const bad[] = { "http",
                                           "http/192.0.2.10",
                                           "http/192.0.2.10/",
                                           "http/x/80",
                                           "ftp/192.0.2.10/80",
                                           "http/192.0.2.10/8x",
                                           "http/192.0.2.10/80/a/b",
                                           "verified/192.0.2.10/443",
                                           "https/192.0.2.10/443/a b",
                                           "http/192.0.2.10/80;x" };
        pic__backend *b = backend();
        size_t i;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (step_of(b, SERVICE, "nas", NULL, bad[i], NULL) != PIC_INVALID)
                        fail_msg("%s", bad[i]);
        assert_int_equal(step_of(b, SERVICE, "a b", NULL, "http/192.0.2.10/80", NULL), PIC_INVALID);
        assert_string_equal(seen(b), "main=" VALUE);
        b->ops->free(b);
}

static char told[300];

static void note(const pic__service_fact *fact, void *data)
{
        size_t n = strlen(told);

        (void)data;
        snprintf(told + n, sizeof(told) - n, "%s=%s;", fact->name, fact->state);
}

static void find(int level, const char *area, const char *what, const char *fix, void *data)
{
        size_t n = strlen(told);

        (void)data;
        assert_true(level > 0 && fix[0] != '\0' && strcmp(area, "front") == 0);
        snprintf(told + n, sizeof(told) - n, "%s;", what);
}

static void how_they_are(void **state)
{
        pic__backend *b = backend();
        int i;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        told[0] = '\0';
        b->ops->services(b, note, NULL);
        assert_string_equal(told, "");
        must(b, SERVICE, "self", NULL, "http/10.1.0.1/80");
        must(b, SERVICE, "shut", NULL, "http/10.1.0.1/9");
        must(b, SERVICE, "lost", NULL, "nowhere");
        for (i = 0; i < 100 && strstr(told, "shut=down;") == NULL; i++) {
                usleep(100000);
                told[0] = '\0';
                b->ops->services(b, note, NULL);
        }
        assert_non_null(strstr(told, "self=up;"));
        assert_non_null(strstr(told, "shut=down;"));
        assert_non_null(strstr(told, "lost=nowhere;"));
        told[0] = '\0';
        b->ops->doctor(b, find, NULL);
        assert_non_null(strstr(told, "service shut: its target does not answer: "));
        assert_non_null(strstr(told, "service lost: the host"));
        assert_null(strstr(told, "service self"));
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(come_and_go), TEST(refuses), TEST(how_they_are) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
