/* Making errors. Reading them is public: <pic/error.h>. Rule: *err is set on failure only, and each
 * function below returns the code, so that `return pic__fail(err, …)` is the whole error path. Messages and hints may
 * be made of what others said: control characters and bad UTF-8 become \xNN, so a message is always one line. */
#ifndef PIC_BASE_ERR_H
#define PIC_BASE_ERR_H

#include <pic/error.h>

#include "base/mem.h"

/* `err` may be NULL anywhere: then only the code is returned. When memory for the error itself is missing, the object
 * and the returned code are PIC_NOMEM: they never differ. */
int pic__fail(pic_error **err, int code, const char *fmt, ...) PIC_PRINTF(3, 4);
/* A field's value breaks its rule. `value` is copied, cut at 200 bytes, control characters escaped. */
int pic__fail_value(pic_error **err, const char *object, const char *field, const char *value, const char *rule);
/* PIC_NOMEM, from a static object: cannot fail. */
void pic__nomem_set(pic_error **err);
static inline int pic__nomem(pic_error **err) /* here, so that who calls it (and gcc's analyzer) sees the code */
{
        pic__nomem_set(err);
        return PIC_NOMEM;
}
/* From errno: code by kind (EACCES/EPERM DENIED, ENOENT NOTFOUND, ENOMEM NOMEM, else IO). Text gets ": <strerror>". A
 * disk that is full, failed or read-only gets a hint. */
int pic__fail_errno(pic_error **err, int errnum, const char *fmt, ...) PIC_PRINTF(3, 4);
/* "No such device"; never NULL, whatever number the other side made up. */
const char *pic__errno_text(int errnum);

/* Puts a new message above what is there, keeps code and hint of the cause. Returns the code; but with err NULL there
 * is none to read, so: `pic__wrap(err, …); return r;` */
int pic__wrap(pic_error **err, const char *fmt, ...) PIC_PRINTF(2, 3);
/* The same with a code of its own: what this failure means one level up (PIC_ROLLEDBACK). PIC_NOMEM stays what it is.
 */
int pic__wrap_code(pic_error **err, int code, const char *fmt, ...) PIC_PRINTF(3, 4);
/* Puts a text before the message itself ("cell.yaml:3:7: "), no new error. Returns the code, as pic__wrap. */
int pic__prefix_msg(pic_error **err, const char *fmt, ...) PIC_PRINTF(2, 3);
/* The same to an error and all its followers. */
int pic__prefix_all(pic_error **err, const char *prefix);
/* Sets the hint (replaces an older one). Does nothing when there is no error object. */
void pic__hint(pic_error **err, const char *fmt, ...) PIC_PRINTF(2, 3);
void pic__detail(pic_error **err, const char *key, const char *value);
void pic__detail_int(pic_error **err, const char *key, long long value);
/* Appends `more` (taken) as a follower of *list; *list may be NULL. For calls that report everything wrong at once. */
void pic__err_append(pic_error **list, pic_error *more);
/* Takes the followers off: they are returned, err stands alone. */
pic_error *pic__err_split(pic_error *err);
/* Number of errors in the row, this one included; 0 for NULL. */
size_t pic__err_count(const pic_error *err);
/* Rebuilds an error that came over the agent's socket: `details` is key, value, key, value, …, NULL. */
int pic__err_make(pic_error **err, int code, const char *message, const char *hint, const char *const *details);
/* Calls back for each detail. */
void pic__err_each(const pic_error *err, void (*fn)(const char *key, const char *value, void *data), void *data);

static inline void pic__err_free_p(pic_error **err)
{
        pic_error_free(*err);
        *err = NULL;
}
#define pic__auto_err PIC__AUTO(pic__err_free_p)

#endif
