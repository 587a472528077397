/* backend/front/outer.c and what follows from it: open to everybody, or shut while somebody else has a port of the
 * machine, and open once he has gone. */
#include "world.h"

#define OPEN VALUE " outside=yes"

static int listens_outside(void)
{
        return sh("ss -Hltn '( sport = :443 )' | grep -q '0.0.0.0:443'") == 0;
}

static void comes_and_goes(void **state)
{
        static const char other[] = "ip addr add 192.0.2.7/24 dev lo; nc -lk 192.0.2.7 443 >/dev/null 2>&1 & echo $! >";
        pic__auto_buf pic__buf who = PIC__BUF_INIT;
        pic__backend *b = backend();
        pic__front_fact fact;
        char command[300];

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        assert_false(listens_outside());
        must(b, PIC__I_FRONT_OUTNAME, "nas.example.org", NULL, "nas");
        must(b, SERVER, "main", VALUE, OPEN);
        assert_true(listens_outside());
        b->ops->front(b, &fact);
        assert_true(fact.serving && fact.outside && !fact.shut);
        assert_false(pic__front_outer_taken(&((pic__front *)b)->conf, &who)); /* that is us */
        must(b, SERVER, "main", OPEN, VALUE);
        assert_false(listens_outside());

        snprintf(command, sizeof(command), "%s %s/other; sleep 0.3", other, world_dir);
        (void)sh(command);
        must(b, SERVER, "main", VALUE, OPEN);
        b->ops->front(b, &fact);
        assert_true(fact.serving && !fact.outside && fact.shut && !listens_outside());
        b->ops->free(b);
        b = backend(); /* another agent knows it again */
        assert_string_equal(seen(b), "main=" OPEN ";nas.example.org=nas");
        b->ops->front(b, &fact);
        assert_true(fact.shut);
        snprintf(command, sizeof(command), "kill $(cat %s/other); sleep 0.2", world_dir);
        (void)sh(command);
        for (fact.shut = 0; fact.shut < PIC__FRONT_ASK_EVERY; fact.shut++)
                b->ops->tick(b);
        assert_true(listens_outside());
        b->ops->front(b, &fact);
        assert_true(fact.outside && !fact.shut);
        assert_string_equal(seen(b), "main=" OPEN ";nas.example.org=nas");
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(comes_and_goes) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
