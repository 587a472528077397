/* Owns: dumps of the kernel's ruleset. The answers are walked with libmnl's iterators, no objects are made of them: an
 * observation of ten thousand devices reads twenty thousand elements. */
#include "backend/nft/read.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "backend/nft/attrs.h"
#include "backend/nft/elem_raw.h"
#include "backend/nft/msg.h"
#include "backend/nft/rules.h"
#include "sys/crypto.h"

#define NFT_TYPE(msg) ((uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | (msg)))

/* Asks and walks. 1 when the kernel answered, 0 when it says there is no such thing. */
static int ask(pic__nft_sock *s, pic__buf *request, pic__nft_msg_fn fn, void *data, pic_error **err)
{
        pic__nft_refusal refusal;
        int r = pic__nft_sock_dump(s, request, fn, data, &refusal, err);

        if (refusal.error == ENOENT)
                return 0;
        if (refusal.error != 0)
                return pic__nft_refused(&refusal, "nftables", err);
        return r < 0 ? r : 1;
}

static size_t begin(pic__nft_sock *s, pic__buf *request, uint16_t type, uint16_t flags, uint8_t family)
{
        return pic__nft_msg_begin(request, NFT_TYPE(type), flags, ++s->seq, family, 0);
}

static int on_generation(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        uint32_t *generation = data;
        const struct nlattr *attr;

        (void)err;
        pic__nft_each(attr, msg) if (mnl_attr_get_type(attr) == NFTA_GEN_ID &&
                                     mnl_attr_get_payload_len(attr) >= 4) *generation = ntohl(mnl_attr_get_u32(attr));
        return 0;
}

int pic__nft_read_generation(pic__nft_sock *s, uint32_t *ret, pic_error **err)
{
        pic__auto_buf pic__buf request = PIC__BUF_INIT;
        int r;

        pic__nft_msg_end(&request, begin(s, &request, NFT_MSG_GETGEN, 0, AF_UNSPEC));
        r = ask(s, &request, on_generation, ret, err);
        return r < 0 ? r : 0;
}

int pic__nft_read_all(pic__nft_sock *s, uint16_t type, pic__nft_msg_fn fn, void *data, pic_error **err)
{
        pic__auto_buf pic__buf request = PIC__BUF_INIT;
        int r;

        pic__nft_msg_end(&request, begin(s, &request, type, NLM_F_DUMP, AF_UNSPEC));
        r = ask(s, &request, fn, data, err);
        return r < 0 ? r : 0;
}

/* --- the fingerprint ---------------------------------------------------------------------------------------- */

struct print {
        pic__buf text;
        pic__nft_sizes sizes;
};

/* Which attributes of an object are what we wrote; the others are handles, counters, numbers of users. */
static uint32_t kept(unsigned type)
{
        switch (type) {
        case NFT_MSG_NEWTABLE: return 1u << NFTA_TABLE_FLAGS;
        case NFT_MSG_NEWCHAIN:
                return 1u << NFTA_CHAIN_NAME | 1u << NFTA_CHAIN_HOOK | 1u << NFTA_CHAIN_POLICY | 1u << NFTA_CHAIN_TYPE |
                       1u << NFTA_CHAIN_FLAGS;
        case NFT_MSG_NEWRULE: return 1u << NFTA_RULE_CHAIN | 1u << NFTA_RULE_EXPRESSIONS;
        case NFT_MSG_NEWSET:
                return 1u << NFTA_SET_NAME | 1u << NFTA_SET_FLAGS | 1u << NFTA_SET_KEY_TYPE | 1u << NFTA_SET_KEY_LEN |
                       1u << NFTA_SET_DATA_TYPE | 1u << NFTA_SET_DATA_LEN | 1u << NFTA_SET_DESC |
                       1u << NFTA_SET_TIMEOUT;
        default: return 0;
        }
}

static int is_our_table(const struct nlmsghdr *msg)
{
        const struct nfgenmsg *gen = mnl_nlmsg_get_payload(msg);
        const struct nlattr *attr;

        if (mnl_nlmsg_get_payload_len(msg) < sizeof(*gen) || gen->nfgen_family != NFPROTO_INET)
                return 0;
        pic__nft_each(attr, msg) if (mnl_attr_get_type(attr) == 1 && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >=
                                                                             0) return strcmp(mnl_attr_get_str(attr),
                                                                                              PIC__NFT_TABLE) == 0;
        return 0;
}

static void count(pic__nft_sizes *sizes, unsigned type, const struct nlmsghdr *msg)
{
        const struct nlattr *attr;

        sizes->chains += type == NFT_MSG_NEWCHAIN ? 1 : 0;
        sizes->rules += type == NFT_MSG_NEWRULE ? 1 : 0;
        if (type != NFT_MSG_NEWSET)
                return;
        sizes->sets++;
        pic__nft_each(attr, msg) /* there are no flags when none is set */
                if (mnl_attr_get_type(attr) == NFTA_SET_FLAGS && mnl_attr_get_payload_len(attr) >= 4)
                        sizes->sets -= (ntohl(mnl_attr_get_u32(attr)) & NFT_SET_ANONYMOUS) != 0 ? 1 : 0;
}

static int on_object(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        struct print *p = data;
        unsigned type = msg->nlmsg_type & 0xff;
        uint32_t keep = kept(type);
        const struct nlattr *attr;

        if (!is_our_table(msg))
                return 0;
        count(&p->sizes, type, msg);
        pic__buf_putc(&p->text, (char)type);
        pic__nft_each(attr, msg) if (mnl_attr_get_type(attr) < 32 && (keep >> mnl_attr_get_type(attr) & 1) != 0)
                pic__buf_put(&p->text, attr, attr->nla_len);
        return p->text.failed ? pic__nomem(err) : 0;
}

/* Attribute 1 is the table's name in requests for all kinds of objects. */
static int read_objects(pic__nft_sock *s, uint16_t type, uint16_t flags, struct print *p, pic_error **err)
{
        pic__auto_buf pic__buf request = PIC__BUF_INIT;
        size_t at = begin(s, &request, type, flags, NFPROTO_INET);

        pic__nft_attr_str(&request, 1, PIC__NFT_TABLE);
        pic__nft_msg_end(&request, at);
        return ask(s, &request, on_object, p, err);
}

static int read_print(pic__nft_sock *s, struct print *p, pic_error **err)
{
        static const uint16_t kinds[] = { NFT_MSG_GETCHAIN, NFT_MSG_GETRULE, NFT_MSG_GETSET };
        int r = read_objects(s, NFT_MSG_GETTABLE, 0, p, err);
        size_t i;

        if (r <= 0)
                return r;
        for (i = 0; i < PIC__COUNT(kinds); i++) {
                r = read_objects(s, kinds[i], NLM_F_DUMP, p, err);
                if (r < 0)
                        return r;
        }
        return 1;
}

int pic__nft_read_print(pic__nft_sock *s, uint8_t ret_digest[32], pic__nft_sizes *ret_sizes, pic_error **err)
{
        struct print p = { PIC__BUF_INIT, { 0, 0, 0 } };
        int r = read_print(s, &p, err);

        if (r > 0) {
                pic__digest(p.text.data, p.text.len, ret_digest);
                *ret_sizes = p.sizes;
        }
        pic__buf_free(&p.text);
        return r;
}

/* --- elements ----------------------------------------------------------------------------------------------- */

struct reading {
        const pic__nft_set *set;
        pic__items *out;
};

/* What is inside an attribute of this type; NULL: there is none. */
static const struct nlattr *find(const struct nlattr *outer, uint16_t type)
{
        const struct nlattr *attr;

        if (outer == NULL)
                return NULL;
        pic__nft_each_in(attr, outer) if (mnl_attr_get_type(attr) == type) return attr;
        return NULL;
}

/* What is inside NFTA_SET_ELEM_KEY and its like. */
static const struct nlattr *inner(const struct nlattr *outer)
{
        return find(outer, NFTA_DATA_VALUE);
}

struct parts {
        const struct nlattr *key, *end, *value;
        uint32_t flags;
};

static void split(const struct nlattr *elem, struct parts *p)
{
        const struct nlattr *attr;

        pic__nft_each_in(attr, elem)
        {
                uint16_t type = mnl_attr_get_type(attr);

                if (type == NFTA_SET_ELEM_KEY)
                        p->key = inner(attr);
                else if (type == NFTA_SET_ELEM_KEY_END)
                        p->end = inner(attr);
                else if (type == NFTA_SET_ELEM_DATA)
                        p->value = inner(attr);
                else if (type == NFTA_SET_ELEM_FLAGS && mnl_attr_get_payload_len(attr) >= 4)
                        p->flags = ntohl(mnl_attr_get_u32(attr));
        }
}

/* What cannot be one of ours (somebody else redefined the set) is passed over: then the shape differs too and is made
 * anew. */
static int take(const struct nlattr *attr, void *to, pic_error **err)
{
        const struct reading *reading = to;
        char key[PIC__NFT_ITEM_TEXT], value[PIC__NFT_ITEM_TEXT];
        struct parts p = { NULL, NULL, NULL, 0 };
        const uint8_t *end = NULL, *data = NULL;
        pic__nft_elem e;

        split(attr, &p);
        if (p.key == NULL || p.flags != 0)
                return 0;
        if (p.end != NULL) {
                if (mnl_attr_get_payload_len(p.end) != reading->set->key_len)
                        return 0;
                end = mnl_attr_get_payload(p.end);
        }
        if (p.value != NULL && mnl_attr_get_payload_len(p.value) >= reading->set->data_len)
                data = mnl_attr_get_payload(p.value);
        if (pic__nft_elem_read(reading->set, mnl_attr_get_payload(p.key), mnl_attr_get_payload_len(p.key), end, data,
                               &e) < 0)
                return 0;
        pic__nft_elem_item(&e, key, value);
        return pic__items_add(reading->out, reading->set->kind, key, value, NULL, NULL, err);
}

typedef int (*elem_fn)(const struct nlattr *elem, void *data, pic_error **err);

static int each_element(const struct nlmsghdr *msg, elem_fn fn, void *data, pic_error **err)
{
        const struct nlattr *list, *elem;

        pic__nft_each(list, msg)
        {
                if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS)
                        continue;
                pic__nft_each_in(elem, list)
                {
                        int r = fn(elem, data, err);

                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

static int on_elements(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        return each_element(msg, take, data, err);
}

/* fn is told of a set's elements; of one that is missing, of none. */
static int read_set(pic__nft_sock *s, const char *name, pic__nft_msg_fn fn, void *data, pic_error **err)
{
        pic__auto_buf pic__buf request = PIC__BUF_INIT;
        size_t at = begin(s, &request, NFT_MSG_GETSETELEM, NLM_F_DUMP, NFPROTO_INET);

        pic__nft_attr_str(&request, NFTA_SET_ELEM_LIST_TABLE, PIC__NFT_TABLE);
        pic__nft_attr_str(&request, NFTA_SET_ELEM_LIST_SET, name);
        pic__nft_msg_end(&request, at);
        return ask(s, &request, fn, data, err);
}

int pic__nft_read_elements(pic__nft_sock *s, unsigned forms, pic__items *out, pic_error **err)
{
        size_t i;

        for (i = 0; i < PIC__NFT_SETS; i++) {
                struct reading reading = { &pic__nft_sets[i], out };
                int r;

                if ((forms & PIC__NFT_FORM(reading.set->form)) == 0)
                        continue;
                r = read_set(s, reading.set->name, on_elements, &reading, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* --- what the rules count ------------------------------------------------------------------------------------ */

static uint64_t counted(const struct nlattr *elem)
{
        const struct nlattr *counter = find(find(elem, NFTA_SET_ELEM_EXPR), NFTA_EXPR_DATA);
        const struct nlattr *bytes = find(counter, NFTA_COUNTER_BYTES);

        return bytes != NULL && mnl_attr_get_payload_len(bytes) >= 8 ? be64toh(mnl_attr_get_u64(bytes)) : 0;
}

static int take_counted(const struct nlattr *elem, void *data, pic_error **err)
{
        const struct nlattr *key = inner(find(elem, NFTA_SET_ELEM_KEY));
        uint64_t *by_slot = data;
        uint32_t mark;

        (void)err;
        if (key == NULL || mnl_attr_get_payload_len(key) < sizeof(mark))
                return 0;
        memcpy(&mark, mnl_attr_get_payload(key), sizeof(mark));
        by_slot[mark >> 4 & 0xff] = counted(elem);
        return 0;
}

static int on_counted(const struct nlmsghdr *msg, void *data, pic_error **err)
{
        return each_element(msg, take_counted, data, err);
}

int pic__nft_read_passed(pic__nft_sock *s, pic__passed *ret, pic_error **err)
{
        int tries, r;

        for (tries = 0, r = PIC_STALE; tries < 4 && r == PIC_STALE; tries++) {
                memset(ret, 0, sizeof(*ret));
                r = read_set(s, PIC__NFT_SENT, on_counted, ret->tx, NULL);
                if (r >= 0)
                        r = read_set(s, PIC__NFT_RECEIVED, on_counted, ret->rx, NULL);
        }
        return r < 0 ? pic__fail(err, r, "nftables: what exits have carried cannot be read") : 0;
}
