/* backend/exit/limits.c: a carrier that forks or eats for ever spoils its own exit and nothing else. */
#include "world.h"

#include <sys/resource.h>

static void never_above_ours(void **state)
{
        pic__process_spec spec = { .name = "x" };
        char words[PIC__EXIT_LIMITS][32];
        const char *at[PIC__EXIT_LIMITS];
        struct rlimit l;

        (void)state;
        assert_int_equal(pic__limits_argv(&spec, words, at), PIC__EXIT_LIMITS);
        assert_string_equal(at[0], "prlimit");
        assert_string_equal(at[1], "--nproc=256");
        spec.tasks = 99;
        (void)pic__limits_argv(&spec, words, at);
        assert_string_equal(at[1], "--nproc=99");
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &l), 0);
        l.rlim_max = l.rlim_max < 5000 ? l.rlim_max : 5000;
        l.rlim_cur = l.rlim_max;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &l), 0);
        (void)pic__limits_argv(&spec, words, at);
        assert_true(strncmp(at[4], "--nofile=", 9) == 0 && strtoul(at[4] + 9, NULL, 10) == l.rlim_max);
}

/* Runs it as a carrier is run, to its end; what it said. */
static const char *as_carrier(pic__backend *b, const char *program, const char *option, const char *text)
{
        pic__process_spec spec = { .name = "bad", .argv = { program, option, text, NULL } };
        pic__exit_space *s = ((pic__exit *)b)->at[1];
        pic__exit_process p = { 0 };
        int i;

        assert_int_equal(pic__process_new(s, "bad", &p, NULL), 0);
        assert_int_equal(pic__process_start(s, &p, &spec, NULL), 0);
        for (i = 0; i < 400 && pic__process_alive(&p); i++)
                (void)sh("sleep 0.05");
        assert_true(i < 400);
        pic__process_free(&p);
        return said("cat %s/exit1-bad.log", world_log);
}

/* 600 are wanted, some 250 are had; the resolver, which is another user's, does not notice. */
static void forks(void **state)
{
        static const char bomb[] = "import os,time\n"
                                   "n=0\n"
                                   "try:\n"
                                   " for i in range(600):\n"
                                   "  if os.fork()==0: time.sleep(3); os._exit(0)\n"
                                   "  n+=1\n"
                                   "except OSError as e: print('had',n,e.strerror,flush=True)\n"
                                   "time.sleep(0.5)\n";
        pic__backend *b = backend();
        const char *words;
        int had = 0;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        words = as_carrier(b, "/usr/bin/python3", "-c", bomb);
        if (sscanf(words, "had %d Resource temporarily unavailable", &had) != 1 || had < 100 || had >= 256)
                fail_msg("%s", words);
        assert_string_equal(seen(b), WG_VALUE);
        b->ops->free(b);
}

static void eats(void **state)
{
        static const char eater[] = "x=[]\n"
                                    "try:\n"
                                    " for i in range(64): x.append(bytearray(32<<20))\n"
                                    "except MemoryError: print('had',len(x)*32,'MiB',flush=True)\n"
                                    "except OSError as e: print(e)\n";
        pic__backend *b = backend();
        const char *words;
        int had = 0;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        words = as_carrier(b, "/usr/bin/python3", "-c", eater);
        if (sscanf(words, "had %d MiB", &had) != 1 || had < 256 || had > 512)
                fail_msg("%s", words);
        b->ops->free(b);
}

static void first_to_die(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        assert_int_equal(atoi(said("cat /proc/$(cut -d' ' -f1 %s/exit/1/exit1-names.pid)/oom_score_adj", world_dir)),
                         600);
        assert_int_equal(sh("grep -q '^Max processes  *256  *256 ' /proc/$(cut -d' ' -f1 "
                            "%s/exit/1/exit1-names.pid)/limits",
                            world_dir),
                         0);
        /* A log that was too large is begun anew with its program. */
        assert_int_equal(sh("truncate -s 40M %s/exit1-names.log && kill -9 $(cut -d' ' -f1 %s/exit/1/exit1-names.pid)",
                            world_log, world_dir),
                         0);
        (void)sh("sleep 0.1");
        b->ops->tick(b);
        assert_true(atoi(said("stat -c %%s %s/exit1-names.log", world_log)) < 1 << 20);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(forks), TEST(eats), TEST(first_to_die),
                                            cmocka_unit_test(never_above_ours) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
