/* What follows from some changes: the same steps as from deriving everything, on thousands of random changes; and
 * cheap. */
#include "plan/diff.h"
#include "sample.h"

enum { PEERS = 10, GROUPS = 4, EXITS = 3, RECORDS = 6, MAX_CHANGES = 5 };

typedef struct world {
        pic__snap *snap;
        uint64_t seed;
        pic_time now;
        unsigned all, some, steps;
} world;

static unsigned below(world *w, unsigned n)
{
        return (unsigned)(sample_random(&w->seed) % n);
}

static const char *const grants[] = {
        "internet",
        "lan",
        "peers",
        "peer:p0",
        "peer:p1",
        "peer:p2",
        "peer:p3x",
        "group:g0",
        "group:g1",
        "group:g2",
        "192.168.1.0/24",
        "192.168.1.10:tcp/445",
        "10.1.0.0/16:udp/53",
        "[fd00:1::]/64:icmp",
        "[fd12:3456:789a::]/48:tcp/80-90",
        "service:s0",
        "service:s1",
};

/* A few of `words`, joined by commas. */
static void some(world *w, const char *const *words, unsigned count, unsigned max, char *out, size_t size)
{
        unsigned n = below(w, max + 1), i;

        out[0] = '\0';
        for (i = 0; i < n; i++) {
                const char *word = words[below(w, count)];

                if (strstr(out, word) != NULL)
                        continue;
                if (out[0] != '\0')
                        strncat(out, ",", size - strlen(out) - 1);
                strncat(out, word, size - strlen(out) - 1);
        }
}

/* "exit=x1 failopen=no", or nothing. */
static const char *random_exit(world *w, int of_peer)
{
        static const char *const exits[] = { "", "", "exit=x0 ", "exit=x1 ", "exit=x2 ", "exit=direct " };
        static const char *const open[] = { "exit=x0 failopen=yes ", "exit=x1 failopen=no " };

        return of_peer && below(w, 3) == 0 ? open[below(w, 2)] : exits[below(w, PIC__COUNT(exits))];
}

/* Peer number i as somebody might wish it now. Names and addresses belong to the number, so that no two have the same.
 */
static pic_obj *random_peer(world *w, unsigned i)
{
        static const char *const groups[] = { "g0", "g1", "g2", "g3" };
        char access[300], in[100], fields[900], key[PIC__KEY_TEXT];
        const char *subnets = "";
        pic_obj *o;

        some(w, grants, PIC__COUNT(grants), 4, access, sizeof(access));
        some(w, groups, PIC__COUNT(groups), 2, in, sizeof(in));
        if (i == 3 && below(w, 2) == 0)
                subnets = below(w, 2) == 0 ? "192.168.9.0/24" : "192.168.9.0/24,fd77::/64,8.8.8.0/24";
        snprintf(fields, sizeof(fields),
                 "name=%s%u%s address4=10.1.0.%u address6=fd12:3456:789a::%x public_key=%s access=%s groups=%s "
                 "subnets=%s enabled=%s %s",
                 below(w, 8) == 0 ? "P" : "p", i, below(w, 4) == 0 ? "x" : "", 10 + i + (below(w, 6) == 0 ? 100 : 0),
                 10 + i, sample_key(i + (below(w, 6) == 0 ? 1000 : 0), key), access, in, subnets,
                 below(w, 6) == 0 ? "no" : "yes", random_exit(w, 1));
        o = sample_obj(PIC__PEER, 100 + i, fields);
        if (below(w, 4) == 0)
                assert_int_equal(pic__obj_set_int(o, "expires", w->now + (pic_time)(1 + below(w, 20)) * 1000000, NULL),
                                 0);
        if (below(w, 4) == 0)
                sample_set(o, "preshared_key",
                           below(w, 2) == 0 ? "c2VhbGVkIHBzayBvZiBsaXNhIHNlYWxlZCBwc2sgb2YgbGlzYSA="
                                            : "YW5vdGhlciBwc2sgb2YgYW5uYSBhbm90aGVyIHBzayBvZiBhbm4=");
        return o;
}

static pic_obj *random_group(world *w, unsigned i)
{
        char access[300], fields[400];

        some(w, grants, PIC__COUNT(grants), 3, access, sizeof(access));
        snprintf(fields, sizeof(fields), "name=g%u%s access=%s %s", i, below(w, 5) == 0 ? "y" : "", access,
                 random_exit(w, 0));
        return sample_obj(PIC__GROUP, 50 + i, fields);
}

static pic_obj *random_connection(world *w, unsigned i)
{
        static const char *const kinds[EXITS] = {
                "type=wireguard endpoint=203.0.113.7:51820 addresses=10.9.0.2/32",
                "type=proxy endpoint=203.0.113.8:1080",
                "type=group members=x0,x1",
        };
        char fields[300];

        snprintf(fields, sizeof(fields), "name=x%u slot=%u %s enabled=%s failopen=%s", i, i + 1, kinds[i],
                 below(w, 4) == 0 ? "no" : "yes", below(w, 3) == 0 ? "yes" : "no");
        return sample_obj(PIC__CONNECTION, 30 + i, fields);
}

/* Aliases of devices, of each other (in circles too) and of the cell; addresses that several have. */
static pic_obj *random_record(world *w, unsigned i)
{
        static const char *const has[] = {
                "cname=r0",
                "cname=r1",
                "cname=r2x",
                "cname=r3.home.internal.",
                "cname=p0",
                "cname=p3x.home.internal.",
                "cname=p4",
                "cname=cell",
                "cname=s0",
                "cname=s1.home.internal.",
                "cname=y.r0.home.internal.",
                "cname=z.y.r1x.home.internal.",
                "txt=hello",
                "addresses=192.168.1.1,fd00::1",
                "addresses=192.168.1.1",
                "addresses=fd00::1,192.168.1.2,203.0.113.9",
                "addresses=10.1.0.11",
                "addresses=192.168.1.2 ttl=300",
        };
        char fields[300];

        snprintf(fields, sizeof(fields), "name=%s%s%u%s %s", below(w, 5) == 0 ? "*." : "", below(w, 8) == 0 ? "R" : "r",
                 i, below(w, 4) == 0 ? "x" : "", has[below(w, PIC__COUNT(has))]);
        return sample_obj(PIC__RECORD, 200 + i, fields);
}

static pic_obj *random_blocklist(world *w, unsigned i)
{
        static const char *const whose[] = { "", " groups=g0", " groups=g0,g1", " allow=ok.example", " enabled=no" };
        char fields[200];

        snprintf(fields, sizeof(fields), "name=l%u source=/l%s", i, whose[below(w, PIC__COUNT(whose))]);
        return sample_obj(PIC__BLOCKLIST, 400 + i, fields);
}

static pic_obj *random_cell(world *w)
{
        char fields[600];

        snprintf(fields, sizeof(fields), "%s mtu=%u listen_port=%u %s %s", SAMPLE_CELL, 1300 + below(w, 2),
                 51820 + below(w, 2), random_exit(w, 0), below(w, 4) == 0 ? "" : "ca_certificate=x");
        return sample_obj(PIC__CELL, 1, fields);
}

/* Some lead to devices and names, which change too. */
static pic_obj *random_service(world *w, unsigned i)
{
        static const char *const targets[] = { "http://192.168.1.9:80", "http://p0", "http://p1x.home.internal:81",
                                               "https://r0", "http://r1x" };
        char fields[300];

        snprintf(fields, sizeof(fields),
                 "name=s%u target=%s address4=10.1.0.%u address6=fd12:3456:789a::%x door=%u enabled=%s", i,
                 targets[below(w, PIC__COUNT(targets))], 200 + i + (below(w, 3) == 0 ? 10 : 0), 200 + i, i + 1,
                 below(w, 5) == 0 ? "no" : "yes");
        return sample_obj(PIC__SERVICE, 300 + i, fields);
}

static void one_change(world *w, pic__change *c)
{
        unsigned what = below(w, 100), i;

        if (what < 2) {
                c->kind = PIC__CELL;
                c->id = 1;
                c->after = random_cell(w);
        } else if (what < 6) {
                i = below(w, EXITS);
                c->kind = PIC__CONNECTION;
                c->id = 30 + i;
                c->after = below(w, 4) == 0 ? NULL : random_connection(w, i);
        } else if (what < 9) {
                i = below(w, 2);
                c->kind = PIC__SERVICE;
                c->id = 300 + i;
                c->after = below(w, 4) == 0 ? NULL : random_service(w, i);
        } else if (what < 11) {
                i = below(w, 2);
                c->kind = PIC__BLOCKLIST;
                c->id = 400 + i;
                c->after = below(w, 3) == 0 ? NULL : random_blocklist(w, i);
        } else if (what < 30) {
                i = below(w, GROUPS);
                c->kind = PIC__GROUP;
                c->id = 50 + i;
                c->after = below(w, 5) == 0 ? NULL : random_group(w, i);
        } else if (what < 50) {
                i = below(w, RECORDS);
                c->kind = PIC__RECORD;
                c->id = 200 + i;
                c->after = below(w, 5) == 0 ? NULL : random_record(w, i);
        } else {
                i = below(w, PEERS);
                c->kind = PIC__PEER;
                c->id = 100 + i;
                c->after = below(w, 5) == 0 ? NULL : random_peer(w, i);
        }
        c->before = pic__obj_ref(pic__snap_get(w->snap, c->kind, c->id));
}

/* Changes of different objects; the journal gives each once. */
static size_t random_changes(world *w, pic__change changes[MAX_CHANGES])
{
        size_t n = 1 + below(w, MAX_CHANGES), count = 0, i, k;

        for (i = 0; i < n; i++) {
                pic__change c;

                one_change(w, &c);
                for (k = 0; k < count && (changes[k].kind != c.kind || changes[k].id != c.id); k++)
                        ;
                if (k == count && (c.before != NULL || c.after != NULL)) {
                        changes[count++] = c;
                        continue;
                }
                pic__obj_unref((pic_obj *)(uintptr_t)c.before);
                pic__obj_unref((pic_obj *)(uintptr_t)c.after);
        }
        return count;
}

static void free_changes(pic__change *changes, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++) {
                pic__obj_unref((pic_obj *)(uintptr_t)changes[i].before);
                pic__obj_unref((pic_obj *)(uintptr_t)changes[i].after);
        }
}

static void print_steps(const char *what, const pic__steps *steps)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < steps->count; i++) {
                pic__buf_clear(&text);
                pic__step_text(&steps->at[i], &text);
                print_message("  %s: %s\n", what, pic__buf_str(&text));
        }
}

static const char *key_of(const pic__step *s)
{
        return s->after != NULL ? s->after->key : s->before->key;
}

static void expect_same_steps(const pic__steps *want, const pic__steps *got, int round)
{
        size_t i;
        int same = want->count == got->count;

        for (i = 0; same && i < want->count; i++) {
                const pic__step *a = &want->at[i], *b = &got->at[i];

                same = a->verb == b->verb && a->kind == b->kind && strcmp(key_of(a), key_of(b)) == 0 &&
                       (a->before == NULL || pic__item_same(a->before, b->before)) &&
                       (a->after == NULL || pic__item_same(a->after, b->after));
        }
        if (same)
                return;
        print_steps("want", want);
        print_steps("got", got);
        fail_msg("round %d: other steps than everything gives", round);
}

static void one_round(world *w, int round)
{
        pic__auto_items pic__items was = PIC__ITEMS_INIT, is = PIC__ITEMS_INIT, before = PIC__ITEMS_INIT,
                                   after = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps want = PIC__STEPS_INIT, got = PIC__STEPS_INIT;
        pic__change changes[MAX_CHANGES];
        size_t count = random_changes(w, changes);
        pic_error *err = NULL;
        int all = 2;

        if (below(w, 3) == 0)
                w->now += (pic_time)below(w, 12) * 1000000;
        if (below(w, 20) == 0)
                w->now -= (pic_time)below(w, 30) * 1000000; /* somebody set the clock back */
        sample_derive(w->snap, &was);
        if (pic__derive_delta(w->snap, changes, count, w->now, NULL, &before, &after, &all, &err) < 0)
                fail_msg("round %d: %s", round, pic_error_message(err));
        assert_in_range(all, 0, 1);
        sample_derive(w->snap, &is);
        assert_int_equal(pic__plan_diff(&was, &is, &want, NULL), 0);
        assert_int_equal(pic__plan_diff(&before, &after, &got, NULL), 0);
        expect_same_steps(&want, &got, round);
        w->steps += (unsigned)want.count;
        w->all += all == 1;
        w->some += all == 0;
        free_changes(changes, count);
}

static void random_worlds(void **state)
{
        unsigned all = 0, part = 0, steps = 0;
        int k, round;

        (void)state;
        for (k = 0; k < 20; k++) {
                world w = { sample_snap(), 1000003u * (uint64_t)(k + 1), SAMPLE_NOW, 0, 0, 0 };

                for (round = 0; round < SAMPLE_ROUNDS(200); round++)
                        one_round(&w, round + k * 1000);
                all += w.all;
                part += w.some;
                steps += w.steps;
                pic__snap_unref(w.snap);
        }
        print_message("%u changes of a part, %u of everything, %u steps\n", part, all, steps);
        assert_true(part > SAMPLE_ROUNDS(1000));
        assert_true(all > SAMPLE_ROUNDS(100));
}

static void touch_one(pic__snap *s, pic_id id, const char *fields, pic__items *before, pic__items *after, int *ret_all)
{
        OBJ_AUTO o = fields != NULL ? sample_obj(PIC__PEER, id, fields) : NULL;
        pic__change c = { PIC__PEER, id, pic__obj_ref(pic__snap_get(s, PIC__PEER, id)), o };

        assert_int_equal(pic__derive_delta(s, &c, 1, 0, NULL, before, after, ret_all, NULL), 0);
        free_changes(&(pic__change){ PIC__PEER, id, c.before, NULL }, 1);
}

/* Nothing of the thousand others is even looked at. */
static void a_new_peer_costs_itself(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        char fields[200];
        int i, all;

        (void)state;
        sample_put(s, PIC__GROUP, 50, "name=all access=internet,lan,peers");
        for (i = 0; i < 1000; i++) {
                snprintf(fields, sizeof(fields), "name=q%d address4=10.1.%d.%d address6=fd12:3456:789a::%x groups=all",
                         i, 1 + i / 250, 1 + i % 250, (unsigned)i + 16);
                sample_put(s, PIC__PEER, 2000 + i, fields);
        }
        touch_one(s, 99,
                  "name=new address4=10.1.0.9 address6=fd12:3456:789a::9 groups=all "
                  "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
                  &before, &after, &all);
        assert_int_equal(all, 0);
        assert_int_equal(before.count, 0);
        assert_int_equal(after.count, 7); /* two marks, the key, two names there and back */
        assert_int_equal(pic__plan_diff(&before, &after, &steps, NULL), 0);
        assert_int_equal(steps.count, 7);
}

/* A note changes nothing; a peer with networks behind it changes everything. */
static void what_is_touched(void **state)
{
        SNAP_AUTO s = sample_snap();
        pic__auto_items pic__items b1 = PIC__ITEMS_INIT, a1 = PIC__ITEMS_INIT, b2 = PIC__ITEMS_INIT,
                                   a2 = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps none = PIC__STEPS_INIT;
        int all;

        (void)state;
        sample_put(s, PIC__PEER, 20,
                   "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=internet "
                   "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=");
        touch_one(s, 20,
                  "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=internet "
                  "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw= note=hello",
                  &b1, &a1, &all);
        assert_int_equal(all, 0);
        assert_int_equal(pic__plan_diff(&b1, &a1, &none, NULL), 0);
        assert_int_equal(none.count, 0);
        touch_one(s, 20,
                  "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2 access=internet "
                  "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw= subnets=192.168.9.0/24",
                  &b2, &a2, &all);
        assert_int_equal(all, 1);
        assert_non_null(sample_value(&a2, PIC__I_NFT_SHAPE, "table"));
}

static void before_there_is_a_cell(void **state)
{
        SNAP_AUTO s = NULL;
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        int all;

        (void)state;
        assert_int_equal(pic__snap_new(&s, NULL), 0);
        touch_one(s, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2", &before, &after, &all);
        assert_int_equal(all, 0);
        assert_int_equal(before.count + after.count, 0);
}

static int delta_once(void *data)
{
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        SNAP_AUTO s = NULL;
        pic__change changes[3];
        int all, r;

        s = sample_snap(); /* the making of the world does not count */
        sample_put(s, PIC__GROUP, 50, "name=g0 access=internet,peer:p2");
        sample_put(s, PIC__PEER, 101, "name=p1 address4=10.1.0.2 address6=fd12:3456:789a::2 groups=g0");
        sample_put(s, PIC__PEER, 102, "name=p2 address4=10.1.0.3 address6=fd12:3456:789a::3 access=group:g0");
        changes[0] = (pic__change){ PIC__GROUP, 50, NULL, sample_obj(PIC__GROUP, 50, "name=g0 access=lan,peer:p1") };
        changes[1] = (pic__change){ PIC__PEER, 103, NULL,
                                    sample_obj(PIC__PEER, 103,
                                               "name=p3 address4=10.1.0.4 address6=fd12:3456:789a::4 groups=g0") };
        changes[2] = (pic__change){ PIC__PEER, 102, NULL, NULL };
        (void)pic__mem_fail_at(*(unsigned long *)data);
        r = pic__derive_delta(s, changes, 3, 5, NULL, &before, &after, &all, NULL);
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
                r = delta_once(&made);
                assert_true(r == 0 || r == PIC_NOMEM);
        } while (made >= n);
        assert_int_equal(r, 0);
        assert_true(n > 20);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(random_worlds),   cmocka_unit_test(a_new_peer_costs_itself),
                cmocka_unit_test(what_is_touched), cmocka_unit_test(before_there_is_a_cell),
                cmocka_unit_test(without_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
