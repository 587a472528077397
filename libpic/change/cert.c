/* Owns: what follows for certificates. What is issued is the agent's work (engine/certs.c); here it is seen to that
 * names are the cell's, and that nothing that was revoked, or goes, is good any more. */
#include <string.h>

#include "base/time.h"
#include "change/ca.h"
#include "change/inner.h"
#include "model/cert.h"

/* The number of one that was revoked is on devices' lists: it is not taken off them. */
static int check_revoked(const pic__run *run, pic_error **err)
{
        if (run->before == NULL || pic__obj_int(run->before, "revoked") == 0 || pic__obj_int(run->now, "revoked") != 0)
                return 0;
        (void)pic__fail(err, PIC_BADSTATE, "certificate %s was revoked, which cannot be taken back",
                        pic__obj_name(run->now));
        pic__hint(err, "Remove it and issue it anew: pic cert remove %s; pic cert issue %s", pic__obj_name(run->now),
                  pic__obj_name(run->now));
        return PIC_BADSTATE;
}

/* Absent is the own CA: the field's rule sees only a value that is exchanged. */
static int check_issuer(const pic__run *run, pic_error **err)
{
        if (run->before == NULL || strcmp(pic__obj_text(run->before, "issuer"), pic__obj_text(run->now, "issuer")) == 0)
                return 0;
        (void)pic__fail(err, PIC_DENIED, "certificate %s: issuer cannot change", pic__obj_name(run->now));
        pic__hint(err, "Add another certificate, and remove this one.");
        pic__detail(err, "field", "issuer");
        return PIC_DENIED;
}

int pic__run_certificate(pic__run *run, pic_error **err)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;
        int r = check_revoked(run, err);

        if (r == 0)
                r = check_issuer(run, err);
        if (r == 0 && run->before == NULL)
                r = pic__obj_set_int(run->now, "created", run->opts->clock->now(run->opts->clock->data), err);
        if (r == 0)
                r = pic__cert_subjects(run->cell, run->now, &names, err);
        if (r == PIC_VALUE) {
                pic__prefix_all(err, "certificate: ");
                return r;
        }
        return r;
}

/* The list with the certificate's numbers that somebody could still show, without those that have ended. */
static int list_of(const pic_obj *cell, const pic_obj *cert, pic_time now, pic__buf *out)
{
        const char *old = pic__obj_text(cell, "ca_revoked"), *new = pic__obj_text(cert, "serials");
        int added = 0;
        pic__serial s;

        while (pic__serial_next(&old, &s))
                if (s.until + 86400 * PIC__SECOND > now)
                        pic__serial_put(&s, out);
        while (pic__serial_next(&new, &s))
                if (s.until > now) {
                        pic__serial_put(&s, out);
                        added = 1;
                }
        return added;
}

static int put_list(pic__run *run, const pic_obj *cell, const char *field, const pic__buf *list, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *edit = NULL;
        int r = list->failed ? pic__nomem(err) : pic__obj_edit(cell, &edit, err);

        if (r == 0)
                r = pic__obj_set(edit, field, pic__buf_str(list), 1, err);
        if (r == 0)
                r = pic__txn_put(run->t, edit, "revoke", NULL, err);
        if (r < 0)
                return r;
        run->cell = pic__obj_unref(run->cell);
        return pic__txn_get(run->t, PIC__CELL, NULL, &run->cell, err);
}

/* A public CA that was not yet told of a certificate that was revoked is told although it goes. The agent does it, and
 * the store has to say so until then. 1: there is one more. */
static int owe(const pic_obj *cell, const pic_obj *cert, pic_time now, pic__buf *out)
{
        const char *old = pic__obj_text(cell, "ca_owed");
        pic__owed is, o;

        if (pic__obj_int(cert, "revoked") == 0 || pic__obj_int(cert, "withdrawn") != 0 || !pic__owed_of(cert, now, &is))
                return 0;
        while (pic__owed_next(&old, &o))
                if (o.until > now)
                        pic__owed_put(&o, out);
        pic__owed_put(&is, out);
        return 1;
}

int pic__run_uncertify(pic__run *run, const char *name, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__auto_buf pic__buf list = PIC__BUF_INIT;
        pic_time now = run->opts->clock->now(run->opts->clock->data);
        int r = pic__txn_get(run->t, PIC__CERTIFICATE, name, &cert, err), own;

        if (r == 0)
                r = pic__txn_get(run->t, PIC__CELL, NULL, &cell, err);
        if (r < 0)
                return r;
        own = strcmp(pic__obj_text(cert, "issuer"), "own") == 0;
        if (!(own ? list_of(cell, cert, now, &list) : owe(cell, cert, now, &list)))
                return 0;
        return put_list(run, cell, own ? "ca_revoked" : "ca_owed", &list, err);
}
