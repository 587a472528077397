/* Owns: what is true of connections, as JSON and as findings. Where nobody watches (the fake world, or before the first
 * apply) the facts of the snapshot are all that is known. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "engine/exits_i.h"
#include "engine/wire.h"

#define WORDS_SHOWN 200
#define HINT_MAX 240
#define TOLD (600 * PIC__SECOND)

const char *pic__exits_state_name(enum pic__health_state state)
{
        static const char *const names[] = { "starting", "up", "down" };

        return names[state];
}

static pic_time mono(const pic__exits *x)
{
        return x->opts.clock->mono(x->opts.clock->data);
}

static const pic__exit_entry *entry_of(const pic__exits *x, const pic_obj *c)
{
        const pic__exit_entry *e = x != NULL ? x->at[pic__exit_slot(c)] : NULL;

        return e != NULL && e->id == c->id ? e : NULL;
}

void pic__exits_passed(pic__exits *x, const pic__passed *passed)
{
        unsigned slot;

        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++)
                if (x->at[slot] != NULL) {
                        x->at[slot]->rx = passed->rx[slot];
                        x->at[slot]->tx = passed->tx[slot];
                }
}

/* --- why ------------------------------------------------------------------------------------------------------- */

static const pic_error *names_trouble(const pic__exits *x, const pic__exit_entry *e)
{
        const char *remote = pic__names_remote(x->names, e->slot);

        return remote == NULL || remote[0] == '\0' ? pic__names_trouble(x->names, e->slot) : NULL;
}

static void put_silence(const pic__exits *x, const pic__exit_entry *e, pic_time now, pic__buf *out)
{
        pic__auto_buf pic__buf words = PIC__BUF_INIT;
        pic_time silent = e->health.silent != 0 ? now - e->health.silent : 0;

        if (x->opts.fault != NULL)
                x->opts.fault(e->slot, &words, x->opts.data);
        pic__buf_putf(out, "no answer for %" PRId64 " s", (int64_t)((silent + PIC__SECOND / 2) / PIC__SECOND));
        if (words.len > 0)
                pic__buf_puts(out, ": ");
        pic__buf_put_shown(out, pic__buf_str(&words), WORDS_SHOWN);
        if (words.len == 0 && e->error != 0)
                pic__buf_putf(out, " (%s)", pic__errno_text(e->error));
        if (e->revived[0] != '\0' && now - e->revived_at < TOLD)
                pic__buf_putf(out, " (%s)", e->revived);
}

int pic__exits_refusal(const pic__exits *x, const pic__exit_entry *e, pic_error **err)
{
        return x->opts.refusal != NULL && e->how == PIC__WATCH_PROBED ? x->opts.refusal(e->slot, err, x->opts.data) : 0;
}

void pic__exits_trouble(const pic__exits *x, const pic__exit_entry *e, pic_time now, pic__buf *out)
{
        const pic_error *bad = names_trouble(x, e);
        pic__auto_err pic_error *refusal = NULL;

        if (pic__exits_refusal(x, e, &refusal) < 0)
                pic__buf_putf(out, "nothing carries it: %s", pic_error_message(refusal));
        else if (e->how == PIC__WATCH_GROUP)
                pic__buf_puts(out,
                              e->member_count > 0 ? "none of its members works" : "it has no member that is enabled");
        else if (bad != NULL)
                pic__buf_puts(out, pic_error_message(bad));
        else
                put_silence(x, e, now, out);
}

/* In `room`, when it names the connection. */
static const char *hint(const pic__exits *x, const pic__exit_entry *e, char room[HINT_MAX])
{
        pic__auto_err pic_error *refusal = NULL;
        const pic_error *bad = names_trouble(x, e);

        if (pic__exits_refusal(x, e, &refusal) < 0 && pic_error_hint(refusal) != NULL) {
                (void)snprintf(room, HINT_MAX, "%s", pic_error_hint(refusal));
                return room;
        }
        if (bad != NULL && pic_error_hint(bad) != NULL)
                return pic_error_hint(bad);
        if (e->how == PIC__WATCH_GROUP)
                return "Look at its members: pic connection list";
        (void)snprintf(room, HINT_MAX,
                       "Look whether the far end runs and is reached: pic connection test %s; its programs' words: pic "
                       "log exit",
                       e->name);
        return room;
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

/* Devices whose packets it carries, or would: as their exit, or as the member in use of a group that is. By slot. */
static void count_users(const pic__snap *s, unsigned users[PIC__EXIT_SLOTS + 1])
{
        const pic_obj *peer;
        size_t at = 0;

        memset(users, 0, (PIC__EXIT_SLOTS + 1) * sizeof(users[0]));
        while ((peer = pic__snap_next(s, PIC__PEER, &at)) != NULL) {
                const pic_obj *exit = pic__snap_active(s, peer) ? pic__exit_of(s, peer) : NULL;
                const pic_obj *carrier = exit != NULL ? pic__exit_carried_by(s, exit) : NULL;

                if (exit != NULL)
                        users[pic__exit_slot(exit)]++;
                if (carrier != NULL && carrier != exit)
                        users[pic__exit_slot(carrier)]++;
        }
}

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

static void put_some(pic__json *j, const char *key, const char *text)
{
        pic__json_kstr(j, key, text != NULL && text[0] != '\0' ? text : NULL);
}

static void put_error(const pic__exits *x, const pic__exit_entry *e, pic__json *j)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const pic_error *names = e != NULL ? pic__names_trouble(x->names, e->slot) : NULL;
        char room[HINT_MAX];

        pic__json_key(j, "error");
        if (e == NULL || (e->health.state != PIC__HEALTH_DOWN && e->health.lost == 0 && names == NULL)) {
                pic__json_null(j);
                return;
        }
        if (e->health.state != PIC__HEALTH_DOWN && names != NULL)
                pic__buf_puts(&text, pic_error_message(names));
        else
                pic__exits_trouble(x, e, mono(x), &text);
        pic__json_open(j, '{');
        pic__json_kstr(j, "message", pic__buf_str(&text));
        pic__json_kstr(j, "hint",
                       names != NULL && pic__exits_refusal(x, e, NULL) == 0 && pic_error_hint(names) != NULL
                               ? pic_error_hint(names)
                               : hint(x, e, room));
        pic__json_close(j, '}');
}

static const char *state_of(const pic__exit_entry *e, const pic__snap *s, const pic_obj *c)
{
        if (pic__obj_int(c, "enabled") == 0)
                return "off";
        if (e != NULL)
                return pic__exits_state_name(e->health.state);
        return pic__snap_exits(s)->at[pic__exit_slot(c)].down ? "down" : "up";
}

const char *pic__exits_state(const pic__exits *x, const pic__snap *s, const pic_obj *c)
{
        return state_of(pic__obj_int(c, "enabled") != 0 ? entry_of(x, c) : NULL, s, c);
}

void pic__exits_why(const pic__exits *x, const pic_obj *c, pic__buf *out)
{
        const pic__exit_entry *e = entry_of(x, c);

        if (e != NULL)
                pic__exits_trouble(x, e, mono(x), out);
}

static void put_live(const pic__exits *x, const pic__exit_entry *e, const pic__clock *clock, pic__json *j)
{
        put_time(j, "since", e != NULL ? clock->now(clock->data) - (mono(x) - e->health.since) : 0);
        pic__json_key(j, "latency_us");
        if (e != NULL && e->health.latency != 0)
                pic__json_int(j, e->health.latency);
        else
                pic__json_null(j);
        pic__json_kint(j, "loss", e != NULL ? pic__health_loss(&e->health) : 0);
        pic__json_kint(j, "rx", e != NULL ? (int64_t)e->rx : 0);
        pic__json_kint(j, "tx", e != NULL ? (int64_t)e->tx : 0);
        put_some(j, "address4", e != NULL ? e->address[0] : NULL);
        put_some(j, "address6", e != NULL ? e->address[1] : NULL);
}

static void put_active(const pic__snap *s, const pic_obj *c, pic__json *j)
{
        const pic_obj *active = pic__exit_is(c, "group") ? pic__exit_carried_by(s, c) : NULL;

        pic__json_kstr(j, "active", active != NULL ? pic__obj_name(active) : NULL);
}

static void put_one(const pic__exits *x, const pic__snap *s, const pic_obj *c, unsigned users, const pic__clock *clock,
                    pic__json *j)
{
        const pic__exit_entry *e = pic__obj_int(c, "enabled") != 0 ? entry_of(x, c) : NULL; /* off: nothing is live */

        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(c));
        pic__json_kint(j, "id", c->id);
        pic__json_kstr(j, "type", pic__obj_text(c, "type"));
        pic__json_kint(j, "slot", pic__exit_slot(c));
        pic__json_kbool(j, "enabled", pic__obj_int(c, "enabled") != 0);
        pic__json_kstr(j, "state", state_of(e, s, c));
        put_live(x, e, clock, j);
        put_active(s, c, j);
        pic__json_kint(j, "users", users);
        put_some(j, "remote", pic__snap_exits(s)->at[pic__exit_slot(c)].remote);
        put_error(x, e, j);
        pic__json_close(j, '}');
}

void pic__exits_json(const pic__exits *x, const pic__snap *s, const pic__clock *clock, pic__json *j)
{
        unsigned users[PIC__EXIT_SLOTS + 1];
        const pic_obj *c;
        size_t at = 0;

        pic__json_open(j, '[');
        if (pic__snap_count(s, PIC__CONNECTION) > 0)
                count_users(s, users);
        while ((c = pic__snap_next(s, PIC__CONNECTION, &at)) != NULL)
                put_one(x, s, c, users[pic__exit_slot(c)], clock, j);
        pic__json_close(j, ']');
}

void pic__exits_state_json(const pic__exits *x, const pic__snap *s, const pic_obj *c, const pic__clock *clock,
                           pic__json *j)
{
        const pic__exit_entry *e = pic__obj_int(c, "enabled") != 0 ? entry_of(x, c) : NULL;

        pic__json_kstr(j, "state", state_of(e, s, c));
        put_time(j, "since", e != NULL ? clock->now(clock->data) - (mono(x) - e->health.since) : 0);
        put_active(s, c, j);
        put_error(x, e, j);
}

/* --- findings --------------------------------------------------------------------------------------------------- */

static int is_member(const pic__snap *s, const pic_obj *c)
{
        const pic_obj *group;
        char name[80];
        size_t at = 0;

        while ((group = pic__snap_next(s, PIC__CONNECTION, &at)) != NULL) {
                const char *list = pic__exit_is(group, "group") ? pic__obj_text(group, "members") : "";

                while (pic__list_next(&list, name, sizeof(name)))
                        if (pic__snap_named(s, PIC__CONNECTION, name) == c)
                                return 1;
        }
        return 0;
}

static void look_at(const pic__exits *x, const pic__snap *s, const pic_obj *c, unsigned users, pic__findings *f)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        const pic__exit_entry *e = entry_of(x, c);
        const char *name = pic__obj_name(c);
        int down = strcmp(state_of(e, s, c), "down") == 0;
        char room[HINT_MAX];

        if (down && e != NULL)
                pic__exits_trouble(x, e, mono(x), &text);
        if (down)
                pic__foundf(f, PIC_LOG_ERROR, "exit", e != NULL ? hint(x, e, room) : NULL, "connection %s is down%s%s",
                            name, text.len > 0 ? ": " : "", pic__buf_str(&text));
        else if (e != NULL && pic__names_trouble(x->names, e->slot) != NULL)
                pic__found_error(f, PIC_LOG_WARNING, "exit", pic__names_trouble(x->names, e->slot));
        if (pic__obj_int(c, "enabled") == 0 && users > 0) {
                (void)snprintf(room, sizeof(room), "pic connection enable %s, or another exit for them", name);
                pic__foundf(f, PIC_LOG_WARNING, "exit", room,
                            "connection %s is turned off: who leaves by it is cut off (devices: %u)", name, users);
        }
        if (pic__obj_int(c, "enabled") != 0 && users == 0 && !is_member(s, c)) {
                (void)snprintf(room, sizeof(room), "pic peer set NAME --exit %s, or: pic connection disable %s", name,
                               name);
                pic__foundf(f, PIC_LOG_INFO, "exit", room, "no device leaves by connection %s", name);
        }
}

void pic__exits_doctor(const pic__exits *x, const pic__snap *s, pic__findings *f)
{
        unsigned users[PIC__EXIT_SLOTS + 1];
        const pic_obj *c;
        size_t at = 0;

        if (pic__snap_count(s, PIC__CONNECTION) == 0)
                return;
        count_users(s, users);
        while ((c = pic__snap_next(s, PIC__CONNECTION, &at)) != NULL)
                look_at(x, s, c, users[pic__exit_slot(c)], f);
}
