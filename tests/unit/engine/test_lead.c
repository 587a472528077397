/* Shows: where nobody wishes it, or a cell is fake, no router is asked; what is not led is told with the reason, in
 * status and in doctor, and nobody waits. With a real router: scenario/test_router.py. */
#include "providers_world.h"

#include "engine/engine_i.h"
#include "engine/lead.h"

static int apart;

static void must_say(const pic__engine *e, const char *want)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__json j = { .out = &out };

        pic__engine_lead_json(e, &j);
        if (strstr(pic__buf_str(&out), want) == NULL)
                fail_msg("%s", pic__buf_str(&out));
}

static void doctor(const pic__engine *e, const char *want)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__json j = { .out = &out };

        pic__engine_lead_look(e, &f);
        assert_int_equal(pic__findings_json(&f, &j, NULL), 0);
        if (want == NULL ? f.list.count > 0 : strstr(pic__buf_str(&out), want) == NULL)
                fail_msg("%s", pic__buf_str(&out));
}

static void apply(cell *c, pic__engine *e, const char *router)
{
        const char *const fields[] = { "router", router, NULL };

        cell_set(c, PIC__CELL, NULL, fields);
        e->fake = 1; /* the fake world asks nobody: this engine is taken for a real one as soon as it has applied */
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        e->fake = 0;
}

static void nobody_there(void **state)
{
        pic__engine_opts opts = { .fake = 1 };
        pic__engine *e = NULL;
        cell c;

        (void)state;
        if (!apart)
                skip();
        cell_make(&c);
        c.clock = pic__clock_fake(&c.now);
        opts.dir = c.dir;
        opts.clock = &c.clock;
        assert_int_equal(pic__engine_open(&opts, &e, NULL), 0);
        apply(&c, e, "ask");
        pic__engine_lead_turn(e);
        assert_int_equal(pic__engine_lead_fd(e), -1);
        assert_int_equal(pic__engine_lead_due(e), 0);
        must_say(e, "null");
        doctor(e, NULL);
        apply(&c, e, "map");
        pic__engine_lead_turn(e);
        must_say(e, "\"state\":\"silent\"");
        must_say(e, "\"port\":51820");
        doctor(e, "UDP port 51820 is not led here: this machine has no router");
        assert_true(pic__engine_lead_due(e) == c.now + 300 * PIC__SECOND);
        c.now += 300 * PIC__SECOND;
        pic__engine_lead_turn(e);
        assert_true(pic__engine_lead_due(e) == c.now + 600 * PIC__SECOND);
        assert_false(pic__engine_lead_is(e));
        pic__engine_lead_end(e); /* nothing is led: nobody is asked */
        if (system("ip addr add 203.0.113.5/32 dev lo && ip route add default dev lo src 203.0.113.5") == 0) {
                c.now += 600 * PIC__SECOND;
                pic__engine_lead_turn(e);
                must_say(e, "\"state\":\"unneeded\"");
                doctor(e, NULL);
        }
        apply(&c, e, "no");
        pic__engine_lead_turn(e);
        assert_int_equal(pic__engine_lead_fd(e), -1);
        e->fake = 1;
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(nobody_there) };

        apart = pw_apart();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
