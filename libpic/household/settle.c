/* Owns: what a household becomes: keys that are each one device's, addresses that a cell can give, names. What does not
 * fit is told and left out; nothing is guessed where a device would be granted more than it had. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "household/household.h"
#include "model/key.h"
#include "sys/crypto.h"

static const char anew[] = "give it its new configuration: pic peer config NAME";
static const char *const families[] = { "IPv4", "IPv6" };

static void drop(pic__household *h, pic__device *d, const char *field, const char *hint, const char *why)
{
        d->dropped = 1;
        pic__household_tell(h, PIC__TALE_LOST, d->at, d, field, hint, "%s", why);
}

/* --- keys ----------------------------------------------------------------------------------------------------- */

static void public_of(const char *private_key, char text[PIC__KEY_TEXT])
{
        uint8_t key[32], public_key[32];

        text[0] = '\0';
        if (pic__key_decode(private_key, key) == 0) {
                pic__wg_public(key, public_key);
                pic__key_encode(public_key, text);
        }
        pic__wipe(key, sizeof(key));
}

static void settle_pair(pic__household *h, pic__device *d)
{
        char text[PIC__KEY_TEXT];
        uint8_t key[32];

        if (d->private_key != NULL) {
                public_of(d->private_key, text);
                if (d->public_key == NULL) {
                        d->public_key = pic__household_dup(h, text, strlen(text));
                } else if (strcmp(d->public_key, text) != 0) {
                        pic__household_tell(h, PIC__TALE_LOST, d->at, d, "private key", NULL,
                                            "its private key is not that of its public key: it is not taken");
                        d->private_key = NULL;
                }
        }
        if (d->public_key == NULL)
                drop(h, d, "public key", "a device without a key cannot connect",
                     "it has no public key that could be taken: the device is left out");
        else if (pic__key_decode(d->public_key, key) == 0 && pic__key_low_order(key))
                drop(h, d, "public key", NULL, "its public key is a weak one that anybody has: the device is left out");
        else if (strcmp(d->public_key, h->public_key) == 0)
                drop(h, d, "public key", NULL, "its public key is the server's own: the device is left out");
}

static void settle_keys(pic__household *h)
{
        size_t i;

        pic__map_free(&h->by_key);
        for (i = 0; i < h->devices.count; i++) {
                pic__device *d = h->devices.at[i], *other;

                settle_pair(h, d);
                if (d->dropped || h->failed)
                        continue;
                other = pic__map_get(&h->by_key, d->public_key, strlen(d->public_key));
                if (other == NULL) {
                        h->failed |= pic__map_set(&h->by_key, d->public_key, strlen(d->public_key), d) < 0;
                        continue;
                }
                d->dropped = 1;
                pic__household_tell(h, PIC__TALE_LOST, d->at, d, "public key",
                                    "give it a key of its own: pic peer add NAME",
                                    "its key is also that of %s (%s:%u): the device is left out",
                                    other->was != NULL ? other->was : "another device", other->at.file, other->at.line);
        }
}

/* --- networks ------------------------------------------------------------------------------------------------- */

/* The server has said an address alone: the network is the /24 (/64) that it lies in, if devices do. */
static void widen(pic__household *h, int i)
{
        pic__prefix wide = { h->own[i], i == 0 ? 24 : 64 };
        char text[PIC__PREFIX_TEXT];

        pic__prefix_mask(&wide);
        h->net[i] = wide;
        pic__household_tell(h, PIC__TALE_CHANGED, h->at, NULL, "Address", "pic cell set --net4, --net6",
                            "the server says an address of %s without a network: %s is taken", families[i],
                            pic__prefix_print(&wide, text));
}

static void settle_net(pic__household *h, int i)
{
        pic__prefix *net = &h->net[i];
        char text[PIC__PREFIX_TEXT], own[PIC__ADDR_TEXT];
        uint8_t most = i == 0 ? 30 : 126, least = 8;
        const char *unfit;

        if (net->addr.family == 0)
                return;
        if (net->len > most)
                widen(h, i);
        pic__prefix_mask(net);
        unfit = pic__prefix_unusable(net);
        if (unfit != NULL || net->len < least) {
                pic__household_tell(h, PIC__TALE_LOST, h->at, NULL, "Address", "devices get other addresses",
                                    "%s cannot be a cell's network: %s", pic__prefix_print(net, text),
                                    unfit != NULL ? unfit : "it is too large");
                net->addr.family = 0;
                return;
        }
        if (pic__addr_sub(&h->own[i], &net->addr) != 1)
                pic__household_tell(h, PIC__TALE_CHANGED, h->at, NULL, "Address",
                                    "a device that asks the old address for names gets a new configuration",
                                    "the server's own address was %s: a cell has the first of its network",
                                    pic__addr_print(&h->own[i], own));
}

/* --- a device's addresses ------------------------------------------------------------------------------------- */

struct taken {
        pic__household *h;
        pic__map addresses; /* bytes of an address to its device */
};

static int is_host(const pic__prefix *p)
{
        return p->len == (p->addr.family == 4 ? 32 : 128);
}

/* Whether a cell can give it: neither the network's own, nor the cell's, nor the broadcast's. */
static int can_give(const pic__prefix *net, const pic__addr *a)
{
        uint64_t host = pic__addr_sub(a, &net->addr);

        return pic__prefix_has(net, a) && host > 1 && host <= pic__prefix_hosts(net);
}

static void take_address(struct taken *t, pic__device *d, const pic__allowed *a)
{
        pic__household *h = t->h;
        int i = a->prefix.addr.family == 6;
        char text[PIC__ADDR_TEXT];
        pic__device *other;

        pic__addr_print(&a->prefix.addr, text);
        if (!can_give(&h->net[i], &a->prefix.addr)) {
                d->changed = 1;
                pic__household_tell(h, PIC__TALE_CHANGED, a->at, d, "address", anew,
                                    "its address %s is one that no device of a cell can have: it gets another", text);
                return;
        }
        other = pic__map_get(&t->addresses, a->prefix.addr.bytes, i == 0 ? 4 : 16);
        if (other != NULL) {
                d->changed = 1;
                pic__household_tell(h, PIC__TALE_CHANGED, a->at, d, "address", anew,
                                    "its address %s is also that of %s: it gets another", text,
                                    other->was != NULL ? other->was : "another device");
                return;
        }
        d->address[i] = a->prefix.addr;
        h->failed |= pic__map_set(&t->addresses, d->address[i].bytes, i == 0 ? 4 : 16, d) < 0;
}

static void take_subnet(pic__household *h, pic__device *d, const pic__allowed *a, pic__buf *list, size_t *count)
{
        const char *unfit = pic__prefix_unusable(&a->prefix);
        char text[PIC__PREFIX_TEXT];
        int i = a->prefix.addr.family == 6;

        pic__prefix_print(&a->prefix, text);
        if (a->prefix.len == 0)
                pic__household_tell(h, PIC__TALE_UNSAFE, a->at, d, "AllowedIPs",
                                    "who shall leave by that device has an exit instead: pic help exits",
                                    "%s: the server sent everything to it, and took any address from it: not taken",
                                    text);
        else if (h->net[i].addr.family != 0 && pic__prefix_overlaps(&h->net[i], &a->prefix))
                pic__household_tell(h, PIC__TALE_LOST, a->at, d, "AllowedIPs",
                                    "a device has one address of each family",
                                    "%s is of the devices' own network, and not its address: not taken", text);
        else if (unfit != NULL)
                pic__household_tell(h, PIC__TALE_LOST, a->at, d, "AllowedIPs", NULL, "%s: %s: not taken", text, unfit);
        else if (*count == PIC__HOUSEHOLD_SUBNETS)
                pic__household_tell(h, PIC__TALE_LOST, a->at, d, "AllowedIPs", NULL, "%s is one network too many",
                                    text);
        else {
                pic__buf_putf(list, "%s%s", *count > 0 ? "," : "", text);
                ++*count;
        }
}

static int is_its_address(const pic__household *h, const pic__device *d, const pic__allowed *a, int had)
{
        int i = a->prefix.addr.family == 6;

        if (!is_host(&a->prefix) || had || d->address[i].family != 0)
                return 0;
        return h->net[i].addr.family == 0 || pic__prefix_has(&h->net[i], &a->prefix.addr);
}

static void settle_addresses(struct taken *t, pic__device *d)
{
        pic__auto_buf pic__buf list = PIC__BUF_INIT;
        const pic__allowed *a;
        int had[2] = { 0, 0 };
        size_t count = 0;

        for (a = d->allowed; a != NULL; a = a->next) {
                int i = a->prefix.addr.family == 6;

                if (is_its_address(t->h, d, a, had[i])) {
                        had[i] = 1;
                        if (t->h->net[i].addr.family != 0)
                                take_address(t, d, a);
                } else {
                        take_subnet(t->h, d, a, &list, &count);
                }
        }
        if (!had[0] && !had[1]) {
                d->changed = 1;
                pic__household_tell(t->h, PIC__TALE_CHANGED, d->at, d, "address", anew,
                                    "no address of the server's network is said of it: it gets one");
        }
        t->h->failed |= list.failed;
        if (count > 0)
                d->subnets = pic__household_dup(t->h, pic__buf_str(&list), list.len);
}

/* --- the rest ------------------------------------------------------------------------------------------------- */

/* A name server inside is the cell itself from now on. */
static void settle_dns(pic__household *h)
{
        size_t i, n = 0;
        int k;

        for (i = 0; i < h->dns_count; i++) {
                pic__addr a;
                int inside = 0;

                if (h->failed || pic__addr_parse(h->dns[i], &a) < 0)
                        return;
                for (k = 0; k < 2; k++)
                        inside |= h->net[k].addr.family == a.family && pic__prefix_has(&h->net[k], &a);
                if (inside)
                        pic__household_tell(h, PIC__TALE_NOTE, h->at, NULL, "DNS",
                                            "whom it asks itself: pic cell set --upstreams ADDRESS,…",
                                            "devices asked %s, which is inside: the cell answers there, if that is "
                                            "its first address",
                                            h->dns[i]);
                else
                        h->dns[n++] = h->dns[i];
        }
        h->dns_count = n;
}

/* Of wg-easy 14 nobody can know it, and that is told by its reader. */
static void tell_host(pic__household *h)
{
        if (h->host == NULL && (h->product == NULL || strcmp(h->product, "wg-easy 14") != 0))
                pic__household_tell(h, PIC__TALE_NOTE, h->at, NULL, "Endpoint", "say it: --endpoint HOST:PORT",
                                    "nothing there says where devices find the server: they know, and configurations "
                                    "that are made here do not");
}

static size_t tell_keys(pic__household *h)
{
        size_t i, privates = 0, open = 0, left = 0;

        for (i = 0; i < h->devices.count; i++) {
                const pic__device *d = h->devices.at[i];

                if (d->dropped)
                        continue;
                left++;
                privates += d->private_key != NULL;
                open += d->preshared == NULL;
        }
        if (privates > 0)
                pic__household_tell(h, PIC__TALE_UNSAFE, h->at, NULL, "private key",
                                    "for a new pair: pic peer rekey NAME; to forget it once it was shown: pic peer "
                                    "set NAME --key-mode sealed",
                                    "private keys of devices lay there in clear text: %zu; here they are sealed, and "
                                    "kept so that configurations can be shown again",
                                    privates);
        if (open > 0)
                pic__household_tell(h, PIC__TALE_UNSAFE, h->at, NULL, "preshared key",
                                    "pic peer set NAME --preshared yes, and give it its new configuration",
                                    "devices without a preshared key: %zu; they stay so, or could not connect", open);
        return left;
}

static int settle_server(pic__household *h, pic_error **err)
{
        char text[PIC__KEY_TEXT];
        int r;

        if (h->too_many)
                return pic__fail(err, PIC_VALUE, "%s: there are more than %d devices",
                                 h->at.file != NULL ? h->at.file : "", PIC__HOUSEHOLD_DEVICES);
        if (h->private_key == NULL) {
                r = pic__fail(err, PIC_SYNTAX, "%s: the server has no private key",
                              h->at.file != NULL ? h->at.file : "");
                pic__hint(err, "Without it no device would know this cell for its old server: look whether the file is "
                               "whole.");
                return r;
        }
        public_of(h->private_key, text);
        h->public_key = pic__household_dup(h, text, strlen(text));
        return h->public_key != NULL ? 0 : pic__nomem(err);
}

static void settle_devices(pic__household *h)
{
        struct taken t = { h, PIC__MAP_INIT };
        size_t i;

        for (i = 0; i < h->devices.count && !h->failed; i++) {
                pic__device *d = h->devices.at[i];

                if (!d->dropped)
                        settle_addresses(&t, d);
                if (!d->dropped && d->disabled)
                        pic__household_tell(h, PIC__TALE_NOTE, d->at, d, "enabled",
                                            "to let it in: pic peer enable NAME",
                                            "it was turned off there, and stays so");
        }
        pic__map_free(&t.addresses);
}

int pic__household_settle(pic__household *h, pic_error **err)
{
        int i, r = settle_server(h, err);

        if (r < 0)
                return r;
        for (i = 0; i < 2; i++)
                settle_net(h, i);
        settle_keys(h);
        settle_devices(h);
        settle_dns(h);
        pic__household_names(h);
        tell_host(h);
        if (tell_keys(h) == 0)
                pic__household_tell(h, PIC__TALE_NOTE, h->at, NULL, NULL, NULL, "there is no device to be taken");
        return h->failed ? pic__nomem(err) : 0;
}
