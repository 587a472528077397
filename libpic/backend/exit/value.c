/* Owns: the text of an item ⇄ its plain value. */
#include "backend/exit/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "model/domain.h"
#include "model/exit.h"
#include "model/own.h"
#include "model/text.h"
#include "model/words.h"

#define BAD(err, name, value) pic__fail(err, PIC_VALUE, "exit: %s=%s is not what it should be", name, value)

enum shape { TEXT, NUMBER, LINKS, PLACES, PLACE, NETS, LIST, PUBLICS, OWNS, FAMILIES, HIDDEN };

/* A word, and where it goes. */
struct word {
        const char *name;
        enum shape shape;
        size_t at;
        long max; /* of a number */
};

#define AT(member) offsetof(pic__exit_conf, member)

static const struct word words[] = {
        { "id", TEXT, AT(id), 0 },
        { "name", TEXT, AT(name), 0 },
        { "type", TEXT, AT(type), 0 },
        { "dev", TEXT, AT(dev), 0 },
        { "link4", LINKS, AT(cell4), 4 },
        { "link6", LINKS, AT(cell6), 6 },
        { "families", FAMILIES, 0, 0 },
        { "zones", LIST, AT(zones), 0 },
        { "public", PUBLICS, AT(public_names), 0 },
        { "own", OWNS, AT(own), 0 },
        { "sieve", TEXT, AT(sieve), 0 },
        { "remote", PLACES, AT(remote), 0 },
        { "endpoint", TEXT, AT(endpoint), 0 },
        { "addresses", NETS, AT(addresses), 0 },
        { "allowed", NETS, AT(allowed), 0 },
        { "keepalive", NUMBER, AT(keepalive), 65535 },
        { "peer_key", TEXT, AT(peer_key), 0 },
        { "public_key", TEXT, AT(public_key), 0 },
        { "user", TEXT, AT(user), 0 },
        { "host_key", TEXT, AT(host_key), 0 },
        { "protocol", TEXT, AT(protocol), 0 },
        { "bridges", TEXT, AT(bridges), 0 },
        { "country", TEXT, AT(country), 0 },
        { "remotes", TEXT, AT(remotes), 0 },
        { "mtu", NUMBER, AT(mtu), 65535 },
        { "dns", PLACES, AT(dns), 0 },
        { "probe", PLACE, AT(probe), 0 },
};

static const struct word secrets[] = {
        { "private_key", HIDDEN, AT(private_key), 0 }, { "preshared_key", HIDDEN, AT(preshared_key), 0 },
        { "password", HIDDEN, AT(password), 0 },       { "key", HIDDEN, AT(key), 0 },
        { "profile", HIDDEN, AT(profile), 0 },
};

static void *member(pic__exit_conf *c, const struct word *w)
{
        return (char *)c + w->at;
}

/* --- parts ----------------------------------------------------------------------------------------------------- */

static int port_of(const char *text, unsigned *ret)
{
        long n;

        if (pic__decimal(text, 1, 65535, &n) < 0)
                return -1;
        *ret = (unsigned)n;
        return 0;
}

/* "ADDR:PORT", "[ADDR6]:PORT", and "/udp" or "/tcp" behind it. `text` may be cut. */
static int far_end(char *text, pic__exit_place *p)
{
        char host[256], *slash = strchr(text, '/');
        uint16_t port;

        if (slash != NULL) {
                p->proto = strncmp(slash + 1, "udp", 3) == 0 ? 17 : strncmp(slash + 1, "tcp", 3) == 0 ? 6 : 0;
                if (p->proto == 0)
                        return -1;
                *slash = '\0';
        }
        if (pic__endpoint_parse(text, host, &port) < 0)
                return -1;
        p->port = port;
        return pic__addr_parse(host, &p->addr);
}

/* "ADDR[@PORT][#NAME]" */
static int resolver(char *text, pic__exit_place *p)
{
        char *tls = strchr(text, '#'), *port;

        if (tls != NULL) {
                *tls++ = '\0';
                if (!pic__hostname_ok(tls))
                        return -1;
                p->tls = tls;
        }
        port = strchr(text, '@');
        if (port != NULL) {
                *port++ = '\0';
                if (port_of(port, &p->port) < 0)
                        return -1;
        }
        return pic__addr_parse(text, &p->addr);
}

static int place(char *text, pic__exit_place *p)
{
        *p = (pic__exit_place){ .tls = "" };
        if (strchr(text, '@') == NULL && far_end(text, p) == 0)
                return 0;
        return p->proto != 0 ? -1 : resolver(text, p);
}

/* The next part of a list "a,b": cut off in place. NULL: none. */
static char *part(char **list)
{
        char *text = *list, *comma;

        if (text == NULL || *text == '\0')
                return NULL;
        comma = strchr(text, ',');
        if (comma != NULL)
                *comma++ = '\0';
        *list = comma;
        return text;
}

static int take_places(char *text, pic__exit_places *to)
{
        char *one;

        while ((one = part(&text)) != NULL) {
                if (to->count == PIC__EXIT_LIST_MAX || place(one, &to->at[to->count]) < 0)
                        return -1;
                to->count++;
        }
        return 0;
}

/* Host bits stay: an address of the tunnel device has some. */
static int take_nets(char *text, pic__exit_nets *to)
{
        char *one;

        while ((one = part(&text)) != NULL) {
                pic__prefix *p = &to->at[to->count];

                if (to->count == PIC__EXIT_NETS_MAX)
                        return -1;
                if (pic__addr_parse(one, &p->addr) == 0)
                        p->len = p->addr.family == 4 ? 32 : 128;
                else if (pic__prefix_parse(one, p) == -1)
                        return -1;
                to->count++;
        }
        return 0;
}

static int take_list(char *text, pic__exit_words *to)
{
        char *one;

        while ((one = part(&text)) != NULL) {
                size_t len = strlen(one);

                if (len > 0 && one[len - 1] == '.')
                        one[len - 1] = '\0';
                if (to->count == PIC__EXIT_LIST_MAX || !pic__hostname_ok(one))
                        return -1;
                to->at[to->count++] = one;
        }
        return 0;
}

static int take_publics(char *text, pic__exit_publics *to)
{
        pic__public p;
        char *one;

        while ((one = part(&text)) != NULL) {
                if (to->count == PIC__PUBLIC_MAX || pic__public_parse(one, &p) < 0)
                        return -1;
                to->at[to->count++] = one;
        }
        return 0;
}

static int take_owns(char *text, pic__exit_words *to)
{
        pic__own o;
        char *one;

        while ((one = part(&text)) != NULL) {
                if (to->count == PIC__EXIT_LIST_MAX || pic__own_parse(one, &o) < 0)
                        return -1;
                to->at[to->count++] = one;
        }
        return 0;
}

/* "CELL,EXIT" */
static int take_links(char *text, long family, pic__addr *to)
{
        char *one;
        int i;

        for (i = 0; i < 2; i++) {
                one = part(&text);
                if (one == NULL || pic__addr_parse(one, &to[i]) < 0 || to[i].family != family)
                        return -1;
        }
        return text == NULL ? 0 : -1;
}

static int take_families(const char *text, pic__exit_conf *c)
{
        c->v4 = text[0] == '4';
        c->v6 = text[c->v4] == '6';
        return text[c->v4 + c->v6] == '\0' ? 0 : -1;
}

static int take(pic__exit_conf *c, const struct word *w, char *text)
{
        long n;

        switch (w->shape) {
        case TEXT:
        case HIDDEN: *(const char **)member(c, w) = text; return 0;
        case NUMBER:
                if (text[0] == '\0')
                        return 0;
                if (pic__decimal(text, 0, w->max, &n) < 0)
                        return -1;
                *(unsigned *)member(c, w) = (unsigned)n;
                return 0;
        case LINKS: return take_links(text, w->max, member(c, w));
        case PLACES: return take_places(text, member(c, w));
        case PLACE: return text[0] == '\0' ? 0 : place(text, member(c, w));
        case NETS: return take_nets(text, member(c, w));
        case LIST: return take_list(text, member(c, w));
        case PUBLICS: return take_publics(text, member(c, w));
        case OWNS: return take_owns(text, member(c, w));
        case FAMILIES: return take_families(text, c);
        default: return -1;
        }
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static const struct word *find(const struct word *all, size_t count, const char *name)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (strcmp(all[i].name, name) == 0)
                        return &all[i];
        return NULL;
}

/* No value ends a line or a text early; keys and profiles have lines, and tabs in them. */
static int lines_ok(const pic__buf *value, int many)
{
        size_t i;

        for (i = 0; i < value->len; i++) {
                unsigned char c = (unsigned char)value->data[i];

                if (c == 0x7f || (c < ' ' && !(many && (c == '\n' || c == '\t' || c == '\r'))))
                        return 0;
        }
        return pic__utf8_valid(pic__buf_str(value), value->len);
}

static int take_all(pic__exit_conf *c, const char *text, const struct word *all, size_t count, pic_error **err)
{
        pic__arena *arena = all == secrets ? &c->hidden : &c->words;
        pic__auto_wipe pic__buf value = PIC__BUF_SECRET;
        uint32_t seen = 0;
        char name[32];
        int r;

        while ((r = pic__word_next(&text, name, sizeof(name), &value)) > 0) {
                const struct word *w = find(all, count, name);
                uint32_t bit = w != NULL ? 1u << (w - all) : 0;
                int hidden = all == secrets;
                char *copy;

                if (w == NULL || (seen & bit) != 0)
                        return pic__fail(err, PIC_VALUE, "exit: %s '%s'", w == NULL ? "no word" : "twice the word",
                                         name);
                seen |= bit;
                if (!lines_ok(&value, hidden))
                        return pic__fail(err, PIC_VALUE, "exit: %s has control characters", name);
                copy = pic__arena_dup(arena, pic__buf_str(&value), value.len);
                if (copy == NULL)
                        return pic__nomem(err);
                if (take(c, w, copy) < 0)
                        return BAD(err, name, hidden ? "…" : pic__buf_str(&value));
        }
        if (r < 0)
                return value.failed ? pic__nomem(err) : pic__fail(err, PIC_VALUE, "exit: words that nobody wrote");
        return 0;
}

static int take_key(const char *key, pic__exit_conf *c, pic_error **err)
{
        char dev[PIC__EXIT_DEV];
        long slot;

        if (pic__decimal(key, 1, PIC__EXIT_SLOTS, &slot) < 0)
                return pic__fail(err, PIC_VALUE, "exit: there is no slot '%s'", key);
        c->slot = (unsigned)slot;
        if (strcmp(c->dev, pic__exit_dev(c->slot, dev)) != 0)
                return BAD(err, "dev", c->dev);
        if (c->cell4.family == 0 || c->cell6.family == 0)
                return pic__fail(err, PIC_VALUE, "exit: no addresses for its link");
        if (c->type[0] == '\0' || c->name[0] == '\0')
                return pic__fail(err, PIC_VALUE, "exit: without name or type");
        return 0;
}

static void no_words(pic__exit_conf *c)
{
        size_t i;

        memset(c, 0, sizeof(*c));
        for (i = 0; i < PIC__COUNT(words); i++)
                if (words[i].shape == TEXT)
                        *(const char **)member(c, &words[i]) = "";
        for (i = 0; i < PIC__COUNT(secrets); i++)
                *(const char **)member(c, &secrets[i]) = "";
        c->probe.tls = "";
}

int pic__exit_parse(const char *key, const char *value, const void *secret, size_t secret_len, pic__exit_conf *ret,
                    pic_error **err)
{
        pic__auto_wipe pic__buf hidden = PIC__BUF_SECRET;
        int r = 0;

        no_words(ret);
        if (strlen(value) > PIC__EXIT_VALUE_MAX || secret_len > PIC__EXIT_SECRET_MAX)
                return pic__fail(err, PIC_VALUE, "exit: too long");
        if (secret != NULL)
                pic__buf_put(&hidden, secret, secret_len);
        if (hidden.failed)
                return pic__nomem(err);
        r = take_all(ret, value, words, PIC__COUNT(words), err);
        if (r == 0)
                r = take_key(key, ret, err);
        if (r == 0)
                r = take_all(ret, pic__buf_str(&hidden), secrets, PIC__COUNT(secrets), err);
        if (r < 0)
                pic__exit_conf_free(ret);
        return r;
}

void pic__exit_conf_free(pic__exit_conf *c)
{
        pic__arena_free(&c->words);
        pic__arena_wipe(&c->hidden);
        no_words(c);
}
