/* Shows: set arithmetic against a bitmap; the meaning of "internet" and "lan"; where no device can live. */
#include "help.h"

#include "model/net.h"

#define SPACE 256

static pic__addr at(unsigned n)
{
        return (pic__addr){ 4, { 10, 0, 0, (uint8_t)n } };
}

static int random_set(pic__range *set, int max)
{
        int n = (int)(rnd() % (unsigned)(max + 1)), i;

        for (i = 0; i < n; i++) {
                unsigned a = rnd() % SPACE, b = a + rnd() % 20;

                set[i].first = at(a);
                set[i].last = at(b < SPACE ? b : SPACE - 1);
        }
        return n;
}

static void paint(const pic__range *set, int n, char map[SPACE])
{
        int i;
        unsigned k;

        memset(map, 0, SPACE);
        for (i = 0; i < n; i++)
                for (k = set[i].first.bytes[3]; k <= set[i].last.bytes[3]; k++)
                        map[k] = 1;
}

static void neat(const pic__range *set, int n)
{
        int i;

        for (i = 1; i < n; i++)
                assert_true(set[i].first.bytes[3] > set[i - 1].last.bytes[3] + 1);
}

static void against_bitmap(void **state)
{
        int round;

        (void)state;
        for (round = 0; round < 5000; round++) {
                pic__range a[12], b[12], out[40];
                char ma[SPACE], mb[SPACE], mo[SPACE];
                int na = random_set(a, 12), nb = random_set(b, 12), n, k;

                paint(a, na, ma);
                paint(b, nb, mb);
                na = pic__ranges_normalize(a, (size_t)na);
                nb = pic__ranges_normalize(b, (size_t)nb);
                neat(a, na);
                paint(a, na, mo);
                assert_memory_equal(ma, mo, SPACE);
                n = pic__ranges_subtract(a, (size_t)na, b, (size_t)nb, out, PIC__COUNT(out));
                assert_true(n >= 0);
                neat(out, n);
                paint(out, n, mo);
                for (k = 0; k < SPACE; k++)
                        assert_int_equal(mo[k], ma[k] && !mb[k]);
                if (n > 0)
                        assert_int_equal(pic__ranges_subtract(a, (size_t)na, b, (size_t)nb, out, (size_t)n - 1), -1);
        }
}

static void ends_of_the_space(void **state)
{
        pic__range all = { { 6, { 0 } }, { 6, { 0 } } }, hole = all, out[2];
        int n;

        (void)state;
        memset(all.last.bytes, 0xff, 16);
        n = pic__ranges_subtract(&all, 1, &all, 1, out, 2);
        assert_int_equal(n, 0);
        hole.first.bytes[0] = 1; /* 100:: */
        memset(hole.last.bytes, 0xff, 16);
        n = pic__ranges_subtract(&all, 1, &hole, 1, out, 2);
        assert_int_equal(n, 1);
        assert_int_equal(out[0].last.bytes[0], 0);
        assert_int_equal(out[0].last.bytes[15], 0xff);
}

static int in(const pic__range *set, size_t n, const char *text)
{
        pic__addr a;
        size_t i;

        assert_int_equal(pic__addr_parse(text, &a), 0);
        for (i = 0; i < n; i++)
                if (pic__addr_cmp(&set[i].first, &a) <= 0 && pic__addr_cmp(&a, &set[i].last) <= 0)
                        return 1;
        return 0;
}

static void meanings(void **state)
{
        static const struct {
                const char *addr;
                int internet, lan;
        } cases[] = {
                { "0.0.0.1", 0, 0 },         { "1.1.1.1", 1, 0 },          { "9.255.255.255", 1, 0 },
                { "10.0.0.0", 0, 1 },        { "10.255.255.255", 0, 1 },   { "11.0.0.0", 1, 0 },
                { "100.63.255.255", 1, 0 },  { "100.64.0.0", 0, 0 },       { "100.127.255.255", 0, 0 },
                { "100.128.0.0", 1, 0 },     { "127.0.0.1", 0, 0 },        { "128.0.0.0", 1, 0 },
                { "169.253.255.255", 1, 0 }, { "169.254.169.254", 0, 0 },  { "169.255.0.0", 1, 0 },
                { "172.15.255.255", 1, 0 },  { "172.16.0.0", 0, 1 },       { "172.31.255.255", 0, 1 },
                { "172.32.0.0", 1, 0 },      { "191.255.255.255", 1, 0 },  { "192.0.0.1", 0, 0 },
                { "192.0.2.1", 1, 0 },       { "192.167.255.255", 1, 0 },  { "192.168.0.0", 0, 1 },
                { "192.168.255.255", 0, 1 }, { "192.169.0.0", 1, 0 },      { "198.18.0.1", 1, 0 },
                { "203.0.113.7", 1, 0 },     { "223.255.255.255", 1, 0 },  { "224.0.0.1", 0, 0 },
                { "240.0.0.1", 0, 0 },       { "255.255.255.255", 0, 0 },  { "::1", 0, 0 },
                { "::ffff:1.2.3.4", 0, 0 },  { "64:ff9b::1.1.1.1", 1, 0 }, { "64:ff9b:1::1", 0, 0 },
                { "1fff::1", 0, 0 },         { "2000::", 1, 0 },           { "2001:db8::1", 1, 0 },
                { "3fff:ffff::1", 1, 0 },    { "4000::", 0, 0 },           { "fc00::1", 0, 1 },
                { "fdff::1", 0, 1 },         { "fe80::1", 0, 0 },          { "ff02::1", 0, 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                uint8_t family = strchr(cases[i].addr, ':') != NULL ? 6 : 4;
                size_t n;
                const pic__range *set = pic__ranges_internet(family, &n);

                if (in(set, n, cases[i].addr) != cases[i].internet)
                        fail_msg("internet: %s", cases[i].addr);
                set = pic__ranges_lan(family, &n);
                if (in(set, n, cases[i].addr) != cases[i].lan)
                        fail_msg("lan: %s", cases[i].addr);
        }
}

/* internet4 is what is left of everything after the exceptions: computed, not trusted. */
static void internet_is_the_rest(void **state)
{
        static const char *const except[] = { "0.0.0.0/8",    "10.0.0.0/8",     "100.64.0.0/10",
                                              "127.0.0.0/8",  "169.254.0.0/16", "172.16.0.0/12",
                                              "192.0.0.0/24", "192.168.0.0/16", "224.0.0.0/3" };
        pic__range all = { { 4, { 0 } }, { 4, { 255, 255, 255, 255 } } }, holes[16], out[16];
        const pic__range *want;
        size_t i, n;
        int count;

        (void)state;
        for (i = 0; i < PIC__COUNT(except); i++) {
                pic__prefix p;

                assert_int_equal(pic__prefix_parse(except[i], &p), 0);
                pic__prefix_range(&p, &holes[i]);
        }
        count = pic__ranges_normalize(holes, PIC__COUNT(except));
        count = pic__ranges_subtract(&all, 1, holes, (size_t)count, out, PIC__COUNT(out));
        want = pic__ranges_internet(4, &n);
        assert_int_equal(count, n);
        for (i = 0; i < n; i++) {
                assert_int_equal(pic__addr_cmp(&out[i].first, &want[i].first), 0);
                assert_int_equal(pic__addr_cmp(&out[i].last, &want[i].last), 0);
        }
        assert_int_equal(pic__ranges_normalize(NULL, 0), 0);
}

static void unusable(void **state)
{
        static const char *const bad[] = { "0.0.0.0/8",    "0.0.0.0/0",   "127.0.0.0/30", "169.254.1.0/24",
                                           "224.0.0.0/24", "240.0.0.0/8", "::/64",        "::ffff:0.0.0.0/96",
                                           "fe80::/64",    "ff00::/16",   "fe00::/8" };
        static const char *const good[] = { "10.0.0.0/8",     "100.64.0.0/10", "192.168.0.0/16",
                                            "203.0.113.0/24", "fd00::/48",     "2001:db8::/32" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__prefix p;

                assert_int_equal(pic__prefix_parse(bad[i], &p), 0);
                assert_non_null(pic__prefix_unusable(&p));
        }
        for (i = 0; i < PIC__COUNT(good); i++) {
                pic__prefix p;

                assert_int_equal(pic__prefix_parse(good[i], &p), 0);
                assert_null(pic__prefix_unusable(&p));
        }
}

/* Of what names of the internet may not lead to, nothing is internet but what NAT64 leads inside. */
static void inside(void **state)
{
        const char *text;
        size_t i, k, n;

        (void)state;
        for (i = 0; (text = pic__prefix_inside(i)) != NULL; i++) {
                const pic__range *nets;
                pic__range span;
                pic__prefix p;

                assert_int_equal(pic__prefix_parse(text, &p), 0);
                pic__prefix_range(&p, &span);
                nets = pic__ranges_internet(p.addr.family, &n);
                for (k = 0; k < n && strncmp(text, "64:ff9b:", 8) != 0; k++)
                        assert_true(pic__addr_cmp(&span.last, &nets[k].first) < 0 ||
                                    pic__addr_cmp(&nets[k].last, &span.first) < 0);
        }
        assert_true(i > 10);
}

RUN(T(against_bitmap), T(ends_of_the_space), T(meanings), T(internet_is_the_rest), T(unusable), T(inside))
