/* Shows: what a connection of each type needs and may have; all that is wrong is told, and no secret with it. */
#include "help.h"
#include "model/connection.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY2 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHho="
#define HOST_KEY "host_key=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=="

static void finds_(pic_obj *o, const char *const *want, int line)
{
        pic__auto_err pic_error *err = NULL;
        size_t n = 0;

        pic__connection_check(o, &err);
        for (; want[n] != NULL; n++)
                if (!says(err, want[n]))
                        fail_msg("line %d: '%s' is not said, but '%s'", line, want[n], pic_error_message(err));
        if (pic__err_count(err) != n)
                fail_msg("line %d: %zu findings, wanted %zu; '%s'", line, pic__err_count(err), n,
                         pic_error_message(err));
        pic__obj_unref(o);
}
#define WANT(...) ((const char *const[]){ __VA_ARGS__ NULL })
#define finds(o, want) finds_((o), (want), __LINE__)
#define NEW(...) obj("connection", 1, "name=m", __VA_ARGS__, NULL)
#define WG "type=wireguard", "peer_key=" KEY, "addresses=10.64.0.2/32,fd00:64::2/128", "private_key=" KEY
#define SSH "type=ssh", "user=me", HOST_KEY, "password=" KEY

static void needs(void **state)
{
        (void)state;
        finds(NEW(WG, "endpoint=192.0.2.1:51820"), WANT());
        finds(NEW(WG, "endpoint=vpn.example.org:51820", "dns=10.64.0.1", "allowed=0.0.0.0/0", "mtu=1380"), WANT());
        finds(NEW("type=wireguard"), WANT("connection m: endpoint: is required for type wireguard",
                                          "peer_key: is required", "addresses: is", "private_key: is required", ));
        /* Turned off it may wait for what a document has not. */
        finds(NEW("type=wireguard", "enabled=no", "peer_key=" KEY, "addresses=10.64.0.2/32", "endpoint=192.0.2.1:1"),
              WANT());
        finds(NEW("type=ssh", "enabled=no", "user=me", HOST_KEY, "endpoint=192.0.2.1:22"), WANT());
        finds(NEW("type=openvpn", "enabled=no"), WANT("remotes: is required", ));
        finds(NEW("type=openvpn", "profile=" KEY, "remotes=vpn.example.org:1194/udp"), WANT());
        finds(NEW("type=openvpn"), WANT("profile: is required", "remotes: is required", ));
        finds(NEW("type=openvpn", "profile=" KEY, "remotes=vpn.example.org:1194/udp", "login=yes"),
              WANT("user: is required: the far end wants a user and a password", ));
        finds(NEW("type=openvpn", "profile=" KEY, "remotes=vpn.example.org:1194/udp", "login=yes", "user=me"), WANT());
        finds(NEW("type=openvpn", "profile=" KEY, "remotes=vpn.example.org:1194/udp", "password=" KEY),
              WANT("user: is required with a password", ));
        finds(NEW("type=tor"), WANT());
        finds(NEW("type=block"), WANT());
        finds(NEW("type=ssh"), WANT("endpoint: is req", "user: is req", "host_key: is req",
                                    "password: or key is required for type ssh", ));
        finds(NEW(SSH, "endpoint=192.0.2.1:22"), WANT());
        finds(NEW("type=ssh", "user=me", HOST_KEY, "key=" KEY, "endpoint=192.0.2.1:22"), WANT());
        finds(NEW("type=proxy", "endpoint=192.0.2.1:1080", "protocol=socks5"), WANT());
        finds(NEW("type=proxy", "endpoint=192.0.2.1:1080", "protocol=http", "password=" KEY),
              WANT("user: is required with a password", ));
        finds(NEW("type=group"), WANT("members: is required for type group", ));
        finds(NEW("type=group", "members="), WANT("members: is required", ));
        finds(NEW("type=group", "members=a,b"), WANT());
        finds(NEW("type=group", "members=a,M"), WANT("members: 'm' is the group itself", ));
        finds(NEW("enabled=yes"), WANT()); /* that the type is required is told by the table */
}

static void foreign(void **state)
{
        (void)state;
        finds(NEW("type=block", "note=nothing goes", "enabled=no"), WANT());
        finds(NEW("type=tor", "country=ch", "endpoint=192.0.2.1:1"),
              WANT("endpoint: does not go with type tor: only wireguard, ssh, proxy has it", ));
        finds(NEW("type=tor", "private_key=" KEY, "public_key=" KEY),
              WANT("private_key: does not go with type tor: only wireguard has it", ));
        finds(NEW("type=group", "members=a", "dns=9.9.9.9", "password=" KEY, "keepalive=0"),
              WANT("dns: does not go", "password: does not go with type group: only openvpn, ssh, proxy",
                   "keepalive: ", ));
        assert_int_equal(pic__connection_has("ssh", "password"), 1);
        assert_int_equal(pic__connection_has("ssh", "note"), 1);
        assert_int_equal(pic__connection_has("ssh", "pass"), 0);
        assert_int_equal(pic__connection_has("none", "password"), 0);
}

static void places(void **state)
{
        (void)state;
        finds(NEW(WG, "endpoint=127.0.0.9:51820"), WANT("'127.0.0.9:51820' is this machine itself", ));
        finds(NEW(WG, "endpoint=[::1]:51820"), WANT("is this machine itself", ));
        finds(NEW(WG, "endpoint=localhost:51820"), WANT("is this machine itself", ));
        finds(NEW(WG, "endpoint=a.localhost:51820"), WANT("is this machine itself", ));
        finds(NEW(WG, "endpoint=169.254.96.6:51820"), WANT("that the cell itself uses", ));
        finds(NEW(WG, "endpoint=[fd70:6963:78::7:1]:51820"), WANT("that the cell itself uses", ));
        finds(NEW(WG, "endpoint=169.254.1.1:51820"), WANT("no far end can be", ));
        finds(NEW(WG, "endpoint=[fe80::1]:51820"), WANT("no far end can be", ));
        finds(NEW(WG, "endpoint=[64:ff9b::192.0.2.1]:51820"), WANT());
        finds(NEW(WG, "endpoint=10.9.9.9:51820"), WANT()); /* in the lan: why not */
        finds(NEW("type=openvpn", "profile=" KEY, "remotes=vpn.example.org:1194/udp,127.0.0.1:1/tcp,x:1/icmp,y/udp"),
              WANT("'127.0.0.1:1' is this machine", "'x:1/icmp' must be HOST:PORT/udp", "'y' must be HOST:PORT", ));
        finds(NEW(WG, "endpoint=192.0.2.1:1", "dns=127.0.0.53,10.64.0.1,169.254.96.6@5301"),
              WANT("dns: '127.0.0.53' is this machine", "dns: '169.254.96.6@5301'", ));
        finds(NEW(WG, "endpoint=192.0.2.1:1", "probe=127.0.0.1"), WANT("probe: '127.0.0.1' is this machine", ));
}

static void values(void **state)
{
        (void)state;
        finds(NEW("type=wireguard", "private_key=" KEY, "peer_key=" KEY, "endpoint=192.0.2.1:1",
                  "addresses=10.64.0.0/24,127.0.0.1/32"),
              WANT("'10.64.0.0/24' is a network", "'127.0.0.1/32' is no address that", ));
        finds(NEW(WG, "public_key=" KEY, "endpoint=192.0.2.1:1"), WANT("is our own key", ));
        finds(NEW(WG, "public_key=" KEY2, "endpoint=192.0.2.1:1"), WANT());
        finds(NEW("type=ssh", "endpoint=192.0.2.1:22", "key=" KEY, "user=-oProxyCommand=x", "host_key=a b"),
              WANT("user: '-oProxyCommand=x' must be a user's name", "host_key: 'a b' must be TYPE BASE64", ));
        finds(NEW("type=ssh", "endpoint=192.0.2.1:22", "key=" KEY, "user=me\\", HOST_KEY),
              WANT("user: 'me\\' must be a user's name", ));
        finds(NEW("type=ssh", "endpoint=192.0.2.1:22", "key=" KEY, "user=HOME\\me", HOST_KEY), WANT());
        finds(NEW("type=ssh", "endpoint=192.0.2.1:22", "key=" KEY, "user=two words",
                  "host_key=[192.0.2.1]:22 ssh-ed25519 AAAA"),
              WANT("user: 'two words'", "host_key: ", ));
        finds(NEW("type=proxy", "endpoint=192.0.2.1:1", "protocol=http", "user=a:b"), WANT("must have no colon", ));
        finds(NEW("type=tor", "bridges=1.1.1.1:1;1.1.1.2:1;1.1.1.3:1;1.1.1.4:1;1.1.1.5:1;1.1.1.6:1;1.1.1.7:1;1.1.1.8:1;"
                              "1.1.1.9:1;1.1.1.10:1;1.1.1.11:1;1.1.1.12:1;1.1.1.13:1;1.1.1.14:1;1.1.1.15:1;1.1.1.16:1;"
                              "1.1.1.17:1"),
              WANT("bridges: are more than 16", ));
        finds(NEW("type=tor", "country=c1", "bridges=192.0.2.1:443 # comment"),
              WANT("'c1' must be the two letters", "bridges: ", ));
        finds(NEW("type=tor", "country=CH",
                  "bridges=obfs4 192.0.2.1:443 4352E584 cert=aB/+c iat-mode=0; [2001:db8::1]:9"),
              WANT());
        finds(NEW("type=tor", "country=germany",
                  "bridges=foo; Bridge obfs4 192.0.2.1:443 x;snowflake 192.0.2.3:1;obfs4 x;"),
              WANT("'germany' must be the two letters", "bridges: 'foo' must be ADDRESS:PORT",
                   "bridges: 'snowflake 192.0.2.3:1' must be", "bridges: 'obfs4 x' must be", ));
}

static void aliases(void **state)
{
        static const char *const pairs[][2] = { { "sshuttle", "ssh" },
                                                { "wireguard-ext", "wireguard" },
                                                { "wireguard_ext", "wireguard" },
                                                { "openvpn-client", "openvpn" },
                                                { "tor", "tor" } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(pairs); i++) {
                pic_obj *o = NULL;

                assert_int_equal(pic__obj_new(PIC__CONNECTION, &o, NULL), 0);
                assert_int_equal(pic__obj_set(o, "type", pairs[i][0], 0, NULL), 0);
                assert_string_equal(pic__obj_text(o, "type"), pairs[i][1]);
                assert_int_equal(pic__obj_set(o, "type", "sshuttle=ssh", 0, NULL), PIC_VALUE);
                assert_int_equal(pic__obj_set(o, "type", "sshuttl", 0, NULL), PIC_VALUE);
                assert_int_equal(pic__obj_set(o, "type", "=", 0, NULL), PIC_VALUE);
                pic__obj_unref(o);
        }
}

/* Sealed texts are no secrets, but nobody's business either. */
static void secret(void **state)
{
        pic_obj *o = NEW("type=tor", "password=" KEY);
        pic__auto_err pic_error *err = NULL;

        (void)state;
        pic__connection_check(o, &err);
        assert_int_equal(says(err, KEY), 0);
        assert_null(pic_error_detail(err, "value"));
        assert_string_equal(pic_error_detail(err, "field"), "password");
        assert_string_equal(pic_error_detail(err, "object"), "connection m");
        pic__obj_unref(o);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(needs),   cmocka_unit_test(foreign),
                                            cmocka_unit_test(places),  cmocka_unit_test(values),
                                            cmocka_unit_test(aliases), cmocka_unit_test(secret) };

        return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
