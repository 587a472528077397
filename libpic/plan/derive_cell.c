/* Owns: what follows from the cell alone: the block, the device, its addresses, forwarding, the name server, the cell's
 * own names. */
#include <inttypes.h>
#include <string.h>

#include "model/wgconf.h"
#include "plan/derive_in.h"
#include "plan/names.h"

static const char why[] = "cell";

static int put_shape(pic__derive *d, pic_error **err)
{
        pic__buf_puts(&d->key, "table");
        pic__buf_putf(&d->value, "dev=%s net4=%s net6=%s port=%" PRId64, d->device, pic__obj_text(d->cell, "net4"),
                      pic__obj_text(d->cell, "net6"), pic__obj_int(d->cell, "listen_port"));
        return pic__derive_put(d, PIC__I_NFT_SHAPE, NULL, why, err);
}

static int put_device(pic__derive *d, pic_error **err)
{
        uint8_t secret[32];
        int r;

        if (!pic__derive_wants(d, PIC__B_WG))
                return 0;
        r = pic__derive_secret(d, d->cell, "private_key", secret, err);
        if (r < 0)
                return r;
        pic__buf_puts(&d->key, d->device);
        pic__buf_putf(&d->value, "port=%" PRId64 " key=%s", pic__obj_int(d->cell, "listen_port"),
                      pic__obj_text(d->cell, "public_key"));
        r = pic__derive_put(d, PIC__I_WG_DEVICE, r > 0 ? secret : NULL, why, err);
        explicit_bzero(secret, sizeof(secret));
        return r;
}

static int put_route(pic__derive *d, pic_error **err)
{
        static const char *const forwarding[] = { "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding" };
        char text[PIC__ADDR_TEXT];
        int i, r;

        for (i = 0; i < PIC__FAMILIES; i++) {
                pic__buf_putf(&d->key, "%s %s/%u", d->device, pic__addr_print(&d->self[i], text), d->net[i].len);
                r = pic__derive_put(d, PIC__I_ROUTE_ADDR, NULL, why, err);
                if (r < 0)
                        return r;
                pic__buf_puts(&d->key, forwarding[i]);
                pic__buf_putc(&d->value, '1');
                r = pic__derive_put(d, PIC__I_ROUTE_SYSCTL, NULL, why, err);
                if (r < 0)
                        return r;
        }
        pic__buf_puts(&d->key, d->device);
        pic__buf_putf(&d->value, "up mtu=%" PRId64, pic__obj_int(d->cell, "mtu"));
        return pic__derive_put(d, PIC__I_ROUTE_LINK, NULL, why, err);
}

/* " forward=corp.example/192.168.1.1+192.168.1.2,…": they are part of the server, because what they say of private
 * addresses and signatures stands in its configuration only. */
static void put_forwards(pic__derive *d)
{
        const char *before = " forward=";
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(d->snap, PIC__FORWARD, &at)) != NULL) {
                const char *servers = pic__obj_text(o, "servers"), *plus = "/";
                char one[PIC__ITEM_MAX];

                if (pic__obj_int(o, "enabled") == 0)
                        continue;
                pic__buf_putf(&d->value, "%s%s", before, pic__obj_name(o));
                while (pic__list_next(&servers, one, sizeof(one))) {
                        pic__buf_putf(&d->value, "%s%s", plus, one);
                        plus = "+";
                }
                if (pic__obj_int(o, "dnssec") == 0)
                        pic__buf_puts(&d->value, "/insecure");
                before = ",";
        }
}

static void put_public(pic__derive *d)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;

        pic__derive_public(d, &names);
        if (names.len > 0)
                pic__buf_putf(&d->value, " public=%s", pic__buf_str(&names));
        d->value.failed |= names.failed;
}

static int put_own(pic__derive *d, pic_error **err)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;
        int r = pic__derive_own(d, &names, err);

        if (names.len > 0)
                pic__buf_putf(&d->value, " own=%s", pic__buf_str(&names));
        d->value.failed |= names.failed;
        return r;
}

static int put_server(pic__derive *d, pic_error **err)
{
        char a4[PIC__ADDR_TEXT], a6[PIC__ADDR_TEXT];
        int r;

        pic__buf_puts(&d->key, "main");
        pic__buf_putf(&d->value, "listen=%s,%s zone=", pic__addr_print(&d->self[PIC__V4], a4),
                      pic__addr_print(&d->self[PIC__V6], a6));
        pic__buf_put(&d->value, d->zone.data, d->zone.len - 1);
        pic__buf_puts(&d->value, " reverse=");
        pic__reverse_zones(&d->net[PIC__V4], &d->value);
        pic__buf_putc(&d->value, ',');
        pic__reverse_zones(&d->net[PIC__V6], &d->value);
        pic__buf_putf(&d->value, " upstream=%s allow=%s,%s", pic__obj_text(d->cell, "upstreams"),
                      pic__obj_text(d->cell, "net4"), pic__obj_text(d->cell, "net6"));
        if (pic__obj_int(d->cell, "query_log") != 0)
                pic__buf_puts(&d->value, " log=yes");
        put_forwards(d);
        put_public(d);
        if (d->sieve)
                pic__buf_puts(&d->value, " sieve=yes");
        if (d->views)
                pic__buf_puts(&d->value, " views=yes");
        r = put_own(d, err);
        return r < 0 ? r : pic__derive_put(d, PIC__I_DNS_SERVER, NULL, why, err);
}

static int put_time(pic__derive *d, pic_error **err)
{
        char a4[PIC__ADDR_TEXT], a6[PIC__ADDR_TEXT];

        if (pic__obj_int(d->cell, "ntp") == 0)
                return 0;
        pic__buf_puts(&d->key, "main");
        pic__buf_putf(&d->value, "listen=%s,%s allow=%s,%s", pic__addr_print(&d->self[PIC__V4], a4),
                      pic__addr_print(&d->self[PIC__V6], a6), pic__obj_text(d->cell, "net4"),
                      pic__obj_text(d->cell, "net6"));
        if (pic__obj_text(d->cell, "ntp_servers")[0] != '\0')
                pic__buf_putf(&d->value, " servers=%s", pic__obj_text(d->cell, "ntp_servers"));
        if (pic__obj_int(d->cell, "ntp_clock") != 0)
                pic__buf_puts(&d->value, " clock=yes");
        return pic__derive_put(d, PIC__I_NTP_SERVER, NULL, why, err);
}

/* "home.internal." and "cell.home.internal." lead to the cell, and "ntp.home.internal." where it tells the time; its
 * addresses lead back to the first. */
static int put_names(pic__derive *d, int family, pic_error **err)
{
        static const char *const prefixes[] = { "", "cell.", "ntp." };
        char text[PIC__ADDR_TEXT];
        size_t i, count = PIC__COUNT(prefixes) - (pic__obj_int(d->cell, "ntp") != 0 ? 0 : 1);
        int r;

        for (i = 0; i < count; i++) {
                pic__buf_putf(&d->key, "%s%s %s", prefixes[i], pic__buf_str(&d->zone),
                              family == PIC__V4 ? "A" : "AAAA");
                pic__buf_puts(&d->value, pic__addr_print(&d->self[family], text));
                r = pic__derive_put(d, PIC__I_DNS_RECORD, NULL, why, err);
                if (r < 0)
                        return r;
        }
        pic__ptr_name(&d->self[family], &d->key);
        pic__buf_puts(&d->key, " PTR");
        pic__buf_puts(&d->value, pic__buf_str(&d->zone));
        return pic__derive_put(d, PIC__I_DNS_RECORD, NULL, why, err);
}

int pic__derive_cell(pic__derive *d, pic_error **err)
{
        static int (*const parts[])(pic__derive *, pic_error **) = { put_shape,        put_device,        put_route,
                                                                     put_server,       pic__derive_lists, put_time,
                                                                     pic__derive_front };
        size_t i;
        int r;

        for (i = 0; i < PIC__COUNT(parts); i++) {
                r = parts[i](d, err);
                if (r < 0)
                        return r;
        }
        r = put_names(d, PIC__V4, err);
        return r < 0 ? r : put_names(d, PIC__V6, err);
}
