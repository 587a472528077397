/* What backups are called where several lie: CELL-IDENTITY-MOMENT.tar.zst.age. By the identity a cell knows its own
 * among others'. */
#ifndef PIC_BACKUP_NAMED_H
#define PIC_BACKUP_NAMED_H

#include <pic/types.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PIC__BACKUP_ID 9 /* eight digits of the hash of the cell's public key, and a NUL */
#define PIC__NAMED_PART                                                                               \
        ".part" /* behind the name of one that is not whole, behind ".<8 hex digits>" of who makes it \
                 */

void pic__backup_id(const char *public_key, char id[PIC__BACKUP_ID]);
/* What it is in: .tar.zst, .tar.zst.age; .tar where another program compresses and encrypts. */
enum pic__named_form { PIC__NAMED_PACKED, PIC__NAMED_LOCKED, PIC__NAMED_TAR };
/* Letters of the cell's name that are none of ours become '-'. */
void pic__backup_name(const char *cell, const char *id, pic_time created, enum pic__named_form form, pic__buf *out);
/* Of one that is not whole: of this maker alone, whoever else makes one of the same second. */
void pic__backup_part(const char *name, uint32_t maker, pic__buf *out);
/* 1: it is one of this cell, whatever that was called then; nothing else is ever touched. *ret_part: it is not whole.
 */
int pic__backup_named(const char *name, const char *id, pic_time *ret_created, int *ret_part);
/* The same of a tar as it is: only who keeps such is asked so. */
int pic__backup_named_tar(const char *name, const char *id, pic_time *ret_created);

#endif
