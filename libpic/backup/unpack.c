/* Owns: judging a tar of strangers. libarchive takes it apart; that an entry is the next one of the manifest, a plain
 * file of that size and digest, is all that is asked here, and nothing else is ever let through: no other name, no
 * link, no device, nothing twice. */
#include "backup/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "sys/digest.h"

enum { REST = 1 << 20 /* zeros that may follow the last member */ };

struct pic__unpack {
        pic__flow *flow;
        struct archive *tar;
        pic__digesting *digest;
        pic__manifest manifest;
        size_t next;               /* member */
        const pic__member *member; /* that is being read; NULL: none */
        uint64_t got;
        int ended; /* or failed */
        pic_error *why;
};

static int bad(pic__unpack *u, pic_error **err, const char *what, const char *name)
{
        int r = name != NULL ? pic__fail(err, PIC_CORRUPT, "the backup is wrong: %s: '%s'", what, name)
                             : pic__fail(err, PIC_CORRUPT, "the backup is wrong: %s", what);

        u->ended = 1;
        pic__detail(err, "part", "tar");
        return r;
}

static la_ssize_t read_tar(struct archive *a, void *arg, const void **ret)
{
        pic__unpack *u = arg;
        size_t len = 0;
        int r = pic__flow_next(u->flow, ret, &len, &u->why);

        if (r >= 0)
                return r > 0 ? (la_ssize_t)len : 0;
        archive_set_error(a, EIO, "see the error");
        return -1;
}

/* Of libarchive: ours, or its own. */
static int failed(pic__unpack *u, pic_error **err)
{
        int code = pic_error_code(u->why);

        if (u->why == NULL)
                return bad(u, err, "its tar is damaged", NULL);
        u->ended = 1;
        if (err != NULL)
                *err = pic__take(u->why);
        return code;
}

/* 1 with an entry, 0 at the end. */
static int entry(pic__unpack *u, struct archive_entry **ret, pic_error **err)
{
        int r = archive_read_next_header(u->tar, ret);

        if (r == ARCHIVE_EOF && u->why == NULL)
                return 0;
        return r == ARCHIVE_OK ? 1 : failed(u, err);
}

static const char *what_kind(struct archive_entry *e)
{
        if (archive_entry_hardlink(e) != NULL || archive_entry_symlink(e) != NULL ||
            archive_entry_filetype(e) == AE_IFLNK)
                return "a link";
        if (archive_entry_filetype(e) == AE_IFDIR)
                return "a directory";
        return archive_entry_filetype(e) != AE_IFREG ? "a device" : NULL;
}

static int check_entry(pic__unpack *u, struct archive_entry *e, const char *name, uint64_t size, pic_error **err)
{
        const char *is = archive_entry_pathname(e), *kind = what_kind(e);

        if (is == NULL)
                return bad(u, err, "a member without a name", NULL);
        if (kind != NULL)
                return bad(u, err, kind, is);
        if (strcmp(is, name) != 0)
                return bad(u, err, "a member that is not the next one of its manifest", is);
        if (!archive_entry_size_is_set(e) || archive_entry_size(e) != (la_int64_t)size ||
            archive_entry_sparse_count(e) > 0)
                return bad(u, err, "a member of another size than its manifest says", is);
        return 0;
}

static int read_manifest(pic__unpack *u, uint64_t max_bytes, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        struct archive_entry *e = NULL;
        la_int64_t size;
        char *room;
        int r = entry(u, &e, err);

        if (r <= 0)
                return r < 0 ? r : bad(u, err, "it is empty", NULL);
        size = archive_entry_size(e);
        if (size < 0 || size > PIC__BACKUP_MANIFEST)
                return bad(u, err, "it does not begin with a manifest", NULL);
        r = check_entry(u, e, PIC__MANIFEST, (uint64_t)size, err);
        if (r < 0)
                return r;
        room = pic__buf_room(&text, (size_t)size);
        if (room == NULL)
                return pic__nomem(err);
        if (archive_read_data(u->tar, room, (size_t)size) != size)
                return failed(u, err);
        r = pic__manifest_get(room, (size_t)size, &u->manifest, err);
        if (r < 0)
                return r;
        if (max_bytes > 0 && u->manifest.total > max_bytes)
                return bad(u, err, "it holds more than is wanted", NULL);
        return 0;
}

static int start(pic__unpack *u, uint64_t max_bytes, pic_error **err)
{
        int r = pic__digesting_new(&u->digest, err);

        if (r < 0)
                return r;
        u->tar = archive_read_new();
        if (u->tar == NULL || archive_read_support_format_tar(u->tar) != ARCHIVE_OK)
                return pic__nomem(err);
        if (archive_read_open(u->tar, u, NULL, read_tar, NULL) != ARCHIVE_OK)
                return failed(u, err);
        return read_manifest(u, max_bytes, err);
}

int pic__unpack_new(const pic__age_keys *keys, unsigned max_work, uint64_t max_bytes, pic__flow_source source,
                    void *arg, pic__unpack **ret, pic_error **err)
{
        pic__unpack *u = pic__alloc(sizeof(*u));
        int r;

        if (u == NULL)
                return pic__nomem(err);
        r = pic__flow_new(keys, max_work, source, arg, &u->flow, err);
        if (r == 0)
                r = start(u, max_bytes, err);
        if (r < 0)
                pic__unpack_free(u);
        else
                *ret = u;
        return r;
}

const pic__manifest *pic__unpack_manifest(const pic__unpack *u)
{
        return &u->manifest;
}

int pic__unpack_encrypted(const pic__unpack *u)
{
        return pic__flow_encrypted(u->flow);
}

static int end_member(pic__unpack *u, pic_error **err)
{
        uint8_t sha256[32];
        int r = pic__digesting_end(u->digest, sha256, err);

        if (r < 0)
                return r;
        if (u->got != u->member->size || memcmp(sha256, u->member->sha256, 32) != 0)
                return bad(u, err, "a member is not what its manifest says", u->member->name);
        u->member = NULL;
        return 0;
}

int pic__unpack_read(pic__unpack *u, const void **ret_data, size_t *ret_len, pic_error **err)
{
        la_int64_t offset = 0;
        int r;

        if (u->ended)
                return pic__fail(err, PIC_BADSTATE, "this backup has ended");
        if (u->member == NULL)
                return 0;
        r = archive_read_data_block(u->tar, ret_data, ret_len, &offset);
        if (r == ARCHIVE_EOF && u->why == NULL)
                return end_member(u, err);
        if (r != ARCHIVE_OK)
                return failed(u, err);
        if ((uint64_t)offset != u->got || *ret_len > u->member->size - u->got)
                return bad(u, err, "a member with holes, or too long", u->member->name);
        u->got += *ret_len;
        r = pic__digesting_put(u->digest, *ret_data, *ret_len, err);
        return r < 0 ? r : 1;
}

/* The rest of the tar: zeros, and not many. Only then it is known that nothing was cut off or put behind. */
static int finish(pic__unpack *u, pic_error **err)
{
        size_t all = 0, len = 0, i;
        const void *data;
        int r;

        if (u->next < u->manifest.count)
                return bad(u, err, "a member is missing", u->manifest.members[u->next].name);
        while ((r = pic__flow_next(u->flow, &data, &len, err)) > 0) {
                all += len;
                for (i = 0; i < len; i++)
                        if (((const char *)data)[i] != 0)
                                return bad(u, err, "something follows its last member", NULL);
                if (all > REST)
                        return bad(u, err, "too much follows its last member", NULL);
        }
        u->ended = 1;
        return r;
}

int pic__unpack_next(pic__unpack *u, const pic__member **ret, pic_error **err)
{
        struct archive_entry *e = NULL;
        const void *data;
        size_t len;
        int r;

        while ((r = pic__unpack_read(u, &data, &len, err)) > 0)
                continue;
        if (r == 0)
                r = entry(u, &e, err);
        if (r <= 0)
                return r < 0 ? r : finish(u, err);
        if (u->next >= u->manifest.count)
                return bad(u, err, "a member that its manifest does not name", archive_entry_pathname(e));
        r = check_entry(u, e, u->manifest.members[u->next].name, u->manifest.members[u->next].size, err);
        if (r == 0)
                r = pic__digesting_start(u->digest, err);
        if (r < 0)
                return r;
        u->member = &u->manifest.members[u->next++];
        u->got = 0;
        *ret = u->member;
        return 1;
}

void pic__unpack_free(pic__unpack *u)
{
        if (u == NULL)
                return;
        archive_read_free(u->tar);
        pic__flow_free(u->flow);
        pic__digesting_free(u->digest);
        pic__manifest_clear(&u->manifest);
        pic_error_free(u->why);
        pic__free(u);
}
