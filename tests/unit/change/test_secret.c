/* Shows: a secret that a person gives is judged, sealed, and nowhere in clear: not in the wishes, not in their JSON,
 * not in an error; and that it opens, with the agent's key, where it belongs and nowhere else. */
#include "../../api/world.h"

#include "change/secret.h"
#include "change/wish_json.h"
#include "model/key.h"
#include "sys/crypto.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="
#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----"
#define END "-----END OPENSSH PRIVATE KEY-----"
#define OPEN "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"

static uint8_t agent[32], agent_public[32];

static int seal_key(void *data, uint8_t key[32], pic_error **err)
{
        (void)data, (void)err;
        memcpy(key, agent_public, 32);
        return 0;
}

static int push(pic__wishes *w, const char *field, const char *text, pic_error **err)
{
        const pic__op op = { .wish = PIC__WISH_SET,
                             .kind = PIC__CONNECTION,
                             .name = "m",
                             .field = pic__field_find(PIC__CONNECTION, field),
                             .text = text };

        w->seal_key = seal_key;
        return pic__secret_push(w, &op, err);
}

static void opens(const pic__wishes *w, const char *field, const char *want)
{
        const pic__op *op = &w->ops.at[w->ops.count - 1];
        uint8_t plain[32768];
        char context[64];
        size_t len = 0;

        snprintf(context, sizeof(context), "connection/%s", field);
        assert_int_equal(pic__unseal(agent, context, op->text, plain, sizeof(plain), &len, NULL), 0);
        assert_int_equal(len, strlen(want));
        assert_memory_equal(plain, want, len);
        assert_true(pic__unseal(agent, "connection/x", op->text, plain, sizeof(plain), &len, NULL) < 0);
        assert_null(strstr(op->text, want));
}

static void given(void **state)
{
        pic__wishes w = { .documents = 0 };
        uint8_t secret[32], public_key[32];
        char text[PIC__KEY_TEXT];
        pic_error *err = NULL;

        (void)state;
        ok(push(&w, "private_key", "  " KEY "\r\n", &err));
        opens(&w, "private_key", KEY);
        assert_int_equal(pic__key_decode(KEY, secret), 0);
        pic__wg_public(secret, public_key);
        pic__key_encode(public_key, text);
        assert_string_equal(w.ops.at[0].public_key, text);
        ok(push(&w, "preshared_key", KEY, &err));
        opens(&w, "preshared_key", KEY);
        assert_null(w.ops.at[1].public_key);
        ok(push(&w, "password", "pass word ü", &err));
        opens(&w, "password", "pass word ü");
        ok(push(&w, "key", "\n" BEGIN "\r\n" OPEN "\r\n" END "  \n\n", &err));
        opens(&w, "key", BEGIN "\n" OPEN "\n" END "\n");
        pic__wishes_free(&w);
}

static int push_domain(pic__wishes *w, const char *field, const char *text, pic_error **err)
{
        const pic__op op = { .wish = PIC__WISH_SET,
                             .kind = PIC__DOMAIN,
                             .name = "home.example.org",
                             .field = pic__field_find(PIC__DOMAIN, field),
                             .text = text };

        w->seal_key = seal_key;
        return pic__secret_push(w, &op, err);
}

/* A public name's: a key that signs changes of names, as people have it. */
static void of_domains(void **state)
{
        static const char want[] = "hmac-sha256:my-key:K2tf3TRrmE7TJd+m2NPBuw==";
        static const char *const good[] = {
                "hmac-sha256:my-key:K2tf3TRrmE7TJd+m2NPBuw==",
                " HMAC-SHA256:My-Key.:K2tf3TRrmE7TJd+m2NPBuw==\n",
                "key \"my-key\" {\n\talgorithm hmac-sha256;\n\tsecret \"K2tf3TRrmE7TJd+m2NPBuw==\";\n};\n",
                "# hmac-sha256:my-key:K2tf3TRrmE7TJd+m2NPBuw==\nkey:\n  - id: my-key\n    algorithm: hmac-sha256\n"
                "    secret: K2tf3TRrmE7TJd+m2NPBuw==\n",
        };
        static const char *const bad[] = { "hunter2",
                                           "hmac-sha3:k:K2tf3TRrmE7TJd+m2NPBuw==",
                                           "hmac-sha256:k:hunter2",
                                           "hmac-sha256:a b:K2tf3TRrmE7TJd+m2NPBuw==",
                                           "hmac-sha256:a;b:K2tf3TRrmE7TJd+m2NPBuw==",
                                           "key \"k\" {\nalgorithm hmac-sha256;\n};\n",
                                           "{ secret",
                                           "key {\nsecret" };
        pic__wishes w = { .documents = 0 };
        pic_error *err = NULL;
        size_t i, len;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++) {
                uint8_t plain[256];

                ok(push_domain(&w, "key", good[i], &err));
                assert_int_equal(pic__unseal(agent, "domain/key", w.ops.at[i].text, plain, sizeof(plain), &len, NULL),
                                 0);
                assert_int_equal(len, strlen(want));
                assert_memory_equal(plain, want, len);
        }
        for (i = 0; i < PIC__COUNT(bad); i++) {
                assert_int_equal(push_domain(&w, "key", bad[i], &err), PIC_VALUE);
                assert_null(strstr(pic_error_message(err), "hunter2"));
                pic_error_free(err);
                err = NULL;
        }
        ok(push_domain(&w, "token", "abc", &err));
        ok(push_domain(&w, "password", "abc", &err));
        pic__wishes_free(&w);
}

static void wrong(void **state)
{
        static const struct {
                const char *field, *text, *words;
        } cases[] = {
                { "private_key", "hunter2", "must be a WireGuard key" },
                { "private_key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", "must be a WireGuard key" },
                { "private_key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "is all zero" },
                { "preshared_key", "hunter2\n", "must be a WireGuard key" },
                { "password", "two\nhunter2", "must be printable text of 1 to 512 bytes" },
                { "key", "hunter2", "must be a private key of OpenSSH" },
                { "key", "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n", "must be a private key of OpenSSH" },
                { "key", BEGIN "\n" OPEN "\n", "must end with the line" },
                { "key", BEGIN "\n" OPEN "\n" END "\nhunter2", "must end with the line" },
                { "key", BEGIN "\nhunter2\n" END, "is damaged" },
                { "key", BEGIN "\n" OPEN "\"\n" END, "is damaged" },
                { "key", BEGIN " hunter2\n" OPEN "\n" END, "is damaged" },
                { "key", BEGIN "\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0\n" END,
                  "is locked with a pass" },
        };
        pic__wishes w = { .documents = 0 };
        pic_error *err = NULL;
        char *large = malloc(20000);
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                assert_int_equal(push(&w, cases[i].field, cases[i].text, &err), PIC_VALUE);
                if (strstr(pic_error_message(err), cases[i].words) == NULL)
                        fail_msg("'%s', not '%s'", pic_error_message(err), cases[i].words);
                assert_null(strstr(pic_error_message(err), "hunter2"));
                assert_null(pic_error_detail(err, "value"));
                pic_error_free(err);
                err = NULL;
        }
        memset(large, 'x', 19999);
        large[19999] = '\0';
        refused(push(&w, "password", large, &err), PIC_VALUE, "512 bytes");
        refused(push(&w, "key", large, &err), PIC_VALUE, "16 KiB");
        free(large);
        assert_int_equal(w.ops.count, 0);
        w.seal_key = NULL;
        assert_int_equal(pic__secret_is_given(PIC__CONNECTION, pic__field_find(PIC__CONNECTION, "password")), 1);
        assert_int_equal(pic__secret_is_given(PIC__CONNECTION, pic__field_find(PIC__CONNECTION, "user")), 0);
        assert_int_equal(pic__secret_is_given(PIC__PEER, pic__field_find(PIC__PEER, "private_key")), 0);
        pic__wishes_free(&w);
}

/* The JSON of wishes goes to a file and back, sealed. What is not sealed is not taken for it. */
static void kept(void **state)
{
        pic__wishes w = { .documents = 0 }, again = { .documents = 0 };
        pic__auto_buf pic__buf b = PIC__BUF_INIT, c = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b), k = PIC__JSON(&c);
        pic_error *err = NULL;

        (void)state;
        ok(push(&w, "private_key", KEY, &err));
        ok(push(&w, "password", "hunter2hunter2", &err));
        pic__json_open(&j, '{');
        pic__json_key(&j, "wishes");
        pic__wishes_write(&w, &j);
        pic__json_close(&j, '}');
        assert_null(strstr(pic__buf_str(&b), "hunter2"));
        assert_null(strstr(pic__buf_str(&b), KEY));
        ok(pic__wishes_load(&again, pic__buf_str(&b), b.len, "draft.json", 0, &err));
        pic__json_open(&k, '{');
        pic__json_key(&k, "wishes");
        pic__wishes_write(&again, &k);
        pic__json_close(&k, '}');
        assert_string_equal(pic__buf_str(&b), pic__buf_str(&c));
#define SET "{\"wishes\":[{\"do\":\"set\",\"kind\":\"connection\",\"name\":\"m\",\"field\":"
#define LOAD(text) pic__wishes_load(&again, text, strlen(text), "x.json", 0, &err)
        refused(LOAD(SET "\"password\",\"value\":\"hunter22\"}]}"), PIC_VALUE, "password: must be sealed here");
        refused(LOAD(SET "\"user\",\"value\":\"x\",\"public_key\":\"" KEY "\"}]}"), PIC_SYNTAX, "for no private one");
        pic__wishes_free(&w);
        pic__wishes_free(&again);
}

static void out_of_memory(void **state)
{
        unsigned long n;
        int r;

        (void)state;
        for (n = 1; n < 1000; n++) {
                pic__wishes w = { .documents = 0 };
                pic_error *err = NULL;

                pic__mem_fail_at(n);
                r = push(&w, "key", BEGIN "\n" OPEN "\n" END "\n", &err);
                pic__mem_fail_at(0);
                pic_error_free(err);
                pic__wishes_free(&w);
                if (r == 0)
                        break;
                assert_int_equal(r, PIC_NOMEM);
        }
        assert_true(n > 3 && n < 1000);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(given), cmocka_unit_test(of_domains),
                                            cmocka_unit_test(wrong), cmocka_unit_test(kept),
                                            cmocka_unit_test(out_of_memory) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__wg_keypair(agent, agent_public);
        return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
