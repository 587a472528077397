/* Owns: revocation lists. */
#include <openssl/bn.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/time.h"
#include "sys/x509_i.h"

static int not_made(pic_error **err)
{
        return pic__x509_failed(PIC_UNSUPPORTED, "a revocation list cannot be made", err);
}

static ASN1_INTEGER *serial_of(const char *hex)
{
        ASN1_INTEGER *serial;
        BIGNUM *n = NULL;

        if (BN_hex2bn(&n, hex) != (int)strlen(hex)) {
                BN_free(n);
                return NULL;
        }
        serial = BN_to_ASN1_INTEGER(n, NULL);
        BN_free(n);
        return serial;
}

static int push(X509_CRL *crl, const pic__x509_revoked *one)
{
        X509_REVOKED *row = X509_REVOKED_new();
        ASN1_INTEGER *serial = serial_of(one->serial);
        ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)(one->at / PIC__SECOND));
        int ok = row != NULL && serial != NULL && at != NULL && X509_REVOKED_set_serialNumber(row, serial) == 1 &&
                 X509_REVOKED_set_revocationDate(row, at) == 1 && X509_CRL_add0_revoked(crl, row) == 1;

        if (!ok)
                X509_REVOKED_free(row);
        ASN1_INTEGER_free(serial);
        ASN1_TIME_free(at);
        return ok;
}

static int add_extensions(X509_CRL *crl, X509 *issuer, pic_time now)
{
        const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(issuer);
        ASN1_INTEGER *number = ASN1_INTEGER_new();
        AUTHORITY_KEYID *by = AUTHORITY_KEYID_new();
        int ok = number != NULL && by != NULL && ASN1_INTEGER_set_int64(number, now / PIC__SECOND) == 1 &&
                 X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, X509V3_ADD_DEFAULT) == 1;

        if (ok && id != NULL)
                ok = (by->keyid = ASN1_OCTET_STRING_dup(id)) != NULL &&
                     X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, by, 0, X509V3_ADD_DEFAULT) == 1;
        ASN1_INTEGER_free(number);
        AUTHORITY_KEYID_free(by);
        return ok;
}

static int fill(X509_CRL *crl, const pic__x509_issuer *i, pic_time now, pic_time next)
{
        ASN1_TIME *this_update = ASN1_TIME_set(NULL, (time_t)(now / PIC__SECOND));
        ASN1_TIME *next_update = ASN1_TIME_set(NULL, (time_t)(next / PIC__SECOND));
        int ok = this_update != NULL && next_update != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
                 X509_CRL_set_issuer_name(crl, X509_get_subject_name(i->cert)) == 1 &&
                 X509_CRL_set1_lastUpdate(crl, this_update) == 1 && X509_CRL_set1_nextUpdate(crl, next_update) == 1 &&
                 add_extensions(crl, i->cert, now);

        ASN1_TIME_free(this_update);
        ASN1_TIME_free(next_update);
        return ok;
}

static void free_crl(X509_CRL **crl)
{
        X509_CRL_free(*crl);
}

int pic__x509_crl(const pic__x509_issuer *i, const pic__x509_revoked *list, size_t count, pic_time now, pic_time next,
                  pic__buf *out, pic_error **err)
{
        PIC__AUTO(free_crl) X509_CRL *crl = X509_CRL_new();
        size_t n;

        if (crl == NULL || !fill(crl, i, now, next))
                return not_made(err);
        for (n = 0; n < count; n++)
                if (!push(crl, &list[n]))
                        return not_made(err);
        if (X509_CRL_sort(crl) != 1 || X509_CRL_sign(crl, i->pkey, EVP_sha256()) <= 0 ||
            !PIC__I2D(i2d_X509_CRL, crl, out))
                return out->failed ? pic__nomem(err) : not_made(err);
        return 0;
}

int pic__x509_crl_has(pic__der crl, pic__der root, const char *serial, pic_error **err)
{
        const unsigned char *at = crl.data;
        PIC__AUTO(free_crl) X509_CRL *list = d2i_X509_CRL(NULL, &at, (long)crl.len);
        pic__auto_x509 X509 *x = NULL;
        ASN1_INTEGER *number;
        X509_REVOKED *row;
        int r;

        if (list == NULL || at != crl.data + crl.len)
                return pic__x509_failed(PIC_SYNTAX, "that is no revocation list", err);
        r = pic__x509_parse(root, &x, err);
        if (r < 0)
                return r;
        if (X509_CRL_verify(list, X509_get0_pubkey(x)) != 1)
                return pic__x509_failed(PIC_DENIED, "another one signed the revocation list", err);
        number = serial_of(serial);
        r = number != NULL && X509_CRL_get0_by_serial(list, &row, number) == 1;
        ASN1_INTEGER_free(number);
        return r;
}
