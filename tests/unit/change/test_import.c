/* Shows: a provider's file becomes wishes, all or none; secrets sealed; a new file of a connection that is there takes
 * away what it does not say, and leaves what a person said beside it. */
#include "../../api/world.h"

#include "change/import.h"
#include "change/wish_json.h"
#include "sys/crypto.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8="
#define WG                                                                                             \
        "[Interface]\nPrivateKey = " KEY "\nAddress = 10.64.0.2/32, fc00:bb::2/128\nDNS = 10.64.0.1\n" \
        "[Peer]\nPublicKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhw=\n"                           \
        "AllowedIPs = 0.0.0.0/0, ::/0\nEndpoint = far.example.net:51820\n"

static uint8_t agent[32], agent_public[32];

static int seal_key(void *data, uint8_t key[32], pic_error **err)
{
        (void)data, (void)err;
        memcpy(key, agent_public, 32);
        return 0;
}

static int import(pic__wishes *w, const char *text, const char *type, int replace, pic__buf *told, pic_error **err)
{
        const pic__wish_import in = {
                .name = "m", .type = type, .replace = replace, .text = text, .len = strlen(text), .file = "m.conf"
        };
        pic__json j = PIC__JSON(told);
        size_t warnings = 0;

        w->seal_key = seal_key;
        return pic__wishes_import(w, &in, &j, &warnings, err);
}

static void file(void **state)
{
        pic__wishes w = { .documents = 0 };
        pic__auto_buf pic__buf told = PIC__BUF_INIT, json = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&json);
        pic_error *err = NULL;
        size_t count;

        (void)state;
        ok(import(&w, WG, NULL, 0, &told, &err));
        pic__wishes_write(&w, &j);
        assert_null(strstr(pic__buf_str(&json), KEY));
        assert_non_null(strstr(pic__buf_str(&json), "\"add\",\"kind\":\"connection\",\"name\":\"m\""));
        assert_non_null(strstr(pic__buf_str(&json), "\"field\":\"endpoint\",\"value\":\"far.example.net:51820\""));
        assert_non_null(strstr(pic__buf_str(&json), "\"public_key\":\""));
        assert_non_null(
                strstr(pic__buf_str(&told), "{\"name\":\"m\",\"type\":\"wireguard\",\"login\":false,\"fields\":["));
        assert_null(strstr(pic__buf_str(&told), KEY));
        count = w.ops.count;
        pic__buf_clear(&told);
        refused(import(&w, "[Interface]\nPostUp = x\n", NULL, 0, &told, &err), PIC_UNSUPPORTED, "m.conf:2:");
        refused(import(&w, "# hello", NULL, 0, &told, &err), PIC_SYNTAX, "m.conf: is neither");
        refused(import(&w, WG, "tor", 0, &told, &err), PIC_VALUE, "has no files that could be read");
        refused(import(&w, WG, "none", 0, &told, &err), PIC_VALUE, "none");
        assert_int_equal(w.ops.count, count); /* as they were */
        assert_int_equal(told.len, 0);
        pic__wishes_free(&w);
}

static int unsets(const pic__wishes *w, const char *field)
{
        size_t i;

        for (i = 0; i < w->ops.count; i++)
                if (w->ops.at[i].wish == PIC__WISH_SET && w->ops.at[i].text == NULL &&
                    w->ops.at[i].field == pic__field_find(PIC__CONNECTION, field))
                        return 1;
        return 0;
}

static void replace(void **state)
{
        pic__wishes w = { .documents = 0 };
        pic__auto_buf pic__buf told = PIC__BUF_INIT;
        pic_error *err = NULL;

        (void)state;
        ok(import(&w, WG, "wireguard", 1, &told, &err));
        assert_int_equal(w.ops.at[0].wish, PIC__WISH_SET);
        assert_true(unsets(&w, "preshared_key") && unsets(&w, "mtu"));
        assert_false(unsets(&w, "note") || unsets(&w, "endpoint") || unsets(&w, "probe") || unsets(&w, "password") ||
                     unsets(&w, "user") || unsets(&w, "slot"));
        pic__wishes_free(&w);
}

#define OVPN                                                                                          \
        "client\nremote a.example\nremote-cert-tls server\n<ca>\n-----BEGIN CERTIFICATE-----\nMIIB\n" \
        "-----END CERTIFICATE-----\n</ca>\n"
#define CERT                                                                                     \
        "<cert>\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n</cert>\n<key>\n" \
        "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n</key>\n"

/* "true", "" when it is taken away, NULL when nothing is said. */
static const char *login_of(const pic__wishes *w)
{
        size_t i;

        for (i = 0; i < w->ops.count; i++)
                if (w->ops.at[i].wish == PIC__WISH_SET &&
                    w->ops.at[i].field == pic__field_find(PIC__CONNECTION, "login"))
                        return w->ops.at[i].text != NULL ? w->ops.at[i].text : "";
        return NULL;
}

/* A sealed profile cannot be asked whether it wants a login: that is said beside it. */
static void login(void **state)
{
        static const struct {
                const char *text;
                int replace;
                const char *want;
        } cases[] = { { OVPN "auth-user-pass\n", 0, "true" },
                      { OVPN "auth-user-pass\n", 1, "true" },
                      { OVPN CERT, 0, NULL },
                      { OVPN CERT, 1, "" } };
        pic_error *err = NULL;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__wishes w = { .documents = 0 };
                pic__auto_buf pic__buf told = PIC__BUF_INIT;

                ok(import(&w, cases[i].text, "openvpn", cases[i].replace, &told, &err));
                if (cases[i].want == NULL)
                        assert_null(login_of(&w));
                else
                        assert_string_equal(login_of(&w), cases[i].want);
                pic__wishes_free(&w);
        }
}

static void out_of_memory(void **state)
{
        unsigned long n;
        int r;

        (void)state;
        for (n = 1; n < 3000; n++) {
                pic__wishes w = { .documents = 0 };
                pic__auto_buf pic__buf told = PIC__BUF_INIT;
                pic_error *err = NULL;

                pic__mem_fail_at(n);
                r = import(&w, WG, NULL, 0, &told, &err);
                pic__mem_fail_at(0);
                assert_true(r == 0 || w.ops.count == 0);
                pic_error_free(err);
                pic__wishes_free(&w);
                if (r == 0 && !told.failed)
                        break;
                assert_true(r == PIC_NOMEM || told.failed);
        }
        assert_true(n > 10 && n < 3000);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(file), cmocka_unit_test(replace), cmocka_unit_test(login),
                                            cmocka_unit_test(out_of_memory) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__wg_keypair(agent, agent_public);
        return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
