/* Owns: publishing under pic.ngo. Its service's protocol is in no public document, so this is ours, to be spoken by who
 * runs one (--server): a request is signed with the cell's Ed25519 identity, so the service needs no secret that every
 * client would have: the first cell that asks for a name has it, and nobody without that key can move it.
 *
 * POST /v1/update {"name","ipv4","ipv6","key","time"[,"code"]}; header Pic-Signature: base64 of the signature over
 * "pic-ddns-1\n" and the body. `time` (seconds) is the clock's: the service takes five minutes either way, and nothing
 * twice. `code`: a one-time code (RFC 6238) when the owner has a secret of theirs. 200: done; 404: no such name yet,
 * then the same body is posted to /v1/register once; 409: taken by another key; 401, 403: refused.
 * POST /v1/txt {"name","record","text","clear","key","time"[,"code"]}: the same for a TXT record; 404: no such name
 * (its addresses were never published). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "engine/provider_i.h"
#include "sys/crypto.h"
#include "sys/hash.h"
#include "sys/otp.h"

enum { UPDATE, REGISTER, AGAIN, TEXT };

static int put_code(const pic__provider *p, pic__json *j, pic_error **err)
{
        uint8_t secret[PIC__OTP_MAX];
        char code[PIC__OTP_CODE];
        size_t len = 0;
        int r;

        if (p->by.secret.len == 0)
                return 0;
        r = pic__unbase32(pic__buf_str(&p->by.secret), secret, sizeof(secret), &len, err);
        if (r == 0)
                r = pic__otp_code(secret, len, p->now / PIC__SECOND / PIC__OTP_STEP, code, err);
        pic__wipe(secret, sizeof(secret));
        if (r < 0) {
                pic__wrap(err, "the token is no secret of one-time codes");
                return r;
        }
        pic__json_kstr(j, "code", code);
        return 0;
}

static int put_body(const pic__provider *p, const uint8_t key[32], pic__buf *body, pic_error **err)
{
        pic__json j = { .out = body };
        char text[PIC__BASE64(32)];
        int r;

        pic__base64(key, 32, text);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", pic__obj_name(p->domain));
        if (p->step == TEXT) {
                pic__json_kstr(&j, "record", p->record);
                pic__json_kstr(&j, "text", p->text);
                pic__json_kbool(&j, "clear", p->errand == PIC__ERRAND_CLEAR);
        } else {
                pic__json_kstr(&j, "ipv4", p->ip4[0] != '\0' ? p->ip4 : NULL);
                pic__json_kstr(&j, "ipv6", p->ip6[0] != '\0' ? p->ip6 : NULL);
        }
        pic__json_kstr(&j, "key", text);
        pic__json_kint(&j, "time", p->now / PIC__SECOND);
        r = put_code(p, &j, err);
        pic__json_close(&j, '}');
        return r < 0 ? r : body->failed ? pic__nomem(err) : 0;
}

static int post(pic__provider *p, const char *path, pic_error **err)
{
        pic__auto_buf pic__buf body = PIC__BUF_INIT, signed_ = PIC__BUF_INIT, url = PIC__BUF_INIT;
        uint8_t key[32], secret[64], signature[PIC__SIGNATURE];
        char text[PIC__BASE64(PIC__SIGNATURE)], header[40 + sizeof(text)];
        const char *headers[] = { header, "Content-Type: application/json", NULL };
        pic__http_opts o = { .headers = headers };
        int r;

        pic__sign_pair(p->by.seed, key, secret);
        r = put_body(p, key, &body, err);
        pic__buf_putf(&signed_, "pic-ddns-1\n%s", pic__buf_str(&body));
        pic__sign(pic__buf_str(&signed_), signed_.len, secret, signature);
        pic__wipe(secret, sizeof(secret));
        pic__base64(signature, sizeof(signature), text);
        (void)snprintf(header, sizeof(header), "Pic-Signature: %s", text);
        pic__provider_base(p, &url);
        pic__buf_puts(&url, path);
        if (r == 0 && (signed_.failed || url.failed))
                r = pic__nomem(err);
        o.body = pic__buf_str(&body);
        o.body_len = body.len;
        return r < 0 ? r : pic__provider_fetch(p, pic__buf_str(&url), &o, err);
}

static int begin(pic__provider *p, pic_error **err)
{
        if (!p->by.has_seed)
                return pic__fail(err, PIC_BADSTATE, "the cell has no key to sign with yet");
        p->step = p->errand == PIC__ERRAND_ADDRESSES ? UPDATE : TEXT;
        return post(p, p->step == TEXT ? "/v1/txt" : "/v1/update", err);
}

static int answer(pic__provider *p, int status, const pic__buf *text, pic_error **err)
{
        const char *name = pic__obj_name(p->domain);

        (void)text;
        if (status == 200 || status == 201) {
                if (p->step != REGISTER)
                        return 1;
                p->step = AGAIN;
                return post(p, "/v1/update", err);
        }
        if (status == 404 && p->step == UPDATE) {
                p->step = REGISTER;
                return post(p, "/v1/register", err);
        }
        if (status == 404 && p->step == TEXT)
                return pic__fail(err, PIC_NOTFOUND, "the service knows no %s: its addresses have to be published first",
                                 name);
        if (status == 409) {
                pic__fail(err, PIC_DENIED, "%s is taken by another cell", name);
                pic__hint(err, "Choose another name. A cell that was made anew has another key: restore its backup.");
                return PIC_DENIED;
        }
        if (status == 401 || status == 403) {
                pic__fail(err, PIC_DENIED, "the service refuses the cell's signature or one-time code (status %d)",
                          status);
                pic__hint(err, "Is this machine's clock right (pic ntp status)?");
                return PIC_DENIED;
        }
        return pic__fail(err, status == 404 ? PIC_NOTFOUND : PIC_BACKEND, "the service answers with status %d", status);
}

const struct pic__provider_way pic__provider_ngo = {
        "pic_ngo", PIC__CAN_ADDRESSES | PIC__CAN_TXT, "token", NULL, 5000, begin, answer
};
