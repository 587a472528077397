/* <pic/audit.h>: the journal as evidence. Each of its rows, a change, a secret that was shown, a login, a refusal, what
 * the agent did of its own, is a leaf of a Merkle tree (RFC 6962); the agent signs the tree's heads with the cell's
 * identity (C2SP tlog-checkpoint). So a row that is changed, taken out or put in later does not stay unseen. Listing
 * rows: pic_history_get(). What nothing inside a cell can tell is an end that was cut off with its heads, or a cell
 * that was exchanged as a whole: keep a head and the key elsewhere and give them to pic_audit_verify(). */
#ifndef PIC_AUDIT_H
#define PIC_AUDIT_H

#include <pic/error.h>
#include <pic/history.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* Has the newest head signed, if rows came after the last one, and tells it: {"size","rows","note","key"}. size: rows
 * that it vouches for; rows: in the journal; note: the signed head, a text of several lines, to be kept elsewhere; key:
 * the verifier's key (C2SP signed-note) that tells it from a forged one. Without an agent it is the newest head that
 * there is. PIC_NOAGENT: there is none; PIC_CORRUPT: the journal does not continue what was signed, or the newest head
 * was changed; PIC_NOTFOUND: no cell; PIC_BACKEND: an answer that makes no sense; PIC_TIMEOUT, PIC_DENIED, PIC_BUSY,
 * PIC_UNSUPPORTED, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_audit_head(pic_ctx *ctx, pic_report **ret_report, pic_error **err);

typedef struct pic_audit_verify_opts {
        size_t size;      /* sizeof(pic_audit_verify_opts) */
        const char *key;  /* the verifier's key, as it was told once; NULL: the one that the cell says is its own */
        const char *head; /* a signed head that was kept elsewhere; NULL: none */
} pic_audit_verify_opts;

#define PIC_AUDIT_VERIFY_OPTS_INIT                        \
        {                                                 \
                sizeof(pic_audit_verify_opts), NULL, NULL \
        }

/* Reads all of the journal and computes everything again:
 * {"ok","rows","root","heads","signed","key","outside","bad":{"row","what"}|null}. ok, and pic_report_good(): nothing
 * is wrong. bad: the first thing that is, and the row where it begins (0: all of it). heads: signed heads that fit;
 * signed: rows that the newest of them vouches for; root: of the tree, base64; outside: rows of the head that was
 * given, or null. Reads the store without holding up others; a million rows take some seconds. opts NULL: all defaults.
 * PIC_SYNTAX: the key, or the head, is no such thing (detail "field"); PIC_CORRUPT: the file cannot be read as a store
 * at all; PIC_NOTFOUND: no cell; PIC_UNSUPPORTED, PIC_DENIED, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_audit_verify(pic_ctx *ctx, const pic_audit_verify_opts *opts, pic_report **ret_report,
                                          pic_error **err);

enum { PIC_AUDIT_PROOF = 1 << 0 /* with the proof that it is in the tree */ };
/* One row by its number: {"row":{…},"leaf","hash","proof":null|{"index","size","path":[…],"key","text"}}. row: as
 * pic_event_json(); leaf: the very bytes that are hashed; hash: of the leaf, hex. With PIC_AUDIT_PROOF: path: the
 * hashes of RFC 6962, 2.1.1, base64; text: all of it as a C2SP tlog-proof, with the leaf ("extra", base64) and the
 * signed head. If no head vouches for the row yet the agent is asked for one. Reads the hashes of all rows.
 * PIC_NOTFOUND: no such row, no cell; PIC_BADSTATE: no head vouches for it, and no agent is there to sign one;
 * PIC_CORRUPT: the row was changed, or the journal was; PIC_BACKEND, PIC_TIMEOUT, PIC_DENIED, PIC_BUSY,
 * PIC_UNSUPPORTED, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_audit_get(pic_ctx *ctx, int64_t seq, uint32_t flags, pic_report **ret_report,
                                       pic_error **err);

enum {
        PIC_AUDIT_JSONL = 0, /* a JSON object a line, as pic_event_json() */
        PIC_AUDIT_CSV = 1,   /* RFC 4180, UTF-8, with a header. A cell that a spreadsheet would take for a formula (it
                                begins with = + - @, a tab or an end of line) has an apostrophe before it. */
        PIC_AUDIT_BUNDLE = 2 /* leaves byte by byte, heads, and the key: for a verifier. See below. */
};
/* Writes rows to a descriptor, oldest first, some hundred at a time; the store is not held meanwhile. filter: which
 * (max 0: all; `before` as elsewhere), NULL: all; a bundle is always whole. Does not close fd. What is written after a
 * failure is not complete. PIC_INVALID: a bad ctx or fd, an unknown format, a filter with a bundle; PIC_IO: it cannot
 * be written, or the store cannot be read; PIC_NOTFOUND: no cell; PIC_CORRUPT, PIC_UNSUPPORTED, PIC_DENIED, PIC_BUSY,
 * PIC_NOMEM.
 *
 * A bundle is UTF-8 text; each line ends in a newline:
 *
 *     pic audit bundle 1
 *     key KEY                     the verifier's key; "key -" for a cell without an identity
 *     rows N                      then N lines, from row 1 on:
 *     HASH LEAF                   SHA-256 of (0 byte, leaf) in lower case hex, a space, the leaf's bytes
 *     heads M                     then M times:
 *     head SIZE BYTES             and so many bytes: the signed note, which ends in a newline
 *     end
 */
PIC_API PIC_MUST_USE int pic_audit_export(pic_ctx *ctx, int fd, int format, const pic_history_opts *filter,
                                          pic_error **err);

/* Writes a row of a front end's own: something was asked for, somebody was turned away ("refused"); of logins
 * pic_login() writes by itself. verb: 2 to 32 lower case
 * letters and hyphens, none that the library writes itself (PIC_VALUE); text: one printable line of 1 to 500 bytes
 * (PIC_VALUE). Who and how are the context's actor and way. Waits for the disk. "refused": of the same actor and
 * text one row an hour, ten of an actor, twenty in all; what is more is counted, and the next such row, or the agent's
 * within two hours, tells how many there were. PIC_BUSY: 100 rows of another verb were written in the last minute (who
 * floods is to be turned away before), or another writer; PIC_NOTFOUND: no cell;
 * PIC_INVALID, PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_audit_note(pic_ctx *ctx, const char *verb, const char *text, pic_error **err);

PIC_END_DECLS

#endif
