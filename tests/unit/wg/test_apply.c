/* Steps: what is refused and with which words, how much is in force after a failure, prefixes that move between peers.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include "world.h"

static uint8_t private_key[32];
static pic__backend *b;

static int set_up(void **state)
{
        uint8_t public_key[32];

        (void)state;
        pic__wg_keypair(private_key, public_key);
        b = world_backend(NULL);
        return 0;
}

static int tear_down(void **state)
{
        int r = b->ops->teardown(b, 0, NULL);

        (void)state;
        b->ops->free(b);
        return r;
}

static int apply(enum pic__verb verb, const pic__item *before, const pic__item *after, pic_error **err)
{
        pic__step step = { verb, (before != NULL ? before : after)->kind, before, after };
        size_t done = 9;
        int r = b->ops->apply(b, &step, 1, &done, err);

        assert_int_equal(done, r == 0 ? 1 : 0);
        return r;
}

static void a_taken_name(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__auto_err pic_error *err = NULL;
        char script[128];

        (void)state;
        snprintf(script, sizeof(script), "ip link add %s type bridge || ip link add %s type veth peer name pctp",
                 world_dev, world_dev);
        world_run(NULL, script);
        world_device(&wish, 41820, private_key);
        assert_int_equal(apply(PIC__ADD, NULL, &wish.at[0], &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "the name is taken by a "));
        assert_non_null(strstr(pic_error_hint(err), "ip -d link show"));
        snprintf(script, sizeof(script), "ip link del %s", world_dev);
        world_run(NULL, script);
}

static void a_taken_port(void **state)
{
        struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
        socklen_t len = sizeof(any);
        pic__auto_items pic__items wish = PIC__ITEMS_INIT, other = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT;
        pic__auto_err pic_error *err = NULL;
        int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        (void)state;
        assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &len), 0);
        world_device(&wish, ntohs(any.sin6_port), private_key);
        assert_int_equal(apply(PIC__ADD, NULL, &wish.at[0], &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "is taken by another program"));
        assert_int_equal(b->ops->observe(b, &there, NULL), 0);
        assert_int_equal(there.count, 0);
        /* The same on a change; then the old port stays. */
        world_device(&other, 41820, private_key);
        assert_int_equal(apply(PIC__ADD, NULL, &other.at[0], NULL), 0);
        assert_int_equal(apply(PIC__CHANGE, &other.at[0], &wish.at[0], NULL), PIC_CONFLICT);
        assert_int_equal(world_make(b, &other, NULL), 0);
        close(fd);
        assert_int_equal(apply(PIC__CHANGE, &other.at[0], &wish.at[0], NULL), 0);
}

static void the_wrong_device(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT, other = PIC__ITEMS_INIT;
        pic__auto_err pic_error *err = NULL;

        (void)state;
        world_device(&wish, 41820, private_key);
        world_peer(&wish, 1, 0, NULL);
        assert_int_equal(apply(PIC__REMOVE, &wish.at[0], NULL, NULL), PIC_BACKEND);
        assert_int_equal(apply(PIC__CHANGE, &wish.at[0], &wish.at[0], NULL), PIC_BACKEND);
        assert_int_equal(apply(PIC__ADD, NULL, &wish.at[1], &err), PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "device of the cell: not there");
        assert_int_equal(apply(PIC__ADD, NULL, &wish.at[0], NULL), 0);
        assert_int_equal(apply(PIC__ADD, NULL, &wish.at[0], NULL), PIC_CONFLICT);
        assert_int_equal(
                pic__items_add(&other, PIC__I_WG_DEVICE, "pctother", wish.at[0].value, private_key, NULL, NULL), 0);
        assert_int_equal(apply(PIC__REMOVE, &other.at[0], NULL, NULL), PIC_BACKEND);
        assert_int_equal(apply(PIC__CHANGE, &other.at[0], &other.at[0], NULL), PIC_BACKEND);
        assert_int_equal(apply(PIC__REMOVE, &wish.at[0], NULL, NULL), 0);
}

static void mistakes_of_the_caller(void **state)
{
        pic__item device = { PIC__I_WG_DEVICE, world_dev, "port=1", private_key, 32, NULL },
                  peer = { PIC__I_WG_PEER, "x", "allowed= keepalive=0", NULL, 0, NULL };
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;

        (void)state;
        assert_int_equal(apply(PIC__ADD, NULL, &device, NULL), PIC_INVALID);
        world_device(&wish, 41820, private_key);
        assert_int_equal(apply(PIC__ADD, NULL, &wish.at[0], NULL), 0);
        assert_int_equal(apply(PIC__CHANGE, &wish.at[0], &device, NULL), PIC_INVALID);
        assert_int_equal(apply(PIC__ADD, NULL, &peer, NULL), PIC_INVALID);
        assert_int_equal(apply(PIC__REMOVE, &peer, NULL, NULL), PIC_INVALID);
}

/* The fourth of six steps cannot be: three are in force, and undoing those leads back. */
static void part_of_it_in_force(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps back = PIC__STEPS_INIT;
        pic__step steps[6];
        size_t done = 0, i;

        (void)state;
        world_device(&wish, 41820, private_key);
        for (i = 1; i < 3; i++)
                world_peer(&wish, (unsigned)i, 0, NULL);
        assert_int_equal(pic__items_add(&wish, PIC__I_WG_PEER, "broken", "allowed= keepalive=0", NULL, NULL, NULL), 0);
        for (i = 4; i < 6; i++)
                world_peer(&wish, (unsigned)i, 0, NULL);
        for (i = 0; i < 6; i++)
                steps[i] = (pic__step){ PIC__ADD, wish.at[i].kind, NULL, &wish.at[i] };
        assert_int_equal(b->ops->apply(b, steps, 6, &done, NULL), PIC_INVALID);
        assert_int_equal(done, 3);
        assert_int_equal(b->ops->observe(b, &there, NULL), 0);
        assert_int_equal(there.count, 3);
        assert_int_equal(pic__steps_invert(steps, done, &back, NULL), 0);
        assert_int_equal(b->ops->apply(b, back.at, back.count, &done, NULL), 0);
        pic__items_wipe(&there);
        assert_int_equal(b->ops->observe(b, &there, NULL), 0);
        assert_int_equal(there.count, 0);
}

/* Addresses change hands: each peer ends with its own, in whatever order the steps come. */
static void prefixes_change_hands(void **state)
{
        pic__auto_items pic__items one = PIC__ITEMS_INIT, two = PIC__ITEMS_INIT;
        char first[PIC__KEY_TEXT], second[PIC__KEY_TEXT];

        (void)state;
        world_key(1, first);
        world_key(2, second);
        world_device(&one, 41820, private_key);
        world_device(&two, 41820, private_key);
        pic__items_add(&one, PIC__I_WG_PEER, first, "allowed=10.0.0.1/32,fd00::1/128 keepalive=0", NULL, NULL, NULL);
        pic__items_add(&one, PIC__I_WG_PEER, second, "allowed=10.0.0.2/32,fd00::2/128 keepalive=0", NULL, NULL, NULL);
        pic__items_add(&two, PIC__I_WG_PEER, first, "allowed=10.0.0.2/32,fd00::1/128 keepalive=0", NULL, NULL, NULL);
        pic__items_add(&two, PIC__I_WG_PEER, second, "allowed=10.0.0.1/32,fd00::2/128 keepalive=0", NULL, NULL, NULL);
        assert_int_equal(world_make(b, &one, NULL), 3);
        assert_int_equal(world_make(b, &two, NULL), 2);
        assert_int_equal(world_make(b, &two, NULL), 0);
        assert_int_equal(world_make(b, &one, NULL), 2);
        assert_int_equal(world_make(b, &one, NULL), 0);
}

/* A step sets the whole peer: one that others changed or removed meanwhile is healed by a change all the same. */
static void a_change_heals(void **state)
{
        pic__auto_items pic__items one = PIC__ITEMS_INIT, two = PIC__ITEMS_INIT;
        char script[200], key[PIC__KEY_TEXT];

        (void)state;
        world_key(1, key);
        world_device(&one, 41820, private_key);
        world_device(&two, 41820, private_key);
        world_peer(&one, 1, 0, NULL);
        world_peer(&two, 1, 25, NULL);
        assert_int_equal(world_make(b, &one, NULL), 2);
        snprintf(script, sizeof(script), "wg set %s peer %s remove", world_dev, key);
        world_run(NULL, script);
        assert_int_equal(apply(PIC__CHANGE, &one.at[1], &two.at[1], NULL), 0);
        assert_int_equal(world_make(b, &two, NULL), 0);
}

/* Peers that are on our device and not ours are seen, so that drift takes them away. */
static void a_strangers_peer_is_seen(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        char script[200], key[PIC__KEY_TEXT];

        (void)state;
        world_key(77, key);
        world_device(&wish, 41820, private_key);
        assert_int_equal(world_make(b, &wish, NULL), 1);
        snprintf(script, sizeof(script), "wg set %s peer %s allowed-ips 10.9.9.9/32", world_dev, key);
        world_run(NULL, script);
        assert_int_equal(world_make(b, &wish, NULL), 1);
        assert_int_equal(world_make(b, &wish, NULL), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_taken_name, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_taken_port, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_wrong_device, set_up, tear_down),
                cmocka_unit_test_setup_teardown(mistakes_of_the_caller, set_up, tear_down),
                cmocka_unit_test_setup_teardown(part_of_it_in_force, set_up, tear_down),
                cmocka_unit_test_setup_teardown(prefixes_change_hands, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_change_heals, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_strangers_peer_is_seen, set_up, tear_down),
        };
        int r = world_open();

        if (r != 0)
                return r;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        world_close();
        return r;
}
