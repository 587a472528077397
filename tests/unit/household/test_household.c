/* Shows: what readers find is judged where it is said: keys, networks, hosts, dates, what a firewall allowed; and what
 * is none of that is told, never taken. */
#include "help.h"

static const pic__spot at = { "f", 7 };

static void keys(void **state)
{
        pic__device *d = pic__household_add(&h, at);
        const char *mine = NULL;

        (void)state;
        pic__household_call(&h, d, "  anna\t", 7);
        pic__household_call(&h, d, "other", 5);
        is(d->was, "anna");
        assert_int_equal(pic__household_key(&h, key(1), d, at, "PrivateKey", &mine), 1);
        assert_int_equal(pic__household_key(&h, key(1), d, at, "PrivateKey", &mine), 1);
        assert_int_equal(pic__household_key(&h, key(2), d, at, "PrivateKey", &mine), 0);
        is(mine, key(1));
        assert_told(LOST, "f:7: anna: PrivateKey: another one was said before");
        mine = NULL;
        assert_int_equal(pic__household_key(&h, NULL, d, at, "K", &mine), 0);
        assert_int_equal(pic__household_key(&h, "", d, at, "K", &mine), 0);
        assert_int_equal(h.findings.count, 1);
        assert_int_equal(pic__household_key(&h, "short", d, at, "K", &mine), 0);
        assert_int_equal(pic__household_key(&h, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", NULL, at, "K", &mine),
                         0);
        assert_told(LOST, "f:7: anna: K: is no WireGuard key");
        assert_told(LOST, "f:7: : K: is all zero");
        pic__household_tell(&h, PIC__TALE_NOTE, at, NULL, NULL, NULL, "x%s and %.43s, %s", key(2), key(2), "a/b/c");
        assert_told(NOTE, "f:7: : (a key) and (a key), a/b/c");
        untold(key(2));
}

static void networks(void **state)
{
        pic__device *d = pic__household_add(&h, at);
        int i;

        (void)state;
        pic__household_allow(&h, d, "10.8.0.7", at, "A");
        pic__household_allow(&h, d, "10.8.0.9/24", at, "A");
        pic__household_allow(&h, d, "fd00::1/128", at, "A");
        pic__household_allow(&h, d, "nonsense\x01", at, "A");
        assert_int_equal(d->allowed_count, 3);
        assert_int_equal(d->allowed->prefix.len, 32);
        is_address(&d->allowed->next->prefix.addr, "10.8.0.0");
        assert_told(LOST, "f:7: : A: 'nonsense\\x01' is no network");
        for (i = 0; i < PIC__HOUSEHOLD_PREFIXES + 5; i++)
                pic__household_allow(&h, d, "10.0.0.1", at, "A");
        assert_int_equal(d->allowed_count, PIC__HOUSEHOLD_PREFIXES);
        pic__household_own(&h, "10.8.0.1/24", at, "Address");
        pic__household_own(&h, "10.9.0.1/24", at, "Address");
        pic__household_own(&h, "fd00::1/64", at, "Address");
        pic__household_own(&h, "x", at, "Address");
        assert_int_equal(h.net[0].len, 24);
        is_address(&h.own[0], "10.8.0.1");
        assert_told(LOST, "f:7: : Address: '10.9.0.1/24' is a second one");
}

static void far(void **state)
{
        (void)state;
        pic__household_endpoint(&h, "vpn.example.org", NULL, at, "Endpoint");
        pic__household_endpoint(&h, "VPN.example.org:51820", NULL, at, "Endpoint");
        is(h.host, "vpn.example.org");
        assert_int_equal(h.host_port, 0);
        pic__household_endpoint(&h, "other.example.org:1", NULL, at, "Endpoint");
        assert_told(LOST, "f:7: : Endpoint: 'other.example.org' is another host");
        pic__household_endpoint(&h, "a b", NULL, at, "Endpoint");
        assert_told(LOST, "f:7: : Endpoint: 'a b' is no host");
        pic__household_dns(&h, "1.1.1.1", NULL, at, "DNS");
        pic__household_dns(&h, "1.1.1.1", NULL, at, "DNS");
        pic__household_dns(&h, "2606:4700:4700:0::1111", NULL, at, "DNS");
        pic__household_dns(&h, "home.lan", NULL, at, "DNS");
        assert_int_equal(h.dns_count, 2);
        is(h.dns[1], "2606:4700:4700::1111");
        assert_told(LOST, "f:7: : DNS: 'home.lan' is no address of a DNS server");
        assert_int_equal(pic__household_number(&h, "51820", 1, 65535, at, "Port"), 51820);
        assert_int_equal(pic__household_number(&h, "0", 1, 65535, at, "Port"), -1);
        assert_int_equal(pic__household_number(&h, "1e3", 1, 65535, at, "Port"), -1);
}

static void ends(void **state)
{
        pic__device *d = pic__household_add(&h, at);

        (void)state;
        pic__household_expiry(&h, d, "2030-05-01T00:00:00.000Z", at, "e");
        is(d->expires, "2030-05-01T00:00:00Z");
        pic__household_expiry(&h, d, "2030-06-01 12:00:00", at, "e");
        is(d->expires, "2030-06-01T12:00:00Z");
        assert_int_equal(h.findings.count, 0);
        pic__household_expiry(&h, d, "2020-01-01", at, "e");
        assert_told(NOTE, "f:7: : its time was over there on 2020-01-01T00:00:00Z");
        assert_int_equal(d->disabled, 0);
        pic__household_expiry(&h, d, "soon", at, "e");
        assert_told(LOST, "f:7: : e: 'soon' is no date: the device is turned off");
        assert_int_equal(d->disabled, 1); /* never let in for longer than it was */
}

static void confined(void **state)
{
        pic__device *d = pic__household_add(&h, at);

        (void)state;
        pic__household_confine(&h, d, "192.168.1.9/24", at, "fw");
        pic__household_confine(&h, d, "192.168.2.10:443/tcp", at, "fw");
        pic__household_confine(&h, d, "[fd00::5]:53/udp", at, "fw");
        pic__household_confine(&h, d, "10.0.0.1:22", at, "fw");
        is(d->access, "192.168.1.0/24,192.168.2.10:tcp/443,[fd00::5]:udp/53,10.0.0.1:tcp/22,10.0.0.1:udp/22");
        pic__household_confine(&h, d, "10.0.0.0/8:22/tcp", at, "fw");
        assert_told(LOST, "f:7: : fw: '10.0.0.0/8:22/tcp' cannot be said as a grant");
        d = pic__household_add(&h, at);
        pic__household_confine(&h, d, "rubbish", at, "fw");
        is(d->access, ""); /* nothing, and not everything */
        pic__household_confine(&h, d, "0.0.0.0/0", at, "fw");
        pic__household_confine(&h, d, "::/0", at, "fw");
        is(d->access, "internet,lan,peers");
}

static void commands(void **state)
{
        (void)state;
        pic__household_command(&h, NULL, " \n", at, "PostUp");
        assert_int_equal(h.findings.count, 0);
        pic__household_command(&h, NULL, "rm -rf /\nx", at, "PostUp");
        assert_told(LOST, "f:7: : PostUp is a command and is never run here: rm -rf /\\x0ax");
}

static void bounded(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < PIC__HOUSEHOLD_DEVICES; i++)
                assert_non_null(pic__household_add(&h, at));
        assert_int_equal(h.too_many, 0);
        assert_null(pic__household_add(&h, at));
        assert_int_equal(h.too_many, 1);
        for (i = 0; i < PIC__HOUSEHOLD_FINDINGS + 3; i++)
                pic__household_tell(&h, PIC__TALE_NOTE, at, NULL, NULL, NULL, "x");
        assert_int_equal(h.findings.count, PIC__HOUSEHOLD_FINDINGS);
        assert_int_equal(h.untold, 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(keys), TEST(networks), TEST(far), TEST(ends), TEST(confined), TEST(commands), TEST(bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
