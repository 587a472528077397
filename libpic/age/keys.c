/* Owns: lists of keys and their texts. */
#include "age/keys.h"

#include <string.h>

#include "age/bech32.h"
#include "sys/cipher.h"
#include "sys/crypto.h"

static const char public_prefix[] = "age", secret_prefix[] = "AGE-SECRET-KEY-";

static int begins(const char *text, size_t len, const char *with)
{
        return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* Room for one more; what was there is wiped, since it may be secret. */
static int grow(void *list, size_t count, size_t item, pic_error **err)
{
        void **at = list, *more;

        if (count >= PIC__AGE_KEYS_MAX)
                return pic__fail(err, PIC_VALUE, "more than %d keys", PIC__AGE_KEYS_MAX);
        if ((count & (count - 1)) != 0)
                return 0;
        more = pic__alloc((count > 0 ? 2 * count : 1) * item);
        if (more == NULL)
                return pic__nomem(err);
        if (count > 0) {
                memcpy(more, *at, count * item);
                pic__wipe(*at, count * item);
        }
        pic__free(*at);
        *at = more;
        return 0;
}

static int add_recipient(pic__age_keys *k, const uint8_t key[32], pic_error **err)
{
        uint8_t any[32] = { 1 }, shared[32];
        int r;

        if (pic__x25519(any, key, shared) < 0)
                return pic__fail(err, PIC_VALUE, "this recipient is no key: what is for it anybody could open");
        r = grow(&k->recipients, k->recipient_count, sizeof(*k->recipients), err);
        if (r == 0)
                memcpy(k->recipients[k->recipient_count++], key, 32);
        return r;
}

/* What else a person may have taken for a key. */
static int not_a_key(const char *text, size_t len, const char *what, pic_error **err)
{
        static const char *const others[] = {
                "ssh-", "age1pq1", "age1tag1", "age1tagpq1", "AGE-SECRET-KEY-PQ-1", "AGE-PLUGIN-", "-----BEGIN OPENSSH"
        };
        size_t i;
        int code = PIC_SYNTAX;

        for (i = 0; i < PIC__COUNT(others); i++)
                if (begins(text, len, others[i]))
                        code = PIC_UNSUPPORTED;
        if (begins(text, len, "age1") && memchr(text + 4, '1', len - 4) != NULL) /* of a plugin */
                code = PIC_UNSUPPORTED;
        pic__fail(err, code, code == PIC_SYNTAX ? "this is no %s" : "this kind of %s is not known here", what);
        pic__hint(err, "recipients are age1…, identities AGE-SECRET-KEY-1… (X25519): pic age keygen makes one");
        return code;
}

int pic__age_keys_recipient(pic__age_keys *k, const char *text, size_t len, pic_error **err)
{
        uint8_t key[32];

        if (pic__bech32_get(public_prefix, text, len, key, sizeof(key)) < 0)
                return not_a_key(text, len, "recipient", err);
        return add_recipient(k, key, err);
}

int pic__age_keys_identity(pic__age_keys *k, const char *text, size_t len, pic_error **err)
{
        struct pic__age_pair pair;
        int r;

        if (pic__bech32_get(secret_prefix, text, len, pair.secret, sizeof(pair.secret)) < 0) {
                pic__wipe(&pair, sizeof(pair));
                return not_a_key(text, len, "identity", err);
        }
        pic__x25519_base(pair.secret, pair.public_key);
        r = grow(&k->identities, k->identity_count, sizeof(*k->identities), err);
        if (r == 0)
                k->identities[k->identity_count++] = pair;
        pic__wipe(&pair, sizeof(pair));
        return r;
}

/* One line without its end. */
static int add_line(pic__age_keys *k, const char *line, size_t len, int secret, pic_error **err)
{
        if (len > 0 && line[len - 1] == '\r')
                len--;
        if (len == 0 || line[0] == '#')
                return 0;
        if (begins(line, len, "age-encryption.org/") || begins(line, len, "-----BEGIN AGE"))
                return pic__fail(err, PIC_UNSUPPORTED, "it is encrypted: decrypt it first");
        return secret ? pic__age_keys_identity(k, line, len, err) : pic__age_keys_recipient(k, line, len, err);
}

int pic__age_keys_lines(pic__age_keys *k, const char *text, size_t len, int secret, pic_error **err)
{
        size_t before = k->identity_count + k->recipient_count, number = 1;
        const char *end = text + len;

        for (; text < end; number++) {
                const char *stop = memchr(text, '\n', (size_t)(end - text));
                int r;

                stop = stop != NULL ? stop : end;
                r = add_line(k, text, (size_t)(stop - text), secret, err);
                if (r < 0) {
                        pic__prefix_msg(err, "line %zu: ", number);
                        pic__detail_int(err, "line", (long long)number);
                        return r;
                }
                text = stop < end ? stop + 1 : end;
        }
        if (k->identity_count + k->recipient_count == before)
                return pic__fail(err, PIC_NOTFOUND, "there is no %s in it", secret ? "identity" : "recipient");
        return 0;
}

int pic__age_keys_passphrase(pic__age_keys *k, const char *text, pic_error **err)
{
        if (text[0] == '\0')
                return pic__fail(err, PIC_VALUE, "an empty passphrase protects nothing");
        if (k->passphrase != NULL)
                return pic__fail(err, PIC_VALUE, "there can be one passphrase only");
        k->passphrase = pic__strdup(text);
        return k->passphrase != NULL ? 0 : pic__nomem(err);
}

int pic__age_keys_own(pic__age_keys *k, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; i < k->identity_count && r == 0; i++)
                r = add_recipient(k, k->identities[i].public_key, err);
        return r;
}

void pic__age_keys_clear(pic__age_keys *k)
{
        if (k->identities != NULL)
                pic__wipe(k->identities, k->identity_count * sizeof(*k->identities));
        if (k->passphrase != NULL)
                pic__wipe(k->passphrase, strlen(k->passphrase));
        pic__free(k->recipients);
        pic__free(k->identities);
        pic__free(k->passphrase);
        *k = (pic__age_keys){ .recipients = NULL };
}

void pic__age_recipient_text(const uint8_t public_key[32], pic__buf *out)
{
        pic__bech32_put(public_prefix, public_key, 32, out);
}

void pic__age_identity_text(const uint8_t secret[32], pic__buf *out)
{
        (void)pic__buf_room(out, 128); /* at once: growing would leave copies */
        pic__bech32_put(secret_prefix, secret, 32, out);
}

void pic__age_keygen(pic__buf *identity, pic__buf *recipient)
{
        uint8_t secret[32], public_key[32];

        pic__random(secret, sizeof(secret));
        pic__x25519_base(secret, public_key);
        pic__age_identity_text(secret, identity);
        pic__age_recipient_text(public_key, recipient);
        pic__wipe(secret, sizeof(secret));
}
