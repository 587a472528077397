/* Owns: backups that browsers bring: files without a name, of who brought them, for an hour. They are never in memory:
 * they pass in pieces. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "http/http.h"

enum { PLACES = 8, PIECE = 65536, ID = 33, USER = 96, LIFE = 3600 };

struct file {
        char id[ID];
        char user[USER];
        int fd; /* 0: the place is free */
        int64_t size;
        time_t used;
        unsigned long turn; /* of all that were brought */
};

struct files {
        pthread_mutex_t lock;
        unsigned long turn;
        pthread_mutex_t opening; /* a passphrase takes 256 MiB: one at a time */
        struct file at[PLACES];
};

struct files *files_new(void)
{
        struct files *f = calloc(1, sizeof(*f));

        if (f == NULL)
                return NULL;
        pthread_mutex_init(&f->lock, NULL);
        pthread_mutex_init(&f->opening, NULL);
        return f;
}

static void clear(struct file *f)
{
        if (f->fd > 0)
                close(f->fd);
        memset(f, 0, sizeof(*f));
}

void files_free(struct files *f)
{
        size_t i;

        for (i = 0; f != NULL && i < PLACES; i++)
                clear(&f->at[i]);
        free(f);
}

/* Without a name from the beginning: what is left of it goes with us. */
int files_open(struct call *c)
{
        static const char *const dirs[] = { "/var/tmp", "/tmp" };
        size_t i;
        int fd = -1;

        for (i = 0; fd < 0 && i < sizeof(dirs) / sizeof(dirs[0]); i++)
                fd = open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
        return fd >= 0 ? fd : fail(c, 503, PIC_IO, NULL, "there is no room for it: %s", strerror(errno));
}

static int write_all(int fd, const char *data, size_t len)
{
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return -1;
                data += n;
                len -= (size_t)n;
        }
        return 0;
}

/* 0, or -1 after having answered. */
static int copy(struct call *c, int fd)
{
        char *piece = malloc(PIECE);
        int64_t left = c->req->body_size;
        int r = piece != NULL ? 0 : fail_nomem(c);

        while (r == 0 && left > 0) {
                size_t len = left < PIECE ? (size_t)left : PIECE;

                if (c->req->read(c->req->data, piece, len) < 0)
                        r = fail(c, 408, PIC_TIMEOUT, NULL, "the body did not come");
                else if (write_all(fd, piece, len) < 0)
                        r = fail(c, 503, PIC_IO, NULL, "there is no room for it: %s", strerror(errno));
                left -= (int64_t)len;
        }
        free(piece);
        return r;
}

/* A free place, else that of the caller's oldest; NULL: all are others'. Old ones go. */
static struct file *find_place(struct files *f, const char *user)
{
        struct file *best = NULL;
        time_t now = time(NULL);
        size_t i;

        for (i = 0; i < PLACES; i++)
                if (f->at[i].fd > 0 && f->at[i].used + LIFE < now)
                        clear(&f->at[i]);
        for (i = 0; i < PLACES; i++)
                if (f->at[i].fd == 0)
                        return &f->at[i];
        for (i = 0; i < PLACES; i++)
                if (strcmp(f->at[i].user, user) == 0 && (best == NULL || f->at[i].turn < best->turn))
                        best = &f->at[i];
        if (best != NULL)
                clear(best);
        return best;
}

static void make_id(char id[ID])
{
        unsigned char bytes[(ID - 1) / 2];
        size_t i;

        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
                abort();
        for (i = 0; i < sizeof(bytes); i++)
                snprintf(id + 2 * i, 3, "%02x", bytes[i]);
}

int files_put(struct call *c, int fd, int64_t size, char id[ID])
{
        struct files *f = app_files(c->app);
        struct file *place;

        pthread_mutex_lock(&f->lock);
        place = find_place(f, c->user);
        if (place != NULL) {
                make_id(place->id);
                snprintf(place->user, sizeof(place->user), "%s", c->user);
                place->fd = fd;
                place->size = size;
                place->used = time(NULL);
                place->turn = ++f->turn;
                memcpy(id, place->id, ID);
        }
        pthread_mutex_unlock(&f->lock);
        if (place != NULL)
                return 0;
        close(fd);
        return fail(c, 429, PIC_BUSY, NULL, "others have brought %d backups: try again in a while", PLACES);
}

int files_take(struct call *c, const char *id)
{
        struct files *f = app_files(c->app);
        int fd = -1;
        size_t i;

        pthread_mutex_lock(&f->lock);
        for (i = 0; i < PLACES; i++)
                if (f->at[i].fd > 0 && strcmp(f->at[i].id, id) == 0 && strcmp(f->at[i].user, c->user) == 0) {
                        f->at[i].used = time(NULL);
                        fd = fcntl(f->at[i].fd, F_DUPFD_CLOEXEC, 3);
                }
        pthread_mutex_unlock(&f->lock);
        if (fd < 0)
                return fail(c, 404, PIC_NOTFOUND, "POST /api/backups/files brings it; it is kept for an hour.",
                            "there is no such backup here (any more)");
        if (pthread_mutex_trylock(&f->opening) != 0) {
                close(fd);
                c->res->passing = 1;
                return fail(c, 429, PIC_BUSY, NULL, "another backup is being opened: try again in a moment");
        }
        if (lseek(fd, 0, SEEK_SET) == 0)
                return fd;
        files_give(c, fd);
        return fail(c, 500, PIC_IO, NULL, "it cannot be read: %s", strerror(errno));
}

void files_give(struct call *c, int fd)
{
        close(fd);
        pthread_mutex_unlock(&app_files(c->app)->opening);
}

int post_backup_file(struct call *c)
{
        char id[ID];
        int fd = files_open(c);

        if (fd < 0)
                return -1;
        if (copy(c, fd) < 0) {
                close(fd);
                return -1;
        }
        if (files_put(c, fd, c->req->body_size, id) < 0)
                return -1;
        return answer_json(c, 201, json_pack("{s:s,s:I}", "id", id, "size", (json_int_t)c->req->body_size));
}

int delete_backup_file(struct call *c)
{
        struct files *f = app_files(c->app);
        int found = 0;
        size_t i;

        pthread_mutex_lock(&f->lock);
        for (i = 0; i < PLACES; i++)
                if (f->at[i].fd > 0 && strcmp(f->at[i].id, c->args[0]) == 0 && strcmp(f->at[i].user, c->user) == 0) {
                        clear(&f->at[i]);
                        found = 1;
                }
        pthread_mutex_unlock(&f->lock);
        return found ? answer_none(c) : fail(c, 404, PIC_NOTFOUND, NULL, "there is no such backup here (any more)");
}
