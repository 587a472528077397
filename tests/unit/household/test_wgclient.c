/* Shows: a device's own file gives its private key, keepalive and what it sends to the device that has its key, and
 * tells where it and the server differ. */
#include "help.h"

#include "household/wgfile.h"

static char text[2048];

static void setup_server(void)
{
        pic__device *d = pic__household_add(&h, (pic__spot){ "wg0.conf", 3 });

        d->public_key = pic__household_dup(&h, pub(1), 44);
        pic__household_allow(&h, d, "10.8.0.2/32", d->at, "AllowedIPs");
        h.private_key = pic__household_dup(&h, key(100), 44);
        pic__household_index(&h);
}

static void good(void **state)
{
        (void)state;
        setup_server();
        snprintf(text, sizeof(text),
                 "[Interface]\nPrivateKey = %s\nAddress = 10.8.0.2/24\nDNS = 9.9.9.9, lan\nMTU = 1400\n"
                 "[Peer]\nPublicKey = %s\nPresharedKey = %s\nEndpoint = vpn.example.org:51821\nAllowedIPs = 0.0.0.0/0\n"
                 "PersistentKeepalive = 21\n",
                 key(1), pub(100), key(60));
        pic__wgclient_read(&h, text, strlen(text), "anna.conf", "anna");
        is(dev(0)->was, "anna");
        is(dev(0)->private_key, key(1));
        is(dev(0)->preshared, key(60));
        is(dev(0)->tunnel, "full");
        assert_int_equal(dev(0)->keepalive, 21);
        is(h.host, "vpn.example.org");
        assert_int_equal(h.host_port, 51821);
        is(h.dns[0], "9.9.9.9");
        assert_told(LOST, "anna.conf:4: anna: DNS: 'lan' is no address");
        assert_int_equal(h.findings.count, 1);
}

static void differs(void **state)
{
        (void)state;
        setup_server();
        dev(0)->preshared = pic__household_dup(&h, key(61), 44);
        snprintf(text, sizeof(text),
                 "[Interface]\nPrivateKey = %s\nAddress = 10.8.0.9/24, x\nPostUp = reboot\nTable = off\nnonsense\n"
                 "[Peer]\nPresharedKey = %s\nAllowedIPs = 10.8.0.0/24\nPersistentKeepalive = off\n",
                 key(1), key(60));
        pic__wgclient_read(&h, text, strlen(text), "a.conf", "a");
        assert_told(NOTE, "a.conf:3: a: it calls itself 10.8.0.9");
        assert_told(LOST, "a.conf:3: a: Address: 'x' is none");
        assert_told(NOTE, "a.conf:4: a: PostUp is a command of the device itself");
        assert_told(NOTE, "a.conf:5: a: a setting of the device itself");
        assert_told(LOST, "a.conf:6: a: a line that cannot be understood");
        assert_told(LOST, "a.conf:8: a: PresharedKey: another one was said before");
        is(dev(0)->tunnel, "split");
        assert_int_equal(dev(0)->keepalive, 0);
        snprintf(text, sizeof(text), "[Interface]\nPrivateKey = %s\n", key(2));
        pic__wgclient_read(&h, text, strlen(text), "b.conf", "b");
        assert_told(LOST, "b.conf:0: : the server knows no device with its key");
        untold(key(1));
        untold(key(60));
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(good), TEST(differs) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
