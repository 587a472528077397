/* Owns: what is so, in the words of alerts: findings, exits, devices, rows of the journal. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "engine/alerts_i.h"
#include "engine/health.h"
#include "engine/live.h"
#include "model/exit.h"

#define MOVES_WITHIN (600 * PIC__SECOND)
#define ROWS_MAX 200 /* of the journal, each round */

void pic__facts_clear(pic__facts *f)
{
        size_t i;

        for (i = 0; i < f->list.count; i++)
                pic__obj_unref(f->list.at[i].held);
        pic__vec_free(&f->list);
        pic__arena_free(&f->arena);
        f->failed = 0;
}

static const char *copy(pic__facts *f, const char *text)
{
        const char *c = pic__arena_dup(&f->arena, text, strlen(text));

        f->failed |= c == NULL;
        return c;
}

static void push(pic__facts *f, pic__alert_fact one)
{
        one.held = one.peer != NULL ? pic__obj_ref(one.peer) : NULL;
        if (pic__vec_push(&f->list, one) == 0)
                return;
        pic__obj_unref(one.held);
        f->failed = 1;
}

void pic__fact_put(pic__facts *f, const pic__alert_fact *fact)
{
        pic__alert_fact one = *fact;

        one.key = copy(f, fact->key);
        one.about = copy(f, fact->about != NULL ? fact->about : "");
        one.text = copy(f, fact->text);
        one.fix = fact->fix != NULL ? copy(f, fact->fix) : NULL;
        if (f->failed)
                return;
        push(f, one);
}

/* --- findings --------------------------------------------------------------------------------------------------- */

static const struct {
        const char *area;
        enum pic__alert_event event;
} areas[] = {
        { "exit", PIC__ALERT_EXIT },     { "certs", PIC__ALERT_CERTIFICATE }, { "backup", PIC__ALERT_BACKUP },
        { "disk", PIC__ALERT_DISK },     { "memory", PIC__ALERT_DISK },       { "drift", PIC__ALERT_DRIFT },
        { "login", PIC__ALERT_LOGIN },   { "clock", PIC__ALERT_CLOCK },       { "ntp", PIC__ALERT_CLOCK },
        { "dns", PIC__ALERT_NAMES },     { "domains", PIC__ALERT_NAMES },     { "route", PIC__ALERT_NETWORK },
        { "nft", PIC__ALERT_NETWORK },   { "wg", PIC__ALERT_NETWORK },        { "router", PIC__ALERT_NETWORK },
        { "front", PIC__ALERT_NETWORK }, { "reach", PIC__ALERT_NETWORK },
};

enum pic__alert_event pic__alert_event_of(const char *area)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(areas); i++)
                if (strcmp(areas[i].area, area) == 0)
                        return areas[i].event;
        return PIC__ALERT_AGENT;
}

void pic__finding_key(const char *area, const char *what, char *key, size_t size)
{
        int n = snprintf(key, size, "%s:", area);
        size_t at = n > 0 && (size_t)n < size ? (size_t)n : size - 1;

        for (; *what != '\0' && at + 1 < size; what++) {
                int digit = *what >= '0' && *what <= '9';

                if (digit && at > 0 && key[at - 1] == '#')
                        continue;
                key[at++] = digit ? '#' : *what;
        }
        key[at] = '\0';
}

/* That an exit is down is seen without waiting for a look. */
static int is_told_elsewhere(const pic__finding *one)
{
        return strcmp(one->area, "exit") == 0 && one->level == PIC_LOG_ERROR;
}

static void look_at_findings(pic__engine *e, pic__facts *f)
{
        const pic__findings *found = pic__engine_health(e, NULL);
        size_t i;

        f->failed |= found == NULL;
        for (i = 0; found != NULL && i < found->list.count; i++) {
                const pic__finding *one = &found->list.at[i];
                char key[160];

                if (one->level > PIC_LOG_WARNING || is_told_elsewhere(one))
                        continue;
                pic__finding_key(one->area, one->what, key, sizeof(key));
                pic__fact_put(f, &(pic__alert_fact){ .event = pic__alert_event_of(one->area),
                                                     .level = one->level,
                                                     .key = key,
                                                     .about = one->area,
                                                     .text = one->what,
                                                     .fix = one->fix });
        }
}

/* --- exits ------------------------------------------------------------------------------------------------------ */

static void look_at_exits(pic__engine *e, pic__facts *f)
{
        const pic_obj *c;
        size_t at = 0;

        while ((c = pic__snap_next(e->snap, PIC__CONNECTION, &at)) != NULL) {
                const char *state = pic__exits_state(e->exits, e->snap, c);
                pic__auto_buf pic__buf text = PIC__BUF_INIT, why = PIC__BUF_INIT;
                char key[32], fix[160];

                if (strcmp(state, "down") != 0 && strcmp(state, "starting") != 0)
                        continue;
                pic__exits_why(e->exits, c, &why);
                pic__buf_putf(&text, "connection %s is down%s%s", pic__obj_name(c), why.len > 0 ? ": " : "",
                              pic__buf_str(&why));
                snprintf(key, sizeof(key), "%" PRId64, (int64_t)c->id);
                snprintf(fix, sizeof(fix), "pic connection test %s", pic__obj_name(c));
                pic__fact_put(f, &(pic__alert_fact){ .event = PIC__ALERT_EXIT,
                                                     .kind = state[0] == 'd' ? PIC__FACT_LASTS : PIC__FACT_UNKNOWN,
                                                     .level = PIC_LOG_ERROR,
                                                     .key = key,
                                                     .about = pic__obj_name(c),
                                                     .text = pic__buf_str(&text),
                                                     .fix = fix });
        }
}

/* --- devices ---------------------------------------------------------------------------------------------------- */

/* The address alone: a port changes with each nap of a router. */
static uint32_t digest(const char *endpoint)
{
        const char *end = strrchr(endpoint, ':');
        uint32_t h = 2166136261u;

        if (endpoint[0] == '\0' || end == NULL)
                return 0;
        for (; endpoint < end; endpoint++)
                h = (h ^ (uint8_t)*endpoint) * 16777619u;
        return h != 0 ? h : 1;
}

int pic__alert_peer_moves(pic__alert_peer *p, const char *endpoint, pic_time now)
{
        uint32_t at = digest(endpoint);

        if (at != 0 && p->at != 0 && at != p->at) {
                memmove(p->moved + 1, p->moved, sizeof(p->moved) - sizeof(p->moved[0]));
                p->moved[0] = now;
        }
        if (at != 0)
                p->at = at;
        return p->moved[PIC__ALERT_MOVES - 1] != 0 && now - p->moved[PIC__ALERT_MOVES - 1] <= MOVES_WITHIN;
}

static void put_silence(pic__engine *e, const pic_obj *peer, const pic__live *live, pic__facts *f)
{
        pic_time handshake = live != NULL ? live->handshake : 0, now = e->clock->now(e->clock->data);
        char key[32], text[160], time[PIC__TIME_TEXT];

        snprintf(key, sizeof(key), "%" PRId64, (int64_t)peer->id);
        snprintf(text, sizeof(text), "nothing was heard of device %s since %s", pic__obj_name(peer),
                 pic__time_print(handshake, time));
        pic__fact_put(f, &(pic__alert_fact){ .event = PIC__ALERT_PEER_SILENT,
                                             .kind = handshake != 0 ? PIC__FACT_LASTS : PIC__FACT_UNKNOWN,
                                             .level = PIC_LOG_WARNING,
                                             .value = handshake != 0 ? (now - handshake) / PIC__SECOND : 0,
                                             .peer = peer,
                                             .key = key,
                                             .about = pic__obj_name(peer),
                                             .text = text,
                                             .fix = "Is it on, and does its app say that it is connected?" });
}

static void put_moves(const pic_obj *peer, pic__facts *f)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char key[32];

        snprintf(key, sizeof(key), "%" PRId64, (int64_t)peer->id);
        pic__buf_putf(&text, "device %s comes from ever changing addresses", pic__obj_name(peer));
        pic__fact_put(f, &(pic__alert_fact){ .event = PIC__ALERT_PEER_ENDPOINT,
                                             .level = PIC_LOG_WARNING,
                                             .peer = peer,
                                             .key = key,
                                             .about = pic__obj_name(peer),
                                             .text = pic__buf_str(&text),
                                             .fix = "Is its configuration on a second device? New keys: pic peer rekey "
                                                    "NAME" });
}

/* What was known of a device stays known; both lists are in order of id. */
static void follow(struct pic__alerts *d, const pic_obj *peer, size_t *at, pic__facts *f)
{
        while (*at < d->peers.count && d->peers.at[*at].id < peer->id)
                memmove(&d->peers.at[*at], &d->peers.at[*at + 1], (--d->peers.count - *at) * sizeof(d->peers.at[0]));
        if (*at < d->peers.count && d->peers.at[*at].id == peer->id)
                return;
        if (pic__vec_push(&d->peers, (pic__alert_peer){ .id = 0 }) < 0) {
                f->failed = 1;
                return;
        }
        memmove(&d->peers.at[*at + 1], &d->peers.at[*at], (d->peers.count - 1 - *at) * sizeof(d->peers.at[0]));
        d->peers.at[*at] = (pic__alert_peer){ .id = peer->id };
}

void pic__alerts_look_at_devices(pic__engine *e)
{
        PIC__AUTO(pic__lives_free) pic__lives lives = PIC__LIVES_INIT;
        struct pic__alerts *d = e->alerts;
        pic__facts *f = &d->devices;
        pic_time now = e->clock->mono(e->clock->data), wall = e->clock->now(e->clock->data);
        const pic_obj *peer;
        size_t at = 0, known = 0;

        pic__facts_clear(f);
        f->failed = pic__lives_read(e, &lives, NULL) < 0;
        while (!f->failed && (peer = pic__snap_next(e->snap, PIC__PEER, &at)) != NULL) {
                const pic__live *live = pic__lives_of(&lives, peer);

                follow(d, peer, &known, f);
                if (f->failed)
                        break;
                if (pic__alert_peer_moves(&d->peers.at[known++], live != NULL ? live->endpoint : "", now))
                        put_moves(peer, f);
                if (pic__snap_active(e->snap, peer) &&
                    (live == NULL || live->handshake == 0 || wall - live->handshake > 300 * PIC__SECOND))
                        put_silence(e, peer, live, f);
        }
        if (!f->failed)
                d->peers.count = known;
}

static void look_for_new(pic__engine *e, pic__facts *f)
{
        struct pic__alerts *d = e->alerts;
        pic_id newest = d->newest_peer;
        const pic_obj *peer;
        size_t at = 0;

        while ((peer = pic__snap_next(e->snap, PIC__PEER, &at)) != NULL) {
                char key[32], text[120];

                if (peer->id <= d->newest_peer)
                        continue;
                newest = peer->id;
                if (d->newest_peer < 0)
                        continue;
                snprintf(key, sizeof(key), "%" PRId64, (int64_t)peer->id);
                snprintf(text, sizeof(text), "device %s is new", pic__obj_name(peer));
                pic__fact_put(f, &(pic__alert_fact){ .event = PIC__ALERT_PEER_NEW,
                                                     .kind = PIC__FACT_HAPPENED,
                                                     .level = PIC_LOG_WARNING,
                                                     .peer = peer,
                                                     .key = key,
                                                     .about = pic__obj_name(peer),
                                                     .text = text,
                                                     .fix = "Who added it: pic history --kind peer" });
        }
        d->newest_peer = newest < 0 ? 0 : newest;
}

/* --- the journal ------------------------------------------------------------------------------------------------ */

struct rows {
        struct pic__alerts *d;
        pic__facts *f;
        size_t count;
};

static void put_row(const struct rows *r, enum pic__alert_event event, int level, const char *text, const char *fix)
{
        pic__fact_put(r->f, &(pic__alert_fact){ .event = event,
                                                .kind = PIC__FACT_HAPPENED,
                                                .level = level,
                                                .key = text,
                                                .text = text,
                                                .fix = fix });
}

static int take_row(const pic__journal_row *row, void *data)
{
        struct rows *r = data;

        r->d->seq = row->seq;
        if (strcmp(row->verb, "refused") == 0)
                put_row(r, PIC__ALERT_LOGIN, PIC_LOG_WARNING, row->text, "Who it was: pic history --verb refused");
        else if (strcmp(row->verb, "repair") == 0)
                put_row(r, PIC__ALERT_DRIFT, PIC_LOG_WARNING, row->text, "Who else changes it: pic drift; pic log");
        else if (strcmp(row->verb, "start") == 0 && !r->d->stopped)
                put_row(r, PIC__ALERT_AGENT, PIC_LOG_ERROR,
                        "the agent was ended without being told to (killed, or no power), and is there again",
                        "What happened before: pic log, journalctl -b -1");
        if (strcmp(row->verb, "stop") == 0 || strcmp(row->verb, "start") == 0)
                r->d->stopped = row->verb[2] == 'o';
        return ++r->count >= ROWS_MAX;
}

static void look_at_journal(pic__engine *e, pic__facts *f)
{
        struct rows r = { e->alerts, f, 0 };
        struct pic__alerts *d = e->alerts;

        if (d->seq < 0) { /* what was before anybody wanted to be told is not told */
                d->seq = pic__store_last_seq(e->store);
                d->stopped = 0; /* we live */
        }
        if (d->seq != pic__store_last_seq(e->store))
                (void)pic__store_journal(e->store, d->seq, ROWS_MAX, take_row, &r, NULL);
}

void pic__alerts_collect(pic__engine *e, int changed, pic__facts *f)
{
        struct pic__alerts *d = e->alerts;
        size_t i;

        look_at_findings(e, f);
        look_at_exits(e, f);
        if (changed || d->newest_peer < 0)
                look_for_new(e, f);
        look_at_journal(e, f);
        for (i = 0; i < d->devices.list.count; i++) /* their texts live on in d */
                push(f, d->devices.list.at[i]);
        f->failed |= d->devices.failed;
}
