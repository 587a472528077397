/* Shows: the openvpn that is installed takes the normalised text, of the samples in tests/golden/profiles and of every
 * directive that may be kept. It runs in a network namespace of its own, without a device, and is at an end after
 * half a second: who is refused is at an end before, with words about options. */
#include "profile.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/ovpn_table.h"

static char dir[] = "/tmp/pic-ovpn-XXXXXX";

static void write_file(const char *name, const char *text)
{
        char path[64];
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        f = fopen(path, "wb");
        assert_non_null(f);
        fputs(text, f);
        fclose(f);
}

/* What a shell says; its exit status is the answer. */
static int shell(const char *command, pic__buf *out)
{
        char bytes[4096];
        size_t n;
        FILE *f = popen(command, "r");

        assert_non_null(f);
        pic__buf_clear(out);
        while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
                pic__buf_put(out, bytes, n);
        n = (size_t)pclose(f);
        return WEXITSTATUS((int)n);
}

/* 124: it still ran when its time was over. */
static void run(const char *profile)
{
        pic__buf command = PIC__BUF_INIT, said = PIC__BUF_INIT;
        int r;

        write_file("profile", profile);
        write_file("login", "user\npassword\n");
        pic__buf_putf(&command,
                      "cd %s && exec unshare --net timeout 0.5 openvpn --config profile --remote 192.0.2.1 1194 udp "
                      "--dev null --auth-user-pass login --verb 3 2>&1",
                      dir);
        r = shell(pic__buf_str(&command), &said);
        if (r != 124 || strstr(pic__buf_str(&said), "Options error") != NULL ||
            strstr(pic__buf_str(&said), "Unrecognized") != NULL)
                fail_msg("openvpn answered %d: %s\nto\n%s", r, pic__buf_str(&said), profile);
        pic__buf_free(&command);
        pic__buf_free(&said);
}

static int take_profile(const char *field, const char *text, int secret, int line, void *data, pic_error **err)
{
        (void)secret;
        (void)line;
        (void)err;
        if (strcmp(field, "profile") == 0)
                pic__buf_puts(data, text);
        return 0;
}

static int read_beside(const char *name, pic__buf *out, void *data, pic_error **err)
{
        char path[300], *text;
        size_t len;

        (void)data;
        (void)err;
        snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/profiles/%s", name);
        text = slurp(path, &len);
        pic__buf_put(out, text, len);
        pic__free(text);
        return 0;
}

static void normalise(const char *text, size_t len, pic__buf *out)
{
        const pic__import in = { text, len, "p", take_profile, read_beside, out };
        pic_error *err = NULL;

        pic__buf_clear(out);
        if (pic__ovpn_read(&in, NULL, &err) < 0)
                fail_msg("%s", pic_error_message(err));
}

static void samples(void **state)
{
        static const char *const names[] = { "airvpn.ovpn", "mullvad.ovpn", "nord.ovpn" };
        pic__buf out = PIC__BUF_INIT;
        char path[300], *text;
        size_t i, len;

        (void)state;
        for (i = 0; i < PIC__COUNT(names); i++) {
                snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/profiles/%s", names[i]);
                text = slurp(path, &len);
                normalise(text, len, &out);
                run(pic__buf_str(&out));
                pic__free(text);
        }
        pic__buf_free(&out);
}

/* Words that make sense for directives which take some; the others get what their table entry asks for. */
static const struct {
        const char *name;
        const char *words; /* NULL: openvpn would refuse it beside the others, or without what it belongs to */
} examples[] = {
        { "auth", "SHA512" },
        { "tls-cipher", "\"DEFAULT:@SECLEVEL=1\"" },
        { "tls-ciphersuites", "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256" },
        { "tls-groups", "X25519:prime256v1" },
        { "tls-version-min", "1.2 or-highest" },
        { "tls-version-max", "1.3" },
        { "tls-cert-profile", "preferred" },
        { "remote-cert-tls", "server" },
        { "remote-cert-ku", "a0 88" },
        { "remote-cert-eku", "\"TLS Web Server Authentication\"" },
        { "ns-cert-type", "server" },
        { "verify-x509-name", "\"C=XX, O=a \\\"b\\\" \\\\c, CN=d\" subject" },
        { "verify-hash", NULL },
        { "x509-username-field", "CN" },
        { "compat-mode", "2.5.0" },
        { "proto-force", "udp" },
        { "comp-lzo", "no" },
        { "compress", "stub-v2" },
        { "fragment", "1300" },
        { "link-mtu", NULL },
        { "tun-mtu", "1500" },
        { "max-packet-size", "1400" },
        { "mssfix", "1300" },
        { "mtu-disc", "maybe" },
        { "socket-flags", "TCP_NODELAY" },
        { "topology", "subnet" },
        { "ifconfig", "10.8.0.2 255.255.255.0" },
        { "ifconfig-ipv6", "2001:db8::2/64 2001:db8::1" },
        { "client-nat", "snat 10.0.0.0 255.0.0.0 10.1.0.0" },
        { "reneg-sec", "3600 3500" },
        { "connect-retry", "1 8" },
        { "ping", "10" },
        { "ping-restart", "60" },
        { "keepalive", NULL }, /* not beside ping */
        { "shaper", "100000" },
        { "server-poll-timeout", "10" },
};

static void put_example(const pic__ovpn_directive *d, pic__buf *text)
{
        const char *type;
        size_t i;

        for (i = 0; i < PIC__COUNT(examples); i++)
                if (strcmp(examples[i].name, d->name) == 0) {
                        if (examples[i].words != NULL)
                                pic__buf_putf(text, "%s %s\n", d->name, examples[i].words);
                        return;
                }
        pic__buf_puts(text, d->name);
        for (type = d->words; *type != '\0' && *type != '?'; type++) {
                if (*type != 'n')
                        fail_msg("%s needs an example", d->name);
                pic__buf_puts(text, " 64");
        }
        pic__buf_putc(text, '\n');
}

static void all_kept(void **state)
{
        pic__buf text = PIC__BUF_INIT, out = PIC__BUF_INIT;
        const pic__ovpn_directive *d;
        size_t i;

        (void)state;
        pic__buf_puts(&text, "client\nremote a.example\nca mullvad_ca.crt\nauth-user-pass\ncipher AES-256-GCM\n"
                             "data-ciphers AES-256-GCM:CHACHA20-POLY1305\ndata-ciphers-fallback AES-256-CBC\n"
                             "providers default\npull-filter ignore \"route \"\nallow-compression asym\n"
                             "setenv UV_ID 'a \"b\"'\n");
        for (i = 0; (d = pic__ovpn_at(i)) != NULL; i++)
                if (d->verdict == PIC__OVPN_KEEP)
                        put_example(d, &text);
        normalise(text.data, text.len, &out);
        run(pic__buf_str(&out));
        pic__buf_free(&text);
        pic__buf_free(&out);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(samples), cmocka_unit_test(all_kept) };
        pic__buf out = PIC__BUF_INIT, command = PIC__BUF_INIT;
        int r;

        if (geteuid() != 0 || shell("unshare --net openvpn --version", &out) > 1 || out.len == 0) {
                puts("skipped: it needs root, network namespaces and openvpn");
                pic__buf_free(&out);
                return 77;
        }
        assert_non_null(mkdtemp(dir));
        r = run_all(tests, PIC__COUNT(tests));
        pic__buf_putf(&command, "rm -r %s", dir);
        (void)shell(pic__buf_str(&command), &out);
        pic__buf_free(&command);
        pic__buf_free(&out);
        return r;
}
