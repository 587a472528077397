/* When an exit is dead and when it lives again: by hand, and in a simulated network of many seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/time.h"
#include "engine/exits_health.h"

#define S PIC__SECOND
#define MS ((pic_time)1000)
#define T0 (1000 * S)

/* One probe that is answered after 20 ms; the time of the answer. */
static pic_time hit(pic__health *h, pic_time at)
{
        pic__health_sent(h, at);
        (void)pic__health_answered(h, at + 20 * MS, 20 * MS, 0);
        return at + 20 * MS;
}

/* One that is lost. */
static pic_time miss(pic__health *h, pic_time at)
{
        pic_time limit = pic__health_limit(h);

        pic__health_sent(h, at);
        (void)pic__health_lost(h, at + limit, pic__health_tries(h, 0), 0);
        return at + limit;
}

/* One that is lost, while the far end was heard by another way. */
static pic_time stall(pic__health *h, pic_time at)
{
        pic_time limit = pic__health_limit(h);

        pic__health_sent(h, at);
        (void)pic__health_lost(h, at + limit, pic__health_tries(h, 0), 1);
        return at + limit;
}

static pic__health made_up(pic_time *ret_now)
{
        pic__health h;

        pic__health_start(&h, "wireguard", T0);
        assert_true(h.state == PIC__HEALTH_STARTING && h.probe_at == T0);
        *ret_now = hit(&h, T0);
        assert_true(h.state == PIC__HEALTH_UP && h.since == *ret_now && h.trusted_at == *ret_now);
        assert_true(h.latency == 0 && h.probe_at == *ret_now + 500 * MS); /* that one waited for a handshake, maybe */
        *ret_now = hit(&h, h.probe_at);
        assert_true(h.latency == 20 * MS);
        return h;
}

static void test_idle_death(void **state)
{
        pic_time now;
        pic__health h = made_up(&now);

        (void)state;
        assert_true(h.probe_at == T0 + 10 * S); /* with the others' */
        assert_true(pic__health_limit(&h) == 2700 * MS && pic__health_tries(&h, 0) == 9 &&
                    pic__health_tries(&h, 1) == 6);
        now = miss(&h, h.probe_at);
        assert_true(h.state == PIC__HEALTH_DOWN && h.since == now && now - T0 == 12700 * MS);
        assert_true(h.silent == T0 + 10 * S && h.lost == 1);
        assert_int_equal(pic__health_loss(&h), 81); /* 9 tries of 11 */
        assert_true(pic__health_limit(&h) == 900 * MS && pic__health_tries(&h, 0) == 3 &&
                    pic__health_tries(&h, 1) == 2);
}

static void test_return(void **state)
{
        pic_time now, gap = 5 * S;
        pic__health h = made_up(&now);
        int i;

        (void)state;
        for (i = 0; i < 9; i++) {
                now = miss(&h, h.probe_at);
                assert_int_equal(h.state, PIC__HEALTH_DOWN);
                assert_true(h.probe_at - now <= S);
                now = hit(&h, h.probe_at);
                assert_true(h.state == PIC__HEALTH_DOWN && h.probe_at == now + 500 * MS);
                now = miss(&h, h.probe_at); /* not two in a row */
                now = hit(&h, h.probe_at);
                assert_int_equal(h.state, PIC__HEALTH_DOWN);
                now = hit(&h, h.probe_at);
                assert_int_equal(h.state, PIC__HEALTH_UP);
                assert_true(h.trusted_at == now + gap);
                gap = gap * 2 < 300 * S ? gap * 2 : 300 * S;
        }
        while (now < h.since + 600 * S) /* steady: its deaths are forgotten */
                now = hit(&h, h.probe_at);
        now = miss(&h, h.probe_at);
        assert_true(h.gap == 5 * S);
}

/* A dead one is asked less and less often, but for ever. */
static void test_pauses(void **state)
{
        pic_time now;
        pic__health h = made_up(&now);
        int probes = 0;

        (void)state;
        while (now < T0 + 3600 * S) {
                now = miss(&h, h.probe_at);
                probes++;
        }
        assert_in_range(probes, 600, 900);
        assert_true(h.probe_at - h.sent == 5 * S);
        now = hit(&h, h.probe_at);
        (void)hit(&h, h.probe_at);
        assert_int_equal(h.state, PIC__HEALTH_UP);
}

static void test_starting(void **state)
{
        static const struct {
                const char *type;
                int patience;
        } cases[] = { { "wireguard", 15 }, { "ssh", 15 }, { "openvpn", 30 }, { "tor", 90 } };
        pic__health h;
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic_time now = T0;

                pic__health_start(&h, cases[i].type, now);
                while (h.state == PIC__HEALTH_STARTING)
                        now = miss(&h, h.probe_at);
                assert_int_equal(h.state, PIC__HEALTH_DOWN);
                assert_in_range((now - T0) / S, cases[i].patience, cases[i].patience + 5);
        }
        pic__health_start(&h, "wireguard", T0);
        (void)hit(&h, miss(&h, T0));
        assert_true(h.state == PIC__HEALTH_UP && pic__health_loss(&h) == 0);
}

/* What another agent saw: nobody is let out, or kept in, by a restart. */
static void test_recall(void **state)
{
        pic__health h;

        (void)state;
        pic__health_start(&h, "wireguard", T0);
        pic__health_recall(&h, 0, T0);
        assert_int_equal(h.state, PIC__HEALTH_STARTING);
        pic__health_recall(&h, 1, T0);
        assert_int_equal(h.state, PIC__HEALTH_DOWN);
        (void)hit(&h, hit(&h, T0));
        assert_int_equal(h.state, PIC__HEALTH_UP);
}

static void test_events(void **state)
{
        pic_time now;
        pic__health h = made_up(&now);

        (void)state;
        now = miss(&h, h.probe_at);
        pic__health_made(&h, now);
        assert_true(h.state == PIC__HEALTH_DOWN && h.probe_at == now);
        h = made_up(&now);
        pic__health_made(&h, now + S);
        assert_true(h.state == PIC__HEALTH_STARTING && h.since == now + S && h.probe_at == now + S);
        pic__health_sent(&h, now + S);
        pic__health_made(&h, now + S); /* one is out: that answer is waited for */
        assert_true(h.probe_at == 0);
}

/* Who keeps an exit's namespace restless does not make us ask all others at each turn of the loop. */
static void test_alarm(void **state)
{
        pic_time now = T0, until = T0 + 10 * PIC__SECOND;
        unsigned asked = 0;
        pic__health h;

        (void)state;
        pic__health_start(&h, "wireguard", now);
        for (; now < until; now += PIC__SECOND / 1000) {
                pic__health_alarm(&h, now);
                if (h.probe_at == 0 || h.probe_at > now)
                        continue;
                pic__health_sent(&h, now);
                pic__health_alarm(&h, now);
                assert_int_equal(h.probe_at, 0); /* it is on its way */
                pic__health_answered(&h, now, 1000, 0);
                asked++;
        }
        assert_in_range(asked, 15, 20);
}

static void test_limits(void **state)
{
        pic_time now, i;
        pic__health h;

        (void)state;
        pic__health_start(&h, "wireguard", T0);
        assert_true(pic__health_limit(&h) == 2700 * MS);
        now = hit(&h, hit(&h, T0));
        assert_true(pic__health_limit(&h) == 2700 * MS);
        for (i = 0; i < 50; i++) {
                pic__health_sent(&h, now);
                now += S;
                (void)pic__health_answered(&h, now, S, 0);
        }
        assert_in_range(pic__health_limit(&h), 3900 * MS, 4000 * MS);
        h.latency = 10 * S;
        assert_true(pic__health_limit(&h) == 7500 * MS);
        pic__health_start(&h, "tor", T0);
        assert_true(pic__health_limit(&h) == 3300 * MS);
        h.latency = 10 * S;
        assert_true(pic__health_limit(&h) == 10 * S);
}

/* A far end that is there: patience, asked at once each time, and an end of it. */
static void test_still(void **state)
{
        pic_time now, began;
        pic__health h = made_up(&now);

        (void)state;
        began = h.probe_at;
        pic__health_sent(&h, began);
        assert_true(pic__health_knock(&h) == began + 1350 * MS); /* half of its time */
        (void)pic__health_lost(&h, began + 2700 * MS, 9, 1);
        assert_true(h.state == PIC__HEALTH_UP && h.lost == 1 && h.probe_at == began + 2700 * MS);
        assert_true(pic__health_limit(&h) == 1350 * MS && pic__health_tries(&h, 0) == 4 &&
                    pic__health_tries(&h, 1) == 3);
        assert_true(pic__health_knock(&h) == 0); /* none is out */
        pic__health_sent(&h, h.probe_at);
        assert_true(pic__health_knock(&h) == h.sent); /* what was heard before is old */
        now = hit(&h, h.sent);
        assert_true(h.state == PIC__HEALTH_UP && h.lost == 0 && pic__health_limit(&h) == 2700 * MS);
        now = stall(&h, h.probe_at);
        now = miss(&h, now); /* and then it is silent */
        assert_int_equal(h.state, PIC__HEALTH_DOWN);
        pic__health_sent(&h, h.probe_at);
        assert_true(pic__health_knock(&h) == 0); /* a dead one is not asked */
        h = made_up(&now);
        for (began = now = h.probe_at; h.state == PIC__HEALTH_UP;)
                now = stall(&h, now);
        assert_true(h.state == PIC__HEALTH_DOWN && h.since == now && h.silent == began);
        assert_in_range(now - began, 12700 * MS, 14 * S);
        pic__health_start(&h, "tor", T0);
        (void)stall(&h, T0);
        assert_int_equal(h.state, PIC__HEALTH_STARTING); /* nothing to hold on to yet */
        (void)stall(&h, T0 + 90 * S);
        assert_int_equal(h.state, PIC__HEALTH_DOWN);
}

static void test_counters(void **state)
{
        pic_time now;
        pic__health h = made_up(&now);

        (void)state;
        pic__health_counted(&h, now, 1000, 1000);         /* the first reading, with our own probe in it */
        pic__health_counted(&h, now + 2 * S, 1100, 1100); /* the end of a connection of ours */
        assert_true(h.busy_until == 0 && h.probe_at == T0 + 10 * S);
        pic__health_counted(&h, now + 4 * S, 1500, 1300); /* others': what comes in may be the exit's own */
        assert_true(h.probe_at == now + 4 * S && h.busy_until == now + 9 * S);
        now = hit(&h, h.probe_at);
        assert_true(h.probe_at == now + 1500 * MS);
        pic__health_counted(&h, now, 1600, 1400);
        pic__health_counted(&h, now + 300 * MS, 2800, 1500);
        assert_true(h.probe_at == now + 1500 * MS);
        pic__health_counted(&h, now + 500 * MS, 3800, 1500); /* and nothing comes in */
        assert_true(h.probe_at == now + S);
        pic__health_counted(&h, now + 600 * MS, 10, 10); /* another device now */
        pic__health_counted(&h, now + 700 * MS, 10, 20);
        assert_true(h.probe_at == now + S);
        now = hit(&h, now + 10 * S);
        assert_true(h.probe_at > now + 8 * S); /* it is quiet again */
}

/* --- a simulated network -------------------------------------------------------------------------------------- */

struct net {
        uint64_t seed;
        unsigned loss; /* percent, each way */
        pic_time rtt;
        pic_time dies; /* 0: never */
        int traffic;   /* 0 none; packets a second */
        int tcp;       /* a try is a connection through a proxy */
        int chatty;    /* the exit answers something by itself, dead or alive */
        int held;      /* all goes over one connection that now and then stands still */
        int deaf;      /* and nobody knocks beside it */
        int mute;      /* the far end's machine lives on when it dies: it only carries nothing */
        pic_time still_from, still_until;
        uint64_t out, in;
        pic_time sent_until; /* traffic is accounted for until then */
};

static unsigned chance(struct net *n, unsigned below)
{
        n->seed = n->seed * 6364136223846793005u + 1442695040888963407u;
        return (unsigned)(n->seed >> 33) % below;
}

static int arrives(struct net *n, pic_time at)
{
        return (n->dies == 0 || at < n->dies) && chance(n, 100) >= n->loss;
}

static void flow(struct net *n, pic_time now)
{
        while (n->traffic > 0 && n->sent_until + S / n->traffic <= now) {
                n->sent_until += S / n->traffic;
                n->out += 100;
                if (n->chatty || (arrives(n, n->sent_until) && arrives(n, n->sent_until + n->rtt)))
                        n->in += 100;
        }
}

/* A connection, and over it a greeting, a wish, a question: what is lost comes again after one second (Linux: the first
 * packet), 0.2 s (others), and twice as long each time. */
static pic_time stream(struct net *n, pic_time at)
{
        pic_time took = 0, again;
        int i;

        for (i = 0; i < 4; i++) {
                for (again = i == 0 ? S : 200 * MS; !arrives(n, at + took) || !arrives(n, at + took); again *= 2)
                        if ((took += again) > 60 * S)
                                break;
                took += n->rtt;
        }
        return took;
}

/* That one is: what was asked meanwhile is answered when it goes on. Each time the same bytes are lost again, it lasts
 * twice as long; 12.6 s at most here, and far more often than with a real one. */
static pic_time held(struct net *n, pic_time at)
{
        while (n->still_until <= at) {
                pic_time rto = (200 + chance(n, 200)) * MS, lasts = 7 * rto;

                n->still_from = n->still_until + (5 + chance(n, 60)) * S;
                for (rto *= 8; lasts + rto <= 12600 * MS && chance(n, 100) < 30; rto *= 2)
                        lasts += rto;
                n->still_until = n->still_from + lasts;
        }
        at = (at >= n->still_from ? n->still_until : at) + n->rtt;
        return n->dies == 0 || at < n->dies ? at : INT64_MAX / 2;
}

/* Two connections of one's own beside it, whose first packets come again after a second and three. */
static int knocked(struct net *n, pic_time at, pic_time until)
{
        static const pic_time again[] = { 0, S, 3 * S };
        pic_time dies = n->dies;
        size_t i;
        int heard = 0;

        n->dies = n->mute ? 0 : n->dies;
        for (i = 0; at != 0 && !n->deaf && i < 6; i++) {
                pic_time sent = at + again[i / 2];

                heard |= sent + n->rtt < until && arrives(n, sent) && arrives(n, sent + n->rtt);
        }
        n->dies = dies;
        return heard;
}

/* One whole probe. When it is over. */
static pic_time probe(struct net *n, pic__health *h, pic_time now)
{
        pic_time limit = pic__health_limit(h), first = now + limit;
        unsigned tries = pic__health_tries(h, n->tcp), i, answered = tries;

        pic_time knock_at;

        pic__health_sent(h, now);
        knock_at = pic__health_knock(h);
        for (i = 0; i < tries && now + (pic_time)i * (limit / tries) < first; i++) {
                pic_time at = now + (pic_time)i * (limit / tries), took = n->rtt / 2 + chance(n, (unsigned)n->rtt);

                n->out += 60;
                if (n->held)
                        took = held(n, at) - at;
                else if (n->tcp)
                        took = stream(n, at);
                else if (!arrives(n, at) || !arrives(n, at + took))
                        continue;
                if (at + took >= first)
                        continue;
                first = at + took;
                answered = i;
        }
        flow(n, first);
        if (answered == tries) {
                (void)pic__health_lost(h, first, tries, n->held && knocked(n, knock_at, first));
                return first;
        }
        n->in += 200;
        (void)pic__health_answered(h, first, first - now - (pic_time)answered * (limit / tries), answered);
        return first;
}

/* Until it is down or the time is over. Readings of counters that fall into a probe are made after it. */
static pic_time run(struct net *n, pic__health *h, pic_time now, pic_time until)
{
        pic_time count_at = now;

        n->sent_until = now;
        while (now < until && h->state != PIC__HEALTH_DOWN) {
                if (count_at <= h->probe_at) {
                        now = count_at > now ? count_at : now;
                        flow(n, now);
                        pic__health_counted(h, now, n->out, n->in);
                        count_at = now + (now < h->busy_until ? PIC__HEALTH_COUNT_BUSY : PIC__HEALTH_COUNT_IDLE);
                } else {
                        now = h->probe_at > now ? h->probe_at : now;
                        flow(n, now);
                        now = probe(n, h, now);
                        pic__health_counted(h, now, n->out, n->in);
                }
        }
        return now;
}

/* Half an hour at 5 % loss each way: no alarm, whatever is sent meanwhile. */
static void test_soak(void **state)
{
        static const int traffic[] = { 0, 1, 20, 1 };
        uint64_t seed, probes_lost = 0;
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(traffic) / sizeof(traffic[0]); i++) {
                for (seed = 1; seed <= 1000; seed++) {
                        struct net n = { .seed = seed * 7919, .loss = 5, .rtt = 20 * MS, .traffic = traffic[i] };
                        pic__health h;

                        n.tcp = i == 3;
                        n.rtt += chance(&n, n.tcp ? 150 : 500) * MS;
                        pic__health_start(&h, "wireguard", T0);
                        (void)run(&n, &h, T0, T0 + 1800 * S);
                        if (h.state != PIC__HEALTH_UP)
                                fail_msg("seed %u, traffic %d: a false alarm", (unsigned)seed, traffic[i]);
                        assert_true(h.since < T0 + 10 * S);
                        probes_lost += h.lost;
                        assert_in_range(pic__health_loss(&h), 0, 45);
                }
        }
        print_message("4000 soaks of 30 minutes, 1000 of them over TCP, no alarm\n");
}

/* The same over one connection that stands still again and again: no alarm, but many if nobody knocked. */
static void test_still_soak(void **state)
{
        unsigned alarms = 0, deaf;
        uint64_t seed;

        (void)state;
        for (deaf = 0; deaf <= 1; deaf++) {
                for (seed = 1; seed <= 500; seed++) {
                        struct net n = { .seed = seed * 7919, .loss = 5, .rtt = 20 * MS, .traffic = 20 };
                        pic__health h;

                        n.held = n.tcp = 1;
                        n.deaf = deaf != 0;
                        n.rtt += chance(&n, 300) * MS;
                        n.still_until = T0;
                        pic__health_start(&h, "tor", T0);
                        (void)run(&n, &h, T0, T0 + 1800 * S);
                        if (!deaf && h.state != PIC__HEALTH_UP)
                                fail_msg("seed %u: a false alarm", (unsigned)seed);
                        alarms += h.state != PIC__HEALTH_UP;
                }
        }
        assert_true(alarms > 400);
        print_message("500 soaks over one connection that stands still, no alarm; without knocking %u\n", alarms);
}

/* The longest time from a death to its being seen, over many seeds. */
static pic_time worst(int traffic, int chatty, unsigned loss)
{
        pic_time longest = 0;
        uint64_t seed;

        for (seed = 1; seed <= 2000; seed++) {
                struct net n = { .seed = seed * 104729, .loss = loss, .rtt = 20 * MS, .traffic = traffic };
                pic_time seen;
                pic__health h;

                n.chatty = chatty;
                n.rtt += chance(&n, 400) * MS;
                n.dies = T0 + 60 * S + chance(&n, 20000) * MS;
                pic__health_start(&h, "wireguard", T0);
                seen = run(&n, &h, T0, T0 + 200 * S);
                assert_int_equal(h.state, PIC__HEALTH_DOWN);
                assert_true(seen > n.dies);
                if (seen - n.dies > longest)
                        longest = seen - n.dies;
        }
        print_message("%d packets a second%s, %u %% loss: dead seen within %d ms\n", traffic,
                      chatty ? ", and the exit talks" : "", loss, (int)(longest / MS));
        return longest;
}

static void test_detection(void **state)
{
        (void)state;
        assert_true(worst(0, 0, 0) <= 15 * S);
        assert_true(worst(0, 0, 5) <= 15 * S);
        assert_true(worst(1, 0, 0) <= 5 * S);
        assert_true(worst(1, 1, 5) <= 5 * S);
        assert_true(worst(50, 0, 0) <= 5 * S);
        assert_true(worst(50, 1, 0) <= 5 * S);
        assert_true(worst(50, 1, 5) <= 5 * S);
}

/* And over such a connection, whatever it does just then. mute: the machine goes on to take connections. */
static pic_time worst_held(int traffic, int mute)
{
        pic_time longest = 0;
        uint64_t seed;

        for (seed = 1; seed <= 2000; seed++) {
                struct net n = { .seed = seed * 104729, .loss = 5, .rtt = 20 * MS, .traffic = traffic };
                pic_time seen;
                pic__health h;

                n.held = n.tcp = n.chatty = 1;
                n.mute = mute;
                n.rtt += chance(&n, 300) * MS;
                n.dies = T0 + 60 * S + chance(&n, 40000) * MS;
                n.still_until = n.dies - 40 * S; /* about one before it, or in the middle of it */
                pic__health_start(&h, "tor", T0);
                seen = run(&n, &h, T0, T0 + 200 * S);
                assert_int_equal(h.state, PIC__HEALTH_DOWN);
                assert_true(seen > n.dies);
                if (seen - n.dies > longest)
                        longest = seen - n.dies;
        }
        print_message("one connection, %d packets a second%s: dead seen within %d ms\n", traffic,
                      mute ? ", the machine lives" : "", (int)(longest / MS));
        return longest;
}

static void test_held_detection(void **state)
{
        (void)state;
        assert_true(worst_held(20, 0) <= 5 * S);
        assert_true(worst_held(0, 0) <= 15 * S);
        assert_true(worst_held(20, 1) <= 15500 * MS);
        assert_true(worst_held(0, 1) <= 24 * S);
}

/* Traffic that begins when the exit is dead already. */
static void test_late_traffic(void **state)
{
        uint64_t seed;

        (void)state;
        for (seed = 1; seed <= 500; seed++) {
                struct net n = { .seed = seed, .rtt = 50 * MS };
                pic_time now, begins;
                pic__health h;

                pic__health_start(&h, "wireguard", T0);
                begins = T0 + 30 * S + chance(&n, 10000) * MS;
                now = begins = run(&n, &h, T0, begins);
                n.dies = 1;
                n.traffic = 10;
                now = run(&n, &h, now, now + 60 * S);
                assert_int_equal(h.state, PIC__HEALTH_DOWN);
                assert_true(now - begins <= 5 * S);
        }
}

/* --- groups --------------------------------------------------------------------------------------------------- */

#define UP PIC__HEALTH_UP
#define DOWN PIC__HEALTH_DOWN
#define NEW PIC__HEALTH_STARTING

static void test_choice(void **state)
{
        static const pic_time now = T0, long_ago = T0 - 100 * S;
        static const struct {
                enum pic__health_state first, second, third;
                unsigned active, want;
        } cases[] = {
                { UP, UP, UP, 0, 1 },       { UP, UP, UP, 2, 1 },       { DOWN, UP, UP, 1, 2 },
                { DOWN, UP, UP, 2, 2 },     { DOWN, UP, UP, 3, 2 },     { DOWN, DOWN, UP, 1, 3 },
                { DOWN, DOWN, DOWN, 0, 1 }, { DOWN, DOWN, DOWN, 2, 2 }, { DOWN, DOWN, DOWN, 9, 1 },
                { NEW, NEW, NEW, 0, 1 },    { NEW, NEW, NEW, 2, 2 },    { NEW, UP, UP, 1, 2 },
                { DOWN, NEW, DOWN, 0, 2 },  { NEW, DOWN, UP, 0, 3 },    { UP, DOWN, DOWN, 7, 1 },
        };
        pic_time again;
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const pic__member m[] = { { 1, cases[i].first, long_ago, long_ago },
                                          { 2, cases[i].second, long_ago, long_ago },
                                          { 3, cases[i].third, long_ago, long_ago } };

                assert_int_equal(pic__group_choose(m, 3, cases[i].active, now, &again), cases[i].want);
                assert_true(again == 0);
        }
        assert_int_equal(pic__group_choose(NULL, 0, 3, now, &again), 0); /* never anything outside the list */
}

static void test_patience(void **state)
{
        pic__member m[] = { { 1, UP, T0, T0 + 20 * S }, { 2, UP, T0, T0 }, { 3, UP, T0, T0 } };
        pic_time again;

        (void)state;
        assert_int_equal(pic__group_choose(m, 3, 2, T0, &again), 2); /* not back yet */
        assert_true(again == T0 + 20 * S);
        assert_int_equal(pic__group_choose(m, 3, 2, T0 + 20 * S, &again), 1);
        assert_true(again == 0);
        m[1].state = DOWN;
        assert_int_equal(pic__group_choose(m, 3, 2, T0, &again), 3); /* who is trusted first, */
        m[2].state = DOWN;
        assert_int_equal(pic__group_choose(m, 3, 2, T0, &again), 1); /* who works at all then */
        m[0].state = NEW; /* made anew, and standbys are there: a moment of patience */
        m[0].since = T0;
        m[1].state = UP;
        assert_int_equal(pic__group_choose(m, 3, 1, T0 + S, &again), 1);
        assert_true(again == T0 + 5 * S);
        assert_int_equal(pic__group_choose(m, 3, 1, T0 + 5 * S, &again), 2);
        m[0] = (pic__member){ 1, NEW, T0, T0 };
        m[1].state = m[2].state = DOWN;
        assert_int_equal(pic__group_state(m, 3), NEW);
        m[0].state = DOWN;
        assert_int_equal(pic__group_state(m, 3), DOWN);
        m[2].state = UP;
        assert_int_equal(pic__group_state(m, 3), UP);
        assert_int_equal(pic__group_state(m, 0), DOWN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_idle_death), cmocka_unit_test(test_return),         cmocka_unit_test(test_pauses),
                cmocka_unit_test(test_starting),   cmocka_unit_test(test_recall),         cmocka_unit_test(test_events),
                cmocka_unit_test(test_limits),     cmocka_unit_test(test_counters),       cmocka_unit_test(test_soak),
                cmocka_unit_test(test_detection),  cmocka_unit_test(test_late_traffic),   cmocka_unit_test(test_choice),
                cmocka_unit_test(test_patience),   cmocka_unit_test(test_alarm),          cmocka_unit_test(test_still),
                cmocka_unit_test(test_still_soak), cmocka_unit_test(test_held_detection),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
