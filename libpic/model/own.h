/* Names of others' zones that the owner has records of his own for, as name servers are told them:
 * "nas.example.com/300/A:192.168.1.10+A:192.168.1.11+TXT:%22a%20b%22". What is no letter, digit, '.', '_' or '-' of a
 * datum is written by number, so that nothing in it can end a list, a line or a quote before it was looked at. */
#ifndef PIC_MODEL_OWN_H
#define PIC_MODEL_OWN_H

#include "base/buf.h"

#define PIC__OWN_MAX 24    /* names of that kind: each exit's resolver has them too */
#define PIC__OWN_DATA 8192 /* room for one datum; more than a text may have */

typedef struct pic__own {
        char name[256]; /* without the dot at its end */
        unsigned ttl;
        const char *data; /* of the text: for pic__own_next() */
} pic__own;

/* All of it: name, lifetime, and each datum fits its type. 0, or -1. */
int pic__own_parse(const char *text, pic__own *ret);
/* One datum after the other, start with *at = own.data: 1, 0 at the end, -1 for what is none. */
int pic__own_next(const char **at, char type[8], char data[PIC__OWN_DATA]);
void pic__own_put(pic__buf *out, const char *type, const char *data); /* "TYPE:…" */
/* Its lines of unbound's configuration: "        local-data: …". */
void pic__own_lines(pic__buf *out, const pic__own *own);
/* 1: the name of a record is one of these: it ends in a dot. */
int pic__own_is(const char *record_name);

#endif
