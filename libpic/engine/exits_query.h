/* One DNS question and the answer to it, as bytes (RFC 1035): what a probe says and hears. Pure. */
#ifndef PIC_ENGINE_EXITS_QUERY_H
#define PIC_ENGINE_EXITS_QUERY_H

#include <stddef.h>
#include <stdint.h>

#define PIC__QUERY_MAX 288     /* header, name, type and class */
#define PIC__QUERY_TEXT 256    /* of an answer */
#define PIC__QUERY_ANSWER 4096 /* longer ones are not read */

enum { PIC__QUERY_A = 1, PIC__QUERY_NS = 2, PIC__QUERY_TXT = 16, PIC__QUERY_AAAA = 28 };

typedef struct pic__question {
        const char *name; /* "." or dotted, without a dot at the end; borrowed */
        uint16_t type;
        uint16_t class_;
} pic__question;

/* The bytes of a query that wants recursion; 0 when the name is none. */
size_t pic__query_write(const pic__question *q, uint16_t id, uint8_t out[PIC__QUERY_MAX]);
/* The id of what may be an answer, or -1. */
int pic__query_id(const uint8_t *msg, size_t len);
/* The answer's code (0 to 15) when it is one to this question, else -1. text, if not NULL, gets the first record of the
 * type asked for (an address, or the bytes of a TXT, printable ones only), "" when there is none. */
int pic__query_read(const pic__question *q, const uint8_t *msg, size_t len, char text[PIC__QUERY_TEXT]);

#endif
