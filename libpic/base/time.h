/* Time as text and back. No clock here: see sys/clock.h. */
#ifndef PIC_BASE_TIME_H
#define PIC_BASE_TIME_H

#include <pic/types.h>

#define PIC__SECOND ((pic_time)1000000)

#define PIC__TIME_TEXT 32
/* RFC 3339 in UTC, to the second: "2027-01-31T23:59:59Z". 0 gives "". */
const char *pic__time_print(pic_time t, char text[PIC__TIME_TEXT]);
/* "2027-01-31" (midnight UTC at its start), "2027-01-31T23:59[:59][Z]". 0, or -1 for anything else; years 1970 to 9999.
 */
int pic__time_parse(const char *text, pic_time *ret_time);
int64_t pic__time_days(int year, int month, int day); /* since 1970-01-01; nothing is judged */

#endif
