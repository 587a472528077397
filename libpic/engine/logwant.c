/* Owns: the filter. A block of lines is looked through as a whole first, so that lines without what is sought are never
 * taken apart. */
#include "engine/logwant.h"

#include <stdio.h>
#include <string.h>

void pic__log_fold(const char *from, size_t len, char *to)
{
        size_t i;

        for (i = 0; i < len; i++)
                to[i] = (char)(from[i] + (((unsigned char)(from[i] - 'A') < 26) << 5));
}

static int is_letter(char c)
{
        return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static int has_word(const char *line, size_t len, const char *word)
{
        const char *at = line, *end = line + len;
        size_t n = strlen(word);

        while (n > 0 && (at = memmem(at, (size_t)(end - at), word, n)) != NULL) {
                if ((at == line || !is_letter(at[-1])) && (at + n == end || !is_letter(at[n])))
                        return 1;
                at++;
        }
        return 0;
}

static int has_text(const pic__logwant *w, const char *hay, size_t len)
{
        return w->text == NULL || memmem(hay, len, w->text, w->text_len) != NULL;
}

/* Wanted for who wrote it, whatever is said. */
static int is_by(const pic__logwant *w, const pic__logwriter *by)
{
        return (w->word_count == 0 && w->slot == 0) || (w->slot != 0 && by->slot == w->slot);
}

int pic__logwant_any(const pic__logwant *w, const pic__logwriter *by, const char *raw, const char *hay, size_t len)
{
        char name[16];
        size_t i;

        if (!has_text(w, hay, len))
                return 0;
        if (is_by(w, by))
                return 1;
        for (i = 0; i < w->word_count; i++)
                if (memmem(raw, len, w->words[i], strlen(w->words[i])) != NULL)
                        return 1;
        snprintf(name, sizeof(name), "exit%u-", w->slot);
        return w->slot != 0 && memmem(raw, len, name, strlen(name)) != NULL;
}

static int is_about(const pic__logwant *w, const pic__logwriter *by, const pic__logline *line, const char *raw,
                    size_t len)
{
        pic__logwriter from;
        char name[32];
        size_t i;

        if (is_by(w, by))
                return 1;
        for (i = 0; i < w->word_count; i++)
                if (has_word(raw, len, w->words[i]))
                        return 1;
        if (w->slot == 0 || line->from_len == 0 || line->from_len >= sizeof(name))
                return 0;
        memcpy(name, line->from, line->from_len); /* the agent about such a program */
        name[line->from_len] = '\0';
        pic__logwriter_make(name, &from);
        return from.slot == w->slot;
}

static int is_area(const pic__logwant *w, const pic__logwriter *by, const pic__logline *line)
{
        return w->area == NULL || strcmp(line->area, w->area) == 0 ||
               (strcmp(w->area, "agent") == 0 && strcmp(by->name, "agent") == 0);
}

int pic__logwant_is(const pic__logwant *w, const pic__logwriter *by, const pic__logline *line, const char *raw,
                    const char *hay, size_t len)
{
        return line->level <= w->level && is_area(w, by, line) && has_text(w, hay, len) &&
               is_about(w, by, line, raw, len);
}
