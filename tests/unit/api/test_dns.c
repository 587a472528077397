/* Shows: what is asked of the agent and of nobody (the fake world); questions to real servers:
 * tests/scenario/test_dns.py. */
#include "../../api/world.h"

static void has(pic_report *r, const char *part)
{
        if (strstr(pic_report_text(r), part) == NULL)
                fail_msg("no %s in %s", part, pic_report_text(r));
        assert_int_equal(pic_report_good(r), 1);
        pic_report_unref(r);
}

static void fake_world(void **state)
{
        pic_dns_query_opts o = PIC_DNS_QUERY_OPTS_INIT;
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_dns_stats(w.ctx, &r, &err));
        has(r, "\"answers\":true");
        ok(pic_dns_flush(w.ctx, NULL, &r, &err));
        has(r, "\"forgotten\":0");
        ok(pic_dns_flush(w.ctx, "example.org", &r, &err));
        has(r, "\"forgotten\":0");
        refused(pic_dns_flush(w.ctx, "a..b", &r, &err), PIC_VALUE, "a..b");
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic_dns_query(w.ctx, "anna", NULL, &r, &err));
        has(r, "\"type\":\"A\",\"peer\":null,\"from\":\"device\",\"why\":\"the device anna\",\"object\":\"anna\","
               "\"asked\":false");
        o.type = "aaaa";
        o.peer = "anna";
        ok(pic_dns_query(w.ctx, "www.example.org", &o, &r, &err));
        has(r, "\"name\":\"www.example.org.\",\"type\":\"AAAA\",\"peer\":\"anna\",\"from\":\"root\"");
        ok(world_set(&w, "peer", "anna", "enabled", "no", &err));
        ok(pic_dns_query(w.ctx, "www.example.org", &o, &r, &err));
        has(r, "\"from\":\"off\"");
        o.peer = NULL;
        o.type = NULL;
        ok(pic_dns_query(w.ctx, "10.1.2.3", &o, &r, &err));
        has(r, "\"name\":\"3.2.1.10.in-addr.arpa.\",\"type\":\"PTR\"");
        world_end(&w);
}

static void refusals(void **state)
{
        pic_dns_query_opts o = PIC_DNS_QUERY_OPTS_INIT;
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        refused(pic_dns_stats(NULL, &r, &err), PIC_INVALID, "ctx");
        refused(pic_dns_flush(w.ctx, NULL, NULL, &err), PIC_INVALID, "ret_report");
        refused(pic_dns_query(w.ctx, NULL, NULL, &r, &err), PIC_INVALID, "name");
        refused(pic_dns_query(w.ctx, "a b", NULL, &r, &err), PIC_VALUE, "a b");
        o.type = "nonsense";
        refused(pic_dns_query(w.ctx, "a", &o, &r, &err), PIC_VALUE, "nonsense");
        o.type = NULL;
        o.peer = "nobody";
        refused(pic_dns_query(w.ctx, "a", &o, &r, &err), PIC_NOTFOUND, "nobody");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(fake_world), cmocka_unit_test(refusals) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
