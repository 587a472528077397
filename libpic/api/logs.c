/* Owns: the logs, asked for: their lines, and how much comes into them. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "base/arena.h"
#include "engine/logahead.h"
#include "engine/loglevels.h"
#include "engine/logs.h"
#include "model/exit.h"
#include "sys/clock.h"

#define USUAL 100
#define MOST 10000
#define TEXT_MAX 256
enum { WORDS_MAX = 6 };

static int log_level(pic_ctx *ctx, const char *area, const char *level, int set, pic__buf *answer, pic_error **err)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "area", area);
        pic__json_kstr(&j, "level", level);
        pic__json_kbool(&j, "set", set);
        pic__json_close(&j, '}');
        return args.failed ? pic__nomem(err) : pic__ctx_call(ctx, "log-level", pic__buf_str(&args), 0, answer, err);
}

int pic_log_levels(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_log_levels", "ctx or ret_report is not valid");
        r = log_level(ctx, NULL, NULL, 0, &text, err);
        return r < 0 ? r : pic__report_new(&text, 1, ret_report, err);
}

/* Who has less written down than before should be seen to: so a row of the journal comes first. */
int pic_log_level_set(pic_ctx *ctx, const char *area, const char *level, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic__loglevels tried = PIC__LOGLEVELS_INIT;
        char row[80];
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX))
                return pic__api_bad(err, "pic_log_level_set", "ctx is not valid");
        r = pic__loglevels_set(&tried, area, level, err);
        snprintf(row, sizeof(row), "the log of %.16s: %.16s", area != NULL ? area : "all areas",
                 level != NULL ? level : "as before");
        if (r == 0)
                r = pic_audit_note(ctx, "log-level", row, err);
        return r < 0 ? r : log_level(ctx, area, level, 1, &answer, err);
}

static pic_time now_of(const pic_ctx *ctx)
{
        return ctx->clock->now(ctx->clock->data);
}

int pic_log_get(pic_ctx *ctx, const char *area, uint32_t lines, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_log_get", "ctx or ret_report is not valid");
        r = pic__logs_tail(ctx->log_dir, area, lines != 0 ? lines : USUAL, now_of(ctx), &text, err);
        return r < 0 ? r : pic__report_new(&text, 1, ret_report, err);
}

/* --- search ----------------------------------------------------------------------------------------------------- */

/* What is wanted, with all that its words are made of. */
struct search {
        pic__logwant w;
        const char *words[WORDS_MAX];
        pic__arena arena;
};

static void search_free(struct search *s)
{
        pic__arena_free(&s->arena);
}

static int read_level(const char *level, int *ret, pic_error **err)
{
        pic__loglevels l = PIC__LOGLEVELS_INIT;
        int r = level != NULL ? pic__loglevels_set(&l, NULL, level, err) : 0;

        *ret = level != NULL && r == 0 ? l.root : PIC_LOG_DEBUG;
        return r;
}

static int read_text(const pic_log_opts *o, struct search *s, pic_error **err)
{
        size_t len = o->text != NULL ? strlen(o->text) : 0;
        char *text;

        if (len == 0)
                return 0;
        if (len > TEXT_MAX || strchr(o->text, '\n') != NULL)
                return pic__fail_value(err, NULL, "text", o->text, "must be of one line and at most 256 bytes");
        text = pic__arena_dup(&s->arena, o->text, len);
        if (text == NULL)
                return pic__nomem(err);
        s->w.fold = (o->flags & PIC_LOG_FOLD) != 0;
        if (s->w.fold)
                pic__log_fold(o->text, len, text);
        s->w.text = text;
        s->w.text_len = len;
        return 0;
}

static void add_word(struct search *s, const char *word)
{
        if (word != NULL && word[0] != '\0' && s->w.word_count < WORDS_MAX)
                s->words[s->w.word_count++] = word;
}

/* By what names a line speaks of it. wireguard-go cuts keys short: "peer(AbCd…wxyz)". */
static int words_of(const pic_obj *o, struct search *s, pic_error **err)
{
        static const char *const fields[] = { "address4", "address6", "public_key" };
        const char *key = NULL;
        char dev[PIC__EXIT_DEV];
        size_t i;

        add_word(s, pic__arena_dup(&s->arena, pic__obj_name(o), strlen(pic__obj_name(o))));
        if (s->w.slot != 0) {
                pic__exit_dev(s->w.slot, dev);
                add_word(s, pic__arena_dup(&s->arena, dev, strlen(dev)));
                return s->w.word_count == 2 ? 0 : pic__nomem(err);
        }
        for (i = 0; i < PIC__COUNT(fields); i++) {
                key = pic__obj_text(o, fields[i]);
                if (key != NULL)
                        add_word(s, pic__arena_dup(&s->arena, key, strlen(key)));
        }
        if (key != NULL && strlen(key) == 44)
                add_word(s, pic__arena_printf(&s->arena, "%.4s…%.4s", key, key + 39));
        return 0;
}

static int read_object(pic_ctx *ctx, const pic_log_opts *o, struct search *s, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *snap = NULL;
        const char *name = o->peer != NULL ? o->peer : o->connection;
        const pic_obj *found;
        int r;

        if (name == NULL)
                return 0;
        if (o->peer != NULL && o->connection != NULL)
                return pic__fail_value(err, NULL, "connection", o->connection, "goes not with peer");
        r = pic__ctx_load(ctx, &snap, NULL, err);
        if (r < 0)
                return r;
        found = pic__snap_named(snap, o->peer != NULL ? PIC__PEER : PIC__CONNECTION, name);
        if (found == NULL) {
                (void)pic__fail(err, PIC_NOTFOUND, "there is no %s '%.64s'", o->peer != NULL ? "device" : "connection",
                                name);
                pic__hint(err, "One that was removed is found by its name as text.");
                return PIC_NOTFOUND;
        }
        if (o->peer == NULL)
                s->w.slot = (unsigned)pic__obj_int(found, "slot");
        s->w.words = s->words;
        return words_of(found, s, err);
}

static int read_opts(pic_ctx *ctx, const pic_log_opts *o, struct search *s, pic_error **err)
{
        int r;

        if (o->until != 0 && o->until < o->since)
                return pic__fail_value(err, NULL, "until", NULL, "must be after since");
        s->w.since = o->since;
        if (o->until != 0)
                s->w.until = o->until;
        s->w.area = o->area;
        r = pic__logs_check_area(o->area, err);
        if (r == 0)
                r = read_level(o->level, &s->w.level, err);
        if (r == 0)
                r = read_text(o, s, err);
        return r < 0 ? r : read_object(ctx, o, s, err);
}

static int put_answer(const pic_ctx *ctx, const pic_log_opts *o, const pic__logwant *w, pic__buf *out, pic_error **err)
{
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        pic__auto_buf pic__buf before = PIC__BUF_INIT, after = PIC__BUF_INIT;
        size_t max = o->max == 0 ? USUAL : o->max > MOST ? MOST : o->max;
        pic__json j = PIC__JSON(out);
        int form = (o->flags & PIC_LOG_STRINGS) != 0 ? PIC__LOGS_STRINGS : PIC__LOGS_OBJECTS, more = 0;
        int r = pic__logs_open(ctx->log_dir, now_of(ctx), &l, err);

        pic__json_open(&j, '{');
        pic__json_key(&j, "lines");
        pic__buf_putc(out, '[');
        if (r == 0 && o->after != NULL)
                r = pic__logs_ahead(&l, w, o->after, form, now_of(ctx), out, &after, &more, err);
        else if (r == 0)
                r = pic__logs_back(&l, w, o->before, max, form, now_of(ctx), out, &before, err);
        if (o->after == NULL)
                pic__logs_end(&l, &after);
        pic__buf_putc(out, ']');
        j.comma = 1;
        pic__json_kstr(&j, "before", before.len > 0 ? pic__buf_str(&before) : NULL);
        pic__json_kstr(&j, "after", pic__buf_str(&after));
        pic__json_kbool(&j, "more", more);
        pic__json_close(&j, '}');
        return r == 0 && (out->failed || before.failed || after.failed) ? pic__nomem(err) : r;
}

int pic_log_search(pic_ctx *ctx, const pic_log_opts *opts, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(search_free) struct search s = { .w = PIC__LOGWANT_ALL, .arena = PIC__ARENA_INIT };
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic_log_opts o = PIC_LOG_OPTS_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_log_search", "ctx or ret_report is not valid");
        r = pic__api_opts(opts, &o, sizeof(o), "pic_log_search", err);
        if (r == 0 && (o.flags & ~(uint32_t)(PIC_LOG_FOLD | PIC_LOG_STRINGS)) != 0)
                r = pic__api_bad(err, "pic_log_search", "flags has an unknown bit");
        if (r == 0)
                r = read_opts(ctx, &o, &s, err);
        if (r == 0)
                r = put_answer(ctx, &o, &s.w, &answer, err);
        return r < 0 ? r : pic__report_new(&answer, 1, ret_report, err);
}
