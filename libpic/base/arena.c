/* Owns: the arena: a list of blocks, each at least 16 KiB, filled from the front. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BLOCK ((size_t)16 << 10)

struct pic__arena_block {
        struct pic__arena_block *next;
        size_t used;
        size_t room;
        alignas(max_align_t) char data[];
};

static void *take(pic__arena *a, size_t size, size_t align)
{
        struct pic__arena_block *b = a->blocks;
        size_t at = b != NULL ? (b->used + align - 1) & ~(align - 1) : 0;

        if (b == NULL || at > b->room || size > b->room - at) {
                size_t room = size > BLOCK / 4 ? size : BLOCK;

                b = room < SIZE_MAX / 2 ? pic__alloc(sizeof(*b) + room) : NULL;
                if (b == NULL)
                        return NULL;
                b->room = room;
                b->next = a->blocks;
                a->blocks = b;
                at = 0;
        }
        b->used = at + size;
        return b->data + at;
}

void *pic__arena_alloc(pic__arena *a, size_t size)
{
        return take(a, size, alignof(max_align_t));
}

char *pic__arena_dup(pic__arena *a, const char *text, size_t len)
{
        char *copy = take(a, len + 1, 1);

        if (copy != NULL && len > 0)
                memcpy(copy, text, len);
        return copy;
}

char *pic__arena_printf(pic__arena *a, const char *fmt, ...)
{
        char small[256];
        va_list ap;
        char *text;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(small, sizeof(small), fmt, ap);
        va_end(ap);
        if (n < 0)
                return NULL;
        if ((size_t)n < sizeof(small))
                return pic__arena_dup(a, small, (size_t)n);
        text = take(a, (size_t)n + 1, 1);
        if (text == NULL)
                return NULL;
        va_start(ap, fmt);
        vsnprintf(text, (size_t)n + 1, fmt, ap);
        va_end(ap);
        return text;
}

void pic__arena_free(pic__arena *a)
{
        while (a->blocks != NULL) {
                struct pic__arena_block *next = a->blocks->next;

                pic__free(a->blocks);
                a->blocks = next;
        }
}

void pic__arena_wipe(pic__arena *a)
{
        struct pic__arena_block *b;

        for (b = a->blocks; b != NULL; b = b->next)
                explicit_bzero(b->data, b->used);
        pic__arena_free(a);
}
