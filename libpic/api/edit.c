/* Owns: an edit as a list of wishes. What can be judged without the store is judged here, at once; nothing is written.
 */
#include <stdio.h>
#include <string.h>

#include "api/edit.h"
#include "change/secret.h"
#include "engine/hostnet.h"
#include "engine/newcell.h"

/* Secrets are sealed when they are said. */
static int seal_key(void *data, uint8_t key[32], pic_error **err)
{
        pic_ctx *ctx = data;
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = pic__store_seal_key(st, key, err);
        pic__ctx_unlock(ctx);
        return r;
}

int pic_edit_new(pic_ctx *ctx, pic_edit **ret_edit, pic_error **err)
{
        pic_edit *e;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_edit == NULL)
                return pic__api_bad(err, "pic_edit_new", "ctx or ret_edit is not valid");
        e = pic__alloc(sizeof(*e));
        if (e == NULL)
                return pic__nomem(err);
        e->h = (pic__handle){ PIC__MAGIC_EDIT, 1 };
        e->ctx = pic__ctx_ref(ctx);
        e->wishes.seal_key = seal_key;
        e->wishes.seal_data = ctx;
        *ret_edit = e;
        return 0;
}

pic_edit *pic_edit_unref(pic_edit *edit)
{
        if (pic__api_is(edit, PIC__MAGIC_EDIT) && __atomic_sub_fetch(&edit->h.refs, 1, __ATOMIC_ACQ_REL) == 0) {
                edit->h.magic = 0;
                pic_ctx_unref(edit->ctx);
                pic__wishes_free(&edit->wishes);
                pic__free(edit->override);
                pic__free(edit);
        }
        return NULL;
}

int pic__edit_run(pic_edit *e, pic__store *st, pic__txn *t, pic_error **err)
{
        const pic__run_opts opts = { .clock = e->ctx->clock,
                                     .check_host = e->ctx->fake ? NULL : pic__newcell_check_host,
                                     .host_slots = e->ctx->fake ? NULL : pic__engine_host_slots,
                                     .confirm = e->confirm,
                                     .view = &pic__ctx_root(e->ctx)->view,
                                     .override = e->override };

        return pic__change_run(&e->wishes, st, t, &opts, err);
}

/* Handle, kind and name as every wish has them. Answers the kind. */
static int enter(pic_edit *e, const char *kind, const char *name, const char *call, pic_error **err)
{
        int k;

        if (!pic__api_is(e, PIC__MAGIC_EDIT))
                return pic__api_bad(err, call, "edit is not valid");
        if (e->used)
                return pic__fail(err, PIC_BADSTATE, "%s: this edit was committed already", call);
        if (kind == NULL)
                return pic__api_bad(err, call, "kind is NULL");
        k = pic__kind_find(kind);
        if (k < 0)
                return pic__api_bad(err, call, "there is no such kind");
        if (name == NULL && k != PIC__CELL)
                return pic__api_bad(err, call, "name is NULL");
        return k;
}

static void put_object(enum pic__kind kind, const char *name, pic_error **err)
{
        char object[160];
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;
        pic_error *rest = err != NULL ? pic__take(*err) : NULL;

        if (kind != PIC__CELL)
                pic__buf_put_shown(&shown, name, 70);
        snprintf(object, sizeof(object), "%s %s", pic__kinds[kind].name, pic__buf_str(&shown));
        while (rest != NULL) {
                pic_error *next = pic__err_split(rest);

                if (kind != PIC__CELL) {
                        pic__prefix_msg(&rest, "%s: ", object);
                        pic__detail(&rest, "object", object);
                }
                pic__err_append(err, rest);
                rest = next;
        }
}

int pic_edit_add(pic_edit *edit, const char *kind, const char *name, pic_error **err)
{
        pic__op op = { .wish = PIC__WISH_ADD, .name = name };
        int r, k = enter(edit, kind, name, "pic_edit_add", err);

        if (k < 0)
                return k;
        if (k == PIC__CELL)
                return pic__api_bad(err, "pic_edit_add", "a cell is made by pic_cell_init");
        op.kind = (enum pic__kind)k;
        r = pic__wish_check(op.kind, "name", name, err);
        if (r < 0) {
                pic__prefix_msg(err, "%s: ", pic__kinds[k].name);
                return r;
        }
        return pic__wish_push(&edit->wishes, &op, err);
}

static int set(pic_edit *edit, const char *kind, const char *name, const char *field, const char *text,
               const char *call, pic_error **err)
{
        pic__op op = { .wish = PIC__WISH_SET, .name = name, .text = text };
        pic_error *bad = NULL;
        int given, r, k = enter(edit, kind, name, call, err);

        if (k < 0)
                return k;
        if (field == NULL)
                return pic__api_bad(err, call, "field is NULL");
        op.kind = (enum pic__kind)k;
        op.name = k == PIC__CELL ? NULL : name;
        op.field = pic__field_find(op.kind, field);
        given = text != NULL && text[0] != '\0' && op.field >= 0 && pic__secret_is_given(op.kind, op.field);
        if (given)
                r = pic__secret_push(&edit->wishes, &op, &bad);
        else
                r = op.field = pic__wish_check(op.kind, field, text, &bad);
        if (r < 0) {
                put_object(op.kind, name, &bad);
                return pic__edit_refused(edit, bad, err);
        }
        return given ? 0 : pic__wish_push(&edit->wishes, &op, err);
}

int pic_edit_set(pic_edit *edit, const char *kind, const char *name, const char *field, const char *text,
                 pic_error **err)
{
        if (text == NULL)
                return pic__api_bad(err, "pic_edit_set", "text is NULL");
        return set(edit, kind, name, field, text, "pic_edit_set", err);
}

int pic_edit_unset(pic_edit *edit, const char *kind, const char *name, const char *field, pic_error **err)
{
        return set(edit, kind, name, field, NULL, "pic_edit_unset", err);
}

int pic_edit_remove(pic_edit *edit, const char *kind, const char *name, pic_error **err)
{
        pic__op op = { .wish = PIC__WISH_REMOVE, .name = name };
        int k = enter(edit, kind, name, "pic_edit_remove", err);

        if (k < 0)
                return k;
        if (k == PIC__CELL)
                return pic__api_bad(err, "pic_edit_remove", "a cell cannot be removed");
        op.kind = (enum pic__kind)k;
        return pic__wish_push(&edit->wishes, &op, err);
}

int pic_edit_rekey(pic_edit *edit, const char *peer, pic_error **err)
{
        pic__op op = { .wish = PIC__WISH_REKEY, .kind = PIC__PEER, .name = peer };
        int k = enter(edit, "peer", peer, "pic_edit_rekey", err);

        return k < 0 ? k : pic__wish_push(&edit->wishes, &op, err);
}

int pic_edit_keep(pic_edit *edit, const pic_session *session, pic_error **err)
{
        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || (session != NULL && !pic__api_is(session, PIC__MAGIC_SESSION)))
                return pic__api_bad(err, "pic_edit_keep", "edit or session is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "pic_edit_keep: this edit was committed already");
        edit->keep = pic_session_id(session);
        return 0;
}

void pic_edit_if_revision(pic_edit *edit, pic_revision revision)
{
        if (pic__api_is(edit, PIC__MAGIC_EDIT))
                edit->wishes.if_revision = revision;
}

/* Not allowed, too late, or against an assertion; the rest are mistakes. */
static int is_refusal(const pic_error *bad)
{
        int r = pic_error_code(bad);

        return r == PIC_DENIED || r == PIC_STALE || (r == PIC_CONFLICT && pic_error_detail(bad, "packet") != NULL);
}

int pic__edit_refused(pic_edit *edit, pic_error *bad, pic_error **err)
{
        int r = pic_error_code(bad);

        if (is_refusal(bad))
                pic__ctx_refused(edit->ctx, bad);
        if (err != NULL)
                pic__err_append(err, bad);
        else
                pic_error_free(bad);
        return r;
}

int pic_edit_load(pic_edit *edit, const char *text, size_t len, const char *name, uint32_t flags, pic_error **err)
{
        pic_error *bad = NULL;
        int r;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || text == NULL || (flags & ~(uint32_t)PIC_LOAD_PRUNE) != 0)
                return pic__api_bad(err, "pic_edit_load", "edit, text or flags is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "pic_edit_load: this edit was committed already");
        r = pic__wishes_load(&edit->wishes, text, len, name, (flags & PIC_LOAD_PRUNE) != 0, &bad);
        return r < 0 ? pic__edit_refused(edit, bad, err) : r;
}

static int go_back(pic_edit *edit, enum pic__wish wish, pic_revision revision, const char *call, pic_error **err)
{
        const pic__op op = { .wish = wish, .kind = PIC__CELL, .revision = revision };

        if (!pic__api_is(edit, PIC__MAGIC_EDIT))
                return pic__api_bad(err, call, "edit is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "%s: this edit was committed already", call);
        if (revision < 0 || (revision == 0 && wish == PIC__WISH_RETURN))
                return pic__api_bad(err, call, "revision is none");
        return pic__wish_push(&edit->wishes, &op, err);
}

/* Settled now: kept in a draft, "the last one" would be another one when it is made. */
static int find_last(pic_edit *edit, pic_revision *ret, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        pic__ctx_let_go_back(edit->ctx);
        r = pic__ctx_lock(edit->ctx, &st, err);
        if (r < 0)
                return r;
        r = pic__undo_last(st, ret, err);
        pic__ctx_unlock(edit->ctx);
        return r;
}

int pic_edit_undo(pic_edit *edit, pic_revision revision, pic_error **err)
{
        int r = 0;

        if (revision == 0 && pic__api_is(edit, PIC__MAGIC_EDIT) && !edit->used)
                r = find_last(edit, &revision, err);
        if (r < 0)
                return r;
        return go_back(edit, PIC__WISH_UNDO, revision, "pic_edit_undo", err);
}

int pic_edit_return(pic_edit *edit, pic_revision revision, pic_error **err)
{
        return go_back(edit, PIC__WISH_RETURN, revision, "pic_edit_return", err);
}

void pic_edit_confirm_within(pic_edit *edit, uint32_t confirm_ms)
{
        if (pic__api_is(edit, PIC__MAGIC_EDIT))
                edit->confirm = (pic_time)confirm_ms * 1000;
}

static int parse_address(const char *what, const char *text, pic__addr *ret, pic_error **err)
{
        if (pic__addr_parse(text, ret) == 0)
                return 0;
        return pic__fail_value(err, "session", what, text, "must be an address");
}

int pic_edit_session(pic_edit *edit, const char *source, const char *destination, uint32_t port, pic_error **err)
{
        pic__session s = { .port = (uint16_t)(port != 0 ? port : 22) };
        int r = 0;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || port > 65535)
                return pic__api_bad(err, "pic_edit_session", "edit or port is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "pic_edit_session: this edit was committed already");
        if (source != NULL)
                r = parse_address("source", source, &s.source, err);
        if (r == 0 && destination != NULL)
                r = parse_address("destination", destination, &s.destination, err);
        if (r == 0 && s.destination.family != 0 && s.destination.family != s.source.family)
                r = pic__fail_value(err, "session", "destination", destination, "must be of the source's family");
        if (r == 0)
                edit->session = s;
        return r;
}

int pic_edit_override(pic_edit *edit, const char *reason, pic_error **err)
{
        const pic__field reasons = { .name = "override", .type = PIC__T_TEXT, .min = 1, .max = 500 };
        pic__val v = PIC__VAL_NONE;
        int r = 0;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT))
                return pic__api_bad(err, "pic_edit_override", "edit is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "pic_edit_override: this edit was committed already");
        if (reason != NULL && reason[strspn(reason, " ")] == '\0')
                r = pic__fail_value(err, "edit", "override", reason, "must say why");
        else if (reason != NULL)
                r = pic__field_parse(&reasons, reason, &v, err);
        if (r < 0)
                return r;
        pic__free(edit->override);
        edit->override = v.tag == PIC__V_TEXT ? pic__take(v.s) : NULL;
        return 0;
}
