/* Small judgements on text that every parser of this room shares. ASCII only: the locale does not matter. */
#ifndef PIC_MODEL_TEXT_H
#define PIC_MODEL_TEXT_H

#include <stddef.h>

static inline char pic__lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline int pic__is_alnum(char c)
{
        char l = pic__lower(c);

        return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

static inline int pic__is_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

int pic__same_name(const char *a, const char *b); /* 1 when equal but for letter case */
/* Lower case into `out`; -1 when it does not fit (out is then cut). */
int pic__fold(const char *text, char *out, size_t size);
/* A whole decimal number: no sign, no leading zero, nothing behind it. 0, or -1. */
int pic__decimal(const char *text, long min, long max, long *ret);

/* Names of peers, groups and services: NULL, or the rule that it breaks (static text). See README. */
const char *pic__name_rule(const char *text);

#endif
