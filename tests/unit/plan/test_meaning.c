/* Shows: what a change means in packets: as sentences for usual changes, no sentence where nothing changes for anybody,
 * and for random changes exactly the packets of which plan/why says another thing before and after. */
#include "plan/meaning_in.h"
#include "plan/touch.h"
#include "plan/why.h"
#include "sample.h"

#define MEANING_AUTO PIC__AUTO(pic__meaning_unref_p) pic__meaning *

static pic__snap *household(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__GROUP, 50, "name=kids access=internet");
        sample_put(s, PIC__GROUP, 51, "name=servers");
        sample_put(s, PIC__PEER, 20,
                   "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=192.168.1.10:tcp/445,peer:nas");
        sample_put(s, PIC__PEER, 21, "name=nas address4=10.1.0.3 address6=fd12:3456:789a::3 groups=servers");
        sample_put(s, PIC__PEER, 22, "name=ben address4=10.1.0.4 address6=fd12:3456:789a::4 groups=kids");
        sample_put(s, PIC__PEER, 23, "name=cleo address4=10.1.0.5 address6=fd12:3456:789a::5 groups=kids");
        sample_put(s, PIC__PEER, 24,
                   "name=dan address4=10.1.0.6 address6=fd12:3456:789a::6 groups=kids access=group:servers");
        sample_put(s, PIC__PEER, 25, "name=admin address4=10.1.0.7 address6=fd12:3456:789a::7 access=peers");
        sample_put(s, PIC__PEER, 26,
                   "name=site address4=10.1.0.8 address6=fd12:3456:789a::8 subnets=192.168.9.0/24,fd77::/64");
        sample_now(s, SAMPLE_NOW);
        return s;
}

typedef struct wish {
        enum pic__kind kind;
        pic_id id;
        const char *fields; /* NULL: it goes */
} wish;

/* The changes, made of wishes; objects are freed with them. */
static void make_changes(const pic__snap *s, const wish *wishes, size_t count, pic__change *ret)
{
        size_t i;

        for (i = 0; i < count; i++) {
                char key[PIC__KEY_TEXT];
                pic_obj *o =
                        wishes[i].fields != NULL ? sample_obj(wishes[i].kind, wishes[i].id, wishes[i].fields) : NULL;

                if (o != NULL && o->kind == PIC__PEER && !pic__obj_has(o, "public_key"))
                        sample_set(o, "public_key", sample_key((uint64_t)o->id, key));
                ret[i] = (pic__change){ wishes[i].kind, wishes[i].id,
                                        pic__obj_ref(pic__snap_get(s, wishes[i].kind, wishes[i].id)), o };
        }
}

static void free_changes(pic__change *changes, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++) {
                pic__obj_unref((pic_obj *)(uintptr_t)changes[i].before);
                pic__obj_unref((pic_obj *)(uintptr_t)changes[i].after);
        }
}

/* Tells the snapshot of the changes and answers what they mean. */
static pic__meaning *mean(pic__snap *s, const pic__change *changes, size_t count)
{
        pic__meaning *m = NULL;
        pic_error *err = NULL;

        if (pic__meaning_new(&m, &err) < 0 || pic__meaning_before(m, s, changes, count, &err) < 0 ||
            pic__changes_tell(s, changes, count, &err) < 0 || pic__meaning_after(m, s, &err) < 0)
                fail_msg("%s", pic_error_message(err));
        return m;
}

static void expect_(pic__snap *s, const wish *wishes, size_t count, const char *want, int line)
{
        pic__auto_buf pic__buf got = PIC__BUF_INIT, json = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&json);
        pic__change changes[8];
        MEANING_AUTO m = NULL;
        size_t i;

        make_changes(s, wishes, count, changes);
        m = mean(s, changes, count);
        for (i = 0; i < pic__meaning_count(m); i++) {
                pic__meaning_text(m, i, &got);
                pic__buf_putc(&got, '\n');
                pic__meaning_json(m, i, &j);
        }
        if (strcmp(pic__buf_str(&got), want) != 0)
                fail_msg("line %d:\n%s--- wanted:\n%s", line, pic__buf_str(&got), want);
        assert_false(json.failed);
        free_changes(changes, count);
}
#define EXPECT(s, want, ...)                                                                   \
        do {                                                                                   \
                const wish wishes_[] = { __VA_ARGS__ };                                        \
                expect_((s), wishes_, sizeof(wishes_) / sizeof(wishes_[0]), (want), __LINE__); \
        } while (0)

#define ANNA "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 "
#define NAS "name=nas address4=10.1.0.3 address6=fd12:3456:789a::3 "
#define ADMIN "name=admin address4=10.1.0.7 address6=fd12:3456:789a::7 "

static void rights_of_one(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        EXPECT(s, "anna loses tcp/445 to 192.168.1.10 (10.1.0.2 -> 192.168.1.10 tcp/445)\n",
               { PIC__PEER, 20, ANNA "access=peer:nas" });
        EXPECT(s, "anna gains the internet (10.1.0.2 -> 1.0.0.1 tcp/443)\n",
               { PIC__PEER, 20, ANNA "access=peer:nas,internet" });
        EXPECT(s, "anna loses nas (10.1.0.2 -> 10.1.0.3 tcp/443)\n", { PIC__PEER, 20, ANNA "access=internet" });
        EXPECT(s, "anna loses the rest of the internet (10.1.0.2 -> 1.0.0.1 tcp/443)\n",
               { PIC__PEER, 20, ANNA "access=8.8.8.8:udp/53" });
        EXPECT(s, "anna gains the rest of the internet (10.1.0.2 -> 1.0.0.1 tcp/443)\n",
               { PIC__PEER, 20, ANNA "access=8.8.8.8:udp/53,internet" });
        /* what another grant lets all the same is no loss */
        EXPECT(s, "", { PIC__PEER, 20, ANNA "access=internet" });
        EXPECT(s, "", { PIC__PEER, 20, ANNA "access=internet,9.9.9.9:tcp/80-90" });
        EXPECT(s,
               "anna loses the internet (10.1.0.2 -> 1.0.0.1 tcp/443)\n"
               "anna gains all devices (10.1.0.2 -> 10.1.0.3 tcp/443)\n"
               "anna gains tcp/80-90 to fd00:1::/64 (fd12:3456:789a::2 -> fd00:1::1 tcp/80)\n",
               { PIC__PEER, 20, ANNA "access=peers,[fd00:1::]/64:tcp/80-90" });
        EXPECT(s,
               "anna loses tcp/80-81 to fd00:1::/64 (fd12:3456:789a::2 -> fd00:1::1 tcp/80)\n"
               "anna gains tcp/91-100 to fd00:1::/64 (fd12:3456:789a::2 -> fd00:1::1 tcp/91)\n",
               { PIC__PEER, 20, ANNA "access=peers,[fd00:1::]/64:tcp/82-100" });
        EXPECT(s, "anna loses the rest of all devices (10.1.0.2 -> 10.1.0.4 tcp/443)\n",
               { PIC__PEER, 20, ANNA "access=peer:nas,[fd00:1::]/64:tcp/82-100" });
        EXPECT(s,
               "anna loses all but tcp to nas over IPv4 (10.1.0.2 -> 10.1.0.3 udp/443)\n"
               "anna loses nas over IPv6 (fd12:3456:789a::2 -> fd12:3456:789a::3 tcp/443)\n",
               { PIC__PEER, 20, ANNA "access=10.1.0.3:tcp,[fd00:1::]/64:tcp/82-100" });
        EXPECT(s, "anna gains icmp to 192.168.1.10 (10.1.0.2 -> 192.168.1.10 icmp)\n",
               { PIC__PEER, 20, ANNA "access=10.1.0.3:tcp,192.168.1.10:icmp,[fd00:1::]/64:tcp/82-100" });
        EXPECT(s, "anna gains all but icmp to 192.168.1.10 (10.1.0.2 -> 192.168.1.10 tcp/443)\n",
               { PIC__PEER, 20, ANNA "access=10.1.0.3:tcp,192.168.1.10,[fd00:1::]/64:tcp/82-100" });
}

/* Nobody sends to itself through the cell. */
static void nobody_is_its_own_news(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        EXPECT(s, "", { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:nas,peer:anna" });
        EXPECT(s, "admin loses the rest of all devices (10.1.0.7 -> 10.1.0.2 tcp/443)\n",
               { PIC__PEER, 25, ADMIN "access=peer:nas,10.1.0.7" },
               { PIC__PEER, 21, NAS "groups=servers access=peer:nas" });
}

static void nothing_for_anybody(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        EXPECT(s, "", { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:nas note=hello keepalive=7" });
        /* another address, of a device that others reach by name and by number */
        EXPECT(s, "", { PIC__PEER, 21, "name=nas address4=10.1.0.99 address6=fd12:3456:789a::99 groups=servers" });
        /* a new name, with the references that follow it */
        EXPECT(s, "", { PIC__PEER, 21, "name=box address4=10.1.0.99 address6=fd12:3456:789a::99 groups=servers" },
               { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:box" });
        EXPECT(s, "", { PIC__GROUP, 51, "name=racks" },
               { PIC__PEER, 21, "name=box address4=10.1.0.99 address6=fd12:3456:789a::99 groups=racks" },
               { PIC__PEER, 24,
                 "name=dan address4=10.1.0.6 address6=fd12:3456:789a::6 groups=kids access=group:racks" });
        /* two devices take each other's address */
        EXPECT(s, "", { PIC__PEER, 22, "name=ben address4=10.1.0.5 address6=fd12:3456:789a::5 groups=kids" },
               { PIC__PEER, 23, "name=cleo address4=10.1.0.4 address6=fd12:3456:789a::4 groups=kids" });
        EXPECT(s, "", { PIC__CELL, 1, SAMPLE_CELL " mtu=1300 listen_port=51821 note=x" });
        EXPECT(s, "", { PIC__ASSERTION, 1, "name=a" });
}

static void devices_come_and_go(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        EXPECT(s,
               "eve gains the internet (10.1.0.9 -> 1.0.0.1 tcp/443)\n"
               "eve gains names, time and portal of the cell (10.1.0.9 -> 10.1.0.1 tcp/53)\n",
               { PIC__PEER, 30, "name=eve address4=10.1.0.9 address6=fd12:3456:789a::9 groups=kids" });
        EXPECT(s,
               "dan gains web (10.1.0.6 -> 10.1.0.10 tcp/443)\n"
               "web gains names, time and portal of the cell (10.1.0.10 -> 10.1.0.1 tcp/53)\n",
               { PIC__PEER, 31, "name=web address4=10.1.0.10 address6=fd12:3456:789a::a groups=servers" });
        EXPECT(s,
               "dan loses web (10.1.0.6 -> 10.1.0.10 tcp/443)\n"
               "web loses names, time and portal of the cell (10.1.0.10 -> 10.1.0.1 tcp/53)\n",
               { PIC__PEER, 31, NULL });
        EXPECT(s,
               "anna loses nas (10.1.0.2 -> 10.1.0.3 tcp/443)\n"
               "dan loses group servers (10.1.0.6 -> 10.1.0.3 tcp/443)\n"
               "nas loses names, time and portal of the cell (10.1.0.3 -> 10.1.0.1 tcp/53)\n",
               { PIC__PEER, 21, NAS "groups=servers enabled=no" });
        EXPECT(s,
               "anna gains nas (10.1.0.2 -> 10.1.0.3 tcp/443)\n"
               "dan gains group servers (10.1.0.6 -> 10.1.0.3 tcp/443)\n"
               "nas gains names, time and portal of the cell (10.1.0.3 -> 10.1.0.1 tcp/53)\n",
               { PIC__PEER, 21, NAS "groups=servers expires=2030-01-01" });
        EXPECT(s,
               "admin loses all devices (10.1.0.7 -> 10.1.0.2 tcp/443)\n"
               "admin loses names, time and portal of the cell (10.1.0.7 -> 10.1.0.1 tcp/53)\n",
               { PIC__PEER, 25, ADMIN "access=peers expires=2020-01-01" });
        EXPECT(s, "", { PIC__PEER, 25, NULL });
}

static void groups(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        EXPECT(s, "3 devices of group kids lose the internet (10.1.0.4 -> 1.0.0.1 tcp/443)\n",
               { PIC__GROUP, 50, "name=kids" });
        EXPECT(s,
               "3 devices of group kids gain the lan (10.1.0.4 -> 10.0.0.1 tcp/443)\n"
               "ben and cleo gain group servers (10.1.0.4 -> 10.1.0.3 tcp/443)\n",
               { PIC__GROUP, 50, "name=kids access=lan,group:servers" });
        EXPECT(s,
               "ben loses the lan (10.1.0.4 -> 10.0.0.1 tcp/443)\n"
               "ben loses group servers (10.1.0.4 -> 10.1.0.3 tcp/443)\n",
               { PIC__PEER, 22, "name=ben address4=10.1.0.4 address6=fd12:3456:789a::4" });
}

static void networks(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        /* networks behind a device are nobody else's lan, and what its name means */
        EXPECT(s, "anna gains site (10.1.0.2 -> 10.1.0.8 tcp/443)\n",
               { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:nas,peer:site" });
        EXPECT(s,
               "anna loses 192.168.9.0/24 (10.1.0.2 -> 192.168.9.1 tcp/443)\n"
               "anna gains 192.168.10.0/25 (10.1.0.2 -> 192.168.10.1 tcp/443)\n",
               { PIC__PEER, 26,
                 "name=site address4=10.1.0.8 address6=fd12:3456:789a::8 subnets=192.168.10.0/25,fd77::/64" });
        EXPECT(s, "admin gains the lan (10.1.0.7 -> 10.0.0.1 tcp/443)\n", { PIC__PEER, 25, ADMIN "access=peers,lan" });
        EXPECT(s,
               "anna loses 192.168.10.0/25 (10.1.0.2 -> 192.168.10.1 tcp/443)\n"
               "anna loses fd77::/64 (fd12:3456:789a::2 -> fd77::1 tcp/443)\n"
               "admin gains 192.168.10.0/25 (10.1.0.7 -> 192.168.10.1 tcp/443)\n"
               "admin gains fd77::/64 (fd12:3456:789a::7 -> fd77::1 tcp/443)\n",
               { PIC__PEER, 26, "name=site address4=10.1.0.8 address6=fd12:3456:789a::8" });
}

static int has(const pic__meaning *m, int gains, pic_id from, pic_id to, pic__u128 number)
{
        const pic__place p = { PIC__V4, 1, number, to, PIC__PROTO_TCP, 443 };

        return pic__meaning_has(m, gains, from, &p);
}

/* A device is itself wherever it is; and somebody else at its old address is somebody else. */
static void who_is_who(void **state)
{
        const wish wishes[] = { { PIC__PEER, 21, "name=nas address4=10.1.0.99 address6=fd12:3456:789a::99" },
                                { PIC__PEER, 20, ANNA "access=peers" } };
        SNAP_AUTO s = household();
        SNAP_AUTO t = household();
        SNAP_AUTO u = household();
        SNAP_AUTO v = household();
        const wish heir[] = { { PIC__PEER, 21, NULL },
                              { PIC__PEER, 20, ANNA "access=peers" },
                              { PIC__PEER, 33, "name=new address4=10.1.0.3 address6=fd12:3456:789a::3" } };
        pic__change changes[3];
        MEANING_AUTO m = NULL;
        MEANING_AUTO after_nas = NULL;

        (void)state;
        make_changes(s, wishes, 2, changes);
        m = mean(s, changes, 2);
        assert_int_equal(has(m, 1, 20, 21, 0x63), 0); /* anna had nas before it moved */
        assert_int_equal(has(m, 1, 20, 22, 4), 1);
        assert_int_equal(has(m, 1, 20, 0, 500), 1);
        free_changes(changes, 2);
        EXPECT(t,
               "anna loses nas (10.1.0.2 -> 10.1.0.3 tcp/443)\n"
               "dan loses group servers (10.1.0.6 -> 10.1.0.3 tcp/443)\n"
               "nas loses names, time and portal of the cell (10.1.0.3 -> 10.1.0.1 tcp/53)\n"
               "anna gains new (10.1.0.2 -> 10.1.0.3 tcp/443)\n"
               "new gains names, time and portal of the cell (10.1.0.3 -> 10.1.0.1 tcp/53)\n",
               { PIC__PEER, 21, NULL }, { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:new" },
               { PIC__PEER, 33, "name=new address4=10.1.0.3 address6=fd12:3456:789a::3" });
        make_changes(v, heir, 3, changes);
        after_nas = mean(v, changes, 3);
        assert_int_equal(has(after_nas, 1, 20, 33, 3), 1);
        assert_int_equal(has(after_nas, 1, 20, 21, 3), 0);
        free_changes(changes, 3);
        /* the cell's network grows to the left: every device has its address still, and another number */
        EXPECT(u,
               "dan loses the rest of nas over IPv4 (10.1.0.6 -> 10.1.0.3 tcp/22)\n"
               "dan loses nas over IPv6 (fd12:3456:789a::6 -> fd12:3456:789a::3 tcp/443)\n",
               { PIC__PEER, 24,
                 "name=dan address4=10.1.0.6 address6=fd12:3456:789a::6 access=internet,10.1.0.3:tcp/80" });
        EXPECT(u, "",
               { PIC__CELL, 1,
                 "name=home domain=internal net4=10.0.0.0/8 net6=fd12:3456:789a::/48 "
                 "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=" });
}

/* Who has the internet does not have the machine's own networks. */
static void attached_networks(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        sample_attach(s, "198.51.100.0/24\n2001:db8:1::/64\n");
        EXPECT(s, "anna gains tcp/80 to 198.51.100.7 (10.1.0.2 -> 198.51.100.7 tcp/80)\n",
               { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:nas,198.51.100.7:tcp/80" });
        EXPECT(s, "anna gains the internet (10.1.0.2 -> 1.0.0.1 tcp/443)\n",
               { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:nas,198.51.100.7:tcp/80,internet" });
        EXPECT(s, "anna loses tcp/80 to 198.51.100.7 (10.1.0.2 -> 198.51.100.7 tcp/80)\n",
               { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:nas,internet" });
        EXPECT(s, "", { PIC__PEER, 20, ANNA "access=192.168.1.10:tcp/445,peer:nas,internet,198.51.101.7:tcp/80" });
}

/* --- random worlds against why --------------------------------------------------------------------------------- */

enum { PEERS = 9, GROUPS = 3, MAX_CHANGES = 24, QUESTIONS = 60 };

typedef struct world {
        pic__snap *was, *is; /* before and after */
        uint64_t seed;
        unsigned net;
        unsigned gained, lost, same, lines;
} world;

static const char *const net_texts[][2] = {
        { "10.1.0.0/16", "fd12:3456:789a::/48" },
        { "10.2.0.0/16", "fd12:3456:789a::/48" },
        { "10.1.0.0/17", "fd99::/64" },
};

static const char *const grants[] = {
        "internet",
        "lan",
        "peers",
        "peer:p0",
        "peer:p1",
        "peer:p2",
        "group:g0",
        "group:g1",
        "192.168.0.0/16:tcp/80-90",
        "192.168.1.10",
        "192.168.1.0/24:udp",
        "192.168.9.0/25",
        "10.1.0.0/16:udp/53",
        "10.1.0.12:tcp/85",
        "10.2.0.0/24",
        "10.1.0.1:tcp/22",
        "[fd00:1::]/64:icmp",
        "[fd12:3456:789a::]/48:tcp/80-90",
        "[fd99::e]:udp",
        "8.0.0.0/8:udp",
        "0.0.0.0/0:tcp/85",
        "[::]/0:icmp",
};

/* The machine's own networks, which are the same before and after a wish. */
static const char *const attached[] = { "", "8.8.8.0/24\n2001:db8::/64\n", "8.0.0.0/8\n100.64.0.0/16\n192.0.0.0/8\n" };

static unsigned below(world *w, unsigned n)
{
        return (unsigned)(sample_random(&w->seed) % n);
}

static void some(world *w, const char *const *words, unsigned count, unsigned max, char *out, size_t size)
{
        unsigned n = below(w, max + 1), i;

        out[0] = '\0';
        for (i = 0; i < n; i++) {
                if (out[0] != '\0')
                        strncat(out, ",", size - strlen(out) - 1);
                strncat(out, words[below(w, count)], size - strlen(out) - 1);
        }
}

static const char *address_in(unsigned net, int family, unsigned number, char text[PIC__ADDR_TEXT])
{
        pic__prefix p;
        pic__addr a;

        assert_int_equal(pic__prefix_parse(net_texts[net][family], &p), 0);
        assert_int_equal(pic__addr_add(&p.addr, number, &a), 0);
        pic__addr_print(&a, text);
        return text;
}

/* A peer as somebody might wish it, at host number `number`. */
static pic_obj *random_peer(world *w, unsigned i, unsigned number)
{
        static const char *const groups[] = { "g0", "g1", "g2" };
        char access[400], in[100], fields[900], a4[PIC__ADDR_TEXT], a6[PIC__ADDR_TEXT], key[PIC__KEY_TEXT];
        const char *subnets = "";

        some(w, grants, PIC__COUNT(grants), 3, access, sizeof(access));
        some(w, groups, PIC__COUNT(groups), 2, in, sizeof(in));
        if (i == 3 && below(w, 3) == 0)
                subnets = below(w, 2) == 0 ? "192.168.9.0/24" : "192.168.9.0/25,fd77::/64,8.8.8.0/24";
        snprintf(fields, sizeof(fields),
                 "name=p%u address4=%s address6=%s access=%s groups=%s subnets=%s enabled=%s public_key=%s note=n%u", i,
                 address_in(w->net, PIC__V4, number, a4), address_in(w->net, PIC__V6, number, a6), access, in, subnets,
                 below(w, 7) == 0 ? "no" : "yes", sample_key(i, key), below(w, 2));
        return sample_obj(PIC__PEER, 100 + i, fields);
}

static unsigned number_of(world *w, const pic_obj *peer)
{
        pic__prefix net;
        pic__addr a;

        (void)w;
        assert_int_equal(pic__prefix_parse(net_texts[w->net][PIC__V4], &net), 0);
        assert_int_equal(pic__addr_parse(pic__obj_text(peer, "address4"), &a), 0);
        return (unsigned)pic__addr_sub(&a, &net.addr);
}

/* The same peer with other addresses. */
static pic_obj *moved_peer(const pic_obj *peer, unsigned net, unsigned number)
{
        char text[PIC__ADDR_TEXT];
        pic_obj *o = NULL;

        assert_int_equal(pic__obj_edit(peer, &o, NULL), 0);
        sample_set(o, "address4", address_in(net, PIC__V4, number, text));
        sample_set(o, "address6", address_in(net, PIC__V6, number, text));
        return o;
}

/* Numbers that no two peers have at the end of the changes. */
static int is_free(const pic__change *changes, size_t count, const pic__snap *s, world *w, unsigned number)
{
        const pic_obj *peer;
        size_t at = 0, i;

        for (i = 0; i < count; i++)
                if (changes[i].kind == PIC__PEER && changes[i].after != NULL &&
                    number_of(w, changes[i].after) == number)
                        return 0;
        while ((peer = pic__snap_next(s, PIC__PEER, &at)) != NULL) {
                for (i = 0; i < count && (changes[i].kind != PIC__PEER || changes[i].id != peer->id); i++)
                        ;
                if (i == count && number_of(w, peer) == number)
                        return 0;
        }
        return 1;
}

static int is_pending(const pic__change *changes, size_t count, pic_id id)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (changes[i].kind == PIC__PEER && changes[i].id == id)
                        return 1;
        return 0;
}

static void push_change(world *w, pic__change *changes, size_t *count, enum pic__kind kind, pic_id id, pic_obj *after)
{
        const pic_obj *before = pic__snap_get(w->is, kind, id);
        size_t i;

        for (i = 0; i < *count && (changes[i].kind != kind || changes[i].id != id); i++)
                ;
        if (i < *count || (before == NULL && after == NULL)) {
                pic__obj_unref(after);
                return;
        }
        changes[(*count)++] = (pic__change){ kind, id, pic__obj_ref(before), after };
}

static void change_cell(world *w, pic__change *changes, size_t *count)
{
        unsigned to = below(w, PIC__COUNT(net_texts));
        const pic_obj *peer;
        char fields[700];
        size_t at = 0;

        snprintf(fields, sizeof(fields),
                 "name=home domain=internal net4=%s net6=%s endpoint=cell.example.org:51820 mtu=%u "
                 "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
                 net_texts[to][0], net_texts[to][1], 1300 + below(w, 2));
        push_change(w, changes, count, PIC__CELL, 1, sample_obj(PIC__CELL, 1, fields));
        while ((peer = pic__snap_next(w->is, PIC__PEER, &at)) != NULL)
                push_change(w, changes, count, PIC__PEER, peer->id, moved_peer(peer, to, number_of(w, peer)));
        w->net = to;
}

static void change_peer(world *w, pic__change *changes, size_t *count)
{
        unsigned i = below(w, PEERS), k = below(w, PEERS), number = 10 + below(w, 12);
        const pic_obj *now = pic__snap_get(w->is, PIC__PEER, 100 + i),
                      *other = pic__snap_get(w->is, PIC__PEER, 100 + k);

        if (is_pending(changes, *count, 100 + i) || is_pending(changes, *count, 100 + k))
                return;
        switch (below(w, 10)) {
        case 0: /* goes; perhaps somebody new takes its address at once */
                push_change(w, changes, count, PIC__PEER, 100 + i, NULL);
                if (now != NULL && other == NULL && is_free(changes, *count, w->is, w, number_of(w, now)))
                        push_change(w, changes, count, PIC__PEER, 100 + k, random_peer(w, k, number_of(w, now)));
                break;
        case 1: /* two take each other's address */
                if (now == NULL || other == NULL || i == k)
                        break;
                push_change(w, changes, count, PIC__PEER, 100 + i, moved_peer(now, w->net, number_of(w, other)));
                push_change(w, changes, count, PIC__PEER, 100 + k, moved_peer(other, w->net, number_of(w, now)));
                break;
        case 2: /* moves */
                if (now != NULL && is_free(changes, *count, w->is, w, number))
                        push_change(w, changes, count, PIC__PEER, 100 + i, moved_peer(now, w->net, number));
                break;
        default: /* new, or other rights */
                if (now != NULL)
                        push_change(w, changes, count, PIC__PEER, 100 + i, random_peer(w, i, number_of(w, now)));
                else if (is_free(changes, *count, w->is, w, number))
                        push_change(w, changes, count, PIC__PEER, 100 + i, random_peer(w, i, number));
        }
}

static size_t random_changes(world *w, pic__change *changes)
{
        size_t count = 0, n = 1 + below(w, 3), i;

        if (below(w, 12) == 0) {
                change_cell(w, changes, &count);
                return count;
        }
        for (i = 0; i < n; i++) {
                if (below(w, 4) == 0) {
                        char access[300], fields[400];
                        unsigned g = below(w, GROUPS);

                        some(w, grants, PIC__COUNT(grants), 3, access, sizeof(access));
                        snprintf(fields, sizeof(fields), "name=g%u access=%s", g, access);
                        push_change(w, changes, &count, PIC__GROUP, 50 + g,
                                    below(w, 6) == 0 ? NULL : sample_obj(PIC__GROUP, 50 + g, fields));
                } else {
                        change_peer(w, changes, &count);
                }
        }
        return count;
}

/* What why says of a packet to an address. */
static int verdict(const pic__snap *s, pic_id from, const char *to, unsigned proto, unsigned port)
{
        static const char *const names[] = { [1] = "icmp", [6] = "tcp", [17] = "udp" };
        const pic_obj *peer = pic__snap_get(s, PIC__PEER, from);
        char question[120];
        pic__why why;

        if (peer == NULL)
                return 0;
        if (proto == 1)
                snprintf(question, sizeof(question), "[%s]:icmp", to);
        else
                snprintf(question, sizeof(question), "[%s]:%s/%u", to, names[proto], port);
        if (strchr(to, ':') == NULL) {
                memmove(question, question + 1, strlen(question));
                memmove(strchr(question, ']'), strchr(question, ']') + 1, strlen(strchr(question, ']')));
        }
        assert_int_equal(pic__plan_why(s, pic__obj_name(peer), question, 0, &why, NULL), 0);
        return why.allowed;
}

/* A place at both times: its address then, "" where it is not, and as the meaning names it. */
typedef struct spot {
        char at[2][PIC__ADDR_TEXT];
        pic__place place;
        int skip;
} spot;

static void in_net(const pic__snap *s, int family, pic__prefix *ret)
{
        assert_int_equal(pic__prefix_parse(pic__obj_text(pic__snap_cell(s), family == PIC__V4 ? "net4" : "net6"), ret),
                         0);
}

static void spot_number(const world *w, int family, pic__u128 number, spot *ret)
{
        const pic__snap *sides[2] = { w->was, w->is };
        pic__addr a;
        int i;

        ret->place.family = family;
        ret->place.inside = 1;
        ret->place.at = number;
        for (i = 0; i < 2; i++) {
                pic__prefix net;

                in_net(sides[i], family, &net);
                pic__addr_from_number(pic__addr_number(&net.addr) + number, family == PIC__V4 ? 4 : 6, &a);
                if (!pic__prefix_has(&net, &a))
                        ret->skip = 1; /* nobody can be there in the smaller network */
                pic__addr_print(&a, ret->at[i]);
        }
}

static const pic_obj *at_text(const pic__snap *s, const char *text)
{
        pic__addr a;

        return pic__addr_parse(text, &a) == 0 ? pic__snap_by_addr(s, &a) : NULL;
}

/* A device, wherever it is; one that is there at one time only is looked for where it was or will be. */
static void spot_peer(const world *w, int family, pic_id id, spot *ret)
{
        const pic_obj *was = pic__snap_get(w->was, PIC__PEER, id), *is = pic__snap_get(w->is, PIC__PEER, id);
        const char *field = family == PIC__V4 ? "address4" : "address6";
        const pic_obj *some_time = is != NULL ? is : was;
        pic__prefix net;
        pic__addr a;
        pic__u128 n;

        ret->skip = 1;
        if (some_time == NULL)
                return;
        in_net(is != NULL ? w->is : w->was, family, &net);
        assert_int_equal(pic__addr_parse(pic__obj_text(some_time, field), &a), 0);
        assert_int_equal(pic__host_number(&net, &a, &n), 0);
        ret->skip = 0;
        spot_number(w, family, n, ret);
        ret->place.peer = id;
        if (was != NULL)
                snprintf(ret->at[0], PIC__ADDR_TEXT, "%s", pic__obj_text(was, field));
        if (is != NULL)
                snprintf(ret->at[1], PIC__ADDR_TEXT, "%s", pic__obj_text(is, field));
        /* where it is missing somebody else may be: then there is no address to ask for */
        if ((was == NULL && at_text(w->was, ret->at[0]) != NULL) || (is == NULL && at_text(w->is, ret->at[1]) != NULL))
                ret->skip = 1;
}

static void spot_outside(const world *w, const char *text, spot *ret)
{
        const pic__snap *sides[2] = { w->was, w->is };
        pic__prefix net;
        pic__addr a;
        int i;

        assert_int_equal(pic__addr_parse(text, &a), 0);
        ret->place.family = a.family == 4 ? PIC__V4 : PIC__V6;
        ret->place.at = pic__addr_number(&a);
        for (i = 0; i < 2; i++) {
                in_net(sides[i], ret->place.family, &net);
                snprintf(ret->at[i], PIC__ADDR_TEXT, "%s", pic__prefix_has(&net, &a) ? "" : text);
        }
        ret->skip = ret->at[0][0] == '\0' && ret->at[1][0] == '\0';
}

static void random_spot(world *w, spot *ret)
{
        static const char *const outside[] = { "192.168.1.9", "192.168.1.10", "192.168.9.5",      "192.168.9.200",
                                               "8.8.8.8",     "8.9.9.9",      "10.1.0.12",        "10.1.200.1",
                                               "10.2.0.9",    "100.64.0.1",   "224.0.0.1",        "fd00:1::9",
                                               "fd77::1",     "2001:db8::1",  "fd99::e",          "fd99:0:0:1::1",
                                               "fe80::1",     "10.77.0.1",    "fd12:3456:789b::1" };
        int family = (int)below(w, 2);

        memset(ret, 0, sizeof(*ret));
        switch (below(w, 4)) {
        case 0: spot_outside(w, outside[below(w, PIC__COUNT(outside))], ret); break;
        case 1: spot_number(w, family, below(w, 3) == 0 ? below(w, 3) : 40000 + below(w, 10), ret); break;
        default: spot_peer(w, family, 100 + below(w, PEERS), ret);
        }
}

static void ask_one(world *w, const pic__meaning *m, int round)
{
        static const unsigned protos[] = { 1, 6, 17 }, ports[] = { 22, 53, 80, 85, 123, 443, 445 };
        unsigned proto = protos[below(w, 3)], port = ports[below(w, PIC__COUNT(ports))];
        pic_id from = 100 + below(w, PEERS);
        int was, is, gains, loses;
        spot s;

        if (m->known.count > 0 && below(w, 2) == 0)
                from = m->known.at[below(w, (unsigned)m->known.count)].id;
        random_spot(w, &s);
        if (s.skip || s.place.peer == from)
                return;
        s.place.proto = pic__derive_proto((uint8_t)proto, s.place.family);
        s.place.port = proto == 1 ? 0 : (uint16_t)port;
        was = s.at[0][0] != '\0' && verdict(w->was, from, s.at[0], proto, port);
        is = s.at[1][0] != '\0' && verdict(w->is, from, s.at[1], proto, port);
        gains = pic__meaning_has(m, 1, from, &s.place);
        loses = pic__meaning_has(m, 0, from, &s.place);
        if (gains != (!was && is) || loses != (was && !is))
                fail_msg("round %d: p%d -> %s (then %s) proto %u port %u: why says %d, then %d; gains %d, loses %d",
                         round, (int)from - 100, s.at[0], s.at[1], proto, port, was, is, gains, loses);
        w->gained += gains != 0;
        w->lost += loses != 0;
        w->same += !gains && !loses;
}

/* Each line's example is a packet that it is true of, as why says it. */
static void check_examples(world *w, const pic__meaning *m, int round)
{
        size_t i;

        for (i = 0; i < m->lines.count; i++) {
                const pic__line *line = m->lines.at[i];
                const char *proto = line->example.proto;
                const pic_obj *from, *held;
                unsigned n;
                int was;

                if (line->example.peer == NULL || proto == NULL)
                        continue;
                n = strcmp(proto, "tcp") == 0 ? 6 : strcmp(proto, "udp") == 0 ? 17 : strcmp(proto, "icmp") == 0 ? 1 : 0;
                if (n == 0)
                        continue;
                from = pic__snap_named(line->gains ? w->is : w->was, PIC__PEER, line->example.peer);
                assert_non_null(from);
                if (verdict(line->gains ? w->is : w->was, from->id, line->example.destination, n, line->example.port) !=
                    1)
                        fail_msg("round %d: example %s -> %s %s/%u is not let", round, line->example.peer,
                                 line->example.destination, proto, line->example.port);
                /* on the other side: the same place, which may have another address there */
                held = at_text(line->gains ? w->is : w->was, line->example.destination);
                if (held != NULL || pic__snap_cell(w->was) != pic__snap_cell(w->is))
                        continue;
                was = verdict(line->gains ? w->was : w->is, from->id, line->example.destination, n, line->example.port);
                if (was != 0 && at_text(line->gains ? w->was : w->is, line->example.destination) == NULL)
                        fail_msg("round %d: example %s -> %s %s/%u is let on both sides", round, line->example.peer,
                                 line->example.destination, proto, line->example.port);
        }
        w->lines += (unsigned)m->lines.count;
}

static void copy_all(const pic__snap *from, pic__snap *to)
{
        static const enum pic__kind kinds[] = { PIC__CELL, PIC__GROUP, PIC__PEER };
        const pic_obj *o;
        size_t k, at;

        for (k = 0; k < PIC__COUNT(kinds); k++)
                for (at = 0; (o = pic__snap_next(from, kinds[k], &at)) != NULL;)
                        assert_int_equal(pic__snap_put(to, o, NULL), 0);
}

static void one_round(world *w, int round)
{
        pic__change changes[MAX_CHANGES];
        MEANING_AUTO m = NULL;
        size_t count;
        int i;

        assert_int_equal(pic__snap_new(&w->was, NULL), 0);
        copy_all(w->is, w->was);
        sample_attach(w->was, attached[(unsigned)round % PIC__COUNT(attached)]);
        sample_attach(w->is, attached[(unsigned)round % PIC__COUNT(attached)]);
        count = random_changes(w, changes);
        m = mean(w->is, changes, count);
        for (i = 0; i < QUESTIONS; i++)
                ask_one(w, m, round);
        check_examples(w, m, round);
        free_changes(changes, count);
        w->was = pic__snap_unref(w->was);
}

static void random_worlds(void **state)
{
        unsigned gained = 0, lost = 0, same = 0, lines = 0;
        int k, round;

        (void)state;
        for (k = 0; k < 20; k++) {
                world w = { NULL, sample_snap(), 7777777u * (uint64_t)(k + 1), 0, 0, 0, 0, 0 };

                for (round = 0; round < SAMPLE_ROUNDS(400); round++)
                        one_round(&w, k * 1000 + round);
                pic__snap_unref(w.is);
                gained += w.gained;
                lost += w.lost;
                same += w.same;
                lines += w.lines;
        }
        print_message("%u packets gained, %u lost, %u the same; %u lines\n", gained, lost, same, lines);
        assert_true(gained > SAMPLE_ROUNDS(8000));
        assert_true(lost > SAMPLE_ROUNDS(8000));
        assert_true(same > SAMPLE_ROUNDS(200000));
}

static int mean_once(void *data)
{
        PIC__AUTO(pic__meaning_unref_p) pic__meaning *m = NULL;
        SNAP_AUTO s = NULL;
        const wish wishes[] = { { PIC__GROUP, 50, "name=kids access=lan,group:servers" },
                                { PIC__PEER, 20, ANNA "access=8.8.8.8:udp/53" },
                                { PIC__PEER, 21, NULL } };
        pic__change changes[3];
        int r;

        s = household(); /* the making of the world does not count */
        make_changes(s, wishes, 3, changes);
        (void)pic__mem_fail_at(*(unsigned long *)data);
        r = pic__meaning_new(&m, NULL);
        if (r == 0)
                r = pic__meaning_before(m, s, changes, 3, NULL);
        if (r == 0)
                r = pic__changes_tell(s, changes, 3, NULL);
        if (r == 0)
                r = pic__meaning_after(m, s, NULL);
        *(unsigned long *)data = pic__mem_fail_at(0);
        free_changes(changes, 3);
        return r;
}

static void without_memory(void **state)
{
        unsigned long n = 0, made;
        int r;

        (void)state;
        do {
                made = ++n;
                r = mean_once(&made);
                assert_true(r == 0 || r == PIC_NOMEM);
        } while (made >= n);
        assert_int_equal(r, 0);
        assert_true(n > 50);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rights_of_one),
                cmocka_unit_test(nobody_is_its_own_news),
                cmocka_unit_test(nothing_for_anybody),
                cmocka_unit_test(devices_come_and_go),
                cmocka_unit_test(groups),
                cmocka_unit_test(networks),
                cmocka_unit_test(who_is_who),
                cmocka_unit_test(attached_networks),
                cmocka_unit_test(random_worlds),
                cmocka_unit_test(without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
