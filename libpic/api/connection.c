/* Owns: what only connections have: a provider's file, users that move along, what the agent does with one. */
#include <string.h>

#include "api/edit.h"
#include "change/import.h"
#include "codec/json_in.h"
#include "model/exit.h"
#include "model/text.h"

/* --- a provider's file ---------------------------------------------------------------------------------------- */

static int get_file(const char *name, pic__buf *out, void *data, pic_error **err)
{
        const pic_import_opts *o = data;
        const void *bytes = NULL;
        size_t size = 0;
        int r = o->get_file(name, &bytes, &size, o->data);

        if (r < 0)
                return pic__fail(err, r, "%s: %s", name, pic_code_text(r));
        if (bytes == NULL && size > 0)
                return pic__fail(err, PIC_INVALID, "%s: get_file gave nothing", name);
        pic__buf_put(out, bytes != NULL ? bytes : "", size);
        return out->failed ? pic__nomem(err) : 0;
}

static int import(pic_edit *edit, const pic__wish_import *in, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        size_t warnings = 0, had = edit->wishes.ops.count;
        pic_error *bad = NULL;
        int r = pic__wishes_import(&edit->wishes, in, &j, &warnings, &bad);

        if (r < 0)
                return pic__edit_refused(edit, bad, err);
        r = ret != NULL ? pic__report_new(&text, warnings == 0, ret, err) : 0;
        if (r < 0)
                edit->wishes.ops.count = had;
        return r;
}

int pic_connection_import(pic_edit *edit, const char *name, const char *text, size_t len, const pic_import_opts *opts,
                          pic_report **ret_told, pic_error **err)
{
        static const char call[] = "pic_connection_import";
        pic__wish_import in = { .name = name, .text = text, .len = len };
        pic_import_opts o;
        int r;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || name == NULL || text == NULL)
                return pic__api_bad(err, call, "edit, name or text is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "%s: this edit was committed already", call);
        r = pic__api_opts(opts, &o, sizeof(o), call, err);
        if (r < 0)
                return r;
        if ((o.flags & ~(uint32_t)PIC_IMPORT_REPLACE) != 0 || o.reserved != 0)
                return pic__api_bad(err, call, "opts.flags or opts.reserved has an unknown bit");
        in.type = o.type;
        in.file = o.file != NULL ? o.file : "profile";
        in.replace = (o.flags & PIC_IMPORT_REPLACE) != 0;
        in.get = o.get_file != NULL ? get_file : NULL;
        in.data = &o;
        return import(edit, &in, ret_told, err);
}

/* --- users that move along ------------------------------------------------------------------------------------ */

struct move {
        pic_edit *edit;
        const char *from, *to;
        int count;
        pic_error **err;
};

static int push(struct move *m, const pic_obj *o, const char *field, const char *text)
{
        const pic__op op = { .wish = PIC__WISH_SET,
                             .kind = o->kind,
                             .name = o->kind == PIC__CELL ? NULL : pic__obj_name(o),
                             .field = pic__field_find(o->kind, field),
                             .text = text };

        m->count++;
        return pic__wish_push(&m->edit->wishes, &op, m->err);
}

static int see_user(const pic_obj *o, void *data)
{
        struct move *m = data;

        return pic__same_name(pic__obj_text(o, "exit"), m->from) ? push(m, o, "exit", m->to) : 0;
}

static int see_group(const pic_obj *o, void *data)
{
        pic__auto_buf pic__buf rest = PIC__BUF_INIT;
        struct move *m = data;
        const char *at = pic__obj_text(o, "members");
        char one[80];

        if (!pic__list_has(at, m->from))
                return 0;
        while (pic__list_next(&at, one, sizeof(one)))
                if (!pic__same_name(one, m->from))
                        pic__buf_putf(&rest, "%s%s", rest.len > 0 ? "," : "", one);
        return rest.failed ? pic__nomem(m->err) : push(m, o, "members", pic__buf_str(&rest));
}

static int move_all(struct move *m, pic__store *st)
{
        static const enum pic__kind users[] = { PIC__CELL, PIC__GROUP, PIC__PEER };
        PIC__AUTO(pic__obj_unref_p) pic_obj *from = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *to = NULL;
        size_t i;
        int r = pic__store_get(st, PIC__CONNECTION, m->from, &from, m->err);

        if (r == 0 && !pic__same_name(m->to, "direct"))
                r = pic__store_get(st, PIC__CONNECTION, m->to, &to, m->err);
        for (i = 0; r == 0 && i < PIC__COUNT(users); i++)
                r = pic__store_each(st, users[i], see_user, m, m->err);
        return r < 0 ? r : pic__store_each(st, PIC__CONNECTION, see_group, m, m->err);
}

int pic_connection_move(pic_edit *edit, const char *from, const char *to, pic_error **err)
{
        struct move m = { .edit = edit, .from = from, .to = to, .err = err };
        pic__store *st = NULL;
        size_t had;
        int r;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || from == NULL || to == NULL)
                return pic__api_bad(err, "pic_connection_move", "edit, from or to is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "pic_connection_move: this edit was committed already");
        if (pic__same_name(from, to))
                return pic__fail_value(err, NULL, "to", to, "is the connection that they leave");
        r = pic__ctx_lock(edit->ctx, &st, err);
        if (r < 0)
                return r;
        had = edit->wishes.ops.count;
        r = move_all(&m, st);
        pic__ctx_unlock(edit->ctx);
        if (r < 0)
                edit->wishes.ops.count = had;
        return r < 0 ? r : m.count;
}

/* --- the agent's ---------------------------------------------------------------------------------------------- */

static int ask(pic_ctx *ctx, const char *verb, const char *name, const char *peer, pic__buf *answer, pic_error **err)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", name);
        if (peer != NULL)
                pic__json_kstr(&j, "peer", peer);
        pic__json_close(&j, '}');
        return args.failed ? pic__nomem(err) : pic__ctx_call(ctx, verb, pic__buf_str(&args), 0, answer, err);
}

int pic_connection_test(pic_ctx *ctx, const char *name, const char *peer, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        const pic__node *list, *n;
        int good = 1, r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL || ret_report == NULL)
                return pic__api_bad(err, "pic_connection_test", "ctx, name or ret_report is not valid");
        r = ask(ctx, "exit-test", name, peer, &answer, err);
        if (r == 0)
                r = pic__api_answer(pic__buf_str(&answer), answer.len, &doc, err);
        if (r < 0)
                return r;
        list = pic__node_list(pic__doc_root(doc), "checks");
        if (list == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without checks");
        for (n = list->first; n != NULL; n = n->next)
                good = good && pic__node_bool(n, "good", 0);
        return pic__report_new(&answer, good, ret_report, err);
}

int pic_connection_restart(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL)
                return pic__api_bad(err, "pic_connection_restart", "ctx or name is not valid");
        return ask(ctx, "exit-restart", name, NULL, &answer, err);
}
