/* Owns: an exit from one item to another: namespace, then rules, then the cable, then what carries. Closed at each
 * moment: rules come before anything that they would let through, and what is missing carries nothing. */
#include <string.h>

#include "backend/exit/inside.h"
#include "backend/exit/keep.h"

static int parse(const pic__exit_space *s, const pic__item *item, pic__exit_conf *c, const pic__carrier **ret,
                 pic_error **err)
{
        char dev[PIC__EXIT_DEV];
        int r = pic__exit_parse(item->key, item->value, item->secret, item->secret_len, c, err);

        if (r < 0)
                return r;
        *ret = pic__carrier_of(c->type);
        if (*ret == NULL)
                r = pic__fail(err, PIC_UNSUPPORTED, "connection %s: nothing here carries the type '%s'", c->name,
                              c->type);
        else if (strcmp(c->dev, pic__exit_dev(s->slot, dev)) != 0)
                r = pic__fail(err, PIC_INVALID, "connection %s: its link is not %s", c->name, dev);
        if (r < 0)
                pic__exit_conf_free(c);
        return r;
}

/* Whether links, addresses and routes have to be laid anew. */
static int must_lay(const pic__exit_space *s)
{
        char now[65];

        return !s->settled || s->routes[0] == '\0' || !pic__cable_stands(s) ||
               pic__rules_picture(s, PIC__OF_ROUTES, now, NULL) < 0 || strcmp(now, s->routes) != 0;
}

static int raise(pic__exit *b, pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        int r = pic__cable_conflict(s, err);

        /* One that a former version made, which had no filters. */
        if (r == 0 && pic__exit_sieved(c) && pic__space_holds(s) && !pic__space_knows(s, PIC__SIEVE_USER))
                pic__space_remove(s);
        if (r == 0)
                r = pic__space_make(s, err);
        if (r == 0)
                r = pic__rules_load(s, c, s->carrier, err);
        if (r == 0 && (must_lay(s) || pic__exit_sieved(c) != pic__exit_sieved(&s->conf))) {
                s->settled = 0;
                r = pic__cable_lay(s, c, err);
        }
        if (r == 0)
                r = pic__exit_try(b, s, c, err);
        pic__exit_watch_fd(b, &s->watched, pic__child_fd(s->holder));
        return r;
}

/* The item's words are in force: so are its facts. What was refused is not written down: our next life tries again. */
static int keep(pic__exit *b, pic__exit_space *s, const pic__item *item, pic__exit_conf *c, pic_error **err)
{
        int r = pic__exit_set_item(s, item->value, item->secret, item->secret_len, err);

        pic__exit_conf_free(&s->conf);
        s->conf = *c;
        memset(c, 0, sizeof(*c));
        if (r == 0 && !s->refused)
                r = pic__record_put(s, err);
        pic__exit_hear(b); /* of our own doings we need not be told */
        s->look = 0;
        pic__tunnel_fit(s); /* another far end may be another way */
        return r;
}

static int is_another(const pic__exit_space *s, const pic__exit_conf *c)
{
        return s->conf.id[0] != '\0' && c->id[0] != '\0' && strcmp(s->conf.id, c->id) != 0;
}

/* Another connection has got this slot: nothing of the former is for it, neither its processes and files nor what
 * outlives them. */
static void begin_anew(pic__exit_space *s)
{
        uint8_t others[PIC__EXIT_SLOTS + 1];

        pic__space_remove(s);
        memset(others, 1, sizeof(others));
        others[s->slot] = 0;
        pic__exit_forget_others(s->keep_dir, s->log_dir, others);
}

int pic__exit_build(pic__exit *b, pic__exit_space *s, const pic__item *item, pic_error **err)
{
        const pic__carrier *carrier = NULL;
        pic__exit_conf c;
        int r = parse(s, item, &c, &carrier, err);

        if (r < 0)
                return r;
        pic__record_forget(s);
        if (s->carrier != NULL && (s->carrier != carrier || is_another(s, &c)))
                begin_anew(s);
        s->carrier = carrier;
        r = raise(b, s, &c, err);
        if (r == 0)
                r = keep(b, s, item, &c, err);
        pic__exit_conf_free(&c);
        return r;
}

/* What is on its way (not settled) counts as there: its carrier is being seen to. */
int pic__exit_stands(pic__exit_space *s)
{
        char now[65];

        if (s->value == NULL || !pic__space_holds(s))
                return 0;
        if (!s->look)
                return 1;
        if (!pic__cable_stands(s))
                return 0;
        if (pic__rules_picture(s, PIC__OF_RULES, now, NULL) < 0 || strcmp(now, s->rules) != 0)
                return 0;
        if (s->settled && (pic__rules_picture(s, PIC__OF_ROUTES, now, NULL) < 0 || strcmp(now, s->routes) != 0))
                return 0;
        if (s->settled && s->carrier->stands != NULL) {
                pic__arena arena = PIC__ARENA_INIT;
                pic__carrier_env env = pic__space_env(s, &arena);
                int stands = s->carrier->stands(&s->conf, &env);

                pic__arena_free(&arena);
                if (!stands)
                        return 0;
        }
        s->look = 0;
        return 1;
}
