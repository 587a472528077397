/* backend/exit/carrier.c: what a carrier may call. */
#include "world.h"

#include <sys/stat.h>

static void types(void **state)
{
        (void)state;
        assert_ptr_equal(pic__carrier_of("wireguard"), &pic__carrier_wireguard);
        assert_null(pic__carrier_of("pigeon"));
        assert_null(pic__carrier_of(""));
}

static void its_files(void **state)
{
        pic__exit_space s = { .slot = 1, .dir = world_dir, .log_dir = world_log };
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = pic__space_env(&s, &arena);
        const char *path = pic__carrier_path(&env, "a.conf");
        struct stat was, now;

        (void)state;
        assert_int_equal(pic__carrier_file(&env, "a.conf", "one", 3, NULL), 0);
        assert_int_equal(stat(path, &was), 0);
        assert_int_equal(was.st_uid, 60602);
        assert_int_equal(was.st_mode & 0777, 0600);
        assert_int_equal(pic__carrier_file(&env, "a.conf", "one", 3, NULL), 0);
        assert_int_equal(stat(path, &now), 0);
        assert_int_equal(now.st_ino, was.st_ino); /* not written again */
        assert_int_equal(pic__carrier_file(&env, "a.conf", "two", 3, NULL), 0);
        assert_string_equal(said("cat %s/a.conf", world_dir), "two");
        pic__arena_free(&arena);
}

static void words(void **state)
{
        pic__exit_space s = { .slot = 1, .dir = world_dir, .log_dir = world_log };
        pic__carrier_env env = pic__space_env(&s, NULL);
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        (void)state;
        pic__carrier_last_words(&env, "ssh", 100, &out);
        assert_string_equal(pic__buf_str(&out), "");
        /* Nobody said anything: nothing of what memory held before is shown. */
        assert_int_equal(sh("mkdir -p %s && : >%s/exit1-ssh.log", world_log, world_log), 0);
        pic__carrier_last_words(&env, "ssh", 100, &out);
        assert_string_equal(pic__buf_str(&out), "");
        assert_int_equal(sh("mkdir -p %s && printf 'first\\nPermission \\001denied\\n\\n' >%s/exit1-ssh.log", world_log,
                            world_log),
                         0);
        pic__carrier_last_words(&env, "ssh", 100, &out);
        assert_string_equal(pic__buf_str(&out), "Permission \\x01denied");
}

/* What was written before its start is of another one, or of other settings. */
static void own_words(void **state)
{
        static char name[] = "ssh";
        pic__exit_space s = { .slot = 1, .dir = world_dir, .log_dir = world_log, .processes = 1 };
        pic__carrier_env env = pic__space_env(&s, NULL);
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        (void)state;
        s.process[0] = (pic__exit_process){ .name = name, .said = 6 };
        assert_int_equal(sh("mkdir -p %s && printf 'first\nsecond\n' >%s/exit1-ssh.log", world_log, world_log), 0);
        pic__carrier_log(&env, "ssh", 100, &out);
        assert_string_equal(pic__buf_str(&out), "second\n");
        pic__buf_clear(&out);
        pic__carrier_log(&env, "ssh", 3, &out);
        assert_string_equal(pic__buf_str(&out), "nd\n");
        pic__buf_clear(&out);
        s.process[0].said = 13; /* nothing yet */
        pic__carrier_log(&env, "ssh", 100, &out);
        assert_string_equal(pic__buf_str(&out), "");
        s.process[0].said = 14; /* it was emptied */
        pic__carrier_log(&env, "ssh", 100, &out);
        assert_string_equal(pic__buf_str(&out), "first\nsecond\n");
        pic__buf_clear(&out);
        pic__carrier_log(&env, "socat", 100, &out);
        assert_string_equal(pic__buf_str(&out), "");
}

static void asks(void **state)
{
        static const char *const slow[] = { "sleep", "5", NULL }, *const quick[] = { "id", "-u", NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__backend *b = backend();
        pic__carrier_env env;
        pic_time from;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        env = pic__space_env(((pic__exit *)b)->at[1], NULL);
        from = pic__clock_real.mono(NULL);
        assert_int_equal(pic__carrier_ask(&env, 1, slow, &out, NULL), PIC_TIMEOUT);
        assert_true(pic__clock_real.mono(NULL) - from < 2000000);
        pic__buf_clear(&out);
        assert_int_equal(pic__carrier_ask(&env, 0, quick, &out, NULL), 0);
        assert_string_equal(pic__buf_str(&out), "60602\n");
        b->ops->free(b);
}

static void listens(void **state)
{
        pic__backend *b = backend();
        pic__carrier_env env;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        env = pic__space_env(((pic__exit *)b)->at[1], NULL);
        assert_int_equal(
                sh("for i in 1 2 3 4 5 6 7 8 9; do nsenter --net=%s/exit/1/ns ss -Hltn | grep -q :53 && exit 0; "
                   "sleep 0.1; done; exit 1",
                   world_dir),
                0);
        assert_int_equal(pic__carrier_listens(&env, 53), 1);
        assert_int_equal(pic__carrier_listens(&env, 54), 0);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(types), TEST(its_files), TEST(words),
                                            TEST(own_words),         TEST(listens),   TEST(asks) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
