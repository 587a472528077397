/* Owns: what was put aside: the list of it, the way back, and its removal. */
#include "engine/former.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "base/vec.h"
#include "engine/ordered.h"
#include "engine/restore.h"
#include "engine/scratch.h"
#include "engine/stage.h"
#include "sys/file.h"

enum { BUSY_MS = 1000, DEEP = 4, ROWS = 200, ORDERED_S = 600 };

struct former {
        char *name; /* of the directory */
        pic_time time;
        int64_t size;
};

typedef PIC__VEC(struct former) former_vec;

struct formers {
        char *parent;
        char *base; /* of the cell's directory */
        former_vec list;
};

static void formers_free(struct formers *f)
{
        size_t i;

        for (i = 0; i < f->list.count; i++)
                pic__free(f->list.at[i].name);
        pic__vec_free(&f->list);
        pic__free(f->parent);
        pic__free(f->base);
}

/* --- finding them ------------------------------------------------------------------------------------------------- */

/* Bytes of all files; links are not followed. */
static int64_t size_of(int parent, const char *name, int deep)
{
        int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
        struct dirent *e;
        struct stat st;
        int64_t sum = 0;

        while (d != NULL && (e = readdir(d)) != NULL) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
                    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (S_ISDIR(st.st_mode) && deep > 0)
                        sum += size_of(dirfd(d), e->d_name, deep - 1);
                else if (S_ISREG(st.st_mode))
                        sum += st.st_size;
        }
        if (d != NULL)
                (void)closedir(d);
        else if (fd >= 0)
                (void)close(fd);
        return sum;
}

/* What follows a prefix; NULL: it does not begin so. */
static const char *behind(const char *name, const char *base, const char *mark)
{
        size_t a = strlen(base), b = strlen(mark);

        return strncmp(name, base, a) == 0 && strncmp(name + a, mark, b) == 0 ? name + a + b : NULL;
}

/* "2026-11-27T04-12-33Z", as it was named; what has no such name was put aside when its directory changed last. */
static pic_time time_of(const char *text, const struct stat *st)
{
        char iso[32];
        pic_time time;
        size_t i;

        snprintf(iso, sizeof(iso), "%.20s", text);
        for (i = 11; i < 17 && strlen(iso) == 20; i++)
                iso[i] = iso[i] == '-' ? ':' : iso[i];
        return pic__time_parse(iso, &time) == 0 ? time : (pic_time)st->st_ctim.tv_sec * PIC__SECOND;
}

/* A directory of our owner with a store in it, and nobody is at work in it. */
static int is_cell(int parent, const char *name, const struct stat *top, struct stat *ret)
{
        pic__auto_buf pic__buf store = PIC__BUF_INIT, mark = PIC__BUF_INIT;
        struct stat st;

        pic__buf_putf(&store, "%s/%s", name, PIC__STORE_FILE);
        pic__buf_putf(&mark, "%s/%s", name, PIC__SCRATCH_MARK);
        return fstatat(parent, name, ret, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(ret->st_mode) &&
               (ret->st_uid == top->st_uid || ret->st_uid == geteuid()) && !store.failed && !mark.failed &&
               fstatat(parent, pic__buf_str(&store), &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
               fstatat(parent, pic__buf_str(&mark), &st, AT_SYMLINK_NOFOLLOW) < 0;
}

static int see(struct formers *f, int parent, const char *name, const struct stat *top)
{
        const char *time = behind(name, f->base, PIC__BEFORE);
        struct former one = { .name = NULL };
        struct stat st;

        if ((time == NULL && behind(name, f->base, PIC__STAGE) == NULL) || !is_cell(parent, name, top, &st))
                return 0;
        one.time = time_of(time != NULL ? time : "", &st);
        one.size = size_of(parent, name, DEEP);
        one.name = pic__strdup(name);
        if (one.name != NULL && pic__vec_push(&f->list, one) == 0)
                return 0;
        pic__free(one.name);
        return -1;
}

static int newest_first(const void *a, const void *b)
{
        const struct former *x = a, *y = b;

        return x->time != y->time ? (x->time < y->time ? 1 : -1) : strcmp(y->name, x->name);
}

static int split(const char *dir, struct formers *f, pic_error **err)
{
        char *real = realpath(dir, NULL);
        const char *path = real != NULL ? real : dir, *slash = strrchr(path, '/');

        f->parent = slash == NULL ? pic__strdup(".") : pic__strndup(path, slash == path ? 1 : (size_t)(slash - path));
        f->base = pic__strdup(slash != NULL ? slash + 1 : path);
        free(real);
        return f->parent != NULL && f->base != NULL ? 0 : pic__nomem(err);
}

static int find(const char *dir, struct formers *f, pic_error **err)
{
        int r = split(dir, f, err), bad = 0;
        DIR *d = r == 0 ? opendir(f->parent) : NULL;
        struct dirent *e;
        struct stat top;

        if (r < 0)
                return r;
        if (d == NULL)
                return pic__fail_errno(err, errno, "%s cannot be read", f->parent);
        if (fstatat(dirfd(d), f->base, &top, 0) < 0)
                top.st_uid = geteuid();
        while (!bad && (e = readdir(d)) != NULL)
                bad = see(f, dirfd(d), e->d_name, &top) < 0;
        (void)closedir(d);
        if (f->list.count > 1)
                qsort(f->list.at, f->list.count, sizeof(f->list.at[0]), newest_first);
        return bad ? pic__nomem(err) : 0;
}

static pic_time time_at(const struct formers *f, const char *name)
{
        size_t i;

        for (i = 0; i < f->list.count; i++)
                if (strcmp(f->list.at[i].name, name) == 0)
                        return f->list.at[i].time;
        return 0;
}

/* The path of one; name NULL: of the newest. */
static int choose(const char *dir, const char *name, struct formers *f, char **ret, pic_error **err)
{
        int r = find(dir, f, err);
        size_t i;

        for (i = 0; r == 0 && i < f->list.count; i++) {
                if (name != NULL && strcmp(f->list.at[i].name, name) != 0)
                        continue;
                *ret = pic__path_join(f->parent, f->list.at[i].name);
                return *ret != NULL ? 0 : pic__nomem(err);
        }
        if (r < 0)
                return r;
        if (name == NULL)
                return pic__fail(err, PIC_NOTFOUND, "no cell was put aside here");
        (void)pic__fail(err, PIC_NOTFOUND, "no cell was put aside here as %s", name);
        pic__hint(err, "pic backup kept tells which there are");
        return PIC_NOTFOUND;
}

int pic__former_find(const char *dir, const char *name, char **ret_path, pic_error **err)
{
        PIC__AUTO(formers_free) struct formers f = { .parent = NULL };

        return choose(dir, name, &f, ret_path, err);
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

void pic__former_leave(pic__store **st)
{
        if (*st != NULL)
                (void)pic__store_shut(*st, NULL);
        *st = pic__store_unref(*st);
}

static int is_place(const char *text)
{
        size_t len = text != NULL ? strlen(text) : 0, end = sizeof(PIC__FORMER_PLACE) - 1;

        return len > end && strcmp(text + len - end, PIC__FORMER_PLACE) == 0;
}

struct why {
        pic__json *j;
        pic_time since;
        unsigned left;
        int put;
};

/* The row that says what it made room for: one of its last, and of when it was put aside. */
static int put_why(const pic__journal_row *row, void *data)
{
        char time[PIC__TIME_TEXT];
        struct why *w = data;

        if (strcmp(row->verb, "restore") == 0 && row->time >= w->since && is_place(row->text)) {
                pic__json_open(w->j, '{');
                pic__json_kstr(w->j, "text", row->text);
                pic__json_kstr(w->j, "actor", row->actor);
                pic__json_kstr(w->j, "way", row->way);
                pic__json_kstr(w->j, "time", pic__time_print(row->time, time));
                pic__json_close(w->j, '}');
                w->put = 1;
        }
        return w->put || --w->left == 0;
}

static void put_by(pic__store *st, pic_time time, pic__json *j)
{
        struct why w = { .j = j, .since = time - (pic_time)ORDERED_S * PIC__SECOND, .left = ROWS };

        pic__json_key(j, "by");
        if (st != NULL)
                (void)pic__store_journal_back(st, 0, put_why, &w, NULL);
        if (!w.put)
                pic__json_null(j);
}

/* Which cell it is, as far as that can be read. *ret_store: pic__former_leave(). */
static int put_cell(const pic__former_opts *o, const char *path, pic__json *j, pic__store **ret_store, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic_revision revision = 0;
        int r = pic__store_open(path, BUSY_MS, o->clock, ret_store, err);

        if (r == 0)
                r = pic__store_get(*ret_store, PIC__CELL, NULL, &cell, err);
        if (r == 0)
                r = pic__store_revision(*ret_store, &revision, err);
        pic__json_kstr(j, "cell", r == 0 ? pic__obj_name(cell) : NULL);
        pic__json_key(j, "revision");
        if (r == 0)
                pic__json_int(j, revision);
        else
                pic__json_null(j);
        return r;
}

static void put_one(const pic__former_opts *o, const struct former *f, const char *path, pic__json *j)
{
        PIC__AUTO(pic__former_leave) pic__store *st = NULL;
        char time[PIC__TIME_TEXT];

        pic__json_open(j, '{');
        pic__json_kstr(j, "name", f->name);
        pic__json_kstr(j, "path", path);
        pic__json_kstr(j, "time", pic__time_print(f->time, time));
        pic__json_kint(j, "size", f->size);
        put_by(put_cell(o, path, j, &st, NULL) == 0 ? st : NULL, f->time, j);
        pic__json_close(j, '}');
}

int pic__former_list(const pic__former_opts *o, pic__json *j, pic_error **err)
{
        PIC__AUTO(formers_free) struct formers f = { .parent = NULL };
        int r = find(o->dir, &f, err);
        size_t i;

        pic__json_open(j, '[');
        for (i = 0; r == 0 && i < f.list.count; i++) {
                pic__auto_free char *path = pic__path_join(f.parent, f.list.at[i].name);

                if (path == NULL)
                        return pic__nomem(err);
                put_one(o, &f.list.at[i], path, j);
        }
        pic__json_close(j, ']');
        return r;
}

static int put_users(pic__store *st, pic__json *j, pic_error **err)
{
        pic__json_key(j, "users");
        if (st != NULL)
                return pic__restore_users(st, j, err);
        pic__json_null(j);
        return 0;
}

int pic__former_tell(const pic__former_opts *o, const char *name, pic__json *j, char **ret_name, pic_error **err)
{
        PIC__AUTO(formers_free) struct formers f = { .parent = NULL };
        PIC__AUTO(pic__former_leave) pic__store *st = NULL;
        pic__auto_free char *path = NULL, *called = NULL;
        pic__auto_err pic_error *bad = NULL;
        char time[PIC__TIME_TEXT];
        int r = choose(o->dir, name, &f, &path, err);

        if (r < 0)
                return r;
        called = pic__strdup(strrchr(path, '/') + 1);
        if (called == NULL)
                return pic__nomem(err);
        pic__json_kstr(j, "name", called);
        pic__json_kstr(j, "time", pic__time_print(time_at(&f, called), time));
        r = put_cell(o, path, j, &st, &bad);
        if (r < 0 && r != PIC_DENIED) { /* who may not read it leaves that to who may */
                pic__err_append(err, pic__take(bad));
                return r;
        }
        r = put_users(r == 0 ? st : NULL, j, err);
        if (r == 0)
                *ret_name = pic__take(called);
        return r;
}

int pic__former_open(const pic__former_opts *o, const char *name, pic__store **ret_store, pic_obj **ret_cell,
                     pic_error **err)
{
        PIC__AUTO(formers_free) struct formers f = { .parent = NULL };
        pic__auto_free char *path = NULL;
        int r = choose(o->dir, name, &f, &path, err);

        if (r == 0)
                r = pic__store_open(path, BUSY_MS, o->clock, ret_store, err);
        return r == 0 ? pic__store_get(*ret_store, PIC__CELL, NULL, ret_cell, err) : r;
}

/* --- the way back ------------------------------------------------------------------------------------------------- */

static int note(const pic__former_opts *o, pic__store *st, const pic_obj *cell, const char *text, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r = pic__txn_begin(st, o->actor, o->way, &t, err);

        if (r == 0)
                r = pic__txn_note(t, PIC__CELL, cell->id, pic__obj_name(cell), "restore", text, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

void pic__former_say(const pic__former_opts *o, const char *path, const char *text)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        PIC__AUTO(pic__former_leave) pic__store *st = NULL;

        if (pic__store_open(path, BUSY_MS, o->clock, &st, NULL) == 0 &&
            pic__store_get(st, PIC__CELL, NULL, &cell, NULL) == 0)
                (void)note(o, st, cell, text, NULL);
}

void pic__former_say_instead(const pic__former_opts *o, const char *path, const char *name)
{
        char text[300];

        snprintf(text, sizeof(text), "what had been put aside as %s took " PIC__FORMER_PLACE, name);
        pic__former_say(o, path, text);
}

/* An exchange that was ordered in its time, and not taken back by who was killed, is none of today. */
int pic__former_check(const pic__former_opts *o, const char *path, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r;

        if (pic__ordered_there(path))
                pic__ordered_drop(path);
        r = pic__stage_check(path, NULL, o->clock, &st, &cell, err);

        return r < 0 ? r : note(o, st, cell, "the cell that a restore had put aside came back", err);
}

int pic__former_return(const pic__former_opts *o, const char *name, char **ret_name, char **ret_former, pic_error **err)
{
        PIC__AUTO(pic__exchange_free) pic__exchange x = PIC__EXCHANGE_INIT;
        PIC__AUTO(formers_free) struct formers f = { .parent = NULL };
        pic__auto_free char *path = NULL, *called = NULL;
        int r = pic__exchange_begin(&x, o->dir, o->run_dir, o->clock, err);

        if (r == 0)
                r = choose(o->dir, name, &f, &path, err);
        if (r == 0)
                r = pic__former_check(o, path, err);
        if (r == 0 && (called = pic__strdup(strrchr(path, '/') + 1)) == NULL)
                r = pic__nomem(err);
        if (r == 0)
                r = pic__exchange_do(&x, path, ret_former, err);
        if (r < 0)
                return r;
        pic__exchange_free(&x); /* it holds what was put aside shut */
        if (*ret_former != NULL)
                pic__former_say_instead(o, *ret_former, called);
        *ret_name = pic__take(called);
        return 0;
}

/* --- removal ------------------------------------------------------------------------------------------------------ */

/* Nobody looks at it: another `pic`, a copy of it that runs. */
static int check_unused(const pic__former_opts *o, const char *path, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        pic__auto_err pic_error *bad = NULL;
        int r = pic__store_open(path, BUSY_MS, o->clock, &st, &bad);

        if (r == 0)
                r = pic__store_shut(st, &bad);
        return r == PIC_BUSY ? pic__fail(err, PIC_BUSY, "another program has the cell in %s open", path) : 0;
}

/* Under a name and a mark by which the next restore knows what of it a killed one left. */
int pic__former_remove(const pic__former_opts *o, const char *name, pic_error **err)
{
        PIC__AUTO(formers_free) struct formers f = { .parent = NULL };
        PIC__AUTO(pic__scratch_free) pic__scratch place = PIC__SCRATCH_INIT;
        pic__auto_buf pic__buf begin = PIC__BUF_INIT, into = PIC__BUF_INIT;
        pic__auto_free char *path = NULL;
        int r = choose(o->dir, name, &f, &path, err);

        if (r == 0)
                r = check_unused(o, path, err);
        if (r < 0)
                return r;
        pic__buf_putf(&begin, "%s/%s" PIC__STAGE, f.parent, f.base);
        r = begin.failed ? pic__nomem(err) : pic__scratch_make(pic__buf_str(&begin), &place, err);
        if (r < 0)
                return r;
        pic__buf_putf(&into, "%s/gone", place.path);
        if (into.failed)
                return pic__nomem(err);
        if (rename(path, pic__buf_str(&into)) < 0)
                return pic__fail_errno(err, errno, "%s cannot be removed", path);
        return 0; /* with its place */
}
