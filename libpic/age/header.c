/* Owns: the header's grammar, both ways, and its MAC. */
#include "age/header.h"

#include <string.h>

#include "sys/cipher.h"
#include "sys/crypto.h"
#include "sys/hash.h"

enum { VERSION, STANZA, BODY, DONE }; /* what is expected: a stanza may be the end too */
enum { COLUMNS = 64, LINE_BYTES = 48, ARGUMENTS = 3, MAC_TEXT = 43 };

static const char version[] = "age-encryption.org/v1", family[] = "age-encryption.org/", mark[] = "---";

static int malformed(pic_error **err, const char *what)
{
        int r = pic__fail(err, PIC_SYNTAX, "the header is malformed: %s", what);

        pic__detail(err, "part", "header");
        return r;
}

static int is_visible(const char *text, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++)
                if (text[i] < 0x21 || text[i] > 0x7e)
                        return 0;
        return len > 0;
}

static int take_version(pic__age_header *h, const char *line, size_t len, pic_error **err)
{
        h->where = STANZA;
        if (len == sizeof(version) - 1 && memcmp(line, version, len) == 0)
                return 0;
        if (len < sizeof(family) || memcmp(line, family, sizeof(family) - 1) != 0 || !is_visible(line, len)) {
                pic__fail(err, PIC_SYNTAX, "this is no age file");
                pic__detail(err, "part", "header");
                return PIC_SYNTAX;
        }
        pic__fail(err, PIC_UNSUPPORTED, "this age file is of another version than v1");
        pic__detail(err, "part", "header");
        return PIC_UNSUPPORTED;
}

struct argument {
        const char *text;
        size_t len;
};

/* Splits the arguments at single spaces; how many there are, of which the first are kept. -1: one is none. */
static int split(const char *text, size_t len, struct argument kept[ARGUMENTS])
{
        int count = 0;

        for (;;) {
                const char *space = memchr(text, ' ', len);
                size_t n = space != NULL ? (size_t)(space - text) : len;

                if (!is_visible(text, n))
                        return -1;
                if (count < ARGUMENTS)
                        kept[count] = (struct argument){ text, n };
                count += count <= ARGUMENTS;
                if (space == NULL)
                        return count;
                text += n + 1;
                len -= n + 1;
        }
}

static int is_word(const struct argument *a, const char *word)
{
        return a->len == strlen(word) && memcmp(a->text, word, a->len) == 0;
}

/* Base64 of exactly so many bytes. */
static int bytes_of(const struct argument *a, uint8_t *out, size_t size)
{
        size_t len = 0;

        return pic__unbase64raw(a->text, a->len, out, size, &len) == 0 && len == size;
}

/* A number without a zero before it; too large ones are the largest, which is more than is ever taken. */
static int work_factor(const struct argument *a, unsigned *ret)
{
        unsigned value = 0;
        size_t i;

        for (i = 0; i < a->len; i++) {
                if (a->text[i] < (i == 0 ? '1' : '0') || a->text[i] > '9')
                        return 0;
                value = value < 1000000 ? value * 10 + (unsigned)(a->text[i] - '0') : value;
        }
        *ret = value;
        return 1;
}

static int new_stanza(pic__age_header *h, pic__age_stanza **ret, pic_error **err)
{
        if ((h->known & (h->known - 1)) == 0) {
                pic__age_stanza *more =
                        pic__realloc(h->stanzas, (h->known > 0 ? 2 * h->known : 1) * sizeof(*h->stanzas));

                if (more == NULL)
                        return pic__nomem(err);
                h->stanzas = more;
        }
        *ret = &h->stanzas[h->known++];
        memset(*ret, 0, sizeof(**ret));
        return 0;
}

static int known_stanza(pic__age_header *h, const struct argument *a, int count, pic_error **err)
{
        int scrypt = is_word(a, "scrypt"), r;
        pic__age_stanza *s;

        if (count != (scrypt ? 3 : 2))
                return malformed(err, "a stanza has another number of arguments than its kind");
        r = new_stanza(h, &s, err);
        if (r < 0)
                return r;
        s->kind = scrypt ? PIC__AGE_SCRYPT : PIC__AGE_X25519;
        if (!bytes_of(&a[1], s->share, scrypt ? PIC__AGE_SALT : 32))
                return malformed(err, "a stanza's share or salt");
        return !scrypt || work_factor(&a[2], &s->log_n) ? 0 : malformed(err, "a work factor that is no number");
}

static int take_stanza(pic__age_header *h, const char *line, size_t len, pic_error **err)
{
        struct argument a[ARGUMENTS];
        int count = len > 3 && memcmp(line, "-> ", 3) == 0 ? split(line + 3, len - 3, a) : -1;

        if (count < 0)
                return malformed(err, "where a stanza or the end is expected");
        if (h->count++ >= PIC__AGE_STANZAS_MAX)
                return malformed(err, "more stanzas than are taken");
        h->where = BODY;
        h->body_len = 0;
        h->skip = !is_word(&a[0], "X25519") && !is_word(&a[0], "scrypt");
        return h->skip ? 0 : known_stanza(h, a, count, err);
}

static int take_body(pic__age_header *h, const char *line, size_t len, pic_error **err)
{
        uint8_t bytes[LINE_BYTES];
        size_t got = 0;

        if (len > COLUMNS || pic__unbase64raw(line, len, bytes, sizeof(bytes), &got) < 0)
                return malformed(err, "a line of a stanza's body");
        if (!h->skip && h->body_len + got <= PIC__AGE_BODY)
                memcpy(h->stanzas[h->known - 1].body + h->body_len, bytes, got);
        h->body_len += got;
        if (len == COLUMNS)
                return 0;
        if (!h->skip && h->body_len != PIC__AGE_BODY)
                return malformed(err, "a stanza's body has another length than its kind");
        h->where = STANZA;
        return 0;
}

/* A passphrase says who wrote the file: nobody else may be able to. */
static int alone(const pic__age_header *h, pic_error **err)
{
        size_t i;

        for (i = 0; i < h->known && h->count > 1; i++)
                if (h->stanzas[i].kind == PIC__AGE_SCRYPT)
                        return malformed(err, "a passphrase is not alone");
        return 0;
}

static int take_end(pic__age_header *h, const char *line, size_t len, pic_error **err)
{
        struct argument mac = { line + sizeof(mark), len - sizeof(mark) };

        if (h->count == 0)
                return malformed(err, "there is no stanza");
        if (len != sizeof(mark) + MAC_TEXT || line[sizeof(mark) - 1] != ' ' || !bytes_of(&mac, h->mac, sizeof(h->mac)))
                return malformed(err, "its last line");
        h->mac_at = h->line + sizeof(mark) - 1;
        h->where = DONE;
        return alone(h, err);
}

static int take_line(pic__age_header *h, const char *line, size_t len, pic_error **err)
{
        if (h->where == VERSION)
                return take_version(h, line, len, err);
        if (h->where == BODY)
                return take_body(h, line, len, err);
        return len >= sizeof(mark) && memcmp(line, mark, sizeof(mark) - 1) == 0 ? take_end(h, line, len, err)
                                                                                : take_stanza(h, line, len, err);
}

/* What is no age file at all is known before its first line ends, if it ever does. */
static int early(const pic__age_header *h, pic_error **err)
{
        size_t len = h->text.len < sizeof(family) - 1 ? h->text.len : sizeof(family) - 1;

        if (h->where != VERSION || len == 0 || memcmp(h->text.data, family, len) == 0)
                return 0;
        pic__fail(err, PIC_SYNTAX, "this is no age file");
        pic__detail(err, "part", "header");
        return PIC_SYNTAX;
}

int pic__age_header_take(pic__age_header *h, const uint8_t *data, size_t len, size_t *ret_used, pic_error **err)
{
        size_t used = 0;
        int r = 0;

        while (used < len && h->where != DONE && r == 0) {
                const uint8_t *end = memchr(data + used, '\n', len - used);
                size_t n = end != NULL ? (size_t)(end - data) + 1 - used : len - used;

                if (h->text.len + n > PIC__AGE_HEADER_MAX)
                        return malformed(err, "it is longer than 1 MiB");
                pic__buf_put(&h->text, data + used, n);
                if (h->text.failed)
                        return pic__nomem(err);
                used += n;
                r = early(h, err);
                if (r < 0 || end == NULL)
                        break;
                r = take_line(h, h->text.data + h->line, h->text.len - h->line - 1, err);
                h->line = h->text.len;
        }
        *ret_used = used;
        return r < 0 ? r : h->where == DONE;
}

static void mac_of(const uint8_t key[PIC__AGE_KEY], const void *text, size_t len, uint8_t mac[PIC__AGE_MAC])
{
        uint8_t mac_key[32];

        pic__hkdf256(key, PIC__AGE_KEY, NULL, 0, "header", mac_key);
        pic__hmac256(mac_key, sizeof(mac_key), text, len, NULL, 0, mac);
        pic__wipe(mac_key, sizeof(mac_key));
}

static int no_match(const pic__age_header *h, const pic__age_keys *keys, pic_error **err)
{
        int locked = h->known > 0 && h->stanzas[0].kind == PIC__AGE_SCRYPT;

        if (locked && keys->passphrase != NULL)
                return pic__fail(err, PIC_DENIED, "the passphrase is wrong");
        pic__fail(err, PIC_DENIED, locked ? "a passphrase is needed" : "none of the keys opens it");
        if (keys->passphrase != NULL)
                pic__hint(err, "it was encrypted for keys, not with a passphrase");
        return PIC_DENIED;
}

int pic__age_header_open(const pic__age_header *h, const pic__age_keys *keys, unsigned max_work,
                         uint8_t key[PIC__AGE_KEY], pic_error **err)
{
        uint8_t mac[PIC__AGE_MAC];
        size_t i;
        int r = 0;

        for (i = 0; i < h->known && r == 0; i++)
                r = pic__age_unwrap(&h->stanzas[i], keys, max_work, key, err);
        if (r == 0)
                r = no_match(h, keys, err);
        if (r < 0) {
                pic__detail(err, "part", "header");
                return r;
        }
        mac_of(key, h->text.data, h->mac_at, mac);
        if (pic__same(mac, h->mac, sizeof(mac)))
                return 0;
        pic__wipe(key, PIC__AGE_KEY);
        pic__fail(err, PIC_CORRUPT, "the header was changed by another hand: its MAC is wrong");
        pic__detail(err, "part", "mac");
        return PIC_CORRUPT;
}

void pic__age_header_clear(pic__age_header *h)
{
        pic__buf_free(&h->text);
        pic__free(h->stanzas);
        *h = (pic__age_header){ .where = VERSION };
}

static void put_stanza(const pic__age_stanza *s, pic__buf *out)
{
        char share[PIC__BASE64RAW(32)], body[PIC__BASE64RAW(PIC__AGE_BODY)];

        pic__base64raw(s->share, s->kind == PIC__AGE_SCRYPT ? PIC__AGE_SALT : 32, share);
        pic__base64raw(s->body, PIC__AGE_BODY, body);
        if (s->kind == PIC__AGE_SCRYPT)
                pic__buf_putf(out, "-> scrypt %s %u\n%s\n", share, s->log_n, body);
        else
                pic__buf_putf(out, "-> X25519 %s\n%s\n", share, body);
}

static int put_stanzas(const pic__age_keys *keys, unsigned log_n, const uint8_t key[PIC__AGE_KEY], pic__buf *out,
                       pic_error **err)
{
        pic__age_stanza s;
        size_t i;
        int r = 0;

        for (i = 0; i < keys->recipient_count && r == 0; i++) {
                r = pic__age_wrap_x25519(keys->recipients[i], key, &s, err);
                if (r == 0)
                        put_stanza(&s, out);
        }
        if (keys->passphrase == NULL)
                return r;
        r = pic__age_wrap_scrypt(keys->passphrase, log_n, key, &s, err);
        if (r == 0)
                put_stanza(&s, out);
        return r;
}

int pic__age_header_make(const pic__age_keys *keys, unsigned log_n, const uint8_t key[PIC__AGE_KEY], pic__buf *out,
                         pic_error **err)
{
        uint8_t mac[PIC__AGE_MAC];
        char text[PIC__BASE64RAW(PIC__AGE_MAC)];
        int r;

        if (keys->recipient_count == 0 && keys->passphrase == NULL)
                return pic__fail(err, PIC_INVALID, "for whom? a recipient or a passphrase is needed");
        if (keys->recipient_count > 0 && keys->passphrase != NULL)
                return pic__fail(err, PIC_CONFLICT, "a passphrase and recipients do not go together in one file");
        pic__buf_putf(out, "%s\n", version);
        r = put_stanzas(keys, log_n, key, out, err);
        if (r < 0)
                return r;
        pic__buf_puts(out, mark);
        if (out->failed)
                return pic__nomem(err);
        mac_of(key, out->data, out->len, mac);
        pic__base64raw(mac, sizeof(mac), text);
        pic__buf_putf(out, " %s\n", text);
        return out->failed ? pic__nomem(err) : 0;
}
