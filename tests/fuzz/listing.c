/* What servers list, as XML. */
#include "fuzz.h"
#include "keeper/xml.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        enum pic__xml_what what;
        size_t tags = 0;
        pic__xml x;

        pic__xml_start(&x, (const char *)data, size);
        while ((what = pic__xml_next(&x)) > 0) {
                must(++tags <= 2 * size);
                must(x.name[0] != '\0' && strlen(x.name) < sizeof(x.name));
                must(x.at <= x.end && x.text.len <= 2 * 4096 + 1);
                must(!pic__xml_closes(&x, what, "href") || what == PIC__XML_CLOSE);
        }
        must(what == PIC__XML_END || what == PIC__XML_BAD);
        pic__xml_end(&x);
        return 0;
}
