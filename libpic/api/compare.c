/* Owns: two states of the wishes compared: which objects differ in which fields, what steps that means, and what it
 * means in packets. */
#include "api/compare.h"

#include "api/left.h"
#include "api/plan.h"
#include "engine/port80.h"

static int put_field(const pic__field *f, const char *before, const char *after, void *data)
{
        pic__json *j = data;

        pic__json_open(j, '{');
        pic__json_kstr(j, "field", f->name);
        pic__json_kstr(j, "before", before);
        pic__json_kstr(j, "after", after);
        pic__json_close(j, '}');
        return 0;
}

static int put_change(const pic__change *c, pic__json *j)
{
        const pic_obj *some = c->after != NULL ? c->after : c->before;

        pic__json_open(j, '{');
        pic__json_kstr(j, "kind", pic__kinds[some->kind].name);
        pic__json_kstr(j, "name", pic__obj_name(some));
        pic__json_kstr(j, "verb", c->before == NULL ? "add" : c->after == NULL ? "remove" : "change");
        pic__json_key(j, "fields");
        pic__json_open(j, '[');
        if (pic__obj_diff(c->before, c->after, put_field, j) < 0)
                return -1;
        pic__json_close(j, ']');
        pic__json_close(j, '}');
        return 0;
}

static int put_changes(const pic__changes *c, pic__buf *out)
{
        pic__json j = PIC__JSON(out);
        size_t i;

        pic__json_open(&j, '[');
        for (i = 0; i < c->list.count; i++)
                if (put_change(&c->list.at[i], &j) < 0)
                        return -1;
        pic__json_close(&j, ']');
        return out->failed ? -1 : 0;
}

/* A name that is to be proved at a port where somebody else is. */
static void tell_port80(const pic__changes *c, const pic_obj *cell, pic__json *j)
{
        size_t i;

        for (i = 0; i < c->list.count; i++) {
                const pic_obj *after = c->list.at[i].kind == PIC__DOMAIN ? c->list.at[i].after : NULL;
                pic__auto_buf pic__buf who = PIC__BUF_INIT, text = PIC__BUF_INIT;

                if (after == NULL || !pic__port80_wanted(after) || !pic__port80_taken(cell, &who))
                        continue;
                pic__buf_putf(
                        &text,
                        "port 80 is held by %s: a public CA that comes to prove %s (http-01) finds that instead of "
                        "the cell. Modes that set DNS records need no port: rfc2136, cloudflare, duckdns, exec",
                        pic__buf_str(&who), pic__obj_name(after));
                pic__json_open(j, '{');
                pic__json_kstr(j, "kind", "domain");
                pic__json_kstr(j, "name", pic__obj_name(after));
                pic__json_kstr(j, "note", "port80");
                pic__json_kstr(j, "until", NULL);
                pic__json_kstr(j, "text", pic__buf_str(&text));
                pic__json_close(j, '}');
        }
}

/* What comes of it: each part needs the snapshot before and after. */
static int tell(pic__snap *s, const pic__changes *c, pic__items *was, pic__items *is, pic__meaning *m,
                pic__verdict *verdict, const pic__session *session, pic_error **err)
{
        int all, r = pic__meaning_before(m, s, c->list.at, c->list.count, err);

        if (r == 0 && session != NULL)
                r = pic__session_before(session, s, verdict, err);
        if (r == 0)
                r = pic__derive_delta(s, c->list.at, c->list.count, pic__snap_time(s), NULL, was, is, &all, err);
        if (r == 0)
                r = pic__meaning_after(m, s, err);
        if (r == 0 && session != NULL)
                r = pic__session_after(session, s, verdict, err);
        return r;
}

int pic__compare_changes(pic__snap *s, pic__changes *changes, const pic__compare_opts *opts, pic_plan **ret,
                         pic_error **err)
{
        PIC__AUTO(pic__meaning_unref_p) pic__meaning *m = NULL;
        pic__auto_items pic__items was = PIC__ITEMS_INIT, is = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic__auto_buf pic__buf json = PIC__BUF_INIT, notes = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&notes);
        PIC__AUTO(pic__verdict_free) pic__verdict verdict = PIC__VERDICT_INIT;
        int r;

        pic__changes_sort(changes);
        pic__json_open(&j, '[');
        pic__left_tell(changes, pic__snap_time(s), &j);
        if (opts->real)
                tell_port80(changes, pic__snap_cell(s), &j);
        pic__json_close(&j, ']');
        if (put_changes(changes, &json) < 0 || notes.failed)
                return pic__nomem(err);
        r = pic__meaning_new(&m, err);
        if (r == 0)
                r = tell(s, changes, &was, &is, m, &verdict, opts->session, err);
        if (r == 0)
                r = pic__plan_diff(&was, &is, &steps, err);
        if (r < 0)
                return r;
        return pic__plan_make(&(pic__plan_parts){ .steps = &steps,
                                                  .revision = opts->revision,
                                                  .changes = pic__buf_str(&json),
                                                  .meaning = m,
                                                  .wishes = opts->wishes,
                                                  .secrets = opts->secrets,
                                                  .notes = pic__buf_str(&notes),
                                                  .questions = opts->questions,
                                                  .session = opts->session,
                                                  .verdict = &verdict },
                              ret, err);
}

int pic__compare(pic_ctx *ctx, pic__snap *before, const pic__snap *after, pic_revision revision, pic_plan **ret,
                 pic_error **err)
{
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT;
        const pic__compare_opts opts = { .revision = revision };
        int r = pic__snap_clock(before, ctx, err);

        if (r == 0)
                r = pic__snap_place(before, ctx, err);
        if (r == 0)
                r = pic__changes_between(before, after, &c, err);
        return r < 0 ? r : pic__compare_changes(before, &c, &opts, ret, err);
}
