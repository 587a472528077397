/* Owns: what follows from the cell's public names: inside, they lead to the cell's addresses in the tunnel, and those
 * of services below them to the services', whatever the internet says of them. The server of all names is told them,
 * and each exit's resolver. */
#include <string.h>

#include "model/domain.h"
#include "model/public.h"
#include "model/service.h"
#include "plan/derive_in.h"

static void put_services(const pic__derive *d, const pic_obj *domain, pic__buf *out)
{
        static const char *const fields[PIC__FAMILIES] = { "address4", "address6" };
        char name[PIC__PUBLIC_NAME];
        const pic_obj *o;
        size_t at = 0;
        int i;

        while ((o = pic__snap_next(d->snap, PIC__SERVICE, &at)) != NULL) {
                const char *before = "/";

                if (!pic__service_on(d->snap, o) || !pic__public_name(d->snap, domain, o, name) ||
                    !(pic__obj_has(o, fields[PIC__V4]) || pic__obj_has(o, fields[PIC__V6])))
                        continue;
                pic__buf_putf(out, ",%s", name);
                for (i = 0; i < PIC__FAMILIES; i++) {
                        if (!pic__obj_has(o, fields[i]))
                                continue;
                        pic__buf_putf(out, "%s%s", before, pic__obj_text(o, fields[i]));
                        before = "+";
                }
        }
}

void pic__derive_public(const pic__derive *d, pic__buf *out)
{
        char a4[PIC__ADDR_TEXT], a6[PIC__ADDR_TEXT];
        const char *comma = "";
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(d->snap, PIC__DOMAIN, &at)) != NULL) {
                const char *name = pic__obj_name(o);

                if (pic__obj_int(o, "enabled") == 0 || pic__public_is_zone(d->cell, o))
                        continue; /* the cell's zone has it already */
                pic__buf_putf(out, "%s%s/%s+%s%s", comma, name, pic__addr_print(&d->self[PIC__V4], a4),
                              pic__addr_print(&d->self[PIC__V6], a6), pic__domain_is_wild(o) ? "/wild" : "");
                put_services(d, o, out);
                comma = ",";
        }
}
