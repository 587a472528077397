/* Owns: whether what a device was given is what it would be given now. Nothing is kept for that: the journal says when
 * its configuration was shown, or was said to be on the device, and the past is there to make it again. */
#include <string.h>

#include "api/api.h"
#include "model/wgconf.h"

#define INSTALLED "installed"

/* The newest row that says what the device has. */
struct given {
        pic_id id;
        pic_revision revision; /* 0: it was never given anything */
};

static int see(const pic__journal_row *row, void *data)
{
        struct given *g = data;

        if (row->id != g->id || strcmp(row->kind, "peer") != 0)
                return 0;
        if (strcmp(row->verb, "reveal") == 0 || strcmp(row->verb, INSTALLED) == 0)
                g->revision = row->revision;
        return g->revision != 0 || strcmp(row->verb, "add") == 0;
}

static int load(pic_ctx *ctx, const char *name, struct given *g, pic__snap *then, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *peer = NULL;
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = pic__store_get(st, PIC__PEER, name, &peer, err);
        if (r == 0) {
                g->id = peer->id;
                r = pic__store_journal_back(st, 0, see, g, err);
        }
        if (r >= 0 && g->revision != 0)
                r = pic__store_at(st, g->revision, then, err);
        pic__ctx_unlock(ctx);
        return r < 0 ? r : 0;
}

/* What is on the device, without its keys: those are compared by what the cell has of them. */
static int render(const pic__snap *s, pic_id id, pic__buf *out, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        const pic_obj *peer = pic__snap_get(s, PIC__PEER, id);
        int r;

        if (peer == NULL)
                return 0;
        r = pic__wgconf_client(s, peer, NULL, pic__obj_has(peer, "preshared_key") ? "it has one" : NULL, out, &bad);
        pic__buf_putf(out, "\n%s %s", pic__obj_text(peer, "public_key"), pic__obj_text(peer, "preshared_key"));
        if (r < 0 && r != PIC_BADSTATE) { /* without an endpoint there is nothing to be given */
                pic__err_append(err, pic__take(bad));
                return r;
        }
        return out->failed ? pic__nomem(err) : 0;
}

int pic_peer_outdated(pic_ctx *ctx, const char *name, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *then = NULL;
        PIC__AUTO(pic__snap_unref_p) pic__snap *now = NULL;
        pic__auto_buf pic__buf had = PIC__BUF_INIT;
        pic__auto_buf pic__buf gets = PIC__BUF_INIT;
        struct given g = { 0, 0 };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL)
                return pic__api_bad(err, "pic_peer_outdated", "ctx or name is not valid");
        r = pic__snap_new(&then, err);
        if (r == 0)
                r = load(ctx, name, &g, then, err);
        if (r < 0 || g.revision == 0)
                return r;
        r = pic__ctx_load(ctx, &now, NULL, err);
        if (r == 0)
                r = render(then, g.id, &had, err);
        if (r == 0)
                r = render(now, g.id, &gets, err);
        return r < 0 ? r : strcmp(pic__buf_str(&had), pic__buf_str(&gets)) != 0;
}

static int write_row(pic_ctx *ctx, pic__store *st, const char *name, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *peer = NULL;
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        if (r == 0)
                r = pic__txn_get(t, PIC__PEER, name, &peer, err);
        if (r == 0)
                r = pic__txn_note_often(t, peer, INSTALLED, "the device has its configuration as it is now", err);
        if (r == 0)
                return pic__fail(err, PIC_BUSY, "that was said of peer '%s' very often within an hour", name);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic_peer_installed(pic_ctx *ctx, const char *name, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL)
                return pic__api_bad(err, "pic_peer_installed", "ctx or name is not valid");
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = write_row(ctx, st, name, err);
        pic__ctx_unlock(ctx);
        return r;
}
