/* Words "name=value" in one line, with a blank between them, for items that have much to say. In a value every byte
 * that is no printable ASCII, and '%', '=' and blanks, stands as %xx: so any bytes but NUL can be said and the text is
 * canonical. */
#ifndef PIC_MODEL_WORDS_H
#define PIC_MODEL_WORDS_H

#include "base/buf.h"

/* Adds a word, and a blank before it unless `out` is empty or ends a line. */
void pic__word_put(pic__buf *out, const char *name, const char *value);
/* The value of a word of that name, unescaped, into `out` (which is cleared first). 1: there; 0: not; -1: the text is
 * malformed, or out of memory (out->failed). The first one counts. */
int pic__word_get(const char *text, const char *name, pic__buf *out);
/* The next word: name (cut to size) and value, unescaped. Start with *at = the text. 1; 0: the end; -1: malformed. */
int pic__word_next(const char **at, char *name, size_t size, pic__buf *value);

#endif
