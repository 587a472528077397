/* A connection tried out, with a world of this test's own: behind picx1 and picx2 are exits, behind picx3 is what the
 * cell itself uses. */
#include "exits_space.h"

#include <sys/epoll.h>

#include "base/time.h"
#include "engine/exits_trial.h"
#include "sys/crypto.h"

#define S PIC__SECOND
#define T0 (1000 * S)

static int epoll = -1;

/* All of it; the checks as JSON. */
static const char *try(const pic_obj *c, const pic_obj *carrier)
{
        static pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__trial *t = NULL;
        pic_time now = T0;
        int i;

        pic__buf_clear(&text);
        assert_int_equal(pic__trial_start(c, carrier, epoll, 256, now, &t, NULL), 0);
        for (i = 0; i < 5 && !pic__trial_turn(t, now + 1000); i++) {
                exits_world_serve();
                usleep(1000);
        }
        while (!pic__trial_turn(t, now)) {
                assert_true(pic__trial_due(t) > now);
                now = pic__trial_due(t);
        }
        assert_true(now <= T0 + 7 * S && pic__trial_due(t) == 0);
        pic__trial_json(t, &j);
        pic__buf_putf(&text, " seen as %s", pic__trial_address(t, 4));
        pic__trial_unref(t);
        return pic__buf_str(&text);
}

static void assert_part(const char *text, const char *part)
{
        if (strstr(text, part) == NULL)
                fail_msg("no %s in %s", part, text);
}

static const pic_obj *named(const pic__snap *s, const char *name)
{
        return pic__snap_named(s, PIC__CONNECTION, name);
}

static pic__snap *three(void)
{
        pic__snap *s = world_snap();

        WORLD_PUT(s, PIC__CONNECTION, 2, "name", "one", "type", "wireguard", "slot", "1", "addresses", "10.5.0.2/32");
        WORLD_WG(s, 3, "two", "2", "endpoint", "203.0.113.8:51820");
        WORLD_PUT(s, PIC__CONNECTION, 4, "name", "shell", "type", "ssh", "slot", "1");
        WORLD_PUT(s, PIC__CONNECTION, 5, "name", "both", "type", "group", "slot", "1", "members", "two,one");
        return s;
}

static int set_up(void **state)
{
        static const char *const seen[] = { NULL, "203.0.113.1", "203.0.113.2", "198.51.100.9" };
        int i;

        (void)state;
        for (i = 1; i < EXITS_SLOTS; i++) {
                exits_alive[i] = 1;
                exits_sees[i] = seen[i];
        }
        return 0;
}

static void test_good(void **state)
{
        pic__snap *s = three();
        const char *text = try(named(s, "one"), named(s, "one"));

        (void)state;
        assert_part(text, "{\"what\":\"address4\",\"good\":true,\"value\":\"203.0.113.1\",\"message\":\"as the world");
        assert_part(text, "{\"what\":\"address6\",\"good\":true,\"value\":null,\"message\":\"not carried: refused\"");
        assert_part(text, "{\"what\":\"dns\",\"good\":true,\"value\":\"203.0.113.1\"");
        assert_part(text, "{\"what\":\"udp\",\"good\":true,\"value\":null,\"message\":\"is carried\"");
        assert_part(text, "{\"what\":\"leak\",\"good\":true,\"value\":\"198.51.100.9\"");
        assert_part(text, "seen as 203.0.113.1");
        pic__snap_unref(s);
}

/* Two that carry IPv6 should; what is carried by a member is the group's. */
static void test_partly(void **state)
{
        pic__snap *s = three();
        const char *text = try(named(s, "two"), named(s, "two"));

        (void)state;
        assert_part(text, "{\"what\":\"address6\",\"good\":false,\"value\":null,\"message\":\"no answer\",\"hint\":\"");
        exits_sees[2] = NULL; /* answers, but knows nothing */
        text = try(named(s, "both"), named(s, "one"));
        assert_part(text, "{\"what\":\"address4\",\"good\":true,\"value\":\"203.0.113.1\"");
        text = try(named(s, "two"), named(s, "two"));
        assert_part(text,
                    "{\"what\":\"address4\",\"good\":false,\"value\":null,\"message\":\"the answer has no address\"");
        assert_part(text, "{\"what\":\"dns\",\"good\":true,\"value\":null,\"message\":\"names are answered; who asks");
        pic__snap_unref(s);
}

static void test_bad(void **state)
{
        pic__snap *s = three();
        const char *text;

        (void)state;
        exits_alive[1] = 0;
        text = try(named(s, "one"), named(s, "one"));
        assert_part(text, "{\"what\":\"address4\",\"good\":false,\"value\":null,\"message\":\"no answer\"");
        assert_part(text, "{\"what\":\"dns\",\"good\":false,\"value\":null,\"message\":\"names are not answered\"");
        assert_part(text, "{\"what\":\"udp\",\"good\":false");
        assert_part(text, "{\"what\":\"leak\",\"good\":true,\"value\":\"198.51.100.9\"");
        exits_alive[1] = 1;
        exits_sees[1] = "198.51.100.9"; /* no exit at all */
        text = try(named(s, "one"), named(s, "one"));
        assert_part(text, "{\"what\":\"dns\",\"good\":false,\"value\":\"198.51.100.9\"");
        assert_part(text, "{\"what\":\"leak\",\"good\":false,\"value\":\"198.51.100.9\"");
        exits_alive[3] = 0;
        text = try(named(s, "one"), named(s, "one"));
        assert_part(text, "{\"what\":\"leak\",\"good\":true,\"value\":null,\"message\":\"not compared");
        pic__snap_unref(s);
}

/* What carries TCP only must not carry UDP; and here it does, while nobody listens for TCP. */
static void test_tcp(void **state)
{
        pic__snap *s = three();
        const char *text = try(named(s, "shell"), named(s, "shell"));

        (void)state;
        assert_part(text, "{\"what\":\"address4\",\"good\":false");
        assert_part(
                text,
                "{\"what\":\"udp\",\"good\":false,\"value\":null,\"message\":\"is carried, though it should not be\"");
        exits_alive[1] = 0;
        text = try(named(s, "shell"), named(s, "shell"));
        assert_part(text, "{\"what\":\"udp\",\"good\":true,\"value\":null,\"message\":\"not carried: refused\"");
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_good, set_up),
                cmocka_unit_test_setup(test_partly, set_up),
                cmocka_unit_test_setup(test_bad, set_up),
                cmocka_unit_test_setup(test_tcp, set_up),
        };

        if (exits_world_make() < 0 || pic__crypto_start(NULL) < 0) {
                printf("SKIP: needs root and the right to make network namespaces\n");
                return 77;
        }
        exits_sh("ip route add default via 169.254.96.14 dev picx3");
        epoll = epoll_create1(EPOLL_CLOEXEC);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
