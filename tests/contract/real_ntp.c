/* The checks of contract.h on a real chronyd, in a network namespace of its own. */
#include "../unit/ntp/world.h"

#include <poll.h>

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
        pic__ntp_opts opts = { .run_dir = world_dir, .log_dir = world_log };

        (void)world;
        return pic__ntp_new(&opts, ret, err);
}

static int tamper(void *world, pic__backend *b, const contract_item *item)
{
        pid_t pid = pid_of(b);
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };

        (void)world, (void)item;
        return kill(pid, SIGKILL) == 0 && poll(&p, 1, 1000) == 1 ? 0 : -1; /* a killed one takes a moment to be dead */
}

static int leftover(void *world)
{
        char path[128];

        (void)world;
        snprintf(path, sizeof(path), "%s/ntp", world_dir);
        return access(path, F_OK) == 0 || sh("ss -Hlun sport = :123 | grep -q .") == 0;
}

static const contract_item items[] = { { SERVER, "main", VALUE, MOVED, NULL, NULL } };

int main(void)
{
        const contract c = { .name = "real.ntp",
                             .id = PIC__B_NTP,
                             /* who goes is gone, however often that is said */
                             .flags = CONTRACT_REMOVE_ABSENT_OK,
                             .open_world = open_world,
                             .close_world = close_world,
                             .open = open_backend,
                             .items = items,
                             .item_count = PIC__COUNT(items),
                             .tamper = tamper,
                             .leftover = leftover };

        return contract_main(&c, 1);
}
