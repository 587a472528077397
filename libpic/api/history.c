/* Owns: what happened, from the journal's end backwards. */
#include <string.h>

#include "api/api.h"
#include "base/vec.h"
#include "model/text.h"

#define DEFAULT_MAX 100

typedef PIC__VEC(pic_event *) event_vec;

struct pic_history {
        pic__handle h;
        event_vec list;
};

pic_history *pic_history_unref(pic_history *history)
{
        size_t i;

        if (pic__api_is(history, PIC__MAGIC_HISTORY) &&
            __atomic_sub_fetch(&history->h.refs, 1, __ATOMIC_ACQ_REL) == 0) {
                history->h.magic = 0;
                for (i = 0; i < history->list.count; i++)
                        (void)pic_event_unref(history->list.at[i]);
                pic__vec_free(&history->list);
                pic__free(history);
        }
        return NULL;
}
PIC__CLEANUP(pic_history, pic_history_unref)

struct search {
        pic_history_opts o;
        pic_id id; /* of the object that has the name now; 0: none has */
        pic_history *to;
};

/* Under its present name an object is known by its identity, also where it had another name; one that is gone only by
 * the name. */
static int is_object(const struct search *s, const pic__journal_row *row)
{
        if (s->o.name == NULL)
                return 1;
        return (s->id != 0 && row->id == s->id) || pic__same_name(row->name, s->o.name);
}

static int matches(const struct search *s, const pic__journal_row *row)
{
        const pic_history_opts *o = &s->o;

        if (o->kind != NULL && strcmp(row->kind, o->kind) != 0)
                return 0;
        if (o->actor != NULL && strcmp(row->actor, o->actor) != 0)
                return 0;
        if (o->verb != NULL && strcmp(row->verb, o->verb) != 0)
                return 0;
        if ((o->last != 0 && row->revision > o->last) || (o->since != 0 && row->time < o->since) ||
            (o->until != 0 && row->time > o->until))
                return 0;
        return is_object(s, row);
}

static int see(const pic__journal_row *row, void *data)
{
        struct search *s = data;
        pic_event *e = NULL;

        if (row->revision < s->o.first)
                return 1; /* rows are in order of revision */
        if (!matches(s, row))
                return 0;
        if (pic__event_make(row, &e) < 0)
                return PIC_NOMEM;
        if (pic__vec_push(&s->to->list, e) < 0) {
                (void)pic_event_unref(e);
                return PIC_NOMEM;
        }
        return s->to->list.count >= s->o.max;
}

static int find_id(pic__store *st, struct search *s, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic__auto_err pic_error *bad = NULL;
        int r;

        if (s->o.name == NULL || s->o.kind == NULL)
                return 0;
        r = pic__store_get(st, (enum pic__kind)pic__kind_find(s->o.kind), s->o.name, &o, &bad);
        if (r == 0)
                s->id = o->id;
        if (r == 0 || r == PIC_NOTFOUND)
                return 0;
        pic__err_append(err, pic__take(bad));
        return r;
}

static int search(pic_ctx *ctx, struct search *s, pic_error **err)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = find_id(st, s, err);
        if (r == 0)
                r = pic__store_journal_back(st, s->o.before, see, s, err);
        pic__ctx_unlock(ctx);
        if (r == PIC_NOMEM)
                return pic__nomem(err);
        return r < 0 ? r : 0;
}

int pic_history_get(pic_ctx *ctx, const pic_history_opts *opts, pic_history **ret_history, pic_error **err)
{
        PIC__AUTO(pic_history_unref_p) pic_history *h = NULL;
        struct search s = { .id = 0 };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_history == NULL)
                return pic__api_bad(err, "pic_history_get", "ctx or ret_history is not valid");
        r = pic__api_opts(opts, &s.o, sizeof(s.o), "pic_history_get", err);
        if (r < 0)
                return r;
        if (s.o.kind != NULL && pic__kind_find(s.o.kind) < 0)
                return pic__api_bad(err, "pic_history_get", "there is no such kind");
        if (s.o.max == 0)
                s.o.max = DEFAULT_MAX;
        h = pic__alloc(sizeof(*h));
        if (h == NULL)
                return pic__nomem(err);
        h->h = (pic__handle){ PIC__MAGIC_HISTORY, 1 };
        s.to = h;
        r = search(ctx, &s, err);
        if (r == 0)
                *ret_history = pic__take(h);
        return r;
}

size_t pic_history_count(const pic_history *history)
{
        return pic__api_is(history, PIC__MAGIC_HISTORY) ? history->list.count : 0;
}

const pic_event *pic_history_at(const pic_history *history, size_t index)
{
        return index < pic_history_count(history) ? history->list.at[index] : NULL;
}
