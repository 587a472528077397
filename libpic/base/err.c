/* Owns: the error object. An error is a message, a code, a hint, named details, a cause below it and
 * a follower beside it. The out-of-memory error is one static object and is never freed. */
#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

struct detail {
        struct detail *next;
        char *key;
        char *value;
};

struct pic_error {
        int code;
        char *message;
        char *hint;
        struct detail *details;
        pic_error *cause;
        pic_error *next;
};

static pic_error out_of_memory = { .code = PIC_NOMEM };

int pic_error_code(const pic_error *err)
{
        return err != NULL ? err->code : PIC_OK;
}

const char *pic_error_message(const pic_error *err)
{
        if (err == NULL)
                return "";
        return err->message != NULL ? err->message : pic_code_text(err->code);
}

const char *pic_error_hint(const pic_error *err)
{
        return err != NULL ? err->hint : NULL;
}

const char *pic_error_detail(const pic_error *err, const char *key)
{
        const struct detail *d;

        if (err == NULL || key == NULL)
                return NULL;
        for (d = err->details; d != NULL; d = d->next)
                if (strcmp(d->key, key) == 0)
                        return d->value;
        return NULL;
}

const pic_error *pic_error_cause(const pic_error *err)
{
        return err != NULL ? err->cause : NULL;
}

const pic_error *pic_error_next(const pic_error *err)
{
        return err != NULL ? err->next : NULL;
}

static void free_details(struct detail *d)
{
        while (d != NULL) {
                struct detail *next = d->next;

                pic__free(d->key);
                pic__free(d->value);
                pic__free(d);
                d = next;
        }
}

void pic_error_free(pic_error *err)
{
        while (err != NULL && err != &out_of_memory) {
                pic_error *next = err->next;

                pic_error_free(err->cause);
                free_details(err->details);
                pic__free(err->message);
                pic__free(err->hint);
                pic__free(err);
                err = next;
        }
}

const char *pic_code_name(int code)
{
        switch (code) {
#define PIC_X(name, value, text) \
        case (value): return #name;
                PIC_CODES(PIC_X)
#undef PIC_X
        }
        return "UNKNOWN";
}

const char *pic_code_text(int code)
{
        switch (code) {
#define PIC_X(name, value, text) \
        case (value): return text;
                PIC_CODES(PIC_X)
#undef PIC_X
        }
        return "unknown code";
}

void pic__nomem_set(pic_error **err)
{
        if (err == NULL)
                return;
        pic_error_free(*err);
        *err = &out_of_memory;
}

/* Takes a text and answers one that is printable (what a kernel, a daemon or a file said may be in it); NULL for NULL
 * and when out of memory. */
static char *printable(char *text)
{
        pic__buf b = PIC__BUF_INIT;

        if (text == NULL || pic__utf8_printable(text))
                return text;
        pic__buf_put_shown(&b, text, PIC__BUF_MAX);
        pic__free(text);
        return pic__buf_steal(&b);
}

/* Sets *err to a new object with this message (taken; NULL means it could not be made: then object and answer say
 * PIC_NOMEM, so that the two never differ). */
static int set(pic_error **err, int code, char *message)
{
        pic_error *e;

        if (err == NULL) {
                pic__free(message);
                return code;
        }
        message = printable(message);
        e = message != NULL ? pic__alloc(sizeof(*e)) : NULL;
        if (e == NULL) {
                pic__free(message);
                return pic__nomem(err);
        }
        e->code = code;
        e->message = message;
        pic_error_free(*err);
        *err = e;
        return code;
}

PIC_PRINTF(1, 0) static char *format(const char *fmt, va_list ap)
{
        pic__buf b = PIC__BUF_INIT;

        pic__buf_vputf(&b, fmt, ap);
        return pic__buf_steal(&b);
}

int pic__fail(pic_error **err, int code, const char *fmt, ...)
{
        va_list ap;
        char *text;

        if (code == PIC_NOMEM)
                return pic__nomem(err);
        va_start(ap, fmt);
        text = format(fmt, ap);
        va_end(ap);
        return set(err, code, text);
}

const char *pic__errno_text(int errnum)
{
        const char *text = strerrordesc_np(errnum);

        return text != NULL ? text : "unknown error";
}

/* What a person can do about a disk that fails, whoever finds out. */
static const char *disk_hint(int errnum)
{
        switch (errnum) {
        case ENOSPC:
        case EDQUOT: return "make room on the disk, then try again";
        case EROFS: return "mount it writable; one that had errors becomes read-only by itself: see dmesg";
        case EIO: return "the disk, or its file system, failed: see dmesg";
        default: return NULL;
        }
}

int pic__fail_errno(pic_error **err, int errnum, const char *fmt, ...)
{
        pic__buf b = PIC__BUF_INIT;
        char why[128];
        va_list ap;
        int code = PIC_IO;

        if (errnum == EACCES || errnum == EPERM)
                code = PIC_DENIED;
        else if (errnum == ENOENT)
                code = PIC_NOTFOUND;
        else if (errnum == ENOMEM)
                return pic__nomem(err);
        va_start(ap, fmt);
        pic__buf_vputf(&b, fmt, ap);
        va_end(ap);
        pic__buf_putf(&b, ": %s", strerror_r(errnum, why, sizeof(why)));
        code = set(err, code, pic__buf_steal(&b));
        pic__detail_int(err, "errno", errnum);
        if (disk_hint(errnum) != NULL)
                pic__hint(err, "%s", disk_hint(errnum));
        return code;
}

int pic__fail_value(pic_error **err, const char *object, const char *field, const char *value, const char *rule)
{
        pic__buf shown = PIC__BUF_INIT, b = PIC__BUF_INIT;
        int code;

        pic__buf_put_shown(&shown, value != NULL ? value : "", 200);
        if (object != NULL)
                pic__buf_putf(&b, "%s: ", object);
        if (value != NULL)
                pic__buf_putf(&b, "%s: '%s' %s", field, pic__buf_str(&shown), rule);
        else
                pic__buf_putf(&b, "%s: %s", field, rule);
        code = set(err, PIC_VALUE, pic__buf_steal(&b));
        if (object != NULL)
                pic__detail(err, "object", object);
        pic__detail(err, "field", field);
        if (value != NULL)
                pic__detail(err, "value", pic__buf_str(&shown));
        pic__detail(err, "rule", rule);
        pic__buf_free(&shown);
        return code;
}

/* Puts `text` (taken; NULL: could not be made) above what is there. */
static int wrap(pic_error **err, int code, char *text)
{
        pic_error *below = *err, *e;

        text = printable(text);
        e = text != NULL ? pic__alloc(sizeof(*e)) : NULL;
        if (e == NULL) {
                pic__free(text);
                below->code = code;
                return code;
        }
        e->code = code;
        e->message = text;
        e->hint = pic__take(below->hint);
        e->details = pic__take(below->details);
        e->next = pic__take(below->next);
        e->cause = below;
        *err = e;
        return code;
}

int pic__wrap(pic_error **err, const char *fmt, ...)
{
        va_list ap;
        char *text;

        if (err == NULL || *err == NULL)
                return PIC_INVALID;
        if (*err == &out_of_memory)
                return PIC_NOMEM;
        va_start(ap, fmt);
        text = format(fmt, ap);
        va_end(ap);
        return wrap(err, (*err)->code, text);
}

int pic__wrap_code(pic_error **err, int code, const char *fmt, ...)
{
        va_list ap;
        char *text;

        if (err == NULL || *err == NULL)
                return code;
        if (*err == &out_of_memory)
                return PIC_NOMEM;
        va_start(ap, fmt);
        text = format(fmt, ap);
        va_end(ap);
        return wrap(err, code, text);
}

int pic__prefix_msg(pic_error **err, const char *fmt, ...)
{
        pic__buf b = PIC__BUF_INIT;
        va_list ap;
        char *text;

        if (err == NULL || *err == NULL)
                return PIC_INVALID;
        if (*err == &out_of_memory)
                return PIC_NOMEM;
        va_start(ap, fmt);
        pic__buf_vputf(&b, fmt, ap);
        va_end(ap);
        pic__buf_puts(&b, pic_error_message(*err));
        text = printable(pic__buf_steal(&b));
        if (text != NULL) {
                pic__free((*err)->message);
                (*err)->message = text;
        }
        return (*err)->code;
}

void pic__hint(pic_error **err, const char *fmt, ...)
{
        va_list ap;

        if (err == NULL || *err == NULL || *err == &out_of_memory)
                return;
        pic__free((*err)->hint);
        va_start(ap, fmt);
        (*err)->hint = printable(format(fmt, ap));
        va_end(ap);
}

void pic__detail(pic_error **err, const char *key, const char *value)
{
        struct detail *d;

        if (err == NULL || *err == NULL || *err == &out_of_memory || value == NULL)
                return;
        d = pic__alloc(sizeof(*d));
        if (d == NULL)
                return;
        d->key = pic__strdup(key);
        d->value = pic__strdup(value);
        d->next = (*err)->details;
        if (d->key == NULL || d->value == NULL) {
                d->next = NULL;
                free_details(d);
                return;
        }
        (*err)->details = d;
}

void pic__detail_int(pic_error **err, const char *key, long long value)
{
        char text[32];

        snprintf(text, sizeof(text), "%lld", value);
        pic__detail(err, key, text);
}

void pic__err_append(pic_error **list, pic_error *more)
{
        if (list == NULL) {
                pic_error_free(more);
                return;
        }
        if (*list == &out_of_memory) {
                pic_error_free(more);
                return;
        }
        if (more == &out_of_memory) {
                pic__nomem(list);
                return;
        }
        while (*list != NULL)
                list = &(*list)->next;
        *list = more;
}

pic_error *pic__err_split(pic_error *err)
{
        return err != NULL && err != &out_of_memory ? pic__take(err->next) : NULL;
}

int pic__prefix_all(pic_error **err, const char *prefix)
{
        pic_error *rest = err != NULL ? pic__take(*err) : NULL;

        while (rest != NULL) {
                pic_error *next = pic__err_split(rest);

                (void)pic__prefix_msg(&rest, "%s", prefix);
                pic__err_append(err, rest);
                rest = next;
        }
        return err != NULL ? pic_error_code(*err) : PIC_OK;
}

size_t pic__err_count(const pic_error *err)
{
        size_t n = 0;

        for (; err != NULL; err = err->next)
                n++;
        return n;
}

int pic__err_make(pic_error **err, int code, const char *message, const char *hint, const char *const *details)
{
        if (code == PIC_NOMEM)
                return pic__nomem(err);
        code = set(err, code, pic__strdup(message != NULL ? message : pic_code_text(code)));
        if (hint != NULL)
                pic__hint(err, "%s", hint);
        for (; details != NULL && details[0] != NULL && details[1] != NULL; details += 2)
                pic__detail(err, details[0], details[1]);
        return code;
}

void pic__err_each(const pic_error *err, void (*fn)(const char *key, const char *value, void *data), void *data)
{
        const struct detail *d;

        for (d = err != NULL ? err->details : NULL; d != NULL; d = d->next)
                fn(d->key, d->value, data);
}
