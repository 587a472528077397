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
#include "engine/lockfile.h"
#include "engine/paths.h"
#include "engine/scratch.h"
#include "engine/stage.h"
#include "store/store.h"
#include "sys/file.h"

#define STAGE ".restore-"
enum { SHUT_MS = 1000 };

struct staging {
        const pic__restore_opts *o;
        char *dir;          /* of the cell, without links and slashes at its end */
        pic__scratch stage; /* beside it */
        int lock;           /* the agent's, -1: nobody can have it */
        pic__store *former; /* shut; NULL: there is none that can be read */
        int there;          /* something is in the directory */
        struct stat owner;
};

static int not_placed(const char *path, pic_error **err)
{
        return pic__fail_errno(err, errno, "%s: cannot be put in place", path);
}

/* --- staging ----------------------------------------------------------------------------------------------------- */

static void staging_free(struct staging *s)
{
        pic__scratch_free(&s->stage);
        if (s->lock >= 0)
                (void)close(s->lock);
        pic__store_unref(s->former);
        pic__free(s->dir);
}

static int make_stage(struct staging *s, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "%s" STAGE, s->dir);
        return text.failed ? pic__nomem(err) : pic__scratch_make(pic__buf_str(&text), &s->stage, err);
}

/* --- what is asked of it ----------------------------------------------------------------------------------------- */

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

/* Where it is another's place now: with the answers, and nothing that is still open stands in the way. */
static int move(const struct staging *s, pic__store *st, pic_error **err)
{
        pic__moved_opts o = s->o->moved;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        size_t needed = 0;
        int r;

        o.clock = s->o->clock;
        o.actor = s->o->actor;
        o.way = s->o->way;
        r = pic__moved_answer(st, &o, err);
        if (r == 0)
                r = pic__moved_ask(st, &o, &j, &needed, err, err);
        if (r < 0 || needed == 0)
                return r;
        pic__hint(err, "Give it another value, or the same one if it is to be so; a plan of the restore shows all "
                       "questions");
        return PIC_CONFLICT;
}

static int check(struct staging *s, const pic__manifest *m, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__stage_check(s->stage.path, m, s->o->clock, &st, &cell, err);

        if (r == 0)
                r = note(s, st, cell, m, err);
        return r == 0 ? move(s, st, err) : r;
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
        if (r == 0 && dir == s->stage.path && fchmod(dirfd(d), s->owner.st_mode & 07777) < 0)
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
        if (name != NULL && renameat2(AT_FDCWD, s->stage.path, AT_FDCWD, name, RENAME_NOREPLACE) == 0)
                pic__free(s->stage.path);
        else {
                pic__free(name);
                name = s->stage.path;
        }
        s->stage.path = NULL;
        return name;
}

static int swap(struct staging *s, char **ret_former, pic_error **err)
{
        *ret_former = NULL;
        if (!s->there) { /* an empty directory is replaced as well */
                if (rename(s->stage.path, s->dir) < 0)
                        return not_placed(s->dir, err);
                pic__free(s->stage.path);
                s->stage.path = NULL;
        } else {
                pic__scratch_unmark(s->dir);
                if (renameat2(AT_FDCWD, s->stage.path, AT_FDCWD, s->dir, RENAME_EXCHANGE) < 0) {
                        int r = not_placed(s->dir, err);

                        pic__hint(err, "the directory may not be a mount point: restore into one below it (--dir)");
                        return r;
                }
                *ret_former = put_aside(s);
        }
        pic__scratch_unmark(s->dir); /* after the step, so that only what is no cell of anybody is marked */
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
        PIC__AUTO(staging_free) struct staging s = { .o = o, .stage = PIC__SCRATCH_INIT, .lock = -1 };
        int r = look_around(&s, err);

        if (r == 0)
                r = make_stage(&s, err);
        if (r == 0)
                r = pic__stage_write(s.stage.path, backup, err);
        if (r == 0)
                r = check(&s, pic__unpack_manifest(backup), err);
        if (r == 0 && geteuid() == 0 && s.owner.st_nlink > 0)
                r = own(&s, s.stage.path, err);
        if (r == 0 && s.there)
                r = shut_former(&s, err);
        return r == 0 ? swap(&s, ret_former, err) : r;
}
