/* Profiles that providers give out become fields of a connection: what their readers (wgquick.h, ovpn.h) share. All
 * that is wrong with a profile is reported at once, as followers, each with file, line, column, and with what a person
 * can do about it; the code is the first one's. No message holds a secret, nor a text that could be one: only keys
 * that are known or made of nothing but letters are ever shown. Every copy made here is wiped. */
#ifndef PIC_CODEC_IMPORT_H
#define PIC_CODEC_IMPORT_H

#include "base/buf.h"
#include "codec/build.h"

typedef struct pic__import {
        const char *text;
        size_t len;
        const char *name; /* of the file, for messages */
        /* A field of the connection with its value, both borrowed. Values are canonical; the order is the file's.
         * Called also when something else is wrong with the profile: only when the reader answers 0 do they make a
         * connection. An error gets the place and is collected. */
        int (*field)(const char *field, const char *text, int secret, int line, void *data, pic_error **err);
        /* The bytes of a file in the profile's own directory; the name is a plain one, and the file should be refused
         * when it is no regular file. NULL: there is no such directory. `out` is empty, and wiped by who asked. */
        int (*file)(const char *name, pic__buf *out, void *data, pic_error **err);
        void *data;
} pic__import;

/* What is said beside the fields. */
typedef struct pic__imported {
        pic_error *
                warnings; /* followers, with places: what was passed over harmlessly. NULL: none. Owned by the caller */
        int login;        /* openvpn: the far end wants a user and a password */
} pic__imported;

#define PIC__IMPORT_ERRORS 100 /* of errors, and of warnings */

/* "wireguard" when the first line that says something begins with '[', "openvpn" by a line that only its profiles have
 * (client, remote, <ca>, …); NULL for what looks like neither. */
const char *pic__import_guess(const char *text, size_t len);

/* For the readers. */

typedef struct pic__importer {
        const pic__import *in;
        const char *key; /* what is being read, for the detail "field"; NULL, or a text that may be shown */
        pic_error *all;
        size_t count;
        pic_error *warnings;
        size_t warned;
        size_t offset; /* where the next line begins */
        unsigned line;
} pic__importer;

typedef struct pic__import_line {
        const char *text; /* in the file: no NUL byte behind it, no end of line in it */
        size_t len;
        unsigned number;
} pic__import_line;

/* Looks at the whole: its length, NUL bytes; skips a byte order mark. -1 when nothing can be read (reported). */
int pic__import_start(pic__importer *r, const pic__import *in, size_t max);
/* The next line; 0 at the end. Ends are LF or CR LF. */
int pic__import_next(pic__importer *r, pic__import_line *line);
/* Place of a byte of the line. */
pic__place pic__import_at(const pic__import_line *line, size_t offset);

/* Collect. `at` of line 0: about the file as a whole. hint may be NULL. */
void pic__import_wrong(pic__importer *r, pic__place at, int code, const char *hint, const char *fmt, ...)
        PIC_PRINTF(5, 6);
void pic__import_warn(pic__importer *r, pic__place at, const char *hint, const char *fmt, ...) PIC_PRINTF(4, 5);
/* Enough is told already: making another error would be for nothing. */
static inline int pic__import_full(const pic__importer *r)
{
        return r->count >= PIC__IMPORT_ERRORS;
}
/* An error of somebody else (taken) gets the place. */
void pic__import_take(pic__importer *r, pic__place at, pic_error *err);
/* To the callback. */
void pic__import_give(pic__importer *r, pic__place at, const char *field, const char *text, int secret);
/* One word more for a comma list, once. */
void pic__import_list(pic__buf *list, const char *word);
/* Hands over what was collected. */
int pic__import_finish(pic__importer *r, pic__imported *told, pic_error **err);

#endif
