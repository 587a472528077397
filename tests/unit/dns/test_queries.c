/* backend/dns/queries.c: who asks for what is written down only while that is wished, for nobody else to read, and gone
 * when it is not wished any more. */
#include "world.h"

#include <sys/stat.h>

#include "sys/file.h"

#define QUIET "listen=10.1.0.1 " ZONES " upstream= allow=10.1.0.0/16"
#define WRITTEN QUIET " log=yes"

static void written(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char path[PATH_MAX + 32], older[PATH_MAX + 40];
        pic__backend *b = backend();
        struct stat st;

        (void)state;
        snprintf(path, sizeof(path), "%s/queries.log", world_log);
        snprintf(older, sizeof(older), "%s.2", path);
        must(b, SERVER, "main", NULL, QUIET);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        assert_false(pic__file_exists(path));
        must(b, SERVER, "main", QUIET, WRITTEN);
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig("nobody.home.internal AAAA"), "status: NXDOMAIN");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(pic__file_read(path, 65536, &text, NULL), 0);
        assert_non_null(strstr(text.data, "reply: 10.1.0.1 anna.home.internal. A IN NOERROR "));
        assert_non_null(strstr(text.data, "reply: 10.1.0.1 nobody.home.internal. AAAA IN NXDOMAIN "));
        assert_int_equal(pic__file_write(older, "x\n", 2, 0600, NULL), 0);
        assert_string_equal(seen(b, SERVER, "main"), WRITTEN);
        must(b, SERVER, "main", WRITTEN, QUIET);
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        assert_false(pic__file_exists(path));
        assert_false(pic__file_exists(older));
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(written) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
