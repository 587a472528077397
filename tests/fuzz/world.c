/* Any bytes as the file of a pretend kernel: what is taken is written and read again, and then written the same. */
#include "fuzz.h"

#include "backend/fake/world.h"

/* 1 when it is a world; then its canonical text is in `out`. */
static int load(char *text, pic__buf *out)
{
        pic__fake_world w = PIC__FAKE_WORLD_INIT;
        pic__auto_err pic_error *err = NULL;
        int r = pic__fake_parse(&w, text, "fake/nft", &err);

        must(r == 0 || (r == PIC_CORRUPT && pic_error_detail(err, "line") != NULL && pic_error_hint(err) != NULL));
        if (r == 0)
                must(pic__fake_print(&w, out, NULL) == 0);
        pic__fake_clear(&w);
        return r == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__auto_buf pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;
        char *text = text_of(data, size), *again;

        if (load(text, &one)) {
                again = text_of((const uint8_t *)one.data, one.len);
                must(load(again, &two));
                must(strcmp(one.data, two.data) == 0);
                free(again);
        }
        free(text);
        return 0;
}
