/* Why the signatures of an answer do not hold, as far as the answer itself shows it (RFC 4034). No key is looked at. */
#ifndef PIC_SYS_DNSSIGN_H
#define PIC_SYS_DNSSIGN_H

#include <stddef.h>
#include <stdint.h>

/* Of an answer that is known to be bogus, with its signatures. now: seconds since 1970. An extended error (RFC 8914):
 * 7: all have expired; 8: none is valid yet; 10: there are none; 6: they are of now, so what they say is wrong; -1:
 * there is nothing in it that could be signed, or it does not hold together. */
int pic__dnssign_judge(const uint8_t *m, size_t len, int64_t now);

#endif
