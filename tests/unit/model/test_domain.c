/* Shows: what each mode needs and cannot use is told by name, with a hint; which names a domain has; what name servers
 * are told reads back, and nothing else does. */
#include "help.h"

#include "model/domain.h"

static void judged(void **state)
{
        static const struct {
                const char *fields[6];
                const char *words; /* of the message; NULL: fine */
        } all[] = {
                { { "name=home.example.org", "mode=http01" }, NULL },
                { { "name=home.example.org", "mode=http01", "server=x" },
                  "server: does not go with mode http01: only" },
                { { "name=home.example.org", "mode=http01", "ddns=yes" }, "ddns: does not go with mode http01" },
                { { "name=home.example.org", "mode=cloudflare" }, "token: is required for mode cloudflare" },
                { { "name=home.example.org", "mode=cloudflare", "enabled=no" }, NULL },
                { { "name=home.example.org", "mode=cloudflare", "token=AAAA", "zone=example.org" }, NULL },
                { { "name=home.example.org", "mode=cloudflare", "token=AAAA", "zone=ample.org" }, "zone: " },
                { { "name=home.duckdns.org", "mode=duckdns", "token=AAAA" }, NULL },
                { { "name=home.example.org", "mode=duckdns", "token=AAAA" }, "must end in .duckdns.org" },
                { { "name=a.b.duckdns.org", "mode=duckdns", "token=AAAA" }, "must end in .duckdns.org" },
                { { "name=home.example.org", "mode=duckdns", "token=AAAA", "server=127.0.0.1:44" }, NULL },
                { { "name=home.pic.ngo", "mode=pic_ngo" }, NULL },
                { { "name=home.example.org", "mode=pic_ngo" }, "must end in .pic.ngo" },
                { { "name=home.example.org", "mode=rfc2136", "key=AAAA" }, "server: is required for mode rfc2136" },
                { { "name=home.example.org", "mode=rfc2136", "key=AAAA", "server=[fd00::1]:5353" }, NULL },
                { { "name=home.example.org", "mode=rfc2136", "key=AAAA", "server=fd00::1" }, NULL },
                { { "name=home.example.org", "mode=rfc2136", "key=AAAA", "server=https://a/" }, "must be HOST or" },
                { { "name=home.example.org", "mode=dyndns2", "server=a.example", "user=u", "password=AAAA" }, NULL },
                { { "name=home.example.org", "mode=dyndns2", "server=a.example", "user=u:", "password=AAAA" },
                  "must not have ':'" },
                { { "name=home.example.org", "mode=url", "url=https://a.example/u?n={name}&i={ip4}" }, NULL },
                { { "name=home.example.org", "mode=url", "url=http://a.example/{ip}" },
                  "must be an address of the web" },
                { { "name=home.example.org", "mode=url", "url=https://a.example/{ip" }, "nobody fills" },
                { { "name=home.example.org", "mode=url", "url=https://a.example/{mine}" }, "nobody fills" },
                { { "name=home.example.org", "mode=url", "url=https://u:p@a.example/{ip}" }, "must not have a user" },
                { { "name=home.example.org", "mode=url", "url=https://a.example/u@b?{ip}" }, NULL },
                { { "name=home.example.org", "mode=url", "url=https://a.example/{token}" }, "token: is required" },
                { { "name=home.example.org", "mode=exec", "script=/usr/local/sbin/dns" }, NULL },
                { { "name=home.example.org", "mode=exec", "script=dns" }, "must be the whole path" },
                { { "name=home.example.org", "mode=exec", "script=/usr/../bin/x" }, "must be the whole path" },
                { { "name=home.example.org", "mode=http01", "acme=ftp://a" }, "acme: " },
                { { "name=home.example.org", "mode=http01", "acme=https://a/d", "acme_fallback=https://a/d" },
                  "is the same as acme" },
                { { "name=home.example.org", "mode=http01", "email=nobody" }, "must be an address of mail" },
                { { "name=home.example.org", "mode=http01", "email=-h/bin/sh@x" }, "must be an address of mail" },
        };
        size_t i, k;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic_obj *o = obj("domain", 1, NULL);
                pic__auto_err pic_error *err = NULL;

                for (k = 0; k < 6 && all[i].fields[k] != NULL; k++) {
                        char name[32];
                        const char *equals = strchr(all[i].fields[k], '=');

                        snprintf(name, sizeof(name), "%.*s", (int)(equals - all[i].fields[k]), all[i].fields[k]);
                        assert_int_equal(pic__obj_set(o, name, equals + 1, 1, NULL), 0);
                }
                (void)pic__obj_check(o, &err);
                if (all[i].words == NULL ? err != NULL : err == NULL || !says(err, all[i].words))
                        fail_msg("%zu: %s", i, err != NULL ? pic_error_message(err) : "nothing was found");
                pic__obj_unref(o);
        }
}

static void name_itself(void **state)
{
        static const char *const good[][2] = { { "Home.Example.org.", "home.example.org" },
                                               { "xn--bcher-kva.example", "xn--bcher-kva.example" } };
        static const char *const bad[] = { "home", "*.example.org", "10.1.0.1",          "a..b",
                                           "-a.b", "a_b.example",   "b\xc3\xbc.example", "a.b/c" };
        pic_obj *o = obj("domain", 1, NULL);
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++) {
                assert_int_equal(pic__obj_set(o, "name", good[i][0], 0, NULL), 0);
                assert_string_equal(pic__obj_name(o), good[i][1]);
        }
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (pic__obj_set(o, "name", bad[i], 0, NULL) != PIC_VALUE)
                        fail_msg("%s", bad[i]);
        pic__obj_unref(o);
}

static void what_is_below(void **state)
{
        pic_obj *wild = obj("domain", 1, "name=home.example.org", "mode=duckdns", NULL);
        pic_obj *plain = obj("domain", 1, "name=home.example.org", "mode=http01", NULL);

        (void)state;
        assert_true(pic__domain_has(wild, "home.example.org") && pic__domain_has(plain, "home.example.org."));
        assert_true(pic__domain_has(wild, "*.home.example.org") && !pic__domain_has(plain, "*.home.example.org"));
        assert_true(pic__domain_has(wild, "a.b.home.example.org") && !pic__domain_has(plain, "a.home.example.org"));
        assert_false(pic__domain_has(wild, "myhome.example.org") || pic__domain_has(wild, "example.org"));
        assert_true(pic__domain_publishes(wild) && !pic__domain_publishes(plain));
        assert_int_equal(pic__obj_set(wild, "ddns", "no", 0, NULL), 0);
        assert_false(pic__domain_publishes(wild));
        assert_int_equal(pic__obj_set(wild, "enabled", "no", 0, NULL), 0);
        assert_false(pic__domain_is_wild(wild));
        pic__obj_unref(wild);
        pic__obj_unref(plain);
}

static void told(void **state)
{
        static const char *const bad[] = { "",
                                           "a.b",
                                           "a.b/",
                                           "/10.1.0.1",
                                           "a.b/x",
                                           "a.b/10.1.0.1+",
                                           "a.b/10.1.0.1/tame",
                                           "a.b/10.1.0.1 c",
                                           "a.b\"/10.1.0.1",
                                           "a.b/1.1.1.1+1.1.1.1+1.1.1.1+1.1.1.1+1.1.1.1" };
        pic__public p;
        size_t i;

        (void)state;
        assert_int_equal(pic__public_parse("home.example.org/10.1.0.1+fd00::1/wild", &p), 0);
        assert_string_equal(p.name, "home.example.org");
        assert_true(p.wild && p.count == 2 && p.at[0].family == 4 && p.at[1].family == 6);
        assert_int_equal(pic__public_parse("home.example.org/10.1.0.1", &p), 0);
        assert_true(!p.wild && p.count == 1);
        for (i = 0; i < PIC__COUNT(bad); i++)
                if (pic__public_parse(bad[i], &p) == 0)
                        fail_msg("%s", bad[i]);
}

static void modes(void **state)
{
        const pic__mode *m;
        size_t i, count = 0;

        (void)state;
        for (i = 0; (m = pic__domain_mode_at(i)) != NULL; i++) {
                count++;
                assert_true(pic__mode_has(m, "name") && pic__mode_has(m, "email"));
                assert_int_equal(pic__mode_has(m, "ddns"), (m->can & PIC__MODE_PUBLISHES) != 0);
        }
        assert_int_equal(count, 8);
}

static void servers(void **state)
{
        char host[256];
        unsigned port;

        (void)state;
        assert_int_equal(pic__domain_server("ns1.example.org:5353", host, &port), 0);
        assert_true(strcmp(host, "ns1.example.org") == 0 && port == 5353);
        assert_int_equal(pic__domain_server("fd00::1", host, &port), 0);
        assert_true(strcmp(host, "fd00::1") == 0 && port == 0);
        assert_true(pic__domain_server("a/b", host, &port) < 0 && pic__domain_server("a:0", host, &port) < 0);
}

RUN(T(modes), T(judged), T(name_itself), T(what_is_below), T(told), T(servers))
