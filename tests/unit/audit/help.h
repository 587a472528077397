/* What the tests of this room share: RFC 6962's examples as Certificate Transparency's reference code has them. */
#ifndef TESTS_UNIT_AUDIT_HELP_H
#define TESTS_UNIT_AUDIT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "audit/tree.h"
#include "base/mem.h"
#include "sys/crypto.h"

static inline int leaf_of(uint64_t i, uint8_t out[32], void *data)
{
        static const struct {
                const char *bytes;
                size_t len;
        } inputs[8] = { { "", 0 },
                        { "\0", 1 },
                        { "\x10", 1 },
                        { "\x20\x21", 2 },
                        { "\x30\x31", 2 },
                        { "\x40\x41\x42\x43", 4 },
                        { "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
                        { "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 } };
        uint64_t n = i;

        (void)data;
        if (i < 8)
                pic__leaf_hash(inputs[i].bytes, inputs[i].len, out);
        else
                pic__leaf_hash(&n, sizeof(n), out);
        return 0;
}

static inline void root_of(uint64_t size, uint8_t root[32])
{
        pic__tree t = { .size = 0 };
        uint64_t i;

        for (i = 0; i < size; i++) {
                uint8_t leaf[32];

                (void)leaf_of(i, leaf, NULL);
                pic__tree_append(&t, leaf);
        }
        pic__tree_root(&t, root);
}

#endif
