/* Any bytes as what the kernel answers to the firewall's questions, one datagram after the other; the first byte says
 * what is asked: the table, other people's chains, flows to end, a change; or they are notifications. */
#include "fuzz.h"

#include "backend/nft/attrs.h"
#include "backend/nft/batch.h"
#include "backend/nft/flows.h"
#include "backend/nft/flows_late.h"
#include "backend/nft/foreign.h"
#include "backend/nft/watch.h"
#include "backend/nft/weaken.h"
#include "backend/nft/world.h"
#include "plan/backend.h"

/* A socket whose kernel is the input. */
struct fed {
        pic__nft_sock s;
        const uint8_t *at;
        size_t left;
};

static int fed_send(pic__nft_sock *s, const pic__buf *messages, pic_error **err)
{
        (void)s;
        return messages->failed ? pic__nomem(err) : 0;
}

/* Bytes up to the end of an answer, as the kernel ends one: done, an error, a message that is alone. */
static size_t next_end(const uint8_t *at, size_t left)
{
        struct nlmsghdr h;
        size_t len = 0;

        while (left - len >= sizeof(h)) {
                memcpy(&h, at + len, sizeof(h));
                if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > left - len)
                        break;
                len += h.nlmsg_len;
                while (len < left && len % 4 != 0)
                        len++;
                if (h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_ERROR || !(h.nlmsg_flags & NLM_F_MULTI))
                        return len;
        }
        return left;
}

/* Answers carry the number of their question; captured ones have 0 there. */
static void number(char *rx, size_t len, uint32_t seq)
{
        const struct nlmsghdr *msg;

        pic__nft_each_msg(msg, rx, len)
        {
                struct nlmsghdr *h = (struct nlmsghdr *)(uintptr_t)msg;
                struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

                if (h->nlmsg_seq == 0)
                        h->nlmsg_seq = seq;
                if (h->nlmsg_type == NLMSG_ERROR && mnl_nlmsg_get_payload_len(h) >= sizeof(*e) && e->msg.nlmsg_seq == 0)
                        e->msg.nlmsg_seq = seq;
        }
}

/* Into memory that ends where the datagram ends. */
static ssize_t fed_receive(pic__nft_sock *s, int wait, pic_error **err)
{
        struct fed *f = (struct fed *)s;
        size_t len = next_end(f->at, f->left);

        if (len > PIC__NFT_RX)
                len = PIC__NFT_RX;
        if (len == 0)
                return wait ? pic__fail(err, PIC_TIMEOUT, "no answer") : 0;
        pic__free(s->rx);
        s->rx = pic__memdup(f->at, len);
        must(s->rx != NULL);
        number(s->rx, len, s->seq);
        f->at += len;
        f->left -= len;
        return (ssize_t)len;
}

static const pic__nft_door fed_door = { fed_send, fed_receive };

static struct fed feed(const uint8_t *data, size_t size)
{
        struct fed f = { PIC__NFT_SOCK_INIT, data, size };

        f.s.door = &fed_door;
        return f;
}

/* ---- what is asked ---- */

static void ask_world(struct fed *f, pic_error **err)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__nft_world w;
        int r = pic__nft_world_read(&f->s, &w, &items, err);
        size_t i;

        must(r == pic_error_code(*err) && (r == 0 || !w.there || items.count < SIZE_MAX));
        for (i = 0; i < items.count; i++)
                must(strlen(items.at[i].key) < PIC__NFT_ITEM_TEXT && strlen(items.at[i].value) < PIC__NFT_ITEM_TEXT);
}

static void count_finding(int level, const char *area, const char *what, const char *fix, void *data)
{
        size_t *told = data;

        must((level == PIC_LOG_WARNING || level == PIC_LOG_INFO) && area[0] != '\0' && what[0] != '\0' && fix != NULL);
        must(strpbrk(what, "\n\033") == NULL);
        (*told)++;
}

static void ask_foreign(struct fed *f, pic_error **err)
{
        const pic__nft_ours ours = { "pic0", 3, { { 4, { 10, 1 } }, 16 }, { { 6, { 0xfd } }, 48 }, 0 };
        pic__nft_chains chains = PIC__VEC_INIT;
        size_t i, told = 0;

        must(pic__nft_foreign_read(&f->s, &ours, &chains, err) == pic_error_code(*err));
        for (i = 0; i < chains.count; i++) {
                must(memchr(chains.at[i].table, '\0', sizeof(chains.at[i].table)) != NULL);
                must(memchr(chains.at[i].name, '\0', sizeof(chains.at[i].name)) != NULL);
                must(memchr(chains.at[i].flowtable, '\0', sizeof(chains.at[i].flowtable)) != NULL);
        }
        pic__nft_weaken_tell(&chains, "pic0", count_finding, &told);
        must(told <= PIC__NFT_TOLD + 1);
        pic__vec_free(&chains);
}

#define PAIR(k, key_, before, after)                        \
        {                                                   \
                { (k), (key_), (before), NULL, 0, NULL },   \
                {                                           \
                        (k), (key_), (after), NULL, 0, NULL \
                }                                           \
        }
static const pic__item items[][2] = {
        PAIR(PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000", "0x00240000"),
        PAIR(PIC__I_NFT_PEER6, "fd12::2", "0x00230000", "0x00240000"),
        PAIR(PIC__I_NFT_SUBNET4, "192.168.7.0/24", "0x00230000", "0x00240000"),
        PAIR(PIC__I_NFT_SUBNET6, "fd34::/64", "0x00230000", "0x00240000"),
        PAIR(PIC__I_NFT_REACH4, "0x00230000 10.1.0.3", "accept", "accept"),
        PAIR(PIC__I_NFT_GRANT4, "0x00230000 192.168.1.0-192.168.1.255 6 445-445", "accept", "accept"),
        PAIR(PIC__I_NFT_WIDE6, "0x00230000 2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "accept", "accept"),
        PAIR(PIC__I_NFT_SHAPE, "table", "changed", "dev=pic0 net4=10.1.0.0/16 net6=fd12::/48 port=51820"),
        PAIR(PIC__I_NFT_PEER4, "10.1.0.3", "0x00231010", "0x00231021"),
        PAIR(PIC__I_NFT_LOCAL4, "10.1.0.0-10.1.255.255", "local", "local"),
        PAIR(PIC__I_NFT_WAY, "0x00001010 picx1", "accept", "accept"),
        PAIR(PIC__I_NFT_OPEN, "0x00001011", "open", "open"),
        PAIR(PIC__I_NFT_RESOLVER4, "0x00001010", "169.254.96.6 53", "10.1.0.1 5301"),
        PAIR(PIC__I_NFT_RESOLVER6, "0x00001010", "fd70:6963:78::1:2 53", "fd12::1 5301"),
        PAIR(PIC__I_NFT_SPACE, "picx1", "0x00002010", "0x00002020"),
        PAIR(PIC__I_NFT_CARRIER4, "0x00002010 203.0.113.7-203.0.113.7 17 1-65535", "accept", "accept"),
};

/* Two bits an item: not touched, added, changed, removed. What concerns exits comes last and has the same bits. */
static size_t choose(unsigned bits, pic__step *steps)
{
        size_t i = (bits >> 16 & 1) * 8, end = (bits >> 16 & 2) != 0 ? PIC__COUNT(items) : i + 8, count = 0;

        for (; i < end; i++) {
                unsigned what = bits >> (2 * (i % 8)) & 3;

                if (what == 1)
                        steps[count++] = (pic__step){ PIC__ADD, items[i][0].kind, NULL, &items[i][1] };
                else if (what == 2)
                        steps[count++] = (pic__step){ PIC__CHANGE, items[i][0].kind, &items[i][0], &items[i][1] };
                else if (what == 3)
                        steps[count++] = (pic__step){ PIC__REMOVE, items[i][0].kind, &items[i][0], NULL };
        }
        return count;
}

static void ask_flows(struct fed *f, unsigned bits, pic_error **err)
{
        struct fed deleter = feed(NULL, 0);
        pic__step steps[PIC__COUNT(items)];
        size_t count = choose(bits, steps);
        pic__nft_elems late = PIC__VEC_INIT;
        int r = pic__nft_late_note(&late, steps, count / 2, NULL);

        must(r >= 0);
        r = pic__nft_flows_end_by(&f->s, &deleter.s, &late, steps, count, err);

        must(r >= 0 || r == pic_error_code(*err));
        pic__nft_sock_close(&deleter.s);
        pic__vec_free(&late);
}

static void ask_change(struct fed *f, unsigned bits, pic_error **err)
{
        pic__step steps[PIC__COUNT(items)];
        size_t count = choose(bits, steps);

        must(pic__nft_batch_apply(&f->s, steps, count, err) == pic_error_code(*err));
}

static void notify(const uint8_t *data, size_t size)
{
        pic__nft_watch w = PIC__NFT_WATCH_INIT;
        void *datagram = bytes_of(data, size);
        int what = pic__nft_watch_hear(&w, datagram, size);

        must(what == 0 || what == 1 || what == PIC__DRAIN_OPEN);
        free(datagram);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size), bits = next_byte(&data, &size);
        pic__auto_err pic_error *err = NULL;
        struct fed f;

        bits |= (unsigned)next_byte(&data, &size) << 8;
        bits |= (unsigned)next_byte(&data, &size) << 16; /* 1: what concerns exits, 2: that too */
        f = feed(data, size);
        switch (mode % 5) {
        case 0: ask_world(&f, &err); break;
        case 1: ask_foreign(&f, &err); break;
        case 2: ask_flows(&f, bits, &err); break;
        case 3: ask_change(&f, bits, &err); break;
        default: notify(data, size); break;
        }
        pic__nft_sock_close(&f.s);
        return 0;
}
