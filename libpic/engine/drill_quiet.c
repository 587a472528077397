/* Owns: what a copy of a cell may not do, beside the cell that it is a copy of: backups of it would go where the cell's
 * are, and push those out. Said as wishes, in the copy alone. */
#include <string.h>

#include "base/vec.h"
#include "engine/drill.h"

static const enum pic__kind kinds[] = { PIC__TARGET, PIC__ALERT, PIC__BLOCKLIST, PIC__DOMAIN };

typedef PIC__VEC(pic_obj *) objects;

static void drop(objects *list)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                pic__obj_unref(list->at[i]);
        pic__vec_free(list);
}

static int collect(const pic_obj *o, void *data)
{
        pic_obj *mine;

        if (pic__obj_int(o, "enabled") == 0)
                return 0;
        mine = pic__obj_ref(o);
        if (pic__vec_push((objects *)data, mine) == 0)
                return 0;
        pic__obj_unref(mine);
        return PIC_NOMEM;
}

static int set(pic__txn *t, const pic_obj *o, const char *field, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *off = NULL;
        int r = pic__obj_edit(o, &off, err);

        if (r == 0)
                r = pic__obj_set(off, field, "false", 0, err);
        return r < 0 ? r : pic__txn_put(t, off, NULL, NULL, err);
}

static int turn_off(pic__txn *t, enum pic__kind kind, pic_error **err)
{
        PIC__AUTO(drop) objects list = PIC__VEC_INIT;
        size_t i;
        int r = pic__txn_each(t, kind, collect, &list, err);

        for (i = 0; r >= 0 && i < list.count; i++)
                r = set(t, list.at[i], "enabled", err);
        return r;
}

int pic__drill_quiet(pic__store *st, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        size_t i;
        int r = pic__txn_begin(st, "drill", "agent", &t, err);

        for (i = 0; r >= 0 && i < PIC__COUNT(kinds); i++)
                r = turn_off(t, kinds[i], err);
        if (r >= 0)
                r = pic__txn_get(t, PIC__CELL, NULL, &cell, err);
        if (r >= 0 && pic__obj_int(cell, "ntp_clock") != 0)
                r = set(t, cell, "ntp_clock", err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}
