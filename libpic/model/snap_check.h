/* What the parts of a check share: snap_check.c and snap_routes.c. */
#ifndef PIC_MODEL_SNAP_CHECK_H
#define PIC_MODEL_SNAP_CHECK_H

#include "model/snap.h"

typedef struct pic__check {
        const pic__snap *s;
        const pic_obj *cell; /* as it is, or as it is wished; may be NULL */
        pic_error *list;
        pic_error *last; /* the newest finding, borrowed */
        size_t count;
        int code; /* of the first finding; 0: none */
} pic__check;

/* Adds a finding about a field of `o`. Returns where it is, for a hint; NULL when it is not listed (too many, or no
 * memory). */
pic_error **pic__check_found(pic__check *c, int code, const pic_obj *o, const char *field, const char *value,
                             const char *fmt, ...) PIC_PRINTF(6, 7);
/* Says with whom: "against" and "against_field" among the details. NULL: nothing. */
void pic__check_against(pic_error **one, const pic_obj *other, const char *field);
const char *pic__check_title(const pic_obj *o, char text[96]);
/* Routed networks of `o` (NULL: of all) against the cell's and everybody's. PIC_NOMEM or 0. */
int pic__check_routes(pic__check *c, const pic_obj *o);
/* snap_connection.c: a connection against the cell, its devices and the other connections; the exit of a device. */
void pic__check_connection(pic__check *c, const pic_obj *o);
void pic__check_exit(pic__check *c, const pic_obj *peer);

/* snap_record.c: a record against devices, aliases and the zone; a device against records. */
void pic__check_record(pic__check *c, const pic_obj *o);
void pic__check_forward(pic__check *c, const pic_obj *o);
void pic__check_domain(pic__check *c, const pic_obj *o);
void pic__check_service(pic__check *c, const pic_obj *o);
/* blocklist.c */
void pic__check_blocklist(pic__check *c, const pic_obj *o);
/* alert.c */
void pic__check_alert(pic__check *c, const pic_obj *o);
/* target.c */
void pic__check_target(pic__check *c, const pic_obj *o);

#endif
