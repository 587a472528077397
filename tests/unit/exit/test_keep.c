/* backend/exit/keep.c: remembered, given back once, forgotten; links and strangers' files are none. */
#include "sample.h"

#include <sys/stat.h>
#include <unistd.h>

#include "backend/exit/keep.h"
#include "backend/exit/needs.h"
#include "model/exit.h"
#include "sys/file.h"

static char dir[64], keep[80];

static pic__carrier_env env_of(unsigned slot)
{
        return (pic__carrier_env){ .slot = slot, .dir = dir, .keep_dir = keep, .user = 60602 };
}

static void put(const char *path, const char *text, uid_t user)
{
        char full[160];

        snprintf(full, sizeof(full), "%s/own/%s", dir, path);
        assert_int_equal(pic__file_write(full, text, strlen(text), 0600, NULL), 0);
        assert_int_equal(chown(full, user, user), 0);
}

static const char *text_of(const char *base, const char *rest)
{
        static char text[256];
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", base, rest);
        if (pic__file_read(path, 1000, &b, NULL) < 0)
                return NULL;
        snprintf(text, sizeof(text), "%s", pic__buf_str(&b));
        return text;
}

static int sh(const char *fmt, ...)
{
        char command[512];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(command, sizeof(command), fmt, ap);
        va_end(ap);
        return system(command);
}

static int setup(void **state)
{
        pic__carrier_env env;

        (void)state;
        if (geteuid() != 0)
                return -1;
        snprintf(dir, sizeof(dir), "/tmp/pic-keep-XXXXXX");
        if (mkdtemp(dir) == NULL)
                return -1;
        snprintf(keep, sizeof(keep), "%s/keep", dir);
        env = env_of(1);
        return pic__exit_own_make(&env, NULL);
}

static int cleanup(void **state)
{
        (void)state;
        return sh("rm -rf %s", dir);
}

static void round_trip(void **state)
{
        uint8_t slots[PIC__EXIT_SLOTS + 1];
        pic__carrier_env env = env_of(1), other = env_of(11);
        struct stat st;
        char path[160];

        (void)state;
        memset(slots, 1, sizeof(slots));
        pic__exit_keep(&env, "tor", "tor/state"); /* there is none */
        assert_int_equal(access(keep, F_OK), -1);
        assert_int_equal(pic__exit_kept(&env, "tor", "tor", "state", NULL), 0);
        assert_int_equal(sh("mkdir %s/own/tor", dir), 0);
        put("tor/state", "guards 1\n", 60602);
        pic__exit_keep(&env, "tor", "tor/state");
        pic__exit_keep(&other, "tor", "tor/state");
        assert_string_equal(text_of(keep, "1-tor"), "guards 1\n");
        put("tor/state", "guards 2\n", 60602);
        pic__exit_keep(&env, "tor", "tor/state");
        assert_string_equal(text_of(keep, "1-tor"), "guards 2\n");
        /* What is there is newer. */
        put("tor/state", "guards 3\n", 60602);
        assert_int_equal(pic__exit_kept(&env, "tor", "tor", "state", NULL), 0);
        assert_string_equal(text_of(dir, "own/tor/state"), "guards 3\n");
        /* After a boot. */
        assert_int_equal(sh("rm -r %s/own/tor", dir), 0);
        assert_int_equal(pic__exit_kept(&env, "tor", "tor", "state", NULL), 0);
        assert_string_equal(text_of(dir, "own/tor/state"), "guards 2\n");
        snprintf(path, sizeof(path), "%s/own/tor", dir);
        assert_int_equal(lstat(path, &st), 0);
        assert_true(st.st_uid == 60602 && (st.st_mode & 0777) == 0700);
        /* Slot 11 is not slot 1. */
        slots[1] = 0;
        assert_int_equal(sh("mkdir %s/log; cd %s/log && touch exit1-tor.log exit11-tor.log exit1.log unbound-main.log",
                            dir, dir),
                         0);
        snprintf(path, sizeof(path), "%s/log", dir);
        pic__exit_forget_others(keep, path, slots);
        assert_int_equal(sh("cd %s && ! test -e exit1-tor.log && test -e exit11-tor.log && test -e exit1.log && "
                            "test -e unbound-main.log",
                            path),
                         0);
        assert_null(text_of(keep, "1-tor"));
        assert_non_null(text_of(keep, "11-tor"));
        slots[11] = 0;
        pic__exit_forget_others(keep, path, slots);
        assert_int_equal(access(keep, F_OK), -1);
        pic__exit_forget_others(keep, path, slots);
        pic__exit_forget_others(NULL, "/nowhere", slots);
        env.keep_dir = NULL;
        pic__exit_keep(&env, "tor", "tor/state");
        assert_int_equal(pic__exit_kept(&env, "tor", "tor", "state", NULL), 0);
}

/* The directory is written to by programs that may be anybody's by now. */
static void tricks(void **state)
{
        pic__carrier_env env = env_of(1);
        int i;

        (void)state;
        assert_int_equal(sh("mkdir %s/own/tor; echo secret >%s/secret; chown 60602 %s/secret", dir, dir, dir), 0);
        for (i = 0; i < 5; i++) {
                static const char *const makes[] = {
                        "ln -s %s/secret %s/own/tor/state", /* a link */
                        "mkdir %s/own/tor/state %s/x", "mkfifo %s/own/tor/state %s/y",
                        "cp %s/secret %s/own/tor/state", /* root's */
                        "truncate -s 300K %s/own/tor/state && chown 60602 %s/own/tor/state"
                };

                assert_int_equal(sh(makes[i], dir, dir), 0);
                pic__exit_keep(&env, "tor", "tor/state");
                assert_null(text_of(keep, "1-tor"));
                assert_int_equal(sh("rm -rf %s/own/tor/state", dir), 0);
        }
        put("tor/state", "guards\n", 60602);
        pic__exit_keep(&env, "tor", "tor/state");
        assert_int_equal(sh("rm -r %s/own/tor; mkdir %s/victim; ln -s %s/victim %s/own/tor", dir, dir, dir, dir), 0);
        assert_int_equal(pic__exit_kept(&env, "tor", "tor", "state", NULL), 0);
        assert_null(text_of(dir, "victim/state"));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(round_trip, setup, cleanup),
                                            cmocka_unit_test_setup_teardown(tricks, setup, cleanup) };

        if (geteuid() != 0) {
                printf("SKIP: needs root\n");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
