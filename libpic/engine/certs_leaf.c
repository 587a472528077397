/* Owns: one certificate: whether it is due, and its issue. A host that has its key needs only the new certificate, so
 * what was shown keeps its key; a key that is kept here is a new one each time. */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "change/newkeys.h"
#include "engine/certs_i.h"

#define BACK (3600 * PIC__SECOND) /* it begins a little in the past, for clocks that are behind */

/* Made by a clock that ran ahead: nobody can use it now, and another one would be better. */
static int is_ahead(const pic_obj *cert, pic_time due, pic_time moment)
{
        pic_time from = pic__obj_int(cert, "not_before");

        return from > due + PIC__DAY && from > moment + PIC__DAY;
}

enum pic__cert_need pic__cert_needs(const pic_obj *cell, const char *root, const pic_obj *cert, pic_time due,
                                    pic_time moment)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;

        if (!pic__cert_is_own(cert) || pic__cert_subjects(cell, cert, &names, NULL) < 0)
                return PIC__CERT_FINE;
        if (!pic__obj_has(cert, "chain"))
                return PIC__CERT_ISSUE;
        if (pic__obj_int(cert, "renew_at") <= due || is_ahead(cert, due, moment) ||
            strcmp(pic__obj_text(cert, "issuer_key"), root) != 0 ||
            strcmp(pic__obj_text(cert, "subjects"), pic__buf_str(&names)) != 0)
                return PIC__CERT_RENEW;
        return PIC__CERT_FINE;
}

/* --- issuing -------------------------------------------------------------------------------------------------- */

struct leaf {
        pic__x509_key *key;
        int new_key;
        const char *list[65];
        pic__buf der;
        pic__buf chain;
        pic__buf serials;
        pic__x509_info info;
};

static void leaf_free(struct leaf **l)
{
        if (*l == NULL)
                return;
        pic__x509_key_unref((*l)->key);
        pic__buf_free(&(*l)->der);
        pic__buf_free(&(*l)->chain);
        pic__buf_free(&(*l)->serials);
        pic__free(*l);
}

static int find_key(const pic_obj *cert, struct leaf *l, pic_error **err)
{
        pic__auto_buf pic__buf old = PIC__BUF_INIT;

        l->new_key = pic__obj_has(cert, "key") || !pic__obj_has(cert, "chain");
        if (l->new_key)
                return pic__x509_key_new(&l->key, err);
        if (pic__x509_text_first(pic__obj_text(cert, "chain"), &old, err) < 0)
                return PIC_CORRUPT;
        return pic__x509_key_of(pic__der_of(&old), &l->key, err);
}

static int split(char *names, const char *list[65], pic_error **err)
{
        size_t n = 0;

        while (n < 64 && *names != '\0') {
                list[n++] = names;
                names += strcspn(names, ",");
                if (*names == ',')
                        *names++ = '\0';
        }
        list[n] = NULL;
        return *names == '\0' ? 0 : pic__fail(err, PIC_VALUE, "a certificate has at most 64 names");
}

/* It, and what leads from it to the former root. */
static int make_chain(pic__ca *ca, const pic_obj *cert, struct leaf *l, pic_error **err)
{
        const char *cross = pic__obj_text(ca->cell, "ca_cross"), *at = pic__obj_text(cert, "serials");
        pic__serial s;
        int r = pic__x509_read(pic__der_of(&l->der), &l->info, NULL, err);

        if (r < 0)
                return r;
        pic__x509_text_put(pic__der_of(&l->der), &l->chain);
        if (cross[0] != '\0')
                pic__buf_putf(&l->chain, " %s", cross);
        while (pic__serial_next(&at, &s))
                if (s.until > ca->now)
                        pic__serial_put(&s, &l->serials);
        memcpy(s.hex, l->info.serial, sizeof(s.hex));
        s.until = l->info.until;
        pic__serial_put(&s, &l->serials);
        return l->chain.failed || l->serials.failed ? pic__nomem(err) : 0;
}

static int sign(pic__ca *ca, const pic_obj *cert, struct leaf *l, pic_error **err)
{
        pic_time until = ca->now + pic__obj_int(cert, "days") * PIC__DAY;
        int r = find_key(cert, l, err);

        if (until > ca->info.until)
                until = ca->info.until;
        if (r == 0)
                r = pic__x509_leaf(ca->issuer, l->key, l->list, ca->now - BACK, until, &l->der, err);
        return r < 0 ? r : make_chain(ca, cert, l, err);
}

static int set_all(pic__ca *ca, pic_obj *now, const struct leaf *l, const char *subjects, pic_error **err)
{
        const struct {
                const char *field, *text;
        } texts[] = { { "subjects", subjects },
                      { "serial", l->info.serial },
                      { "fingerprint", l->info.fingerprint },
                      { "issuer_key", ca->info.key_id },
                      { "chain", pic__buf_str(&l->chain) },
                      { "serials", pic__buf_str(&l->serials) } };
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < PIC__COUNT(texts); i++)
                r = pic__obj_set(now, texts[i].field, texts[i].text, 1, err);
        if (r == 0)
                r = pic__obj_set_int(now, "not_before", l->info.from, err);
        if (r == 0)
                r = pic__obj_set_int(now, "not_after", l->info.until, err);
        return r < 0 ? r
                     : pic__obj_set_int(now, "renew_at", l->info.from + (l->info.until - l->info.from) / 3 * 2, err);
}

static int set_key(pic__ca *ca, pic_obj *now, const struct leaf *l, pic_error **err)
{
        pic__auto_wipe pic__buf der = PIC__BUF_SECRET;
        int r = l->new_key ? pic__x509_key_write(l->key, &der, err) : 0;

        if (r < 0 || !l->new_key)
                return r;
        return pic__newkeys_sealed(now, "key", ca->e->seals.public_key, der.data, der.len, err);
}

static int put(pic__ca *ca, const pic_obj *cert, pic_obj *now, const char *verb, pic_error **err)
{
        const char *old = pic__obj_text(cert, "key");
        int r = pic__txn_put(ca->t, now, verb, NULL, err);

        if (r == 0 && old[0] != '\0') /* keys of former certificates are nobody's business */
                r = pic__txn_forget(ca->t, PIC__CERTIFICATE, cert->id, "key", old, err);
        ca->written |= r >= 0;
        return r < 0 ? r : 0;
}

int pic__ca_issue(pic__ca *ca, const pic_obj *cert, const char *verb, pic_error **err)
{
        PIC__AUTO(leaf_free) struct leaf *l = pic__alloc(sizeof(*l));
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        pic__auto_buf pic__buf subjects = PIC__BUF_INIT;
        pic__auto_free char *names = NULL;
        int r;

        if (l == NULL)
                return pic__nomem(err);
        r = pic__cert_subjects(ca->cell, cert, &subjects, err);
        if (r < 0)
                return r;
        names = pic__strdup(pic__buf_str(&subjects));
        if (names == NULL)
                return pic__nomem(err);
        r = split(names, l->list, err);
        if (r == 0)
                r = sign(ca, cert, l, err);
        if (r == 0)
                r = pic__obj_edit(cert, &now, err);
        if (r == 0)
                r = set_all(ca, now, l, pic__buf_str(&subjects), err);
        if (r == 0)
                r = set_key(ca, now, l, err);
        if (r == 0)
                r = put(ca, cert, now, verb, err);
        if (r < 0)
                (void)pic__wrap(err, "certificate %s", pic__obj_name(cert));
        return r;
}
