/* Shows: pieces have the digest of the whole, and one object does many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/digest.h"
#include "sys/hash.h"

static void pieces(void **state)
{
        static const char text[] = "what is large comes in pieces";
        uint8_t whole[32], got[32];
        pic__digesting *d = NULL;
        size_t cut;

        (void)state;
        pic__sha256(text, sizeof(text), whole);
        assert_int_equal(pic__digesting_new(&d, NULL), 0);
        for (cut = 0; cut <= sizeof(text); cut++) {
                assert_int_equal(pic__digesting_start(d, NULL), 0);
                assert_int_equal(pic__digesting_put(d, text, cut, NULL), 0);
                assert_int_equal(pic__digesting_put(d, text + cut, sizeof(text) - cut, NULL), 0);
                assert_int_equal(pic__digesting_end(d, got, NULL), 0);
                assert_memory_equal(got, whole, 32);
        }
        pic__digesting_free(d);
        pic__digesting_free(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(pieces) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
