/* Owns: when an exit counts as dead and when as alive again.
 *
 * The arithmetic, for an exit whose answers take less than 0.6 s. A probe asks each 0.3 s for 2.7 s, and an answer to
 * any of the nine counts: at 5 % loss each way all of them are lost once in a billion. Over TCP it is six
 * connections, each 0.45 s, and those before go on: one whose first packet was lost answers after a second and more,
 * the others in no time (two, one after the other, were all in vain once in some thousand probes, so that a busy exit
 * was taken for dead within half an hour). Idle: a probe within 10 s, 12.7
 * s in all. While others' packets go out a probe comes 1.5 s after the last answer: 4.2 s. When nothing at all comes
 * in, counters, which are read each 0.5 s then, bring it 1 s after the last answer. (That alone is not enough: the
 * exit's own resolver and redirector answer devices when the far end is dead.) A slower exit takes four times its
 * latency.
 *
 * What goes over one TCP connection (Tor, ssh, OpenVPN over TCP) stands still when that loses the same bytes some times
 * in a row: for 3.0, 6.2, 12.6 s, at either end, once in some hours at 5 % loss each way, more often where the machine
 * is busy. No probe through it can tell that from a death, so in the second half of a lost one's time the far end is
 * asked beside it (exits_knock.h). A far end that is gone is silent there too, and its death is seen as before; one
 * that falls silent while it stands still, 3.3 s later. Who takes connections and carries nothing (a relay that is
 * stopped, a dead one behind it) is dead after 14 s: 15.5 s under traffic, 24 s idle. */
#include "engine/exits_health.h"

#include <stddef.h>
#include <string.h>

#include "base/time.h"

#define MS ((pic_time)1000)
#define LIVE_AFTER 2 /* answered in a row */
#define IDLE (10 * PIC__SECOND)
#define GRID (2 * PIC__SECOND) /* idle probes are due together, and with the agent's tick */
#define BUSY_PROBE (1500 * MS) /* after an answer, while packets go out */
#define AGAIN (500 * MS)       /* after the first answer of a dead one */
#define ALARM (500 * MS)       /* after a probe: until a look, the same event is told at each turn of the loop */
#define CALM PIC__SECOND       /* after an answer: silence since then says nothing yet */
#define BUSY (5 * PIC__SECOND) /* after a packet: few and far between is traffic too */
#define FAREWELL 200           /* bytes */
#define LIMIT_MIN (2700 * MS)
#define TRIES 9u                 /* in that time */
#define TRIES_TCP 6u             /* connections, side by side */
#define DEAD_PART 3u             /* a dead one is asked so much less, */
#define STILL_PART 2u            /* and so much less is one that stands still */
#define STILL (14 * PIC__SECOND) /* not longer: the probe behind 12.6 s is in it */
#define GAP_MIN (5 * PIC__SECOND)
#define GAP_MAX (300 * PIC__SECOND)
#define STEADY (600 * PIC__SECOND) /* up for so long: its former deaths are forgotten */
#define GRACE (5 * PIC__SECOND)    /* a member that is made anew keeps its group for so long */

static const struct {
        const char *type;
        pic_time patience;
        pic_time limit_min, limit_max;
} types[] = {
        { "tor", 90 * PIC__SECOND, 3300 * MS, 10 * PIC__SECOND },
        { "openvpn", 30 * PIC__SECOND, LIMIT_MIN, 7500 * MS },
        { "", 15 * PIC__SECOND, LIMIT_MIN, 7500 * MS }, /* all others */
};

void pic__health_start(pic__health *h, const char *type, pic_time now)
{
        size_t i = 0;

        while (types[i].type[0] != '\0' && strcmp(types[i].type, type) != 0)
                i++;
        *h = (pic__health){ .state = PIC__HEALTH_STARTING,
                            .since = now,
                            .probe_at = now,
                            .trusted_at = now,
                            .patience = types[i].patience,
                            .limit_min = types[i].limit_min,
                            .limit_max = types[i].limit_max };
}

static void become(pic__health *h, enum pic__health_state state, pic_time now)
{
        h->state = state;
        h->since = now;
}

void pic__health_recall(pic__health *h, int down, pic_time now)
{
        if (down)
                become(h, PIC__HEALTH_DOWN, now);
}

void pic__health_made(pic__health *h, pic_time now)
{
        if (h->state == PIC__HEALTH_UP)
                become(h, PIC__HEALTH_STARTING, now);
        h->lost = h->answered = 0;
        h->silent = 0;
        h->counted = 0;
        if (h->probe_at != 0)
                h->probe_at = now;
}

void pic__health_alarm(pic__health *h, pic_time now)
{
        pic_time at = h->sent != 0 && h->sent + ALARM > now ? h->sent + ALARM : now;

        if (h->probe_at > at)
                h->probe_at = at;
}

void pic__health_sent(pic__health *h, pic_time now)
{
        h->sent = now;
        h->probe_at = 0;
        h->probed = 1;
}

static int stands_still(const pic__health *h)
{
        return h->state == PIC__HEALTH_UP && h->lost > 0;
}

/* Those that return are waited for a third of the time: an answer comes at once, or not yet. */
static unsigned part(const pic__health *h)
{
        if (h->state == PIC__HEALTH_DOWN)
                return DEAD_PART;
        return stands_still(h) ? STILL_PART : 1;
}

pic_time pic__health_limit(const pic__health *h)
{
        pic_time limit = 4 * h->latency;

        if (limit < h->limit_min)
                limit = h->limit_min;
        if (limit > h->limit_max)
                limit = h->limit_max;
        return limit / part(h);
}

unsigned pic__health_tries(const pic__health *h, int tcp)
{
        return (tcp ? TRIES_TCP : TRIES) / part(h);
}

/* An answer may take half of the time, which is two latencies. One that stands still is asked at once: what was heard
 * before is old. */
pic_time pic__health_knock(const pic__health *h)
{
        if (h->state != PIC__HEALTH_UP || h->probe_at != 0)
                return 0;
        return stands_still(h) ? h->sent : h->sent + pic__health_limit(h) / 2;
}

static void remember(pic__health *h, unsigned lost, int answered)
{
        for (; lost > 0; lost--, h->tries++)
                h->history = h->history << 1 | 1;
        h->history = answered ? h->history << 1 : h->history;
        h->tries += answered ? 1 : 0;
        h->tries = h->tries > 32 ? 32 : h->tries;
}

static void smooth(pic__health *h, pic_time latency)
{
        h->latency = h->latency == 0 ? latency : (7 * h->latency + latency) / 8;
}

static pic_time idle_probe(const pic__health *h, pic_time now)
{
        return now < h->busy_until ? now + BUSY_PROBE : (now + IDLE) / GRID * GRID;
}

static int came_up(pic__health *h, pic_time now)
{
        int first = h->state == PIC__HEALTH_STARTING;

        become(h, PIC__HEALTH_UP, now);
        h->probe_at = h->latency == 0 ? now + AGAIN : idle_probe(h, now);
        h->history = 0; /* what was lost until now says nothing of it */
        h->tries = 1;
        h->trusted_at = first && h->gap == 0 ? now : now + h->gap;
        return 1;
}

int pic__health_answered(pic__health *h, pic_time now, pic_time latency, unsigned missed)
{
        remember(h, missed, 1);
        if (h->answered > 0) /* the first one may have waited for a handshake */
                smooth(h, latency);
        h->lost = 0;
        h->silent = 0;
        h->answered++;
        h->heard = now;
        h->probe_at = idle_probe(h, now);
        if (h->state == PIC__HEALTH_STARTING || (h->state == PIC__HEALTH_DOWN && h->answered >= LIVE_AFTER))
                return came_up(h, now);
        if (h->state == PIC__HEALTH_DOWN)
                h->probe_at = now + AGAIN;
        return 0;
}

/* A dead exit is asked less and less often. */
static pic_time pause(const pic__health *h, pic_time now)
{
        if (h->state != PIC__HEALTH_DOWN)
                return 0;
        if (now - h->since < 30 * PIC__SECOND)
                return PIC__SECOND;
        return now - h->since < 300 * PIC__SECOND ? GRID : 5 * PIC__SECOND;
}

static int went_down(pic__health *h, pic_time now)
{
        if (h->state == PIC__HEALTH_UP && now - h->since >= STEADY)
                h->gap = 0;
        h->gap = h->gap == 0 ? GAP_MIN : 2 * h->gap;
        h->gap = h->gap > GAP_MAX ? GAP_MAX : h->gap;
        become(h, PIC__HEALTH_DOWN, now);
        return 1;
}

int pic__health_refused(pic__health *h, pic_time now)
{
        if (h->state != PIC__HEALTH_STARTING)
                return 0;
        return went_down(h, now);
}

/* Another probe's time is left. */
static int may_stand_still(const pic__health *h, pic_time now)
{
        return now + pic__health_limit(h) <= h->silent + STILL;
}

int pic__health_lost(pic__health *h, pic_time now, unsigned tries, int heard)
{
        int changed = 0;

        remember(h, tries, 0);
        h->answered = 0;
        h->lost++;
        if (h->silent == 0)
                h->silent = h->sent;
        if (h->state == PIC__HEALTH_UP ? !heard || !may_stand_still(h, now)
                                       : h->state == PIC__HEALTH_STARTING && now - h->since >= h->patience)
                changed = went_down(h, now);
        h->probe_at = h->sent + pause(h, now);
        if (h->probe_at < now)
                h->probe_at = now;
        return changed;
}

/* The next probe comes so long after the last answer, or now. */
static void hurry(pic__health *h, pic_time now, pic_time after)
{
        pic_time at = h->heard + after > now ? h->heard + after : now;

        if (h->state == PIC__HEALTH_UP && h->probe_at > at)
                h->probe_at = at;
}

/* Our own probes are no traffic: the first reading after one is only where counting begins again, and what the second
 * one finds may be the farewell of its connection, a few small packets. */
void pic__health_counted(pic__health *h, pic_time now, uint64_t out, uint64_t in)
{
        int known = h->counted && out >= h->out && in >= h->in, went = known && out > h->out;
        int silent = went && in == h->in, own = h->ended && out - h->out < FAREWELL;

        h->out = out;
        h->in = in;
        h->counted = 1;
        h->ended = h->probed;
        if (h->probed) {
                h->probed = h->probe_at == 0;
                return;
        }
        if (went && !own)
                h->busy_until = now + BUSY;
        if (silent)
                hurry(h, now, CALM);
        if (now < h->busy_until)
                hurry(h, now, BUSY_PROBE);
}

unsigned pic__health_loss(const pic__health *h)
{
        unsigned lost = 0, i;

        for (i = 0; i < h->tries; i++)
                lost += h->history >> i & 1;
        return h->tries > 0 ? 100 * lost / h->tries : 0;
}

/* --- groups --- */

static int up(const pic__member *m)
{
        return m->state == PIC__HEALTH_UP;
}

static int usable(const pic__member *m, pic_time now)
{
        return up(m) || (m->state == PIC__HEALTH_STARTING && now - m->since < GRACE);
}

/* The first of `count` that works and is trusted; count when none. */
static size_t first_trusted(const pic__member *members, size_t count, pic_time now)
{
        size_t i = 0;

        while (i < count && !(up(&members[i]) && members[i].trusted_at <= now))
                i++;
        return i;
}

static size_t place_of(const pic__member *members, size_t count, unsigned slot)
{
        size_t i = 0;

        while (i < count && members[i].slot != slot)
                i++;
        return i;
}

static size_t first_of(const pic__member *members, size_t count, enum pic__health_state state)
{
        size_t i = 0;

        while (i < count && members[i].state != state)
                i++;
        return i;
}

static size_t choose(const pic__member *members, size_t count, size_t current, pic_time now)
{
        size_t best;

        if (current < count && usable(&members[current], now)) {
                best = first_trusted(members, current, now);
                return best < current ? best : current;
        }
        best = first_trusted(members, count, now);
        if (best == count)
                best = first_of(members, count, PIC__HEALTH_UP);
        if (best == count && current < count)
                return current;
        if (best == count)
                best = first_of(members, count, PIC__HEALTH_STARTING);
        return best < count ? best : 0;
}

/* When time alone would change the choice. */
static pic_time again(const pic__member *members, size_t current, pic_time now)
{
        pic_time at = 0;
        size_t i;

        for (i = 0; i < current; i++)
                if (up(&members[i]) && members[i].trusted_at > now && (at == 0 || members[i].trusted_at < at))
                        at = members[i].trusted_at;
        if (members[current].state == PIC__HEALTH_STARTING && members[current].since + GRACE > now &&
            (at == 0 || members[current].since + GRACE < at))
                at = members[current].since + GRACE;
        return at;
}

unsigned pic__group_choose(const pic__member *members, size_t count, unsigned active, pic_time now, pic_time *ret_again)
{
        size_t chosen;

        *ret_again = 0;
        if (count == 0)
                return 0;
        chosen = choose(members, count, active != 0 ? place_of(members, count, active) : count, now);
        *ret_again = again(members, chosen, now);
        return members[chosen].slot;
}

enum pic__health_state pic__group_state(const pic__member *members, size_t count)
{
        if (first_of(members, count, PIC__HEALTH_UP) < count)
                return PIC__HEALTH_UP;
        return first_of(members, count, PIC__HEALTH_STARTING) < count ? PIC__HEALTH_STARTING : PIC__HEALTH_DOWN;
}
