/* A reader's callbacks that write down what they are told: "field=text;" in order, secrets as "field=*text;". */
#ifndef PIC_TEST_TAKE_H
#define PIC_TEST_TAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "codec/import.h"

static pic__buf taken;

static inline int take_field(const char *field, const char *text, int secret, int line, void *data, pic_error **err)
{
        (void)data;
        assert_true(line > 0);
        if (strcmp(text, "192.0.2.66:1") == 0) /* what a test makes the taker refuse */
                return pic__fail_value(err, "connection x", field, text, "is not liked");
        pic__buf_putf(&taken, "%s=%s%s;", field, secret ? "*" : "", text);
        return 0;
}

/* Each line of `want` is "message", or "message|hint" where the hint matters. */
static inline void assert_errors(const pic_error *err, const char *const *want, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++, err = pic_error_next(err)) {
                const char *bar = strchr(want[i], '|');
                size_t len = bar != NULL ? (size_t)(bar - want[i]) : strlen(want[i]);

                if (err == NULL)
                        fail_msg("missing: %s", want[i]);
                if (strlen(pic_error_message(err)) != len || strncmp(pic_error_message(err), want[i], len) != 0)
                        fail_msg("wanted: %s\n   seen: %s", want[i], pic_error_message(err));
                if (bar != NULL && (pic_error_hint(err) == NULL || strcmp(pic_error_hint(err), bar + 1) != 0))
                        fail_msg("wanted: %s\n   seen: %s", want[i],
                                 pic_error_hint(err) != NULL ? pic_error_hint(err) : "(no hint)");
                if (pic_error_detail(err, "file") == NULL)
                        fail_msg("no place: %s", want[i]);
        }
        if (err != NULL)
                fail_msg("more than wanted: %s", pic_error_message(err));
}

/* No message, hint or detail value holds the text. */
static inline void assert_untold(const pic_error *err, const char *secret)
{
        static const char *const details[] = { "field", "value", "rule", "object" };
        size_t i;

        for (; err != NULL; err = pic_error_next(err)) {
                assert_null(strstr(pic_error_message(err), secret));
                if (pic_error_hint(err) != NULL)
                        assert_null(strstr(pic_error_hint(err), secret));
                for (i = 0; i < PIC__COUNT(details); i++)
                        if (pic_error_detail(err, details[i]) != NULL)
                                assert_null(strstr(pic_error_detail(err, details[i]), secret));
        }
}

/* A file of tests/. */
static inline char *slurp(const char *path, size_t *len)
{
        FILE *f = fopen(path, "rb");
        char *text = NULL;
        long size;

        if (f == NULL)
                fail_msg("%s is not there", path);
        assert_int_equal(fseek(f, 0, SEEK_END), 0);
        size = ftell(f);
        rewind(f);
        text = pic__alloc((size_t)size + 1);
        *len = fread(text, 1, (size_t)size, f);
        assert_int_equal(*len, size);
        fclose(f);
        return text;
}

#endif
