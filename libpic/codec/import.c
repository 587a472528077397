/* Owns: lines of a profile with their places, and the two lists of what is wrong with it and what was passed over. */
#include "codec/import.h"

#include <stdarg.h>
#include <string.h>

#include "model/text.h"

static const char bom[] = "\xef\xbb\xbf";

int pic__import_start(pic__importer *r, const pic__import *in, size_t max)
{
        const char *nul = in->len > 0 ? memchr(in->text, '\0', in->len) : NULL;
        static const char resave[] = "save it as UTF-8 text";

        *r = (pic__importer){ .in = in };
        if (in->len > max) {
                pic__import_wrong(r, (pic__place){ 0, 0 }, PIC_SYNTAX,
                                  "no provider's file is that long: take out what is not of it",
                                  "the file is longer than %zu KiB", max >> 10);
                return -1;
        }
        if (in->len >= 2 && (memcmp(in->text, "\xff\xfe", 2) == 0 || memcmp(in->text, "\xfe\xff", 2) == 0)) {
                pic__import_wrong(r, (pic__place){ 1, 1 }, PIC_SYNTAX, resave, "the file is UTF-16");
                return -1;
        }
        if (nul != NULL) {
                pic__import_wrong(r, pic__place_of(in->text, in->len, (size_t)(nul - in->text)), PIC_SYNTAX, resave,
                                  "a NUL byte");
                return -1;
        }
        if (in->len >= 3 && memcmp(in->text, bom, 3) == 0)
                r->offset = 3;
        return 0;
}

int pic__import_next(pic__importer *r, pic__import_line *line)
{
        const char *text = r->in->text + r->offset, *end;
        size_t left = r->in->len - r->offset;

        if (left == 0)
                return 0;
        end = memchr(text, '\n', left);
        line->text = text;
        line->len = end != NULL ? (size_t)(end - text) : left;
        line->number = ++r->line;
        r->offset += line->len + (end != NULL);
        if (line->len > 0 && text[line->len - 1] == '\r')
                line->len--;
        return 1;
}

pic__place pic__import_at(const pic__import_line *line, size_t offset)
{
        pic__place at = pic__place_of(line->text, line->len, offset);

        at.line = line->number;
        return at;
}

static void put_place(const pic__importer *r, pic__place at, pic_error **err)
{
        if (at.line != 0)
                (void)pic__prefix_msg(err, "%s:%u:%u: ", r->in->name, at.line, at.column);
        else
                (void)pic__prefix_msg(err, "%s: ", r->in->name);
        pic__place_put(err, r->in->name, at);
}

void pic__import_take(pic__importer *r, pic__place at, pic_error *err)
{
        while (err != NULL) {
                pic_error *next = pic__err_split(err);

                put_place(r, at, &err);
                if (!pic__import_full(r))
                        pic__err_append(&r->all, err);
                else
                        pic_error_free(err);
                r->count++;
                err = next;
        }
}

static pic_error *make(const pic__importer *r, int code, const char *hint, const char *fmt, va_list ap)
        PIC_PRINTF(4, 0);
static pic_error *make(const pic__importer *r, int code, const char *hint, const char *fmt, va_list ap)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic_error *err = NULL;

        pic__buf_vputf(&text, fmt, ap);
        if (text.failed)
                code = PIC_NOMEM;
        (void)pic__fail(&err, code, "%s", pic__buf_str(&text));
        pic__detail(&err, "field", r->key);
        if (hint != NULL)
                pic__hint(&err, "%s", hint);
        return err;
}

void pic__import_wrong(pic__importer *r, pic__place at, int code, const char *hint, const char *fmt, ...)
{
        va_list ap;

        if (pic__import_full(r))
                return;
        va_start(ap, fmt);
        pic__import_take(r, at, make(r, code, hint, fmt, ap));
        va_end(ap);
}

void pic__import_warn(pic__importer *r, pic__place at, const char *hint, const char *fmt, ...)
{
        pic_error *err;
        va_list ap;

        if (r->warned++ >= PIC__IMPORT_ERRORS)
                return;
        va_start(ap, fmt);
        err = make(r, PIC_UNSUPPORTED, hint, fmt, ap);
        va_end(ap);
        put_place(r, at, &err);
        pic__err_append(&r->warnings, err);
}

void pic__import_give(pic__importer *r, pic__place at, const char *field, const char *text, int secret)
{
        pic_error *err = NULL;

        if (r->in->field(field, text, secret, (int)at.line, r->in->data, &err) < 0)
                pic__import_take(r, at, err);
}

int pic__import_finish(pic__importer *r, pic__imported *told, pic_error **err)
{
        int code = pic_error_code(r->all);

        if (told != NULL)
                told->warnings = r->warnings;
        else
                pic_error_free(r->warnings);
        if (err != NULL && r->all != NULL)
                pic__err_append(err, r->all);
        else
                pic_error_free(r->all);
        r->all = r->warnings = NULL;
        return code;
}

void pic__import_list(pic__buf *list, const char *word)
{
        const char *had = pic__buf_str(list), *end;
        size_t len = strlen(word);

        for (; *had != '\0'; had = *end != '\0' ? end + 1 : end) {
                end = strchrnul(had, ',');
                if ((size_t)(end - had) == len && memcmp(had, word, len) == 0)
                        return;
        }
        if (list->len > 0)
                pic__buf_putc(list, ',');
        pic__buf_puts(list, word);
}

/* A line that only a profile of OpenVPN's has: a letter, a page of a web site or a YAML document has none. */
static int is_ovpn(const char *line, size_t len)
{
        static const char *const words[] = { "client", "tls-client", "remote", "<connection>", "<ca>" };
        size_t i, n;

        if (len >= 2 && memcmp(line, "--", 2) == 0) {
                line += 2;
                len -= 2;
        }
        for (i = 0; i < PIC__COUNT(words); i++) {
                n = strlen(words[i]);
                if (len >= n && memcmp(line, words[i], n) == 0 && (len == n || pic__is_space(line[n])))
                        return 1;
        }
        return 0;
}

const char *pic__import_guess(const char *text, size_t len)
{
        size_t i = len >= 3 && memcmp(text, bom, 3) == 0 ? 3 : 0, n;
        int first = 1;

        for (; i < len; i += n + 1) {
                const char *end = memchr(text + i, '\n', len - i);

                n = end != NULL ? (size_t)(end - text) - i : len - i;
                while (n > 0 && pic__is_space(text[i])) {
                        i++;
                        n--;
                }
                if (n == 0 || text[i] == '#' || text[i] == ';')
                        continue;
                if (first && text[i] == '[')
                        return "wireguard";
                first = 0;
                if (is_ovpn(text + i, n))
                        return "openvpn";
        }
        return NULL;
}
