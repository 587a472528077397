/* Owns: the texts of DEVICE and PEER items, both ways. */
#include "backend/wg/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "model/key.h"
#include "sys/crypto.h"

static int bad(const pic__item *item, pic_error **err)
{
        return pic__fail(err, PIC_INVALID, "%s '%s': no such value: '%s'", pic__item_kinds[item->kind].name, item->key,
                         item->value);
}

/* A number of at most 65535 after `name`, which *at has to begin with; *at moves past it. */
static int number(const char **at, const char *name, uint16_t *ret)
{
        size_t len = strlen(name);
        unsigned long n;
        char *end;

        if (strncmp(*at, name, len) != 0 || (*at)[len] < '0' || (*at)[len] > '9')
                return -1;
        n = strtoul(*at + len, &end, 10);
        if (n > UINT16_MAX)
                return -1;
        *ret = (uint16_t)n;
        *at = end;
        return 0;
}

int pic__wg_device_parse(const pic__item *item, pic__wg_device *ret, pic_error **err)
{
        const char *at = item->value;
        uint8_t named[32], derived[32];

        if (number(&at, "port=", &ret->port) < 0 || strncmp(at, " key=", 5) != 0 || pic__key_decode(at + 5, named) < 0)
                return bad(item, err);
        if (item->secret == NULL)
                return pic__fail(err, PIC_INVALID, "%s '%s': its private key is not at hand",
                                 pic__item_kinds[item->kind].name, item->key);
        pic__wg_public(item->secret, derived);
        if (memcmp(named, derived, 32) != 0)
                return pic__fail(err, PIC_INVALID, "%s '%s': private and public key do not belong together",
                                 pic__item_kinds[item->kind].name, item->key);
        memcpy(ret->private_key, item->secret, 32);
        return 0;
}

static int parse_allowed(const char *at, const char *end, pic__wg_peer *ret)
{
        while (at < end) {
                size_t len = strcspn(at, ", ");
                char text[PIC__PREFIX_TEXT];
                pic__prefix prefix;

                if (len == 0 || len >= sizeof(text))
                        return PIC_INVALID;
                memcpy(text, at, len);
                text[len] = '\0';
                if (pic__prefix_parse(text, &prefix) != 0)
                        return PIC_INVALID;
                if (pic__vec_push(&ret->allowed, prefix) < 0)
                        return PIC_NOMEM;
                at += len + (at[len] == ',');
        }
        return 0;
}

int pic__wg_peer_parse(const pic__item *item, pic__wg_peer *ret, pic_error **err)
{
        const char *at = item->value, *end = strchr(at, ' ');
        int r;

        pic__wg_peer_clear(ret);
        if (pic__key_decode(item->key, ret->key) < 0 || strncmp(at, "allowed=", 8) != 0 || end == NULL)
                return bad(item, err);
        r = parse_allowed(at + 8, end, ret);
        if (r == PIC_NOMEM)
                return pic__nomem(err);
        if (r < 0 || number(&end, " keepalive=", &ret->keepalive) < 0 || *end != '\0')
                return bad(item, err);
        if (item->secret != NULL)
                memcpy(ret->psk, item->secret, 32);
        return 0;
}

int pic__wg_device_item(const char *name, const pic__wg_device *device, pic__items *out, pic_error **err)
{
        char value[PIC__WG_DEVICE_TEXT], key[PIC__KEY_TEXT] = "";
        int has_key = !pic__key_zero(device->private_key);
        uint8_t public_key[32];

        if (has_key) {
                pic__wg_public(device->private_key, public_key);
                pic__key_encode(public_key, key);
        }
        snprintf(value, sizeof(value), "port=%u key=%s", (unsigned)device->port, key);
        return pic__items_add(out, PIC__I_WG_DEVICE, name, value, has_key ? device->private_key : NULL, NULL, err);
}

static int prefix_cmp(const pic__prefix *a, const pic__prefix *b)
{
        int c = pic__addr_cmp(&a->addr, &b->addr);

        return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

static int prefix_order(const void *a, const void *b)
{
        return prefix_cmp(a, b);
}

/* Mostly two prefixes, mostly in order. */
static void sort_allowed(pic__wg_peer *peer)
{
        size_t i;

        for (i = 1; i < peer->allowed.count; i++)
                if (prefix_cmp(&peer->allowed.at[i - 1], &peer->allowed.at[i]) > 0) {
                        qsort(peer->allowed.at, peer->allowed.count, sizeof(peer->allowed.at[0]), prefix_order);
                        return;
                }
}

int pic__wg_peer_item(pic__wg_peer *peer, pic__buf *scratch, pic__items *out, pic_error **err)
{
        char key[PIC__KEY_TEXT], text[PIC__PREFIX_TEXT];
        size_t i;

        sort_allowed(peer);
        pic__key_encode(peer->key, key);
        pic__buf_clear(scratch);
        pic__buf_put(scratch, "allowed=", 8);
        for (i = 0; i < peer->allowed.count; i++) {
                if (i > 0)
                        pic__buf_putc(scratch, ',');
                pic__buf_puts(scratch, pic__prefix_print(&peer->allowed.at[i], text));
        }
        pic__buf_putf(scratch, " keepalive=%u", (unsigned)peer->keepalive);
        if (scratch->failed)
                return pic__nomem(err);
        return pic__items_add(out, PIC__I_WG_PEER, key, scratch->data, pic__key_zero(peer->psk) ? NULL : peer->psk,
                              NULL, err);
}

uint64_t pic__wg_device_sum(const char *name, const pic__wg_device *device)
{
        return pic__hash(name, strlen(name)) ^ pic__hash(device, sizeof(*device)) * 3;
}

static uint64_t prefix_sum(const pic__prefix *p, size_t place)
{
        uint8_t text[2 + sizeof(p->addr.bytes)] = { p->addr.family, p->len };

        memcpy(text + 2, p->addr.bytes, sizeof(p->addr.bytes));
        return pic__hash(text, sizeof(text)) * (2 * place + 1);
}

uint64_t pic__wg_peer_sum(pic__wg_peer *peer)
{
        uint64_t sum = pic__hash(peer->key, sizeof(peer->key)) ^ pic__hash(peer->psk, sizeof(peer->psk)) * 3 ^
                       pic__hash(&peer->keepalive, sizeof(peer->keepalive)) * 5;
        size_t i;

        sort_allowed(peer);
        for (i = 0; i < peer->allowed.count; i++)
                sum ^= prefix_sum(&peer->allowed.at[i], i);
        return pic__hash(&sum, sizeof(sum));
}

void pic__wg_peer_clear(pic__wg_peer *peer)
{
        pic__wg_peer kept = *peer;

        explicit_bzero(peer, sizeof(*peer));
        peer->allowed.at = kept.allowed.at;
        peer->allowed.room = kept.allowed.room;
        explicit_bzero(&kept, sizeof(kept));
}

void pic__wg_peer_free(pic__wg_peer *peer)
{
        pic__vec_free(&peer->allowed);
        explicit_bzero(peer, sizeof(*peer));
}
