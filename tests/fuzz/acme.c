/* What anybody may say at port 80 while a CA is expected, what the program that asks the CA says through its hook, and
 * what was kept of all that. */
#include "fuzz.h"

#include "change/ca.h"
#include "engine/acme_answer.h"
#include "engine/acme_hook.h"
#include "engine/acme_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__buf out = PIC__BUF_INIT;
        pic__acme_state s;
        pic__acme_word w;
        char *text = text_of(data, size);
        const char *at = text;
        pic__owed o;

        if (pic__acme_answer_to(text, size < PIC__ACME_REQUEST ? size : PIC__ACME_REQUEST, "tok-1", "tok-1.thumb",
                                &out)) {
                must(out.len > 12 && memcmp(out.data, "HTTP/1.1 ", 9) == 0);
                if (memmem(out.data, out.len, "thumb", 5) != NULL)
                        must(size > 32 && memmem(data, size, PIC__ACME_PATH "tok-1 ", 34) != NULL);
        }
        if (pic__acme_hook_read(text, size, &w))
                must(w.type[0] != '\0' && w.ident[0] != '\0' && pic__acme_token_ok(w.token));
        while (pic__owed_next(&at, &o))
                must(o.len > 0 && o.text >= text && o.text + o.len <= text + strlen(text) && o.until >= 0);
        (void)pic__acme_state_read(text, size, &s, NULL);
        pic__acme_state_free(&s);
        pic__buf_free(&out);
        free(text);
        return 0;
}
