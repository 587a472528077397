/* Shows: Argon2id gives what its reference implementation gives; one at a time, and few wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "sys/argon.h"
#include "sys/crypto.h"

/* argon2 (Debian's, of the reference implementation): echo -n password | argon2 0123456789abcdef -id -t 2 -k 19456 -p 1
 */
static void known(void **state)
{
        pic__argon how = { .kib = 19456, .passes = 2 };
        pic_error *err = NULL;
        uint8_t out[32];
        char text[65];

        (void)state;
        memcpy(how.salt, "0123456789abcdef", 16);
        assert_int_equal(pic__argon2id(&how, "password", 8, out, NULL), 0);
        pic__hex(out, sizeof(out), text);
        assert_string_equal(text, "d2ab07b39ef7f8b806227cd86fbb11aa5393066a98e17eacacd126eb26e9276d");
        how.kib = 65537;
        assert_int_equal(pic__argon2id(&how, "password", 8, out, &err), PIC_VALUE);
        pic_error_free(err);
}

static int done, busy;

static void *one(void *data)
{
        pic__argon how = { .kib = 32768, .passes = 2 };
        pic_error *err = NULL;
        uint8_t out[32];
        int r = pic__argon2id(&how, "password", 8, out, &err);

        (void)data;
        if (r == PIC_BUSY && pic_error_detail(err, "retry_ms") != NULL)
                __atomic_add_fetch(&busy, 1, __ATOMIC_RELAXED);
        if (r == 0)
                __atomic_add_fetch(&done, 1, __ATOMIC_RELAXED);
        pic_error_free(err);
        return NULL;
}

static void queue(void **state)
{
        pthread_t threads[PIC__ARGON_WAIT + 6];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, one, NULL), 0);
        for (i = 0; i < PIC__COUNT(threads); i++)
                pthread_join(threads[i], NULL);
        assert_int_equal(done + busy, (int)PIC__COUNT(threads));
        assert_true(done >= PIC__ARGON_WAIT + 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(known), cmocka_unit_test(queue) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
