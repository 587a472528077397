/* Levels of the log: root and areas, the file that keeps them, and files that say nothing sensible. */
#include "fixture.h"

#include "engine/logfile.h"
#include "engine/loglevels.h"

static char dir[64];

static int set_up(void **state)
{
        (void)state;
        fixture_dir(dir, sizeof(dir));
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        fixture_drop(dir);
        return 0;
}

static void put(const char *text, size_t len)
{
        char path[160];

        snprintf(path, sizeof(path), "%s/levels", dir);
        assert_int_equal(pic__file_write(path, text, len, 0640, NULL), 0);
}

static void test_values(void **state)
{
        pic__loglevels l = PIC__LOGLEVELS_INIT;
        pic__auto_err pic_error *err = NULL;
        size_t i;

        (void)state;
        assert_int_equal(pic__loglevels_of(&l, "wg", PIC_LOG_INFO), PIC_LOG_INFO);
        assert_int_equal(pic__loglevels_set(&l, "wg", "debug", NULL), 0);
        assert_int_equal(pic__loglevels_set(&l, NULL, "error", NULL), 0);
        assert_int_equal(pic__loglevels_of(&l, "wg", PIC_LOG_INFO), PIC_LOG_DEBUG);
        assert_int_equal(pic__loglevels_of(&l, "dns", PIC_LOG_INFO), PIC_LOG_ERROR);
        assert_int_equal(pic__loglevels_of(&l, "no area", PIC_LOG_INFO), PIC_LOG_ERROR);
        assert_int_equal(pic__loglevels_most(&l, PIC_LOG_INFO), PIC_LOG_DEBUG);
        assert_int_equal(pic__loglevels_set(&l, "wg", NULL, NULL), 0);
        assert_int_equal(pic__loglevels_of(&l, "wg", PIC_LOG_INFO), PIC_LOG_ERROR);
        for (i = 0; i < PIC__LOG_AREAS; i++)
                assert_int_equal(pic__loglevels_set(&l, pic__log_areas[i], "warning", NULL), 0);
        assert_int_equal(pic__loglevels_set(&l, "sea", "debug", &err), PIC_VALUE);
        assert_string_equal(pic_error_detail(err, "field"), "area");
        assert_non_null(strstr(pic_error_hint(err), "wg"));
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__loglevels_set(&l, "wg", "loud", &err), PIC_VALUE);
        assert_string_equal(pic_error_detail(err, "field"), "level");
}

static void test_file(void **state)
{
        static const char odd[] = "wg debug\nroot  error\nsea info\ndns loud\nnft\nexit debug more\n\0store debug\n";
        pic__loglevels l = PIC__LOGLEVELS_INIT, again;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        (void)state;
        pic__loglevels_load(dir, &again);
        assert_memory_equal(&again, &l, sizeof(l));
        assert_int_equal(pic__loglevels_set(&l, "exit", "debug", NULL), 0);
        assert_int_equal(pic__loglevels_set(&l, NULL, "warning", NULL), 0);
        assert_int_equal(pic__loglevels_save(dir, &l, NULL), 0);
        pic__loglevels_load(dir, &again);
        assert_memory_equal(&again, &l, sizeof(l));
        put(odd, sizeof(odd) - 1);
        pic__loglevels_load(dir, &again);
        pic__loglevels_json(&again, PIC_LOG_INFO, &j);
        assert_memory_equal(pic__buf_str(&text),
                            "{\"root\":\"error\",\"areas\":{\"agent\":\"error\",\"acme\":\"error\",", 56);
        assert_non_null(strstr(pic__buf_str(&text), ",\"store\":\"error\",\"wg\":\"debug\"},\"own\":[\"wg\"]}"));
        assert_int_equal(pic__loglevels_of(&again, "unbound", PIC_LOG_INFO), PIC_LOG_ERROR);
        assert_int_equal(pic__loglevels_of(&again, "wireguard-go", PIC_LOG_INFO), PIC_LOG_DEBUG); /* a child of wg's */
        assert_int_equal(pic__loglevels_save("/nonexistent", &l, NULL) < 0, 1);
}

/* The file is opened by what was told before, and changes while it is open. */
static void test_hot(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__loglevels l;
        pic__logfile *f = NULL;
        const pic__log *log;
        char path[160];

        (void)state;
        put("root error\nwg debug\n", 20);
        assert_int_equal(pic__logfile_open(dir, &pic__clock_real, NULL, 1 << 20, &f, NULL), 0);
        log = pic__logfile_log(f);
        pic__log_put(log, PIC_LOG_INFO, "engine", "hidden");
        pic__log_put(log, PIC_LOG_DEBUG, "wg", "seen");
        pic__loglevels_load(dir, &l);
        assert_int_equal(pic__loglevels_set(&l, NULL, NULL, NULL), 0);
        assert_int_equal(pic__loglevels_set(&l, "wg", "error", NULL), 0);
        pic__logfile_levels(f, &l);
        pic__log_put(log, PIC_LOG_INFO, "engine", "seen too");
        pic__log_put(log, PIC_LOG_WARNING, "wg", "hidden too");
        pic__logfile_unref(f);
        snprintf(path, sizeof(path), "%s/agent.log", dir);
        assert_int_equal(pic__file_read(path, 1 << 20, &text, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&text), "DEBUG wg seen\n"));
        assert_non_null(strstr(pic__buf_str(&text), "INFO engine seen too\n"));
        assert_null(strstr(pic__buf_str(&text), "hidden"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_file, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_hot, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
