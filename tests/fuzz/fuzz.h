/* What every target shares. A broken promise is an abort, which both libFuzzer and ctest see. */
#ifndef PIC_FUZZ_H
#define PIC_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                    \
        do {                                                                          \
                if (!(what)) {                                                        \
                        dprintf(2, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
                        abort();                                                      \
                }                                                                     \
        } while (0)

/* The input as a text: a copy that ends in a NUL byte. */
static inline char *text_of(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);

        must(text != NULL);
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        return text;
}

/* A copy that ends where the input ends, aligned for any type. */
static inline void *bytes_of(const uint8_t *data, size_t size)
{
        void *bytes = malloc(size > 0 ? size : 1);

        must(bytes != NULL);
        if (size > 0)
                memcpy(bytes, data, size);
        return bytes;
}

/* The next byte of an input; 0 when it is at its end. */
static inline uint8_t next_byte(const uint8_t **data, size_t *size)
{
        if (*size == 0)
                return 0;
        (*size)--;
        return *(*data)++;
}

#endif
