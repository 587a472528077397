/* The header, line by line: a version, stanzas, a MAC. */
#ifndef PIC_AGE_HEADER_H
#define PIC_AGE_HEADER_H

#include "age/stanza.h"

enum { PIC__AGE_HEADER_MAX = 1 << 20, PIC__AGE_STANZAS_MAX = 4096, PIC__AGE_MAC = 32 };

typedef struct pic__age_header {
        pic__buf text;            /* all lines so far, with their ends */
        size_t line;              /* where the line begins that is not whole yet */
        int where;                /* which line is expected */
        size_t count;             /* stanzas, also those of no known kind */
        pic__age_stanza *stanzas; /* those of a known kind */
        size_t known;
        size_t mac_at; /* length of what the MAC is about */
        uint8_t mac[PIC__AGE_MAC];
        size_t body_len; /* of the stanza that is being read */
        int skip;        /* it is of no known kind */
} pic__age_header;

/* Takes bytes up to the header's end; *ret_used says how many were the header's. 1: it is whole; 0: more is needed.
 * PIC_SYNTAX, PIC_UNSUPPORTED: another version; PIC_NOMEM. */
int pic__age_header_take(pic__age_header *h, const uint8_t *data, size_t len, size_t *ret_used, pic_error **err);
/* The file key, by the first stanza that one of the keys opens, and the MAC checked with it. PIC_DENIED: none opens;
 * PIC_CORRUPT: the MAC is wrong; as pic__age_unwrap(). */
int pic__age_header_open(const pic__age_header *h, const pic__age_keys *keys, unsigned max_work,
                         uint8_t key[PIC__AGE_KEY], pic_error **err);
void pic__age_header_clear(pic__age_header *h);

/* A whole header for these keys. PIC_INVALID: nobody could open it; PIC_CONFLICT: a passphrase and others. */
int pic__age_header_make(const pic__age_keys *keys, unsigned log_n, const uint8_t key[PIC__AGE_KEY], pic__buf *out,
                         pic_error **err);

#endif
