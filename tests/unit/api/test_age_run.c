/* Shows: files go through descriptors and come whole or not at all; who cancels leaves nothing; a full disk is told. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../api/world.h"

enum { SIZE = 1000003 };
static char dir[64], plain[96], sealed[96], back[96];
static pic_age_keys *keys;

static int setup(void **state)
{
        char *data = calloc(1, SIZE);
        int fd, i;

        (void)state;
        snprintf(dir, sizeof(dir), "/tmp/pic-age-XXXXXX");
        if (data == NULL || mkdtemp(dir) == NULL || pic_age_keys_new(&keys, NULL) < 0)
                return -1;
        snprintf(plain, sizeof(plain), "%s/plain", dir);
        snprintf(sealed, sizeof(sealed), "%s/sealed", dir);
        snprintf(back, sizeof(back), "%s/back", dir);
        for (i = 0; i < SIZE; i++)
                data[i] = (char)(i * 7 >> 5);
        fd = open(plain, O_WRONLY | O_CREAT, 0600);
        i = write(fd, data, SIZE) == SIZE ? 0 : -1;
        close(fd);
        free(data);
        return i < 0 || pic_age_keys_passphrase(keys, "correct staple of May", NULL) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
        (void)state;
        pic_age_keys_unref(keys);
        unlink(plain);
        unlink(sealed);
        unlink(back);
        return rmdir(dir);
}

static int convey(int encrypts, const char *from, const char *to, uint32_t flags, const pic_cancel *cancel)
{
        pic_age_opts o = PIC_AGE_OPTS_INIT;
        int fd = open(from, O_RDONLY), r;

        o.flags = flags;
        o.work_factor = 4;
        o.output = to;
        o.cancel = cancel;
        r = encrypts ? pic_age_encrypt(keys, fd, -1, &o, NULL) : pic_age_decrypt(keys, fd, -1, &o, NULL);
        close(fd);
        return r;
}

static void same(const char *a, const char *b)
{
        char command[256];

        snprintf(command, sizeof(command), "cmp -s %s %s", a, b);
        assert_int_equal(system(command), 0);
}

static void both_ways(void **state)
{
        struct stat st;

        (void)state;
        assert_int_equal(convey(1, plain, sealed, 0, NULL), 0);
        assert_int_equal(stat(sealed, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(convey(0, sealed, back, 0, NULL), 0);
        same(plain, back);
        assert_int_equal(convey(1, plain, sealed, PIC_AGE_ARMOR, NULL), 0);
        assert_int_equal(convey(0, sealed, back, 0, NULL), 0);
        same(plain, back);
}

/* What is cut off at a chunk's edge: to a descriptor the beginning, to a file nothing. */
static void cut_off(void **state)
{
        int in, out;
        struct stat st;

        (void)state;
        assert_int_equal(convey(1, plain, sealed, 0, NULL), 0);
        assert_int_equal(stat(sealed, &st), 0);
        assert_int_equal(truncate(sealed, st.st_size - SIZE % 65536 - 16), 0);
        assert_int_equal(convey(0, sealed, back, 0, NULL), PIC_CORRUPT);
        assert_int_equal(access(back, F_OK), -1);
        in = open(sealed, O_RDONLY);
        out = open(back, O_WRONLY | O_CREAT, 0600);
        assert_int_equal(pic_age_decrypt(keys, in, out, NULL, NULL), PIC_CORRUPT);
        close(in);
        close(out);
        assert_int_equal(stat(back, &st), 0);
        assert_int_equal(st.st_size, SIZE / 65536 * 65536);
}

static void stopped(void **state)
{
        pic_cancel *cancel = NULL;
        int in, full;

        (void)state;
        assert_int_equal(pic_cancel_new(&cancel, NULL), 0);
        assert_int_equal(convey(1, plain, sealed, 0, cancel), 0);
        pic_cancel_raise(cancel);
        assert_int_equal(convey(1, plain, back, 0, cancel), PIC_CANCELED);
        assert_int_equal(convey(0, sealed, back, 0, cancel), PIC_CANCELED);
        assert_int_equal(access(back, F_OK), -1);
        pic_cancel_unref(cancel);
        in = open(sealed, O_RDONLY);
        full = open("/dev/full", O_WRONLY);
        assert_int_equal(pic_age_decrypt(keys, in, full, NULL, NULL), PIC_IO);
        close(full);
        close(in);
        in = open(dir, O_RDONLY);
        assert_int_equal(pic_age_decrypt(keys, in, 1, NULL, NULL), PIC_IO); /* a directory */
        close(in);
}

static void arguments(void **state)
{
        pic_age_opts o = PIC_AGE_OPTS_INIT;

        (void)state;
        assert_int_equal(pic_age_encrypt(NULL, 0, 1, NULL, NULL), PIC_INVALID);
        assert_int_equal(pic_age_encrypt(keys, -1, 1, NULL, NULL), PIC_INVALID);
        assert_int_equal(pic_age_encrypt(keys, 0, 999, NULL, NULL), PIC_INVALID);
        o.flags = 2;
        assert_int_equal(pic_age_encrypt(keys, 0, 1, &o, NULL), PIC_INVALID);
        o.flags = 0;
        o.work_factor = 31;
        assert_int_equal(pic_age_decrypt(keys, 0, 1, &o, NULL), PIC_INVALID);
        o.work_factor = 0;
        o.output = back;
        assert_int_equal(pic_age_decrypt(keys, 0, 1, &o, NULL), PIC_INVALID); /* where to, then? */
        assert_int_equal(convey(1, plain, "/nowhere/at/all", 0, NULL), PIC_NOTFOUND);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(both_ways, setup, teardown),
                                            cmocka_unit_test_setup_teardown(cut_off, setup, teardown),
                                            cmocka_unit_test_setup_teardown(stopped, setup, teardown),
                                            cmocka_unit_test_setup_teardown(arguments, setup, teardown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
