/* <pic/log.h>: what the library says while it works. It is silent until a handler is set. */
#ifndef PIC_LOG_H
#define PIC_LOG_H

#include <pic/types.h>

PIC_BEGIN_DECLS

enum { PIC_LOG_ERROR = 0, PIC_LOG_WARNING = 1, PIC_LOG_INFO = 2, PIC_LOG_DEBUG = 3 };

/* Called on the thread that logs, which may be any thread that is inside a call of this library. `area` is
 * the room that speaks ("wg", "nft", "dns", "engine", …), `message` one line without newline; both are
 * borrowed for the call. The handler must not call back into the library. */
typedef void (*pic_log_fn)(int level, const char *area, const char *message, void *data);

PIC_END_DECLS

#endif
