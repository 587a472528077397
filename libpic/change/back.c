/* Owns: going back. An object as it was comes from the store's past rows, under the id it had, so that its sealed
 * secrets still fit; what was seen stays seen. An undo is a change like others: judged, journaled, and can be undone.
 */
#include <inttypes.h>
#include <string.h>

#include "change/inner.h"
#include "change/renamed.h"

/* One object on its way back; `want` NULL: it shall not be there. */
struct target {
        enum pic__kind kind;
        pic_id id;
        pic_obj *now;
        pic_obj *want;
        int done;
};

typedef PIC__VEC(struct target) target_vec;

struct back {
        pic__run *run;
        const pic__op *op;
        pic_revision revision;
        target_vec list;
        int seen;             /* a row that told of a secret's showing */
        int stayed, moved;    /* something that never goes back was changed; something else was */
        pic__renamed was, is; /* names before the revision, and by it */
        pic_error **err;
};

static void back_free(struct back *b)
{
        size_t i;

        for (i = 0; i < b->list.count; i++) {
                pic__obj_unref(b->list.at[i].now);
                pic__obj_unref(b->list.at[i].want);
        }
        pic__vec_free(&b->list);
}

/* As the transaction has it; NULL when it is not there. */
static int get_now(const struct back *b, enum pic__kind kind, pic_id id, pic_obj **ret)
{
        pic__auto_err pic_error *bad = NULL;
        int r = pic__store_get_id(b->run->st, kind, id, ret, &bad);

        if (r == PIC_NOTFOUND)
                return 0;
        pic__err_append(b->err, pic__take(bad));
        return r;
}

/* What lets a person in never goes back: an old password may be known to others, who were the reason for a new one. So
 * it stays as it is now, and whoever comes back comes without. The same with what was signed: a root that devices
 * trust, a certificate that a host has, one that was revoked are facts of the world outside. A certificate that comes
 * back is issued anew. */
int pic__run_stays(enum pic__kind kind, const pic__field *f)
{
        if (kind == PIC__CELL)
                return (f->flags & PIC__F_SYSTEM) != 0 && strncmp(f->name, "ca_", 3) == 0;
        if (kind == PIC__CERTIFICATE)
                return ((f->flags & PIC__F_SYSTEM) != 0 && strcmp(f->name, "created") != 0) ||
                       strcmp(f->name, "revoked") == 0;
        return (kind == PIC__USER || kind == PIC__TOKEN) &&
               ((f->flags & PIC__F_SECRET) != 0 || strcmp(f->name, "password_changed") == 0);
}

static int copy_value(pic_obj *to, size_t i, const pic_obj *from)
{
        pic__val_clear(&to->vals[i]);
        return pic__val_copy(&from->vals[i], &to->vals[i]);
}

static int keep_secrets(const struct target *t, pic_error **err)
{
        size_t i;

        for (i = 0; t->want != NULL && i < pic__kinds[t->kind].count; i++) {
                if (!pic__run_stays(t->kind, &pic__kinds[t->kind].fields[i]) ||
                    (t->now == NULL && strcmp(pic__kinds[t->kind].fields[i].name, "revoked") == 0))
                        continue;
                pic__val_clear(&t->want->vals[i]);
                if (t->now != NULL && copy_value(t->want, i, t->now) < 0)
                        return pic__nomem(err);
        }
        return 0;
}

/* --- what an undo makes of one object ------------------------------------------------------------------------ */

static int fail_since(const struct back *b, const pic_obj *now, const char *field, pic_error **err)
{
        const char *kind = pic__kinds[now->kind].name;

        (void)pic__fail(err, PIC_CONFLICT,
                        "%s %s: %s was changed again after revision %" PRId64 ", by revision %" PRId64, kind,
                        pic__obj_name(now), field, b->revision, now->revision);
        pic__hint(err, "Undo revision %" PRId64 " first, or set the field: pic %s set %s", now->revision, kind,
                  pic__obj_name(now));
        pic__detail(err, "field", field);
        return PIC_CONFLICT;
}

/* What the revision made of one object, as written then and with the names of today. */
struct versions {
        pic_obj *before, *after;
        pic_obj *was, *is;
};

static void versions_free(struct versions *v)
{
        pic__obj_unref(v->before);
        pic__obj_unref(v->after);
        pic__obj_unref(v->was);
        pic__obj_unref(v->is);
}

static int versions_get(struct back *b, const struct target *t, struct versions *v)
{
        int r = pic__store_obj_at(b->run->st, t->kind, t->id, b->revision - 1, &v->before, b->err);

        if (r == 0)
                r = pic__store_obj_at(b->run->st, t->kind, t->id, b->revision, &v->after, b->err);
        if (r == 0 && v->before != NULL)
                r = pic__renamed_tell(&b->was, v->before, v->after, &v->was, b->err);
        if (r == 0 && v->after != NULL)
                r = pic__renamed_tell(&b->is, v->after, v->before, &v->is, b->err);
        return r;
}

/* The fields that the revision changed, as they were before it. What the cell itself sets follows the rest. */
static int merge(struct back *b, const struct versions *v, const pic_obj *now, pic_obj **ret)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *want = NULL;
        const pic__kind_info *k = &pic__kinds[now->kind];
        size_t i;
        int r = pic__obj_edit(now, &want, b->err);

        for (i = 0; r == 0 && i < k->count; i++) {
                const pic__val *now_val = pic__obj_val(now, (int)i);

                if (pic__val_equal(pic__obj_val(v->before, (int)i), pic__obj_val(v->after, (int)i)))
                        continue;
                if (pic__run_stays(now->kind, &k->fields[i])) {
                        b->stayed = 1;
                        continue;
                }
                b->moved = 1;
                if (pic__val_equal(pic__obj_val(v->was, (int)i), now_val))
                        continue;
                if ((k->fields[i].flags & PIC__F_SYSTEM) == 0 && !pic__val_equal(now_val, pic__obj_val(v->is, (int)i)))
                        return fail_since(b, now, k->fields[i].name, b->err);
                if (copy_value(want, i, v->was) < 0)
                        r = pic__nomem(b->err);
        }
        if (r == 0)
                *ret = pic__take(want);
        return r;
}

static int wanted_by_undo(struct back *b, struct target *t)
{
        PIC__AUTO(versions_free) struct versions v = { NULL, NULL, NULL, NULL };
        int r = versions_get(b, t, &v);

        b->moved |= v.before == NULL || v.after == NULL;
        if (r < 0 || v.before == NULL)
                return r; /* it was made: it goes */
        if (v.after != NULL && t->now == NULL)
                return pic__fail(b->err, PIC_CONFLICT, "%s %s was removed after revision %" PRId64,
                                 pic__kinds[t->kind].name, pic__obj_name(v.after), b->revision);
        if (v.after != NULL)
                return merge(b, &v, t->now, &t->want);
        if (t->now == NULL) /* it was removed: it comes back, unless it is back already */
                return pic__obj_edit(v.was, &t->want, b->err);
        t->want = pic__obj_ref(t->now);
        return 0;
}

/* --- what a return makes of it ------------------------------------------------------------------------------- */

static const char *const shown[] = { "private_key", "config_shown" };

/* With the same key, that it was shown is a fact that no change of wishes changes. */
static int keep_shown(const struct back *b, const pic_obj *now, pic_obj *want)
{
        size_t i;

        if (want->kind != PIC__PEER || strcmp(pic__obj_text(now, "public_key"), pic__obj_text(want, "public_key")) != 0)
                return 0;
        for (i = 0; i < PIC__COUNT(shown); i++)
                if (copy_value(want, (size_t)pic__field_find(PIC__PEER, shown[i]), now) < 0)
                        return pic__nomem(b->err);
        return 0;
}

static int wanted_by_return(struct back *b, struct target *t)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *then = NULL;
        int r = pic__store_obj_at(b->run->st, t->kind, t->id, b->revision, &then, b->err);

        if (r < 0 || then == NULL)
                return r;
        r = pic__obj_edit(then, &t->want, b->err);
        return r < 0 || t->now == NULL ? r : keep_shown(b, t->now, t->want);
}

/* --- which objects ------------------------------------------------------------------------------------------- */

static int known(const struct back *b, enum pic__kind kind, pic_id id)
{
        size_t i;

        for (i = b->list.count; i > 0; i--)
                if (b->list.at[i - 1].kind == kind && b->list.at[i - 1].id == id)
                        return 1;
        return 0;
}

static int add(struct back *b, enum pic__kind kind, pic_id id)
{
        struct target t = { .kind = kind, .id = id };

        return pic__vec_push(&b->list, t) < 0 ? pic__nomem(b->err) : 0;
}

/* One row of the revision. That a secret was seen cannot be taken back. */
static int see_row(const pic__journal_row *row, void *data)
{
        struct back *b = data;
        int kind = pic__kind_find(row->kind);

        if (row->revision > b->revision)
                return 1;
        if (kind < 0 || (row->before == NULL && row->after == NULL))
                return 0;
        if (strcmp(row->verb, "reveal") == 0) {
                b->seen = 1;
                return 0;
        }
        return known(b, (enum pic__kind)kind, row->id) ? 0 : add(b, (enum pic__kind)kind, row->id);
}

static int find_by_undo(struct back *b)
{
        int64_t seq = 0;
        int r = pic__store_seq_of(b->run->st, b->revision, &seq, b->err);

        if (r == 0)
                r = pic__store_journal(b->run->st, seq - 1, INT64_MAX, see_row, b, b->err);
        if (r < 0 || b->list.count > 0)
                return r < 0 ? r : 0;
        if (!b->seen)
                return pic__fail(b->err, PIC_NOTFOUND, "revision %" PRId64 " changed nothing that can be undone",
                                 b->revision);
        (void)pic__fail(b->err, PIC_BADSTATE, "revision %" PRId64 " showed a secret: what was seen stays seen",
                        b->revision);
        pic__hint(b->err,
                  "Make new keys: pic peer rekey NAME. To undo an earlier change, name its revision: pic history.");
        return PIC_BADSTATE;
}

static int see_changed(enum pic__kind kind, pic_id id, const pic_obj *now, void *data)
{
        (void)now;
        return add(data, kind, id);
}

static int find_by_return(struct back *b)
{
        return pic__store_changes(b->run->st, b->revision, see_changed, b, NULL, b->err);
}

static int fill(struct back *b, struct target *t)
{
        int r = get_now(b, t->kind, t->id, &t->now);

        if (r < 0)
                return r;
        r = b->op->wish == PIC__WISH_UNDO ? wanted_by_undo(b, t) : wanted_by_return(b, t);
        if (r == 0)
                r = keep_secrets(t, b->err);
        t->done = t->now == NULL && t->want == NULL;
        return r;
}

/* --- doing it ------------------------------------------------------------------------------------------------ */

static int drop_one(struct back *b, struct target *t)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *gone = NULL;

        t->done = 1;
        if (t->kind == PIC__CELL)
                return pic__fail(b->err, PIC_BADSTATE, "revision %" PRId64 " made the cell: there is nothing before it",
                                 b->revision);
        if (t->kind == PIC__CERTIFICATE && pic__txn_get(b->run->t, t->kind, pic__obj_name(t->now), &gone, NULL) < 0)
                return 0; /* it went with its domain */
        return pic__run_remove(b->run, t->kind, pic__obj_name(t->now), b->err);
}

static int nothing_goes_back(const struct back *b)
{
        if (b->list.count > 0 && (b->list.at[0].kind == PIC__CERTIFICATE || b->list.at[0].kind == PIC__CELL)) {
                (void)pic__fail(b->err, PIC_BADSTATE,
                                "revision %" PRId64 " signed or revoked a certificate: that cannot be taken back",
                                b->revision);
                pic__hint(b->err,
                          "Revoke what shall not be good any more: pic cert revoke NAME. What was revoked is issued "
                          "anew after pic cert remove NAME.");
                return PIC_BADSTATE;
        }
        (void)pic__fail(b->err, PIC_BADSTATE,
                        "revision %" PRId64 " changed a password or another secret of a user: such do not come back",
                        b->revision);
        pic__hint(b->err, "Set a new one: pic user password NAME. To undo an earlier change, name its revision: pic "
                          "history.");
        return PIC_BADSTATE;
}

/* A slot is never changed while there is the connection; one that comes back may find it taken. So it is with the door
 * of a service. */
static int settle_slot(struct back *b, const struct target *t, pic_error **err)
{
        const char *field = t->kind == PIC__CONNECTION ? "slot" : "door";

        if (t->kind != PIC__CONNECTION && t->kind != PIC__SERVICE)
                return 0;
        if (t->now != NULL)
                return pic__obj_set_int(t->want, field, pic__obj_int(t->now, field), err);
        return t->kind == PIC__CONNECTION ? pic__run_slot(b->run, t->want, err) : pic__run_door(b->run, t->want, err);
}

/* A certificate that went put its numbers on the cell's list meanwhile. */
static int renew_cell(struct back *b, struct target *t)
{
        if (t->kind != PIC__CELL)
                return 0;
        t->now = pic__obj_unref(t->now);
        if (get_now(b, PIC__CELL, t->id, &t->now) < 0 || t->now == NULL)
                return PIC_CORRUPT;
        return keep_secrets(t, b->err);
}

static int put_one(struct back *b, struct target *t, pic_error **err)
{
        pic_id id = 0;
        int r = renew_cell(b, t);

        if (r == 0)
                r = pic__run_check_host(b->run, t->now, t->want, err);

        if (r == 0)
                r = settle_slot(b, t, err);
        t->want->revision = t->now != NULL ? t->now->revision : 0;
        if (r == 0)
                r = pic__txn_put(b->run->t, t->want, "undo", &id, err);
        if (r < 0)
                return r;
        t->done = 1;
        return pic__run_touch(b->run, t->kind, id, b->op, err);
}

/* One round over those that are left; *ret_stuck counts those whose name or address another one still holds. */
static int put_round(struct back *b, size_t *ret_stuck, pic_error **ret_why)
{
        size_t i;

        *ret_stuck = 0;
        for (i = 0; i < b->list.count; i++) {
                pic_error *bad = NULL;
                int r = b->list.at[i].done ? 0 : put_one(b, &b->list.at[i], &bad);

                if (r == 0)
                        continue;
                pic_error_free(*ret_why);
                *ret_why = bad;
                if (r != PIC_EXISTS)
                        return r;
                ++*ret_stuck;
        }
        return 0;
}

/* Names and addresses may be held by one that gives them up later in the list: as long as some go, the others are tried
 * again. */
static int put_all(struct back *b)
{
        pic__auto_err pic_error *why = NULL;
        size_t stuck = SIZE_MAX, before;
        int r;

        do {
                before = stuck;
                r = put_round(b, &stuck, &why);
        } while (r == 0 && stuck > 0 && stuck < before);
        if (r == 0 && stuck == 0)
                return 0;
        r = pic_error_code(why);
        pic__err_append(b->err, pic__take(why));
        return r;
}

static int same_values(const pic_obj *a, const pic_obj *b)
{
        size_t i;

        for (i = 0; i < pic__kinds[a->kind].count; i++)
                if (!pic__val_equal(pic__obj_val(a, (int)i), pic__obj_val(b, (int)i)))
                        return 0;
        return 1;
}

/* References follow a renaming, and a name on its way to one may have been another's for a moment: whoever named the
 * one would then name the other. Now all names are where they belong. */
static int settle_one(struct back *b, struct target *t)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *is = NULL;
        int r = t->want != NULL ? get_now(b, t->kind, t->id, &is) : 0;

        if (r < 0 || is == NULL || same_values(is, t->want))
                return r;
        t->now = pic__obj_unref(t->now);
        t->now = pic__take(is);
        return put_one(b, t, b->err);
}

/* What goes makes room for what comes. */
static int work(struct back *b)
{
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < b->list.count; i++)
                r = fill(b, &b->list.at[i]);
        if (r == 0 && b->stayed && !b->moved)
                r = nothing_goes_back(b);
        for (i = 0; r == 0 && i < b->list.count; i++)
                if (!b->list.at[i].done && b->list.at[i].want == NULL)
                        r = drop_one(b, &b->list.at[i]);
        if (r == 0)
                r = put_all(b);
        for (i = 0; r == 0 && i < b->list.count; i++)
                r = settle_one(b, &b->list.at[i]);
        return r;
}

static int check_revision(const struct back *b, pic_revision now)
{
        if (b->revision > 0 && b->revision <= now)
                return 0;
        (void)pic__fail(b->err, PIC_NOTFOUND, "there is no revision %" PRId64, b->revision);
        pic__hint(b->err, "The cell has revisions 1 to %" PRId64 ": pic history.", now);
        return PIC_NOTFOUND;
}

int pic__run_back(pic__run *run, const pic__op *op, pic_error **err)
{
        PIC__AUTO(back_free) struct back b = { .run = run, .op = op, .revision = op->revision, .err = err };
        pic_error *own = NULL;
        pic_revision now = 0;
        int r = pic__store_revision(run->st, &now, err);

        if (r < 0)
                return r;
        if (err == NULL)
                b.err = &own;
        run->whole = 1;
        if (b.revision == 0)
                b.revision = run->waited;
        if (b.revision == 0)
                r = pic__undo_last(run->st, &b.revision, b.err);
        if (r == 0)
                r = check_revision(&b, now);
        b.was = (pic__renamed){ .st = run->st, .at = b.revision - 1, .undone = b.revision };
        b.is = (pic__renamed){ .st = run->st, .at = b.revision };
        if (r == 0)
                r = op->wish == PIC__WISH_UNDO ? find_by_undo(&b) : find_by_return(&b);
        if (r == 0)
                r = work(&b);
        if (r == 0) {
                run->cell = pic__obj_unref(run->cell);
                r = pic__txn_get(run->t, PIC__CELL, NULL, &run->cell, b.err);
        }
        pic_error_free(own);
        return r;
}
