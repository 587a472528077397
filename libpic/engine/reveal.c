/* Owns: showing a device its configuration. The rule "shown once" is kept here: the wish that the key be gone is
 * committed before the text leaves this file, so that no crash can show a key twice. */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "engine/engine_i.h"
#include "engine/notes.h"
#include "model/wgconf.h"
#include "sys/crypto.h"

#define TRIES 4 /* somebody may commit between our look and our transaction */

struct request {
        const char *peer;
        const char *form;
        const char *actor;
        const char *way;
};

static int may_show(const pic_obj *peer, const char *form, pic_error **err)
{
        const char *mode = pic__obj_text(peer, "key_mode");

        if (strcmp(mode, "client") == 0) {
                if (strcmp(form, "qr") != 0)
                        return 0;
                (void)pic__fail(err, PIC_BADSTATE, "peer '%s' made its own key, so a QR code would lack it",
                                pic__obj_name(peer));
                pic__hint(err, "Use pic peer config %s and put the device's private key in, or pic peer rekey %s.",
                          pic__obj_name(peer), pic__obj_name(peer));
                return PIC_BADSTATE;
        }
        if (pic__obj_has(peer, "private_key"))
                return 0;
        (void)pic__fail(err, PIC_BADSTATE,
                        "the configuration of peer '%s' was shown already and its private key is gone from the cell",
                        pic__obj_name(peer));
        pic__hint(err, "Make a new one: pic peer rekey %s", pic__obj_name(peer));
        return PIC_BADSTATE;
}

/* A secret of the peer as base64, or an empty text when it has none. */
static int key_text(pic__engine *e, const pic_obj *peer, const char *field, char text[PIC__KEY_TEXT], pic_error **err)
{
        uint8_t key[32];
        int r;

        text[0] = '\0';
        if (!pic__obj_has(peer, field))
                return 0;
        r = pic__seals_open(&e->seals, peer, field, key, err);
        if (r == 0)
                pic__key_encode(key, text);
        pic__wipe(key, sizeof(key));
        return r;
}

static int render(pic__engine *e, const pic__snap *s, const pic_obj *peer, pic__buf *out, pic_error **err)
{
        char private_key[PIC__KEY_TEXT], preshared[PIC__KEY_TEXT];
        int r;

        r = key_text(e, peer, "private_key", private_key, err);
        if (r == 0)
                r = key_text(e, peer, "preshared_key", preshared, err);
        if (r == 0)
                r = pic__wgconf_client(s, peer, private_key[0] != '\0' ? private_key : NULL,
                                       preshared[0] != '\0' ? preshared : NULL, out, err);
        pic__wipe(private_key, sizeof(private_key));
        pic__wipe(preshared, sizeof(preshared));
        if (r == 0 && out->failed)
                r = pic__nomem(err);
        return r;
}

/* The peer as it is after it was shown. Takes t. */
static int record(pic__engine *e, pic__txn *t, const pic_obj *peer, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *txn = t;
        PIC__AUTO(pic__obj_unref_p) pic_obj *shown = NULL;
        int64_t now = e->clock->now(e->clock->data), last = pic__obj_int(peer, "config_shown");
        int r;

        if (now / PIC__SECOND == last / PIC__SECOND) /* always another one, so always a row: each showing is one */
                now = last + PIC__SECOND;
        r = pic__obj_edit(peer, &shown, err);
        if (r == 0)
                r = pic__obj_set_int(shown, "config_shown", now, err);
        if (r == 0 && strcmp(pic__obj_text(peer, "key_mode"), "sealed") == 0)
                r = pic__obj_set(shown, "private_key", NULL, 1, err);
        if (r == 0)
                r = pic__txn_put(txn, shown, "reveal", NULL, err);
        if (r == 0 && !pic__obj_has(shown, "private_key")) /* an undo must not bring it back */
                r = pic__txn_forget(txn, PIC__PEER, peer->id, "private_key", pic__obj_text(peer, "private_key"), err);
        if (r < 0)
                return r;
        return pic__txn_commit(pic__take(txn), NULL, err);
}

/* Said before the key is gone: a picture that cannot be made must not use up the one showing. */
static int too_long(size_t len, pic_error **err)
{
        (void)pic__fail(err, PIC_VALUE, "%zu bytes are too long for a QR code: it holds %d", len, PIC__QR_BYTES);
        pic__hint(err, "Give the device the configuration as a file.");
        return PIC_VALUE;
}

static int reveal(pic__engine *e, const pic__snap *s, pic_revision revision, const struct request *q, pic__buf *out,
                  pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *peer = NULL;
        int r;

        r = pic__txn_begin(e->store, q->actor, q->way, &t, err);
        if (r == 0)
                r = pic__txn_if_revision(t, revision, err);
        if (r == 0)
                r = pic__txn_get(t, PIC__PEER, q->peer, &peer, err);
        if (r == 0)
                r = may_show(peer, q->form, err);
        if (r == 0)
                r = render(e, s, peer, out, err);
        if (r == 0 && strcmp(q->form, "qr") == 0 && out->len > PIC__QR_BYTES)
                r = too_long(out->len, err);
        return r < 0 ? r : record(e, pic__take(t), peer, err);
}

/* The text may depend on any object (whom the peer may reach), so it is made from a snapshot of the very revision of
 * the transaction. */
static int attempt(pic__engine *e, const struct request *q, pic__buf *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        const pic__snap *s = e->snap;
        pic_revision revision;
        int r;

        r = pic__store_revision(e->store, &revision, err);
        if (r == 0 && (s == NULL || e->dirty || revision != e->applied)) {
                r = pic__engine_load(e, &fresh, &revision, err);
                s = fresh;
        }
        return r < 0 ? r : reveal(e, s, revision, q, out, err);
}

int pic__engine_reveal(pic__engine *e, const char *peer, const char *form, const char *actor, const char *way,
                       pic__buf *out, pic_error **err)
{
        const struct request q = { peer, form, actor, way };
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        pic_error *bad = NULL;
        int r = PIC_STALE, i;

        for (i = 0; i < TRIES && r == PIC_STALE; i++) {
                pic_error_free(pic__take(bad));
                pic__buf_wipe(&text);
                r = attempt(e, &q, &text, &bad);
        }
        if (r == PIC_BADSTATE)
                pic__engine_refused(e, actor, way, pic_error_message(bad), 0);
        if (r < 0) {
                if (err != NULL)
                        *err = bad;
                else
                        pic_error_free(bad);
                return r;
        }
        pic__log_put(e->log, PIC_LOG_INFO, "engine", "configuration of peer '%s' shown to %s", peer, actor);
        (void)pic__engine_apply(
                e, NULL,
                NULL); /* so that status does not wait for a revision with nothing in it; a failure is kept there */
        pic__buf_put(out, text.data, text.len);
        return out->failed ? pic__nomem(err) : 0;
}
