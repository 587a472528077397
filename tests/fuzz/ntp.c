/* What a time server answers. Read as the answer to a question that it was sent for, so that more than its size is
 * looked at. */
#include "fuzz.h"

#include "backend/ntp/ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const int64_t sent = INT64_C(1780000000000000);
        uint8_t packet[2 * PIC__NTP_PACKET], asked[PIC__NTP_PACKET];
        char text[PIC__ADDR_TEXT];
        pic__ntp_answer a;

        if (size > sizeof(packet))
                return 0;
        memcpy(packet, data, size);
        if (size >= PIC__NTP_PACKET) {
                pic__ntp_write(asked, sent);
                memcpy(packet + 24, asked + 40, 8);
        }
        if (pic__ntp_read(packet, size, sent, sent + 20000, &a) == 0) {
                must(size >= PIC__NTP_PACKET && a.leap >= 0 && a.leap <= 3 && a.error_us >= 0);
                pic__ntp_reference(&a, text);
                must(strlen(text) < sizeof(text));
        }
        return 0;
}
