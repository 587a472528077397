/* Owns: whether a row of the journal is one of those asked for. */
#include "api/search.h"

#include <string.h>

#include "model/text.h"

int pic__search_make(const pic_history_opts *opts, const char *call, pic__search *ret, pic_error **err)
{
        int r = pic__api_opts(opts, &ret->o, sizeof(ret->o), call, err);

        ret->id = 0;
        if (r == 0 && ret->o.kind != NULL && pic__kind_find(ret->o.kind) < 0)
                r = pic__api_bad(err, call, "there is no such kind");
        return r;
}

int pic__search_find(pic__store *st, pic__search *s, pic_error **err)
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

/* Under its present name an object is known by its identity, also where it had another name; one that is gone only by
 * the name. */
static int is_object(const pic__search *s, const pic__journal_row *row)
{
        if (s->o.name == NULL)
                return 1;
        return (s->id != 0 && row->id == s->id) || pic__same_name(row->name, s->o.name);
}

static int is(const char *want, const char *text)
{
        return want == NULL || strcmp(want, text) == 0;
}

int pic__search_has(const pic__search *s, const pic__journal_row *row)
{
        const pic_history_opts *o = &s->o;

        if (!is(o->kind, row->kind) || !is(o->actor, row->actor) || !is(o->verb, row->verb) || !is(o->way, row->way))
                return 0;
        if (row->revision < o->first || (o->last != 0 && row->revision > o->last) ||
            (o->since != 0 && row->time < o->since) || (o->until != 0 && row->time > o->until))
                return 0;
        if (o->text != NULL && strcasestr(row->text, o->text) == NULL)
                return 0;
        return is_object(s, row);
}
