/* <pic/cell.h>: make a cell. Reading and changing it: kind "cell" of <pic/object.h> and <pic/edit.h>. */
#ifndef PIC_CELL_H
#define PIC_CELL_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* Makes the directory (0700 when it is new), the agent's key (`key`, 0600), the store and the cell in it. `fields` is
 * name, value, name, value, …, NULL: "name" is needed; networks not given are random (a ULA /48 of RFC 4193, a private
 * IPv4 /16) and overlap nothing that the host uses (in the fake world there is no host). ret_cell may be NULL. Waits
 * for the disk. On failure nothing is left behind; what is left of one who was killed meanwhile is gone on with, and a
 * key that is there is used, never replaced. PIC_INVALID: a bad ctx, no fields, a name without a value.
 * PIC_EXISTS: there is a cell already. PIC_VALUE: a value breaks its rule, or the name is missing.
 * PIC_NOTFOUND: unknown field (hint: near names). PIC_CONFLICT: a network overlaps an address or route of the host
 * (says which; both families are looked at), or none is free. PIC_DENIED: a field that the cell sets, or no right to
 * write there. PIC_BACKEND: the host's networks cannot be read. PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_cell_init(pic_ctx *ctx, const char *const *fields, pic_obj **ret_cell, pic_error **err);

PIC_END_DECLS

#endif
