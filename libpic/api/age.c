/* Owns: the handle of keys, and making one. */
#include "api/age.h"

#include <string.h>

#include "base/time.h"
#include "sys/clock.h"
#include "sys/crypto.h"

struct pic_age_keys {
        pic__handle h;
        pic__age_keys keys;
};

const pic__age_keys *pic__age_keys_of(const pic_age_keys *keys)
{
        return pic__api_is(keys, PIC__MAGIC_AGE) ? &keys->keys : NULL;
}

int pic_age_keys_new(pic_age_keys **ret_keys, pic_error **err)
{
        pic_age_keys *k;
        int r;

        if (ret_keys == NULL)
                return pic__api_bad(err, "pic_age_keys_new", "ret_keys is NULL");
        r = pic__crypto_start(err);
        if (r < 0)
                return r;
        k = pic__alloc(sizeof(*k));
        if (k == NULL)
                return pic__nomem(err);
        k->h = (pic__handle){ PIC__MAGIC_AGE, 1 };
        *ret_keys = k;
        return 0;
}

int pic_age_keys_recipient(pic_age_keys *keys, const char *recipient, pic_error **err)
{
        if (!pic__api_is(keys, PIC__MAGIC_AGE) || recipient == NULL)
                return pic__api_bad(err, "pic_age_keys_recipient", "keys or recipient is not valid");
        return pic__age_keys_recipient(&keys->keys, recipient, strlen(recipient), err);
}

int pic_age_keys_file(pic_age_keys *keys, int what, const char *text, size_t len, pic_error **err)
{
        if (!pic__api_is(keys, PIC__MAGIC_AGE) || (text == NULL && len > 0))
                return pic__api_bad(err, "pic_age_keys_file", "keys or text is not valid");
        if (what != PIC_AGE_RECIPIENTS && what != PIC_AGE_IDENTITIES)
                return pic__api_bad(err, "pic_age_keys_file", "what is none of PIC_AGE_RECIPIENTS, PIC_AGE_IDENTITIES");
        return pic__age_keys_lines(&keys->keys, text != NULL ? text : "", len, what == PIC_AGE_IDENTITIES, err);
}

int pic_age_keys_passphrase(pic_age_keys *keys, const char *passphrase, pic_error **err)
{
        if (!pic__api_is(keys, PIC__MAGIC_AGE) || passphrase == NULL)
                return pic__api_bad(err, "pic_age_keys_passphrase", "keys or passphrase is not valid");
        return pic__age_keys_passphrase(&keys->keys, passphrase, err);
}

int pic_age_keys_own(pic_age_keys *keys, pic_error **err)
{
        if (!pic__api_is(keys, PIC__MAGIC_AGE))
                return pic__api_bad(err, "pic_age_keys_own", "keys is not valid");
        return pic__age_keys_own(&keys->keys, err);
}

int pic_age_keys_text(const pic_age_keys *keys, pic_blob **ret_text, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;

        if (!pic__api_is(keys, PIC__MAGIC_AGE) || ret_text == NULL)
                return pic__api_bad(err, "pic_age_keys_text", "keys or ret_text is not valid");
        for (i = 0; i < keys->keys.recipient_count; i++) {
                pic__age_recipient_text(keys->keys.recipients[i], &text);
                pic__buf_putc(&text, '\n');
        }
        return text.failed ? pic__nomem(err) : pic__blob_new(pic__buf_str(&text), text.len, ret_text, err);
}

pic_age_keys *pic_age_keys_unref(pic_age_keys *keys)
{
        if (pic__api_is(keys, PIC__MAGIC_AGE)) {
                keys->h.magic = 0;
                pic__age_keys_clear(&keys->keys);
                pic__free(keys);
        }
        return NULL;
}

int pic_age_keygen(pic_blob **ret_file, pic_error **err)
{
        pic__auto_wipe pic__buf file = PIC__BUF_SECRET, identity = PIC__BUF_SECRET;
        pic__auto_buf pic__buf recipient = PIC__BUF_INIT;
        char now[PIC__TIME_TEXT];
        int r;

        if (ret_file == NULL)
                return pic__api_bad(err, "pic_age_keygen", "ret_file is NULL");
        r = pic__crypto_start(err);
        if (r < 0)
                return r;
        (void)pic__time_print(pic__clock_real.now(NULL) / PIC__SECOND * PIC__SECOND, now);
        pic__age_keygen(&identity, &recipient);
        (void)pic__buf_room(&file, 512);
        pic__buf_putf(&file, "# created: %s\n# public key: %s\n", now, pic__buf_str(&recipient));
        pic__buf_put(&file, pic__buf_str(&identity), identity.len);
        pic__buf_putc(&file, '\n');
        if (file.failed || identity.failed || recipient.failed)
                return pic__nomem(err);
        return pic__blob_new(file.data, file.len, ret_file, err);
}
