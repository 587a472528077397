/* Which rows of the journal are meant: pic_history_opts, judged. */
#ifndef PIC_API_SEARCH_H
#define PIC_API_SEARCH_H

#include "api/api.h"

typedef struct pic__search {
        pic_history_opts o;
        pic_id id; /* of the object that has the name now; 0: none has */
} pic__search;

/* Reads the options. PIC_INVALID, in the name of the call. */
int pic__search_make(const pic_history_opts *opts, const char *call, pic__search *ret, pic_error **err);
/* Finds who has the name now. Before the first row is judged. */
int pic__search_find(pic__store *st, pic__search *s, pic_error **err);
int pic__search_has(const pic__search *s, const pic__journal_row *row);

#endif
