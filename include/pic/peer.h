/* <pic/peer.h>: what only peers have. The rest: kind "peer" of <pic/object.h> and <pic/edit.h>. */
#ifndef PIC_PEER_H
#define PIC_PEER_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* The device's configuration as wg-quick(8) text. Holds its private key, so: a key that is shown once is gone from the
 * cell when this returns (key_mode "sealed"); each call leaves a row in the journal. For a device that made its own key
 * the PrivateKey line is missing and a comment says so. Asks the agent. PIC_NOTFOUND: no such peer, no cell;
 * PIC_BADSTATE: shown already (hint: rekey), or the cell has no endpoint; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED,
 * PIC_UNSUPPORTED (a store of a newer version), PIC_CORRUPT (a seal that does not open), PIC_BUSY, PIC_BACKEND (an
 * answer that makes no sense), PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_peer_config(pic_ctx *ctx, const char *name, pic_blob **ret_config, pic_error **err);

/* 1: the device was given a configuration, and would be given another one now (an address, a name server, a right of a
 * split tunnel, keys, where the cell is): it needs that; 0: it has what there is, or was never given any. Makes both
 * again from the journal, so it is no question to be asked of thousands at once. PIC_NOTFOUND: no such peer, no cell;
 * PIC_INVALID, PIC_NOMEM; of the store, codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_peer_outdated(pic_ctx *ctx, const char *name, pic_error **err);
/* Says that the device has its configuration as it is now, by whatever way: a row of the journal ("installed").
 * PIC_NOTFOUND; PIC_BUSY: another writer, or said of it thirty times in an hour; PIC_INVALID, PIC_DENIED,
 * PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_peer_installed(pic_ctx *ctx, const char *name, pic_error **err);

enum {
        PIC_QR_TEXT =
                0, /* for a terminal: UTF-8 half blocks, black on white by colour sequences, so right on any terminal */
        PIC_QR_PNG = 1,
        PIC_QR_SVG = 2,
        PIC_QR_PLAIN = 3 /* the same half blocks without colours, for light text on dark ground */
};
/* The same as a QR code. format: PIC_QR_*. It is a showing like that of pic_peer_config: to have text and picture of a
 * key that is shown once, call that and then pic_qr_make(). Codes as pic_peer_config; PIC_INVALID: unknown format;
 * PIC_BADSTATE also for a device that has its own key (the code would lack it); PIC_VALUE: too long for a QR code
 * (nothing was shown then). */
PIC_API PIC_MUST_USE int pic_peer_qr(pic_ctx *ctx, const char *name, int format, pic_blob **ret_image, pic_error **err);
/* Both from one look: text and any QR of it, for a front end that shows them together. `text` as pic_peer_config gave
 * it. Does not touch the cell. PIC_VALUE: empty, or over 2,953 bytes; PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_qr_make(const char *text, int format, pic_blob **ret_image, pic_error **err);

/* Bytes, in memory that is wiped when it is released. Followed by a NUL byte. Borrowed. */
PIC_API const void *pic_blob_data(const pic_blob *blob);
PIC_API size_t pic_blob_size(const pic_blob *blob);
PIC_API pic_blob *pic_blob_unref(pic_blob *blob);

PIC_END_DECLS

#endif
