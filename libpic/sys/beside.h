/* Programs of our own that are run and not found in PATH. */
#ifndef PIC_SYS_BESIDE_H
#define PIC_SYS_BESIDE_H

#include "base/mem.h"

/* Beside the running program (in the tree), in PREFIX/libexec/pic of it or of the library, or as it was built to be
 * installed. The caller
 * frees; NULL: it is nowhere. */
char *pic__beside_find(const char *program);

#endif
