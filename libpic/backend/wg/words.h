/* What wireguard-go wrote last: why it does not start. */
#ifndef PIC_BACKEND_WG_WORDS_H
#define PIC_BACKEND_WG_WORDS_H

#include <stddef.h>

/* The last line of its log, without the head that says when and of which device; "" when there is none. */
void pic__wg_last_words(const char *log_path, char *text, size_t size);

#endif
