/* backend/exit/build.c: what somebody changed is put right with the least; nonsense changes nothing. */
#include "world.h"

static void mended(pic__backend *b, const char *what)
{
        pic__exit_space *s = ((pic__exit *)b)->at[1];
        int i;

        assert_int_equal(system(what), 0);
        s->look = 1;
        for (i = 0; i < 20 && strcmp(seen(b), "changed") != 0; i++) {
                (void)sh("sleep 0.02");
                s->look = 1;
        }
        if (i == 20)
                fail_msg("not seen: %s", what);
        must(b, "changed", WG_VALUE, WG_SECRET);
        s->look = 1;
        assert_string_equal(seen(b), WG_VALUE);
}

static void by_hand(void **state)
{
        static const char *const inside[] = { "nft flush ruleset",         "nft delete table inet exit",
                                              "ip route flush table main", "ip rule add pref 5 lookup 77",
                                              "ip addr flush dev tun0",    "ip link set tun0 down",
                                              "ip route flush table 100" };
        pic__backend *b = backend();
        char command[300];
        pid_t was;
        size_t i;

        (void)state;
        must(b, NULL, WG_VALUE, WG_SECRET);
        was = pic__child_pid(((pic__exit *)b)->at[1]->holder);
        mended(b, "ip link delete picx1");
        mended(b, "ip link set picx1 down");
        for (i = 0; i < PIC__COUNT(inside); i++) {
                snprintf(command, sizeof(command), "nsenter --net=%s/exit/1/ns %s", world_dir, inside[i]);
                mended(b, command);
        }
        assert_int_equal(pic__child_pid(((pic__exit *)b)->at[1]->holder), was);
        b->ops->free(b);
}

/* A slot may go from one connection to another in one transaction; a new name is none. */
static void another(void **state)
{
        pic__backend *b = backend();
        pic__exit_space *s;
        pid_t was;

        (void)state;
        must(b, NULL, "id=5 " WG_VALUE, WG_SECRET);
        s = ((pic__exit *)b)->at[1];
        was = pic__child_pid(s->holder);
        assert_int_equal(sh("echo words >%s/exit1-old.log; echo words >%s/exit11-old.log; touch %s/old", s->log_dir,
                            s->log_dir, s->dir),
                         0);
        must(b, "id=5 " WG_VALUE, "id=5 " WG_AT("192.0.2.66:51820", "1300"), WG_SECRET);
        assert_int_equal(pic__child_pid(((pic__exit *)b)->at[1]->holder), was);
        must(b, "id=5 " WG_AT("192.0.2.66:51820", "1300"), "id=6 " WG_AT("192.0.2.66:51820", "1300"), WG_SECRET);
        s = ((pic__exit *)b)->at[1];
        assert_int_not_equal(pic__child_pid(s->holder), was);
        assert_string_equal(seen(b), "id=6 " WG_AT("192.0.2.66:51820", "1300"));
        assert_int_equal(sh("cd %s && ! test -e exit1-old.log && test -e exit11-old.log && ! test -e %s/old",
                            s->log_dir, s->dir),
                         0);
        b->ops->free(b);
}

/* We are killed at any moment of a start, a change and a removal: the next of us brings it to what is wished, and
 * leaves nothing when nothing is. */
static void killed_anywhere(void **state)
{
        static const char *const wishes[] = { WG_VALUE, WG_AT("192.0.2.66:51820", "1300"), NULL };
        unsigned delay, round = 0;

        (void)state;
        for (delay = 0; delay < 240000; delay += 6000, round++) {
                const char *wish = wishes[round % 3];
                pid_t pid = fork();
                pic__backend *b;

                if (pid == 0) {
                        const char *was;

                        b = backend();
                        was = seen(b);
                        (void)step(b, "1", was, wish, wish != NULL ? WG_SECRET : NULL, NULL);
                        pause();
                }
                usleep(delay);
                kill(pid, SIGKILL);
                waitpid(pid, NULL, 0);
                b = backend();
                if (wish != NULL && seen(b) != NULL)
                        must(b, seen(b), wish, WG_SECRET);
                else if (wish != NULL)
                        must(b, NULL, wish, WG_SECRET);
                else if (seen(b) != NULL)
                        must(b, seen(b), NULL, NULL);
                if (wish != NULL)
                        assert_string_equal(seen(b), wish);
                else
                        assert_null(seen(b));
                b->ops->free(b);
                assert_int_equal(
                        sh("test $(grep -lz '^PIC_EXIT=%s/exit/1$' /proc/[0-9]*/environ 2>/dev/null | wc -l) -le 3 && "
                           "test $(ip -br link | grep -c picx) = %d",
                           world_dir, wish != NULL),
                        0);
        }
}

static void refused(void **state)
{
        pic__backend *b = backend();
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(step(b, "1", NULL, "name=a type=pigeon " LINKS1, NULL, &err), PIC_UNSUPPORTED);
        pic_error_free(err);
        err = NULL;
        assert_int_equal(step(b, "1", NULL, "nonsense", NULL, &err), PIC_VALUE);
        pic_error_free(err);
        assert_null(seen(b));
        assert_int_not_equal(sh("test -e %s/exit/1", world_dir), 0);
        must(b, NULL, WG_VALUE, WG_SECRET);
        assert_int_equal(step(b, "1", WG_VALUE, "nonsense", NULL, NULL), PIC_VALUE);
        assert_string_equal(seen(b), WG_VALUE); /* what was wrong from the start changes nothing */
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(by_hand), TEST(another), TEST(killed_anywhere), TEST(refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
