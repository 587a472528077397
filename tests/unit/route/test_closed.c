/* backend/route/closed.c: from which devices this host passed nothing on before. */
#include "world.h"

#include "backend/route/record.h"

static int note(int family, const char *device, void *data)
{
        pic__buf_putf(data, "%d:%s ", family, device);
        return 0;
}

static int stop(int family, const char *device, void *data)
{
        (void)family, (void)device, (void)data;
        return 7;
}

static const char *closed(void)
{
        static char text[256];
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        assert_int_equal(pic__route_closed(world_dir, note, &out, NULL), 0);
        snprintf(text, sizeof(text), "%s", pic__buf_str(&out));
        return text;
}

/* The same before and after forwarding is turned on, and after the agent and a device went. */
static void as_before(void **state)
{
        static const char want[] = "4:far0 4:lan0.5 4:p5 4:pic0 6:far0 6:lan0 6:lan0.5 6:p5 6:pic0 ";
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must("ip link add lan0.5 type veth peer name p5"), 0);
        assert_int_equal(must("sysctl -q -w net.ipv4.conf.lan0.forwarding=1"), 0);
        assert_string_equal(closed(), want);
        assert_int_equal(add(b, SYSCTL, PIC__FORWARD4, "1"), 0);
        assert_string_equal(closed(), want);
        assert_int_equal(add(b, SYSCTL, PIC__FORWARD6, "1"), 0);
        b->ops->free(b);
        assert_int_equal(must("ip link add late0 type veth peer name p6 && ip link del far0"), 0);
        assert_string_equal(closed(), "4:far0 4:lan0.5 4:p5 4:pic0 6:far0 6:lan0 6:lan0.5 6:p5 6:pic0 ");
        assert_int_equal(pic__route_closed(world_dir, stop, NULL, NULL), 7);
        b = backend();
        assert_int_equal(take(b, SYSCTL, PIC__FORWARD4, "1"), 0);
        assert_int_equal(take(b, SYSCTL, PIC__FORWARD6, "1"), 0);
        assert_string_equal(closed(), "4:lan0.5 4:late0 4:p5 4:p6 4:pic0 6:lan0.5 6:late0 6:p5 6:p6 6:pic0 ");
        b->ops->free(b);
}

/* A router stays one. */
static void was_on(void **state)
{
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(must("sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"), 0);
        assert_string_equal(closed(), "");
        assert_int_equal(add(b, SYSCTL, PIC__FORWARD4, "1"), 0);
        assert_int_equal(add(b, SYSCTL, PIC__FORWARD6, "1"), 0);
        assert_string_equal(closed(), "");
        b->ops->free(b);
}

static void no_memory(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        unsigned long n;
        int r = -1;

        (void)state;
        for (n = 1; r < 0 && n < 100; n++) {
                pic__buf_clear(&out);
                pic__mem_fail_at(n);
                r = pic__route_closed(world_dir, note, &out, NULL);
                pic__mem_fail_at(0);
                if (r < 0)
                        assert_int_equal(r, PIC_NOMEM);
        }
        assert_int_equal(r, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(as_before), TEST(was_on), TEST(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
