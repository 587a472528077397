/* Shows: PiVPN's own files are words, never run: host, port, DNS, keepalive and names are taken, the rest is told. */
#include "help.h"

#include "household/pivpn.h"
#include "household/wgfile.h"

static void vars(void **state)
{
        static const char text[] =
                "pivpnHOST=pivpn.example.org\npivpnPORT=51822\npivpnMTU='1400'\npivpnDNS1=9.9.9.9\n"
                "pivpnDNS2=\"149.112.112.112\"\npivpnPERSISTENTKEEPALIVE=25\nUNATTUPG=0\n# remark\n\n"
                "install_user=pi\nEVIL=$(touch /tmp/x)\nE=`id`\nrm -rf /\npivpnSEARCHDOMAIN=lan\n";

        (void)state;
        pic__household_add(&h, (pic__spot){ "f", 1 });
        pic__household_add(&h, (pic__spot){ "f", 2 })->keepalive = 7;
        pic__pivpn_vars(&h, text, sizeof(text) - 1, "setupVars.conf");
        is(h.host, "pivpn.example.org");
        assert_int_equal(h.listen_port, 51822);
        assert_int_equal(h.mtu, 1400);
        assert_int_equal(h.dns_count, 2);
        assert_int_equal(dev(0)->keepalive, 25);
        assert_int_equal(dev(1)->keepalive, 7);
        assert_told(UNSAFE, "setupVars.conf:7: : security updates did not install");
        assert_told(NOTE, "setupVars.conf:10: : install_user is a setting of PiVPN's own");
        assert_told(UNSAFE, "setupVars.conf:11: : a shell would have run");
        assert_told(UNSAFE, "setupVars.conf:12: : a shell would have run");
        assert_told(LOST, "setupVars.conf:13: : a line that is no NAME=VALUE");
        assert_told(NOTE, "setupVars.conf:14: : pivpnSEARCHDOMAIN is a setting");
}

static void clients(void **state)
{
        char text[400];

        (void)state;
        pic__household_add(&h, (pic__spot){ "f", 1 })->public_key = pic__household_dup(&h, pub(1), 44);
        pic__household_index(&h);
        snprintf(text, sizeof(text), "anna %s 1700000000 168296450\nghost %s 1 2\nalone\n", pub(1), pub(2));
        pic__pivpn_clients(&h, text, strlen(text), "clients.txt");
        is(dev(0)->was, "anna");
        assert_told(LOST, "clients.txt:2: : 'ghost' is in the list of clients");
        assert_told(LOST, "clients.txt:3: : a line without a key");
}

static void hostile(void **state)
{
        static char text[3000];

        (void)state;
        pic__pivpn_vars(&h, "a\0b", 3, "v");
        assert_told(LOST, "v:0: : the file cannot be read");
        memset(text, 'x', sizeof(text));
        pic__pivpn_clients(&h, text, sizeof(text), "c");
        assert_told(LOST, "c:1: : a line that is too long");
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(vars), TEST(clients), TEST(hostile) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
