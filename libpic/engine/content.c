/* Owns: the list of what is worth keeping, and taking it at one moment: the store as sqlite copies it, files by copies
 * of their own, so what is packed later is what was digested, whoever writes meanwhile. The key alone is in memory: no
 * block of the disk shall have it that had not before. */
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
#include "sys/crew.h"
#include "sys/digest.h"
#include "sys/file.h"

#define EXITS "exits"
#define PLACES "places"
enum { SMALL = 4096, LARGE = 8 << 20, BUSY_MS = 5000, THREADS_MAX = 4 };

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
        const struct pic__part *part = x->part;
        uint64_t left = part->size - x->at;
        ssize_t n;

        if (part->fd < 0) {
                *ret_data = pic__buf_str(&part->data);
                *ret_len = part->data.len;
                return x->at++ == 0 && *ret_len > 0;
        }
        do {
                n = pread(part->fd, x->room, left < PIC__PART_ROOM ? (size_t)left : PIC__PART_ROOM,
                          (off_t)(part->from + x->at));
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return pic__fail_errno(err, errno, "a copy made for the backup cannot be read");
        x->at += (uint64_t)n;
        *ret_data = x->room;
        *ret_len = (size_t)n;
        return n > 0;
}

/* --- the store's copy -------------------------------------------------------------------------------------------- */

static int snapshot(const char *dir, pic__store *st, int *ret_fd, pic_error **err)
{
        pic__auto_free char *path = NULL;
        int r = pic__aside_make(dir, &path, ret_fd, err);

        if (r == 0)
                r = pic__store_snapshot(st, path, err);
        if (path != NULL && *ret_fd >= 0)
                (void)unlink(path);
        return r;
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

/* Its digest comes later. */
static int add(pic__content *c, const char *name, const struct pic__part *part, pic_error **err)
{
        static const uint8_t none[32];
        size_t count = c->manifest.count;
        struct pic__part *more = pic__realloc(c->parts, (count + 1) * sizeof(*more));
        int r;

        if (more == NULL)
                return pic__nomem(err);
        c->parts = more;
        r = pic__manifest_add(&c->manifest, name, part->size, none, err);
        if (r == 0)
                c->parts[count] = *part;
        return r;
}

static int add_store(pic__content *c, pic_error **err)
{
        struct pic__part part = { .fd = c->store, .data = PIC__BUF_INIT };
        struct stat st;

        if (fstat(c->store, &st) < 0)
                return pic__fail_errno(err, errno, "the store's copy cannot be read");
        part.size = (uint64_t)st.st_size;
        return add(c, PIC__STORE_FILE, &part, err);
}

static int is_missing(const char *path)
{
        struct stat st;

        return lstat(path, &st) < 0 && errno == ENOENT;
}

/* A file that may be missing. */
static int add_file(pic__content *c, const char *dir, const char *name, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, name);
        struct pic__part part = { .from = c->files.len, .data = PIC__BUF_INIT };
        int r;

        if (path == NULL)
                return pic__nomem(err);
        if (is_missing(path))
                return 0;
        r = pic__aside_add(&c->files, dir, path, LARGE, &part.size, err);
        part.fd = c->files.fd;
        return r == 0 ? add(c, name, &part, err) : r;
}

static int add_key(pic__content *c, const char *dir, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, PIC__KEYFILE);
        struct pic__part part = { .fd = -1, .data = PIC__BUF_SECRET };
        int r;

        if (path == NULL)
                return pic__nomem(err);
        if (is_missing(path))
                return pic__fail(err, PIC_NOTFOUND, "%s has no key: without it nothing opens what is sealed", dir);
        r = pic__file_read(path, SMALL, &part.data, err);
        part.size = part.data.len;
        if (r == 0)
                r = add(c, PIC__KEYFILE, &part, err);
        if (r < 0)
                pic__buf_wipe(&part.data);
        return r;
}

static int digest_into(pic__digesting *d, const struct pic__part *part, pic_error **err)
{
        pic__auto_free uint8_t *room = pic__alloc(PIC__PART_ROOM);
        pic__part_reader reader = { .part = part, .room = room };
        const void *data = NULL;
        size_t len = 0;
        int r = room != NULL ? 0 : pic__nomem(err);

        while (r == 0 && (r = pic__part_read(&reader, &data, &len, err)) > 0)
                r = pic__digesting_put(d, data, len, err);
        return r;
}

/* Of one member; beside it others are done. */
static int digest(void *content, size_t i, pic_error **err)
{
        pic__content *c = content;
        pic__digesting *d = NULL;
        int r = pic__digesting_new(&d, err);

        if (r == 0)
                r = digest_into(d, &c->parts[i], err);
        if (r == 0)
                r = pic__digesting_end(d, c->manifest.members[i].sha256, err);
        pic__digesting_free(d);
        return r;
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

static int take_store(const char *dir, const pic__clock *clock, pic__content *c, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        int r = pic__store_open(dir, BUSY_MS, clock, &st, err);

        if (r == 0)
                r = pic__store_read_begin(st, err);
        if (r < 0)
                return r;
        r = identify(st, &c->manifest, err);
        if (r == 0)
                r = snapshot(dir, st, &c->store, err);
        pic__store_read_end(st);
        return r;
}

static int take(const char *dir, const pic__clock *clock, pic__content *c, pic_error **err)
{
        int r;

        pic__aside_clean(dir);
        r = take_store(dir, clock, c, err);
        if (r == 0)
                r = add_file(c, dir, PIC__ACME_STATE, err);
        if (r == 0)
                r = add_store(c, err);
        if (r == 0)
                r = add_file(c, dir, PIC__DOMAINS_FILE, err);
        if (r == 0)
                r = add_exits(c, dir, err);
        if (r == 0)
                r = add_key(c, dir, err);
        return r == 0 ? add_file(c, dir, PLACES, err) : r;
}

static unsigned threads(void)
{
        long processors = sysconf(_SC_NPROCESSORS_ONLN);

        return processors > THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}

int pic__content_take(const char *dir, const pic__clock *clock, pic__content *ret, pic_error **err)
{
        int r;

        *ret = (pic__content){ .taken = 1, .store = -1, .files = { .fd = -1 } };
        ret->manifest.created = clock->now(clock->data) / PIC__SECOND * PIC__SECOND;
        r = take(dir, clock, ret, err);
        if (r == 0)
                r = pic__crew_run(ret->manifest.count, threads(), digest, ret, err);
        if (r < 0)
                pic__content_clear(ret);
        return r;
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
        pic__pack_opts own = *how;
        pic__pack *p = NULL;
        int r;

        own.threads = (int)threads();
        own.still = 1;
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

        if (!c->taken)
                return;
        for (i = 0; i < c->manifest.count && c->parts != NULL; i++)
                pic__buf_wipe(&c->parts[i].data);
        pic__free(c->parts);
        pic__manifest_clear(&c->manifest);
        if (c->store >= 0)
                (void)close(c->store);
        if (c->files.fd >= 0)
                (void)close(c->files.fd);
        *c = (pic__content){ .taken = 0 };
}
