/* What a connection of each type needs, and what it may not have. */
#ifndef PIC_MODEL_CONNECTION_H
#define PIC_MODEL_CONNECTION_H

#include "model/obj.h"

#define PIC__BRIDGES_MAX 16 /* of one connection */

/* Adds all that is wrong with a connection by itself to *list. */
void pic__connection_check(const pic_obj *o, pic_error **list);
/* Whether connections of this type have this field at all. */
int pic__connection_has(const char *type, const char *field);

#endif
