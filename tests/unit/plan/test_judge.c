/* Shows: assertions judged as why would judge each packet, in random cells; what is told; what a change is not blamed
 * for. */
#include "plan/judge.h"

#include "model/exit.h"
#include "model/rule.h"
#include "plan/why.h"
#include "sample.h"

#define JUDGE_AUTO PIC__AUTO(pic__judge_unref_p) pic__judge *

static const char *const grants[] = {
        "internet",
        "lan",
        "peers",
        "peer:p0",
        "peer:p1",
        "group:g0",
        "group:g1",
        "192.168.1.0/24",
        "192.168.0.0/16:tcp/80-90",
        "10.1.0.1",
        "10.1.0.10",
        "192.168.1.10:tcp/85-445",
        "10.1.0.0/16:udp/53",
        "[fd00:1::]/64:icmp",
        "[fd12:3456:789a::]/48:tcp/80-90",
        "8.0.0.0/8:udp",
        "[2001:db8::]/32:tcp",
};
static const char *const senders[] = { "peers", "peer:p0", "peer:p1", "peer:p2", "group:g0", "group:g1" };
static const char *const targets[] = {
        "10.1.0.1",
        "10.1.0.10",
        "10.1.0.11",
        "10.1.0.12",
        "10.1.0.99",
        "192.168.1.9",
        "192.168.1.10",
        "192.168.9.5",
        "192.168.77.1",
        "8.8.8.8",
        "9.9.9.9",
        "100.64.0.1",
        "[fd12:3456:789a::1]",
        "[fd12:3456:789a::a]",
        "[fd12:3456:789a::b]",
        "[fd12:3456:789a::c]",
        "[fd00:1::5]",
        "[fd00:2::5]",
        "[fd77::5]",
        "[2001:db8::1]",
        "[2600::1]",
};
static const char *const services[] = {
        "tcp/80", "tcp/85", "tcp/445", "tcp/443", "udp/53", "udp/999", "icmp", "tcp/22"
};

/* Whether a packet passes. -1: the answer is a part only, or what every device may. */
static int asked(const pic__snap *s, const char *from, const char *target, const char *service)
{
        char to[128];
        pic__why why;

        snprintf(to, sizeof(to), "%s:%s", target, service);
        assert_int_equal(pic__plan_why(s, from, to, 0, &why, NULL), 0);
        return strcmp(why.source, why.destination) == 0 ? -1 : why.allowed;
}

static int is_always(const pic__snap *s, const char *target, const char *service)
{
        char to[128];
        pic__why why;

        snprintf(to, sizeof(to), "%s:%s", target, service);
        assert_int_equal(pic__plan_why(s, "probe", to, 0, &why, NULL), 0);
        return strncmp(why.rule, "always:", 7) == 0;
}

static const char *any(uint64_t *seed, const char *const *list, size_t count)
{
        return list[sample_random(seed) % count];
}
#define ANY(list) any(&seed, list, PIC__COUNT(list))

/* Four devices, two groups, one rule; and a device that may send just what the rule speaks of. */
static pic__snap *random_cell(uint64_t *state, char rule[200])
{
        pic__snap *s = sample_snap();
        uint64_t seed = *state;
        const char *to = ANY(grants);
        char fields[700];
        unsigned i;

        for (i = 0; i < 2; i++) {
                snprintf(fields, sizeof(fields), "name=g%u access=%s", i, ANY(grants));
                sample_put(s, PIC__GROUP, 50 + i, fields);
        }
        for (i = 0; i < 4; i++) {
                snprintf(fields, sizeof(fields),
                         "name=p%u address4=10.1.0.%u address6=fd12:3456:789a::%x access=%s,%s groups=%s enabled=%s "
                         "subnets=%s",
                         i, 10 + i, 10 + i, ANY(grants), sample_random(&seed) % 3 == 0 ? to : ANY(grants),
                         sample_random(&seed) % 2 == 0 ? "g0" : "g0,g1", sample_random(&seed) % 6 == 0 ? "no" : "yes",
                         i == 1 ? "192.168.9.0/24,fd77::/64" : "");
                sample_put(s, PIC__PEER, 100 + i, fields);
        }
        snprintf(fields, sizeof(fields), "name=probe address4=10.1.0.200 address6=fd12:3456:789a::c8 access=%s", to);
        sample_put(s, PIC__PEER, 200, fields);
        snprintf(rule, 200, "%s %s -> %s", sample_random(&seed) % 2 == 0 ? "never" : "always", ANY(senders), to);
        *state = seed;
        return s;
}

static void put_rule(pic__snap *s, pic_id id, const char *name, const char *rule, int enabled)
{
        pic_obj *o = NULL;

        assert_int_equal(pic__obj_new(PIC__ASSERTION, &o, NULL), 0);
        o->id = id;
        sample_set(o, "name", name);
        sample_set(o, "rule", rule);
        sample_set(o, "enabled", enabled ? "yes" : "no");
        assert_int_equal(pic__snap_put(s, o, NULL), 0);
        pic__obj_unref(o);
}

static int is_meant(const pic__snap *s, const pic__rule *r, const char *name)
{
        const pic_obj *peer = pic__snap_named(s, PIC__PEER, name);

        if (!pic__snap_active(s, peer))
                return 0;
        return r->from == PIC__FROM_PEERS  ? 1
               : r->from == PIC__FROM_PEER ? strcmp(r->name, name) == 0
                                           : pic__list_has(pic__obj_text(peer, "groups"), r->name);
}

/* Packets, one by one: does some break the rule? */
static int some_break(const pic__snap *s, const pic__rule *r)
{
        static const char *const names[] = { "p0", "p1", "p2", "p3" };
        size_t i, k, m;

        for (i = 0; i < PIC__COUNT(names); i++) {
                if (!is_meant(s, r, names[i]))
                        continue;
                for (k = 0; k < PIC__COUNT(targets); k++)
                        for (m = 0; m < PIC__COUNT(services); m++) {
                                int passes = asked(s, names[i], targets[k], services[m]);

                                if (is_always(s, targets[k], services[m]) || passes < 0)
                                        continue;
                                if (asked(s, "probe", targets[k], services[m]) == 1 && passes == !r->always)
                                        return 1;
                        }
        }
        return 0;
}

/* "10.1.0.4 -> 1.0.0.1 tcp/443": the packet that was told must break the rule. */
static void check_told(const pic__snap *s, const pic__rule *r, const pic__breach *b)
{
        const pic_obj *peer = pic__snap_named(s, PIC__PEER, b->peer), *to;
        char text[160], *destination, *service, target[80];

        assert_non_null(peer);
        snprintf(text, sizeof(text), "%s", b->packet);
        destination = strstr(text, " -> ");
        assert_non_null(destination);
        *destination = '\0';
        destination += 4;
        service = strchr(destination, ' ');
        *service++ = '\0';
        assert_true(strcmp(text, pic__obj_text(peer, "address4")) == 0 ||
                    strcmp(text, pic__obj_text(peer, "address6")) == 0);
        snprintf(target, sizeof(target), strchr(destination, ':') != NULL ? "[%s]" : "%s", destination);
        assert_int_equal(b->grant == NULL, r->always);
        if (strncmp(service, "protocol ", 9) == 0) /* none that one can ask about */
                return;
        assert_int_equal(asked(s, b->peer, target, service), !r->always);
        to = r->to.to == PIC__TO_PEER ? pic__snap_named(s, PIC__PEER, r->to.name) : NULL;
        if (to == NULL || pic__snap_active(s, to))
                assert_int_equal(asked(s, "probe", target, service), 1);
}

static void random_cells(void **state)
{
        unsigned round, broken[2] = { 0, 0 }, kept[2] = { 0, 0 };
        uint64_t seed = 7;

        (void)state;
        for (round = 0; round < SAMPLE_ROUNDS(1500); round++) {
                char rule[200];
                SNAP_AUTO s = random_cell(&seed, rule);
                JUDGE_AUTO j = NULL;
                const char *why;
                pic__rule r;

                assert_int_equal(pic__rule_parse(rule, &r, &why), 0);
                sample_attach(s, round % 3 == 0 ? "8.8.8.0/24\n2001:db8::/64\n100.64.0.0/16\n" : "");
                put_rule(s, 300, "a", rule, 1);
                /* The probe is a device as well: what it may is what is asked about. */
                assert_int_equal(pic__judge_new(&j, NULL), 0);
                assert_int_equal(pic__judge_now(j, s, NULL), 0);
                if (pic__judge_count(j) > 0 && strcmp(pic__judge_breach(j, 0)->peer, "probe") != 0) {
                        check_told(s, &r, pic__judge_breach(j, 0));
                        broken[r.always]++;
                } else {
                        if (some_break(s, &r))
                                fail_msg("round %u: '%s' is broken, and nothing is told", round, rule);
                        kept[r.always]++;
                }
        }
        print_message("never: %u broken, %u kept; always: %u broken, %u kept\n", broken[0], kept[0], broken[1],
                      kept[1]);
        assert_true(broken[0] > SAMPLE_ROUNDS(100) && kept[0] > SAMPLE_ROUNDS(100) && broken[1] > SAMPLE_ROUNDS(100) &&
                    kept[1] > SAMPLE_ROUNDS(20));
}

static pic__snap *household(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__GROUP, 50, "name=kids access=lan");
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=peer:nas");
        sample_put(s, PIC__PEER, 21, "name=nas address4=10.1.0.3 address6=fd12:3456:789a::3");
        sample_put(s, PIC__PEER, 22, "name=ben address4=10.1.0.4 address6=fd12:3456:789a::4 groups=kids");
        sample_put(s, PIC__PEER, 23, "name=cleo address4=10.1.0.5 address6=fd12:3456:789a::5 groups=kids");
        sample_now(s, SAMPLE_NOW);
        return s;
}

static void told(pic__judge *j, const char *text)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < pic__judge_count(j); i++) {
                pic__buf_puts(&b, i > 0 ? "\n" : "");
                pic__judge_text(pic__judge_breach(j, i), &b);
        }
        assert_string_equal(pic__buf_str(&b), text);
}

static void now(pic__judge *j, const pic__snap *s, const char *text)
{
        assert_int_equal(pic__judge_now(j, s, NULL), 0);
        told(j, text);
}

static void a_household(void **state)
{
        SNAP_AUTO s = household();
        JUDGE_AUTO j = NULL;

        (void)state;
        assert_int_equal(pic__judge_new(&j, NULL), 0);
        now(j, s, "");
        put_rule(s, 1, "offline", "never group:kids -> internet", 1);
        put_rule(s, 2, "backup", "always anna -> peer:nas", 1);
        put_rule(s, 3, "off", "never peers -> peers", 0);
        now(j, s, "");
        sample_put(s, PIC__GROUP, 50, "name=kids access=internet");
        now(j, s,
            "never group:kids -> internet: ben could send 10.1.0.4 -> 1.0.0.1 tcp/443, by internet; so it is for 1 "
            "other device");
        sample_put(s, PIC__GROUP, 50, "name=kids access=1.1.1.1:udp/53");
        sample_put(s, PIC__PEER, 23, "name=cleo address4=10.1.0.5 address6=fd12:3456:789a::5");
        now(j, s, "never group:kids -> internet: ben could send 10.1.0.4 -> 1.1.1.1 udp/53, by 1.1.1.1:udp/53");
        sample_put(s, PIC__GROUP, 50, "name=kids");
        /* A device that is called by its name: it is the other end, or the one that sends. */
        sample_put(s, PIC__PEER, 21, "name=nas address4=10.1.0.3 address6=fd12:3456:789a::3 enabled=no");
        now(j, s, "always peer:anna -> peer:nas: anna could not send 10.1.0.2 -> 10.1.0.3 tcp/443");
        sample_put(s, PIC__PEER, 21, "name=nas address4=10.1.0.3 address6=fd12:3456:789a::3");
        sample_put(s, PIC__PEER, 20,
                   "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=peer:nas enabled=no");
        now(j, s, "always peer:anna -> peer:nas: anna could not send 10.1.0.2 -> 10.1.0.3 tcp/443");
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=10.1.0.3");
        now(j, s, "always peer:anna -> peer:nas: anna could not send fd12:3456:789a::2 -> fd12:3456:789a::3 tcp/443");
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=peers");
        now(j, s, "");
        /* What every device may, may these. */
        put_rule(s, 2, "backup", "never peers -> 10.1.0.1:tcp", 1);
        now(j, s,
            "never peers -> 10.1.0.1:tcp: anna could send 10.1.0.2 -> 10.1.0.1 tcp/53, by what every device may; so "
            "it is for 3 other devices");
        /* Nobody sends to itself. */
        put_rule(s, 2, "backup", "never peers -> 10.1.0.5", 1);
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2");
        sample_put(s, PIC__PEER, 23, "name=cleo address4=10.1.0.5 address6=fd12:3456:789a::5 access=10.1.0.5");
        now(j, s, "");
        put_rule(s, 2, "backup", "always group:kids -> group:kids", 1);
        sample_put(s, PIC__PEER, 22, "name=ben address4=10.1.0.4 address6=fd12:3456:789a::4 groups=kids");
        now(j, s, "");
}

/* What was so before is nobody's fault now; what is more than that is. */
static void not_blamed(void **state)
{
        SNAP_AUTO before = household();
        SNAP_AUTO after = household();
        JUDGE_AUTO j = NULL;

        (void)state;
        assert_int_equal(pic__judge_new(&j, NULL), 0);
        put_rule(before, 1, "offline", "never group:kids -> internet", 1);
        put_rule(after, 1, "offline", "never group:kids -> internet", 1);
        sample_put(before, PIC__GROUP, 50, "name=kids access=8.0.0.0/8:tcp");
        sample_put(after, PIC__GROUP, 50, "name=kids access=8.0.0.0/8:tcp");
        now(j, after,
            "never group:kids -> internet: ben could send 10.1.0.4 -> 8.0.0.1 tcp/443, by 8.0.0.0/8:tcp; so it is for "
            "1 other device");
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j, "");
        /* one more port, one more address, one more device, an assertion that is new */
        sample_put(after, PIC__GROUP, 50, "name=kids access=8.0.0.0/8:tcp,8.8.8.8:udp/53");
        assert_int_equal(pic__judge_now(j, after, NULL), 0);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j,
             "never group:kids -> internet: ben could send 10.1.0.4 -> 8.8.8.8 udp/53, by 8.8.8.8:udp/53; so it is for "
             "1 other device");
        sample_put(after, PIC__GROUP, 50, "name=kids access=8.0.0.0/8:tcp");
        sample_put(after, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 groups=kids");
        assert_int_equal(pic__judge_now(j, after, NULL), 0);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j, "never group:kids -> internet: anna could send 10.1.0.2 -> 8.0.0.1 tcp/443, by 8.0.0.0/8:tcp");
        put_rule(before, 1, "offline", "never group:kids -> internet", 0);
        assert_int_equal(pic__judge_now(j, after, NULL), 0);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        assert_int_equal(pic__judge_breach(j, 0)->peers, 3);
        /* The cell moves to other networks: the same devices do the same. */
        put_rule(before, 1, "offline", "never group:kids -> peer:nas", 1);
        put_rule(after, 1, "offline", "never group:kids -> peer:nas", 1);
        sample_put(before, PIC__GROUP, 50, "name=kids access=peers");
        sample_put(after, PIC__GROUP, 50, "name=kids access=peers");
        sample_put(before, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 groups=kids");
        sample_put(after, PIC__CELL, 1,
                   "name=home domain=internal net4=10.9.0.0/16 net6=fd12:3456:789b::/48 "
                   "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw= "
                   "private_key=c2VhbGVkIHNlYWxlZCBzZWFsZWQgc2VhbGVkIHNlYWxlZCBzZWFsZWQ=");
        sample_put(after, PIC__PEER, 20, "name=anna address4=10.9.0.2 address6=fd12:3456:789b::2 groups=kids");
        sample_put(after, PIC__PEER, 21, "name=nas address4=10.9.0.3 address6=fd12:3456:789b::3");
        sample_put(after, PIC__PEER, 22, "name=ben address4=10.9.0.4 address6=fd12:3456:789b::4 groups=kids");
        sample_put(after, PIC__PEER, 23, "name=cleo address4=10.9.0.5 address6=fd12:3456:789b::5 groups=kids");
        now(j, after,
            "never group:kids -> peer:nas: anna could send 10.9.0.2 -> 10.9.0.3 tcp/443, by peers; so it is for 2 "
            "other "
            "devices");
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j, "");
}

/* A rule is the same when it means the same: what it names is told by its id, not by what it is called. */
static void not_blamed_by_name(void **state)
{
        SNAP_AUTO before = household();
        SNAP_AUTO after = household();
        JUDGE_AUTO j = NULL;

        (void)state;
        assert_int_equal(pic__judge_new(&j, NULL), 0);
        put_rule(before, 1, "offline", "never group:kids -> peer:nas", 1);
        put_rule(after, 1, "offline", "never group:children -> peer:disk", 1);
        sample_put(before, PIC__GROUP, 50, "name=kids access=peers");
        sample_put(after, PIC__GROUP, 50, "name=children access=peers");
        sample_put(after, PIC__PEER, 21, "name=disk address4=10.1.0.3 address6=fd12:3456:789a::3");
        sample_put(after, PIC__PEER, 22, "name=ben address4=10.1.0.4 address6=fd12:3456:789a::4 groups=children");
        sample_put(after, PIC__PEER, 23, "name=cleo address4=10.1.0.5 address6=fd12:3456:789a::5 groups=children");
        now(j, after,
            "never group:children -> peer:disk: ben could send 10.1.0.4 -> 10.1.0.3 tcp/443, by peers; so it is for 1 "
            "other device");
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j, "");
        /* One device more in the group that is called otherwise now. */
        sample_put(after, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 groups=children");
        assert_int_equal(pic__judge_now(j, after, NULL), 0);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j, "never group:children -> peer:disk: anna could send 10.1.0.2 -> 10.1.0.3 tcp/443, by peers");
        sample_put(after, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2");
        /* Another device that is called as the former one was: another rule, which must hold. */
        put_rule(after, 1, "offline", "never group:children -> peer:nas", 1);
        sample_put(after, PIC__PEER, 24, "name=nas address4=10.1.0.6 address6=fd12:3456:789a::6");
        sample_put(before, PIC__PEER, 24, "name=tv address4=10.1.0.6 address6=fd12:3456:789a::6");
        assert_int_equal(pic__judge_now(j, after, NULL), 0);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j,
             "never group:children -> peer:nas: ben could send 10.1.0.4 -> 10.1.0.6 tcp/443, by peers; so it is for 1 "
             "other device");
        /* The same for who sends. */
        put_rule(before, 1, "offline", "never peer:ben -> peers", 1);
        put_rule(after, 1, "offline", "never peer:bob -> peers", 1);
        sample_put(after, PIC__PEER, 22, "name=bob address4=10.1.0.4 address6=fd12:3456:789a::4 groups=children");
        assert_int_equal(pic__judge_now(j, after, NULL), 0);
        assert_int_equal(pic__judge_count(j), 1);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j, "");
        put_rule(after, 1, "offline", "never peer:cleo -> peers", 1);
        assert_int_equal(pic__judge_now(j, after, NULL), 0);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        assert_int_equal(pic__judge_count(j), 1);
        /* Said anew, in other words or for less: it must hold. */
        put_rule(before, 1, "offline", "never group:kids -> peers", 1);
        put_rule(after, 1, "offline", "never group:children -> peer:disk", 1);
        assert_int_equal(pic__judge_now(j, after, NULL), 0);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        assert_int_equal(pic__judge_count(j), 1);
}

/* ---- ways ---- */

static const char *const exits[] = { "", " exit=far", " exit=home", " exit=never", " exit=best", " exit=direct" };
static const char *const opens[] = { "", " failopen=yes", " failopen=no" };
static const char *const far_grants[] = { "internet", "8.0.0.0/8:udp", "[2600::]/16:tcp", "192.168.0.0/16:tcp/80-90",
                                          "8.8.8.8" };
static const char *const ways[] = { "via direct", "via far", "via home", "via best", "via never" };
static const char *const ends[] = { "8.9.9.9",   "192.168.1.10", "192.168.9.5",   "8.8.8.8",   "9.9.9.9",
                                    "[2600::1]", "[fd77::5]",    "[2001:db8::1]", "100.64.0.1" };
/* What the agent may find: everything works; one is down; the group uses one or the other, or has none. */
static const struct {
        unsigned slot, down, judged, active;
} found[] = { { 0, 0, 0, 0 }, { 1, 1, 0, 0 }, { 3, 1, 0, 0 }, { 4, 0, 1, 1 },
              { 4, 0, 1, 3 }, { 4, 1, 1, 0 }, { 2, 1, 0, 0 } };

static void tell_fact(pic__snap *s, size_t i)
{
        pic__exit_facts facts = { .at = { { 0 } } };

        facts.at[found[i].slot].down = found[i].down != 0;
        facts.at[found[i].slot].judged = found[i].judged != 0;
        facts.at[found[i].slot].active = (uint8_t)found[i].active;
        assert_int_equal(pic__snap_tell_exits(s, &facts, NULL), 0);
}

static pic__snap *random_ways(uint64_t *state, char rule[200])
{
        pic__snap *s = sample_snap();
        uint64_t seed = *state;
        const char *to = ANY(far_grants);
        char fields[700];
        unsigned i, always = sample_random(&seed) % 2 == 0;

        sample_put(s, PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32,fd99::2/128");
        sample_put(s, PIC__CONNECTION, 2, "name=never type=block slot=2 failopen=yes");
        sample_put(s, PIC__CONNECTION, 3,
                   sample_random(&seed) % 4 == 0 ? "name=home type=ssh slot=3 failopen=yes enabled=no"
                                                 : "name=home type=ssh slot=3 failopen=yes");
        sample_put(s, PIC__CONNECTION, 4,
                   sample_random(&seed) % 3 == 0 ? "name=best type=group slot=4 members=far"
                                                 : "name=best type=group slot=4 members=far,home");
        snprintf(fields, sizeof(fields), "name=g0 access=%s%s", sample_random(&seed) % 2 == 0 ? to : ANY(far_grants),
                 ANY(exits));
        sample_put(s, PIC__GROUP, 50, fields);
        sample_put(s, PIC__GROUP, 51, "name=g1 access=lan");
        for (i = 0; i < 4; i++) {
                snprintf(fields, sizeof(fields),
                         "name=p%u address4=10.1.0.%u address6=fd12:3456:789a::%x access=%s groups=%s enabled=%s%s%s%s",
                         i, 10 + i, 10 + i, sample_random(&seed) % 2 == 0 ? to : ANY(far_grants),
                         sample_random(&seed) % 2 == 0 ? "g0" : "g1", sample_random(&seed) % 6 == 0 ? "no" : "yes",
                         i == 1 ? " subnets=192.168.9.0/24,fd77::/64" : "", ANY(exits), ANY(opens));
                sample_put(s, PIC__PEER, 100 + i, fields);
        }
        snprintf(fields, sizeof(fields), "name=probe address4=10.1.0.200 address6=fd12:3456:789a::c8 access=%s", to);
        sample_put(s, PIC__PEER, 200, fields);
        snprintf(rule, 200, "%s %s -> %s %s%s", always ? "always" : "never", ANY(senders), to,
                 !always && sample_random(&seed) % 2 == 0 ? "unless " : "", ANY(ways));
        *state = seed;
        return s;
}

/* What takes no exit, wherever it goes. */
static int is_near(const char *target)
{
        return strncmp(target, "192.168.", 8) == 0 || strncmp(target, "[fd", 3) == 0;
}

/* In this moment: does a packet that why lets pass leave by that connection, or directly? */
static int leaves_by(const pic__snap *s, const char *from, const char *to, const char *via)
{
        const pic_obj *way, *carrier;
        pic__why why;

        assert_int_equal(pic__plan_why(s, from, to, 0, &why, NULL), 0);
        if (strcmp(via, "direct") == 0 || why.way[0] == '\0')
                return strcmp(via, "direct") == 0 && why.way[0] == '\0';
        way = pic__snap_named(s, PIC__CONNECTION, why.way);
        carrier = pic__exit_carried_by(s, way);
        return strcmp(why.way, via) == 0 || (carrier != NULL && strcmp(pic__obj_name(carrier), via) == 0);
}

/* Nothing carries it, and it leaves by a group: by none of its members then. */
static int by_nobody(const pic__snap *s, const char *from, const char *to)
{
        const pic_obj *way;
        pic__why why;

        assert_int_equal(pic__plan_why(s, from, to, 0, &why, NULL), 0);
        way = pic__snap_named(s, PIC__CONNECTION, why.way);
        return way != NULL && pic__exit_is(way, "group") && pic__exit_carried_by(s, way) == NULL;
}

/* One packet, in every moment that the agent may find. */
static int packet_breaks(pic__snap *s, const pic__rule *r, const char *from, const char *target, const char *service)
{
        int passes = asked(s, from, target, service), breaks = 0;
        char to[128];
        size_t i;

        if (passes < 0 || asked(s, "probe", target, service) != 1)
                return 0;
        if (!passes || is_near(target))
                return r->always;
        snprintf(to, sizeof(to), "%s:%s", target, service);
        for (i = 0; i < PIC__COUNT(found); i++) {
                tell_fact(s, i);
                if (r->always || r->way == PIC__WAY_UNLESS)
                        breaks |= !leaves_by(s, from, to, r->via) && !by_nobody(s, from, to);
                else
                        breaks |= leaves_by(s, from, to, r->via);
        }
        tell_fact(s, 0);
        return breaks;
}

static int some_stray(pic__snap *s, const pic__rule *r, const char *only)
{
        static const char *const names[] = { "p0", "p1", "p2", "p3" };
        size_t i, k, m;

        for (i = 0; i < PIC__COUNT(names); i++) {
                if (!is_meant(s, r, names[i]) || (only != NULL && strcmp(only, names[i]) != 0))
                        continue;
                for (k = 0; k < PIC__COUNT(ends); k++)
                        for (m = 0; m < PIC__COUNT(services); m++)
                                if (packet_breaks(s, r, names[i], ends[k], services[m]))
                                        return 1;
        }
        return 0;
}

/* An assertion with a way is broken exactly when why says of some packet, in some moment, that it leaves otherwise. */
static void random_ways_out(void **state)
{
        unsigned round, broken[2] = { 0, 0 }, kept[2] = { 0, 0 };
        uint64_t seed = 5;

        (void)state;
        for (round = 0; round < SAMPLE_ROUNDS(1500); round++) {
                char rule[200];
                SNAP_AUTO s = random_ways(&seed, rule);
                JUDGE_AUTO j = NULL;
                const char *why, *who;
                pic__rule r;
                int bad;

                assert_int_equal(pic__rule_parse(rule, &r, &why), 0);
                put_rule(s, 300, "a", rule, 1);
                tell_fact(s, sample_random(&seed) % PIC__COUNT(found)); /* what is so now does not matter */
                assert_int_equal(pic__judge_new(&j, NULL), 0);
                assert_int_equal(pic__judge_now(j, s, NULL), 0);
                tell_fact(s, 0);
                who = pic__judge_count(j) > 0 ? pic__judge_breach(j, 0)->peer : NULL;
                if (who != NULL && (strcmp(who, "probe") == 0 || !is_meant(s, &r, who)))
                        continue;
                bad = some_stray(s, &r, who);
                if (bad != (who != NULL))
                        fail_msg("round %u: '%s': %s, though why says otherwise", round, rule,
                                 who != NULL ? who : "nobody");
                (bad ? broken : kept)[r.always]++;
        }
        print_message("never: %u broken, %u kept; always: %u broken, %u kept\n", broken[0], kept[0], broken[1],
                      kept[1]);
        assert_true(broken[0] > SAMPLE_ROUNDS(100) && kept[0] > SAMPLE_ROUNDS(100) && broken[1] > SAMPLE_ROUNDS(100) &&
                    kept[1] > SAMPLE_ROUNDS(10));
}

static void ways_in_words(void **state)
{
        SNAP_AUTO s = household();
        SNAP_AUTO before = household();
        JUDGE_AUTO j = NULL;

        (void)state;
        assert_int_equal(pic__judge_new(&j, NULL), 0);
        sample_put(s, PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32");
        sample_put(before, PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32");
        sample_put(s, PIC__GROUP, 50, "name=kids access=internet exit=far");
        put_rule(s, 1, "closed", "never group:kids -> internet via direct", 1);
        put_rule(s, 2, "far", "always group:kids -> internet via far", 1);
        now(j, s, "");
        sample_put(s, PIC__PEER, 22, "name=ben address4=10.1.0.4 address6=fd12:3456:789a::4 groups=kids failopen=yes");
        put_rule(s, 2, "far", "always group:kids -> internet via far", 0);
        now(j, s,
            "never group:kids -> internet via direct: ben could send 10.1.0.4 -> 1.0.0.1 tcp/443, by internet; it "
            "leaves "
            "by far (group kids), and directly while that is down");
        put_rule(s, 2, "far", "always peer:ben -> internet via far", 1);
        put_rule(s, 1, "closed", "never group:kids -> internet via direct", 0);
        now(j, s,
            "always peer:ben -> internet via far: ben could not send 10.1.0.4 -> 1.0.0.1 tcp/443 so; it leaves by far "
            "(group kids), and directly while that is down");
        /* Just so before: nobody's fault. Another way than before: is. */
        sample_put(before, PIC__GROUP, 50, "name=kids access=internet exit=far");
        sample_put(before, PIC__PEER, 22,
                   "name=ben address4=10.1.0.4 address6=fd12:3456:789a::4 groups=kids failopen=yes");
        put_rule(before, 2, "far", "always peer:ben -> internet via far", 1);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j, "");
        sample_put(s, PIC__PEER, 22, "name=ben address4=10.1.0.4 address6=fd12:3456:789a::4 groups=kids exit=direct");
        assert_int_equal(pic__judge_now(j, s, NULL), 0);
        assert_int_equal(pic__judge_was(j, before, NULL), 0);
        told(j, "always peer:ben -> internet via far: ben could not send 10.1.0.4 -> 1.0.0.1 tcp/443 so; it leaves "
                "directly (own)");
}

struct both {
        const pic__snap *before, *after;
};

static int judge_both(void *data)
{
        const struct both *b = data;
        JUDGE_AUTO j = NULL;
        int r = pic__judge_new(&j, NULL);

        if (r == 0)
                r = pic__judge_now(j, b->after, NULL);
        if (r == 0)
                r = pic__judge_was(j, b->before, NULL);
        return r;
}

static void without_memory(void **state)
{
        SNAP_AUTO before = household();
        SNAP_AUTO after = household();
        struct both b = { before, after };

        (void)state;
        put_rule(before, 1, "a", "never group:kids -> lan", 1);
        put_rule(after, 1, "a", "never group:kids -> lan", 1);
        put_rule(after, 2, "b", "always peers -> peers", 1);
        put_rule(after, 3, "c", "never peers -> internet via direct", 1);
        put_rule(after, 4, "d", "always peers -> internet via direct", 1);
        sample_nomem(judge_both, &b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(a_household),        cmocka_unit_test(not_blamed),
                                            cmocka_unit_test(not_blamed_by_name), cmocka_unit_test(random_cells),
                                            cmocka_unit_test(random_ways_out),    cmocka_unit_test(ways_in_words),
                                            cmocka_unit_test(without_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
