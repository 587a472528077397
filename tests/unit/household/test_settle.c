/* Shows: what a household becomes: a key is one device's, an address one that a cell can give, once; what is neither is
 * told and left out or given anew; a network keeps its addresses. */
#include "help.h"

static const pic__spot at = { "f", 1 };
static uint8_t number;

static pic__device *add(const char *name, const char *allowed)
{
        pic__device *d = pic__household_add(&h, at);
        char copy[200], *rest = copy, *word;

        number++;
        pic__household_call(&h, d, name, strlen(name));
        d->public_key = pic__household_dup(&h, pub(number), 44);
        snprintf(copy, sizeof(copy), "%s", allowed);
        while ((word = strsep(&rest, ",")) != NULL)
                if (*word != '\0')
                        pic__household_allow(&h, d, word, at, "AllowedIPs");
        return d;
}

static void server(const char *own4, const char *own6)
{
        number = 0;
        h.at = at;
        h.private_key = pic__household_dup(&h, key(200), 44);
        if (own4 != NULL)
                pic__household_own(&h, own4, at, "Address");
        if (own6 != NULL)
                pic__household_own(&h, own6, at, "Address");
}

static void settle(void)
{
        pic_error *err = NULL;

        if (pic__household_settle(&h, &err) < 0)
                fail_msg("%s", pic_error_message(err));
}

static void good(void **state)
{
        (void)state;
        server("10.8.0.1/24", "fd00:1::1/64");
        add("a", "10.8.0.2/32,fd00:1::2/128,192.168.7.0/24,10.9.0.1/32");
        add("b", "192.168.8.0/24,10.8.0.3/32");
        settle();
        is(h.public_key, pub(200));
        is_address(&dev(0)->address[0], "10.8.0.2");
        is_address(&dev(0)->address[1], "fd00:1::2");
        is(dev(0)->subnets, "192.168.7.0/24,10.9.0.1/32");
        is_address(&dev(1)->address[0], "10.8.0.3");
        is_address(&dev(1)->address[1], NULL);
        is(dev(1)->subnets, "192.168.8.0/24");
        assert_int_equal(dev(0)->changed | dev(1)->changed, 0);
        assert_told(UNSAFE, "f:1: : devices without a preshared key: 2");
        assert_told(NOTE, "f:1: : nothing there says where devices find the server");
        assert_int_equal(pic__household_count(&h, PIC__TALE_LOST), 0);
}

static void keys(void **state)
{
        pic__device *d;

        (void)state;
        server("10.8.0.1/24", NULL);
        add("a", "10.8.0.2");
        d = add("twin", "10.8.0.3");
        d->public_key = dev(0)->public_key;
        d = add("none", "10.8.0.4");
        d->public_key = NULL;
        d = add("self", "10.8.0.5");
        d->public_key = pic__household_dup(&h, pub(200), 44);
        d = add("weak", "10.8.0.6");
        d->public_key = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        d = add("wrong", "10.8.0.7");
        d->private_key = pic__household_dup(&h, key(99), 44);
        d = add("made", "10.8.0.8");
        d->public_key = NULL;
        d->private_key = pic__household_dup(&h, key(42), 44);
        settle();
        assert_told(LOST, "f:1: twin: its key is also that of a (f:1)");
        assert_told(LOST, "f:1: none: it has no public key");
        assert_told(LOST, "f:1: self: its public key is the server's own");
        assert_told(LOST, "f:1: weak: its public key is a weak one");
        assert_told(LOST, "f:1: wrong: its private key is not that of its public key");
        assert_int_equal(dev(1)->dropped & dev(2)->dropped & dev(3)->dropped & dev(4)->dropped, 1);
        assert_int_equal(dev(0)->dropped | dev(5)->dropped | dev(6)->dropped, 0);
        is(dev(5)->private_key, NULL);
        is(dev(6)->public_key, pub(42));
        assert_told(UNSAFE, "f:1: : private keys of devices lay there in clear text: 1");
}

static void addresses(void **state)
{
        (void)state;
        server("10.8.0.9/24", "fd00:1::1/64");
        add("a", "10.8.0.2");
        add("twin", "10.8.0.2,fd00:1::5");
        add("first", "10.8.0.1");
        add("last", "10.8.0.255");
        add("none", "");
        add("second", "10.8.0.7,10.8.0.8");
        add("all", "10.8.0.10,0.0.0.0/0,::/0");
        add("loop", "10.8.0.11,127.0.0.0/8,10.8.0.0/16");
        settle();
        assert_told(CHANGED, "f:1: : the server's own address was 10.8.0.9");
        assert_told(CHANGED, "f:1: twin: its address 10.8.0.2 is also that of a");
        assert_told(CHANGED, "f:1: first: its address 10.8.0.1 is one that no device");
        assert_told(CHANGED, "f:1: last: its address 10.8.0.255 is one that no device");
        assert_told(CHANGED, "f:1: none: no address of the server's network");
        assert_told(LOST, "f:1: second: 10.8.0.8/32 is of the devices' own network");
        assert_told(UNSAFE, "f:1: all: 0.0.0.0/0: the server sent everything to it");
        assert_told(UNSAFE, "f:1: all: ::/0: the server sent everything to it");
        assert_told(LOST, "f:1: loop: 127.0.0.0/8: ");
        assert_told(LOST, "f:1: loop: 10.8.0.0/16 is of the devices' own network");
        is_address(&dev(1)->address[0], NULL);
        is_address(&dev(1)->address[1], "fd00:1::5");
        assert_int_equal(dev(1)->changed & dev(2)->changed & dev(3)->changed & dev(4)->changed, 1);
        assert_int_equal(dev(0)->changed | dev(5)->changed | dev(6)->changed | dev(7)->changed, 0);
}

static void nets(void **state)
{
        (void)state;
        server("10.8.0.1/32", "fe80::1/64");
        add("a", "10.8.0.2,fe80::2");
        pic__household_dns(&h, "10.8.0.1", NULL, at, "DNS");
        pic__household_dns(&h, "9.9.9.9", NULL, at, "DNS");
        settle();
        assert_told(CHANGED, "f:1: : the server says an address of IPv4 without a network: 10.8.0.0/24 is taken");
        assert_told(LOST, "f:1: : fe80::/64 cannot be a cell's network");
        assert_told(NOTE, "f:1: : devices asked 10.8.0.1, which is inside");
        assert_int_equal(h.net[0].len, 24);
        assert_int_equal(h.net[1].addr.family, 0);
        assert_int_equal(h.dns_count, 1);
        is(h.dns[0], "9.9.9.9");
        is_address(&dev(0)->address[0], "10.8.0.2");
        is_address(&dev(0)->address[1], NULL);
}

static void refused(void **state)
{
        pic_error *err = NULL;

        (void)state;
        h.at = at;
        assert_int_equal(pic__household_settle(&h, &err), PIC_SYNTAX);
        assert_non_null(strstr(pic_error_message(err), "has no private key"));
        pic_error_free(err);
        h.too_many = 1;
        assert_int_equal(pic__household_settle(&h, NULL), PIC_VALUE);
        h.too_many = 0;
        server("10.8.0.1/24", NULL);
        settle();
        assert_told(NOTE, "f:1: : there is no device to be taken");
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(good), TEST(keys), TEST(addresses), TEST(nets), TEST(refused) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
