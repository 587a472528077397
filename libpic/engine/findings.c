/* Owns: a list of findings: copied, each once, worst first when written. */
#include "engine/findings.h"

#include <stdarg.h>
#include <string.h>

#include "engine/fixes.h"
#include "engine/wire.h"

#include <pic/log.h>

void pic__findings_free(pic__findings *f)
{
        pic__vec_free(&f->list);
        pic__arena_free(&f->arena);
}

static const char *copy(pic__findings *f, const char *text)
{
        const char *c = text != NULL ? pic__arena_dup(&f->arena, text, strlen(text)) : NULL;

        if (text != NULL && c == NULL)
                f->failed = 1;
        return c;
}

void pic__found(int level, const char *area, const char *what, const char *fix, void *data)
{
        pic__findings *f = data;
        pic__finding one;
        size_t i;

        if (f->failed)
                return;
        for (i = 0; i < f->list.count; i++) /* a network that the host has by an address and by a route, say */
                if (strcmp(f->list.at[i].area, area) == 0 && strcmp(f->list.at[i].what, what) == 0)
                        return;
        if (f->list.count == PIC__FINDINGS_MAX) {
                f->more++;
                return;
        }
        one = (pic__finding){ PIC__LEVEL_OF(level), copy(f, area), copy(f, what), copy(f, fix), PIC__ACT_OF(level) };
        if (pic__vec_push(&f->list, one) < 0)
                f->failed = 1;
}

void pic__foundf(pic__findings *f, int level, const char *area, const char *fix, const char *fmt, ...)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        va_list ap;

        va_start(ap, fmt);
        pic__buf_vputf(&b, fmt, ap);
        va_end(ap);
        pic__found(level, area, pic__buf_str(&b), fix, f);
}

void pic__found_error(pic__findings *f, int level, const char *area, const pic_error *err)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;

        pic__wire_message(err, &b);
        pic__found(level, area, pic__buf_str(&b), pic_error_hint(err), f);
}

static void write_one(const pic__finding *one, pic__json *out)
{
        static const char *const names[] = { "error", "warning", "info", "debug" };

        pic__json_open(out, '{');
        pic__json_kstr(out, "level", names[one->level]);
        pic__json_kstr(out, "area", one->area);
        pic__json_kstr(out, "what", one->what);
        pic__json_kstr(out, "fix", one->fix);
        pic__json_kstr(out, "act", pic__act_name(one->act));
        pic__json_close(out, '}');
}

int pic__findings_json(const pic__findings *f, pic__json *out, pic_error **err)
{
        pic__auto_buf pic__buf what = PIC__BUF_INIT;
        size_t i;
        int level;

        if (f->failed)
                return pic__nomem(err);
        pic__json_open(out, '[');
        for (level = PIC_LOG_ERROR; level <= PIC_LOG_DEBUG; level++)
                for (i = 0; i < f->list.count; i++)
                        if (f->list.at[i].level == level)
                                write_one(&f->list.at[i], out);
        if (f->more > 0) {
                pic__buf_putf(&what, "%zu more findings are not listed", f->more);
                write_one(&(pic__finding){ PIC_LOG_WARNING, "doctor", pic__buf_str(&what), NULL, 0 }, out);
        }
        pic__json_close(out, ']');
        return 0;
}
