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

static int attempt(const char *first, const char *second)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        const pic__pack_opts o = { .threads = 1 };
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
        assert_int_equal(attempt("one", "two"), 0);
        assert_int_equal(attempt("One", "two"), PIC_STALE);
        assert_int_equal(attempt("one!", "two"), PIC_STALE);
        assert_int_equal(attempt("on", "two"), PIC_STALE);
        assert_int_equal(attempt("one", ""), PIC_STALE);
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
static void sinks(void **state)
{
        size_t room, at;
        int r = PIC_IO;

        (void)state;
        for (room = 0; r != 0; room += 50) {
                pic__age_keys keys = { .passphrase = NULL };
                const pic__pack_opts o = { .keys = &keys, .log_n = 1 };
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

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(deterministic), cmocka_unit_test(changed),
                                            cmocka_unit_test(sinks) };

        return cmocka_run_group_tests(tests, start, NULL);
}
