/* Owns: the file of the front proxy's secret. It is made anew at each start of the agent, so that one that was seen is
 * not good for long. */
#include "engine/front.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "engine/caller.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/hash.h"

#define BYTES 32

static int give(const char *path, pic_error **err)
{
        gid_t group;

        if (geteuid() != 0 || pic__caller_group(PIC__GROUP, &group) < 0)
                return 0;
        return chown(path, (uid_t)-1, group) == 0 ? 0 : pic__fail_errno(err, errno, "%s", path);
}

int pic__front_make(const char *run_dir, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(run_dir, PIC__FRONT_FILE);
        char text[PIC__BASE64URL(BYTES)];
        uint8_t secret[BYTES];
        int r;

        if (path == NULL)
                return pic__nomem(err);
        pic__random(secret, sizeof(secret));
        pic__base64url(secret, sizeof(secret), text);
        r = pic__file_write(path, text, strlen(text), 0640, err);
        pic__wipe(secret, sizeof(secret));
        pic__wipe(text, sizeof(text));
        return r < 0 ? r : give(path, err);
}

int pic__front_is(const char *run_dir, const char *text)
{
        pic__auto_free char *path = pic__path_join(run_dir, PIC__FRONT_FILE);
        pic__auto_wipe pic__buf secret = PIC__BUF_SECRET;

        if (path == NULL || pic__file_read(path, PIC__BASE64URL(BYTES), &secret, NULL) < 0)
                return 0;
        return secret.len == PIC__BASE64URL(BYTES) - 1 && strlen(text) == secret.len &&
               pic__same(secret.data, text, secret.len);
}
