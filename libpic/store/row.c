/* Owns: the way between a row and an object. Columns are in the field table's order, after id and revision. */
#include "store/row.h"

#include <inttypes.h>

#include "model/near.h"

static int read_value(sqlite3_stmt *s, int at, pic__val *to)
{
        const char *text;

        switch (sqlite3_column_type(s, at)) {
        case SQLITE_NULL: return 0;
        case SQLITE_INTEGER:
                to->tag = PIC__V_INT;
                to->i = sqlite3_column_int64(s, at);
                return 0;
        default:
                text = pic__col_text(s, at);
                if (text == NULL)
                        return -1;
                to->s = pic__memdup(text, (size_t)sqlite3_column_bytes(s, at));
                if (to->s == NULL)
                        return -1;
                to->tag = PIC__V_TEXT;
                return 0;
        }
}

int pic__row_read(sqlite3_stmt *s, enum pic__kind kind, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        size_t i;
        int r = pic__obj_new(kind, &o, err);

        if (r < 0)
                return r;
        o->id = sqlite3_column_int64(s, 0);
        o->revision = sqlite3_column_int64(s, 1);
        for (i = 0; i < pic__kinds[kind].count; i++)
                if (read_value(s, (int)i + 2, &o->vals[i]) < 0)
                        return pic__nomem(err);
        *ret = pic__take(o);
        return 0;
}

void pic__row_bind(sqlite3_stmt *s, const pic_obj *o, pic_id id, pic_revision revision)
{
        size_t i;

        (void)sqlite3_bind_int64(s, 1, id);
        (void)sqlite3_bind_int64(s, 2, revision);
        for (i = 0; i < pic__kinds[o->kind].count; i++) {
                const pic__val *v = pic__obj_val(o, (int)i);

                if (v->tag == PIC__V_INT)
                        (void)sqlite3_bind_int64(s, (int)i + 3, v->i);
                else if (v->tag == PIC__V_TEXT)
                        (void)pic__bind_text(s, (int)i + 3, v->s);
                else
                        (void)sqlite3_bind_null(s, (int)i + 3);
        }
}

static int one_row(pic__db *db, sqlite3_stmt *s, enum pic__kind kind, pic_obj **ret, pic_error **err)
{
        int r = pic__db_step(db, s, err);

        *ret = NULL;
        return r > 0 ? pic__row_read(s, kind, ret, err) : r;
}

int pic__row_by_id(pic__db *db, enum pic__kind kind, enum pic__k k, pic_id id, pic_obj **ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_made(db, kind, k, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, id);
        return one_row(db, s, kind, ret, err);
}

/* There is one cell, so its name may be left out. */
int pic__row_by_name(pic__db *db, enum pic__kind kind, const char *name, pic_obj **ret, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r;

        if (name == NULL && kind == PIC__CELL)
                return pic__row_by_id(db, kind, PIC__K_NEXT, 0, ret, err);
        r = pic__db_made(db, kind, PIC__K_NAMED, &s, err);
        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, name);
        return one_row(db, s, kind, ret, err);
}

static void hint_near(pic__db *db, enum pic__kind kind, const char *name, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        pic__near near = PIC__NEAR(name);

        if (err == NULL || pic__db_made(db, kind, PIC__K_NAMES, &s, NULL) < 0)
                return;
        while (sqlite3_step(s) == SQLITE_ROW) {
                const char *candidate = pic__col_text(s, 0);

                if (candidate != NULL)
                        pic__near_try(&near, candidate);
        }
        pic__near_hint(&near, NULL, err);
}

int pic__row_absent(pic__db *db, enum pic__kind kind, const char *name, pic_error **err)
{
        pic__auto_buf pic__buf shown = PIC__BUF_INIT, object = PIC__BUF_INIT, rule = PIC__BUF_INIT;
        int r;

        if (name == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no %s", pic__kinds[kind].name);
        pic__buf_put_shown(&shown, name, 80);
        r = pic__fail(err, PIC_NOTFOUND, "there is no %s '%s'", pic__kinds[kind].name, pic__buf_str(&shown));
        pic__buf_putf(&object, "%s '%s'", pic__kinds[kind].name, pic__buf_str(&shown));
        pic__buf_putf(&rule, "is no %s of this cell", pic__kinds[kind].name);
        pic__detail(err, "object", pic__buf_str(&object));
        pic__detail(err, "field", "name");
        pic__detail(err, "value", pic__buf_str(&shown));
        pic__detail(err, "rule", pic__buf_str(&rule));
        hint_near(db, kind, name, err);
        return r;
}
