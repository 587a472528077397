/* Owns: the message of verb "passkey". Nothing of the caller's is trusted: sizes, types, alphabets. */
#include "engine/passkey_verb.h"

#include <string.h>

#include "codec/json_in.h"
#include "codec/webauthn.h"
#include "engine/passkey.h"
#include "store/passkey.h"
#include "sys/hash.h"

/* All bytes that a message brings. */
struct room {
        uint8_t client[PIC__CLIENT_DATA_MAX];
        uint8_t object[PIC__ATTESTATION_MAX];
        uint8_t auth[PIC__AUTH_DATA_MAX];
        uint8_t signature[PIC__SIGNED_MAX];
        uint8_t id[PIC__PASSKEY_ID];
        uint8_t handle[64]; /* WebAuthn's limit */
};

static int wanted(const char *key, pic_error **err)
{
        return pic__fail(err, PIC_INVALID, "passkey: %s is missing, too long or no base64url", key);
}

static int arg_text(const pic__node *args, const char *key, const char **ret, pic_error **err)
{
        const pic__node *n = pic__node_get(args, key);

        if (n == NULL || n->type != PIC__N_SCALAR || !n->quoted || strlen(n->text) > 512)
                return wanted(key, err);
        *ret = n->text;
        return 0;
}

static int arg_bytes(const pic__node *args, const char *key, uint8_t *room, size_t size, pic__bytes *ret,
                     pic_error **err)
{
        const pic__node *n = pic__node_get(args, key);

        if (n == NULL || n->type != PIC__N_SCALAR || !n->quoted ||
            pic__unbase64url(n->text, strlen(n->text), room, size, &ret->len) < 0)
                return wanted(key, err);
        ret->data = room;
        return 0;
}

static int read_ceremony(const pic__node *args, struct room *room, pic__ceremony *c, pic_error **err)
{
        int r = arg_text(args, "origin", &c->origin, err);

        if (r == 0)
                r = arg_text(args, "challenge", &c->challenge, err);
        if (r == 0)
                r = arg_bytes(args, "client", room->client, sizeof(room->client), &c->client, err);
        return r;
}

static int add(pic__engine *e, const pic__node *args, pic__ceremony *c, struct room *room, pic__json *out,
               pic_error **err)
{
        pic__passkey_new q = { .user = NULL };
        pic_id id = 0;
        int r = read_ceremony(args, room, c, err);

        q.c = *c;
        if (r == 0)
                r = arg_text(args, "user", &q.user, err);
        if (r == 0)
                r = arg_text(args, "name", &q.name, err);
        if (r == 0)
                r = arg_bytes(args, "object", room->object, sizeof(room->object), &q.attestation, err);
        if (r == 0)
                r = pic__engine_passkey_add(e, &q, &id, err);
        if (r < 0)
                return r;
        pic__json_open(out, '{');
        pic__json_kint(out, "id", id);
        pic__json_close(out, '}');
        return 0;
}

static int login(pic__engine *e, const pic__node *args, pic__ceremony *c, struct room *room, pic__json *out,
                 pic_error **err)
{
        pic__passkey_use q = { .id = { NULL, 0 } };
        int r = read_ceremony(args, room, c, err);

        q.c = *c;
        if (r == 0)
                r = arg_bytes(args, "id", room->id, sizeof(room->id), &q.id, err);
        if (r == 0)
                r = arg_bytes(args, "handle", room->handle, sizeof(room->handle), &q.handle, err);
        if (r == 0)
                r = arg_bytes(args, "auth", room->auth, sizeof(room->auth), &q.auth, err);
        if (r == 0)
                r = arg_bytes(args, "signature", room->signature, sizeof(room->signature), &q.signature, err);
        if (r == 0)
                r = pic__engine_passkey_login(e, &q, err);
        if (r < 0)
                return r;
        pic__json_open(out, '{');
        pic__json_kbool(out, "right", 1);
        pic__json_close(out, '}');
        return 0;
}

int pic__passkey_verb(pic__engine *e, const pic__node *args, const char *actor, const char *way, pic__json *out,
                      pic_error **err)
{
        pic__ceremony c = { .actor = actor, .way = way };
        struct room *room = pic__alloc(sizeof(*room));
        const char *what = "";
        int r;

        if (room == NULL)
                return pic__nomem(err);
        r = arg_text(args, "do", &what, err);
        if (r == 0 && strcmp(what, "add") == 0)
                r = add(e, args, &c, room, out, err);
        else if (r == 0 && strcmp(what, "login") == 0)
                r = login(e, args, &c, room, out, err);
        else if (r == 0)
                r = pic__fail(err, PIC_INVALID, "passkey: add or login is wanted");
        pic__free(room);
        return r;
}
