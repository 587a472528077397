/* Shows: why signatures do not hold, by their times; and that half an answer, or none, says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sys/dnssign.h"

#define NOW 1800000000u /* 0x6b49d200 */
#define BYTES(n) (uint8_t)((n) >> 24), (uint8_t)((n) >> 16 & 255), (uint8_t)((n) >> 8 & 255), (uint8_t)((n)&255)
#define HEAD(answers) 0x12, 0x34, 0x81, 0x90, 0, 1, 0, answers, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1
#define ADDRESS 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1
#define SIGNATURE(from, until) \
        0xc0, 12, 0, 46, 0, 1, 0, 0, 0, 60, 0, 20, 0, 1, 13, 1, 0, 0, 0, 60, BYTES(until), BYTES(from), 0, 7, 0, 0

static void by_times(void **state)
{
        static const uint8_t good[] = { HEAD(2), ADDRESS, SIGNATURE(NOW - 9, NOW + 9) };
        static const uint8_t old[] = { HEAD(2), ADDRESS, SIGNATURE(NOW - 9, NOW - 1) };
        static const uint8_t early[] = { HEAD(2), ADDRESS, SIGNATURE(NOW + 1, NOW + 9) };
        static const uint8_t both[] = { HEAD(3), ADDRESS, SIGNATURE(NOW - 9, NOW - 1), SIGNATURE(NOW - 9, NOW + 9) };
        static const uint8_t none[] = { HEAD(1), ADDRESS };
        static const uint8_t nothing[] = { HEAD(0) };
        static const uint8_t round[] = { HEAD(2), ADDRESS, SIGNATURE(0xfffffff0u, 16u) };
        size_t i;

        (void)state;
        assert_int_equal(pic__dnssign_judge(good, sizeof(good), NOW), 6);
        assert_int_equal(pic__dnssign_judge(old, sizeof(old), NOW), 7);
        assert_int_equal(pic__dnssign_judge(early, sizeof(early), NOW), 8);
        assert_int_equal(pic__dnssign_judge(both, sizeof(both), NOW), 6);
        assert_int_equal(pic__dnssign_judge(none, sizeof(none), NOW), 10);
        assert_int_equal(pic__dnssign_judge(nothing, sizeof(nothing), NOW), -1);
        assert_int_equal(pic__dnssign_judge(round, sizeof(round), INT64_C(0x100000000)), 6); /* in 2106 */
        for (i = 0; i < sizeof(old); i++)
                assert_int_equal(pic__dnssign_judge(old, i, NOW), -1);
}

static void broken(void **state)
{
        uint8_t m[] = { HEAD(2), ADDRESS, SIGNATURE(NOW - 9, NOW - 1) };

        (void)state;
        m[12] = 0x7f; /* no length of a label */
        assert_int_equal(pic__dnssign_judge(m, sizeof(m), NOW), -1);
        m[12] = 1;
        m[sizeof(m) - 22] = 255; /* more than there is */
        assert_int_equal(pic__dnssign_judge(m, sizeof(m), NOW), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(by_times), cmocka_unit_test(broken) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
