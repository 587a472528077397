/* The checks of contract.h on the kernel's links, addresses, routes and settings, in a network namespace of its own. */
#include "../unit/route/world.h"

#include "contract.h"

static int open_world(void *world)
{
        int r = world_open();

        (void)world;
        return r != 0 ? r : must(EXIT_DEVICES);
}

static void close_world(void *world)
{
        (void)world;
        world_close();
}

static int open_backend(void *world, pic__backend **ret, pic_error **err)
{
        pic__route_opts opts = { .run_dir = world_dir };

        (void)world;
        return pic__route_new(&opts, ret, err);
}

static int tamper(void *world, pic__backend *b, const contract_item *item)
{
        char command[128];

        (void)world;
        (void)b;
        snprintf(command, sizeof(command), "ip route del %s", item->key);
        return must(command);
}

static int tamper_foreign(void *world)
{
        (void)world;
        return must("ip addr add 172.20.0.1/24 dev lan0 && ip route add 172.21.0.0/16 dev lan0 && ip -6 addr add "
                    "fd77::1/64 dev lan0 nodad");
}

static int leftover(void *world)
{
        char value[32];

        (void)world;
        if (sh("ip addr show dev pic0 | grep -q inet") == 0 || sh("ip link show dev pic0 up | grep -q pic0") == 0 ||
            sh("ip link show dev pic0 | grep -q alias") == 0 ||
            sh("ip route show table all proto 112 | grep -q .") == 0 ||
            sh("ip -6 route show table all proto 112 | grep -q .") == 0 ||
            sh("(ip rule; ip -6 rule) | grep -q 'proto 112'") == 0)
                return 1;
        if (pic__procsys_read("net.ipv4.ip_forward", value, sizeof(value), NULL) < 0 || strcmp(value, "0") != 0)
                return 1;
        return pic__procsys_read("net.ipv6.conf.all.forwarding", value, sizeof(value), NULL) < 0 ||
               strcmp(value, "0") != 0;
}

static const contract_item base[] = {
        { ADDR, "pic0 10.1.0.1/16", "", NULL, NULL, NULL },
        { LINK, "pic0", "up mtu=1420", "up mtu=1380", NULL, NULL },
};

static const contract_item items[] = {
        { ADDR, "pic0 fd12:3456:789a::1/48", "", NULL, NULL, NULL },
        { FLOOR, "1001 4", "unreachable", NULL, NULL, NULL },
        { FLOOR, "1001 6", "unreachable", NULL, NULL, NULL },
        { RULE, "3998 4", "mark=0x2/0x2 table=254 suppress=0", NULL, NULL, NULL },
        { RULE, "3999 4", "mark=0x2/0x2 unreachable", NULL, NULL, NULL },
        { RULE, "4001 4", "mark=0x1010/0x1ff0 table=1001", "iif=pic0 mark=0x1010/0x1ff0 table=1001", NULL, NULL },
        { RULE, "4001 6", "mark=0x1010/0x1ff0 table=1001", NULL, NULL, NULL },
        { DEFAULT, "1001 4", WAY1, WAY2, NULL, NULL },
        { DEFAULT, "1001 6", WAY61, WAY62, NULL, NULL },
        { SYSCTL, "net.ipv4.ip_forward", "1", NULL, NULL, NULL },
        { SYSCTL, "net.ipv6.conf.all.forwarding", "1", NULL, NULL, NULL },
        { ROUTE, "fd99:9::/64", "dev=pic0", "dev=pic0 via=fd12:3456:789a::9", NULL, NULL },
        { ROUTE, "192.168.9.0/24", "dev=pic0", "dev=pic0 via=10.1.0.9", NULL, NULL },
};

int main(void)
{
        const contract c = { .name = "real.route",
                             .id = PIC__B_ROUTE,
                             .open_world = open_world,
                             .close_world = close_world,
                             .open = open_backend,
                             .base = base,
                             .base_count = PIC__COUNT(base),
                             .items = items,
                             .item_count = PIC__COUNT(items),
                             .tamper = tamper,
                             .tamper_foreign = tamper_foreign,
                             .leftover = leftover };

        return contract_main(&c, 1);
}
