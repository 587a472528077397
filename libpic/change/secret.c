/* Owns: the sealing of secrets that a person gives. It happens when they are said: so no draft, no plan and no log can
 * hold one, and there is no object yet that the seal could be bound to: it is bound to kind and field alone. Who could
 * move a sealed text to another connection could as well have that connection lead elsewhere. */
#include "change/secret.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "change/import.h"
#include "change/password.h"
#include "model/key.h"
#include "model/text.h"
#include "sys/crypto.h"

enum { PASSWORD_MAX = 512, KEY_MAX = 16384, TSIG_MAX = 4096 };

/* Clear text as it will be sealed, and what may be known of it. */
struct clear {
        pic__buf text;
        char public_key[PIC__KEY_TEXT]; /* of a private one; else "" */
        int made;                       /* here, because "new" was said */
};

static void wipe(struct clear *c)
{
        if (c->text.data != NULL)
                pic__wipe(c->text.data, c->text.len);
        pic__buf_free(&c->text);
}

static int refuse(const pic__field *f, const char *rule, pic_error **err)
{
        return pic__fail_value(err, NULL, f->name, NULL, rule);
}

/* --- WireGuard keys ------------------------------------------------------------------------------------------- */

static void make_wg(struct clear *ret)
{
        uint8_t key[32], public_key[32];
        char text[PIC__KEY_TEXT];

        pic__wg_keypair(key, public_key);
        pic__key_encode(key, text);
        pic__key_encode(public_key, ret->public_key);
        pic__buf_put(&ret->text, text, strlen(text));
        ret->made = 1;
        pic__wipe(key, sizeof(key));
        pic__wipe(text, sizeof(text));
}

static int take_wg(const pic__field *f, const char *text, struct clear *ret, pic_error **err)
{
        uint8_t key[32], public_key[32];
        char trimmed[PIC__KEY_TEXT];
        size_t len;
        int r = 0;

        while (pic__is_space(*text))
                text++;
        len = strlen(text);
        while (len > 0 && pic__is_space(text[len - 1]))
                len--;
        if (len == 3 && strncmp(text, "new", 3) == 0 && strcmp(f->name, "private_key") == 0) {
                make_wg(ret);
                return 0;
        }
        if (len != PIC__KEY_TEXT - 1)
                return refuse(f, "must be a WireGuard key: 32 bytes in base64, 44 characters", err);
        memcpy(trimmed, text, len);
        trimmed[len] = '\0';
        if (pic__key_decode(trimmed, key) < 0)
                r = refuse(f, "must be a WireGuard key: 32 bytes in base64, 44 characters", err);
        else if (pic__key_zero(key))
                r = refuse(f, "is all zero: that is no key", err);
        if (r == 0)
                pic__buf_put(&ret->text, trimmed, len);
        if (r == 0 && strcmp(f->name, "private_key") == 0) {
                pic__wg_public(key, public_key);
                pic__key_encode(public_key, ret->public_key);
        }
        pic__wipe(key, sizeof(key));
        pic__wipe(trimmed, sizeof(trimmed));
        return r;
}

/* --- a password ----------------------------------------------------------------------------------------------- */

static int take_password(const pic__field *f, const char *text, struct clear *ret, pic_error **err)
{
        size_t len = strlen(text);

        if (len < 1 || len > PASSWORD_MAX || !pic__utf8_printable(text))
                return refuse(f, "must be printable text of 1 to 512 bytes in one line", err);
        pic__buf_put(&ret->text, text, len);
        return 0;
}

/* --- an SSH key ----------------------------------------------------------------------------------------------- */

static const char head[] = "-----BEGIN OPENSSH PRIVATE KEY-----", tail[] = "-----END OPENSSH PRIVATE KEY-----";

static int refuse_key(const pic__field *f, const char *rule, const char *hint, pic_error **err)
{
        int r = refuse(f, rule, err);

        pic__hint(err, "%s", hint);
        return r;
}

/* Lines without what stands at their ends; to the one that ends the key. NULL: that one is missing. */
static const char *copy_lines(const char *at, pic__buf *out)
{
        while (*at != '\0') {
                size_t len = strcspn(at, "\n"), shown = len;

                while (shown > 0 && pic__is_space(at[shown - 1]))
                        shown--;
                pic__buf_put(out, at, shown);
                pic__buf_putc(out, '\n');
                if (shown == strlen(tail) && strncmp(at, tail, shown) == 0)
                        return at + len;
                at += len + (at[len] == '\n');
        }
        return NULL;
}

/* What is between the two lines is base64 of "openssh-key-v1", a zero byte, and the cipher's name: "none". */
static int body_is(const char *lines, const char *end, int *ret_locked)
{
        static const char magic[] = "b3BlbnNzaC1rZXktdjEA", open_[] = "AAAABG5vbmUAAAAEbm9uZQ";

        for (const char *p = lines; p < end; p++)
                if (!pic__is_alnum(*p) && strchr("+/=\n", *p) == NULL)
                        return 0;
        if (strncmp(lines, magic, strlen(magic)) != 0)
                return 0;
        *ret_locked = strncmp(lines + strlen(magic), open_, strlen(open_)) != 0;
        return 1;
}

static int take_key(const pic__field *f, const char *text, struct clear *ret, pic_error **err)
{
        const char *rest, *lines;
        int locked = 0;

        while (pic__is_space(*text))
                text++;
        if (strlen(text) > KEY_MAX)
                return refuse(f, "must be a private key of OpenSSH of at most 16 KiB", err);
        if (strncmp(text, head, strlen(head)) != 0)
                return refuse_key(
                        f, "must be a private key of OpenSSH: it begins with -----BEGIN OPENSSH PRIVATE KEY-----",
                        "Another form becomes one with: ssh-keygen -p -N '' -f COPY-OF-THE-KEY. A file that "
                        "ends in .pub is the public half.",
                        err);
        rest = copy_lines(text, &ret->text);
        if (ret->text.failed)
                return pic__nomem(err);
        if (rest == NULL || rest[strspn(rest, " \t\r\n")] != '\0')
                return refuse(f, "must end with the line -----END OPENSSH PRIVATE KEY-----", err);
        lines = pic__buf_str(&ret->text) + strlen(head);
        if (*lines != '\n' || !body_is(lines + 1, strstr(lines, tail), &locked))
                return refuse(f, "is damaged: between its first and its last line must be base64", err);
        if (locked)
                return refuse_key(f, "is locked with a passphrase, which nobody could type when the cell starts",
                                  "Unlock a copy: ssh-keygen -p -N '' -f COPY-OF-THE-KEY", err);
        return 0;
}

/* --- a key that signs changes of names ------------------------------------------------------------------------ */

static const char tsig_rule[] = "must be a TSIG key: ALGORITHM:NAME:SECRET, or the key file that tsig-keygen or keymgr "
                                "makes";

/* The word behind `name` in a key file, with or without ':' and quotes: key "a" {…}, "- id: a". 0: it is not there. */
static int word_behind(const char *text, const char *name, char *word, size_t size)
{
        const char *at = text;
        size_t len = strlen(name);

        while ((at = strstr(at, name)) != NULL) {
                if ((at == text || strchr(" \t\n{;", at[-1]) != NULL) && strchr(" \t:\"", at[len]) != NULL &&
                    at[len] != '\0')
                        break;
                at += len;
        }
        if (at == NULL)
                return 0;
        at += len;
        at += strspn(at, " \t:\"");
        len = strcspn(at, " \t\r\n\";{}");
        if (len == 0 || len >= size)
                return 0;
        memcpy(word, at, len);
        word[len] = '\0';
        return 1;
}

static int tsig_parts(const char *text, char algorithm[32], char name[256], char secret[512])
{
        static const char known[] = "hmac-md5,hmac-sha1,hmac-sha224,hmac-sha256,hmac-sha384,hmac-sha512";
        size_t body;

        if (word_behind(text, "secret", secret, 512)) {
                if (!word_behind(text, "algorithm", algorithm, 32) ||
                    (!word_behind(text, "key", name, 256) && !word_behind(text, "id", name, 256)))
                        return 0;
        } else if (sscanf(text, "%31[^: ]:%255[^: ]:%511s", algorithm, name, secret) != 3) {
                return 0;
        }
        pic__fold(algorithm, algorithm, 32);
        pic__fold(name, name, 256);
        if (name[0] != '\0' && name[strlen(name) - 1] == '.')
                name[strlen(name) - 1] = '\0';
        body = strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
        return pic__list_has(known, algorithm) && name[0] != '\0' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(name) && body >= 8 &&
               strspn(secret + body, "=") == strlen(secret + body) && strlen(secret) % 4 == 0;
}

static int take_tsig(const pic__field *f, const char *text, struct clear *ret, pic_error **err)
{
        char algorithm[32], name[256], secret[512];
        int good;

        while (pic__is_space(*text))
                text++;
        good = strlen(text) <= TSIG_MAX && tsig_parts(text, algorithm, name, secret);
        if (good)
                pic__buf_putf(&ret->text, "%s:%s:%s", algorithm, name, secret);
        pic__wipe(secret, sizeof(secret));
        return good ? 0 : refuse_key(f, tsig_rule, "hmac-sha256:home-key:K2tf3TRrmE7TJd+m2NPBuw==", err);
}

/* --- all of them ---------------------------------------------------------------------------------------------- */

static const struct {
        enum pic__kind kind;
        const char *field;
        int (*take)(const pic__field *f, const char *text, struct clear *ret, pic_error **err);
} takers[] = {
        { PIC__CONNECTION, "private_key", take_wg },
        { PIC__CONNECTION, "preshared_key", take_wg },
        { PIC__CONNECTION, "password", take_password },
        { PIC__CONNECTION, "key", take_key },
        { PIC__DOMAIN, "token", take_password },
        { PIC__DOMAIN, "password", take_password },
        { PIC__DOMAIN, "key", take_tsig },
        { PIC__ALERT, "token", take_password },
        { PIC__ALERT, "secret", take_password },
        { PIC__TARGET, "password", take_password },
        { PIC__TARGET, "passphrase", take_password },
        { PIC__TARGET, "key", take_key },
};

int pic__secret_is_given(enum pic__kind kind, int field)
{
        return (pic__kinds[kind].fields[field].flags & (PIC__F_SECRET | PIC__F_SYSTEM)) == PIC__F_SECRET;
}

static int box(const uint8_t seal_key[32], enum pic__kind kind, const char *field, const void *plain, size_t len,
               char **ret, pic_error **err)
{
        char context[96];

        snprintf(context, sizeof(context), "%s/%s", pic__kinds[kind].name, field);
        return pic__seal(seal_key, context, plain, len, ret, err);
}

int pic__secret_box(const uint8_t seal_key[32], enum pic__kind kind, const char *field, const char *text, char **ret,
                    pic_error **err)
{
        return box(seal_key, kind, field, text, strlen(text), ret, err);
}

static int take(enum pic__kind kind, const pic__field *f, const char *text, struct clear *ret, pic_error **err)
{
        size_t i;
        int r;

        for (i = 0; i < PIC__COUNT(takers); i++) {
                if (takers[i].kind != kind || strcmp(takers[i].field, f->name) != 0)
                        continue;
                r = takers[i].take(f, text, ret, err);
                return r == 0 && ret->text.failed ? pic__nomem(err) : r;
        }
        return refuse(f, "cannot be set", err);
}

int pic__secret_push_bytes(pic__wishes *w, const pic__op *op, const void *plain, size_t len, const char *public_key,
                           pic_error **err)
{
        const char *field = pic__kinds[op->kind].fields[op->field].name;
        pic__auto_free char *sealed = NULL;
        uint8_t seal_key[32];
        pic__op own = *op;
        int r;

        r = w->seal_key != NULL ? w->seal_key(w->seal_data, seal_key, err)
                                : pic__fail(err, PIC_INVALID, "%s: nothing seals it here", field);
        if (r == 0)
                r = box(seal_key, op->kind, field, plain, len, &sealed, err);
        if (r < 0)
                return r;
        own.text = sealed;
        own.public_key = public_key;
        return pic__wish_push(w, &own, err);
}

/* op: with the clear text as it shall be sealed. */
static int push_sealed(pic__wishes *w, const pic__op *op, const char *public_key, pic_error **err)
{
        return pic__secret_push_bytes(w, op, op->text, strlen(op->text), public_key, err);
}

int pic__secret_push_profile(pic__wishes *w, const pic__op *op, pic_error **err)
{
        int r = pic__crypto_start(err);

        return r < 0 ? r : push_sealed(w, op, NULL, err);
}

int pic__secret_push(pic__wishes *w, const pic__op *op, pic_error **err)
{
        const pic__field *f = &pic__kinds[op->kind].fields[op->field];
        PIC__AUTO(wipe) struct clear c = { .text = PIC__BUF_INIT };
        pic__op own = *op;
        int r = pic__crypto_start(err);

        if (r == 0 && strcmp(f->name, "profile") == 0)
                return pic__import_profile(w, op, err);
        if (r == 0 && op->kind == PIC__USER)
                return pic__password_push(w, op, err);
        if (r == 0 && pic__buf_room(&c.text, strlen(op->text) + 64) == NULL) /* at once: growing leaves copies behind */
                r = pic__nomem(err);
        if (r == 0)
                r = take(op->kind, f, op->text, &c, err);
        if (r < 0)
                return r;
        own.if_none = c.made;
        own.text = pic__buf_str(&c.text);
        return push_sealed(w, &own, c.public_key[0] != '\0' ? c.public_key : NULL, err);
}
