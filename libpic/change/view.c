/* Owns: keeping a snapshot up with the store. Whatever goes wrong half way, the snapshot is forgotten and read anew. */
#include "change/view.h"

#include "plan/touch.h"

void pic__view_drop(pic__view *v)
{
        v->snap = pic__snap_unref(v->snap);
        v->revision = 0;
}

static int load(pic__view *v, pic__store *st, pic_error **err)
{
        int r;

        pic__view_drop(v);
        r = pic__snap_new(&v->snap, err);
        return r < 0 ? r : pic__store_load(st, v->snap, &v->revision, err);
}

static int follow(pic__view *v, pic__store *st, pic_revision newest, pic_error **err)
{
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT;
        int r;

        if (newest == v->revision)
                return 0;
        r = pic__changes_read(st, v->revision, v->snap, &c, &v->revision, err);
        return r < 0 ? r : pic__changes_tell(v->snap, c.list.at, c.list.count, err);
}

int pic__view_refresh(pic__view *v, pic__store *st, pic_time now, pic_error **err)
{
        pic__auto_free pic_id *ids = NULL;
        pic_revision newest = 0;
        size_t count = 0;
        int r = pic__store_revision(st, &newest, err);

        if (r == 0 && (v->snap == NULL || newest < v->revision)) /* a store can go back only by another's hand */
                r = load(v, st, err);
        else if (r == 0)
                r = follow(v, st, newest, err);
        if (r == 0)
                r = pic__snap_now(v->snap, now, &ids, &count, err);
        if (r == 0 && v->place != NULL)
                r = v->place(v->snap, v->place_data, err);
        if (r < 0)
                pic__view_drop(v);
        return r;
}

int pic__view_ahead(pic__view *v, pic__store *st, pic__changes *ret, pic_error **err)
{
        int r = pic__changes_read(st, v->revision, v->snap, ret, NULL, err);

        if (r == 0)
                r = pic__changes_tell(v->snap, ret->list.at, ret->list.count, err);
        if (r < 0)
                pic__view_drop(v);
        return r;
}

void pic__view_back(pic__view *v, const pic__changes *ahead)
{
        if (v->snap != NULL && pic__changes_untell(ahead, v->snap, NULL) < 0)
                pic__view_drop(v);
}
