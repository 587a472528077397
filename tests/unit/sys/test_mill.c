/* Shows: bytes come out in order whatever the pieces are and whoever is slow, an end is an end, a failure of each side
 * reaches the owner, and a mill can be stopped at any moment. */
#include "sys/mill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

/* More than all the blocks of both ways together; each byte is slow under this sanitizer. */
#ifdef __SANITIZE_THREAD__
enum { ALL = 3 << 19 };
#else
enum { ALL = 3 << 20 };
#endif
enum { EACH = 3 << 18 }; /* of several side by side */

/* Byte i of what goes in, whoever counts. */
static uint8_t byte_at(uint64_t i)
{
        return (uint8_t)(i * 31 + (i >> 11));
}

/* --- what the work does ------------------------------------------------------------------------------------------ */

struct job {
        unsigned times; /* each byte comes out so often */
        uint64_t fails; /* after so many bytes; 0: never */
        uint64_t taken;
        uint64_t wrong; /* bytes that were not as they were put */
        size_t at_end;  /* bytes that come when no more go in */
};

static int give_times(pic__mill *m, const uint8_t *data, size_t len, unsigned times, pic_error **err)
{
        uint8_t room[1000];
        size_t i;
        int r = 0;

        if (times == 1)
                return pic__mill_give(m, data, len, err);
        for (i = 0; r == 0 && i < len && times > 0; i++) {
                memset(room, data[i], times);
                r = pic__mill_give(m, room, times, err);
        }
        return r;
}

static int work(pic__mill *m, void *arg, pic_error **err)
{
        struct job *j = arg;
        const void *data = NULL;
        uint8_t last[1000] = { 7 };
        size_t len = 0, i;
        int r;

        while ((r = pic__mill_take(m, &data, &len, err)) > 0) {
                for (i = 0; i < len; i++)
                        j->wrong += ((const uint8_t *)data)[i] != byte_at(j->taken + i);
                j->taken += len;
                if (j->fails > 0 && j->taken >= j->fails)
                        return pic__fail(err, PIC_CORRUPT, "enough");
                r = give_times(m, data, len, j->times, err);
                if (r < 0)
                        return r;
        }
        return r == 0 && j->at_end > 0 ? pic__mill_give(m, last, j->at_end, err) : r;
}

/* --- both ends --------------------------------------------------------------------------------------------------- */

struct end {
        uint64_t at;
        uint64_t size;
        uint64_t wrong;
        size_t piece;
        unsigned times;
        uint64_t fails; /* 0: never */
        uint8_t room[70000];
};

static int collect(const void *data, size_t len, void *arg, pic_error **err)
{
        struct end *e = arg;
        size_t i;

        if (e->fails > 0 && e->at + len >= e->fails)
                return pic__fail(err, PIC_IO, "full");
        for (i = 0; i < len; i++, e->at++)
                e->wrong += e->at < e->size * e->times && ((const uint8_t *)data)[i] != byte_at(e->at / e->times);
        return 0;
}

static int bring(void *arg, const void **ret_data, size_t *ret_len, pic_error **err)
{
        struct end *e = arg;
        size_t n = e->size - e->at < e->piece ? (size_t)(e->size - e->at) : e->piece, i;

        if (e->fails > 0 && e->at >= e->fails)
                return pic__fail(err, PIC_CANCELED, "no more");
        for (i = 0; i < n; i++)
                e->room[i] = byte_at(e->at + i);
        e->at += n;
        *ret_data = e->room;
        *ret_len = n;
        return n > 0;
}

static int push(struct job *j, struct end *from, struct end *to)
{
        const void *data = NULL;
        pic__mill *m = NULL;
        size_t len = 0;
        int r = pic__mill_new(work, j, &m, NULL);

        while (r == 0 && (r = bring(from, &data, &len, NULL)) > 0)
                r = pic__mill_put(m, data, len, collect, to, NULL);
        if (r == 0)
                r = pic__mill_end(m, collect, to, NULL);
        if (r == 0 || r == PIC_CORRUPT || r == PIC_IO) {
                assert_int_equal(pic__mill_put(m, "x", 1, collect, to, NULL), PIC_BADSTATE);
                assert_int_equal(pic__mill_end(m, collect, to, NULL), PIC_BADSTATE);
        }
        pic__mill_free(m);
        return r;
}

static int pull(struct job *j, struct end *from, struct end *to)
{
        const void *data = NULL;
        pic__mill *m = NULL;
        size_t len = 0;
        int r = pic__mill_new(work, j, &m, NULL);

        while (r == 0 && (r = pic__mill_next(m, bring, from, &data, &len, NULL)) > 0)
                r = collect(data, len, to, NULL);
        if (r != PIC_IO)
                assert_int_equal(pic__mill_next(m, bring, from, &data, &len, NULL), PIC_BADSTATE);
        pic__mill_free(m);
        return r;
}

static const struct way {
        int (*go)(struct job *j, struct end *from, struct end *to);
} ways[] = { { push }, { pull } };

static void once(size_t way, uint64_t size, size_t piece, unsigned times, size_t at_end)
{
        struct job j = { .times = times, .at_end = at_end };
        struct end from = { .size = size, .piece = piece };
        struct end to = { .size = times > 0 ? size : 0, .times = times > 0 ? times : 1 };

        assert_int_equal(ways[way].go(&j, &from, &to), 0);
        assert_int_equal(j.taken, size);
        assert_int_equal(j.wrong, 0);
        assert_int_equal(to.wrong, 0);
        assert_int_equal(to.at, size * times + at_end);
}

static void passes(void **state)
{
        static const size_t pieces[] = { 1, 16, 4096, 65536, 70000 };
        size_t way, i;

        (void)state;
        for (way = 0; way < PIC__COUNT(ways); way++) {
                for (i = 0; i < PIC__COUNT(pieces); i++) {
                        once(way, i == 0 ? 5000 : ALL, pieces[i], 1, 0);
                        once(way, 0, pieces[i], 1, 0);
                        once(way, 0, pieces[i], 1, 10);
                        once(way, i == 0 ? 5000 : ALL, pieces[i], 0, 100); /* nothing comes before the end */
                }
                once(way, 20000, 4096, 1000, 1); /* much more than went in */
        }
}

static void fails(void **state)
{
        static const uint64_t places[] = { 1, 100000, 600000, ALL };
        size_t way, i;

        (void)state;
        for (way = 0; way < PIC__COUNT(ways); way++)
                for (i = 0; i < PIC__COUNT(places); i++) {
                        struct job j = { .times = 1, .fails = places[i] }, good = { .times = 1 }, also = { .times = 1 };
                        struct end from = { .size = ALL, .piece = 30000 }, to = { .size = ALL, .times = 1 };

                        assert_int_equal(ways[way].go(&j, &from, &to), PIC_CORRUPT);
                        assert_int_equal(to.wrong, 0);
                        from = (struct end){ .size = ALL, .piece = 30000 };
                        to = (struct end){ .size = ALL, .times = 1, .fails = places[i] };
                        assert_int_equal(ways[way].go(&good, &from, &to), PIC_IO);
                        from = (struct end){ .size = ALL, .piece = 30000, .fails = places[i] - places[i] % 30000 + 1 };
                        to = (struct end){ .size = ALL, .times = 1 };
                        if (places[i] < ALL - 30000)
                                assert_int_equal(ways[way].go(&also, &from, &to), PIC_CANCELED);
                }
}

/* Whoever is waiting for what: it ends. */
static void stops(void **state)
{
        unsigned i;

        (void)state;
        for (i = 0; i < 200; i++) {
                struct job j = { .times = i % 3 == 0 ? 1000 : 1 };
                struct end from = { .size = ALL, .piece = 1 + i * 331 };
                const void *data = NULL;
                pic__mill *m = NULL;
                size_t len = 0;

                assert_int_equal(pic__mill_new(work, &j, &m, NULL), 0);
                if (i % 5 > 0)
                        assert_int_equal(pic__mill_next(m, bring, &from, &data, &len, NULL), 1);
                pic__mill_free(m);
        }
        pic__mill_free(NULL);
}

/* What has come in so far is worked on before the owner waits for more: the source's second piece comes when the work
 * has had the first one. */
struct pair {
        int given;
        int taken; /* of both threads */
};

static int one_by_one(void *arg, const void **ret_data, size_t *ret_len, pic_error **err)
{
        struct pair *p = arg;

        (void)err;
        while (p->given > 0 && __atomic_load_n(&p->taken, __ATOMIC_ACQUIRE) == 0)
                continue;
        *ret_data = "one";
        *ret_len = 3;
        return p->given++ == 0;
}

static int notice(pic__mill *m, void *arg, pic_error **err)
{
        struct pair *p = arg;
        const void *data = NULL;
        size_t len = 0;
        int r = pic__mill_take(m, &data, &len, err);

        __atomic_store_n(&p->taken, 1, __ATOMIC_RELEASE);
        return r < 0 ? r : 0;
}

static void hungry(void **state)
{
        struct pair p = { 0, 0 };
        const void *data = NULL;
        pic__mill *m = NULL;
        size_t len = 0;

        (void)state;
        assert_int_equal(pic__mill_new(notice, &p, &m, NULL), 0);
        assert_int_equal(pic__mill_next(m, one_by_one, &p, &data, &len, NULL), 0);
        pic__mill_free(m);
}

static void *many(void *arg)
{
        size_t i;

        for (i = 0; i < 10; i++)
                once((size_t)arg, EACH, 5000 + i * 777, 1 + (unsigned)i % 3, i);
        return NULL;
}

/* Mills know nothing of each other. */
static void side_by_side(void **state)
{
        pthread_t threads[4];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, many, (void *)(i % PIC__COUNT(ways))), 0);
        for (i = 0; i < PIC__COUNT(threads); i++)
                (void)pthread_join(threads[i], NULL);
}

static void no_memory(void **state)
{
        struct job j = { .times = 1 };
        pic__mill *m = NULL;
        unsigned long n;

        (void)state;
        for (n = 1; n <= 3; n++) {
                pic__mem_fail_at(n);
                assert_int_equal(pic__mill_new(work, &j, &m, NULL), PIC_NOMEM);
                pic__mem_fail_at(0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(passes),       cmocka_unit_test(fails),
                                            cmocka_unit_test(stops),        cmocka_unit_test(hungry),
                                            cmocka_unit_test(side_by_side), cmocka_unit_test(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
