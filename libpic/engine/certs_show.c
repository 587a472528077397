/* Owns: what of the CA is told to others: a certificate with its key, the list of what was revoked, doctor's words. The
 * rule "shown once" is kept as in reveal.c: that the key is gone is committed before its text leaves this file. */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "engine/acme.h"
#include "engine/certs_i.h"

#define LIST_DAYS 7 /* how long a list counts: who fetches it does so more often */

/* --- the key -------------------------------------------------------------------------------------------------- */

static int no_key(const pic_obj *cert, pic_error **err)
{
        const char *name = pic__obj_name(cert);

        if (!pic__obj_has(cert, "chain")) {
                (void)pic__fail(err, PIC_BADSTATE, "certificate %s is not issued yet", name);
                pic__hint(err, "Look why: pic doctor");
        } else if (pic__obj_int(cert, "withdrawn") != 0) {
                (void)pic__fail(err, PIC_BADSTATE, "certificate %s was revoked, and its key is gone from the cell",
                                name);
        } else {
                (void)pic__fail(err, PIC_BADSTATE,
                                "the key of certificate %s was shown already and is gone from the cell", name);
                pic__hint(err,
                          "The certificate alone: pic cert export %s. A new key: pic cert remove %s; pic cert issue %s",
                          name, name, name);
        }
        return PIC_BADSTATE;
}

static int put_pem(pic__der der, void *data)
{
        pic__x509_pem_put("CERTIFICATE", der, data);
        return 0;
}

static int render(pic__engine *e, const pic_obj *cert, pic__buf *out, pic_error **err)
{
        pic__auto_wipe pic__buf key = PIC__BUF_SECRET;
        int r = pic__seals_open_text(&e->seals, cert, "key", &key, err);

        if (r == 0)
                r = pic__x509_text_each(pic__obj_text(cert, "chain"), put_pem, out, err);
        if (r < 0)
                return r;
        pic__x509_pem_put("PRIVATE KEY", pic__der_of(&key), out);
        return out->failed ? pic__nomem(err) : 0;
}

/* Takes t. */
static int record(pic__engine *e, pic__txn *t, const pic_obj *cert, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *txn = t;
        PIC__AUTO(pic__obj_unref_p) pic_obj *shown = NULL;
        pic_time now = e->clock->now(e->clock->data), last = pic__obj_int(cert, "key_shown");
        int r;

        if (now / PIC__SECOND == last / PIC__SECOND) /* each showing is a row */
                now = last + PIC__SECOND;
        r = pic__obj_edit(cert, &shown, err);
        if (r == 0)
                r = pic__obj_set_int(shown, "key_shown", now, err);
        /* What a public CA vouches for is served by the cell: its key stays. */
        if (r == 0 && pic__cert_is_own(cert) && strcmp(pic__obj_text(cert, "key_mode"), "sealed") == 0)
                r = pic__obj_set(shown, "key", NULL, 1, err);
        if (r == 0)
                r = pic__txn_put(txn, shown, "reveal", NULL, err);
        if (r == 0 && !pic__obj_has(shown, "key"))
                r = pic__txn_forget(txn, PIC__CERTIFICATE, cert->id, "key", pic__obj_text(cert, "key"), err);
        return r < 0 ? r : pic__txn_commit(pic__take(txn), NULL, err);
}

int pic__engine_cert_key(pic__engine *e, const char *name, const char *actor, const char *way, pic__buf *out,
                         pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;
        int r;

        (void)pic__engine_certs(e, NULL); /* it may have been wished a moment ago */
        r = pic__txn_begin(e->store, actor, way, &t, err);
        if (r == 0)
                r = pic__txn_get(t, PIC__CERTIFICATE, name, &cert, err);
        if (r == 0 && (!pic__obj_has(cert, "key") || !pic__obj_has(cert, "chain")))
                r = no_key(cert, err);
        if (r == 0)
                r = render(e, cert, out, err);
        if (r == 0)
                r = record(e, pic__take(t), cert, err);
        if (r < 0)
                return r;
        pic__log_put(e->log, PIC_LOG_INFO, "certs", "key of certificate '%s' shown to %s", name, actor);
        if (e->applied >= 0)
                (void)pic__engine_apply(e, NULL, NULL);
        return 0;
}

/* --- what was revoked ----------------------------------------------------------------------------------------- */

struct rows {
        PIC__VEC(pic__x509_revoked) list;
        pic__arena arena;
        pic_time now;
        int failed;
};

static void rows_free(struct rows *r)
{
        pic__vec_free(&r->list);
        pic__arena_free(&r->arena);
}

static void add(struct rows *r, const char *text)
{
        pic__serial s;

        while (pic__serial_next(&text, &s)) {
                pic__x509_revoked one = { pic__arena_dup(&r->arena, s.hex, strlen(s.hex)), r->now };

                if (one.serial == NULL || pic__vec_push(&r->list, one) < 0)
                        r->failed = 1;
        }
}

static int see_cert(const pic_obj *cert, void *data)
{
        if (pic__obj_int(cert, "revoked") != 0 && strcmp(pic__obj_text(cert, "issuer"), "own") == 0)
                add(data, pic__obj_text(cert, "serials"));
        return 0;
}

static int put_list(pic__ca *ca, const pic__x509_issuer *by, const struct rows *rows, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf der = PIC__BUF_INIT;
        int r = pic__x509_crl(by, rows->list.at, rows->list.count, ca->now, ca->now + LIST_DAYS * PIC__DAY, &der, err);

        if (r < 0)
                return r;
        pic__x509_pem_put("X509 CRL", pic__der_of(&der), out);
        return out->failed ? pic__nomem(err) : 0;
}

static int lists(pic__ca *ca, pic__buf *out, pic_error **err)
{
        PIC__AUTO(pic__x509_issuer_unref_p) pic__x509_issuer *former = NULL;
        PIC__AUTO(rows_free) struct rows rows = { PIC__VEC_INIT, PIC__ARENA_INIT, ca->now, 0 };
        int r = pic__txn_each(ca->t, PIC__CERTIFICATE, see_cert, &rows, err);

        add(&rows, pic__obj_text(ca->cell, "ca_revoked"));
        if (r == 0 && rows.failed)
                r = pic__nomem(err);
        if (r == 0)
                r = put_list(ca, ca->issuer, &rows, out, err);
        if (r == 0 && pic__obj_has(ca->cell, "ca_former"))
                r = pic__ca_issuer(ca, "ca_former", "ca_former_secret", &former, err);
        return r < 0 || former == NULL ? r : put_list(ca, former, &rows, out, err);
}

int pic__engine_cert_list(pic__engine *e, pic__buf *out, pic_error **err)
{
        PIC__AUTO(pic__ca_end) pic__ca ca;
        int r = pic__ca_begin(e, "agent", "agent", &ca, err);

        if (r == 0)
                r = pic__ca_open(&ca, 0, err);
        if (r == 0)
                r = lists(&ca, out, err);
        return r < 0 || !ca.written ? r : pic__ca_commit(&ca, err);
}

/* --- doctor --------------------------------------------------------------------------------------------------- */

struct exam {
        pic__engine *e;
        pic__findings *f;
        const pic_obj *cell;
        pic_time now;
};

static void look_at_clock(const struct exam *x)
{
        pic_time clock = x->e->clock->now(x->e->clock->data);
        char says[PIC__TIME_TEXT], knew[PIC__TIME_TEXT];

        if (clock + PIC__DAY < x->now)
                pic__foundf(x->f, PIC_LOG_ERROR, "clock",
                            "Set it, or have it kept right: apt-get install chrony. Certificates, dates of expiry and "
                            "one-time "
                            "codes depend on it.",
                            "the machine's clock says %s, but %s was here already", pic__time_print(clock, says),
                            pic__time_print(x->now, knew));
}

static int look_at_cert(const pic_obj *cert, void *data)
{
        const struct exam *x = data;
        pic_time until = pic__obj_int(cert, "not_after"), renew = pic__obj_int(cert, "renew_at");
        pic__auto_err pic_error *bad = NULL;
        pic__auto_buf pic__buf names = PIC__BUF_INIT;
        char text[PIC__TIME_TEXT];
        int act = pic__cert_is_own(cert) ? PIC__ACT_RENEW : 0; /* a public CA counts how often it is asked */

        if (pic__obj_int(cert, "revoked") != 0)
                return 0;
        if (pic__cert_is_own(cert) && pic__cert_subjects(x->cell, cert, &names, &bad) < 0)
                pic__foundf(x->f, PIC_LOG_WARNING, "certs", "pic cert set NAME --names, or pic cell set --ca-zones",
                            "certificate %s is not renewed: %s", pic__obj_name(cert), pic_error_message(bad));
        if (!pic__obj_has(cert, "chain"))
                return 0;
        if (until <= x->now)
                pic__foundf(x->f, PIC_LOG_ERROR | act, "certs", "pic cert renew NAME tells why",
                            "certificate %s ended at %s", pic__obj_name(cert), pic__time_print(until, text));
        else if (renew + (until - renew) / 2 < x->now)
                pic__foundf(x->f, PIC_LOG_WARNING | act, "certs", "pic cert renew NAME tells why",
                            "certificate %s ends at %s and was not renewed", pic__obj_name(cert),
                            pic__time_print(until, text));
        return 0;
}

static void look_at_root(const struct exam *x)
{
        pic_time until = pic__obj_int(x->cell, "ca_former_until");
        char text[PIC__TIME_TEXT];

        if (until > x->now)
                pic__foundf(x->f, PIC_LOG_WARNING, "certs", "pic cert root tells how to install it",
                            "the cell's CA has a new root: devices need it before %s", pic__time_print(until, text));
}

void pic__certs_look(pic__engine *e, pic__findings *f)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        struct exam x = { e, f, NULL, pic__engine_moment(e) };

        if (pic__store_get(e->store, PIC__CELL, NULL, &cell, NULL) < 0)
                return;
        x.cell = cell;
        look_at_clock(&x);
        if (e->certs_why != NULL)
                pic__found_error(f, PIC_LOG_ERROR, "certs", e->certs_why);
        (void)pic__store_each(e->store, PIC__CERTIFICATE, look_at_cert, &x, NULL);
        look_at_root(&x);
        pic__acme_look(e, f);
}
