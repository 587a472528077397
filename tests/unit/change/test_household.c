/* Shows: a household becomes wishes of one change: keys are sealed and no text of a wish, what fits this cell is taken
 * and the rest told, addresses of one's own come before those that the cell chooses. */
#include "../../api/world.h"

#include "api/edit.h"
#include "change/household.h"
#include "household/report.h"
#include "model/key.h"
#include "sys/crypto.h"

static const pic__spot at = { "wg0.conf", 9 };

static const char *key(uint8_t n, int public_half)
{
        static char texts[16][PIC__KEY_TEXT];
        static size_t which;
        uint8_t bytes[32] = { 8 }, out[32];

        bytes[1] = n;
        bytes[31] = 64;
        pic__wg_public(bytes, out);
        which = (which + 1) % 16;
        pic__key_encode(public_half ? out : bytes, texts[which]);
        return texts[which];
}

static pic__device *add(pic__household *h, const char *name, uint8_t n, const char *address)
{
        pic__device *d = pic__household_add(h, at);

        pic__household_call(h, d, name, strlen(name));
        d->private_key = pic__household_dup(h, key(n, 0), 44);
        if (address != NULL)
                pic__household_allow(h, d, address, at, "AllowedIPs");
        return d;
}

static void begin(pic__household *h)
{
        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__household_init(h, 1);
        h->product = "wg-quick";
        h->at = at;
        h->private_key = pic__household_dup(h, key(100, 0), 44);
        pic__household_own(h, "10.8.0.1/24", at, "Address");
}

static pic__wish_household what(int takes_over)
{
        pic__wish_household in = { .takes_over = takes_over, .access = "internet" };

        assert_int_equal(pic__prefix_parse("10.77.0.0/16", &in.net[0]), 0);
        assert_int_equal(pic__prefix_parse("fd77:1:2::/48", &in.net[1]), 0);
        return in;
}

static void takes_over(void **state)
{
        pic__wish_household in = what(1);
        pic_error *err = NULL;
        pic_edit *e = NULL;
        pic__household h;
        char *json;
        world w;

        (void)state;
        world_init(&w);
        begin(&h);
        h.listen_port = 51821;
        h.mtu = 100;
        add(&h, "none", 3, NULL);
        add(&h, "anna", 1, "10.8.0.7")->preshared = pic__household_dup(&h, key(50, 0), 44);
        add(&h, "b b", 2, "10.8.0.2")->keepalive = 0;
        assert_int_equal(pic__household_settle(&h, NULL), 0);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic__wishes_household(&e->wishes, &h, &in, &err));
        json = pic_edit_json(e);
        assert_null(strstr(json, key(100, 0)));
        assert_null(strstr(json, key(1, 0)));
        assert_null(strstr(json, key(50, 0)));
        pic_text_free(json);
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        world_is(&w, "cell", NULL, "public_key", key(100, 1));
        world_is(&w, "cell", NULL, "net4", "10.8.0.0/24");
        world_is(&w, "cell", NULL, "listen_port", "51821");
        world_is(&w, "cell", NULL, "mtu", "1420"); /* 100 is no MTU of a cell: told */
        assert_int_equal(pic__household_count(&h, PIC__TALE_LOST), 1);
        world_is(&w, "peer", "anna", "address4", "10.8.0.7");
        world_is(&w, "peer", "anna", "address6", "fd77:1:2::7");
        world_is(&w, "peer", "anna", "key_mode", "kept");
        world_is(&w, "peer", "anna", "preshared", "true");
        world_is(&w, "peer", "b-b", "preshared", "false");
        world_is(&w, "peer", "b-b", "note", "b b");
        world_is(&w, "peer", "b-b", "keepalive", "0");
        world_is(&w, "peer", "none", "access", "internet");
        pic__household_free(&h);
        world_end(&w);
}

static void joins(void **state)
{
        pic__wish_household in = what(0);
        pic_error *err = NULL;
        pic_edit *e = NULL;
        pic__household h;
        world w;

        (void)state;
        world_init(&w);
        begin(&h);
        add(&h, "anna", 1, "10.8.0.7")->access = "";
        h.devices.at[0]->disabled = 1;
        h.devices.at[0]->expires = "2030-01-01T00:00:00Z";
        assert_int_equal(pic__household_settle(&h, NULL), 0);
        ok(pic_edit_new(w.ctx, &e, &err));
        in.access = "nowhere!";
        refused(pic__wishes_household(&e->wishes, &h, &in, &err), PIC_VALUE, "access");
        assert_int_equal(e->wishes.ops.count, 0);
        in.access = "internet";
        ok(pic__wishes_household(&e->wishes, &h, &in, &err));
        assert_int_equal(h.devices.at[0]->changed, 1);
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        world_is(&w, "cell", NULL, "net4", "10.77.0.0/16");
        world_is(&w, "peer", "anna", "public_key", key(1, 1));
        world_is(&w, "peer", "anna", "access", NULL); /* a firewall let it reach nothing */
        world_is(&w, "peer", "anna", "enabled", "false");
        world_is(&w, "peer", "anna", "expires", "2030-01-01T00:00:00Z");
        pic__household_free(&h);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(takes_over), cmocka_unit_test(joins) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
