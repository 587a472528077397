/* Verbs that tell what was: stats.db. */
#ifndef PIC_ENGINE_PASTVERBS_H
#define PIC_ENGINE_PASTVERBS_H

#include "engine/verbs_args.h"

int pic__verb_traffic(struct pic__verb_call *c, pic_error **err);

#endif
