/* Owns: what stands behind services: a server each in haproxy's one backend for them, added and taken out while it
 * runs. A server is called after all that it is ("nas_http_192.168.1.10_8080"), so one that changes is another one, and
 * to read their names is to read what they are. The map of servers says which one has a service; those that it does not
 * name are swept away when nobody uses them any more. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/front/inside.h"
#include "backend/front/socket.h"

#include <pic/log.h>

#define NAME_MAX_ 400
#define NOWHERE "nowhere"

/* "http/192.168.1.10/8080/nas.lan" taken apart. */
struct target {
        char how[16], address[PIC__ADDR_TEXT], port[8], host[256];
};

static int take(const char **at, char *to, size_t room)
{
        size_t n = strcspn(*at, "/");

        if (n == 0 || n >= room)
                return -1;
        memcpy(to, *at, n);
        to[n] = '\0';
        *at += n + ((*at)[n] == '/');
        return 0;
}

static int how_ok(const struct target *t)
{
        if (strcmp(t->how, "verified") == 0)
                return t->host[0] != '\0';
        return strcmp(t->how, "http") == 0 || strcmp(t->how, "https") == 0;
}

static int parts_ok(const struct target *t)
{
        pic__addr a;

        return how_ok(t) && pic__addr_parse(t->address, &a) == 0 &&
               (t->host[0] == '\0' || pic__front_name_ok(t->host)) && t->port[strspn(t->port, "0123456789")] == '\0';
}

static int parse(const pic__item *item, struct target *t, pic_error **err)
{
        const char *at = item->value;

        memset(t, 0, sizeof(*t));
        if (!pic__front_name_ok(item->key) || !pic__front_value_ok(at) || take(&at, t->how, sizeof(t->how)) < 0 ||
            take(&at, t->address, sizeof(t->address)) < 0 || take(&at, t->port, sizeof(t->port)) < 0 ||
            (*at != '\0' && take(&at, t->host, sizeof(t->host)) < 0) || *at != '\0' || !parts_ok(t))
                return pic__fail(err, PIC_INVALID, "front: '%s %s' is no service", item->key, item->value);
        return 0;
}

static int is_nowhere(const pic__item *item)
{
        return strcmp(item->value, NOWHERE) == 0;
}

/* '_' is in no name of a host, and in none of a service. */
static void name_of(const pic__item *item, char name[NAME_MAX_])
{
        char *c;

        snprintf(name, NAME_MAX_, "%s_%s", item->key, item->value);
        for (c = name; *c != '\0'; c++)
                if (*c == '/')
                        *c = '_';
}

/* --- steps ---------------------------------------------------------------------------------------------------------
 */

/* Asked each five seconds, and twice a second where it is in doubt. */
#define CHECKS "check inter 5s fastinter 500ms downinter 2s fall 2 rise 1 pool-purge-delay 2s"

static int add_server(pic__front *b, const pic__item *item, pic_error **err)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT, shown = PIC__BUF_INIT;
        char name[NAME_MAX_];
        struct target t;
        int r = parse(item, &t, err), v6 = r == 0 && strchr(t.address, ':') != NULL;

        if (r < 0)
                return r;
        name_of(item, name);
        pic__buf_putf(&command, "add server " PIC__FRONT_SERVICES "/%s %s%s%s:%s weight 0 " CHECKS, name, v6 ? "[" : "",
                      t.address, v6 ? "]" : "", t.port);
        if (strcmp(t.how, "http") != 0)
                pic__buf_puts(&command, strcmp(t.how, "https") == 0 ? " ssl verify none"
                                                                    : " ssl verify required ca-file @system-ca");
        if (strcmp(t.how, "http") != 0 && t.host[0] != '\0')
                pic__buf_putf(&command, " verifyhost %s sni str(%s) check-sni %s", t.host, t.host, t.host);
        pic__buf_putc(&command, '\n');
        r = pic__front_ask(b->dir, &command, PIC__FRONT_TIMEOUT, &answer, err);
        if (r < 0)
                return r;
        if (strstr(pic__buf_str(&answer), "New server registered") == NULL &&
            strstr(pic__buf_str(&answer), "Already exists") == NULL) {
                pic__buf_put_shown(&shown, answer.data, strcspn(pic__buf_str(&answer), "\n"));
                return pic__fail(err, PIC_BACKEND, "haproxy takes no server for service %s: %s", item->key,
                                 pic__buf_str(&shown));
        }
        r = pic__front_tellf(b, NULL, err, "enable health " PIC__FRONT_SERVICES "/%s", name);
        return r < 0 ? r : pic__front_tellf(b, NULL, err, "set server " PIC__FRONT_SERVICES "/%s state ready", name);
}

/* Who uses it is cut off where the service itself goes; where it only moved, what is open may end by itself. */
static void retire(pic__front *b, const pic__item *item, int cut)
{
        char name[NAME_MAX_];

        if (is_nowhere(item))
                return;
        name_of(item, name);
        (void)pic__front_tellf(b, "", NULL, "set server " PIC__FRONT_SERVICES "/%s state maint", name);
        if (cut)
                (void)pic__front_tellf(b, "", NULL, "shutdown sessions server " PIC__FRONT_SERVICES "/%s", name);
        b->stale = 1;
}

void pic__front_cut(pic__front *b, const char *service)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        const char *at;

        pic__buf_putf(&command, "get map " PIC__FRONT_SERVERS " %s\n", service);
        if (!pic__front_name_ok(service) || pic__front_ask(b->dir, &command, PIC__FRONT_TIMEOUT, &answer, NULL) < 0)
                return;
        at = strstr(pic__buf_str(&answer), "value=\"");
        if (at != NULL)
                (void)pic__front_tellf(b, "", NULL, "shutdown sessions server " PIC__FRONT_SERVICES "/%.*s",
                                       (int)strcspn(at + 7, "\"\n;"), at + 7);
}

int pic__front_serve(pic__front *b, const pic__step *s, pic_error **err)
{
        const pic__item *is = s->after;
        char name[NAME_MAX_];
        int r = 0;

        if (is != NULL && !is_nowhere(is))
                r = add_server(b, is, err);
        if (r < 0)
                return r;
        if (is == NULL) {
                r = pic__front_tellf(b, "", err, "del map " PIC__FRONT_SERVERS " %s", s->before->key);
        } else {
                name_of(is, name);
                if (s->verb == PIC__ADD) { /* haproxy would have both */
                        r = pic__front_tellf(b, "", err, "del map " PIC__FRONT_SERVERS " %s", is->key);
                        r = r < 0 ? r
                                  : pic__front_tellf(b, NULL, err, "add map " PIC__FRONT_SERVERS " %s %s", is->key,
                                                     name);
                } else {
                        r = pic__front_tellf(b, NULL, err, "set map " PIC__FRONT_SERVERS " %s %s", is->key, name);
                }
        }
        if (r == 0 && s->before != NULL)
                retire(b, s->before, is == NULL);
        if (r == 0 && b->stale)
                pic__front_sweep(b);
        return r;
}

/* --- what is there -------------------------------------------------------------------------------------------------
 */

/* Which server has a service: key, name of the server; and whether it is there. */
struct place {
        char *key, *server;
        int there, down;
        int64_t connections;
        char why[160];
};

struct places {
        PIC__VEC(struct place) v;
        PIC__VEC(char *) others; /* servers of no service */
};

static void free_places(struct places *p)
{
        size_t i;

        for (i = 0; i < p->v.count; i++) {
                pic__free(p->v.at[i].key);
                pic__free(p->v.at[i].server);
        }
        for (i = 0; i < p->others.count; i++)
                pic__free(p->others.at[i]);
        pic__vec_free(&p->v);
        pic__vec_free(&p->others);
}

static int see_place(const char *key, const char *server, void *data)
{
        struct place one = { .key = pic__strdup(key), .server = pic__strdup(server) };
        struct places *p = data;

        if (one.key != NULL && one.server != NULL && pic__vec_push(&p->v, one) == 0)
                return 0;
        pic__free(one.key);
        pic__free(one.server);
        return PIC_NOMEM;
}

static int see_other(struct places *p, const char *name)
{
        char *copy = pic__strdup(name);

        if (copy != NULL && pic__vec_push(&p->others, copy) == 0)
                return 0;
        pic__free(copy);
        return PIC_NOMEM;
}

static int see_server(const pic__front_server *s, void *data)
{
        struct places *p = data;
        size_t i;

        if (strcmp(s->name, "nobody") == 0)
                return 0;
        for (i = 0; i < p->v.count; i++) {
                struct place *one = &p->v.at[i];

                if (strcmp(one->server, s->name) != 0)
                        continue;
                one->there = strncmp(s->status, "MAINT", 5) != 0;
                one->down = strncmp(s->status, "DOWN", 4) == 0;
                one->connections = s->connections;
                snprintf(one->why, sizeof(one->why), "%s%s%s", s->check,
                         s->check[0] != '\0' && s->last[0] != '\0' ? ": " : "", s->last);
                return 0;
        }
        return see_other(p, s->name);
}

static int look(pic__front *b, struct places *ret, pic_error **err)
{
        pic__auto_buf pic__buf map = PIC__BUF_INIT, stat = PIC__BUF_INIT, first = PIC__BUF_INIT, second = PIC__BUF_INIT;
        int r;

        pic__buf_puts(&map, "show map " PIC__FRONT_SERVERS "\n");
        pic__buf_puts(&stat, "show stat " PIC__FRONT_SERVICES " 4 -1\n");
        r = pic__front_ask(b->dir, &map, PIC__FRONT_TIMEOUT, &first, err);
        if (r == 0)
                r = pic__front_read_map(first.data, see_place, ret);
        if (r == 0)
                r = pic__front_ask(b->dir, &stat, PIC__FRONT_TIMEOUT, &second, err);
        if (r == 0)
                r = pic__front_read_servers(second.data, see_server, ret);
        return r == PIC_NOMEM ? pic__nomem(err) : r;
}

/* "nas_http_192.168.1.10_8080" of "nas" -> "http/192.168.1.10/8080"; NULL: it is no such name. */
static char *value_of(const struct place *p)
{
        size_t n = strlen(p->key);
        char *value, *c;

        if (strncmp(p->server, p->key, n) != 0 || p->server[n] != '_')
                return NULL;
        value = pic__strdup(p->server + n + 1);
        for (c = value; c != NULL && *c != '\0'; c++)
                if (*c == '_')
                        *c = '/';
        return value;
}

int pic__front_look_servers(pic__front *b, pic__items *out, pic_error **err)
{
        PIC__AUTO(free_places) struct places p = { .v = PIC__VEC_INIT };
        int r = look(b, &p, err);
        size_t i;

        for (i = 0; r == 0 && i < p.v.count; i++) {
                pic__auto_free char *value = value_of(&p.v.at[i]);

                if (value != NULL && (p.v.at[i].there || strcmp(value, NOWHERE) == 0))
                        r = pic__items_add(out, PIC__I_FRONT_SERVICE, p.v.at[i].key, value, NULL, NULL, err);
        }
        b->stale |= p.others.count > 0;
        return r;
}

void pic__front_sweep(pic__front *b)
{
        PIC__AUTO(free_places) struct places p = { .v = PIC__VEC_INIT };
        size_t i;

        b->stale = 0;
        if (look(b, &p, NULL) < 0)
                return;
        for (i = 0; i < p.others.count; i++) {
                (void)pic__front_tellf(b, "", NULL, "set server " PIC__FRONT_SERVICES "/%s state maint",
                                       p.others.at[i]);
                b->stale |= pic__front_tellf(b, "deleted", NULL, "del server " PIC__FRONT_SERVICES "/%s",
                                             p.others.at[i]) < 0;
        }
}

/* --- how it is -----------------------------------------------------------------------------------------------------
 */

static int can_be_asked(pic__front *b)
{
        return pic__front_find(b, NULL) > 0 && !b->refused && b->value[0] != '\0';
}

static const char *state_of(const struct place *p)
{
        size_t n = strlen(p->key);

        if (strncmp(p->server, p->key, n) == 0 && strcmp(p->server + n, "_" NOWHERE) == 0)
                return NOWHERE;
        return p->there && !p->down ? "up" : "down";
}

void pic__front_tell_services(pic__backend *backend, pic__service_fn fn, void *data)
{
        PIC__AUTO(free_places) struct places p = { .v = PIC__VEC_INIT };
        pic__front *b = (pic__front *)backend;
        size_t i;

        if (!can_be_asked(b) || look(b, &p, NULL) < 0)
                return;
        for (i = 0; i < p.v.count; i++) {
                const struct place *one = &p.v.at[i];
                const char *state = state_of(one);
                const pic__service_fact fact = { one->key, state, strcmp(state, "down") == 0 ? one->why : "",
                                                 one->connections };

                fn(&fact, data);
        }
}

struct judging {
        pic__finding_fn fn;
        void *data;
};

static void judge(const pic__service_fact *fact, void *data)
{
        const struct judging *j = data;
        char what[300], fix[200];

        if (strcmp(fact->state, "up") == 0)
                return;
        if (strcmp(fact->state, NOWHERE) == 0) {
                snprintf(what, sizeof(what),
                         "service %s: the host of its target is no active device and no name of the cell", fact->name);
                snprintf(fix, sizeof(fix),
                         "pic service set %s --target http://ADDRESS:PORT; or give it a name: pic dns "
                         "record add",
                         fact->name);
        } else {
                snprintf(what, sizeof(what), "service %s: its target does not answer%s%s", fact->name,
                         fact->why[0] != '\0' ? ": " : "", fact->why);
                snprintf(fix, sizeof(fix),
                         "look whether it runs there (pic service show %s); or: pic service set %s "
                         "--target http://ADDRESS:PORT",
                         fact->name, fact->name);
        }
        j->fn(PIC_LOG_WARNING, "front", what, fix, j->data);
}

void pic__front_judge_services(pic__front *b, pic__finding_fn fn, void *data)
{
        struct judging j = { fn, data };

        pic__front_tell_services(&b->base, judge, &j);
}
