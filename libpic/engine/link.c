/* Owns: a call over a link: the request made, the answer opened. */
#include <string.h>

#include "engine/link_i.h"
#include "engine/wire.h"

#define TIMEOUT_MS 30000u

/* {"verb":"status"} or, with arguments {"peers":false}, {"verb":"status","peers":false}. */
static int make_request(const char *verb, const char *args, pic__buf *out, pic_error **err)
{
        pic__json j = PIC__JSON(out);
        const char *rest = NULL;

        if (args != NULL) {
                args += strspn(args, " \t\r\n");
                if (args[0] != '{')
                        return pic__fail(err, PIC_INVALID, "arguments of a verb are a JSON object");
                rest = args + 1 + strspn(args + 1, " \t\r\n");
        }
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "verb", verb);
        if (rest == NULL || rest[0] == '}') {
                pic__json_close(&j, '}');
        } else {
                pic__buf_putc(out, ',');
                pic__buf_puts(out, rest);
        }
        if (out->failed)
                return pic__nomem(err);
        return out->len <= PIC__WIRE_REQUEST_MAX
                       ? 0
                       : pic__fail(err, PIC_INVALID, "the request is longer than %zu bytes", PIC__WIRE_REQUEST_MAX);
}

int pic__link_call_along(pic__link *l, const char *verb, const char *args, int file, unsigned timeout_ms,
                         pic__buf *result, pic_error **err)
{
        pic__auto_wipe pic__buf request = PIC__BUF_SECRET;
        pic__auto_wipe pic__buf answer = PIC__BUF_SECRET;
        int r = make_request(verb, args, &request, err);

        if (r == 0)
                r = l->ops->ask_along(l, &request, file, timeout_ms, &answer, err);
        return r < 0 ? r : pic__wire_open(pic__buf_str(&answer), answer.len, result, err);
}

int pic__link_call(pic__link *l, const char *verb, const char *args, unsigned timeout_ms, pic__buf *result,
                   pic_error **err)
{
        pic__auto_wipe pic__buf request = PIC__BUF_SECRET;
        pic__auto_wipe pic__buf answer = PIC__BUF_SECRET;
        int r;

        r = make_request(verb, args, &request, err);
        if (r == 0)
                r = l->ops->ask(l, &request, timeout_ms != 0 ? timeout_ms : TIMEOUT_MS, &answer, err);
        return r < 0 ? r : pic__wire_open(pic__buf_str(&answer), answer.len, result, err);
}

pic__link *pic__link_unref(pic__link *l)
{
        if (l != NULL)
                l->ops->free(l);
        return NULL;
}
