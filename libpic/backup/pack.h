/* Writing a backup: members into tar, into zstd, into age, out of a sink. */
#ifndef PIC_BACKUP_PACK_H
#define PIC_BACKUP_PACK_H

#include "age/payload.h"
#include "backup/manifest.h"

typedef struct pic__pack pic__pack;

typedef struct pic__pack_opts {
        const pic__age_keys *keys; /* NULL: not encrypted */
        unsigned log_n;            /* a passphrase's work factor; 0: PIC__AGE_WORK */
        int armor;
        /* The tar as it is, without keys: who gets it compresses, encrypts, and keeps what is the same once. No time is
         * in it but the manifest's: one in each header would make each piece of it another one. */
        int bare;
        int threads; /* that compress, beside one that encrypts; 0: none but the caller's */
        int still;   /* sources are private copies, which nobody changes: their digests are not looked at again */
} pic__pack_opts;

/* More of a member's bytes: 1 with some, 0 at its end, negative an error. */
typedef int (*pic__pack_source)(void *arg, const void **ret_data, size_t *ret_len, pic_error **err);

/* Begins with the manifest, which has to live as long. As pic__age_seal_new(). */
int pic__pack_new(const pic__pack_opts *o, const pic__manifest *m, pic__age_sink sink, void *arg, pic__pack **ret,
                  pic_error **err);
/* The next member in the manifest's order. PIC_STALE: it is not what the manifest says (it was changed meanwhile);
 * of what is `still`, it has not that size. */
int pic__pack_put(pic__pack *p, pic__pack_source source, void *arg, pic_error **err);
int pic__pack_end(pic__pack *p, pic_error **err); /* PIC_BADSTATE: members are missing */
void pic__pack_free(pic__pack *p);

#endif
