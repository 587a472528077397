/* Owns: the root: opening it, and exchanging it. The former root signs the new one's key (a cross certificate), so that
 * devices that have only the old root go on trusting what the new one vouches for, until there is no certificate of the
 * old one left. Both keys are kept so long: what the old one issued can still be revoked. */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "change/newkeys.h"
#include "engine/certs_i.h"
#include "sys/crypto.h"

#define OVERLAP (90 * PIC__DAY) /* the least that people have to give devices the new root */
#define OLD (730 * PIC__DAY)

/* Text of a field's first certificate. PIC_NOTFOUND. */
static int first(const pic_obj *cell, const char *field, pic__buf *out, pic_error **err)
{
        return pic__x509_text_first(pic__obj_text(cell, field), out, err);
}

int pic__ca_issuer(pic__ca *ca, const char *certificate, const char *secret, pic__x509_issuer **ret, pic_error **err)
{
        PIC__AUTO(pic__x509_key_unref_p) pic__x509_key *key = NULL;
        pic__auto_wipe pic__buf der = PIC__BUF_SECRET;
        pic__auto_buf pic__buf root = PIC__BUF_INIT;
        int r = first(ca->cell, certificate, &root, err);

        if (r == 0)
                r = pic__seals_open_text(&ca->e->seals, ca->cell, secret, &der, err);
        if (r == 0)
                r = pic__x509_key_read(pic__der_of(&der), &key, err);
        return r < 0 ? r : pic__x509_issuer_new(pic__der_of(&root), key, ret, err);
}

int pic__ca_is_other(const pic_obj *cell)
{
        pic__auto_buf pic__buf scope = PIC__BUF_INIT;

        pic__ca_scope(cell, &scope);
        return !scope.failed && strcmp(pic__buf_str(&scope), pic__obj_text(cell, "ca_scope")) != 0;
}

int pic__ca_is_old(const pic_obj *cell, pic_time now)
{
        pic__auto_buf pic__buf root = PIC__BUF_INIT;
        pic__x509_info info;

        return first(cell, "ca_certificate", &root, NULL) == 0 &&
               pic__x509_read(pic__der_of(&root), &info, NULL, NULL) == 0 && info.until < now + OLD;
}

/* --- another root --------------------------------------------------------------------------------------------- */

struct last {
        const char *root;
        pic_time until;
};

static int see_cert(const pic_obj *cert, void *data)
{
        struct last *l = data;
        const char *at = pic__obj_text(cert, "serials");
        pic__serial s;

        while (pic__serial_next(&at, &s))
                if (s.until > l->until)
                        l->until = s.until;
        return 0;
}

/* Until when the root that goes is needed: its certificates, and time for people. */
static int overlap(pic__ca *ca, const pic__x509_info *old, pic_time *ret, pic_error **err)
{
        struct last l = { old->key_id, ca->now + OVERLAP };
        int r = pic__txn_each(ca->t, PIC__CERTIFICATE, see_cert, &l, err);

        *ret = l.until < old->until ? l.until : old->until;
        return r < 0 ? r : 0;
}

/* A sealed text of another field, sealed anew for this one. */
static int move_secret(pic__ca *ca, pic_obj *cell, const char *from, const char *to, pic_error **err)
{
        pic__auto_wipe pic__buf der = PIC__BUF_SECRET;
        int r = pic__seals_open_text(&ca->e->seals, ca->cell, from, &der, err);

        return r < 0 ? r : pic__newkeys_sealed(cell, to, ca->e->seals.public_key, der.data, der.len, err);
}

static int cross(pic__ca *ca, pic_obj *cell, const pic__x509_issuer *old, pic_time until, pic_error **err)
{
        pic__auto_buf pic__buf root = PIC__BUF_INIT, der = PIC__BUF_INIT, text = PIC__BUF_INIT;
        int r = first(cell, "ca_certificate", &root, err);

        if (r == 0)
                r = pic__x509_cross(old, pic__der_of(&root), ca->now - PIC__DAY, until, &der, err);
        if (r < 0)
                return r;
        pic__x509_text_put(pic__der_of(&der), &text);
        return text.failed ? pic__nomem(err) : pic__obj_set(cell, "ca_cross", pic__buf_str(&text), 1, err);
}

/* The root that there was becomes the former one. `cell` has the new one already. */
static int keep_former(pic__ca *ca, pic_obj *cell, pic_error **err)
{
        PIC__AUTO(pic__x509_issuer_unref_p) pic__x509_issuer *old = NULL;
        pic__auto_buf pic__buf der = PIC__BUF_INIT;
        pic__x509_info info;
        pic_time until = 0;
        int r = first(ca->cell, "ca_certificate", &der, err);

        if (r == 0)
                r = pic__x509_read(pic__der_of(&der), &info, NULL, err);
        if (r == 0)
                r = pic__ca_issuer(ca, "ca_certificate", "ca_secret", &old, err);
        if (r == 0)
                r = overlap(ca, &info, &until, err);
        if (r == 0 && until <= ca->now) /* it has ended */
                return 0;
        if (r == 0)
                r = cross(ca, cell, old, until, err);
        if (r == 0)
                r = pic__obj_set(cell, "ca_former", pic__obj_text(ca->cell, "ca_certificate"), 1, err);
        if (r == 0)
                r = move_secret(ca, cell, "ca_secret", "ca_former_secret", err);
        return r < 0 ? r : pic__obj_set_int(cell, "ca_former_until", until, err);
}

static int put_cell(pic__ca *ca, pic_obj *cell, pic_error **err)
{
        int r = pic__txn_put(ca->t, cell, "cert-root", NULL, err);

        if (r < 0)
                return r;
        ca->written = 1;
        ca->cell = pic__obj_unref(ca->cell);
        return pic__txn_get(ca->t, PIC__CELL, NULL, &ca->cell, err);
}

/* What past rows have of a key would outlive its time. */
static int forget(pic__ca *ca, const char *field, const char *sealed, pic_error **err)
{
        int r = sealed[0] != '\0' ? pic__txn_forget(ca->t, PIC__CELL, ca->cell->id, field, sealed, err) : 0;

        return r < 0 ? r : 0;
}

/* A former root that is still there goes for good: of two generations one is kept. */
static int exchange(pic__ca *ca, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *was = pic__obj_ref(ca->cell);
        int r = pic__obj_edit(was, &cell, err);

        if (r == 0)
                r = pic__ca_make(cell, ca->e->seals.public_key, ca->now, err);
        if (r == 0 && pic__obj_has(was, "ca_certificate"))
                r = keep_former(ca, cell, err);
        if (r == 0)
                r = put_cell(ca, cell, err);
        if (r == 0)
                r = forget(ca, "ca_secret", pic__obj_text(was, "ca_secret"), err);
        return r < 0 ? r : forget(ca, "ca_former_secret", pic__obj_text(was, "ca_former_secret"), err);
}

/* Its time is over: nobody shall be able to sign with it any more. */
static int drop_former(pic__ca *ca, pic_error **err)
{
        static const char *const fields[] = { "ca_former", "ca_former_secret", "ca_former_until", "ca_cross" };
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *was = pic__obj_ref(ca->cell);
        size_t i;
        int r = pic__obj_edit(was, &cell, err);

        for (i = 0; r == 0 && i < PIC__COUNT(fields); i++)
                r = pic__obj_set(cell, fields[i], NULL, 1, err);
        if (r == 0)
                r = put_cell(ca, cell, err);
        return r < 0 ? r : forget(ca, "ca_former_secret", pic__obj_text(was, "ca_former_secret"), err);
}

/* A change that may go back by itself is not yet what the cell is called. */
static int may_exchange(pic__ca *ca)
{
        pic__confirm c;

        return pic__store_confirm(ca->e->store, &c, NULL) == 0;
}

int pic__ca_open(pic__ca *ca, int fresh, pic_error **err)
{
        int has = pic__obj_has(ca->cell, "ca_certificate"), r = 0;

        if (!has || fresh || ((pic__ca_is_other(ca->cell) || pic__ca_is_old(ca->cell, ca->due)) && may_exchange(ca)))
                r = exchange(ca, err);
        if (r == 0 && pic__obj_has(ca->cell, "ca_former") && pic__obj_int(ca->cell, "ca_former_until") <= ca->due)
                r = drop_former(ca, err);
        if (r == 0)
                r = pic__ca_issuer(ca, "ca_certificate", "ca_secret", &ca->issuer, err);
        pic__buf_clear(&ca->root);
        if (r == 0)
                r = first(ca->cell, "ca_certificate", &ca->root, err);
        return r < 0 ? r : pic__x509_read(pic__der_of(&ca->root), &ca->info, NULL, err);
}
