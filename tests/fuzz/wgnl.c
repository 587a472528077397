/* Any bytes as a datagram of the kernel: of a WireGuard dump, of links, of notifications; the refusals with their
 * words. What is read of peers are items that mean the same when they are read again. */
#include "fuzz.h"

#include <errno.h>

#include "backend/wg/events.h"
#include "backend/wg/kernel_get.h"
#include "sys/crypto.h"

static int on_device(const pic__wg_device *device, void *data, pic_error **err)
{
        return pic__wg_device_item("pic0", device, data, err);
}

static int on_peer(pic__wg_peer *peer, void *data, pic_error **err)
{
        pic__auto_wg_peer pic__wg_peer again = { .keepalive = 0 };
        pic__auto_buf pic__buf scratch = PIC__BUF_INIT;
        pic__items *items = data;

        must(pic__wg_peer_item(peer, &scratch, items, err) == 0);
        must(pic__wg_peer_parse(&items->at[items->count - 1], &again, NULL) == 0);
        must(again.allowed.count == peer->allowed.count && memcmp(again.psk, peer->psk, 32) == 0);
        must(memchr(peer->endpoint, '\0', sizeof(peer->endpoint)) != NULL);
        return 0;
}

static void dump(void *datagram, size_t size, unsigned seq)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        const pic__wg_reader reader = { on_device, on_peer, &items };
        pic__auto_err pic_error *err = NULL, *refusal = NULL;
        pic__auto_wg_dump pic__wg_dump d = { .reader = &reader, .err = &err };
        pic__nl_answer a = { .seq = seq, .fn = pic__wg_dump_message, .data = &d };
        pic__nl nl = { .sock = NULL };

        pic__nl_take(&nl, datagram, size, &a);
        if (a.result == 0)
                (void)pic__wg_dump_end(&d);
        must(strlen(nl.extack) < sizeof(nl.extack));
        must(pic__nl_fail(&nl, &refusal, a.result == 0 ? EIO : a.result, "device %s", "pic0") < 0);
}

static int on_link(const struct nlmsghdr *h, void *data)
{
        const pic__wg_link *wanted = data;
        pic__wg_link link;

        if (pic__wg_link_parse(h, &link) == 0) {
                must(strlen(link.name) < sizeof(link.name) && strlen(link.kind) < sizeof(link.kind));
                (void)(wanted->index == link.index);
        }
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__wg_link link = { .index = 2, .name = "pic0", .ours = 1, .up = 1 };
        pic__nl_answer a = { .fn = on_link, .data = &link };
        struct nlmsghdr *first = bytes_of(data, size);
        pic__nl nl = { .sock = NULL };

        must(pic__crypto_start(NULL) == 0);
        a.seq = size >= sizeof(*first) ? first->nlmsg_seq : 0;
        dump(first, size, a.seq);
        pic__nl_take(&nl, first, size, &a);
        must((pic__wg_events_hear(first, size, &link) & ~(unsigned)PIC__WG_HEARD_LINK) == 0);
        free(first);
        return 0;
}
