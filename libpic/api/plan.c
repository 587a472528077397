/* Owns: the plan as a value: texts and JSON; and asking the agent for one. */
#include "api/plan.h"

#include <string.h>

#include "base/vec.h"
#include "codec/json_in.h"

struct pic_plan {
        pic__handle h;
        pic__arena arena;
        PIC__VEC(const char *) texts;
        PIC__VEC(const char *) meaning;
        int risk;
        char *json;
};

pic_plan *pic_plan_unref(pic_plan *plan)
{
        if (pic__api_is(plan, PIC__MAGIC_PLAN) && __atomic_sub_fetch(&plan->h.refs, 1, __ATOMIC_ACQ_REL) == 0) {
                plan->h.magic = 0;
                pic__vec_free(&plan->texts);
                pic__vec_free(&plan->meaning);
                pic__arena_free(&plan->arena);
                pic__free(plan->json);
                pic__free(plan);
        }
        return NULL;
}
PIC__CLEANUP(pic_plan, pic_plan_unref)

static int add_text(pic_plan *p, const pic__step *step)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        const char *text;

        pic__step_text(step, &b);
        if (b.failed)
                return -1;
        text = pic__arena_dup(&p->arena, pic__buf_str(&b), b.len);
        return text != NULL ? pic__vec_push(&p->texts, text) : -1;
}

static int put_steps(pic_plan *p, const pic__steps *steps, pic__json *j)
{
        size_t i;

        pic__json_key(j, "steps");
        pic__json_open(j, '[');
        for (i = 0; i < steps->count; i++) {
                int risk = pic__step_risk(&steps->at[i]);

                p->risk = risk > p->risk ? risk : p->risk;
                pic__step_json(&steps->at[i], j);
                if (add_text(p, &steps->at[i]) < 0)
                        return -1;
        }
        pic__json_close(j, ']');
        return 0;
}

static int put_meaning(pic_plan *p, const pic__meaning *m, pic__json *j)
{
        size_t count = m != NULL ? pic__meaning_count(m) : 0, i;

        pic__json_key(j, "meaning");
        pic__json_open(j, '[');
        for (i = 0; i < count; i++) {
                pic__auto_buf pic__buf b = PIC__BUF_INIT;
                const char *text;

                pic__meaning_json(m, i, j);
                pic__meaning_text(m, i, &b);
                text = b.failed ? NULL : pic__arena_dup(&p->arena, pic__buf_str(&b), b.len);
                if (text == NULL || pic__vec_push(&p->meaning, text) < 0)
                        return -1;
        }
        pic__json_close(j, ']');
        return 0;
}

/* What is known of the one who makes the change is better than what the kinds of steps may do to somebody. */
static void put_risk(pic_plan *p, const pic__plan_parts *parts, pic__json *j)
{
        const pic__verdict *v = parts->session != NULL ? parts->verdict : NULL;
        char text[PIC__ADDR_TEXT];

        if (v != NULL && v->cut)
                p->risk = PIC__RISK_SESSION;
        else if (v != NULL && p->risk == PIC__RISK_SESSION)
                p->risk = PIC__RISK_TRAFFIC;
        pic__json_kstr(j, "risk", pic__risk_names[p->risk]);
        pic__json_key(j, "session");
        if (v == NULL) {
                pic__json_null(j);
                return;
        }
        pic__json_open(j, '{');
        pic__json_kstr(j, "address", pic__addr_print(&parts->session->source, text));
        pic__json_kstr(j, "peer", v->inside ? v->peer : NULL);
        pic__json_kbool(j, "cut", v->cut);
        pic__json_kstr(j, "reason", v->cut ? v->reason : NULL);
        pic__json_close(j, '}');
}

static int fill(pic_plan *p, const pic__plan_parts *parts)
{
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        pic__json_open(&j, '{');
        pic__json_kint(&j, "revision", parts->revision);
        pic__json_key(&j, "changes");
        pic__json_raw(&j, parts->changes != NULL ? parts->changes : "[]");
        if (put_steps(p, parts->steps, &j) < 0 || put_meaning(p, parts->meaning, &j) < 0)
                b.failed = 1;
        put_risk(p, parts, &j);
        pic__json_key(&j, "secrets");
        pic__json_raw(&j, parts->secrets != NULL ? parts->secrets : "[]");
        pic__json_key(&j, "notes");
        pic__json_raw(&j, parts->notes != NULL ? parts->notes : "[]");
        if (parts->questions != NULL) {
                pic__json_key(&j, "questions");
                pic__json_raw(&j, parts->questions);
        }
        pic__json_key(&j, "wishes");
        pic__json_raw(&j, parts->wishes != NULL ? parts->wishes : "null");
        pic__json_close(&j, '}');
        p->json = pic__buf_steal(&b);
        return p->json != NULL ? 0 : -1;
}

int pic__plan_make(const pic__plan_parts *parts, pic_plan **ret, pic_error **err)
{
        PIC__AUTO(pic_plan_unref_p) pic_plan *p = pic__alloc(sizeof(*p));

        if (p == NULL)
                return pic__nomem(err);
        p->h = (pic__handle){ PIC__MAGIC_PLAN, 1 };
        if (fill(p, parts) < 0)
                return pic__nomem(err);
        *ret = pic__take(p);
        return 0;
}

static int find_item_kind(const char *name)
{
        int k;

        for (k = 0; k < PIC__ITEM_KINDS; k++)
                if (strcmp(pic__item_kinds[k].name, name) == 0)
                        return k;
        return -1;
}

/* One side of a step that was JSON. */
static pic__item *make_item(pic__arena *a, int kind, const pic__node *n, const char *value)
{
        pic__item *item = value != NULL ? pic__arena_alloc(a, sizeof(*item)) : NULL;

        if (item == NULL)
                return NULL;
        item->kind = (enum pic__item_kind)kind;
        item->key = pic__node_str(n, "key", "");
        item->value = value;
        item->why = pic__node_str(n, "object", NULL);
        return item;
}

/* 1 when it is a step as this library knows it. */
static int parse_step(pic__arena *a, const pic__node *n, pic__step *ret)
{
        const char *verb = pic__node_str(n, "verb", "");
        const char *before = pic__node_str(n, "before", NULL), *after = pic__node_str(n, "after", NULL);
        int kind = find_item_kind(pic__node_str(n, "kind", ""));

        if (kind < 0)
                return 0;
        ret->kind = (enum pic__item_kind)kind;
        ret->verb = strcmp(verb, "add") == 0 ? PIC__ADD : strcmp(verb, "remove") == 0 ? PIC__REMOVE : PIC__CHANGE;
        ret->before = ret->verb != PIC__ADD ? make_item(a, kind, n, before != NULL ? before : "") : NULL;
        ret->after = ret->verb != PIC__REMOVE ? make_item(a, kind, n, after != NULL ? after : "") : NULL;
        return (ret->before != NULL || ret->verb == PIC__ADD) && (ret->after != NULL || ret->verb == PIC__REMOVE);
}

int pic__plan_parse(const char *json, size_t len, pic_plan **ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        PIC__AUTO(pic__arena_free) pic__arena arena = PIC__ARENA_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        const pic__node *list, *n;
        int r = pic__api_answer(json, len, &doc, err);

        if (r < 0)
                return r;
        list = pic__node_list(pic__doc_root(doc), "steps");
        if (list == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without steps");
        for (n = list->first; n != NULL; n = n->next) {
                pic__step step;

                memset(&step, 0, sizeof(step));
                if (!parse_step(&arena, n, &step))
                        return pic__fail(err, PIC_BACKEND,
                                         "the agent answered with a step that this library does not know");
                if (pic__vec_push(&steps, step) < 0)
                        return pic__nomem(err);
        }
        return pic__plan_make(
                &(pic__plan_parts){ .steps = &steps, .revision = pic__node_int_or(pic__doc_root(doc), "revision", 0) },
                ret, err);
}

int pic_plan_get(pic_ctx *ctx, uint32_t flags, pic_plan **ret_plan, pic_error **err)
{
        PIC__AUTO(pic_plan_unref_p) pic_plan *p = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        int r, repair = (flags & PIC_PLAN_REPAIR) != 0;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_plan == NULL || (flags & ~(uint32_t)PIC_PLAN_REPAIR) != 0)
                return pic__api_bad(err, "pic_plan_get", "ctx, ret_plan or flags is not valid");
        r = pic__ctx_call(ctx, "plan", repair ? "{\"spare\":true}" : NULL, 0, &answer, err);
        if (r == 0)
                r = pic__plan_parse(pic__buf_str(&answer), answer.len, &p, err);
        /* Nothing to do needs no second look to do it. */
        if (r == 0 && repair && p->texts.count > 0) {
                pic__buf_clear(&answer);
                r = pic__ctx_call(ctx, "repair", NULL, 0, &answer, err);
        }
        if (r < 0)
                return r;
        *ret_plan = pic__take(p);
        return 0;
}

size_t pic_plan_count(const pic_plan *plan)
{
        return pic__api_is(plan, PIC__MAGIC_PLAN) ? plan->texts.count : 0;
}

const char *pic_plan_text(const pic_plan *plan, size_t index)
{
        return index < pic_plan_count(plan) ? plan->texts.at[index] : NULL;
}

const char *pic_plan_json(const pic_plan *plan)
{
        return pic__api_is(plan, PIC__MAGIC_PLAN) ? plan->json : "{}";
}

size_t pic_plan_meaning_count(const pic_plan *plan)
{
        return pic__api_is(plan, PIC__MAGIC_PLAN) ? plan->meaning.count : 0;
}

const char *pic_plan_meaning(const pic_plan *plan, size_t index)
{
        return index < pic_plan_meaning_count(plan) ? plan->meaning.at[index] : NULL;
}

int pic_plan_risk(const pic_plan *plan)
{
        return pic__api_is(plan, PIC__MAGIC_PLAN) ? plan->risk : PIC_RISK_NONE;
}
