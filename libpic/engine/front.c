/* Owns: the file of the front proxy's secret. It is made anew at each start of the agent, so that one that was seen is
 * not good for long. The former one is good until the next start: connections at a front that goes on have it. */
#include "engine/front.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "engine/caller.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/hash.h"

#define BYTES 16 /* nobody guesses 128 bits, and each request has them in its head */

/* pic-http is the directory's owner, or of the group. */
static int give(const char *path, uid_t owner, pic_error **err)
{
        gid_t group;

        if (geteuid() != 0)
                return 0;
        if (pic__caller_group(PIC__GROUP, &group) < 0)
                group = (gid_t)-1;
        return chown(path, owner, group) == 0 ? 0 : pic__fail_errno(err, errno, "%s", path);
}

static int put(const char *run_dir, const char *name, uid_t owner, const char *text, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(run_dir, name);
        int r = path == NULL ? pic__nomem(err) : pic__file_write(path, text, strlen(text), 0640, err);

        return r < 0 ? r : give(path, owner, err);
}

static int read_one(const char *run_dir, const char *name, pic__buf *out)
{
        pic__auto_free char *path = pic__path_join(run_dir, name);

        return path != NULL && pic__file_read(path, PIC__BASE64URL(BYTES), out, NULL) == 0 &&
               out->len == PIC__BASE64URL(BYTES) - 1;
}

int pic__front_make(const char *run_dir, uid_t owner, pic_error **err)
{
        pic__auto_wipe pic__buf former = PIC__BUF_SECRET;
        char text[PIC__BASE64URL(BYTES)];
        uint8_t secret[BYTES];
        int r = 0;

        if (read_one(run_dir, PIC__FRONT_FILE, &former))
                r = put(run_dir, PIC__FRONT_FORMER, owner, pic__buf_str(&former), err);
        pic__random(secret, sizeof(secret));
        pic__base64url(secret, sizeof(secret), text);
        if (r == 0)
                r = put(run_dir, PIC__FRONT_FILE, owner, text, err);
        pic__wipe(secret, sizeof(secret));
        pic__wipe(text, sizeof(text));
        return r;
}

int pic__front_is(const char *run_dir, const char *text)
{
        static const char *const names[] = { PIC__FRONT_FILE, PIC__FRONT_FORMER };
        size_t i;

        for (i = 0; i < PIC__COUNT(names); i++) {
                pic__auto_wipe pic__buf secret = PIC__BUF_SECRET;

                if (read_one(run_dir, names[i], &secret) && strlen(text) == secret.len &&
                    pic__same(secret.data, text, secret.len))
                        return 1;
        }
        return 0;
}
