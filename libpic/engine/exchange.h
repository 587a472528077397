/* A cell's directory, and another one that takes its place in one step: whoever is killed meanwhile finds the old cell
 * or the new one. What was there stays beside it, under a name that says since when. */
#ifndef PIC_ENGINE_EXCHANGE_H
#define PIC_ENGINE_EXCHANGE_H

#include <sys/stat.h>

#include "store/store.h"
#include "sys/clock.h"

/* Behind the directory's name: the cell that was put aside, and when; and one that nobody came to name so. */
#define PIC__BEFORE ".before-"
#define PIC__STAGE ".restore-"

typedef struct pic__exchange {
        const pic__clock *clock;
        char *dir;          /* of the cell, without links and slashes at its end */
        int lock;           /* the agent's, -1: nobody can have it */
        pic__store *former; /* shut; NULL: there is none that can be read */
        int there;          /* something is in the directory */
        struct stat owner;
        struct stat key; /* whose the former one's key is; owner: there is none */
} pic__exchange;

#define PIC__EXCHANGE_INIT  \
        {                   \
                .lock = -1, \
        }

/* Takes the agent's lock where something is there. PIC_BUSY: an agent runs; PIC_CONFLICT: it is no directory. */
int pic__exchange_begin(pic__exchange *x, const char *dir, const char *run_dir, const pic__clock *clock,
                        pic_error **err);
/* Another directory gets the owners that this one has, as pic__exchange_do() gives them. */
int pic__exchange_own(const pic__exchange *x, const char *path, pic_error **err);
/* `path`, which lies beside it and is a cell, is in its place then, with the owner that the former one had.
 * *ret_former: where that is now (pic__free), NULL: there was none. PIC_BUSY: another program has it open. On failure
 * nothing was moved. */
int pic__exchange_do(pic__exchange *x, const char *path, char **ret_former, pic_error **err);
void pic__exchange_free(pic__exchange *x);

#endif
