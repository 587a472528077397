/* Owns: what an edit makes that is told once: a token's secret, and a user's second factor with its recovery codes. */
#include <stdio.h>
#include <string.h>

#include "api/edit.h"
#include "api/session.h"
#include "change/secret.h"
#include "model/text.h"
#include "sys/crypto.h"
#include "sys/hash.h"
#include "sys/otp.h"

#define CODES 10
#define CODE_LETTERS 10
#define CODE_LINE (CODE_LETTERS + 2) /* a hyphen in the middle, an end of line */

static int enter(const pic_edit *edit, const char *call, pic_error **err)
{
        if (!pic__api_is(edit, PIC__MAGIC_EDIT))
                return pic__api_bad(err, call, "edit is not valid");
        if (edit->used)
                return pic__fail(err, PIC_BADSTATE, "%s: this edit was committed already", call);
        return 0;
}

static pic__op op_of(enum pic__kind kind, const char *name, const char *field)
{
        return (pic__op){ .wish = PIC__WISH_SET, .kind = kind, .name = name, .field = pic__field_find(kind, field) };
}

/* --- tokens --------------------------------------------------------------------------------------------------- */

int pic_edit_token(pic_edit *edit, const char *name, pic_blob **ret_secret, pic_error **err)
{
        pic__op op = op_of(PIC__TOKEN, name, "hash");
        char text[PIC__SECRET_TEXT], base64[PIC__BASE64(32)];
        uint8_t hash[32];
        int r = enter(edit, "pic_edit_token", err);

        if (r == 0 && (name == NULL || ret_secret == NULL))
                return pic__api_bad(err, "pic_edit_token", "name or ret_secret is NULL");
        if (r == 0)
                r = pic__wish_check(PIC__TOKEN, "name", name, err);
        if (r < 0)
                return r;
        pic__secret_new(text);
        pic__secret_hash(text, hash);
        pic__base64(hash, sizeof(hash), base64);
        op.text = base64;
        r = pic__wish_push(&edit->wishes, &op, err);
        if (r == 0)
                r = pic__blob_new(text, strlen(text), ret_secret, err);
        pic__wipe(text, sizeof(text));
        return r;
}

/* --- the second factor ---------------------------------------------------------------------------------------- */

/* RFC 3986: what is not plain is escaped. */
static void put_escaped(pic__buf *out, const char *text)
{
        for (; *text != '\0'; text++) {
                if (pic__is_alnum(*text) || strchr("-._~", *text) != NULL)
                        pic__buf_putc(out, *text);
                else
                        pic__buf_putf(out, "%%%02X", (unsigned)(unsigned char)*text);
        }
}

static int make_offer(const char *cell, const char *user, const char *secret, pic_report **ret, pic_error **err)
{
        pic__auto_wipe pic__buf uri = PIC__BUF_SECRET;
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        pic__json j = PIC__JSON(&text);

        pic__buf_puts(&uri, "otpauth://totp/");
        put_escaped(&uri, cell);
        pic__buf_puts(&uri, ":");
        put_escaped(&uri, user);
        pic__buf_putf(&uri, "?secret=%s&issuer=", secret);
        put_escaped(&uri, cell);
        pic__buf_puts(&uri, "&algorithm=SHA1&digits=6&period=30");
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "secret", secret);
        pic__json_kstr(&j, "uri", pic__buf_str(&uri));
        pic__json_close(&j, '}');
        if (uri.failed || text.failed)
                return pic__nomem(err);
        return pic__report_new(&text, 1, ret, err);
}

int pic_totp_offer(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *who = NULL;
        uint8_t bytes[PIC__OTP_SECRET];
        char *secret = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || user == NULL || ret_report == NULL)
                return pic__api_bad(err, "pic_totp_offer", "ctx, user or ret_report is not valid");
        r = pic_get(ctx, "cell", NULL, &cell, err);
        if (r == 0)
                r = pic_get(ctx, "user", user, &who, err);
        if (r < 0)
                return r;
        pic__random(bytes, sizeof(bytes));
        r = pic__base32(bytes, sizeof(bytes), &secret, err);
        pic__wipe(bytes, sizeof(bytes));
        if (r == 0) {
                r = make_offer(pic__obj_name(cell), pic__obj_name(who), secret, ret_report, err);
                pic__wipe(secret, strlen(secret));
        }
        pic__free(secret);
        return r;
}

/* Ten codes of fifty bits, as lines for the person and as hashes for the cell. */
static void make_codes(char lines[CODES * CODE_LINE + 1], uint8_t hashes[CODES * 32])
{
        static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
        char plain[CODE_LETTERS + 1];
        uint8_t bytes[CODE_LETTERS];
        size_t i, k, n = 0;

        for (i = 0; i < CODES; i++) {
                pic__random(bytes, sizeof(bytes));
                for (k = 0; k < CODE_LETTERS; k++) {
                        plain[k] = alphabet[bytes[k] & 31];
                        if (k == CODE_LETTERS / 2)
                                lines[n++] = '-';
                        lines[n++] = plain[k];
                }
                plain[CODE_LETTERS] = '\0';
                lines[n++] = '\n';
                pic__secret_hash(plain, hashes + i * 32);
        }
        lines[n] = '\0';
        pic__wipe(plain, sizeof(plain));
        pic__wipe(bytes, sizeof(bytes));
}

static int wrong_code(pic_error **err)
{
        (void)pic__fail_value(err, NULL, "code", NULL, "is not the one of now");
        pic__hint(err,
                  "Look at the program that has the secret; and whether the clocks of both are right: timedatectl");
        return PIC_VALUE;
}

static int check_code(const pic_ctx *ctx, const uint8_t *secret, size_t len, const char *code, int64_t *ret_step,
                      pic_error **err)
{
        int r;

        *ret_step = -1;
        r = pic__otp_find(secret, len, ctx->clock->now(ctx->clock->data) / PIC__SECOND, code, ret_step, err);
        return r < 0 ? r : *ret_step < 0 ? wrong_code(err) : 0;
}

struct factor {
        uint8_t secret[PIC__OTP_MAX];
        size_t len;
        int64_t step; /* of the code that showed it: a step counts once, so it gets nobody in any more */
        uint8_t hashes[CODES * 32];
};

static void factor_wipe(struct factor *f)
{
        pic__wipe(f, sizeof(*f));
}

/* Both or none. */
static int push_factor(pic_edit *edit, const char *user, const struct factor *f, pic_error **err)
{
        const pic__op recovery = op_of(PIC__USER, user, "recovery");
        size_t had = edit->wishes.ops.count;
        pic__op totp = op_of(PIC__USER, user, "totp");
        int r;

        totp.step = f->step;
        r = pic__secret_push_bytes(&edit->wishes, &totp, f->secret, f->len, NULL, err);
        if (r == 0)
                r = pic__secret_push_bytes(&edit->wishes, &recovery, f->hashes, sizeof(f->hashes), NULL, err);
        if (r < 0)
                edit->wishes.ops.count = had;
        return r;
}

int pic_edit_totp(pic_edit *edit, const char *user, const char *secret, const char *code, pic_blob **ret_recovery,
                  pic_error **err)
{
        char lines[CODES * CODE_LINE + 1];
        PIC__AUTO(factor_wipe) struct factor f = { .len = 0 };
        int r = enter(edit, "pic_edit_totp", err);

        if (r == 0 && (user == NULL || secret == NULL || code == NULL || ret_recovery == NULL))
                return pic__api_bad(err, "pic_edit_totp", "user, secret, code or ret_recovery is NULL");
        if (r == 0)
                r = pic__wish_check(PIC__USER, "name", user, err);
        if (r >= 0)
                r = pic__unbase32(secret, f.secret, sizeof(f.secret), &f.len, err);
        if (r == 0)
                r = check_code(edit->ctx, f.secret, f.len, code, &f.step, err);
        if (r < 0)
                return r;
        make_codes(lines, f.hashes);
        r = push_factor(edit, user, &f, err);
        if (r == 0)
                r = pic__blob_new(lines, strlen(lines), ret_recovery, err);
        pic__wipe(lines, sizeof(lines));
        return r;
}
