/* Owns: what an apply is made from: the wishes as a snapshot, the secrets opened, the world as it is. */
#include <malloc.h>

#include "engine/engine_i.h"

int pic__engine_load(pic__engine *e, pic__snap **ret, pic_revision *ret_revision, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_free pic_id *ids = NULL;
        size_t count = 0;
        int r;

        r = pic__snap_new(&s, err);
        if (r == 0)
                r = pic__store_load(e->store, s, ret_revision, err);
        if (r == 0)
                r = pic__snap_now(s, e->clock->now(e->clock->data), &ids, &count, err);
        if (r == 0)
                r = pic__engine_attach(e, s, err);
        if (r < 0)
                return r;
        *ret = pic__take(s);
        return 0;
}

static int open_secret(const pic_obj *o, const char *field, uint8_t out[32], void *data, pic_error **err)
{
        return pic__seals_recall(data, o, field, out, err);
}

const pic__secrets *pic__engine_secrets(pic__engine *e, pic__secrets *s)
{
        *s = (pic__secrets){ .open = open_secret, .data = &e->seals };
        return e->fake ? NULL : s;
}

int pic__engine_observe_one(pic__engine *e, enum pic__backend_id id, pic__items *out, pic_error **err)
{
        pic__backend *b = e->backends[id];
        int r = b->ops->observe(b, out, err);

        if (r < 0)
                (void)pic__wrap(err, "looking at %s", pic__backend_names[id]);
        return r;
}

int pic__engine_observe(pic__engine *e, pic__items *out, pic_error **err)
{
        size_t i;
        int r = 0;

        e->matched = 0; /* until the caller has compared */
        for (i = 0; r == 0 && i < PIC__BACKENDS; i++)
                r = pic__engine_observe_one(e, (enum pic__backend_id)i, out, err);
        return r;
}

int pic__engine_unchanged(pic__engine *e)
{
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++) {
                pic__backend *b = e->backends[i];

                if (b->ops->unchanged == NULL || !b->ops->unchanged(b))
                        return 0;
        }
        return !pic__engine_moved(e);
}

void pic__engine_trim(void)
{
        (void)malloc_trim(0);
}
