/* What the keeper may do once it knows what. */
#ifndef PIC_KEEPER_PROGRAM_CONFINE_H
#define PIC_KEEPER_PROGRAM_CONFINE_H

#include "base/err.h"

/* dir: the cell's, perhaps another user's. here: it writes into a folder of this machine. runs: by a program. */
int keeper_confine(const char *dir, int here, int runs, pic_error **err);

#endif
