/* Keeping a copy of the file as it is. */
#ifndef PIC_STORE_COPY_H
#define PIC_STORE_COPY_H

#include "store/db.h"

/* The committed state as "<path>.v<version>", 0600, owner as the file; replaces an older copy of that name. The handle
 * may hold the write lock. */
int pic__store_copy(pic__db *db, int64_t version, pic_error **err);
/* A new file gets the owner of `like` when root makes it, so that the cell's user can write what root made. */
int pic__own_like(int fd, const char *like);

#endif
