/* Owns: the door: which handles are alive, how an options struct is read, what comes back from the agent. */
#include <string.h>

#include "api/api.h"

int pic__api_is(const void *handle, uint32_t magic)
{
        return handle != NULL && ((const pic__handle *)handle)->magic == magic;
}

int pic__api_bad(pic_error **err, const char *call, const char *what)
{
        return pic__fail(err, PIC_INVALID, "%s: %s", call, what);
}

static int is_zero(const unsigned char *mem, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++)
                if (mem[i] != 0)
                        return 0;
        return 1;
}

int pic__api_opts(const void *given, void *known, size_t size, const char *call, pic_error **err)
{
        size_t has;

        memset(known, 0, size);
        if (given == NULL)
                return 0;
        memcpy(&has, given, sizeof(has));
        if (has < sizeof(has))
                return pic__api_bad(err, call, "opts.size is not set");
        if (has > size && !is_zero((const unsigned char *)given + size, has - size))
                return pic__api_bad(err, call, "opts has a member that this version of the library does not know");
        memcpy(known, given, has < size ? has : size);
        return 0;
}

int pic__api_answer(const char *text, size_t len, pic__doc **ret, pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        int r = pic__doc_json(text, len, "answer", ret, &bad);

        if (r == 0)
                return 0;
        return r == PIC_NOMEM ? pic__nomem(err)
                              : pic__fail(err, PIC_BACKEND, "the agent's answer cannot be understood");
}
