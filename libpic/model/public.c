/* Owns: what services are called below the cell's public names, and with which certificate they are shown. */
#include "model/public.h"

#include <stdio.h>
#include <string.h>

#include "model/service.h"
#include "model/text.h"
#include "model/wgconf.h"

int pic__public_is_zone(const pic_obj *cell, const pic_obj *domain)
{
        pic__auto_buf pic__buf zone = PIC__BUF_INIT;

        pic__dns_name(cell, NULL, &zone);
        return pic__same_name(pic__buf_str(&zone), pic__obj_name(domain));
}

int pic__public_name(const pic__snap *s, const pic_obj *domain, const pic_obj *service, char name[PIC__PUBLIC_NAME])
{
        char whole[PIC__PUBLIC_NAME];

        if (pic__obj_int(domain, "enabled") == 0 ||
            snprintf(whole, sizeof(whole), "%s.%s", pic__obj_name(service), pic__obj_name(domain)) > 253 ||
            pic__fold(whole, name, PIC__PUBLIC_NAME) < 0)
                return 0;
        return pic__snap_named(s, PIC__DOMAIN, name) == NULL && pic__snap_named(s, PIC__FORWARD, name) == NULL;
}

const pic_obj *pic__public_next(const pic__snap *s, const pic_obj *service, size_t *at, char name[PIC__PUBLIC_NAME])
{
        const pic_obj *domain;

        while ((domain = pic__snap_next(s, PIC__DOMAIN, at)) != NULL)
                if (pic__public_name(s, domain, service, name))
                        return domain;
        return NULL;
}

int pic__public_open(const pic__snap *s, const pic_obj *service)
{
        char name[PIC__PUBLIC_NAME];
        size_t at = 0;

        return pic__obj_int(service, "public") != 0 && pic__service_on(s, service) &&
               pic__public_next(s, service, &at, name) != NULL;
}

size_t pic__public_count(const pic__snap *s)
{
        return pic__snap_count(s, PIC__DOMAIN) * (1 + pic__snap_count(s, PIC__SERVICE));
}

/* One called as the page's own is not told (plan/derive_front.c). */
int pic__public_is_shown(const pic_obj *cert)
{
        return pic__obj_has(cert, "chain") && pic__obj_has(cert, "key") && pic__obj_int(cert, "revoked") == 0 &&
               strcmp(pic__obj_text(cert, "issuer"), "acme") == 0 && strcmp(pic__obj_name(cert), "front") != 0;
}

/* 2: it is for that name; 1: for all beside it; 0: for others. */
static int covers(const pic_obj *cert, const char *name)
{
        const char *at = pic__obj_text(cert, "subjects"), *behind = strchr(name, '.');
        char one[PIC__PUBLIC_NAME + 2];
        int best = 0;

        while (best < 2 && pic__list_next(&at, one, sizeof(one))) {
                if (pic__same_name(one, name))
                        best = 2;
                else if (behind != NULL && one[0] == '*' && pic__same_name(one + 1, behind))
                        best = 1;
        }
        return best;
}

const pic_obj *pic__public_cert(const pic__snap *s, const char *name)
{
        const pic_obj *cert, *found = NULL;
        int best = 0, is;
        size_t at = 0;

        while (best < 2 && (cert = pic__snap_next(s, PIC__CERTIFICATE, &at)) != NULL) {
                is = pic__public_is_shown(cert) ? covers(cert, name) : 0;
                if (is > best) {
                        best = is;
                        found = cert;
                }
        }
        return found;
}
