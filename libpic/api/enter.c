/* Owns: opening the session of a person: its row, its browser's, and the line in the journal, in one transaction. */
#include "api/enter.h"

#include <stdio.h>
#include <string.h>

#include "sys/crypto.h"

struct fresh {
        char text[PIC__SECRET_TEXT];
        char device[PIC__SECRET_TEXT];
        pic__session_row row;
        pic_obj *user;
};

static void fresh_free(struct fresh *f)
{
        pic__obj_unref(f->user);
        pic__wipe(f->text, sizeof(f->text));
        pic__wipe(f->device, sizeof(f->device));
}

static int write_rows(const pic__entry *e, struct fresh *f, pic__txn *t, pic_error **err)
{
        uint8_t hash[32];
        char text[300];
        int r;

        f->row.user = f->user->id;
        snprintf(f->row.role, sizeof(f->row.role), "%s", pic__obj_text(f->user, "role"));
        f->row.created = f->row.seen = e->ctx->clock->now(e->ctx->clock->data);
        f->row.until = f->row.created + PIC__SESSION_LIFE;
        pic__session_say(&f->row, e->address, e->agent);
        pic__secret_hash(f->text, hash);
        r = pic__txn_session_add(t, &f->row, hash, &f->row.id, err);
        pic__secret_hash(f->device, hash);
        if (r == 0)
                r = pic__txn_device_put(t, hash, f->user->id, err);
        snprintf(text, sizeof(text), "user %s logged in%s%s%s", pic__obj_name(f->user), e->with != NULL ? e->with : "",
                 f->row.address[0] != '\0' ? " from " : "", f->row.address);
        return r < 0 ? r : pic__session_note(t, f->user, "login", text, err);
}

static int write_session(const pic__entry *e, struct fresh *f, pic__store *st, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int still = 0, r = pic__txn_begin(st, pic__obj_name(e->user), e->ctx->way, &t, err);

        if (r < 0)
                return r;
        r = pic__store_get_id(st, PIC__USER, e->user->id, &f->user, NULL);
        if (r < 0 && r != PIC_NOTFOUND)
                return pic__fail(err, r, "the users cannot be read");
        if (r == 0)
                r = still = e->still(st, f->user, e->data, err);
        if (r < 0 && r != PIC_NOTFOUND)
                return r;
        if (!still)
                return pic__fail(err, PIC_DENIED, "the user was changed in this moment");
        r = write_rows(e, f, t, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

/* The session's secret is always a new one: what somebody put into a browser before is worth nothing. */
int pic__session_enter(const pic__entry *e, pic_session **ret, pic_error **err)
{
        PIC__AUTO(fresh_free) struct fresh f = { .user = NULL };
        pic__store *st = NULL;
        int r;

        pic__secret_new(f.text);
        pic__secret_new(f.device);
        if (e->device != NULL)
                snprintf(f.device, sizeof(f.device), "%s", e->device);
        r = pic__ctx_lock(e->ctx, &st, err);
        if (r < 0)
                return r;
        r = write_session(e, &f, st, err);
        pic__ctx_unlock(e->ctx);
        if (r < 0)
                return r;
        return pic__session_make(&(pic__session_is){ .user = f.user,
                                                     .row = &f.row,
                                                     .role = f.row.role,
                                                     .text = f.text,
                                                     .fresh = 1,
                                                     .device = f.device },
                                 ret, err);
}
