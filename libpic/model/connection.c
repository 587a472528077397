/* Owns: what a connection of each type needs and may have: one table, and what is wrong with single values of it. What
 * needs other objects is judged in snap_connection.c. */
#include "model/connection.h"

#include <stdio.h>
#include <string.h>

#include "model/exit.h"
#include "model/text.h"

/* Of every type. */
static const char common[] = "name,type,enabled,failopen,note,slot,created";

/* `needs`: all of them; "a|b": one of these at least. */
static const struct type_rule {
        const char *type;
        const char *needs;
        const char *may;
} types[] = {
        { "wireguard", "endpoint,peer_key,addresses,private_key",
          "allowed,keepalive,mtu,dns,probe,public_key,preshared_key" },
        { "openvpn", "profile,remotes", "login,user,password,mtu,dns,probe" },
        { "tor", "", "bridges,country,probe" },
        { "ssh", "endpoint,user,host_key,password|key", "dns,probe" },
        { "proxy", "endpoint,protocol", "user,password,dns,probe" },
        { "block", "", "" },
        { "group", "members", "" },
};

#define LOGIN_HINT "Give both: --user NAME --password-file FILE"

/* What to do about what is missing. */
static const struct {
        const char *type; /* NULL: whatever it is */
        const char *field;
        const char *hint;
} hints[] = {
        { "wireguard", "private_key",
          "Give it: private_key: … in a document, else --private-key-file FILE; or have one made, which the far end "
          "must "
          "be told: private_key: new; or take the connection over turned off: enabled: no" },
        { "wireguard", NULL, "The provider's file has all of it: pic connection import FILE" },
        { "openvpn", "user", LOGIN_HINT },
        { "openvpn", "profile",
          "Give it again: pic connection import FILE NAME --replace; or take the connection over turned off: enabled: "
          "no" },
        { "openvpn", NULL, "The provider's profile has all of it: pic connection import FILE" },
        { "ssh", "host_key",
          "'ssh-keyscan HOST' prints it, behind the host's name; compare it with what the owner of that machine "
          "says." },
        { "ssh", NULL,
          "Give the key as a file: --key-file FILE, or the password: --password-file FILE; or take the connection over "
          "turned off: enabled: no" },
        { "proxy", "endpoint", "Where it is: --endpoint HOST:PORT" },
        { "proxy", "protocol", "How it is spoken to: --protocol socks5, or http (CONNECT)" },
        { "group", "members", "Name the connections, the best one first: --members mullvad,tor" },
};

static const struct type_rule *rule_of(const char *type)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(types); i++)
                if (strcmp(types[i].type, type) == 0)
                        return &types[i];
        return NULL;
}

/* Whether `field` is among "a,b|c". */
static int names(const char *list, const char *field)
{
        size_t len = strlen(field);

        for (; *list != '\0'; list += strspn(list, ",|")) {
                size_t n = strcspn(list, ",|");

                if (n == len && strncmp(list, field, len) == 0)
                        return 1;
                list += n;
        }
        return 0;
}

int pic__connection_has(const char *type, const char *field)
{
        const struct type_rule *t = rule_of(type);

        return names(common, field) || (t != NULL && (names(t->needs, field) || names(t->may, field)));
}

/* --- findings ------------------------------------------------------------------------------------------------- */

static void found(const pic_obj *o, const char *field, const char *value, const char *rule, const char *hint,
                  pic_error **list)
{
        char object[96];
        pic_error *one = NULL;

        snprintf(object, sizeof(object), "connection %s", pic__obj_name(o));
        pic__fail_value(&one, object, field, value, rule);
        if (hint != NULL)
                pic__hint(&one, "%s", hint);
        pic__err_append(list, one);
}

static const char *hint_for(const char *type, const char *field)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(hints); i++)
                if (strcmp(hints[i].type, type) == 0 && (hints[i].field == NULL || strcmp(hints[i].field, field) == 0))
                        return hints[i].hint;
        return NULL;
}

/* Present, and no empty list. */
static int is_there(const pic_obj *o, const char *field)
{
        const pic__val *v = pic__obj_val(o, pic__field_find(PIC__CONNECTION, field));

        return v->tag == PIC__V_INT || (v->tag == PIC__V_TEXT && v->s[0] != '\0');
}

static int is_secret(const char *field)
{
        return (pic__kinds[PIC__CONNECTION].fields[pic__field_find(PIC__CONNECTION, field)].flags & PIC__F_SECRET) != 0;
}

/* A connection that is turned off may wait for its secrets: so can one that came by a document, which has none. */
static void check_needs(const pic_obj *o, const struct type_rule *t, pic_error **list)
{
        int off = pic__obj_int(o, "enabled") == 0;
        const char *at = t->needs;
        char need[64], field[64], rule[96];

        for (; *at != '\0'; at += strspn(at, ",")) {
                size_t len = strcspn(at, ","), first = strcspn(at, ",|");
                const char * or = NULL;

                snprintf(need, sizeof(need), "%.*s", (int)len, at);
                snprintf(field, sizeof(field), "%.*s", (int)first, at);
                at += len;
                if (first < len)
                        or = need + first + 1;
                if (is_there(o, field) || (or != NULL && is_there(o, or)) || (off && is_secret(field)))
                        continue;
                if (or != NULL)
                        snprintf(rule, sizeof(rule), "or %s is required for type %s", or, t->type);
                else
                        snprintf(rule, sizeof(rule), "is required for type %s", t->type);
                found(o, field, NULL, rule, hint_for(t->type, field), list);
        }
}

/* "only types ssh, proxy have it" */
static void check_foreign(const pic_obj *o, const struct type_rule *t, const pic__field *f, pic_error **list)
{
        pic__auto_buf pic__buf rule = PIC__BUF_INIT;
        const char *comma = "";
        size_t i;

        pic__buf_putf(&rule, "does not go with type %s: only ", t->type);
        for (i = 0; i < PIC__COUNT(types); i++) {
                if (!names(types[i].needs, f->name) && !names(types[i].may, f->name))
                        continue;
                pic__buf_putf(&rule, "%s%s", comma, types[i].type);
                comma = ", ";
        }
        pic__buf_puts(&rule, " has it");
        found(o, f->name, NULL, pic__buf_str(&rule), NULL, list);
}

static void check_fields(const pic_obj *o, const struct type_rule *t, pic_error **list)
{
        const pic__kind_info *k = &pic__kinds[PIC__CONNECTION];
        size_t i;

        for (i = 0; i < k->count; i++)
                if ((k->fields[i].flags & PIC__F_SYSTEM) == 0 && is_there(o, k->fields[i].name) &&
                    !pic__connection_has(t->type, k->fields[i].name))
                        check_foreign(o, t, &k->fields[i], list);
}

/* --- single values -------------------------------------------------------------------------------------------- */

/* A place that no far end can be at, in words; NULL: it can. */
static const char *nowhere(const pic__addr *a)
{
        static const pic__addr loop6 = { 6, { [15] = 1 } };
        static const pic__prefix nat64 = { { 6, { 0x00, 0x64, 0xff, 0x9b } }, 96 };
        pic__prefix p = { *a, a->family == 4 ? 32 : 128 }, links;

        pic__exit_links(a->family, &links);
        if (pic__prefix_has(&links, a))
                return "is an address that the cell itself uses between it and its connections";
        if ((a->family == 4 && a->bytes[0] == 127) || pic__addr_cmp(a, &loop6) == 0)
                return "is this machine itself: packets would never leave it";
        if (pic__prefix_unusable(&p) == NULL || pic__prefix_has(&nat64, a))
                return NULL;
        return "is in space where no far end can be";
}

static void check_far(const pic_obj *o, const char *field, const char *text, pic_error **list)
{
        char host[256];
        const char *why;
        uint16_t port;
        pic__addr a;

        if (pic__endpoint_parse(text, host, &port) < 0)
                return;
        why = pic__addr_parse(host, &a) == 0 ? nowhere(&a) : NULL;
        if (why == NULL && (pic__same_name(host, "localhost") ||
                            (strlen(host) > 10 && pic__same_name(host + strlen(host) - 10, ".localhost"))))
                why = "is this machine itself: packets would never leave it";
        if (why != NULL)
                found(o, field, text, why, "The far end must be another machine, that is reached without this cell.",
                      list);
}

/* "HOST:PORT/udp", as the reader of profiles makes them. */
static void check_remotes(const pic_obj *o, pic_error **list)
{
        const char *at = pic__obj_text(o, "remotes");
        char item[PIC__ITEM_MAX + 1], host[256];
        uint16_t port;

        while (pic__list_next(&at, item, sizeof(item))) {
                char *slash = strrchr(item, '/');
                int known = slash != NULL && (strncmp(slash, "/udp", 4) == 0 || strncmp(slash, "/tcp", 4) == 0) &&
                            (slash[4] == '\0' || ((slash[4] == '4' || slash[4] == '6') && slash[5] == '\0'));

                if (known)
                        *slash = '\0';
                if (!known || pic__endpoint_parse(item, host, &port) < 0)
                        found(o, "remotes", item, "must be HOST:PORT/udp or HOST:PORT/tcp", NULL, list);
                else
                        check_far(o, "remotes", item, list);
        }
}

/* An address that is ours there, not a network. */
static void check_addresses(const pic_obj *o, pic_error **list)
{
        const char *at = pic__obj_text(o, "addresses");
        char item[PIC__PREFIX_TEXT];
        pic__prefix p;

        while (pic__list_next(&at, item, sizeof(item))) {
                if (pic__prefix_parse(item, &p) < 0)
                        continue;
                if (p.len != (p.addr.family == 4 ? 32 : 128))
                        found(o, "addresses", item,
                              "is a network: it must be our address there, as ADDRESS/32 or ADDRESS/128", NULL, list);
                else if (pic__prefix_unusable(&p) != NULL)
                        found(o, "addresses", item, "is no address that a far end can have given", NULL, list);
        }
}

/* Through the tunnel, where this machine is not. */
static void check_dns(const pic_obj *o, const char *field, pic_error **list)
{
        const char *at = pic__obj_text(o, field);
        char item[320], text[PIC__ADDR_TEXT];

        while (pic__list_next(&at, item, sizeof(item))) {
                pic__addr a;
                const char *why;

                snprintf(text, sizeof(text), "%.*s", (int)strcspn(item, "@#"), item);
                why = pic__addr_parse(text, &a) == 0 ? nowhere(&a) : NULL;
                if (why != NULL)
                        found(o, field, item, why, NULL, list);
        }
}

static int is_word(const char *text, size_t len, const char *more)
{
        size_t i;

        for (i = 0; i < len; i++)
                if (!pic__is_alnum(text[i]) && strchr(more, text[i]) == NULL)
                        return 0;
        return len > 0;
}

/* "ssh-ed25519 AAAA…", with nothing before it. */
static void check_host_key(const pic_obj *o, pic_error **list)
{
        static const char *const known[] = { "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                             "ecdsa-sha2-nistp521", "ssh-rsa" };
        const char *text = pic__obj_text(o, "host_key"), *key;
        size_t type = strcspn(text, " "), i;

        if (text[0] == '\0')
                return;
        key = text + type + (text[type] == ' ');
        for (i = 0; i < PIC__COUNT(known); i++)
                if (strlen(known[i]) == type && strncmp(known[i], text, type) == 0 && strncmp(key, "AAAA", 4) == 0 &&
                    is_word(key, strlen(key), "+/="))
                        return;
        found(o, "host_key", text, "must be TYPE BASE64, such as: ssh-ed25519 AAAAC3Nza…", hint_for("ssh", "host_key"),
              list);
}

/* It stands in a command line, and in front of a colon. */
static void check_user(const pic_obj *o, pic_error **list)
{
        const char *user = pic__obj_text(o, "user");

        if (user[0] == '\0')
                return;
        if (pic__exit_is(o, "ssh") &&
            (user[0] == '-' || user[strlen(user) - 1] == '\\' || !is_word(user, strlen(user), "_.-@\\+")))
                found(o, "user", user, "must be a user's name: letters, digits, '_', '-', '.', '@'", NULL, list);
        if (pic__exit_is(o, "proxy") && strchr(user, ':') != NULL)
                found(o, "user", user, "must have no colon: a proxy takes what follows for the password", NULL, list);
}

/* ADDRESS:PORT, or a name of what obfuscates and then that: what backend/exit/tor.c can carry. */
static int is_bridge(const char *text)
{
        static const char *const carried[] = { "obfs4", "obfs3", "scramblesuit", "meek_lite" };
        char word[128], host[256];
        uint16_t port;
        pic__addr a;
        size_t i, len = strcspn(text, " ");

        for (i = 0; i < PIC__COUNT(carried); i++)
                if (strlen(carried[i]) == len && strncmp(carried[i], text, len) == 0) {
                        text += len + strspn(text + len, " ");
                        break;
                }
        snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, " "), text);
        return pic__endpoint_parse(word, host, &port) == 0 && pic__addr_parse(host, &a) == 0;
}

static void check_bridges(const pic_obj *o, const char *at, pic_error **list)
{
        char one[1024];
        size_t count = 0;

        for (; *at != '\0'; at += *at == ';') {
                size_t len;

                at += strspn(at, " ");
                at += strncmp(at, "Bridge ", 7) == 0 ? 7 : 0;
                len = strcspn(at, ";");
                snprintf(one, sizeof(one), "%.*s", (int)len, at);
                at += len;
                if (one[strspn(one, " ")] == '\0')
                        continue;
                count++;
                if (!is_bridge(one))
                        found(o, "bridges", one, "must be ADDRESS:PORT, or obfs4 ADDRESS:PORT …",
                              "Ask for bridges of obfs4: snowflake and webtunnel cannot be carried.", list);
        }
        snprintf(one, sizeof(one), "are more than %d bridges", PIC__BRIDGES_MAX);
        if (count > PIC__BRIDGES_MAX)
                found(o, "bridges", NULL, one, "Tor uses a few of them at a time: name some that work.", list);
}

static void check_tor(const pic_obj *o, pic_error **list)
{
        const char *country = pic__obj_text(o, "country"), *bridges = pic__obj_text(o, "bridges");

        if (country[0] != '\0' &&
            (strlen(country) != 2 || pic__lower(country[0]) < 'a' || pic__lower(country[0]) > 'z' ||
             pic__lower(country[1]) < 'a' || pic__lower(country[1]) > 'z'))
                found(o, "country", country, "must be the two letters of a country, such as ch", NULL, list);
        if (bridges[0] != '\0' && !is_word(bridges, strlen(bridges), " .:;[]=+/,_-~&?!%@"))
                found(o, "bridges", bridges, "has a character that no bridge line has", NULL, list);
        else
                check_bridges(o, bridges, list);
}

static void check_members(const pic_obj *o, pic_error **list)
{
        if (pic__list_has(pic__obj_text(o, "members"), pic__obj_name(o)))
                found(o, "members", pic__obj_name(o), "is the group itself", NULL, list);
}

/* The profile itself is sealed: what it wants was said beside it when it was read. */
static void check_login(const pic_obj *o, pic_error **list)
{
        const char *type = pic__obj_text(o, "type");

        if (is_there(o, "user") || (strcmp(type, "proxy") != 0 && strcmp(type, "openvpn") != 0))
                return;
        if (is_there(o, "password"))
                found(o, "user", NULL, "is required with a password", NULL, list);
        else if (strcmp(type, "openvpn") == 0 && pic__obj_int(o, "login") != 0)
                found(o, "user", NULL, "is required: the far end wants a user and a password", hint_for(type, "user"),
                      list);
}

void pic__connection_check(const pic_obj *o, pic_error **list)
{
        const struct type_rule *t = rule_of(pic__obj_text(o, "type"));

        if (t == NULL) /* that it is required is told already */
                return;
        check_needs(o, t, list);
        check_fields(o, t, list);
        check_members(o, list);
        check_far(o, "endpoint", pic__obj_text(o, "endpoint"), list);
        check_remotes(o, list);
        check_addresses(o, list);
        check_dns(o, "dns", list);
        check_dns(o, "probe", list);
        check_user(o, list);
        check_tor(o, list);
        if (pic__exit_is(o, "ssh"))
                check_host_key(o, list);
        check_login(o, list);
        if (pic__obj_has(o, "peer_key") && strcmp(pic__obj_text(o, "peer_key"), pic__obj_text(o, "public_key")) == 0)
                found(o, "peer_key", pic__obj_text(o, "peer_key"), "is our own key: it must be that of the far end",
                      NULL, list);
}
