/* plan/policy_inside.c against tests/golden/exit (PIC_TEST_REGENERATE=1 writes them). That nft takes them, and what
 * they do, is shown in tests/unit/exit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan/policy.h"

static pic__policy_inside sample(void)
{
        static pic__policy_place remote[3];
        pic__policy_inside p = { .cap = PIC__CAP_FULL, .carrier = 60602, .resolver = 60603, .remote = remote };

        assert_int_equal(pic__addr_parse("192.0.2.10", &remote[0].addr), 0);
        assert_int_equal(pic__addr_parse("198.51.100.7", &remote[1].addr), 0);
        assert_int_equal(pic__addr_parse("2001:db8::10", &remote[2].addr), 0);
        remote[0].port = remote[1].port = remote[2].port = 51820;
        remote[0].proto = remote[1].proto = 17;
        remote[2].proto = 6;
        assert_int_equal(pic__addr_parse("169.254.96.5", &p.cell4), 0);
        assert_int_equal(pic__addr_parse("169.254.96.6", &p.exit4), 0);
        assert_int_equal(pic__addr_parse("fd70:6963:78::1:1", &p.cell6), 0);
        assert_int_equal(pic__addr_parse("fd70:6963:78::1:2", &p.exit6), 0);
        return p;
}

static void read_file(const char *path, char *to, size_t size)
{
        FILE *f = fopen(path, "r");
        size_t n;

        assert_non_null(f);
        n = fread(to, 1, size - 1, f);
        to[n] = '\0';
        fclose(f);
}

static void golden_one(const char *name, const pic__policy_inside *p)
{
        static char want[16384];
        pic__auto_buf pic__buf got = PIC__BUF_INIT;
        char path[512];

        snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/exit/%s.nft", name);
        pic__policy_put_inside(&got, p);
        assert_false(got.failed);
        if (getenv("PIC_TEST_REGENERATE") != NULL) {
                FILE *f = fopen(path, "w");

                assert_non_null(f);
                fputs(got.data, f);
                fclose(f);
        }
        read_file(path, want, sizeof(want));
        assert_string_equal(got.data, want);
}

static void golden(void **state)
{
        pic__policy_inside p = sample();

        (void)state;
        p.remotes = 3;
        p.mark = 1;
        golden_one("full", &p);
        p.mark = 0;
        p.cap = PIC__CAP_V4;
        p.remotes = 1;
        golden_one("ipv4", &p);
        p.cap = PIC__CAP_TCP4;
        p.tcp_port = 12345;
        golden_one("tcp4", &p);
        p.cap = PIC__CAP_TCP;
        p.remotes = 0;
        p.anywhere = 1;
        p.dns_port = 5353;
        golden_one("anywhere", &p);
        p = sample();
        p.cap = PIC__CAP_BLOCK;
        golden_one("block", &p);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(golden) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
