/* Owns: what follows for users and tokens: times that the cell sets, a last admin that stays, and lists of devices and
 * exits that hold nothing back. */
#include <string.h>

#include "change/inner.h"
#include "model/text.h"

static int said(const pic__run *run, const char *field)
{
        return (int)(run->said >> pic__field_find(run->now->kind, field) & 1);
}

/* A password that was chosen is one that need not be changed any more, unless the same edit says so. */
static int follow_password(pic__run *run, pic_error **err)
{
        int has = pic__obj_has(run->now, "password"), r = 0;

        if (!said(run, "password"))
                return 0;
        if (has)
                r = pic__obj_set_int(run->now, "password_changed", run->opts->clock->now(run->opts->clock->data), err);
        else
                r = pic__obj_set(run->now, "password_changed", NULL, 1, err);
        if (r == 0 && has && !said(run, "must_change"))
                r = pic__obj_set(run->now, "must_change", NULL, 0, err);
        return r;
}

/* To wait for a confirmation is to promise that without one everything is as it was: what never goes back cannot. now
 * NULL: it is removed, and would come back without. */
static int cannot_wait(const pic__run *run, const pic_obj *before, const pic_obj *now, pic_error **err)
{
        const pic__kind_info *k = before != NULL ? &pic__kinds[before->kind] : NULL;
        size_t i;

        for (i = 0; run->opts->confirm > 0 && k != NULL && i < k->count; i++) {
                const pic__val *was = pic__obj_val(before, (int)i);

                if (!pic__run_stays(before->kind, &k->fields[i]) ||
                    (now != NULL ? pic__val_equal(was, pic__obj_val(now, (int)i)) : was->tag == PIC__V_NONE))
                        continue;
                (void)pic__fail(err, PIC_BADSTATE,
                                "%s %s: its %s never comes back, so this change cannot wait for a confirmation",
                                k->name, pic__obj_name(before),
                                before->kind == PIC__TOKEN ? "secret" : k->fields[i].name);
                pic__hint(err, "Make it by itself, without a time to confirm.");
                pic__detail(err, "field", k->fields[i].name);
                return PIC_BADSTATE;
        }
        return 0;
}

int pic__run_user(pic__run *run, pic_error **err)
{
        int r = cannot_wait(run, run->before, run->now, err);

        if (r < 0)
                return r;
        if (run->before == NULL)
                r = pic__obj_set_int(run->now, "created", run->opts->clock->now(run->opts->clock->data), err);
        if (r < 0 || run->now->kind != PIC__USER)
                return r;
        if (!pic__obj_has(run->now, "totp")) /* recovery codes stand for the second factor */
                r = pic__obj_set(run->now, "recovery", NULL, 1, err);
        return r < 0 ? r : follow_password(run, err);
}

/* --- who is removed ------------------------------------------------------------------------------------------- */

/* The list without that name; absent when nothing is left. */
static int without(pic_obj *o, const char *field, const char *name, pic_error **err)
{
        pic__auto_buf pic__buf rest = PIC__BUF_INIT;
        const char *at = pic__obj_text(o, field);
        char item[PIC__ITEM_MAX];

        while (pic__list_next(&at, item, sizeof(item)))
                if (!pic__same_name(item, name))
                        pic__buf_putf(&rest, "%s%s", rest.len > 0 ? "," : "", item);
        if (rest.failed)
                return pic__nomem(err);
        return pic__obj_set(o, field, rest.len > 0 ? pic__buf_str(&rest) : NULL, 0, err);
}

static int release_one(pic__run *run, pic_id user, const char *field, const char *name, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        int r = pic__store_get_id(run->st, PIC__USER, user, &o, err);

        if (r == 0)
                r = pic__obj_edit(o, &now, err);
        if (r == 0)
                r = without(now, field, name, err);
        return r < 0 ? r : pic__txn_put(run->t, now, NULL, NULL, err);
}

static int release(pic__run *run, enum pic__kind kind, const char *name, pic_error **err)
{
        const char *field = kind == PIC__PEER ? "devices" : "exits";
        pic__auto_free pic_id *users = NULL;
        size_t count = 0, i;
        int r = pic__txn_named_by(run->t, kind, name, PIC__USER, &users, &count, err);

        for (i = 0; r == 0 && i < count; i++)
                r = release_one(run, users[i], field, name, err);
        return r;
}

int pic__run_remove(pic__run *run, enum pic__kind kind, const char *name, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *gone = NULL;
        int r = 0;

        if (kind == PIC__PEER || kind == PIC__CONNECTION)
                r = release(run, kind, name, err);
        else if ((kind == PIC__USER || kind == PIC__TOKEN) && pic__txn_get(run->t, kind, name, &gone, NULL) == 0)
                r = cannot_wait(run, gone, NULL, err);

        if (r == 0 && kind == PIC__CERTIFICATE)
                r = pic__run_uncertify(run, name, err);
        if (r == 0 && kind == PIC__DOMAIN)
                r = pic__run_domain_removed(run, name, err);
        return r < 0 ? r : pic__txn_remove(run->t, kind, name, err);
}

/* --- the last admin ------------------------------------------------------------------------------------------- */

static int speaks_of_users(const pic__wishes *w)
{
        size_t i;

        for (i = 0; i < w->ops.count; i++)
                if (w->ops.at[i].kind == PIC__USER || w->ops.at[i].wish == PIC__WISH_UNDO ||
                    w->ops.at[i].wish == PIC__WISH_RETURN)
                        return 1;
        return 0;
}

int pic__run_admins_before(pic__run *run, pic_error **err)
{
        int r = 0;

        if (!run->opts->unconfirmed && speaks_of_users(run->w))
                r = pic__store_has_admin(run->st, err);
        run->had_admin = r > 0;
        return r < 0 ? r : 0;
}

/* A cell that nobody can log in to any more would be in setup again, for whoever has a code. */
void pic__run_admins(pic__run *run)
{
        pic_error *err = NULL;
        int r = run->had_admin ? pic__store_has_admin(run->st, &err) : 1;

        if (r > 0)
                return;
        if (r == 0) {
                (void)pic__fail(&err, PIC_BADSTATE, "no admin who can log in would be left");
                pic__hint(&err, "Make another one first: pic user add NAME --role admin");
        }
        (void)pic__run_collect(run, NULL, err);
}
