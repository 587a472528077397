/* Owns: making a cell. Everything is checked before anything is made; what was made is taken away when a later part
 * fails. Who was killed meanwhile leaves a key, or a key and an empty store: they are gone on with. Two who make a cell
 * in one directory take turns, by a lock on the key's file. */
#include "engine/newcell.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "change/ca.h"
#include "change/newkeys.h"
#include "engine/keyfile.h"
#include "engine/lockfile.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define BUSY_MS 5000u

struct made {
        const char *dir;
        int have_dir;
        int have_key;
        int have_store;
        int lock;
};

static void drop_file(const char *dir, const char *name)
{
        pic__auto_free char *path = pic__path_join(dir, name);

        if (path != NULL)
                (void)unlink(path);
}

static void take_away(struct made *m)
{
        if (m->have_store) {
                drop_file(m->dir, PIC__STORE_FILE);
                drop_file(m->dir, PIC__STORE_FILE "-wal");
                drop_file(m->dir, PIC__STORE_FILE "-shm");
        }
        if (m->have_key)
                drop_file(m->dir, PIC__KEYFILE);
        if (m->have_dir)
                (void)rmdir(m->dir);
}

static int set_fields(pic_obj *cell, const char *const *fields, pic_error **err)
{
        pic__auto_err pic_error *list = NULL;
        size_t i;
        int code;

        for (i = 0; fields != NULL && fields[i] != NULL; i += 2) {
                pic_error *bad = NULL;

                if (pic__obj_set(cell, fields[i], fields[i + 1], 0, &bad) < 0)
                        pic__err_append(&list, bad);
        }
        if (list == NULL && !pic__obj_has(cell, "name"))
                pic__fail_value(&list, "cell", "name", NULL, "is required");
        code = pic_error_code(list);
        if (err != NULL && list != NULL)
                *err = pic__take(list);
        return code;
}

/* The cell as it will be, but for its keys. */
static int wish(const pic__newcell_opts *opts, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r;

        r = pic__obj_new(PIC__CELL, &cell, err);
        if (r == 0)
                r = set_fields(cell, opts->fields, err);
        if (r == 0 && !opts->fake)
                r = pic__newcell_check_host(cell, err);
        if (r == 0)
                r = pic__newcell_networks(cell, opts->fake, err);
        if (r == 0)
                r = pic__obj_check(cell, err);
        if (r < 0)
                return r;
        *ret = pic__take(cell);
        return 0;
}

static int write_cell(const pic__newcell_opts *opts, pic__store *st, const uint8_t seal_key[32], pic_obj *cell,
                      pic_error **err)
{
        const pic__clock *clock = opts->clock != NULL ? opts->clock : &pic__clock_real;
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r;

        r = pic__txn_begin(st, opts->actor, opts->way, &t, err);
        if (r == 0)
                r = pic__txn_new_id(t, PIC__CELL, &cell->id, err);
        if (r == 0)
                r = pic__newkeys_pair(cell, seal_key, err);
        if (r == 0)
                r = pic__newkeys_identity(cell, seal_key, err);
        if (r == 0)
                r = pic__ca_make(cell, seal_key, clock->now(clock->data), err);
        if (r == 0)
                r = pic__txn_put(t, cell, NULL, NULL, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

static int fail_exists(const char *dir, pic_error **err)
{
        (void)pic__fail(err, PIC_EXISTS, "there is a cell in %s already", dir);
        pic__hint(err, "Change it: pic cell set. To begin anew, choose another directory with --dir.");
        return PIC_EXISTS;
}

/* 1: there is a store without a cell, which is then *ret; 0: there is none; PIC_EXISTS. */
static int find_store(const pic__newcell_opts *opts, pic__store **ret, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(opts->dir, PIC__STORE_FILE);
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;

        if (path == NULL)
                return pic__nomem(err);
        if (!pic__file_exists(path))
                return 0;
        if (pic__store_open(opts->dir, BUSY_MS, opts->clock, &st, NULL) < 0 ||
            pic__store_get(st, PIC__CELL, NULL, &cell, NULL) != PIC_NOTFOUND)
                return fail_exists(opts->dir, err);
        *ret = pic__take(st);
        return 1;
}

static int make_dir(const pic__newcell_opts *opts, struct made *m, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        int r = find_store(opts, &st, err);

        if (r < 0)
                return r;
        m->have_dir = !pic__file_exists(m->dir);
        return pic__dir_make(m->dir, 0700, err);
}

static int public_of(const char *dir, uint8_t public_key[32], pic_error **err)
{
        uint8_t secret[32];
        int r = pic__keyfile_read(dir, secret, err);

        if (r == 0)
                pic__wg_public(secret, public_key);
        pic__wipe(secret, sizeof(secret));
        return r;
}

/* Locks the key's file. 1: it is locked; 0: it is not there any more. */
static int hold_key(struct made *m, pic_error **err)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        pic__auto_free char *path = pic__path_join(m->dir, PIC__KEYFILE);
        int r = 0;

        if (path == NULL)
                return pic__nomem(err);
        m->lock = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (m->lock < 0)
                return errno == ENOENT ? 0 : pic__fail_errno(err, errno, "cannot open %s", path);
        while ((r = fcntl(m->lock, F_OFD_SETLKW, &whole)) < 0 && errno == EINTR)
                continue;
        if (r < 0)
                return pic__fail_errno(err, errno, "cannot lock %s", path);
        if (pic__lock_holds(m->dir, PIC__KEYFILE, m->lock))
                return 1;
        (void)close(m->lock);
        m->lock = -1;
        return 0;
}

/* A new key, or the one that is there: it is never replaced. */
static int take_key(struct made *m, uint8_t public_key[32], pic_error **err)
{
        int r = 0;

        while (r == 0) {
                pic__auto_err pic_error *bad = NULL;

                r = pic__keyfile_create(m->dir, public_key, &bad);
                m->have_key = r == 0;
                if (r < 0 && r != PIC_EXISTS) {
                        pic__err_append(err, pic__take(bad));
                        return r;
                }
                r = hold_key(m, err);
        }
        if (r > 0 && !m->have_key)
                r = public_of(m->dir, public_key, err);
        return r < 0 ? r : 0;
}

/* An empty store whose secrets would be sealed to another key is somebody's loss, not ours to go on with. */
static int take_store(const pic__newcell_opts *opts, struct made *m, const uint8_t seal_key[32], pic__store **ret,
                      pic_error **err)
{
        uint8_t theirs[32];
        int r = find_store(opts, ret, err);

        if (r == PIC_EXISTS)
                m->have_key = 0; /* it is that cell's */
        if (r > 0)
                r = pic__store_seal_key(*ret, theirs, err) < 0 || !pic__same(theirs, seal_key, sizeof(theirs))
                            ? fail_exists(opts->dir, err)
                            : 1;
        if (r != 0)
                return r;
        r = pic__store_create(opts->dir, seal_key, opts->clock, ret, err);
        m->have_store = r != PIC_EXISTS; /* it may be there although opening it failed; with our key, it is ours */
        return r;
}

static int make_all(const pic__newcell_opts *opts, struct made *m, pic_obj *cell, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        uint8_t seal_key[32];
        int r;

        r = make_dir(opts, m, err);
        if (r == 0)
                r = take_key(m, seal_key, err);
        if (r == 0)
                r = take_store(opts, m, seal_key, &st, err);
        if (r >= 0)
                r = write_cell(opts, st, seal_key, cell, err);
        return r < 0 ? r : pic__store_get(st, PIC__CELL, NULL, ret, err);
}

int pic__newcell_make(const pic__newcell_opts *opts, pic_obj **ret_cell, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        struct made m = { opts->dir, 0, 0, 0, -1 };
        int r;

        r = wish(opts, &cell, err);
        if (r == 0)
                r = make_all(opts, &m, cell, ret_cell, err);
        if (r < 0)
                take_away(&m);
        if (m.lock >= 0)
                (void)close(m.lock);
        return r;
}
