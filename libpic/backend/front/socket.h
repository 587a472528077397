/* haproxy's socket: one command (or several, with ';' between them) and the answer; and what stands in answers. */
#ifndef PIC_BACKEND_FRONT_SOCKET_H
#define PIC_BACKEND_FRONT_SOCKET_H

#include "base/buf.h"
#include "base/err.h"

/* dir: in which PIC__FRONT_SOCKET is. PIC_NOTFOUND: nobody listens; PIC_TIMEOUT; PIC_IO: it hangs up. */
int pic__front_ask(const char *dir, const pic__buf *command, unsigned timeout_ms, pic__buf *out, pic_error **err);

/* --- answers (reading.c) --------------------------------------------------------------------------------------- */

/* Each entry of "show map": 0x… KEY VALUE. What fn answers other than 0 ends it and is the answer. The text is taken
 * apart in place. */
int pic__front_read_map(char *text, int (*fn)(const char *key, const char *value, void *data), void *data);
/* Each name of "show ssl cert", or of "show ssl crt-list -n" without ":LINE"; those that are shown for all their names.
 */
int pic__front_read_names(char *text, int (*fn)(const char *name, void *data), void *data);
/* And the others of such a list: "CERT:LINE NAME". */
typedef struct pic__front_shown {
        const char *cert, *line, *name;
} pic__front_shown;
int pic__front_read_shown(char *text, int (*fn)(const pic__front_shown *s, void *data), void *data);
/* A server as "show stat" has it. */
typedef struct pic__front_server {
        const char *name, *status; /* "UP", "DOWN 1/2", "MAINT", … */
        const char *check, *last;  /* what the last look at it found, in words; "" */
        int64_t connections;
} pic__front_server;

/* Each server of "show stat". The text is taken apart in place. */
int pic__front_read_servers(char *text, int (*fn)(const pic__front_server *s, void *data), void *data);
/* What stands behind "NAME: " in a line of its own; -1: there is none, or it does not fit. */
int pic__front_read_line(const char *text, const char *name, char *out, size_t size);
/* A serial number as certificates have it here: small letters, no zeros before it but for whole bytes. */
void pic__front_serial(const char *hex, char *out, size_t size);

#endif
