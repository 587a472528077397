/* sieve/view.c: who is told which name, as the filter asks for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "sieve/rules.h"

#define A 1
#define CNAME 5
#define MX 15
#define ANY 255

/* anna (.2, class 1) reaches nas (.4) by one family, bob (.3, class 2) all devices, kim (.5, class 3) nothing; site
 * (.6) has a network behind it. The cell is .1. */
static const char text[] =
        "pic-sieve 1\npass home.internal\nviews\ncell 10.1.0.1\ncell fd00::1\nviewer 10.1.0.1 all -\n"
        "inside 10.1.0.0/16\ninside fd00::/48\nzone home.internal\nzone 1.10.in-addr.arpa\n"
        "viewer 10.1.0.2 0x00010000 10.1.0.2,fd00::2\nviewer fd00::2 0x00010000 10.1.0.2,fd00::2\n"
        "viewer 10.1.0.3 0x00020000 10.1.0.3,fd00::3\nviewer 10.1.0.5 0x00030000 10.1.0.5\n"
        "viewer 10.1.0.4 0x00030000 10.1.0.4,fd00::4\nviewer fd00::4 0x00030000 10.1.0.4,fd00::4\n"
        "viewer 10.1.0.6 0x00030000 10.1.0.6\nviewer 192.168.9.0/24 0x00030000 10.1.0.6\n"
        "reach 0x00010000 fd00::4\nreach 0x00020000 10.1.0.2-10.1.128.0\nreach 0x00020000 10.1.0.9-10.1.255.255\n"
        "reach 0x00020000 10.1.0.1\n"
        "name home.internal 10.1.0.1\nname nas.home.internal 10.1.0.4\nname nas.home.internal fd00::4\n"
        "name kim.home.internal 10.1.0.5\nname cam.home.internal 192.168.9.8\nname out.home.internal 192.0.2.1\n"
        "name note.home.internal -\nname *.dev.home.internal 10.1.0.5\nname up.dev.home.internal 192.0.2.1\n"
        "leads www.home.internal 5 kim.home.internal.\nleads loop.home.internal 5 loop.home.internal\n"
        "leads home.internal 15 kim.home.internal\nleads 4.0.1.10.in-addr.arpa 12 nas.home.internal\nend\n";

static unsigned hide(const pic__sieve_rules *r, const char *source, const char *name, unsigned type)
{
        uint8_t bytes[16];
        pic__sieve_name n;

        assert_int_equal(pic__sieve_name_text(name, strlen(name), &n), 0);
        if (inet_pton(AF_INET, source, bytes) == 1)
                return pic__sieve_rules_hide(r, bytes, 4, &n, type);
        assert_int_equal(inet_pton(AF_INET6, source, bytes), 1);
        return pic__sieve_rules_hide(r, bytes, 16, &n, type);
}

static pic__sieve_rules *rules_of(const char *lines)
{
        return pic__sieve_rules_read(lines, strlen(lines), NULL, 0);
}

static void by_rights(void **state)
{
        pic__sieve_rules *r = rules_of(text);

        (void)state;
        assert_non_null(r);
        assert_int_equal(pic__sieve_rules_bare(r), 1);
        assert_int_equal(hide(r, "10.1.0.2", "nas.home.internal", A), 0); /* by one family is enough */
        assert_int_equal(hide(r, "fd00::2", "NAS.home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.2", "4.0.1.10.in-addr.arpa", 12), 0);
        assert_int_equal(hide(r, "10.1.0.2", "kim.home.internal", A), 1);
        assert_int_equal(hide(r, "10.1.0.3", "kim.home.internal", A), 0); /* what overlaps was joined */
        assert_int_equal(hide(r, "10.1.0.3", "nas.home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.5", "nas.home.internal", A), 1);
        assert_int_equal(hide(r, "10.1.0.5", "4.0.1.10.in-addr.arpa", 12), 2);
        assert_int_equal(hide(r, "10.1.0.5", "kim.home.internal", A), 0); /* itself */
        assert_int_equal(hide(r, "10.1.0.9", "nas.home.internal", A), 1); /* nobody */
        assert_int_equal(hide(r, "10.1.0.1", "nas.home.internal", A), 0); /* the machine */
        pic__sieve_rules_free(r);
}

static void of_nobody(void **state)
{
        pic__sieve_rules *r = rules_of(text);

        (void)state;
        assert_int_equal(hide(r, "10.1.0.5", "out.home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.5", "note.home.internal", 16), 0);
        assert_int_equal(hide(r, "10.1.0.5", "gone.home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.5", "www.example.org", A), 0);
        assert_int_equal(hide(r, "10.1.0.5", "home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.5", "cam.home.internal", A), 1);
        assert_int_equal(hide(r, "10.1.0.6", "cam.home.internal", A), 0); /* behind itself */
        assert_int_equal(hide(r, "192.168.9.7", "cam.home.internal", A), 0);
        pic__sieve_rules_free(r);
}

static void what_leads(void **state)
{
        pic__sieve_rules *r = rules_of(text);

        (void)state;
        assert_int_equal(hide(r, "10.1.0.2", "www.home.internal", CNAME), 1);
        assert_int_equal(hide(r, "10.1.0.3", "www.home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.2", "loop.home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.2", "home.internal", MX), PIC__SIEVE_AS_TYPE);
        assert_int_equal(hide(r, "10.1.0.2", "home.internal", ANY), PIC__SIEVE_AS_TYPE);
        assert_int_equal(hide(r, "10.1.0.2", "home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.3", "home.internal", MX), 0);
        pic__sieve_rules_free(r);
}

static void wildcards(void **state)
{
        pic__sieve_rules *r = rules_of(text);

        (void)state;
        assert_int_equal(hide(r, "10.1.0.3", "x.dev.home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.2", "x.dev.home.internal", A), 2); /* so that no wildcard takes it */
        assert_int_equal(hide(r, "10.1.0.2", "a.b.dev.home.internal", A), 3);
        assert_int_equal(hide(r, "10.1.0.2", "up.dev.home.internal", A), 0);
        pic__sieve_rules_free(r);
}

/* One that is directly in the zone answers for whatever a hidden name could be put as. */
static void wildcard_of_all(void **state)
{
        char more[sizeof(text) + 64];
        pic__sieve_rules *r;

        (void)state;
        snprintf(more, sizeof(more), "%.*sname *.home.internal 10.1.0.5\nend\n", (int)strlen(text) - 4, text);
        r = rules_of(more);
        assert_int_equal(hide(r, "10.1.0.2", "any.home.internal", A), PIC__SIEVE_AS_NONE + 1);
        assert_int_equal(hide(r, "10.1.0.2", "kim.home.internal", A), PIC__SIEVE_AS_NONE + 1);
        assert_int_equal(hide(r, "10.1.0.2", "x.dev.home.internal", A), PIC__SIEVE_AS_NONE + 2);
        assert_int_equal(hide(r, "10.1.0.2", "home.internal", MX), PIC__SIEVE_AS_TYPE);
        assert_int_equal(hide(r, "10.1.0.2", "out.home.internal", A), 0);
        assert_int_equal(hide(r, "10.1.0.3", "any.home.internal", A), 0);
        pic__sieve_rules_free(r);
}

static void refused(void **state)
{
        static const char *const lines[] = {
                "cell x",
                "inside 10.1.0.0",
                "inside 10.1.0.0/33",
                "zone a b\nzone",
                "name a.b",
                "name a.b 10.1",
                "name a..b -",
                "leads a.b 5",
                "leads a.b 5 c..d",
                "viewer 10.1.0.2 1 10.1",
                "viewer x all -",
                "viewer 10.1.0.2 0x00010000",
                "reach 1 10.1.0.2",
                "reach 0x00010000 10.1.0.2-fd00::2",
                "views",
                "viewer 10.1.0.2 0x00010000 nobody",
        };
        char all[200];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(lines); i++) {
                snprintf(all, sizeof(all), "pic-sieve 1\nviews\n%s\nend\n", lines[i]);
                if (rules_of(all) != NULL)
                        fail_msg("taken: %s", lines[i]);
        }
        assert_null(rules_of("pic-sieve 1\ncell 10.1.0.1\nend\n")); /* before "views" there are no such lines */
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(by_rights),       cmocka_unit_test(of_nobody),
                                            cmocka_unit_test(what_leads),      cmocka_unit_test(wildcards),
                                            cmocka_unit_test(wildcard_of_all), cmocka_unit_test(refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
