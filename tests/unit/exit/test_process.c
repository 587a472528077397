/* backend/exit/process.c: what stands before a program's arguments, and when it is another one. */
#include "world.h"

static const char *words(const pic__exit_argv *a)
{
        static char text[1000];
        size_t i, n = 0;

        for (i = 0; strcmp(a->at[i], "nsenter") != 0; i++) /* limits: test_limits.c */
                ;
        for (; a->at[i] != NULL; i++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n > 0 ? " " : "", a->at[i]);
        return text;
}

static void arguments(void **state)
{
        pic__process_spec spec = { .argv = { "wireguard-go", "-f", "tun0", NULL }, .net_admin = 1 };
        pic__exit_space s = { .slot = 1, .own_users = 1 };
        pic__exit_argv a;

        (void)state;
        pic__process_argv(&s, 77, &spec, PIC__INSIDE_USER, &a);
        assert_string_equal(words(&a),
                            "nsenter --target=77 --net --mount --ipc --user -- setpriv --reuid=60602 --regid=60602 "
                            "--clear-groups --no-new-privs --inh-caps=-all,+net_admin "
                            "--ambient-caps=-all,+net_admin --bounding-set=-all,+net_admin -- wireguard-go -f "
                            "tun0");
        spec.net_admin = 0;
        pic__process_argv(&s, 77, &spec, PIC__INSIDE_RESOLVER, &a);
        assert_string_equal(
                words(&a),
                "nsenter --target=77 --net --mount --ipc -- setpriv --reuid=60603 --regid=60603 --clear-groups "
                "--no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all -- wireguard-go -f "
                "tun0");
        pic__process_argv(&s, 77, &spec, PIC__INSIDE_ROOT, &a);
        assert_string_equal(words(&a), "nsenter --target=77 --net --mount --ipc --user -- wireguard-go -f tun0");
        s.own_users = 0;
        s.slot = 255;
        pic__process_argv(&s, 77, &spec, PIC__INSIDE_USER, &a);
        assert_non_null(strstr(words(&a), "nsenter --target=77 --net --mount --ipc -- setpriv --reuid=61110 "));
}

static void prints(void **state)
{
        pic__process_spec spec = { .argv = { "ssh", "-N", NULL }, .reads = { "a.conf", NULL } };
        pic__exit_space s = { .slot = 1, .dir = world_dir };
        char one[65], two[65];
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__process_print(&s, &spec, one, &err), PIC_NOTFOUND);
        pic_error_free(err);
        assert_int_equal(sh("echo 1 >%s/a.conf", world_dir), 0);
        assert_int_equal(pic__process_print(&s, &spec, one, NULL), 0);
        assert_int_equal(pic__process_print(&s, &spec, two, NULL), 0);
        assert_string_equal(one, two);
        assert_int_equal(sh("echo 2 >%s/a.conf", world_dir), 0);
        assert_int_equal(pic__process_print(&s, &spec, two, NULL), 0);
        assert_string_not_equal(one, two);
        spec.argv[1] = "-M";
        assert_int_equal(pic__process_print(&s, &spec, one, NULL), 0);
        assert_string_not_equal(one, two);
        spec.env[0] = "A=b";
        assert_int_equal(pic__process_print(&s, &spec, two, NULL), 0);
        assert_string_not_equal(one, two);
}

static void runs(void **state)
{
        static const char *const id[] = { "id", "-u", NULL };
        pic__process_spec spec = { .name = "nap", .argv = { "sleep", "60", NULL } };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__backend *b = backend();
        pic__exit_process p = { 0 };
        pic__exit_space *s;
        int pid;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        s = ((pic__exit *)b)->at[1];
        assert_int_equal(pic__inside_run(s, PIC__INSIDE_USER, id, NULL, 0, &out, NULL), 0);
        assert_string_equal(pic__buf_str(&out), "60602\n");
        assert_int_equal(pic__process_new(s, "nap", &p, NULL), 0);
        assert_false(pic__process_alive(&p));
        assert_int_equal(pic__process_start(s, &p, &spec, NULL), 0);
        assert_true(pic__process_alive(&p));
        pid = (int)pic__child_pid(p.child);
        assert_int_equal(sh("sleep 0.2; grep -q '^CapEff:.0*$' /proc/%d/status && grep -q '^NoNewPrivs:.1$' "
                            "/proc/%d/status && grep -q '^Uid:.60602.60602.60602.60602$' /proc/%d/status",
                            pid, pid, pid),
                         0);
        pic__process_free(&p); /* let go, and found again */
        assert_int_equal(pic__process_new(s, "nap", &p, NULL), 0);
        p.program = pic__strdup("sleep");
        assert_true(pic__process_alive(&p));
        assert_int_equal(pic__child_pid(p.child), pid);
        pic__process_stop(&p);
        assert_false(pic__process_alive(&p));
        pic__process_free(&p);
        /* Where its own words begin: not moved by a start that changes nothing. */
        assert_int_equal(pic__process_new(s, "nap", &p, NULL), 0);
        assert_int_equal(sh("echo before >%s/exit1-nap.log", s->log_dir), 0);
        assert_int_equal(pic__process_start(s, &p, &spec, NULL), 0);
        assert_int_equal(p.said, 7);
        pic__process_stop(&p);
        assert_int_equal(sh("echo words >>%s/exit1-nap.log", s->log_dir), 0);
        assert_int_equal(pic__process_start(s, &p, &spec, NULL), 0);
        assert_int_equal(p.said, 7);
        assert_int_equal(sh("grep -q '^sleep [0-9a-f]* 7$' %s/nap.print", s->dir), 0);
        pic__process_stop(&p);
        spec.argv[1] = "61";
        assert_int_equal(pic__process_start(s, &p, &spec, NULL), 0);
        assert_int_equal(p.said, 13);
        pic__process_stop(&p);
        pic__process_free(&p);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(arguments), TEST(prints), TEST(runs) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
