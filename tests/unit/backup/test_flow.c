/* Shows: the layers come off in pieces of any size, and an end that is missing, or damage, is told by the layer. */
#include "backup/flow.h"

#include <zstd.h>

#include "help.h"

static char zeros[300000];

static int flow(const char *data, size_t len, size_t piece, const pic__age_keys *keys, size_t *ret_got, pic_error **err)
{
        struct text t = { data, len, piece };
        pic__flow *f = NULL;
        const void *bytes;
        size_t n;
        int r;

        *ret_got = 0;
        assert_int_equal(pic__flow_new(keys, 0, next, &t, &f, NULL), 0);
        while ((r = pic__flow_next(f, &bytes, &n, err)) > 0)
                *ret_got += n;
        pic__flow_free(f);
        return r;
}

static void frames(void **state)
{
        char packed[4000];
        size_t one = ZSTD_compress(packed, sizeof(packed), zeros, sizeof(zeros), 3), two, got, piece, cut;

        (void)state;
        assert_false(ZSTD_isError(one));
        two = ZSTD_compress(packed + one, sizeof(packed) - one, "abc", 3, 3); /* as pzstd writes them */
        for (piece = 4; piece < one + two + 4; piece += 3) {
                assert_int_equal(flow(packed, one + two, piece, NULL, &got, NULL), 0);
                assert_int_equal(got, sizeof(zeros) + 3);
        }
        for (cut = 4; cut < one + two; cut++) {
                pic__auto_err pic_error *err = NULL;
                int r = flow(packed, cut, 4000, NULL, &got, &err);

                assert_int_equal(r, cut == one ? 0 : PIC_CORRUPT);
                if (r < 0)
                        assert_string_equal(pic_error_detail(err, "part"), "zstd");
        }
        packed[8] ^= 1;
        assert_true(flow(packed, one, 4000, NULL, &got, NULL) == PIC_CORRUPT);
}

static void not_ours(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        size_t got;

        (void)state;
        assert_int_equal(flow("", 0, 1, NULL, &got, NULL), PIC_CORRUPT);
        assert_int_equal(flow("hello world", 11, 11, NULL, &got, NULL), PIC_DENIED);
        assert_int_equal(flow("hello world", 11, 11, &keys, &got, NULL), PIC_SYNTAX);
        assert_int_equal(flow("age-encryption.org/v1\n", 22, 22, NULL, &got, NULL), PIC_DENIED);
        /* a frame that wants a window of 2 GiB */
        assert_int_equal(flow("\x28\xb5\x2f\xfd\x04\xa8\x01\x00\x00", 9, 9, NULL, &got, NULL), PIC_CORRUPT);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(frames), cmocka_unit_test(not_ours) };

        return cmocka_run_group_tests(tests, start, NULL);
}
