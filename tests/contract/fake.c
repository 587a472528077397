/* The contract on the fake backends: each id, in memory and in a file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/fake/fake.h"
#include "contract.h"

typedef struct world {
        enum pic__backend_id id;
        int in_file;
        char dir[64];
        char path[80];
} world;

static int open_world(void *data)
{
        world *w = data;

        if (!w->in_file)
                return 0;
        strcpy(w->dir, "/tmp/pic-contract-XXXXXX");
        if (mkdtemp(w->dir) == NULL)
                return 1;
        (void)snprintf(w->path, sizeof(w->path), "%s/world", w->dir);
        return 0;
}

static void close_world(void *data)
{
        world *w = data;

        if (!w->in_file)
                return;
        (void)unlink(w->path);
        (void)rmdir(w->dir);
}

static int open_fake(void *data, pic__backend **ret, pic_error **err)
{
        world *w = data;

        return pic__fake_new(w->id, w->in_file ? w->path : NULL, NULL, ret, err);
}

static int tamper(void *data, pic__backend *b, const contract_item *item)
{
        (void)data;
        return pic__fake_tamper(b, item->kind, item->key, NULL);
}

static int leftover(void *data)
{
        world *w = data;
        struct stat st;

        return w->in_file && stat(w->path, &st) == 0;
}

static const uint8_t secret[32] = { 1, 2, 3 }, other[32] = { 3, 2, 1 };

static const contract_item nft_base[] = {
        { PIC__I_NFT_SHAPE, "table", "dev=pic0 net4=10.1.0.0/16 net6=fd12::/48 port=51820",
          "dev=pic0 net4=10.1.0.0/16 net6=fd12::/48 port=443", NULL, NULL },
};
static const contract_item nft_items[] = {
        { PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 445-445", "accept", NULL, NULL, NULL },
        { PIC__I_NFT_REACH6, "0x00230000 fd12::7", "accept", NULL, NULL, NULL },
        { PIC__I_NFT_WIDE4, "0x00230000 1.0.0.0-9.255.255.255", "accept", NULL, NULL, NULL },
        { PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000", "0x00240000", NULL, NULL },
        { PIC__I_NFT_PEER6, "fd12::2", "0x00230000", "0x00240000", NULL, NULL },
        { PIC__I_NFT_SUBNET4, "192.168.9.0/24", "0x00230000", "0x00240000", NULL, NULL },
};
static const contract_item wg_base[] = {
        { PIC__I_WG_DEVICE, "pic0", "port=51820 key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
          "port=51821 key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=", secret, NULL },
};
static const contract_item wg_items[] = {
        { PIC__I_WG_PEER, "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "allowed=10.1.0.2/32,fd12::2/128 keepalive=0",
          "allowed=10.1.0.9/32 keepalive=0", secret, other },
        { PIC__I_WG_PEER, "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=", "allowed=10.1.0.3/32,fd12::3/128 keepalive=0",
          NULL, NULL, other },
};
static const contract_item route_base[] = {
        { PIC__I_ROUTE_LINK, "pic0", "up mtu=1420", "up mtu=1380", NULL, NULL },
};
static const contract_item route_items[] = {
        { PIC__I_ROUTE_ADDR, "pic0 10.1.0.1/16", "", NULL, NULL, NULL },
        { PIC__I_ROUTE_SYSCTL, "net.ipv4.ip_forward", "1", NULL, NULL, NULL },
        { PIC__I_ROUTE_FLOOR, "1001 4", "unreachable", NULL, NULL, NULL },
        { PIC__I_ROUTE_RULE, "4001 4", "mark=0x1010/0x1ff0 table=1001", NULL, NULL, NULL },
        { PIC__I_ROUTE_DEFAULT, "1001 4", "dev=picx1 via=169.254.96.6", "dev=picx2 via=169.254.96.10", NULL, NULL },
        { PIC__I_ROUTE_ROUTE, "192.168.9.0/24", "dev=pic0", NULL, NULL, NULL },
};
static const contract_item dns_base[] = {
        { PIC__I_DNS_SERVER, "main", "listen=10.1.0.1,fd12::1 zone=home.internal",
          "listen=10.1.0.1,fd12::1 zone=home.internal upstream=9.9.9.9", NULL, NULL },
};
static const contract_item dns_items[] = {
        { PIC__I_DNS_RECORD, "anna.home.internal. A", "10.1.0.2", "10.1.0.3", NULL, NULL },
        { PIC__I_DNS_RECORD, "2.0.1.10.in-addr.arpa. PTR", "anna.home.internal.", NULL, NULL, NULL },
};

#define SAMPLES(x) x##_base, sizeof(x##_base) / sizeof(x##_base[0]), x##_items, sizeof(x##_items) / sizeof(x##_items[0])

int main(void)
{
        static world worlds[2 * PIC__BACKENDS];
        static char names[2 * PIC__BACKENDS][32];
        static const struct {
                const contract_item *base;
                size_t base_count;
                const contract_item *items;
                size_t item_count;
        } samples[PIC__BACKENDS] = { { SAMPLES(nft) }, { SAMPLES(wg) }, { SAMPLES(route) }, { SAMPLES(dns) } };
        contract all[2 * PIC__BACKENDS];
        size_t i;

        for (i = 0; i < 2 * PIC__BACKENDS; i++) {
                size_t id = i % PIC__BACKENDS;
                int in_file = i >= PIC__BACKENDS;

                worlds[i].id = (enum pic__backend_id)id;
                worlds[i].in_file = in_file;
                (void)snprintf(names[i], sizeof(names[i]), "fake.%s.%s", pic__backend_names[id],
                               in_file ? "file" : "memory");
                all[i] = (contract){ names[i],
                                     worlds[i].id,
                                     in_file ? 0 : CONTRACT_ONE_INSTANCE,
                                     open_world,
                                     close_world,
                                     &worlds[i],
                                     open_fake,
                                     samples[id].base,
                                     samples[id].base_count,
                                     samples[id].items,
                                     samples[id].item_count,
                                     tamper,
                                     NULL,
                                     leftover,
                                     0 };
        }
        return contract_main(all, 2 * PIC__BACKENDS);
}
