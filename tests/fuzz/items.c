/* The texts of items, which come from plans, from the fake world's file and from the agent: a line of kind, key, value
 * and (if there is a fourth field) with a secret. What a backend takes it prints the same; the rest is refused. */
#include "fuzz.h"

#include "backend/dns/conf.h"
#include "backend/front/conf.h"
#include "backend/nft/elem_raw.h"
#include "backend/nft/made.h"
#include "backend/nft/shape.h"
#include "backend/ntp/conf.h"
#include "backend/route/inside.h"
#include "backend/route/rule.h"
#include "backend/wg/value.h"
#include "plan/diff.h"
#include "sys/crypto.h"

static const uint8_t secret[32] = { 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 };

static void device(const pic__item *item)
{
        pic__auto_items pic__items out = PIC__ITEMS_INIT;
        pic__auto_wg_device pic__wg_device d = { .port = 0 };

        if (pic__wg_device_parse(item, &d, NULL) < 0)
                return;
        must(item->secret != NULL && pic__wg_device_item(item->key, &d, &out, NULL) == 0);
        must(pic__wg_device_parse(&out.at[0], &d, NULL) == 0);
}

static void peer(const pic__item *item)
{
        pic__auto_items pic__items out = PIC__ITEMS_INIT;
        pic__auto_buf pic__buf scratch = PIC__BUF_INIT;
        pic__auto_wg_peer pic__wg_peer p = { .keepalive = 0 }, again = { .keepalive = 0 };

        if (pic__wg_peer_parse(item, &p, NULL) < 0)
                return;
        must(pic__wg_peer_item(&p, &scratch, &out, NULL) == 0);
        must(pic__wg_peer_parse(&out.at[0], &again, NULL) == 0);
        must(again.allowed.count == p.allowed.count && again.keepalive == p.keepalive);
}

static void element(const pic__item *item)
{
        uint8_t bytes[PIC__NFT_KEY_MAX], end[PIC__NFT_KEY_MAX], data[PIC__NFT_DATA_MAX];
        char key[PIC__NFT_ITEM_TEXT], value[PIC__NFT_ITEM_TEXT], key2[PIC__NFT_ITEM_TEXT];
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__nft_elem e, again;
        int ranged;

        if (pic__nft_elem_parse(item, &e, NULL) < 0)
                return;
        pic__nft_elem_item(&e, key, value);
        must(strcmp(value, item->value) == 0);
        ranged = pic__nft_elem_bytes(&e, bytes, end);
        pic__nft_elem_data(&e, data);
        must(pic__nft_elem_read(e.set, bytes, e.set->key_len, ranged ? end : NULL, data, &again) == 0);
        pic__nft_elem_item(&again, key2, value);
        must(strcmp(value, item->value) == 0 && strcmp(key, key2) == 0);
        pic__nft_elem_text(&e, &text);
}

static void shape(const pic__item *item)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__nft_shape s;
        pic__nft_made made;

        pic__nft_made_parse(item->value, strlen(item->value), &made);
        must(strlen(made.value) < sizeof(made.value) && strlen(made.digest) <= PIC__NFT_HEX);
        if (pic__nft_shape_parse(item->value, &s, NULL) < 0)
                return;
        pic__nft_shape_text(&s, NULL, 0, &text, NULL);
        pic__nft_block_text(&s, &text);
        must(!text.failed);
}

/* There is no device here, so nothing is done with what is right. */
static void route(const pic__item *item, int (*fn)(pic__route *, pic__route_links *, const pic__step *, pic_error **))
{
        const pic__step steps[] = { { PIC__ADD, item->kind, NULL, item }, { PIC__REMOVE, item->kind, item, NULL } };
        pic__route b = { .links = PIC__VEC_INIT };
        pic__route_links none = PIC__VEC_INIT;
        size_t i;

        for (i = 0; i < PIC__COUNT(steps); i++) {
                int r = fn(&b, &none, &steps[i], NULL);

                must(r == PIC_INVALID || r == PIC_NOTFOUND || (r == 0 && steps[i].verb == PIC__REMOVE));
        }
}

/* One that is right goes no further either: its device is not there. */
static void way(const pic__item *item)
{
        const pic__step add = { PIC__ADD, PIC__I_ROUTE_DEFAULT, NULL, item };
        pic__route b = { .links = PIC__VEC_INIT };
        pic__route_links none = PIC__VEC_INIT;
        int r = pic__route_default_step(&b, &none, &add, NULL);

        must(r == PIC_INVALID || r == PIC_NOTFOUND);
}

static void rule(const pic__item *item)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__route_rule r;

        if (pic__route_rule_parse(item, 1, &r, NULL) < 0)
                return;
        pic__route_rule_print(&r, &text);
        must(strcmp(pic__buf_str(&text), item->value) == 0 && (r.family == 4 || r.family == 6));
}

static void setting(const pic__item *item)
{
        char value[32];

        if (pic__procsys_read(item->key, value, sizeof(value), NULL) == 0)
                must(strncmp(item->key, "net.", 4) == 0 && strlen(value) < sizeof(value));
}

static void server(const pic__item *item)
{
        const pic__dns_conf c = { "/run/dns", "/run/dns/control.sock", "/run/dns/records.conf", NULL,
                                  "/ca",      "/log/queries.log",      "/run/dns/asked.conf",   1 };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__dns_server s;

        if (pic__dns_server_parse(item->value, &s, NULL) < 0)
                return;
        pic__dns_conf_put(&text, &s, &c);
        must(!text.failed && pic__dns_server_same_zones(&s, &s) && pic__dns_server_same_listen(&s, &s));
        pic__dns_server_free(&s);
}

static void record(const pic__item *item)
{
        enum pic__dns_type type;
        size_t len;

        if (pic__dns_record_parse(item->key, item->value, &len, &type, NULL) == 0)
                must(len < 256 && strpbrk(item->key, "\n\"") == NULL && strpbrk(item->value, "\n'") == NULL &&
                     (type == PIC__DNS_TXT || strchr(item->value, '"') == NULL));
}

static void time_server(const pic__item *item)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__ntp_conf c;
        size_t i;

        if (pic__ntp_conf_parse(item->value, &c, NULL) < 0)
                return;
        must(pic__ntp_conf_args(&c, &args) == 0);
        for (i = 0; i < args.len; i++)
                must(args.data[i] == '\0' || (args.data[i] >= ' ' && args.data[i] <= '~'));
}

static void front(const pic__item *item)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__front_conf c;

        if (pic__front_conf_parse(item->value, &c, NULL) == 0)
                must(pic__front_conf_text(&c, &text) == 0 && c.listens > 0);
        if (pic__front_key_ok(item->key))
                must(strpbrk(item->key, " ;\n") == NULL);
        if (pic__front_value_ok(item->value))
                must(strpbrk(item->value, ";\n") == NULL);
}

static void backend(const pic__item *item)
{
        switch ((int)item->kind) {
        case PIC__I_WG_DEVICE: device(item); break;
        case PIC__I_WG_PEER: peer(item); break;
        case PIC__I_NFT_SHAPE: shape(item); break;
        case PIC__I_ROUTE_LINK: route(item, pic__route_link_step); break;
        case PIC__I_ROUTE_ADDR: route(item, pic__route_addr_step); break;
        case PIC__I_ROUTE_ROUTE: route(item, pic__route_route_step); break;
        case PIC__I_ROUTE_SYSCTL: setting(item); break;
        case PIC__I_ROUTE_FLOOR:
        case PIC__I_ROUTE_DEFAULT: way(item); break;
        case PIC__I_ROUTE_RULE: rule(item); break;
        case PIC__I_DNS_SERVER: server(item); break;
        case PIC__I_DNS_RECORD: record(item); break;
        case PIC__I_NTP_SERVER: time_server(item); break;
        case PIC__I_FRONT_SERVER:
        case PIC__I_FRONT_HOST:
        case PIC__I_FRONT_PEER: front(item); break;
        default: element(item);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = text_of(data, size), *field[3] = { text, NULL, NULL };
        pic__item item = { .kind = PIC__ITEM_KINDS };
        int i, k;

        must(pic__crypto_start(NULL) == 0);
        for (i = 1; i < 3 && field[i - 1] != NULL; i++) {
                field[i] = strchr(field[i - 1], '\t');
                if (field[i] != NULL)
                        *field[i]++ = '\0';
        }
        for (k = 0; field[2] != NULL && k < PIC__ITEM_KINDS; k++)
                if (strcmp(pic__item_kinds[k].name, text) == 0)
                        item.kind = (enum pic__item_kind)k;
        if (item.kind != PIC__ITEM_KINDS) {
                char *more = strchr(field[2], '\t');

                item.key = field[1];
                item.value = field[2];
                item.secret = more != NULL ? secret : NULL;
                if (more != NULL)
                        *more = '\0';
                backend(&item);
        }
        free(text);
        return 0;
}
