/* Shows: what each provider is asked and how its answer is judged, against stand-ins (tests/fixtures/providers.py) and,
 * for RFC 2136, a real BIND; that no secret is in a message; what fills an address to fetch; what nsupdate is told. */
#include "providers_world.h"

#include "model/domain.h"
#include "sys/child.h"
#include "sys/hash.h"

static providers web;
static int apart;

static int up(void **state)
{
        (void)state;
        assert_int_equal(pic__crypto_start(NULL), 0);
        apart = pw_apart(); /* ports are free there */
        pw_start(&web);
        return 0;
}

static int down(void **state)
{
        (void)state;
        pw_stop(&web);
        return 0;
}

static pic_obj *domain(const char *name, const char *mode, const char *const *more)
{
        pic_obj *o = NULL;
        char server[32];

        assert_int_equal(pic__obj_new(PIC__DOMAIN, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", name, 0, NULL), 0);
        assert_int_equal(pic__obj_set(o, "mode", mode, 0, NULL), 0);
        snprintf(server, sizeof(server), "127.0.0.1:%d", web.port);
        assert_int_equal(pic__obj_set(o, "server", server, 0, NULL), 0);
        for (; more != NULL && *more != NULL; more += 2)
                assert_int_equal(pic__obj_set(o, more[0], more[1], 1, NULL), 0);
        return o;
}

static pic__provider_keys keys_of(const char *secret)
{
        pic__provider_keys k = {
                .secret = PIC__BUF_SECRET, .second = PIC__BUF_SECRET, .seed = { 1, 2, 3 }, .has_seed = 1
        };

        pic__buf_puts(&k.secret, secret);
        pic__buf_puts(&k.second, "to&ken");
        return k;
}

/* Until it is done: its code, and what was said or is wrong in `words`. */
static int publish(const pic_obj *o, const char *ip4, const char *ip6, const char *secret, char words[400])
{
        PIC__AUTO(pic__provider_keys_wipe) pic__provider_keys keys = keys_of(secret);
        const pic__provider_opts opts = {
                .domain = o, .ip4 = ip4, .ip6 = ip6, .by = &keys, .now = pic__clock_real.now(NULL)
        };
        pic__auto_err pic_error *err = NULL;
        pic__provider *d = NULL;
        int r = pic__provider_start(&opts, &d, &err), turns;

        for (turns = 0; r == 0 && turns < 200; turns++) {
                struct pollfd p = { .fd = pic__provider_fd(d), .events = POLLIN };

                (void)poll(&p, 1, 1000);
                r = pic__provider_go_on(d, &err);
        }
        snprintf(words, 400, "%s | %s", d != NULL ? pic__provider_said(d) : "",
                 err != NULL ? pic_error_message(err) : "");
        pic__provider_unref(d);
        assert_null(strstr(words, "good-token"));
        assert_null(strstr(words, "pass word"));
        return r;
}

static void says(const pic_obj *o, const char *secret, int want, const char *what)
{
        char words[400];
        int r = publish(o, "198.51.100.7", "2001:db8::7", secret, words);

        if (r != want || strstr(words, what) == NULL)
                fail_msg("%s: %d, %s", pic__obj_text(o, "mode"), r, words);
}

static void duckdns(void **state)
{
        pic_obj *o = domain("home.duckdns.org", "duckdns", NULL);

        (void)state;
        says(o, "good-token", 1, "UPDATED");
        says(o, "good-token", 1, "OK 198.51.100.7 2001:db8::7 NOCHANGE");
        says(o, "bad token", PIC_DENIED, "KO: the token is wrong");
        pw_write(&web, "broken", "500");
        says(o, "good-token", PIC_BACKEND, "status 500");
        pw_remove(&web, "broken");
        pic__obj_unref(o);
}

static void dyndns2(void **state)
{
        static const char *const user[] = { "user", "anna", NULL };
        pic_obj *o = domain("home.example.org", "dyndns2", user), *other = domain("x.example.org", "dyndns2", user),
                *abused = domain("abused.example.org", "dyndns2", user);

        (void)state;
        says(o, "pass word", 1, "good 198.51.100.7,2001:db8::7");
        says(o, "pass word", 1, "nochg");
        says(o, "wrong", PIC_DENIED, "user or password is wrong");
        says(other, "pass word", PIC_NOTFOUND, "this account has no such name");
        says(abused, "pass word", PIC_DENIED, "updated too often");
        pic__obj_unref(o);
        pic__obj_unref(other);
        pic__obj_unref(abused);
}

static void cloudflare(void **state)
{
        static const char *const only6[] = { "families", "ipv6", NULL };
        pic_obj *o = domain("home.example.org", "cloudflare", NULL),
                *other = domain("home.example.com", "cloudflare", NULL);
        pic_obj *six = domain("home.example.org", "cloudflare", only6);
        char words[400];
        int asked;

        (void)state;
        says(o, "good-token", 1, "true");
        assert_int_equal(pw_asked(&web, "POST /client/v4"), 2);
        asked = pw_asked(&web, NULL);
        says(o, "good-token", 1, "2001:db8::7"); /* it stands: nothing is written */
        assert_int_equal(pw_asked(&web, "POST /client/v4") + pw_asked(&web, "PATCH"), 2);
        assert_int_equal(pw_asked(&web, NULL), asked + 4); /* two zones, two families */
        assert_int_equal(publish(o, "198.51.100.8", "", "good-token", words), 1);
        assert_int_equal(pw_asked(&web, "PATCH"), 1);
        assert_int_equal(pw_asked(&web, "DELETE"), 1);
        assert_int_equal(publish(six, "", "2001:db8::8", "good-token", words), 1); /* A stays as it is */
        assert_int_equal(pw_asked(&web, "PATCH"), 1);
        assert_int_equal(pw_asked(&web, "DELETE"), 1);
        says(o, "bad-token", PIC_DENIED, "status 403: Invalid access token: Bearer (secret)");
        says(other, "good-token", PIC_NOTFOUND, "no zone of home.example.com");
        pic__obj_unref(o);
        pic__obj_unref(other);
        pic__obj_unref(six);
}

static void pic_ngo(void **state)
{
        pic_obj *o = domain("home.pic.ngo", "pic_ngo", NULL), *taken = domain("taken.pic.ngo", "pic_ngo", NULL);

        (void)state;
        says(o, "", 1, "\"ipv4\": \"198.51.100.7\"");
        assert_int_equal(pw_asked(&web, "/v1/register"), 1);
        says(o, "GEZDGNBVGY3TQOJQ", 1, "ipv6");
        assert_int_equal(pw_asked(&web, "/v1/register"), 1);
        assert_int_equal(pw_asked(&web, "\"code\":\""), 1);
        says(taken, "", PIC_DENIED, "taken by another cell");
        says(o, "no base32!", PIC_VALUE, "no secret of one-time codes");
        pic__obj_unref(o);
        pic__obj_unref(taken);
}

/* Over TLS, by a name: only with whom the caller trusts. */
static void over_tls(void **state)
{
        char server[32], cert[128];
        const char *more[] = { "server", server, NULL };
        PIC__AUTO(pic__provider_keys_wipe) pic__provider_keys keys = keys_of("good-token");
        pic__provider_opts opts = { .ip4 = "198.51.100.7", .ip6 = "", .by = &keys };
        pic__auto_err pic_error *err = NULL;
        pic__provider *d = NULL;
        providers tls;
        pic_obj *o;
        int r, i;

        (void)state;
        pw_begin(&tls, 1);
        snprintf(server, sizeof(server), "localhost:%d", tls.port);
        snprintf(cert, sizeof(cert), "%s/cert", tls.dir);
        opts.domain = o = domain("home.duckdns.org", "duckdns", more);
        for (i = 0; i < 2; i++) {
                opts.ca_file = i > 0 ? cert : NULL;
                r = pic__provider_start(&opts, &d, NULL);
                while (r == 0) {
                        struct pollfd p = { .fd = pic__provider_fd(d), .events = POLLIN };

                        (void)poll(&p, 1, 1000);
                        r = pic__provider_go_on(d, i == 0 ? &err : NULL);
                }
                assert_int_equal(r, i == 0 ? PIC_BACKEND : 1);
                d = pic__provider_unref(d);
        }
        assert_string_equal(pic_error_message(err), "localhost: nobody vouches for its certificate");
        pic__obj_unref(o);
        pw_stop(&tls);
}

static void an_address(void **state)
{
        char url[100];
        const char *more[] = { "url", url, "user", "an na", NULL };
        pic_obj *o;

        (void)state;
        snprintf(url, sizeof(url),
                 "http://127.0.0.1:%d/set?n={name}&a={ip}&six={ip6}&u={user}&key={token}&p={password}", web.port);
        o = domain("home.example.org", "url", more);
        says(o, "pass word", 1, "seen");
        assert_int_equal(pw_asked(&web, "GET /set?n=home.example.org&a=198.51.100.7&six=2001:db8::7&u=an%20na&"
                                        "key=to%26ken&p=pass%20word"),
                         1);
        pw_write(&web, "broken", "401");
        says(o, "pass word", PIC_DENIED, "status 401");
        pw_remove(&web, "broken");
        pic__obj_unref(o);
}

static void a_program(void **state)
{
        char path[128], text[256];
        const char *more[] = { "script", path, NULL };
        pic_obj *o;

        (void)state;
        snprintf(path, sizeof(path), "%s/script", web.dir);
        snprintf(text, sizeof(text),
                 "#!/bin/sh\nread token\n[ \"$token\" = good-token ] || exit 7\necho \"$@\" $token\n");
        o = domain("home.example.org", "exec", more);
        says(o, "good-token", PIC_UNSUPPORTED, "is not there");
        pw_write(&web, "script", text);
        chmod(path, 0777);
        says(o, "good-token", PIC_DENIED, "others than root can write it");
        if (geteuid() == 0) {
                chmod(path, 0755);
                chmod(web.dir, 0700);
                says(o, "good-token", PIC_BACKEND, "ends with status");
                chmod(web.dir, 0755);
                says(o, "good-token", 1, "update home.example.org 198.51.100.7 2001:db8::7 (secret)");
                chmod(web.dir, 0777); /* another could be in its place by the time that it is run */
                says(o, "good-token", PIC_DENIED, web.dir);
                chmod(web.dir, 0755);
                says(o, "bad", PIC_BACKEND, "ends with status 7");
        }
        pic__obj_unref(o);
}

/* --- RFC 2136, with BIND -------------------------------------------------------------------------------------- */

#define SECRET "K2tf3TRrmE7TJd+m2NPBuw=="
#define NAMED 53053

static pid_t start_named(void)
{
        char text[1500], conf[128];
        pid_t pid;
        int i;

        snprintf(text, sizeof(text),
                 "key \"home-key\" { algorithm hmac-sha256; secret \"" SECRET "\"; };\n"
                 "key \"other\" { algorithm hmac-sha256; secret \"" SECRET "\"; };\n"
                 "options { directory \"%s\"; listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;\n"
                 "pid-file none; session-keyfile none; dnssec-validation no; };\ncontrols { };\n"
                 "zone \"example.org\" { type master; file \"%s/zone\"; update-policy { grant home-key name "
                 "home.example.org"
                 " A AAAA; }; };\n",
                 web.dir, NAMED, web.dir);
        pw_write(&web, "named.conf", text);
        pw_write(&web, "zone",
                 "$TTL 60\n@ SOA ns.example.org. root.example.org. 1 60 60 60 60\n@ NS ns\nns A 127.0.0.1\n");
        snprintf(conf, sizeof(conf), "%s/named.conf", web.dir);
        pid = fork();
        if (pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves none behind */
                (void)!freopen("/dev/null", "w", stdout);
                (void)!freopen("/dev/null", "w", stderr);
                execl("/usr/sbin/named", "named", "-f", "-n", "1", "-c", conf, (char *)NULL);
                _exit(127);
        }
        for (i = 0; i < 500; i++) {
                snprintf(text, sizeof(text),
                         "dig @127.0.0.1 -p %d +short +tries=1 +time=1 ns.example.org | grep -q 127", NAMED);
                if (system(text) == 0)
                        break;
                usleep(20000);
        }
        assert_true(i < 500);
        return pid;
}

static void rfc2136(void **state)
{
        char at[32], words[400], command[200];
        const char *more[] = { "server", at, NULL };
        pic_obj *o, *other;
        pid_t pid;

        (void)state;
        if (!apart || access("/usr/sbin/named", X_OK) != 0 || access("/usr/bin/nsupdate", X_OK) != 0)
                skip();
        snprintf(at, sizeof(at), "127.0.0.1:%d", NAMED);
        pid = start_named();
        o = domain("home.example.org", "rfc2136", more);
        other = domain("nas.example.org", "rfc2136", more);
        says(o, "hmac-sha256:home-key:" SECRET, 1, "");
        snprintf(command, sizeof(command),
                 "test \"$(dig @127.0.0.1 -p %d +short home.example.org A home.example.org AAAA | tr '\\n' ' ')\" = "
                 "'198.51.100.7 2001:db8::7 '",
                 NAMED);
        assert_int_equal(system(command), 0);
        assert_int_equal(publish(o, "198.51.100.8", "", "hmac-sha256:home-key:" SECRET, words), 1);
        snprintf(command, sizeof(command),
                 "test \"$(dig @127.0.0.1 -p %d +short home.example.org A home.example.org AAAA | tr '\\n' ' ')\" = "
                 "'198.51.100.8 '",
                 NAMED);
        assert_int_equal(system(command), 0);
        says(o, "hmac-sha256:home-key:AAAAAAAAAAAAAAAAAAAAAA==", PIC_DENIED, "the key's secret is wrong");
        says(o, "hmac-sha256:nobody:" SECRET, PIC_DENIED, "the name server knows no such key");
        says(o, "hmac-sha256:other:" SECRET, PIC_DENIED, "may not change this name");
        says(other, "hmac-sha256:home-key:" SECRET, PIC_DENIED, "may not change this name");
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        pic__obj_unref(o);
        pic__obj_unref(other);
}

static void what_nsupdate_is_told(void **state)
{
        static const char *const more[] = { "server", "[fd00::1]:5353", "zone", "example.org", NULL };
        pic_obj *o = domain("home.example.org", "rfc2136", more);
        PIC__AUTO(pic__provider_keys_wipe) pic__provider_keys keys = keys_of("hmac-sha512:a.b:AAAA");
        pic__provider_opts opts = { .domain = o, .ip4 = "198.51.100.7", .ip6 = "", .by = &keys };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        (void)state;
        assert_int_equal(pic__provider_nsupdate(&opts, &text, NULL), 0);
        assert_string_equal(text.data, "server fd00::1 5353\nkey hmac-sha512:a.b AAAA\nzone example.org.\n"
                                       "update delete home.example.org. A\nupdate delete home.example.org. AAAA\n"
                                       "update add home.example.org. 60 A 198.51.100.7\nsend\n");
        pic__buf_clear(&keys.secret);
        pic__buf_puts(&keys.secret, "AAAA");
        assert_int_equal(pic__provider_nsupdate(&opts, &text, NULL), PIC_VALUE);
        pic__obj_unref(o);
}

static void shown(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        (void)state;
        pic__provider_shown("bad token\tabcd1234 \x1b[31m\n\n and wxyz", "abcd1234", "wxyz", &out);
        assert_string_equal(out.data, "bad token (secret) \\x1b[31m and (secret)");
        pic__buf_clear(&out);
        pic__provider_shown("no /set?a=b%2Fc%3D%3D&b=b/c==", "b/c==", "", &out);
        assert_string_equal(out.data, "no /set?a=(secret)&b=(secret)");
        pic__buf_clear(&out);
        pic__provider_shown("could not create key from abc!!Z", "hmac-sha256:home:abc!!Z", "", &out); /* nsupdate's */
        assert_string_equal(out.data, "could not create key from (secret)");
        assert_int_equal(pic__provider_read_dyndns2("!yours", NULL), PIC_DENIED);
        assert_int_equal(pic__provider_read_dyndns2("goodness", NULL), PIC_BACKEND);
        assert_int_equal(pic__provider_read_dyndns2("", NULL), PIC_BACKEND);
        assert_int_equal(pic__provider_read_duckdns("<html>", NULL), PIC_BACKEND);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(over_tls),   cmocka_unit_test(duckdns), cmocka_unit_test(dyndns2),
                cmocka_unit_test(cloudflare), cmocka_unit_test(pic_ngo), cmocka_unit_test(an_address),
                cmocka_unit_test(a_program),  cmocka_unit_test(rfc2136), cmocka_unit_test(what_nsupdate_is_told),
                cmocka_unit_test(shown),
        };

        return cmocka_run_group_tests(tests, up, down);
}
