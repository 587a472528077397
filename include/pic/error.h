/* <pic/error.h>: what went wrong, for programs (code, details) and for people (message, hint).
 *
 * A call returns 0 or a positive count when it is done, and one of the negative codes below
 * when it is not. Then, and only then, it stores an error object in its last argument, if that
 * is not NULL. The caller frees it with pic_error_free(). Numbers and names never change. */
#ifndef PIC_ERROR_H
#define PIC_ERROR_H

#include <pic/types.h>

PIC_BEGIN_DECLS

/* A retired code keeps its number. */
/* clang-format off */
#define PIC_CODES(X)                                                             \
        X(OK,           0,   "done")                                             \
        X(INVALID,      -1,  "the caller broke the contract of the call")        \
        X(NOMEM,        -2,  "out of memory")                                    \
        X(NOTFOUND,     -3,  "no such object")                                   \
        X(EXISTS,       -4,  "an object of that identity exists")                \
        X(BADSTATE,     -5,  "not allowed in the object's present state")        \
        X(STALE,        -6,  "the store changed since this was read")            \
        X(BUSY,         -7,  "another writer holds the lock")                    \
        X(DENIED,       -8,  "not permitted")                                    \
        X(UNSUPPORTED,  -9,  "this kernel, tool or build cannot do it")          \
        X(SYNTAX,       -10, "the document does not parse")                      \
        X(CONFLICT,     -11, "the wish contradicts itself or a foreign object")  \
        X(BACKEND,      -12, "the kernel or a tool refused")                     \
        X(CANCELED,     -13, "canceled by the caller")                           \
        X(TIMEOUT,      -14, "not done in time")                                 \
        X(ROLLEDBACK,   -15, "failed, and the former state is back")             \
        X(BROKEN,       -16, "failed, and undoing failed too: see the journal")  \
        X(VALUE,        -17, "a field's value breaks its rule")                  \
        X(INUSE,        -18, "other objects refer to it")                        \
        X(IO,           -19, "a file or the disk failed")                        \
        X(CORRUPT,      -20, "stored data is damaged")                           \
        X(NOAGENT,      -21, "no agent answers")
/* clang-format on */

typedef enum pic_code {
#define PIC_X(name, value, text) PIC_##name = (value),
        PIC_CODES(PIC_X)
#undef PIC_X
} pic_code;

/* Every reader accepts NULL and then answers PIC_OK, "", NULL or 0. Texts are borrowed from the error. */

/* The code, negative. */
PIC_API int pic_error_code(const pic_error *err);
/* One line, without a newline at its end; never NULL. */
PIC_API const char *pic_error_message(const pic_error *err);
/* What a person can do about it, or NULL. */
PIC_API const char *pic_error_hint(const pic_error *err);
/* A named detail or NULL. Names: "field", "value", "rule" (a field's value), "file", "line", "column" (a
 * place in a document), "object" (kind and name), "errno", "extack" (the kernel's own words),
 * "argv", "exit", "stderr" (a program that was run), "users" (who refers to it, separated by commas), "peer", "packet"
 * (who could, or could not, send what: a broken assertion), "need" ("code": pic_login()), "retry_ms" (how long to wait:
 * too many attempts), "part" (of an encrypted file, <pic/age.h>). */
PIC_API const char *pic_error_detail(const pic_error *err, const char *key);
/* The error below this one, or NULL. */
PIC_API const pic_error *pic_error_cause(const pic_error *err);
/* The next error of the same call, or NULL: a document or an edit reports all that is wrong with it at once. */
PIC_API const pic_error *pic_error_next(const pic_error *err);
/* Frees the error with its causes and followers. Takes NULL. */
PIC_API void pic_error_free(pic_error *err);
/* "NOTFOUND" for -3: stable, for JSON and logs. "UNKNOWN" for a number that is no code. */
PIC_API const char *pic_code_name(int code);
/* One sentence on the code, never NULL. */
PIC_API const char *pic_code_text(int code);

PIC_END_DECLS

#endif
