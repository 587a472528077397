/* Owns: the verdict on each directive. From openvpn(8) of 2.6 and the help of the program; directives that only other
 * builds know (Windows, patched ones, openvpn 3) are here when profiles of providers have them. */
#include "codec/ovpn_table.h"

#include <string.h>

#include "model/net.h"
#include "model/text.h"

#define KEEP(name, words)                         \
        {                                         \
                name, PIC__OVPN_KEEP, words, 0, 0 \
        }
#define DROP(name, why)                         \
        {                                       \
                name, PIC__OVPN_DROP, 0, why, 0 \
        }
#define QUIET(name)                            \
        {                                      \
                name, PIC__OVPN_QUIET, 0, 0, 0 \
        }
#define REFUSE(name, why, hint)                      \
        {                                            \
                name, PIC__OVPN_REFUSE, 0, why, hint \
        }
#define SPECIAL(name)                            \
        {                                        \
                name, PIC__OVPN_SPECIAL, 0, 0, 0 \
        }
#define MATERIAL(name)                        \
        {                                     \
                name, PIC__OVPN_FILE, 0, 0, 0 \
        }
#define HOOK(name) REFUSE(name, "a program that comes with a profile is never run", TAKE_OUT)
#define SERVER(name) \
        REFUSE(name, "it is for servers: this is not a profile for a client", "ask for the client's profile")
#define WRITES(name) REFUSE(name, "a profile does not say which files are written", TAKE_OUT)
#define MANAGE(name) REFUSE(name, "the carrier is led by the cell alone", TAKE_OUT)
#define PROXY(name) REFUSE(name, "it would be another way out", "make a connection of type proxy for that")
#define TOKEN(name) REFUSE(name, "keys in a device or a store of the system cannot be carried", "use <cert> and <key>")
#define COMMAND(name) REFUSE(name, "it is a command of the program, and belongs into no profile", TAKE_OUT)
#define LEAVES(name) DROP(name, "the carrier goes on trying; whether the connection works is found out by the cell")
#define OURS(name) DROP(name, "the carrier has a user, a directory and a namespace of its own")
#define LOCAL(name) DROP(name, "the carrier takes any address and port that is free")
#define ROUTE(name) DROP(name, "all that leaves by the connection goes through the tunnel")
#define TAKE_OUT "take the line out: the connection works without it"

static const pic__ovpn_directive table[] = {
        /* what it is */
        SPECIAL("client"),
        SPECIAL("tls-client"),
        SPECIAL("pull"),
        SPECIAL("mode"),
        SPECIAL("dev"),
        SPECIAL("dev-type"),
        SPECIAL("remote"),
        SPECIAL("proto"),
        SPECIAL("port"),
        SPECIAL("rport"),
        SPECIAL("auth-user-pass"),
        SPECIAL("key-direction"),
        SPECIAL("peer-fingerprint"),
        SPECIAL("dhcp-option"),
        SPECIAL("dns"),
        SPECIAL("setenv"),
        SPECIAL("ignore-unknown-option"),
        SPECIAL("cipher"),
        SPECIAL("data-ciphers"),
        SPECIAL("data-ciphers-fallback"),
        SPECIAL("ncp-ciphers"),
        SPECIAL("providers"),
        SPECIAL("pull-filter"),
        SPECIAL("allow-compression"),

        MATERIAL("ca"),
        MATERIAL("cert"),
        MATERIAL("key"),
        MATERIAL("extra-certs"),
        MATERIAL("tls-auth"),
        MATERIAL("tls-crypt"),
        MATERIAL("tls-crypt-v2"),
        MATERIAL("crl-verify"),
        MATERIAL("pkcs12"),

        /* the talk with the far end */
        KEEP("auth", "w"),
        KEEP("tls-cipher", "w"),
        KEEP("tls-ciphersuites", "w"),
        KEEP("tls-groups", "w"),
        KEEP("tls-version-min", "w?w"),
        KEEP("tls-version-max", "w"),
        KEEP("tls-cert-profile", "w"),
        KEEP("remote-cert-tls", "w"),
        KEEP("remote-cert-ku", "*"),
        KEEP("remote-cert-eku", "w"),
        KEEP("ns-cert-type", "w"),
        KEEP("verify-x509-name", "w?w"),
        KEEP("verify-hash", "w*"),
        KEEP("x509-username-field", "w*"),
        KEEP("tls-timeout", "n"),
        KEEP("hand-window", "n"),
        KEEP("tran-window", "n"),
        KEEP("reneg-sec", "n?n"),
        KEEP("reneg-bytes", "n"),
        KEEP("reneg-pkts", "n"),
        KEEP("replay-window", "n?n"),
        KEEP("mute-replay-warnings", ""),
        KEEP("compat-mode", "w"),
        KEEP("push-peer-info", ""),
        KEEP("disable-occ", ""),
        KEEP("disable-dco", ""),
        KEEP("keepalive", "nn"),
        KEEP("ping", "n"),
        KEEP("ping-restart", "n"),
        KEEP("ping-timer-rem", ""),
        KEEP("connect-retry", "n?n"),
        KEEP("connect-timeout", "n"),
        KEEP("server-poll-timeout", "n"),
        KEEP("explicit-exit-notify", "?n"),
        KEEP("remote-random", ""),
        KEEP("float", ""),
        KEEP("persist-key", ""),
        KEEP("persist-tun", ""),
        KEEP("persist-local-ip", ""),
        KEEP("persist-remote-ip", ""),
        KEEP("proto-force", "w"),

        /* packets */
        KEEP("comp-lzo", "?w"),
        KEEP("compress", "?w"),
        KEEP("comp-noadapt", ""),
        KEEP("tun-mtu", "n?n"),
        KEEP("link-mtu", "n"),
        KEEP("max-packet-size", "n"),
        KEEP("mssfix", "?nw"),
        KEEP("fragment", "n?w"),
        KEEP("mtu-disc", "w"),
        KEEP("sndbuf", "n"),
        KEEP("rcvbuf", "n"),
        KEEP("socket-flags", "w*"),
        KEEP("tcp-nodelay", ""),
        KEEP("fast-io", ""),
        KEEP("passtos", ""),
        KEEP("shaper", "n"),
        KEEP("txqueuelen", "n"),
        KEEP("topology", "w"),
        KEEP("ifconfig", "aa"),
        KEEP("ifconfig-ipv6", "ww"),
        KEEP("ifconfig-nowarn", ""),
        KEEP("client-nat", "waaa"),

        /* programs */
        REFUSE("script-security", "no script is ever run", TAKE_OUT),
        HOOK("up"),
        HOOK("down"),
        HOOK("route-up"),
        HOOK("route-pre-down"),
        HOOK("ipchange"),
        HOOK("iproute"),
        HOOK("tls-verify"),
        HOOK("auth-user-pass-verify"),
        HOOK("client-connect"),
        HOOK("client-disconnect"),
        HOOK("client-crresponse"),
        HOOK("learn-address"),
        HOOK("tls-crypt-v2-verify"),
        HOOK("plugin"),
        REFUSE("engine", "it would load a library of the profile's choice", TAKE_OUT),
        QUIET("up-delay"),
        QUIET("up-restart"),
        QUIET("down-pre"),
        QUIET("no-name-remapping"),

        /* the carrier's process */
        MANAGE("management"),
        MANAGE("management-client"),
        MANAGE("management-client-auth"),
        MANAGE("management-client-group"),
        MANAGE("management-client-user"),
        MANAGE("management-client-pf"),
        MANAGE("management-external-cert"),
        MANAGE("management-external-key"),
        MANAGE("management-forget-disconnect"),
        MANAGE("management-hold"),
        MANAGE("management-log-cache"),
        MANAGE("management-query-passwords"),
        MANAGE("management-query-proxy"),
        MANAGE("management-query-remote"),
        MANAGE("management-signal"),
        MANAGE("management-up-down"),
        WRITES("log"),
        WRITES("log-append"),
        WRITES("status"),
        WRITES("writepid"),
        WRITES("memstats"),
        WRITES("tls-export-cert"),
        DROP("replay-persist", "a profile does not say which files are written"),
        REFUSE("config", "another file's lines cannot be taken in", "put its lines into this file"),
        REFUSE("cd", "files are looked for beside the profile", TAKE_OUT),
        QUIET("status-version"),
        OURS("user"),
        OURS("group"),
        OURS("chroot"),
        OURS("daemon"),
        OURS("inetd"),
        OURS("nice"),
        OURS("mlock"),
        OURS("setcon"),
        OURS("syslog"),
        OURS("tmp-dir"),
        OURS("mark"),
        OURS("bind-dev"),
        QUIET("verb"),
        QUIET("mute"),
        QUIET("echo"),
        QUIET("parameter"),
        QUIET("suppress-timestamps"),
        QUIET("machine-readable-output"),
        QUIET("errors-to-stderr"),
        LEAVES("inactive"),
        LEAVES("ping-exit"),
        LEAVES("session-timeout"),
        LEAVES("tls-exit"),
        LEAVES("single-session"),
        LEAVES("connect-retry-max"),
        LEAVES("remap-usr1"),
        QUIET("auth-retry"),
        QUIET("auth-nocache"),
        QUIET("resolv-retry"),
        DROP("remote-random-hostname", "names are resolved by the cell, as they are"),
        DROP("allow-pull-fqdn", "what is pushed is read, and names in it are not resolved"),

        /* secrets that it cannot keep or ask for */
        REFUSE("askpass", "a key with a passphrase cannot be carried", "take the passphrase off the key: openssl pkey"),
        REFUSE("static-challenge", "the far end wants an answer of a person each time", NULL),
        REFUSE("secret", "static keys have no forward secrecy, and openvpn gives them up",
               "ask for a profile with TLS"),
        DROP("auth-token", "the far end gives one when it is wanted"),
        DROP("auth-token-user", "the far end gives one when it is wanted"),
        REFUSE("capath", "a directory of certificates cannot be carried", "use <ca>"),
        REFUSE("no-replay", "without it packets could be played again", TAKE_OUT),
        REFUSE("no-iv", "encryption would be weak", TAKE_OUT),
        REFUSE("tls-remote", "openvpn has given it up", "use verify-x509-name"),
        REFUSE("scramble", "it needs an openvpn that is not Debian's", "ask for a profile without obfuscation"),
        TOKEN("pkcs11-cert-private"),
        TOKEN("pkcs11-id"),
        TOKEN("pkcs11-id-management"),
        TOKEN("pkcs11-pin-cache"),
        TOKEN("pkcs11-private-mode"),
        TOKEN("pkcs11-protected-authentication"),
        TOKEN("pkcs11-providers"),
        TOKEN("cryptoapicert"),
        DROP("keying-material-exporter", "it is for plugins"),
        QUIET("x509-track"),
        DROP("ncp-disable", "openvpn has given it up"),
        DROP("keysize", "openvpn has given it up"),
        QUIET("key-method"),
        QUIET("prng"),
        QUIET("ecdh-curve"),
        QUIET("dh"),
        QUIET("use-prediction-resistance"),
        QUIET("opt-verify"),

        /* ways */
        ROUTE("route"),
        ROUTE("route-ipv6"),
        QUIET("redirect-gateway"),
        QUIET("redirect-private"),
        QUIET("route-gateway"),
        QUIET("route-ipv6-gateway"),
        QUIET("route-metric"),
        QUIET("route-delay"),
        QUIET("route-nopull"),
        QUIET("route-noexec"),
        QUIET("max-routes"),
        QUIET("ifconfig-noexec"),
        QUIET("allow-recursive-routing"),
        QUIET("block-ipv6"),
        QUIET("tun-ipv6"),
        QUIET("tun-mtu-extra"),
        QUIET("tun-max-mtu"),
        QUIET("mtu-test"),
        QUIET("bcast-buffers"),
        QUIET("tcp-queue-limit"),
        QUIET("nobind"),
        LOCAL("bind"),
        LOCAL("local"),
        LOCAL("lport"),
        LOCAL("multihome"),
        REFUSE("dev-node", "the device is the cell's", TAKE_OUT),
        REFUSE("lladdr", "it is for tap devices", TAKE_OUT),
        PROXY("http-proxy"),
        PROXY("http-proxy-option"),
        PROXY("http-proxy-user-pass"),
        PROXY("http-proxy-retry"),
        PROXY("http-proxy-timeout"),
        PROXY("http-proxy-override"),
        PROXY("socks-proxy"),
        PROXY("socks-proxy-retry"),

        /* Windows and other programs */
        QUIET("block-outside-dns"),
        QUIET("register-dns"),
        QUIET("dhcp-renew"),
        QUIET("dhcp-release"),
        QUIET("ip-win32"),
        QUIET("route-method"),
        QUIET("tap-sleep"),
        QUIET("show-net-up"),
        QUIET("pause-exit"),
        QUIET("win-sys"),
        QUIET("windows-driver"),
        QUIET("allow-nonadmin"),
        QUIET("service"),
        QUIET("setenv-safe"),
        QUIET("tun-persist"),
        QUIET("machine-certificate"),

        /* servers, and the program's commands */
        SERVER("tls-server"),
        SERVER("server"),
        SERVER("server-ipv6"),
        SERVER("server-bridge"),
        SERVER("push"),
        SERVER("push-reset"),
        SERVER("push-remove"),
        SERVER("ifconfig-pool"),
        SERVER("ifconfig-ipv6-pool"),
        SERVER("ifconfig-pool-persist"),
        SERVER("ifconfig-pool-linear"),
        SERVER("ifconfig-push"),
        SERVER("ifconfig-ipv6-push"),
        SERVER("iroute"),
        SERVER("iroute-ipv6"),
        SERVER("client-to-client"),
        SERVER("client-config-dir"),
        SERVER("ccd-exclusive"),
        SERVER("duplicate-cn"),
        SERVER("max-clients"),
        SERVER("max-routes-per-client"),
        SERVER("connect-freq"),
        SERVER("connect-freq-initial"),
        SERVER("hash-size"),
        SERVER("stale-routes-check"),
        SERVER("port-share"),
        SERVER("verify-client-cert"),
        SERVER("client-cert-not-required"),
        SERVER("username-as-common-name"),
        SERVER("auth-user-pass-optional"),
        SERVER("auth-gen-token"),
        SERVER("auth-gen-token-secret"),
        SERVER("force-tls-key-material-export"),
        SERVER("vlan-tagging"),
        SERVER("vlan-accept"),
        SERVER("vlan-pvid"),
        SERVER("disable"),
        COMMAND("genkey"),
        COMMAND("test-crypto"),
        COMMAND("mktun"),
        COMMAND("rmtun"),
        COMMAND("version"),
        COMMAND("help"),
        COMMAND("gremlin"),
        COMMAND("show-ciphers"),
        COMMAND("show-digests"),
        COMMAND("show-tls"),
        COMMAND("show-curves"),
        COMMAND("show-groups"),
        COMMAND("show-engines"),
        COMMAND("show-gateway"),
        COMMAND("show-pkcs11-ids"),
        COMMAND("show-adapters"),
        COMMAND("show-net"),
        COMMAND("show-valid-subnets"),
};

const pic__ovpn_directive *pic__ovpn_find(const char *name)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(table); i++)
                if (strcmp(table[i].name, name) == 0)
                        return &table[i];
        return NULL;
}

const pic__ovpn_directive *pic__ovpn_at(size_t i)
{
        return i < PIC__COUNT(table) ? &table[i] : NULL;
}

/* Who mistyped something does not look for what would be refused. */
void pic__ovpn_near(pic__near *near)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(table); i++)
                if (table[i].verdict != PIC__OVPN_REFUSE)
                        pic__near_try(near, table[i].name);
}

static int word_fits(char type, const char *word)
{
        pic__addr a;
        long n;

        if (type == 'n')
                return pic__decimal(word, 0, INT32_MAX, &n) == 0;
        if (type == 'a')
                return pic__addr_parse(word, &a) == 0;
        return *word != '\0';
}

int pic__ovpn_words_fit(const pic__ovpn_directive *d, const char *const *argv, size_t argc)
{
        const char *type = d->words;
        int enough = 0;
        size_t i = 0;

        for (; *type != '\0' && *type != '*'; type++) {
                if (*type == '?') {
                        enough = 1;
                        continue;
                }
                if (i == argc)
                        return enough;
                if (!word_fits(*type, argv[i++]))
                        return 0;
        }
        return i == argc || *type == '*';
}

void pic__ovpn_usage(const pic__ovpn_directive *d, pic__buf *out)
{
        const char *type;
        int optional = 0;

        pic__buf_puts(out, d->name);
        for (type = d->words; *type != '\0'; type++) {
                if (*type == '?')
                        optional = 1;
                pic__buf_puts(out, *type == '?'   ? " ["
                                   : *type == 'n' ? " NUMBER"
                                   : *type == 'a' ? " ADDRESS"
                                   : *type == '*' ? " …"
                                                  : " WORD");
        }
        if (optional)
                pic__buf_puts(out, " ]");
}
