/* Shows: a new cell is whole: directory, key, store, sealed private key; when a part fails, nothing is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/keyfile.h"
#include "engine/newcell.h"
#include "sys/crypto.h"

static char dir[64];
static const char *const named[] = { "name", "home", NULL };

static int rm_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

static int setup(void **state)
{
        (void)state;
        strcpy(dir, "/tmp/pic-newcell-XXXXXX");
        return mkdtemp(dir) != NULL && rmdir(dir) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        (void)nftw(dir, rm_one, 8, FTW_DEPTH | FTW_PHYS);
        return 0;
}

static pic__newcell_opts opts(void)
{
        return (pic__newcell_opts){ dir, 1, "root", "cli", &pic__clock_real, named };
}

static void whole(void **state)
{
        const pic__newcell_opts o = opts();
        uint8_t key[32], plain[32];
        pic__store *st = NULL;
        pic_obj *cell = NULL;
        size_t len = 0;

        (void)state;
        assert_int_equal(pic__newcell_make(&o, &cell, NULL), 0);
        assert_int_equal(pic__keyfile_read(dir, key, NULL), 0);
        assert_int_equal(pic__store_open(dir, 1000, &pic__clock_real, &st, NULL), 0);
        pic__obj_unref(cell);
        assert_int_equal(pic__store_get(st, PIC__CELL, NULL, &cell, NULL), 0);
        {
                char context[64];

                snprintf(context, sizeof(context), "cell/%lld/private_key", (long long)cell->id);
                assert_int_equal(pic__unseal(key, context, pic__obj_text(cell, "private_key"), plain, 32, &len, NULL),
                                 0);
        }
        pic__obj_unref(cell);
        pic__store_unref(st);
}

/* A key that is there is used, and stays as it is: it may be what is left of one who was killed here, or all that is
 * left of a cell. */
static void key_is_there(void **state)
{
        const pic__newcell_opts o = opts();
        uint8_t public_key[32], seal_key[32];
        pic__store *st = NULL;
        pic_obj *cell = NULL;

        (void)state;
        assert_int_equal(mkdir(dir, 0700), 0);
        assert_int_equal(pic__keyfile_create(dir, public_key, NULL), 0);
        assert_int_equal(pic__newcell_make(&o, &cell, NULL), 0);
        pic__obj_unref(cell);
        assert_int_equal(pic__store_open(dir, 1000, &pic__clock_real, &st, NULL), 0);
        assert_int_equal(pic__store_seal_key(st, seal_key, NULL), 0);
        assert_memory_equal(seal_key, public_key, sizeof(seal_key));
        pic__store_unref(st);
}

/* An empty store too; but one that is sealed to another key is not ours, and neither key nor store go. */
static void store_is_there(void **state)
{
        static const uint8_t other[32] = { 9 };
        const pic__newcell_opts o = opts();
        uint8_t public_key[32];
        pic__store *st = NULL;
        pic_obj *cell = NULL;
        char path[96];

        (void)state;
        assert_int_equal(mkdir(dir, 0700), 0);
        assert_int_equal(pic__keyfile_create(dir, public_key, NULL), 0);
        assert_int_equal(pic__store_create(dir, public_key, &pic__clock_real, &st, NULL), 0);
        pic__store_unref(st);
        assert_int_equal(pic__newcell_make(&o, &cell, NULL), 0);
        cell = pic__obj_unref(cell);
        assert_int_equal(pic__newcell_make(&o, &cell, NULL), PIC_EXISTS);
        (void)nftw(dir, rm_one, 8, FTW_DEPTH | FTW_PHYS);
        assert_int_equal(mkdir(dir, 0700), 0);
        assert_int_equal(pic__keyfile_create(dir, public_key, NULL), 0);
        assert_int_equal(pic__store_create(dir, other, &pic__clock_real, &st, NULL), 0);
        pic__store_unref(st);
        assert_int_equal(pic__newcell_make(&o, &cell, NULL), PIC_EXISTS);
        snprintf(path, sizeof(path), "%s/key", dir);
        assert_int_equal(access(path, F_OK), 0);
        snprintf(path, sizeof(path), "%s/cell.db", dir);
        assert_int_equal(access(path, F_OK), 0);
}

static void no_directory(void **state)
{
        pic__newcell_opts o = opts();
        pic_error *err = NULL;
        pic_obj *cell = NULL;
        int fd = open(dir, O_CREAT | O_WRONLY, 0600); /* a file in its place */

        (void)state;
        close(fd);
        assert_true(pic__newcell_make(&o, &cell, &err) < 0);
        assert_non_null(err);
        pic_error_free(err);
        assert_int_equal(access(dir, F_OK), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(whole, setup, teardown),
                cmocka_unit_test_setup_teardown(key_is_there, setup, teardown),
                cmocka_unit_test_setup_teardown(store_is_there, setup, teardown),
                cmocka_unit_test_setup_teardown(no_directory, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
