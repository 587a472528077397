/* Owns: the items of a fake world, in memory and as text. */
#include "backend/fake/world.h"

#include <stdio.h>
#include <string.h>

#include "sys/crypto.h"

#define FIRST_LINE "pic fake world 1"
enum { FIELDS = 4, ID = 1024 };

/* Length of the id in `id`; 0 when the key is longer than any that plan makes. Needs no memory, so that looking cannot
 * fail. */
static size_t make_id(enum pic__item_kind kind, const char *key, char id[ID])
{
        int n = snprintf(id, ID, "%d %s", (int)kind, key);

        return n > 0 && n < ID ? (size_t)n : 0;
}

const pic__fake_item *pic__fake_find(const pic__fake_world *w, enum pic__item_kind kind, const char *key)
{
        char id[ID];
        size_t len = make_id(kind, key, id);

        return len > 0 ? pic__map_get(&w->items, id, len) : NULL;
}

static void drop(pic__fake_item *item)
{
        if (item == NULL)
                return;
        if (item->secret != NULL)
                pic__wipe(item->secret, item->secret_len);
        pic__free(item);
}

int pic__fake_set(pic__fake_world *w, const pic__item *item)
{
        size_t value_len = strlen(item->value), secret_len = item->secret != NULL ? item->secret_len : 0, len;
        pic__fake_item *old, *new;
        char id[ID];

        len = make_id(item->kind, item->key, id);
        new = len > 0 ? pic__alloc(sizeof(*new) + len + 1 + value_len + 1 + secret_len) : NULL;
        if (new == NULL)
                return -1;
        new->kind = item->kind;
        new->id = new->text;
        memcpy(new->id, id, len + 1);
        new->key = strchr(new->id, ' ') + 1;
        new->value = new->text + len + 1;
        memcpy(new->value, item->value, value_len + 1);
        if (secret_len > 0) {
                new->secret = (uint8_t *)new->value + value_len + 1;
                new->secret_len = secret_len;
                memcpy(new->secret, item->secret, secret_len);
        }
        old = pic__map_get(&w->items, new->id, len);
        if (pic__map_set(&w->items, new->id, len, new) < 0) {
                drop(new);
                return -1;
        }
        drop(old);
        return 0;
}

void pic__fake_unset(pic__fake_world *w, enum pic__item_kind kind, const char *key)
{
        char id[ID];
        size_t len = make_id(kind, key, id);

        if (len > 0)
                drop(pic__map_remove(&w->items, id, len));
}

void pic__fake_clear(pic__fake_world *w)
{
        size_t at = 0;
        pic__fake_item *item;

        while ((item = pic__map_next(&w->items, &at)) != NULL)
                drop(item);
        pic__map_free(&w->items);
}

int pic__fake_copy(const pic__fake_world *w, pic__items *out, pic_error **err)
{
        const pic__fake_item *item;
        size_t at = 0;
        int r = 0;

        while (r == 0 && (item = pic__map_next(&w->items, &at)) != NULL) {
                const pic__item one = { .kind = item->kind,
                                        .key = item->key,
                                        .value = item->value,
                                        .secret = item->secret,
                                        .secret_len = item->secret_len };

                r = pic__items_add_long(out, &one, err);
        }
        return r;
}

int pic__fake_print(const pic__fake_world *w, pic__buf *out, pic_error **err)
{
        pic__auto_items pic__items sorted = PIC__ITEMS_INIT;
        size_t i, at;
        int r = pic__fake_copy(w, &sorted, err);

        if (r < 0)
                return r;
        pic__items_sort(&sorted);
        pic__buf_puts(out, FIRST_LINE "\n");
        for (i = 0; i < sorted.count; i++) {
                const pic__item *s = &sorted.at[i];
                char hex[3];

                pic__buf_putf(out, "%s\t%s\t%s\t%s", pic__item_kinds[s->kind].name, s->key, s->value,
                              s->secret != NULL ? "" : "-");
                for (at = 0; s->secret != NULL && at < s->secret_len; at++) {
                        pic__hex(s->secret + at, 1, hex);
                        pic__buf_puts(out, hex);
                }
                pic__buf_putc(out, '\n');
        }
        return out->failed ? pic__nomem(err) : 0;
}

static int kind_of(const char *name)
{
        int k;

        for (k = 0; k < PIC__ITEM_KINDS; k++)
                if (strcmp(pic__item_kinds[k].name, name) == 0)
                        return k;
        return -1;
}

static int nibble(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place: the bytes are shorter than their text. */
static int parse_secret(char *hex, size_t *ret_len)
{
        uint8_t *secret = (uint8_t *)hex;
        size_t len = strlen(hex) / 2, i;

        if (len == 0 || hex[2 * len] != '\0')
                return -1;
        *ret_len = len;
        for (i = 0; i < len; i++) {
                int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

                if (high < 0 || low < 0)
                        return -1;
                secret[i] = (uint8_t)(high << 4 | low);
        }
        return 0;
}

/* 0; -1: no item; -2: out of memory. */
static int parse_line(pic__fake_world *w, char *line)
{
        char *field[FIELDS] = { line };
        pic__item item = { .kind = PIC__ITEM_KINDS };
        int i, kind;

        for (i = 1; i < FIELDS; i++) {
                field[i] = strchr(field[i - 1], '\t');
                if (field[i] == NULL)
                        return -1;
                *field[i]++ = '\0';
        }
        kind = kind_of(field[0]);
        if (kind < 0)
                return -1;
        item.kind = (enum pic__item_kind)kind;
        item.key = field[1];
        item.value = field[2];
        if (strcmp(field[3], "-") != 0) {
                if (parse_secret(field[3], &item.secret_len) < 0)
                        return -1;
                item.secret = (const uint8_t *)field[3];
        }
        return pic__fake_set(w, &item) < 0 ? -2 : 0;
}

int pic__fake_parse(pic__fake_world *w, char *text, const char *path, pic_error **err)
{
        char *line = text, *end;
        int number, r;

        for (number = 1; (end = strchr(line, '\n')) != NULL; number++) {
                *end = '\0';
                if (number == 1)
                        r = strcmp(line, FIRST_LINE) == 0 ? 0 : -1;
                else
                        r = parse_line(w, line);
                if (r == -2)
                        return pic__nomem(err);
                if (r < 0)
                        break;
                line = end + 1;
        }
        if (number > 1 && *line == '\0' && end == NULL)
                return 0;
        r = pic__fail(err, PIC_CORRUPT, "%s: line %d is no line of a fake world", path, number);
        pic__detail(err, "file", path);
        pic__detail_int(err, "line", number);
        pic__hint(err, "remove the file: the pretend kernel is then made again from the wishes");
        return r;
}
