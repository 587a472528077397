/* Owns: the closed list of verbs. A request is read, one function does it, its result or its error is the answer.
 * Nothing of the caller's is trusted: sizes, types, unknown names. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec/doc.h"
#include "engine/acme.h"
#include "engine/alerts.h"
#include "engine/blocks.h"
#include "engine/certs.h"
#include "engine/dnsverbs.h"
#include "engine/domains.h"
#include "engine/engine_i.h"
#include "engine/favour.h"
#include "engine/fixes.h"
#include "engine/frontstate.h"
#include "engine/heads.h"
#include "engine/health.h"
#include "engine/keep.h"
#include "engine/link.h"
#include "engine/logfile.h"
#include "engine/login.h"
#include "engine/logs.h"
#include "engine/notes.h"
#include "engine/passkey_verb.h"
#include "engine/pastverbs.h"
#include "engine/paths.h"
#include "engine/timecheck.h"
#include "engine/verbs_args.h"
#include "engine/wire.h"
#include "sys/crypto.h"
#include "sys/hash.h"

#include <pic/version.h>

#define NOT_YET PIC__NOT_YET
#define ANSWER_ROOM ((size_t)32 << 10)

static int put_done(struct pic__verb_call *c, const char *key)
{
        pic__json_open(c->out, '{');
        pic__json_kbool(c->out, key, 1);
        pic__json_close(c->out, '}');
        return 0;
}

static int put_text(struct pic__verb_call *c, const pic__buf *text)
{
        pic__json_open(c->out, '{');
        pic__json_kstr(c->out, "text", pic__buf_str(text));
        pic__json_close(c->out, '}');
        return 0;
}

static int do_ping(struct pic__verb_call *c, pic_error **err)
{
        pic_revision revision;
        int r = pic__store_revision(c->e->store, &revision, err);

        if (r < 0)
                return r;
        pic__json_open(c->out, '{');
        pic__json_kint(c->out, "pid", getpid());
        pic__json_kstr(c->out, "version", PIC_VERSION);
        pic__json_kint(c->out, "revision", revision);
        pic__json_kint(c->out, "applied", c->e->applied);
        pic__json_close(c->out, '}');
        return 0;
}

static void put_applied(struct pic__verb_call *c, size_t steps)
{
        pic__json_open(c->out, '{');
        pic__json_kint(c->out, "applied", c->e->applied);
        pic__json_kint(c->out, "steps", (int64_t)steps);
        pic__json_close(c->out, '}');
}

static int do_apply(struct pic__verb_call *c, pic_error **err)
{
        int64_t least;
        size_t steps = 0;
        int r;

        r = pic__arg_int(c, "revision", 0, INT64_MAX, &least, err);
        if (r == 0)
                r = pic__engine_apply(c->e, &steps, err);
        if (r < 0)
                return r;
        (void)pic__engine_certs(c->e, NULL); /* who wished one finds it */
        if (c->e->applied < least) {
                (void)pic__fail(err, PIC_STALE, "revision %" PRId64 " is asked for, but this store ends at %" PRId64,
                                least, (int64_t)c->e->applied);
                pic__hint(err, "The agent and this program look at different directories.");
                return PIC_STALE;
        }
        put_applied(c, steps);
        return 0;
}

static int do_plan(struct pic__verb_call *c, pic_error **err)
{
        int spare;
        int r = pic__arg_bool(c, "spare", 0, &spare, err);

        if (r < 0)
                return r;
        if (!spare)
                return pic__engine_plan(c->e, c->out, NULL, err);
        pic__json_open(c->out, '{');
        r = pic__engine_compare(c->e, 1, c->out, NULL, err);
        pic__json_close(c->out, '}');
        return r;
}

static int do_drift(struct pic__verb_call *c, pic_error **err)
{
        int repair;
        int r = pic__arg_bool(c, "repair", 0, &repair, err);

        return r < 0 ? r : pic__engine_drift(c->e, repair, c->actor, c->out, err);
}

static int do_repair(struct pic__verb_call *c, pic_error **err)
{
        size_t steps = 0;
        int r = pic__engine_repair(c->e, &steps, err);

        pic__engine_tell_drift(c->e, c->actor);
        if (r == 0)
                put_applied(c, steps);
        return r;
}

static int do_status(struct pic__verb_call *c, pic_error **err)
{
        int peers;
        int r = pic__arg_bool(c, "peers", 1, &peers, err);

        if (r < 0)
                return r;
        pic__verb_settle(c->e);
        return pic__engine_status(c->e, peers, c->out, err);
}

/* The journal shows it to people: a word of ours, not of the caller's. */
static int check_way(const char *way, pic_error **err)
{
        static const char *const ways[] = { "cli", "http", "tui", "api" };
        size_t i;

        for (i = 0; i < PIC__COUNT(ways); i++)
                if (strcmp(ways[i], way) == 0)
                        return 0;
        return pic__fail(err, PIC_INVALID, "way: one of cli, http, tui, api is wanted");
}

static int do_reveal(struct pic__verb_call *c, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        pic__auto_buf pic__buf actor = PIC__BUF_INIT;
        const char *peer, *form, *way, *claimed;
        int r;

        r = pic__arg_text(c, "peer", NULL, &peer, err);
        if (r == 0)
                r = pic__arg_text(c, "form", "config", &form, err);
        if (r == 0)
                r = pic__arg_text(c, "way", "api", &way, err);
        if (r == 0)
                r = pic__arg_text(c, "actor", NULL, &claimed, err);
        if (r == 0 && (peer == NULL || (strcmp(form, "config") != 0 && strcmp(form, "qr") != 0)))
                r = pic__fail(err, PIC_INVALID, "reveal: peer and form (config or qr) are wanted");
        if (r == 0)
                r = check_way(way, err);
        if (r == 0)
                r = pic__name_actor(c, claimed, &actor, err);
        if (r < 0)
                return r;
        /* A key that is shown once must not be lost to a full heap after it is gone from the store: take the room
         * before. */
        if (pic__buf_room(c->out->out, ANSWER_ROOM) == NULL || pic__buf_room(&text, ANSWER_ROOM) == NULL)
                return pic__nomem(err);
        r = pic__engine_reveal(c->e, peer, form, pic__buf_str(&actor), way, &text, err);
        return r < 0 ? r : put_text(c, &text);
}

/* The proof of a password: 32 bytes in base64. */
static int arg_proof(const struct pic__verb_call *c, uint8_t proof[32], pic_error **err)
{
        const char *text;
        size_t len = 0;
        int r = pic__arg_text(c, "proof", "", &text, err);

        if (r == 0 && (pic__unbase64(text, strlen(text), proof, 32, &len) < 0 || len != 32))
                r = pic__fail(err, PIC_INVALID, "proof: 32 bytes in base64 are wanted");
        return r;
}

static int do_login(struct pic__verb_call *c, pic_error **err)
{
        pic__auto_buf pic__buf actor = PIC__BUF_INIT;
        pic__login q = { .user = NULL };
        const char *claimed;
        int r = pic__arg_text(c, "user", NULL, &q.user, err);

        if (r == 0)
                r = pic__arg_text(c, "code", NULL, &q.code, err);
        if (r == 0)
                r = pic__arg_bool(c, "check", 0, &q.check, err);
        if (r == 0)
                r = pic__arg_text(c, "way", "api", &q.way, err);
        if (r == 0)
                r = pic__arg_text(c, "actor", NULL, &claimed, err);
        if (r == 0)
                r = arg_proof(c, q.proof, err);
        if (r == 0 && q.user == NULL)
                r = pic__fail(err, PIC_INVALID, "login: a user is wanted");
        if (r == 0)
                r = check_way(q.way, err);
        if (r == 0)
                r = pic__name_actor(c, claimed, &actor, err);
        q.actor = pic__buf_str(&actor);
        if (r == 0)
                r = pic__engine_login(c->e, &q, err);
        pic__wipe(q.proof, sizeof(q.proof));
        return r < 0 ? r : put_done(c, "right");
}

static int do_passkey(struct pic__verb_call *c, pic_error **err)
{
        pic__auto_buf pic__buf actor = PIC__BUF_INIT;
        const char *way, *claimed;
        int r = pic__arg_text(c, "way", "api", &way, err);

        if (r == 0)
                r = pic__arg_text(c, "actor", NULL, &claimed, err);
        if (r == 0)
                r = check_way(way, err);
        if (r == 0)
                r = pic__name_actor(c, claimed, &actor, err);
        return r < 0 ? r : pic__passkey_verb(c->e, c->args, pic__buf_str(&actor), way, c->out, err);
}

/* What is found; with `fix`, what was done about it, and what is found then. */
static int do_doctor(struct pic__verb_call *c, pic_error **err)
{
        PIC__AUTO(pic__findings_free) pic__findings before = PIC__FINDINGS_INIT;
        int fix = 0, r = pic__arg_bool(c, "fix", 0, &fix, err);

        if (r < 0)
                return r;
        pic__verb_settle(c->e);
        pic__json_open(c->out, '{');
        if (fix) {
                pic__engine_find(c->e, &before);
                pic__json_key(c->out, "fixed");
                r = pic__engine_fix(c->e, &before, c->actor, c->out, err);
        }
        pic__json_key(c->out, "findings");
        if (r == 0)
                r = pic__engine_doctor(c->e, c->out, err);
        pic__json_close(c->out, '}');
        return r;
}

static int do_logs(struct pic__verb_call *c, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const char *area;
        int64_t lines = 0;
        int r;

        r = pic__arg_text(c, "area", NULL, &area, err);
        if (r == 0)
                r = pic__arg_int(c, "lines", 100, 100000, &lines, err);
        if (r == 0)
                r = pic__logs_tail(c->e->log_dir, area, (size_t)lines, c->e->clock->now(c->e->clock->data), &text, err);
        return r < 0 ? r : put_text(c, &text);
}

/* What the log has from now on, also after the next start. */
static int set_level(struct pic__verb_call *c, const char *area, const char *level, pic__loglevels *l, pic_error **err)
{
        int r = pic__loglevels_set(l, area, level, err);

        if (r == 0)
                r = pic__loglevels_save(c->e->log_dir, l, err);
        if (r == 0 && c->e->file != NULL)
                pic__logfile_levels(c->e->file, l);
        return r;
}

static int do_log_level(struct pic__verb_call *c, pic_error **err)
{
        const char *area, *level;
        pic__loglevels l;
        int set = 0, r;

        pic__loglevels_load(c->e->log_dir, &l);
        r = pic__arg_bool(c, "set", 0, &set, err);
        if (r == 0)
                r = pic__arg_text(c, "area", NULL, &area, err);
        if (r == 0)
                r = pic__arg_text(c, "level", NULL, &level, err);
        if (r == 0 && set)
                r = set_level(c, area, level, &l, err);
        if (r == 0)
                pic__loglevels_json(&l, c->e->file != NULL ? pic__logfile_base(c->e->file) : PIC_LOG_INFO, c->out);
        return r;
}

static int do_head(struct pic__verb_call *c, pic_error **err)
{
        return pic__engine_head(c->e, c->out, err);
}

static int do_exit_restart(struct pic__verb_call *c, pic_error **err)
{
        const char *name;
        int r = pic__arg_text(c, "name", "", &name, err);

        if (r == 0)
                r = pic__engine_exit_restart(c->e, name, err);
        return r < 0 ? r : put_done(c, "restarted");
}

static int do_exit_test(struct pic__verb_call *c, pic_error **err)
{
        const char *name, *peer;
        int r = pic__arg_text(c, "name", "", &name, err);

        if (r == 0)
                r = pic__arg_text(c, "peer", NULL, &peer, err);
        if (r == 0)
                r = pic__engine_exit_try(c->e, name, peer, c->out, err);
        return r > 0 ? 0 : r == 0 ? NOT_YET : r;
}

/* Who asks, and for what. */
struct asked {
        const char *name, *way;
        pic__buf actor;
};

static void asked_free(struct asked *a)
{
        pic__buf_free(&a->actor);
}

static int arg_asked(struct pic__verb_call *c, struct asked *ret, pic_error **err)
{
        const char *claimed = NULL;
        int r = pic__arg_text(c, "name", NULL, &ret->name, err);

        if (r == 0)
                r = pic__arg_text(c, "way", "api", &ret->way, err);
        if (r == 0)
                r = pic__arg_text(c, "actor", NULL, &claimed, err);
        if (r == 0)
                r = check_way(ret->way, err);
        return r < 0 ? r : pic__name_actor(c, claimed, &ret->actor, err);
}

static int do_cert_key(struct pic__verb_call *c, pic_error **err)
{
        PIC__AUTO(asked_free) struct asked a = { NULL, NULL, PIC__BUF_INIT };
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        int r = arg_asked(c, &a, err);

        if (r == 0 && a.name == NULL)
                r = pic__fail(err, PIC_INVALID, "cert-key: a name is wanted");
        if (r < 0)
                return r;
        if (pic__buf_room(c->out->out, ANSWER_ROOM) == NULL || pic__buf_room(&text, ANSWER_ROOM) == NULL)
                return pic__nomem(err); /* before the key is gone from the store */
        r = pic__engine_cert_key(c->e, a.name, pic__buf_str(&a.actor), a.way, &text, err);
        if (r == PIC_BADSTATE && err != NULL)
                pic__engine_refused(c->e, pic__buf_str(&a.actor), a.way, pic_error_message(*err), 0);
        return r < 0 ? r : put_text(c, &text);
}

static int do_cert_renew(struct pic__verb_call *c, pic_error **err)
{
        PIC__AUTO(asked_free) struct asked a = { NULL, NULL, PIC__BUF_INIT };
        int r = arg_asked(c, &a, err);

        if (r == 0)
                r = pic__engine_cert_renew(c->e, a.name, pic__buf_str(&a.actor), a.way, err);
        return r < 0 ? r : put_done(c, "renewed");
}

static int do_cert_state(struct pic__verb_call *c, pic_error **err)
{
        const char *name;
        int r = pic__arg_text(c, "name", NULL, &name, err);

        if (r < 0)
                return r;
        pic__verb_settle(c->e);
        pic__json_open(c->out, '{');
        pic__json_key(c->out, "certificates");
        r = pic__engine_acme_state(c->e, name, c->out, err);
        pic__json_key(c->out, "accounts");
        pic__engine_acme_accounts(c->e, c->out);
        pic__json_close(c->out, '}');
        return r;
}

static int do_cert_crl(struct pic__verb_call *c, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = pic__engine_cert_list(c->e, &text, err);

        return r < 0 ? r : put_text(c, &text);
}

/* Of one that is named, or of all; comes when it is done. */
static int do_in_time(struct pic__verb_call *c,
                      int (*fn)(pic__engine *e, const char *name, pic__json *out, pic_error **err), pic_error **err)
{
        const char *name;
        int r = pic__arg_text(c, "name", NULL, &name, err);

        if (r == 0)
                r = fn(c->e, name, c->out, err);
        return r > 0 ? 0 : r == 0 ? NOT_YET : r;
}

static int do_domain_publish(struct pic__verb_call *c, pic_error **err)
{
        return do_in_time(c, pic__engine_domain_publish, err);
}

static int do_block_refresh(struct pic__verb_call *c, pic_error **err)
{
        return do_in_time(c, pic__engine_block_refresh, err);
}

static int do_alert_test(struct pic__verb_call *c, pic_error **err)
{
        const char *name;
        int r = pic__arg_text(c, "name", "", &name, err);

        if (r == 0)
                r = pic__engine_alert_test(c->e, name, c->out, err);
        return r > 0 ? 0 : r == 0 ? NOT_YET : r;
}

static int do_block_test(struct pic__verb_call *c, pic_error **err)
{
        const char *name, *peer;
        int r = pic__arg_text(c, "name", "", &name, err);

        if (r == 0)
                r = pic__arg_text(c, "peer", NULL, &peer, err);
        return r < 0 ? r : pic__engine_block_test(c->e, name, peer, c->out, err);
}

static int do_dns_flush(struct pic__verb_call *c, pic_error **err)
{
        const char *name;
        int r = pic__arg_text(c, "name", NULL, &name, err);

        return r < 0 ? r : pic__engine_dns_flush(c->e, name, c->out, err);
}

static int do_stop(struct pic__verb_call *c, pic_error **err)
{
        int down = 0, keep_block = 0, r;

        r = pic__arg_bool(c, "down", 0, &down, err);
        if (r == 0)
                r = pic__arg_bool(c, "keep_block", 0, &keep_block, err);
        if (r < 0)
                return r;
        pic__log_put(c->e->log, PIC_LOG_INFO, "engine", "told to stop by %s%s", c->actor,
                     down ? ", and to take everything down" : "");
        if (down)
                r = pic__engine_teardown(c->e, keep_block, err);
        pic__engine_stop(c->e);
        return r < 0 ? r : put_done(c, "stopped");
}

/* clang-format off */
static const struct {
        const char *name;
        int (*fn)(struct pic__verb_call *c, pic_error **err);
} verbs[] = {
        { "ping", do_ping }, { "apply", do_apply }, { "plan", do_plan },
        { "status", do_status }, { "reveal", do_reveal }, { "repair", do_repair },
        { "doctor", do_doctor }, { "logs", do_logs }, { "head", do_head },
        { "stop", do_stop }, { "drift", do_drift }, { "exit-restart", do_exit_restart },
        { "exit-test", do_exit_test }, { "login", do_login }, { "log-level", do_log_level },
        { "passkey", do_passkey }, { "cert-key", do_cert_key }, { "cert-renew", do_cert_renew },
        { "cert-crl", do_cert_crl }, { "cert-state", do_cert_state }, { "domain-publish", do_domain_publish },
        { "dns-flush", do_dns_flush }, { "block-refresh", do_block_refresh }, { "block-test", do_block_test },
        { "alert-test", do_alert_test }, { "traffic", pic__verb_traffic },
        { "backups", pic__verb_backups }, { "backup-do", pic__verb_backup }, { "backup-cancel", pic__verb_backup_cancel },
        { "backup-fetch", pic__verb_backup_fetch }, { "backup-try", pic__verb_backup_try },
};

/* Those that only look. */
static const struct {
        const char *name;
        int (*fn)(pic__engine *e, pic__json *out, pic_error **err);
} looks[] = { { "alerts", pic__engine_alerts }, { "blocks", pic__engine_blocks }, { "dns-stats", pic__engine_dns_stats }, { "domains", pic__engine_domains },
            { "front", pic__engine_front }, { "ntp", pic__engine_time } };
/* clang-format on */

static int run(struct pic__verb_call *c, pic_error **err)
{
        const char *verb;
        size_t i;
        int r;

        if (c->args == NULL || c->args->type != PIC__N_MAP)
                return pic__fail(err, PIC_INVALID, "a request is a JSON object");
        r = pic__arg_text(c, "verb", NULL, &verb, err);
        if (r < 0)
                return r;
        for (i = 0; verb != NULL && i < PIC__COUNT(verbs); i++)
                if (strcmp(verbs[i].name, verb) == 0)
                        return verbs[i].fn(c, err);
        for (i = 0; verb != NULL && i < PIC__COUNT(looks); i++)
                if (strcmp(looks[i].name, verb) == 0) {
                        pic__verb_settle(c->e);
                        return looks[i].fn(c->e, c->out, err);
                }
        return pic__fail(err, PIC_INVALID, "no such verb");
}

int pic__verbs_handle(pic__engine *e, const char *request, size_t len, const char *actor, pic__buf *answer)
{
        return pic__verbs_handle_along(e, request, len, -1, actor, answer);
}

int pic__verbs_handle_along(pic__engine *e, const char *request, size_t len, int file, const char *actor,
                            pic__buf *answer)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_err pic_error *err = NULL;
        pic__json out = PIC__JSON(answer);
        struct pic__verb_call c = { .e = e, .actor = actor, .file = file, .out = &out };
        int r;

        pic__buf_clear(answer);
        if (len > PIC__WIRE_REQUEST_MAX)
                r = pic__fail(&err, PIC_INVALID, "a request has at most %zu bytes", PIC__WIRE_REQUEST_MAX);
        else
                r = pic__doc_json(request, len, "request", &doc, &err);
        if (r == 0) {
                c.args = pic__doc_root(doc);
                pic__buf_puts(answer, PIC__WIRE_OK);
                r = run(&c, &err);
                pic__buf_putc(answer, '}');
        }
        if (r == 0 && answer->failed)
                r = pic__nomem(&err);
        if (r < 0)
                pic__wire_failure(err, answer);
        if (r == NOT_YET)
                pic__buf_clear(answer);
        return r;
}
