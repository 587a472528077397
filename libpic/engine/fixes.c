/* Owns: what `pic doctor --fix` may do by itself: the closed list. */
#include "engine/fixes.h"

#include <string.h>
#include <sys/stat.h>

#include "engine/blocks_i.h"
#include "engine/certs.h"
#include "engine/engine_i.h"
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

static const struct {
        const char *act;
        const char *command; /* a fix that begins so asks for it */
        int (*fn)(pic__engine *e, pic_error **err);
        const char *done; /* what the journal says */
} fixes[] = {
        { "repair", "pic drift --repair", apply, "what others had changed is put right" },
        { "apply", "`pic apply`", apply, "the whole world was looked at, and put right" },
        { "apply", "pic apply", apply, "the whole world was looked at, and put right" },
        { "apply", "`pic up`", apply, "the whole world was looked at, and put right" },
        { "renew", "pic cert renew", renew, "certificates that are due were renewed" },
        { "private", "chmod 0", make_private, "the cell's directory and its key are private again" },
        { "blocks", "`pic dns block refresh`", fetch, "block lists that failed are fetched again" },
};

static int find(const char *fix)
{
        size_t i;

        for (i = 0; fix != NULL && i < PIC__COUNT(fixes); i++)
                if (strncmp(fix, fixes[i].command, strlen(fixes[i].command)) == 0)
                        return (int)i;
        return -1;
}

const char *pic__fix_of(const char *fix)
{
        int i = find(fix);

        return i >= 0 ? fixes[i].act : NULL;
}

static void do_one(pic__engine *e, int i, const char *actor, pic__json *out)
{
        pic__auto_err pic_error *bad = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = fixes[i].fn(e, &bad);

        pic__json_open(out, '{');
        pic__json_kstr(out, "act", fixes[i].act);
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
                int which = find(f->list.at[i].fix);

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
