/* Owns: what the running server has counted, of whom it asks, and making it forget. */
#include <stdio.h>
#include <string.h>

#include "backend/dns/inside.h"
#include "backend/dns/stats.h"

static void put_ping(pic__json *out, int ping)
{
        pic__json_key(out, "ping_ms");
        if (ping >= 0)
                pic__json_int(out, ping);
        else
                pic__json_null(out);
}

/* Whether it is asked, and why not; one that is alone is asked anyhow. */
static const char *state_of(const pic__chooser *c, size_t at)
{
        static const char *const states[] = { "unknown", "spare", "silent" };
        size_t i;

        for (i = 0; i < c->chosen_count; i++)
                if (c->chosen[i] == at && c->at[at].state != PIC__FAR_SILENT)
                        return "asked";
        return at < c->count ? states[c->at[at].state] : "unknown";
}

/* unbound forgets how quick a server was within a second; what we measured ourselves is older, and better than
 * nothing. */
static void put_server(const pic__chooser *c, size_t at, const char *infra, const pic__dns_group *g, pic__json *out)
{
        pic__dns_upstream u = { .tls = "" };
        char text[PIC__ADDR_TEXT], key[PIC__ADDR_TEXT + 8];
        int ping;

        (void)pic__dns_upstream_parse(g->server[at], &u); /* was read before */
        if (u.port == 0)
                u.port = g->tls ? 853 : 53;
        snprintf(key, sizeof(key), u.port != 53 ? "%s@%u" : "%s", pic__addr_print(&u.addr, text), u.port);
        ping = pic__dns_stats_ping(infra, key);
        if (ping < 0 && at < c->count && c->at[at].state == PIC__FAR_LIVE)
                ping = (int)c->at[at].rtt;
        pic__json_open(out, '{');
        pic__json_kstr(out, "zone", g->zone[0] != '\0' ? g->zone : ".");
        pic__json_kstr(out, "server", g->server[at]);
        pic__json_kstr(out, "state", g->count > 1 ? state_of(c, at) : "asked");
        put_ping(out, ping);
        pic__json_close(out, '}');
}

static void put_servers(pic__dns *b, pic__json *out)
{
        pic__auto_buf pic__buf infra = PIC__BUF_INIT;
        pic__dns_group g;
        size_t i, k;

        (void)pic__dns_ask(b, "dump_infra", NULL, &infra, NULL);
        pic__json_key(out, "servers");
        pic__json_open(out, '[');
        for (i = 0; b->value != NULL && pic__dns_group_of(&b->server, i, &g); i++)
                for (k = 0; k < g.count; k++)
                        put_server(&b->choosers[i], k, pic__buf_str(&infra), &g, out);
        pic__json_close(out, ']');
}

int pic__dns_counts(pic__backend *backend, pic__json *out)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__dns *b = (pic__dns *)backend;

        if (pic__dns_find(b, NULL) <= 0 || pic__dns_ask(b, "stats_noreset", NULL, &text, NULL) < 0)
                return 0;
        pic__dns_stats_put(pic__buf_str(&text), out);
        pic__json_kint(out, "names", (int64_t)b->names.records);
        put_servers(b, out);
        return 1;
}

/* The name goes into a command: nothing in it may end that. */
int pic__dns_flush(pic__backend *backend, const char *name, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__dns *b = (pic__dns *)backend;
        char command[300];
        int r;

        if (strcmp(name, ".") != 0 && !pic__dns_name_plain(name, strlen(name)))
                return pic__fail(err, PIC_VALUE, "'%.64s' is no name", name);
        r = pic__dns_find(b, err);
        if (r == 0)
                r = pic__fail(err, PIC_NOTFOUND, "no name server runs: there is nothing to forget");
        if (r < 0)
                return r;
        snprintf(command, sizeof(command), "flush_zone %s", name);
        r = pic__dns_ask(b, command, NULL, &text, err);
        if (r == 0 && strcmp(name, ".") == 0)
                r = pic__dns_ask(b, "flush_infra all", NULL, NULL, err);
        return r < 0 ? r : pic__dns_stats_removed(pic__buf_str(&text));
}
