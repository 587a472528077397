/* Owns: a device's configuration, as the agent hands it out. It holds the device's secret: every copy here is wiped. */
#include <string.h>

#include "api/api.h"
#include "codec/json_in.h"

#define SECRET_ROOM 4096 /* taken at once: a growing buffer would leave copies behind */

static int make_args(const pic_ctx *ctx, const char *name, const char *form, pic__buf *out, pic_error **err)
{
        pic__json j = PIC__JSON(out);

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "peer", name);
        pic__json_kstr(&j, "form", form);
        pic__json_kstr(&j, "actor", ctx->actor);
        pic__json_kstr(&j, "way", ctx->way);
        pic__json_close(&j, '}');
        return out->failed ? pic__nomem(err) : 0;
}

static int reveal(pic_ctx *ctx, const char *name, const char *form, pic_blob **ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_wipe pic__buf answer = PIC__BUF_SECRET;
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        const char *text;
        int r;

        r = make_args(ctx, name, form, &args, err);
        if (r == 0 && pic__buf_room(&answer, SECRET_ROOM) == NULL)
                r = pic__nomem(err);
        if (r == 0)
                r = pic__ctx_call(ctx, "reveal", pic__buf_str(&args), 0, &answer, err);
        if (r == 0)
                r = pic__api_answer(pic__buf_str(&answer), answer.len, &doc, err);
        if (r < 0)
                return r;
        text = pic__node_str(pic__doc_root(doc), "text", NULL);
        if (text == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without a configuration");
        return pic__blob_new(text, strlen(text), ret, err);
}

int pic_peer_config(pic_ctx *ctx, const char *name, pic_blob **ret_config, pic_error **err)
{
        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL || ret_config == NULL)
                return pic__api_bad(err, "pic_peer_config", "ctx, name or ret_config is not valid");
        return reveal(ctx, name, "config", ret_config, err);
}

int pic_peer_qr(pic_ctx *ctx, const char *name, int format, pic_blob **ret_image, pic_error **err)
{
        pic_blob *config = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL || ret_image == NULL)
                return pic__api_bad(err, "pic_peer_qr", "ctx, name or ret_image is not valid");
        if (format < PIC_QR_TEXT || format > PIC_QR_PLAIN)
                return pic__api_bad(err, "pic_peer_qr", "format is none of PIC_QR_*");
        r = reveal(ctx, name, "qr", &config, err);
        if (r == 0)
                r = pic_qr_make(pic_blob_data(config), format, ret_image, err);
        pic_blob_unref(config);
        return r;
}
