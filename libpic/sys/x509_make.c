/* Owns: the making of certificates. What each of them says is decided here once: see README, "Certificates". */
#include <openssl/bn.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "sys/x509_i.h"

#define SERIAL 16 /* random bytes: 128 bits */

static int not_made(pic_error **err)
{
        return pic__x509_failed(PIC_UNSUPPORTED, "a certificate cannot be made", err);
}

/* --- pieces: each answers 1, or 0 when OpenSSL failed -------------------------------------------------------- */

static int set_serial(X509 *x)
{
        uint8_t bytes[SERIAL];
        BIGNUM *n = NULL;
        int ok = RAND_bytes(bytes, sizeof(bytes)) == 1;

        bytes[0] |= 1; /* never zero, and never a byte less */
        if (ok)
                n = BN_bin2bn(bytes, sizeof(bytes), NULL);
        ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
        BN_free(n);
        return ok;
}

static int set_times(X509 *x, pic_time from, pic_time until)
{
        return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(from / PIC__SECOND)) != NULL &&
               ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(until / PIC__SECOND)) != NULL;
}

/* A common name has at most 64 characters; a longer one has what fits of its beginning. */
static int set_subject(X509 *x, const char *text)
{
        size_t len = strlen(text);

        return X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, MBSTRING_UTF8,
                                          (const unsigned char *)text, len > 64 ? 64 : (int)len, -1, 0) == 1;
}

static int add(X509 *x, int nid, void *value, int critical)
{
        return value != NULL && X509_add1_ext_i2d(x, nid, value, critical, X509V3_ADD_DEFAULT) == 1;
}

/* path: how many further CAs may follow; -1: this is none. */
static int add_basic(X509 *x, int path)
{
        BASIC_CONSTRAINTS *b = BASIC_CONSTRAINTS_new();
        int ok = b != NULL;

        if (ok && path >= 0) {
                b->ca = 0xff;
                b->pathlen = ASN1_INTEGER_new();
                ok = b->pathlen != NULL && ASN1_INTEGER_set(b->pathlen, path) == 1;
        }
        ok = ok && add(x, NID_basic_constraints, b, 1);
        BASIC_CONSTRAINTS_free(b);
        return ok;
}

/* first: the lowest of the bits that are set, `count` of them. */
static int add_usage(X509 *x, int first, int count)
{
        ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
        int ok = bits != NULL, i;

        for (i = 0; ok && i < count; i++)
                ok = ASN1_BIT_STRING_set_bit(bits, first + i, 1) == 1;
        ok = ok && add(x, NID_key_usage, bits, 1);
        ASN1_BIT_STRING_free(bits);
        return ok;
}

static int add_server(X509 *x)
{
        EXTENDED_KEY_USAGE *usage = EXTENDED_KEY_USAGE_new();
        int ok = usage != NULL && sk_ASN1_OBJECT_push(usage, OBJ_nid2obj(NID_server_auth)) > 0 &&
                 add(x, NID_ext_key_usage, usage, 0);

        EXTENDED_KEY_USAGE_free(usage);
        return ok;
}

static int key_digest(const X509 *x, unsigned char digest[EVP_MAX_MD_SIZE], unsigned *len)
{
        return X509_pubkey_digest(x, EVP_sha1(), digest, len) ==
               1; /* a name, as RFC 5280 has it; nothing rests on it */
}

/* What says whose key this is, and by whose key it is signed. */
static int add_ids(X509 *x, const X509 *issuer)
{
        unsigned char digest[EVP_MAX_MD_SIZE];
        ASN1_OCTET_STRING *own = ASN1_OCTET_STRING_new();
        AUTHORITY_KEYID *by = AUTHORITY_KEYID_new();
        unsigned len = 0;
        int ok = own != NULL && by != NULL && key_digest(x, digest, &len) &&
                 ASN1_OCTET_STRING_set(own, digest, (int)len) == 1 && add(x, NID_subject_key_identifier, own, 0);

        if (ok && issuer != NULL)
                ok = key_digest(issuer, digest, &len) && (by->keyid = ASN1_OCTET_STRING_new()) != NULL &&
                     ASN1_OCTET_STRING_set(by->keyid, digest, (int)len) == 1 &&
                     add(x, NID_authority_key_identifier, by, 0);
        ASN1_OCTET_STRING_free(own);
        AUTHORITY_KEYID_free(by);
        return ok;
}

/* --- what a root may vouch for -------------------------------------------------------------------------------- */

/* "10.1.0.0/16" as RFC 5280 has it: address and mask. The length; 0: it is none. */
static size_t net_bytes(const char *text, uint8_t out[32])
{
        char address[64];
        size_t len = strcspn(text, "/"), size, i;
        uint8_t bytes[16];
        int family = 0;
        long bits;

        if (len < sizeof(address) && text[len] == '/') {
                memcpy(address, text, len);
                address[len] = '\0';
                family = pic__x509_address(address, bytes);
        }
        if (family == 0)
                return 0;
        size = family == 4 ? 4 : 16;
        bits = strtol(text + len + 1, NULL, 10);
        if (bits < 0 || (size_t)bits > size * 8)
                return 0;
        memcpy(out, bytes, size);
        for (i = 0; i < size; i++, bits -= 8)
                out[size + i] = (uint8_t)(bits >= 8 ? 0xff : bits > 0 ? 0xff << (8 - bits) : 0);
        return 2 * size;
}

/* One subtree: a name (type GEN_DNS, GEN_EMAIL) or bytes of a network (GEN_IPADD). */
static int push_tree(STACK_OF(GENERAL_SUBTREE) * list, int type, const void *data, size_t len)
{
        GENERAL_SUBTREE *tree = GENERAL_SUBTREE_new();
        ASN1_STRING *text = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();

        if (tree == NULL || text == NULL || ASN1_STRING_set(text, data, (int)len) != 1) {
                GENERAL_SUBTREE_free(tree);
                ASN1_STRING_free(text);
                return 0;
        }
        GENERAL_NAME_set0_value(tree->base, type, text);
        if (sk_GENERAL_SUBTREE_push(list, tree) > 0)
                return 1;
        GENERAL_SUBTREE_free(tree);
        return 0;
}

/* A list that names a kind (DNS, mail, address) shuts out all else of that kind, and both families of addresses are one
 * kind. What it does not name at all it lets in. */
static int push_trees(STACK_OF(GENERAL_SUBTREE) * list, const pic__x509_scope *scope)
{
        uint8_t bytes[32];
        size_t i, len;

        for (i = 0; scope->zones[i] != NULL; i++)
                if (!push_tree(list, GEN_DNS, scope->zones[i], strlen(scope->zones[i])) ||
                    !push_tree(list, GEN_EMAIL, scope->zones[i], strlen(scope->zones[i])))
                        return 0;
        for (i = 0; scope->nets[i] != NULL; i++) {
                len = net_bytes(scope->nets[i], bytes);
                if (len == 0 || !push_tree(list, GEN_IPADD, bytes, len))
                        return 0;
        }
        return 1;
}

static int add_scope(X509 *x, const pic__x509_scope *scope)
{
        NAME_CONSTRAINTS *nc = NAME_CONSTRAINTS_new();
        int ok = nc != NULL && (nc->permittedSubtrees = sk_GENERAL_SUBTREE_new_null()) != NULL &&
                 push_trees(nc->permittedSubtrees, scope) && add(x, NID_name_constraints, nc, 1);

        NAME_CONSTRAINTS_free(nc);
        return ok;
}

/* --- certificates --------------------------------------------------------------------------------------------- */

static X509 *begin(EVP_PKEY *key, pic_time from, pic_time until)
{
        X509 *x = X509_new();

        if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) && set_times(x, from, until) &&
            X509_set_pubkey(x, key) == 1)
                return x;
        X509_free(x);
        return NULL;
}

static int end(X509 *x, EVP_PKEY *by, pic__buf *out, pic_error **err)
{
        if (X509_sign(x, by, EVP_sha256()) <= 0 || !PIC__I2D(i2d_X509, x, out))
                return out->failed ? pic__nomem(err) : not_made(err);
        return 0;
}

/* Devices list roots by name: one that says whose it is, and is another for another key. */
static int name_root(X509 *x, const char *label)
{
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned len = 0;
        char text[128];

        if (!key_digest(x, digest, &len))
                return 0;
        snprintf(text, sizeof(text), "%.48s CA %02x%02x%02x%02x", label, digest[0], digest[1], digest[2], digest[3]);
        return set_subject(x, text) && X509_set_issuer_name(x, X509_get_subject_name(x)) == 1;
}

int pic__x509_root(const pic__x509_key *key, const char *label, const pic__x509_scope *scope, pic_time from,
                   pic_time until, pic__buf *out, pic_error **err)
{
        pic__auto_x509 X509 *x = NULL;

        if (scope->zones[0] == NULL || scope->nets[0] == NULL)
                return pic__fail(err, PIC_INVALID, "a root that may vouch for everything is not made here");
        x = begin(key->pkey, from, until);
        if (x == NULL || !name_root(x, label) || !add_basic(x, 1) || !add_usage(x, 5, 2) || !add_scope(x, scope) ||
            !add_ids(x, x))
                return not_made(err);
        return end(x, key->pkey, out, err);
}

int pic__x509_issuer_new(pic__der root, const pic__x509_key *key, pic__x509_issuer **ret, pic_error **err)
{
        pic__auto_x509 X509 *x = NULL;
        pic__x509_issuer *i;
        int r = pic__x509_parse(root, &x, err);

        if (r < 0)
                return r;
        if (EVP_PKEY_eq(X509_get0_pubkey(x), key->pkey) != 1)
                return pic__x509_failed(PIC_CORRUPT, "the root is of another key", err);
        i = pic__alloc(sizeof(*i));
        if (i == NULL)
                return pic__nomem(err);
        (void)EVP_PKEY_up_ref(key->pkey);
        i->pkey = key->pkey;
        i->cert = pic__take(x);
        *ret = i;
        return 0;
}

pic__x509_issuer *pic__x509_issuer_unref(pic__x509_issuer *i)
{
        if (i != NULL) {
                X509_free(i->cert);
                EVP_PKEY_free(i->pkey);
        }
        pic__free(i);
        return NULL;
}

static int is_issued(X509 *x, const pic__x509_issuer *i)
{
        return X509_set_issuer_name(x, X509_get_subject_name(i->cert)) == 1 && add_ids(x, i->cert);
}

int pic__x509_cross(const pic__x509_issuer *i, pic__der root, pic_time from, pic_time until, pic__buf *out,
                    pic_error **err)
{
        pic__auto_x509 X509 *x = NULL, *of = NULL;
        int r = pic__x509_parse(root, &of, err), at;

        if (r < 0)
                return r;
        x = begin(X509_get0_pubkey(of), from, until);
        at = x != NULL ? X509_get_ext_by_NID(of, NID_name_constraints, -1) : -1;
        if (at < 0 || X509_set_subject_name(x, X509_get_subject_name(of)) != 1 || !add_basic(x, 0) ||
            !add_usage(x, 5, 2) || X509_add_ext(x, X509_get_ext(of, at), -1) != 1 || !is_issued(x, i))
                return not_made(err);
        return end(x, i->pkey, out, err);
}

static int push_name(GENERAL_NAMES *list, const char *name)
{
        GENERAL_NAME *one = GENERAL_NAME_new();
        uint8_t bytes[16];
        int family = pic__x509_address(name, bytes), ok;
        ASN1_STRING *text = family != 0 ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();

        if (family != 0)
                ok = text != NULL && ASN1_STRING_set(text, bytes, family == 4 ? 4 : 16) == 1;
        else
                ok = text != NULL && ASN1_STRING_set(text, name, (int)strlen(name)) == 1;
        if (!ok || one == NULL) {
                GENERAL_NAME_free(one);
                ASN1_STRING_free(text);
                return 0;
        }
        GENERAL_NAME_set0_value(one, family != 0 ? GEN_IPADD : GEN_DNS, text);
        if (sk_GENERAL_NAME_push(list, one) > 0)
                return 1;
        GENERAL_NAME_free(one);
        return 0;
}

/* Where there is no DNS name, there is no subject: openssl takes a common name that looks like one for one
 * (and 10.1.0.7 does), gnutls any, and it would be outside of the root's zones. RFC 5280 then wants the list of names
 * to be critical.
 */
static const char *first_dns(const char *const *names)
{
        uint8_t bytes[16];
        size_t i;

        for (i = 0; names[i] != NULL; i++)
                if (pic__x509_address(names[i], bytes) == 0)
                        return names[i];
        return NULL;
}

static int add_names(X509 *x, const char *const *names)
{
        GENERAL_NAMES *list = GENERAL_NAMES_new();
        int ok = list != NULL;
        size_t i;

        for (i = 0; ok && names[i] != NULL; i++)
                ok = push_name(list, names[i]);
        ok = ok && add(x, NID_subject_alt_name, list, first_dns(names) == NULL);
        GENERAL_NAMES_free(list);
        return ok;
}

int pic__x509_leaf(const pic__x509_issuer *i, const pic__x509_key *key, const char *const *names, pic_time from,
                   pic_time until, pic__buf *out, pic_error **err)
{
        const char *subject = first_dns(names);
        pic__auto_x509 X509 *x = NULL;

        if (names[0] == NULL)
                return pic__fail(err, PIC_INVALID, "a certificate for nobody is not made");
        x = begin(key->pkey, from, until);
        if (x == NULL || (subject != NULL && !set_subject(x, subject)) || !add_basic(x, -1) || !add_usage(x, 0, 1) ||
            !add_server(x) || !add_names(x, names) || !is_issued(x, i))
                return not_made(err);
        return end(x, i->pkey, out, err);
}
