/* Owns: the heap door and its failure hook. */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static unsigned long made;    /* allocations since the hook was last set */
static unsigned long fail_at; /* 0: never */

unsigned long pic__mem_fail_at(unsigned long n)
{
        unsigned long was = __atomic_exchange_n(&made, 0, __ATOMIC_RELAXED);

        __atomic_store_n(&fail_at, n, __ATOMIC_RELAXED);
        return was;
}

static int refuse(void)
{
        unsigned long n = __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);

        return n == __atomic_load_n(&fail_at, __ATOMIC_RELAXED);
}

void *pic__alloc(size_t size)
{
        return refuse() ? NULL : calloc(1, size != 0 ? size : 1);
}

void *pic__realloc(void *mem, size_t size)
{
        return refuse() ? NULL : realloc(mem, size != 0 ? size : 1);
}

void *pic__memdup(const void *mem, size_t len)
{
        char *copy = pic__alloc(len + 1);

        if (copy != NULL && len > 0)
                memcpy(copy, mem, len);
        return copy;
}

char *pic__strdup(const char *text)
{
        return text != NULL ? pic__memdup(text, strlen(text)) : NULL;
}

char *pic__strndup(const char *text, size_t len)
{
        return pic__memdup(text, strnlen(text, len));
}

void pic__free(void *mem)
{
        free(mem);
}
