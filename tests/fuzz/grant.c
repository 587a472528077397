/* Any text as a grant: what is taken prints in one canonical form, which means the same. */
#include "fuzz.h"

#include "model/grant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = text_of(data, size);
        pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;
        const char *rule = NULL;
        pic__grant g, again;

        if (pic__grant_parse(text, &g, &rule) == 0) {
                pic__grant_print(&g, &one);
                must(pic__grant_parse(pic__buf_str(&one), &again, &rule) == 0);
                must(pic__grant_cmp(&g, &again) == 0);
                pic__grant_print(&again, &two);
                must(strcmp(pic__buf_str(&one), pic__buf_str(&two)) == 0);
                must(g.port_lo <= g.port_hi);
        } else {
                must(rule != NULL);
        }
        pic__buf_free(&one);
        pic__buf_free(&two);
        free(text);
        return 0;
}
