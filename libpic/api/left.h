/* What a change means outside of the cell, where nothing can be looked at: certificates of public CAs that stay good.
 */
#ifndef PIC_API_LEFT_H
#define PIC_API_LEFT_H

#include "base/json.h"
#include "change/changes.h"

/* {"kind","name","note","until","text"}, each a member of an open list: note: "stays": it goes, and its CA is not told;
 * "withdrawn": it is. */
void pic__left_tell(const pic__changes *c, pic_time now, pic__json *j);

#endif
