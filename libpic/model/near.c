/* Owns: nearness of words: optimal string alignment distance without regard to letter case, one row kept for each of
 * the last two steps. Words over 64 bytes are near to nothing. */
#include "model/near.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "model/text.h"

#define WORD_MAX 64

static unsigned least(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

static int same(char a, char b)
{
        return pic__lower(a) == pic__lower(b) || (strchr("-_", a) != NULL && strchr("-_", b) != NULL);
}

static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
        unsigned rows[3][WORD_MAX + 1];
        unsigned *two = rows[0], *one = rows[1], *now = rows[2], *spare;
        size_t i, j;

        for (j = 0; j <= nb; j++)
                one[j] = two[j] = (unsigned)j;
        for (i = 1; i <= na; i++) {
                now[0] = (unsigned)i;
                for (j = 1; j <= nb; j++) {
                        now[j] = one[j - 1] + !same(a[i - 1], b[j - 1]);
                        now[j] = least(now[j], least(one[j], now[j - 1]) + 1);
                        if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                                now[j] = least(now[j], two[j - 2] + 1);
                }
                spare = two;
                two = one;
                one = now;
                now = spare;
        }
        return one[nb];
}

void pic__near_try(pic__near *n, const char *candidate)
{
        size_t na = strnlen(n->word, WORD_MAX + 1), nb = strnlen(candidate, WORD_MAX + 1), at;
        unsigned d;

        if (na == 0 || na > WORD_MAX || nb > WORD_MAX)
                return;
        if ((na > nb ? na - nb : nb - na) > 1 + na / 5) /* the distance is that at least */
                return;
        d = distance(n->word, na, candidate, nb);
        if (d > 1 + na / 5)
                return;
        for (at = 0; at < n->count && n->distance[at] <= d; at++)
                ;
        if (at == PIC__NEAR_WORDS)
                return;
        if (n->count < PIC__NEAR_WORDS)
                n->count++;
        memmove(n->distance + at + 1, n->distance + at, (n->count - 1 - at) * sizeof(n->distance[0]));
        memmove(n->best + at + 1, n->best + at, (n->count - 1 - at) * sizeof(n->best[0]));
        n->distance[at] = d;
        snprintf(n->best[at], sizeof(n->best[at]), "%s", candidate);
}

void pic__near_hint(const pic__near *n, const char *otherwise, pic_error **err)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        size_t i;

        if (n->count == 0) {
                if (otherwise != NULL)
                        pic__hint(err, "%s", otherwise);
                return;
        }
        for (i = 0; i < n->count; i++)
                pic__buf_putf(&b, "%s'%s'", i == 0 ? "did you mean " : i + 1 < n->count ? ", " : " or ", n->best[i]);
        pic__buf_putc(&b, '?');
        if (!b.failed)
                pic__hint(err, "%s", pic__buf_str(&b));
}
