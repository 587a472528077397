/* Shows: what a target may be, whom the cell knows by its host, which service has an address, and what no two may have.
 */
#include "help.h"

#include "model/service.h"

static void targets(void **state)
{
        static const struct {
                const char *text, *host;
                int port, tls;
        } good[] = {
                { "http://192.168.1.10:8080", "192.168.1.10", 8080, 0 },
                { "https://NAS.lan", "nas.lan", 443, 1 },
                { "http://nas/", "nas", 80, 0 },
                { "https://[fd00::5]:8443", "fd00::5", 8443, 1 },
                { "HTTP://[fd00::5]", "fd00::5", 80, 0 },
                { "http://127.0.0.1:65535", "127.0.0.1", 65535, 0 },
        };
        static const char *const bad[] = {
                "",
                "nas",
                "ftp://nas",
                "http://",
                "http://nas:0",
                "http://nas:70000",
                "http://:1",
                "http://a b",
                "http://nas/path",
                "http://nas?x",
                "http://[fd00::5",
                "http://fd00::5",
                "http://[1.2.3.4]:1",
                "http://10.0.0.256",
                "http://u@nas",
                "http://nas:80:80",
                "http://[fd00::5]x",
                "http://-x",
        };
        const char *rule;
        pic__target t;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++) {
                assert_int_equal(pic__target_parse(good[i].text, &t, &rule), 0);
                assert_string_equal(t.host, good[i].host);
                assert_int_equal(t.port, good[i].port);
                assert_int_equal(t.tls, good[i].tls);
        }
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (pic__target_parse(bad[i], &t, &rule) == 0 || rule == NULL)
                        fail_msg("%s", bad[i]);
}

static void by_itself(void **state)
{
        static const struct {
                const char *name, *target, *verify, *want;
        } all[] = {
                { "name=nas", "target=http://192.168.1.10", "verify=no", NULL },
                { "name=nas", "target=https://nas.lan", "verify=yes", NULL },
                { "name=nas", "target=https://192.168.1.10", "verify=yes", "must have a name when its certificate" },
                { "name=nas", "target=http://0.0.0.0", "verify=no", "leads nowhere" },
                { "name=nas", "target=http://[ff02::1]", "verify=no", "leads nowhere" },
                { "name=nas", "target=http://[fe80::1]", "verify=no", "leads nowhere" },
                { "name=my_nas", "target=http://192.168.1.10", "verify=no", "must be a host name" },
                { "name=nas", "target=192.168.1.10", "verify=no", "must be http://" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic_obj *o = obj("service", 1, all[i].name, all[i].target, all[i].verify, NULL);
                pic__auto_err pic_error *err = NULL;
                int r = pic__obj_check(o, &err);

                if ((all[i].want == NULL) != (r == 0) || (all[i].want != NULL && !says(err, all[i].want)))
                        fail_msg("%s: %s", all[i].target, pic_error_message(err));
                pic__obj_unref(o);
        }
}

static pic__snap *home(void)
{
        pic__snap *s = snap();

        put(s, CELL("ca_certificate=x"));
        put(s, obj("peer", 1, "name=anna", "address4=10.1.0.2", "address6=fd00:1::2", NULL));
        put(s, obj("peer", 2, "name=off", "address4=10.1.0.3", "enabled=no", NULL));
        put(s, obj("record", 1, "name=nas", "addresses=192.168.1.10", NULL));
        put(s, obj("record", 2, "name=files", "cname=nas", NULL));
        put(s, obj("record", 3, "name=phone", "cname=anna", NULL));
        put(s, obj("record", 4, "name=loop", "cname=loop2", NULL));
        put(s, obj("record", 5, "name=loop2", "cname=loop", NULL));
        put(s, obj("service", 1, "name=tv", "target=http://127.0.0.1:8096", "address4=10.1.0.9", "address6=fd00:1::9",
                   "door=3", NULL));
        put(s, obj("service", 2, "name=old", "target=http://nas", "address4=10.1.0.8", "enabled=no", NULL));
        return s;
}

static void whom(void **state)
{
        static const char *const all[][2] = {
                { "http://10.9.9.9", "10.9.9.9" },
                { "http://localhost:8", "127.0.0.1" },
                { "http://anna", "10.1.0.2" },
                { "http://anna.home.internal", "10.1.0.2" },
                { "http://nas", "192.168.1.10" },
                { "http://files.home.internal", "192.168.1.10" },
                { "http://phone:8080", "10.1.0.2" },
                { "http://off", NULL },
                { "http://loop", NULL },
                { "http://nobody", NULL },
                { "http://nas.example.org", NULL },
        };
        pic__snap *s = home();
        char text[PIC__ADDR_TEXT];
        const char *rule;
        pic__target t;
        pic__addr a;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                int there;

                assert_int_equal(pic__target_parse(all[i][0], &t, &rule), 0);
                there = pic__target_find(s, &t, &a);
                if (there != (all[i][1] != NULL) || (there && strcmp(pic__addr_print(&a, text), all[i][1]) != 0))
                        fail_msg("%s: %s", all[i][0], there ? text : "nobody");
        }
        assert_int_equal(pic__addr_parse("fd00:1::9", &a), 0);
        assert_string_equal(pic__obj_name(pic__service_at(s, &a)), "tv");
        assert_int_equal(pic__service_door(pic__service_at(s, &a)), PIC__SERVICE_DOORS + 2);
        assert_true(pic__service_on(s, pic__service_at(s, &a)));
        assert_int_equal(pic__addr_parse("10.1.0.8", &a), 0);
        assert_false(pic__service_on(s, pic__service_at(s, &a)));
        assert_int_equal(pic__service_door(pic__service_at(s, &a)), 0);
        assert_int_equal(pic__addr_parse("10.1.0.2", &a), 0);
        assert_null(pic__service_at(s, &a));
        put(s, CELL("ca_certificate=x", "front=no"));
        assert_false(pic__front_on(pic__snap_cell(s)));
        pic__snap_unref(s);
}

static void finds(pic_obj *o, int code, const char *want)
{
        pic__auto_err pic_error *err = NULL;
        pic__snap *s = home();
        int r;

        put(s, pic__obj_ref(o));
        r = pic__snap_check(s, o, &err);
        if (r != code || (want != NULL && !says(err, want)))
                fail_msg("%d %s, not %s", r, pic_error_message(err), want != NULL ? want : "well");
        pic__obj_unref(o);
        pic__snap_unref(s);
}

static void among_others(void **state)
{
        (void)state;
#define NEW(...) obj("service", 9, "name=new", __VA_ARGS__, NULL)
        finds(NEW("target=http://nas", "address4=10.1.0.20", "address6=fd00:1::20"), 0, NULL);
        finds(NEW("target=http://nas", "address4=10.1.0.2"), PIC_EXISTS, "is taken by peer anna");
        finds(NEW("target=http://nas", "address6=fd00:1::9"), PIC_EXISTS, "is taken by service tv");
        finds(NEW("target=http://nas", "address4=10.1.0.1"), PIC_VALUE, "is the cell's own address");
        finds(NEW("target=http://nas", "address4=10.2.0.1"), PIC_VALUE, "is outside the cell's network");
        finds(NEW("target=http://tv"), PIC_VALUE, "leads back to the cell's own front");
        finds(NEW("target=http://10.1.0.9:443"), PIC_VALUE, "leads back to the cell's own front");
        finds(NEW("target=http://home.internal"), PIC_VALUE, "leads back to the cell's own front");
        finds(obj("service", 9, "name=anna", "target=http://nas", NULL), PIC_EXISTS, "is the name of a device");
        finds(obj("service", 9, "name=nas", "target=http://anna", NULL), PIC_EXISTS, "is the name of a record");
        finds(obj("service", 9, "name=TV", "target=http://anna", NULL), PIC_EXISTS, "is the name of another service");
        finds(obj("peer", 9, "name=tv", "address4=10.1.0.30", NULL), PIC_EXISTS, "is the name of a service");
        finds(obj("peer", 9, "name=x", "address4=10.1.0.9", NULL), PIC_EXISTS, "is taken by service tv");
        finds(obj("peer", 9, "name=x", "address4=10.1.0.30", "access=service:tv", NULL), 0, NULL);
        finds(obj("peer", 9, "name=x", "address4=10.1.0.30", "access=service:none", NULL), PIC_NOTFOUND,
              "'none' is no service of this cell");
#undef NEW
}

RUN(T(targets), T(by_itself), T(whom), T(among_others))
