/* Block lists as objects: where they come from, and for whom they hold. */
#ifndef PIC_MODEL_BLOCKLIST_H
#define PIC_MODEL_BLOCKLIST_H

#include "base/buf.h"
#include "model/snap.h"

#define PIC__BLOCKLISTS_MAX 32

/* The rules of its fields; added to *list. */
void pic__blocklist_check(const pic_obj *o, pic_error **list);
int pic__blocklist_is_file(const pic_obj *o);
/* 1: there is one that blocks. */
int pic__blocklists_any(const pic__snap *s);
int pic__names_by_rights(const pic__snap *s); /* 1: devices are told names of what they may reach only */
int pic__names_filtered(const pic__snap *s);  /* 1: so a filter stands before name servers, for either reason */
int pic__blocklist_for_all(const pic_obj *o); /* for every device */
/* 1: it blocks, and holds for this device: for all, or by one of its groups. */
int pic__blocklist_holds(const pic_obj *o, const pic_obj *peer);

#endif
