/* Owns: the table `ref`. It is derived from the objects (pic__obj_refs) and exists so that the database itself refuses
 * to delete a group or a peer that others name, and finds the users without reading every object. */
#include "store/ref.h"

#include <stdio.h>

#include "model/text.h"
#include "store/row.h"

#define SHOWN 50 /* users that a message names */

struct adding {
        pic__db *db;
        pic__txn *t; /* NULL: nobody is asked, unknown names are skipped */
        const pic_obj *o;
        int strict;  /* unknown names are errors, even when deferred */
        int unknown; /* some were not found */
        pic_error **err;
};

static int id_of(pic__db *db, enum pic__kind kind, const char *name, pic_id *ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_made(db, kind, PIC__K_ID, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, name);
        r = pic__db_step(db, s, err);
        *ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
        return r < 0 ? r : 0;
}

static int was_removed(const pic__txn *t, enum pic__kind kind, const char *name)
{
        size_t i;

        for (i = 0; i < t->gone.count; i++)
                if (t->gone.at[i].kind == kind && pic__same_name(t->gone.at[i].name, name))
                        return 1;
        return 0;
}

/* Where one object names another. */
struct naming {
        enum pic__kind kind;
        const char *name;
        const char *field; /* the answer */
};

static int names_it(enum pic__kind kind, const char *name, const char *field, void *data)
{
        struct naming *n = data;

        if (kind != n->kind || !pic__same_name(name, n->name))
                return 0;
        n->field = field;
        return 1;
}

static int came_before(const pic__txn *t, size_t at)
{
        size_t i;

        for (i = 0; i < at; i++)
                if (t->pending.at[i].kind == t->pending.at[at].kind && t->pending.at[i].id == t->pending.at[at].id)
                        return 1;
        return 0;
}

/* All that still name what was removed: "peer 'anna' (groups), assertion 'offline' (rule)"; and their names alone. */
static int put_users(pic__txn *t, struct naming n, pic__buf *text, pic__buf *names, pic_error **err)
{
        size_t i, count = 0;

        for (i = 0; i < t->pending.count; i++) {
                PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
                int r = came_before(t, i) ? 0
                                          : pic__row_by_id(t->st->db, t->pending.at[i].kind, PIC__K_GET,
                                                           t->pending.at[i].id, &o, err);

                if (r < 0)
                        return r;
                if (o == NULL || pic__obj_refs(o, names_it, &n) == 0 || count++ >= SHOWN)
                        continue;
                pic__buf_putf(text, "%s%s '%s' (%s)", text->len > 0 ? ", " : "", pic__kinds[o->kind].name,
                              pic__obj_name(o), n.field);
                pic__buf_putf(names, "%s%s", names->len > 0 ? "," : "", pic__obj_name(o));
        }
        if (count > SHOWN)
                pic__buf_putf(text, " and %zu more", count - SHOWN);
        return 0;
}

static int fail_removed(struct adding *a, enum pic__kind kind, const char *name)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, names = PIC__BUF_INIT;
        int r = put_users(a->t, (struct naming){ kind, name, NULL }, &text, &names, a->err);

        if (r < 0)
                return r;
        if (text.failed || names.failed)
                return pic__nomem(a->err);
        r = pic__fail(a->err, PIC_INUSE, "%s '%s' is still in use by %s", pic__kinds[kind].name, name,
                      pic__buf_str(&text));
        if (kind == PIC__CONNECTION)
                pic__hint(a->err, "say where who uses it goes: pic connection remove %s --to NAME|direct", name);
        else
                pic__hint(a->err, "change or remove what uses it first, or in the same change");
        pic__detail(a->err, "users", pic__buf_str(&names));
        return r;
}

static int fail_unknown(struct adding *a, enum pic__kind kind, const char *name, const char *field)
{
        pic__auto_buf pic__buf who = PIC__BUF_INIT;
        int r;

        pic__buf_putf(&who, "%s '%s'", pic__kinds[a->o->kind].name, pic__obj_name(a->o));
        if (was_removed(a->t, kind, name)) {
                r = fail_removed(a, kind, name);
        } else {
                r = pic__row_absent(a->db, kind, name, a->err);
                if (r == PIC_NOTFOUND)
                        pic__prefix_msg(a->err, "%s: %s: ", pic__buf_str(&who), field);
                pic__detail(a->err, "value", name);
        }
        pic__detail(a->err, "object", pic__buf_str(&who));
        pic__detail(a->err, "field", field);
        return r;
}

static int add_one(enum pic__kind kind, const char *name, const char *field, void *data)
{
        struct adding *a = data;
        sqlite3_stmt *s = NULL;
        pic_id to = 0;
        int r = id_of(a->db, kind, name, &to, a->err);

        if (r < 0)
                return r;
        if (to == 0) {
                a->unknown = 1;
                return a->strict ? fail_unknown(a, kind, name, field) : 0;
        }
        r = pic__db_made(a->db, kind, PIC__K_REF_ADD, &s, a->err);
        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, pic__kinds[a->o->kind].name);
        (void)sqlite3_bind_int64(s, 2, a->o->id);
        (void)pic__bind_text(s, 3, field);
        (void)sqlite3_bind_int64(s, 4, to);
        return pic__db_run(a->db, s, a->err);
}

static int drop_from(pic__db *db, const pic_obj *o, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(db, PIC__Q_REF_DROP, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, pic__kinds[o->kind].name);
        (void)sqlite3_bind_int64(s, 2, o->id);
        return pic__db_run(db, s, err);
}

/* Whether a field that can hold references differs. */
static int refs_differ(const pic_obj *a, const pic_obj *b)
{
        size_t i;

        for (i = 0; i < pic__kinds[a->kind].count; i++) {
                if (pic__field_refers(&pic__kinds[a->kind].fields[i]) &&
                    !pic__val_equal(pic__obj_val(a, (int)i), pic__obj_val(b, (int)i)))
                        return 1;
        }
        return 0;
}

int pic__ref_put(pic__txn *t, const pic_obj *before, const pic_obj *after, pic_error **err)
{
        struct adding a = { t->st->db, t, after, !t->deferred, 0, err };
        pic__store_key key = { after->kind, after->id };
        int r;

        if (before != NULL) {
                if (!refs_differ(before, after))
                        return 0;
                r = drop_from(t->st->db, before, err);
                if (r < 0)
                        return r;
        }
        r = pic__obj_refs(after, add_one, &a);
        if (r < 0)
                return r;
        if (a.unknown && pic__vec_push(&t->pending, key) < 0)
                return pic__nomem(err);
        return 0;
}

static int take_user(sqlite3_stmt *s, pic__store_key *ret)
{
        const char *name = pic__col_text(s, 0);
        int kind = name != NULL ? pic__kind_find(name) : -1;

        if (kind < 0)
                return 0;
        ret->kind = (enum pic__kind)kind;
        ret->id = sqlite3_column_int64(s, 1);
        return 1;
}

int pic__ref_users(pic__db *db, enum pic__kind kind, pic_id id, pic__store_key **ret_users, size_t *ret_count,
                   pic_error **err)
{
        PIC__VEC(pic__store_key) users = PIC__VEC_INIT;
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_made(db, kind, PIC__K_REF_USERS, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, id);
        while ((r = pic__db_step(db, s, err)) > 0) {
                pic__store_key u;

                if (!take_user(s, &u) || (u.kind == kind && u.id == id))
                        continue;
                if (pic__vec_push(&users, u) < 0) {
                        r = pic__nomem(err);
                        break;
                }
        }
        if (r < 0) {
                pic__vec_free(&users);
                return r;
        }
        *ret_users = users.at;
        *ret_count = users.count;
        return 0;
}

static int fail_inuse(pic__txn *t, const pic_obj *o, const pic__store_key *users, size_t count, pic_error **err)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;
        const char *kind = pic__kinds[o->kind].name;
        char more[48] = "";
        size_t i;
        int r;

        for (i = 0; i < count && i < SHOWN; i++) {
                PIC__AUTO(pic__obj_unref_p) pic_obj *u = NULL;

                r = pic__row_by_id(t->st->db, users[i].kind, PIC__K_GET, users[i].id, &u, err);
                if (r < 0)
                        return r;
                if (u != NULL)
                        pic__buf_putf(&names, "%s%s", names.len > 0 ? "," : "", pic__obj_name(u));
        }
        if (count > SHOWN)
                snprintf(more, sizeof(more), " and %zu more", count - SHOWN);
        r = pic__fail(err, PIC_INUSE, "%s '%s' is in use by %s%s", kind, pic__obj_name(o), pic__buf_str(&names), more);
        pic__hint(err, "take it out of their groups and access first");
        pic__detail(err, "users", pic__buf_str(&names));
        return r;
}

/* In a deferred transaction the users may be changed or removed after this: they are looked at again at the end. */
static int release_users(pic__txn *t, const pic_obj *o, const pic__store_key *users, size_t count, pic_error **err)
{
        pic__store_gone gone = { o->kind, pic__strdup(pic__obj_name(o)) };
        sqlite3_stmt *s = NULL;
        size_t i;
        int r;

        if (gone.name == NULL)
                return pic__nomem(err);
        if (pic__vec_push(&t->gone, gone) < 0) {
                pic__free(gone.name);
                return pic__nomem(err);
        }
        for (i = 0; i < count; i++)
                if (pic__vec_push(&t->pending, users[i]) < 0)
                        return pic__nomem(err);
        r = pic__db_made(t->st->db, o->kind, PIC__K_REF_CUT, &s, err);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, o->id);
        return pic__db_run(t->st->db, s, err);
}

int pic__ref_remove(pic__txn *t, const pic_obj *o, pic_error **err)
{
        pic__auto_free pic__store_key *users = NULL;
        size_t count = 0;
        int r;

        r = pic__ref_users(t->st->db, o->kind, o->id, &users, &count, err);
        if (r < 0)
                return r;
        if (count > 0 && !t->deferred)
                return fail_inuse(t, o, users, count, err);
        if (t->deferred) {
                r = release_users(t, o, users, count, err);
                if (r < 0)
                        return r;
        }
        return drop_from(t->st->db, o, err);
}

/* References of one object that was put while they could not be judged. */
static int settle_one(pic__txn *t, pic__store_key key, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        struct adding a = { t->st->db, t, NULL, 1, 0, err };
        int r = pic__row_by_id(t->st->db, key.kind, PIC__K_GET, key.id, &o, err);

        if (r < 0 || o == NULL)
                return r;
        r = drop_from(t->st->db, o, err);
        if (r < 0)
                return r;
        a.o = o;
        return pic__obj_refs(o, add_one, &a);
}

int pic__ref_settle(pic__txn *t, pic_error **err)
{
        size_t i;
        int r;

        for (i = 0; i < t->pending.count; i++) {
                r = settle_one(t, t->pending.at[i], err);
                if (r < 0)
                        return r;
        }
        t->pending.count = 0;
        return 0;
}

static int rebuild_kind(pic__db *db, enum pic__kind kind, pic_error **err)
{
        pic_id last = 0;

        for (;;) {
                PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
                struct adding a = { db, NULL, NULL, 0, 0, err };
                int r = pic__row_by_id(db, kind, PIC__K_NEXT, last, &o, err);

                if (r < 0 || o == NULL)
                        return r;
                last = o->id;
                a.o = o;
                r = pic__obj_refs(o, add_one, &a);
                if (r < 0)
                        return r;
        }
}

int pic__ref_rebuild(pic__db *db, pic_error **err)
{
        size_t i;
        int r = pic__db_exec(db, "DELETE FROM ref", err);

        for (i = 0; r >= 0 && i < PIC__KINDS; i++)
                r = rebuild_kind(db, (enum pic__kind)i, err);
        return r < 0 ? r : 0;
}
