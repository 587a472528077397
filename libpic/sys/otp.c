/* Owns: the door to liboath. */
#include "sys/otp.h"

#include <liboath/oath.h>
#include <stdlib.h>
#include <string.h>

#include "sys/crypto.h"

static int failed(int code, pic_error **err)
{
        if (code == OATH_MALLOC_ERROR)
                return pic__nomem(err);
        return pic__fail(err, PIC_UNSUPPORTED, "a one-time code cannot be computed: %s", oath_strerror(code));
}

int pic__otp_code(const uint8_t *secret, size_t len, int64_t step, char code[PIC__OTP_CODE], pic_error **err)
{
        int r = oath_hotp_generate((const char *)secret, len, (uint64_t)step, PIC__OTP_CODE - 1, false,
                                   OATH_HOTP_DYNAMIC_TRUNCATION, code);

        return r == OATH_OK ? 0 : failed(r, err);
}

int pic__otp_find(const uint8_t *secret, size_t len, int64_t now, const char *code, int64_t *ret_step, pic_error **err)
{
        int64_t step = now / PIC__OTP_STEP, at, found = -1;
        char given[PIC__OTP_CODE] = { 0 }, right[PIC__OTP_CODE];
        int fits = strlen(code) == PIC__OTP_CODE - 1, r = 0;

        if (fits)
                memcpy(given, code, sizeof(given));
        for (at = step + 1; r == 0 && at >= step - 1; at--) {
                r = pic__otp_code(secret, len, at, right, err);
                if (r == 0 && pic__same(given, right, sizeof(right)) && fits)
                        found = at;
        }
        pic__wipe(right, sizeof(right));
        *ret_step = found;
        return r;
}

int pic__base32(const uint8_t *data, size_t len, char **ret, pic_error **err)
{
        char *text = NULL, *copy;
        size_t text_len = 0;
        int r = oath_base32_encode((const char *)data, len, &text, &text_len);

        if (r != OATH_OK)
                return failed(r, err);
        while (text_len > 0 && text[text_len - 1] == '=')
                text_len--;
        copy = pic__strndup(text, text_len);
        pic__wipe(text, text_len);
        free(text); /* liboath's own */
        if (copy == NULL)
                return pic__nomem(err);
        *ret = copy;
        return 0;
}

static int no_secret(pic_error **err)
{
        return pic__fail_value(err, NULL, "secret", NULL, "must be base32 of 10 to 64 bytes");
}

int pic__unbase32(const char *text, uint8_t *out, size_t max, size_t *ret_len, pic_error **err)
{
        char *data = NULL;
        size_t len = 0;
        int r;

        if (strlen(text) > 2 * PIC__OTP_MAX)
                return no_secret(err);
        r = oath_base32_decode(text, strlen(text), &data, &len);
        if (r == OATH_MALLOC_ERROR)
                return pic__nomem(err);
        if (r != OATH_OK)
                return no_secret(err);
        if (len >= 10 && len <= max)
                memcpy(out, data, len);
        else
                r = no_secret(err);
        pic__wipe(data, len);
        free(data);
        *ret_len = len;
        return r;
}
