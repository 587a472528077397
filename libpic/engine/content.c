/* Owns: the list of what is worth keeping, and taking it at one moment. The store's copy has a name while sqlite writes
 * it; it is locked then, so that whoever was killed meanwhile leaves a file that the next backup knows to be nobody's.
 */
#include "engine/content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pic/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/acme_state.h"
#include "engine/domains_i.h"
#include "engine/keyfile.h"
#include "store/store.h"
#include "sys/crypto.h"
#include "sys/digest.h"
#include "sys/file.h"

#define COPY ".backup-"
#define EXITS "exits"
#define PLACES "places"
enum { SMALL = 8 << 20, BUSY_MS = 5000, THREADS_MAX = 4, TRIES = 50 };

/* Besides the store, in the order of their names; each may be missing but the key. */
static const char *const files[] = { PIC__ACME_STATE, PIC__DOMAINS_FILE, PIC__KEYFILE, PLACES };

int pic__content_knows(const char *name)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(files); i++)
                if (strcmp(files[i], name) == 0)
                        return 1;
        return strcmp(name, PIC__STORE_FILE) == 0 ||
               (strncmp(name, EXITS "/", sizeof(EXITS)) == 0 && strchr(name + sizeof(EXITS), '/') == NULL);
}

int pic__part_read(void *reader, const void **ret_data, size_t *ret_len, pic_error **err)
{
        pic__part_reader *x = reader;
        ssize_t n;

        if (x->part->fd < 0) {
                *ret_data = pic__buf_str(&x->part->data);
                *ret_len = x->part->data.len;
                return x->at++ == 0 && *ret_len > 0;
        }
        do {
                n = pread(x->part->fd, x->room, PIC__PART_ROOM, (off_t)x->at);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return pic__fail_errno(err, errno, "the store's copy cannot be read");
        x->at += (uint64_t)n;
        *ret_data = x->room;
        *ret_len = (size_t)n;
        return n > 0;
}

/* --- the store's copy -------------------------------------------------------------------------------------------- */

/* Far behind what sqlite locks. */
static int lock_copy(int fd)
{
        struct flock mark = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)1 << 40, .l_len = 1 };

        return fcntl(fd, F_OFD_SETLK, &mark);
}

/* Copies of who was killed. */
static void clean(const char *dir)
{
        DIR *d = opendir(dir);
        struct dirent *e;

        while (d != NULL && (e = readdir(d)) != NULL) {
                int fd;

                if (strncmp(e->d_name, COPY, sizeof(COPY) - 1) != 0)
                        continue;
                fd = openat(dirfd(d), e->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
                if (fd >= 0 && lock_copy(fd) == 0)
                        (void)unlinkat(dirfd(d), e->d_name, 0);
                if (fd >= 0)
                        (void)close(fd);
        }
        if (d != NULL)
                (void)closedir(d);
}

/* A name of its own, locked. 1: another backup took it for a leftover between the two. */
static int try_copy(const char *dir, char **ret_path, int *ret_fd, pic_error **err)
{
        pic__buf path = PIC__BUF_INIT;
        struct stat st;
        int fd;

        pic__buf_putf(&path, "%s/" COPY "XXXXXX", dir);
        *ret_path = pic__buf_steal(&path);
        if (*ret_path == NULL)
                return pic__nomem(err);
        fd = mkostemp(*ret_path, O_CLOEXEC);
        if (fd < 0)
                return pic__fail_errno(err, errno, "%s: a copy of the store cannot be made", dir);
        *ret_fd = fd;
        return lock_copy(fd) < 0 || fstat(fd, &st) < 0 || st.st_nlink == 0;
}

/* An empty file, locked, whose name is still there. */
static int make_copy(const char *dir, char **ret_path, int *ret_fd, pic_error **err)
{
        int tries, r = 1;

        for (tries = 0; r == 1 && tries < TRIES; tries++) {
                if (*ret_fd >= 0)
                        (void)close(*ret_fd);
                *ret_fd = -1;
                pic__free(*ret_path);
                *ret_path = NULL;
                r = try_copy(dir, ret_path, ret_fd, err);
        }
        return r == 1 ? pic__fail(err, PIC_BUSY, "%s: another backup is being made", dir) : r;
}

static int snapshot(const char *dir, pic__store *st, int *ret_fd, pic_error **err)
{
        pic__auto_free char *path = NULL;
        int fd = -1, r = make_copy(dir, &path, &fd, err);

        if (r == 0)
                r = pic__store_snapshot(st, path, err);
        if (path != NULL && fd >= 0)
                (void)unlink(path);
        if (r == 0)
                *ret_fd = fd;
        else if (fd >= 0)
                (void)close(fd);
        return r;
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

static int add(pic__content *c, const char *name, struct pic__part *part, pic_error **err)
{
        size_t count = c->manifest.count;
        pic__auto_free uint8_t *room = pic__alloc(PIC__PART_ROOM);
        pic__part_reader reader = { .part = part, .room = room };
        pic__digesting *d = NULL;
        struct pic__part *more;
        uint8_t sha256[32];
        uint64_t size = 0;
        const void *data;
        size_t len;
        int r = room != NULL ? pic__digesting_new(&d, err) : pic__nomem(err);

        while (r == 0 && (r = pic__part_read(&reader, &data, &len, err)) > 0) {
                size += len;
                r = pic__digesting_put(d, data, len, err);
        }
        if (r == 0)
                r = pic__digesting_end(d, sha256, err);
        pic__digesting_free(d);
        if (r < 0)
                return r;
        more = pic__realloc(c->parts, (count + 1) * sizeof(*more));
        if (more == NULL)
                return pic__nomem(err);
        c->parts = more;
        r = pic__manifest_add(&c->manifest, name, size, sha256, err);
        if (r == 0) {
                c->parts[count] = *part;
                *part = (struct pic__part){ .fd = -1 };
        }
        return r;
}

static void drop(struct pic__part *part)
{
        if (part->fd >= 0)
                (void)close(part->fd);
        pic__buf_wipe(&part->data);
}

/* A file that may be missing; 1: it was there. */
static int add_file(pic__content *c, const char *dir, const char *name, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, name);
        PIC__AUTO(drop) struct pic__part part = { .fd = -1, .data = PIC__BUF_SECRET };
        struct stat st;
        int r;

        if (path == NULL)
                return pic__nomem(err);
        if (lstat(path, &st) < 0 && errno == ENOENT)
                return 0;
        if (!S_ISREG(st.st_mode))
                return pic__fail(err, PIC_CONFLICT, "%s is no file", path);
        r = pic__file_read(path, SMALL, &part.data, err);
        if (r == 0)
                r = add(c, name, &part, err);
        return r < 0 ? r : 1;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

enum { EXIT_FILES = 4096 };

/* Names of plain files below "exits", in order; how many, or PIC_NOMEM. */
static int find_exits(const char *path, char **names, pic_error **err)
{
        DIR *d = opendir(path);
        struct dirent *e;
        int count = 0;

        while (d != NULL && count < EXIT_FILES && (e = readdir(d)) != NULL) {
                if (e->d_name[0] == '.' || e->d_type == DT_DIR)
                        continue;
                names[count] = pic__path_join(EXITS, e->d_name);
                if (names[count++] == NULL) {
                        (void)closedir(d);
                        return pic__nomem(err);
                }
        }
        if (d != NULL)
                (void)closedir(d);
        qsort(names, (size_t)count, sizeof(*names), by_name);
        return count;
}

/* What programs of exits want to find again. */
static int add_exits(pic__content *c, const char *dir, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, EXITS);
        char **names = pic__alloc((EXIT_FILES + 1) * sizeof(*names));
        size_t i;
        int r = path != NULL && names != NULL ? find_exits(path, names, err) : pic__nomem(err);

        for (i = 0; names != NULL && names[i] != NULL; i++) {
                if (r >= 0)
                        r = add_file(c, dir, names[i], err);
                pic__free(names[i]);
        }
        pic__free(names);
        return r < 0 ? r : 0;
}

/* Whose it is, as of the moment of the copy. */
static int identify(pic__store *st, pic__manifest *m, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__store_get(st, PIC__CELL, NULL, &cell, err);

        if (r == 0)
                r = pic__store_revision(st, &m->revision, err);
        if (r < 0)
                return r;
        m->version = pic__strdup(PIC_VERSION);
        m->cell = pic__strdup(pic__obj_name(cell));
        m->domain = pic__strdup(pic__obj_text(cell, "domain"));
        m->public_key = pic__strdup(pic__obj_text(cell, "public_key"));
        return m->version != NULL && m->cell != NULL ? 0 : pic__nomem(err);
}

static int take_store(const char *dir, const pic__clock *clock, pic__content *c, int *ret_fd, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        int r = pic__store_open(dir, BUSY_MS, clock, &st, err);

        if (r == 0)
                r = pic__store_read_begin(st, err);
        if (r < 0)
                return r;
        r = identify(st, &c->manifest, err);
        if (r == 0)
                r = snapshot(dir, st, ret_fd, err);
        pic__store_read_end(st);
        return r;
}

static int take(const char *dir, const pic__clock *clock, pic__content *c, pic_error **err)
{
        PIC__AUTO(drop) struct pic__part store = { .fd = -1, .data = PIC__BUF_INIT };
        int r;

        clean(dir);
        r = take_store(dir, clock, c, &store.fd, err);
        if (r == 0)
                r = add_file(c, dir, PIC__ACME_STATE, err);
        if (r >= 0)
                r = add(c, PIC__STORE_FILE, &store, err);
        if (r >= 0)
                r = add_file(c, dir, PIC__DOMAINS_FILE, err);
        if (r >= 0)
                r = add_exits(c, dir, err);
        if (r >= 0)
                r = add_file(c, dir, PIC__KEYFILE, err);
        if (r == 0)
                return pic__fail(err, PIC_NOTFOUND, "%s has no key: without it nothing opens what is sealed", dir);
        return r < 0 ? r : add_file(c, dir, PLACES, err);
}

int pic__content_take(const char *dir, const pic__clock *clock, pic__content *ret, pic_error **err)
{
        int r;

        *ret = (pic__content){ .parts = NULL };
        ret->manifest.created = clock->now(clock->data) / PIC__SECOND * PIC__SECOND;
        r = take(dir, clock, ret, err);
        if (r < 0)
                pic__content_clear(ret);
        return r < 0 ? r : 0;
}

static int put_members(const pic__content *c, pic__pack *p, pic_error **err)
{
        pic__auto_free uint8_t *room = pic__alloc(PIC__PART_ROOM);
        size_t i;
        int r = room != NULL ? 0 : pic__nomem(err);

        for (i = 0; i < c->manifest.count && r == 0; i++) {
                pic__part_reader reader = { .part = &c->parts[i], .room = room };

                r = pic__pack_put(p, pic__part_read, &reader, err);
        }
        return r == 0 ? pic__pack_end(p, err) : r;
}

int pic__content_pack(pic__content *c, const pic__pack_opts *how, pic__age_sink sink, void *arg, pic_error **err)
{
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        pic__pack_opts own = *how;
        pic__pack *p = NULL;
        int r;

        own.threads = processors > THREADS_MAX ? THREADS_MAX : (int)processors;
        r = pic__pack_new(&own, &c->manifest, sink, arg, &p, err);
        if (r < 0)
                return r;
        r = put_members(c, p, err);
        pic__pack_free(p);
        return r;
}

void pic__content_clear(pic__content *c)
{
        size_t i;

        for (i = 0; i < c->manifest.count && c->parts != NULL; i++)
                drop(&c->parts[i]);
        pic__free(c->parts);
        c->parts = NULL;
        pic__manifest_clear(&c->manifest);
}
