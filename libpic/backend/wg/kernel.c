/* Owns: the kernel's WireGuard as a transport: generic netlink family "wireguard", links by rtnetlink. */
#include <errno.h>
#include <linux/wireguard.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <string.h>

#include "backend/wg/kernel_get.h"
#include "backend/wg/kernel_set.h"
#include "backend/wg/port.h"
#include "backend/wg/transport.h"
#include "model/key.h"

struct kernel {
        pic__wg_transport base;
        pic__nl *route; /* borrowed */
        pic__nl genl;
        int family; /* 0: not asked for yet */
        pic__wg_batch batch;
};

static struct kernel *kernel_of(pic__wg_transport *t)
{
        return (struct kernel *)t;
}

/* Opens the family; only once a device of the kind is known to exist, since asking loads the module. */
static int open_family(struct kernel *k, pic_error **err)
{
        int r;

        if (k->family > 0)
                return 0;
        if (k->genl.sock == NULL) {
                r = pic__nl_open(&k->genl, NETLINK_GENERIC, err);
                if (r < 0)
                        return r;
        }
        r = genl_ctrl_resolve(k->genl.sock, WG_GENL_NAME);
        if (r < 0)
                return pic__fail(err, PIC_UNSUPPORTED, "this kernel has no WireGuard (%s)", nl_geterror(r));
        k->family = r;
        k->batch = (pic__wg_batch){ .nl = &k->genl, .family = r, .send = pic__wg_batch_send };
        return 0;
}

int pic__wg_kernel_there(void)
{
        struct nl_sock *sock = nl_socket_alloc();
        int there = sock != NULL && genl_connect(sock) == 0 && genl_ctrl_resolve(sock, WG_GENL_NAME) > 0;

        nl_socket_free(sock);
        return there;
}

static int find(pic__wg_transport *t, pic__wg_link *ret, pic_error **err)
{
        return pic__wg_link_ours(kernel_of(t)->route, "wireguard", ret, err);
}

/* Nothing to do: pic__wg_link_make() names and marks in one message. */
static void sweep(pic__wg_transport *t, const char *name)
{
        (void)t;
        (void)name;
}

static int create(pic__wg_transport *t, const char *name, pic__wg_link *ret, pic_error **err)
{
        struct kernel *k = kernel_of(t);
        int r = pic__wg_link_make(k->route, name, ret, err);

        if (r < 0)
                return r;
        r = open_family(k, err);
        if (r < 0)
                (void)pic__wg_link_remove(k->route, ret, NULL);
        return r;
}

static int destroy(pic__wg_transport *t, const pic__wg_link *link, pic_error **err)
{
        return pic__wg_link_remove(kernel_of(t)->route, link, err);
}

static int set_device(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_device *device, pic_error **err)
{
        struct kernel *k = kernel_of(t);
        pic__auto_nl_msg struct nl_msg *msg = NULL;
        int r = open_family(k, err);

        if (r < 0)
                return r;
        msg = pic__wg_set_message(k->family, link->index);
        if (msg == NULL || nla_put(msg, WGDEVICE_A_PRIVATE_KEY, 32, device->private_key) < 0 ||
            nla_put_u16(msg, WGDEVICE_A_LISTEN_PORT, device->port) < 0)
                return pic__nomem(err);
        r = pic__nl_ask(&k->genl, msg, NULL, NULL);
        if (r == -EADDRINUSE)
                return pic__wg_port_taken(device->port, err);
        return r < 0 ? pic__nl_fail(&k->genl, err, -r, "device %s: cannot set key and port", link->name) : 0;
}

static int batch_failed(struct kernel *k, int r, pic_error **err)
{
        return r < 0 ? pic__nl_fail(&k->genl, err, -r, "device: cannot set its peers") : 0;
}

static int set_peer(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_peer *peer, int replace,
                    pic_error **err)
{
        struct kernel *k = kernel_of(t);
        int r = open_family(k, err);

        if (r < 0)
                return r;
        k->batch.index = link->index;
        return batch_failed(k, pic__wg_batch_set(&k->batch, peer, replace), err);
}

static int remove_peer(pic__wg_transport *t, const pic__wg_link *link, const uint8_t key[32], pic_error **err)
{
        struct kernel *k = kernel_of(t);
        int r = open_family(k, err);

        if (r < 0)
                return r;
        k->batch.index = link->index;
        return batch_failed(k, pic__wg_batch_remove(&k->batch, key), err);
}

static int flush(pic__wg_transport *t, pic_error **err)
{
        struct kernel *k = kernel_of(t);

        return k->family > 0 ? batch_failed(k, pic__wg_batch_flush(&k->batch), err) : 0;
}

static int read_device(pic__wg_transport *t, const pic__wg_link *link, const pic__wg_reader *reader, pic_error **err)
{
        struct kernel *k = kernel_of(t);
        pic__auto_wg_dump pic__wg_dump dump = { .reader = reader, .err = err };
        pic__auto_nl_msg struct nl_msg *msg = NULL;
        int r = open_family(k, err);

        if (r < 0)
                return r;
        msg = nlmsg_alloc();
        if (msg == NULL ||
            genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, k->family, 0, NLM_F_DUMP, WG_CMD_GET_DEVICE, WG_GENL_VERSION) ==
                    NULL ||
            nla_put_u32(msg, WGDEVICE_A_IFINDEX, (uint32_t)link->index) < 0)
                return pic__nomem(err);
        r = pic__nl_ask(&k->genl, msg, pic__wg_dump_message, &dump);
        if (r == 0)
                r = pic__wg_dump_end(&dump);
        if (dump.failed != 0)
                return dump.failed;
        if (r == -EINTR)
                return pic__fail(err, PIC_BUSY, "device %s: changed while it was read", link->name);
        return r < 0 ? pic__nl_fail(&k->genl, err, -r, "device %s: cannot read it", link->name) : 0;
}

static void kernel_free(pic__wg_transport *t)
{
        struct kernel *k = kernel_of(t);

        pic__wg_batch_drop(&k->batch);
        if (k->genl.sock != NULL)
                pic__nl_close(&k->genl);
        pic__free(k);
}

static const pic__wg_transport_ops kernel_ops = {
        find, sweep, create, destroy, set_device, set_peer, remove_peer, flush, read_device, kernel_free,
};

int pic__wg_kernel_new(pic__nl *route, pic__wg_transport **ret, pic_error **err)
{
        struct kernel *k = pic__alloc(sizeof(*k));

        if (k == NULL)
                return pic__nomem(err);
        k->base = (pic__wg_transport){ &kernel_ops, "kernel" };
        k->route = route;
        *ret = &k->base;
        return 0;
}
