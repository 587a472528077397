/* Reading of OpenVPN profiles in tests: what is told, beside files made up here. */
#ifndef PIC_TEST_PROFILE_H
#define PIC_TEST_PROFILE_H

#include "take.h"

#include "codec/ovpn.h"

/* No certificate, but what the reader takes for one. */
#define PEM "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define KEY "-----BEGIN PRIVATE KEY-----\nTOPSECRETKEYTOPSECRETKEY\n-----END PRIVATE KEY-----\n"
#define CA "<ca>\n" PEM "</ca>\n"
#define BASE "client\nremote a.example\nauth-user-pass\nremote-cert-tls server\n" CA
/* What BASE becomes, up to the place where other directives would follow. */
#define HEAD "client\ndev tun\nnobind\nauth-user-pass\nremote-cert-tls server\n" CA
#define FIELDS(remotes, profile) "type=openvpn;remotes=" remotes ";profile=*" profile ";"

static pic__imported told;

struct beside {
        const char *name;
        const char *bytes;
        size_t len; /* 0: a text */
};

static inline int take_file(const char *name, pic__buf *out, void *data, pic_error **err)
{
        const struct beside *f;

        for (f = data; f->name != NULL; f++)
                if (strcmp(f->name, name) == 0) {
                        pic__buf_put(out, f->bytes, f->len != 0 ? f->len : strlen(f->bytes));
                        return 0;
                }
        if (strcmp(name, "denied") == 0)
                return pic__fail(err, PIC_DENIED, "denied: it may not be read");
        return pic__fail(err, PIC_NOTFOUND, "%s is not there", name);
}

static inline int load_with(const char *text, size_t len, const struct beside *files, pic_error **err)
{
        const pic__import in = { .text = text,
                                 .len = len,
                                 .name = "p.ovpn",
                                 .field = take_field,
                                 .file = files != NULL ? take_file : NULL,
                                 .data = (void *)(uintptr_t)files };
        int r;

        pic__buf_clear(&taken);
        pic_error_free(told.warnings);
        r = pic__ovpn_read(&in, &told, err);
        assert_int_equal(r, err != NULL ? pic_error_code(*err) : r);
        return r;
}

static inline int load(const char *text, pic_error **err)
{
        return load_with(text, strlen(text), NULL, err);
}

/* It is taken, and this is what is told. */
static inline void assert_told(const char *text, const char *want)
{
        pic_error *err = NULL;

        if (load(text, &err) < 0)
                fail_msg("refused: %s", pic_error_message(err));
        assert_string_equal(pic__buf_str(&taken), want);
}

/* The reader says exactly these things. */
static inline void assert_wrong(const char *text, const struct beside *files, const char *const *want, size_t count)
{
        pic_error *err = NULL;

        assert_true(load_with(text, strlen(text), files, &err) < 0);
        assert_errors(err, want, count);
        assert_untold(err, "SECRET");
        assert_untold(told.warnings, "SECRET");
        pic_error_free(err);
}

static inline int run_all(const struct CMUnitTest *tests, size_t count)
{
        int r = _cmocka_run_group_tests("tests", tests, count, NULL, NULL);

        pic_error_free(told.warnings);
        pic__buf_free(&taken);
        return r;
}

#endif
