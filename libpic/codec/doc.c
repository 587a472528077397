/* Owns: reading of the finished tree, and the places in errors about it. */
#include "codec/doc.h"

#include <string.h>

#include "codec/build.h"

pic__doc *pic__doc_unref(pic__doc *d)
{
        if (d == NULL)
                return NULL;
        pic__arena_wipe(&d->arena); /* an answer of the agent may hold a private key */
        pic__free(d);
        return NULL;
}

const pic__node *pic__doc_root(const pic__doc *d)
{
        return d->root;
}

const char *pic__doc_name(const pic__doc *d)
{
        return d->name;
}

const pic__node *pic__node_get(const pic__node *map, const char *key)
{
        const pic__node *n;

        if (map == NULL || map->type != PIC__N_MAP)
                return NULL;
        for (n = map->first; n != NULL; n = n->next)
                if (strcmp(n->key, key) == 0)
                        return n;
        return NULL;
}

static int place_at(const pic__doc *d, pic__place at, pic_error **err)
{
        int r;

        if (at.line != 0)
                r = pic__prefix_msg(err, "%s:%u:%u: ", d->name, at.line, at.column);
        else
                r = pic__prefix_msg(err, "%s: ", d->name);
        pic__place_put(err, d->name, at);
        return r;
}

int pic__doc_place(const pic__doc *d, const pic__node *n, pic_error **err)
{
        return place_at(d, n != NULL ? (pic__place){ n->line, n->column } : (pic__place){ 0, 0 }, err);
}

int pic__doc_place_key(const pic__doc *d, const pic__node *n, pic_error **err)
{
        return place_at(d, (pic__place){ n->key_line, n->key_column }, err);
}
