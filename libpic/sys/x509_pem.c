/* Owns: PEM. Ours is written as RFC 7468 wants it; what others wrote is read by OpenSSL. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "sys/hash.h"
#include "sys/x509_i.h"

#define LINE 48 /* bytes: 64 characters */
#define TEXT_MAX ((size_t)256 << 10)

void pic__x509_pem_put(const char *label, pic__der der, pic__buf *out)
{
        char line[PIC__BASE64(LINE)];
        size_t at, n;

        pic__buf_putf(out, "-----BEGIN %s-----\n", label);
        for (at = 0; at < der.len; at += n) {
                n = der.len - at < LINE ? der.len - at : LINE;
                pic__base64(der.data + at, n, line);
                pic__buf_putf(out, "%s\n", line);
        }
        pic__buf_putf(out, "-----END %s-----\n", label);
        OPENSSL_cleanse(line, sizeof(line)); /* it may be of a key */
}

/* One block of the text. 1: *ret is what is in it, if it is a certificate; 0: there is no other block. */
static int next(BIO *in, unsigned char **ret, long *ret_len, int *ret_is, pic_error **err)
{
        char *label = NULL, *header = NULL;
        int more = PEM_read_bio(in, &label, &header, ret, ret_len) == 1;
        unsigned long why = more ? 0 : ERR_peek_last_error();

        *ret_is = more && (strcmp(label, PEM_STRING_X509) == 0 || strcmp(label, PEM_STRING_X509_OLD) == 0);
        OPENSSL_free(label);
        OPENSSL_free(header);
        if (more)
                return 1;
        if (ERR_GET_REASON(why) != PEM_R_NO_START_LINE)
                return pic__x509_failed(PIC_SYNTAX, "the text is no PEM", err);
        ERR_clear_error();
        return 0;
}

static int each(BIO *in, int (*fn)(pic__der der, void *data), void *data, pic_error **err)
{
        pic__x509_info info;
        int r, count = 0, is = 0;

        for (;;) {
                unsigned char *bytes = NULL;
                long len = 0;

                r = next(in, &bytes, &len, &is, err);
                if (r > 0 && is) {
                        pic__der der = { bytes, (size_t)len };

                        count++;
                        r = pic__x509_read(der, &info, NULL, err);
                        if (r == 0)
                                r = fn(der, data);
                } else if (r > 0) {
                        OPENSSL_cleanse(bytes, (size_t)len); /* a key, perhaps */
                        r = 0;
                } else {
                        break;
                }
                OPENSSL_free(bytes);
                if (r != 0)
                        break;
        }
        return r == 0 && count == 0 ? pic__fail(err, PIC_SYNTAX, "there is no certificate in PEM") : r;
}

int pic__x509_pem_each(const char *text, size_t len, int (*fn)(pic__der der, void *data), void *data, pic_error **err)
{
        BIO *in;
        int r;

        if (len > TEXT_MAX)
                return pic__fail(err, PIC_SYNTAX, "a text of certificates has at most 256 KiB");
        in = BIO_new_mem_buf(text, (int)len);
        if (in == NULL)
                return pic__nomem(err);
        r = each(in, fn, data, err);
        BIO_free(in);
        return r;
}

/* --- in one line ---------------------------------------------------------------------------------------------- */

void pic__x509_text_put(pic__der der, pic__buf *out)
{
        char *room;

        if (out->len > 0)
                pic__buf_putc(out, ' ');
        room = pic__buf_room(out, PIC__BASE64(der.len));
        if (room == NULL)
                return;
        pic__base64(der.data, der.len, room);
        pic__buf_added(out, strlen(room));
}

int pic__x509_text_each(const char *text, int (*fn)(pic__der der, void *data), void *data, pic_error **err)
{
        int r = 0;

        while (r == 0 && *text != '\0') {
                size_t n = strcspn(text, " "), len = 0;
                pic__auto_free uint8_t *bytes = pic__alloc(n + 1);

                if (bytes == NULL)
                        return pic__nomem(err);
                if (pic__unbase64(text, n, bytes, n, &len) < 0 || len == 0)
                        return pic__fail(err, PIC_CORRUPT, "a certificate in the store is damaged");
                r = fn((pic__der){ bytes, len }, data);
                text += n + (text[n] == ' ');
        }
        return r;
}

static int take_first(pic__der der, void *data)
{
        pic__buf_put(data, der.data, der.len);
        return 1;
}

int pic__x509_text_first(const char *text, pic__buf *out, pic_error **err)
{
        int r = pic__x509_text_each(text, take_first, out, err);

        if (r == 0)
                return pic__fail(err, PIC_NOTFOUND, "there is no certificate yet");
        return r < 0 ? r : out->failed ? pic__nomem(err) : 0;
}
