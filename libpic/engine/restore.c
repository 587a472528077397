/* Owns: the staging of a backup, what it is asked before it counts, and the one step. */
#include "engine/restore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/content.h"
#include "engine/keyfile.h"
#include "engine/lockfile.h"
#include "engine/paths.h"
#include "model/key.h"
#include "store/store.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define STAGE ".restore-"
#define BUSY ".busy" /* in a staging that is being written: locked, so that one of who was killed is known as such */
enum { BUSY_MS = 5000, SHUT_MS = 1000 };

struct staging {
        const pic__restore_opts *o;
        char *dir;          /* of the cell, without links and slashes at its end */
        char *stage;        /* beside it; NULL: there is none (any more) */
        int lock;           /* the agent's, -1: nobody can have it */
        int busy;           /* the staging's own */
        pic__store *former; /* shut; NULL: there is none that can be read */
        int there;          /* something is in the directory */
        struct stat owner;
};

static int not_placed(const char *path, pic_error **err)
{
        return pic__fail_errno(err, errno, "%s: cannot be put in place", path);
}

/* --- staging ----------------------------------------------------------------------------------------------------- */

static void remove_tree(const char *dir)
{
        DIR *d = opendir(dir);
        struct dirent *e;

        while (d != NULL && (e = readdir(d)) != NULL) {
                pic__auto_free char *path = pic__path_join(dir, e->d_name);

                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || path == NULL)
                        continue;
                if (e->d_type == DT_DIR)
                        remove_tree(path);
                else
                        (void)unlink(path);
        }
        if (d != NULL)
                (void)closedir(d);
        (void)rmdir(dir);
}

static void staging_free(struct staging *s)
{
        if (s->stage != NULL)
                remove_tree(s->stage);
        if (s->lock >= 0)
                (void)close(s->lock);
        if (s->busy >= 0)
                (void)close(s->busy);
        pic__store_unref(s->former);
        pic__free(s->stage);
        pic__free(s->dir);
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

/* Files of a cell; what else is in it (of a newer version) is read, checked and left out. */
static int write_members(struct staging *s, pic__unpack *backup, pic_error **err)
{
        const pic__member *m;
        int r;

        while ((r = pic__unpack_next(backup, &m, err)) > 0) {
                pic__auto_free char *path = pic__path_join(s->stage, m->name);
                char *slash = path != NULL ? strchr(path + strlen(s->stage) + 1, '/') : NULL;

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

static int lock_busy(int fd)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        return fcntl(fd, F_OFD_SETLK, &whole);
}

/* Stagings of who was killed. One without the mark is the former cell of who was killed just after the step: it stays,
 * unless it is empty. */
static void clean(const char *dir)
{
        const char *slash = strrchr(dir, '/');
        pic__auto_free char *parent = slash != NULL ? pic__strndup(dir, (size_t)(slash - dir) + 1) : pic__strdup("./");
        pic__auto_buf pic__buf begin = PIC__BUF_INIT;
        DIR *d = parent != NULL ? opendir(parent) : NULL;
        struct dirent *e;

        pic__buf_putf(&begin, "%s" STAGE, slash != NULL ? slash + 1 : dir);
        while (d != NULL && !begin.failed && (e = readdir(d)) != NULL) {
                pic__auto_free char *path = pic__path_join(parent, e->d_name);
                pic__auto_free char *mark = path != NULL ? pic__path_join(path, BUSY) : NULL;
                int fd;

                if (mark == NULL || strncmp(e->d_name, begin.data, begin.len) != 0)
                        continue;
                (void)rmdir(path);
                fd = open(mark, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
                if (fd >= 0 && lock_busy(fd) == 0)
                        remove_tree(path);
                if (fd >= 0)
                        (void)close(fd);
        }
        if (d != NULL)
                (void)closedir(d);
}

static int mark_stage(struct staging *s, pic_error **err)
{
        pic__auto_free char *mark = pic__path_join(s->stage, BUSY);

        if (mark == NULL)
                return pic__nomem(err);
        s->busy = open(mark, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (s->busy < 0 || lock_busy(s->busy) < 0)
                return pic__fail_errno(err, errno, "%s: cannot be made", s->stage);
        return 0;
}

static int make_stage(struct staging *s, pic_error **err)
{
        pic__buf path = PIC__BUF_INIT;

        clean(s->dir);
        pic__buf_putf(&path, "%s" STAGE "XXXXXX", s->dir);
        s->stage = pic__buf_steal(&path);
        if (s->stage == NULL)
                return pic__nomem(err);
        if (mkdtemp(s->stage) != NULL)
                return mark_stage(s, err);
        pic__fail_errno(err, errno, "%s: cannot be made", s->stage);
        pic__free(s->stage);
        s->stage = NULL;
        return PIC_IO;
}

/* --- what is asked of it ----------------------------------------------------------------------------------------- */

static int not_a_cell(const char *why, pic_error **err)
{
        return pic__fail(err, PIC_CORRUPT, "the backup is no cell that works: %s", why);
}

/* The key that is in it opens what is sealed in it. */
static int check_key(const char *stage, pic__store *st, pic_error **err)
{
        uint8_t secret[32], mine[32], want[32];
        int r = pic__keyfile_read(stage, secret, NULL);

        if (r == 0)
                pic__wg_public(secret, mine);
        pic__wipe(secret, sizeof(secret));
        if (r < 0)
                return not_a_cell("it has no key", err);
        r = pic__store_seal_key(st, want, err);
        if (r < 0)
                return r;
        return memcmp(mine, want, 32) == 0 ? 0 : not_a_cell("its key is not the store's", err);
}

static int check_trail(pic__store *st, const pic_obj *cell, pic_error **err)
{
        pic__trail trail = { .size = 0 };
        uint8_t key[32];
        int has = pic__obj_has(cell, "identity_key") && pic__key_decode(pic__obj_text(cell, "identity_key"), key) == 0;
        int r = pic__store_trail(st, has ? key : NULL, NULL, &trail, err);

        if (r < 0)
                return r;
        return trail.what[0] == '\0' ? 0 : not_a_cell(trail.what, err);
}

/* A row that says so: from here on the journal goes on by itself. */
static int note(struct staging *s, pic__store *st, const pic_obj *cell, const pic__manifest *m, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        char time[PIC__TIME_TEXT], text[200];
        int r = pic__txn_begin(st, s->o->actor, s->o->way, &t, err);

        (void)pic__time_print(m->created, time);
        snprintf(text, sizeof(text), "restored from the backup of %s, revision %lld", time, (long long)m->revision);
        if (r == 0)
                r = pic__txn_note(t, PIC__CELL, cell->id, pic__obj_name(cell), "restore", text, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

static int check(struct staging *s, const pic__manifest *m, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r;

        if (pic__manifest_find(m, PIC__STORE_FILE) == NULL)
                return not_a_cell("it has no store", err);
        r = pic__store_open(s->stage, BUSY_MS, s->o->clock, &st, err);
        if (r == 0)
                r = check_key(s->stage, st, err);
        if (r == 0)
                r = pic__store_check(st, err);
        if (r == 0)
                r = pic__store_get(st, PIC__CELL, NULL, &cell, err);
        if (r == 0)
                r = check_trail(st, cell, err);
        return r == 0 ? note(s, st, cell, m, err) : r;
}

/* --- the step ---------------------------------------------------------------------------------------------------- */

/* As the former cell's files were, so that its user finds them its own. */
static int own(const struct staging *s, const char *dir, pic_error **err)
{
        DIR *d = opendir(dir);
        struct dirent *e;
        int r = 0;

        if (d == NULL)
                return pic__fail_errno(err, errno, "%s", dir);
        while (r == 0 && (e = readdir(d)) != NULL) {
                pic__auto_free char *path = pic__path_join(dir, e->d_name);

                if (strcmp(e->d_name, "..") == 0)
                        continue;
                if (path == NULL)
                        r = pic__nomem(err);
                else if (fchownat(dirfd(d), e->d_name, s->owner.st_uid, s->owner.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
                        r = pic__fail_errno(err, errno, "%s: cannot be given to its owner", path);
                else if (e->d_type == DT_DIR && e->d_name[0] != '.')
                        r = own(s, path, err);
        }
        if (r == 0 && dir == s->stage && fchmod(dirfd(d), s->owner.st_mode & 07777) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot have its mode", dir);
        if (r == 0 && fsync(dirfd(d)) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot be synced", dir);
        (void)closedir(d);
        return r;
}

static void sync_parent(const char *dir)
{
        const char *slash = strrchr(dir, '/');
        pic__auto_free char *parent =
                slash != NULL ? pic__strndup(dir, slash == dir ? 1 : (size_t)(slash - dir)) : pic__strdup(".");
        int fd = parent != NULL ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

        if (fd >= 0) {
                (void)fsync(fd);
                (void)close(fd);
        }
}

/* What was there gets a name that tells when it was put aside. That this fails changes nothing: it is there, whatever
 * its name. */
static char *put_aside(struct staging *s)
{
        char time[PIC__TIME_TEXT];
        pic__buf path = PIC__BUF_INIT;
        char *name, *c;

        (void)pic__time_print(s->o->clock->now(s->o->clock->data) / PIC__SECOND * PIC__SECOND, time);
        for (c = time; *c != '\0'; c++)
                *c = *c == ':' ? '-' : *c;
        pic__buf_putf(&path, "%s.before-%s", s->dir, time);
        name = pic__buf_steal(&path);
        if (name != NULL && renameat2(AT_FDCWD, s->stage, AT_FDCWD, name, RENAME_NOREPLACE) == 0)
                pic__free(s->stage);
        else {
                pic__free(name);
                name = s->stage;
        }
        s->stage = NULL;
        return name;
}

/* The mark goes after the step, so that only what is no cell of anybody has one; and before it, if one was left in the
 * cell that is put aside. */
static void unmark(const char *dir)
{
        pic__auto_free char *mark = pic__path_join(dir, BUSY);

        if (mark != NULL)
                (void)unlink(mark);
}

static int swap(struct staging *s, char **ret_former, pic_error **err)
{
        *ret_former = NULL;
        if (!s->there) { /* an empty directory is replaced as well */
                if (rename(s->stage, s->dir) < 0)
                        return not_placed(s->dir, err);
                pic__free(s->stage);
                s->stage = NULL;
        } else {
                unmark(s->dir);
                if (renameat2(AT_FDCWD, s->stage, AT_FDCWD, s->dir, RENAME_EXCHANGE) < 0) {
                        int r = not_placed(s->dir, err);

                        pic__hint(err, "the directory may not be a mount point: restore into one below it (--dir)");
                        return r;
                }
                *ret_former = put_aside(s);
        }
        unmark(s->dir);
        sync_parent(s->dir);
        return 0;
}

/* Nobody may have the former store open: pic-http, another `pic`. One that cannot be read is no reason to keep it. */
static int shut_former(struct staging *s, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        int r = pic__store_open(s->dir, SHUT_MS, s->o->clock, &s->former, &bad);

        if (r == 0)
                r = pic__store_shut(s->former, &bad);
        if (r != PIC_BUSY)
                return 0;
        pic__fail(err, PIC_BUSY, "another program has the cell in %s open", s->dir);
        pic__hint(err, "stop what uses it first: systemctl stop picd pic-http");
        return PIC_BUSY;
}

static int is_empty(const char *dir)
{
        DIR *d = opendir(dir);
        struct dirent *e;
        int empty = 1;

        while (d != NULL && empty && (e = readdir(d)) != NULL)
                empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
        if (d != NULL)
                (void)closedir(d);
        return empty;
}

static int look_around(struct staging *s, pic_error **err)
{
        char *real = realpath(s->o->dir, NULL);
        size_t len;
        int r = 0;

        s->dir = pic__strdup(real != NULL ? real : s->o->dir);
        free(real);
        if (s->dir == NULL)
                return pic__nomem(err);
        for (len = strlen(s->dir); len > 1 && s->dir[len - 1] == '/'; len--)
                s->dir[len - 1] = '\0';
        s->there = stat(s->dir, &s->owner) == 0;
        if (s->there && !S_ISDIR(s->owner.st_mode))
                return pic__fail(err, PIC_CONFLICT, "%s is no directory", s->dir);
        if (s->there && is_empty(s->dir))
                s->there = 0;
        else if (s->there && pic__file_exists(s->o->run_dir))
                r = pic__lock_take(s->o->run_dir, PIC__AGENT_LOCK, 0, "the agent", &s->lock, err);
        if (r == PIC_BUSY)
                pic__hint(err, "stop it first: systemctl stop picd, or pic down");
        return r;
}

int pic__restore(const pic__restore_opts *o, pic__unpack *backup, char **ret_former, pic_error **err)
{
        PIC__AUTO(staging_free) struct staging s = { .o = o, .lock = -1, .busy = -1 };
        int r = look_around(&s, err);

        if (r == 0)
                r = make_stage(&s, err);
        if (r == 0)
                r = write_members(&s, backup, err);
        if (r == 0)
                r = check(&s, pic__unpack_manifest(backup), err);
        if (r == 0 && geteuid() == 0 && s.owner.st_nlink > 0)
                r = own(&s, s.stage, err);
        if (r == 0 && s.there)
                r = shut_former(&s, err);
        return r == 0 ? swap(&s, ret_former, err) : r;
}
