/* Owns: reading certificates, which others may have made, and judging a chain of them. */
#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "sys/crypto.h"
#include "sys/x509_i.h"

int pic__x509_parse(pic__der der, X509 **ret, pic_error **err)
{
        const unsigned char *at = der.data;
        X509 *x = der.len > 0 && der.len <= PIC__X509_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;

        if (x == NULL || at != der.data + der.len) {
                X509_free(x);
                return pic__x509_failed(PIC_SYNTAX, "that is no certificate", err);
        }
        *ret = x;
        return 0;
}

/* --- what it says --------------------------------------------------------------------------------------------- */

/* Others chose it: only what is harmless on a terminal. */
static void common_name(const X509_NAME *name, char *out, size_t size)
{
        int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
        X509_NAME_ENTRY *entry = at >= 0 ? X509_NAME_get_entry(name, at) : NULL;
        unsigned char *text = NULL;
        int len = entry != NULL ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry)) : -1, i;
        size_t n = 0;

        for (i = 0; i < len && n + 1 < size; i++)
                out[n++] = text[i] > 0x20 && text[i] < 0x7f ? (char)text[i] : text[i] == ' ' ? ' ' : '?';
        out[n] = '\0';
        OPENSSL_free(text);
}

static void put_hex(const uint8_t *data, size_t len, char out[PIC__X509_HEX])
{
        if (len > (PIC__X509_HEX - 1) / 2)
                len = (PIC__X509_HEX - 1) / 2;
        pic__hex(data, len, out);
}

static void put_id(const ASN1_OCTET_STRING *id, char out[PIC__X509_HEX])
{
        out[0] = '\0';
        if (id != NULL)
                put_hex(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id), out);
}

static int read_serial(const X509 *x, char out[PIC__X509_HEX])
{
        const ASN1_INTEGER *serial = X509_get0_serialNumber(x);

        if (ASN1_STRING_length(serial) < 1 || ASN1_STRING_length(serial) > 20) /* RFC 5280 */
                return 0;
        put_hex(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial), out);
        return 1;
}

/* Microseconds; years that a certificate may name are 0 to 9999. */
static int read_time(const ASN1_TIME *t, pic_time *ret)
{
        struct tm tm = { 0 };

        if (ASN1_TIME_to_tm(t, &tm) != 1)
                return 0;
        *ret = (pic_time)timegm(&tm) * PIC__SECOND;
        return 1;
}

static void put_address(const uint8_t *bytes, int len, pic__buf *out)
{
        char text[INET6_ADDRSTRLEN];

        if ((len == 4 || len == 16) && inet_ntop(len == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)) != NULL)
                pic__buf_putf(out, "%s%s", out->len > 0 ? "," : "", text);
}

static void put_dns(const uint8_t *bytes, int len, pic__buf *out)
{
        int i;

        if (len < 1 || len > 255)
                return;
        if (out->len > 0)
                pic__buf_putc(out, ',');
        for (i = 0; i < len; i++)
                pic__buf_putc(out, bytes[i] > 0x20 && bytes[i] < 0x7f && bytes[i] != ',' ? (char)bytes[i] : '?');
}

static void put_name(const GENERAL_NAME *name, pic__buf *out)
{
        int type;
        const ASN1_STRING *text = GENERAL_NAME_get0_value(name, &type);

        if (type == GEN_IPADD)
                put_address(ASN1_STRING_get0_data(text), ASN1_STRING_length(text), out);
        if (type == GEN_DNS)
                put_dns(ASN1_STRING_get0_data(text), ASN1_STRING_length(text), out);
}

static int read_names(const X509 *x, pic__buf *out)
{
        GENERAL_NAMES *list = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
        int i;

        for (i = 0; list != NULL && i < sk_GENERAL_NAME_num(list); i++)
                put_name(sk_GENERAL_NAME_value(list, i), out);
        GENERAL_NAMES_free(list);
        ERR_clear_error();
        return !out->failed;
}

int pic__x509_read(pic__der der, pic__x509_info *ret, pic__buf *names, pic_error **err)
{
        pic__auto_x509 X509 *x = NULL;
        uint8_t digest[EVP_MAX_MD_SIZE];
        unsigned len = 0;
        int r = pic__x509_parse(der, &x, err);

        if (r < 0)
                return r;
        memset(ret, 0, sizeof(*ret));
        if (!read_serial(x, ret->serial) || !read_time(X509_get0_notBefore(x), &ret->from) ||
            !read_time(X509_get0_notAfter(x), &ret->until) || X509_digest(x, EVP_sha256(), digest, &len) != 1)
                return pic__x509_failed(PIC_SYNTAX, "the certificate is damaged", err);
        put_hex(digest, len, ret->fingerprint);
        if (X509_pubkey_digest(x, EVP_sha256(), digest, &len) != 1)
                return pic__x509_failed(PIC_SYNTAX, "the certificate has no key", err);
        put_hex(digest, len, ret->key_id);
        common_name(X509_get_subject_name(x), ret->subject, sizeof(ret->subject));
        common_name(X509_get_issuer_name(x), ret->issuer, sizeof(ret->issuer));
        put_id(X509_get0_authority_key_id(x), ret->issuer_id);
        put_id(X509_get0_subject_key_id(x), ret->own_id);
        ret->ca = X509_check_ca(x) == 1;
        ret->self_signed = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
        if (names != NULL && !read_names(x, names))
                return pic__nomem(err);
        ERR_clear_error();
        return 0;
}

int pic__x509_signed_by(pic__der der, pic__der by, pic_error **err)
{
        pic__auto_x509 X509 *x = NULL, *ca = NULL;
        int r = pic__x509_parse(der, &x, err);

        if (r == 0)
                r = pic__x509_parse(by, &ca, err);
        if (r < 0)
                return r;
        r = X509_check_ca(ca) == 1 && X509_verify(x, X509_get0_pubkey(ca)) == 1;
        ERR_clear_error();
        return r ? 0 : pic__fail(err, PIC_DENIED, "a certificate of the chain is not signed by the next one");
}

/* --- judging -------------------------------------------------------------------------------------------------- */

struct judge {
        X509_STORE *store;
        X509_STORE_CTX *ctx;
        STACK_OF(X509) * between;
        X509 *leaf;
};

static void judge_free(struct judge *j)
{
        X509_STORE_CTX_free(j->ctx);
        X509_STORE_free(j->store);
        sk_X509_pop_free(j->between, X509_free);
        X509_free(j->leaf);
        ERR_clear_error();
}

static int fill(struct judge *j, const pic__der *roots, size_t root_count, const pic__der *chain, size_t chain_count,
                pic_error **err)
{
        size_t i;
        int r = 0, ok = 1;

        for (i = 0; r == 0 && ok && i < root_count; i++) {
                pic__auto_x509 X509 *x = NULL;

                r = pic__x509_parse(roots[i], &x, err);
                ok = r < 0 || X509_STORE_add_cert(j->store, x) == 1;
        }
        for (i = 1; r == 0 && ok && i < chain_count; i++) {
                pic__auto_x509 X509 *x = NULL;

                r = pic__x509_parse(chain[i], &x, err);
                ok = r < 0 || (sk_X509_push(j->between, x) > 0 && pic__take(x) != NULL);
        }
        if (r == 0 && ok)
                r = pic__x509_parse(chain[0], &j->leaf, err);
        return ok ? r : pic__nomem(err);
}

static int set_up(struct judge *j, pic_time when, const char *name)
{
        uint8_t bytes[16];
        X509_VERIFY_PARAM *p;
        int family;

        if (X509_STORE_CTX_init(j->ctx, j->store, j->leaf, j->between) != 1)
                return 0;
        p = X509_STORE_CTX_get0_param(j->ctx);
        X509_VERIFY_PARAM_set_time(p, (time_t)(when / PIC__SECOND));
        (void)X509_STORE_CTX_set_purpose(j->ctx, X509_PURPOSE_SSL_SERVER);
        if (name == NULL)
                return 1;
        family = pic__x509_address(name, bytes);
        if (family != 0)
                return X509_VERIFY_PARAM_set1_ip(p, bytes, family == 4 ? 4 : 16);
        return X509_VERIFY_PARAM_set1_host(p, name, 0);
}

int pic__x509_verify(const pic__der *roots, size_t root_count, const pic__der *chain, size_t chain_count, pic_time when,
                     const char *name, pic_error **err)
{
        PIC__AUTO(judge_free) struct judge j = { X509_STORE_new(), X509_STORE_CTX_new(), sk_X509_new_null(), NULL };
        int r;

        if (j.store == NULL || j.ctx == NULL || j.between == NULL)
                return pic__nomem(err);
        if (chain_count == 0)
                return pic__fail(err, PIC_DENIED, "there is no certificate");
        r = fill(&j, roots, root_count, chain, chain_count, err);
        if (r < 0)
                return r;
        if (!set_up(&j, when, name))
                return pic__x509_failed(PIC_UNSUPPORTED, "certificates cannot be judged", err);
        if (X509_verify_cert(j.ctx) == 1)
                return 0;
        return pic__fail(err, PIC_DENIED, "%s", X509_verify_cert_error_string(X509_STORE_CTX_get_error(j.ctx)));
}
