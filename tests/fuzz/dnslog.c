/* What the name server writes of questions, as pic_dns_log() reads it: names in it are anybody's. */
#include "fuzz.h"

#include "api/dnslog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = text_of(data, size);
        pic__dnslog_line line;

        if (pic__dnslog_read(text, &line) == 0) {
                must(line.time >= 0 && line.seconds >= 0 && line.seconds <= 3600);
                must(strlen(line.name) < sizeof(line.name) && strlen(line.address) < sizeof(line.address));
                must(strpbrk(line.name, " \n") == NULL && line.name[0] != '\0' && line.type[0] != '\0');
        }
        free(text);
        return 0;
}
