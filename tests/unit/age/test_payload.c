/* Shows: a chunk opens in its place only, and only as what it was: the last one or not. */
#include "age/payload.h"

#include "help.h"

static const uint8_t key[PIC__AGE_KEY] = { 1 }, nonce[PIC__AGE_NONCE] = { 2 };

static void places(void **state)
{
        uint8_t box[4][20], plain[4];
        pic__age_stream s, t;
        unsigned i, k;

        (void)state;
        pic__age_stream_start(&s, key, nonce);
        for (i = 0; i < 4; i++)
                pic__age_stream_seal(&s, (const uint8_t *)"abcd", 4, i == 3, box[i]);
        for (i = 0; i < 4; i++)
                for (k = 0; k < 4; k++) {
                        pic__age_stream_start(&t, key, nonce);
                        t.number = k;
                        assert_int_equal(pic__age_stream_open(&t, box[i], 20, i == 3, plain), i == k ? 0 : -1);
                        assert_int_equal(t.number, i == k ? k + 1 : k);
                        t.number = k;
                        assert_int_equal(pic__age_stream_open(&t, box[i], 20, i != 3, plain), -1);
                }
        t.number = 0;
        assert_int_equal(pic__age_stream_open(&t, box[0], 15, 0, plain), -1);
}

static void counted(void **state)
{
        uint8_t one[16], two[16];
        pic__age_stream s;

        (void)state;
        pic__age_stream_start(&s, key, nonce);
        s.number = 255;
        pic__age_stream_seal(&s, one, 0, 0, one);
        assert_int_equal(s.number, 256);
        s.number = UINT64_C(255) << 8;
        pic__age_stream_seal(&s, two, 0, 0, two);
        assert_memory_not_equal(one, two, 16);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(places), cmocka_unit_test(counted) };

        return cmocka_run_group_tests(tests, start, NULL);
}
