/* The checks of contract.h on a real haproxy, in a network namespace of its own. */
#include "../unit/front/world.h"

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
        (void)world;
        return backend_new(ret, err);
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
        snprintf(path, sizeof(path), "%s/haproxy", world_dir);
        return access(path, F_OK) == 0 || sh("ss -Hltn sport = :443 | grep -q .") == 0;
}

static const contract_item base[] = { { SERVER, "main", VALUE, NULL, NULL, NULL } };
static const contract_item items[] = {
        { CERT, "front", OWN_VALUE, OWN_VALUE "22", NULL, NULL },
        { HOST, "home.internal", "page", "other", NULL, NULL },
        { HOST, "[fd12:3456:789a::1]", "page", NULL, NULL, NULL },
        { PIC__I_FRONT_SERVICE, "nas", "http/192.0.2.10/8080", "https/192.0.2.10/8443/nas.lan", NULL, NULL },
        { PIC__I_FRONT_NAME, "nas.home.internal", "nas", "files", NULL, NULL },
        { PIC__I_FRONT_PLACE, "10.1.0.9", "nas", NULL, NULL, NULL },
        { PIC__I_FRONT_DOOR, "5500", "nas", "files", NULL, NULL },
        { CERT, "_nas", "own names=nas.home.internal root=0011", "own names=nas.home.internal root=22", NULL, NULL },
        { PIC__I_FRONT_SHOWN, "nas.example.org", "front", NULL, NULL, NULL },
        { PIC__I_FRONT_SHOWN, "outside/nas.example.org", "front", NULL, NULL, NULL },
        { PIC__I_FRONT_OUTNAME, "nas.example.org", "nas", "files", NULL, NULL },
        { PEER, "10.1.0.2", "anna", "bert", NULL, NULL },
        { PEER, "fd12:3456:789a::2", "anna", NULL, NULL, NULL },
};

/* Death is an event; what somebody else takes out by its socket is none (see backend/front/README.md). */
static const contract_item server[] = { { SERVER, "main", VALUE, MOVED, NULL, NULL } };

int main(void)
{
        const contract whole = { .name = "real.front",
                                 .id = PIC__B_FRONT,
                                 /* its maps take what is there, and let go what is not */
                                 .flags = CONTRACT_REMOVE_ABSENT_OK | CONTRACT_ADD_TWICE_OK,
                                 .open_world = open_world,
                                 .close_world = close_world,
                                 .open = open_backend,
                                 .base = base,
                                 .base_count = PIC__COUNT(base),
                                 .items = items,
                                 .item_count = PIC__COUNT(items),
                                 .leftover = leftover };
        contract both[] = { whole, whole };

        both[1].name = "real.front.server";
        both[1].flags = CONTRACT_REMOVE_ABSENT_OK; /* who goes is gone, however often that is said */
        both[1].base = NULL;
        both[1].base_count = 0;
        both[1].items = server;
        both[1].item_count = 1;
        both[1].tamper = tamper;
        return contract_main(both, PIC__COUNT(both));
}
