/* The checks of contract.h on real namespaces, in a network namespace of their own. */
#include "../unit/exit/world.h"

#include "contract.h"

static int open_world(void *world)
{
        (void)world;
        return world_open();
}

static void close_world(void *world)
{
        (void)world;
        world_close();
}

static int open_backend(void *world, pic__backend **ret, pic_error **err)
{
        pic__exit_opts opts = { .run_dir = world_dir, .log_dir = world_log };

        (void)world;
        return pic__exit_new(&opts, ret, err);
}

/* Somebody takes all of one out: its processes, its cable, its files. */
static int tamper(void *world, pic__backend *b, const contract_item *item)
{
        (void)world;
        (void)b;
        return sh("for p in %s/exit/%s/*.pid; do kill -9 $(cut -d' ' -f1 $p); done; ip link delete picx%s; rm -rf "
                  "%s/exit/%s; "
                  "sleep 0.1",
                  world_dir, item->key, item->key, world_dir, item->key);
}

static int tamper_foreign(void *world)
{
        (void)world;
        return sh("ip link add picx9 type veth peer name other && ip addr add 192.0.2.1/24 dev other");
}

static int leftover(void *world)
{
        (void)world;
        return sh("ip link show picx1 >/dev/null 2>&1 || ip link show picx2 >/dev/null 2>&1 || test -e %s/exit || "
                  "grep -lz '^PIC_EXIT=%s/' /proc/[0-9]*/environ 2>/dev/null | grep -q .",
                  world_dir, world_dir) == 0;
}

#define WG2(mtu)                                                                                                  \
        "name=two type=wireguard dev=picx2 link4=169.254.96.9,169.254.96.10 "                                     \
        "link6=fd70:6963:78::2:1,fd70:6963:78::2:2 families=4 zones=home.internal remote= addresses=10.9.0.2/24 " \
        "peer_key=5AtVLqmK5YRjC3IMSXkBs4aJo0tDerMB8DJzsGCeF3w%3d mtu=" mtu

#define SECRET (const uint8_t *)WG_SECRET

static const contract_item items[] = {
        { PIC__I_EXIT_SPACE, "1", WG_VALUE, WG_AT("192.0.2.66:51820", "1300"), SECRET, NULL },
        { PIC__I_EXIT_SPACE, "2", WG2(""), WG2("1280"), SECRET, NULL },
};

int main(void)
{
        const contract c = { .name = "real.exit",
                             .id = PIC__B_EXIT,
                             .open_world = open_world,
                             .close_world = close_world,
                             .open = open_backend,
                             .items = items,
                             .item_count = PIC__COUNT(items),
                             .secret_len = sizeof(WG_SECRET) - 1,
                             .tamper = tamper,
                             .tamper_foreign = tamper_foreign,
                             .leftover = leftover };

        return contract_main(&c, 1);
}
