/* Shows: which address a service's answer tells, what is no address of the internet, and the next service when one
 * fails. */
#include "providers_world.h"

#include "engine/domains_find.h"

static void answers(void **state)
{
        static const char *const all[][2] = { { "198.51.100.7\n", "198.51.100.7" },
                                              { "fl=1\nh=x\nip=198.51.100.7\nts=1.5\n", "198.51.100.7" },
                                              { "{\"ip\":\"198.51.100.7\",\"v\":1.0}", "198.51.100.7" },
                                              { "<b>You are 198.51.100.7.</b>", NULL },
                                              { "198.51.100.256 1.2.3 1.2.3.4.5 7", NULL },
                                              { "2001:db8::1", NULL },
                                              { "", NULL } };
        char got[48];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                int r = pic__outside_read(all[i][0], got);

                if (r != (all[i][1] != NULL) || (r && strcmp(got, all[i][1]) != 0))
                        fail_msg("%s: %s", all[i][0], r ? got : "nothing");
        }
        assert_true(pic__outside_is_public("198.51.100.7") && pic__outside_is_public("2001:db8::1"));
        assert_false(pic__outside_is_public("10.0.0.1") || pic__outside_is_public("100.64.0.1") ||
                     pic__outside_is_public("fd00::1") || pic__outside_is_public("fe80::1") ||
                     pic__outside_is_public("127.0.0.1") || pic__outside_is_public("") ||
                     pic__outside_is_public("169.254.1.1"));
}

static void look(pic__outside *o, const char *services)
{
        int r = pic__outside_begin(o, services, 1), i;

        for (i = 0; r == 0 && i < 100; i++) {
                struct pollfd p = { .fd = pic__outside_fd(o), .events = POLLIN };

                (void)poll(&p, 1, 1000);
                r = pic__outside_go_on(o);
        }
        assert_int_equal(r, 1);
        assert_int_equal(pic__outside_fd(o), -1);
}

/* Where this machine has no public address itself, as in the tests' namespaces. */
static void services(void **state)
{
        pic__outside o = { .ip4 = "" }, seen = { .ip4 = "" };
        providers web;
        char two[200];

        (void)state;
        if (!pw_apart())
                skip();
        pw_start(&web);
        snprintf(two, sizeof(two), "http://127.0.0.1:1/,http://127.0.0.1:%d/ip", web.port);
        look(&o, two);
        assert_true(o.ip4[0] == '\0' && o.why != NULL && strstr(pic_error_message(o.why), "nobody answers") != NULL);
        look(&o, two);
        assert_string_equal(o.ip4, "198.51.100.7");
        assert_true(o.behind && o.why == NULL && strstr(o.asked, "/ip") != NULL);
        pw_write(&web, "ip", "100.64.3.4");
        look(&o, two);
        assert_true(o.ip4[0] == '\0' && strstr(pic_error_message(o.why), "no address of the internet") != NULL);
        pic__outside_found(&o, &seen);
        assert_true(o.why == NULL && seen.behind && strcmp(seen.asked, o.asked) == 0);
        assert_non_null(strstr(pic_error_message(seen.why), "no address of the internet"));
        pic__outside_free(&o);
        pic__outside_free(&seen);
        pw_stop(&web);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(answers), cmocka_unit_test(services) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
