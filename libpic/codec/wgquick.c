/* Owns: the grammar of wg-quick's files and the table of their keys. A line is copied into one buffer, which is wiped:
 * values of keys go from there to the callback and nowhere else. */
#include "codec/wgquick.h"

#include <string.h>

#include "model/key.h"
#include "model/near.h"
#include "model/net.h"
#include "model/text.h"

enum section { NONE, INTERFACE, PEER, FOREIGN };

static const char *const section_names[] = { NULL, "Interface", "Peer" };

enum list { ADDRESSES, DNS, ALLOWED, LISTS };

static const char *const list_fields[LISTS] = { "addresses", "dns", "allowed" };

#define KEYS_MAX 32

struct reader {
        pic__importer imp;
        enum section section;
        unsigned section_line[FOREIGN]; /* of the first of each */
        int skipping;                   /* in a section that was refused */
        unsigned seen[KEYS_MAX];        /* line of the first of each key */
        pic__buf lists[LISTS];
        pic__place list_places[LISTS];
        int everything; /* a default route is among the allowed */
        char line[PIC__WGQUICK_LINE + 1];
};

enum { SEVERAL = 1, MAY_BE_EMPTY = 2 };

struct key {
        const char *name;
        enum section section;
        void (*read)(struct reader *r, const struct key *k, pic__place at, char *value);
        unsigned flags;
        const char *why; /* for people: the reason it is refused, or what is wrong with its value */
        const char *hint;
};

static void refuse(struct reader *r, const struct key *k, pic__place at, char *value)
{
        (void)value; /* a command may hold a password */
        pic__import_wrong(&r->imp, at, PIC_UNSUPPORTED, k->hint, "%s: %s", k->name, k->why);
}

static void pass_over(struct reader *r, const struct key *k, pic__place at, char *value)
{
        (void)value;
        pic__import_warn(&r->imp, at, k->hint, "%s: passed over: %s", k->name, k->why);
}

/* A key pasted into the wrong place: 43 characters of base64 in a row. No address has that, and hardly a name. */
static int holds_key(const char *value)
{
        size_t run = 0;

        for (; *value != '\0' && run < PIC__KEY_TEXT - 2; value++)
                run = pic__is_alnum(*value) || *value == '+' || *value == '/' ? run + 1 : 0;
        return run >= PIC__KEY_TEXT - 2;
}

/* A value that may be shown, unless it looks like a key, breaks the rule of its key. */
static void bad_value(struct reader *r, const struct key *k, pic__place at, const char *value, const char *rule)
{
        pic_error *err = NULL;

        (void)pic__fail_value(&err, NULL, k->name, holds_key(value) ? NULL : value, rule);
        if (k->hint != NULL)
                pic__hint(&err, "%s", k->hint);
        pic__import_take(&r->imp, at, err);
}

/* Words that make a key without effect here; any other value is refused. */
static int is_one_of(const char *value, const char *const *words)
{
        for (; *words != NULL; words++)
                if (pic__same_name(value, *words))
                        return 1;
        return 0;
}

static void read_table(struct reader *r, const struct key *k, pic__place at, char *value)
{
        static const char *const harmless[] = { "off", "auto", NULL };

        if (!is_one_of(value, harmless))
                refuse(r, k, at, value);
}

static void read_fwmark(struct reader *r, const struct key *k, pic__place at, char *value)
{
        static const char *const harmless[] = { "off", "0", "0x0", NULL };

        if (!is_one_of(value, harmless))
                refuse(r, k, at, value);
}

static void read_save(struct reader *r, const struct key *k, pic__place at, char *value)
{
        static const char *const harmless[] = { "false", NULL };

        if (!is_one_of(value, harmless))
                refuse(r, k, at, value);
}

/* No value is shown: who put the wrong one there may have put a secret there. */
static void read_key(struct reader *r, const struct key *k, pic__place at, const char *value, int secret)
{
        const char *field = !secret ? "peer_key" : k->section == PEER ? "preshared_key" : "private_key";
        uint8_t bytes[32] = { 0 };

        if (pic__key_decode(value, bytes) < 0)
                pic__import_wrong(&r->imp, at, PIC_VALUE, k->hint,
                                  "%s: it must be a key: 44 characters of base64, of which the last is '='", k->name);
        else if (pic__key_zero(bytes))
                pic__import_wrong(&r->imp, at, PIC_VALUE, k->hint, "%s: it must not be all zero", k->name);
        else if (!secret && pic__key_low_order(bytes))
                pic__import_wrong(&r->imp, at, PIC_VALUE, k->hint,
                                  "%s: it must not be a point of low order: with that key there is no secret", k->name);
        else
                pic__import_give(&r->imp, at, field, value, secret);
        explicit_bzero(bytes, sizeof(bytes));
}

static void read_secret(struct reader *r, const struct key *k, pic__place at, char *value)
{
        read_key(r, k, at, value, 1);
}

static void read_public(struct reader *r, const struct key *k, pic__place at, char *value)
{
        read_key(r, k, at, value, 0);
}

static void read_mtu(struct reader *r, const struct key *k, pic__place at, char *value)
{
        long n;

        if (pic__decimal(value, 576, 65535, &n) < 0)
                bad_value(r, k, at, value, "must be a whole number from 576 to 65535");
        else
                pic__import_give(&r->imp, at, "mtu", value, 0);
}

static void read_keepalive(struct reader *r, const struct key *k, pic__place at, char *value)
{
        long n;

        if (pic__same_name(value, "off"))
                pic__import_give(&r->imp, at, "keepalive", "0", 0);
        else if (pic__decimal(value, 0, 65535, &n) < 0)
                bad_value(r, k, at, value, "must be a whole number from 0 to 65535, or off");
        else
                pic__import_give(&r->imp, at, "keepalive", value, 0);
}

static void read_endpoint(struct reader *r, const struct key *k, pic__place at, char *value)
{
        char host[256];
        uint16_t port;

        if (pic__endpoint_parse(value, host, &port) < 0 || port == 0)
                bad_value(r, k, at, value, "must be HOST:PORT or [ADDRESS]:PORT");
        else
                pic__import_give(&r->imp, at, "endpoint", value, 0);
}

static void add(struct reader *r, enum list which, pic__place at, const char *item)
{
        if (r->lists[which].len == 0)
                r->list_places[which] = at;
        pic__import_list(&r->lists[which], item);
}

/* ADDRESS or ADDRESS/LENGTH, host bits allowed. 0 or -1. */
static int parse_prefix(const char *text, pic__prefix *ret)
{
        if (pic__addr_parse(text, &ret->addr) == 0) {
                ret->len = ret->addr.family == 4 ? 32 : 128;
                return 0;
        }
        return pic__prefix_parse(text, ret) == -1 ? -1 : 0;
}

/* The address alone: where packets go is said by AllowedIPs, and a provider's "/24" would be a network of ours. */
static void add_address(struct reader *r, const struct key *k, pic__place at, const char *item)
{
        char text[PIC__PREFIX_TEXT];
        pic__prefix p;

        if (parse_prefix(item, &p) < 0) {
                bad_value(r, k, at, item, "must be ADDRESS/LENGTH");
                return;
        }
        p.len = p.addr.family == 4 ? 32 : 128;
        add(r, ADDRESSES, at, pic__prefix_print(&p, text));
}

static void add_dns(struct reader *r, const struct key *k, pic__place at, const char *item)
{
        char text[PIC__ADDR_TEXT];
        pic__addr a;

        if (pic__addr_parse(item, &a) == 0)
                add(r, DNS, at, pic__addr_print(&a, text));
        else if (pic__hostname_ok(item))
                pic__import_warn(&r->imp, at, NULL, "%s: the search domain '%s' is passed over", k->name, item);
        else
                bad_value(r, k, at, item, "must be an address of a DNS server, or a search domain");
}

static void add_allowed(struct reader *r, const struct key *k, pic__place at, const char *item)
{
        char text[PIC__PREFIX_TEXT];
        pic__prefix p;

        if (parse_prefix(item, &p) < 0) {
                bad_value(r, k, at, item, "must be ADDRESS/LENGTH");
                return;
        }
        pic__prefix_mask(&p);
        r->everything |= p.len == 0;
        add(r, ALLOWED, at, pic__prefix_print(&p, text));
}

static char *trim(char *text)
{
        char *end = text + strlen(text);

        while (end > text && pic__is_space(end[-1]))
                *--end = '\0';
        while (pic__is_space(*text))
                text++;
        return text;
}

/* Each item of a comma list; the place of an item is its own. */
static void read_list(struct reader *r, const struct key *k, pic__place at, char *value)
{
        char *item, *rest = value;

        if (*value == '\0')
                return;
        while ((item = strsep(&rest, ",")) != NULL) {
                pic__place here = at;
                char *word = trim(item);

                here.column += (unsigned)(word - value); /* what is before it is ASCII, or reported itself */
                if (*word == '\0')
                        pic__import_wrong(&r->imp, here, PIC_VALUE, NULL, "%s: an item of the list is empty", k->name);
                else if (k->section == PEER)
                        add_allowed(r, k, here, word);
                else if (pic__same_name(k->name, "DNS"))
                        add_dns(r, k, here, word);
                else
                        add_address(r, k, here, word);
        }
}

#define COMMAND "a command that comes with a profile is never run"
#define COMMAND_HINT "take the line out; what leaves, and by which way, the cell decides itself"
#define AMNEZIA "it belongs to AmneziaWG, which plain WireGuard cannot speak with"
#define AMNEZIA_HINT "ask the provider for a file for WireGuard"
#define KEY_HINT "a provider that does not know the key leaves a placeholder: put the key there"

static const struct key keys[] = {
        { "PrivateKey", INTERFACE, read_secret, 0, NULL, KEY_HINT },
        { "Address", INTERFACE, read_list, SEVERAL, NULL, NULL },
        { "DNS", INTERFACE, read_list, SEVERAL | MAY_BE_EMPTY, NULL, NULL },
        { "MTU", INTERFACE, read_mtu, 0, NULL, NULL },
        { "ListenPort", INTERFACE, pass_over, 0, "the carrier takes any port that is free", NULL },
        { "Table", INTERFACE, read_table, 0, "a connection has a routing table of its own",
          "take the line out, or make it 'Table = off'" },
        { "FwMark", INTERFACE, read_fwmark, 0, "a connection has a mark of its own", "take the line out" },
        { "SaveConfig", INTERFACE, read_save, 0, "the file is read once and never written", "take the line out" },
        { "PreUp", INTERFACE, refuse, SEVERAL | MAY_BE_EMPTY, COMMAND, COMMAND_HINT },
        { "PostUp", INTERFACE, refuse, SEVERAL | MAY_BE_EMPTY, COMMAND, COMMAND_HINT },
        { "PreDown", INTERFACE, refuse, SEVERAL | MAY_BE_EMPTY, COMMAND, COMMAND_HINT },
        { "PostDown", INTERFACE, refuse, SEVERAL | MAY_BE_EMPTY, COMMAND, COMMAND_HINT },
        { "Jc", INTERFACE, refuse, 0, AMNEZIA, AMNEZIA_HINT },
        { "Jmin", INTERFACE, refuse, 0, AMNEZIA, AMNEZIA_HINT },
        { "Jmax", INTERFACE, refuse, 0, AMNEZIA, AMNEZIA_HINT },
        { "PublicKey", PEER, read_public, 0, NULL, KEY_HINT },
        { "PresharedKey", PEER, read_secret, 0, NULL, KEY_HINT },
        { "Endpoint", PEER, read_endpoint, 0, NULL, NULL },
        { "AllowedIPs", PEER, read_list, SEVERAL, NULL, NULL },
        { "PersistentKeepalive", PEER, read_keepalive, 0, NULL, NULL },
};

/* AmneziaWG's other keys are a letter or two with a number: S1..S4, H1..H4, I1..I5. */
static int is_amnezia(const char *name)
{
        return strchr("SHIshi", name[0]) != NULL && name[0] != '\0' && name[1] >= '1' && name[1] <= '5' &&
               name[2] == '\0';
}

/* Only letters are shown: a line without its key name may be the key itself. */
static int may_be_shown(const char *name)
{
        size_t n = 0;

        while ((pic__lower(name[n]) >= 'a' && pic__lower(name[n]) <= 'z') || name[n] == '-' || name[n] == '_')
                n++;
        return n > 0 && n <= 24 && name[n] == '\0';
}

static void unknown_key(struct reader *r, pic__place at, const char *name)
{
        pic__near near = PIC__NEAR(name);
        pic_error *err = NULL;
        size_t i;

        if (is_amnezia(name)) {
                pic__import_wrong(&r->imp, at, PIC_UNSUPPORTED, AMNEZIA_HINT, "%s: %s", name, AMNEZIA);
                return;
        }
        if (!may_be_shown(name)) {
                pic__import_wrong(&r->imp, at, PIC_SYNTAX, NULL, "what is before the '=' is no key of wg-quick");
                return;
        }
        if (pic__import_full(&r->imp))
                return;
        for (i = 0; i < PIC__COUNT(keys); i++)
                pic__near_try(&near, keys[i].name);
        (void)pic__fail(&err, PIC_SYNTAX, "wg-quick has no key '%s'", name);
        pic__detail(&err, "field", name);
        pic__near_hint(&near, "take the line out if the connection can do without it", &err);
        pic__import_take(&r->imp, at, err);
}

static void read_pair(struct reader *r, const pic__import_line *line, char *name, char *value)
{
        pic__place at_key = pic__import_at(line, (size_t)(name - r->line));
        pic__place at_value = pic__import_at(line, (size_t)(value - r->line));
        size_t i;

        for (i = 0; i < PIC__COUNT(keys) && !pic__same_name(keys[i].name, name); i++)
                ;
        if (i == PIC__COUNT(keys)) {
                unknown_key(r, at_key, name);
                return;
        }
        r->imp.key = keys[i].name;
        if (r->section == NONE)
                pic__import_wrong(&r->imp, at_key, PIC_SYNTAX, "the file begins with [Interface]",
                                  "%s: it is in no section", keys[i].name);
        else if (r->section != keys[i].section)
                pic__import_wrong(&r->imp, at_key, PIC_SYNTAX, NULL, "%s: it belongs into the section [%s]",
                                  keys[i].name, section_names[keys[i].section]);
        else if (r->seen[i] != 0 && (keys[i].flags & SEVERAL) == 0)
                pic__import_wrong(&r->imp, at_key, PIC_SYNTAX, NULL, "%s: it is there already, in line %u",
                                  keys[i].name, r->seen[i]);
        else if (*value == '\0' && (keys[i].flags & MAY_BE_EMPTY) == 0)
                pic__import_wrong(&r->imp, at_key, PIC_VALUE, keys[i].hint, "%s: it has no value", keys[i].name);
        else if (keys[i].read == refuse || keys[i].read == pass_over)
                keys[i].read(r, &keys[i], at_key, value);
        else
                keys[i].read(r, &keys[i], at_value, value);
        if (r->seen[i] == 0)
                r->seen[i] = line->number;
        r->imp.key = NULL;
}

static void read_section(struct reader *r, const pic__import_line *line, const char *text)
{
        pic__place at = pic__import_at(line, (size_t)(text - r->line));
        enum section s = FOREIGN;

        if (pic__same_name(text, "[Interface]"))
                s = INTERFACE;
        else if (pic__same_name(text, "[Peer]"))
                s = PEER;
        r->section = s;
        r->skipping = s == FOREIGN || r->section_line[s] != 0;
        if (s == FOREIGN)
                pic__import_wrong(&r->imp, at, PIC_SYNTAX, NULL, "a section is [Interface] or [Peer]");
        else if (r->skipping)
                pic__import_wrong(&r->imp, at, PIC_UNSUPPORTED,
                                  s == PEER ? "make one file of each peer, and a connection of each file" : NULL,
                                  "a second section [%s]: the first is in line %u", section_names[s],
                                  r->section_line[s]);
        else
                r->section_line[s] = line->number;
}

static void read_line(struct reader *r, const pic__import_line *line)
{
        char *text, *equals;

        if (line->len > PIC__WGQUICK_LINE) {
                pic__import_wrong(&r->imp, (pic__place){ line->number, 1 }, PIC_SYNTAX, NULL,
                                  "the line is longer than %zu bytes", PIC__WGQUICK_LINE);
                return;
        }
        memcpy(r->line, line->text, line->len);
        r->line[line->len] = '\0';
        *strchrnul(r->line, '#') = '\0';
        text = trim(r->line);
        equals = strchr(text, '=');
        if (*text == '[') {
                read_section(r, line, text);
        } else if (*text != '\0' && !r->skipping) {
                if (equals == NULL) {
                        pic__import_wrong(&r->imp, pic__import_at(line, (size_t)(text - r->line)), PIC_SYNTAX, NULL,
                                          "a line must be [SECTION], KEY = VALUE or a comment");
                        return;
                }
                *equals = '\0';
                read_pair(r, line, trim(text), trim(equals + 1));
        }
}

/* What a connection cannot be without. */
static const struct {
        const char *key;
        const char *hint;
} needed[] = {
        { "PrivateKey", KEY_HINT },
        { "Address", "ask the provider which address the tunnel has" },
        { "PublicKey", "ask the provider for the key of the server" },
        { "Endpoint", "ask the provider where the server is" },
        { "AllowedIPs", "for everything: 'AllowedIPs = 0.0.0.0/0, ::/0'" },
};

static void check_needed(struct reader *r)
{
        size_t i, j;

        for (i = INTERFACE; i <= PEER; i++)
                if (r->section_line[i] == 0)
                        pic__import_wrong(&r->imp, (pic__place){ 0, 0 }, PIC_SYNTAX,
                                          "is it a file for wg-quick? A provider calls it a WireGuard configuration",
                                          "there is no section [%s]", section_names[i]);
        for (i = 0; i < PIC__COUNT(needed); i++) {
                for (j = 0; strcmp(keys[j].name, needed[i].key) != 0; j++)
                        ;
                if (r->seen[j] != 0 || r->section_line[keys[j].section] == 0)
                        continue;
                r->imp.key = keys[j].name;
                pic__import_wrong(&r->imp, (pic__place){ r->section_line[keys[j].section], 1 }, PIC_SYNTAX,
                                  needed[i].hint, "the section has no %s", keys[j].name);
        }
        r->imp.key = NULL;
}

static void give_lists(struct reader *r)
{
        pic_error *err = NULL;
        size_t i;

        for (i = 0; i < LISTS; i++) {
                if (r->lists[i].failed) {
                        pic__nomem_set(&err);
                        pic__import_take(&r->imp, (pic__place){ 0, 0 }, err);
                        return;
                }
                if (r->lists[i].len > 0)
                        pic__import_give(&r->imp, r->list_places[i], list_fields[i], pic__buf_str(&r->lists[i]), 0);
        }
        if (r->lists[ALLOWED].len > 0 && !r->everything)
                pic__import_warn(&r->imp, r->list_places[ALLOWED], NULL,
                                 "AllowedIPs: there is no default route among them: only these destinations can be "
                                 "reached through it");
}

static void read_all(struct reader *r)
{
        pic__import_line line;

        pic__import_give(&r->imp, (pic__place){ 1, 1 }, "type", "wireguard", 0);
        while (pic__import_next(&r->imp, &line))
                read_line(r, &line);
        check_needed(r);
        give_lists(r);
}

int pic__wgquick_read(const pic__import *in, pic__imported *told, pic_error **err)
{
        struct reader *r = pic__alloc(sizeof(*r));
        size_t i;
        int code;

        if (told != NULL)
                *told = (pic__imported){ NULL, 0 };
        if (r == NULL)
                return pic__nomem(err);
        if (pic__import_start(&r->imp, in, PIC__WGQUICK_TEXT) == 0)
                read_all(r);
        for (i = 0; i < LISTS; i++)
                pic__buf_free(&r->lists[i]);
        code = pic__import_finish(&r->imp, told, err);
        explicit_bzero(r, sizeof(*r));
        pic__free(r);
        return code;
}
