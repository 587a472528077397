/* Shows: a server's file becomes a server and devices, with the names that scripts write into comments; every line that
 * is not taken is told with its place, commands with their text, keys never. */
#include "help.h"

#include "household/wgfile.h"

static char text[8192];

static void read_it(void)
{
        pic__wgserver_read(&h, text, strlen(text), "wg0.conf");
}

static void good(void **state)
{
        (void)state;
        snprintf(
                text, sizeof(text),
                "# ENDPOINT vpn.example.org\n"
                "[Interface]\nAddress = 10.8.0.1/24, fd00:1::1/64\nListenPort = 51821\nPrivateKey = %s\nMTU = 1400\n"
                "### Client anna\n[Peer]\nPublicKey = %s\nPresharedKey = %s\nAllowedIPs = 10.8.0.2/32,fd00:1::2/128\n\n"
                "[Peer]\n# Name = ben\nPublicKey = %s\nAllowedIPs = 10.8.0.3/32\nAllowedIPs = 192.168.9.0/24\n\n"
                "# BEGIN_PEER carl\n[Peer]\nPublicKey = %s # my own\nAllowedIPs = 10.8.0.4\n# END_PEER carl\n"
                "#[disabled] ### begin dora ###\n#[disabled] [Peer]\n#[disabled] PublicKey = %s\n"
                "#[disabled] AllowedIPs = 10.8.0.5/32\n#[disabled] ### end dora ###\n"
                "# erna\n[Peer]\nPublicKey = %s\nAllowedIPs = 10.8.0.6/32\n",
                key(100), pub(1), key(50), pub(2), pub(3), pub(4), pub(5));
        read_it();
        is(h.private_key, key(100));
        is(h.host, "vpn.example.org");
        assert_int_equal(h.listen_port, 51821);
        assert_int_equal(h.mtu, 1400);
        assert_int_equal(h.devices.count, 5);
        is(dev(0)->was, "anna");
        is(dev(0)->public_key, pub(1));
        is(dev(0)->preshared, key(50));
        assert_int_equal(dev(0)->allowed_count, 2);
        assert_int_equal(dev(0)->at.line, 8);
        is(dev(1)->was, "ben");
        assert_int_equal(dev(1)->allowed_count, 2);
        is(dev(2)->was, "carl");
        is(dev(3)->was, "dora");
        assert_int_equal(dev(3)->disabled, 1);
        is(dev(4)->was, "erna");
        assert_int_equal(dev(4)->disabled, 0);
        assert_told(NOTE, "wg0.conf:24: carl: a comment is not kept: my own");
        assert_int_equal(h.findings.count, 1);
}

static void rest(void **state)
{
        (void)state;
        snprintf(text, sizeof(text),
                 "Lost = 1\n[Interface]\nPrivateKey = %s\nPostUp = iptables -A FORWARD -i %%i; touch /tmp/x\nDNS = "
                 "1.1.1.1\n"
                 "Table = off\nFwMark = 1\nSaveConfig = true\nJc = 4\nS1 = 5\nFoo = 1\n%s = x\nListenPort = none\n"
                 "# a remark of some length that is no name at all\n# %s\nnonsense\n[Other]\nX = 1\n"
                 "[Peer]\nPublicKey = bad\nEndpoint = a:1\nPersistentKeepalive = 25\nPrivateKey = %s\n"
                 "# alone\n\n[Peer]\n",
                 key(100), key(7), key(8), key(9));
        read_it();
        assert_told(LOST, "wg0.conf:1: : a line that is in no section");
        assert_told(LOST, "wg0.conf:4: : PostUp is a command and is never run here: iptables -A FORWARD -i %i; touch");
        assert_told(LOST, "wg0.conf:5: : DNS: not taken");
        assert_told(LOST, "wg0.conf:6: : Table: not taken");
        assert_told(LOST, "wg0.conf:7: : FwMark: not taken");
        assert_told(LOST, "wg0.conf:8: : SaveConfig: not taken");
        assert_told(LOST, "wg0.conf:9: : Jc: it belongs to AmneziaWG");
        assert_told(LOST, "wg0.conf:10: : S1: it belongs to AmneziaWG");
        assert_told(LOST, "wg0.conf:11: : 'Foo' is not known");
        assert_told(LOST, "wg0.conf:12: : a line that is not known");
        assert_told(LOST, "wg0.conf:13: : ListenPort: 'none' is no number");
        assert_told(NOTE, "wg0.conf:14: : a comment is not kept: a remark");
        assert_told(NOTE, "wg0.conf:15: : a comment is not kept: (it may hold a key, and is not shown)");
        assert_told(LOST, "wg0.conf:16: : a line that is no section");
        assert_told(LOST, "wg0.conf:17: : a section that is neither");
        assert_told(LOST, "wg0.conf:18: : a line that is in no section");
        assert_told(LOST, "wg0.conf:20: : PublicKey: is no WireGuard key");
        assert_told(LOST, "wg0.conf:21: : Endpoint: not taken");
        assert_told(LOST, "wg0.conf:22: : PersistentKeepalive: not taken");
        assert_told(LOST, "wg0.conf:23: : 'PrivateKey' is not known");
        is(dev(0)->was, "alone"); /* it has no key and no address yet, so the comment is its own */
        untold(key(100));
        untold(key(7));
        untold(key(8));
        untold(key(9));
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(good), TEST(rest) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
