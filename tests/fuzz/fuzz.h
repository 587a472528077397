/* What every target shares. A broken promise is an abort, which both libFuzzer and ctest see. */
#ifndef PIC_FUZZ_H
#define PIC_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(what)                                                                         \
        do {                                                                               \
                if (!(what)) {                                                             \
                        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
                        abort();                                                           \
                }                                                                          \
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

#endif
