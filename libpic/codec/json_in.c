/* Owns: values of a message by key. */
#include "codec/json_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *pic__node_str(const pic__node *map, const char *key, const char *otherwise)
{
        const pic__node *n = pic__node_get(map, key);

        return n != NULL && n->type == PIC__N_SCALAR ? n->text : otherwise;
}

int pic__node_int(const pic__node *map, const char *key, int64_t *ret)
{
        const pic__node *n = pic__node_get(map, key);
        char *end;
        long long value;

        if (n == NULL || n->type != PIC__N_SCALAR || n->quoted)
                return -1;
        errno = 0;
        value = strtoll(n->text, &end, 10);
        if (errno != 0 || end == n->text || *end != '\0')
                return -1;
        *ret = value;
        return 0;
}

int64_t pic__node_int_or(const pic__node *map, const char *key, int64_t otherwise)
{
        int64_t value = otherwise;

        (void)pic__node_int(map, key, &value);
        return value;
}

int pic__node_bool(const pic__node *map, const char *key, int otherwise)
{
        const pic__node *n = pic__node_get(map, key);

        if (n == NULL || n->type != PIC__N_SCALAR || n->quoted)
                return otherwise;
        if (strcmp(n->text, "true") == 0)
                return 1;
        return strcmp(n->text, "false") == 0 ? 0 : otherwise;
}

static const pic__node *of_type(const pic__node *map, const char *key, enum pic__node_type type)
{
        const pic__node *n = pic__node_get(map, key);

        return n != NULL && n->type == type ? n : NULL;
}

const pic__node *pic__node_map(const pic__node *map, const char *key)
{
        return of_type(map, key, PIC__N_MAP);
}

const pic__node *pic__node_list(const pic__node *map, const char *key)
{
        return of_type(map, key, PIC__N_LIST);
}

void pic__node_put(const pic__node *n, pic__json *j)
{
        const pic__node *one;

        if (n->type == PIC__N_NULL) {
                pic__json_null(j);
        } else if (n->type == PIC__N_SCALAR) {
                if (n->quoted)
                        pic__json_str(j, n->text);
                else
                        pic__json_raw(j, n->text);
        } else {
                pic__json_open(j, n->type == PIC__N_MAP ? '{' : '[');
                for (one = n->first; one != NULL; one = one->next) {
                        if (n->type == PIC__N_MAP)
                                pic__json_key(j, one->key);
                        pic__node_put(one, j);
                }
                pic__json_close(j, n->type == PIC__N_MAP ? '}' : ']');
        }
}
