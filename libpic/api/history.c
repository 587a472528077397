/* Owns: what happened, from the journal's end backwards. */
#include "api/search.h"
#include "base/vec.h"

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
        pic__search search;
        pic_history *to;
};

static int see(const pic__journal_row *row, void *data)
{
        struct search *s = data;
        pic_event *e = NULL;

        if (row->revision < s->search.o.first)
                return 1; /* rows are in order of revision */
        if (!pic__search_has(&s->search, row))
                return 0;
        if (pic__event_make(row, &e) < 0)
                return PIC_NOMEM;
        if (pic__vec_push(&s->to->list, e) < 0) {
                (void)pic_event_unref(e);
                return PIC_NOMEM;
        }
        return s->to->list.count >= s->search.o.max;
}

static int search(pic_ctx *ctx, struct search *s, pic_error **err)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = pic__search_find(st, &s->search, err);
        if (r == 0)
                r = pic__store_journal_back(st, s->search.o.before, see, s, err);
        pic__ctx_unlock(ctx);
        if (r == PIC_NOMEM)
                return pic__nomem(err);
        return r < 0 ? r : 0;
}

int pic_history_get(pic_ctx *ctx, const pic_history_opts *opts, pic_history **ret_history, pic_error **err)
{
        PIC__AUTO(pic_history_unref_p) pic_history *h = NULL;
        struct search s = { .to = NULL };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_history == NULL)
                return pic__api_bad(err, "pic_history_get", "ctx or ret_history is not valid");
        r = pic__search_make(opts, "pic_history_get", &s.search, err);
        if (r < 0)
                return r;
        if (s.search.o.max == 0)
                s.search.o.max = DEFAULT_MAX;
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
