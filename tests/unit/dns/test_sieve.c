/* backend/dns/sieve.c: the filter before a real unbound: it comes, is told, dies, is found again, and goes. What
 * devices and exits see of it: tests/scenario/test_blocks.py. */
#include "world.h"

#include "sieve/counts.h"
#include "sys/beside.h"

#define LIST PIC__I_DNS_LIST
#define BARRED PIC__I_DNS_BARRED
#define SIEVED VALUE " sieve=yes"

/* What 10.1.0.2 is told at the port that answers everything. */
static const char *told(const char *name)
{
        static char answer[64];
        char command[256];
        FILE *p;

        snprintf(command, sizeof(command),
                 "dig -b 10.1.0.2 @10.1.0.1 -p 5300 +tries=1 +time=1 %s | sed -n 's/.*status: \\([A-Z]*\\),.*/\\1/p'",
                 name);
        p = popen(command, "r");
        assert_non_null(p);
        if (fscanf(p, "%63s", answer) != 1)
                snprintf(answer, sizeof(answer), "nothing");
        pclose(p);
        return answer;
}

static void becomes(const char *name, const char *wanted)
{
        int i;

        for (i = 0; i < 100 && strcmp(told(name), wanted) != 0; i++)
                usleep(10000);
        assert_string_equal(told(name), wanted);
}

static void make_table(const char *lists)
{
        char *program = pic__beside_find(PIC__SIEVE_PROGRAM), command[1000];

        assert_non_null(program);
        snprintf(command, sizeof(command),
                 "cd %s/sieve && printf '%s' >l && %s compile auto l k >/dev/null && %s build .t 3=k 4=k && chgrp "
                 "60599 .t "
                 "&& chmod 640 .t && mv .t table",
                 world_dir, lists, program, program);
        assert_int_equal(sh(command), 0);
        pic__free(program);
}

static int filter_pid(void)
{
        char path[100];
        int pid = 0;
        FILE *f;

        snprintf(path, sizeof(path), "%s/dns/sieve.pid", world_dir);
        f = fopen(path, "r");
        if (f != NULL && fscanf(f, "%d", &pid) != 1)
                pid = 0;
        if (f != NULL)
                fclose(f);
        return pid;
}

static int one_step(pic__backend *b, enum pic__item_kind kind, const char *key, const char *value)
{
        pic__item after = { .kind = kind, .key = key, .value = value };
        pic__step s = { PIC__ADD, kind, NULL, &after };
        size_t done;

        return b->ops->apply(b, &s, 1, &done, NULL);
}

static void life(void **state)
{
        pic__backend *b = backend();
        int pid, i;

        (void)state;
        assert_int_equal(sh("ip addr add 10.1.0.2/32 dev lo"), 0);
        assert_int_equal(one_step(b, LIST, "3", "ads all"), PIC_BADSTATE);
        must(b, SERVER, "main", NULL, SIEVED);
        must(b, RECORD, "nas.home.internal. A", NULL, "10.1.0.9");
        assert_string_equal(told("nas.home.internal"), "SERVFAIL"); /* without a table: closed */
        make_table("ads.example\\nnas.home.internal\\n");
        becomes("nas.home.internal", "NOERROR");
        must(b, LIST, "3", NULL, "ads all allow=ok.ads.example,x.example");
        becomes("ads.example", "NXDOMAIN");
        assert_string_equal(told("nas.home.internal"), "NOERROR"); /* it is the cell's own */
        must(b, LIST, "3", "ads all allow=ok.ads.example,x.example", "ads");
        must(b, BARRED, "10.1.0.0/24", NULL, "3");
        becomes("a.ads.example", "NXDOMAIN");
        must(b, BARRED, "10.1.0.0/24", "3", NULL);
        must(b, LIST, "4", NULL, "all all");
        assert_string_equal(seen(b, LIST, "4"), "all all");
        assert_int_equal(one_step(b, LIST, "x", "ads"), PIC_INVALID);
        assert_int_equal(one_step(b, LIST, "5", "ads\nend"), PIC_INVALID);
        assert_int_equal(one_step(b, BARRED, "nobody", "3"), PIC_INVALID);
        assert_int_equal(one_step(b, BARRED, "10.1.0.2", "3 all"), PIC_INVALID);
        pid = filter_pid();
        assert_true(pid > 1);
        kill(pid, SIGKILL);
        for (i = 0; i < 100 && (filter_pid() == pid || filter_pid() == 0); i++) {
                usleep(20000);
                (void)b->ops->drain(b);
        }
        assert_true(filter_pid() != pid);
        becomes("a.ads.example", "NXDOMAIN");
        b->ops->free(b);
}

static void found_again(void **state)
{
        pic__backend *b = backend();
        int pid = filter_pid();

        (void)state;
        assert_string_equal(seen(b, SERVER, "main"), SIEVED);
        assert_string_equal(seen(b, LIST, "3"), "ads");
        assert_string_equal(seen(b, LIST, "4"), "all all");
        must(b, RECORD, "b.home.internal. A", NULL, "10.1.0.10");
        assert_int_equal(filter_pid(), pid);
        assert_string_equal(told("ads.example"), "NXDOMAIN");
        must(b, LIST, "3", "ads", NULL);
        must(b, LIST, "4", "all all", NULL);
        must(b, SERVER, "main", SIEVED, VALUE);
        assert_int_equal(filter_pid(), 0);
        assert_null(seen(b, LIST, "3"));
        assert_string_equal(told("nas.home.internal"), "NOERROR");
        must(b, SERVER, "main", VALUE, SIEVED);
        becomes("nas.home.internal", "NOERROR");
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(life), cmocka_unit_test(found_again) };

        return cmocka_run_group_tests(tests, setup, cleanup);
}
