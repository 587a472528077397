/* Owns: transactions of element changes. Elements of one set and one verb travel in one message while they fit; where
 * in the bytes each one lies is remembered, so that the kernel's refusal can be told as the step it is about. */
#include "backend/nft/batch.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "backend/nft/elem_raw.h"
#include "backend/nft/msg.h"
#include "backend/nft/shape.h"
#include "base/vec.h"

#define NFT_TYPE(msg) ((uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | (msg)))
#define LIST_MAX 60000u /* an attribute cannot be longer than 65,535 bytes */

struct place {
        uint32_t seq;
        uint32_t offset; /* in its message */
        const pic__step *step;
};

struct batch {
        pic__nft_sock *sock;
        pic__buf out;
        PIC__VEC(struct place) places;
        /* the message that is open; set NULL: none */
        const pic__nft_set *set;
        uint16_t type;
        size_t msg, list;
};

static void open_batch(struct batch *b)
{
        pic__nft_batch_begin(&b->out, ++b->sock->seq);
}

static void close_list(struct batch *b)
{
        if (b->set == NULL)
                return;
        pic__nft_nest_end(&b->out, b->list);
        pic__nft_msg_end(&b->out, b->msg);
        b->set = NULL;
}

static void open_list(struct batch *b, uint16_t type, const pic__nft_set *set)
{
        uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE | NLM_F_EXCL : 0;

        if (b->set == set && b->type == type && b->out.len - b->list < LIST_MAX)
                return;
        close_list(b);
        b->msg = pic__nft_msg_begin(&b->out, NFT_TYPE(type), flags, ++b->sock->seq, NFPROTO_INET, 0);
        pic__nft_attr_str(&b->out, NFTA_SET_ELEM_LIST_TABLE, PIC__NFT_TABLE);
        pic__nft_attr_str(&b->out, NFTA_SET_ELEM_LIST_SET, set->name);
        b->list = pic__nft_nest_begin(&b->out, NFTA_SET_ELEM_LIST_ELEMENTS);
        b->set = set;
        b->type = type;
}

static void put_data(pic__buf *out, uint16_t type, const void *data, size_t len)
{
        size_t at = pic__nft_nest_begin(out, type);

        pic__nft_attr(out, NFTA_DATA_VALUE, data, len);
        pic__nft_nest_end(out, at);
}

static void put_elem(pic__buf *out, const pic__nft_elem *e, int with_value)
{
        uint8_t key[PIC__NFT_KEY_MAX], end[PIC__NFT_KEY_MAX], data[PIC__NFT_DATA_MAX];
        int ranged = pic__nft_elem_bytes(e, key, end);
        size_t at = pic__nft_nest_begin(out, NFTA_LIST_ELEM);

        put_data(out, NFTA_SET_ELEM_KEY, key, e->set->key_len);
        if (ranged)
                put_data(out, NFTA_SET_ELEM_KEY_END, end, e->set->key_len);
        if (with_value && e->set->data != 0) {
                pic__nft_elem_data(e, data);
                put_data(out, NFTA_SET_ELEM_DATA, data, e->set->data_len);
        }
        pic__nft_nest_end(out, at);
}

static int put_item(struct batch *b, const pic__step *step, uint16_t type, pic_error **err)
{
        pic__nft_elem e;
        int r = pic__nft_elem_parse(type == NFT_MSG_NEWSETELEM ? step->after : step->before, &e, err);

        if (r < 0)
                return r;
        open_list(b, type, e.set);
        if (pic__vec_push(&b->places, (struct place){ b->sock->seq, (uint32_t)(b->out.len - b->msg), step }) < 0)
                return pic__nomem(err);
        put_elem(&b->out, &e, type == NFT_MSG_NEWSETELEM);
        return 0;
}

/* All removals of the run that begins at *from, then its additions: steps of one kind and verb follow each other, and a
 * change is both. */
static int put_run(struct batch *b, const pic__step *steps, size_t count, size_t *from, pic_error **err)
{
        size_t end = *from, i;
        int r = 0;

        while (end < count && steps[end].kind == steps[*from].kind && steps[end].verb == steps[*from].verb)
                end++;
        if (steps[*from].kind == PIC__I_NFT_SHAPE) {
                *from = end;
                return 0;
        }
        for (i = *from; i < end && r == 0 && steps[i].verb != PIC__ADD; i++)
                r = put_item(b, &steps[i], NFT_MSG_DELSETELEM, err);
        for (i = *from; i < end && r == 0 && steps[i].verb != PIC__REMOVE; i++)
                r = put_item(b, &steps[i], NFT_MSG_NEWSETELEM, err);
        *from = end;
        return r;
}

/* Closes and sends. The last message before the end asks for an answer. */
static int commit(struct batch *b, pic__nft_refusal *ret_refusal, pic_error **err)
{
        size_t last = b->msg;

        close_list(b);
        pic__nft_msg_ask_ack(&b->out, last);
        pic__nft_batch_end(&b->out, b->sock->seq + 1);
        if (b->out.failed)
                return pic__nomem(err);
        return pic__nft_sock_send(b->sock, &b->out, ret_refusal, err);
}

static const pic__step *blame(const struct batch *b, const pic__nft_refusal *refusal)
{
        const pic__step *found = NULL;
        size_t i;

        for (i = 0; i < b->places.count; i++)
                if (b->places.at[i].seq == refusal->seq && (found == NULL || b->places.at[i].offset <= refusal->offset))
                        found = b->places.at[i].step;
        return found;
}

static int explain(const struct batch *b, const pic__nft_refusal *refusal, pic_error **err)
{
        const pic__step *step = blame(b, refusal);
        pic__auto_buf pic__buf what = PIC__BUF_INIT;
        int r;

        pic__buf_puts(&what, "nftables: table inet " PIC__NFT_TABLE);
        if (step != NULL) {
                pic__buf_puts(&what, ": ");
                pic__step_text(step, &what);
        }
        r = pic__nft_refused(refusal, pic__buf_str(&what), err);
        if (refusal->error == EEXIST)
                pic__hint(err, "it, or an element whose range overlaps it, is there already: observe again");
        else if (refusal->error == ENOENT)
                pic__hint(err, "the element or the whole table is not there: observe again");
        else if (refusal->error == ENFILE)
                pic__hint(err, "a cell holds 65,536 devices");
        return r;
}

static int apply(struct batch *b, const pic__step *steps, size_t count, pic_error **err)
{
        pic__nft_refusal refusal;
        size_t i = 0;
        int r;

        open_batch(b);
        while (i < count) {
                r = put_run(b, steps, count, &i, err);
                if (r < 0)
                        return r;
        }
        if (b->places.count == 0)
                return 0;
        r = commit(b, &refusal, err);
        return r == PIC_BACKEND && refusal.error != 0 ? explain(b, &refusal, err) : r;
}

int pic__nft_batch_apply(pic__nft_sock *s, const pic__step *steps, size_t count, pic_error **err)
{
        struct batch b = { .sock = s, .out = PIC__BUF_INIT };
        int r = count > 0 ? apply(&b, steps, count, err) : 0;

        pic__buf_free(&b.out);
        pic__vec_free(&b.places);
        return r;
}

/* 1 done, 0 there is no table. */
static int finish(struct batch *b, const char *what, pic_error **err)
{
        pic__nft_refusal refusal = { .error = 0 };
        int r = commit(b, &refusal, err);

        pic__buf_free(&b->out);
        if (refusal.error == ENOENT)
                return 0;
        if (refusal.error != 0)
                return pic__nft_refused(&refusal, what, err);
        return r < 0 ? r : 1;
}

int pic__nft_batch_empty(pic__nft_sock *s, pic_error **err)
{
        struct batch b = { .sock = s, .out = PIC__BUF_INIT };
        size_t i;

        open_batch(&b);
        for (i = 0; i < PIC__NFT_SETS; i++) {
                b.msg = pic__nft_msg_begin(&b.out, NFT_TYPE(NFT_MSG_DELSETELEM), 0, ++s->seq, NFPROTO_INET, 0);
                pic__nft_attr_str(&b.out, NFTA_SET_ELEM_LIST_TABLE, PIC__NFT_TABLE);
                pic__nft_attr_str(&b.out, NFTA_SET_ELEM_LIST_SET, pic__nft_sets[i].name);
                pic__nft_msg_end(&b.out, b.msg);
        }
        return finish(&b, "nftables: emptying table inet " PIC__NFT_TABLE, err);
}

int pic__nft_batch_drop(pic__nft_sock *s, pic_error **err)
{
        struct batch b = { .sock = s, .out = PIC__BUF_INIT };

        open_batch(&b);
        b.msg = pic__nft_msg_begin(&b.out, NFT_TYPE(NFT_MSG_DELTABLE), 0, ++s->seq, NFPROTO_INET, 0);
        pic__nft_attr_str(&b.out, NFTA_TABLE_NAME, PIC__NFT_TABLE);
        pic__nft_msg_end(&b.out, b.msg);
        return finish(&b, "nftables: removing table inet " PIC__NFT_TABLE, err);
}
