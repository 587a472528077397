/* Owns: text to canonical value for every type: a table of functions indexed by enum pic__type. */
#include "model/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "base/utf8.h"
#include "model/grant.h"
#include "model/key.h"
#include "model/record.h"
#include "model/rule.h"
#include "model/text.h"

static int set_int(pic__val *ret, int64_t i)
{
        ret->tag = PIC__V_INT;
        ret->i = i;
        return 0;
}

static int set_text(pic__val *ret, const char *text)
{
        char *copy = pic__strdup(text);

        if (copy == NULL)
                return PIC_NOMEM;
        ret->tag = PIC__V_TEXT;
        ret->s = copy;
        return 0;
}

static int broken(char *rule, const char *text)
{
        snprintf(rule, PIC__RULE_TEXT, "%s", text);
        return PIC_VALUE;
}

/* Is `text` one of "a|b|c"? */
static int among(const char *words, const char *text)
{
        size_t len = strcspn(text, "|");

        if (len == 0 || text[len] == '|')
                return 0;
        while (words != NULL) {
                if (strncmp(words, text, len) == 0 && (words[len] == '|' || words[len] == '\0'))
                        return 1;
                words = strchr(words, '|');
                if (words != NULL)
                        words++;
        }
        return 0;
}

static int parse_text(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        size_t most = (f->flags & PIC__F_LIST) != 0 ? PIC__ITEM_MAX : (size_t)f->max, len = strnlen(text, most + 1);

        if (len > most || len < (size_t)f->min)
                return PIC_VALUE;
        if (!pic__utf8_printable(text))
                return broken(rule, "must be printable UTF-8 without control characters");
        return set_text(ret, text);
}

static int parse_name(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        const char *why = pic__name_rule(text);
        char folded[80];

        if (why != NULL)
                return broken(rule, why);
        if ((f->flags & PIC__F_LABEL) != 0 && (strchr(text, '.') != NULL || strlen(text) > 63))
                return PIC_VALUE;
        pic__fold(text, folded, sizeof(folded));
        if (f->refused != NULL && among(f->refused, folded))
                return broken(rule, "is a word with a meaning of its own here");
        return set_text(ret, text);
}

static int parse_ref(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        const char *why = pic__name_rule(text);
        char folded[80];

        (void)f;
        if (why != NULL)
                return broken(rule, why);
        pic__fold(text, folded, sizeof(folded));
        return set_text(ret, folded);
}

static int parse_domain(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        char folded[256];

        (void)f, (void)rule;
        if (!pic__hostname_ok(text))
                return PIC_VALUE;
        pic__fold(text, folded, sizeof(folded));
        return set_text(ret, folded);
}

static int parse_int(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        long n;

        (void)rule;
        if (pic__decimal(text, (long)f->min, (long)f->max, &n) < 0)
                return PIC_VALUE;
        return set_int(ret, n);
}

static int parse_bool(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        char folded[8];

        (void)f, (void)rule;
        if (pic__fold(text, folded, sizeof(folded)) < 0)
                return PIC_VALUE;
        if (among("true|yes|on|1", folded))
                return set_int(ret, 1);
        return among("false|no|off|0", folded) ? set_int(ret, 0) : PIC_VALUE;
}

static int parse_time(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        pic_time t;

        (void)f;
        if (pic__time_parse(text, &t) < 0)
                return PIC_VALUE;
        if (t <= 0)
                return broken(rule, "must be later than the beginning of 1970");
        return set_int(ret, t);
}

/* What another word for one of the choices stands for: of "sshuttle=ssh|…" the right side. 0: it is none of them. */
static size_t find_alias(const char *aliases, const char *text, const char **ret)
{
        size_t len = strlen(text);

        while (aliases != NULL) {
                size_t end = strcspn(aliases, "|");

                if (len > 0 && strncmp(aliases, text, len) == 0 && aliases[len] == '=') {
                        *ret = aliases + len + 1;
                        return end - len - 1;
                }
                aliases = aliases[end] == '|' ? aliases + end + 1 : NULL;
        }
        return 0;
}

static int parse_enum(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        const char *meant;
        char word[32];
        size_t len;

        (void)rule;
        if (among(f->choices, text))
                return set_text(ret, text);
        len = strpbrk(text, "=|") == NULL ? find_alias(f->aliases, text, &meant) : 0;
        if (len == 0 || len >= sizeof(word))
                return PIC_VALUE;
        memcpy(word, meant, len);
        word[len] = '\0';
        return set_text(ret, word);
}

static int parse_addr(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        uint8_t family = f->type == PIC__T_ADDR4 ? 4 : 6;
        char canonical[PIC__ADDR_TEXT];
        pic__addr a;

        if (pic__addr_parse(text, &a) < 0)
                return PIC_VALUE;
        if (a.family != family)
                return broken(rule, family == 4 ? "is of the wrong family: must be an IPv4 address"
                                                : "is of the wrong family: must be an IPv6 address");
        return set_text(ret, pic__addr_print(&a, canonical));
}

static int parse_prefix(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        uint8_t family = f->type == PIC__T_PREFIX4 ? 4 : 6;
        char canonical[PIC__PREFIX_TEXT];
        pic__prefix p;
        int r = pic__prefix_parse(text, &p);

        if (r == -1)
                return PIC_VALUE;
        if (f->type != PIC__T_PREFIX && p.addr.family != family)
                return broken(rule, family == 4 ? "is of the wrong family: must be an IPv4 network"
                                                : "is of the wrong family: must be an IPv6 network");
        if (f->type != PIC__T_PREFIX && (p.len < f->min || p.len > f->max))
                return PIC_VALUE;
        if (r == -2) {
                pic__prefix_mask(&p);
                snprintf(rule, PIC__RULE_TEXT, "has host bits set: did you mean %s?", pic__prefix_print(&p, canonical));
                return PIC_VALUE;
        }
        return set_text(ret, pic__prefix_print(&p, canonical));
}

static int parse_key(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        uint8_t key[32];

        (void)f;
        if (pic__key_decode(text, key) < 0)
                return PIC_VALUE;
        if (pic__key_zero(key))
                return broken(rule, "is all zero: that is no key");
        if (pic__key_low_order(key))
                return broken(rule, "is a point of low order: it would give no privacy at all");
        return set_text(ret, text);
}

static int parse_secret(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        size_t most = f->max > 0 ? (size_t)f->max : PIC__SECRET_MAX, len = strnlen(text, most + 1), body;

        (void)rule;
        body = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
        if (len == 0 || len > most || len % 4 != 0 || len - body > 2 || strspn(text + body, "=") != len - body)
                return PIC_VALUE;
        return set_text(ret, text);
}

/* Somebody may be on this host (127.0.0.1), but not nowhere and not everywhere. */
static int is_somewhere(const pic__addr *a)
{
        static const pic__addr none4 = { 4, { 0 } }, none6 = { 6, { 0 } };

        if (pic__addr_cmp(a, &none4) == 0 || pic__addr_cmp(a, &none6) == 0)
                return 0;
        return a->family == 4 ? a->bytes[0] < 224 : a->bytes[0] != 0xff;
}

static int parse_endpoint(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        char host[256], canonical[300], addr[PIC__ADDR_TEXT];
        uint16_t port;
        pic__addr a;

        (void)f;
        if (pic__endpoint_parse(text, host, &port) < 0)
                return PIC_VALUE;
        if (pic__addr_parse(host, &a) == 0 && !is_somewhere(&a))
                return broken(rule, "cannot be a server's address");
        if (pic__addr_parse(host, &a) == 0)
                snprintf(canonical, sizeof(canonical), a.family == 6 ? "[%s]:%u" : "%s:%u", pic__addr_print(&a, addr),
                         port);
        else
                snprintf(canonical, sizeof(canonical), "%s:%u", host, port);
        pic__fold(canonical, canonical, sizeof(canonical));
        return set_text(ret, canonical);
}

static int parse_server(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        char canonical[PIC__ADDR_TEXT];
        pic__addr a;

        if (pic__addr_parse(text, &a) < 0)
                return parse_domain(f, text, ret, rule);
        if (!is_somewhere(&a))
                return broken(rule, "cannot be a server's address");
        return set_text(ret, pic__addr_print(&a, canonical));
}

static int parse_resolver(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        char part[PIC__ADDR_TEXT + 8], canonical[PIC__ADDR_TEXT + 8 + 256], addr[PIC__ADDR_TEXT];
        size_t len = strcspn(text, "#");
        const char *tls = text[len] == '#' ? text + len + 1 : NULL;
        char *at;
        long port = 0;
        pic__addr a;
        int n;

        (void)f;
        if (len >= sizeof(part))
                return PIC_VALUE;
        memcpy(part, text, len);
        part[len] = '\0';
        at = strchr(part, '@');
        if (at != NULL)
                *at++ = '\0';
        if (pic__addr_parse(part, &a) < 0 || (at != NULL && pic__decimal(at, 1, 65535, &port) < 0) ||
            (tls != NULL && !pic__hostname_ok(tls)))
                return PIC_VALUE;
        if (!is_somewhere(&a))
                return broken(rule, "cannot be a server's address");
        n = snprintf(canonical, sizeof(canonical), "%s", pic__addr_print(&a, addr));
        if (port != 0)
                n += snprintf(canonical + n, sizeof(canonical) - (size_t)n, "@%ld", port);
        if (tls != NULL)
                snprintf(canonical + n, sizeof(canonical) - (size_t)n, "#%s", tls);
        pic__fold(canonical, canonical, sizeof(canonical));
        return set_text(ret, canonical);
}

static int parse_grant(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        const char *why;
        pic__grant g;

        (void)f;
        if (pic__grant_parse(text, &g, &why) == 0) {
                pic__grant_print(&g, &b);
                return b.failed ? PIC_NOMEM : set_text(ret, pic__buf_str(&b));
        }
        if (g.to == PIC__TO_PREFIX && g.prefix.addr.family != 0) /* host bits: g is what it would be without them */
                pic__grant_print(&g, &b);
        if (b.len > 0)
                snprintf(rule, PIC__RULE_TEXT, "%s: did you mean %s?", why, pic__buf_str(&b));
        else
                broken(rule, why);
        return PIC_VALUE;
}

static int parse_ifname(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        size_t i;

        for (i = 0; text[i] != '\0'; i++)
                if (i >= 15 || !(pic__is_alnum(text[i]) || (i > 0 && strchr("_-.", text[i]) != NULL)))
                        return PIC_VALUE;
        if (i == 0 || (text[0] >= '0' && text[0] <= '9'))
                return PIC_VALUE;
        if (f->refused != NULL && among(f->refused, text)) /* to /proc/sys/net "all" is every device */
                return broken(rule, "is a word with a meaning of its own here");
        return set_text(ret, text);
}

static int parse_rule(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        const char *why;
        pic__rule r;

        (void)f;
        if (pic__rule_parse(text, &r, &why) == 0) {
                pic__rule_print(&r, &b);
                return b.failed ? PIC_NOMEM : set_text(ret, pic__buf_str(&b));
        }
        if (r.to.to == PIC__TO_PREFIX && r.to.prefix.addr.family != 0)
                pic__rule_print(&r, &b);
        if (b.len > 0)
                snprintf(rule, PIC__RULE_TEXT, "%s: did you mean %s?", why, pic__buf_str(&b));
        else
                broken(rule, why);
        return PIC_VALUE;
}

static int parse_host(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        char folded[256], canonical[PIC__ADDR_TEXT];
        const char *name = folded;
        size_t len;
        pic__addr a;
        int dot;

        (void)f;
        if (pic__addr_parse(text, &a) == 0)
                return set_text(ret, pic__addr_print(&a, canonical));
        if (pic__fold(text, folded, sizeof(folded)) < 0)
                return PIC_VALUE;
        if (strncmp(name, "*.", 2) == 0)
                name += 2;
        len = strlen(name);
        dot = len > 0 && name[len - 1] == '.';
        if (dot)
                folded[(size_t)(name - folded) + len - 1] = '\0';
        if (strchr(name, '*') != NULL)
                return broken(rule, "may have a '*' as its first word only");
        if (!pic__hostname_ok(name))
                return PIC_VALUE;
        if (dot)
                folded[(size_t)(name - folded) + len - 1] = '.';
        return set_text(ret, folded);
}

static int parse_dns(const pic__field *f, const char *text, pic__val *ret, char *rule)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        const char *why;

        if (pic__rdata_parse(f->choices, text, &b, &why) < 0)
                return broken(rule, why);
        if (f->refused != NULL && among(f->refused, pic__buf_str(&b)))
                return broken(rule, "is a word with a meaning of its own here");
        return b.failed ? PIC_NOMEM : set_text(ret, pic__buf_str(&b));
}

const pic__parse_fn pic__parse_table[] = {
        [PIC__T_TEXT] = parse_text,         [PIC__T_NAME] = parse_name,      [PIC__T_DOMAIN] = parse_domain,
        [PIC__T_INT] = parse_int,           [PIC__T_BOOL] = parse_bool,      [PIC__T_TIME] = parse_time,
        [PIC__T_ENUM] = parse_enum,         [PIC__T_ADDR4] = parse_addr,     [PIC__T_ADDR6] = parse_addr,
        [PIC__T_PREFIX4] = parse_prefix,    [PIC__T_PREFIX6] = parse_prefix, [PIC__T_PREFIX] = parse_prefix,
        [PIC__T_KEY] = parse_key,           [PIC__T_SECRET] = parse_secret,  [PIC__T_ENDPOINT] = parse_endpoint,
        [PIC__T_RESOLVER] = parse_resolver, [PIC__T_GRANT] = parse_grant,    [PIC__T_REF] = parse_ref,
        [PIC__T_IFNAME] = parse_ifname,     [PIC__T_RULE] = parse_rule,      [PIC__T_HOST] = parse_host,
        [PIC__T_DNS] = parse_dns,           [PIC__T_SERVER] = parse_server,
};
