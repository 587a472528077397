/* Shows: what a context may ask of passkeys in a message; what is missing, too long or of another alphabet is refused
 * before anything is judged. That good ones are answered is shown by tests/unit/api/test_passkey.c. */
#include "fixture.h"

#include "engine/link.h"

static void messages(void **state)
{
        static const struct {
                const char *args, *words;
        } all[] = {
                { "", "do is missing" },
                { ",\"do\":7", "do is missing" },
                { ",\"do\":\"dance\"", "add or login" },
                { ",\"do\":\"add\"", "origin is missing" },
                { ",\"do\":\"add\",\"origin\":\"http://localhost\"", "challenge is missing" },
                { ",\"do\":\"add\",\"origin\":\"http://localhost\",\"challenge\":\"x\"", "client is missing" },
                { ",\"do\":\"login\",\"origin\":\"http://localhost\",\"challenge\":\"x\",\"client\":\"*\"",
                  "client is missing, too long or no base64url" },
                { ",\"do\":\"login\",\"origin\":\"http://localhost\",\"challenge\":\"x\",\"client\":\"e30\"",
                  "id is missing" },
                { ",\"do\":\"login\",\"origin\":\"http://localhost\",\"challenge\":\"x\",\"client\":\"e30\","
                  "\"id\":\"AAAA\",\"handle\":\"AAAA\",\"auth\":\"AAAA\"",
                  "signature is missing" },
                { ",\"do\":\"login\",\"origin\":\"http://localhost\",\"challenge\":\"x\",\"client\":\"e30\","
                  "\"id\":\"AAAA\",\"handle\":\"AAAA\",\"auth\":\"AAAA\",\"signature\":\"AAAA\"",
                  "is not accepted" },
                { ",\"do\":\"add\",\"origin\":\"http://localhost\",\"challenge\":\"x\",\"client\":\"e30\","
                  "\"user\":\"anna\",\"name\":\"phone\",\"object\":\"AAAA\"",
                  "no type, challenge or origin" },
                { ",\"do\":\"add\",\"way\":\"carrier pigeon\"", "way" },
        };
        pic__engine_opts opts = { .fake = 1 };
        pic__buf answer = PIC__BUF_INIT;
        pic__engine *e = NULL;
        char text[600];
        cell c;
        size_t i;

        (void)state;
        cell_make(&c);
        opts.dir = c.dir;
        opts.clock = &c.clock;
        assert_int_equal(pic__engine_open(&opts, &e, NULL), 0);
        for (i = 0; i < PIC__COUNT(all); i++) {
                snprintf(text, sizeof(text), "{\"verb\":\"passkey\"%s}", all[i].args);
                (void)pic__verbs_handle(e, text, strlen(text), "uid 7", &answer);
                if (strstr(pic__buf_str(&answer), all[i].words) == NULL)
                        fail_msg("%s: %s", text, pic__buf_str(&answer));
        }
        pic__buf_free(&answer);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(messages) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
