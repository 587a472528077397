/* Owns: the certificate of the cell's own page. It is no wish and stands in no store: the front asks for one when it
 * starts and when it is due, its key lives in the front's memory alone, and nothing has to be written for it. */
#include <string.h>

#include "base/time.h"
#include "engine/certs_i.h"
#include "engine/frontleaf.h"
#include "model/obj.h"

#define NAMES_MAX 16
#define DAYS 30
#define BACK (3600 * PIC__SECOND) /* it begins a little in the past, for clocks that are behind */

struct names {
        char text[NAMES_MAX][PIC__CERT_NAME];
        const char *at[NAMES_MAX + 1];
};

static void split(const char *list, struct names *ret)
{
        size_t n = 0;

        while (n < NAMES_MAX && pic__list_next(&list, ret->text[n], sizeof(ret->text[n]))) {
                ret->at[n] = ret->text[n];
                n++;
        }
        ret->at[n] = NULL;
}

static int put_pem(pic__der der, void *data)
{
        pic__x509_pem_put("CERTIFICATE", der, data);
        return 0;
}

/* Leaf, what leads from it to the former root, key. */
static int put_all(const pic_obj *cell, const pic__buf *leaf, const pic__x509_key *key, pic__buf *out, pic_error **err)
{
        pic__auto_wipe pic__buf der = PIC__BUF_SECRET;
        const char *cross = pic__obj_text(cell, "ca_cross");
        int r = pic__x509_key_write(key, &der, err);

        pic__x509_pem_put("CERTIFICATE", pic__der_of(leaf), out);
        if (r == 0 && cross[0] != '\0')
                r = pic__x509_text_each(cross, put_pem, out, err);
        if (r < 0)
                return r;
        pic__x509_pem_put("PRIVATE KEY", pic__der_of(&der), out);
        return out->failed ? pic__nomem(err) : 0;
}

static int make(pic__ca *ca, const char *names, pic__buf *out, pic_time *ret_until, pic_error **err)
{
        PIC__AUTO(pic__x509_key_unref_p) pic__x509_key *key = NULL;
        pic__auto_free struct names *list = pic__alloc(sizeof(*list));
        pic__auto_buf pic__buf leaf = PIC__BUF_INIT;
        pic__x509_info info;
        int r = list == NULL ? pic__nomem(err) : pic__ca_issuer(ca, "ca_certificate", "ca_secret", &ca->issuer, err);

        if (r < 0)
                return r;
        split(names, list);
        r = pic__x509_key_new(&key, err);
        if (r == 0)
                r = pic__x509_leaf(ca->issuer, key, list->at, ca->now - BACK, ca->now + DAYS * PIC__DAY, &leaf, err);
        if (r == 0)
                r = pic__x509_read(pic__der_of(&leaf), &info, NULL, err);
        if (r < 0)
                return r;
        *ret_until = info.until;
        return put_all(ca->cell, &leaf, key, out, err);
}

int pic__engine_front_leaf(pic__engine *e, const char *names, pic__buf *out, pic_time *ret_until, pic_error **err)
{
        PIC__AUTO(pic__ca_end) pic__ca ca = { .e = e, .now = pic__engine_moment(e) };
        int r = pic__store_get(e->store, PIC__CELL, NULL, &ca.cell, err);

        if (r == 0)
                r = make(&ca, names, out, ret_until, err);
        return r < 0 ? pic__wrap(err, "the page's certificate") : 0;
}
