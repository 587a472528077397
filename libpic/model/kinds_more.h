/* Field tables that have a file of their own; for kinds.c. */
#ifndef PIC_MODEL_KINDS_MORE_H
#define PIC_MODEL_KINDS_MORE_H

#include "model/field.h"

enum { PIC__CERTIFICATE_FIELDS = 19 };
extern const pic__field pic__certificate_fields[PIC__CERTIFICATE_FIELDS];

#endif
