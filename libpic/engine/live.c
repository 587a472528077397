/* Owns: what is true now of all devices, kept for one answer. */
#include "engine/live.h"

#include <string.h>

#include "engine/engine_i.h"

void pic__lives_free(pic__lives *l)
{
        pic__map_free(&l->by_key);
        pic__arena_free(&l->arena);
}

static void take(const pic__live *live, void *data)
{
        pic__lives *l = data;
        pic__live *copy = pic__arena_alloc(&l->arena, sizeof(*copy));

        if (copy != NULL)
                *copy = *live;
        if (copy == NULL || pic__map_set(&l->by_key, copy->key, strlen(copy->key), copy) < 0)
                l->failed = 1;
}

int pic__lives_read(pic__engine *e, pic__lives *l, pic_error **err)
{
        pic__backend *wg = e->backends[PIC__B_WG];
        pic__auto_err pic_error *bad = NULL;

        if (wg->ops->live == NULL)
                return 0;
        if (wg->ops->live(wg, NULL, take, l, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_DEBUG, "engine", bad);
        return l->failed ? pic__nomem(err) : 0;
}

const pic__live *pic__lives_of(const pic__lives *l, const pic_obj *peer)
{
        const char *key = pic__obj_text(peer, "public_key");

        return pic__map_get(&l->by_key, key, strlen(key));
}

int pic__engine_passed(pic__engine *e, pic__passed *ret, pic_error **err)
{
        pic__backend *nft = e->backends[PIC__B_NFT];

        memset(ret, 0, sizeof(*ret));
        return nft->ops->passed != NULL ? nft->ops->passed(nft, ret, err) : 0;
}
