/* Shows: near words are found in order of nearness, far ones are not. */
#include "help.h"

#include "model/near.h"

static const char *hint_of(const char *word, const char *const *candidates, size_t count, pic_error **err)
{
        pic__near n = PIC__NEAR(word);
        size_t i;

        for (i = 0; i < count; i++)
                pic__near_try(&n, candidates[i]);
        pic__fail(err, PIC_NOTFOUND, "no %s", word);
        pic__near_hint(&n, "look again", err);
        return pic_error_hint(*err);
}

static void hints(void **state)
{
        static const char *const fields[] = { "name", "note", "net4", "net6", "listen_port", "endpoint" };
        pic_error *err = NULL;

        (void)state;
        assert_string_equal(hint_of("listenport", fields, 6, &err), "did you mean 'listen_port'?");
        assert_string_equal(hint_of("listen-port", fields, 6, &err), "did you mean 'listen_port'?");
        assert_string_equal(hint_of("NAME", fields, 6, &err), "did you mean 'name'?");
        assert_string_equal(hint_of("net5", fields, 6, &err), "did you mean 'net4' or 'net6'?");
        assert_string_equal(hint_of("namee", fields, 6, &err), "did you mean 'name'?");
        assert_string_equal(hint_of("netx6", fields, 6, &err), "did you mean 'net6' or 'net4'?");
        assert_string_equal(hint_of("nmae", fields, 6, &err), "did you mean 'name'?");
        assert_string_equal(hint_of("colour", fields, 6, &err), "look again");
        assert_string_equal(hint_of("", fields, 6, &err), "look again");
        pic_error_free(err);
}

static void limits(void **state)
{
        char longer[200];
        const char *const candidates[] = { longer, "aaaa" };
        pic__near n = PIC__NEAR("aaab");
        pic_error *err = NULL;

        (void)state;
        memset(longer, 'a', sizeof(longer));
        longer[199] = '\0';
        assert_string_equal(hint_of(longer, candidates, 2, &err), "look again");
        pic__near_try(&n, longer);
        assert_int_equal(n.count, 0);
        pic__near_try(&n, "aaba");
        pic__near_try(&n, "aaab");
        pic__near_try(&n, "aabb");
        pic__near_try(&n, "baab");
        assert_int_equal(n.count, 3);
        assert_string_equal(n.best[0], "aaab");
        pic__near_hint(&n, NULL, NULL);
        pic_error_free(err);
}

/* Without memory there may be no hint, and nothing worse. */
static void memory(void **state)
{
        static const char *const words[] = { "anna", "hanna" };
        unsigned long i;

        (void)state;
        for (i = 1; i < 12; i++) {
                pic_error *err = NULL;
                const char *hint;

                pic__mem_fail_at(i);
                hint = hint_of("ana", words, 2, &err);
                pic__mem_fail_at(0);
                assert_true(hint == NULL || strcmp(hint, "did you mean 'anna'?") == 0);
                pic_error_free(err);
        }
}

RUN(T(hints), T(limits), T(memory))
