/* Shows: the same members are the same bytes, and what is not what the manifest says becomes no backup. */
#include "backup/pack.h"

#include "help.h"

static const char *const members[] = { "a", "one", "b", "two", NULL };

static void deterministic(void **state)
{
        pic__auto_buf pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;

        (void)state;
        pack_all(members, NULL, &one);
        pack_all(members, NULL, &two);
        assert_int_equal(one.len, two.len);
        assert_memory_equal(one.data, two.data, one.len);
}

static int attempt(int still, const char *first, const char *second)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const pic__pack_opts o = { .threads = 1, .still = still };
        struct text a = { first, strlen(first), 1 }, b = { second, strlen(second), 1 };
        pic__manifest m;
        pic__pack *p = NULL;
        int r;

        describe(members, &m);
        assert_int_equal(pic__pack_new(&o, &m, collect, &out, &p, NULL), 0);
        r = pic__pack_put(p, next, &a, NULL);
        if (r == 0)
                r = pic__pack_put(p, next, &b, NULL);
        if (r == 0)
                assert_int_equal(pic__pack_put(p, next, &b, NULL), PIC_BADSTATE);
        assert_int_equal(pic__pack_end(p, NULL), r == 0 ? 0 : PIC_BADSTATE);
        pic__pack_free(p);
        pic__manifest_clear(&m);
        return r;
}

static void changed(void **state)
{
        (void)state;
        assert_int_equal(attempt(0, "one", "two"), 0);
        assert_int_equal(attempt(0, "One", "two"), PIC_STALE);
        assert_int_equal(attempt(0, "one!", "two"), PIC_STALE);
        assert_int_equal(attempt(0, "on", "two"), PIC_STALE);
        assert_int_equal(attempt(0, "one", ""), PIC_STALE);
        assert_int_equal(attempt(1, "One", "two"), 0); /* who promised it is believed, but for the size */
        assert_int_equal(attempt(1, "one!", "two"), PIC_STALE);
        assert_int_equal(attempt(1, "on", "two"), PIC_STALE);
}

static int full(const void *data, size_t len, void *arg, pic_error **err)
{
        (void)data;
        if (*(size_t *)arg < len)
                return pic__fail(err, PIC_IO, "the sink is full");
        *(size_t *)arg -= len;
        return 0;
}

/* The sink's own error comes through three layers, at whichever byte. */
static void sinks_in(int threads)
{
        size_t room, at;
        int r = PIC_IO;

        for (room = 0; r != 0; room += 50) {
                pic__age_keys keys = { .passphrase = NULL };
                const pic__pack_opts o = { .keys = &keys, .log_n = 1, .threads = threads };
                struct text a = { "one", 3, 3 }, b = { "two", 3, 3 };
                pic__manifest m;
                pic__pack *p = NULL;

                assert_true(room < 10000);
                at = room;
                assert_int_equal(pic__age_keys_passphrase(&keys, "x", NULL), 0);
                describe(members, &m);
                r = pic__pack_new(&o, &m, full, &at, &p, NULL);
                if (r == 0)
                        r = pic__pack_put(p, next, &a, NULL);
                if (r == 0)
                        r = pic__pack_put(p, next, &b, NULL);
                if (r == 0)
                        r = pic__pack_end(p, NULL);
                assert_true(r == 0 || r == PIC_IO);
                pic__pack_free(p);
                pic__manifest_clear(&m);
                pic__age_keys_clear(&keys);
        }
        pic__pack_free(NULL);
}

static void sinks(void **state)
{
        (void)state;
        sinks_in(0);
        sinks_in(1);
}

/* What a thread of its own (pthread_create) encrypts opens, and is what was put in. */
static void beside(void **state)
{
        static char large[600000];
        const char *const all[] = { "a", "one", "b", large, NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT, back = PIC__BUF_INIT;
        pic__age_keys keys = { .passphrase = NULL };
        const pic__pack_opts o = { .keys = &keys, .log_n = 1, .threads = 2, .still = 1 };
        struct text a = { "one", 3, 3 }, b = { large, sizeof(large) - 1, 5000 };
        pic__manifest m;
        pic__pack *p = NULL;
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(large) - 1; i++)
                large[i] = (char)('a' + i * i / 1000 % 26);
        assert_int_equal(pic__age_keys_passphrase(&keys, "x", NULL), 0);
        describe(all, &m);
        assert_int_equal(pic__pack_new(&o, &m, collect, &out, &p, NULL), 0);
        assert_int_equal(pic__pack_put(p, next, &a, NULL), 0);
        assert_int_equal(pic__pack_put(p, next, &b, NULL), 0);
        assert_int_equal(pic__pack_end(p, NULL), 0);
        assert_int_equal(pic__pack_end(p, NULL), PIC_BADSTATE);
        pic__pack_free(p);
        assert_int_equal(unpack_all(out.data, out.len, 70000, &keys, &back, NULL), 0);
        assert_int_equal(back.len, 2 + 3 + 1 + 2 + sizeof(large) - 1 + 1);
        assert_memory_equal(back.data + 8, large, sizeof(large) - 1);
        pic__manifest_clear(&m);
        pic__age_keys_clear(&keys);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(deterministic), cmocka_unit_test(changed),
                                            cmocka_unit_test(sinks), cmocka_unit_test(beside) };

        return cmocka_run_group_tests(tests, start, NULL);
}
