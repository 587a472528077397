/* Profiles in the shape that well-known providers give them (keys and addresses are made up) against
 * tests/golden/profiles/NAME.txt: fields, what was passed over, what is refused. PIC_TEST_REGENERATE=1 writes those. */
#include "take.h"

#include <stdlib.h>

#include "codec/ovpn.h"
#include "codec/wgquick.h"
#include "model/field.h"

static const char *const samples[] = {
        "airvpn.conf", "mullvad.conf", "nord.conf", "proton.conf",
        "airvpn.ovpn", "mullvad.ovpn", "nord.ovpn", "proton.ovpn",
};

static int write_field(const char *field, const char *text, int secret, int line, void *data, pic_error **err)
{
        int i = pic__field_find(PIC__CONNECTION, field);
        pic__val v = PIC__VAL_NONE;
        char *again;

        (void)line;
        assert_true(i >= 0);
        if (!secret) { /* the field takes it, and it is canonical already */
                const pic__field *f = &pic__kinds[PIC__CONNECTION].fields[i];

                assert_int_equal(pic__field_parse(f, text, &v, err), 0);
                again = pic__field_print(f, &v);
                assert_string_equal(again, text);
                pic__free(again);
                pic__val_clear(&v);
        }
        pic__buf_putf(data, strchr(text, '\n') != NULL ? "%s%s:\n%s" : "%s%s: %s\n", field, secret ? " (secret)" : "",
                      text);
        return 0;
}

static int read_beside(const char *name, pic__buf *out, void *data, pic_error **err)
{
        char path[300], *text;
        size_t len;

        (void)data;
        (void)err;
        snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/profiles/%s", name);
        text = slurp(path, &len);
        pic__buf_put(out, text, len);
        pic__free(text);
        return 0;
}

static void tell(pic__buf *out, const char *what, const pic_error *err)
{
        for (; err != NULL; err = pic_error_next(err)) {
                pic__buf_putf(out, "%s: %s\n", what, pic_error_message(err));
                if (pic_error_hint(err) != NULL)
                        pic__buf_putf(out, "  hint: %s\n", pic_error_hint(err));
        }
}

static void sample(const char *name)
{
        pic__buf out = PIC__BUF_INIT;
        char path[300], *text, *want;
        pic_error *err = NULL;
        pic__imported told;
        size_t len;
        int r;

        snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/profiles/%s", name);
        text = slurp(path, &len);
        {
                const pic__import in = { text, len, name, write_field, read_beside, &out };

                if (strcmp(pic__import_guess(text, len), "wireguard") == 0)
                        r = pic__wgquick_read(&in, &told, &err);
                else
                        r = pic__ovpn_read(&in, &told, &err);
        }
        assert_int_equal(r, pic_error_code(err));
        pic__buf_putf(&out, "login: %s\n", told.login ? "yes" : "no");
        tell(&out, "warning", told.warnings);
        tell(&out, "error", err);
        pic_error_free(err);
        pic_error_free(told.warnings);
        pic__free(text);

        strcat(path, ".txt");
        if (getenv("PIC_TEST_REGENERATE") != NULL) {
                FILE *f = fopen(path, "wb");

                assert_non_null(f);
                fwrite(out.data, 1, out.len, f);
                fclose(f);
        }
        want = slurp(path, &len);
        assert_string_equal(pic__buf_str(&out), want);
        pic__free(want);
        pic__buf_free(&out);
}

static void golden(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(samples); i++)
                sample(samples[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(golden) };
        int r = cmocka_run_group_tests(tests, NULL, NULL);

        pic__buf_free(&taken);
        return r;
}
