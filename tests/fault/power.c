/* Owns: what is safe on the disk, and what is not. Files are followed by their nature, not by name: a file that was
 * removed and one that was made anew under its name are two. Of names, changes come in their order (each file system
 * that is in use keeps that); of contents, nothing does. */
#include "power.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changes.h"
#include "disk.h"

#define FILES 256
#define NAMES 256
#define SECTOR 512u

struct call {
        struct disk_call head;
        char *name;
        uint8_t *data;
};

struct bytes {
        uint8_t *at;
        size_t size;
};

struct power {
        char base[96];
        struct call *calls;
        size_t count;
};

/* The disk at one moment of the play. */
struct disk {
        struct bytes safe[FILES]; /* content as last synced */
        size_t pending[FILES];    /* the first call about this file that is not safe; see `of` */
        unsigned files;
        struct name {
                char path[96];
                int file;
        } names[NAMES], safe_names[NAMES]; /* file -1: free */
        size_t name_count, safe_name_count;
        int fds[1024];         /* file, -2: a directory, -1: none */
        int *of;               /* call: the file it is about */
        unsigned char *undone; /* call about a name: not safe yet */
};

/* --- reading the record --------------------------------------------------------------------------------------- */

static void *room(size_t size)
{
        void *p = calloc(1, size + 1);

        if (p == NULL)
                stop("no memory");
        return p;
}

static struct bytes slurp(const char *path)
{
        struct bytes b = { NULL, 0 };
        struct stat st;
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0 || fstat(fd, &st) < 0)
                stop("%s: cannot be read", path);
        b.size = (size_t)st.st_size;
        b.at = room(b.size);
        if (read(fd, b.at, b.size) != (ssize_t)b.size)
                stop("%s: cannot be read", path);
        (void)close(fd);
        return b;
}

power *power_new(const char *base, const char *record)
{
        power *p = room(sizeof(*p));
        struct bytes b = slurp(record);
        size_t at = 0;

        snprintf(p->base, sizeof(p->base), "%s", base);
        p->calls = room((b.size / sizeof(struct disk_call) + 1) * sizeof(struct call));
        while (at + sizeof(struct disk_call) <= b.size) {
                struct call *c = &p->calls[p->count++];

                memcpy(&c->head, b.at + at, sizeof(c->head));
                at += sizeof(c->head);
                c->name = room(c->head.name);
                memcpy(c->name, b.at + at, c->head.name);
                at += c->head.name;
                c->data = room(c->head.data);
                memcpy(c->data, b.at + at, c->head.data);
                at += c->head.data;
        }
        free(b.at);
        return p;
}

void power_free(power *p)
{
        size_t i;

        for (i = 0; i < p->count; i++) {
                free(p->calls[i].name);
                free(p->calls[i].data);
        }
        free(p->calls);
        free(p);
}

size_t power_count(const power *p)
{
        return p->count;
}

int power_is_sync(const power *p, size_t call)
{
        return call < p->count && p->calls[call].head.what == DISK_SYNC;
}

int power_marked(const power *p, size_t call)
{
        int mark = 0;
        size_t i;

        for (i = 0; i < call; i++)
                if (p->calls[i].head.what == DISK_MARK)
                        mark = p->calls[i].head.fd;
        return mark;
}

/* --- playing it ----------------------------------------------------------------------------------------------- */

static void resize(struct bytes *b, size_t size)
{
        b->at = realloc(b->at, size + 1);
        if (b->at == NULL)
                stop("no memory");
        if (size > b->size)
                memset(b->at + b->size, 0, size - b->size);
        b->size = size;
}

static void write_part(struct bytes *b, const struct call *c, size_t from, size_t len)
{
        size_t at = (size_t)c->head.at + from;

        if (at + len > b->size)
                resize(b, at + len);
        memcpy(b->at + at, c->data + from, len);
}

/* A call about a content, done. */
static void content(struct bytes *b, const struct call *c)
{
        if (c->head.what == DISK_SIZE)
                resize(b, (size_t)c->head.at);
        else
                write_part(b, c, 0, c->head.data);
}

static int find(const struct name *names, size_t count, const char *path)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (names[i].file >= 0 && strcmp(names[i].path, path) == 0)
                        return (int)i;
        return -1;
}

static void set_name(struct name *names, size_t *count, const char *path, int file)
{
        int i = find(names, *count, path);

        if (i < 0 && *count == NAMES)
                stop("too many names");
        if (i < 0)
                i = (int)(*count)++;
        snprintf(names[i].path, sizeof(names[i].path), "%s", path);
        names[i].file = file;
}

static int new_file(struct disk *d)
{
        if (d->files == FILES)
                stop("too many files");
        return (int)d->files++;
}

/* A call about a name, done. `file`: of an OPEN that made it. */
static void rename_in(struct name *names, size_t *count, const struct call *c, int file)
{
        int i;

        if (c->head.what == DISK_OPEN) {
                set_name(names, count, c->name, file);
                return;
        }
        i = find(names, *count, c->name);
        if (i < 0)
                return; /* it never was safe */
        file = names[i].file;
        if (c->head.what != DISK_LINK)
                names[i].file = -1;
        if (c->head.what != DISK_REMOVE)
                set_name(names, count, (const char *)c->data, file);
}

/* "" or "fake/": where the name is. */
static size_t folder(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash != NULL ? (size_t)(slash - path) : 0;
}

static void sync_folder(const power *p, struct disk *d, const char *path, size_t before)
{
        size_t i;

        for (i = 0; i < before; i++) {
                const struct call *c = &p->calls[i];

                if (!d->undone[i] || folder(c->name) != strlen(path) || strncmp(c->name, path, strlen(path)) != 0)
                        continue;
                rename_in(d->safe_names, &d->safe_name_count, c, d->of[i]);
                d->undone[i] = 0;
        }
}

static void sync_file(const power *p, struct disk *d, int file, size_t before)
{
        size_t i;

        for (i = d->pending[file]; i < before; i++)
                if (d->of[i] == file && (p->calls[i].head.what == DISK_WRITE || p->calls[i].head.what == DISK_SIZE))
                        content(&d->safe[file], &p->calls[i]);
        d->pending[file] = before;
}

static void open_one(struct disk *d, const struct call *c, size_t at)
{
        int i = find(d->names, d->name_count, c->name), file = -2;

        if (c->head.made) {
                file = new_file(d);
                d->pending[file] = at;
                rename_in(d->names, &d->name_count, c, file);
                d->undone[at] = 1;
        } else if (i >= 0) {
                file = d->names[i].file;
        }
        d->of[at] = file;
        d->fds[c->head.fd] = file;
}

static void play_one(const power *p, struct disk *d, size_t at, const char *paths[1024])
{
        const struct call *c = &p->calls[at];
        int fd = c->head.fd;

        d->of[at] = -1;
        switch (c->head.what) {
        case DISK_OPEN:
                open_one(d, c, at);
                paths[fd] = c->name;
                break;
        case DISK_WRITE:
        case DISK_SIZE: d->of[at] = d->fds[fd]; break;
        case DISK_SYNC:
                if (d->fds[fd] >= 0)
                        sync_file(p, d, d->fds[fd], at);
                else
                        sync_folder(p, d, paths[fd], at);
                break;
        case DISK_RENAME:
        case DISK_LINK:
        case DISK_REMOVE:
                rename_in(d->names, &d->name_count, c, -1);
                d->undone[at] = 1;
                break;
        default: break;
        }
}

/* --- the start, and the end ------------------------------------------------------------------------------------ */

static void begin_file(struct disk *d, const char *base, const char *name)
{
        char path[512];
        int file = new_file(d);

        snprintf(path, sizeof(path), "%s/%s", base, name);
        d->safe[file] = slurp(path);
        set_name(d->names, &d->name_count, name, file);
        set_name(d->safe_names, &d->safe_name_count, name, file);
}

static void begin(struct disk *d, const char *base)
{
        char cmd[256], name[200];
        FILE *list;

        snprintf(cmd, sizeof(cmd), "cd '%s' && find . -type f -printf '%%P\\n'", base);
        list = popen(cmd, "r");
        while (list != NULL && fgets(name, sizeof(name), list) != NULL) {
                name[strcspn(name, "\n")] = '\0';
                begin_file(d, base, name);
        }
        if (list == NULL || pclose(list) != 0)
                stop("%s: cannot be listed", base);
}

static unsigned roll(unsigned *seed)
{
        *seed = *seed * 1664525u + 1013904223u;
        return *seed >> 16;
}

/* Of what is not safe of a content: whole, not at all, its beginning, or any sectors. */
static void some_of(struct bytes *b, const struct call *c, unsigned *seed)
{
        unsigned what = roll(seed) % 4;
        size_t at;

        if (what == 0)
                return;
        if (what == 1 || c->head.what == DISK_SIZE) {
                content(b, c);
        } else if (what == 2) {
                write_part(b, c, 0, c->head.data / 2);
        } else {
                for (at = 0; at < c->head.data; at += SECTOR)
                        if (roll(seed) % 2)
                                write_part(b, c, at, c->head.data - at < SECTOR ? c->head.data - at : SECTOR);
        }
}

static void unsafe_contents(const power *p, struct disk *d, size_t before, unsigned *seed)
{
        size_t i;

        for (i = 0; i < before; i++) {
                const struct call *c = &p->calls[i];

                if (d->of[i] >= 0 && i >= d->pending[d->of[i]] &&
                    (c->head.what == DISK_WRITE || c->head.what == DISK_SIZE))
                        some_of(&d->safe[d->of[i]], c, seed);
        }
}

/* share: how many in 4 of the names that are not safe came through, the first ones. */
static void unsafe_names(const power *p, struct disk *d, size_t before, unsigned share)
{
        size_t i, total = 0, n = 0;

        for (i = 0; i < before; i++)
                total += d->undone[i];
        for (i = 0; i < before && n * 4 < total * share; i++)
                if (d->undone[i]) {
                        rename_in(d->safe_names, &d->safe_name_count, &p->calls[i], d->of[i]);
                        n++;
                }
}

static void put_down(const struct disk *d, const char *dir)
{
        char path[256];
        size_t i;

        dir_drop(dir);
        if (mkdir(dir, 0700) < 0)
                stop("%s: cannot be made", dir);
        for (i = 0; i < d->safe_name_count; i++) {
                const struct name *n = &d->safe_names[i];
                int fd;

                if (n->file < 0)
                        continue;
                snprintf(path, sizeof(path), "%s/%.*s", dir, (int)folder(n->path), n->path);
                (void)mkdir(path, 0700);
                snprintf(path, sizeof(path), "%s/%s", dir, n->path);
                fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
                if (fd < 0 || write(fd, d->safe[n->file].at, d->safe[n->file].size) != (ssize_t)d->safe[n->file].size)
                        stop("%s: cannot be written", path);
                (void)close(fd);
        }
}

void power_cut(const power *p, size_t call, enum power_cut cut, unsigned seed, const char *dir)
{
        static struct disk d;
        const char *paths[1024] = { NULL };
        size_t i;

        memset(&d, 0, sizeof(d));
        memset(d.fds, 0xff, sizeof(d.fds));
        d.of = room((p->count + 1) * sizeof(int));
        d.undone = room(p->count + 1);
        begin(&d, p->base);
        for (i = 0; i < call; i++)
                play_one(p, &d, i, paths);
        if (cut != POWER_LOST)
                unsafe_names(p, &d, call, cut == POWER_NAMES ? 4 : roll(&seed) % 5);
        if (cut == POWER_TORN)
                unsafe_contents(p, &d, call, &seed);
        put_down(&d, dir);
        for (i = 0; i < d.files; i++)
                free(d.safe[i].at);
        free(d.of);
        free(d.undone);
}
