/* Owns: whether the certificates of a backup are good for something. Those of the cell's own CA are judged as of the
 * moment it was made: what ended since is renewed by the agent. A public CA's only has to fit its key: asking for
 * another one is the agent's too. */
#include <string.h>

#include "base/time.h"
#include "engine/drill.h"
#include "engine/keyfile.h"
#include "engine/seals.h"
#include "model/cert.h"
#include "sys/crypto.h"
#include "sys/x509.h"

enum { CHAIN = 8 };

struct exam {
        pic__seals seals;
        const pic_obj *cell;
        pic__buf root, former;
        pic_time made;
        size_t count;
        pic_error **err;
};

struct chain {
        pic__der at[CHAIN];
        pic__buf kept[CHAIN];
        size_t count;
};

static void exam_end(struct exam *x)
{
        pic__seals_wipe(&x->seals);
        pic__buf_free(&x->root);
        pic__buf_free(&x->former);
}

static void chain_free(struct chain *c)
{
        size_t i;

        for (i = 0; i < CHAIN; i++)
                pic__buf_free(&c->kept[i]);
}

static int keep(pic__der der, void *data)
{
        struct chain *c = data;

        if (c->count == CHAIN)
                return 0;
        pic__buf_put(&c->kept[c->count], der.data, der.len);
        if (c->kept[c->count].failed)
                return PIC_NOMEM;
        c->at[c->count] = pic__der_of(&c->kept[c->count]);
        c->count++;
        return 0;
}

/* A sealed key of this object is that of the certificate. */
static int check_key(struct exam *x, const pic_obj *o, const char *field, pic__der certificate, pic_error **err)
{
        PIC__AUTO(pic__x509_key_unref_p) pic__x509_key *key = NULL;
        pic__auto_wipe pic__buf der = PIC__BUF_SECRET;
        int r = pic__seals_open_text(&x->seals, o, field, &der, err);

        if (r == 0)
                r = pic__x509_key_read(pic__der_of(&der), &key, err);
        if (r < 0 || pic__x509_key_fits(key, certificate))
                return r;
        return pic__fail(err, PIC_CORRUPT, "its key is not that of the certificate");
}

/* --- roots ------------------------------------------------------------------------------------------------------- */

static int check_root(struct exam *x, const char *field, const char *secret, pic__buf *root, pic_error **err)
{
        pic__x509_info info;
        int r;

        if (!pic__obj_has(x->cell, field))
                return 0;
        r = pic__x509_text_first(pic__obj_text(x->cell, field), root, err);
        if (r == 0)
                r = pic__x509_read(pic__der_of(root), &info, NULL, err);
        if (r == 0)
                r = check_key(x, x->cell, secret, pic__der_of(root), err);
        if (r == 0 && !info.ca)
                r = pic__fail(err, PIC_CORRUPT, "it is no CA's");
        if (r == 0 && info.until <= x->made)
                r = pic__fail(err, PIC_CORRUPT, "it had ended when the backup was made");
        if (r < 0)
                (void)pic__wrap(err, "the root of the cell's CA (%s)", field);
        x->count += r == 0;
        return r;
}

/* --- the others -------------------------------------------------------------------------------------------------- */

static int check_names(const struct exam *x, const pic_obj *cert, const struct chain *c, pic_error **err)
{
        const pic__der roots[] = { pic__der_of(&x->root), pic__der_of(&x->former) };
        const char *at = pic__obj_text(cert, "subjects");
        char name[PIC__CERT_NAME];
        int r = 0;

        while (r == 0 && pic__list_next(&at, name, sizeof(name))) {
                if (name[0] == '*')
                        name[0] = 'x';
                r = pic__x509_verify(roots, x->former.len > 0 ? 2 : 1, c->at, c->count, x->made, name, err);
        }
        return r;
}

static int judge(struct exam *x, const pic_obj *cert, pic_error **err)
{
        PIC__AUTO(chain_free) struct chain c = { .count = 0 };
        int r = pic__x509_text_each(pic__obj_text(cert, "chain"), keep, &c, err);

        if (r == 0 && c.count == 0)
                r = pic__fail(err, PIC_CORRUPT, "there is none in it");
        if (r == 0 && pic__obj_has(cert, "key"))
                r = check_key(x, cert, "key", c.at[0], err);
        if (r == 0 && pic__cert_is_own(cert) && x->root.len == 0)
                r = pic__fail(err, PIC_CORRUPT, "the CA that vouches for it has no root");
        if (r == 0 && pic__cert_is_own(cert))
                r = check_names(x, cert, &c, err);
        return r;
}

static int see(const pic_obj *cert, void *data)
{
        struct exam *x = data;
        int r;

        if (!pic__obj_has(cert, "chain") || pic__obj_int(cert, "revoked") != 0)
                return 0;
        r = judge(x, cert, x->err);
        if (r < 0) {
                (void)pic__wrap(x->err, "certificate %s", pic__obj_name(cert));
                pic__hint(x->err, "Where the cell runs: pic cert renew %s; then another backup", pic__obj_name(cert));
        }
        x->count += r == 0;
        return r;
}

int pic__drill_certs(const char *dir, pic__store *st, pic_time made, size_t *ret_count, pic_error **err)
{
        PIC__AUTO(exam_end) struct exam x = { .seals = { .arena = PIC__ARENA_INIT }, .made = made, .err = err };
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__keyfile_read(dir, x.seals.key, err);

        if (r == 0)
                r = pic__store_get(st, PIC__CELL, NULL, &cell, err);
        if (r < 0)
                return r;
        pic__wg_public(x.seals.key, x.seals.public_key);
        x.cell = cell;
        r = check_root(&x, "ca_certificate", "ca_secret", &x.root, err);
        if (r == 0)
                r = check_root(&x, "ca_former", "ca_former_secret", &x.former, err);
        if (r == 0)
                r = pic__store_each(st, PIC__CERTIFICATE, see, &x, err);
        *ret_count = x.count;
        return r;
}
