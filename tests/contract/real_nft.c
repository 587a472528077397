/* The contract on the kernel's nftables, in a network namespace of its own for each check. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/nft/nft.h"
#include "backend/nft/sock.h"
#include "backend/nft/text.h"
#include "backend/nft/world.h"
#include "contract.h"

typedef struct world {
        char dir[64];
} world;

static int open_world(void *data)
{
        world *w = data;

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root for a network namespace of its own\n");
                return 77;
        }
        if (!pic__nft_text_can(NULL)) {
                printf("SKIP: needs libnftables\n");
                return 77;
        }
        strcpy(w->dir, "/tmp/pic-nft-XXXXXX");
        return mkdtemp(w->dir) != NULL ? 0 : 1;
}

static void close_world(void *data)
{
        static const char *const files[] = { "block.nft", "nft.shape" };
        world *w = data;
        char path[128];
        size_t i;

        for (i = 0; i < PIC__COUNT(files); i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", w->dir, files[i]);
                (void)unlink(path);
        }
        (void)rmdir(w->dir);
}

static int open_nft(void *data, pic__backend **ret, pic_error **err)
{
        world *w = data;
        pic__nft_opts opts = { .dir = w->dir, .run_dir = w->dir };

        return pic__nft_new(&opts, ret, err);
}

static int run(const char *text)
{
        pic_error *err = NULL;
        int r = pic__nft_text_run(NULL, text, &err);

        if (r < 0)
                printf("%s\n", pic_error_message(err));
        pic_error_free(err);
        return r;
}

/* The last of the items: somebody removes it with nft. */
static int tamper(void *data, pic__backend *b, const contract_item *item)
{
        char text[200];

        (void)data;
        (void)b;
        (void)snprintf(text, sizeof(text), "delete element inet pic peers6 { %s }", item->key);
        return item->kind == PIC__I_NFT_PEER6 ? run(text) : -1;
}

static int tamper_foreign(void *data)
{
        (void)data;
        return run("table inet other { set peers4 { type ipv4_addr; elements = { 10.1.0.2 } }\n"
                   "chain c { type filter hook forward priority 0; policy accept; ip saddr @peers4 accept; }\n}\n"
                   "table ip pic { chain c { type filter hook input priority 0; policy accept; }\n}\n");
}

static int leftover(void *data)
{
        world *w = data;
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__nft_sock sock = PIC__NFT_SOCK_INIT;
        pic__nft_world now;
        char path[128];
        int r;

        (void)snprintf(path, sizeof(path), "%s/block.nft", w->dir);
        if (access(path, F_OK) == 0)
                return 1;
        if (pic__nft_sock_open(&sock, NULL) < 0)
                return 1;
        r = pic__nft_world_read(&sock, &now, &items, NULL);
        pic__nft_sock_close(&sock);
        return r < 0 || now.there;
}

#define ELEMENT(kind, key)                            \
        {                                             \
                kind, key, "accept", NULL, NULL, NULL \
        }
#define VALUED(kind, key, value, changed)             \
        {                                             \
                kind, key, value, changed, NULL, NULL \
        }
#define MARKED(kind, key) VALUED(kind, key, "0x00230000", "0x00241010")

static const contract_item base[] = {
        { PIC__I_NFT_SHAPE, "table", "dev=pic0 net4=10.1.0.0/16 net6=fd12::/48 port=51820",
          "dev=pic1 net4=10.1.0.0/16 net6=fd12:0:1::/48 port=443", NULL, NULL },
};
static const contract_item items[] = {
        ELEMENT(PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 445-445"),
        ELEMENT(PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 446-65535"),
        ELEMENT(PIC__I_NFT_GRANT4, "0x00240000 0.0.0.0-255.255.255.255 0-255 0-65535"),
        ELEMENT(PIC__I_NFT_GRANT6, "0x00230000 fd00::5-fd00::5 17 53-53"),
        ELEMENT(PIC__I_NFT_GRANT6, "0x00230000 fd00::6-fd00::ffff 58 0-65535"),
        ELEMENT(PIC__I_NFT_REACH4, "0x00230000 10.1.0.7"),
        ELEMENT(PIC__I_NFT_REACH6, "0x00230000 fd12::7"),
        ELEMENT(PIC__I_NFT_WIDE4, "0x00230000 1.0.0.0-9.255.255.255"),
        ELEMENT(PIC__I_NFT_WIDE4, "0x00230000 11.0.0.0-100.63.255.255"),
        ELEMENT(PIC__I_NFT_WIDE6, "0x00230000 2000::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff"),
        ELEMENT(PIC__I_NFT_SERVED4, "0x00230000 10.1.0.9"),
        ELEMENT(PIC__I_NFT_SERVED6, "0x00230000 fd12::9"),
        VALUED(PIC__I_NFT_DOOR6, "fd12::9", "5500", "5599"),
        VALUED(PIC__I_NFT_LOCAL4, "10.1.0.0-10.1.255.255", "local", NULL),
        VALUED(PIC__I_NFT_LOCAL4, "192.168.0.0-192.168.255.255", "local", NULL),
        VALUED(PIC__I_NFT_LOCAL6, "fd12::-fd12::ffff:ffff", "local", NULL),
        ELEMENT(PIC__I_NFT_WAY, "0x00001010 picx1"),
        ELEMENT(PIC__I_NFT_WAY, "0x00001020 picx1"),
        VALUED(PIC__I_NFT_OPEN, "0x00001011", "open", NULL),
        VALUED(PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6 53", "10.1.0.1 5301"),
        VALUED(PIC__I_NFT_RESOLVER6, "0x00001010", "fd70:6963:78::1:2 53", "fd12::1 5301"),
        VALUED(PIC__I_NFT_SPACE, "picx1", "0x00002010", "0x00002020"),
        ELEMENT(PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7-203.0.113.7 17 51820-51820"),
        ELEMENT(PIC__I_NFT_CARRIER4, "0x00002020 1.0.0.0-9.255.255.255 6 1-65535"),
        ELEMENT(PIC__I_NFT_CARRIER6, "0x00002010 2001:db8::7-2001:db8::7 6 443-443"),
        MARKED(PIC__I_NFT_SUBNET4, "192.168.9.0/24"),
        MARKED(PIC__I_NFT_SUBNET4, "192.168.10.0/23"),
        MARKED(PIC__I_NFT_SUBNET4, "255.255.255.255/32"),
        MARKED(PIC__I_NFT_SUBNET6, "fd34::/64"),
        MARKED(PIC__I_NFT_PEER4, "10.1.0.2"),
        MARKED(PIC__I_NFT_PEER6, "fd12::2"),
};

int main(void)
{
        static world w;
        const contract c = {
                "nft", PIC__B_NFT,        0,      open_world,     close_world, &w, open_nft, base, PIC__COUNT(base),
                items, PIC__COUNT(items), tamper, tamper_foreign, leftover,    0
        };

        return contract_main(&c, 1);
}
