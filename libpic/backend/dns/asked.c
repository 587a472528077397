/* Owns: telling unbound whom of several upstreams to ask, and noticing that it should be told anew. */
#include <string.h>

#include "backend/dns/inside.h"
#include "backend/dns/stats.h"
#include "sys/file.h"

#define ASKED_MAX 65536

static int put(const pic__dns *b, const pic__dns_server *server, pic__buf *out)
{
        pic__dns_conf_put_asked(out, server, b->chooser.chosen, b->chooser.chosen_count,
                                pic__chooser_patience(&b->chooser));
        return out->failed ? -1 : 0;
}

int pic__dns_write_asked(pic__dns *b, const pic__dns_server *server, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__chooser_set(&b->chooser, server);
        if (server->upstream.count < 2)
                return 0; /* it stands in the configuration */
        if (put(b, server, &text) < 0)
                return pic__nomem(err);
        return pic__file_write(b->asked, text.data, text.len, 0600, err);
}

/* A server by TLS cannot be said over the socket: unbound 1.17 would ask it without. */
static int tell(pic__dns *b, pic_error **err)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT;
        size_t i;

        if (b->chooser.tls)
                return pic__dns_ask(b, "reload_keep_cache", NULL, NULL, err);
        pic__buf_puts(&command, "forward_add .");
        for (i = 0; i < b->chooser.chosen_count; i++)
                pic__dns_conf_put_place(&command, b->server.upstream.at[b->chooser.chosen[i]], 0);
        return command.failed ? pic__nomem(err) : pic__dns_ask(b, pic__buf_str(&command), NULL, NULL, err);
}

/* What the file says is what unbound was told last, by whichever of us. */
void pic__dns_heed_upstreams(pic__dns *b)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, now = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        int r;

        if (!pic__chooser_turn(&b->chooser) || b->value == NULL || b->server.upstream.count < 2 || b->begun)
                return;
        if (put(b, &b->server, &text) < 0)
                return;
        if (pic__file_read(b->asked, ASKED_MAX, &now, NULL) == 0 &&
            strcmp(pic__buf_str(&now), pic__buf_str(&text)) == 0)
                return;
        r = pic__file_write(b->asked, text.data, text.len, 0600, &err);
        if (r == 0)
                r = tell(b, &err);
        if (r == 0) /* that nobody said anything is no answer */
                (void)pic__dns_ask(b, "flush_negative", NULL, NULL, NULL);
        else
                pic__log_put(b->base.log, PIC_LOG_WARNING, "dns", "upstreams: %s", pic_error_message(err));
}

/* One of them may have fallen silent: questions failed, or (now and then) were asked at all. Nobody is asked while
 * nobody asks us. */
void pic__dns_doubt_upstreams(pic__dns *b)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int wants = pic__chooser_wants(&b->chooser), some = b->ticks % PIC__DNS_ASK_EVERY == 0;
        uint64_t failed, asked;

        if (b->chooser.count < 2 || b->chooser.begun != 0)
                return;
        if (wants < 2 && pic__dns_ask(b, "stats_noreset", NULL, &text, NULL) == 0) {
                failed = pic__dns_stat(pic__buf_str(&text), "num.answer.rcode.SERVFAIL");
                asked = pic__dns_stat(pic__buf_str(&text), "total.num.cachemiss");
                wants = failed != b->failed || (some && (wants == 1 || asked != b->asked_before)) ? 2 : 0;
                b->failed = failed;
                if (some)
                        b->asked_before = asked;
        }
        if (wants == 2)
                pic__chooser_ask(&b->chooser);
}
