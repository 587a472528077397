/* The whole of it with real programs: uacme, pebble, BIND. A cell's certificates by http-01 (several names) and by
 * dns-01 (a wildcard, nsupdate with a TSIG key), a mode that is switched while the old certificate serves, a second CA,
 * a rehearsal, and that nothing is left behind: no record, no file, no key. */
#include "acme_world.h"

#include "acme_far.h"

#define KEY "hmac-sha256:home-key:K2tf3TRrmE7TJd+m2NPBuw=="

static acme_far far;
static char hook[512];
static int there;
static pid_t bind9;

static int begin(void **state)
{
        ssize_t n = readlink("/proc/self/exe", hook, sizeof(hook) - 64);

        (void)state;
        if (n > 0) {
                hook[n] = '\0';
                *strrchr(hook, '/') = '\0';
                strcat(hook, "/../bin/pic-acme-hook");
        }
        there = af_begin(&far);
        return 0;
}

static int end(void **state)
{
        (void)state;
        af_end(&bind9);
        af_finish(&far);
        return 0;
}

/* A name server for example.test that takes changes, in place of pebble-challtestsrv. */
static int start_bind(void)
{
        const char *const argv[] = { "named", "-f", "-c", "named.conf", NULL };
        const char *const ca[] = {
                "pebble", "-config", "pebble.json", "-dnsserver", "127.0.0.1:5355", "-strict", NULL
        };

        if (system("command -v named nsupdate dig >/dev/null") != 0 ||
            system("echo 'key home-key { algorithm hmac-sha256; secret \"K2tf3TRrmE7TJd+m2NPBuw==\"; }; options { "
                   "directory \".\"; listen-on port 5355 { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; "
                   "pid-file "
                   "none; session-keyfile \"s.key\"; }; controls { }; zone \"example.test\" { type primary; file "
                   "\"zone\"; allow-update { key home-key; }; };' >named.conf && printf '$TTL 60\\n@ SOA ns a 1 60 60 "
                   "60 "
                   "60\\n@ NS ns\\nns A 127.0.0.1\\n* A " ACME_OUTER "\\n@ A " ACME_OUTER
                   "\\n' >zone && chmod 777 .") != 0)
                return 0;
        bind9 = af_run(&far, "named.log", argv);
        af_end(&far.ca);
        far.ca = af_run(&far, "pebble.log", ca);
        return af_listens(5355) && af_listens(14000);
}

static void has_names(certs_world *w, const char *name, const char *want)
{
        char text[256];

        cw_text(w, PIC__CERTIFICATE, name, "subjects", text, sizeof(text));
        if (strcmp(text, want) != 0 && aw_entry(w, name) != NULL)
                fail_msg("%s: %s", text, aw_entry(w, name)->why != NULL ? aw_entry(w, name)->why : "not tried");
        assert_string_equal(text, want);
}

/* Of no file of the cell's directory a key can be read. */
static void no_keys(const certs_world *w)
{
        char command[256];

        snprintf(command, sizeof(command), "! grep -rl 'PRIVATE KEY' %s && ! ls -d %s/run/acme 2>/dev/null", w->c.dir,
                 w->c.dir);
        assert_int_equal(system(command), 0);
}

static void whole(void **state)
{
        static const char *const by_http[] = { "mode", "http01", "acme", ACME_DIRECTORY, NULL };
        static const char *const two[] = { "issuer", "acme", "names", "home.example.test.,www.home.example.test.",
                                           NULL };
        const pic__acme_opts opts = { .hook = hook };
        pic_error *err = NULL;
        pic__buf pem = PIC__BUF_INIT;
        certs_world w;

        (void)state;
        if (!there)
                skip();
        cell_make(&w.c);
        w.c.now = pic__clock_real.now(NULL);
        w.c.clock = pic__clock_fake(&w.c.now);
        aw_put(&w, PIC__DOMAIN, "home.example.test", by_http);
        aw_put(&w, PIC__CERTIFICATE, "home.example.test", two);
        aw_open(&w, &opts);
        aw_settle(&w);
        has_names(&w, "home.example.test", "home.example.test,www.home.example.test");
        if (pic__engine_cert_key(w.e, "home.example.test", "root", "cli", &pem, &err) < 0)
                fail_msg("%s", pic_error_message(err));
        assert_non_null(strstr(pic__buf_str(&pem), "PRIVATE KEY"));
        pic__buf_clear(&pem); /* and again: the cell serves it, so it stays */
        assert_int_equal(pic__engine_cert_key(w.e, "home.example.test", "root", "cli", &pem, NULL), 0);
        no_keys(&w);
        pic__buf_wipe(&pem);
        cw_drop(&w);
}

static void switched(void **state)
{
        static const char *const by_http[] = { "mode", "http01", "acme", ACME_DIRECTORY, NULL };
        static const char *const acme[] = { "issuer", "acme", NULL };
        static char sealed[1024];
        const char *by_dns[] = { "mode", "rfc2136", "server", "127.0.0.1:5355", "zone", "example.test",
                                 "key",  sealed,    NULL };
        const pic__acme_opts opts = { .hook = hook };
        char serial[128], again[128], *box = NULL;
        certs_world w;

        (void)state;
        if (!there || !start_bind())
                skip();
        cell_make(&w.c);
        w.c.now = pic__clock_real.now(NULL);
        w.c.clock = pic__clock_fake(&w.c.now);
        aw_put(&w, PIC__DOMAIN, "example.test", by_http);
        aw_put(&w, PIC__CERTIFICATE, "example.test", acme);
        aw_open(&w, &opts);
        aw_settle(&w);
        has_names(&w, "example.test", "example.test");
        cw_text(&w, PIC__CERTIFICATE, "example.test", "serial", serial, sizeof(serial));
        assert_int_equal(pic__secret_box(w.e->seals.public_key, PIC__DOMAIN, "key", KEY, &box, NULL), 0);
        snprintf(sealed, sizeof(sealed), "%s", box);
        pic__free(box);
        cell_set(&w.c, PIC__DOMAIN, "example.test", by_dns);
        aw_apply(&w);
        pic__engine_acme_turn(w.e);
        assert_non_null(w.e->acme->ask); /* under way: the old one is there */
        cw_text(&w, PIC__CERTIFICATE, "example.test", "serial", again, sizeof(again));
        assert_string_equal(serial, again);
        aw_settle(&w);
        has_names(&w, "example.test", "example.test,*.example.test");
        cw_text(&w, PIC__CERTIFICATE, "example.test", "serial", again, sizeof(again));
        assert_string_not_equal(serial, again);
        assert_int_equal(system("test -z \"$(dig +short -p 5355 @127.0.0.1 _acme-challenge.example.test TXT)\""), 0);
        no_keys(&w);
        cw_drop(&w);
}

/* A program that cannot reach one CA, and is uacme for the others. */
static const char *half_blind(void)
{
        static char path[128];
        FILE *f;

        snprintf(path, sizeof(path), "%s/half", far.dir);
        f = fopen(path, "w");
        fprintf(f,
                "#!/bin/sh\ncase \"$*\" in *ca.example*) echo 'uacme: nobody is there' >&2; exit 2;; esac\nexec uacme "
                "\"$@\"\n");
        fclose(f);
        chmod(path, 0755);
        chmod(far.dir, 0755);
        return path;
}

static void fail_twice(certs_world *w, const pic__acme_opts *opts, const char *const *domain)
{
        static const char *const acme[] = { "issuer", "acme", NULL };

        cell_make(&w->c);
        w->c.now = pic__clock_real.now(NULL);
        w->c.clock = pic__clock_fake(&w->c.now);
        aw_put(w, PIC__DOMAIN, "example.test", domain);
        aw_put(w, PIC__CERTIFICATE, "example.test", acme);
        aw_open(w, opts);
        aw_settle(w);
        assert_string_equal(aw_entry(w, "example.test")->why, "nobody is there");
        w->c.now = pic__engine_acme_due(w->e);
        aw_settle(w);
        assert_int_equal(aw_entry(w, "example.test")->track.failures, 2);
        w->c.now = pic__engine_acme_due(w->e);
        aw_settle(w);
}

static void second(void **state)
{
        static const char *const domain[] = { "mode",          "http01",       "acme", "https://ca.example/one",
                                              "acme_fallback", ACME_DIRECTORY, NULL };
        const pic__acme_opts opts = { .hook = hook, .program = there ? half_blind() : NULL };
        char mark[65], is[128];
        certs_world w;

        (void)state;
        if (!there)
                skip();
        fail_twice(&w, &opts, domain);
        has_names(&w, "example.test", "example.test");
        pic__acme_mark(ACME_DIRECTORY, mark);
        cw_text(&w, PIC__CERTIFICATE, "example.test", "issuer_key", is, sizeof(is));
        assert_string_equal(mark, is);
        assert_true(aw_entry(&w, "example.test")->why == NULL && aw_entry(&w, "example.test")->track.failures == 0);
        pic__engine_acme_turn(w.e); /* and nothing is due */
        assert_true(pic__engine_acme_due(w.e) > w.c.now + 300 * PIC__DAY);
        cw_drop(&w);
}

/* What is for trying out is tried, and its certificate is none. */
static void rehearsed(void **state)
{
        static const char *const domain[] = { "mode", "http01", "acme", "https://ca.example/one", NULL };
        const pic__acme_opts opts = { .hook = hook,
                                      .program = there ? half_blind() : NULL,
                                      .rehearsal = ACME_DIRECTORY };
        const pic__acme_track *t;
        certs_world w;
        pic_obj *o;

        (void)state;
        if (!there)
                skip();
        fail_twice(&w, &opts, domain);
        t = &aw_entry(&w, "example.test")->track; /* the rehearsal went well, so the CA was asked again at once */
        assert_true(t->count == 4 && t->tries[2].where == PIC__ACME_REHEARSAL && t->tries[3].where == PIC__ACME_FIRST);
        assert_int_equal(t->tries[2].at, t->tries[3].at);
        assert_string_equal(aw_entry(&w, "example.test")->why, "nobody is there");
        o = cw_get(&w, PIC__CERTIFICATE, "example.test");
        assert_false(pic__obj_has(o, "chain") || pic__obj_has(o, "key"));
        pic__obj_unref(o);
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(whole), cmocka_unit_test(switched),
                                            cmocka_unit_test(second), cmocka_unit_test(rehearsed) };

        return cmocka_run_group_tests(tests, begin, end);
}
