/* backend/exit/ssh.c: what it refuses, its texts (and ssh's own opinion of them), what its log means. */
#include "alone.h"

#include "backend/exit/ssh.h"
#include "sys/child.h"

#define ED25519 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2yL7Wd2t6bYkJ0Gk3wq5cZ6gk3kqjvO4H1Y9y8Hn3a"
#define HOST_KEY "host_key=ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5AAAAIJ2yL7Wd2t6bYkJ0Gk3wq5cZ6gk3kqjvO4H1Y9y8Hn3a "
#define SSH "type=ssh families=4 endpoint=ssh.example.net:2222 " HOST_KEY
#define OPEN "-----BEGIN%20OPENSSH%20PRIVATE%20KEY-----%0a"
#define KEY                                                                                                           \
        "key=" OPEN "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB%0a-----END%20OPENSSH%20PRIVATE%20KEY-----%" \
        "0a"
#define LOCKED \
        "key=" OPEN "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0%0a-----END%20OPENSSH%20PRIVATE%20KEY-----"

static void checks(void **state)
{
        const pic__carrier *s = &pic__carrier_ssh;

        (void)state;
        taken(s, SSH "remote=192.0.2.10:2222 user=anna", KEY);
        taken(s, SSH "remote= user=anna", "password=x");
        taken(s, SSH "user=anna", "password=x " LOCKED);
        taken(s, "type=ssh endpoint=[2001:db8::1]:22 " HOST_KEY "user=anna.b-c_d@e", KEY);
        taken(s, SSH "user=HOME\\anna", KEY);
        refused(s, SSH "user=anna\\", KEY, "at its end");
        refused(s, SSH "user=anna", "", "a key or a password");
        refused(s, SSH "user=anna", LOCKED, "passphrase");
        refused(s, SSH "user=anna", "key=hello", "not a private key");
        refused(s, SSH "user=anna", "password=a%0ab", "control");
        refused(s, SSH "user=", KEY, "needs a user");
        refused(s, SSH "user=a%20b", KEY, "no blank");
        refused(s, SSH "user=a$(b)", KEY, "no blank");
        refused(s, SSH "user=-oProxyCommand", KEY, "begins with -");
        refused(s, "type=ssh endpoint=a:22 user=anna", KEY, "ssh-keyscan");
        refused(s, "type=ssh endpoint=a:22 user=anna host_key=hello", KEY, "TYPE BASE64");
        refused(s, "type=ssh endpoint= user=anna " HOST_KEY, KEY, "HOST:PORT");
}

static void host_keys(void **state)
{
        static const char *const good[] = { ED25519, ED25519 " root@host", "[ssh.example.net]:2222,192.0.2.10 " ED25519,
                                            "  " ED25519 };
        static const char *const bad[] = {
                "",
                "ssh-ed25519",
                "ssh-ed25519 AAAA",
                "ssh-dss AAAAC3NzaC1lZDI1NTE5AAAAIJ2yL7Wd2t6bYkJ0Gk3wq5cZ6gk3kqjvO4H1Y9y8Hn3a",
                "@revoked * " ED25519,
                ED25519 "!"
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++) {
                pic__auto_buf pic__buf out = PIC__BUF_INIT;

                assert_int_equal(pic__ssh_put_host_key(&out, good[i], NULL), 0);
                assert_string_equal(pic__buf_str(&out), "exit " ED25519 "\n");
        }
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__auto_buf pic__buf out = PIC__BUF_INIT;

                assert_int_equal(pic__ssh_put_host_key(&out, bad[i], NULL), PIC_VALUE);
        }
}

/* The texts, the programs, and `ssh -G`: every line of the file is one that ssh knows. */
static void program(void **state)
{
        pic__process_spec spec[PIC__PROCESSES_MAX];
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = { .slot = 1, .dir = "/nowhere", .arena = &arena };
        const char *argv[] = { "ssh", "-F", "/dev/stdin", "-G", "exit", NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__cmd_opts opts = { 0 };
        pic_error *err = NULL;
        pic__exit_conf c;

        (void)state;
        alone_count = 0;
        parse_words(&c, SSH "remote=192.0.2.10:2222,[2001:db8::1]:22 user=anna", KEY "%0d password=pa'ss");
        assert_int_equal(pic__carrier_ssh.files(&c, &env, NULL), 0);
        golden("ssh.txt", written("ssh.conf"));
        assert_string_equal(written("known_hosts"), "exit " ED25519 "\n");
        assert_string_equal(written("password"), "pa'ss");
        assert_null(strchr(written("key"), '\r'));
        assert_int_equal(written("key")[strlen(written("key")) - 1], '\n');
        assert_non_null(strstr(written("redsocks.conf"), "ip = 127.0.0.1;\n        port = 1080;\n"));
        assert_null(strstr(written("redsocks.conf"), "login"));
        assert_int_equal(pic__carrier_ssh.processes(&c, &env, spec, PIC__PROCESSES_MAX, NULL), 2);
        assert_string_equal(spec[0].argv[0], "ssh");
        assert_string_equal(spec[0].argv[4], "anna");
        assert_string_equal(spec[1].name, "redsocks");
        assert_false(spec[0].net_admin || spec[0].bind_low);
        opts.input = written("ssh.conf");
        opts.input_len = strlen(opts.input);
        if (pic__cmd_run(argv, &opts, &out, NULL, &err) < 0)
                fail_msg("%s", pic_error_detail(err, "stderr"));
        assert_non_null(strstr(pic__buf_str(&out), "hostname 192.0.2.10\n"));
        assert_non_null(strstr(pic__buf_str(&out), "dynamicforward [127.0.0.1]:1080\n"));
        assert_non_null(strstr(pic__buf_str(&out), "stricthostkeychecking true\n"));
        pic__exit_conf_free(&c);
        parse_words(&c, SSH "remote= user=anna", KEY);
        assert_int_equal(pic__carrier_ssh.processes(&c, &env, spec, PIC__PROCESSES_MAX, NULL), 0);
        pic__exit_conf_free(&c);
        pic__arena_free(&arena);
}

#define CHANGED                                                                   \
        "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n"           \
        "Offending ED25519 key in /run/picx/known_hosts:1\n"                      \
        "Host key for exit has changed and you have requested strict checking.\n" \
        "Host key verification failed.\n"

/* As OpenSSH 9.2 wrote them. */
static const struct said said[] = {
        { "Authenticated to 192.0.2.10 ([192.0.2.10]:2222) using \"publickey\".\n", "" },
        { CHANGED, "the far end has another host key than the one that is set" },
        { "No ED25519 host key is known for exit and you have requested strict checking.\n"
          "Host key verification failed.\n",
          "the far end has no host key of the type that is set" },
        { "root@192.0.2.10: Permission denied (publickey,password,keyboard-interactive).\n",
          "the far end does not let us in" },
        { "Load key \"/run/picx/key\": error in libcrypto\n", "the key cannot be read" },
        { "ssh: connect to host 192.0.2.10 port 2223: Connection refused\n", "nobody listens at the far end's" },
        { "ssh: connect to host 192.0.2.77 port 2222: No route to host\n", "the far end does not answer" },
        { "Authenticated to 192.0.2.10 ([192.0.2.10]:2222) using \"publickey\".\n"
          "Timeout, server 192.0.2.10 not responding.\n",
          "the far end does not answer any more" },
        { "bind [127.0.0.1]:1080: Address already in use\n"
          "channel_setup_fwd_listener_tcpip: cannot listen to port: 1080\n"
          "Could not request local forwarding.\n",
          "another program has the tunnel's port" },
        { "Authenticated to 192.0.2.10 ([192.0.2.10]:2223) using \"publickey\".\n"
          "channel 1: open failed: administratively prohibited: open failed\n",
          "the far end does not let us forward connections" },
        /* Of a device's own far end, and nothing of ours. */
        { "Authenticated to 192.0.2.10 ([192.0.2.10]:2222) using \"publickey\".\n"
          "channel 1: open failed: connect failed: Connection refused\n"
          "Transferred: sent 3436, received 3212 bytes, in 2.8 seconds\n"
          "Bytes per second: sent 1247.2, received 1165.9\n",
          "" },
        { "Unable to negotiate with 192.0.2.10 port 2224: no matching key exchange method found. Their offer: "
          "diffie-hellman-group14-sha1,kex-strict-s-v00@openssh.com\n",
          "the far end is too old" },
        { "kex_exchange_identification: read: Connection reset by peer\nConnection reset by 192.0.2.10 port 2225\n",
          "the far end hangs up at once" },
        { "ssh: connect to host 192.0.2.10 port 2222: Network is unreachable\n", "there is no way to the far end" },
};

static void faults(void **state)
{
        (void)state;
        means(pic__ssh_fault_in, said, PIC__COUNT(said));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(checks), cmocka_unit_test(host_keys),
                                            cmocka_unit_test(program), cmocka_unit_test(faults) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
