/* Owns: what follows from the end of a child: state, journal, log. */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "codec/json_in.h"
#include "engine/keep_i.h"
#include "engine/notes.h"

static pic_time wall(const pic__engine *e)
{
        return e->clock->now(e->clock->data);
}

void pic__keep_note(pic__engine *e, const pic_obj *o, int level, const char *verb, const char *text)
{
        pic__log_put(e->log, level, "backup", "target %s: %s", pic__obj_name(o), text);
        pic__engine_remark_on(e, o, verb, text, &pic__bound_exits);
}

static size_t count_of(const pic__node *list)
{
        return list != NULL ? list->count : 0;
}

static void ran(pic__engine *e, const pic_obj *o, const pic__node *said)
{
        pic__keep_target *t = e->keep->of;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const char *name = pic__node_str(said, "name", ""), *warning = pic__node_str(said, "warning", NULL);
        int64_t added = pic__node_int_or(said, "added", -1);
        pic__keep_held *h;

        t->failures = 0;
        t->good = wall(e);
        t->size = pic__node_int_or(said, "size", 0);
        t->milliseconds = (e->clock->mono(e->clock->data) - e->keep->began) / 1000;
        t->removed = (int64_t)count_of(pic__node_list(said, "removed"));
        pic__keep_text(&t->last, name);
        pic__keep_text(&t->error, NULL);
        pic__keep_text(&t->hint, NULL);
        h = pic__keep_find_held(t, name);
        if (h != NULL) {
                h->state = 1;
                h->verified = t->good;
                h->size = t->size;
                pic__keep_text(&h->sha256, pic__node_str(said, "sha256", NULL));
        }
        pic__buf_putf(&text, "%s: %" PRId64 " bytes in %" PRId64 ".%" PRId64 " s, read back and right", name, t->size,
                      t->milliseconds / 1000, t->milliseconds % 1000 / 100);
        if (added >= 0)
                pic__buf_putf(&text, "; %" PRId64 " bytes of it are new there", added);
        if (t->removed > 0)
                pic__buf_putf(&text, "; %" PRId64 " older removed", t->removed);
        if (warning != NULL)
                pic__buf_putf(&text, "; older ones are not removed: %s", warning);
        pic__keep_note(e, o, PIC_LOG_INFO, "backup", pic__buf_str(&text));
}

/* A damaged one is told once. */
static void looked(pic__engine *e, const pic_obj *o, const char *name, const pic_error *bad)
{
        pic__keep_target *t = e->keep->of;
        pic__keep_held *h = name != NULL ? pic__keep_find_held(t, name) : t->held.count > 0 ? &t->held.at[0] : NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int code = bad != NULL ? pic_error_code(bad) : 0;

        if (h == NULL)
                return;
        h->verified = wall(e);
        if (code == 0) {
                pic__keep_text(&h->why, NULL);
                h->state = 1;
                return;
        }
        if (code != PIC_CORRUPT && code != PIC_SYNTAX)
                return; /* it could not be read: that says nothing about it */
        pic__buf_putf(&text, "%s is damaged: %s", h->name, pic_error_message(bad));
        if (h->state >= 0)
                pic__keep_note(e, o, PIC_LOG_ERROR, "backup-damaged", pic__buf_str(&text));
        h->state = -1;
        pic__keep_text(&h->why, pic_error_message(bad));
}

static void failed(pic__engine *e, const pic_obj *o, const pic_error *bad)
{
        pic__keep_target *t = e->keep->of;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__keep_text(&t->error, pic_error_message(bad));
        pic__keep_text(&t->hint, pic_error_hint(bad));
        if (e->keep->what != PIC__KEEP_RUN)
                return;
        t->failures += t->failures < 1000;
        pic__buf_putf(&text, "no backup: %s", pic_error_message(bad));
        pic__keep_note(e, o, pic_error_code(bad) == PIC_CANCELED ? PIC_LOG_INFO : PIC_LOG_ERROR, "backup-failed",
                       pic__buf_str(&text));
}

/* Of anything but a drill. r: what came of it; bad: why not. */
static void conclude(pic__engine *e, const pic_obj *o, const pic__doc *doc, int r, const pic_error *bad)
{
        struct pic__keep *k = e->keep;
        const pic__node *root = doc != NULL ? pic__doc_root(doc) : NULL;

        if (r == 0 && pic__node_list(root, "held") != NULL) {
                pic__keep_take_held(k->of, pic__node_list(root, "held"));
                k->of->listed = wall(e);
        }
        if (r == 0 && k->what == PIC__KEEP_RUN)
                ran(e, o, root);
        if (k->what == PIC__KEEP_VERIFY)
                looked(e, o, k->name != NULL || root == NULL ? k->name : pic__node_str(root, "name", NULL),
                       r < 0 ? bad : NULL);
        if (r < 0)
                failed(e, o, bad);
        else if (k->what != PIC__KEEP_RUN && k->of->failures == 0) {
                pic__keep_text(&k->of->error, NULL);
                pic__keep_text(&k->of->hint, NULL);
        }
}

void pic__keep_finish(pic__engine *e, const pic_obj *o, const char *said, const pic_error *bad)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_err pic_error *why = NULL;
        int r = bad == NULL ? pic__keep_said(said, &doc, &why) : pic_error_code(bad);

        bad = bad != NULL ? bad : why;
        if (e->keep->what == PIC__KEEP_DRILL)
                pic__keep_drilled(e, o, r == 0 ? pic__doc_root(doc) : NULL, bad);
        else
                conclude(e, o, doc, r, bad);
}
