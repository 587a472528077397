/* Owns: a backup's files where nobody is, and what they are asked. */
#include "engine/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine/content.h"
#include "engine/keyfile.h"
#include "model/key.h"
#include "sys/crypto.h"
#include "sys/file.h"

enum { BUSY_MS = 5000 };

/* No link is followed, whoever exchanges one for a directory meanwhile: who made it may be another user than who
 * removes it. */
static void remove_at(int parent, const char *name)
{
        int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
        struct dirent *e;

        while (d != NULL && (e = readdir(d)) != NULL) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                if (e->d_type == DT_DIR)
                        remove_at(dirfd(d), e->d_name);
                else
                        (void)unlinkat(dirfd(d), e->d_name, 0);
        }
        if (d != NULL)
                (void)closedir(d);
        else if (fd >= 0)
                (void)close(fd);
        (void)unlinkat(parent, name, AT_REMOVEDIR);
}

void pic__stage_remove(const char *dir)
{
        remove_at(AT_FDCWD, dir);
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -1;
                data += n;
                len -= (size_t)n;
        }
        return 0;
}

static int write_member(pic__unpack *backup, const char *path, pic_error **err)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), r;
        const void *data;
        size_t len;

        if (fd < 0)
                return pic__fail_errno(err, errno, "%s: cannot be written", path);
        while ((r = pic__unpack_read(backup, &data, &len, err)) > 0)
                if (write_all(fd, data, len) < 0) {
                        r = pic__fail_errno(err, errno, "%s: cannot be written", path);
                        break;
                }
        if (r == 0 && fsync(fd) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be synced", path);
        (void)close(fd);
        return r;
}

/* What else is in it (of a newer version) is read, checked and left out. */
int pic__stage_write(const char *dir, pic__unpack *backup, pic_error **err)
{
        const pic__member *m;
        int r;

        while ((r = pic__unpack_next(backup, &m, err)) > 0) {
                pic__auto_free char *path = pic__path_join(dir, m->name);
                char *slash = path != NULL ? strchr(path + strlen(dir) + 1, '/') : NULL;

                if (path == NULL)
                        return pic__nomem(err);
                if (!pic__content_knows(m->name))
                        continue;
                if (slash != NULL) {
                        *slash = '\0';
                        r = pic__dir_make(path, 0700, err);
                        *slash = '/';
                }
                r = r < 0 ? r : write_member(backup, path, err);
                if (r < 0)
                        return r;
        }
        return r;
}

/* --- what is asked of it ----------------------------------------------------------------------------------------- */

static int not_a_cell(const pic__manifest *m, const char *why, pic_error **err)
{
        return pic__fail(err, PIC_CORRUPT, "%s is no cell that works: %s",
                         m != NULL ? "the backup" : "what was put aside", why);
}

int pic__stage_open(const char *dir, const pic__manifest *m, const pic__clock *clock, pic__store **ret, pic_error **err)
{
        if (m != NULL && pic__manifest_find(m, PIC__STORE_FILE) == NULL)
                return not_a_cell(m, "it has no store", err);
        return pic__store_open(dir, BUSY_MS, clock, ret, err);
}

/* The key that is in it opens what is sealed in it. */
int pic__stage_key(const char *dir, const pic__manifest *m, pic__store *st, pic_error **err)
{
        uint8_t secret[32], mine[32], want[32];
        int r = pic__keyfile_read(dir, secret, NULL);

        if (r == 0)
                pic__wg_public(secret, mine);
        pic__wipe(secret, sizeof(secret));
        if (r < 0)
                return not_a_cell(m, "it has no key", err);
        r = pic__store_seal_key(st, want, err);
        if (r < 0)
                return r;
        return memcmp(mine, want, 32) == 0 ? 0 : not_a_cell(m, "its key is not the store's", err);
}

int pic__stage_trail(pic__store *st, const pic__manifest *m, const pic_obj *cell, pic__trail *ret, pic_error **err)
{
        uint8_t key[32];
        int has = pic__obj_has(cell, "identity_key") && pic__key_decode(pic__obj_text(cell, "identity_key"), key) == 0;
        int r = pic__store_trail(st, has ? key : NULL, NULL, ret, err);

        if (r < 0)
                return r;
        return ret->what[0] == '\0' ? 0 : not_a_cell(m, ret->what, err);
}

int pic__stage_check(const char *dir, const pic__manifest *m, const pic__clock *clock, pic__store **ret_store,
                     pic_obj **ret_cell, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__trail trail = { .size = 0 };
        int r = pic__stage_open(dir, m, clock, &st, err);

        if (r == 0)
                r = pic__stage_key(dir, m, st, err);
        if (r == 0)
                r = pic__store_check(st, err);
        if (r == 0)
                r = pic__store_get(st, PIC__CELL, NULL, &cell, err);
        if (r == 0)
                r = pic__stage_trail(st, m, cell, &trail, err);
        if (r < 0)
                return r;
        *ret_store = pic__take(st);
        *ret_cell = pic__take(cell);
        return 0;
}
