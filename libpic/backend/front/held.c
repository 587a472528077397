/* Owns: items as they were applied: of a certificate the key, which haproxy tells nobody, and all of them while there
 * is no haproxy to hold them. */
#include <string.h>

#include "backend/front/inside.h"

static void drop(pic__front_held *h)
{
        pic__free(h->key);
        pic__free(h->value);
        if (h->secret != NULL)
                explicit_bzero(h->secret, h->secret_len);
        pic__free(h->secret);
}

pic__front_held *pic__front_held_find(pic__front *b, enum pic__item_kind kind, const char *key)
{
        size_t i;

        for (i = 0; i < b->held.count; i++)
                if (b->held.at[i].kind == kind && strcmp(b->held.at[i].key, key) == 0)
                        return &b->held.at[i];
        return NULL;
}

int pic__front_hold(pic__front *b, const pic__item *item, pic_error **err)
{
        pic__front_held h = { item->kind, pic__strdup(item->key), pic__strdup(item->value), NULL, item->secret_len };
        pic__front_held *old = pic__front_held_find(b, item->kind, item->key);

        if (item->secret != NULL)
                h.secret = pic__memdup(item->secret, item->secret_len);
        if (h.key == NULL || h.value == NULL || (item->secret != NULL && h.secret == NULL) ||
            (old == NULL && pic__vec_push(&b->held, h) < 0)) {
                drop(&h);
                return pic__nomem(err);
        }
        if (old != NULL) {
                drop(old);
                *old = h;
        }
        return 0;
}

void pic__front_let_go(pic__front *b, enum pic__item_kind kind, const char *key)
{
        pic__front_held *h = pic__front_held_find(b, kind, key);

        if (h == NULL)
                return;
        drop(h);
        *h = b->held.at[--b->held.count];
}

void pic__front_let_all_go(pic__front *b)
{
        size_t i;

        for (i = 0; i < b->held.count; i++)
                drop(&b->held.at[i]);
        pic__vec_free(&b->held);
}

int pic__front_held_tell(const pic__front *b, pic__items *out, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < b->held.count; i++) {
                const pic__front_held *h = &b->held.at[i];
                const pic__item item = { h->kind, h->key, h->value, h->secret, h->secret_len, NULL };

                r = pic__items_add_long(out, &item, err);
        }
        return r;
}
