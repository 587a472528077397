/* keeper/far_file.c: a folder of this machine: what is put there is there, whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/far.h"

static long source(void *arg, void *room, size_t len, pic_error **err)
{
        int *left = arg;

        if (*left < 0)
                return pic__fail(err, PIC_STALE, "no more");
        if (*left == 0)
                return 0;
        assert_true(len > 1000);
        memset(room, 'x', 1000);
        --*left;
        return 1000;
}

static int sink(const void *data, size_t len, void *arg, pic_error **err)
{
        (void)data, (void)err;
        *(size_t *)arg += len;
        return 0;
}

static int each(const char *name, uint64_t size, void *arg)
{
        char *all = arg;

        snprintf(all + strlen(all), 200 - strlen(all), "%s=%llu ", name, (unsigned long long)size);
        return 0;
}

static void folder(void **state)
{
        char dir[] = "/tmp/pic-far-XXXXXX", all[200] = "", path[64];
        pic__far_spec spec = { .user = NULL };
        pic_error *err = NULL;
        pic__far *f = NULL;
        size_t got = 0;
        int left = 5;

        (void)state;
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/none/b", dir);
        assert_null(pic__place_parse(path, &spec.place));
        assert_int_equal(pic__far_open(&spec, &f, &err), PIC_NOTFOUND); /* a disk that is not mounted */
        assert_non_null(strstr(pic_error_hint(err), "mounted"));
        pic_error_free(err);
        snprintf(path, sizeof(path), "%s/b", dir);
        assert_null(pic__place_parse(path, &spec.place));
        assert_int_equal(pic__far_open(&spec, &f, NULL), 0);
        assert_int_equal(f->ops->put(f, "a.part", source, &left, NULL), 0);
        assert_int_equal(f->ops->move(f, "a.part", "a", NULL), 0);
        assert_int_equal(f->ops->get(f, "a", sink, &got, NULL), 0);
        assert_int_equal(got, 5000);
        left = -1;
        assert_int_equal(f->ops->put(f, "b", source, &left, NULL), PIC_STALE);
        snprintf(path, sizeof(path), "%s/b/link", dir);
        assert_int_equal(symlink("/etc/passwd", path), 0);
        assert_true(f->ops->get(f, "link", sink, &got, NULL) < 0);
        assert_int_equal(f->ops->list(f, each, all, NULL), 0);
        assert_non_null(strstr(all, "a=5000 "));
        assert_null(strstr(all, "link"));
        assert_int_equal(f->ops->drop(f, "a", NULL), 0);
        assert_int_equal(f->ops->drop(f, "a", NULL), 0);
        assert_int_equal(f->ops->drop(f, "b", NULL), 0);
        assert_int_equal(f->ops->get(f, "a", sink, &got, NULL), PIC_NOTFOUND);
        pic__far_close(f);
        unlink(path);
        snprintf(path, sizeof(path), "%s/b", dir);
        assert_int_equal(rmdir(path), 0);
        rmdir(dir);
        pic__far_close(NULL);
        assert_true(pic__far_name_ok("a-b_C.9") && !pic__far_name_ok("a/b") && !pic__far_name_ok(".a") &&
                    !pic__far_name_ok("") && !pic__far_name_ok("a b") && !pic__far_name_ok("\xc3\xa4"));
}

/* What is written now is somebody's; what its writer left is nobody's; nothing is renamed over what is there. */
static void held(void **state)
{
        char dir[] = "/tmp/pic-far-XXXXXX", path[64];
        pic__far_spec spec = { .user = NULL };
        pic__far *one = NULL, *two = NULL;
        int left = 2;

        (void)state;
        assert_non_null(mkdtemp(dir));
        assert_null(pic__place_parse(dir, &spec.place));
        assert_int_equal(pic__far_open(&spec, &one, NULL), 0);
        assert_int_equal(pic__far_open(&spec, &two, NULL), 0);
        assert_int_equal(one->ops->put(one, "a.part", source, &left, NULL), 0);
        assert_int_equal(two->ops->left(two, "a.part", "own"), 0);
        left = 2;
        assert_true(two->ops->put(two, "a.part", source, &left, NULL) < 0);
        assert_int_equal(two->ops->put(two, "b.part", source, &left, NULL), 0);
        assert_int_equal(one->ops->move(one, "a.part", "a", NULL), 0);
        assert_true(two->ops->move(two, "b.part", "a", NULL) < 0);
        assert_int_equal(one->ops->left(one, "b.part", "own"), 0);
        pic__far_close(two);
        assert_int_equal(one->ops->left(one, "b.part", "own"), 1);
        assert_int_equal(one->ops->left(one, "none", "own"), 0);
        assert_int_equal(one->ops->drop(one, "a", NULL), 0);
        assert_int_equal(one->ops->drop(one, "b.part", NULL), 0);
        pic__far_close(one);
        snprintf(path, sizeof(path), "%s", dir);
        assert_int_equal(rmdir(path), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(folder), cmocka_unit_test(held) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
