/* TXT records (provider*.c): what nsupdate is told; a script; and the two web providers against stand-ins that answer
 * as their public documentation says (api.cloudflare.com/client/v4: zones, dns_records; duckdns.org/spec.jsp), and say
 * no as they do.
 */
#include "provider_stand_in.h"

#define FOUND "{\"success\":true,\"result\":[{\"id\":\"0123abcd\",\"name\":\"example.org\"}]}"
#define EMPTY "{\"success\":true,\"result\":[]}"
#define MADE "{\"success\":true,\"result\":{\"id\":\"77\"}}"
#define NO "{\"success\":false,\"errors\":[{\"code\":9109,\"message\":\"Invalid access token s3cr3t\\u001b[2J\"}]}"

static void cloudflare(void **state)
{
        pic__seals s;
        pic_obj *d;
        pthread_t thread;
        pic_error *err = NULL;

        (void)state;
        seals_make(&s);
        d = make(&s, "cloudflare", "token", "s3cr3t", "home.example.org");
        thread = begin(EMPTY, FOUND, MADE, NULL);
        assert_int_equal(work(&s, d, 0, &err), 1);
        pthread_join(thread, NULL);
        assert_ptr_equal(strstr(heard[0], "GET /client/v4/zones?name=home.example.org "), heard[0]);
        assert_non_null(strstr(heard[0], "Authorization: Bearer s3cr3t\r\n"));
        assert_ptr_equal(strstr(heard[1], "GET /client/v4/zones?name=example.org "), heard[1]);
        assert_ptr_equal(strstr(heard[2], "POST /client/v4/zones/0123abcd/dns_records "), heard[2]);
        assert_non_null(strstr(heard[2], "\"content\":\"abc_-9\""));
        assert_non_null(strstr(heard[2], "\"name\":\"_acme-challenge.home.example.org\""));
        thread = begin(FOUND, FOUND, MADE, NULL);
        assert_int_equal(work(&s, d, 1, &err), 1);
        pthread_join(thread, NULL);
        assert_non_null(strstr(heard[1], "dns_records?type=TXT&name=_acme-challenge.home.example.org&content=abc_-9 "));
        assert_ptr_equal(strstr(heard[2], "DELETE /client/v4/zones/0123abcd/dns_records/0123abcd "), heard[2]);
        thread = begin(NO, NULL, NULL, NULL);
        assert_int_equal(work(&s, d, 0, &err), PIC_BACKEND);
        pthread_join(thread, NULL);
        assert_non_null(strstr(pic_error_message(err), "Invalid access token (secret)\\x1b[2J"));
        assert_null(strstr(pic_error_message(err), "s3cr3t"));
        pic_error_free(pic__take(err));
        thread = begin(EMPTY, EMPTY, NULL, NULL);
        assert_int_equal(work(&s, d, 0, &err), PIC_NOTFOUND);
        pthread_join(thread, NULL);
        pic_error_free(pic__take(err));
        thread = begin("{", NULL, NULL, NULL);
        assert_int_equal(work(&s, d, 0, &err), PIC_BACKEND);
        pthread_join(thread, NULL);
        pic_error_free(err);
        pic__obj_unref(d);
}

static void duckdns(void **state)
{
        pic__seals s;
        pic_obj *d;
        pthread_t thread;
        pic_error *err = NULL;

        (void)state;
        seals_make(&s);
        d = make(&s, "duckdns", "token", "aa-bb", "me.duckdns.org");
        thread = begin("OK", "OK", "KO", NULL);
        assert_int_equal(work(&s, d, 0, &err), 1);
        assert_int_equal(work(&s, d, 1, &err), 1);
        assert_int_equal(work(&s, d, 0, &err), PIC_DENIED);
        pthread_join(thread, NULL);
        assert_ptr_equal(strstr(heard[0], "GET /update?domains=me&token=aa-bb&txt=abc_-9 "), heard[0]);
        assert_non_null(strstr(heard[1], "&txt=abc_-9&clear=true "));
        assert_null(strstr(pic_error_message(err), "aa-bb"));
        pic_error_free(err);
        assert_true(pic__provider_settle_ms(d) >= 10000);
        pic__obj_unref(d);
}

static void script(void **state)
{
        char dir[64], path[128], out[128];
        pic__buf text = PIC__BUF_INIT;
        pic_error *err = NULL;
        pic__seals s;
        pic_obj *d;
        FILE *f;

        (void)state;
        seals_make(&s);
        fixture_dir(dir, sizeof(dir));
        chmod(dir, 0755);
        snprintf(path, sizeof(path), "%s/script", dir);
        snprintf(out, sizeof(out), "%s/out", dir);
        assert_int_equal(pic__file_write(out, "", 0, 0666, NULL), 0);
        f = fopen(path, "w");
        fprintf(f,
                "#!/bin/sh\nread token\necho \"$1 $2 $3 $token $(id -u)\" >>%s\n[ $1 = txt-set ] || { echo sorry "
                "$token >&2; "
                "exit 4; }\n",
                out);
        fclose(f);
        chmod(path, 0755);
        d = make(&s, "exec", "token", "s3cr3t", "home.example.org");
        assert_int_equal(pic__obj_set(d, "script", path, 1, NULL), 0);
        assert_int_equal(work(&s, d, 0, &err), 1);
        assert_int_equal(work(&s, d, 1, &err), PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "sorry (secret)"));
        pic_error_free(err);
        assert_int_equal(pic__file_read(out, 4096, &text, NULL), 0);
        assert_ptr_equal(strstr(pic__buf_str(&text), "txt-set _acme-challenge.home.example.org abc_-9 s3cr3t "),
                         pic__buf_str(&text));
        if (geteuid() == 0)
                assert_non_null(strstr(pic__buf_str(&text), " 60601\n"));
        pic__buf_free(&text);
        pic__obj_unref(d);
        fixture_drop(dir);
}

static void nsupdate(void **state)
{
        const char *key = "hmac-sha256:home-key:K2tf3TRrmE7TJd+m2NPBuw==";
        pic__provider_keys keys = { .secret = PIC__BUF_SECRET };
        pic__provider_opts o = {
                .errand = PIC__ERRAND_SET, .record = "_acme-challenge.home.example.org", .text = "abc", .by = &keys
        };
        pic__buf out = PIC__BUF_INIT;
        pic_error *err = NULL;
        pic__seals s;
        pic_obj *d;

        (void)state;
        seals_make(&s);
        d = make(&s, "rfc2136", "key", key, "home.example.org");
        assert_int_equal(pic__obj_set(d, "zone", "example.org", 1, NULL), 0);
        assert_int_equal(pic__obj_set(d, "server", "192.0.2.1", 1, NULL), 0);
        o.domain = d;
        pic__buf_puts(&keys.secret, key);
        assert_int_equal(pic__provider_nsupdate(&o, &out, NULL), 0);
        assert_string_equal(pic__buf_str(&out),
                            "server 192.0.2.1 53\nkey hmac-sha256:home-key K2tf3TRrmE7TJd+m2NPBuw==\n"
                            "zone example.org.\nupdate add _acme-challenge.home.example.org. 60 TXT "
                            "\"abc\"\nsend\n");
        pic__buf_clear(&out);
        o.errand = PIC__ERRAND_CLEAR;
        assert_int_equal(pic__provider_nsupdate(&o, &out, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&out), "update delete _acme-challenge.home.example.org. TXT \"abc\"\n"));
        pic__buf_clear(&keys.secret);
        pic__buf_puts(&keys.secret, "nothing");
        assert_int_equal(pic__provider_nsupdate(&o, &out, &err), PIC_VALUE);
        pic__provider_keys_wipe(&keys);
        pic_error_free(pic__take(err));
        pic__obj_unref(d);
        d = make(&s, "http01", "token", "x", "home.example.org");
        assert_int_equal(work(&s, d, 0, &err), PIC_UNSUPPORTED);
        pic_error_free(err);
        assert_int_equal(pic__provider_settle_ms(d), 0);
        pic__obj_unref(d);
        pic__buf_free(&out);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(cloudflare), cmocka_unit_test(duckdns),
                                            cmocka_unit_test(script), cmocka_unit_test(nsupdate) };

        listen_here();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
