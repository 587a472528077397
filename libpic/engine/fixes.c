/* Owns: what `pic doctor --fix` may do by itself: the closed list. */
#include "engine/fixes.h"

#include <string.h>
#include <sys/stat.h>

#include "engine/blocks_i.h"
#include "engine/certs.h"
#include "engine/domains_i.h"
#include "engine/engine_i.h"
#include "engine/keep_i.h"
#include "engine/keyfile.h"
#include "engine/notes.h"
#include "sys/file.h"

/* Looks at the whole world and puts right what differs: forwarding of the cell, links, dead children, resolvers. */
static int apply(pic__engine *e, pic_error **err)
{
        int r = pic__engine_repair(e, NULL, err);

        pic__engine_tell_drift(e, "agent");
        return r;
}

static int renew(pic__engine *e, pic_error **err)
{
        int r;

        e->certs_seen = -1; /* it does not wait for its time */
        r = pic__engine_certs(e, err);
        return r < 0 ? r : 0;
}

/* The key, and the directory: for their owner alone. Taking rights away gives nobody anything. */
static int make_private(pic__engine *e, pic_error **err)
{
        pic__auto_free char *key = pic__path_join(e->dir, PIC__KEYFILE);
        struct stat st;

        if (key == NULL)
                return pic__nomem(err);
        if (stat(key, &st) == 0 && (st.st_mode & 077) != 0 && chmod(key, st.st_mode & 0700) < 0)
                return pic__fail(err, PIC_IO, "%s: its mode cannot be changed", key);
        if (stat(e->dir, &st) == 0 && (st.st_mode & 07) != 0 && chmod(e->dir, st.st_mode & 0770) < 0)
                return pic__fail(err, PIC_IO, "%s: its mode cannot be changed", e->dir);
        return 0;
}

static int fetch(pic__engine *e, pic_error **err)
{
        size_t i;

        (void)err;
        for (i = 0; e->blocks != NULL && i < PIC__BLOCKLISTS_MAX; i++)
                if (e->blocks->at[i].failures > 0)
                        e->blocks->at[i].next = 0;
        return 0;
}

/* Where the last one is too old, is damaged or did not come about. */
static int is_missing(const pic__engine *e, const pic_obj *o)
{
        const pic__keep_target *t = pic__keep_find(e, o->id);
        pic__keep_pace p;
        size_t i;

        if (t == NULL || pic__obj_int(o, "enabled") == 0)
                return 0;
        p = pic__keep_pace_of(t, o);
        for (i = 0; i < t->held.count; i++)
                if (t->held.at[i].state < 0)
                        return 1;
        return t->failures > 0 || pic__keep_stale(&p, e->clock->now(e->clock->data));
}

static int back_up(pic__engine *e, pic_error **err)
{
        const pic_obj *o;
        size_t at = 0;
        int r = 0;

        while (r == 0 && e->snap != NULL && (o = pic__snap_next(e->snap, PIC__TARGET, &at)) != NULL) {
                pic__auto_buf pic__buf told = PIC__BUF_INIT;
                pic__json j = PIC__JSON(&told);

                if (is_missing(e, o))
                        r = pic__engine_keep_do(e, pic__keep_whats[PIC__KEEP_RUN], pic__obj_name(o), NULL, &j, err);
        }
        return r;
}

static int publish(pic__engine *e, pic_error **err)
{
        size_t i;

        (void)err;
        for (i = 0; e->domains != NULL && i < PIC__DOMAINS_MAX; i++) {
                pic__told *t = &e->domains->at[i];

                if (t->name[0] == '\0' || t->code == 0 || t->code == PIC_DENIED) /* who refuses is a person's */
                        continue;
                t->forced = 1;
                e->domains->look_at = 0;
        }
        return 0;
}

static const struct {
        int act;
        const char *id;
        int (*fn)(pic__engine *e, pic_error **err);
        const char *done; /* what the journal says */
} fixes[PIC__ACTS - 1] = {
        { PIC__ACT_APPLY, "apply", apply, "the whole world was looked at, and put right" },
        { PIC__ACT_REPAIR, "repair", apply, "what others had changed is put right" },
        { PIC__ACT_RENEW, "renew", renew, "certificates that are due were renewed" },
        { PIC__ACT_PRIVATE, "private", make_private, "the cell's directory and its key are private again" },
        { PIC__ACT_BLOCKS, "blocks", fetch, "block lists that failed are fetched again" },
        { PIC__ACT_BACKUP, "backup", back_up, "a backup is made where one was missing" },
        { PIC__ACT_PUBLISH, "publish", publish, "names that were not published are published again" },
};

static int find(int act)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(fixes); i++)
                if (fixes[i].act == act)
                        return (int)i;
        return -1;
}

const char *pic__act_name(int act)
{
        int i = find(act);

        return i >= 0 ? fixes[i].id : NULL;
}

static void do_one(pic__engine *e, int i, const char *actor, pic__json *out)
{
        pic__auto_err pic_error *bad = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = fixes[i].fn(e, &bad);

        pic__json_open(out, '{');
        pic__json_kstr(out, "act", fixes[i].id);
        pic__json_kbool(out, "done", r >= 0);
        pic__json_kstr(out, "what", r >= 0 ? fixes[i].done : NULL);
        pic__json_kstr(out, "error", bad != NULL ? pic_error_message(bad) : NULL);
        pic__json_close(out, '}');
        if (r < 0)
                return;
        pic__buf_putf(&text, "doctor: %s", fixes[i].done);
        pic__log_put(e->log, PIC_LOG_INFO, "doctor", "%s", pic__buf_str(&text));
        pic__engine_remark(e, actor, "fix", pic__buf_str(&text), &pic__bound_life);
}

int pic__engine_fix(pic__engine *e, const pic__findings *f, const char *actor, pic__json *out, pic_error **err)
{
        int (*did[PIC__COUNT(fixes)])(pic__engine * e, pic_error * *err) = { NULL };
        size_t i, k, count = 0;

        if (f->failed)
                return pic__nomem(err);
        pic__json_open(out, '[');
        for (i = 0; i < f->list.count; i++) {
                int which = find(f->list.at[i].act);

                for (k = 0; which >= 0 && k < count && did[k] != fixes[which].fn; k++)
                        ;
                if (which < 0 || k < count)
                        continue;
                did[count++] = fixes[which].fn;
                do_one(e, which, actor, out);
        }
        pic__json_close(out, ']');
        return out->out->failed ? pic__nomem(err) : 0;
}
