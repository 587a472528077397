/* Owns: the judgement on a password and on a second factor. Passwords come as proofs, so what is done here takes a
 * moment; users that there are not cost the same moment. */
#include "engine/login.h"

#include <string.h>

#include "base/time.h"
#include "engine/engine_i.h"
#include "model/text.h"
#include "store/session.h"
#include "sys/crypto.h"
#include "sys/hash.h"
#include "sys/otp.h"

#define CODE_MAX 64 /* bytes of one that is said */

static int wrong(const char *part, pic_error **err)
{
        (void)pic__fail(err, PIC_DENIED, "user, password or code is wrong");
        pic__detail(err, "part", part);
        return PIC_DENIED;
}

static int wanted(pic_error **err)
{
        (void)pic__fail(err, PIC_BADSTATE, "a code is wanted too");
        pic__hint(err, "Say the six digits that the person's program shows now, or a recovery code.");
        pic__detail(err, "need", "code");
        return PIC_BADSTATE;
}

/* 1: it is the password of somebody who may log in. */
static int is_password(pic__engine *e, const pic_obj *user, const uint8_t proof[32], pic_error **err)
{
        uint8_t kept[32] = { 0 }, spent[32];
        int same, r;

        if (user == NULL || !pic__obj_has(user, "password")) {
                pic__random(kept, sizeof(kept));
                pic__wg_public(kept, spent); /* what opening a seal takes */
                return 0;
        }
        r = pic__seals_open(&e->seals, user, "password", kept, err);
        same = r == 0 && pic__same(kept, proof, sizeof(kept));
        pic__wipe(kept, sizeof(kept));
        return r < 0 ? r : same && pic__obj_int(user, "enabled") != 0;
}

/* --- the second factor ---------------------------------------------------------------------------------------- */

/* A step counts once: noted before anybody is let in. */
static int use_step(pic__engine *e, const pic__login *q, const pic_obj *user, int64_t step, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r = pic__txn_begin(e->store, q->actor, q->way, &t, err), fresh = 0;

        if (r == 0)
                r = fresh = pic__txn_step(t, user->id, step, err);
        if (r > 0)
                r = pic__txn_commit(pic__take(t), NULL, err);
        return r < 0 ? r : fresh;
}

static int is_totp(pic__engine *e, const pic__login *q, const pic_obj *user, const char *code, pic_error **err)
{
        pic__auto_wipe pic__buf secret = PIC__BUF_SECRET;
        int64_t step = -1;
        int r = pic__seals_open_text(&e->seals, user, "totp", &secret, err);

        if (r == 0)
                r = pic__otp_find((const uint8_t *)secret.data, secret.len, e->clock->now(e->clock->data) / PIC__SECOND,
                                  code, &step, err);
        if (r < 0 || step < 0)
                return r;
        return use_step(e, q, user, step, err);
}

/* What is left of the codes, sealed; none: absent. */
static int put_rest(pic__engine *e, pic__txn *t, const pic_obj *user, const pic__buf *rest, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        pic__auto_free char *sealed = NULL;
        int r = rest->failed ? pic__nomem(err) : 0;

        if (r == 0 && rest->len > 0)
                r = pic__seal(e->seals.public_key, "user/recovery", (const uint8_t *)rest->data, rest->len, &sealed,
                              err);
        if (r == 0)
                r = pic__obj_edit(user, &now, err);
        if (r == 0)
                r = pic__obj_set(now, "recovery", sealed, 1, err);
        return r < 0 ? r : pic__txn_put(t, now, NULL, NULL, err);
}

/* 1: it is one of them; *rest: the others. */
static int find_code(pic__engine *e, const pic_obj *user, const char *code, pic__buf *rest, pic_error **err)
{
        pic__auto_wipe pic__buf all = PIC__BUF_SECRET;
        uint8_t hash[32];
        int found = 0, r;
        size_t i;

        if (!pic__obj_has(user, "recovery"))
                return 0;
        r = pic__seals_open_text(&e->seals, user, "recovery", &all, err);
        if (r < 0)
                return r;
        pic__sha256(code, strlen(code), hash);
        for (i = 0; i + sizeof(hash) <= all.len; i += sizeof(hash)) {
                if (!found && pic__same(all.data + i, hash, sizeof(hash)))
                        found = 1;
                else
                        pic__buf_put(rest, all.data + i, sizeof(hash));
        }
        return found;
}

/* 1: it was one, and is used up. The user is read again inside the transaction: who changed it a moment ago must not be
 * written over. */
static int is_recovery(pic__engine *e, const pic__login *q, pic_id id, const char *code, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        pic__auto_wipe pic__buf rest = PIC__BUF_SECRET;
        int r = pic__txn_begin(e->store, q->actor, q->way, &t, err);

        if (r == 0)
                r = pic__store_get_id(e->store, PIC__USER, id, &user, err);
        if (r == 0)
                r = find_code(e, user, code, &rest, err);
        if (r <= 0)
                return r;
        r = put_rest(e, t, user, &rest, err);
        if (r == 0)
                r = pic__txn_commit(pic__take(t), NULL, err);
        if (r == 0)
                (void)pic__engine_apply(e, NULL, NULL); /* nothing is in that revision: status need not wait for it */
        return r < 0 ? r : 1;
}

/* As it is written down, or typed: without blanks and hyphens, in lower case. -1: longer than any. */
static int plain_code(const char *code, char text[CODE_MAX])
{
        size_t n = 0;

        for (; *code != '\0'; code++) {
                if (*code == ' ' || *code == '-')
                        continue;
                if (n + 1 >= CODE_MAX)
                        return -1;
                text[n++] = pic__lower(*code);
        }
        text[n] = '\0';
        return 0;
}

static int check_code(pic__engine *e, const pic__login *q, const pic_obj *user, pic_error **err)
{
        char code[CODE_MAX];
        int r;

        if (q->code == NULL || q->code[0] == '\0')
                return wanted(err);
        if (plain_code(q->code, code) < 0)
                return wrong("code", err);
        if (strlen(code) == PIC__OTP_CODE - 1 && strspn(code, "0123456789") == strlen(code))
                r = is_totp(e, q, user, code, err);
        else
                r = is_recovery(e, q, user->id, code, err);
        pic__wipe(code, sizeof(code));
        if (r < 0)
                return r;
        return r > 0 ? 0 : wrong("code", err);
}

int pic__engine_login(pic__engine *e, const pic__login *q, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        int r = pic__store_get(e->store, PIC__USER, q->user, &user, NULL); /* NULL: no looking for names like it */

        if (r < 0 && r != PIC_NOTFOUND)
                return pic__fail(err, r, "the store cannot be read");
        r = is_password(e, user, q->proof, err);
        if (r <= 0)
                return r < 0 ? r : wrong("password", err);
        if (q->check || !pic__obj_has(user, "totp"))
                return 0;
        return check_code(e, q, user, err);
}
