/* Owns: making a cell. Everything is checked before anything is made; what was made is taken away when a later part
 * fails. */
#include "engine/newcell.h"

#include <unistd.h>

#include "change/newkeys.h"
#include "engine/keyfile.h"
#include "sys/crypto.h"
#include "sys/file.h"

struct made {
        const char *dir;
        int have_dir;
        int have_key;
        int have_store;
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
                r = pic__txn_put(t, cell, NULL, NULL, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

static int fail_exists(const char *dir, pic_error **err)
{
        (void)pic__fail(err, PIC_EXISTS, "there is a cell in %s already", dir);
        pic__hint(err, "Change it: pic cell set. To begin anew, choose another directory with --dir.");
        return PIC_EXISTS;
}

static int make_dir(struct made *m, pic_error **err)
{
        pic__auto_free char *store = pic__path_join(m->dir, PIC__STORE_FILE);
        int was;

        if (store == NULL)
                return pic__nomem(err);
        if (pic__file_exists(store))
                return fail_exists(m->dir, err);
        was = pic__file_exists(m->dir);
        m->have_dir = !was;
        return pic__dir_make(m->dir, 0700, err);
}

static int make_all(const pic__newcell_opts *opts, struct made *m, pic_obj *cell, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        uint8_t seal_key[32];
        int r;

        r = make_dir(m, err);
        if (r == 0)
                r = pic__keyfile_create(opts->dir, seal_key, err);
        if (r < 0)
                return r;
        m->have_key = 1;
        r = pic__store_create(opts->dir, seal_key, opts->clock, &st, err);
        m->have_store =
                r !=
                PIC_EXISTS; /* it may be there although opening it failed then; with our key beside it, it is ours */
        if (r < 0)
                return r == PIC_EXISTS ? fail_exists(opts->dir, err) : r;
        r = write_cell(opts, st, seal_key, cell, err);
        return r < 0 ? r : pic__store_get(st, PIC__CELL, NULL, ret, err);
}

int pic__newcell_make(const pic__newcell_opts *opts, pic_obj **ret_cell, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        struct made m = { opts->dir, 0, 0, 0 };
        int r;

        r = wish(opts, &cell, err);
        if (r == 0)
                r = make_all(opts, &m, cell, ret_cell, err);
        if (r < 0)
                take_away(&m);
        return r;
}
