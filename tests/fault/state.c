/* Owns: the judgement. */
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change/run.h"
#include "changes.h"
#include "codec/cellfile.h"
#include "store/store.h"

static int bad(char why[WHY], const char *what, pic_error *err)
{
        snprintf(why, WHY, "%s: %s", what, pic_error_message(err));
        pic_error_free(err);
        return -1;
}

struct tale {
        int64_t seq;
        pic_revision revision;
        long rows;
        int gap;
};

static int tell(const pic__journal_row *row, void *data)
{
        struct tale *t = data;

        t->gap |= row->seq != t->seq + 1 || row->revision < t->revision || row->revision > t->revision + 1;
        t->seq = row->seq;
        t->revision = row->revision;
        t->rows += strcmp(row->verb, "refused") != 0;
        return 0;
}

/* The document now, or as of a revision. */
static char *document(pic__store *st, pic_revision revision, pic_error **err)
{
        pic__buf text = PIC__BUF_INIT;
        pic__snap *s = NULL;
        int r = pic__snap_new(&s, err);

        if (r == 0)
                r = revision != 0 ? pic__store_at(st, revision, s, err) : pic__store_load(st, s, NULL, err);
        if (r == 0)
                r = pic__cellfile_write(s, &text, err);
        pic__snap_unref(s);
        if (r < 0) {
                pic__buf_free(&text);
                return NULL;
        }
        return pic__buf_steal(&text);
}

static int read_store(pic__store *st, struct state *ret, char why[WHY])
{
        struct tale tale = { 0, 0, 0, 0 };
        pic_error *err = NULL;
        pic__trail trail;
        pic__confirm c;
        int r;

        if (pic__store_check(st, &err) < 0)
                return bad(why, "the store", err);
        if (pic__store_journal(st, 0, SIZE_MAX, tell, &tale, &err) < 0)
                return bad(why, "the journal", err);
        if (pic__store_revision(st, &ret->revision, &err) < 0)
                return bad(why, "the revision", err);
        if (tale.gap || tale.revision != ret->revision) {
                snprintf(why, WHY, "the journal has a gap, or ends with revision %lld of %lld",
                         (long long)tale.revision, (long long)ret->revision);
                return -1;
        }
        if (pic__store_trail(st, NULL, NULL, &trail, &err) < 0)
                return bad(why, "the trail", err);
        if (trail.bad != 0) {
                snprintf(why, WHY, "the trail: %s", trail.what);
                return -1;
        }
        r = pic__store_confirm(st, &c, &err);
        ret->back = r > 0 ? (long long)c.back : 0;
        ret->rows = tale.rows;
        ret->text = r < 0 ? NULL : document(st, 0, &err);
        return ret->text != NULL ? 0 : bad(why, "the objects", err);
}

/* The heads are judged by whoever has the key: by the public call. */
static int verify(const char *dir, char why[WHY])
{
        pic_ctx *ctx = cell_ctx(dir);
        pic_report *report = NULL;
        pic_error *err = NULL;
        int r = pic_audit_verify(ctx, NULL, &report, &err);

        if (r < 0) {
                r = bad(why, "audit verify", err);
        } else if (!pic_report_good(report)) {
                snprintf(why, WHY, "audit verify: %s", pic_report_text(report));
                r = -1;
        }
        pic_report_unref(report);
        pic_ctx_unref(ctx);
        return r;
}

int state_read(const char *dir, struct state *ret, char why[WHY])
{
        pic__store *st = NULL;
        pic_error *err = NULL;
        int r;

        memset(ret, 0, sizeof(*ret));
        if (pic__store_open(dir, 1000, &pic__clock_real, &st, &err) < 0)
                return bad(why, "open", err);
        r = read_store(st, ret, why);
        pic__store_unref(st);
        return r < 0 ? r : verify(dir, why);
}

void state_free(struct state *s)
{
        pic__free(s->text);
        s->text = NULL;
}

int state_same(const struct state *a, const struct state *b)
{
        return a->revision == b->revision && a->rows == b->rows && a->back == b->back && strcmp(a->text, b->text) == 0;
}

static int remembers(const char *dir, const struct state *old, char why[WHY])
{
        pic__store *st = NULL;
        pic_error *err = NULL;
        char *then = NULL;
        int r = 0;

        if (pic__store_open(dir, 1000, &pic__clock_real, &st, &err) == 0)
                then = document(st, old->revision, &err);
        pic__store_unref(st);
        if (then == NULL)
                return bad(why, "the past", err);
        if (strcmp(then, old->text) != 0) {
                snprintf(why, WHY, "revision %lld is remembered otherwise", (long long)old->revision);
                r = -1;
        }
        pic__free(then);
        return r;
}

int world_settled(const char *dir, int repair, char why[WHY])
{
        pic_ctx *ctx = cell_ctx(dir);
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        int r = repair ? pic_plan_get(ctx, PIC_PLAN_REPAIR, &plan, &err) : 0;

        plan = pic_plan_unref(plan);
        if (r == 0)
                r = pic_plan_get(ctx, 0, &plan, &err);
        if (r < 0) {
                r = bad(why, "the world", err);
        } else if (pic_plan_count(plan) != 0) {
                snprintf(why, WHY, "the world is not as wished: %s", pic_plan_text(plan, 0));
                r = -1;
        }
        pic_plan_unref(plan);
        pic_ctx_unref(ctx);
        return r;
}

enum end state_judge(const char *dir, const struct state *old, const struct state *new, char why[WHY])
{
        struct state now;
        enum end end = END_THIRD;

        why[0] = '\0';
        if (state_read(dir, &now, why) == 0) {
                if (state_same(&now, new))
                        end = remembers(dir, old, why) == 0 ? END_NEW : END_THIRD;
                else if (state_same(&now, old))
                        end = END_OLD;
                else
                        snprintf(why, WHY, "revision %lld, %ld rows, back %lld: neither revision %lld nor %lld",
                                 (long long)now.revision, now.rows, now.back, (long long)old->revision,
                                 (long long)new->revision);
        }
        state_free(&now);
        if (end != END_THIRD && world_settled(dir, 1, why) < 0)
                end = END_THIRD;
        return end;
}
