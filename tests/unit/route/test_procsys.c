/* backend/route/procsys.c: settings of this network namespace. */
#include "world.h"

static void read_write(void **state)
{
        char value[32];

        (void)state;
        assert_string_equal(setting("net.ipv4.ip_forward"), "0");
        assert_int_equal(pic__procsys_write("net.ipv4.ip_forward", "1", NULL), 0);
        assert_int_equal(pic__procsys_read("net.ipv4.ip_forward", value, sizeof(value), NULL), 0);
        assert_string_equal(value, "1");
        /* Another namespace has another. */
        assert_int_equal(unshare(CLONE_NEWNET), 0);
        assert_string_equal(setting("net.ipv4.ip_forward"), "0");
}

static void dots_in_names(void **state)
{
        (void)state;
        assert_int_equal(must("ip link add lan0.5 type veth peer name far5"), 0);
        assert_int_equal(pic__procsys_write("net.ipv6.conf.lan0/5.accept_ra", "2", NULL), 0);
        assert_string_equal(setting("net.ipv6.conf.lan0/5.accept_ra"), "2");
        assert_string_equal(setting("net.ipv6.conf.lan0.accept_ra"), "1");
}

static void refuses(void **state)
{
        static const char *const bad[] = { "kernel.hostname", "net.ipv4...passwd", "net.ipv4.ip_forward\n", "net.//etc",
                                           "net.a b" };
        pic__auto_err pic_error *none = NULL, *words = NULL, *value = NULL;
        char text[64], long_key[200] = "net.";
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__auto_err pic_error *err = NULL;

                assert_int_equal(pic__procsys_read(bad[i], text, sizeof(text), &err), PIC_INVALID);
                assert_int_equal(pic__procsys_write(bad[i], "1", NULL), PIC_INVALID);
        }
        memset(long_key + 4, 'x', sizeof(long_key) - 5);
        assert_int_equal(pic__procsys_read(long_key, text, sizeof(text), NULL), PIC_INVALID);
        assert_int_equal(pic__procsys_read("net.ipv4.no_such", text, sizeof(text), &none), PIC_NOTFOUND);
        assert_int_equal(pic__procsys_write("net.ipv4.no_such", "1", NULL), PIC_NOTFOUND);
        assert_int_equal(pic__procsys_read("net.ipv4.tcp_rmem", text, sizeof(text), &words), PIC_UNSUPPORTED);
        assert_true(pic__procsys_write("net.ipv4.ip_forward", "many", &value) < 0);
        assert_non_null(strstr(pic_error_message(value), "net.ipv4.ip_forward"));
}

static void without_the_right(void **state)
{
        pic__auto_err pic_error *err = NULL;
        int r;

        (void)state;
        assert_int_equal(seteuid(65534), 0);
        r = pic__procsys_write("net.ipv4.ip_forward", "1", &err);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(r, PIC_DENIED);
        assert_non_null(strstr(pic_error_hint(err), "sysctl -w net.ipv4.ip_forward=1"));
}

static int count(const char *key, const char *device, void *data)
{
        int *n = data;

        if (strcmp(device, "lan0.5") == 0)
                assert_string_equal(key, "net.ipv6.conf.lan0/5.forwarding");
        return ++*n == 99 ? -1 : 0;
}

static void each(void **state)
{
        int n = 0;

        (void)state;
        assert_int_equal(must("ip link add lan0.5 type veth peer name far5"), 0);
        assert_int_equal(pic__procsys_each(6, "forwarding", count, &n, NULL), 0);
        assert_int_equal(n, 8); /* all default lo pic0 lan0 far0 lan0.5 far5 */
        n = 98;
        assert_int_equal(pic__procsys_each(4, "forwarding", count, &n, NULL), -1);
        assert_int_equal(pic__procsys_each(5, "forwarding", count, &n, NULL), PIC_NOTFOUND);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(read_write), TEST(dots_in_names), TEST(refuses),
                                            TEST(without_the_right), TEST(each) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
