/* Objects of the past with the names that those they name have now. */
#ifndef PIC_CHANGE_RENAMED_H
#define PIC_CHANGE_RENAMED_H

#include "store/store.h"

#define PIC__RENAMED_ROOM 128

typedef struct pic__renamed {
        pic__store *st;
        pic_revision at;     /* when the names were these */
        pic_revision undone; /* what it takes back has its name of then again; 0: only comparing */
        enum pic__kind kind; /* the last answer */
        char name[PIC__RENAMED_ROOM];
        char to[PIC__RENAMED_ROOM];
} pic__renamed;

/* A copy of `then`. Fields that `after` has the same (NULL: none) may be left as they are. PIC_CONFLICT, when undoing:
 * who was named is gone and the name is another's, or names were exchanged. */
int pic__renamed_tell(pic__renamed *r, const pic_obj *then, const pic_obj *after, pic_obj **ret, pic_error **err);

#endif
