/* Owns: the list of passkeys, their names, and their end. No agent is needed for that. */
#include <stdio.h>
#include <string.h>

#include "api/passkey.h"
#include "store/passkey.h"

/* --- the list ------------------------------------------------------------------------------------------------- */

struct listing {
        pic__store *st;
        pic__json j;
        pic_error **err;
};

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

static int put_one(const pic__passkey *p, void *data)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        struct listing *l = data;
        int r = pic__store_get_id(l->st, PIC__USER, p->user, &user, l->err);

        if (r < 0)
                return r;
        pic__json_open(&l->j, '{');
        pic__json_kint(&l->j, "id", p->id);
        pic__json_kstr(&l->j, "user", pic__obj_name(user));
        pic__json_kstr(&l->j, "name", p->name);
        pic__json_kstr(&l->j, "page", p->rp);
        put_time(&l->j, "created", p->created);
        put_time(&l->j, "used", p->used);
        put_time(&l->j, "suspect", p->suspect);
        pic__json_close(&l->j, '}');
        return 0;
}

static int put_list(struct listing *l, const char *user)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *one = NULL;
        int r = user != NULL ? pic__store_get(l->st, PIC__USER, user, &one, l->err) : 0;

        if (r < 0)
                return r;
        pic__json_open(&l->j, '[');
        r = pic__store_passkeys(l->st, one != NULL ? one->id : 0, put_one, l, l->err);
        pic__json_close(&l->j, ']');
        return r;
}

int pic_passkey_list(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        struct listing l = { .j = PIC__JSON(&text), .err = err };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_passkey_list", "ctx or ret_report is not valid");
        r = pic__ctx_lock(ctx, &l.st, err);
        if (r < 0)
                return r;
        r = put_list(&l, user);
        pic__ctx_unlock(ctx);
        if (r < 0)
                return r;
        return text.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret_report, err);
}

/* --- changing one --------------------------------------------------------------------------------------------- */

/* One change. */
struct change {
        pic_ctx *ctx;
        const char *user;
        pic_id id;
        const char *name; /* a new one; NULL: it is removed */
        pic_error **err;
};

struct search {
        pic_id id;
        pic__passkey found;
};

static int is_it(const pic__passkey *p, void *data)
{
        struct search *s = data;

        if (p->id != s->id)
                return 0;
        s->found = *p;
        return 1;
}

/* 1: it is done, and told; 0: another one has that name. */
static int do_change(const struct change *c, pic__txn *t, const pic_obj *user, const pic__passkey *was)
{
        char text[300];
        int r;

        if (c->name != NULL) {
                snprintf(text, sizeof(text), "passkey '%s' of user %s is called '%s' now", was->name,
                         pic__obj_name(user), c->name);
                r = pic__txn_passkey_name(t, user->id, c->id, c->name, c->err);
        } else {
                snprintf(text, sizeof(text), "passkey '%s' of user %s was removed", was->name, pic__obj_name(user));
                r = pic__txn_passkey_end(t, user->id, c->id, c->err);
        }
        if (r <= 0)
                return r;
        r = pic__session_note(t, user, "passkey", text, c->err);
        return r < 0 ? r : 1;
}

static int change(const struct change *c, pic__store *st)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *user = NULL;
        struct search s = { .id = c->id };
        int r = pic__txn_begin(st, c->ctx->actor, c->ctx->way, &t, c->err);

        if (r == 0)
                r = pic__store_get(st, PIC__USER, c->user, &user, c->err);
        if (r < 0 || user == NULL) /* the second for readers that see one file at a time, as gcc's analyzer does */
                return r;
        r = pic__store_passkeys(st, user->id, is_it, &s, c->err);
        if (r == 0)
                return pic__fail(c->err, PIC_NOTFOUND, "user %s has no passkey %lld", pic__obj_name(user),
                                 (long long)c->id);
        if (r > 0)
                r = do_change(c, t, user, &s.found);
        if (r == 0)
                return pic__fail(c->err, PIC_EXISTS, "there is a passkey of that name already");
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, c->err);
}

static int run(const struct change *c)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(c->ctx, &st, c->err);

        if (r < 0)
                return r;
        r = change(c, st);
        pic__ctx_unlock(c->ctx);
        return r;
}

int pic_passkey_rename(pic_ctx *ctx, const char *user, pic_id id, const char *name, pic_error **err)
{
        const struct change c = { ctx, user, id, name, err };
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || user == NULL || name == NULL)
                return pic__api_bad(err, "pic_passkey_rename", "ctx, user or name is not valid");
        r = pic__passkey_name_check(name, err);
        return r < 0 ? r : run(&c);
}

int pic_passkey_remove(pic_ctx *ctx, const char *user, pic_id id, pic_error **err)
{
        const struct change c = { ctx, user, id, NULL, err };

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || user == NULL)
                return pic__api_bad(err, "pic_passkey_remove", "ctx or user is not valid");
        return run(&c);
}
