/* Shows: the device's file: every line, what a full and a split tunnel say. */
#include "help.h"

#include "model/wgconf.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define PRIVATE "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
#define SHARED "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static char *conf(const pic__snap *s, const pic_obj *peer, const char *key, const char *shared)
{
        pic__buf b = PIC__BUF_INIT;
        pic_error *err = NULL;

        if (pic__wgconf_client(s, peer, key, shared, &b, &err) < 0)
                fail_msg("%s", pic_error_message(err));
        return pic__buf_steal(&b);
}

static pic__snap *home(void)
{
        pic__snap *s = snap();

        put(s, CELL("public_key=" KEY, "endpoint=[2001:db8::1]:51820"));
        return s;
}

static void full(void **state)
{
        pic__snap *s = home();
        pic__auto_free char *text = NULL;

        (void)state;
        put(s, obj("peer", 1, "name=Anna", "address4=10.1.0.2", "address6=fd00:1::2", "access=internet", NULL));
        text = conf(s, pic__snap_get(s, PIC__PEER, 1), PRIVATE, SHARED);
        assert_string_equal(text, "# Anna @ home (pic)\n"
                                  "[Interface]\n"
                                  "PrivateKey = " PRIVATE "\n"
                                  "Address = 10.1.0.2/32, fd00:1::2/128\n"
                                  "DNS = 10.1.0.1, fd00:1::1, home.internal\n"
                                  "MTU = 1420\n"
                                  "\n"
                                  "[Peer]\n"
                                  "PublicKey = " KEY "\n"
                                  "PresharedKey = " SHARED "\n"
                                  "AllowedIPs = 0.0.0.0/0, ::/0\n"
                                  "Endpoint = [2001:db8::1]:51820\n"
                                  "PersistentKeepalive = 25\n");
        pic__snap_unref(s);
}

static void allowed_is(const pic__snap *s, pic_obj *peer, const char *want)
{
        pic__auto_free char *text = conf(s, peer, NULL, NULL);
        char line[512];

        snprintf(line, sizeof(line), "\nAllowedIPs = %s\n", want);
        if (strstr(text, line) == NULL)
                fail_msg("want %s, have %s", want, text);
        assert_null(strstr(text, "\nPrivateKey"));
        assert_non_null(strstr(text, "\n# PrivateKey"));
        assert_null(strstr(text, "PresharedKey"));
        pic__obj_unref(peer);
}

static void split(void **state)
{
        pic__snap *s = home();

        (void)state;
        put(s, obj("group", 1, "name=servers", NULL));
        put(s, obj("peer", 1, "name=nas", "subnets=192.168.9.0/24,fd77::/64", NULL));
        put(s, obj("peer", 2, "name=office", "subnets=172.20.0.0/16", "groups=servers", NULL));
        put(s, obj("peer", 3, "name=cabin", "subnets=203.0.113.0/24", NULL));
        allowed_is(s, obj("peer", 9, "name=a", NULL), "10.1.0.0/16, fd00:1::/48");
        allowed_is(s, obj("peer", 9, "name=a", "access=peer:nas", NULL),
                   "10.1.0.0/16, 192.168.9.0/24, fd00:1::/48, fd77::/64");
        allowed_is(s, obj("peer", 9, "name=a", "access=group:servers", NULL),
                   "10.1.0.0/16, 172.20.0.0/16, fd00:1::/48");
        allowed_is(s, obj("peer", 9, "name=a", "access=peers", NULL),
                   "10.1.0.0/16, 172.20.0.0/16, 192.168.9.0/24, 203.0.113.0/24, fd00:1::/48, fd77::/64");
        allowed_is(s, obj("peer", 9, "name=a", "access=lan,peers", NULL),
                   "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 203.0.113.0/24, fc00::/7");
        allowed_is(s,
                   obj("peer", 9, "name=a", "access=peer:gone,group:gone,service:x,198.51.100.7:tcp/80,[2001:db8::]/64",
                       NULL),
                   "10.1.0.0/16, 198.51.100.7/32, 2001:db8::/64, fd00:1::/48");
        /* rights of a group count; own networks never */
        put(s, obj("group", 2, "name=kids", "access=192.168.9.128/25,198.51.100.0/24", NULL));
        allowed_is(s,
                   obj("peer", 1, "name=nas", "subnets=192.168.9.0/24", "groups=kids", "access=peers,peer:nas", NULL),
                   "10.1.0.0/16, 172.20.0.0/16, 198.51.100.0/24, 203.0.113.0/24, fd00:1::/48");
        allowed_is(s, obj("peer", 2, "name=office", "groups=servers", "access=group:servers,peer:office", NULL),
                   "10.1.0.0/16, fd00:1::/48");
        /* a person's word beats the rights */
        allowed_is(s, obj("peer", 9, "name=a", "access=internet", "tunnel=split", NULL), "10.1.0.0/16, fd00:1::/48");
        allowed_is(s, obj("peer", 9, "name=a", "tunnel=full", NULL), "0.0.0.0/0, ::/0");
        allowed_is(s, obj("peer", 9, "name=a", "access=internet", "enabled=no", NULL), "0.0.0.0/0, ::/0");
        pic__snap_unref(s);
}

static void small_things(void **state)
{
        pic__snap *s = home();
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 9, "name=a", "keepalive=0", "address6=fd00:1::2", NULL);
        pic__auto_free char *text = conf(s, o, PRIVATE, NULL);
        pic__auto_buf pic__buf b = PIC__BUF_INIT;

        (void)state;
        assert_null(strstr(text, "PersistentKeepalive"));
        assert_non_null(strstr(text, "\nAddress = fd00:1::2/128\n"));
        pic__dns_name(pic__snap_cell(s), o, &b);
        assert_string_equal(pic__buf_str(&b), "a.home.internal");
        pic__buf_clear(&b);
        pic__dns_name(pic__snap_cell(s), NULL, &b);
        assert_string_equal(pic__buf_str(&b), "home.internal");
        pic__snap_unref(s);
}

static void refusals(void **state)
{
        pic__snap *s = snap();
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 9, "name=a", NULL);
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__wgconf_client(s, o, NULL, NULL, &b, &err), PIC_BADSTATE);
        put(s, CELL("public_key=" KEY));
        assert_int_equal(pic__wgconf_client(s, o, NULL, NULL, &b, &err), PIC_BADSTATE);
        assert_string_equal(pic_error_hint(err), "pic cell set --endpoint HOST:PORT");
        put(s, CELL("endpoint=a.example:1"));
        assert_int_equal(pic__wgconf_client(s, o, NULL, NULL, &b, &err), PIC_BADSTATE);
        assert_int_equal(b.len, 0);
        pic__snap_unref(s);
}

static int write_one(void *data)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;

        return pic__wgconf_client(data, pic__snap_get(data, PIC__PEER, 1), PRIVATE, SHARED, &b, NULL);
}

static void memory(void **state)
{
        pic__snap *s = home();

        (void)state;
        put(s, obj("peer", 1, "name=a", "access=lan,peers,10.0.0.1", "subnets=192.168.7.0/24", NULL));
        put(s, obj("peer", 2, "name=b", "subnets=192.168.9.0/24", NULL));
        out_of_memory(write_one, s);
        pic__snap_unref(s);
}

RUN(T(full), T(split), T(small_things), T(refusals), T(memory))
