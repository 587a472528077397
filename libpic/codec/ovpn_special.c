/* Owns: the small directives that need more than a look at their words. */
#include <string.h>

#include "codec/ovpn_parts.h"
#include "model/net.h"
#include "model/text.h"

static int has_words(pic__ovpn_reader *r, const pic__ovpn_item *item, size_t min)
{
        if (item->argc >= min)
                return 1;
        pic__import_wrong(&r->imp, item->at, PIC_VALUE, NULL, "%s: it needs %zu word%s", item->name, min,
                          min == 1 ? "" : "s");
        return 0;
}

static void bad_word(pic__ovpn_reader *r, const pic__ovpn_item *item, size_t i, const char *rule)
{
        pic_error *err = NULL;

        (void)pic__fail_value(&err, NULL, item->name, item->argv[i], rule);
        pic__import_take(&r->imp, item->arg_at[i], err);
}

static void keep(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        pic__ovpn_put_line(r, item->at, item->name, item->argv, item->argc);
}

/* `client` is `tls-client` and `pull`; the normalised text always begins with it. */
static void read_client(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        (void)item;
        r->client = 1;
}

static void read_pull(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        (void)r;
        (void)item;
}

static void read_mode(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        if (has_words(r, item, 1) && strcmp(item->argv[0], "p2p") != 0)
                pic__ovpn_refuse(r, item->at, "it is for servers: this is not a profile for a client",
                                 "ask for the client's profile");
}

static enum pic__ovpn_dev dev_of(const char *name)
{
        if (strncmp(name, "tun", 3) == 0)
                return PIC__OVPN_TUN;
        return strncmp(name, "tap", 3) == 0 ? PIC__OVPN_TAP : PIC__OVPN_OTHER_DEV;
}

static void read_dev(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        if (!has_words(r, item, 1))
                return;
        r->dev = dev_of(item->argv[0]);
        if (r->dev_type == PIC__OVPN_NO_DEV)
                r->dev_at = item->at;
}

static void read_dev_type(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        if (!has_words(r, item, 1))
                return;
        r->dev_type = dev_of(item->argv[0]);
        r->dev_at = item->at;
}

static void read_direction(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        if (!has_words(r, item, 1))
                return;
        if (strcmp(item->argv[0], "0") == 0 || strcmp(item->argv[0], "1") == 0)
                r->direction = item->argv[0][0];
        else if (strcmp(item->argv[0], "bidirectional") != 0)
                bad_word(r, item, 0, "must be 0 or 1");
}

/* What is kept of a list of ciphers must encrypt. */
static void read_ciphers(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        const char *at, *end;

        if (!has_words(r, item, 1))
                return;
        for (at = item->argv[0]; *at != '\0'; at = *end != '\0' ? end + 1 : end) {
                end = strchrnul(at, ':');
                if (end - at == 4 && strncasecmp(at, "none", 4) == 0) {
                        pic__ovpn_refuse(r, item->at, "'none' is no cipher: nothing would be encrypted",
                                         "ask the provider for a profile that encrypts");
                        return;
                }
        }
        pic__ovpn_put_line(r, item->at, item->name, item->argv, 1);
}

/* OpenSSL takes the path of a library as a name too. */
static void read_providers(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        size_t i;

        for (i = 0; i < item->argc; i++)
                if (strcmp(item->argv[i], "default") != 0 && strcmp(item->argv[i], "legacy") != 0) {
                        pic__ovpn_refuse(r, item->arg_at[i], "it would load a library of the profile's choice",
                                         "'default' and 'legacy' can be used");
                        return;
                }
        if (has_words(r, item, 1))
                keep(r, item);
}

static void read_filter(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        static const char *const actions[] = { "accept", "ignore", "reject" };
        size_t i;

        if (!has_words(r, item, 2))
                return;
        for (i = 0; i < PIC__COUNT(actions); i++)
                if (strcmp(actions[i], item->argv[0]) == 0) {
                        pic__ovpn_put_line(r, item->at, item->name, item->argv, 2);
                        return;
                }
        bad_word(r, item, 0, "must be accept, ignore or reject");
}

/* Who compresses tells an eavesdropper what was said (VORACLE). */
static void read_compression(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        static const char *const asym[] = { "asym" };

        if (!has_words(r, item, 1))
                return;
        if (strcmp(item->argv[0], "no") == 0 || strcmp(item->argv[0], "asym") == 0) {
                keep(r, item);
        } else if (strcmp(item->argv[0], "yes") == 0) {
                pic__ovpn_put_line(r, item->at, item->name, asym, 1);
                pic__import_warn(&r->imp, item->at, NULL,
                                 "%s: nothing is compressed on the way out; what comes in may be", item->name);
        } else {
                bad_word(r, item, 0, "must be no, asym or yes");
        }
}

/* --- DNS -------------------------------------------------------------------------------------------------------- */

static void add_dns(pic__ovpn_reader *r, const pic__ovpn_item *item, const pic__addr *a, uint16_t port)
{
        pic__auto_buf pic__buf one = PIC__BUF_INIT;
        char text[PIC__ADDR_TEXT];

        pic__buf_puts(&one, pic__addr_print(a, text));
        if (port != 0 && port != 53)
                pic__buf_putf(&one, "@%u", port);
        if (r->dns.len == 0)
                r->dns_at = item->at;
        pic__import_list(&r->dns, pic__buf_str(&one));
        r->dns.failed |= one.failed;
}

static void passed_over(pic__ovpn_reader *r, const pic__ovpn_item *item, const char *what)
{
        pic__import_warn(&r->imp, item->at, NULL, "%s: passed over: %s", item->name, what);
}

static void read_dhcp(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        pic__addr a;

        if (!has_words(r, item, 1))
                return;
        if (strcmp(item->argv[0], "DNS") != 0 && strcmp(item->argv[0], "DNS6") != 0)
                passed_over(r, item, "of these options only the addresses of DNS servers are used");
        else if (item->argc == 1 || pic__addr_parse(item->argv[1], &a) < 0)
                pic__import_wrong(&r->imp, item->at, PIC_VALUE, NULL, "%s: DNS needs an address", item->name);
        else
                add_dns(r, item, &a, 0);
}

/* dns server NUMBER address ADDRESS[:PORT] … */
static void read_dns(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        char host[256];
        uint16_t port;
        pic__addr a;
        size_t i;

        if (!has_words(r, item, 1))
                return;
        if (item->argc < 4 || strcmp(item->argv[0], "server") != 0 || strcmp(item->argv[2], "address") != 0) {
                passed_over(r, item, "only the addresses of DNS servers are used");
                return;
        }
        for (i = 3; i < item->argc; i++) {
                port = 0;
                if (pic__addr_parse(item->argv[i], &a) == 0 ||
                    (pic__endpoint_parse(item->argv[i], host, &port) == 0 && pic__addr_parse(host, &a) == 0))
                        add_dns(r, item, &a, port);
                else
                        bad_word(r, item, i, "must be ADDRESS or ADDRESS:PORT");
        }
}

/* --- setenv ----------------------------------------------------------------------------------------------------- */

/* What would lead a program to other code or files. */
static int is_dangerous(const char *name)
{
        static const char *const begins[] = { "LD_", "OPENSSL_", "SSL_", "GLIBC_", "MALLOC_", "BASH" };
        static const char *const whole[] = { "PATH", "IFS", "ENV", "SHELL", "HOME", "TMPDIR" };
        size_t i;

        for (i = 0; i < PIC__COUNT(begins); i++)
                if (strncmp(name, begins[i], strlen(begins[i])) == 0)
                        return 1;
        for (i = 0; i < PIC__COUNT(whole); i++)
                if (strcmp(name, whole[i]) == 0)
                        return 1;
        return 0;
}

/* "setenv opt DIRECTIVE" never gets here. UV_… is what `push-peer-info` tells the far end. */
static void read_setenv(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        const char *name = item->argv[0];

        if (!has_words(r, item, 1))
                return;
        if (strcmp(name, "FORWARD_COMPATIBLE") == 0 && item->argc > 1 && strcmp(item->argv[1], "1") == 0)
                r->forward = 1;
        else if (strncmp(name, "UV_", 3) == 0 && item->argc <= 2)
                keep(r, item);
        else if (is_dangerous(name))
                pic__ovpn_refuse(r, item->at, "the environment of the carrier is the cell's", "take the line out");
        else
                passed_over(r, item, "no script is run that could read it");
}

static void read_ignored(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        size_t i;

        for (i = 0; i < item->argc; i++)
                pic__buf_putf(&r->ignored, " %s ", item->argv[i]);
}

static const struct {
        const char *name;
        pic__ovpn_special *read;
} specials[] = {
        { "client", read_client },
        { "tls-client", read_client },
        { "pull", read_pull },
        { "mode", read_mode },
        { "dev", read_dev },
        { "dev-type", read_dev_type },
        { "remote", pic__ovpn_remote },
        { "proto", pic__ovpn_proto },
        { "port", pic__ovpn_port },
        { "rport", pic__ovpn_port },
        { "auth-user-pass", pic__ovpn_login },
        { "key-direction", read_direction },
        { "peer-fingerprint", pic__ovpn_fingerprint },
        { "dhcp-option", read_dhcp },
        { "dns", read_dns },
        { "setenv", read_setenv },
        { "ignore-unknown-option", read_ignored },
        { "cipher", read_ciphers },
        { "data-ciphers", read_ciphers },
        { "data-ciphers-fallback", read_ciphers },
        { "ncp-ciphers", read_ciphers },
        { "providers", read_providers },
        { "pull-filter", read_filter },
        { "allow-compression", read_compression },
};

pic__ovpn_special *pic__ovpn_special_of(const char *name)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(specials); i++)
                if (strcmp(specials[i].name, name) == 0)
                        return specials[i].read;
        return NULL;
}
