/* Owns: reading what the keeper is told. */
#include "keeper/order.h"

#include <string.h>

#include "codec/json_in.h"

static const char *const ops[PIC__ORDERS] = { "run", "list", "verify", "fetch", "fetch-sealed" };

static unsigned small(const pic__node *n, const char *key)
{
        int64_t value = pic__node_int_or(n, key, 0);

        return value > 0 && value <= 100000 ? (unsigned)value : 0;
}

static int read_place(const pic__node *root, pic__far_spec *s, pic_error **err)
{
        const char *url = pic__node_str(root, "url", ""), *rule = pic__place_parse(url, &s->place);

        if (rule != NULL)
                return pic__fail(err, PIC_VALUE, "url: %s", rule);
        s->user = pic__node_str(root, "user", NULL);
        s->password = pic__node_str(root, "password", NULL);
        s->key = pic__node_str(root, "key", NULL);
        s->host_key = pic__node_str(root, "host_key", NULL);
        s->endpoint = pic__node_str(root, "endpoint", NULL);
        s->region = pic__node_str(root, "region", NULL);
        s->ca = pic__node_str(root, "ca", NULL);
        s->passphrase = pic__place_is_restic(s->place.kind) ? pic__node_str(root, "passphrase", NULL) : NULL;
        s->patience_s = small(root, "patience");
        return 0;
}

/* What goes there is plain, and opened as such. */
static int bare_keys(pic__order *o, pic_error **err)
{
        o->plain = 1;
        if (o->spec.passphrase == NULL || o->spec.passphrase[0] == '\0')
                return pic__fail(err, PIC_INVALID, "a restic repository has a passphrase");
        return 0;
}

static int read_keys(const pic__node *root, pic__order *o, pic_error **err)
{
        const pic__node *list = pic__node_list(root, "recipients"), *one;
        const char *passphrase = pic__node_str(root, "passphrase", NULL);
        int r = 0;

        if (o->bare)
                return bare_keys(o, err);
        for (one = list != NULL ? list->first : NULL; r == 0 && one != NULL; one = one->next)
                r = one->text != NULL ? pic__age_keys_recipient(&o->keys, one->text, strlen(one->text), err) : 0;
        if (r == 0 && passphrase != NULL)
                r = pic__age_keys_passphrase(&o->keys, passphrase, err);
        return r;
}

static int read_root(const pic__node *root, pic__order *o, pic_error **err)
{
        const char *op = pic__node_str(root, "op", "");
        const pic__node *keep = pic__node_map(root, "keep");
        size_t i = 0;

        while (i < PIC__COUNT(ops) && strcmp(ops[i], op) != 0)
                i++;
        if (i == PIC__COUNT(ops))
                return pic__fail(err, PIC_INVALID, "op: run, list, verify, fetch or fetch-sealed");
        o->op = (enum pic__order_op)i;
        o->dir = pic__node_str(root, "dir", "");
        pic__backup_id(pic__node_str(root, "public_key", ""), o->id);
        o->plain = pic__node_bool(root, "plain", 0);
        o->work_factor = small(root, "work_factor");
        if (keep != NULL)
                o->keep = (pic__retention){ small(keep, "last"), small(keep, "daily"), small(keep, "weekly"),
                                            small(keep, "monthly") };
        o->known = pic__node_list(root, "known");
        o->name = pic__node_str(root, "name", NULL);
        return 0;
}

int pic__order_read(const char *text, size_t len, pic__order *ret, pic_error **err)
{
        pic__order o = { .plain = 0 };
        int r = pic__doc_json(text, len, "order", &o.doc, err);

        if (r == 0 && pic__doc_root(o.doc)->type != PIC__N_MAP)
                r = pic__fail(err, PIC_INVALID, "an order is a JSON object");
        if (r == 0)
                r = read_root(pic__doc_root(o.doc), &o, err);
        if (r == 0)
                r = read_place(pic__doc_root(o.doc), &o.spec, err);
        o.bare = r == 0 && pic__place_is_restic(o.spec.place.kind);
        if (r == 0)
                r = read_keys(pic__doc_root(o.doc), &o, err);
        if (r == 0 && o.op == PIC__ORDER_RUN &&
            (o.keys.recipient_count > 0) + (o.keys.passphrase != NULL) + (o.plain != 0) != 1)
                r = pic__fail(err, PIC_INVALID, "recipients, a passphrase or plain: one of them");
        if (r < 0)
                pic__order_clear(&o);
        else
                *ret = o;
        return r;
}

void pic__order_clear(pic__order *o)
{
        pic__age_keys_clear(&o->keys);
        (void)pic__doc_unref(o->doc);
        o->doc = NULL;
}

int pic__order_known(const pic__order *o, const char *name, const char **ret_sha256)
{
        const pic__node *one = o->known != NULL ? o->known->first : NULL;

        *ret_sha256 = NULL;
        for (; one != NULL; one = one->next)
                if (one->type == PIC__N_MAP && strcmp(pic__node_str(one, "name", ""), name) == 0) {
                        *ret_sha256 = pic__node_str(one, "sha256", NULL);
                        return (int)pic__node_int_or(one, "state", 0);
                }
        return 0;
}
