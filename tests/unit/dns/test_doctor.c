/* backend/dns/doctor.c: what is found, and how to mend it. */
#include "world.h"

#include <pic/log.h>

static char found[2048];

static void note(int level, const char *area, const char *what, const char *fix, void *data)
{
        (void)data;
        assert_true(level >= PIC_LOG_ERROR && level <= PIC_LOG_INFO);
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

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(finds) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
