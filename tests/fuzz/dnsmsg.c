/* What a name server answers to pic_dns_query(). Whatever is taken of it can be shown. */
#include "fuzz.h"

#include "sys/dnsmsg.h"
#include "sys/dnssign.h"

static void shown(const char *text)
{
        for (; *text != '\0'; text++)
                must(*text >= ' ' && *text <= '~');
}

static void hear(const char *name, const char *type, uint32_t ttl, const char *rdata, void *data)
{
        (void)ttl;
        shown(name);
        shown(type);
        shown(rdata);
        ++*(size_t *)data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t *msg = bytes_of(data, size);
        size_t heard = 0;
        pic__dnsmsg m;
        uint16_t id = (uint16_t)(size >= 2 ? data[0] << 8 | data[1] : 0);
        int r = pic__dnsmsg_read(msg, size, id, &m, hear, &heard);

        must(r == 0 || r == -1);
        must(r < 0 || (m.answers == heard && m.code >= 0 && m.code <= 15));
        r = pic__dnssign_judge(msg, size, 1800000000);
        must(r == -1 || r == 6 || r == 7 || r == 8 || r == 10);
        free(msg);
        return 0;
}
