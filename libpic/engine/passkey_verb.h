/* The verb "passkey": what a context asks of a passkey, read from its message. Bytes are base64url there. */
#ifndef PIC_ENGINE_PASSKEY_VERB_H
#define PIC_ENGINE_PASSKEY_VERB_H

#include "base/json.h"
#include "codec/doc.h"
#include "engine/engine.h"

/* args: {"do":"add"|"login", "origin", "challenge", "client", …}: see the table in the .c. */
int pic__passkey_verb(pic__engine *e, const pic__node *args, const char *actor, const char *way, pic__json *out,
                      pic_error **err);

#endif
