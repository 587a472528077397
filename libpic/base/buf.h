/* A growing text. Failure is sticky: put as much as you like, look once at the end. */
#ifndef PIC_BASE_BUF_H
#define PIC_BASE_BUF_H

#include <pic/export.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

typedef struct pic__buf {
        char *data; /* NUL-terminated once something was put */
        size_t len;
        size_t room;
        int failed; /* out of memory, or over PIC__BUF_MAX */
        int secret; /* what it leaves when it grows is zeroed */
} pic__buf;

#define PIC__BUF_INIT            \
        {                        \
                NULL, 0, 0, 0, 0 \
        }
/* For secrets; goes with pic__auto_wipe. */
#define PIC__BUF_SECRET          \
        {                        \
                NULL, 0, 0, 0, 1 \
        }
#define PIC__BUF_MAX ((size_t)256 << 20)

void pic__buf_put(pic__buf *b, const void *data, size_t len);
void pic__buf_puts(pic__buf *b, const char *text);
void pic__buf_putc(pic__buf *b, char c);
void pic__buf_putf(pic__buf *b, const char *fmt, ...) PIC_PRINTF(2, 3);
void pic__buf_vputf(pic__buf *b, const char *fmt, va_list ap) PIC_PRINTF(2, 0);
/* For people and messages: control characters and bad UTF-8 as \xNN, cut at `max` bytes with "…". */
void pic__buf_put_shown(pic__buf *b, const char *text, size_t max);
/* Makes room for `len` more bytes and returns where they go, or NULL; then call pic__buf_added(). */
char *pic__buf_room(pic__buf *b, size_t len);
void pic__buf_added(pic__buf *b, size_t len);
void pic__buf_clear(pic__buf *b);            /* length 0, keeps the memory and clears the failure */
const char *pic__buf_str(const pic__buf *b); /* never NULL */
char *pic__buf_steal(pic__buf *b);           /* the text, or NULL if anything failed; the buffer is empty after */
void pic__buf_free(pic__buf *b);
void pic__buf_wipe(pic__buf *b); /* zeroes, then frees: for secrets */

#define pic__auto_buf PIC__AUTO(pic__buf_free)
#define pic__auto_wipe PIC__AUTO(pic__buf_wipe)

#endif
