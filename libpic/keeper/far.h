/* A place where backups lie: a folder here, or one of a server. All of it waits: it is used by a program of its own.
 * What a server says is believed by nobody: what was sent is read back by who wants to know. */
#ifndef PIC_KEEPER_FAR_H
#define PIC_KEEPER_FAR_H

#include <signal.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/target.h"

#define PIC__FAR_NAME 256
#define PIC__FAR_ENTRIES 4096 /* more are not looked at */
/* A keeper is ended after a day (engine/keep.c): what nobody has written to for two has no writer. */
#define PIC__FAR_DEAD_S (2 * 24 * 3600)

typedef struct pic__far_spec {
        pic__place place;
        const char *user; /* texts may be NULL */
        const char *password;
        const char *key;
        const char *passphrase; /* of a restic repository */
        const char *host_key;
        const char *endpoint;
        const char *region;
        const char *ca;
        unsigned patience_s;                /* of a server that says nothing; 0: 60 */
        const volatile sig_atomic_t *ended; /* not 0: let it be */
} pic__far_spec;

typedef struct pic__far pic__far;

/* More bytes into room: how many; 0: the end; negative: an error, and what was sent is no file. */
typedef long (*pic__far_source)(void *arg, void *room, size_t len, pic_error **err);
typedef int (*pic__far_sink)(const void *data, size_t len, void *arg, pic_error **err);
/* A file of the place. Its name has neither '/' nor anything but letters, digits, '-', '_', '.'. */
typedef int (*pic__far_each)(const char *name, uint64_t size, void *arg);

typedef struct pic__far_ops {
        int (*list)(pic__far *f, pic__far_each each, void *arg, pic_error **err);
        int (*put)(pic__far *f, const char *name, pic__far_source source, void *arg, pic_error **err);
        int (*get)(pic__far *f, const char *name, pic__far_sink sink, void *arg, pic_error **err);
        /* Not over what is there. NULL: a file is whole or not there, so it gets its name at once. */
        int (*move)(pic__far *f, const char *from, const char *to, pic_error **err);
        int (*drop)(pic__far *f, const char *name, pic_error **err); /* fine if it is not there */
        /* 1: whoever wrote this file is gone for sure: its lock is where that counts, else by its age, as the place's
         * own clock has it; 0: that is not sure. own: a name that is not there yet, for a look at that clock. NULL,
         * when move is. */
        int (*left)(pic__far *f, const char *name, const char *own);
        /* What has no name yet, and nobody has been at for as long. May be NULL. */
        int (*clean)(pic__far *f, int (*is_ours)(const char *name, void *arg), void *arg, pic_error **err);
        /* After a backup whose older ones were seen to; `turned`: it is the first of its week. May be NULL. */
        int (*settle)(pic__far *f, int turned, pic_error **err);
        void (*close)(pic__far *f);
} pic__far_ops;

struct pic__far {
        const pic__far_ops *ops;
        int64_t added; /* bytes of what was put that the place had not yet; -1: it does not say */
};

/* PIC_DENIED: they do not let us, PIC_NOTFOUND: no such folder or file, PIC_TIMEOUT, PIC_IO: a disk is full or broken,
 * PIC_BACKEND: whatever else a server says. */
int pic__far_open(const pic__far_spec *spec, pic__far **ret, pic_error **err);
void pic__far_close(pic__far *f); /* takes NULL */
int pic__far_name_ok(const char *name);

/* The kinds: for far.c. */
int pic__far_file(const pic__far_spec *spec, pic__far **ret, pic_error **err);
int pic__far_sftp(const pic__far_spec *spec, pic__far **ret, pic_error **err);
int pic__far_dav(const pic__far_spec *spec, pic__far **ret, pic_error **err);
int pic__far_s3(const pic__far_spec *spec, pic__far **ret, pic_error **err);
int pic__far_restic(const pic__far_spec *spec, pic__far **ret, pic_error **err);

#endif
