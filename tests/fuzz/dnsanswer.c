/* What comes back through an exit for a probe's question. Whatever is taken of it is printable. */
#include "fuzz.h"

#include "engine/exits_query.h"

static const pic__question asked[] = { { ".", PIC__QUERY_NS, 1 },
                                       { "myip.example.org", PIC__QUERY_A, 1 },
                                       { "myip.example.org", PIC__QUERY_AAAA, 1 },
                                       { "whoami", PIC__QUERY_TXT, 3 } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const pic__question *q = &asked[next_byte(&data, &size) % 4];
        uint8_t *msg = bytes_of(data, size);
        char text[PIC__QUERY_TEXT];
        const char *at;
        int code = pic__query_read(q, msg, size, text), id = pic__query_id(msg, size);

        must(code >= -1 && code <= 15 && id >= -1 && id <= 0xffff);
        must(code == -1 || id >= 0);
        must(pic__query_read(q, msg, size, NULL) == code);
        for (at = text; *at != '\0'; at++)
                must(*at > ' ' && *at < 0x7f);
        free(msg);
        return 0;
}
