/* Which flows go with an exit: marks and addresses as connection tracking has them. */
#include "space.h"

#include "backend/nft/flows_exit.h"

/* "10.1.0.2 > 198.51.100.10:443, 198.51.100.10:443 > 169.254.96.5": both directions, with the ports that are asked. */
static pic__nft_flow flow(uint32_t mark, uint8_t proto, const char *text)
{
        char src[64], dst[64], from[64], to[64];
        unsigned dport, sport;
        pic__nft_flow f = { .mark = mark };

        assert_int_equal(sscanf(text, "%63s > %63s %u, %63s %u > %63s", src, dst, &dport, from, &sport, to), 6);
        assert_int_equal(pic__addr_parse(src, &f.orig.src), 0);
        assert_int_equal(pic__addr_parse(dst, &f.orig.dst), 0);
        assert_int_equal(pic__addr_parse(from, &f.reply.src), 0);
        assert_int_equal(pic__addr_parse(to, &f.reply.dst), 0);
        f.orig.proto = f.reply.proto = proto;
        f.orig.dport = (uint16_t)dport;
        f.reply.sport = (uint16_t)sport;
        return f;
}

#define FAR "10.1.0.2 > 198.51.100.10 443, 198.51.100.10 443 > 169.254.96.5"
#define FAR6 "fd12::2 > 2001:db8:51::10 443, 2001:db8:51::10 443 > fd70:6963:78::1:1"
#define DIRECT "10.1.0.2 > 198.51.100.10 443, 198.51.100.10 443 > 203.0.113.1"
#define NEAR "10.1.0.2 > 192.168.77.10 445, 192.168.77.10 445 > 192.168.77.1"
#define OTHER "10.1.0.2 > 10.1.0.3 445, 10.1.0.3 445 > 10.1.0.2"
#define NAME "10.1.0.2 > 10.1.0.1 53, 169.254.96.6 53 > 169.254.96.5"
#define NAME6 "fd12::2 > fd12::1 53, fd70:6963:78::1:2 53 > fd70:6963:78::1:1"
#define OWN_NAME "10.1.0.2 > 10.1.0.1 53, 10.1.0.1 5301 > 10.1.0.2"
#define CELL_NAME "10.1.0.2 > 10.1.0.1 53, 10.1.0.1 53 > 10.1.0.2"
#define ANY_NAME "10.1.0.2 > 10.1.0.1 53, 10.1.0.1 5300 > 10.1.0.2"
#define CARRIER "169.254.96.6 > 203.0.113.7 51820, 203.0.113.7 51820 > 203.0.113.1"
#define UNTRANSLATED "169.254.96.6 > 203.0.113.7 51820, 203.0.113.7 51820 > 169.254.96.6"

static pic__nft_exits with_local(void)
{
        static const pic__item items[] = {
                { PIC__I_NFT_LOCAL4, "10.1.0.0-10.1.255.255", "local", NULL, 0, NULL },
                { PIC__I_NFT_LOCAL4, "192.168.77.0-192.168.77.255", "local", NULL, 0, NULL },
                { PIC__I_NFT_LOCAL6, "fd12::-fd12::ffff", "local", NULL, 0, NULL },
        };
        pic__nft_exits x;
        size_t i;

        pic__nft_exits_start(&x);
        for (i = 0; i < PIC__COUNT(items); i++) {
                pic__nft_elem e;

                assert_int_equal(pic__nft_elem_parse(&items[i], &e, NULL), 0);
                assert_int_equal(pic__vec_push(&x.local, e), 0);
        }
        return x;
}

/* A device that has this mark now, and a flow that it began with whatever it had then. */
static void test_fit(void **state)
{
        static const struct {
                uint32_t now, then;
                uint8_t proto;
                const char *flow;
                int want;
                uint32_t mark; /* of the flow, when it goes on */
        } cases[] = {
                /* no exit */
                { 0x240000, 0x230000, 6, DIRECT, 1, 0x240000 },
                { 0x230000, 0x230002, 6, NEAR, 1, 0x230000 },
                { 0x230000, 0x231010, 6, FAR, 0, 0 },
                { 0x230000, 0x230011, 6, DIRECT, 0, 0 },
                { 0x230000, 0x230000, 17, FAR, 0, 0 }, /* its mark was written anew */
                { 0x230000, 0x230000, 17, NAME, 0, 0 },
                { 0x230000, 0x230000, 17, OWN_NAME, 0, 0 },
                { 0x230000, 0x230000, 17, CELL_NAME, 1, 0x230000 },
                { 0x230000, 0x230000, 17, ANY_NAME, 1, 0x230000 },
                /* an exit */
                { 0x231010, 0x230000, 6, DIRECT, 0, 0 },
                { 0x231010, 0x231010, 6, DIRECT, 0, 0 }, /* written anew */
                { 0x231010, 0x231020, 6, FAR, 0, 0 },
                { 0x241010, 0x231010, 6, FAR, 1, 0x241010 },
                { 0x241010, 0x231010, 6, FAR6, 1, 0x241010 },
                { 0x231011, 0x231010, 6, FAR, 0, 0 },
                { 0x241011, 0x230011, 6, DIRECT, 1, 0x240011 }, /* it is down */
                { 0x231011, 0x230011, 6, FAR, 0, 0 },
                { 0x231010, 0x230000, 6, NEAR, 1, 0x230002 },
                { 0x231020, 0x230002, 6, OTHER, 1, 0x230002 },
                { 0x230000, 0x230002, 6, OTHER, 1, 0x230000 },
                { 0x231010, 0x230000, 17, CELL_NAME, 0, 0 },
                { 0x231010, 0x231010, 17, CELL_NAME, 0, 0 },
                { 0x231010, 0x230000, 17, ANY_NAME, 0, 0 },
                { 0x231010, 0x231010, 17, ANY_NAME, 0, 0 },
                { 0x241011, 0x230011, 17, ANY_NAME, 1, 0x240011 },
                { 0x231010, 0x231010, 17, NAME, 1, 0x231010 },
                { 0x231010, 0x231010, 6, NAME6, 1, 0x231010 },
                { 0x231010, 0x231010, 17, OWN_NAME, 1, 0x231010 },
                { 0x231020, 0x231010, 17, NAME, 0, 0 },
        };
        pic__nft_exits x = with_local();
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__nft_flow f = flow(cases[i].then, cases[i].proto, cases[i].flow);

                if (pic__nft_exits_fit(&x, cases[i].now, &f) != cases[i].want)
                        fail_msg("0x%x had 0x%x: %s", cases[i].now, cases[i].then, cases[i].flow);
                if (cases[i].want)
                        assert_int_equal(pic__nft_exits_mark(&x, cases[i].now, &f), cases[i].mark);
        }
        pic__nft_exits_free(&x);
}

/* One step, as "-kind key value" or "+…"; and a flow. */
static void test_steps(void **state)
{
        static const struct {
                pic__item item;
                int comes;
                uint32_t mark;
                uint8_t proto;
                const char *flow;
                int want;
        } cases[] = {
#define WAY { PIC__I_NFT_WAY, "0x00001010 picx1", "accept", NULL, 0, NULL }
#define OPEN                                                         \
        {                                                            \
                PIC__I_NFT_OPEN, "0x00001011", "open", NULL, 0, NULL \
        }
#define RESOLVER                                                                     \
        {                                                                            \
                PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6 53", NULL, 0, NULL \
        }
#define SPACE                                                          \
        {                                                              \
                PIC__I_NFT_SPACE, "picx1", "0x00002010", NULL, 0, NULL \
        }
#define TARGET                                                                                                    \
        {                                                                                                         \
                PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7-203.0.113.7 17 51820-51820", "accept", NULL, 0, NULL \
        }
#define LOCAL                                                                            \
        {                                                                                \
                PIC__I_NFT_LOCAL4, "198.51.100.0-198.51.100.255", "local", NULL, 0, NULL \
        }
                { WAY, 0, 0x231010, 6, FAR, 1 },
                { WAY, 0, 0x231011, 6, FAR, 1 },
                { WAY, 0, 0x231011, 17, NAME, 1 },
                { WAY, 0, 0x1010, 17, "169.254.96.5 > 9.9.9.9 53, 9.9.9.9 53 > 169.254.96.5", 1 }, /* the agent's */
                { WAY, 0, 0x231020, 6, FAR, 0 },
                { WAY, 0, 0x230011, 6, DIRECT, 0 },
                { WAY, 0, 0x230002, 6, NEAR, 0 },
                { WAY, 0, 0x2010, 17, CARRIER, 0 },
                { WAY, 0, 0x1010, 6, DIRECT, 0 }, /* somebody else's mark */
                { WAY, 1, 0x231010, 6, FAR, 0 },
                { OPEN, 1, 0x231011, 6, FAR, 1 },
                { OPEN, 1, 0x231010, 6, FAR, 0 },
                { OPEN, 1, 0x231021, 6, FAR, 0 },
                { OPEN, 0, 0x230011, 6, DIRECT, 1 },
                { OPEN, 0, 0x230002, 6, NEAR, 0 },
                { OPEN, 0, 0x230000, 6, DIRECT, 0 },
                { OPEN, 0, 0x11, 6, DIRECT, 0 }, /* somebody else's */
                { RESOLVER, 0, 0x231010, 17, NAME, 1 },
                { RESOLVER, 0, 0x231010, 6, NAME, 1 },
                { RESOLVER, 0, 0x231010, 17, OWN_NAME, 1 },
                { RESOLVER, 0, 0x231010, 17, NAME6, 0 },
                { RESOLVER, 0, 0x231020, 17, NAME, 0 },
                { RESOLVER, 0, 0x231010, 6, FAR, 0 },
                { RESOLVER, 0, 0x230000, 17, CELL_NAME, 0 },
                { SPACE, 0, 0x2010, 17, CARRIER, 1 },
                { SPACE, 0, 0x2020, 17, CARRIER, 0 },
                { SPACE, 0, 0x231010, 6, FAR, 0 },
                { TARGET, 0, 0x2010, 17, CARRIER, 1 },
                { TARGET, 0, 0x2020, 17, CARRIER, 0 },
                { TARGET, 0, 0x2010, 6, CARRIER, 0 },
                { TARGET, 1, 0x2010, 17, CARRIER, 0 },
                { LOCAL, 1, 0x231010, 6, FAR, 1 },
                { LOCAL, 1, 0x230011, 6, DIRECT, 1 },
                { LOCAL, 1, 0x230000, 6, DIRECT, 0 },
                { LOCAL, 1, 0x231010, 17, NAME, 0 },
                { LOCAL, 0, 0x230002, 6, DIRECT, 1 },
                { LOCAL, 0, 0x230002, 6, NEAR, 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                const pic__item *item = &cases[i].item;
                pic__step step = cases[i].comes ? step_add(item) : step_remove(item);
                pic__nft_flow f = flow(cases[i].mark, cases[i].proto, cases[i].flow);
                pic__nft_exits x = with_local();

                assert_int_equal(pic__nft_exits_step(&x, &step, NULL), 0);
                if (pic__nft_exits_end(&x, &f) != cases[i].want)
                        fail_msg("%c%s %s, 0x%x: %s", cases[i].comes ? '+' : '-', item->key, item->value, cases[i].mark,
                                 cases[i].flow);
                assert_true(pic__nft_exits_any(&x) || !cases[i].want);
                pic__nft_exits_free(&x);
        }
}

/* What comes again in the same transaction is not gone. */
static void test_again(void **state)
{
        static const pic__item before[] = { LOCAL, TARGET }, after[] = {
                { PIC__I_NFT_LOCAL4, "198.51.0.0-198.51.255.255", "local", NULL, 0, NULL },
                { PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7-203.0.113.9 17 1-65535", "accept", NULL, 0, NULL },
        };
        pic__nft_flow near = flow(0x230002, 6, DIRECT), far = flow(0x231010, 6, FAR),
                      carrier = flow(0x2010, 17, CARRIER);
        pic__nft_exits x = with_local();
        size_t i;

        (void)state;
        assert_false(pic__nft_exits_any(&x));
        for (i = 0; i < 2; i++) {
                pic__step gone = step_remove(&before[i]), come = step_add(&after[i]);

                assert_int_equal(pic__nft_exits_step(&x, &gone, NULL), 0);
                assert_int_equal(pic__nft_exits_step(&x, &come, NULL), 0);
        }
        assert_true(pic__nft_exits_any(&x));
        assert_false(pic__nft_exits_end(&x, &near));
        assert_false(pic__nft_exits_end(&x, &far));
        assert_false(pic__nft_exits_end(&x, &carrier));
        pic__nft_exits_free(&x);
}

static void test_stray(void **state)
{
        pic__nft_flow right = flow(0x2010, 17, CARRIER), unmarked = flow(0, 17, CARRIER),
                      bare = flow(0x2010, 17, UNTRANSLATED), other = flow(0, 6, DIRECT);
        pic__nft_exits x = with_local();

        (void)state;
        assert_false(pic__nft_exits_stray(&x, &right));
        assert_true(pic__nft_exits_stray(&x, &unmarked));
        assert_true(pic__nft_exits_stray(&x, &bare));
        assert_false(pic__nft_exits_stray(&x, &other));
        pic__nft_exits_free(&x);
}

static void test_bad_item(void **state)
{
        static const pic__item bad = { PIC__I_NFT_WAY, "picx1", "accept", NULL, 0, NULL };
        pic__nft_exits x = with_local();
        pic__step step = step_remove(&bad);

        (void)state;
        assert_int_equal(pic__nft_exits_step(&x, &step, NULL), PIC_INVALID);
        pic__nft_exits_free(&x);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fit),   cmocka_unit_test(test_steps),    cmocka_unit_test(test_again),
                cmocka_unit_test(test_stray), cmocka_unit_test(test_bad_item),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
