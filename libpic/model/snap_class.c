/* Owns: classes: which rights a peer has, the class that stands for them, its number, and who grants what to whom. */
#include <stdlib.h>
#include <string.h>

#include "model/snap_impl.h"

#define NUMBERS 65535

static int add_grants(const char *access, pic__grants *out)
{
        char item[192];
        const char *rule;

        while (pic__list_next(&access, item, sizeof(item))) {
                pic__grant g;

                if (pic__grant_parse(item, &g, &rule) == 0 && pic__vec_push(out, g) < 0)
                        return -1;
        }
        return 0;
}

static int grant_order(const void *a, const void *b)
{
        return pic__grant_cmp(a, b);
}

int pic__rights_collect(const pic__snap *s, const pic_obj *peer, pic__grants *out, pic_error **err)
{
        const char *groups = pic__obj_text(peer, "groups");
        size_t i, n = 0;
        char name[80];
        int r = add_grants(pic__obj_text(peer, "access"), out);

        while (r == 0 && pic__list_next(&groups, name, sizeof(name))) {
                const pic__bucket *b = pic__bucket_find(s, name);

                if (b != NULL && b->group != NULL)
                        r = add_grants(pic__obj_text(b->group->o, "access"), out);
        }
        if (r < 0)
                return pic__nomem(err);
        if (out->count > 1)
                qsort(out->at, out->count, sizeof(out->at[0]), grant_order);
        for (i = 0; i < out->count; i++)
                if (n == 0 || pic__grant_cmp(&out->at[n - 1], &out->at[i]) != 0)
                        out->at[n++] = out->at[i];
        out->count = n;
        return 0;
}

static char *rights_text(const pic__grants *rights)
{
        pic__buf b = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < rights->count; i++) {
                if (i > 0)
                        pic__buf_putc(&b, ',');
                pic__grant_print(&rights->at[i], &b);
        }
        return pic__buf_steal(&b);
}

/* 1..65535, from the text, moved on while taken; 0 when all are. */
static uint16_t free_number(const pic__snap *s, const char *text)
{
        uint64_t h = pic__hash(text, strlen(text)) % NUMBERS;
        unsigned i;

        for (i = 0; i < NUMBERS; i++, h = (h + 1) % NUMBERS)
                if (pic__order_find(&s->classes, (int64_t)h + 1) == NULL)
                        return (uint16_t)(h + 1);
        return 0;
}

/* "peer:anna" for a grant that names somebody; length 0 for others. */
static size_t target_of(const pic__grant *g, char text[80])
{
        const char *word = g->to == PIC__TO_PEER ? "peer:" : "group:";

        if (g->to != PIC__TO_PEER && g->to != PIC__TO_GROUP)
                return 0;
        strcpy(text, word);
        strcat(text, g->name);
        return strlen(text);
}

static void reach_remove(pic__snap *s, const pic__class_rec *c)
{
        char target[80];
        size_t i, len;

        for (i = 0; i < c->pub.count; i++) {
                pic__reach *r;

                len = target_of(&c->grants[i], target);
                r = len > 0 ? pic__map_get(&s->reaches, target, len) : NULL;
                if (r == NULL)
                        continue;
                pic__order_drop(&r->classes, c->pub.number);
                if (r->classes.live > 0)
                        continue;
                pic__map_remove(&s->reaches, target, len);
                pic__order_free(&r->classes);
                pic__free(r);
        }
}

static int reach_one(pic__snap *s, pic__class_rec *c, const pic__grant *g)
{
        char target[80];
        size_t len = target_of(g, target);
        pic__reach *r;

        if (len == 0)
                return 0;
        r = pic__map_get(&s->reaches, target, len);
        if (r == NULL) {
                r = pic__alloc(sizeof(*r));
                if (r == NULL)
                        return -1;
                memcpy(r->target, target, len + 1);
                if (pic__map_set(&s->reaches, r->target, len, r) < 0) {
                        pic__free(r);
                        return -1;
                }
        }
        if (pic__order_reserve(&r->classes) < 0)
                return -1; /* an empty one is swept by reach_remove() */
        pic__order_put(&r->classes, c->pub.number, c);
        return 0;
}

static int reach_add(pic__snap *s, pic__class_rec *c)
{
        size_t i;

        for (i = 0; i < c->pub.count; i++)
                if (reach_one(s, c, &c->grants[i]) < 0) {
                        reach_remove(s, c);
                        return -1;
                }
        return 0;
}

void pic__class_free(pic__class_rec *c)
{
        pic__free(c->text);
        pic__free(c->grants);
        pic__free(c);
}

static int class_register(pic__snap *s, pic__class_rec *c)
{
        if (pic__order_reserve(&s->classes) < 0 || reach_add(s, c) < 0)
                return -1;
        if (pic__map_set(&s->rights, c->text, strlen(c->text), c) < 0) {
                reach_remove(s, c);
                return -1;
        }
        pic__order_put(&s->classes, c->pub.number, c);
        return 0;
}

/* Takes text and grants when it succeeds. */
static int class_new(pic__snap *s, char **text, pic__grants *rights, pic__class_rec **ret, pic_error **err)
{
        uint16_t number = free_number(s, *text);
        pic__class_rec *c;

        if (number == 0)
                return pic__fail(err, PIC_CONFLICT, "more than %d different sets of rights", NUMBERS);
        c = pic__alloc(sizeof(*c));
        if (c == NULL)
                return pic__nomem(err);
        c->text = pic__take(*text);
        c->grants = pic__take(rights->at);
        c->pub = (pic__class){ .number = number, .rights = c->text, .grants = c->grants, .count = rights->count };
        rights->count = rights->room = 0;
        if (class_register(s, c) < 0) {
                pic__class_free(c);
                return pic__nomem(err);
        }
        *ret = c;
        return 0;
}

int pic__class_join(pic__snap *s, const pic_obj *peer, pic__class_rec **ret, pic_error **err)
{
        pic__grants rights = PIC__VEC_INIT;
        pic__auto_free char *text = NULL;
        pic__class_rec *c = NULL;
        int r;

        r = pic__rights_collect(s, peer, &rights, err);
        if (r == 0) {
                text = rights_text(&rights);
                r = text != NULL ? 0 : pic__nomem(err);
        }
        if (r == 0) {
                c = pic__map_get(&s->rights, text, strlen(text));
                if (c == NULL)
                        r = class_new(s, &text, &rights, &c, err);
        }
        pic__vec_free(&rights);
        if (r < 0)
                return r;
        c->pub.members++;
        *ret = c;
        return 0;
}

void pic__class_leave(pic__snap *s, pic__class_rec *c)
{
        if (c == NULL || --c->pub.members > 0)
                return;
        reach_remove(s, c);
        pic__map_remove(&s->rights, c->text, strlen(c->text));
        pic__order_drop(&s->classes, c->pub.number);
        pic__class_free(c);
}
