/* <pic/ntp.h>: the time that the cell tells its devices. Whether it does, whom it asks and whether it sets this
 * machine's clock are fields of the cell: ntp, ntp_servers, ntp_clock. */
#ifndef PIC_NTP_H
#define PIC_NTP_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* What time it is here, and who says so:
 * {"now","wished","serving","name","addresses":[…],"follows","reference","stratum","offset_us","error_us",
 * "servers":[…],"sets_clock","kept","wrong"}. wished: devices shall be able to ask the cell; serving: they can now, at
 * these addresses and this name; follows: it follows another clock than this machine's, which it calls `reference`
 * (null: cannot be told), `stratum` steps from one that is right by itself; offset_us: the right time minus this
 * machine's clock, wrong by error_us at most; kept: whether the kernel was told that somebody keeps its clock right
 * (null: it does not say); wrong: it is more than a second off, or behind what the journal proves. The report is good
 * when it serves as wished and the clock is not wrong. PIC_NOTFOUND: no cell; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED;
 * PIC_BACKEND: an answer that makes no sense; PIC_UNSUPPORTED: a store of a newer version; PIC_CORRUPT, PIC_BUSY,
 * PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_ntp_get(pic_ctx *ctx, pic_report **ret_report, pic_error **err);

PIC_END_DECLS

#endif
