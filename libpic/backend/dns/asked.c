/* Owns: telling unbound whom of several servers of a zone to ask, and noticing that it should be told anew. */
#include <errno.h>
#include <string.h>

#include "backend/dns/inside.h"
#include "backend/dns/stats.h"
#include "sys/file.h"

#define ASKED_MAX 65536

/* A chooser for each zone that has several servers, none for the others. */
static int set_choosers(pic__dns *b, const pic__dns_server *server, pic_error **err)
{
        pic__dns_group g;
        size_t i;

        pic__dns_root_set(b, server);
        for (i = 0; i < PIC__CHOOSER_GROUPS; i++) {
                pic__chooser *c = &b->choosers[i];
                int some = server != NULL && pic__dns_group_of(server, i, &g) && g.count > 1;

                if (!some)
                        pic__chooser_close(c);
                else if (c->timer <= 0 && pic__chooser_open(c, b->bell.epoll) < 0)
                        return pic__fail_errno(err, errno, "dns: cannot make descriptors");
                else
                        pic__chooser_set(c, &g);
        }
        return 0;
}

void pic__dns_ask_nobody(pic__dns *b)
{
        (void)set_choosers(b, NULL, NULL);
}

int pic__dns_choose_among(pic__dns *b, const pic__dns_server *server, pic_error **err)
{
        return set_choosers(b, server, err);
}

static int put(const pic__dns *b, const pic__dns_server *server, pic__buf *out)
{
        unsigned patience = 0;
        pic__dns_group g;
        size_t i;

        for (i = 0; i < PIC__CHOOSER_GROUPS; i++)
                if (b->choosers[i].tls && pic__chooser_patience(&b->choosers[i]) > patience)
                        patience = pic__chooser_patience(&b->choosers[i]);
        pic__dns_conf_put_patience(out, patience);
        for (i = 0; pic__dns_group_of(server, i, &g); i++)
                if (g.count > 1)
                        pic__dns_conf_put_asked(out, &g, b->choosers[i].chosen, b->choosers[i].chosen_count);
        if (server->upstream.count == 0)
                pic__dns_root_put(b, out);
        return out->failed ? -1 : 0;
}

int pic__dns_write_asked(pic__dns *b, const pic__dns_server *server, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = set_choosers(b, server, err);

        if (r < 0)
                return r;
        if (put(b, server, &text) < 0)
                return pic__nomem(err);
        return pic__file_write(b->asked, text.data, text.len, 0600, err);
}

/* A server by TLS cannot be said over the socket: unbound 1.17 would ask it without. */
static int tell(pic__dns *b, size_t n, pic_error **err)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT;
        const pic__chooser *c = &b->choosers[n];
        pic__dns_group g;
        size_t i;

        if (!pic__dns_group_of(&b->server, n, &g))
                return 0;
        if (g.tls)
                return pic__dns_ask(b, "reload_keep_cache", NULL, NULL, err);
        pic__buf_putf(&command, "forward_add %s.", g.zone);
        for (i = 0; i < c->chosen_count; i++)
                pic__dns_conf_put_place(&command, g.server[c->chosen[i]], 0);
        return command.failed ? pic__nomem(err) : pic__dns_ask(b, pic__buf_str(&command), NULL, NULL, err);
}

/* What the file says is what unbound was told last, by whichever of us. */
static int follow(pic__dns *b, size_t n, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, now = PIC__BUF_INIT;
        int r;

        if (put(b, &b->server, &text) < 0)
                return pic__nomem(err);
        if (pic__file_read(b->asked, ASKED_MAX, &now, NULL) == 0 &&
            strcmp(pic__buf_str(&now), pic__buf_str(&text)) == 0)
                return 0;
        r = pic__file_write(b->asked, text.data, text.len, 0600, err);
        if (r == 0)
                r = tell(b, n, err);
        if (r == 0) /* that nobody said anything is no answer */
                (void)pic__dns_ask(b, "flush_negative", NULL, NULL, NULL);
        return r;
}

void pic__dns_heed_upstreams(pic__dns *b)
{
        size_t i;

        pic__dns_root_heed(b);
        for (i = 0; i < PIC__CHOOSER_GROUPS; i++) {
                pic__auto_err pic_error *err = NULL;

                if (b->choosers[i].count < 2 || !pic__chooser_turn(&b->choosers[i]) || b->value == NULL || b->begun)
                        continue;
                if (follow(b, i, &err) < 0)
                        pic__log_put(b->base.log, PIC_LOG_WARNING, "dns", "whom to ask: %s", pic_error_message(err));
        }
}

/* 1: questions failed since the last tick, or (now and then) were asked at all and there could be more to ask. */
static int doubtful(pic__dns *b, const char *stats, int some)
{
        uint64_t failed = pic__dns_stat(stats, "num.answer.rcode.SERVFAIL");
        uint64_t asked = pic__dns_stat(stats, "total.num.cachemiss");
        int doubt;

        doubt = failed != b->failed || (some && asked != b->asked_before);
        b->failed = failed;
        if (some)
                b->asked_before = asked;
        return doubt;
}

/* One of them may have fallen silent. Nobody is asked while nobody asks us, but for who is known to be silent and is
 * all there is. */
void pic__dns_doubt_upstreams(pic__dns *b)
{
        int some = b->ticks % PIC__DNS_ASK_EVERY == 0, choice = 0, doubt = 0;
        pic__auto_buf pic__buf stats = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < PIC__CHOOSER_GROUPS; i++)
                choice |= b->choosers[i].count > 1;
        if ((!choice && b->server.upstream.count > 0) || pic__dns_ask(b, "stats_noreset", NULL, &stats, NULL) < 0)
                return;
        if (b->server.upstream.count == 0)
                pic__dns_root_doubt(b, pic__buf_str(&stats));
        if (choice)
                doubt = doubtful(b, pic__buf_str(&stats), some);
        for (i = 0; choice && i < PIC__CHOOSER_GROUPS; i++) {
                int wants = pic__chooser_wants(&b->choosers[i]);

                if (doubt || wants == 2 || (wants == 1 && some))
                        pic__chooser_ask(&b->choosers[i]);
        }
}
