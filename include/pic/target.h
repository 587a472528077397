/* <pic/target.h>: backups that are made by themselves. Targets are objects (kind "target" of <pic/object.h> and
 * <pic/edit.h>): where backups go (a folder, SFTP, WebDAV, S3, a repository of restic), for whom they are encrypted,
 * how often, how many are kept. The agent makes them, one at a time, by the hands of a child; each is read back before
 * it counts, and only then older ones go. Files of targets: <pic/backup.h>. What goes into a repository of restic is
 * the tar alone: that program compresses, encrypts with the target's passphrase and keeps what is the same only once;
 * fetched from there it is a tar, which <pic/backup.h> reads as it does any backup. */
#ifndef PIC_TARGET_H
#define PIC_TARGET_H

#include <pic/backup.h>
#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* {"targets":[{"name","url","enabled","state","last","tried","next","backup","size","milliseconds","failures","error",
 * "hint","doing":{"what","phase","bytes","name"},"drill":{"restorable","at","next","needs","backup","milliseconds",
 * "failed","error","hint","report"},"listed","held":[{"name","sha256","size","created","state","verified",
 * "why"},…]},…]}. state: off, waiting (none was made yet), queued, running, ok, failed (it is tried again at "next"),
 * stale (the last one is twice as old as it should be, or there is none in that time); last: when the last one was made
 * that was read back and right; backup, size (of what was sent, also where the place keeps less), milliseconds: of that
 * one; doing: null, or what is under way (what: run, list, verify, drill; phase: send, check, verify; bytes of it until
 * now; of a drill the check that is next, and how many are done); held: the backups of this cell that were there when
 * the target was looked at last ("listed"), the newest first; their state: good (it was read and was right), damaged
 * (why), unknown. Times are null where there is none. drill: the last time that it was tried whether one comes back, by
 * the agent (restorable: null, nobody has; error: why it could not be tried since; report: as pic_backup_drill() tells
 * it, or null; needs: "identity" where the cell cannot open its own backups, and makes no drills: by hand then). The
 * report is good when none is failed or stale, and none held is damaged, and none was found not restorable.
 * PIC_NOTFOUND: no cell; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_BUSY,
 * PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_target_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err);

/* Has the agent do something as soon as nothing else is under way, and does not wait for it: pic_target_status()
 * follows it. what: "run" makes a backup; "list" looks at what is there; "verify" reads one again (name NULL: the
 * newest): all that is in it where the cell has its passphrase or it is not encrypted, else whether it is what was
 * sent; "drill" tries whether it comes back, as pic_backup_drill() does (PIC_DENIED where the cell cannot open it).
 * target NULL: all that are on. In the fake world without an agent it is done before the answer comes. The answer is
 * pic_target_status'. PIC_NOTFOUND: no such target, no cell; PIC_BADSTATE: none that is on, or nothing was applied yet;
 * PIC_VALUE: a text is too long for the agent; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND, PIC_UNSUPPORTED,
 * PIC_CORRUPT, PIC_BUSY, PIC_STALE, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_target_do(pic_ctx *ctx, const char *what, const char *target, const char *name,
                                       pic_report **ret_report, pic_error **err);

/* Ends what is under way at a target, and what waits (target NULL: at all of them). What was sent of a backup is
 * cleaned up then, or by the next run. The answer is pic_target_status'. PIC_NOTFOUND: no such target, no cell;
 * PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND, PIC_UNSUPPORTED, PIC_CORRUPT,
 * PIC_BUSY, PIC_STALE, PIC_IO, PIC_VALUE, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_target_cancel(pic_ctx *ctx, const char *target, pic_report **ret_report, pic_error **err);

/* Gets a backup from a target (name NULL: the newest) as it is there, to out_fd or to opts->output, and tells
 * {"name","size","sha256"}. No agent is needed, but the cell's key; with PIC_BACKUP_AGENT an agent that runs does it
 * for who may not read that, into a file (it cannot be canceled then), and writes a row "fetch" of who had it; what is
 * not encrypted only root gets so, since the key is in it. PIC_NOTFOUND: no such target or backup, no cell; PIC_DENIED:
 * the key may not be read, or the server does not let us; PIC_CORRUPT: not all of it came; PIC_CONFLICT: the output is
 * no file (PIC_INVALID: for the agent); PIC_BUSY: the agent is at work on another's; PIC_CANCELED, PIC_TIMEOUT,
 * PIC_BACKEND, PIC_UNSUPPORTED, PIC_IO, PIC_VALUE, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_target_fetch(pic_ctx *ctx, const char *target, const char *name, int out_fd,
                                          const pic_backup_opts *opts, pic_report **ret_report, pic_error **err);

PIC_END_DECLS

#endif
