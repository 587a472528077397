/* backend/dns/records.c: names come and go while unbound runs; and ten thousand devices. */
#include "world.h"

#include <time.h>

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void all_types(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        assert_string_equal(dig("anna.home.internal"), "status: NXDOMAIN");
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        must(b, RECORD, "anna.home.internal. AAAA", NULL, "fd12:3456:789a::2");
        must(b, RECORD, PTR4, NULL, "anna.home.internal.");
        must(b, RECORD, PTR6, NULL, "anna.home.internal.");
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig("anna.home.internal AAAA"), "fd12:3456:789a::2");
        assert_string_equal(dig("-x 10.1.0.2"), "anna.home.internal.");
        assert_string_equal(dig("-x fd12:3456:789a::2"), "anna.home.internal.");
        assert_string_equal(dig_at("@fd12:3456:789a::1 +tcp", "ANNA.home.internal AAAA"), "fd12:3456:789a::2");
        assert_string_equal(dig("anna.home.internal MX"), "status: NOERROR");
        assert_string_equal(dig("x.anna.home.internal"), "status: NXDOMAIN");
        assert_string_equal(dig("-x 10.1.0.3"), "status: NXDOMAIN");
        /* One of two goes, the other stays. */
        must(b, RECORD, "anna.home.internal. A", "10.1.0.2", NULL);
        assert_string_equal(dig("anna.home.internal"), "status: NOERROR");
        assert_string_equal(dig("anna.home.internal AAAA"), "fd12:3456:789a::2");
        must(b, RECORD, "anna.home.internal. AAAA", "fd12:3456:789a::2", "fd12:3456:789a::9");
        assert_string_equal(dig("anna.home.internal AAAA"), "fd12:3456:789a::9");
        must(b, RECORD, "anna.home.internal. AAAA", "fd12:3456:789a::9", NULL);
        assert_string_equal(dig("anna.home.internal AAAA"), "status: NXDOMAIN");
        b->ops->free(b);
}

/* The zone's own records are at the same name as the cell's, and stay. */
static void top_of_zone(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "home.internal. A", NULL, "10.1.0.1");
        must(b, RECORD, "home.internal. A", "10.1.0.1", "10.1.0.9");
        assert_string_equal(dig("home.internal"), "10.1.0.9");
        assert_string_equal(dig("home.internal NS"), "cell.home.internal.");
        must(b, RECORD, "home.internal. A", "10.1.0.9", NULL);
        assert_string_equal(dig("home.internal NS"), "cell.home.internal.");
        assert_string_equal(dig("no.home.internal"), "status: NXDOMAIN");
        assert_int_equal(sh("dig @10.1.0.1 no.home.internal | grep -q 'home.internal.*SOA'"),
                         0); /* how long to believe it */
        b->ops->free(b);
}

static void refusals(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(step(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2", NULL), PIC_BADSTATE);
        assert_int_equal(step(b, RECORD, "anna.home.internal. A", "10.1.0.2", NULL, NULL),
                         0); /* gone with its server */
        must(b, SERVER, "main", NULL, VALUE);
        assert_int_equal(step(b, RECORD, "anna.elsewhere. A", NULL, "10.1.0.2", NULL), PIC_INVALID);
        assert_int_equal(step(b, RECORD, "anna.home.internal. MX", NULL, "10.1.0.2", NULL), PIC_INVALID);
        assert_int_equal(step(b, RECORD, "anna.home.internal. A", "10.1.0.2", "10.1.0.3", NULL), PIC_NOTFOUND);
        b->ops->free(b);
}

/* A refusal in the middle: those before it are in force. */
static void half_way(void **state)
{
        pic__item items[] = { { .kind = RECORD, .key = "a.home.internal. A", .value = "10.1.0.2" },
                              { .kind = RECORD, .key = "b.home.internal. A", .value = "10.1.0.3" },
                              { .kind = RECORD, .key = "a.home.internal. A", .value = "10.1.0.4" },
                              { .kind = RECORD, .key = "c.home.internal. A", .value = "10.1.0.5" } };
        pic__step steps[4];
        pic__backend *b = backend();
        size_t done = 99, i;

        (void)state;
        for (i = 0; i < 4; i++)
                steps[i] = (pic__step){ PIC__ADD, RECORD, NULL, &items[i] };
        must(b, SERVER, "main", NULL, VALUE);
        assert_int_equal(b->ops->apply(b, steps, 4, &done, NULL), PIC_CONFLICT);
        assert_int_equal(done, 2);
        assert_string_equal(dig("a.home.internal"), "10.1.0.2");
        assert_string_equal(dig("b.home.internal"), "10.1.0.3");
        assert_string_equal(dig("c.home.internal"), "status: NXDOMAIN");
        b->ops->free(b);
}

#define P200                                                                                                   \
        "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890" \
        "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
#define P55 "1234567890123456789012345678901234567890123456789012345"

/* The owner's: every type, several of one, lifetimes, texts in parts; what is told is what unbound says it holds. */
static void owners(void **state)
{
        static const char *const all[][3] = {
                { "nas.home.internal. A", "10.1.0.9,192.168.1.10 ttl=300", "10.1.0.9 192.168.1.10" },
                { "nas.home.internal. AAAA", "fd00::1,fd00::2 ttl=300", "fd00::1 fd00::2" },
                { "nas.home.internal. MX", "10 mail.example.org.,20 nas.home.internal.",
                  "mail.example.org. nas.home.internal." },
                { "_sip._tcp.home.internal. SRV", "0 5 5060 nas.home.internal.", "nas.home.internal." },
                { "www.home.internal. A", "10.1.0.9", "10.1.0.9" },
                { "www.home.internal. CNAME", "nas.home.internal.", "nas.home.internal." },
                { "t.home.internal. TXT", "\"" P200 P55 "\" \"it\\039s\\044 \\195\\164\",\"b ttl=7\" ttl=301", NULL },
                { "10.1.168.192.in-addr.arpa. PTR", "nas.home.internal.", "nas.home.internal." },
                { "a_b.home.internal. A", "10.1.0.77", "10.1.0.77" },
        };
        pic__backend *b = backend();
        char question[128];
        size_t i, round;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        for (i = 0; i < PIC__COUNT(all); i++)
                must(b, RECORD, all[i][0], NULL, all[i][1]);
        for (round = 0; round < 3;
             round++) { /* as they came, as unbound tells them, and after a start with all of them */
                if (round == 2) {
                        must(b, SERVER, "main", VALUE, NULL);
                        assert_int_equal(step(b, SERVER, "main", NULL, VALUE, NULL), 0);
                        for (i = 0; i < PIC__COUNT(all); i++)
                                must(b, RECORD, all[i][0], NULL, all[i][1]);
                }
                ((pic__dns *)b)->names_known = round == 0;
                for (i = 0; i < PIC__COUNT(all); i++) {
                        assert_string_equal(seen(b, RECORD, all[i][0]), all[i][1]);
                        snprintf(question, sizeof(question), "%s", all[i][0]);
                        if (all[i][2] != NULL)
                                assert_string_equal(dig(question), all[i][2]);
                }
        }
        assert_int_equal(sh("test $(dig @10.1.0.1 +short t.home.internal TXT | wc -l) = 2"), 0);
        must(b, SERVER, "main", VALUE, VALUE " dnssec=no"); /* the same from a file */
        ((pic__dns *)b)->names_known = 0;
        for (i = 0; i < PIC__COUNT(all); i++) {
                assert_string_equal(seen(b, RECORD, all[i][0]), all[i][1]);
                if (all[i][2] != NULL)
                        assert_string_equal(dig(all[i][0]), all[i][2]);
        }
        must(b, RECORD, all[6][0], all[6][1], NULL);
        assert_string_equal(dig("t.home.internal TXT"), "status: NXDOMAIN");
        assert_int_equal(step(b, RECORD, "x.home.internal. TXT", NULL, "\"it's\"", NULL), PIC_INVALID);
        assert_int_equal(step(b, RECORD, "x.home.internal. MX", NULL, "70 a", NULL), PIC_INVALID);
        assert_int_equal(step(b, RECORD, "x.home.internal. A", NULL, "10.1.0.9 ttl=0", NULL), PIC_INVALID);
        b->ops->free(b);
}

/* Whatever has no record of its own, by the rules of RFC 4592 but for names below one that is there. */
static void wildcards(void **state)
{
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "*.dev.home.internal. A", NULL, "10.1.0.9");
        must(b, RECORD, "*.dev.home.internal. TXT", NULL, "\"any\"");
        must(b, RECORD, "*.alias.home.internal. CNAME", NULL, "anna.home.internal.");
        must(b, RECORD, "*.alias.home.internal. A", NULL, "10.1.0.2");
        must(b, RECORD, "one.dev.home.internal. A", NULL, "10.1.0.11");
        assert_string_equal(dig("x.dev.home.internal"), "10.1.0.9");
        assert_string_equal(dig("x.y.dev.home.internal"), "10.1.0.9");
        assert_string_equal(dig("x.dev.home.internal TXT"), "\"any\"");
        assert_string_equal(dig("x.dev.home.internal AAAA"), "status: NOERROR");
        assert_string_equal(dig("one.dev.home.internal"), "10.1.0.11");
        assert_string_equal(dig("one.dev.home.internal TXT"), "status: NOERROR");
        assert_string_equal(dig("dev.home.internal"), "status: NOERROR");
        assert_string_equal(dig("x.alias.home.internal"), "10.1.0.2");
        assert_string_equal(dig("dove.home.internal"), "status: NXDOMAIN");
        assert_string_equal(dig_at("@10.1.0.1 -p 5301", "x.dev.home.internal"), "10.1.0.9");
        must(b, RECORD, "*.dev.home.internal. A", "10.1.0.9", "10.1.0.10");
        assert_string_equal(dig("x.dev.home.internal"), "10.1.0.10");
        assert_string_equal(seen(b, RECORD, "*.dev.home.internal. A"), "10.1.0.10");
        must(b, SERVER, "main", VALUE, VALUE " dnssec=no");
        assert_string_equal(dig("x.dev.home.internal"), "10.1.0.10");
        must(b, RECORD, "*.dev.home.internal. TXT", "\"any\"", NULL);
        must(b, RECORD, "*.dev.home.internal. A", "10.1.0.10", NULL);
        assert_string_equal(dig("x.dev.home.internal"), "status: NXDOMAIN");
        b->ops->free(b);
}

/* Somebody else's doing is seen as different, once asked. */
static void others_doing(void **state)
{
        pic__backend *b = backend();
        char path[128];

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        snprintf(path, sizeof(path), "%s/dns/control.sock", world_dir);
        assert_int_equal(
                pic__dns_control(path, "local_data anna.home.internal. 60 A 10.1.0.66", NULL, 1000, NULL, NULL), 0);
        assert_int_equal(
                pic__dns_control(path, "local_data evil.home.internal. 3600 A 10.1.0.67", NULL, 1000, NULL, NULL), 0);
        assert_int_equal(pic__dns_control(path, "local_data *.home.internal. 60 A 10.1.0.68", NULL, 1000, NULL, NULL),
                         0); /* no name of ours could be that */
        ((pic__dns *)b)->names_known = 0;
        assert_non_null(strstr(seen(b, RECORD, "anna.home.internal. A"), "10.1.0.66"));
        assert_string_equal(seen(b, RECORD, "*.home.internal. A"), "10.1.0.68");
        must(b, RECORD, "*.home.internal. A", "10.1.0.68", NULL);
        assert_string_equal(seen(b, RECORD, "evil.home.internal. A"), "10.1.0.67 ttl=3600");
        must(b, RECORD, "evil.home.internal. A", "10.1.0.67 ttl=3600", NULL);
        must(b, RECORD, "anna.home.internal. A", "10.1.0.2,10.1.0.66", "10.1.0.2");
        assert_string_equal(dig("anna.home.internal"), "10.1.0.2");
        assert_string_equal(dig("evil.home.internal"), "status: NXDOMAIN");
        b->ops->free(b);
}

/* The server hangs up in the middle: what is in force is asked again. */
static void server_dies(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "anna.home.internal. A", NULL, "10.1.0.2");
        kill(pic__child_pid(((pic__dns *)b)->child), SIGKILL);
        usleep(100000);
        assert_int_equal(step(b, RECORD, "b.home.internal. A", NULL, "10.1.0.3", &err), PIC_BADSTATE);
        assert_null(seen(b, RECORD, "anna.home.internal. A"));
        b->ops->free(b);
}

static void peer_items(pic__items *items, unsigned i)
{
        char key[128], name[64], text[64];
        unsigned a = (i + 2) / 256, c = (i + 2) % 256, n = i + 2;

        snprintf(name, sizeof(name), "p%u.home.internal.", i);
        snprintf(key, sizeof(key), "%s A", name);
        snprintf(text, sizeof(text), "10.1.%u.%u", a, c);
        pic__items_add(items, RECORD, key, text, NULL, NULL, NULL);
        snprintf(key, sizeof(key), "%s AAAA", name);
        snprintf(text, sizeof(text), "fd12:3456:789a::%x", n);
        pic__items_add(items, RECORD, key, text, NULL, NULL, NULL);
        snprintf(key, sizeof(key), "%u.%u.1.10.in-addr.arpa. PTR", c, a);
        pic__items_add(items, RECORD, key, name, NULL, NULL, NULL);
        snprintf(key, sizeof(key), "%x.%x.%x.%x.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa. PTR",
                 n & 15, n >> 4 & 15, n >> 8 & 15, n >> 12 & 15);
        pic__items_add(items, RECORD, key, name, NULL, NULL, NULL);
}

static void apply_all(pic__backend *b, enum pic__verb verb, pic__item *items, size_t count)
{
        pic__step *steps = calloc(count, sizeof(*steps));
        pic_error *err = NULL;
        size_t i, done = 0;

        for (i = 0; i < count; i++)
                steps[i] = (pic__step){ verb, items[i].kind, verb == PIC__ADD ? NULL : &items[i],
                                        verb == PIC__REMOVE ? NULL : &items[i] };
        if (b->ops->apply(b, steps, count, &done, &err) < 0)
                fail_msg("%s", pic_error_message(err));
        assert_int_equal(done, count);
        free(steps);
}

static int by_number(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

/* Figures are printed, and held against limits that only a fault of kind would break. */
static void ten_thousand(void **state)
{
        enum { PEERS = 10000, TRIES = 200 };
        pic__auto_items pic__items all = PIC__ITEMS_INIT, one = PIC__ITEMS_INIT, then = PIC__ITEMS_INIT,
                                   listed = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        double t, took[TRIES];
        unsigned i;

        (void)state;
        pic__items_add(&all, SERVER, "main", VALUE, NULL, NULL, NULL);
        for (i = 0; i < PEERS; i++)
                peer_items(&all, i);
        t = now();
        apply_all(b, PIC__ADD, all.at, all.count);
        print_message("cold, server and %zu records together: %.0f ms\n", all.count - 1, now() - t);
        assert_string_equal(dig("p9999.home.internal"), "10.1.39.17");
        for (i = 0; i < TRIES; i++)
                peer_items(&one, PEERS + i);
        for (i = 0; i < TRIES; i++) {
                t = now();
                apply_all(b, PIC__ADD, one.at + (size_t)i * 4, 4);
                took[i] = now() - t;
        }
        qsort(took, TRIES, sizeof(took[0]), by_number);
        print_message("one more peer (4 records): median %.3f ms, p99 %.3f ms\n", took[TRIES / 2],
                      took[TRIES * 99 / 100]);
        assert_true(took[TRIES / 2] < 5);
        for (i = 0; i < TRIES; i++) {
                t = now();
                apply_all(b, PIC__REMOVE, one.at + (size_t)i * 4, 4);
                took[i] = now() - t;
        }
        qsort(took, TRIES, sizeof(took[0]), by_number);
        print_message("one peer less: median %.3f ms\n", took[TRIES / 2]);
        t = now();
        assert_int_equal(b->ops->observe(b, &then, NULL), 0);
        print_message("observe: %.1f ms\n", now() - t);
        assert_int_equal(then.count, all.count);
        ((pic__dns *)b)->names_known = 0;
        t = now();
        assert_int_equal(b->ops->observe(b, &listed, NULL), 0);
        print_message("observe after adoption: %.0f ms\n", now() - t);
        assert_int_equal(listed.count, all.count);
        t = now();
        apply_all(b, PIC__REMOVE, all.at + 1, 4000);
        apply_all(b, PIC__ADD, all.at + 1, 4000);
        print_message("4000 records out and in, live: %.0f ms\n", now() - t);
        assert_string_equal(dig("-x 10.1.0.2"), "p0.home.internal.");
        b->ops->free(b);
}

static void no_memory(void **state)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        unsigned long n;
        int r = -1;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        peer_items(&items, 7);
        for (n = 1; r < 0 && n < 100; n++) {
                pic__step steps[4];
                size_t done = 99, i;
                pic__auto_items pic__items seen_now = PIC__ITEMS_INIT;

                for (i = 0; i < 4; i++)
                        steps[i] = (pic__step){ PIC__ADD, RECORD, NULL, &items.at[i] };
                pic__mem_fail_at(n);
                r = b->ops->apply(b, steps, 4, &done, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                assert_true(done <= 4);
                ((pic__dns *)b)->names_known = 0;
                assert_int_equal(b->ops->observe(b, &seen_now, NULL), 0);
                if (r == 0)
                        assert_int_equal(seen_now.count, 5);
                for (i = 1; i < seen_now.count; i++)
                        must(b, RECORD, seen_now.at[i].key, seen_now.at[i].value, NULL);
        }
        assert_int_equal(r, 0);
        assert_true(n > 4);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(all_types),    TEST(top_of_zone), TEST(refusals),     TEST(half_way),
                                            TEST(others_doing), TEST(server_dies), TEST(ten_thousand), TEST(no_memory),
                                            TEST(owners),       TEST(wildcards) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
