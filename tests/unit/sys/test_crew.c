/* Shows: each job is done once, whoever does it, and a failure is the crew's. */
#include "sys/crew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

enum { MANY = 2000 };

struct jobs {
        unsigned char done[MANY];
        size_t fails; /* MANY: none does */
        pthread_barrier_t *both;
};

static int one(void *arg, size_t i, pic_error **err)
{
        struct jobs *j = arg;

        j->done[i]++;
        if (j->both != NULL)
                (void)pthread_barrier_wait(j->both);
        return i == j->fails ? pic__fail(err, PIC_IO, "job %zu", i) : 0;
}

static void once_each(void **state)
{
        static const unsigned threads[] = { 0, 1, 2, 5, 100 };
        struct jobs j;
        size_t i, k;

        (void)state;
        for (i = 0; i < PIC__COUNT(threads); i++) {
                j = (struct jobs){ .fails = MANY };
                assert_int_equal(pic__crew_run(MANY, threads[i], one, &j, NULL), 0);
                for (k = 0; k < MANY; k++)
                        assert_int_equal(j.done[k], 1);
                assert_int_equal(pic__crew_run(0, threads[i], one, &j, NULL), 0);
        }
}

static void fails(void **state)
{
        pic_error *err = NULL;
        struct jobs j;
        size_t k;

        (void)state;
        j = (struct jobs){ .fails = 3 };
        assert_int_equal(pic__crew_run(MANY, 1, one, &j, &err), PIC_IO);
        assert_string_equal(pic_error_message(err), "job 3");
        pic_error_free(err);
        for (k = 0; k < MANY; k++)
                assert_int_equal(j.done[k], k <= 3);
        j = (struct jobs){ .fails = 1000 };
        assert_int_equal(pic__crew_run(MANY, 4, one, &j, NULL), PIC_IO);
        for (k = 0; k <= 1000; k++)
                assert_int_equal(j.done[k], 1);
}

/* They run beside each other: neither of two jobs ends before the other has begun. */
static void beside(void **state)
{
        pthread_barrier_t both; /* of what pthread_create() makes, and this one */
        struct jobs j = { .fails = MANY, .both = &both };

        (void)state;
        assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
        assert_int_equal(pic__crew_run(2, 2, one, &j, NULL), 0);
        assert_int_equal(j.done[0] + j.done[1], 2);
        (void)pthread_barrier_destroy(&both);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(once_each), cmocka_unit_test(fails),
                                            cmocka_unit_test(beside) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
