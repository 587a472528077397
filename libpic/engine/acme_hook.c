/* Owns: the words of uacme's hook, and where its program is. What it says comes from the CA in the end: all is checked
 * before it is used. */
#include "engine/acme_hook.h"

#include <string.h>

#include "model/text.h"
#include "sys/beside.h"

#define PROGRAM "pic-acme-hook"

static int is_auth(const char *text)
{
        return text[0] != '\0' &&
               text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0';
}

static int take(const char **at, const char *end, char *out, size_t size)
{
        size_t len = strnlen(*at, (size_t)(end - *at));

        if (*at + len >= end || len >= size) /* its NUL byte is part of the packet */
                return 0;
        memcpy(out, *at, len + 1);
        *at += len + 1;
        return 1;
}

int pic__acme_hook_read(const char *packet, size_t len, pic__acme_word *ret)
{
        static const char *const methods[] = { "begin", "done", "failed" };
        const char *at = packet, *end = packet + len;
        char method[16];
        size_t i;

        memset(ret, 0, sizeof(*ret));
        if (!take(&at, end, method, sizeof(method)) || !take(&at, end, ret->type, sizeof(ret->type)) ||
            !take(&at, end, ret->ident, sizeof(ret->ident)) || !take(&at, end, ret->token, sizeof(ret->token)) ||
            !take(&at, end, ret->auth, sizeof(ret->auth)) || at != end)
                return 0;
        for (i = 0; i < PIC__COUNT(methods) && strcmp(methods[i], method) != 0; i++)
                ;
        ret->method = (enum pic__acme_method)i;
        return i < PIC__COUNT(methods) && ret->type[0] != '\0' && pic__hostname_ok(ret->ident) &&
               pic__acme_token_ok(ret->token) && is_auth(ret->auth);
}

char *pic__acme_hook_find(void)
{
        return pic__beside_find(PROGRAM);
}
