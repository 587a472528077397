/* Shows: what the programs that ask a router say is read as it is meant, of the router only; and who is asked when
 * nobody is there. */
#include "fixture.h"

#include <sched.h>

#include "engine/router.h"

static void gateways(void **state)
{
        static const char head[] =
                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        static const struct {
                const char *line, *gateway;
        } all[] = { { "eth0\t00000000\t014DA8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "192.168.77.1" },
                    { "eth0\t004DA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", NULL },
                    { "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n", NULL },
                    { "tun0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n", NULL },
                    { "x\n\n\teth0 0 0", NULL },
                    { "", NULL } };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char gateway[48];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__buf_clear(&text);
                pic__buf_putf(&text, "%s%s", head, all[i].line);
                assert_int_equal(pic__router_gateway(pic__buf_str(&text), gateway), all[i].gateway != NULL);
                if (all[i].gateway != NULL)
                        assert_string_equal(gateway, all[i].gateway);
        }
}

#define ASKED "initnatpmp() returned 0 (SUCCESS)\nusing gateway : 192.168.77.1\n"
#define IGD "List of UPNP devices found on the network :\n desc: http://192.168.77.1:5000/rootDesc.xml\n\n"
#define VALID IGD "Found valid IGD : http://192.168.77.1:5000/ctl/IPConn\nLocal LAN ip address : 192.168.77.10\n"

static void words(void **state)
{
        static const struct {
                enum pic__router_way way;
                const char *text;
                int answered;
                pic__router_said said;
        } all[] = {
                { PIC__ROUTER_NATPMP, ASKED "Public IP address : 11.0.0.7\nepoch = 1\n", 1, { .address = "11.0.0.7" } },
                { PIC__ROUTER_NATPMP, ASKED "Public IP address : 11.0.0.700\n", 0, { .led = 0 } },
                { PIC__ROUTER_NATPMP,
                  ASKED
                  "Public IP address : 11.0.0.7\nMapped public port 51820 protocol UDP to local port 51820 liftime "
                  "7200\n",
                  1,
                  { .address = "11.0.0.7", .led = 1, .port = 51820, .lifetime = 7200 } },
                { PIC__ROUTER_NATPMP,
                  "Public IP address : 11.0.0.7\nMapped public port 0 protocol UDP to local port 51820 liftime 0\n",
                  1,
                  { .address = "11.0.0.7" } },
                { PIC__ROUTER_NATPMP,
                  "readnatpmpresponseorretry() failed : network failure\n  errno=0 'Success'\n" ASKED,
                  1,
                  { .refusal = "network failure" } },
                { PIC__ROUTER_NATPMP,
                  "readnatpmpresponseorretry() failed : the gateway does not support nat-pmp\n",
                  0,
                  { .led = 0 } },
                { PIC__ROUTER_UPNP, VALID "ExternalIPAddress = 11.0.0.7\n", 1, { .address = "11.0.0.7" } },
                { PIC__ROUTER_UPNP,
                  VALID "ExternalIPAddress = 11.0.0.7\nInternalIP:Port = 192.168.77.10:51821\n"
                        "external 11.0.0.7:51821 UDP is redirected to internal 192.168.77.10:51821 (duration=600)\n",
                  1,
                  { .address = "11.0.0.7", .led = 1, .port = 51821, .lifetime = 600 } },
                { PIC__ROUTER_UPNP,
                  VALID "AddPortMapping(1, 1, 192.168.77.9) failed with code 718 (ConflictInMappingEntry)\n",
                  1,
                  { .refusal = "718 (ConflictInMappingEntry)" } },
                { PIC__ROUTER_UPNP,
                  VALID "AddPortMapping(1, 1, 192.168.77.9) failed with code 725 (Only\033Permanent)\n",
                  1,
                  { .refusal = "725 (Only?Permanent)", .only_for_good = 1 } },
                { PIC__ROUTER_UPNP,
                  IGD "Found a (not connected?) IGD : http://192.168.77.1:5000/ctl/IPConn\n",
                  1,
                  { .refusal = "it says that it is not connected" } },
                /* somebody else in the lan, who says that he is the router */
                { PIC__ROUTER_UPNP,
                  "Found valid IGD : http://192.168.77.66:5000/ctl\nExternalIPAddress = 11.0.0.66\n",
                  0,
                  { .led = 0 } },
                { PIC__ROUTER_UPNP,
                  "Found valid IGD : http://192.168.77.1.evil.example/ctl\nExternalIPAddress = 11.0.0.66\n",
                  0,
                  { .led = 0 } },
                { PIC__ROUTER_UPNP, "ExternalIPAddress = 11.0.0.66\n", 0, { .led = 0 } },
                { PIC__ROUTER_UPNP, "", 0, { .led = 0 } },
        };
        pic__router_said got;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                int r = pic__router_read(all[i].way, all[i].text, "192.168.77.1", &got);

                if (r != all[i].answered)
                        fail_msg("%s", all[i].text);
                if (!r)
                        continue;
                assert_string_equal(got.address, all[i].said.address);
                assert_string_equal(got.refusal, all[i].said.refusal);
                assert_int_equal(got.led, all[i].said.led);
                assert_int_equal(got.only_for_good, all[i].said.only_for_good);
                if (got.led)
                        assert_true(got.port == all[i].said.port && got.lifetime == all[i].said.lifetime);
        }
}

/* In a network of its own: no way out; then one to a router that says nothing. */
static void nobody(void **state)
{
        pic__router r = { .gateway = "" };

        (void)state;
        if (unshare(CLONE_NEWNET) < 0)
                skip();
        assert_int_equal(pic__router_begin(&r, 0, 0), 1);
        assert_string_equal(r.gateway, "");
        assert_int_equal(pic__router_fd(&r), -1);
        if (system("ip link set lo up && ip tuntap add tun0 mode tun && ip addr add 192.168.77.10/24 dev tun0 && ip "
                   "link set "
                   "tun0 up && ip route add default via 192.168.77.1") != 0 ||
            !pic__router_can())
                skip();
        assert_int_equal(pic__router_begin(&r, 51820, 7200), 0);
        assert_string_equal(r.gateway, "192.168.77.1");
        assert_true(pic__router_fd(&r) >= 0);
        assert_int_equal(pic__router_go_on(&r), 0); /* nobody waits for it */
        pic__router_free(&r);
        assert_int_equal(pic__router_fd(&r), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(gateways), cmocka_unit_test(words),
                                            cmocka_unit_test(nobody) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
