/* A carrier's files and texts without a namespace: what it writes is kept here, what it asks of the backend is answered
 * from here. Weak: the backend's own win where a test links them. */
#ifndef PIC_TESTS_EXIT_ALONE_H
#define PIC_TESTS_EXIT_ALONE_H

#include "sample.h"

#include "backend/exit/carrier.h"
#include "sys/file.h"

static char alone_names[8][32], alone_texts[8][8192];
static size_t alone_count;
static const char *alone_log = "";
static unsigned alone_port;    /* somebody listens there */
static unsigned alone_waiting; /* and here connections wait */

__attribute__((weak)) int pic__carrier_file(const pic__carrier_env *env, const char *name, const void *data, size_t len,
                                            pic_error **err)
{
        (void)env;
        (void)err;
        assert_true(alone_count < 8 && len < sizeof(alone_texts[0]));
        snprintf(alone_names[alone_count], sizeof(alone_names[0]), "%s", name);
        memcpy(alone_texts[alone_count], data, len);
        alone_texts[alone_count++][len] = '\0';
        return 0;
}

__attribute__((weak)) const char *pic__carrier_path(const pic__carrier_env *env, const char *name)
{
        return pic__arena_printf(env->arena, "%s/%s", env->dir, name);
}

__attribute__((weak)) int pic__carrier_run(const pic__carrier_env *env, const char *const *argv, const void *input,
                                           size_t len, pic__buf *out, pic_error **err)
{
        (void)env;
        (void)argv;
        (void)input;
        (void)len;
        (void)out;
        return pic__fail(err, PIC_UNSUPPORTED, "nothing is run here");
}

__attribute__((weak)) void pic__carrier_log(const pic__carrier_env *env, const char *process, size_t max, pic__buf *out)
{
        (void)env;
        (void)process;
        (void)max;
        pic__buf_puts(out, alone_log);
}

__attribute__((weak)) int pic__carrier_listens(const pic__carrier_env *env, unsigned port)
{
        (void)env;
        return port == alone_port;
}

__attribute__((weak)) int pic__carrier_waits(const pic__carrier_env *env, unsigned port)
{
        (void)env;
        return port == alone_waiting;
}

static inline const char *written(const char *name)
{
        size_t i;

        for (i = 0; i < alone_count; i++)
                if (strcmp(alone_names[i], name) == 0)
                        return alone_texts[i];
        return NULL;
}

/* `type=… …` of a value with the rest of it. */
static inline void parse_words(pic__exit_conf *c, const char *words, const char *secret)
{
        char value[8192];

        assert_true(snprintf(value, sizeof(value), "name=x " LINKS1 " %s", words) < (int)sizeof(value));
        parse(c, value, secret);
}

/* The code of check, and its message in `said`. */
static inline int checked(const pic__carrier *carrier, const char *words, const char *secret, char said[512])
{
        pic_error *err = NULL;
        pic__exit_conf c;
        int r;

        parse_words(&c, words, secret);
        r = carrier->check(&c, &err);
        snprintf(said, 512, "%s; %s", pic_error_message(err), pic_error_hint(err) != NULL ? pic_error_hint(err) : "");
        pic_error_free(err);
        pic__exit_conf_free(&c);
        return r;
}

static inline void refused(const pic__carrier *carrier, const char *words, const char *secret, const char *part)
{
        char said[512];

        assert_int_not_equal(checked(carrier, words, secret, said), 0);
        if (strstr(said, part) == NULL)
                fail_msg("'%s' does not say '%s'", said, part);
}

static inline void taken(const pic__carrier *carrier, const char *words, const char *secret)
{
        char said[512];

        if (checked(carrier, words, secret, said) != 0)
                fail_msg("%s %s: %s", words, secret, said);
}

/* Against tests/golden/exit (PIC_TEST_REGENERATE=1 writes them). */
static inline void golden(const char *file, const char *got)
{
        pic__auto_buf pic__buf want = PIC__BUF_INIT;
        char path[512];

        snprintf(path, sizeof(path), PIC_TEST_DATA "/golden/exit/%s", file);
        if (getenv("PIC_TEST_REGENERATE") != NULL)
                assert_int_equal(pic__file_write(path, got, strlen(got), 0644, NULL), 0);
        assert_int_equal(pic__file_read(path, 1 << 20, &want, NULL), 0);
        assert_string_equal(got, pic__buf_str(&want));
}

/* A log, and how what is made of it begins; "" for nothing. */
struct said {
        const char *log, *words;
};

static inline void means(int (*fault)(const char *log, pic__buf *why), const struct said *all, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++) {
                pic__auto_buf pic__buf why = PIC__BUF_INIT;
                int r = fault(all[i].log, &why);

                assert_int_equal(r, all[i].words[0] != '\0');
                if (strncmp(pic__buf_str(&why), all[i].words, strlen(all[i].words)) != 0)
                        fail_msg("%s\n-> %s\nnot %s", all[i].log, pic__buf_str(&why), all[i].words);
                assert_null(strchr(pic__buf_str(&why), '\n'));
        }
}

#endif
