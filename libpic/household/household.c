/* Owns: the collecting of what readers find: devices, keys, addresses, and the tale of what is wrong with them. */
#include "household/household.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "model/key.h"
#include "model/text.h"
#include "sys/crypto.h"

enum { SHOWN = 200 };

void pic__household_init(pic__household *h, int64_t now)
{
        *h = (pic__household){ .now = now };
}

void pic__household_free(pic__household *h)
{
        pic__vec_free(&h->devices);
        pic__vec_free(&h->findings);
        pic__map_free(&h->by_key);
        pic__arena_wipe(&h->arena);
}

const char *pic__household_dup(pic__household *h, const char *text, size_t len)
{
        const char *copy = text != NULL ? pic__arena_dup(&h->arena, text, len) : NULL;

        h->failed |= text != NULL && copy == NULL;
        return copy;
}

static int is_base64(char c)
{
        return pic__is_alnum(c) || c == '+' || c == '/';
}

/* What stands in a wrong place, or in a command, may be a key: 43 letters, mostly with a '=' behind them. */
static void put_hidden(pic__buf *out, const char *text)
{
        while (*text != '\0') {
                size_t run = 0;

                while (is_base64(text[run]))
                        run++;
                if (run == 43 || (run > 43 && text[run] == '=')) {
                        pic__buf_puts(out, "(a key)");
                        run += text[run] == '=';
                } else {
                        run += run == 0;
                        pic__buf_put(out, text, run);
                }
                text += run;
        }
}

void pic__household_tell(pic__household *h, enum pic__tale tale, pic__spot at, const pic__device *device,
                         const char *field, const char *hint, const char *fmt, ...)
{
        pic__finding f = { tale, at, device != NULL ? device->was : NULL, field, NULL, hint };
        pic__auto_wipe pic__buf raw = PIC__BUF_SECRET;
        pic__auto_buf pic__buf hidden = PIC__BUF_INIT;
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;
        va_list ap;

        if (h->findings.count >= PIC__HOUSEHOLD_FINDINGS) {
                h->untold++;
                return;
        }
        va_start(ap, fmt);
        pic__buf_vputf(&raw, fmt, ap);
        va_end(ap);
        put_hidden(&hidden, pic__buf_str(&raw));
        pic__buf_put_shown(&shown, pic__buf_str(&hidden), 1000);
        f.message = pic__household_dup(h, pic__buf_str(&shown), shown.len);
        if (raw.failed || hidden.failed || shown.failed || f.message == NULL || pic__vec_push(&h->findings, f) < 0)
                h->failed = 1;
}

pic__device *pic__household_add(pic__household *h, pic__spot at)
{
        pic__device *d = NULL;

        if (h->devices.count >= PIC__HOUSEHOLD_DEVICES) {
                h->too_many = 1;
                return NULL;
        }
        d = pic__arena_alloc(&h->arena, sizeof(*d));
        if (d == NULL || pic__vec_push(&h->devices, d) < 0) {
                h->failed = 1;
                return NULL;
        }
        d->at = at;
        d->keepalive = -1;
        return d;
}

void pic__household_call(pic__household *h, pic__device *d, const char *name, size_t len)
{
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;
        pic__auto_buf pic__buf hidden = PIC__BUF_INIT;
        pic__auto_wipe pic__buf raw = PIC__BUF_SECRET;

        while (len > 0 && pic__is_space(*name)) {
                name++;
                len--;
        }
        while (len > 0 && pic__is_space(name[len - 1]))
                len--;
        if (len == 0 || d->was != NULL)
                return;
        pic__buf_put(&raw, name, len);
        put_hidden(&hidden, pic__buf_str(&raw));
        pic__buf_put_shown(&shown, pic__buf_str(&hidden), SHOWN);
        d->was = pic__household_dup(h, pic__buf_str(&shown), shown.len);
}

int pic__household_key(pic__household *h, const char *text, const pic__device *d, pic__spot at, const char *what,
                       const char **ret)
{
        uint8_t key[32];
        int ok = 0;

        if (text == NULL || text[0] == '\0')
                return 0;
        if (pic__key_decode(text, key) < 0)
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL, "%s: is no WireGuard key", what);
        else if (pic__key_zero(key))
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL, "%s: is all zero: that is no key", what);
        else
                ok = 1;
        pic__wipe(key, sizeof(key));
        if (!ok)
                return 0;
        if (*ret != NULL && strcmp(*ret, text) != 0) {
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL, "%s: another one was said before", what);
                return 0;
        }
        *ret = pic__household_dup(h, text, strlen(text));
        return *ret != NULL;
}

/* 0, or -1: neither a prefix nor an address. Host bits stay. */
static int parse_prefix(const char *text, pic__prefix *ret)
{
        if (pic__addr_parse(text, &ret->addr) == 0) {
                ret->len = ret->addr.family == 4 ? 32 : 128;
                return 0;
        }
        return pic__prefix_parse(text, ret) == -1 ? -1 : 0;
}

void pic__household_allow(pic__household *h, pic__device *d, const char *text, pic__spot at, const char *what)
{
        pic__allowed *a, **end = &d->allowed;
        pic__prefix p = { 0 };

        if (parse_prefix(text, &p) < 0) {
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL, "%s: '%.*s' is no network", what, SHOWN,
                                    text);
                return;
        }
        pic__prefix_mask(&p);
        if (d->allowed_count >= PIC__HOUSEHOLD_PREFIXES) {
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL, "%s: '%.*s' is one too many", what, SHOWN,
                                    text);
                return;
        }
        a = pic__arena_alloc(&h->arena, sizeof(*a));
        if (a == NULL) {
                h->failed = 1;
                return;
        }
        a->prefix = p;
        a->at = at;
        while (*end != NULL)
                end = &(*end)->next;
        *end = a;
        d->allowed_count++;
}

void pic__household_own(pic__household *h, const char *text, pic__spot at, const char *what)
{
        pic__prefix p = { 0 };
        int i;

        if (parse_prefix(text, &p) < 0) {
                pic__household_tell(h, PIC__TALE_LOST, at, NULL, what, NULL, "%s: '%.*s' is no address", what, SHOWN,
                                    text);
                return;
        }
        i = p.addr.family == 6;
        if (h->net[i].addr.family != 0) {
                pic__household_tell(h, PIC__TALE_LOST, at, NULL, what, "a cell has one network of each family",
                                    "%s: '%.*s' is a second one", what, SHOWN, text);
                return;
        }
        h->net[i] = p;
        h->own[i] = p.addr;
}

void pic__household_dns(pic__household *h, const char *text, const pic__device *d, pic__spot at, const char *what)
{
        char shown[PIC__ADDR_TEXT];
        pic__addr a;
        size_t i;

        if (text[0] == '\0')
                return;
        if (pic__addr_parse(text, &a) < 0) {
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL,
                                    "%s: '%.*s' is no address of a DNS server: search domains are not taken", what,
                                    SHOWN, text);
                return;
        }
        pic__addr_print(&a, shown);
        for (i = 0; i < h->dns_count; i++)
                if (strcmp(h->dns[i], shown) == 0)
                        return;
        if (h->dns_count == PIC__HOUSEHOLD_DNS) {
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL, "%s: %s is one too many", what, shown);
                return;
        }
        h->dns[h->dns_count++] = pic__household_dup(h, shown, strlen(shown));
}

void pic__household_endpoint(pic__household *h, const char *text, const pic__device *d, pic__spot at, const char *what)
{
        char host[256];
        uint16_t port = 0;
        pic__addr a;

        if (pic__endpoint_parse(text, host, &port) < 0) {
                if (pic__addr_parse(text, &a) < 0 && !pic__hostname_ok(text)) {
                        pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL, "%s: '%.*s' is no host", what, SHOWN,
                                            text);
                        return;
                }
                snprintf(host, sizeof(host), "%s", text);
                port = 0;
        }
        if (h->host == NULL) {
                h->host = pic__household_dup(h, host, strlen(host));
                h->host_port = port;
        } else if (!pic__same_name(h->host, host)) {
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, "pic cell set --endpoint HOST:PORT says which",
                                    "%s: '%s' is another host than '%s', which is taken", what, host, h->host);
        } else if (port != 0 && h->host_port != 0 && port != h->host_port) {
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, NULL, "%s: another port than %d, which is taken",
                                    what, (int)h->host_port);
        }
}

/* Takes "/tcp" or "/udp" off; NULL: there is none. */
static const char *take_protocol(char *text)
{
        char *slash = strrchr(text, '/');

        if (slash == NULL || (strcmp(slash, "/tcp") != 0 && strcmp(slash, "/udp") != 0))
                return NULL;
        *slash = '\0';
        return slash + 1;
}

/* "[fd00::5]" to "fd00::5" */
static char *without_brackets(char *host)
{
        size_t len = strlen(host);

        if (len < 2 || host[0] != '[' || host[len - 1] != ']')
                return host;
        host[len - 1] = '\0';
        return host + 1;
}

/* HOST:PORT/tcp as the grant HOST:tcp/PORT; a network as it is. */
static int as_grant(const char *text, char out[128])
{
        char copy[128], *colon, *host = copy;
        pic__prefix p = { 0 };
        const char *proto;
        long port;

        if (strlen(text) >= sizeof(copy))
                return -1;
        memcpy(copy, text, strlen(text) + 1);
        if (parse_prefix(copy, &p) == 0) {
                pic__prefix_mask(&p);
                (void)pic__prefix_print(&p, out);
                return p.len == 0 ? -1 : 0;
        }
        proto = take_protocol(copy);
        colon = strrchr(copy, ':');
        if (proto == NULL || colon == NULL || pic__decimal(colon + 1, 1, 65535, &port) < 0)
                return -1; /* a port of both protocols is two grants: see the caller */
        *colon = '\0';
        host = without_brackets(copy);
        if (parse_prefix(host, &p) < 0 || p.len != (p.addr.family == 4 ? 32 : 128))
                return -1;
        snprintf(out, 128, p.addr.family == 6 ? "[%.45s]:%s/%ld" : "%.45s:%s/%ld", host, proto, port);
        return 0;
}

static void add_grant(pic__household *h, pic__device *d, const char *grant)
{
        const char *was = d->access != NULL ? d->access : "";
        char *both = pic__arena_printf(&h->arena, "%s%s%s", was, was[0] != '\0' ? "," : "", grant);

        h->failed |= both == NULL;
        if (both != NULL)
                d->access = both;
}

void pic__household_confine(pic__household *h, pic__device *d, const char *text, pic__spot at, const char *what)
{
        char grant[128], both[140];
        pic__prefix p = { 0 };

        if (d->access == NULL)
                d->access = "";
        if (parse_prefix(text, &p) == 0 && p.len == 0) { /* everything of a family is what nobody was confined to */
                if (strstr(d->access, "internet") == NULL)
                        add_grant(h, d, "internet,lan,peers");
                return;
        }
        if (as_grant(text, grant) == 0) {
                add_grant(h, d, grant);
                return;
        }
        if (strlen(text) < 120 && strchr(text, '/') == NULL) {
                snprintf(both, sizeof(both), "%s/tcp", text);
                if (as_grant(both, grant) == 0) {
                        add_grant(h, d, grant);
                        snprintf(both, sizeof(both), "%s/udp", text);
                        if (as_grant(both, grant) == 0)
                                add_grant(h, d, grant);
                        return;
                }
        }
        pic__household_tell(h, PIC__TALE_LOST, at, d, what, "grant it by hand: pic help grants",
                            "%s: '%.*s' cannot be said as a grant: the device does not reach it", what, SHOWN, text);
}

/* "2026-05-01T00:00:00.000Z", "2026-05-01 00:00:00" */
static int parse_when(const char *text, pic_time *ret)
{
        char copy[40];
        size_t len = strcspn(text, ".");

        if (len == 0 || len + 2 >= sizeof(copy))
                return -1;
        memcpy(copy, text, len);
        copy[len] = '\0';
        if (len > 10 && copy[10] == ' ')
                copy[10] = 'T';
        return pic__time_parse(copy, ret);
}

void pic__household_expiry(pic__household *h, pic__device *d, const char *text, pic__spot at, const char *what)
{
        char shown[PIC__TIME_TEXT];
        pic_time t = 0;

        if (parse_when(text, &t) < 0) {
                d->disabled = 1; /* it would have ended at some time, and nobody knows when */
                pic__household_tell(h, PIC__TALE_LOST, at, d, what, "pic peer set NAME --expires DATE --enabled yes",
                                    "%s: '%.*s' is no date: the device is turned off", what, SHOWN, text);
                return;
        }
        pic__time_print(t, shown);
        d->expires = pic__household_dup(h, shown, strlen(shown));
        if (t <= h->now)
                pic__household_tell(h, PIC__TALE_NOTE, at, d, what, "pic peer set NAME --unset expires",
                                    "its time was over there on %s, and is over here", shown);
}

int64_t pic__household_number(pic__household *h, const char *text, int64_t min, int64_t max, pic__spot at,
                              const char *what)
{
        long n;

        if (pic__decimal(text, (long)min, (long)max, &n) == 0)
                return n;
        pic__household_tell(h, PIC__TALE_LOST, at, NULL, what, NULL, "%s: '%.*s' is no number from %ld to %ld", what,
                            SHOWN, text, (long)min, (long)max);
        return -1;
}

void pic__household_command(pic__household *h, const pic__device *d, const char *text, pic__spot at, const char *what)
{
        if (text[strspn(text, " \t\r\n")] == '\0')
                return;
        pic__household_tell(h, PIC__TALE_LOST, at, d, what,
                            "a cell makes its own rules; what else it did has to be done otherwise",
                            "%s is a command and is never run here: %.*s", what, 600, text);
}
