/* What was read and what is to be told of it, as JSON. No key but public ones. */
#ifndef PIC_HOUSEHOLD_REPORT_H
#define PIC_HOUSEHOLD_REPORT_H

#include "base/json.h"
#include "household/household.h"

/* {"product","path","takes_over","cell":{…},"devices":[…],"counts":{"devices","left_out","unsafe","lost","changed",
 * "note"},"findings":[{"tale","file","line","device","field","message","hint"}]} */
void pic__household_report(const pic__household *h, const char *path, int takes_over, pic__json *j);
const char *pic__tale_word(enum pic__tale tale);
size_t pic__household_count(const pic__household *h, enum pic__tale tale);
/* "HOST:PORT", the arena's; NULL: it is not known. */
const char *pic__household_endpoint_text(const pic__household *h, char text[300]);

#endif
