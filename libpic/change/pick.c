/* Owns: from objects of a backup to wishes: what differs, with secrets sealed for this cell. What never goes back
 * (back.c) does not come out of a backup either: passwords, what was signed or revoked. */
#include "change/pick.h"

#include <string.h>

#include "change/inner.h"
#include "change/secret.h"
#include "model/text.h"
#include "sys/crypto.h"

/* --- what is meant ------------------------------------------------------------------------------------------------ */

#define KIND(k) (1u << (k))

static const struct {
        const char *word;
        unsigned kinds;
} areas[] = {
        { "all", KIND(PIC__KINDS) - 1 - KIND(PIC__TOKEN) },
        { "dns", KIND(PIC__RECORD) | KIND(PIC__FORWARD) | KIND(PIC__BLOCKLIST) },
        { "devices", KIND(PIC__PEER) | KIND(PIC__GROUP) },
        { "exits", KIND(PIC__CONNECTION) },
};

static unsigned kinds_of(const char *word)
{
        unsigned kind;
        size_t i;

        for (i = 0; i < PIC__COUNT(areas); i++)
                if (strcmp(areas[i].word, word) == 0)
                        return areas[i].kinds;
        for (kind = 0; kind < PIC__KINDS; kind++)
                if (strcmp(pic__kinds[kind].name, word) == 0 || strcmp(pic__kinds[kind].plural, word) == 0)
                        return KIND(kind);
        return 0;
}

static int refuse(const char *item, pic_error **err)
{
        pic__auto_buf pic__buf rule = PIC__BUF_INIT;
        unsigned kind;
        size_t i;

        pic__buf_puts(&rule, "must be of:");
        for (i = 0; i < PIC__COUNT(areas); i++)
                pic__buf_putf(&rule, " %s", areas[i].word);
        for (kind = 0; kind < PIC__KINDS; kind++)
                if (kind != PIC__TOKEN)
                        pic__buf_putf(&rule, " %s", pic__kinds[kind].name);
        pic__buf_puts(&rule, "; or KIND:NAME");
        return pic__fail_value(err, NULL, "only", item, pic__buf_str(&rule));
}

static int take_one(pic__picked *p, unsigned kinds, const char *name, pic_error **err)
{
        struct pic__pick_one one = { .kind = PIC__CELL };

        while ((kinds & KIND(one.kind)) == 0)
                one.kind++;
        one.name = pic__arena_dup(&p->arena, name, strlen(name));
        return one.name == NULL || pic__vec_push(&p->ones, one) < 0 ? pic__nomem(err) : 0;
}

static int take_item(pic__picked *p, char *item, pic_error **err)
{
        char *colon = strchr(item, ':');
        unsigned kinds;

        if (colon != NULL)
                *colon = '\0';
        kinds = kinds_of(item);
        if (kinds == KIND(PIC__TOKEN)) {
                (void)pic__fail_value(err, NULL, "only", item,
                                      "cannot come out of a backup: a secret that was taken away would be good again");
                pic__hint(err, "Make a new one: pic token add NAME");
                return PIC_VALUE;
        }
        if (kinds != 0 && colon == NULL) {
                p->kinds |= kinds;
                return 0;
        }
        if (kinds == 0 || (kinds & (kinds - 1)) != 0 || colon[1] == '\0') {
                if (colon != NULL)
                        *colon = ':';
                return refuse(item, err);
        }
        return take_one(p, kinds, colon + 1, err);
}

int pic__picked_parse(const char *only, pic__picked *ret, pic_error **err)
{
        const char *at = only;
        int r = 0;

        *ret = (pic__picked){ .kinds = 0 };
        while (r == 0 && *at != '\0') {
                size_t len = strcspn(at, ",");
                pic__auto_free char *item = pic__strndup(at, len);

                r = item != NULL ? take_item(ret, item, err) : pic__nomem(err);
                at += len + (at[len] == ',');
        }
        if (r == 0 && ret->kinds == 0 && ret->ones.count == 0)
                r = refuse(only, err);
        if (r < 0)
                pic__picked_free(ret);
        return r;
}

void pic__picked_free(pic__picked *p)
{
        pic__vec_free(&p->ones);
        pic__arena_free(&p->arena);
        *p = (pic__picked){ .kinds = 0 };
}

static int is_meant(const pic__picked *p, const pic_obj *o)
{
        size_t i;

        if ((p->kinds & KIND(o->kind)) != 0)
                return 1;
        for (i = 0; i < p->ones.count; i++)
                if (p->ones.at[i].kind == o->kind && pic__same_name(p->ones.at[i].name, pic__obj_name(o)))
                        return 1;
        return 0;
}

/* --- one object --------------------------------------------------------------------------------------------------- */

struct picking {
        pic__wishes *w;
        const pic__pick *in;
        const pic_obj *o; /* in the backup */
        const pic_obj *t; /* who that is here, or NULL */
        size_t added, changed, alike;
        pic__buf without; /* items of a JSON list */
        pic__json without_json;
};

static pic__op op_of(const struct picking *k, enum pic__wish wish, int field)
{
        const char *name = k->o->kind == PIC__CELL ? NULL : pic__obj_name(k->t != NULL ? k->t : k->o);

        return (pic__op){ .wish = wish, .kind = k->o->kind, .name = name, .field = field, .mark = k->w->documents };
}

static int differs(const struct picking *k, int field)
{
        const pic__val none = PIC__VAL_NONE;

        return !pic__val_equal(pic__obj_val(k->o, field), k->t != NULL ? pic__obj_val(k->t, field) : &none);
}

static int set(struct picking *k, int field, pic_error **err)
{
        const pic__val *v = pic__obj_val(k->o, field);
        pic__auto_free char *text = pic__field_print(&pic__kinds[k->o->kind].fields[field], v);
        pic__op op = op_of(k, PIC__WISH_SET, field);

        if (text == NULL && v->tag != PIC__V_NONE)
                return pic__nomem(err);
        op.text = text;
        return pic__wish_push(k->w, &op, err);
}

/* Sealed to this cell's key, and to no object but this one: the same text, so that who brings it back twice changes
 * nothing the second time. */
static int fits_as_it_is(const struct picking *k)
{
        return k->in->sealed_here && (k->o->kind != PIC__PEER || (k->t != NULL && k->t->id == k->o->id));
}

/* A secret, opened and sealed for this cell. */
static int set_secret(struct picking *k, int field, pic_error **err)
{
        const char *name = pic__kinds[k->o->kind].fields[field].name, *public_key = NULL;
        pic__auto_wipe pic__buf clear = PIC__BUF_SECRET;
        pic__op op = op_of(k, PIC__WISH_SET, field);
        int r;

        if (strcmp(name, "private_key") == 0 && pic__obj_has(k->o, "public_key"))
                public_key = pic__obj_text(k->o, "public_key");
        if (fits_as_it_is(k)) {
                op.text = pic__obj_text(k->o, name);
                op.public_key = public_key;
                return pic__wish_push(k->w, &op, err);
        }
        r = k->in->open(k->o, name, &clear, k->in->data, err);
        if (r == 0 && clear.failed)
                r = pic__nomem(err);
        return r < 0 ? r : pic__secret_push_bytes(k->w, &op, clear.data, clear.len, public_key, err);
}

static void tell_without(struct picking *k, const char *field)
{
        pic__json_open(&k->without_json, '{');
        pic__json_kstr(&k->without_json, "kind", pic__kinds[k->o->kind].name);
        pic__json_kstr(&k->without_json, "name", pic__obj_name(k->o));
        pic__json_kstr(&k->without_json, "field", field);
        pic__json_close(&k->without_json, '}');
}

static int set_field(struct picking *k, int i, pic_error **err)
{
        const pic__field *f = &pic__kinds[k->o->kind].fields[i];

        if (pic__run_stays(k->o->kind, f)) {
                if (k->t == NULL && pic__obj_has(k->o, f->name) && strcmp(f->name, "password") == 0)
                        tell_without(k, f->name);
                return 0;
        }
        if ((f->flags & PIC__F_SYSTEM) != 0 || !differs(k, i) || (k->t == NULL && (f->flags & PIC__F_NAME) != 0))
                return 0;
        if ((f->flags & PIC__F_SECRET) != 0 && pic__obj_has(k->o, f->name))
                return set_secret(k, i, err);
        return set(k, i, err);
}

/* With the same key all stays as it is: that it was shown is a fact, so its private half may be gone, and the device
 * has the preshared key of now. With another one the public half came along with the private one; or that was shown,
 * and only the device has it. */
static int set_keys(struct picking *k, pic_error **err)
{
        int same = !differs(k, pic__field_find(PIC__PEER, "public_key")), r = 0;

        if (!same && pic__obj_has(k->o, "private_key"))
                r = set_secret(k, pic__field_find(PIC__PEER, "private_key"), err);
        if (r == 0 && !same && pic__obj_has(k->o, "config_shown"))
                r = set(k, pic__field_find(PIC__PEER, "config_shown"), err);
        if (r == 0 && pic__obj_has(k->o, "preshared_key") && !(same && pic__obj_has(k->t, "preshared_key")))
                r = set_secret(k, pic__field_find(PIC__PEER, "preshared_key"), err);
        return r;
}

static int have(struct picking *k, pic_error **err)
{
        pic__op op = op_of(k, PIC__WISH_HAVE, 0);

        return k->o->kind == PIC__CELL ? 0 : pic__wish_push(k->w, &op, err);
}

static int pick_one(struct picking *k, pic_error **err)
{
        size_t had = k->w->ops.count, i, begun;
        int r = have(k, err);

        begun = k->w->ops.count;
        for (i = 0; r == 0 && i < pic__kinds[k->o->kind].count; i++)
                r = set_field(k, (int)i, err);
        if (r == 0 && k->o->kind == PIC__PEER)
                r = set_keys(k, err);
        if (r < 0)
                return r;
        if (k->t == NULL) {
                k->added++;
        } else if (k->w->ops.count > begun) {
                k->changed++;
        } else {
                k->alike++;
                if (!k->in->exact) /* there is nothing to wish; exactly these are: it is named */
                        k->w->ops.count = had;
        }
        return 0;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static const pic_obj *twin(const pic__snap *there, const pic_obj *o, int same)
{
        const pic_obj *t = o->kind == PIC__CELL ? pic__snap_cell(there)
                           : same               ? pic__snap_get(there, o->kind, o->id)
                                                : NULL;

        return t != NULL ? t : pic__snap_named(there, o->kind, pic__obj_name(o));
}

/* It comes with its domain, and goes with it. */
static int is_of_domain(const pic__snap *s, const pic_obj *o)
{
        return o->kind == PIC__CERTIFICATE && strcmp(pic__obj_text(o, "issuer"), "acme") == 0 &&
               !pic__obj_has(o, "names") && pic__snap_named(s, PIC__DOMAIN, pic__obj_name(o)) != NULL;
}

static void only_here(const struct picking *k, enum pic__kind kind, pic__json *told)
{
        const pic_obj *o;
        size_t at = 0;

        if (kind == PIC__CELL || (k->in->what->kinds & KIND(kind)) == 0)
                return;
        while ((o = pic__snap_next(k->in->now, kind, &at)) != NULL) {
                if (is_of_domain(k->in->now, o) || twin(k->in->then, o, k->in->same) != NULL)
                        continue;
                pic__json_open(told, '{');
                pic__json_kstr(told, "kind", pic__kinds[kind].name);
                pic__json_kstr(told, "name", pic__obj_name(o));
                pic__json_close(told, '}');
        }
}

static int pick_kind(struct picking *k, enum pic__kind kind, pic__json *told, pic_error **err)
{
        pic__op prune = { .wish = PIC__WISH_PRUNE, .kind = kind, .mark = k->w->documents };
        const pic_obj *o;
        size_t at = 0;
        int r = 0;

        k->added = k->changed = k->alike = 0;
        if (k->in->exact && kind != PIC__CELL && (k->in->what->kinds & KIND(kind)) != 0)
                r = pic__wish_push(k->w, &prune, err);
        while (r == 0 && (o = pic__snap_next(k->in->then, kind, &at)) != NULL) {
                if (!is_meant(k->in->what, o) || is_of_domain(k->in->then, o))
                        continue;
                k->o = o;
                k->t = twin(k->in->now, o, k->in->same);
                r = pick_one(k, err);
        }
        if (r < 0 || k->added + k->changed + k->alike == 0)
                return r;
        pic__json_open(told, '{');
        pic__json_kstr(told, "kind", pic__kinds[kind].name);
        pic__json_kint(told, "added", (int64_t)k->added);
        pic__json_kint(told, "changed", (int64_t)k->changed);
        pic__json_kint(told, "alike", (int64_t)k->alike);
        pic__json_close(told, '}');
        return 0;
}

/* Single ones that were asked for are there. */
static int check_ones(const pic__pick *in, pic_error **err)
{
        size_t i;

        for (i = 0; i < in->what->ones.count; i++) {
                const struct pic__pick_one *one = &in->what->ones.at[i];

                if (pic__snap_named(in->then, one->kind, one->name) == NULL)
                        return pic__fail(err, PIC_NOTFOUND, "there is no %s '%s' in the backup",
                                         pic__kinds[one->kind].name, one->name);
        }
        return 0;
}

/* Certificates of public CAs are judged by the domains that there are by then. */
static int pick_all(struct picking *k, pic__json *told, pic_error **err)
{
        int kind, r = 0;

        pic__json_open(told, '{');
        pic__json_kbool(told, "same", k->in->same);
        pic__json_key(told, "kinds");
        pic__json_open(told, '[');
        for (kind = 0; r == 0 && kind < PIC__KINDS; kind++)
                if (kind != PIC__CERTIFICATE && kind != PIC__TOKEN)
                        r = pick_kind(k, (enum pic__kind)kind, told, err);
        if (r == 0)
                r = pick_kind(k, PIC__CERTIFICATE, told, err);
        pic__json_close(told, ']');
        pic__json_key(told, "only_here");
        pic__json_open(told, '[');
        for (kind = 0; kind < PIC__KINDS; kind++)
                only_here(k, (enum pic__kind)kind, told);
        pic__json_close(told, ']');
        pic__json_key(told, "without");
        pic__json_close(&k->without_json, ']');
        pic__json_raw(told, pic__buf_str(&k->without));
        pic__json_close(told, '}');
        return r == 0 && k->without.failed ? pic__nomem(err) : r;
}

int pic__wishes_pick(pic__wishes *w, const pic__pick *in, pic__json *told, pic_error **err)
{
        struct picking k = { .w = w, .in = in, .without = PIC__BUF_INIT, .without_json = PIC__JSON(&k.without) };
        size_t had = w->ops.count;
        unsigned documents = w->documents;
        int r = pic__crypto_start(err);

        pic__json_open(&k.without_json, '[');
        w->documents++;
        if (r == 0)
                r = check_ones(in, err);
        if (r == 0)
                r = pick_all(&k, told, err);
        if (r < 0) {
                w->ops.count = had;
                w->documents = documents;
        }
        pic__buf_free(&k.without);
        return r;
}
