/* Shows: who points at an address or a name is found without looking at all, through changes and without memory; names
 * that two would answer to, aliases in circles and aliases that lead out are found. */
#include "help.h"

#include "model/domain.h"

static void pointing(const pic__snap *s, const char *key, const char *want)
{
        char got[100] = "";
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next_pointing(s, key, &at)) != NULL) {
                strncat(got, pic__obj_name(o), sizeof(got) - strlen(got) - 2);
                strncat(got, " ", sizeof(got) - strlen(got) - 2);
        }
        assert_string_equal(got, want);
}

static void index_follows(void **state)
{
        pic__snap *s = snap();

        (void)state;
        put(s, CELL("mtu=1400"));
        put(s, obj("record", 2, "name=b", "addresses=10.0.0.1,fd00::1", NULL));
        put(s, obj("record", 1, "name=a", "addresses=10.0.0.1", NULL));
        put(s, obj("record", 3, "name=c", "cname=b", NULL));
        pointing(s, "10.0.0.1", "a b ");
        pointing(s, "fd00::1", "b ");
        pointing(s, ">b", "c ");
        pointing(s, "10.0.0.2", "");
        put(s, obj("record", 2, "name=b", "addresses=fd00::1", NULL));
        pointing(s, "10.0.0.1", "a ");
        pointing(s, "fd00::1", "b ");
        put(s, obj("record", 3, "name=c", "txt=x", NULL));
        pointing(s, ">b", "");
        pic__snap_drop(s, PIC__RECORD, 1);
        pointing(s, "10.0.0.1", "");
        pic__snap_unref(s);
}

static void no_memory(void **state)
{
        unsigned long n;
        int r = -1;

        (void)state;
        for (n = 1; r < 0 && n < 60; n++) {
                pic__snap *s = snap();
                pic_obj *o = obj("record", 2, "name=b", "addresses=10.0.0.1,fd00::1", NULL);

                put(s, obj("record", 2, "name=b", "addresses=10.0.0.9", NULL));
                pic__mem_fail_at(n);
                r = pic__snap_put(s, o, NULL);
                pic__mem_fail_at(0);
                pointing(s, "10.0.0.9", r < 0 ? "b " : "");
                pointing(s, "fd00::1", r < 0 ? "" : "b ");
                pic__obj_unref(o);
                pic__snap_unref(s);
        }
        assert_int_equal(r, 0);
        assert_true(n > 3);
}

static void finds(pic_obj *o, int code, const char *want)
{
        pic__snap *s = snap();
        pic__auto_err pic_error *err = NULL;
        int r;

        put(s, CELL("mtu=1400"));
        put(s, obj("peer", 1, "name=Anna", "address4=10.1.0.2", NULL));
        put(s, obj("record", 1, "name=nas", "addresses=192.168.1.10", NULL));
        put(s, obj("record", 2, "name=www", "cname=nas", NULL));
        put(s, obj("record", 3, "name=loop", "cname=me", NULL));
        put(s, o);
        r = pic__snap_check(s,
                            pic__snap_get(s, PIC__RECORD, 9) != NULL ? pic__snap_get(s, PIC__RECORD, 9)
                                                                     : pic__snap_get(s, PIC__PEER, 9),
                            &err);
        assert_int_equal(r, code);
        if (want != NULL && !says(err, want))
                fail_msg("%s", pic_error_message(err));
        pic__snap_unref(s);
}

static void checks(void **state)
{
        (void)state;
        finds(obj("record", 9, "name=new", "addresses=10.9.9.9", NULL), 0, NULL);
        finds(obj("record", 9, "name=anna", "txt=x", NULL), PIC_EXISTS,
              "record anna: name: 'anna' is the name of a device");
        finds(obj("peer", 9, "name=NAS", "address4=10.1.0.3", NULL), PIC_EXISTS,
              "peer NAS: name: 'NAS' is the name of a record");
        finds(obj("record", 9, "name=nas", "txt=x", NULL), PIC_EXISTS, "is the name of another record");
        finds(obj("record", 9, "name=w3", "cname=www.home.internal.", NULL), 0, NULL);
        finds(obj("record", 9, "name=w3", "cname=gone", NULL), 0, NULL); /* it may come later */
        finds(obj("record", 9, "name=out", "cname=www.example.org.", NULL), PIC_VALUE, "leads out of the cell's zone");
        finds(obj("record", 9, "name=me", "cname=loop", NULL), PIC_VALUE, "leads in a circle");
        finds(obj("record", 9, "name=nas.home.internal", "addresses=192.168.1.9", NULL), PIC_VALUE,
              "did you mean nas?");
}

static void forwards(void **state)
{
        static const struct {
                const char *name, *servers, *want;
                int code;
        } all[] = { { "name=corp.example", "servers=192.168.1.1", NULL, 0 },
                    { "name=internal", "servers=192.168.1.1", NULL, 0 },
                    { "name=home.internal", "servers=192.168.1.1", "is in the cell's own zone", PIC_CONFLICT },
                    { "name=lab.home.internal", "servers=192.168.1.1", "is in the cell's own zone", PIC_CONFLICT },
                    { "name=corp.example", "servers=192.168.1.1,10.1.0.1", "it would ask itself", PIC_VALUE } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__auto_err pic_error *err = NULL;
                pic__snap *s = snap();

                put(s, CELL("mtu=1400"));
                put(s, obj("forward", 9, all[i].name, all[i].servers, NULL));
                assert_int_equal(pic__snap_check(s, pic__snap_get(s, PIC__FORWARD, 9), &err), all[i].code);
                if (all[i].want != NULL && !says(err, all[i].want))
                        fail_msg("%s", pic_error_message(err));
                pic__snap_unref(s);
        }
}

/* The cell's zone may be a public name; what stands in it is the zone's, and a name is not forwarded as well. */
static void domains(void **state)
{
        static const struct {
                const char *name;
                int found;
        } all[] = { { "name=home.example.org", 0 },
                    { "name=home.internal", 0 },
                    { "name=nas.home.internal", 1 },
                    { "name=corp.example", 1 },
                    { "name=x.corp.example", 0 } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__auto_err pic_error *err = NULL;
                pic__snap *s = snap();

                put(s, CELL("mtu=1400"));
                put(s, obj("forward", 1, "name=corp.example", "servers=192.168.1.1", NULL));
                put(s, obj("domain", 2, all[i].name, "mode=http01", NULL));
                assert_int_equal(pic__snap_check(s, NULL, &err) < 0, all[i].found);
                pic__snap_unref(s);
        }
}

static void too_many_domains(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__snap *s = snap();
        char name[32];
        int i;

        (void)state;
        put(s, CELL("mtu=1400"));
        for (i = 0; i < PIC__DOMAINS_MAX; i++) {
                snprintf(name, sizeof(name), "name=a%d.example.org", i);
                put(s, obj("domain", i + 1, name, "mode=http01", NULL));
        }
        assert_int_equal(pic__snap_check(s, NULL, &err), 0);
        put(s, obj("domain", i + 1, "name=b.example.org", "mode=http01", NULL));
        assert_int_equal(pic__snap_check(s, NULL, &err), PIC_CONFLICT);
        assert_true(says(err, "there may be 8"));
        pic__snap_unref(s);
}

RUN(T(domains), T(too_many_domains), T(forwards), T(index_follows), T(no_memory), T(checks))
