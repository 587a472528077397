/* Shows: who may set what, unknown fields, and the checks of an object by itself, all findings at once. */
#include "help.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void setting(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 0, "name=anna", NULL);
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__obj_set(o, "keep-alive", "9", 0, &err), PIC_NOTFOUND);
        assert_string_equal(pic_error_hint(err), "did you mean 'keepalive'?");
        assert_string_equal(pic_error_detail(err, "field"), "keep-alive");
        assert_string_equal(pic_error_message(err), "a peer has no field 'keep-alive'");
        assert_int_equal(pic__obj_set(o, "b\nd", "9", 0, &err), PIC_NOTFOUND);
        assert_null(strchr(pic_error_message(err), '\n'));
        assert_int_equal(pic__obj_set(o, "created", "2027-01-01", 0, &err), PIC_DENIED);
        assert_string_equal(pic_error_detail(err, "field"), "created");
        assert_int_equal(pic__obj_set(o, "created", "2027-01-01", 1, NULL), 0);
        assert_int_equal(pic__obj_set(o, "keepalive", "99999", 0, &err), PIC_VALUE);
        assert_false(pic__obj_has(o, "keepalive"));
        assert_int_equal(pic__obj_set(o, "keepalive", "9", 0, NULL), 0);
        assert_int_equal(pic__obj_set(o, "keepalive", "x", 0, NULL), PIC_VALUE);
        assert_int_equal(pic__obj_int(o, "keepalive"), 9); /* as before */
        assert_int_equal(pic__obj_set(o, "keepalive", NULL, 0, NULL), 0);
        assert_false(pic__obj_has(o, "keepalive"));
        assert_int_equal(pic__obj_set(o, "access", "", 0, NULL), 0);
        assert_true(pic__obj_has(o, "access"));
        assert_int_equal(pic__obj_set(o, "note", "", 0, NULL), 0);
        assert_false(pic__obj_has(o, "note"));
}

static void numbers(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 0, "name=anna", NULL);
        pic__auto_err pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__obj_set_int(o, "created", 1800000000123456, NULL), 0);
        assert_int_equal(pic__obj_int(o, "created"), 1800000000000000); /* canonical: to the second */
        assert_int_equal(pic__obj_set_int(o, "name", 1, &err), PIC_INVALID);
        assert_int_equal(pic__obj_set_int(o, "creatd", 1, &err), PIC_NOTFOUND);
        assert_string_equal(pic_error_hint(err), "did you mean 'created'?");
        assert_string_equal(pic__obj_name(o), "anna");
}

static void check(pic_obj *o, const char *const *want)
{
        pic__auto_err pic_error *err = NULL;
        size_t n = 0;
        int r = pic__obj_check(o, &err);

        for (; *want != NULL; want++, n++)
                if (!says(err, *want))
                        fail_msg("'%s' is not said, but '%s'", *want, pic_error_message(err));
        assert_int_equal(pic__err_count(err), n);
        assert_int_equal(r, n > 0 ? PIC_VALUE : 0);
        assert_int_equal(pic__obj_check(o, NULL), r);
        pic__obj_unref(o);
}

#define WANT(...) ((const char *const[]){ __VA_ARGS__ NULL })

static void checking(void **state)
{
        char domain[256] = "domain=";
        size_t i;

        (void)state;
        check(obj("peer", 0, "name=anna", NULL), WANT());
        check(obj("group", 0, NULL), WANT("group: name: is required", ));
        check(obj("cell", 0, NULL), WANT("name: is required", "net4: is required", "net6: is required", ));
        check(CELL("mtu=1400"), WANT());
        check(CELL("upstreams=9.9.9.9#dns.quad9.net,2620:fe::fe#dns.quad9.net"), WANT());
        check(CELL("upstreams=9.9.9.9#dns.quad9.net,1.1.1.1"),
              WANT("upstreams: '9.9.9.9#dns.quad9.net,1.1.1.1' must", ));
        check(obj("cell", 0, "name=home", "net4=127.0.0.0/8", "net6=fe80::/64", NULL),
              WANT("net4: '127.0.0.0/8' is in loopback space", "net6: 'fe80::/64' is in link-local space", ));
        check(obj("cell", 0, "name=home", "net4=224.0.0.0/8", "net6=ff00::/8", NULL),
              WANT("'224.0.0.0/8' is in multicast", "'ff00::/8' is in multicast", ));
        check(obj("peer", 0, "name=anna", "key_mode=client", NULL), WANT("public_key: is required when", ));
        check(obj("peer", 0, "name=anna", "key_mode=client", "public_key=" KEY, NULL), WANT());
        check(obj("peer", 0, "name=anna", "key_mode=client", "public_key=" KEY, "private_key=YWI=", NULL),
              WANT("peer anna: key_mode: 'client' cannot be client", ));
        check(obj("peer", 0, "name=anna", "subnets=0.0.0.0/0,::/0,10.0.0.0/8,127.0.0.0/24", NULL),
              WANT("0.0.0.0/0 is a default route", "::/0 is a default route", "127.0.0.0/24 is in loopback", ));
        check(obj("peer", 0, "name=anna", "subnets=127.0.0.0/24", NULL),
              WANT("subnets: '127.0.0.0/24' is in loopback", )); /* not twice where it is alone */
        for (i = strlen(domain); i < 7 + 190; i++)
                domain[i] = i % 50 == 49 ? '.' : 'd';
        check(CELL(domain), WANT("is too long: with the cell's name", ));
}

static int set_and_check(void *data)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic_error *err = NULL;
        int r = pic__obj_new(PIC__PEER, &o, NULL);

        (void)data;
        if (r == 0)
                r = pic__obj_set(o, "access", "lan,peer:bob", 0, NULL);
        if (r == 0)
                r = pic__obj_set(o, "nmae", "x", 0, &err) == PIC_NOTFOUND ? 0 : PIC_NOMEM;
        pic_error_free(err);
        err = NULL;
        if (r == 0) {
                r = pic__obj_check(o, &err);
                assert_int_equal(pic_error_code(err), r);
                assert_true(r == PIC_VALUE || r == PIC_NOMEM);
                r = r == PIC_VALUE ? 0 : r;
        }
        pic_error_free(err);
        return r;
}

static void memory(void **state)
{
        (void)state;
        out_of_memory(set_and_check, NULL);
}

RUN(T(setting), T(numbers), T(checking), T(memory))
