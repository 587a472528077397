/* Owns: the list of a drill's checks, and the words for each. */
#include "engine/drill_book.h"

#include <string.h>

#include "codec/json_in.h"

const char *const pic__drill_checks[PIC__DRILL_CHECKS] = {
        "opens", "files", "store", "identity", "key",   "secrets", "audit",    "wishes", "certificates",
        "agent", "peers", "rules", "routes",   "names", "exits",   "services", "end",
};
static const char *const states[] = { NULL, "ok", "skipped", "failed" };

static pic_time mono(const pic__drill_book *b)
{
        return b->clock->mono(b->clock->data);
}

void pic__book_begin(pic__drill_book *b, const pic__clock *clock)
{
        *b = (pic__drill_book){ .clock = clock };
        b->began = b->lap = mono(b);
}

static void clear_line(pic__drill_line *l)
{
        pic__free(l->text);
        pic__free(l->hint);
        *l = (pic__drill_line){ .state = PIC__DRILL_NOT_YET };
}

void pic__book_clear(pic__drill_book *b)
{
        size_t i;

        for (i = 0; i < PIC__DRILL_CHECKS; i++)
                clear_line(&b->at[i]);
}

static pic__drill_line *enter(pic__drill_book *b, enum pic__drill_check check, enum pic__drill_state state)
{
        pic__drill_line *l = &b->at[check];
        pic_time now = mono(b);

        clear_line(l);
        l->state = state;
        l->milliseconds = (now - b->lap) / 1000;
        b->lap = now;
        if (b->entered != NULL)
                b->entered(check);
        return l;
}

__attribute__((format(printf, 1, 0))) static char *words(const char *fmt, va_list ap)
{
        pic__buf text = PIC__BUF_INIT;

        pic__buf_vputf(&text, fmt, ap);
        return pic__buf_steal(&text);
}

void pic__book_ok(pic__drill_book *b, enum pic__drill_check check, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        enter(b, check, PIC__DRILL_OK)->text = words(fmt, ap);
        va_end(ap);
}

void pic__book_skip(pic__drill_book *b, enum pic__drill_check check, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        enter(b, check, PIC__DRILL_SKIPPED)->text = words(fmt, ap);
        va_end(ap);
}

void pic__book_fail(pic__drill_book *b, enum pic__drill_check check, const pic_error *err)
{
        pic__drill_line *l = enter(b, check, PIC__DRILL_FAILED);
        const char *hint = pic_error_hint(err);
        pic__buf text = PIC__BUF_INIT;
        const pic_error *e;

        for (e = err; e != NULL; e = pic_error_cause(e))
                pic__buf_putf(&text, "%s%s", e != err ? ": " : "", pic_error_message(e));
        l->text = pic__buf_steal(&text);
        l->hint = hint != NULL ? pic__strdup(hint) : NULL;
}

enum pic__drill_check pic__book_failed(const pic__drill_book *b)
{
        int i = 0;

        while (i < PIC__DRILL_CHECKS && b->at[i].state != PIC__DRILL_FAILED)
                i++;
        return (enum pic__drill_check)i;
}

int pic__book_good(const pic__drill_book *b)
{
        size_t i;

        for (i = 0; i < PIC__DRILL_CHECKS; i++)
                if (b->at[i].state != PIC__DRILL_OK && b->at[i].state != PIC__DRILL_SKIPPED)
                        return 0;
        return 1;
}

void pic__book_put(const pic__drill_book *b, pic__json *j)
{
        enum pic__drill_check failed = pic__book_failed(b);
        size_t i;

        pic__json_kbool(j, "restorable", pic__book_good(b));
        pic__json_kint(j, "milliseconds", (mono(b) - b->began) / 1000);
        pic__json_kstr(j, "failed", failed < PIC__DRILL_CHECKS ? pic__drill_checks[failed] : NULL);
        pic__json_key(j, "checks");
        pic__json_open(j, '[');
        for (i = 0; i < PIC__DRILL_CHECKS; i++) {
                const pic__drill_line *l = &b->at[i];

                pic__json_open(j, '{');
                pic__json_kstr(j, "check", pic__drill_checks[i]);
                pic__json_kstr(j, "state", states[l->state]);
                pic__json_kint(j, "milliseconds", l->milliseconds);
                pic__json_kstr(j, "text", l->text);
                pic__json_kstr(j, "hint", l->hint);
                pic__json_close(j, '}');
        }
        pic__json_close(j, ']');
}

static void take_line(pic__drill_line *l, const pic__node *n)
{
        const char *state = pic__node_str(n, "state", NULL), *text = pic__node_str(n, "text", NULL),
                   *hint = pic__node_str(n, "hint", NULL);
        size_t i = 1;

        while (state != NULL && i < PIC__COUNT(states) && strcmp(states[i], state) != 0)
                i++;
        if (state == NULL || i == PIC__COUNT(states))
                return;
        clear_line(l);
        l->state = (enum pic__drill_state)i;
        l->milliseconds = pic__node_int_or(n, "milliseconds", 0);
        l->text = text != NULL ? pic__strdup(text) : NULL;
        l->hint = hint != NULL ? pic__strdup(hint) : NULL;
}

void pic__book_take(pic__drill_book *b, const pic__node *root)
{
        const pic__node *list = pic__node_list(root, "checks"), *one;
        size_t i;

        for (one = list != NULL ? list->first : NULL; one != NULL; one = one->next)
                for (i = 0; i < PIC__DRILL_CHECKS && one->type == PIC__N_MAP; i++)
                        if (strcmp(pic__node_str(one, "check", ""), pic__drill_checks[i]) == 0)
                                take_line(&b->at[i], one);
        b->lap = mono(b);
}
