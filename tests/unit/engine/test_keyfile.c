/* The key: made once, whole, for root's eyes; read back only when it is one. */
#include "fixture.h"

#include <dirent.h>
#include <sys/wait.h>

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

static int files(void)
{
        DIR *d = opendir(dir);
        const struct dirent *e;
        int n = 0;

        while ((e = readdir(d)) != NULL)
                n += e->d_name[0] != '.';
        closedir(d);
        return n;
}

static void test_make(void **state)
{
        uint8_t public_key[32], again[32], secret[32];
        char path[128];
        struct stat st;

        (void)state;
        assert_int_equal(pic__keyfile_create(dir, public_key, NULL), 0);
        snprintf(path, sizeof(path), "%s/key", dir);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(st.st_size, 65);
        assert_int_equal(st.st_nlink, 1);
        assert_int_equal(pic__keyfile_read(dir, secret, NULL), 0);
        pic__wg_public(secret, again);
        assert_memory_equal(again, public_key, 32);
        assert_int_equal(pic__keyfile_create(dir, public_key, NULL), PIC_EXISTS);
        assert_int_equal(pic__keyfile_read(dir, again, NULL), 0);
        assert_memory_equal(again, secret, 32);
        assert_int_equal(files(), 1);
        assert_true(pic__keyfile_create("/nowhere", public_key, NULL) < 0);
}

/* Many at once: one makes it. */
static void test_race(void **state)
{
        int i, status, made = 0;

        (void)state;
        for (i = 0; i < 8; i++)
                if (fork() == 0) {
                        uint8_t public_key[32];
                        int r = pic__keyfile_create(dir, public_key, NULL);

                        _exit(r == 0 ? 0 : r == PIC_EXISTS ? 1 : 2);
                }
        for (i = 0; i < 8; i++) {
                assert_true(wait(&status) > 0);
                assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
                made += WEXITSTATUS(status) == 0;
        }
        assert_int_equal(made, 1);
        assert_int_equal(files(), 1);
}

static void test_damaged(void **state)
{
        static const char *const bad[] = {
                "",
                "\n",
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddee\n",
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeefg\n",
                "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF\n",
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\n",
        };
        static const char good[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
        char path[128], *huge = calloc(1, 10000);
        uint8_t secret[32];
        size_t i;

        (void)state;
        snprintf(path, sizeof(path), "%s/key", dir);
        assert_int_equal(pic__keyfile_read(dir, secret, NULL), PIC_DENIED);
        for (i = 0; i < PIC__COUNT(bad); i++) {
                assert_int_equal(pic__file_write(path, bad[i], strlen(bad[i]), 0600, NULL), 0);
                assert_int_equal(pic__keyfile_read(dir, secret, NULL), PIC_CORRUPT);
        }
        assert_int_equal(pic__file_write(path, huge, 10000, 0600, NULL), 0);
        assert_int_equal(pic__keyfile_read(dir, secret, NULL), PIC_CORRUPT);
        assert_int_equal(pic__file_write(path, good, 64, 0600, NULL), 0); /* no newline: an editor did that */
        assert_int_equal(pic__keyfile_read(dir, secret, NULL), 0);
        assert_int_equal(secret[0], 0x00);
        assert_int_equal(secret[31], 0xff);
        free(huge);
}

static void test_no_memory(void **state)
{
        uint8_t key[32];
        unsigned long n;
        int r = PIC_NOMEM;

        (void)state;
        for (n = 1; r != 0; n++) {
                pic__mem_fail_at(n);
                r = pic__keyfile_create(dir, key, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        for (r = PIC_NOMEM, n = 1; r != 0; n++) {
                pic__mem_fail_at(n);
                r = pic__keyfile_read(dir, key, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(test_make), TEST(test_race), TEST(test_damaged),
                                            TEST(test_no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
