/* Owns: the form of what browsers and authenticators say. Pure. */
#include "codec/webauthn.h"

#include <string.h>

#include "codec/json_in.h"
#include "model/text.h"

#define HEAD_BYTES 37 /* of authenticator data: a hash, flags, a counter */
#define CREDENTIAL_MAX 1023
#define DEPTH_MAX 4 /* CTAP2's own limit */

static int bad(const char *what, pic_error **err)
{
        return pic__fail(err, PIC_SYNTAX, "passkey: %s", what);
}

/* --- names ---------------------------------------------------------------------------------------------------- */

static int unsafe(pic_error **err)
{
        (void)pic__fail(err, PIC_BADSTATE, "browsers know no passkeys at this address");
        pic__hint(err, "Passkeys are bound to a name: open the page on the cell's own machine as http://localhost:3000 "
                       "(from elsewhere: ssh -L 3000:127.0.0.1:3000 HOST), or by a name with HTTPS.");
        return PIC_BADSTATE;
}

/* Letters of a host's name; not one that ends in a number, which is an address. */
static int is_name(const char *host, size_t len)
{
        size_t i, label = 0;
        int letters = 0;

        for (i = 0; i < len; i++) {
                if (host[i] == '.') {
                        if (label == 0)
                                return 0;
                        label = 0;
                        letters = 0;
                        continue;
                }
                if (!(pic__is_alnum(host[i]) && pic__lower(host[i]) == host[i]) && host[i] != '-')
                        return 0;
                label++;
                letters |= !(host[i] >= '0' && host[i] <= '9');
        }
        return label > 0 && letters;
}

int pic__rp_of(const char *origin, char rp[PIC__RP_TEXT], pic_error **err)
{
        int tls = strncmp(origin, "https://", 8) == 0;
        const char *host = origin + (tls ? 8 : 7), *port;
        size_t len;

        if (!tls && strncmp(origin, "http://", 7) != 0)
                return pic__fail_value(err, NULL, "origin", NULL, "must be https://NAME or http://localhost:PORT");
        len = strcspn(host, ":");
        port = host[len] == ':' ? host + len + 1 : NULL;
        if (len >= PIC__RP_TEXT || !is_name(host, len))
                return unsafe(err);
        if (port != NULL && (strlen(port) < 1 || strlen(port) > 5 || strspn(port, "0123456789") != strlen(port)))
                return pic__fail_value(err, NULL, "origin", NULL, "has no port that can be");
        memcpy(rp, host, len);
        rp[len] = '\0';
        return tls || strcmp(rp, "localhost") == 0 ? 0 : unsafe(err);
}

/* --- what the browser says ------------------------------------------------------------------------------------ */

void pic__client_data_free(pic__client_data *c)
{
        c->doc = pic__doc_unref(c->doc);
}

static const char *text_in(const pic__node *map, const char *key)
{
        const pic__node *n = pic__node_get(map, key);

        return n != NULL && n->type == PIC__N_SCALAR && n->quoted ? n->text : NULL;
}

int pic__client_data_read(const uint8_t *json, size_t len, pic__client_data *ret, pic_error **err)
{
        const pic__node *root, *cross;
        int r;

        *ret = (pic__client_data){ .doc = NULL };
        if (len > PIC__CLIENT_DATA_MAX)
                return bad("what the browser says is too long", err);
        r = pic__doc_json((const char *)json, len, "clientDataJSON", &ret->doc, err);
        if (r < 0)
                return r;
        root = pic__doc_root(ret->doc);
        if (root->type == PIC__N_MAP) {
                ret->type = text_in(root, "type");
                ret->challenge = text_in(root, "challenge");
                ret->origin = text_in(root, "origin");
                cross = pic__node_get(root, "crossOrigin"); /* absent is no; what is no "false" is taken for yes */
                ret->cross = cross != NULL &&
                             (cross->type != PIC__N_SCALAR || cross->quoted || strcmp(cross->text, "false") != 0);
        }
        if (ret->type != NULL && ret->challenge != NULL && ret->origin != NULL)
                return 0;
        pic__client_data_free(ret);
        return bad("what the browser says has no type, challenge or origin", err);
}

/* --- CBOR (RFC 8949), as much of it as there is in these ------------------------------------------------------- */

enum { UINT, NEGATIVE, BYTES, TEXT, LIST, MAP, TAG, OTHER };

struct cbor {
        const uint8_t *at;
        size_t left;
};

/* One head: its major type, or -1. Indefinite lengths and tags are not for these. */
static int head(struct cbor *c, uint64_t *ret)
{
        unsigned more, size, i;
        int major;

        if (c->left == 0)
                return -1;
        major = c->at[0] >> 5;
        more = c->at[0] & 31;
        size = more < 24 ? 0 : 1U << (more - 24);
        if (more > 27 || major == TAG || c->left < 1 + (size_t)size)
                return -1;
        *ret = more < 24 ? more : 0;
        for (i = 0; i < size; i++)
                *ret = *ret << 8 | c->at[1 + i];
        c->at += 1 + size;
        c->left -= 1 + (size_t)size;
        return major;
}

static int take(struct cbor *c, uint64_t len, const uint8_t **ret)
{
        if (len > c->left)
                return -1;
        *ret = c->at;
        c->at += len;
        c->left -= (size_t)len;
        return 0;
}

/* Over one item and all that is in it. */
static int skip(struct cbor *c, int depth)
{
        const uint8_t *bytes;
        uint64_t n = 0;
        int major = head(c, &n);

        if (major < 0 || depth > DEPTH_MAX)
                return -1;
        if (major == BYTES || major == TEXT)
                return take(c, n, &bytes);
        if (major != LIST && major != MAP)
                return 0;
        if (n > c->left) /* each item has a byte at least */
                return -1;
        for (n *= major == MAP ? 2 : 1; n > 0; n--)
                if (skip(c, depth + 1) < 0)
                        return -1;
        return 0;
}

static int skip_map(struct cbor *c)
{
        return c->left > 0 && c->at[0] >> 5 == MAP ? skip(c, 1) : -1;
}

/* --- what the authenticator says ------------------------------------------------------------------------------- */

/* A model's number, the id with its length, the public key. */
static int skip_credential(struct cbor *c)
{
        const uint8_t *bytes;
        size_t len;

        if (take(c, 18, &bytes) < 0)
                return -1;
        len = (size_t)bytes[16] << 8 | bytes[17];
        if (len < 1 || len > CREDENTIAL_MAX || take(c, len, &bytes) < 0)
                return -1;
        return skip_map(c);
}

int pic__auth_data_read(const uint8_t *data, size_t len, pic__auth_data *ret, pic_error **err)
{
        struct cbor c = { data, len };
        const uint8_t *bytes;

        if (len > PIC__AUTH_DATA_MAX || take(&c, HEAD_BYTES, &bytes) < 0)
                return bad("what the authenticator says is too short or too long", err);
        memcpy(ret->rp, bytes, sizeof(ret->rp));
        ret->flags = bytes[32];
        ret->count = (uint32_t)bytes[33] << 24 | (uint32_t)bytes[34] << 16 | (uint32_t)bytes[35] << 8 | bytes[36];
        if ((ret->flags & PIC__AUTH_CREDENTIAL) != 0 && skip_credential(&c) < 0)
                return bad("the authenticator's credential is damaged", err);
        if ((ret->flags & PIC__AUTH_EXTENSIONS) != 0 && skip_map(&c) < 0)
                return bad("the authenticator's extensions are damaged", err);
        return c.left == 0 ? 0 : bad("there is more than the authenticator may say", err);
}

struct attestation {
        const uint8_t *fmt, *auth;
        uint64_t fmt_len, auth_len;
        int said; /* attStmt: -1 absent, 0 empty, 1 not */
};

static int take_statement(struct cbor *c, struct attestation *a)
{
        const uint8_t *from = c->at;

        if (a->said >= 0 || skip_map(c) < 0)
                return -1;
        a->said = *from != (MAP << 5);
        return 0;
}

static int take_bytes(struct cbor *c, int major, const uint8_t **ret, uint64_t *ret_len)
{
        return *ret == NULL && head(c, ret_len) == major ? take(c, *ret_len, ret) : -1;
}

static int take_pair(struct cbor *c, struct attestation *a)
{
        const uint8_t *key = NULL;
        uint64_t len = 0;

        if (take_bytes(c, TEXT, &key, &len) < 0)
                return -1;
        if (len == 3 && memcmp(key, "fmt", 3) == 0)
                return take_bytes(c, TEXT, &a->fmt, &a->fmt_len);
        if (len == 8 && memcmp(key, "authData", 8) == 0)
                return take_bytes(c, BYTES, &a->auth, &a->auth_len);
        return len == 7 && memcmp(key, "attStmt", 7) == 0 ? take_statement(c, a) : -1;
}

int pic__attestation_read(const uint8_t *data, size_t len, const uint8_t **ret_auth, size_t *ret_len, pic_error **err)
{
        struct attestation a = { .said = -1 };
        struct cbor c = { data, len };
        uint64_t pairs = 0;
        int i, good = len <= PIC__ATTESTATION_MAX && head(&c, &pairs) == MAP && pairs == 3;

        for (i = 0; good && i < 3; i++)
                good = take_pair(&c, &a) == 0;
        if (!good || c.left > 0 || a.fmt == NULL || a.auth == NULL || a.said < 0)
                return bad("the attestation object is damaged", err);
        if (a.fmt_len != 4 || memcmp(a.fmt, "none", 4) != 0 || a.said != 0)
                return pic__fail(err, PIC_UNSUPPORTED, "passkey: it attests what nobody asked for");
        *ret_auth = a.auth;
        *ret_len = (size_t)a.auth_len;
        return 0;
}
