/* Shows: what is encrypted has the length that it must have, differs each time, ends once, and hears its sink. */
#include "age/seal.h"

#include "base/mem.h"
#include "help.h"

static char data[2 * PIC__AGE_CHUNK + 2];

static void lengths(void **state)
{
        static const size_t lens[] = {
                0, 1, PIC__AGE_CHUNK - 1, PIC__AGE_CHUNK, PIC__AGE_CHUNK + 1, 2 * PIC__AGE_CHUNK, 2 * PIC__AGE_CHUNK + 1
        };
        pic__age_keys keys = { .passphrase = NULL };
        size_t i, head = 0;

        (void)state;
        own_keys(&keys);
        for (i = 0; i < PIC__COUNT(lens); i++) {
                pic__auto_buf pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;
                size_t chunks = lens[i] == 0 ? 1 : (lens[i] + PIC__AGE_CHUNK - 1) / PIC__AGE_CHUNK;

                seal_all(&keys, 0, data, lens[i], 1000, &one);
                seal_all(&keys, 0, data, lens[i], sizeof(data), &two);
                head = i == 0 ? one.len - 16 : head;
                assert_int_equal(one.len, head + lens[i] + 16 * chunks);
                assert_int_equal(two.len, one.len);
                assert_memory_not_equal(one.data + head - 16, two.data + head - 16, 32);
        }
        pic__age_keys_clear(&keys);
}

static int full(const void *bytes, size_t len, void *arg, pic_error **err)
{
        (void)bytes;
        if (*(size_t *)arg < len)
                return pic__fail(err, PIC_IO, "the sink is full");
        *(size_t *)arg -= len;
        return 0;
}

static void sinks(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__age_sealer *s = NULL;
        size_t room = 10;

        (void)state;
        own_keys(&keys);
        assert_int_equal(pic__age_seal_new(&keys, 1, 0, full, &room, &s, NULL), PIC_IO);
        room = 1000;
        assert_int_equal(pic__age_seal_new(&keys, 1, 0, full, &room, &s, NULL), 0);
        assert_int_equal(pic__age_seal_put(s, data, sizeof(data), NULL), PIC_IO);
        assert_int_equal(pic__age_seal_put(s, data, 1, NULL), PIC_BADSTATE);
        assert_int_equal(pic__age_seal_end(s, NULL), PIC_BADSTATE);
        pic__age_seal_free(s);
        pic__age_seal_free(NULL);
        pic__age_keys_clear(&keys);
}

static void no_memory(void **state)
{
        pic__age_keys keys = { .passphrase = NULL };
        pic__age_sealer *s = NULL;
        size_t room = 1 << 20;

        (void)state;
        own_keys(&keys);
        pic__mem_fail_at(1);
        assert_int_equal(pic__age_seal_new(&keys, 1, 0, full, &room, &s, NULL), PIC_NOMEM);
        pic__mem_fail_at(2); /* the header's text */
        assert_int_equal(pic__age_seal_new(&keys, 1, 0, full, &room, &s, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
        pic__age_keys_clear(&keys);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lengths), cmocka_unit_test(sinks),
                                            cmocka_unit_test(no_memory) };

        return cmocka_run_group_tests(tests, start, NULL);
}
