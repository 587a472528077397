/* Owns: from JSON values to wishes. What a value must be, the library's field tables say. */
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

void wish_wrong(struct wrongs *w, const char *field, const char *message)
{
        struct wrong *at = &w->at[w->count];

        if (w->count == sizeof(w->at) / sizeof(w->at[0]))
                return;
        *at = (struct wrong){ .message = message };
        snprintf(at->field, sizeof(at->field), "%s", field);
        text_clean(at->field); /* it may have been cut in a character */
        w->count++;
}

static void add_err(struct wrongs *w, const char *field, pic_error *err)
{
        size_t before = w->count;

        wish_wrong(w, field, NULL);
        if (w->count > before)
                w->at[before].err = err;
        else
                pic_error_free(err);
}

/* One value as text; NULL: it is none. */
static char *scalar(const json_t *value)
{
        char number[32];

        if (json_is_string(value))
                return strdup(json_string_value(value));
        if (json_is_boolean(value))
                return strdup(json_is_true(value) ? "yes" : "no");
        if (!json_is_integer(value))
                return NULL;
        snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
        return strdup(number);
}

/* One of several texts, in quotes: it may have commas. */
static void put_quoted(FILE *out, const char *item)
{
        int quoted = item[0] == '"';

        if (!quoted)
                putc('"', out);
        for (; *item != '\0'; item++) {
                if (!quoted && *item == '"')
                        putc('\\', out);
                putc(*item, out);
                if (*item == '\\' && item[1] != '\0')
                        putc(*++item, out);
        }
        if (!quoted)
                putc('"', out);
}

/* A list, with commas between its items, which hold none themselves unless they are texts of names. */
static char *joined(const json_t *list, int texts)
{
        char *text = NULL;
        size_t size = 0, i;
        FILE *out = open_memstream(&text, &size);
        int bad = out == NULL;

        for (i = 0; !bad && i < json_array_size(list); i++) {
                char *item = scalar(json_array_get(list, i));

                bad = item == NULL || (!texts && strchr(item, ',') != NULL);
                if (!bad && i > 0)
                        putc(',', out);
                if (!bad && texts)
                        put_quoted(out, item);
                else if (!bad)
                        fputs(item, out);
                wipe(item, item != NULL ? strlen(item) : 0);
        }
        if (out != NULL)
                bad |= fclose(out) != 0;
        if (!bad)
                return text;
        wipe(text, size);
        return NULL;
}

enum { NO_LIST, LIST, TEXTS };

static int takes_list(const char *kind, const char *field)
{
        size_t i;

        for (i = 0; i < pic_field_count(kind); i++)
                if (strcmp(pic_field_name(kind, i), field) == 0)
                        return (pic_field_flags(kind, i) & PIC_FIELD_LIST) == 0 ? NO_LIST
                               : strcmp(pic_field_type(kind, i), "txt") == 0    ? TEXTS
                                                                                : LIST;
        return LIST; /* an unknown one: the library says so */
}

void wish_field(pic_edit *edit, const char *kind, const char *name, const char *field, const json_t *value,
                struct wrongs *w)
{
        pic_error *err = NULL;
        char *text;
        int r;

        if (json_is_null(value)) {
                if (pic_edit_unset(edit, kind, name, field, &err) < 0)
                        add_err(w, field, err);
                return;
        }
        if (json_is_array(value) && !takes_list(kind, field)) {
                wish_wrong(w, field, "must be one value, not a list");
                return;
        }
        text = json_is_array(value) ? joined(value, takes_list(kind, field) == TEXTS) : scalar(value);
        if (text == NULL) {
                wish_wrong(w, field,
                           "must be a text, a whole number, true or false, or a list of these without commas");
                return;
        }
        r = pic_edit_set(edit, kind, name, field, text, &err);
        wipe(text, strlen(text));
        if (r < 0)
                add_err(w, field, err);
}

static int is_in(const char *const *list, const char *word)
{
        for (; list != NULL && *list != NULL; list++)
                if (strcmp(*list, word) == 0)
                        return 1;
        return 0;
}

void wish_fields(pic_edit *edit, const char *kind, const char *name, const json_t *fields, const char *const *skip,
                 struct wrongs *w)
{
        const char *key;
        json_t *value;

        json_object_foreach((json_t *)(uintptr_t)fields, key, value) if (!is_in(skip, key))
                wish_field(edit, kind, name, key, value, w);
}
