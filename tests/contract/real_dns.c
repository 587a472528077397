/* The checks of contract.h on a real unbound, in a network namespace of its own. */
#include "../unit/dns/world.h"

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
        pic__dns_opts opts = { .run_dir = world_dir, .log_dir = world_log };

        (void)world;
        return pic__dns_new(&opts, ret, err);
}

/* Somebody takes a name out over the control socket, which rings nobody: it is found at the next look, which comes
 * every so many ticks. */
static int tamper(void *world, pic__backend *b, const contract_item *item)
{
        char path[128], command[300];
        int i;

        (void)world;
        snprintf(path, sizeof(path), "%s/dns/control.sock", world_dir);
        snprintf(command, sizeof(command), "local_data_remove %.*s", (int)strcspn(item->key, " "), item->key);
        if (pic__dns_control(path, command, NULL, 1000, NULL, NULL) < 0)
                return -1;
        for (i = 0; i < PIC__DNS_LOOK_EVERY; i++)
                b->ops->tick(b);
        return 0;
}

static int tamper_foreign(void *world)
{
        char path[128];

        (void)world;
        snprintf(path, sizeof(path), "%s/dns/control.sock", world_dir);
        return pic__dns_control(path, "local_data printer.lan. 60 A 192.168.1.9", NULL, 1000, NULL, NULL);
}

static int leftover(void *world)
{
        char path[128];

        (void)world;
        snprintf(path, sizeof(path), "%s/dns", world_dir);
        return access(path, F_OK) == 0 || sh("ss -Hltun sport = :53 | grep -q .") == 0;
}

static const contract_item base[] = { { SERVER, "main", VALUE, VALUE " dnssec=no", NULL, NULL } };

static const contract_item items[] = {
        { RECORD, "home.internal. A", "10.1.0.1", "10.1.0.9", NULL, NULL },
        { RECORD, "home.internal. AAAA", "fd12:3456:789a::1", NULL, NULL, NULL },
        { RECORD, "anna.home.internal. A", "10.1.0.2", "10.1.0.77", NULL, NULL },
        { RECORD, "anna.home.internal. AAAA", "fd12:3456:789a::2", NULL, NULL, NULL },
        { RECORD, PTR6, "anna.home.internal.", NULL, NULL, NULL },
        { RECORD, PTR4, "anna.home.internal.", "berta.home.internal.", NULL, NULL },
};

int main(void)
{
        const contract c = { .name = "real.dns",
                             .id = PIC__B_DNS,
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
