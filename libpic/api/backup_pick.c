/* Owns: some of a backup's objects as wishes of an edit: the way back that is a change of the cell, where a restore is
 * an exchange of cells. */
#include <string.h>

#include "api/backup_open.h"
#include "api/edit.h"
#include "change/pick.h"
#include "engine/keyfile.h"
#include "engine/seals.h"
#include "sys/crypto.h"

static const char call[] = "pic_backup_pick";

static int open_secret(const pic_obj *o, const char *field, pic__buf *out, void *data, pic_error **err)
{
        const pic__seals *s = data;
        uint8_t key[32];
        int r;

        if (o->kind != PIC__PEER)
                return pic__seals_open_text(s, o, field, out, err);
        r = pic__seals_open(s, o, field, key, err);
        if (r == 0)
                pic__buf_put(out, key, sizeof(key));
        pic__wipe(key, sizeof(key));
        return r;
}

static int read_key(const pic__opened *x, pic__seals *ret, pic_error **err)
{
        int r = pic__keyfile_read(x->place.path, ret->key, err);

        return r < 0 ? r : pic__store_seal_key(x->store, ret->public_key, err);
}

/* Whether a backup's secrets are sealed to the key of the cell that is here. */
static int is_sealed_here(const pic_edit *edit, const pic__seals *seals)
{
        uint8_t key[32];

        return edit->wishes.seal_key(edit->wishes.seal_data, key, NULL) == 0 &&
               memcmp(key, seals->public_key, sizeof(key)) == 0;
}

static int load_now(pic_ctx *ctx, pic__snap *into, pic_error **err)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = pic__store_load(st, into, NULL, err);
        pic__ctx_unlock(ctx);
        return r;
}

static int tell(pic__opened *x, const char *told, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, manifest = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        if (ret == NULL)
                return 0;
        pic__manifest_put(pic__unpack_manifest(x->g.backup), &manifest);
        pic__json_open(&j, '{');
        pic__json_key(&j, "picked");
        pic__json_raw(&j, told);
        pic__json_key(&j, "manifest");
        pic__json_raw(&j, pic__buf_str(&manifest));
        pic__json_close(&j, '}');
        return text.failed || manifest.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret, err);
}

static int pick(pic_edit *edit, pic__opened *x, const pic__picked *what, int exact, pic_report **ret, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *then = NULL;
        PIC__AUTO(pic__snap_unref_p) pic__snap *now = NULL;
        PIC__AUTO(pic__seals_wipe) pic__seals seals = { .key = { 0 } };
        pic__auto_buf pic__buf told = PIC__BUF_INIT;
        pic__pick in = { .what = what, .same = pic__moved_is_here(x->cell, &x->moved), .exact = exact };
        pic__json j = PIC__JSON(&told);
        size_t had = edit->wishes.ops.count;
        int r = pic__snap_new(&then, err);

        if (r == 0)
                r = pic__snap_new(&now, err);
        if (r == 0)
                r = pic__store_load(x->store, then, NULL, err);
        if (r == 0)
                r = load_now(edit->ctx, now, err);
        if (r == 0)
                r = read_key(x, &seals, err);
        in.then = then;
        in.now = now;
        in.open = open_secret;
        in.data = &seals;
        in.sealed_here = r == 0 && is_sealed_here(edit, &seals);
        if (r == 0)
                r = pic__wishes_pick(&edit->wishes, &in, &j, err);
        if (r == 0 && told.failed)
                r = pic__nomem(err);
        if (r == 0)
                r = tell(x, pic__buf_str(&told), ret, err);
        if (r < 0)
                edit->wishes.ops.count = had;
        return r;
}

static int take(pic_edit *edit, const pic_age_keys *keys, int in_fd, const pic__picked *what,
                const pic_backup_opts *opts, pic_report **ret, pic_error **err)
{
        PIC__AUTO(pic__opened_free) pic__opened x = pic__opened_of(in_fd);
        pic_backup_opts o;
        uint32_t exact;
        int r = pic__api_opts(opts, &o, sizeof(o), call, err);

        if (r < 0)
                return r;
        exact = o.flags & PIC_BACKUP_EXACT;
        o.flags &= ~exact;
        o.size = sizeof(o);
        if (o.answers != NULL)
                return pic__api_bad(err, call, "opts.answers are for the whole cell");
        r = pic__opened_get(edit->ctx, call, keys, &o, &x, err);
        if (r == 0 && x.here == NULL)
                r = pic__fail(err, PIC_NOTFOUND, "there is no cell here that could have some of it: restore it whole");
        return r < 0 ? r : pick(edit, &x, what, exact != 0, ret, err);
}

int pic_backup_pick(pic_edit *edit, const pic_age_keys *keys, int in_fd, const char *only, const pic_backup_opts *opts,
                    pic_report **ret_told, pic_error **err)
{
        PIC__AUTO(pic__picked_free) pic__picked what = { .kinds = 0 };
        int r;

        if (!pic__api_is(edit, PIC__MAGIC_EDIT) || only == NULL)
                return pic__api_bad(err, call, "edit or only is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "%s: this edit was committed already", call);
        r = pic__picked_parse(only, &what, err);
        return r == 0 ? take(edit, keys, in_fd, &what, opts, ret_told, err) : r;
}
