/* What the files about passkeys share. */
#ifndef PIC_API_PASSKEY_H
#define PIC_API_PASSKEY_H

#include "api/session.h"

/* PIC_VALUE, unless it is what a person may call a passkey. */
int pic__passkey_name_check(const char *name, pic_error **err);
/* PIC_BADSTATE, unless it is the session of a person who logged in. */
int pic__passkey_person(const pic_session *session, pic_error **err);

#endif
