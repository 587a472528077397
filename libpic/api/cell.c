/* Owns: the making of a cell, as called from outside. */
#include "api/api.h"
#include "engine/newcell.h"

int pic_cell_init(pic_ctx *ctx, const char *const *fields, pic_obj **ret_cell, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__newcell_opts opts;
        pic_ctx *root;
        size_t n;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || fields == NULL)
                return pic__api_bad(err, "pic_cell_init", "ctx or fields is not valid");
        for (n = 0; fields[n] != NULL; n++)
                continue;
        if (n % 2 != 0)
                return pic__api_bad(err, "pic_cell_init", "fields has a name without a value");
        root = pic__ctx_root(ctx);
        opts = (pic__newcell_opts){ ctx->dir, ctx->fake, ctx->actor, ctx->way, ctx->clock, fields };
        pthread_mutex_lock(&root->lock);
        pic__view_drop(&root->view);
        root->store = pic__store_unref(root->store); /* it may be of a cell that was here before */
        r = pic__newcell_make(&opts, &cell, err);
        pthread_mutex_unlock(&root->lock);
        if (r == 0 && ret_cell != NULL)
                *ret_cell = pic__take(cell);
        return r;
}
