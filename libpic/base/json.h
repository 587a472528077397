/* Writing JSON (RFC 8259) into a buffer. Commas and quotes are put by the writer; that what is
 * opened is closed is the caller's care. Strings are valid UTF-8 or get U+FFFD for each bad byte. Reading is codec's.
 */
#ifndef PIC_BASE_JSON_H
#define PIC_BASE_JSON_H

#include <stdint.h>

#include "base/buf.h"

typedef struct pic__json {
        pic__buf *out;
        int comma; /* the next item needs one */
} pic__json;

#define PIC__JSON(buf)   \
        {                \
                (buf), 0 \
        }

void pic__json_open(pic__json *j, char bracket);  /* '{' or '[' */
void pic__json_close(pic__json *j, char bracket); /* '}' or ']' */
void pic__json_key(pic__json *j, const char *key);
void pic__json_str(pic__json *j, const char *text); /* NULL writes null */
void pic__json_int(pic__json *j, int64_t value);
void pic__json_bool(pic__json *j, int value);
void pic__json_null(pic__json *j);
void pic__json_raw(pic__json *j, const char *json); /* already JSON */
/* key and value */
void pic__json_kstr(pic__json *j, const char *key, const char *text);
void pic__json_kint(pic__json *j, const char *key, int64_t value);
void pic__json_kbool(pic__json *j, const char *key, int value);

#endif
