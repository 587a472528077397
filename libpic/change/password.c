/* Owns: passwords of users. What is kept is the proof, sealed to the agent's key: not even who has the whole store can
 * try passwords on it. The proof is made where the password is said, so that the agent, which is one thread and has
 * more to do, only compares 32 bytes. */
#include "change/password.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "change/secret.h"
#include "model/common.h"
#include "model/text.h"
#include "sys/crypto.h"
#include "sys/hash.h"

#define BYTES_MIN 10
#define BYTES_MAX 512
/* OWASP's first choice for Argon2id: 19 MiB, two passes. */
#define KIB 19456
#define PASSES 2

int pic__password_check(const char *password, const char *user, pic_error **err)
{
        size_t len = strnlen(password, BYTES_MAX + 1);
        const char *why;

        if (len < BYTES_MIN || len > BYTES_MAX || !pic__utf8_printable(password))
                return pic__fail_value(err, NULL, "password", NULL,
                                       "must be printable text of 10 to 512 bytes in one line");
        why = pic__common_password(password, user);
        if (why == NULL)
                return 0;
        (void)pic__fail_value(err, NULL, "password", NULL, why);
        pic__hint(err, "Four words that do not belong together are long, and easy to keep in mind.");
        return PIC_VALUE;
}

static void print_salt(const uint8_t salt[PIC__ARGON_SALT], char text[PIC__SALT_TEXT])
{
        char words[PIC__BASE64URL(PIC__ARGON_SALT)];

        pic__base64url(salt, PIC__ARGON_SALT, words);
        snprintf(text, PIC__SALT_TEXT, "argon2id$%d$%d$1$%s", KIB, PASSES, words);
}

void pic__salt_new(char text[PIC__SALT_TEXT])
{
        uint8_t salt[PIC__ARGON_SALT];

        pic__random(salt, sizeof(salt));
        print_salt(salt, text);
}

void pic__salt_of_nobody(const uint8_t secret[32], const char *user, char text[PIC__SALT_TEXT])
{
        uint8_t inner[32 + 80] = { 0 }, digest[32];
        char name[80];

        (void)pic__fold(user, name, sizeof(name)); /* a longer one is cut: it is nobody's anyway */
        memcpy(inner, secret, 32);
        memcpy(inner + 32, name, strlen(name));
        pic__digest(inner, sizeof(inner), digest);
        print_salt(digest, text);
        pic__wipe(inner, sizeof(inner));
}

int pic__salt_parse(const char *text, pic__argon *ret, pic_error **err)
{
        size_t len = 0;
        int at = 0;

        if (sscanf(text, "argon2id$%6" SCNu32 "$%3" SCNu32 "$1$%n", &ret->kib, &ret->passes, &at) != 2 || at == 0 ||
            pic__unbase64url(text + at, strlen(text + at), ret->salt, PIC__ARGON_SALT, &len) < 0 ||
            len != PIC__ARGON_SALT || ret->kib < 8 || ret->kib > 65536 || ret->passes < 1 || ret->passes > 16)
                return pic__fail(err, PIC_CORRUPT, "how the password is hashed cannot be read");
        return 0;
}

int pic__proof_make(const char *salt, const char *password, uint8_t proof[PIC__PROOF], pic_error **err)
{
        pic__argon how;
        int r = pic__salt_parse(salt, &how, err);

        return r < 0 ? r : pic__argon2id(&how, password, strlen(password), proof, err);
}

int pic__password_push(pic__wishes *w, const pic__op *op, pic_error **err)
{
        char salt[PIC__SALT_TEXT];
        uint8_t proof[PIC__PROOF];
        int r = pic__password_check(op->text, op->name, err);

        if (r < 0)
                return r;
        pic__salt_new(salt);
        r = pic__proof_make(salt, op->text, proof, err);
        if (r == 0)
                r = pic__secret_push_bytes(w, op, proof, sizeof(proof), salt, err);
        pic__wipe(proof, sizeof(proof));
        return r;
}
