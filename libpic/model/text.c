/* Owns: folding of letter case, plain numbers, and the rule of names. */
#include "model/text.h"

#include <string.h>

#include "model/net.h"

int pic__same_name(const char *a, const char *b)
{
        while (*a != '\0' && pic__lower(*a) == pic__lower(*b)) {
                a++;
                b++;
        }
        return pic__lower(*a) == pic__lower(*b);
}

int pic__fold(const char *text, char *out, size_t size)
{
        size_t i;

        for (i = 0; text[i] != '\0' && i + 1 < size; i++)
                out[i] = pic__lower(text[i]);
        out[i] = '\0';
        return text[i] == '\0' ? 0 : -1;
}

int pic__decimal(const char *text, long min, long max, long *ret)
{
        long n = 0;
        size_t i;

        if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
                return -1;
        for (i = 0; text[i] != '\0'; i++) {
                if (text[i] < '0' || text[i] > '9' || i >= 18)
                        return -1;
                n = n * 10 + (text[i] - '0');
        }
        if (n < min || n > max)
                return -1;
        *ret = n;
        return 0;
}

const char *pic__name_rule(const char *text)
{
        size_t i, label = 0;
        pic__addr addr;

        if (text[0] == '\0')
                return "must not be empty";
        for (i = 0; text[i] != '\0'; i++) {
                if (i >= 64)
                        return "must not be longer than 64 bytes";
                if (!pic__is_alnum(text[i]) && strchr("_-.", text[i]) == NULL)
                        return "must have only letters, digits, '_', '-' and '.'";
                label = text[i] == '.' ? 0 : label + 1;
                if (text[i] == '.' && text[i + 1] == '.')
                        return "must not have two dots in a row";
                if (label > 63)
                        return "must not have more than 63 bytes between two dots (a limit of DNS)";
        }
        if (!pic__is_alnum(text[0]) || !pic__is_alnum(text[i - 1]))
                return "must begin and end with a letter or digit";
        if (pic__addr_parse(text, &addr) == 0)
                return "must not look like an address";
        return NULL;
}
