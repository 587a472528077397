/* What goes over the agent's socket, for both ends: see engine/link.h. */
#ifndef PIC_ENGINE_WIRE_H
#define PIC_ENGINE_WIRE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define PIC__WIRE_REQUEST_MAX ((size_t)1 << 20)
#define PIC__WIRE_INLINE ((size_t)64 << 10) /* a larger message goes as a memfd */

/* The message with those of its causes: "apply undone: nft: table pic: no space". */
void pic__wire_message(const pic_error *err, pic__buf *out);
/* The whole answer for a failure: {"ok":false,"error":{"code","message","hint","details"}}. Never fails: out of memory
 * has a short text ready. */
void pic__wire_failure(const pic_error *err, pic__buf *answer);
/* {"code","message","hint","details"} */
void pic__wire_error(const pic_error *err, pic__json *j);
/* An answer opened: the result's JSON text, or the error that the far side had. PIC_BACKEND for what is no answer. */
int pic__wire_open(const char *answer, size_t len, pic__buf *result, pic_error **err);
/* A flat copy (causes folded into the message). NULL gives NULL. */
pic_error *pic__wire_copy(const pic_error *err);

#define PIC__WIRE_OK "{\"ok\":true,\"result\":"

/* One message. 0, or -errno (EAGAIN: the far side does not read). */
int pic__wire_send(int fd, const void *data, size_t len);
/* The same with a descriptor along, which stays the caller's: at most PIC__WIRE_INLINE bytes, -EMSGSIZE. */
int pic__wire_send_along(int fd, const void *data, size_t len, int along);
/* The next message, at most max bytes; waits for none. 1 got one, 0 the far side closed, -EAGAIN, -EMSGSIZE (it is over
 * max), -errno. What a peer may send along is closed unless it is a sealed memfd and `memfd` allows one. */
int pic__wire_recv(int fd, size_t max, int memfd, pic__buf *out);
/* The same for who takes descriptors: *ret_along is what came with a text of its own, the caller's; -1: nothing did. */
int pic__wire_recv_along(int fd, size_t max, pic__buf *out, int *ret_along);

#endif
