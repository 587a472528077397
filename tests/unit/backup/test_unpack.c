/* Shows: a backup comes back whole; each bit that is changed and each byte that is missing is seen, encrypted or not.
 */
#include "backup/unpack.h"

#include "base/mem.h"
#include "help.h"

static const char *const members[] = { "a", "one", "b/c", "", "z", "three", NULL };
#define ALL "a=one;b/c=;z=three;"

static void whole(void **state)
{
        static const size_t pieces[] = { 16, 100, 1 << 20 };
        pic__age_keys keys = { .passphrase = NULL };
        size_t i;

        (void)state;
        assert_int_equal(pic__age_keys_passphrase(&keys, "x", NULL), 0);
        for (i = 0; i < 2 * PIC__COUNT(pieces); i++) {
                pic__auto_buf pic__buf file = PIC__BUF_INIT, all = PIC__BUF_INIT;
                const pic__age_keys *with = i % 2 != 0 ? &keys : NULL;

                pack_all(members, with, &file);
                assert_int_equal(unpack_all(file.data, file.len, pieces[i / 2], with, &all, NULL), 0);
                assert_string_equal(pic__buf_str(&all), ALL);
        }
        pic__age_keys_clear(&keys);
}

/* Nothing but a prefix of the truth comes out before it is told. */
static void damaged(const pic__age_keys *keys)
{
        pic__auto_buf pic__buf file = PIC__BUF_INIT;
        size_t at;

        pack_all(members, keys, &file);
        for (at = 0; at < file.len; at++) {
                pic__auto_buf pic__buf all = PIC__BUF_INIT, less = PIC__BUF_INIT;
                pic__auto_err pic_error *err = NULL;
                int r;

                assert_true(unpack_all(file.data, at, 1 << 20, keys, &less, NULL) < 0);
                file.data[at] ^= 0x10;
                r = unpack_all(file.data, file.len, 1 << 20, keys, &all, &err);
                assert_true(r < 0 ||
                            strcmp(pic__buf_str(&all), ALL) == 0); /* zstd's header has bits that mean nothing */
                assert_true(r == 0 || pic_error_code(err) == r);
                assert_true(keys == NULL || r < 0);
                file.data[at] ^= 0x10;
        }
}

static void every_byte(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };

        (void)state;
        assert_int_equal(pic__age_keys_passphrase(&keys, "x", NULL), 0);
        damaged(NULL);
        damaged(&keys);
        pic__age_keys_clear(&keys);
}

/* As it is given to who compresses and encrypts by himself: the tar that is in the others, in pieces of any size; what
 * is in no member (padding, the zeros after the last one) says nothing. */
static void bare(void **state)
{
        static const size_t pieces[] = { 1, 16, 261, 1 << 20 };
        const pic__pack_opts how = { .bare = 1 };
        pic__auto_buf pic__buf file = PIC__BUF_INIT;
        size_t i, at;

        (void)state;
        pack_as(&how, members, &file);
        assert_memory_equal(file.data, PIC__MANIFEST, sizeof(PIC__MANIFEST));
        assert_true(file.len % 512 == 0 && file.len > 6 * 512);
        for (i = 0; i < PIC__COUNT(pieces); i++) {
                pic__auto_buf pic__buf all = PIC__BUF_INIT;

                assert_int_equal(unpack_all(file.data, file.len, pieces[i], NULL, &all, NULL), 0);
                assert_string_equal(pic__buf_str(&all), ALL);
        }
        for (at = 0; at < file.len; at++) {
                pic__auto_buf pic__buf all = PIC__BUF_INIT, less = PIC__BUF_INIT;
                int r = unpack_all(file.data, at, 1 << 20, NULL, &less, NULL);

                assert_true(r < 0 || (at > file.len - 3 * 512 && strcmp(pic__buf_str(&less), ALL) == 0));
                file.data[at] ^= 0x10;
                r = unpack_all(file.data, file.len, 1 << 20, NULL, &all, NULL);
                assert_true(r < 0 || strcmp(pic__buf_str(&all), ALL) == 0);
                file.data[at] ^= 0x10;
        }
}

static void bounds(void **state)
{
        pic__auto_buf pic__buf file = PIC__BUF_INIT;
        pic__unpack *u = NULL;

        (void)state;
        pack_all(members, NULL, &file);
        {
                struct text t = { file.data, file.len, 1 << 20 };

                assert_int_equal(pic__unpack_new(NULL, 0, 7, next, &t, &u, NULL), PIC_CORRUPT);
        }
        {
                struct text t = { file.data, file.len, 1 << 20 };
                const pic__member *m;

                assert_int_equal(pic__unpack_new(NULL, 0, 8, next, &t, &u, NULL), 0);
                assert_int_equal(pic__unpack_encrypted(u), 0);
                assert_int_equal(pic__unpack_manifest(u)->count, 3);
                while (pic__unpack_next(u, &m, NULL) > 0) /* what is not read is checked all the same */
                        continue;
                assert_int_equal(pic__unpack_next(u, &m, NULL), PIC_BADSTATE);
                pic__unpack_free(u);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(every_byte),
                                            cmocka_unit_test(bare), cmocka_unit_test(bounds) };

        return cmocka_run_group_tests(tests, start, NULL);
}
