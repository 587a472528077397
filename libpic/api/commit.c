/* Owns: the commit of an edit, and its outcome. After the transaction is durable nothing can fail any more for the
 * caller: what the agent made of it is told by the outcome. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/edit.h"
#include "codec/json_in.h"
#include "engine/wire.h"
#include "store/session.h"

#define JSON_ROOM 512

struct pic_outcome {
        pic__handle h;
        int state;
        pic_revision revision;
        int64_t steps;
        int waits; /* for its confirmation */
        pic_error *error;
        char *json; /* NULL: memory was short; then `plain` */
        char plain[JSON_ROOM];
};

static const char *const states[] = {
        [PIC_OUTCOME_APPLIED] = "applied", [PIC_OUTCOME_PENDING] = "pending", [PIC_OUTCOME_FAILED] = "failed"
};

pic_outcome *pic_outcome_unref(pic_outcome *outcome)
{
        if (pic__api_is(outcome, PIC__MAGIC_OUTCOME) &&
            __atomic_sub_fetch(&outcome->h.refs, 1, __ATOMIC_ACQ_REL) == 0) {
                outcome->h.magic = 0;
                pic_error_free(outcome->error);
                pic__free(outcome->json);
                pic__free(outcome);
        }
        return NULL;
}
PIC__CLEANUP(pic_outcome, pic_outcome_unref)

static void make_json(pic_outcome *o)
{
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        snprintf(o->plain, sizeof(o->plain),
                 "{\"state\":\"%s\",\"revision\":%" PRId64 ",\"steps\":%" PRId64 ",\"error\":null,\"waits\":%s}",
                 states[o->state], o->revision, o->steps, o->waits ? "true" : "false");
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "state", states[o->state]);
        pic__json_kint(&j, "revision", o->revision);
        pic__json_kint(&j, "steps", o->steps);
        pic__json_key(&j, "error");
        if (o->error != NULL)
                pic__wire_error(o->error, &j);
        else
                pic__json_null(&j);
        pic__json_kbool(&j, "waits", o->waits);
        pic__json_close(&j, '}');
        o->json = pic__buf_steal(&b);
}

static int write_wishes(pic_edit *e, pic__store *st, pic_revision *ret_revision, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r;

        r = pic__txn_begin(st, e->ctx->actor, e->ctx->way, &t, err);
        if (r < 0)
                return r;
        pic__txn_keep_session(t, e->keep);
        r = pic__edit_run(e, st, t, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), ret_revision, err);
}

/* Where nothing differed there is nothing to confirm. */
static int waits(pic__store *st, pic_revision revision)
{
        pic__confirm c;

        return pic__store_confirm(st, &c, NULL) > 0 && c.revision == revision;
}

static int store_wishes(pic_edit *e, pic_outcome *o, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        pic__ctx_let_go_back(e->ctx);
        r = pic__ctx_lock(e->ctx, &st, err);
        if (r < 0)
                return r;
        r = write_wishes(e, st, &o->revision, err);
        o->waits = r == 0 && e->confirm != 0 && waits(st, o->revision);
        pic__ctx_unlock(e->ctx);
        return r;
}

static void read_steps(pic_outcome *o, const pic__buf *answer)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;

        if (pic__doc_json(pic__buf_str(answer), answer->len, "answer", &doc, NULL) == 0)
                o->steps = pic__node_int_or(pic__doc_root(doc), "steps", 0);
}

static void have_applied(pic_ctx *ctx, pic_outcome *o)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        char args[64];
        int r;

        snprintf(args, sizeof(args), "{\"revision\":%" PRId64 "}", o->revision);
        r = pic__ctx_call(ctx, "apply", args, 0, &answer, &o->error);
        if (r == 0) {
                o->state = PIC_OUTCOME_APPLIED;
                read_steps(o, &answer);
        } else {
                o->state = r == PIC_NOAGENT || r == PIC_TIMEOUT || r == PIC_DENIED ? PIC_OUTCOME_PENDING
                                                                                   : PIC_OUTCOME_FAILED;
        }
}

int pic_edit_commit(pic_edit *edit, uint32_t flags, pic_outcome **ret_outcome, pic_error **err)
{
        PIC__AUTO(pic_outcome_unref_p) pic_outcome *o = NULL;
        pic_error *bad = NULL;
        int r;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || (flags & ~(uint32_t)PIC_COMMIT_NOWAIT) != 0)
                return pic__api_bad(err, "pic_edit_commit", "edit or flags is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "pic_edit_commit: this edit was committed already");
        o = pic__alloc(sizeof(*o));
        if (o == NULL)
                return pic__nomem(err);
        o->h = (pic__handle){ PIC__MAGIC_OUTCOME, 1 };
        o->state = PIC_OUTCOME_PENDING;
        r = store_wishes(edit, o, &bad);
        if (r < 0)
                return pic__edit_refused(edit, bad, err);
        edit->used = 1;
        if ((flags & PIC_COMMIT_NOWAIT) == 0)
                have_applied(edit->ctx, o);
        make_json(o);
        if (ret_outcome != NULL)
                *ret_outcome = pic__take(o);
        return 0;
}

int pic_outcome_state(const pic_outcome *outcome)
{
        return pic__api_is(outcome, PIC__MAGIC_OUTCOME) ? outcome->state : PIC_OUTCOME_PENDING;
}

pic_revision pic_outcome_revision(const pic_outcome *outcome)
{
        return pic__api_is(outcome, PIC__MAGIC_OUTCOME) ? outcome->revision : 0;
}

const pic_error *pic_outcome_error(const pic_outcome *outcome)
{
        return pic__api_is(outcome, PIC__MAGIC_OUTCOME) ? outcome->error : NULL;
}

const char *pic_outcome_json(const pic_outcome *outcome)
{
        if (!pic__api_is(outcome, PIC__MAGIC_OUTCOME))
                return "{}";
        return outcome->json != NULL ? outcome->json : outcome->plain;
}
