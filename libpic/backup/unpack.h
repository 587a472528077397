/* Reading a backup, whoever made it: its manifest, then each member that this names, in its order, and nothing else. */
#ifndef PIC_BACKUP_UNPACK_H
#define PIC_BACKUP_UNPACK_H

#include "backup/flow.h"
#include "backup/manifest.h"

typedef struct pic__unpack pic__unpack;

/* Reads as far as the manifest. max_bytes: of all members, 0: no bound but the manifest's. PIC_CORRUPT: it is no
 * backup; as pic__flow_next(). */
int pic__unpack_new(const pic__age_keys *keys, unsigned max_work, uint64_t max_bytes, pic__flow_source source,
                    void *arg, pic__unpack **ret, pic_error **err);
const pic__manifest *pic__unpack_manifest(const pic__unpack *u);
int pic__unpack_encrypted(const pic__unpack *u);
/* 1 with the next member; what was not read of the former one is read and checked first. 0: that were all, nothing
 * follows, and everything was as the manifest says. PIC_CORRUPT. */
int pic__unpack_next(pic__unpack *u, const pic__member **ret, pic_error **err);
/* 1 with more of the member, 0: that was all of it, and it is what the manifest says. PIC_CORRUPT. */
int pic__unpack_read(pic__unpack *u, const void **ret_data, size_t *ret_len, pic_error **err);
void pic__unpack_free(pic__unpack *u);

#endif
