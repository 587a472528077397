/* Owns: the far ends of a profile. A <connection> has its own `port` and `proto`; outside, the last ones count for all,
 * as openvpn has it. */
#include <stdio.h>
#include <string.h>

#include "codec/ovpn_parts.h"
#include "model/net.h"
#include "model/text.h"

#define PORT 1194 /* when nothing is said */

static const struct {
        const char *word;
        enum pic__ovpn_proto proto;
} protos[] = {
        { "udp", PIC__OVPN_UDP },        { "udp4", PIC__OVPN_UDP4 },        { "udp6", PIC__OVPN_UDP6 },
        { "tcp", PIC__OVPN_TCP },        { "tcp4", PIC__OVPN_TCP4 },        { "tcp6", PIC__OVPN_TCP6 },
        { "tcp-client", PIC__OVPN_TCP }, { "tcp4-client", PIC__OVPN_TCP4 }, { "tcp6-client", PIC__OVPN_TCP6 },
};

static void bad(pic__ovpn_reader *r, pic__place at, const char *value, const char *rule)
{
        pic_error *err = NULL;

        (void)pic__fail_value(&err, NULL, r->imp.key, value, rule);
        pic__import_take(&r->imp, at, err);
}

static int read_proto(pic__ovpn_reader *r, pic__place at, const char *word, enum pic__ovpn_proto *ret)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(protos); i++)
                if (strcmp(protos[i].word, word) == 0) {
                        *ret = protos[i].proto;
                        return 0;
                }
        bad(r, at, word, "must be udp or tcp, with 4 or 6 behind it for one family alone");
        return -1;
}

static int read_port(pic__ovpn_reader *r, pic__place at, const char *word, uint16_t *ret)
{
        long n;

        if (pic__decimal(word, 1, 65535, &n) < 0) {
                bad(r, at, word, "must be a port: a number from 1 to 65535");
                return -1;
        }
        *ret = (uint16_t)n;
        return 0;
}

static struct pic__ovpn_where *where(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        return item->connection ? &r->block : &r->where;
}

static int has_words(pic__ovpn_reader *r, const pic__ovpn_item *item, size_t min, size_t max)
{
        if (item->argc >= min && item->argc <= max)
                return 1;
        pic__import_wrong(&r->imp, item->at, PIC_VALUE, NULL, "%s: it takes %zu to %zu words", item->name, min, max);
        return 0;
}

void pic__ovpn_proto(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        if (has_words(r, item, 1, 1))
                (void)read_proto(r, item->arg_at[0], item->argv[0], &where(r, item)->proto);
}

void pic__ovpn_port(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        if (has_words(r, item, 1, 1))
                (void)read_port(r, item->arg_at[0], item->argv[0], &where(r, item)->port);
}

void pic__ovpn_remote(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        struct pic__ovpn_remote to = { .in_block = item->connection, .at = item->at };
        const char *host = item->argv[0];
        pic__addr a;

        if (item->connection && r->block_remotes++ > 0)
                pic__import_wrong(&r->imp, item->at, PIC_SYNTAX, NULL, "remote: a second one in one <connection>");
        if (!has_words(r, item, 1, 3))
                return;
        if (strlen(host) >= sizeof(to.host) || (pic__addr_parse(host, &a) < 0 && !pic__hostname_ok(host))) {
                bad(r, item->arg_at[0], host, "must be a name or an address");
                return;
        }
        if (pic__addr_parse(host, &a) == 0)
                (void)pic__addr_print(&a, to.host);
        else
                memcpy(to.host, host, strlen(host) + 1);
        if ((item->argc > 1 && read_port(r, item->arg_at[1], item->argv[1], &to.where.port) < 0) ||
            (item->argc > 2 && read_proto(r, item->arg_at[2], item->argv[2], &to.where.proto) < 0))
                return;
        if (r->remote_count == PIC__OVPN_REMOTES) {
                pic__import_wrong(&r->imp, item->at, PIC_UNSUPPORTED, "make a profile for each place",
                                  "remote: more than %d of them", PIC__OVPN_REMOTES);
                return;
        }
        r->remotes[r->remote_count++] = to;
}

static void fill(struct pic__ovpn_where *what, const struct pic__ovpn_where *from)
{
        if (what->port == 0)
                what->port = from->port;
        if (what->proto == PIC__OVPN_ANY)
                what->proto = from->proto;
}

void pic__ovpn_end_block(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        if (r->block_remotes == 0)
                pic__import_wrong(&r->imp, item->at, PIC_SYNTAX, NULL, "a <connection> without a remote");
        else if (r->remote_count > 0) {
                fill(&r->remotes[r->remote_count - 1].where, &r->block);
                fill(&r->remotes[r->remote_count - 1].where, &r->where);
        }
        r->block = (struct pic__ovpn_where){ 0, PIC__OVPN_ANY };
        r->block_remotes = 0;
}

void pic__ovpn_give_remotes(pic__ovpn_reader *r)
{
        static const struct pic__ovpn_where otherwise = { PORT, PIC__OVPN_UDP };
        pic__auto_buf pic__buf list = PIC__BUF_INIT;
        pic_error *err = NULL;
        char one[256 + 24];
        size_t i;

        for (i = 0; i < r->remote_count; i++) {
                struct pic__ovpn_remote *to = &r->remotes[i];
                int v6 = strchr(to->host, ':') != NULL;

                if (!to->in_block)
                        fill(&to->where, &r->where);
                fill(&to->where, &otherwise);
                snprintf(one, sizeof(one), "%s%s%s:%u/%s", v6 ? "[" : "", to->host, v6 ? "]" : "", to->where.port,
                         protos[to->where.proto - 1].word);
                pic__import_list(&list, one);
        }
        if (list.failed) {
                pic__nomem_set(&err);
                pic__import_take(&r->imp, (pic__place){ 0, 0 }, err);
        } else if (list.len > 0) {
                pic__import_give(&r->imp, r->remotes[0].at, "remotes", pic__buf_str(&list), 0);
        } else {
                pic__import_wrong(&r->imp, (pic__place){ 0, 0 }, PIC_SYNTAX, "ask the provider where the server is",
                                  "the profile has no remote");
        }
}
