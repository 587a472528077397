/* One question to a time server, as RFC 5905 has it: what any client does. */
#ifndef PIC_BACKEND_NTP_ASK_H
#define PIC_BACKEND_NTP_ASK_H

#include "base/err.h"
#include "model/net.h"

#define PIC__NTP_PACKET 48
#define PIC__NTP_PORT 123

typedef struct pic__ntp_answer {
        int leap; /* 3: it does not know the time */
        int stratum;
        uint32_t reference; /* whom it follows: an IPv4 address, or a hash of an IPv6 one */
        int64_t offset_us;  /* what it says minus this machine's clock */
        int64_t error_us;   /* the most that it may be wrong by, as it says */
} pic__ntp_answer;

#define PIC__NTP_LOCAL UINT32_C(0x7f7f0101) /* follows nobody but its machine's clock */

/* Times in microseconds since 1970: when it was sent, and when the answer came. -1: it is no answer to that question.
 */
int pic__ntp_read(const uint8_t *packet, size_t len, int64_t sent, int64_t came, pic__ntp_answer *ret);
/* The question. */
void pic__ntp_write(uint8_t packet[PIC__NTP_PACKET], int64_t sent);
/* Asks and waits for the answer, ms at most. PIC_TIMEOUT: there was none, or nobody listens. */
int pic__ntp_ask(const pic__addr *server, unsigned ms, pic__ntp_answer *ret, pic_error **err);
/* Whom a reference means: "203.0.113.7", "this machine's clock", "GPS"; "" when that cannot be told. */
void pic__ntp_reference(const pic__ntp_answer *a, char text[PIC__ADDR_TEXT]);

#endif
