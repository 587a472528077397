/* Owns: asking another CA for a certificate: the request (PKCS #10) that says our key and our names. The key itself
 * goes nowhere. */
#include <openssl/x509v3.h>
#include <string.h>

#include "sys/x509_i.h"

static int push_name(GENERAL_NAMES *list, const char *name)
{
        GENERAL_NAME *one = GENERAL_NAME_new();
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();

        if (one != NULL && text != NULL && ASN1_STRING_set(text, name, (int)strlen(name)) == 1) {
                GENERAL_NAME_set0_value(one, GEN_DNS, text);
                if (sk_GENERAL_NAME_push(list, one) > 0)
                        return 1;
                text = NULL;
        }
        ASN1_STRING_free(text);
        GENERAL_NAME_free(one);
        return 0;
}

/* No common name: public CAs take the first name, or none. */
static int fill(X509_REQ *x, EVP_PKEY *key, const char *const *names)
{
        STACK_OF(X509_EXTENSION) *exts = NULL;
        GENERAL_NAMES *list = GENERAL_NAMES_new();
        int ok = list != NULL;
        size_t i;

        for (i = 0; ok && names[i] != NULL; i++)
                ok = push_name(list, names[i]);
        ok = ok && X509V3_add1_i2d(&exts, NID_subject_alt_name, list, 0, X509V3_ADD_DEFAULT) == 1 &&
             X509_REQ_set_version(x, X509_REQ_VERSION_1) == 1 && X509_REQ_set_pubkey(x, key) == 1 &&
             X509_REQ_add_extensions(x, exts) == 1;
        sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
        GENERAL_NAMES_free(list);
        return ok && X509_REQ_sign(x, key, EVP_sha256()) > 0;
}

int pic__x509_request(const pic__x509_key *key, const char *const *names, pic__buf *out, pic_error **err)
{
        X509_REQ *x = names[0] != NULL ? X509_REQ_new() : NULL;
        int ok = x != NULL && fill(x, key->pkey, names) && PIC__I2D(i2d_X509_REQ, x, out);

        X509_REQ_free(x);
        if (ok)
                return 0;
        return out->failed ? pic__nomem(err) : pic__x509_failed(PIC_UNSUPPORTED, "a request cannot be made", err);
}
