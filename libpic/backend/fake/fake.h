/* A pretend subsystem: a bag of items in a file (or in memory, path NULL), with the refusals of a real one: adding what
 * is there (PIC_CONFLICT), changing or removing what is not (PIC_BACKEND). Ships in the product as the fake world.
 *
 * It writes secrets as they come, so give it none that are opened: derive with pic__secrets NULL (README). */
#ifndef PIC_BACKEND_FAKE_FAKE_H
#define PIC_BACKEND_FAKE_FAKE_H

#include "plan/backend.h"

int pic__fake_new(enum pic__backend_id id, const char *path, const pic__log *log, pic__backend **ret, pic_error **err);

/* For tests: the n-th step from now fails (0: never); somebody else changes the world behind our back. */
void pic__fake_fail_at(pic__backend *b, size_t n);
int pic__fake_tamper(pic__backend *b, enum pic__item_kind kind, const char *key, const char *value /* NULL: remove */);

/* Networks that the pretend machine is attached to, one a line; beside a file they are its neighbour ".attached". */
int pic__fake_attach(pic__backend *b, const char *nets);
/* What others do beside this subsystem: "warning|what|fix" a line; beside a file they are its neighbour ".strangers".
 */
int pic__fake_strange(pic__backend *b, const char *lines);

#endif
