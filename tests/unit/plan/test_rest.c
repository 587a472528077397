/* Shows: what is left of a reach when others are taken away, and the packets that are found in it. Against why, on
 * random worlds, it is held by test_meaning.c. */
#include "plan/reach.h"
#include "sample.h"

static pic__snap *world(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 address6=fd12:3456:789a::2 groups=kids");
        sample_put(s, PIC__PEER, 21, "name=b address4=10.1.0.3 address6=fd12:3456:789a::3 groups=kids");
        sample_put(s, PIC__PEER, 22, "name=c address4=10.1.0.4 address6=fd12:3456:789a::4");
        return s;
}

/* Peers are at id - 18 on both sides. */
static int number(const pic__frame *f, int y, pic_id id, int family, pic__u128 *ret)
{
        (void)f;
        (void)y;
        (void)family;
        *ret = (pic__u128)(id - 18);
        return 0;
}

static const pic__frame frame = { number, NULL, { NULL, NULL }, { NULL, NULL }, { 65535, 65535 } };

static void make(const pic__snap *s, const char *text, pic__reach *ret)
{
        PIC__AUTO(pic__derive_close) pic__derive d = { 0 };
        const char *rule;
        pic__grant g;

        assert_int_equal(pic__grant_parse(text, &g, &rule), 0);
        assert_int_equal(pic__derive_open(&d, s, NULL, NULL, NULL), 0);
        assert_int_equal(pic__reach_make(&d, &g, ret, NULL), 0);
}

/* `from` without `others`, separated by blanks; then without `told`. */
static void rest_of(const char *from, const char *others, const char *told, pic__rest *ret)
{
        pic__reach x = { .named = PIC__VEC_INIT }, y[4];
        const pic__reach *list[4];
        SNAP_AUTO s = world();
        char text[200], *one, *save = NULL;
        size_t n = 0, i;

        memset(y, 0, sizeof(y));
        make(s, from, &x);
        snprintf(text, sizeof(text), "%s", others);
        for (one = strtok_r(text, " ", &save); one != NULL; one = strtok_r(NULL, " ", &save)) {
                make(s, one, &y[n]);
                list[n] = &y[n];
                n++;
        }
        assert_int_equal(pic__rest_make(&x, list, n, &frame, ret, NULL), 0);
        if (told != NULL) {
                pic__reach_free(&x);
                memset(&x, 0, sizeof(x));
                make(s, told, &x);
                assert_int_equal(pic__rest_minus(ret, &x, &frame, NULL), 0);
        }
        for (i = 0; i < n; i++)
                pic__reach_free(&y[i]);
        pic__reach_free(&x);
}

static void cases(void **state)
{
        static const struct {
                const char *from, *others, *told;
                int empty, cut;
        } table[] = {
                { "lan", "", NULL, 0, 0 },
                { "lan", "internet", NULL, 0, 0 },
                { "lan", "lan", NULL, 1, 1 },
                { "peer:a", "peers", NULL, 1, 1 },
                { "peer:a", "group:kids", NULL, 1, 1 },
                { "group:kids", "peer:a", NULL, 0, 1 },
                { "group:kids", "peer:a peer:b", NULL, 1, 1 },
                { "peer:a", "peer:c 10.1.0.2:tcp", NULL, 0, 1 },
                { "peers", "peer:a", NULL, 0, 1 },
                { "peers", "", "peers", 1, 0 },
                { "10.1.0.2", "peer:a", NULL, 1, 1 }, /* one number, which is a hole */
                { "10.1.0.2/31", "peer:a", NULL, 0, 1 },
                { "10.1.0.2/31", "peer:a", "peer:b", 1, 1 },
                { "peer:a", "", "10.1.0.2", 0, 0 }, /* IPv6 is left */
                { "192.168.1.0/24", "192.168.1.0/25 192.168.1.128/25:tcp", NULL, 0, 1 },
                { "192.168.1.0/24", "lan", NULL, 1, 1 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(table); i++) {
                PIC__AUTO(pic__rest_free) pic__rest rest = { .cut = 0 };

                rest_of(table[i].from, table[i].others, table[i].told, &rest);
                if (pic__rest_empty(&rest) != table[i].empty || rest.cut != table[i].cut)
                        fail_msg("%s without %s, %s: empty %d, cut %d", table[i].from, table[i].others,
                                 table[i].told != NULL ? table[i].told : "-", pic__rest_empty(&rest), rest.cut);
        }
}

/* What is found is in it, is not the sender, and is what a person knows. */
static void found(void **state)
{
        const pic__sender from = { { 1, 1 }, { 2, 2 } }, six = { { 0, 1 }, { 0, 2 } };
        PIC__AUTO(pic__rest_free) pic__rest peers = { .cut = 0 };
        PIC__AUTO(pic__rest_free) pic__rest web = { .cut = 0 };
        PIC__AUTO(pic__rest_free) pic__rest self = { .cut = 0 };
        pic__place p;

        (void)state;
        rest_of("peers", "peer:b", NULL, &peers);
        assert_int_equal(pic__rest_some(&peers, &from, &p), 1);
        assert_true(p.inside && p.at == 4); /* 2 is the sender, 3 is b */
        assert_int_equal(p.proto, 6);
        assert_int_equal(p.port, 443);
        assert_true(pic__rest_has(&peers, &p));
        p.at = 3;
        assert_false(pic__rest_has(&peers, &p));
        assert_int_equal(pic__rest_some(&peers, &six, &p), 1);
        assert_int_equal(p.family, PIC__V6);
        rest_of("192.168.1.0/24:tcp/1-1000", "192.168.1.0/24:tcp/80-443", NULL, &web);
        assert_int_equal(pic__rest_some(&web, &from, &p), 1);
        assert_true(p.at == 0xc0a80101);
        assert_int_equal(p.port, 22);
        assert_int_equal(pic__rest_some(&web, &six, &p), 0);
        rest_of("peer:a", "", NULL, &self);
        assert_int_equal(pic__rest_some(&self, &from, &p), 0); /* nobody sends to itself */
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(cases), cmocka_unit_test(found) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
