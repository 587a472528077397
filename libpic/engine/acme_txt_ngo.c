/* Owns: TXT records below pic.ngo. The service's protocol is in no public document; this is ours, as with addresses
 * (see DOMAINS): a request is signed with the cell's Ed25519 identity, and who has the name is who asked for it first.
 *
 * POST /v1/txt {"name","record","text","clear","key","time"[,"code"]}; header Pic-Signature: base64 of the signature
 * over "pic-ddns-1\n" and the body. 200: done; 404: no such name (its addresses were never published); 409: another
 * cell's; 401, 403: refused. */
#include "base/json.h"
#include "base/time.h"
#include "engine/acme_txt_i.h"
#include "sys/crypto.h"
#include "sys/hash.h"
#include "sys/otp.h"

#define PATIENCE 30000u

static int put_code(const pic__acme_txt *t, pic__json *j, pic_error **err)
{
        uint8_t secret[PIC__OTP_MAX];
        char code[PIC__OTP_CODE];
        size_t len = 0;
        int r;

        if (t->secret[0] == '\0')
                return 0;
        r = pic__unbase32(t->secret, secret, sizeof(secret), &len, err);
        if (r == 0)
                r = pic__otp_code(secret, len, t->now / PIC__SECOND / PIC__OTP_STEP, code, err);
        pic__wipe(secret, sizeof(secret));
        if (r == 0)
                pic__json_kstr(j, "code", code);
        return r;
}

static int put_body(const pic__acme_txt *t, const uint8_t key[32], pic__buf *body, pic_error **err)
{
        pic__json j = PIC__JSON(body);
        char text[PIC__BASE64(32)];
        int r;

        pic__base64(key, 32, text);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", pic__obj_name(t->domain));
        pic__json_kstr(&j, "record", t->name);
        pic__json_kstr(&j, "text", t->value);
        pic__json_kbool(&j, "clear", t->clear);
        pic__json_kstr(&j, "key", text);
        pic__json_kint(&j, "time", t->now / PIC__SECOND);
        r = put_code(t, &j, err);
        pic__json_close(&j, '}');
        return r < 0 ? r : body->failed ? pic__nomem(err) : 0;
}

static void sign(const uint8_t secret[64], const pic__buf *body, pic__buf *header)
{
        pic__auto_buf pic__buf all = PIC__BUF_INIT;
        uint8_t signature[PIC__SIGNATURE];
        char text[PIC__BASE64(PIC__SIGNATURE)];

        pic__buf_putf(&all, "pic-ddns-1\n%s", pic__buf_str(body));
        header->failed |= all.failed;
        pic__sign(pic__buf_str(&all), all.len, secret, signature);
        pic__base64(signature, sizeof(signature), text);
        pic__buf_putf(header, "Pic-Signature: %s", text);
}

int pic__acme_txt_ngo_begin(pic__acme_txt *t, pic_error **err)
{
        pic__auto_buf pic__buf body = PIC__BUF_INIT, header = PIC__BUF_INIT, url = PIC__BUF_INIT;
        uint8_t key[32], secret[64];
        const char *headers[] = { NULL, "Content-Type: application/json", NULL };
        pic__http_opts o = { .headers = headers, .timeout_ms = PATIENCE };
        int r;

        if (!t->has_seed)
                return pic__fail(err, PIC_BADSTATE, "the cell has no key to sign with yet");
        pic__sign_pair(t->seed, key, secret);
        r = put_body(t, key, &body, err);
        if (r == 0)
                sign(secret, &body, &header);
        pic__wipe(secret, sizeof(secret));
        pic__acme_txt_base(t, &url);
        pic__buf_puts(&url, "/v1/txt");
        if (r < 0 || header.failed || url.failed)
                return r < 0 ? r : pic__nomem(err);
        headers[0] = pic__buf_str(&header);
        o.body = body.data;
        o.body_len = body.len;
        return pic__http_start(pic__buf_str(&url), &o, &t->http, err);
}

int pic__acme_txt_ngo_answer(pic__acme_txt *t, int status, pic_error **err)
{
        const char *name = pic__obj_name(t->domain);

        if (status == 200 || status == 201)
                return 1;
        if (status == 404)
                return pic__fail(err, PIC_BACKEND, "the service knows no %s: its addresses have to be published first",
                                 name);
        if (status == 409)
                return pic__fail(err, PIC_BACKEND, "%s is taken by another cell", name);
        if (status == 401 || status == 403) {
                (void)pic__fail(err, PIC_BACKEND,
                                "the service refuses the cell's signature or one-time code (status %d)", status);
                pic__hint(err, "Is this machine's clock right (pic ntp status)?");
                return PIC_BACKEND;
        }
        return pic__fail(err, PIC_BACKEND, "the service answers with status %d", status);
}
