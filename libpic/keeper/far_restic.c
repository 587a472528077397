/* Owns: a repository of restic as a place. A backup is a snapshot with one file, cell.tar, and the backup's name as its
 * one tag: so stock restic has it by `dump latest cell.tar`, its own `forget` groups a cell's backups (their host is
 * the name without its moment), and whatever else lies in the repository is not looked at. What is read takes no lock.
 *
 * prune, which is what gives room back, is not run after each backup: it reads every index, rewrites packs and wants
 * the repository for itself, so on a slow line it takes longer than a backup. Once a week is enough: what a cell
 * changes in a week is little, and what it forgets is mostly shared with what stays. For want of room it is run at
 * once, without rewriting: what an attempt that failed left behind would fill the disk for ever. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/vec.h"
#include "keeper/restic.h"
#include "keeper/restic_said.h"

#define HERE "/" PIC__RESTIC_FILE

struct repository {
        pic__far far;
        pic__restic *restic;
        const pic__place *place;
        PIC__VEC(pic__snapshot) list; /* as it was seen last, and what was put since */
        int absent;                   /* there is none yet */
};

static int ask(struct repository *s, const char *const *words, pic_error **err)
{
        const pic__restic_ask plain = { .words = words };

        return pic__restic_do(s->restic, &plain, err);
}

/* --- what is there ----------------------------------------------------------------------------------------------- */

static int take(const pic__snapshot *one, void *arg)
{
        struct repository *s = arg;

        return pic__vec_push(&s->list, *one);
}

static int look(struct repository *s, pic_error **err)
{
        static const char *const words[] = { "snapshots", "--json", "--no-lock", "--path", HERE, NULL };
        pic__auto_err pic_error *bad = NULL;
        const pic__buf *said = pic__restic_said(s->restic);
        int r = ask(s, words, &bad);

        s->list.count = 0;
        s->absent = r == PIC_NOTFOUND;
        if (s->absent)
                return 0;
        if (r == 0)
                r = pic__restic_snapshots(pic__buf_str(said), said->len, take, s, &bad);
        if (r < 0 && err != NULL)
                *err = pic__take(bad);
        return r;
}

static int list(pic__far *f, pic__far_each each, void *arg, pic_error **err)
{
        struct repository *s = (struct repository *)f;
        int r = look(s, err);
        size_t i;

        for (i = 0; r == 0 && i < s->list.count; i++)
                if (each(s->list.at[i].name, 0, arg) < 0)
                        r = pic__nomem(err);
        return r;
}

static const pic__snapshot *find(const struct repository *s, const char *name)
{
        size_t i;

        for (i = 0; i < s->list.count; i++)
                if (strcmp(s->list.at[i].name, name) == 0)
                        return &s->list.at[i];
        return NULL;
}

/* --- the first time ---------------------------------------------------------------------------------------------- */

/* What may lie in a folder before there is a repository: what an `init` that was killed has left, too. */
static int is_own(const char *name)
{
        static const char *const own[] = { ".", "..", "lost+found", "data", "index", "keys", "locks", "snapshots" };
        size_t i = 0;

        while (i < PIC__COUNT(own) && strcmp(own[i], name) != 0)
                i++;
        return i < PIC__COUNT(own);
}

/* As with a folder: what it is in has to be there; and what is in it already is not ours to mix with. */
static int check_folder(const char *path, pic_error **err)
{
        char above[512];
        const char *slash = strrchr(path, '/');
        struct stat st;
        struct dirent *e;
        DIR *dir;
        int used = 0;

        snprintf(above, sizeof(above), "%.*s", slash > path ? (int)(slash - path) : 1, path);
        if (stat(above, &st) < 0) {
                int r = pic__fail_errno(err, errno, "%s", above);

                if (r == PIC_NOTFOUND)
                        pic__hint(err, "The folder that it is in has to be there: is the disk mounted?");
                return r;
        }
        dir = opendir(path);
        if (dir == NULL)
                return errno == ENOENT ? 0 : pic__fail_errno(err, errno, "%s", path);
        while ((e = readdir(dir)) != NULL)
                used |= !is_own(e->d_name);
        (void)closedir(dir);
        return used ? pic__fail(err, PIC_CONFLICT, "%s: there is something in it that is no restic repository", path)
                    : 0;
}

static int make(struct repository *s, pic_error **err)
{
        static const char *const words[] = { "init", NULL };
        int r = s->place->kind == PIC__PLACE_RESTIC ? check_folder(s->place->path, err) : 0;

        if (r == 0)
                r = ask(s, words, err);
        s->absent &= r < 0;
        return r;
}

/* --- in and out -------------------------------------------------------------------------------------------------- */

static int drop_one(struct repository *s, const char *id, pic_error **err)
{
        const char *const words[] = { "forget", id, NULL };

        return ask(s, words, err);
}

/* What the failed attempt has left is in the way of the next one. */
static void make_room(struct repository *s)
{
        static const char *const words[] = { "prune", "--max-repack-size", "0", NULL };

        (void)ask(s, words, NULL);
}

static int put(pic__far *f, const char *name, pic__far_source source, void *arg, pic_error **err)
{
        struct repository *s = (struct repository *)f;
        pic__snapshot made = { .id = "" };
        char host[PIC__FAR_NAME];
        const char *const words[] = {
                "backup", "--json", "--stdin", "--stdin-filename", PIC__RESTIC_FILE, "--host", host, "--tag", name, NULL
        };
        const pic__restic_ask send = { .words = words, .source = source, .source_arg = arg };
        size_t len = strlen(name), moment = sizeof("-2027-01-31T23-59-59Z.tar") - 1;
        int r = s->absent ? make(s, err) : 0;

        snprintf(host, sizeof(host), "%.*s", (int)(len > moment ? len - moment : len), name);
        snprintf(made.name, sizeof(made.name), "%s", name);
        if (r == 0)
                r = pic__restic_do(s->restic, &send, err);
        if (r == PIC_IO)
                make_room(s);
        if (r == 0)
                r = pic__restic_summary(pic__buf_str(pic__restic_said(s->restic)), pic__restic_said(s->restic)->len,
                                        made.id, &f->added, err);
        return r == 0 && pic__vec_push(&s->list, made) < 0 ? pic__nomem(err) : r;
}

static int get(pic__far *f, const char *name, pic__far_sink sink, void *arg, pic_error **err)
{
        struct repository *s = (struct repository *)f;
        const pic__snapshot *one = find(s, name);
        const char *const words[] = { "dump", "--no-lock", one != NULL ? one->id : "", HERE, NULL };
        const pic__restic_ask want = { .words = words, .sink = sink, .sink_arg = arg };

        return one != NULL ? pic__restic_do(s->restic, &want, err)
                           : pic__fail(err, PIC_NOTFOUND, "%s is not in the repository", name);
}

static int drop(pic__far *f, const char *name, pic_error **err)
{
        struct repository *s = (struct repository *)f;
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < s->list.count; i++)
                if (strcmp(s->list.at[i].name, name) == 0)
                        r = drop_one(s, s->list.at[i].id, err);
        return r;
}

/* Locks of who was killed: those of this machine whose process is gone, and any that is older than 30 minutes. */
static int clean(pic__far *f, int (*is_ours)(const char *name, void *arg), void *arg, pic_error **err)
{
        static const char *const words[] = { "unlock", NULL };
        struct repository *s = (struct repository *)f;

        (void)is_ours, (void)arg;
        return s->absent ? 0 : ask(s, words, err);
}

static int settle(pic__far *f, int turned, pic_error **err)
{
        static const char *const words[] = { "prune", NULL };

        return turned ? ask((struct repository *)f, words, err) : 0;
}

static void end(pic__far *f)
{
        struct repository *s = (struct repository *)f;

        pic__restic_free(s->restic);
        pic__vec_free(&s->list);
        pic__free(s);
}

int pic__far_restic(const pic__far_spec *spec, pic__far **ret, pic_error **err)
{
        static const pic__far_ops ops = { list, put, get, NULL, drop, NULL, clean, settle, end };
        struct repository *s = pic__alloc(sizeof(*s));
        int r;

        if (s == NULL)
                return pic__nomem(err);
        s->far.ops = &ops;
        s->place = &spec->place;
        r = pic__restic_new(spec, &s->restic, err);
        if (r < 0)
                pic__free(s);
        else
                *ret = &s->far;
        return r;
}
