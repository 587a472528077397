/* Owns: that a server without upstreams does not leave questions unanswered while the root is silent.
 *
 * unbound tries the root's servers one after the other, over and over: with a link that is up and carries nothing a
 * question is never answered. So when questions wait and none is answered, we ask some of these servers ourselves, all
 * at once. While none of them answers, whatever would be asked of the internet is forwarded to nobody, and fails at
 * once; what is held here, and zones of others, have nothing to do with that. */
#include <stdio.h>
#include <string.h>

#include "backend/dns/inside.h"
#include "backend/dns/stats.h"
#include "sys/file.h"

#define LONG 1200 /* ms; a silent server of a zone of others is given up sooner */
#define WAIT 1500 /* ms: a way by satellite is no silent root */
#define TRUST 5   /* ticks for which one that answered is not doubted */
#define PAUSE 15  /* ticks at most between two questions to one that is silent, when nobody asks us */
#define ASKED_MAX 65536
#define DEAD_END "forward-zone:\n        name: \".\"\n        forward-addr: " PIC__DNS_NOBODY "\n"

/* Five of the thirteen, of five owners, by both families: A, F, J, K, L. Their addresses hold for decades. */
static const char *const servers[] = { "198.41.0.4",  "192.5.5.241",        "192.58.128.30",       "193.0.14.129",
                                       "199.7.83.42", "2001:503:c27::2:30", "2001:503:ba3e::2:30", "2001:500:2f::f",
                                       "2001:7fd::1", "2001:500:9f::42" };

static void forget(pic__dns_root *r)
{
        pic__chooser_close(&r->chooser);
        memset(r, 0, sizeof(*r));
}

void pic__dns_root_set(pic__dns *b, const pic__dns_server *server)
{
        if (server == NULL || server->upstream.count > 0)
                forget(&b->root);
}

void pic__dns_root_take_up(pic__dns *b)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (b->server.upstream.count == 0 && pic__file_read(b->asked, ASKED_MAX, &text, NULL) == 0)
                b->root.dead = strstr(pic__buf_str(&text), DEAD_END) != NULL;
}

void pic__dns_root_put(const pic__dns *b, pic__buf *out)
{
        if (b->root.dead)
                pic__buf_puts(out, DEAD_END);
}

/* What waits for it is dropped: whoever asks again would wait with it. Not what may be a question to a zone of others,
 * which is answered, or told as failed, sooner. */
static void drop_waiting(pic__dns *b)
{
        pic__auto_buf pic__buf list = PIC__BUF_INIT;

        if (pic__dns_ask(b, "dump_requestlist", NULL, &list, NULL) == 0 &&
            pic__dns_stats_waited(pic__buf_str(&list)) >= LONG)
                (void)pic__dns_ask(b, "flush_requestlist", NULL, NULL, NULL);
}

/* When it is back, answers that there were none go. */
static void follow(pic__dns *b, int dead)
{
        static const char *const died[] = { "forward_add . " PIC__DNS_NOBODY };
        static const char *const revived[] = { "forward_remove .", "flush_negative", "flush_bogus" };
        size_t i, count = dead ? PIC__COUNT(died) : PIC__COUNT(revived);

        b->root.dead = dead;
        b->root.pause = 1;
        pic__log_put(b->base.log, dead ? PIC_LOG_WARNING : PIC_LOG_INFO, "dns", "%s",
                     dead ? "none of the internet's root servers answers: names of the internet fail until one does"
                          : "the internet's root servers answer again");
        for (i = 0; i < count; i++) {
                pic__auto_err pic_error *err = NULL;

                if (pic__dns_ask(b, dead ? died[i] : revived[i], NULL, NULL, &err) < 0)
                        pic__log_put(b->base.log, PIC_LOG_WARNING, "dns", "root: %s", pic_error_message(err));
        }
        (void)pic__dns_write_asked(b, &b->server, NULL); /* for the next reload, or who comes after us */
        if (dead)
                drop_waiting(b);
}

static int answers(const pic__chooser *c)
{
        size_t i;

        for (i = 0; i < c->count; i++)
                if (c->at[i].state == PIC__FAR_LIVE)
                        return 1;
        return 0;
}

void pic__dns_root_heed(pic__dns *b)
{
        pic__dns_root *r = &b->root;
        int live;

        if (r->chooser.timer <= 0 || !pic__chooser_turn(&r->chooser) || b->value == NULL || b->begun)
                return;
        live = answers(&r->chooser);
        if (live)
                r->quiet = TRUST;
        if (live == r->dead && (live || r->chooser.begun == 0))
                follow(b, !live);
}

static void ask(pic__dns *b)
{
        pic__dns_root *r = &b->root;
        pic__dns_group g = { .zone = "" };

        if (r->chooser.timer > 0) {
                pic__chooser_ask(&r->chooser);
                return;
        }
        if (pic__chooser_open(&r->chooser, b->bell.epoll) < 0) {
                pic__chooser_close(&r->chooser);
                return;
        }
        r->chooser.wait = WAIT;
        for (; g.count < PIC__COUNT(servers); g.count++)
                snprintf(g.server[g.count], sizeof(g.server[0]), "%s", servers[g.count]);
        pic__chooser_set(&r->chooser, &g);
}

/* While it is dead: at each tick that somebody asked us for something, else less and less often. While it is not: when
 * questions wait, and nothing was answered but that there is no answer. */
void pic__dns_root_doubt(pic__dns *b, const char *stats)
{
        uint64_t answered = pic__dns_stat(stats, "total.num.recursivereplies");
        uint64_t failed = pic__dns_stat(stats, "num.answer.rcode.SERVFAIL");
        pic__dns_root *r = &b->root;
        int waits = pic__dns_stat(stats, "total.requestlist.current.user") > 0;
        int good = answered - r->answered > failed - r->failed, some = failed != r->failed, doubt;

        r->answered = answered;
        r->failed = failed;
        if (r->quiet > 0)
                r->quiet--;
        if (r->dead && waits)
                drop_waiting(b);
        doubt = r->dead ? some || r->quiet == 0 : waits && !good && r->quiet == 0;
        if (doubt && r->dead) {
                r->pause = some || r->pause == 0 ? 1 : r->pause * 2 < PAUSE ? r->pause * 2 : PAUSE;
                r->quiet = r->pause;
        }
        if (doubt)
                ask(b);
}
