/* Owns: the file with the agent's secret. Made whole beside its place and then linked there: link(2) refuses to
 * replace, so two who make a cell at once cannot end with a store sealed to a key that is gone. */
#include "engine/keyfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define KEY_BYTES 32
#define KEY_TEXT (2 * KEY_BYTES + 1) /* hex and a newline */

static int publish(const char *made, const char *path, pic_error **err)
{
        int r = 0;

        if (link(made, path) < 0)
                r = errno == EEXIST ? pic__fail(err, PIC_EXISTS, "there is a key already: %s", path)
                                    : pic__fail_errno(err, errno, "cannot make %s", path);
        (void)unlink(made);
        return r;
}

int pic__keyfile_create(const char *dir, uint8_t public_key[32], pic_error **err)
{
        uint8_t secret[KEY_BYTES];
        char text[KEY_TEXT + 1], name[64];
        pic__auto_free char *path = NULL, *made = NULL;
        int r;

        r = pic__crypto_start(err);
        if (r < 0)
                return r;
        snprintf(name, sizeof(name), PIC__KEYFILE ".%ld", (long)getpid());
        path = pic__path_join(dir, PIC__KEYFILE);
        made = pic__path_join(dir, name);
        if (path == NULL || made == NULL)
                return pic__nomem(err);
        if (pic__file_exists(path))
                return pic__fail(err, PIC_EXISTS, "there is a key already: %s", path);
        pic__wg_keypair(secret, public_key);
        pic__hex(secret, sizeof(secret), text);
        text[KEY_TEXT - 1] = '\n';
        r = pic__file_write(made, text, KEY_TEXT, 0600, err);
        pic__wipe(secret, sizeof(secret));
        pic__wipe(text, sizeof(text));
        return r < 0 ? r : publish(made, path, err);
}

static int digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return -1;
}

static int parse(const char *text, size_t len, uint8_t secret[KEY_BYTES])
{
        size_t i;

        if (len == KEY_TEXT && text[len - 1] == '\n')
                len--;
        if (len != KEY_TEXT - 1)
                return -1;
        for (i = 0; i < KEY_BYTES; i++) {
                int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

                if (high < 0 || low < 0)
                        return -1;
                secret[i] = (uint8_t)(high << 4 | low);
        }
        return 0;
}

int pic__keyfile_read(const char *dir, uint8_t secret[32], pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, PIC__KEYFILE);
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        int r;

        if (path == NULL)
                return pic__nomem(err);
        r = pic__file_read(path, 4096, &text, err);
        if (r == PIC_NOTFOUND || r == PIC_DENIED) {
                (void)pic__fail(err, PIC_DENIED, "cannot read the agent's key %s: %s", path,
                                r == PIC_NOTFOUND ? "it is not there" : "not permitted");
                pic__hint(err, r == PIC_NOTFOUND
                                       ? "Put the key back from your backup; without it no secret of this cell opens."
                                       : "Run this as root.");
                return PIC_DENIED;
        }
        if (r < 0 && r != PIC_VALUE)
                return r;
        if (r < 0 || parse(pic__buf_str(&text), text.len, secret) < 0) {
                (void)pic__fail(err, PIC_CORRUPT, "the agent's key %s is damaged: not 64 hexadecimal digits", path);
                pic__hint(err, "Put the key back from your backup; without it no secret of this cell opens.");
                return PIC_CORRUPT;
        }
        return 0;
}
