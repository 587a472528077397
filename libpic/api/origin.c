/* Owns: the search for the revision since which a verdict stands, along the versions of the objects it depends on. */
#include "api/origin.h"

#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "model/text.h"

enum { WALK_MAX = 10000 }; /* versions of one object that are looked at; before that it is not known */

/* A revision, and what it changed. */
struct since {
        pic_revision revision;
        enum pic__kind kind;
        pic_id id;
};

/* Whether a version still is as the present one in what matters. */
typedef int same_fn(const pic_obj *now, const pic_obj *then, const char *item);

/* The first revision of all those up to now through which it was the same. */
static int since(pic__store *st, enum pic__kind kind, pic_id id, same_fn *same, const char *item, struct since *ret,
                 pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *then = NULL;
        int i, r = pic__store_get_id(st, kind, id, &now, err);

        if (r < 0)
                return r;
        *ret = (struct since){ now->revision, kind, id };
        for (i = 0; i < WALK_MAX; i++) {
                pic_revision before = then != NULL ? then->revision : now->revision;

                then = pic__obj_unref(then);
                if (before > 1)
                        r = pic__store_obj_at(st, kind, id, before - 1, &then, err);
                if (r < 0 || then == NULL || !same(now, then, item))
                        return r;
                ret->revision = then->revision;
        }
        ret->revision = 0;
        return 0;
}

static int same_grant(const pic_obj *now, const pic_obj *then, const char *item)
{
        (void)now;
        return pic__list_has(pic__obj_text(then, "access"), item);
}

static int same_member(const pic_obj *now, const pic_obj *then, const char *item)
{
        (void)now;
        return pic__list_has(pic__obj_text(then, "groups"), item);
}

static int same_rights(const pic_obj *now, const pic_obj *then, const char *item)
{
        (void)item;
        if (strcmp(pic__obj_text(now, "access"), pic__obj_text(then, "access")) != 0)
                return 0;
        return now->kind != PIC__PEER || (strcmp(pic__obj_text(now, "groups"), pic__obj_text(then, "groups")) == 0 &&
                                          pic__obj_int(now, "enabled") == pic__obj_int(then, "enabled") &&
                                          pic__obj_int(now, "expires") == pic__obj_int(then, "expires"));
}

/* Blocked by a list: since it holds so, and the device is one of those that it holds for. */
static int same_list(const pic_obj *now, const pic_obj *then, const char *item)
{
        (void)item;
        return strcmp(pic__obj_text(now, "groups"), pic__obj_text(then, "groups")) == 0 &&
               strcmp(pic__obj_text(now, "source"), pic__obj_text(then, "source")) == 0 &&
               strcmp(pic__obj_text(now, "allow"), pic__obj_text(then, "allow")) == 0 &&
               pic__obj_int(now, "enabled") == pic__obj_int(then, "enabled");
}

static struct since later(struct since a, struct since b)
{
        return a.revision >= b.revision ? a : b;
}

static int of_grant(pic__store *st, const pic__why *w, struct since *ret, pic_error **err)
{
        struct since joined = { .revision = 0 };
        int r = since(st, w->holder, w->holder_id, same_grant, w->rule, ret, err);

        if (r < 0 || w->holder != PIC__GROUP)
                return r;
        r = since(st, PIC__PEER, w->peer, same_member, strchr(w->through, ' ') + 1, &joined, err);
        *ret = later(*ret, joined);
        return r;
}

static int of_list(pic__store *st, const pic__why *w, struct since *ret, pic_error **err)
{
        struct since joined = { .revision = 0 };
        int r = since(st, PIC__BLOCKLIST, w->holder_id, same_list, NULL, ret, err);

        if (r < 0 || strncmp(w->through, "group ", 6) != 0)
                return r;
        r = since(st, PIC__PEER, w->peer, same_member, w->through + 6, &joined, err);
        *ret = later(*ret, joined);
        return r;
}

static int of_refusal(pic__store *st, const pic__why *w, struct since *ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *peer = NULL;
        const char *groups;
        char name[80];
        int r = since(st, PIC__PEER, w->peer, same_rights, NULL, ret, err);

        if (r == 0)
                r = pic__store_get_id(st, PIC__PEER, w->peer, &peer, err);
        groups = peer != NULL && w->class_number != 0 ? pic__obj_text(peer, "groups") : "";
        while (r == 0 && pic__list_next(&groups, name, sizeof(name))) {
                PIC__AUTO(pic__obj_unref_p) pic_obj *group = NULL;
                struct since changed = { .revision = 0 };

                r = pic__store_get(st, PIC__GROUP, name, &group, err);
                if (r == 0)
                        r = since(st, PIC__GROUP, group->id, same_rights, NULL, &changed, err);
                *ret = later(*ret, changed);
        }
        return r;
}

struct row {
        struct since of;
        pic__json *j;
        int done;
};

/* Of the revision's rows the one that is about it. */
static int put_row(const pic__journal_row *row, void *data)
{
        struct row *r = data;
        char when[PIC__TIME_TEXT];

        if (row->revision != r->of.revision)
                return 1;
        if (row->id != r->of.id || strcmp(row->kind, pic__kinds[r->of.kind].name) != 0)
                return 0;
        pic__json_open(r->j, '{');
        pic__json_kint(r->j, "revision", row->revision);
        pic__json_kstr(r->j, "time", pic__time_print(row->time, when));
        pic__json_kstr(r->j, "actor", row->actor);
        pic__json_kstr(r->j, "way", row->way);
        pic__json_kstr(r->j, "text", row->text);
        pic__json_close(r->j, '}');
        r->done = 1;
        return 1;
}

int pic__origin_put(pic__store *st, const pic__why *w, pic__json *j, pic_error **err)
{
        struct row row = { .j = j };
        int64_t seq = 0;
        int r = 0;

        pic__json_key(j, "origin");
        if (w->holder_id != 0 && w->holder == PIC__BLOCKLIST)
                r = of_list(st, w, &row.of, err);
        else if (w->holder_id != 0)
                r = of_grant(st, w, &row.of, err);
        else if (!w->allowed)
                r = of_refusal(st, w, &row.of, err);
        if (r == 0 && row.of.revision > 0)
                r = pic__store_seq_of(st, row.of.revision, &seq, err);
        if (r == 0 && seq > 0)
                r = pic__store_journal(st, seq - 1, SIZE_MAX, put_row, &row, err);
        if (r >= 0 && !row.done)
                pic__json_null(j);
        return r < 0 ? r : 0;
}
