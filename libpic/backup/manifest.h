/* The first member of a backup: what it is of, and all that is in it. */
#ifndef PIC_BACKUP_MANIFEST_H
#define PIC_BACKUP_MANIFEST_H

#include <pic/types.h>

#include "base/buf.h"
#include "base/err.h"

#define PIC__MANIFEST "manifest.json"

enum {
        PIC__BACKUP_LAYOUT = 1,
        PIC__BACKUP_MEMBERS = 50000,   /* more are refused */
        PIC__BACKUP_NAME = 512,        /* bytes of a name */
        PIC__BACKUP_MANIFEST = 8 << 20 /* bytes of the manifest */
};

typedef struct pic__member {
        char *name;
        uint64_t size;
        uint8_t sha256[32];
} pic__member;

typedef struct pic__manifest {
        char *version; /* of the library that made it */
        char *cell;    /* name, zone and public key of the cell; NULL: not told */
        char *domain;
        char *public_key;
        pic_revision revision;
        pic_time created; /* whole seconds */
        pic__member *members;
        size_t count;
        uint64_t total; /* bytes of all of them */
} pic__manifest;

/* Appends a member. Order is the caller's: names ascend. PIC_NOMEM, PIC_VALUE: a name that no reader takes. */
int pic__manifest_add(pic__manifest *m, const char *name, uint64_t size, const uint8_t sha256[32], pic_error **err);
/* 1: a relative path without surprises: printable, no empty part, "." or "..", none that is the manifest's. */
int pic__member_name(const char *name);
/* NULL: there is no such member. */
const pic__member *pic__manifest_find(const pic__manifest *m, const char *name);
void pic__manifest_put(const pic__manifest *m, pic__buf *out); /* as JSON, which ends in a newline */
/* PIC_CORRUPT: it is none, or says what no backup holds; PIC_UNSUPPORTED: of another layout; PIC_NOMEM. */
int pic__manifest_get(const char *text, size_t len, pic__manifest *ret, pic_error **err);
void pic__manifest_clear(pic__manifest *m);

#endif
