/* backend/exit/openvpn.c: what it refuses, its text (and openvpn's own opinion of it), what its log means. */
#include "alone.h"

#include <unistd.h>

#include "backend/exit/openvpn.h"
#include "sys/child.h"

#define PROFILE                                                                               \
        "profile=client%0adev%20tun%0aremote-cert-tls%20server%0a<ca>%0aup%20and%20down%0a</" \
        "ca>%0acipher%20AES-256-GCM"
#define OPENVPN "type=openvpn families=46 remotes=vpn.example.net:1194/udp "

static void checks(void **state)
{
        static const char *const bad[] = { "up%20/bin/sh",
                                           "--up%20x",
                                           "%09plugin%20x",
                                           "management%20a%20b",
                                           "script-security%202",
                                           "remote%20a%201",
                                           "config%20/etc/passwd",
                                           "<connection>",
                                           "log%20/x",
                                           "management-hold",
                                           "route%201.2.3.4" };
        const pic__carrier *o = &pic__carrier_openvpn;
        char secret[512];
        size_t i;

        (void)state;
        taken(o, OPENVPN "remote=192.0.2.10:1194/udp user=", PROFILE);
        taken(o, OPENVPN "remote= user=anna", "password=x " PROFILE);
        taken(o, OPENVPN "user=anna", "password= " PROFILE "%0aauth-user-pass%0a");
        refused(o, OPENVPN, "", "needs a profile");
        refused(o, OPENVPN, PROFILE "%0aauth-user-pass%0a", "a user and a password");
        refused(o, OPENVPN, "password=x " PROFILE, "a user and a password");
        refused(o, OPENVPN "user=anna", "password=a%0ab " PROFILE, "line ends");
        for (i = 0; i < PIC__COUNT(bad); i++) {
                snprintf(secret, sizeof(secret), "profile=verb%%204%%0a%s%%0a", bad[i]);
                refused(o, OPENVPN, secret, "line 2 of the profile");
        }
}

static void texts(void **state)
{
        pic__process_spec spec[PIC__PROCESSES_MAX];
        pic__arena arena = PIC__ARENA_INIT;
        char dir[] = "/tmp/pic-openvpn-XXXXXX", own[64];
        pic__carrier_env env = { .slot = 1, .dir = dir, .user = geteuid(), .arena = &arena };
        pic__exit_conf c;

        (void)state;
        assert_non_null(mkdtemp(dir));
        alone_count = 0;
        parse_words(&c, OPENVPN "user=anna remote=192.0.2.10:1194/udp,[2001:db8::10]:443/tcp,192.0.2.11:1194",
                    "password=se\"cret " PROFILE);
        assert_int_equal(pic__carrier_openvpn.files(&c, &env, NULL), 0);
        golden("openvpn.txt", written("openvpn.conf"));
        assert_string_equal(written("auth"), "anna\nse\"cret\n");
        assert_int_equal(pic__carrier_openvpn.processes(&c, &env, spec, PIC__PROCESSES_MAX, NULL), 1);
        assert_string_equal(spec[0].argv[0], "openvpn");
        assert_false(spec[0].net_admin || spec[0].bind_low);
        assert_int_equal(spec[0].ready(&c, &env, NULL), 0);
        assert_true(pic__carrier_openvpn.settle(&c, &env, NULL) < 0); /* nobody there */
        assert_int_equal(pic__carrier_openvpn.stands(&c, &env), 1);
        pic__exit_conf_free(&c);
        parse_words(&c, OPENVPN "user=anna remote=", PROFILE);
        assert_int_equal(pic__carrier_openvpn.processes(&c, &env, spec, PIC__PROCESSES_MAX, NULL), 0);
        pic__exit_conf_free(&c);
        pic__arena_free(&arena);
        snprintf(own, sizeof(own), "%s/own", dir);
        rmdir(own);
        rmdir(dir);
}

/* openvpn reads its options before it does anything: a wrong one ends it with "Options error". */
static void own_opinion(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, out = PIC__BUF_INIT;
        char *tool = pic__cmd_find("openvpn"), file[] = "/tmp/pic-openvpn-XXXXXX";
        const char *argv[] = { "openvpn", "--config", file, NULL };
        pic__cmd_opts opts = { .timeout_ms = 5000 };
        pic__exit_conf c;
        int fd;

        (void)state;
        if (tool == NULL)
                skip();
        pic__free(tool);
        parse_words(&c, OPENVPN "user= remote=192.0.2.10:1194/udp,[2001:db8::10]:443/tcp",
                    "profile=explicit-exit-notify%201%0aremote-cert-tls%20server%0a");
        pic__openvpn_put(&text, &c);
        pic__exit_conf_free(&c);
        fd = mkstemp(file);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text.data, text.len), (ssize_t)text.len);
        close(fd);
        assert_true(pic__cmd_run(argv, &opts, &out, NULL, NULL) < 0);
        unlink(file);
        /* All it misses is the authority; options that it does not know would have come first. */
        if (strstr(pic__buf_str(&out), "You must define CA file") == NULL)
                fail_msg("%s", pic__buf_str(&out));
}

/* As openvpn 2.6.14 wrote them. */
static const struct said said[] = {
        { "AUTH: Received control message: AUTH_FAILED\n"
          "SIGUSR1[soft,auth-failure] received, process restarting\n"
          "Restart pause, 8 second(s)\n",
          "the far end does not take user and password" },
        { "read UDPv4 [ECONNREFUSED]: Connection refused (fd=4,code=111)\n", "nobody listens at the far end's" },
        { "AUTH: Received control message: AUTH_FAILED\nInitialization Sequence Completed\n", "" },
        { "Initialization Sequence Completed\n"
          "[server] Inactivity timeout (--ping-restart), restarting\n"
          "SIGUSR1[soft,ping-restart] received, process restarting\n",
          "the far end does not answer any more" },
        { "VERIFY ERROR: depth=1, error=self-signed certificate in certificate chain: CN=ca, "
          "serial=57379633641172045607\n"
          "Sent fatal SSL alert: unknown CA\n"
          "OpenSSL: error:0A000086:SSL routines::certificate verify failed:\n"
          "TLS_ERROR: BIO read tls_read_plaintext error\n"
          "TLS Error: TLS object -> incoming plaintext read error\n"
          "TLS Error: TLS handshake failed\n"
          "SIGUSR1[soft,tls-error] received, process restarting\n"
          "Restart pause, 4 second(s)\n",
          "the far end's certificate is not of the profile's authority" },
        { "VERIFY X509NAME ERROR: CN=server, must be other\nTLS Error: TLS handshake failed\n",
          "the far end has another name than the profile says" },
        { "VERIFY EKU ERROR\nTLS Error: TLS handshake failed\n", "the far end's certificate is none of a server" },
        { "Server poll timeout, restarting\n"
          "SIGUSR1[soft,server_poll] received, process restarting\n",
          "the far end does not answer" },
        { "read UDPv4 [EHOSTUNREACH|EHOSTUNREACH]: No route to host (fd=3,code=113)\n"
          "Server poll timeout, restarting\n",
          "the far end does not answer" },
        { "OpenSSL: error:05800074:x509 certificate routines::key values mismatch:\n"
          "Cannot load private key file c2.key\n",
          "the profile's key does not belong to its certificate" },
        { "OpenSSL: error:0480006C:PEM routines::no start line:Expecting: CERTIFICATE\n"
          "OpenSSL: error:0A080009:SSL routines::PEM lib:\n"
          "Cannot load certificate file [[INLINE]]\n"
          "Exiting due to fatal error\n",
          "something in the profile cannot be read" },
        { "TCP: connect to [AF_INET]192.0.2.10:1999 failed: Connection refused\n", "nobody listens at the far end's" },
        { "Attempting to establish TCP connection with [AF_INET]192.0.2.10:1195\n"
          "Connection reset, restarting [0]\n",
          "the far end hung up" },
        { "AUTH: Received control message: AUTH_FAILED,Data channel cipher negotiation failed (no shared cipher)\n",
          "no cipher in common" },
        { "write UDPv4 []: Network is unreachable (fd=3,code=101)\nNetwork unreachable, restarting\n",
          "there is no way to the far end" },
        { "neither stdin nor stderr are a tty device and you have neither a controlling tty nor systemd - can't ask "
          "for "
          "'Enter Auth Username:'.  If you used --daemon, you need to use --askpass\nExiting due to fatal error\n",
          "the profile wants a user and a password" },
        { "Options error: Unrecognized option or missing or extra parameter(s) in c.conf:13: blurb (2.6.14)\n"
          "Use --help for more information.\n",
          "openvpn does not understand the profile" },
        { "ERROR: Cannot open TUN/TAP dev /dev/net/tun: Permission denied (errno=13)\nExiting due to fatal error\n",
          "the tunnel's device cannot be opened" },
        { "ERROR: Cannot ioctl TUNSETIFF tun0: Operation not permitted (errno=1)\nExiting due to fatal error\n",
          "the tunnel's device cannot be opened" },
};

static void faults(void **state)
{
        (void)state;
        means(pic__openvpn_fault_in, said, PIC__COUNT(said));
}

static void dials(void **state)
{
        static const char done[] = "OpenVPN 2.6.14 x86_64\nInitialization Sequence Completed\n";
        char log[256];

        (void)state;
        assert_int_equal(pic__openvpn_dials(""), 0);
        assert_int_equal(pic__openvpn_dials("MANAGEMENT: CMD 'state'\n"), 0);
        assert_int_equal(pic__openvpn_dials(done), 0);
        assert_int_equal(pic__openvpn_dials("OpenVPN 2.6.14 x86_64\nMANAGEMENT: CMD 'state'\n"), 1);
        snprintf(log, sizeof(log), "%sSIGUSR1[soft,ping-restart] received, process restarting\n", done);
        assert_int_equal(pic__openvpn_dials(log), 1);
        snprintf(log, sizeof(log), "%sOpenVPN 2.6.14 x86_64\n", done);
        assert_int_equal(pic__openvpn_dials(log), 1);
        snprintf(log, sizeof(log), "SIGTERM[hard,] received, process exiting\n%s", done);
        assert_int_equal(pic__openvpn_dials(log), 0);
}

/* What has the same files goes on; another far end, user or password does not. */
static void changes(void **state)
{
        static const struct {
                const char *words, *secret;
                int same;
        } all[] = { { OPENVPN "user=anna remote=192.0.2.10:1194/udp mtu=1300", "password=x profile=a%0a", 1 },
                    { OPENVPN "user=anna remote=192.0.2.10:1194/udp", "password=y profile=a%0a", 0 },
                    { OPENVPN "user=bert remote=192.0.2.10:1194/udp", "password=x profile=a%0a", 0 },
                    { OPENVPN "user=anna remote=192.0.2.11:1194/udp", "password=x profile=a%0a", 0 },
                    { OPENVPN "user=anna remote=192.0.2.10:1194/udp", "password=x profile=b%0a", 0 } };
        pic__exit_conf was;
        size_t i;

        (void)state;
        parse_words(&was, OPENVPN "user=anna remote=192.0.2.10:1194/udp", "password=x profile=a%0a");
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__exit_conf is;

                parse_words(&is, all[i].words, all[i].secret);
                assert_int_equal(pic__carrier_openvpn.change(&was, &is, NULL, NULL), all[i].same);
                pic__exit_conf_free(&is);
        }
        pic__exit_conf_free(&was);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(dials),       cmocka_unit_test(changes),
                                            cmocka_unit_test(checks),      cmocka_unit_test(texts),
                                            cmocka_unit_test(own_opinion), cmocka_unit_test(faults) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
