/* Field tables that have a file of their own; for kinds.c. */
#ifndef PIC_MODEL_KINDS_MORE_H
#define PIC_MODEL_KINDS_MORE_H

#include "model/field.h"

enum { PIC__CERTIFICATE_FIELDS = 20, PIC__RECORD_FIELDS = 8, PIC__FORWARD_FIELDS = 5, PIC__DOMAIN_FIELDS = 17 };
enum { PIC__USER_FIELDS = 13, PIC__TOKEN_FIELDS = 7, PIC__SERVICE_FIELDS = 9 };
enum { PIC__BLOCKLIST_FIELDS = 8, PIC__ALERT_FIELDS = 21, PIC__TARGET_FIELDS = 21 };
extern const pic__field pic__user_fields[PIC__USER_FIELDS];
extern const pic__field pic__token_fields[PIC__TOKEN_FIELDS];
extern const pic__field pic__certificate_fields[PIC__CERTIFICATE_FIELDS];
extern const pic__field pic__record_fields[PIC__RECORD_FIELDS];
extern const pic__field pic__forward_fields[PIC__FORWARD_FIELDS];
extern const pic__field pic__domain_fields[PIC__DOMAIN_FIELDS];
extern const pic__field pic__service_fields[PIC__SERVICE_FIELDS];
extern const pic__field pic__blocklist_fields[PIC__BLOCKLIST_FIELDS];
extern const pic__field pic__alert_fields[PIC__ALERT_FIELDS];
extern const pic__field pic__target_fields[PIC__TARGET_FIELDS];

#endif
