/* backend/exit/carry.c: processes over their deaths. */
#include "world.h"

static int pid_of(const char *name)
{
        return atoi(said("cat %s/exit/1/exit1-%s.pid 2>/dev/null", world_dir, name));
}

/* Until a process of that name runs that is not `was`. */
static int comes_again(pic__backend *b, const char *name, int was)
{
        int i, pid;

        for (i = 0; i < 200; i++) {
                b->ops->drain(b);
                pid = pid_of(name);
                if (pid > 0 && pid != was)
                        return pid;
                (void)sh("sleep 0.02");
        }
        return 0;
}

static void died(void **state)
{
        static const char *const names[] = { "names", "wireguard" };
        pic__backend *b = backend();
        size_t i;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        for (i = 0; i < (by_kernel() ? 1 : PIC__COUNT(names)); i++) {
                int was = pid_of(names[i]);

                assert_true(was > 0);
                kill(was, SIGKILL);
                assert_true(comes_again(b, names[i], was) > 0);
        }
        assert_string_equal(seen(b), WG_VALUE);
        for (i = 0; i < 100 && !((pic__exit *)b)->at[1]->settled; i++) {
                (void)sh("sleep 0.02");
                b->ops->drain(b);
        }
        assert_true(((pic__exit *)b)->at[1]->settled);
        ((pic__exit *)b)->at[1]->look = 1;
        assert_string_equal(seen(b), WG_VALUE);
        b->ops->free(b);
}

/* One that died while nobody looked is started by the next of us. */
static void died_meanwhile(void **state)
{
        pic__backend *b = backend();
        int was;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        was = pid_of("names");
        assert_true(was > 0);
        b->ops->free(b);
        kill(was, SIGKILL);
        (void)sh("sleep 0.05");
        b = backend();
        (void)seen(b);
        b->ops->tick(b);
        assert_true(comes_again(b, "names", was) > 0);
        b->ops->free(b);
}

/* Only the resolver has another text: the carrier goes on. */
static void only_what_differs(void **state)
{
        pic__backend *b = backend();
        int carrier, resolver;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        carrier = pid_of("wireguard");
        resolver = pid_of("names");
        must(b, WG_VALUE,
             "name=vpn type=wireguard " LINKS1 " families=46 " ZONES " remote=192.0.2.10:51820 "
             "addresses=10.66.0.2/32,fd66::2/128 allowed=0.0.0.0/0,::/0 keepalive=25 "
             "peer_key=5AtVLqmK5YRjC3IMSXkBs4aJo0tDerMB8DJzsGCeF3w%3d dns=9.9.9.9",
             WG_SECRET);
        assert_int_equal(pid_of("wireguard"), carrier);
        assert_int_not_equal(pid_of("names"), resolver);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(died), TEST(died_meanwhile), TEST(only_what_differs) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
