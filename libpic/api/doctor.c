/* Owns: looking for trouble. The agent looks; without one an engine in this process does, as far as its rights go. */
#include <string.h>

#include "api/api.h"
#include "codec/json_in.h"

#define FIX_MS 60000

static void put_finding(pic__json *j, const char *level, const char *area, const char *what, const char *fix)
{
        pic__json_open(j, '{');
        pic__json_kstr(j, "level", level);
        pic__json_kstr(j, "area", area);
        pic__json_kstr(j, "what", what);
        pic__json_kstr(j, "fix", fix);
        pic__json_kstr(j, "act", NULL);
        pic__json_close(j, '}');
}

static void put_error(pic__json *j, const char *level, const char *area, const pic_error *err)
{
        put_finding(j, level, area, pic_error_message(err), pic_error_hint(err));
}

/* What an engine here finds: a JSON array of findings, put one by one behind ours. */
static int look_here(pic_ctx *ctx, pic__buf *out, pic_error **err)
{
        PIC__AUTO(pic__engine_unref_p) pic__engine *e = NULL;
        pic__json j = PIC__JSON(out);
        pic__engine_opts opts;
        int r;

        pic__ctx_engine_opts(ctx, &opts);
        r = pic__engine_open(&opts, &e, err);
        return r < 0 ? r : pic__engine_doctor(e, &j, err);
}

/* The items of a JSON array without its brackets. */
static void put_items(pic__json *j, const pic__buf *array)
{
        const char *from = strchr(pic__buf_str(array), '['), *to = strrchr(pic__buf_str(array), ']');
        char *items;

        if (from == NULL || to == NULL || to <= from + 1)
                return;
        items = pic__strndup(from + 1, (size_t)(to - from - 1));
        if (items == NULL)
                j->out->failed = 1;
        else
                pic__json_raw(j, items);
        pic__free(items);
}

/* Nobody answers: then what can be seen from here. */
static int is_silence(int code)
{
        return code == PIC_NOAGENT || code == PIC_TIMEOUT || code == PIC_DENIED;
}

static int without_agent(pic_ctx *ctx, const pic_error *why, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf found = PIC__BUF_INIT;
        pic__auto_err pic_error *bad = NULL;
        int silent = is_silence(pic_error_code(why));
        pic__json j = PIC__JSON(out);
        int r = silent ? look_here(ctx, &found, &bad) : 0;

        if (r == PIC_NOMEM)
                return pic__nomem(err);
        pic__json_open(&j, '{');
        pic__json_key(&j, "findings");
        pic__json_open(&j, '[');
        put_error(&j, "error", silent ? "agent" : "store", why);
        if (r == PIC_DENIED)
                put_error(&j, "warning", "doctor", bad);
        else if (r < 0)
                put_error(&j, "error", "store", bad);
        else
                put_items(&j, &found);
        pic__json_close(&j, ']');
        pic__json_close(&j, '}');
        return out->failed ? pic__nomem(err) : 0;
}

static int is_trouble(const pic__node *finding)
{
        const char *level = pic__node_str(finding, "level", "error");

        return strcmp(level, "error") == 0 || strcmp(level, "warning") == 0;
}

static int report(pic__buf *text, pic_report **ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *list, *n;
        int good = 1, r = pic__api_answer(pic__buf_str(text), text->len, &doc, err);

        if (r < 0)
                return r;
        list = pic__node_list(pic__doc_root(doc), "findings");
        if (list == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without findings");
        for (n = list->first; n != NULL; n = n->next)
                good = good && !is_trouble(n);
        return pic__report_new(text, good, ret, err);
}

int pic_doctor_run(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_err pic_error *why = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_doctor_run", "ctx or ret_report is not valid");
        r = pic__ctx_call(ctx, "doctor", NULL, 0, &text, &why);
        if (r < 0) {
                pic__buf_clear(&text);
                r = r == PIC_NOMEM ? pic__nomem(err) : without_agent(ctx, why, &text, err);
        }
        return r < 0 ? r : report(&text, ret_report, err);
}

int pic_doctor_fix(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_doctor_fix", "ctx or ret_report is not valid");
        r = pic__ctx_call(ctx, "doctor", "{\"fix\":true}", FIX_MS, &text, err);
        return r < 0 ? r : report(&text, ret_report, err);
}
