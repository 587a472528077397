/* Owns: a domain's own certificate. Who adds a domain wants pages with a lock under its name: a certificate of a public
 * CA, called like the domain and without names of its own, is added with it, is renamed with it, and goes with it.
 * Others, with chosen names, are added by hand. */
#include <string.h>

#include "change/inner.h"
#include "model/text.h"

/* Certificates have shorter names than DNS has: such a domain gets one by hand. */
static int fits(const char *name)
{
        return pic__name_rule(name) == NULL;
}

static int is_own_of(const pic_obj *cert, const char *domain)
{
        return strcmp(pic__obj_text(cert, "issuer"), "acme") == 0 && !pic__obj_has(cert, "names") &&
               pic__same_name(pic__obj_name(cert), domain);
}

/* What it has is served until there is one of the new name. */
static int rename_with(pic__run *run, const char *was, const char *name, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        pic_id id = 0;
        int r;

        if (pic__same_name(was, name) || pic__txn_get(run->t, PIC__CERTIFICATE, was, &cert, NULL) < 0 ||
            !is_own_of(cert, was))
                return 0;
        r = pic__obj_edit(cert, &now, err);
        if (r == 0)
                r = pic__obj_set(now, "name", name, 0, err);
        if (r == 0)
                r = pic__txn_put(run->t, now, NULL, &id, err);
        return r < 0 ? r : pic__run_touch(run, PIC__CERTIFICATE, id, run->op, err);
}

int pic__run_domain_put(pic__run *run, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;
        const char *name = pic__obj_name(run->now);
        pic_id id = 0;
        int r;

        if (run->now->kind != PIC__DOMAIN || !fits(name) ||
            pic__txn_get(run->t, PIC__CERTIFICATE, name, &cert, NULL) == 0)
                return 0;
        if (run->before != NULL)
                return rename_with(run, pic__obj_name(run->before), name, err);
        r = pic__obj_new(PIC__CERTIFICATE, &cert, err);
        if (r == 0)
                r = pic__obj_set(cert, "name", name, 0, err);
        if (r == 0)
                r = pic__obj_set(cert, "issuer", "acme", 0, err);
        if (r == 0)
                r = pic__obj_set(cert, "key_mode", "kept", 0, err); /* the cell serves it */
        if (r == 0)
                r = pic__obj_set_int(cert, "created", run->opts->clock->now(run->opts->clock->data), err);
        if (r == 0)
                r = pic__txn_put(run->t, cert, NULL, &id, err);
        return r < 0 ? r : pic__run_touch(run, PIC__CERTIFICATE, id, run->op, err);
}

int pic__run_domain_removed(pic__run *run, const char *name, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;
        int r;

        if (!fits(name) || pic__txn_get(run->t, PIC__CERTIFICATE, name, &cert, NULL) < 0 || !is_own_of(cert, name))
                return 0;
        r = pic__run_uncertify(run, name, err);
        return r < 0 ? r : pic__txn_remove(run->t, PIC__CERTIFICATE, name, err);
}

int pic__run_is_of_domain(const pic__run *run, const pic_obj *cert)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *domain = NULL;
        const char *name = pic__obj_name(cert);
        size_t i;

        if (cert->kind != PIC__CERTIFICATE || !is_own_of(cert, name))
                return 0;
        for (i = 0; i < run->w->ops.count; i++) {
                const pic__op *op = &run->w->ops.at[i];

                if (op->kind == PIC__DOMAIN && op->wish == PIC__WISH_HAVE && pic__same_name(op->name, name))
                        return 1;
        }
        return pic__txn_get(run->t, PIC__DOMAIN, name, &domain, NULL) == 0;
}
