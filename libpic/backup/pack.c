/* Owns: the way out: libarchive's tar, pulled by us member by member, pushed through zstd and age. The same members and
 * the same time are the same tar: nothing of the machine is in it. */
#include "backup/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <zstd.h>

#include "age/seal.h"
#include "base/time.h"
#include "sys/crypto.h"
#include "sys/digest.h"
#include "sys/mill.h"

enum { LEVEL = 3, JOB = 2 << 20, OUT = 128 << 10 };

struct pic__pack {
        const pic__manifest *manifest;
        size_t next; /* member */
        pic__age_sink sink;
        void *arg;
        pic__age_sealer *age; /* NULL: not encrypted */
        pic__mill *mill;      /* where that is done; NULL: here */
        pic__mill *inside;    /* the same, as its own thread knows it */
        ZSTD_CCtx *zstd;      /* NULL: not compressed */
        struct archive *tar;
        struct archive_entry *entry;
        pic__digesting *digest;
        int still;
        pic_error *why; /* what a callback of libarchive could not hand back */
        int ended;      /* or failed */
        uint8_t out[OUT];
};

/* What age makes: the header comes before there is a mill. */
static int sealed(const void *data, size_t len, void *arg, pic_error **err)
{
        pic__pack *p = arg;

        return p->inside != NULL ? pic__mill_give(p->inside, data, len, err) : p->sink(data, len, p->arg, err);
}

static int seal(pic__mill *m, void *arg, pic_error **err)
{
        pic__pack *p = arg;
        const void *data = NULL;
        size_t len = 0;
        int r;

        p->inside = m;
        while ((r = pic__mill_take(m, &data, &len, err)) > 0) {
                r = pic__age_seal_put(p->age, data, len, err);
                if (r < 0)
                        return r;
        }
        return r == 0 ? pic__age_seal_end(p->age, err) : r;
}

static int out(pic__pack *p, const void *data, size_t len, pic_error **err)
{
        if (len == 0)
                return 0;
        if (p->mill != NULL)
                return pic__mill_put(p->mill, data, len, p->sink, p->arg, err);
        return p->age != NULL ? pic__age_seal_put(p->age, data, len, err) : p->sink(data, len, p->arg, err);
}

static int compress(pic__pack *p, const void *data, size_t len, ZSTD_EndDirective how, pic_error **err)
{
        ZSTD_inBuffer in = { data, len, 0 };
        size_t left;
        int r;

        if (p->zstd == NULL)
                return out(p, data, len, err);
        do {
                ZSTD_outBuffer to = { p->out, sizeof(p->out), 0 };

                left = ZSTD_compressStream2(p->zstd, &to, &in, how);
                if (ZSTD_isError(left))
                        return pic__fail(err, PIC_BACKEND, "zstd: %s", ZSTD_getErrorName(left));
                r = out(p, p->out, to.pos, err);
                if (r < 0)
                        return r;
        } while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
        return 0;
}

static la_ssize_t write_tar(struct archive *a, void *arg, const void *data, size_t len)
{
        pic__pack *p = arg;

        (void)a;
        if (p->ended || compress(p, data, len, ZSTD_e_continue, &p->why) < 0) {
                p->ended = 1;
                return -1;
        }
        return (la_ssize_t)len;
}

/* What libarchive failed with: ours, or its own. */
static int failed(pic__pack *p, pic_error **err)
{
        int code = pic_error_code(p->why);

        p->ended = 1;
        if (p->why == NULL)
                return pic__fail(err, PIC_BACKEND, "libarchive: %s", archive_error_string(p->tar));
        if (err != NULL)
                *err = pic__take(p->why);
        return code;
}

/* libarchive's results are its own. */
static int done(pic__pack *p, int result, pic_error **err)
{
        return result == ARCHIVE_OK ? 0 : failed(p, err);
}

static int header(pic__pack *p, const char *name, uint64_t size, pic_error **err)
{
        struct archive_entry *e = archive_entry_clear(p->entry);

        archive_entry_set_pathname(e, name);
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0600);
        archive_entry_set_size(e, (la_int64_t)size);
        archive_entry_set_mtime(e, p->zstd == NULL ? 0 : (time_t)(p->manifest->created / PIC__SECOND), 0);
        archive_entry_set_uid(e, 0);
        archive_entry_set_gid(e, 0);
        return done(p, archive_write_header(p->tar, e), err);
}

static int data(pic__pack *p, const void *bytes, size_t len, pic_error **err)
{
        if (len > 0 && archive_write_data(p->tar, bytes, len) != (la_ssize_t)len)
                return failed(p, err);
        return 0;
}

static int put_manifest(pic__pack *p, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        pic__manifest_put(p->manifest, &text);
        if (text.failed)
                return pic__nomem(err);
        if (text.len > PIC__BACKUP_MANIFEST)
                return pic__fail(err, PIC_VALUE, "there is too much in it for one backup");
        r = header(p, PIC__MANIFEST, text.len, err);
        return r == 0 ? data(p, text.data, text.len, err) : r;
}

static int start_zstd(pic__pack *p, int threads, pic_error **err)
{
        p->zstd = ZSTD_createCCtx();
        if (p->zstd == NULL)
                return pic__nomem(err);
        (void)ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, LEVEL);
        (void)ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1);
        if (threads > 0) { /* a library that cannot goes without */
                (void)ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_nbWorkers, threads);
                (void)ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_jobSize, JOB);
        }
        return 0;
}

static int start(pic__pack *p, const pic__pack_opts *o, pic_error **err)
{
        int r = pic__digesting_new(&p->digest, err);

        p->still = o->still;
        if (r == 0 && o->keys != NULL)
                r = pic__age_seal_new(o->keys, o->log_n, o->armor, sealed, p, &p->age, err);
        if (r == 0 && o->keys != NULL && o->threads > 0)
                r = pic__mill_new(seal, p, &p->mill, err);
        if (r < 0)
                return r;
        if (!o->bare)
                r = start_zstd(p, o->threads, err);
        if (r < 0)
                return r;
        p->tar = archive_write_new();
        p->entry = archive_entry_new();
        if (p->tar == NULL || p->entry == NULL)
                return pic__nomem(err);
        r = done(p, archive_write_set_format_pax_restricted(p->tar), err);
        if (r == 0)
                r = done(p, archive_write_set_bytes_per_block(p->tar, 0), err);
        if (r == 0)
                r = done(p, archive_write_open(p->tar, p, NULL, write_tar, NULL), err);
        return r == 0 ? put_manifest(p, err) : r;
}

int pic__pack_new(const pic__pack_opts *o, const pic__manifest *m, pic__age_sink sink, void *arg, pic__pack **ret,
                  pic_error **err)
{
        pic__pack *p = pic__alloc(sizeof(*p));
        int r;

        if (p == NULL)
                return pic__nomem(err);
        p->manifest = m;
        p->sink = sink;
        p->arg = arg;
        r = start(p, o, err);
        if (r < 0)
                pic__pack_free(p);
        else
                *ret = p;
        return r;
}

static int changed(pic__pack *p, const char *name, pic_error **err)
{
        p->ended = 1;
        return pic__fail(err, PIC_STALE, "%s was changed while it was backed up", name);
}

static int put(pic__pack *p, const pic__member *m, pic__pack_source source, void *arg, pic_error **err)
{
        uint8_t sha256[32];
        uint64_t got = 0;
        const void *bytes;
        size_t len;
        int r = header(p, m->name, m->size, err);

        if (r == 0)
                r = pic__digesting_start(p->digest, err);
        while (r == 0 && (r = source(arg, &bytes, &len, err)) > 0) {
                got += len;
                if (got > m->size)
                        return changed(p, m->name, err);
                if (!p->still)
                        r = pic__digesting_put(p->digest, bytes, len, err);
                if (r >= 0)
                        r = data(p, bytes, len, err);
        }
        if (r == 0 && !p->still)
                r = pic__digesting_end(p->digest, sha256, err);
        if (r == 0 && (got != m->size || (!p->still && memcmp(sha256, m->sha256, 32) != 0)))
                return changed(p, m->name, err);
        return r;
}

int pic__pack_put(pic__pack *p, pic__pack_source source, void *arg, pic_error **err)
{
        int r;

        if (p->ended || p->next >= p->manifest->count)
                return pic__fail(err, PIC_BADSTATE, "this backup takes no more members");
        r = put(p, &p->manifest->members[p->next++], source, arg, err);
        p->ended |= r < 0;
        return r;
}

int pic__pack_end(pic__pack *p, pic_error **err)
{
        int r;

        if (p->ended || p->next < p->manifest->count)
                return pic__fail(err, PIC_BADSTATE, "members of this backup are missing");
        r = done(p, archive_write_close(p->tar), err);
        p->ended = 1;
        if (r == 0)
                r = compress(p, NULL, 0, ZSTD_e_end, err);
        if (r < 0 || p->age == NULL)
                return r;
        return p->mill != NULL ? pic__mill_end(p->mill, p->sink, p->arg, err) : pic__age_seal_end(p->age, err);
}

void pic__pack_free(pic__pack *p)
{
        if (p == NULL)
                return;
        p->ended = 1; /* libarchive would write an end */
        pic__mill_free(p->mill);
        archive_write_free(p->tar);
        archive_entry_free(p->entry);
        ZSTD_freeCCtx(p->zstd);
        pic__age_seal_free(p->age);
        pic__digesting_free(p->digest);
        pic_error_free(p->why);
        pic__wipe(p->out, sizeof(p->out));
        pic__free(p);
}
