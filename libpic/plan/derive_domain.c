/* Owns: what follows from the cell's public names: inside, they lead to the cell's addresses in the tunnel, whatever
 * the internet says of them. The server of all names is told them, and each exit's resolver. */
#include <string.h>

#include "model/domain.h"
#include "model/text.h"
#include "plan/derive_in.h"

void pic__derive_public(const pic__derive *d, pic__buf *out)
{
        char a4[PIC__ADDR_TEXT], a6[PIC__ADDR_TEXT];
        const char *comma = "";
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(d->snap, PIC__DOMAIN, &at)) != NULL) {
                const char *name = pic__obj_name(o);

                if (pic__obj_int(o, "enabled") == 0)
                        continue;
                if (strlen(name) + 1 == d->zone.len && strncmp(name, d->zone.data, d->zone.len - 1) == 0)
                        continue; /* the cell's zone has it already */
                pic__buf_putf(out, "%s%s/%s+%s%s", comma, name, pic__addr_print(&d->self[PIC__V4], a4),
                              pic__addr_print(&d->self[PIC__V6], a6), pic__domain_is_wild(o) ? "/wild" : "");
                comma = ",";
        }
}
