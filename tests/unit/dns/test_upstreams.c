/* What is asked of whom: DNS over TLS with pinned names, answers that are signed and that are not, by a root of our own
 * (nsd) in namespaces of our own. Nothing of this machine is changed: its certificates and root key are covered by ours
 * in our own mount namespace. */
#include "world.h"

#include <sched.h>
#include <sys/mount.h>

#include "sys/file.h"

#define CA_FILE "/etc/ssl/certs/ca-certificates.crt"
#define UPSTREAM(name)                                                             \
        "listen=10.1.0.1,fd12:3456:789a::1 " ZONES " upstream=127.0.0.5@853#" name \
        " allow=10.1.0.0/16,fd12:3456:789a::/48"

/* good.example is signed; bad.example was changed behind its signature; plain.example hangs below an unsigned cut. */
static const char make[] =
        "set -e; cd %s; mkdir far; cd far\n"
        "cat > root.zone <<'E'\n"
        ". 60 IN SOA ns.example. a. 1 1 1 1 60\n"
        ". 60 IN NS ns.example.\n"
        "ns.example. 60 IN A 127.0.0.5\n"
        "good.example. 60 IN A 198.51.100.7\n"
        "bad.example. 60 IN A 198.51.100.8\n"
        "old.example. 60 IN A 198.51.100.6\n"
        "plain. 60 IN NS ns.example.\n"
        "E\n"
        "cat > plain.zone <<'E'\n"
        "plain. 60 IN SOA ns.example. a. 1 1 1 1 60\n"
        "plain. 60 IN NS ns.example.\n"
        "name.plain. 60 IN A 198.51.100.9\n"
        "rebind.plain. 60 IN A 192.168.1.1\n"
        "r0.plain. 60 IN A 127.0.0.1\nr1.plain. 60 IN A 0.0.0.0\nr2.plain. 60 IN A 169.254.169.254\n"
        "r3.plain. 60 IN AAAA ::\nr4.plain. 60 IN AAAA ::1\nr5.plain. 60 IN AAAA ::ffff:10.0.0.1\n"
        "r6.plain. 60 IN AAAA 64:ff9b::192.168.1.1\nr7.plain. 60 IN AAAA fe80::1\nr8.plain. 60 IN AAAA fd00::1\n"
        "far.plain. 60 IN AAAA 64:ff9b::198.51.100.9\n"
        "E\n"
        "k=$(ldns-keygen -a ECDSAP256SHA256 -k .); z=$(ldns-keygen -a ECDSAP256SHA256 .)\n"
        "ldns-signzone -i 20190101 -e 20200101 -f expired -o . root.zone $z $k; ldns-signzone -o . root.zone $z $k\n"
        "sed -i '/^old.example.*RRSIG[[:space:]]A /d' root.zone.signed; grep '^old.example.*RRSIG[[:space:]]A ' "
        "expired "
        ">>root.zone.signed\n"
        "sed -i s/198.51.100.8/198.51.100.18/ root.zone.signed; cp $k.key "
        "root.key\n"
        "awk '{print \"trust-anchors { . static-ds \" $4, $5, $6, \"\\\"\" $7 \"\\\"; };\"}' $k.ds > anchors\n"
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.pem -subj "
        "/CN=dot.example -addext subjectAltName=DNS:dot.example -days 2 2>/dev/null\n"
        "cat > nsd.conf <<E\n"
        "server:\n ip-address: 127.0.0.5@53\n ip-address: 127.0.0.5@853\n tls-port: 853\n tls-service-key: tls.key\n "
        "tls-service-pem: tls.pem\n zonesdir: \"$PWD\"\n username: \"\"\n database: \"\"\n zonelistfile: \"$PWD/zl\"\n "
        "xfrdfile: \"$PWD/xf\"\n pidfile: \"$PWD/nsd.pid\"\n rrl-ratelimit: 0\n"
        "zone:\n name: .\n zonefile: root.zone.signed\nzone:\n name: plain\n zonefile: plain.zone\nE\n"
        "nsd -c nsd.conf; for i in $(seq 50); do dig +time=1 +tries=1 @127.0.0.5 good.example >/dev/null && break; "
        "sleep 0.05; done\n"
        "mount --bind tls.pem " CA_FILE "; mount --bind root.key \"$1\"\n";

static int far_setup(void **state)
{
        char command[4096];

        if (setup(state) != 0 || sh("command -v nsd ldns-keygen ldns-signzone openssl delv >/dev/null") != 0 ||
            pic__dns_root_key() == NULL || !pic__file_exists(CA_FILE) || unshare(CLONE_NEWNS) < 0 ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
                printf("SKIP: needs root, nsd, ldnsutils, openssl, delv, ca-certificates and dns-root-data\n");
                exit(77);
        }
        snprintf(command, sizeof(command), "set -- %s\n", pic__dns_root_key());
        snprintf(command + strlen(command), sizeof(command) - strlen(command), make, world_dir);
        return sh(command);
}

static int far_cleanup(void **state)
{
        char command[256];

        snprintf(command, sizeof(command), "kill $(cat %s/far/nsd.pid); umount " CA_FILE " %s", world_dir,
                 pic__dns_root_key());
        (void)sh(command);
        return cleanup(state);
}

static void pinned_name(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, UPSTREAM("dot.example"));
        assert_string_equal(dig("good.example"), "198.51.100.7");
        must(b, SERVER, "main", UPSTREAM("dot.example"), UPSTREAM("other.example"));
        assert_string_equal(dig("good.example"), "198.51.100.7");   /* it was known, and stays so */
        assert_string_equal(dig("name.plain"), "status: SERVFAIL"); /* not asked of who bears another name */
        must(b, SERVER, "main", UPSTREAM("other.example"), UPSTREAM("dot.example"));
        assert_string_equal(dig("name.plain"), "198.51.100.9");
        assert_string_equal(dig("rebind.plain"), "status: NOERROR"); /* leads inside: nothing is left */
        assert_int_equal(
                sh("test -z \"$(dig @10.1.0.1 +short $(for i in $(seq 0 8); do echo r$i.plain A r$i.plain AAAA; "
                   "done))\""),
                0);
        assert_string_equal(dig("far.plain AAAA"), "64:ff9b::c633:6409");
        b->ops->free(b);
}

/* Signed and right, signed and wrong, not signed; as unbound says, and as delv finds by itself through it. */
static void signatures(void **state)
{
        pic__backend *b = backend();
        char command[400];

        (void)state;
        must(b, SERVER, "main", NULL, UPSTREAM("dot.example"));
        assert_int_equal(sh("dig @10.1.0.1 good.example | grep -q 'flags: [a-z ]* ad[ ;]'"), 0);
        assert_string_equal(dig("bad.example"), "status: SERVFAIL");
        assert_string_equal(dig("bad.example +cd"), "198.51.100.18");
        assert_string_equal(dig("old.example"), "status: SERVFAIL");
        assert_string_equal(dig("name.plain"), "198.51.100.9");
        assert_int_not_equal(sh("dig @10.1.0.1 name.plain | grep -q 'flags: [a-z ]* ad[ ;]'"), 0);
        snprintf(command, sizeof(command),
                 "cd %s/far && delv @10.1.0.1 -a anchors +root=. good.example | grep -q '; fully validated' && "
                 "delv @10.1.0.1 -a anchors +root=. name.plain | grep -q '; unsigned answer' && "
                 "delv @10.1.0.1 -a anchors +root=. bad.example 2>&1 | grep -q 'resolution failed'",
                 world_dir);
        assert_int_equal(sh(command), 0);
        /* A zone of others that is believed although its parent is signed. */
        must(b, SERVER, "main", UPSTREAM("dot.example"),
             UPSTREAM("dot.example") " forward=bad.example/127.0.0.5/insecure");
        assert_string_equal(dig("bad.example"), "198.51.100.18");
        must(b, SERVER, "main", UPSTREAM("dot.example") " forward=bad.example/127.0.0.5/insecure",
             UPSTREAM("dot.example") " forward=bad.example/127.0.0.5");
        assert_string_equal(dig("bad.example"), "status: SERVFAIL");
        b->ops->free(b);
}

static void forward_by_tls(void **state)
{
        static const char to[] =
                "listen=10.1.0.1 " ZONES
                " upstream=127.0.0.66 allow=10.1.0.0/16 forward=plain/127.0.0.5@853#dot.example/insecure";
        static const char wrong[] =
                "listen=10.1.0.1 " ZONES
                " upstream=127.0.0.66 allow=10.1.0.0/16 forward=plain/127.0.0.5@853#x.example/insecure";
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, to);
        assert_string_equal(dig("name.plain"), "198.51.100.9");
        assert_string_equal(dig("rebind.plain"), "192.168.1.1"); /* it may lead inside */
        must(b, SERVER, "main", to, wrong);
        assert_string_equal(dig("name.plain"), "status: SERVFAIL");
        b->ops->free(b);
}

#define FAR(f) cmocka_unit_test_setup_teardown(f, far_setup, far_cleanup)

int main(void)
{
        const struct CMUnitTest tests[] = { FAR(pinned_name), FAR(signatures), FAR(forward_by_tls) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
