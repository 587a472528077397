/* Owns: settings of the kernel that we change. The record of what they were (record.c) is written before the setting
 * is, so that whatever happens in between can be taken back.
 *
 * Turning forwarding on has side effects that are remembered too: it sets the same for every device, it turns redirects
 * off, and (IPv6) makes the host deaf for router advertisements, by which it may have its own default route. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/route/record.h"

#define REDIRECTS4 "net.ipv4.conf.all.accept_redirects"

enum { PROTO_RA = 9 };

struct sides {
        pic__formers *all;
        const char *owner;
        pic_error **err;
};

/* Each device's, so that one which differs from the common one has that again when the common one is given back; and
 * so that those are known from which nothing was passed on before (closed.c). */
static int on_forwarding(const char *key, const char *device, void *data)
{
        struct sides *s = data;
        char value[32];

        if (strcmp(device, "all") == 0 || pic__procsys_read(key, value, sizeof(value), NULL) < 0)
                return 0;
        return pic__formers_put(s->all, key, value, s->owner, s->err);
}

/* A device by which the host got its default route from a router goes on listening to it (accept_ra=2). */
static int keep_router(pic__route *b, struct sides *s, pic__formers *writes)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes routes = PIC__VEC_INIT;
        PIC__AUTO(pic__route_links_free) pic__route_links links = PIC__VEC_INIT;
        char key[96], name[IFNAMSIZ], value[32], *dot;
        size_t i;
        int r = pic__route_get_routes(&b->nl, PROTO_RA, &routes, s->err);

        if (r == 0 && routes.count > 0)
                r = pic__route_get_links(&b->nl, &links, s->err);
        for (i = 0; r >= 0 && i < routes.count; i++) {
                const pic__route_link *link = pic__route_link_at(&links, routes.at[i].index);

                if (routes.at[i].to.len != 0 || routes.at[i].to.addr.family != 6 || link == NULL || link->ours)
                        continue;
                snprintf(name, sizeof(name), "%s", link->name);
                while ((dot = strchr(name, '.')) != NULL)
                        *dot = '/';
                snprintf(key, sizeof(key), "net.ipv6.conf.%s.accept_ra", name);
                if (pic__procsys_read(key, value, sizeof(value), NULL) < 0 || strcmp(value, "1") != 0)
                        continue;
                r = pic__formers_put(s->all, key, value, s->owner, s->err);
                if (r == 0)
                        r = pic__formers_put(writes, key, "2", s->owner, s->err);
        }
        return r;
}

/* Remembers what setting `key` changes besides; `writes` gets what is to be set first. */
static int side_effects(pic__route *b, const char *key, pic__formers *all, pic__formers *writes, pic_error **err)
{
        struct sides s = { all, key, err };
        char value[32];
        int r = 0;

        if (strcmp(key, PIC__FORWARD4) == 0) {
                if (pic__procsys_read(REDIRECTS4, value, sizeof(value), NULL) == 0)
                        r = pic__formers_put(all, REDIRECTS4, value, key, err);
                return r < 0 ? r : pic__procsys_each(4, "forwarding", on_forwarding, &s, err);
        }
        if (strcmp(key, PIC__FORWARD6) == 0) {
                r = pic__procsys_each(6, "forwarding", on_forwarding, &s, err);
                return r < 0 ? r : keep_router(b, &s, writes);
        }
        return 0;
}

static int hold(pic__route *b, const char *key, const char *value, pic_error **err)
{
        pic__route_held h;
        size_t i;

        snprintf(h.key, sizeof(h.key), "%s", key);
        snprintf(h.value, sizeof(h.value), "%s", value);
        for (i = 0; i < b->held.count; i++) {
                if (strcmp(b->held.at[i].key, key) == 0) {
                        b->held.at[i] = h;
                        return 0;
                }
        }
        return pic__vec_push(&b->held, h) < 0 ? pic__nomem(err) : 0;
}

static void let_go(pic__route *b, const char *key)
{
        size_t i;

        for (i = 0; i < b->held.count; i++)
                if (strcmp(b->held.at[i].key, key) == 0)
                        b->held.at[i--] = b->held.at[--b->held.count];
}

static int set_value(pic__route *b, const char *key, const char *value, pic_error **err)
{
        char now[32];
        int r = pic__procsys_read(key, now, sizeof(now), err);

        if (r < 0)
                return r;
        /* Writing what is there is not nothing: for some settings it has side effects. */
        if (strcmp(now, value) != 0)
                r = pic__procsys_write(key, value, err);
        return r < 0 ? r : hold(b, key, value, err);
}

/* Gives back one setting with all that was changed for it; the setting first, since it overwrites the others. */
static int give_back(pic__route *b, pic__formers *all, const char *key, pic_error **err)
{
        const pic__former *own = pic__formers_find(all, key);
        size_t i, kept = 0;
        char now[32];
        int r = 0;

        if (own != NULL && pic__procsys_read(key, now, sizeof(now), NULL) == 0 && strcmp(now, own->value) != 0)
                r = pic__procsys_write(key, own->value, err);
        if (r < 0)
                return r;
        for (i = 0; i < all->count; i++) {
                const pic__former *f = &all->at[i];

                if (strcmp(f->owner, key) != 0)
                        all->at[kept++] = *f;
                else if (f != own)
                        (void)pic__procsys_write(f->key, f->value, NULL); /* its device may be gone */
        }
        all->count = kept;
        let_go(b, key);
        return pic__formers_save(b, all, err);
}

static int add(pic__route *b, pic__formers *all, const pic__item *item, pic_error **err)
{
        PIC__AUTO(pic__formers_free) pic__formers writes = PIC__VEC_INIT;
        char former[32];
        size_t i;
        int r = pic__procsys_read(item->key, former, sizeof(former), err);

        if (r == 0)
                r = pic__formers_put(all, item->key, former, item->key, err);
        if (r == 0 && strcmp(former, item->value) != 0)
                r = side_effects(b, item->key, all, &writes, err);
        if (r == 0)
                r = pic__formers_save(b, all, err);
        if (r < 0)
                return r;
        for (i = 0; r == 0 && i < writes.count; i++)
                r = pic__procsys_write(writes.at[i].key, writes.at[i].value, err);
        if (r == 0)
                r = set_value(b, item->key, item->value, err);
        if (r < 0)
                (void)give_back(b, all, item->key, NULL);
        return r;
}

int pic__route_sysctl_step(pic__route *b, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        PIC__AUTO(pic__formers_free) pic__formers all = PIC__VEC_INIT;
        int r = pic__formers_load(b->record_path, &all, err), held;

        if (r < 0)
                return r;
        held = pic__formers_find(&all, item->key) != NULL;
        if (step->verb == PIC__ADD && held)
                return pic__fail(err, PIC_CONFLICT, "the kernel setting %s is held already", item->key);
        if (step->verb != PIC__ADD && !held)
                return pic__fail(err, PIC_NOTFOUND, "the kernel setting %s is not held", item->key);
        if (step->verb == PIC__REMOVE)
                return give_back(b, &all, item->key, err);
        if (item->value[0] == '\0' || strlen(item->value) >= sizeof(b->held.at[0].value) ||
            strpbrk(item->value, " \t\n") != NULL)
                return pic__fail(err, PIC_INVALID, "'%s' is no value of the kernel setting %s", item->value, item->key);
        return step->verb == PIC__ADD ? add(b, &all, item, err) : set_value(b, item->key, item->value, err);
}

int pic__route_sysctl_observe(pic__route *b, pic__items *out, pic_error **err)
{
        PIC__AUTO(pic__formers_free) pic__formers all = PIC__VEC_INIT;
        size_t i;
        int r = pic__formers_load(b->record_path, &all, err);

        b->held.count = 0;
        for (i = 0; r == 0 && i < all.count; i++) {
                char value[32];

                if (strcmp(all.at[i].key, all.at[i].owner) != 0 ||
                    pic__procsys_read(all.at[i].key, value, sizeof(value), NULL) < 0)
                        continue;
                r = hold(b, all.at[i].key, value, err);
                if (r == 0)
                        r = pic__items_add(out, PIC__I_ROUTE_SYSCTL, all.at[i].key, value, NULL, NULL, err);
        }
        return r;
}

int pic__route_sysctl_give_back(pic__route *b, pic_error **err)
{
        PIC__AUTO(pic__formers_free) pic__formers all = PIC__VEC_INIT;
        int r = pic__formers_load(b->record_path, &all, err);

        while (r == 0 && all.count > 0) {
                char key[96];

                snprintf(key, sizeof(key), "%s", all.at[0].owner);
                r = give_back(b, &all, key, err);
        }
        return r;
}

int pic__route_sysctl_drifted(pic__route *b)
{
        char value[32];
        size_t i;

        for (i = 0; i < b->held.count; i++)
                if (pic__procsys_read(b->held.at[i].key, value, sizeof(value), NULL) == 0 &&
                    strcmp(value, b->held.at[i].value) != 0)
                        return 1;
        return 0;
}
