/* Shows: pieces come and go by descriptors, the first one is long enough to be looked at, and a flag stops both. */
#include <fcntl.h>
#include <unistd.h>

#include "../../api/world.h"
#include "api/fdio.h"

static void both_ways(void **state)
{
        PIC__AUTO(pic__fdio_free) pic__fdio in = { .in_fd = -1, .out_fd = -1 }, out = { .in_fd = -1, .out_fd = -1 };
        const void *data = NULL;
        size_t len = 0, all = 0;
        int ends[2], i;

        (void)state;
        assert_int_equal(pipe(ends), 0);
        assert_true(pic__fdio_is_open(ends[0]) && !pic__fdio_is_open(-1) && !pic__fdio_is_open(999));
        in.in_fd = ends[0];
        out.out_fd = ends[1];
        assert_int_equal(pic__fdio_start(&in, NULL), 0);
        assert_int_equal(pic__fdio_start(&out, NULL), 0);
        for (i = 0; i < 20; i++)
                assert_int_equal(pic__fdio_put("x", 1, &out, NULL), 0);
        assert_int_equal(pic__fdio_put("y", 1, &out, NULL), 0);
        assert_int_equal(pic__fdio_flush(&out, NULL), 0);
        close(ends[1]);
        assert_int_equal(pic__fdio_next(&in, &data, &len, NULL), 1);
        assert_true(len >= 16);
        for (all = len; pic__fdio_next(&in, &data, &len, NULL) > 0; all += len)
                continue;
        assert_int_equal(all, 21);
        close(ends[0]);
}

static void stopped(void **state)
{
        PIC__AUTO(pic__fdio_free)
        pic__fdio x = { .in_fd = open("/dev/zero", O_RDONLY), .out_fd = open("/dev/full", O_WRONLY) };
        static char large[100000];
        pic_cancel *cancel = NULL;
        const void *data;
        size_t len;

        (void)state;
        assert_int_equal(pic__fdio_start(&x, NULL), 0);
        assert_int_equal(pic__fdio_put("x", 1, &x, NULL), 0);
        assert_int_equal(pic__fdio_flush(&x, NULL), PIC_IO);
        assert_int_equal(pic__fdio_put(large, sizeof(large), &x, NULL), PIC_IO);
        assert_int_equal(pic_cancel_new(&cancel, NULL), 0);
        x.cancel = cancel;
        assert_int_equal(pic__fdio_next(&x, &data, &len, NULL), 1);
        pic_cancel_raise(cancel);
        assert_int_equal(pic__fdio_next(&x, &data, &len, NULL), PIC_CANCELED);
        assert_int_equal(pic__fdio_put("x", 1, &x, NULL), PIC_CANCELED);
        pic_cancel_unref(cancel);
        close(x.in_fd);
        close(x.out_fd);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(both_ways), cmocka_unit_test(stopped) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
