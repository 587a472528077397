/* Owns: what programs write, passed on. Their output goes to files, not to us (they outlive us), so the files are
 * followed; over rotations too, by logahead.c. A flood is never worked off later: what is over is left out, and told.
 */
#include "engine/logpass.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "engine/logahead.h"

struct pic__logpass {
        const char *log_dir;
        const pic__clock *clock;
        pic__logwant want;
        pic__logpass_fn *fn;
        void *data;
        pic__buf after;
        size_t all;       /* lines of this turn */
        char program[80]; /* whose lines come now */
        const char *area;
        unsigned slot;
        size_t given, over;
};

static pic_time now_of(const pic__logpass *p)
{
        return p->clock->now(p->clock->data);
}

static void tell_over(pic__logpass *p, size_t lines)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (lines == 1)
                pic__buf_puts(&text, "1 more line is in its log alone");
        else
                pic__buf_putf(&text, "%zu more lines are in its log alone", lines);
        if (!text.failed)
                (void)p->fn(PIC_LOG_WARNING, p->area, p->program, p->slot, pic__buf_str(&text), p->data);
}

/* Lines of another program come, or none. */
static void begin(pic__logpass *p, const pic__logwriter *by)
{
        if (p->over > 0)
                tell_over(p, p->over);
        p->given = p->over = 0;
        snprintf(p->program, sizeof(p->program), "%s", by != NULL ? by->name : "");
        p->area = by != NULL && by->area != NULL ? by->area : "agent";
        p->slot = by != NULL ? by->slot : 0;
}

static int take(const pic__logwriter *by, const pic__logline *line, void *data)
{
        pic__auto_free char *raw = pic__strndup(line->text, strnlen(line->text, line->text_len));
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__logpass *p = data;
        int r;

        if (strcmp(by->name, p->program) != 0)
                begin(p, by);
        if (p->given >= PIC__LOGPASS_ONE || p->all >= PIC__LOGPASS_ALL) {
                p->over++;
                return 0;
        }
        if (raw != NULL)
                pic__buf_put_shown(&text, raw, PIC__LOGS_LINE_MAX);
        if (raw == NULL || text.failed)
                return -1;
        r = p->fn(line->level, line->area, p->program, p->slot, pic__buf_str(&text), p->data);
        if (r == 0) {
                p->given++;
                p->all++;
        }
        return r;
}

/* More than can be read at a time: the rest is passed over. */
static void skip(pic__logpass *p, const pic__logs *l)
{
        pic__buf_clear(&p->after);
        pic__logs_end(l, &p->after);
        (void)p->fn(PIC_LOG_WARNING, "agent", "logs", 0,
                    "programs write more than is passed on: the rest is in their logs alone", p->data);
}

void pic__logpass_turn(pic__logpass *p)
{
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        pic__auto_buf pic__buf next = PIC__BUF_INIT;
        int more = 0;

        p->all = 0;
        if (pic__logs_open(p->log_dir, now_of(p), &l, NULL) < 0 ||
            pic__logs_each(&l, &p->want, pic__buf_str(&p->after), now_of(p), take, p, &next, &more, NULL) < 0)
                return;
        begin(p, NULL);
        pic__buf_clear(&p->after);
        pic__buf_puts(&p->after, pic__buf_str(&next));
        if (more || p->after.failed)
                skip(p, &l);
}

int pic__logpass_open(const char *log_dir, const pic__clock *clock, int level, pic__logpass_fn *fn, void *data,
                      pic__logpass **ret, pic_error **err)
{
        PIC__AUTO(pic__logpass_unref_p) pic__logpass *p = pic__alloc(sizeof(*p));
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        int r;

        if (p == NULL)
                return pic__nomem(err);
        p->log_dir = log_dir;
        p->clock = clock;
        p->want = (pic__logwant)PIC__LOGWANT_ALL;
        p->want.level = level;
        p->fn = fn;
        p->data = data;
        r = pic__logs_open(log_dir, now_of(p), &l, err);
        if (r < 0)
                return r;
        pic__logs_end(&l, &p->after);
        if (p->after.failed)
                return pic__nomem(err);
        *ret = pic__take(p);
        return 0;
}

pic__logpass *pic__logpass_unref(pic__logpass *p)
{
        if (p == NULL)
                return NULL;
        pic__buf_free(&p->after);
        pic__free(p);
        return NULL;
}
