/* One question to a name server and its answer, as bytes and as text (RFC 1035, EDNS). */
#ifndef PIC_SYS_DNSMSG_H
#define PIC_SYS_DNSMSG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define PIC__DNSMSG_ASK 320   /* room for any question */
#define PIC__DNSMSG_MAX 4096  /* of an answer */
#define PIC__DNSMSG_TEXT 1100 /* of a name: each byte may be written by number */

enum {
        PIC__DNSMSG_UNCHECKED = 1 /* the answer is wanted although its signatures are wrong, and they too */
};

typedef struct pic__dnsmsg {
        int code; /* 0..15 */
        int validated;
        int cut; /* it is longer than what came */
        int why; /* why there is no better one: an extended error (RFC 8914); -1: it does not say */
        size_t answers;
} pic__dnsmsg;

/* "A" -> 1, also "TYPE257"; 0: no type. */
unsigned pic__dnsmsg_type(const char *text);
/* Into `out` of 16 bytes. */
const char *pic__dnsmsg_type_text(unsigned type, char out[16]);
const char *pic__dnsmsg_code_text(int code, char out[16]); /* "NXDOMAIN" */
/* "a signature has expired"; NULL for -1. Into `out` where it has no words here. */
const char *pic__dnsmsg_why_text(int why, char out[32]);

/* The bytes of a question that wants recursion and signatures checked; 0: that is no name. With or without its dot. */
size_t pic__dnsmsg_write(const char *name, unsigned type, unsigned flags, uint16_t id, uint8_t out[PIC__DNSMSG_ASK]);
/* 0 when these bytes are an answer to the question with this id; then fn was called for each record of its answer
 * section, but for signatures. -1: they are not, or do not hold together. */
int pic__dnsmsg_read(const uint8_t *m, size_t len, uint16_t id, pic__dnsmsg *ret,
                     void (*fn)(const char *name, const char *type, uint32_t ttl, const char *rdata, void *data),
                     void *data);

/* Asks over UDP and waits. `answer` has room for PIC__DNSMSG_MAX bytes. Length; PIC_TIMEOUT: nobody answers;
 * PIC_BACKEND: it cannot be asked; PIC_VALUE: that is no name. */
int pic__dnsmsg_ask(const char *addr, unsigned port, const char *name, unsigned type, unsigned flags,
                    unsigned timeout_ms, uint8_t *answer, uint16_t *ret_id, pic_error **err);

#endif
