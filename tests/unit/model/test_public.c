/* Shows: what services are called below the cell's public names, which certificate is for such a name, and how many
 * names there may be. */
#include "help.h"

#include "model/public.h"

#define CERT(id, ...) put(s, obj("certificate", id, "issuer=acme", "chain=QUJD", "key=c2VhbGVk", __VA_ARGS__, NULL))
#define SERVICE(id, n) obj("service", id, n, "target=http://192.168.1.10", NULL)

static void names(void **state)
{
        pic__snap *s = snap();
        char name[PIC__PUBLIC_NAME];
        const pic_obj *nas;
        size_t at = 0;

        (void)state;
        put(s, CELL("domain=internal"));
        put(s, SERVICE(2, "name=Nas"));
        put(s, obj("domain", 3, "name=home.example.org", "mode=http01", NULL));
        put(s, obj("domain", 4, "name=off.example.org", "mode=http01", "enabled=no", NULL));
        put(s, obj("domain", 5, "name=nas.home.example.net", "mode=http01", NULL));
        put(s, obj("domain", 6, "name=home.example.net", "mode=http01", NULL));
        put(s, obj("domain", 7, "name=home.internal", "mode=http01", NULL));
        nas = pic__snap_get(s, PIC__SERVICE, 2);
        assert_int_equal(pic__public_next(s, nas, &at, name)->id, 3);
        assert_string_equal(name, "nas.home.example.org");
        assert_int_equal(pic__public_next(s, nas, &at, name)->id, 5);
        assert_string_equal(name, "nas.nas.home.example.net");
        assert_int_equal(pic__public_next(s, nas, &at, name)->id,
                         7); /* below the one before is a domain of that name */
        assert_string_equal(name, "nas.home.internal");
        assert_null(pic__public_next(s, nas, &at, name));
        assert_true(pic__public_is_zone(pic__snap_cell(s), pic__snap_get(s, PIC__DOMAIN, 7)));
        assert_false(pic__public_is_zone(pic__snap_cell(s), pic__snap_get(s, PIC__DOMAIN, 3)));
        assert_int_equal(pic__public_count(s), 10);
        put(s, obj("forward", 8, "name=nas.home.example.org", "servers=10.9.0.53", NULL));
        assert_false(pic__public_name(s, pic__snap_get(s, PIC__DOMAIN, 3), nas, name));
        pic__snap_unref(s);
}

static void certificates(void **state)
{
        pic__snap *s = snap();

        (void)state;
        assert_null(pic__public_cert(s, "nas.home.example.org"));
        CERT(10, "name=wide", "subjects=home.example.org,*.home.example.org");
        CERT(11, "name=gone", "subjects=nas.home.example.org", "revoked=yes");
        CERT(12, "name=front", "subjects=nas.home.example.org");
        put(s, obj("certificate", 13, "name=own", "issuer=own", "chain=QUJD", "key=c2VhbGVk",
                   "subjects=nas.home.example.org", NULL));
        assert_int_equal(pic__public_cert(s, "nas.home.example.org")->id, 10);
        assert_int_equal(pic__public_cert(s, "home.example.org")->id, 10);
        assert_null(pic__public_cert(s, "a.nas.home.example.org"));
        assert_null(pic__public_cert(s, "example.org"));
        assert_null(pic__public_cert(s, "org"));
        CERT(14, "name=exact", "subjects=tv.home.example.org,nas.home.example.org");
        assert_int_equal(pic__public_cert(s, "nas.home.example.org")->id, 14);
        pic__snap_unref(s);
}

static void too_many(void **state)
{
        pic__snap *s = snap();
        pic__auto_err pic_error *err = NULL;
        char text[32];
        int i;

        (void)state;
        put(s, CELL("domain=internal"));
        for (i = 0; i < 3; i++) {
                snprintf(text, sizeof(text), "name=d%d.example.org", i);
                put(s, obj("domain", 10 + i, text, "mode=http01", NULL));
        }
        for (i = 0; i < 84; i++) {
                snprintf(text, sizeof(text), "name=s%d", i);
                put(s, SERVICE(100 + i, text));
        }
        assert_int_equal(pic__public_count(s), 255);
        assert_int_equal(pic__snap_check(s, pic__snap_get(s, PIC__SERVICE, 183), &err), 0);
        put(s, SERVICE(184, "name=more"));
        assert_int_equal(pic__snap_check(s, pic__snap_get(s, PIC__SERVICE, 184), &err), PIC_CONFLICT);
        assert_true(says(err, "there may be 256 in all"));
        pic__snap_unref(s);
}

RUN(T(names), T(certificates), T(too_many))
