/* The contract on WireGuard: wireguard-go where it is installed, the kernel's where the kernel has it (in the QEMU test
 * it must: PIC_TEST_WG=kernel). Each check has a network namespace of its own; device names carry the process number,
 * because wireguard-go's sockets are shared by all namespaces.
 *
 * Twice for each way: the device as an item that others can take away, and peers on a device. Peers cannot be refused:
 * to WireGuard, setting a peer that is there is a change, and removing one that is not there is done. Nor does
 * WireGuard tell anybody when a peer changes, so there is nothing to hear when one is tampered with. */
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/wg/link.h"
#include "backend/wg/transport.h"
#include "backend/wg/uapi.h"
#include "backend/wg/wg.h"
#include "contract.h"
#include "model/key.h"
#include "sys/child.h"
#include "sys/crypto.h"

#define MANY 1800 /* prefixes of one peer: more than one message holds */

static struct world {
        char dir[64];
        char device[16];
        char key[2][PIC__KEY_TEXT];
        uint8_t secret[2][32];
        char value[2][96];
        char many[MANY * 24 + 64];
} world;

static const uint8_t psk[2][32] = { { 1, 2, 3 }, { 9, 8, 7 } };

static int open_world(void *data)
{
        (void)data;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root for a network namespace of its own\n");
                return 77;
        }
        strcpy(world.dir, "/tmp/pic-wg-XXXXXX");
        return mkdtemp(world.dir) != NULL ? 0 : 1;
}

static int open_way(int kernel, pic__backend **ret, pic_error **err)
{
        pic__wg_opts opts = { .run_dir = world.dir, .log_dir = world.dir, .userspace = !kernel, .kernel = kernel };

        return pic__wg_new(&opts, ret, err);
}

static int open_user(void *data, pic__backend **ret, pic_error **err)
{
        (void)data;
        return open_way(0, ret, err);
}

static int open_kernel(void *data, pic__backend **ret, pic_error **err)
{
        (void)data;
        return open_way(1, ret, err);
}

/* A check that failed in the middle may have left a process. */
static void close_world(void *data)
{
        static const char *const files[] = { "wg.pid", "wg.log" };
        pic__backend *b = NULL;
        char path[128];
        size_t i;

        (void)data;
        if (open_user(NULL, &b, NULL) == 0) {
                (void)b->ops->teardown(b, 0, NULL);
                b->ops->free(b);
        }
        for (i = 0; i < PIC__COUNT(files); i++) {
                snprintf(path, sizeof(path), "%s/%s", world.dir, files[i]);
                (void)unlink(path);
        }
        (void)rmdir(world.dir);
}

static int find_link(pic__wg_link *link, int remove)
{
        pic__nl nl;
        int r;

        if (pic__nl_open(&nl, NETLINK_ROUTE, NULL) < 0)
                return -1;
        r = pic__wg_link_get(&nl, world.device, link, NULL);
        if (r > 0 && remove)
                r = pic__wg_link_remove(&nl, link, NULL) < 0 ? -1 : 1;
        pic__nl_close(&nl);
        return r;
}

static int tamper(void *data, pic__backend *b, const contract_item *item)
{
        pic__wg_link link;

        (void)data;
        (void)b;
        return item->kind == PIC__I_WG_DEVICE && find_link(&link, 1) > 0 ? 0 : -1;
}

/* Another link comes up. */
static int tamper_foreign(void *data)
{
        struct ifreq request = { .ifr_name = "lo" };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

        (void)data;
        r = ioctl(fd, SIOCGIFFLAGS, &request);
        request.ifr_flags |= IFF_UP;
        if (r == 0)
                r = ioctl(fd, SIOCSIFFLAGS, &request);
        close(fd);
        return r;
}

static int leftover(void *data)
{
        pic__wg_link link;
        char path[128];

        (void)data;
        snprintf(path, sizeof(path), PIC__UAPI_DIR "/%s.sock", world.device);
        return access(path, F_OK) == 0 || find_link(&link, 0) != 0;
}

static void fill_world(void)
{
        uint8_t public_key[32];
        size_t i, at;

        snprintf(world.device, sizeof(world.device), "pcc%d", (int)getpid());
        for (i = 0; i < 2; i++) {
                pic__wg_keypair(world.secret[i], public_key);
                pic__key_encode(public_key, world.key[i]);
                snprintf(world.value[i], sizeof(world.value[i]), "port=%zu key=%s", 41820 + i, world.key[i]);
        }
        at = (size_t)sprintf(world.many, "allowed=");
        for (i = 0; i < MANY; i++)
                at += (size_t)sprintf(world.many + at, "%s172.%zu.%zu.0/24", i > 0 ? "," : "", 16 + i / 256, i % 256);
        sprintf(world.many + at, " keepalive=65535");
}

static int has_user(void)
{
        pic__auto_free char *program = pic__cmd_find("wireguard-go");

        return program != NULL && access("/dev/net/tun", F_OK) == 0;
}

int main(void)
{
        const char *forced = getenv("PIC_TEST_WG");
        contract_item device, peers[] = {
                { PIC__I_WG_PEER, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "allowed= keepalive=0",
                  "allowed=10.1.0.9/32 keepalive=7", NULL, NULL },
                { PIC__I_WG_PEER,
                  "ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY=", "allowed=10.1.0.2/32,fd00::2/128 keepalive=0",
                  "allowed=10.1.0.2/32,fd00::2/128 keepalive=25", psk[0], psk[1] },
                { PIC__I_WG_PEER,
                  "ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmc=", "allowed=10.1.0.3/32,fd00::3/128 keepalive=25",
                  "allowed=10.1.0.4/32,192.168.9.0/24,fd00::3/128 keepalive=0", NULL, psk[0] },
                { PIC__I_WG_PEER,
                  "ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmg=", "allowed=10.1.0.4/32,fd00::4/128 keepalive=0",
                  "allowed=10.1.0.3/32,fd00::4/128 keepalive=0", psk[1], NULL },
                { PIC__I_WG_PEER, "ZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmk=", world.many,
                  "allowed=fd00::5/128 keepalive=0", NULL, NULL },
        };
        contract c[4];
        size_t n = 0, way;

        if (pic__crypto_start(NULL) < 0)
                return 1;
        fill_world();
        device = (contract_item){ PIC__I_WG_DEVICE, world.device,    world.value[0],
                                  world.value[1],   world.secret[0], world.secret[1] };
        for (way = 0; way < 2; way++) {
                if (way == 0 ? !has_user() || forced != NULL : !pic__wg_kernel_there())
                        continue;
                c[n] = (contract){ .name = way == 0 ? "userspace device" : "kernel device",
                                   .id = PIC__B_WG,
                                   .open_world = open_world,
                                   .close_world = close_world,
                                   .open = way == 0 ? open_user : open_kernel,
                                   .items = &device,
                                   .item_count = 1,
                                   .tamper = tamper,
                                   .tamper_foreign = tamper_foreign,
                                   .leftover = leftover };
                c[n + 1] = c[n];
                c[n + 1].name = way == 0 ? "userspace peers" : "kernel peers";
                c[n + 1].flags = CONTRACT_ADD_TWICE_OK | CONTRACT_REMOVE_ABSENT_OK;
                c[n + 1].base = &device;
                c[n + 1].base_count = 1;
                c[n + 1].items = peers;
                c[n + 1].item_count = PIC__COUNT(peers);
                c[n + 1].tamper = NULL;
                n += 2;
        }
        if (n == 0 && forced != NULL) {
                printf("FAILED: PIC_TEST_WG=%s, and the kernel has no WireGuard\n", forced);
                return 1;
        }
        if (n == 0) {
                printf("SKIP: neither wireguard-go nor WireGuard in the kernel\n");
                return 77;
        }
        return contract_main(c, n);
}
