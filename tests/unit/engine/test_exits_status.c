/* What is told of connections, as JSON and as findings, watched and not. */
#include "exits_world.h"

#include <arpa/inet.h>
#include <sched.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/exits_i.h"
#include "sys/crypto.h"

#define S PIC__SECOND
#define T0 ((pic_time)1800000000 * S)

static pic_time now;
static pic__clock clock_;

static pic__snap *people(void)
{
        pic__snap *s = world_snap();

        WORLD_WG(s, 2, "one", "1", "endpoint", "203.0.113.7:51820");
        WORLD_WG(s, 3, "two", "2", "endpoint", "127.0.0.1:51820");
        WORLD_PUT(s, PIC__CONNECTION, 4, "name", "both", "type", "group", "slot", "9", "members", "one,two");
        WORLD_WG(s, 5, "spare", "3", "endpoint", "203.0.113.9:1");
        WORLD_WG(s, 6, "off", "4", "enabled", "no");
        WORLD_PUT(s, PIC__PEER, 10, "name", "anna", "address4", "10.77.0.2", "exit", "both");
        WORLD_PUT(s, PIC__PEER, 11, "name", "ben", "address4", "10.77.0.3", "exit", "one");
        WORLD_PUT(s, PIC__PEER, 12, "name", "cleo", "address4", "10.77.0.4", "exit", "off");
        WORLD_PUT(s, PIC__PEER, 13, "name", "dora", "address4", "10.77.0.5", "exit", "one", "enabled", "no");
        return s;
}

static const char *json(const pic__exits *x, const pic__snap *s)
{
        static pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        pic__buf_clear(&text);
        pic__exits_json(x, s, &clock_, &j);
        return pic__buf_str(&text);
}

static const char *findings(const pic__exits *x, const pic__snap *s)
{
        static pic__buf text = PIC__BUF_INIT;
        pic__findings f = PIC__FINDINGS_INIT;
        pic__json j = PIC__JSON(&text);

        pic__buf_clear(&text);
        pic__exits_doctor(x, s, &f);
        assert_int_equal(pic__findings_json(&f, &j, NULL), 0);
        pic__findings_free(&f);
        return pic__buf_str(&text);
}

static void assert_part(const char *text, const char *part)
{
        if (strstr(text, part) == NULL)
                fail_msg("no %s in %s", part, text);
}

static void test_unwatched(void **state)
{
        pic__exits_known known = { .id = { 0 } };
        pic__snap *s = people();
        const char *text;

        (void)state;
        clock_ = pic__clock_fake(&now);
        text = json(NULL, s);
        assert_part(text,
                    "{\"name\":\"one\",\"id\":2,\"type\":\"wireguard\",\"slot\":1,\"enabled\":true,\"state\":\"up\","
                    "\"since\":null,\"latency_us\":null,\"loss\":0,\"rx\":0,\"tx\":0,\"address4\":null,"
                    "\"address6\":null,\"active\":null,\"users\":2,\"remote\":null,\"error\":null}");
        assert_part(text, "\"slot\":9,\"enabled\":true,\"state\":\"up\"");
        assert_part(text, "\"active\":\"one\",\"users\":1");
        assert_part(text, "\"slot\":4,\"enabled\":false,\"state\":\"off\"");
        assert_int_equal(pic__exits_known_parse(&known, "1 2 down - 203.0.113.7:51820\n9 4 up 2 -\n", NULL), 0);
        assert_int_equal(pic__exits_known_tell(&known, s, NULL), 0);
        text = json(NULL, s);
        assert_part(text, "\"slot\":1,\"enabled\":true,\"state\":\"down\"");
        assert_part(text, "\"remote\":\"203.0.113.7:51820\"");
        assert_part(text, "\"active\":\"two\"");
        text = findings(NULL, s);
        assert_part(text, "connection one is down");
        assert_part(text, "no device leaves by connection spare");
        assert_part(text, "connection off is turned off: who leaves by it is cut off (devices: 1)");
        assert_null(strstr(text, "exit two"));
        pic__exits_known_clear(&known);
        pic__snap_unref(s);
        s = world_snap();
        assert_string_equal(json(NULL, s), "[]");
        assert_string_equal(findings(NULL, s), "[]");
        pic__snap_unref(s);
}

static void last_words(unsigned slot, pic__buf *out, void *data)
{
        assert_null(data);
        if (slot == 3)
                pic__buf_puts(out, "AUTH_FAILED,\x1bno such user");
}

/* Nothing is there that could answer. */
static void test_watched(void **state)
{
        static const pic__exits_known nothing;
        const pic__exits_opts opts = { .clock = &clock_, .fault = last_words, .resolv_conf = "/dev/null" };
        pic__exits_known known = { .id = { 0 } };
        pic__snap *s = people();
        pic__exits *x = NULL;
        const char *text;

        (void)state;
        now = T0;
        clock_ = pic__clock_fake(&now);
        assert_int_equal(pic__exits_new(&opts, &x, NULL), 0);
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        pic__exits_turn(x);
        text = json(x, s);
        assert_part(text, "\"slot\":1,\"enabled\":true,\"state\":\"starting\",\"since\":\"2027-01-15T08:00:00Z\"");
        assert_part(text, "the far end 127.0.0.1 is at 127.0.0.1, which is loopback space");
        for (; now < T0 + 30 * S; now += S / 2)
                pic__exits_turn(x);
        x->at[1]->health.latency = 25000;
        x->at[1]->rx = 1000;
        snprintf(x->at[1]->address[0], PIC__ADDR_TEXT, "198.51.100.77");
        text = json(x, s);
        assert_part(text, "\"slot\":1,\"enabled\":true,\"state\":\"down\"");
        assert_part(text, "\"latency_us\":25000,\"loss\":100,\"rx\":1000,\"tx\":0,\"address4\":\"198.51.100.77\"");
        assert_part(text, "\"error\":{\"message\":\"no answer for 30 s (");
        assert_part(text, "pic connection test");
        assert_part(text, "\"message\":\"no answer for 30 s: AUTH_FAILED,");
        assert_part(text, "\"message\":\"none of its members works\"");
        text = findings(x, s);
        assert_part(text, "connection one is down: no answer for 30 s");
        assert_part(text, "connection two is down: the far end 127.0.0.1 is at 127.0.0.1");
        assert_part(text, "An exit cannot lead back to this cell");
        assert_part(text, "connection both is down: none of its members works");
        x->at[2]->health.state = PIC__HEALTH_UP; /* its name is in trouble, and it works all the same */
        assert_part(findings(x, s), "the far end 127.0.0.1 is at 127.0.0.1");
        assert_int_equal(pic__exits_known_now(x, &known, NULL), 0);
        pic__exits_known_clear(&known);
        pic__exits_unref(x);
        pic__snap_unref(s);
}

static int refuses_one(unsigned slot, pic_error **err, void *data)
{
        assert_null(data);
        if (slot != 1)
                return 0;
        (void)pic__fail(err, PIC_UNSUPPORTED, "pigeon is not installed");
        pic__hint(err, "apt-get install pigeon");
        return PIC_UNSUPPORTED;
}

/* It is down at once, not after its patience, and says why. */
static void test_refused(void **state)
{
        static const pic__exits_known nothing;
        const pic__exits_opts opts = { .clock = &clock_, .refusal = refuses_one, .resolv_conf = "/dev/null" };
        pic__snap *s = people();
        pic__exits *x = NULL;
        const char *text;

        (void)state;
        now = T0;
        clock_ = pic__clock_fake(&now);
        assert_int_equal(pic__exits_new(&opts, &x, NULL), 0);
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        for (; now < T0 + 4 * S; now += S / 2)
                pic__exits_turn(x);
        assert_int_equal(x->at[1]->health.state, PIC__HEALTH_DOWN);
        assert_int_equal(x->at[3]->health.state, PIC__HEALTH_STARTING);
        text = json(x, s);
        assert_part(text, "\"error\":{\"message\":\"nothing carries it: pigeon is not installed\",\"hint\":\"apt-get "
                          "install pigeon\"}");
        text = findings(x, s);
        assert_part(text, "connection one is down: nothing carries it: pigeon is not installed");
        pic__exits_unref(x);
        pic__snap_unref(s);
}

static int revives;

/* The far end is dead, too, and only the first is stuck. */
static int revive(unsigned slot, int down, pic__buf *told, void *data)
{
        assert_null(data);
        if (slot != 1 || !down || revives++ > 0)
                return 0;
        pic__buf_puts(told, "restarted: pigeon did not answer");
        return 1;
}

static char revived[200];

static void hear(pic_id id, const char *name, const char *verb, const char *text, void *data)
{
        (void)data;
        if (strcmp(verb, "exit-revived") == 0)
                snprintf(revived, sizeof(revived), "%d %s %s", (int)id, name, text);
}

static void test_revived(void **state)
{
        static const pic__exits_known nothing;
        const pic__exits_opts opts = { .clock = &clock_, .revive = revive, .news = hear, .resolv_conf = "/dev/null" };
        pic__snap *s = people();
        pic__exits *x = NULL;

        (void)state;
        now = T0;
        clock_ = pic__clock_fake(&now);
        assert_int_equal(pic__exits_new(&opts, &x, NULL), 0);
        assert_int_equal(pic__exits_watch(x, s, &nothing, NULL), 0);
        for (; now < T0 + 29 * S; now += S / 2) /* it starts for 15 s, and is down for less than that */
                pic__exits_turn(x);
        assert_int_equal(revives, 0);
        for (; now < T0 + 40 * S; now += S / 2)
                pic__exits_turn(x);
        assert_true(revives > 1);
        assert_string_equal(revived, "2 one connection one: restarted: pigeon did not answer");
        assert_part(json(x, s), "(restarted: pigeon did not answer)\"");
        pic__exits_unref(x);
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_unwatched), cmocka_unit_test(test_watched),
                                            cmocka_unit_test(test_refused), cmocka_unit_test(test_revived) };

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0 || pic__crypto_start(NULL) < 0) {
                printf("SKIP: needs root for a network namespace of its own\n");
                return 77;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
