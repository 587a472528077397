/* Findings, and that the command each one names does away with it. */
#include "space.h"

#include "backend/nft/doctor.h"

typedef struct findings {
        size_t count;
        char what[8][400];
        char fix[8][400];
} findings;

static void on_finding(int level, const char *area, const char *what, const char *fix, void *data)
{
        findings *f = data;

        assert_string_equal(area, "nft");
        if (level > PIC_LOG_WARNING) /* test_weaken.c */
                return;
        assert_true(f->count < 8);
        snprintf(f->what[f->count], sizeof(f->what[0]), "%s", what);
        snprintf(f->fix[f->count++], sizeof(f->fix[0]), "%s", fix);
}

static void look(findings *f)
{
        const pic__nft_shape none = { .port = 0 };
        pic__nft_sock s = PIC__NFT_SOCK_INIT;

        memset(f, 0, sizeof(*f));
        assert_int_equal(pic__nft_sock_open(&s, NULL), 0);
        pic__nft_doctor(on_finding, f);
        pic__nft_strangers(&s, &none, on_finding, f);
        pic__nft_sock_close(&s);
}

/* "nft insert rule …; nft insert rule …" as text of nft */
static void follow(const char *fix)
{
        char text[400], *to = text;

        while (*fix != '\0') {
                if (strncmp(fix, "nft ", 4) == 0)
                        fix += 4;
                *to++ = strncmp(fix, "; ", 2) == 0 ? '\n' : *fix;
                fix += strncmp(fix, "; ", 2) == 0 ? 2 : 1;
        }
        *to++ = '\n';
        *to = '\0';
        foreign(text);
}

static void test_healthy(void **state)
{
        findings f;

        (void)state;
        look(&f);
        assert_int_equal(f.count, 0);
        foreign("table inet mine { chain c { type filter hook forward priority 0; policy accept; }\n}\n"
                "table inet pic { chain c { type filter hook forward priority 0; policy drop; }\n}\n");
        look(&f);
        assert_int_equal(f.count, 0);
}

/* Of what is forwarded for exits: once there is one. */
static void test_exits(void **state)
{
        findings f;

        (void)state;
        foreign("table inet wall { chain through { type filter hook forward priority 0; policy drop;\n"
                "iifname \"pic0\" accept; oifname \"pic0\" accept;\n}\n}\n");
        look(&f);
        assert_int_equal(f.count, 0);
        if (system("ip link add picx7 type veth peer name v1") != 0)
                fail_msg("cannot make a device");
        look(&f);
        assert_int_equal(f.count, 1);
        assert_non_null(strstr(f.what[0], "table inet wall, chain through"));
        assert_non_null(strstr(f.what[0], "it blocks the cell's ways out on their way through"));
        follow(f.fix[0]);
        look(&f);
        assert_int_equal(f.count, 0);
}

static void test_unknown_table(void **state)
{
        findings f;

        (void)state;
        foreign("table inet wall { chain through { type filter hook forward priority 0; policy drop; }\n"
                "chain in { type filter hook input priority 0; policy drop; }\n}\n");
        look(&f);
        assert_int_equal(f.count, 2);
        assert_non_null(strstr(f.what[0], "table inet wall, chain through"));
        assert_non_null(strstr(f.what[0], "by policy"));
        assert_non_null(strstr(f.what[1], "chain in"));
        assert_non_null(strstr(f.fix[1], "udp dport 51820"));
        follow(f.fix[0]);
        follow(f.fix[1]);
        look(&f);
        assert_int_equal(f.count, 0);
}

static void test_last_rule(void **state)
{
        findings f;

        (void)state;
        foreign("table ip wall { chain through { type filter hook forward priority 0; policy accept;\ntcp dport 1 "
                "accept\nreject\n}\n}\n");
        look(&f);
        assert_int_equal(f.count, 1);
        assert_non_null(strstr(f.what[0], "in its last rule"));
        follow(f.fix[0]);
        look(&f);
        assert_int_equal(f.count, 0);
}

/* As iptables-nft writes Docker's rules. */
static void test_docker(void **state)
{
        findings f;

        (void)state;
        foreign("table ip filter { chain DOCKER-USER { return\n}\n"
                "chain FORWARD { type filter hook forward priority 0; policy drop;\njump DOCKER-USER\n}\n}\n"
                "table ip6 filter { chain INPUT { type filter hook input priority 0; policy drop; }\n"
                "chain FORWARD { type filter hook forward priority 0; policy drop; }\n}\n");
        look(&f);
        assert_int_equal(f.count, 3);
        assert_non_null(strstr(f.what[0], "Docker"));
        assert_string_equal(f.fix[0],
                            "iptables -I DOCKER-USER -i pic0 -j ACCEPT; iptables -I DOCKER-USER -o pic0 -j ACCEPT");
        assert_string_equal(f.fix[1],
                            "ip6tables -I INPUT -i pic0 -j ACCEPT; ip6tables -I INPUT -p udp --dport 51820 -j ACCEPT");
        assert_string_equal(f.fix[2], "ip6tables -I FORWARD -i pic0 -j ACCEPT; ip6tables -I FORWARD -o pic0 -j ACCEPT");
        foreign("insert rule ip filter DOCKER-USER iifname \"pic0\" counter accept\n"
                "insert rule ip filter DOCKER-USER oifname \"pic0\" counter accept\n");
        look(&f);
        assert_int_equal(f.count, 2);
}

/* The old iptables, where it is installed. */
static void test_legacy(void **state)
{
        findings f;

        (void)state;
        if (system("iptables-legacy -P FORWARD DROP >/dev/null 2>&1") != 0) {
                printf("SKIP: no iptables-legacy here\n");
                skip();
        }
        look(&f);
        assert_int_equal(f.count, 1);
        assert_non_null(strstr(f.what[0], "iptables-legacy"));
        assert_int_equal(
                system("iptables-legacy -I FORWARD -i pic0 -j ACCEPT; iptables-legacy -I FORWARD -o pic0 -j ACCEPT"),
                0);
        look(&f);
        assert_int_equal(f.count, 0);
}

static void test_error(void **state)
{
        const pic__nft_shape shape = { .dev = "pic0", .port = 1 };
        pic__nft_sock s = PIC__NFT_SOCK_INIT;
        findings f = { 0 };

        (void)state;
        pic__nft_strangers(&s, &shape, on_finding, &f); /* not open */
        assert_int_equal(f.count, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_healthy, fresh_space),
                cmocka_unit_test_setup(test_unknown_table, fresh_space),
                cmocka_unit_test_setup(test_exits, fresh_space),
                cmocka_unit_test_setup(test_last_rule, fresh_space),
                cmocka_unit_test_setup(test_docker, fresh_space),
                cmocka_unit_test_setup(test_legacy, fresh_space),
                cmocka_unit_test_setup(test_error, fresh_space),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
