/* The log on disk: its lines, its levels, its rotation, and the children's. */
#include "fixture.h"

#include <fcntl.h>
#include <time.h>

#include "engine/logfile.h"

static char dir[64];
static pic_time now = NOW;
static pic__clock clock_fake;
static int also_heard;

static void hear(int level, const char *area, const char *message, void *data)
{
        (void)level;
        (void)area;
        (void)message;
        (void)data;
        also_heard++;
}

static char *text_of(const char *name)
{
        pic__buf text = PIC__BUF_INIT;
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        if (pic__file_read(path, 1 << 24, &text, NULL) < 0)
                return NULL;
        pic__buf_puts(&text, "");
        return pic__buf_steal(&text);
}

static int set_up(void **state)
{
        (void)state;
        fixture_dir(dir, sizeof(dir));
        clock_fake = pic__clock_fake(&now);
        also_heard = 0;
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        fixture_drop(dir);
        return 0;
}

static void test_lines(void **state)
{
        const pic__log also = { hear, NULL, PIC_LOG_WARNING };
        const pic__log debug = { hear, NULL, PIC_LOG_DEBUG };
        pic__logfile *l = NULL;
        char *text;

        (void)state;
        assert_int_equal(pic__logfile_open(dir, &clock_fake, &also, 1000, &l, NULL), 0);
        pic__log_put(pic__logfile_log(l), PIC_LOG_INFO, "engine", "one");
        pic__log_put(pic__logfile_log(l), PIC_LOG_ERROR, "wg", "two\nlines \x01");
        pic__log_put(pic__logfile_log(l), PIC_LOG_DEBUG, "wg", "not shown");
        pic__logfile_unref(l);
        text = text_of("agent.log");
        assert_non_null(strstr(text, "2027-01-15T08:00:00Z INFO engine one\n"));
        assert_non_null(strstr(text, "ERROR wg two\\x0a"));
        assert_null(strstr(text, "not shown"));
        assert_int_equal(also_heard, 1);
        pic__free(text);
        assert_int_equal(pic__logfile_open(dir, &clock_fake, &debug, 1000, &l, NULL), 0); /* appends */
        pic__log_put(pic__logfile_log(l), PIC_LOG_DEBUG, "wg", "shown now");
        pic__logfile_unref(l);
        text = text_of("agent.log");
        assert_non_null(strstr(text, "INFO engine one\n"));
        assert_non_null(strstr(text, "DEBUG wg shown now\n"));
        pic__free(text);
        assert_null(pic__logfile_unref(NULL));
}

static void test_rotation(void **state)
{
        pic__logfile *l = NULL;
        char name[32], *text;
        int i;

        (void)state;
        assert_int_equal(pic__logfile_open(dir, &clock_fake, NULL, 200, &l, NULL), 0);
        for (i = 0; i < 100; i++)
                pic__log_put(pic__logfile_log(l), PIC_LOG_INFO, "engine", "line %03d of many that will not fit", i);
        pic__logfile_unref(l);
        for (i = 0; i <= 5; i++) {
                if (i == 0)
                        snprintf(name, sizeof(name), "agent.log");
                else
                        snprintf(name, sizeof(name), "agent.log.%d", i);
                text = text_of(name);
                assert_non_null(text);
                assert_true(strlen(text) > 0 && strlen(text) <= 200);
                if (i == 0)
                        assert_non_null(strstr(text, "line 099"));
                pic__free(text);
        }
        assert_null(text_of("agent.log.6"));
}

/* A child goes on writing through the descriptor it has. */
static void test_children(void **state)
{
        char path[128], block[500], *text;
        pic__logfile *l = NULL;
        int fd, i;

        (void)state;
        memset(block, 'c', sizeof(block));
        snprintf(path, sizeof(path), "%s/unbound.log", dir);
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0640);
        assert_int_equal(pic__logfile_open(dir, &clock_fake, NULL, 1000, &l, NULL), 0);
        for (i = 0; i < 2; i++)
                assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
        pic__logfile_rotate_children(l); /* not over the limit */
        assert_null(text_of("unbound.log.1"));
        assert_int_equal(write(fd, "x", 1), 1);
        pic__logfile_rotate_children(l);
        text = text_of("unbound.log.1");
        assert_int_equal(strlen(text), 1000); /* its end */
        assert_int_equal(text[999], 'x');
        pic__free(text);
        assert_int_equal(write(fd, "after", 5), 5);
        text = text_of("unbound.log");
        assert_string_equal(text, "after");
        pic__free(text);
        for (i = 0; i < 3; i++)
                assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
        pic__logfile_rotate_children(l);
        text = text_of("unbound.log.2");
        assert_int_equal(strlen(text), 1000);
        pic__free(text);
        assert_int_equal(symlink("/etc/passwd", strcat(strcpy(path, dir), "/evil.log")), 0); /* not followed */
        pic__logfile_rotate_children(l);
        assert_null(text_of("evil.log.1"));
        pic__logfile_unref(l);
        close(fd);
}

static void put_old(const char *name, size_t size, int age)
{
        char path[160], block[2000];
        const struct timespec when[2] = { { time(NULL) - age, 0 }, { time(NULL) - age, 0 } };

        memset(block, 'o', sizeof(block));
        snprintf(path, sizeof(path), "%s/%s", dir, name);
        assert_int_equal(pic__file_write(path, block, size, 0640, NULL), 0);
        assert_int_equal(utimensat(AT_FDCWD, path, when, 0), 0);
}

static int is_there(const char *name)
{
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        return access(path, F_OK) == 0;
}

/* All logs together are bounded: the oldest parts go, of whomever; what is written to stays, and so does what is none.
 */
static void test_bound(void **state)
{
        pic__logfile *l = NULL;

        (void)state;
        assert_int_equal(pic__logfile_open(dir, &clock_fake, NULL, 1000, &l, NULL), 0);
        pic__logfile_bound(l, 4000);
        put_old("agent.log.1", 900, 50);
        put_old("unbound.log", 900, 90);
        put_old("unbound.log.1", 900, 40);
        put_old("unbound.log.2", 900, 60);
        put_old("exit1-tor.log.5", 900, 70);
        put_old("notes.txt", 2000, 99);
        put_old("x.log.old", 2000, 99);
        assert_int_equal(pic__logfile_sum(dir), 4500);
        pic__logfile_rotate_children(l);
        assert_int_equal(pic__logfile_sum(dir), 3600);
        assert_false(is_there("exit1-tor.log.5"));
        assert_true(is_there("unbound.log.2") && is_there("unbound.log") && is_there("notes.txt") &&
                    is_there("x.log.old"));
        pic__logfile_bound(l, 2000); /* a share is 500 now: unbound's is turned too */
        pic__logfile_rotate_children(l);
        assert_true(pic__logfile_sum(dir) <= 2000);
        assert_true(is_there("unbound.log") && is_there("unbound.log.1") && !is_there("unbound.log.3"));
        assert_int_equal(pic__logfile_sum("/nowhere"), 0);
        pic__logfile_unref(l);
}

static void test_cannot(void **state)
{
        pic__logfile *l = NULL;

        (void)state;
        assert_true(pic__logfile_open("/nowhere", &clock_fake, NULL, 10, &l, NULL) < 0);
        pic__mem_fail_at(1);
        assert_int_equal(pic__logfile_open(dir, &clock_fake, NULL, 10, &l, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
        assert_int_equal(pic__logfile_open(dir, &clock_fake, NULL, 10, &l, NULL), 0);
        fixture_drop(dir); /* the directory goes: nobody is bothered */
        pic__log_put(pic__logfile_log(l), PIC_LOG_INFO, "engine", "one");
        pic__log_put(pic__logfile_log(l), PIC_LOG_INFO, "engine", "two");
        pic__log_put(pic__logfile_log(l), PIC_LOG_INFO, "engine", "three");
        pic__logfile_rotate_children(l);
        pic__logfile_unref(l);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_lines), TEST(test_rotation), TEST(test_children),
                                            TEST(test_bound), TEST(test_cannot) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
