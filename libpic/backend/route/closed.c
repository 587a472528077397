/* Owns: which devices this host passed nothing on from before forwarding was turned on for the cell. The kernel has one
 * switch for all of them (for IPv6 really only one), so turning it on makes a router of a host that was none: whoever
 * is on one of its links could reach the others through it. The firewall keeps that as it was. */
#include <stdlib.h>
#include <string.h>

#include "backend/route/record.h"
#include "sys/file.h"

typedef struct name {
        char text[IFNAMSIZ];
} name;

typedef PIC__VEC(name) names;

static void names_free(names *n)
{
        pic__vec_free(n);
}

static int by_text(const void *a, const void *b)
{
        return strcmp(((const name *)a)->text, ((const name *)b)->text);
}

static int add(names *all, const char *device, size_t len)
{
        static const char *const none[] = { "all", "default", "lo" };
        name n = { "" };
        size_t i;

        if (len == 0 || len >= sizeof(n.text))
                return 0;
        memcpy(n.text, device, len);
        for (i = 0; i < PIC__COUNT(none); i++)
                if (strcmp(n.text, none[i]) == 0)
                        return 0;
        return pic__vec_push(all, n) < 0 ? PIC_NOMEM : 0;
}

/* "net.ipv4.conf.<device>.forwarding" of the record; a dot inside the name is written '/'. */
static int add_former(names *all, const pic__former *f, int family)
{
        const char *leaf = strrchr(f->key, '.'), *device = f->key + sizeof("net.ipv4.conf.") - 1;
        size_t first = all->count;
        char *slash;
        int r;

        if (strncmp(f->key, family == 4 ? "net.ipv4.conf." : "net.ipv6.conf.", 14) != 0 || leaf == NULL ||
            strcmp(leaf, ".forwarding") != 0 || leaf < device || strcmp(f->value, "0") != 0)
                return 0;
        r = add(all, device, (size_t)(leaf - device));
        if (r == 0 && all->count > first)
                while ((slash = strchr(all->at[first].text, '/')) != NULL)
                        *slash = '.';
        return r;
}

static int as_now(const char *key, const char *device, void *data)
{
        char value[32];

        if (pic__procsys_read(key, value, sizeof(value), NULL) < 0 || strcmp(value, "0") != 0)
                return 0;
        return add(data, device, strlen(device));
}

/* As the record says when we hold the switch; else as it is, since nobody turned it on for us. */
static int gather(const pic__formers *record, int family, names *all, pic_error **err)
{
        const char *switch_key = family == 4 ? PIC__FORWARD4 : PIC__FORWARD6;
        const pic__former *held = pic__formers_find(record, switch_key);
        char value[32];
        size_t i;
        int r = 0;

        if (held == NULL && pic__procsys_read(switch_key, value, sizeof(value), NULL) < 0)
                return 0; /* a kernel without this family */
        if (strcmp(held != NULL ? held->value : value, "0") != 0)
                return 0;
        if (held == NULL) {
                r = pic__procsys_each(family, "forwarding", as_now, all, err);
                return r == PIC_NOMEM ? pic__nomem(err) : r;
        }
        for (i = 0; r == 0 && i < record->count; i++)
                if (strcmp(record->at[i].owner, switch_key) == 0)
                        r = add_former(all, &record->at[i], family);
        return r < 0 ? pic__nomem(err) : 0;
}

int pic__route_closed(const char *run_dir, int (*fn)(int family, const char *device, void *data), void *data,
                      pic_error **err)
{
        pic__auto_free char *path = pic__path_join(run_dir, PIC__ROUTE_RECORD);
        PIC__AUTO(pic__formers_free) pic__formers record = PIC__VEC_INIT;
        size_t i;
        int family, r;

        if (path == NULL)
                return pic__nomem(err);
        r = pic__formers_load(path, &record, err);
        for (family = 4; r == 0 && family <= 6; family += 2) {
                PIC__AUTO(names_free) names all = PIC__VEC_INIT;

                r = gather(&record, family, &all, err);
                if (all.count > 1)
                        qsort(all.at, all.count, sizeof(all.at[0]), by_text);
                for (i = 0; r == 0 && i < all.count; i++)
                        r = fn(family, all.at[i].text, data);
        }
        return r;
}
