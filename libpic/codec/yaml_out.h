/* Writing one YAML scalar so that any YAML reader gets the same text back: plain where nobody can misread it, else in
 * double quotes. */
#ifndef PIC_CODEC_YAML_OUT_H
#define PIC_CODEC_YAML_OUT_H

#include "base/buf.h"

enum {
        PIC__YAML_VALUE,
        PIC__YAML_TEXT
}; /* a value whose type may show (51820, 10.1.0.2); a text, quoted when it looks like something else */

void pic__yaml_put(pic__buf *out, const char *text, int what);

#endif
