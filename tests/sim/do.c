/* Owns: what happens in a simulation: wishes of every kind, undo, waiting changes, faults, tampering, jumps of the
 * clock. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backend/fake/fake.h"
#include "base/time.h"
#include "engine/revert.h"
#include "sim.h"

#define DAY (24 * 3600 * PIC__SECOND)

static const char *const grants[] = { "",
                                      "internet",
                                      "lan",
                                      "peers",
                                      "internet,lan",
                                      "192.168.1.10:tcp/445",
                                      "192.168.1.0/24,[fd00::5]:udp/53",
                                      "peer:p1",
                                      "group:g1",
                                      "peer:p2,10.9.0.0/16:udp/1000-2000" };

static void wish(pic__wishes *w, enum pic__wish what, enum pic__kind kind, const char *name, const char *field,
                 const char *text)
{
        const pic__op op = { .wish = what,
                             .kind = kind,
                             .name = name,
                             .text = text,
                             .field = field != NULL ? pic__field_find(kind, field) : 0 };

        (void)pic__wish_push(w, &op, NULL);
}

static void wish_expiry(sim *s, pic__wishes *w, const char *name)
{
        char text[PIC__TIME_TEXT];

        if (sim_roll(s, 3) == 0)
                wish(w, PIC__WISH_SET, PIC__PEER, name, "expires", NULL);
        else
                wish(w, PIC__WISH_SET, PIC__PEER, name, "expires",
                     pic__time_print(s->wall + (pic_time)sim_roll(s, 600) * PIC__SECOND, text));
}

static void wish_address(sim *s, pic__wishes *w, const char *name)
{
        char text[32];

        snprintf(text, sizeof(text), "10.77.%u.%u", sim_roll(s, 16), sim_roll(s, 256));
        wish(w, PIC__WISH_SET, PIC__PEER, name, "address4", sim_roll(s, 3) == 0 ? NULL : text);
}

/* A name of the kind; mostly one that is there. */
static void pick(sim *s, enum pic__kind kind, unsigned names, char name[16])
{
        pic_obj *o = NULL;
        int tries;

        for (tries = 0; tries < 6 && o == NULL; tries++) {
                snprintf(name, 16, "%c%u",
                         kind == PIC__PEER         ? 'p'
                         : kind == PIC__CONNECTION ? 'x'
                                                   : 'g',
                         sim_roll(s, names));
                (void)pic__store_get(s->e->store, kind, name, &o, NULL);
        }
        pic__obj_unref(o);
}

static void wish_peer(sim *s, pic__wishes *w)
{
        char name[16], other[16], text[64];

        pick(s, PIC__PEER, SIM_NAMES, name);
        snprintf(other, sizeof(other), "p%u", sim_roll(s, SIM_NAMES));
        snprintf(text, sizeof(text), "g%u%s%u", sim_roll(s, 4), sim_roll(s, 2) ? ",g" : "", sim_roll(s, 4));
        switch (sim_roll(s, 14)) {
        case 0:
        case 1: wish(w, PIC__WISH_ADD, PIC__PEER, other, NULL, NULL); break;
        case 2:
        case 3: wish(w, PIC__WISH_REMOVE, PIC__PEER, name, NULL, NULL); break;
        case 4: wish(w, PIC__WISH_SET, PIC__PEER, name, "enabled", sim_roll(s, 2) ? "yes" : "no"); break;
        case 5: wish(w, PIC__WISH_SET, PIC__PEER, name, "groups", sim_roll(s, 3) ? text : ""); break;
        case 6: wish(w, PIC__WISH_SET, PIC__PEER, name, "name", other); break;
        case 7: wish(w, PIC__WISH_REKEY, PIC__PEER, name, NULL, NULL); break;
        case 8: wish_expiry(s, w, name); break;
        case 9: wish_address(s, w, name); break;
        case 10: wish(w, PIC__WISH_SET, PIC__PEER, name, "subnets", sim_roll(s, 2) ? "192.168.77.0/24" : ""); break;
        case 11: wish(w, PIC__WISH_SET, PIC__PEER, name, "note", other); break;
        default: wish(w, PIC__WISH_SET, PIC__PEER, name, "access", grants[sim_roll(s, PIC__COUNT(grants))]); break;
        }
}

static void wish_other(sim *s, pic__wishes *w)
{
        static const char *const nets[] = { "10.77.0.0/20", "10.78.0.0/20", "10.77.0.0/22" };
        char name[16], other[16];

        pick(s, PIC__GROUP, 5, name);
        snprintf(other, sizeof(other), "g%u", sim_roll(s, 5));
        switch (sim_roll(s, 8)) {
        case 0:
        case 1: wish(w, PIC__WISH_ADD, PIC__GROUP, other, NULL, NULL); break;
        case 2: wish(w, PIC__WISH_REMOVE, PIC__GROUP, name, NULL, NULL); break;
        case 3: wish(w, PIC__WISH_SET, PIC__GROUP, name, "name", other); break;
        case 4:
                wish(w, PIC__WISH_SET, PIC__CELL, NULL, sim_roll(s, 2) ? "mtu" : "listen_port",
                     sim_roll(s, 2) ? "1400" : "1380");
                break;
        case 5: wish(w, PIC__WISH_SET, PIC__CELL, NULL, "net4", nets[sim_roll(s, PIC__COUNT(nets))]); break;
        default: wish(w, PIC__WISH_SET, PIC__GROUP, name, "access", grants[sim_roll(s, PIC__COUNT(grants))]); break;
        }
}

/* A rule, mostly one that is not there yet; removed, put aside or changed as well. */
static void wish_assertion(sim *s, pic__wishes *w)
{
        static const char *const from[] = { "peers", "group:g0", "group:g1", "peer:p1", "peer:p2" };
        static const char *const to[] = { "internet",        "lan", "peer:p3", "group:g2", "192.168.1.10:tcp/445",
                                          "10.77.0.1:tcp/22" };
        char name[16], rule[80];

        snprintf(name, sizeof(name), "a%u", sim_roll(s, 4));
        snprintf(rule, sizeof(rule), "%s %s -> %s", sim_roll(s, 4) ? "never" : "always",
                 from[sim_roll(s, PIC__COUNT(from))], to[sim_roll(s, PIC__COUNT(to))]);
        switch (sim_roll(s, 6)) {
        case 0:
        case 1: wish(w, PIC__WISH_REMOVE, PIC__ASSERTION, name, NULL, NULL); break;
        case 2: wish(w, PIC__WISH_SET, PIC__ASSERTION, name, "enabled", sim_roll(s, 2) ? "yes" : "no"); break;
        default:
                wish(w, PIC__WISH_HAVE, PIC__ASSERTION, name, NULL, NULL);
                wish(w, PIC__WISH_SET, PIC__ASSERTION, name, "rule", rule);
                break;
        }
}

/* A connection with all that its type needs. */
static void wish_new_connection(sim *s, pic__wishes *w, const char *name)
{
        static const char *const types[][7] = {
                { "wireguard", "endpoint", "203.0.113.7:51820", "addresses", "10.64.0.2/32,fd64::2/128", "peer_key",
                  "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=" },
                { "proxy", "endpoint", "203.0.113.9:1080", "protocol", "socks5", NULL, NULL },
                { "tor", NULL, NULL, NULL, NULL, NULL, NULL },
                { "block", NULL, NULL, NULL, NULL, NULL, NULL },
                { "group", "members", "x0,x1", NULL, NULL, NULL, NULL },
                { "group", "members", "x2,x0", NULL, NULL, NULL, NULL },
        };
        const char *const *t = types[sim_roll(s, PIC__COUNT(types))];
        size_t i;

        wish(w, PIC__WISH_ADD, PIC__CONNECTION, name, NULL, NULL);
        wish(w, PIC__WISH_SET, PIC__CONNECTION, name, "type", t[0]);
        for (i = 1; i < 7 && t[i] != NULL; i += 2)
                wish(w, PIC__WISH_SET, PIC__CONNECTION, name, t[i], t[i + 1]);
}

/* Connections come, change and go; devices, groups and the cell get one as their exit. */
static void wish_connection(sim *s, pic__wishes *w)
{
        static const char *const exits[] = { "x0", "x1", "x2", "x3", "direct", NULL };
        const char *exit = exits[sim_roll(s, PIC__COUNT(exits))];
        char name[16], other[16], user[16];

        pick(s, PIC__CONNECTION, 5, name);
        snprintf(other, sizeof(other), "x%u", sim_roll(s, 5));
        pick(s, PIC__PEER, SIM_NAMES, user);
        switch (sim_roll(s, 12)) {
        case 0:
        case 1: wish_new_connection(s, w, other); break;
        case 2: wish(w, PIC__WISH_REMOVE, PIC__CONNECTION, name, NULL, NULL); break;
        case 3: wish(w, PIC__WISH_SET, PIC__CONNECTION, name, "name", other); break;
        case 4: wish(w, PIC__WISH_SET, PIC__CONNECTION, name, "enabled", sim_roll(s, 2) ? "yes" : "no"); break;
        case 5: wish(w, PIC__WISH_SET, PIC__CONNECTION, name, "failopen", sim_roll(s, 2) ? "yes" : "no"); break;
        case 6: wish(w, PIC__WISH_SET, PIC__CELL, NULL, "exit", exit); break;
        case 7:
                pick(s, PIC__GROUP, 5, user);
                wish(w, PIC__WISH_SET, PIC__GROUP, user, "exit", exit);
                break;
        case 8: wish(w, PIC__WISH_SET, PIC__PEER, user, "failopen", sim_roll(s, 2) ? "yes" : NULL); break;
        default: wish(w, PIC__WISH_SET, PIC__PEER, user, "exit", exit); break;
        }
}

static void wish_back(sim *s, pic__wishes *w)
{
        pic_revision now = sim_revision(s);
        pic__op op = { .wish = PIC__WISH_UNDO, .kind = PIC__CELL };

        if (sim_roll(s, 2) != 0)
                op.revision = 1 + (pic_revision)sim_roll(s, (unsigned)now);
        if (sim_roll(s, 6) == 0 && now > 3) {
                op.wish = PIC__WISH_RETURN;
                op.revision = now - 1 - (pic_revision)sim_roll(s, now < 40 ? (unsigned)now - 1 : 40);
        }
        (void)pic__wish_push(w, &op, NULL);
}

/* --- one change, from wish to world --------------------------------------------------------------------------- */

static int commit(sim *s, const pic__wishes *w, pic_time confirm, const char *override)
{
        const pic__run_opts opts = { .clock = &s->clock, .confirm = confirm, .view = &s->view, .override = override };
        pic__txn *t = NULL;
        int r = pic__txn_begin(s->e->store, "root", "cli", &t, NULL);

        if (r == 0)
                r = pic__change_run(w, s->e->store, t, &opts, NULL);
        if (r < 0) {
                (void)pic__txn_abort(t);
                return r;
        }
        return pic__txn_commit(t, NULL, NULL);
}

static void inject(sim *s)
{
        if (sim_roll(s, 12) == 0)
                pic__fake_fail_at(s->world[sim_roll(s, PIC__BACKENDS)], 1 + sim_roll(s, 12));
}

static void remember_waiting(sim *s, pic_revision was, const char *before, pic_time confirm)
{
        if (confirm == 0)
                return;
        s->back = was;
        s->until = s->mono + confirm;
        pic__free(s->back_text);
        s->back_text = pic__strdup(before);
}

static void one_change(sim *s)
{
        pic__wishes w = { .ops = PIC__VEC_INIT };
        pic__items old = PIC__ITEMS_INIT;
        pic_revision was = sim_revision(s);
        char *before = sim_document(s, 0);
        pic_time confirm = sim_roll(s, 25) == 0 ? (1 + sim_roll(s, 30)) * PIC__SECOND : 0;
        const char *override = sim_roll(s, 10) == 0 ? "because" : NULL;
        unsigned n = sim_roll(s, 4) == 0 ? 2 : 1;
        int back = sim_roll(s, 12) == 0, r;

        if (back)
                wish_back(s, &w);
        while (!back && n-- > 0) {
                if (sim_roll(s, 4) == 0)
                        wish_other(s, &w);
                else if (sim_roll(s, 20) == 0)
                        wish_assertion(s, &w);
                else if (sim_roll(s, 4) == 0)
                        wish_connection(s, &w);
                else
                        wish_peer(s, &w);
        }
        sim_world(s, &old);
        inject(s);
        r = commit(s, &w, confirm, override);
        if (r == 0 && sim_revision(s) != was)
                remember_waiting(s, was, before, confirm);
        if (r == 0 && back) {
                pic__confirm c;

                s->undone++;
                if (s->back != 0 && pic__store_confirm(s->e->store, &c, NULL) == 0)
                        s->back = 0; /* it was the undoing of what waited */
        }
        s->changes++;
        if (r == 0)
                sim_judge_assertions(s, was, override != NULL);
        sim_judge_change(s, r, was, before, &old);
        pic__items_wipe(&old);
        pic__wishes_free(&w);
        pic__free(before);
}

/* --- the rest ------------------------------------------------------------------------------------------------- */

static void confirm_it(sim *s)
{
        pic__txn *t = NULL;

        if (s->back == 0 || pic__txn_begin(s->e->store, "root", "cli", &t, NULL) < 0)
                return;
        if (pic__txn_confirm_end(t, NULL) < 0 || pic__txn_commit(t, NULL, NULL) < 0)
                sim_fail(s, "cannot confirm");
        s->back = 0;
}

/* What the agent does when its time has come. */
static void tick(sim *s)
{
        pic_time left = 1;
        pic_error *err = NULL;
        char *now;

        if (s->back == 0) {
                if (pic__engine_confirm_left(s->e, &left))
                        sim_fail(s, "something waits that nobody asked to");
                return;
        }
        if (!pic__engine_confirm_left(s->e, &left))
                sim_fail(s, "what waited is forgotten");
        if ((left == 0) != (s->mono >= s->until))
                sim_fail(s, "%" PRId64 " us left, by our clock %" PRId64, left, s->until - s->mono);
        if (left > 0)
                return;
        if (pic__engine_revert(s->e, &err) < 0)
                sim_fail(s, "cannot go back: %s", pic_error_message(err));
        now = sim_document(s, 0);
        if (strcmp(now, s->back_text) != 0)
                sim_fail(s, "went back to something else:\n%s\nnot:\n%s", now, s->back_text);
        pic__free(now);
        s->back = 0;
        s->reverts++;
        if (pic__engine_apply(s->e, NULL, &err) < 0)
                pic_error_free(err);
}

static void pass_time(sim *s)
{
        pic_time by = (pic_time)sim_roll(s, 20) * PIC__SECOND;

        s->wall += by;
        s->mono += by;
        if (sim_roll(s, 200) == 0) {
                s->wall += sim_roll(s, 2) ? 365 * DAY : -365 * DAY;
                s->jumps++;
        }
        if (s->wall < 1000 * DAY) /* before the cell was thought of: enough of that */
                s->wall = (pic_time)1800000000 * PIC__SECOND;
}

static void tamper(sim *s)
{
        pic__items there = PIC__ITEMS_INIT;
        pic_error *err = NULL;
        const pic__item *i;
        size_t b;

        for (b = 0; b < PIC__BACKENDS; b++)
                pic__fake_fail_at(s->world[b], 0);
        sim_world(s, &there);
        if (there.count > 0) {
                i = &there.at[sim_roll(s, (unsigned)there.count)];
                (void)pic__fake_tamper(s->world[pic__item_kinds[i->kind].backend], i->kind, i->key, NULL);
                s->tampered++;
        }
        pic__items_wipe(&there);
        if (pic__engine_repair(s->e, NULL, &err) < 0)
                sim_fail(s, "cannot repair: %s", pic_error_message(err));
}

void sim_step(sim *s)
{
        pass_time(s);
        tick(s);
        one_change(s);
        if (sim_roll(s, 40) == 0)
                confirm_it(s);
        if (sim_roll(s, 60) == 0)
                tamper(s);
        if (sim_roll(s, 150) == 0)
                sim_restart(s);
        if (sim_roll(s, 8) == 0)
                sim_keep(s);
        if (sim_roll(s, 400) == 0)
                sim_judge_all(s);
}
