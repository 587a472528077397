/* Owns: writing and removing objects. Each call is a savepoint: when it fails, nothing of it is left in the
 * transaction. */
#include <inttypes.h>
#include <string.h>

#include "model/text.h"
#include "store/host.h"
#include "store/inner.h"
#include "store/journal.h"
#include "store/past.h"
#include "store/ref.h"
#include "store/row.h"
#include "store/session.h"

/* One call's savepoint, and what of the transaction is not in the file. */
struct save {
        int tree_known;
        pic__tree tree;
};

static int save(pic__txn *t, struct save *save, pic_error **err)
{
        save->tree_known = t->tree_known;
        if (t->tree_known)
                save->tree = t->tree;
        return pic__db_fixed(t->st->db, PIC__Q_SAVE, err);
}

/* Ends the savepoint of one call. Answers r, unless ending it fails too. */
static int settle(pic__txn *t, const struct save *save, int r, pic_error **err)
{
        int done;

        if (r < 0) {
                t->tree_known = save->tree_known;
                if (t->tree_known)
                        t->tree = save->tree;
        }
        if (r < 0 && pic__txn_alive(t, NULL) == 0)
                (void)pic__db_fixed(t->st->db, PIC__Q_BACK, NULL);
        if (r < 0 && pic__txn_alive(t, NULL) < 0)
                return r;
        done = pic__db_fixed(t->st->db, PIC__Q_RELEASE, r < 0 ? NULL : err);
        return r < 0 ? r : done;
}

/* Another object that has the value of a unique field. */
static int find_holder(pic__txn *t, const pic_obj *o, const pic__field *f, const char *text, char **ret,
                       pic_error **err)
{
        pic__auto_once sqlite3_stmt *s = NULL;
        pic__auto_buf pic__buf sql = PIC__BUF_INIT;
        int r;

        pic__buf_putf(&sql, "SELECT name FROM \"%s\" WHERE \"%s\" = ?1%s AND id <> ?2", pic__kinds[o->kind].name,
                      f->name, (f->flags & PIC__F_NAME) != 0 ? " COLLATE NOCASE" : "");
        if (sql.failed)
                return pic__nomem(err);
        r = pic__db_once(t->st->db, pic__buf_str(&sql), &s, err);
        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, text);
        (void)sqlite3_bind_int64(s, 2, o->id);
        r = pic__db_step(t->st->db, s, err);
        if (r <= 0)
                return r;
        *ret = pic__strdup(pic__col_text(s, 0));
        return *ret != NULL ? 1 : pic__nomem(err);
}

static int fail_taken(const pic_obj *o, const pic__field *f, const char *text, const char *holder, pic_error **err)
{
        pic__auto_buf pic__buf who = PIC__BUF_INIT, rule = PIC__BUF_INIT;
        const char *kind = pic__kinds[o->kind].name;
        int r;

        pic__buf_putf(&who, "%s '%s'", kind, pic__obj_name(o));
        pic__buf_putf(&rule, "is that of %s '%s'", kind, holder);
        if ((f->flags & PIC__F_NAME) != 0)
                r = pic__fail(err, PIC_EXISTS, "%s '%s' exists already", kind, holder);
        else
                r = pic__fail(err, PIC_EXISTS, "%s: %s %s %s", pic__buf_str(&who), f->name, text, pic__buf_str(&rule));
        if ((f->flags & PIC__F_NAME) != 0)
                pic__hint(err, "choose another name, or change that %s ('pic %s set')", kind, kind);
        else
                pic__hint(err, "give another %s, or leave it out", f->name);
        pic__detail(err, "object", pic__buf_str(&who));
        pic__detail(err, "field", f->name);
        pic__detail(err, "value", text);
        pic__detail(err, "rule", pic__buf_str(&rule));
        return r;
}

/* sqlite says that a unique index refused; the table says which fields that can be, and looking says who has it. */
static int explain_taken(pic__txn *t, const pic_obj *o, int otherwise, pic_error **err)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        size_t i;

        for (i = 0; i < k->count; i++) {
                pic__auto_free char *holder = NULL;
                const pic__val *v = pic__obj_val(o, (int)i);
                int r;

                if ((k->fields[i].flags & (PIC__F_UNIQUE | PIC__F_NAME)) == 0 || v->tag != PIC__V_TEXT)
                        continue;
                r = find_holder(t, o, &k->fields[i], v->s, &holder, err);
                if (r < 0)
                        return r;
                if (r > 0)
                        return fail_taken(o, &k->fields[i], v->s, holder, err);
        }
        if (o->kind == PIC__CELL)
                return pic__fail(err, PIC_EXISTS, "there is a cell here already");
        return otherwise;
}

static int write_row(pic__txn *t, const pic_obj *o, int is_new, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int rc, r = pic__db_made(t->st->db, o->kind, is_new ? PIC__K_INSERT : PIC__K_UPDATE, &s, err);

        if (r < 0)
                return r;
        pic__row_bind(s, o, o->id, t->was + 1);
        rc = sqlite3_step(s);
        r = rc == SQLITE_DONE ? 0 : pic__db_fail(t->st->db, rc, err);
        pic__stmt_back(&s);
        if (rc == SQLITE_CONSTRAINT_UNIQUE)
                return explain_taken(t, o, r, err);
        return r;
}

/* An object as it will be written: with its id, and with its own references to itself under its new name. */
static int prepare(pic__txn *t, const pic_obj *o, const pic_obj *before, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *copy = NULL;
        int changed, r = pic__obj_edit(o, &copy, err);

        if (r < 0)
                return r;
        if (copy->id == 0) {
                r = pic__txn_new_id(t, o->kind, &copy->id, err);
                if (r < 0)
                        return r;
        }
        if (before != NULL && !pic__same_name(pic__obj_name(before), pic__obj_name(o))) {
                r = pic__obj_rename_ref(copy, o->kind, pic__obj_name(before), pic__obj_name(o), &changed, err);
                if (r < 0)
                        return r;
        }
        copy->revision = t->was + 1;
        *ret = pic__take(copy);
        return 0;
}

static int after_write(pic__txn *t, const pic_obj *before, const pic_obj *after, pic_error **err)
{
        int r = pic__ref_put(t, before, after, err);

        if (r >= 0 && (after->kind == PIC__PEER || after->kind == PIC__SERVICE))
                r = pic__host_moved(t, before, after, err);
        if (r >= 0 && after->kind == PIC__CELL &&
            (before == NULL || strcmp(pic__obj_text(before, "net4"), pic__obj_text(after, "net4")) != 0 ||
             strcmp(pic__obj_text(before, "net6"), pic__obj_text(after, "net6")) != 0))
                r = pic__host_renumber(t, err);
        if (r >= 0 && after->kind == PIC__USER)
                r = pic__session_follow(t, before, after, err);
        return r;
}

/* One object and its row of the journal. *ret_wrote: whether anything differed. */
static int put_one(pic__txn *t, const pic_obj *before, const pic_obj *after, const char *verb, int *ret_wrote,
                   pic_error **err)
{
        pic__auto_change pic__change c = PIC__CHANGE_INIT;
        int r = pic__change_make(&c, before, after, verb, err);

        *ret_wrote = 0;
        if (r < 0 || c.count == 0)
                return r;
        r = before != NULL ? pic__past_put(t, before, err) : 0;
        if (r >= 0)
                r = write_row(t, after, before == NULL, err);
        if (r >= 0)
                r = after_write(t, before, after, err);
        if (r >= 0)
                r = pic__journal_put(t, &c, after->kind, after->id, pic__obj_name(after), verb, err);
        if (r >= 0)
                *ret_wrote = 1;
        return r;
}

static int rename_user(pic__txn *t, const pic__store_key *user, enum pic__kind kind, const char *from, const char *to,
                       pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *before = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *after = NULL;
        int changed = 0, wrote, r;

        r = pic__row_by_id(t->st->db, user->kind, PIC__K_GET, user->id, &before, err);
        if (r < 0 || before == NULL)
                return r;
        r = pic__obj_edit(before, &after, err);
        if (r < 0)
                return r;
        r = pic__obj_rename_ref(after, kind, from, to, &changed, err);
        if (r < 0 || !changed)
                return r;
        after->revision = t->was + 1;
        return put_one(t, before, after, NULL, &wrote, err);
}

static int rename_users(pic__txn *t, const pic_obj *before, const pic_obj *after, pic_error **err)
{
        pic__auto_free pic__store_key *users = NULL;
        const char *from = pic__obj_name(before), *to = pic__obj_name(after);
        size_t count = 0, i;
        int r;

        if (pic__same_name(from, to))
                return 0;
        r = pic__ref_users(t->st->db, after->kind, after->id, &users, &count, err);
        for (i = 0; r >= 0 && i < count; i++)
                r = rename_user(t, &users[i], after->kind, from, to, err);
        return r;
}

static int put(pic__txn *t, const pic_obj *o, const char *verb, pic_id *ret_id, int *ret_wrote, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *before = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *after = NULL;
        int r;

        if (o->id != 0) {
                r = pic__row_by_id(t->st->db, o->kind, PIC__K_GET, o->id, &before, err);
                if (r < 0)
                        return r;
        }
        if (before == NULL && o->revision > 0) {
                r = pic__fail(err, PIC_STALE, "%s '%s' was removed meanwhile", pic__kinds[o->kind].name,
                              pic__obj_name(o));
                pic__hint(err, "read the cell again and repeat the change");
                return r;
        }
        r = prepare(t, o, before, &after, err);
        if (r < 0)
                return r;
        r = put_one(t, before, after, verb, ret_wrote, err);
        if (r < 0)
                return r;
        *ret_id = after->id;
        return *ret_wrote && before != NULL ? rename_users(t, before, after, err) : 0;
}

int pic__txn_put(pic__txn *t, const pic_obj *o, const char *verb, pic_id *ret_id, pic_error **err)
{
        pic_id id = 0;
        int wrote = 0, r = pic__txn_alive(t, err);
        struct save back;

        if (r >= 0)
                r = pic__obj_check(o, err);
        if (r >= 0)
                r = save(t, &back, err);
        if (r < 0)
                return r;
        r = settle(t, &back, put(t, o, verb, &id, &wrote, err), err);
        if (r < 0) {
                t->nets_known = 0;
                return r;
        }
        t->changed |= wrote;
        if (ret_id != NULL)
                *ret_id = id;
        return 0;
}

static int remove_row(pic__txn *t, const pic_obj *o, pic_error **err)
{
        pic__auto_change pic__change c = PIC__CHANGE_INIT;
        sqlite3_stmt *s = NULL;
        int r = pic__change_make(&c, o, NULL, NULL, err);

        if (r >= 0)
                r = pic__past_put(t, o, err);
        if (r >= 0)
                r = pic__ref_remove(t, o, err);
        if (r >= 0)
                r = pic__db_made(t->st->db, o->kind, PIC__K_DELETE, &s, err);
        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, o->id);
        r = pic__db_run(t->st->db, s, err);
        if (r >= 0 && (o->kind == PIC__PEER || o->kind == PIC__SERVICE))
                r = pic__host_moved(t, o, NULL, err);
        if (r >= 0)
                r = pic__journal_put(t, &c, o->kind, o->id, pic__obj_name(o), NULL, err);
        return r;
}

int pic__txn_remove(pic__txn *t, enum pic__kind kind, const char *name, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        int r = pic__txn_alive(t, err);
        struct save back;

        if (r >= 0)
                r = pic__txn_get(t, kind, name, &o, err);
        if (r >= 0)
                r = save(t, &back, err);
        if (r < 0)
                return r;
        r = settle(t, &back, remove_row(t, o, err), err);
        t->nets_known = t->nets_known && kind != PIC__CELL;
        if (r < 0)
                return r;
        t->changed = 1;
        return 0;
}
