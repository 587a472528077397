/* backend/dns/doctor.c: what is found, and how to mend it. */
#include "world.h"

#include <pic/log.h>

static char found[2048];

static void note(int level, const char *area, const char *what, const char *fix, void *data)
{
        (void)data;
        assert_true(PIC__LEVEL_OF(level) >= PIC_LOG_ERROR && PIC__LEVEL_OF(level) <= PIC_LOG_INFO);
        assert_string_equal(area, "dns");
        assert_true(fix != NULL && fix[0] != '\0');
        strncat(found, what, sizeof(found) - strlen(found) - 2);
        strcat(found, "\n");
}

static void look(pic__backend *b)
{
        found[0] = '\0';
        b->ops->doctor(b, note, NULL);
}

static void finds(void **state)
{
        pic__backend *b = backend();
        char path[128];

        (void)state;
        look(b);
        assert_non_null(strstr(found, "does not run"));
        must(b, SERVER, "main", NULL, VALUE);
        look(b);
        assert_null(strstr(found, "name server"));
        assert_int_equal(strstr(found, "root key") == NULL, pic__dns_root_key() != NULL);
        snprintf(path, sizeof(path), "%s/dns/control.sock", world_dir);
        unlink(path);
        look(b);
        assert_non_null(strstr(found, "does not answer"));
        b->ops->free(b);
}

static void silent_servers(void **state)
{
        pic__backend *b = backend();
        int i;

        (void)state;
        must(b, SERVER, "main", NULL,
             "listen=10.1.0.1 " ZONES " upstream=127.0.0.77@5300,127.0.0.78@5300 forward=corp.example/127.0.0.77@5300");
        for (i = 0; i < 40; i++) {
                usleep(25000);
                (void)b->ops->drain(b);
        }
        look(b);
        assert_non_null(strstr(found, "none of the 2 upstreams answers"));
        assert_null(strstr(found, "corp.example"));
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(finds), TEST(silent_servers) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
