/* Shows: what is wrong between objects is found, named and reported all at once. */
#include "help.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY2 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHho="

static pic__snap *home(void)
{
        pic__snap *s = snap();

        put(s, CELL("public_key=" KEY2));
        put(s, obj("group", 1, "name=kids", NULL));
        put(s, obj("peer", 1, "name=anna", "address4=10.1.0.2", "address6=fd00:1::2", "public_key=" KEY, NULL));
        return s;
}

/* Checks `o` (freed) against home: code and texts that must be said. */
static void finds(pic_obj *o, int code, const char *const *want)
{
        pic__snap *s = home();
        pic__auto_err pic_error *err = NULL;
        size_t n = 0;

        assert_int_equal(pic__snap_check(s, o, &err), code);
        assert_int_equal(pic_error_code(err), code);
        for (; want[n] != NULL; n++)
                if (!says(err, want[n]))
                        fail_msg("'%s' is not said, but '%s'", want[n], pic_error_message(err));
        assert_int_equal(pic__err_count(err), n);
        assert_int_equal(pic__snap_check(s, o, NULL), code);
        pic__obj_unref(o);
        pic__snap_unref(s);
}

#define WANT(...) ((const char *const[]){ __VA_ARGS__ NULL })

static void addresses(void **state)
{
        (void)state;
        finds(obj("peer", 2, "name=bob", "address4=10.1.0.3", "address6=fd00:1::3", NULL), 0, WANT());
        finds(obj("peer", 2, "name=bob", "address4=10.2.0.3", "address6=fd00:2::3", NULL), PIC_VALUE,
              WANT("peer bob: address4: '10.2.0.3' is outside the cell's network 10.1.0.0/16",
                   "is outside the cell's network fd00:1::/48", ));
        finds(obj("peer", 2, "name=bob", "address4=10.1.0.0", "address6=fd00:1::", NULL), PIC_VALUE,
              WANT("'10.1.0.0' is the address of the network itself",
                   "'fd00:1::' is the address of the network itself", ));
        finds(obj("peer", 2, "name=bob", "address4=10.1.255.255", "address6=fd00:1:0:ffff:ffff:ffff:ffff:ffff", NULL),
              PIC_VALUE, WANT("'10.1.255.255' is the broadcast address", ));
        finds(obj("peer", 2, "name=bob", "address4=10.1.0.1", "address6=fd00:1::1", NULL), PIC_VALUE,
              WANT("'10.1.0.1' is the cell's own address", "'fd00:1::1' is the cell's own address", ));
        finds(obj("peer", 2, "name=bob", "address4=10.1.0.2", "address6=fd00:1::2", NULL), PIC_EXISTS,
              WANT("'10.1.0.2' is taken by peer anna", "'fd00:1::2' is taken by peer anna", ));
        finds(obj("peer", 1, "name=anna", "address4=10.1.0.2", NULL), 0, WANT()); /* by itself */
}

static void names_and_keys(void **state)
{
        (void)state;
        finds(obj("peer", 2, "name=ANNA", NULL), PIC_EXISTS, WANT("name: 'ANNA' is the name of another peer", ));
        finds(obj("group", 2, "name=Kids", NULL), PIC_EXISTS, WANT("name: 'Kids' is the name of another group", ));
        finds(obj("group", 2, "name=anna", NULL), 0, WANT());
        finds(obj("peer", 2, "name=bob", "public_key=" KEY, NULL), PIC_EXISTS, WANT("is taken by peer anna", ));
        finds(obj("peer", 2, "name=bob", "public_key=" KEY2, NULL), PIC_EXISTS, WANT("is the cell's own key", ));
}

static void references(void **state)
{
        pic__snap *s = home();
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("group", 2, "name=x", "access=peer:ana", NULL);
        pic__auto_err pic_error *err = NULL;

        (void)state;
        finds(obj("peer", 2, "name=bob", "groups=kids", "access=peer:anna,group:kids,peer:bob", NULL), 0, WANT());
        finds(obj("group", 2, "name=x", "access=group:x", NULL), 0, WANT());
        finds(obj("peer", 2, "name=bob", "groups=kid", "access=peer:nobody,service:calendar", NULL), PIC_NOTFOUND,
              WANT("groups: 'kid' is no group of this cell", "access: 'nobody' is no peer of this cell",
                   "access: 'calendar' is no service of this cell", ));
        assert_int_equal(pic__snap_check(s, o, &err), PIC_NOTFOUND);
        assert_string_equal(pic_error_hint(err), "did you mean 'anna'?");
        assert_string_equal(pic_error_detail(err, "field"), "access");
        assert_string_equal(pic_error_detail(err, "value"), "ana");
        assert_string_equal(pic_error_detail(err, "object"), "group x");
        assert_string_equal(pic_error_detail(err, "rule"), "is no peer of this cell");
        pic__snap_unref(s);
}

/* A new network for the cell is checked against everybody. */
static void whole_cell(void **state)
{
        (void)state;
        finds(obj("cell", 1, "name=home", "net4=10.1.0.0/16", "net6=fd00:1::/48", NULL), 0, WANT());
        finds(obj("cell", 1, "name=home", "net4=10.9.0.0/16", "net6=fd00:9::/48", NULL), PIC_VALUE,
              WANT("peer anna: address4: '10.1.0.2' is outside the cell's network 10.9.0.0/16",
                   "is outside the cell's network fd00:9::/48", ));
        finds(obj("cell", 1, "name=home", "net4=10.1.0.0/16", "net6=fd00:1::/48", "public_key=" KEY, NULL), PIC_EXISTS,
              WANT("is the cell's own key", ));
        finds(NULL, 0, WANT());
}

static void capacity_and_limits(void **state)
{
        pic__snap *s = snap();
        pic__auto_err pic_error *err = NULL;
        int i;

        (void)state;
        assert_int_equal(pic__snap_check(s, NULL, NULL), 0); /* nothing is not wrong */
        put(s, obj("cell", 1, "name=home", "net4=10.1.0.0/29", "net6=fd00:1::/125", NULL));
        for (i = 1; i <= 5; i++) {
                char name[32];

                snprintf(name, sizeof(name), "name=p%d", i);
                put(s, obj("peer", i, name, NULL));
        }
        assert_int_equal(pic__snap_check(s, NULL, NULL), 0);
        put(s, obj("peer", 6, "name=p6", NULL));
        assert_int_equal(pic__snap_check(s, NULL, &err), PIC_CONFLICT);
        assert_true(says(err, "net4: '10.1.0.0/29' has room for 5 devices, but there are 6"));
        assert_int_equal(pic__err_count(err), 1);
        put(s, CELL("mtu=1400"));
        for (i = 1; i <= 200; i++) {
                char name[32];

                snprintf(name, sizeof(name), "name=p%d", i);
                put(s, obj("peer", i, name, "address4=10.7.0.1", NULL));
        }
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__snap_check(s, NULL, &err), PIC_VALUE);
        assert_int_equal(pic__err_count(err), 51);
        assert_true(says(err, "and 350 findings more"));
        pic__snap_unref(s);
}

static int check_bad(void *data)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        pic_error *err = NULL;
        int r = pic__obj_edit(pic__snap_get(data, PIC__PEER, 1), &o, NULL);

        if (r == 0) {
                o->id = 9;
                r = pic__obj_set(o, "access", "peer:ann", 0, NULL);
        }
        if (r == 0)
                r = pic__obj_set(o, "subnets", "10.1.2.0/24", 0, NULL);
        if (r == 0) {
                r = pic__snap_check(data, o, &err);
                assert_int_equal(r, pic_error_code(err));
                assert_true(r == PIC_EXISTS || r == PIC_NOMEM);
                r = r == PIC_EXISTS ? 0 : r;
        }
        pic_error_free(err);
        return r;
}

static void memory(void **state)
{
        pic__snap *s = home();

        (void)state;
        out_of_memory(check_bad, s);
        pic__snap_unref(s);
}

static void assertions(void **state)
{
        (void)state;
        finds(obj("assertion", 1, "name=a", "rule=never group:kids -> peer:anna", NULL), 0, WANT());
        finds(obj("assertion", 1, "name=a", "rule=never group:kid -> service:mail", NULL), PIC_NOTFOUND,
              WANT("assertion a: rule: 'kid' is no group of this cell", "rule: 'mail' is no service of this cell", ));
}

RUN(T(assertions), T(addresses), T(names_and_keys), T(references), T(whole_cell), T(capacity_and_limits), T(memory))
