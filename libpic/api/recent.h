/* What was read lately: sessions and objects, each good as long as nothing was committed to the store since. So who
 * asks often for the same takes neither the context's lock nor a lock of the file. Of a fixed size, with a lock of its
 * own. */
#ifndef PIC_API_RECENT_H
#define PIC_API_RECENT_H

#include "api/session.h"

typedef struct pic__recent pic__recent;

int pic__recent_new(pic__recent **ret, pic_error **err);
void pic__recent_free(pic__recent *r);

/* A reference, or NULL: it has to be read. `at`: the store as it is now. */
pic_obj *pic__recent_obj(pic__recent *r, const pic__stamp *at, enum pic__kind kind, const char *name);
/* `at`: of before it was read, so that nothing is taken for newer than it is. */
void pic__recent_keep_obj(pic__recent *r, const pic__stamp *at, enum pic__kind kind, const char *name,
                          const pic_obj *obj);

/* A session by its secret's hash. It is one of its own, which the caller may give back. `now` is not in a moment that
 * changes what is said of it (see keep): else NULL. */
pic_session *pic__recent_session(pic__recent *r, const pic__stamp *at, const uint8_t hash[32], pic_time now);
/* It holds from `from` on, before `until`. */
void pic__recent_keep_session(pic__recent *r, const pic__stamp *at, const uint8_t hash[32], const pic_session *session,
                              pic_time from, pic_time until);

#endif
