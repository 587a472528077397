/* Shows: what was taken is as it was then, whatever becomes of the file; who is killed leaves nothing for long; what is
 * no file, or too long, is refused. */
#include "engine/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

static char dir[64], path[96];

static int begin(void **state)
{
        (void)state;
        snprintf(dir, sizeof(dir), "/tmp/pic-aside-%d", (int)getpid());
        snprintf(path, sizeof(path), "%s/file", dir);
        return mkdir(dir, 0700);
}

static int end(void **state)
{
        (void)state;
        return rmdir(dir); /* nothing else is in it */
}

static void put(const void *data, size_t len)
{
        assert_int_equal(pic__file_write(path, data, len, 0600, NULL), 0);
}

static void added(void **state)
{
        static char large[200000], back[200000];
        pic__aside a = { .fd = -1 };
        uint64_t size;

        (void)state;
        memset(large, 'l', sizeof(large));
        put(large, sizeof(large));
        assert_int_equal(pic__aside_add(&a, dir, path, sizeof(large), &size, NULL), 0);
        assert_int_equal(size, sizeof(large));
        put("", 0);
        assert_int_equal(pic__aside_add(&a, dir, path, 1, &size, NULL), 0);
        assert_int_equal(size, 0);
        put("later", 5);
        assert_int_equal(pic__aside_add(&a, dir, path, 4, &size, NULL), PIC_VALUE);
        assert_int_equal(a.len, sizeof(large)); /* and what was begun is written over */
        assert_int_equal(pic__aside_add(&a, dir, path, 5, &size, NULL), 0);
        assert_int_equal(pread(a.fd, back, sizeof(back), 0), sizeof(back));
        assert_memory_equal(back, large, sizeof(back));
        assert_int_equal(pread(a.fd, back, sizeof(back), sizeof(large)), 5);
        assert_memory_equal(back, "later", 5);
        (void)close(a.fd);
        assert_int_equal(unlink(path), 0);
}

static void refused(void **state)
{
        pic__aside a = { .fd = -1 };
        uint64_t size;

        (void)state;
        assert_int_equal(pic__aside_add(&a, "/nowhere/at/all", path, 9, &size, NULL), PIC_NOTFOUND);
        assert_int_equal(pic__aside_add(&a, dir, dir, 9, &size, NULL), PIC_CONFLICT);
        assert_int_equal(pic__aside_add(&a, dir, path, 9, &size, NULL), PIC_NOTFOUND);
        assert_int_equal(symlink("/etc/hostname", path), 0);
        assert_int_equal(pic__aside_add(&a, dir, path, 9, &size, NULL), PIC_CONFLICT);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_int_equal(pic__aside_add(&a, dir, path, 9, &size, NULL), PIC_CONFLICT);
        assert_int_equal(unlink(path), 0);
        (void)close(a.fd);
}

static void cleaned(void **state)
{
        pic__auto_free char *mine = NULL, *theirs = NULL;
        int one = -1, two = -1;

        (void)state;
        assert_int_equal(pic__aside_make(dir, &mine, &one, NULL), 0);
        assert_int_equal(pic__aside_make(dir, &theirs, &two, NULL), 0);
        (void)close(two); /* as who was killed */
        pic__aside_clean(dir);
        assert_true(pic__file_exists(mine));
        assert_false(pic__file_exists(theirs));
        (void)close(one);
        pic__aside_clean(dir);
        assert_false(pic__file_exists(mine));
        pic__aside_clean("/nowhere/at/all");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(added), cmocka_unit_test(refused),
                                            cmocka_unit_test(cleaned) };

        return cmocka_run_group_tests(tests, begin, end);
}
