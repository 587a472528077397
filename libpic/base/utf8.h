/* UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF. */
#ifndef PIC_BASE_UTF8_H
#define PIC_BASE_UTF8_H

#include <stddef.h>

size_t pic__utf8_len(const char *text); /* bytes of the character that starts here; 0 if it is malformed or NUL */
/* How many of the first bytes are whole characters. Reads `len` bytes at most, no NUL byte needed after them; one
 * inside ends it. */
size_t pic__utf8_span(const char *text, size_t len);
int pic__utf8_valid(const char *text, size_t len); /* all of them */
int pic__utf8_printable(
        const char *text); /* valid, and no control character (C0, DEL, C1), end of line (U+2028, U+2029) or change of
                              direction that reaches further (U+202A..U+202E, U+2066..U+2069) */

#endif
