/* The 7-bit form: strict PEM (RFC 7468) around a file, pushed through. */
#ifndef PIC_AGE_ARMOR_H
#define PIC_AGE_ARMOR_H

#include "age/payload.h"

typedef struct pic__armor_out {
        uint8_t rest[48]; /* what fills no line yet */
        size_t have;
        int begun;
        pic__age_sink sink;
        void *arg;
} pic__armor_out;

int pic__armor_put(pic__armor_out *a, const uint8_t *data, size_t len, pic_error **err);
int pic__armor_end(pic__armor_out *a, pic_error **err);

typedef struct pic__armor_in {
        char line[80];
        size_t have;
        int where;    /* which line is expected */
        size_t blank; /* white space before and after */
        pic__age_sink sink;
        void *arg;
} pic__armor_in;

/* PIC_SYNTAX with detail "part" armor; what the sink answers. */
int pic__armor_take(pic__armor_in *a, const uint8_t *data, size_t len, pic_error **err);
int pic__armor_done(pic__armor_in *a, pic_error **err); /* at the input's end */

#endif
