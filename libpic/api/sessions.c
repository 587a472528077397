/* Owns: the list of sessions, and their end. */
#include <stdio.h>
#include <string.h>

#include "api/session.h"

/* --- ending --------------------------------------------------------------------------------------------------- */

static int not_there(pic_id id, pic_error **err)
{
        return pic__fail(err, PIC_NOTFOUND, "there is no session %lld (any more)", (long long)id);
}

static int note_end(pic__txn *t, pic__store *st, pic_id user_id, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        char text[160];
        int r = user_id != 0 ? pic__store_get_id(st, PIC__USER, user_id, &user, err) : 0;

        if (r < 0)
                return r;
        if (user != NULL)
                snprintf(text, sizeof(text), "a session of user %s was ended", pic__obj_name(user));
        else
                snprintf(text, sizeof(text), "a session of the setup was ended");
        return pic__session_note(t, user, "logout", text, err);
}

static int end(pic_ctx *ctx, pic__store *st, pic_id id, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        pic_id user = 0;
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        if (r == 0)
                r = pic__txn_session_end(t, id, &user, err);
        if (r == 0)
                return not_there(id, err);
        if (r > 0)
                r = note_end(t, st, user, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic_session_end(pic_ctx *ctx, pic_id id, pic_error **err)
{
        pic__store *st = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX))
                return pic__api_bad(err, "pic_session_end", "ctx is not valid");
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = end(ctx, st, id, err);
        pic__ctx_unlock(ctx);
        return r;
}

/* --- the list ------------------------------------------------------------------------------------------------- */

struct name {
        pic_id id;
        char *text;
};

struct listing {
        PIC__VEC(pic__session_row) rows;
        PIC__VEC(struct name) names;
};

static void free_listing(struct listing *l)
{
        size_t i;

        for (i = 0; i < l->names.count; i++)
                pic__free(l->names.at[i].text);
        pic__vec_free(&l->names);
        pic__vec_free(&l->rows);
}

static int take_row(const pic__session_row *s, void *data)
{
        struct listing *l = data;

        return pic__vec_push(&l->rows, *s) < 0 ? PIC_NOMEM : 0;
}

static int take_name(const pic_obj *user, void *data)
{
        struct listing *l = data;
        struct name n = { user->id, pic__strdup(pic__obj_name(user)) };

        if (n.text != NULL && pic__vec_push(&l->names, n) == 0)
                return 0;
        pic__free(n.text);
        return PIC_NOMEM;
}

static const char *name_of(const struct listing *l, pic_id id)
{
        size_t i;

        for (i = 0; i < l->names.count; i++)
                if (l->names.at[i].id == id)
                        return l->names.at[i].text;
        return NULL;
}

static void put_row(const struct listing *l, const pic__session_row *s, pic__json *j)
{
        char time[PIC__TIME_TEXT];

        pic__json_open(j, '{');
        pic__json_kint(j, "id", s->id);
        pic__json_kstr(j, "user", name_of(l, s->user));
        pic__json_kstr(j, "role", s->role);
        pic__json_kstr(j, "created", pic__time_print(s->created, time));
        pic__json_kstr(j, "seen", pic__time_print(s->seen, time));
        pic__json_kstr(j, "until", pic__time_print(s->until, time));
        pic__json_kstr(j, "address", s->address[0] != '\0' ? s->address : NULL);
        pic__json_kstr(j, "agent", s->agent[0] != '\0' ? s->agent : NULL);
        pic__json_close(j, '}');
}

static int read_all(pic__store *st, const char *user, struct listing *l, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *one = NULL;
        int r = 0;

        if (user != NULL) {
                r = pic__store_get(st, PIC__USER, user, &one, err);
                if (r == 0)
                        r = take_name(one, l) < 0 ? pic__nomem(err) : 0;
        } else {
                r = pic__store_each(st, PIC__USER, take_name, l, err);
        }
        if (r == 0)
                r = pic__store_sessions(st, one != NULL ? one->id : 0, take_row, l, err);
        return r == PIC_NOMEM ? pic__nomem(err) : r;
}

int pic_session_list(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(free_listing) struct listing l = { .rows = PIC__VEC_INIT, .names = PIC__VEC_INIT };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__store *st = NULL;
        size_t i;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_session_list", "ctx or ret_report is not valid");
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = read_all(st, user, &l, err);
        pic__ctx_unlock(ctx);
        if (r < 0)
                return r;
        pic__json_open(&j, '[');
        for (i = 0; i < l.rows.count; i++)
                put_row(&l, &l.rows.at[i], &j);
        pic__json_close(&j, ']');
        return text.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret_report, err);
}
