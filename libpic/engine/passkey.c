/* Owns: the judgement on passkeys. The signature is libfido2's; what it is about, and whether it counts, is ours. */
#include "engine/passkey.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codec/webauthn.h"
#include "engine/engine_i.h"
#include "store/passkey.h"
#include "sys/crypto.h"
#include "sys/hash.h"

#include <pic/log.h>

/* --- what the browser says ------------------------------------------------------------------------------------ */

static int same_text(const char *a, const char *b)
{
        return strcmp(a, b) == 0;
}

/* Why it is not what was asked for; NULL: it is. The page's origin is compared letter by letter: the browser tells it,
 * and no page can have it say another. */
static const char *not_asked(const pic__ceremony *c, const pic__client_data *said, const char *type)
{
        if (!same_text(said->type, type))
                return "it was made for something else";
        if (!same_text(said->challenge, c->challenge))
                return "it answers another challenge";
        if (!same_text(said->origin, c->origin))
                return "it was made for a page of another origin";
        return said->cross ? "the page was inside a page of another origin" : NULL;
}

/* The same of what the authenticator says. */
static const char *not_meant(const pic__auth_data *auth, const char *rp)
{
        uint8_t hash[32];

        pic__sha256(rp, strlen(rp), hash);
        if (!pic__same(auth->rp, hash, sizeof(hash)))
                return "it was made for another name";
        if ((auth->flags & PIC__AUTH_PRESENT) == 0)
                return "nobody was there";
        if ((auth->flags & PIC__AUTH_VERIFIED) == 0)
                return "it did not ask for a PIN, a finger or a face";
        return NULL;
}

static int check_client(const pic__ceremony *c, const char *type, const char **ret_why, pic_error **err)
{
        pic__client_data said;
        int r = pic__client_data_read(c->client.data, c->client.len, &said, err);

        if (r < 0)
                return r;
        *ret_why = not_asked(c, &said, type);
        pic__client_data_free(&said);
        return 0;
}

/* --- a new one ------------------------------------------------------------------------------------------------ */

static int unfit(const char *why, pic_error **err)
{
        return pic__fail(err, PIC_VALUE, "the passkey is not taken: %s", why);
}

/* Everything but the store. */
static int look_at_new(const pic__passkey_new *q, pic__passkey *ret, pic__fido_key *key, pic_error **err)
{
        const char *why = NULL;
        pic__auth_data auth = { .count = 0 };
        pic__bytes data = { NULL, 0 };
        int r = pic__rp_of(q->c.origin, ret->rp, err);

        if (r == 0)
                r = check_client(&q->c, "webauthn.create", &why, err);
        if (r == 0 && why == NULL)
                r = pic__attestation_read(q->attestation.data, q->attestation.len, &data.data, &data.len, err);
        if (r == 0 && why == NULL)
                r = pic__auth_data_read(data.data, data.len, &auth, err);
        if (r < 0)
                return r;
        if (why == NULL)
                why = not_meant(&auth, ret->rp);
        if (why == NULL && (auth.flags & PIC__AUTH_CREDENTIAL) == 0)
                why = "there is no credential in it";
        if (why != NULL)
                return unfit(why, err);
        ret->count = auth.count;
        return pic__fido_key_of(data, key, err);
}

static void put_key(const pic__fido_key *key, pic__passkey *ret)
{
        ret->alg = key->alg;
        memcpy(ret->credential, key->id, key->id_len);
        ret->credential_len = key->id_len;
        memcpy(ret->key, key->bytes, key->len);
        ret->key_len = key->len;
}

struct many {
        size_t count;
        const pic__passkey *about;
        int named; /* one has that name */
};

static int count_one(const pic__passkey *p, void *data)
{
        struct many *m = data;

        m->count++;
        m->named |= strcasecmp(p->name, m->about->name) == 0;
        return 0;
}

static int check_room(pic__engine *e, const pic__passkey *p, pic_error **err)
{
        struct many m = { 0, p, 0 };
        int r = pic__store_passkeys(e->store, p->user, count_one, &m, err);

        if (r < 0)
                return r;
        if (m.named)
                return pic__fail(err, PIC_EXISTS, "there is a passkey of that name already");
        if (m.count < PIC__PASSKEYS_MAX)
                return 0;
        (void)pic__fail(err, PIC_BADSTATE, "there are %d passkeys already", PIC__PASSKEYS_MAX);
        pic__hint(err, "Remove one that is not used any more.");
        return PIC_BADSTATE;
}

static int keep(pic__engine *e, const pic__passkey_new *q, pic__passkey *p, pic_id *ret_id, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        char text[512];
        int r = pic__txn_begin(e->store, q->c.actor, q->c.way, &t, err);

        if (r == 0)
                r = pic__store_get(e->store, PIC__USER, q->user, &user, err);
        if (r < 0 || user == NULL) /* the second for readers that see one file at a time, as gcc's analyzer does */
                return r;
        p->user = user->id;
        r = check_room(e, p, err);
        if (r < 0)
                return r;
        r = pic__txn_passkey_add(t, p, ret_id, err);
        if (r == 0)
                return pic__fail(err, PIC_EXISTS, "this passkey is known already");
        snprintf(text, sizeof(text), "passkey '%s' of user %s was added, for %s", p->name, pic__obj_name(user), p->rp);
        if (r > 0)
                r = pic__txn_note(t, PIC__USER, user->id, pic__obj_name(user), "passkey", text, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic__engine_passkey_add(pic__engine *e, const pic__passkey_new *q, pic_id *ret_id, pic_error **err)
{
        pic__passkey p = { .id = 0 };
        pic__fido_key key = { .alg = 0 };
        int r = look_at_new(q, &p, &key, err);

        if (r < 0)
                return r;
        snprintf(p.name, sizeof(p.name), "%s", q->name);
        put_key(&key, &p);
        return keep(e, q, &p, ret_id, err);
}

/* --- one that is used ----------------------------------------------------------------------------------------- */

static int refuse(const char *why, pic_error **err)
{
        (void)pic__fail(err, PIC_DENIED, "the passkey is not accepted");
        pic__detail(err, "part", "passkey");
        pic__detail(err, "why", why);
        return PIC_DENIED;
}

/* What cannot be read is not right either; trouble of ours is told as such. */
static int unread(int r, pic_error *bad, pic_error **err)
{
        if (r != PIC_SYNTAX) {
                pic__err_append(err, bad);
                return r;
        }
        pic_error_free(bad);
        return refuse("it is damaged", err);
}

/* Of whose it is: that they may log in, and are who the authenticator says. */
static int check_owner(pic__engine *e, const pic__passkey_use *q, const pic__passkey *p, const char **ret_why,
                       pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        uint8_t handle[PIC__PASSKEY_HANDLE];
        int r = pic__store_get_id(e->store, PIC__USER, p->user, &user, err);

        if (r == 0)
                r = pic__store_handle(e->store, p->user, handle, err);
        if (r < 0)
                return r;
        if (q->handle.len != sizeof(handle) || !pic__same(q->handle.data, handle, sizeof(handle)))
                *ret_why = "it is somebody else's";
        else if (pic__obj_int(user, "enabled") == 0)
                *ret_why = "the user is turned off";
        else if (!pic__obj_has(user, "password")) /* who has none cannot log in: setup goes by that too */
                *ret_why = "the user has no password";
        return 0;
}

/* The form, and what it is about. *ret_count: what it counts to. */
static int check_said(const pic__passkey_use *q, const pic__passkey *p, uint32_t *ret_count, const char **ret_why,
                      pic_error **err)
{
        char rp[PIC__RP_TEXT];
        pic__auth_data auth;
        int r = pic__rp_of(q->c.origin, rp, err);

        if (r == 0)
                r = check_client(&q->c, "webauthn.get", ret_why, err);
        if (r == 0)
                r = pic__auth_data_read(q->auth.data, q->auth.len, &auth, err);
        if (r < 0)
                return r;
        if (*ret_why == NULL && !same_text(rp, p->rp))
                *ret_why = "it is for another name";
        if (*ret_why == NULL)
                *ret_why = not_meant(&auth, rp);
        if (*ret_why == NULL && (auth.flags & PIC__AUTH_CREDENTIAL) != 0)
                *ret_why = "it makes a new credential";
        *ret_count = auth.count;
        return 0;
}

static int check_signature(const pic__passkey_use *q, const pic__passkey *p, pic_error **err)
{
        pic__fido_key key = { .alg = (int)p->alg, .len = p->key_len };
        pic__fido_signed s = { .key = &key, .rp = p->rp, .auth = q->auth, .signature = q->signature };

        memcpy(key.bytes, p->key, p->key_len);
        pic__sha256(q->c.client.data, q->c.client.len, s.client_hash);
        return q->signature.len > 0 && q->signature.len <= PIC__SIGNED_MAX ? pic__fido_check(&s, err) : 0;
}

/* Counters only go up, where there is one. What goes back is told by a second thing that has the same key. */
static int went_back(const pic__passkey *p, uint32_t count)
{
        return (count != 0 || p->count != 0) && count <= p->count;
}

/* The passkey as it is inside the transaction: who removed or used it a moment ago was first. */
static int count_use(pic__engine *e, const pic__passkey_use *q, uint32_t count, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        pic__passkey now;
        int back = 0, r = pic__txn_begin(e->store, q->c.actor, q->c.way, &t, err);

        if (r == 0)
                r = pic__store_passkey(e->store, q->id.data, q->id.len, &now, err);
        if (r < 0)
                return r;
        if (r == 0)
                return refuse("it was removed", err);
        back = went_back(&now, count);
        r = back ? pic__txn_passkey_suspect(t, now.id, err) : pic__txn_passkey_used(t, now.id, count, err);
        if (r == 0)
                r = pic__txn_commit(pic__take(t), NULL, err);
        if (r < 0)
                return r;
        return back ? refuse("its counter went back: there may be a copy of it", err) : 0;
}

int pic__engine_passkey_login(pic__engine *e, const pic__passkey_use *q, pic_error **err)
{
        const char *why = NULL;
        pic_error *bad = NULL;
        pic__passkey p;
        uint32_t count = 0;
        int r = pic__store_passkey(e->store, q->id.data, q->id.len, &p, err);

        if (r <= 0)
                return r < 0 ? r : refuse("it is not known", err);
        r = check_owner(e, q, &p, &why, err);
        if (r < 0)
                return r;
        if (why == NULL)
                r = check_said(q, &p, &count, &why, &bad);
        if (r < 0)
                return unread(r, bad, err);
        if (why != NULL)
                return refuse(why, err);
        r = check_signature(q, &p, err);
        if (r <= 0)
                return r < 0 ? r : refuse("the signature is wrong", err);
        return count_use(e, q, count, err);
}

/* --- trouble -------------------------------------------------------------------------------------------------- */

struct looking {
        pic__engine *e;
        pic__findings *f;
        size_t count;
};

static int look_at_one(const pic__passkey *p, void *data)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        struct looking *l = data;
        char fix[160];

        l->count++;
        if (p->suspect == 0 || pic__store_get_id(l->e->store, PIC__USER, p->user, &user, NULL) < 0)
                return 0;
        snprintf(fix, sizeof(fix), "pic user passkey remove %s %" PRId64, pic__obj_name(user), (int64_t)p->id);
        pic__foundf(l->f, PIC_LOG_WARNING, "login", fix,
                    "passkey '%s' of user %s may have been copied: its counter went back", p->name,
                    pic__obj_name(user));
        return 0;
}

void pic__engine_passkey_doctor(pic__engine *e, pic__findings *f)
{
        struct looking l = { e, f, 0 };
        pic__auto_err pic_error *bad = NULL;

        if (pic__store_passkeys(e->store, 0, look_at_one, &l, &bad) < 0)
                pic__found_error(f, PIC_LOG_ERROR, "store", bad);
        else if (l.count > 0 && pic__fido_load(NULL, &bad) < 0)
                pic__found_error(f, PIC_LOG_ERROR, "login", bad);
}
