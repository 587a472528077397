/* A tree as one line, for comparing: {a:'x',b:[1,~]}; quoted scalars in '', plain ones bare. */
#ifndef PIC_TEST_DUMP_H
#define PIC_TEST_DUMP_H

#include "base/buf.h"
#include "codec/doc.h"

static inline void dump(const pic__node *n, pic__buf *out)
{
        const pic__node *c;

        if (n->type == PIC__N_NULL) {
                pic__buf_puts(out, "~");
        } else if (n->type == PIC__N_SCALAR) {
                pic__buf_putf(out, n->quoted ? "'%s'" : "%s", n->text);
        } else {
                pic__buf_putc(out, n->type == PIC__N_MAP ? '{' : '[');
                for (c = n->first; c != NULL; c = c->next) {
                        if (c != n->first)
                                pic__buf_putc(out, ',');
                        if (c->key != NULL)
                                pic__buf_putf(out, "%s:", c->key);
                        dump(c, out);
                }
                pic__buf_putc(out, n->type == PIC__N_MAP ? '}' : ']');
        }
}

#endif
