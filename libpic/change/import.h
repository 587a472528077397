/* A provider's file becomes wishes: the fields of one connection. */
#ifndef PIC_CHANGE_IMPORT_H
#define PIC_CHANGE_IMPORT_H

#include "change/wish.h"
#include "codec/import.h"

typedef struct pic__wish_import {
        const char *name; /* of the connection */
        const char *type; /* NULL: by the file's looks */
        int replace;      /* it is there: what the file does not say becomes absent */
        const char *text;
        size_t len;
        const char *file;                                                         /* its name, for messages */
        int (*get)(const char *name, pic__buf *out, void *data, pic_error **err); /* see codec/import.h; may be NULL */
        void *data;
} pic__wish_import;

/* Wishes the connection. On failure the wishes are as they were. told (may be NULL) gets one JSON value, see
 * pic_connection_import(); *ret_warnings (may be NULL) how many there are. */
int pic__wishes_import(pic__wishes *w, const pic__wish_import *in, pic__json *told, size_t *ret_warnings,
                       pic_error **err);
/* A person sets the field `profile`: its text is read like a file without others beside it. The wishes are those for
 * all that it says. op: a SET with the clear text. */
int pic__import_profile(pic__wishes *w, const pic__op *op, pic_error **err);

#endif
