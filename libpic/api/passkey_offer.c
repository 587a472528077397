/* Owns: what a browser is asked for: the options of navigator.credentials.create() and get(), as WebAuthn's JSON. */
#include <stdio.h>
#include <string.h>

#include "api/passkey.h"
#include "codec/webauthn.h"
#include "engine/fido.h"
#include "store/passkey.h"
#include "sys/hash.h"

#define PATIENCE_MS 120000 /* less than a challenge lives */

/* One offer. */
struct offer {
        pic_ctx *ctx;
        const char *origin;
        char rp[PIC__RP_TEXT];
        int64_t session;
        const char *who; /* NULL: a login */
        pic__json *j;
        pic_error **err;
};

static void put_bytes(pic__json *j, const char *key, const uint8_t *data, size_t len)
{
        char text[PIC__BASE64URL(PIC__PASSKEY_ID)];

        pic__base64url(data, len, text);
        pic__json_kstr(j, key, text);
}

static int put_known(const pic__passkey *p, void *data)
{
        pic__json *j = data;

        pic__json_open(j, '{');
        pic__json_kstr(j, "type", "public-key");
        put_bytes(j, "id", p->credential, p->credential_len);
        pic__json_close(j, '}');
        return 0;
}

static void put_algorithms(pic__json *j)
{
        static const int allowed[] = { PIC__COSE_ES256, PIC__COSE_EDDSA, PIC__COSE_RS256 };
        size_t i;

        pic__json_key(j, "pubKeyCredParams");
        pic__json_open(j, '[');
        for (i = 0; i < PIC__COUNT(allowed); i++) {
                pic__json_open(j, '{');
                pic__json_kstr(j, "type", "public-key");
                pic__json_kint(j, "alg", allowed[i]);
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

/* Behind http://localhost:3000 may be another cell tomorrow, with a user of the same name: the chooser shows which. */
static void put_names(struct offer *o, const pic_obj *cell, const pic_obj *user, const uint8_t handle[32])
{
        pic__json *j = o->j;
        char shown[160];

        pic__json_key(j, "rp");
        pic__json_open(j, '{');
        pic__json_kstr(j, "id", o->rp);
        pic__json_kstr(j, "name", pic__obj_name(cell));
        pic__json_close(j, '}');
        pic__json_key(j, "user");
        pic__json_open(j, '{');
        put_bytes(j, "id", handle, PIC__PASSKEY_HANDLE);
        pic__json_kstr(j, "name", pic__obj_name(user));
        snprintf(shown, sizeof(shown), "%s (%s)", pic__obj_name(user), pic__obj_name(cell));
        pic__json_kstr(j, "displayName", shown);
        pic__json_close(j, '}');
        pic__json_key(j, "authenticatorSelection");
        pic__json_open(j, '{');
        pic__json_kstr(j, "residentKey", "required"); /* so that it is found without a name */
        pic__json_kbool(j, "requireResidentKey", 1);
        pic__json_kstr(j, "userVerification", "required");
        pic__json_close(j, '}');
        pic__json_kstr(j, "attestation", "none");
}

/* Of whom; and what they have already is not made again in the same device. */
static int put_person(struct offer *o, pic__store *st)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        uint8_t handle[PIC__PASSKEY_HANDLE];
        int r = pic__store_get(st, PIC__CELL, NULL, &cell, o->err);

        if (r == 0)
                r = pic__store_get(st, PIC__USER, o->who, &user, o->err);
        if (r < 0 || user == NULL) /* the second for readers that see one file at a time, as gcc's analyzer does */
                return r;
        r = pic__store_handle(st, user->id, handle, o->err);
        if (r < 0)
                return r;
        put_names(o, cell, user, handle);
        put_algorithms(o->j);
        pic__json_key(o->j, "excludeCredentials");
        pic__json_open(o->j, '[');
        r = pic__store_passkeys(st, user->id, put_known, o->j, o->err);
        pic__json_close(o->j, ']');
        return r;
}

static int put_login(struct offer *o)
{
        pic__json_kstr(o->j, "rpId", o->rp);
        pic__json_kstr(o->j, "userVerification", "required");
        pic__json_key(o->j, "allowCredentials"); /* none: the device knows whose page this is */
        pic__json_open(o->j, '[');
        pic__json_close(o->j, ']');
        return 0;
}

static int put_all(struct offer *o)
{
        char state[PIC__CHALLENGE_STATE], challenge[PIC__CHALLENGE_TEXT];
        const pic__challenge_for what = { o->session, o->origin };
        pic__store *st = NULL;
        int r = 0;

        pic__challenge_new(pic__ctx_root(o->ctx)->challenges, &what, o->ctx->clock->mono(o->ctx->clock->data), state,
                           challenge);
        pic__json_open(o->j, '{');
        pic__json_kstr(o->j, "state", state);
        pic__json_key(o->j, "public_key");
        pic__json_open(o->j, '{');
        pic__json_kstr(o->j, "challenge", challenge);
        pic__json_kint(o->j, "timeout", PATIENCE_MS);
        if (o->who == NULL) {
                r = put_login(o);
        } else {
                r = pic__ctx_lock(o->ctx, &st, o->err);
                if (r < 0)
                        return r;
                r = put_person(o, st);
                pic__ctx_unlock(o->ctx);
        }
        pic__json_close(o->j, '}');
        pic__json_close(o->j, '}');
        return r;
}

int pic_passkey_offer(pic_ctx *ctx, const pic_session *session, const char *origin, pic_report **ret_report,
                      pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        struct offer o = { .ctx = ctx, .origin = origin, .j = &j, .err = err };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || origin == NULL || ret_report == NULL ||
            (session != NULL && !pic__api_is(session, PIC__MAGIC_SESSION)))
                return pic__api_bad(err, "pic_passkey_offer", "ctx, session, origin or ret_report is not valid");
        r = pic__rp_of(origin, o.rp, err);
        if (r == 0 && session != NULL)
                r = pic__passkey_person(session, err);
        if (r < 0)
                return r;
        if (session != NULL) {
                o.session = pic_session_id(session);
                o.who = pic_session_user(session);
        }
        r = put_all(&o);
        if (r < 0)
                return r;
        return text.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret_report, err);
}
