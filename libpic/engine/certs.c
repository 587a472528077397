/* Owns: the agent's round over certificates: what is due is looked for when the store changed or a time has come, and
 * issued in one transaction. */
#include "engine/certs.h"

#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "engine/acme.h"
#include "engine/acme_wish.h"
#include "engine/certs_i.h"
#include "engine/notes.h"
#include "engine/wire.h"

#define AT_ONCE 1000 /* in one transaction */
#define ROUNDS 16
#define AGAIN (60 * PIC__SECOND)

typedef PIC__VEC(pic_id) id_vec;

/* --- one transaction ------------------------------------------------------------------------------------------ */

int pic__ca_begin(pic__engine *e, const char *actor, const char *way, pic__ca *ret, pic_error **err)
{
        int r;

        memset(ret, 0, sizeof(*ret));
        ret->e = e;
        ret->now = pic__engine_moment(e);
        ret->due = pic__engine_due_by(e, ret->now);
        r = pic__txn_begin(e->store, actor, way, &ret->t, err);
        return r < 0 ? r : pic__txn_get(ret->t, PIC__CELL, NULL, &ret->cell, err);
}

/* What was signed changes nothing in the world: the engine only has to know of the revision. */
int pic__ca_commit(pic__ca *ca, pic_error **err)
{
        int r = pic__txn_commit(pic__take(ca->t), NULL, err);

        if (r == 0 && ca->e->applied >= 0)
                (void)pic__engine_apply(ca->e, NULL, NULL);
        return r;
}

void pic__ca_end(pic__ca *ca)
{
        if (ca->t != NULL)
                pic__txn_abort(ca->t);
        pic__x509_issuer_unref(ca->issuer);
        pic__buf_free(&ca->root);
        pic__obj_unref(ca->cell);
        memset(ca, 0, sizeof(*ca));
}

/* --- what is due ---------------------------------------------------------------------------------------------- */

struct look {
        pic__engine *e;
        const pic_obj *cell;
        char root[PIC__X509_HEX];
        pic_time moment, now; /* what is issued begins; by what is judged what is due */
        pic_time due;         /* when the next one is */
        size_t own;           /* certificates that live */
        id_vec list;
        int r;
};

static void sooner(struct look *l, pic_time t)
{
        if (t > 0 && (l->due == 0 || t < l->due))
                l->due = t;
}

static int see(const pic_obj *cert, void *data)
{
        struct look *l = data;

        if (!pic__cert_is_own(cert))
                return 0;
        l->own++;
        if (pic__cert_needs(l->cell, l->root, cert, l->now, l->moment) == PIC__CERT_FINE) {
                if (pic__obj_has(cert, "chain"))
                        sooner(l, pic__obj_int(cert, "renew_at"));
                return 0;
        }
        if (l->list.count >= AT_ONCE) {
                sooner(l, l->now);
                return 0;
        }
        return pic__vec_push(&l->list, cert->id) < 0 ? PIC_NOMEM : 0;
}

static void read_root(const pic_obj *cell, char root[PIC__X509_HEX])
{
        pic__auto_buf pic__buf der = PIC__BUF_INIT;
        pic__x509_info info;

        root[0] = '\0';
        if (pic__x509_text_first(pic__obj_text(cell, "ca_certificate"), &der, NULL) == 0 &&
            pic__x509_read(pic__der_of(&der), &info, NULL, NULL) == 0)
                memcpy(root, info.key_id, sizeof(info.key_id));
}

/* 1: the root is not the right one any more. Only where somebody uses it: else it waits until somebody does. */
static int root_due(struct look *l)
{
        pic__confirm c;
        pic_time until = pic__obj_int(l->cell, "ca_former_until");

        sooner(l, until);
        if (until != 0 && until <= l->now)
                return 1;
        if (l->own == 0 || (!pic__ca_is_other(l->cell) && !pic__ca_is_old(l->cell, l->now)))
                return 0;
        return pic__store_confirm(l->e->store, &c, NULL) == 0;
}

/* --- doing it ------------------------------------------------------------------------------------------------- */

static int issue_one(pic__ca *ca, pic_id id, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;
        int r = pic__store_get_id(ca->e->store, PIC__CERTIFICATE, id, &cert, err);
        enum pic__cert_need need;

        if (r < 0)
                return r;
        need = pic__cert_needs(ca->cell, ca->info.key_id, cert, ca->due, ca->now);
        if (need == PIC__CERT_FINE)
                return 0;
        return pic__ca_issue(ca, cert, need == PIC__CERT_ISSUE ? "cert-issue" : "cert-renew", err);
}

static int round_of(pic__engine *e, struct look *l, pic_error **err)
{
        PIC__AUTO(pic__ca_end) pic__ca ca;
        size_t i;
        int r = pic__ca_begin(e, "agent", "agent", &ca, err);

        if (r == 0)
                r = pic__ca_open(&ca, 0, err);
        for (i = 0; r == 0 && i < l->list.count; i++)
                r = issue_one(&ca, l->list.at[i], err);
        if (r < 0 || !ca.written)
                return r;
        r = pic__ca_commit(&ca, err);
        if (r == 0)
                pic__log_put(e->log, PIC_LOG_INFO, "certs", "%zu certificates issued", l->list.count);
        return r < 0 ? r : 1;
}

static int look(pic__engine *e, struct look *l, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__store_get(e->store, PIC__CELL, NULL, &cell, err);

        if (r < 0)
                return r;
        l->cell = cell;
        read_root(cell, l->root);
        r = pic__store_each(e->store, PIC__CERTIFICATE, see, l, err);
        if (r == 0 && (root_due(l) || l->list.count > 0))
                r = round_of(e, l, err);
        l->cell = NULL;
        return r;
}

static void outcome(pic__engine *e, const struct look *l, int r, pic_error *bad)
{
        pic__auto_err pic_error *former = pic__take(e->certs_why);

        e->certs_due = l->due;
        if (r >= 0)
                return;
        e->certs_due = e->clock->now(e->clock->data) + AGAIN;
        e->certs_why = pic__wire_copy(bad);
        if (former == NULL || strcmp(pic_error_message(former), pic_error_message(bad)) != 0)
                pic__log_err(e->log, PIC_LOG_ERROR, "certs", bad);
}

/* So that who has no certificates pays nothing for those that others have. */
static int nobody_has_one(const pic__engine *e)
{
        const pic_obj *cell = e->snap != NULL ? pic__snap_cell(e->snap) : NULL;

        return cell != NULL && pic__snap_count(e->snap, PIC__CERTIFICATE) == 0 && !pic__obj_has(cell, "ca_former");
}

/* Another root makes all that it vouches for due, and of very many only some are done at a time. */
static int rounds(pic__engine *e, struct look *l, pic_revision *ret_seen, pic_error **err)
{
        int r = 1, i;

        for (i = 0; i < ROUNDS && r > 0; i++) {
                pic__vec_free(&l->list);
                *l = (struct look){ .e = e, .moment = pic__engine_moment(e) };
                l->now = pic__engine_due_by(e, l->moment);
                r = pic__store_revision(e->store, ret_seen, err);
                if (r == 0)
                        r = look(e, l, err);
        }
        pic__vec_free(&l->list);
        if (r > 0)
                *ret_seen = -1;
        return r < 0 ? r : i > 1;
}

int pic__engine_certs(pic__engine *e, pic_error **err)
{
        pic_time now = e->clock->now(e->clock->data);
        struct look l = { .e = e };
        pic_revision revision = 0;
        pic_error *bad = NULL;
        int r = pic__store_revision(e->store, &revision, err);

        if (r == 0 && revision == e->applied && nobody_has_one(e))
                return 0;
        if (r < 0 ||
            (revision == e->certs_seen && now + PIC__DAY >= e->certs_at && (e->certs_due == 0 || now < e->certs_due)))
                return r;
        e->certs_at = now;
        r = rounds(e, &l, &e->certs_seen, &bad);
        outcome(e, &l, r, bad);
        if (r < 0 && err != NULL)
                *err = bad;
        else
                pic_error_free(bad);
        return r;
}

pic_time pic__engine_certs_due(const pic__engine *e)
{
        return e->certs_due;
}

/* --- what is asked for ---------------------------------------------------------------------------------------- */

static int not_own(const pic_obj *cert, pic_error **err)
{
        if (pic__obj_int(cert, "revoked") != 0) {
                (void)pic__fail(err, PIC_BADSTATE, "certificate %s was revoked", pic__obj_name(cert));
                pic__hint(err, "Remove it and issue it anew: pic cert remove %s", pic__obj_name(cert));
                return PIC_BADSTATE;
        }
        return pic__fail(err, PIC_BADSTATE, "certificate %s is not of the cell's own CA", pic__obj_name(cert));
}

static int renew_one(pic__ca *ca, const char *name, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;
        int r = pic__txn_get(ca->t, PIC__CERTIFICATE, name, &cert, err);

        if (r == 0 && !pic__cert_is_own(cert))
                return not_own(cert, err);
        if (r == 0)
                r = pic__ca_open(ca, 0, err);
        return r < 0 ? r : pic__ca_issue(ca, cert, pic__obj_has(cert, "chain") ? "cert-renew" : "cert-issue", err);
}

/* 1: it is a public CA's, and was asked for, or cannot be. */
static int renew_public(pic__engine *e, const char *name, const char *actor, const char *way, int *ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;

        if (name == NULL || pic__store_get(e->store, PIC__CERTIFICATE, name, &cert, NULL) < 0 || !pic__acme_is(cert))
                return 0;
        *ret = pic__engine_acme_renew(e, cert, actor, way, err);
        return 1;
}

int pic__engine_cert_renew(pic__engine *e, const char *name, const char *actor, const char *way, pic_error **err)
{
        PIC__AUTO(pic__ca_end) pic__ca ca;
        pic__confirm c;
        int r = 0;

        if (renew_public(e, name, actor, way, &r, err))
                return r;
        if (name == NULL && pic__store_confirm(e->store, &c, NULL) > 0) {
                (void)pic__fail(err, PIC_BADSTATE, "a change waits for its confirmation");
                pic__hint(err, "First: pic confirm, or pic undo");
                return PIC_BADSTATE;
        }
        r = pic__ca_begin(e, actor, way, &ca, err);
        if (r == 0)
                r = name != NULL ? renew_one(&ca, name, err) : pic__ca_open(&ca, 1, err);
        if (r == 0)
                r = pic__ca_commit(&ca, err);
        if (r == 0)
                (void)pic__engine_certs(e, NULL); /* another root: all that it vouches for */
        return r;
}
