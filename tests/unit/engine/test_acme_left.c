/* Shows: a record that proves a name is written down before it is set; an agent that was killed then leaves it to the
 * next one, which clears it; what cannot be cleared is tried again, more and more rarely, and given up in the end. */
#include "acme_world.h"

#include <sys/stat.h>

#define RECORD "_acme-challenge.home.example.org"

static char dir[64], script[96];

static void put_script(const char *end)
{
        char text[256];

        snprintf(text, sizeof(text), "#!/bin/sh\nread token\necho \"$@\" >>%s/said\n%s\n", dir, end);
        assert_int_equal(pic__file_write(script, text, strlen(text), 0755, NULL), 0);
}

static int up(void **state)
{
        char path[96];

        (void)state;
        strcpy(dir, "/tmp/pic-left-XXXXXX");
        assert_non_null(mkdtemp(dir));
        assert_int_equal(chmod(dir, 0755), 0);
        snprintf(script, sizeof(script), "%s/script", dir);
        snprintf(path, sizeof(path), "%s/said", dir);
        assert_int_equal(pic__file_write(path, "", 0, 0666, NULL), 0);
        return 0;
}

static int down(void **state)
{
        char command[128];

        (void)state;
        snprintf(command, sizeof(command), "rm -rf %s", dir);
        return system(command);
}

/* How often the script was called with this; then it is forgotten. */
static int said(const char *words)
{
        char command[256];
        int n = 0;
        FILE *f;

        snprintf(command, sizeof(command), "grep -c -- '%s' %s/said; : >%s/said", words, dir, dir);
        f = popen(command, "r");
        assert_int_equal(fscanf(f, "%d", &n), 1);
        pclose(f);
        return n;
}

static void make(certs_world *w)
{
        const char *domain[] = { "mode", "exec", "script", script, "ddns", "no", NULL };
        static const char *const cert[] = { "issuer", "acme", NULL };

        cell_make(&w->c);
        w->c.now = pic__clock_real.now(NULL);
        w->c.clock = pic__clock_fake(&w->c.now);
        aw_put(w, PIC__DOMAIN, "home.example.org", domain);
        aw_put(w, PIC__CERTIFICATE, "home.example.org", cert);
}

static const pic__acme_opts none = { .program = "/bin/false", .hook = "/bin/false" };

static pic__acme_left *left(certs_world *w)
{
        return pic__acme_state_left(&w->e->acme->state, RECORD, "abc_-9", 0);
}

static void killed(void **state)
{
        static const pic__acme_word word = { .method = PIC__ACME_BEGIN,
                                             .type = "dns-01",
                                             .ident = "home.example.org",
                                             .token = "token",
                                             .auth = "abc_-9" };
        pic__acme_state saved;
        certs_world w;

        (void)state;
        if (geteuid() != 0)
                skip();
        put_script("exit 0");
        make(&w);
        aw_open(&w, &none);
        pic__acme_prove(&word, w.e->acme);
        assert_int_equal(w.e->acme->proof, PIC__PROOF_SETTING);
        assert_int_equal(pic__acme_state_load(w.e->acme->path, &saved, NULL), 0); /* before it stands */
        assert_non_null(pic__acme_state_left(&saved, RECORD, "abc_-9", 0));
        pic__acme_state_free(&saved);
        while (w.e->acme->proof == PIC__PROOF_SETTING) {
                struct pollfd p = { .fd = pic__provider_fd(w.e->acme->txt), .events = POLLIN };

                assert_true(poll(&p, 1, 10000) > 0);
                pic__acme_prove_on(w.e->acme);
        }
        assert_int_equal(said("txt-set " RECORD " abc_-9"), 1);
        w.e = pic__engine_unref(w.e); /* nothing is cleared by that */
        assert_int_equal(said("txt-clear"), 0);
        aw_open(&w, &none);
        aw_settle(&w);
        assert_int_equal(said("txt-clear " RECORD " abc_-9"), 1);
        assert_null(left(&w));
        aw_settle(&w);
        assert_int_equal(said("txt-clear"), 0);
        cw_drop(&w);
}

static void cannot(void **state)
{
        certs_world w;
        int i;

        (void)state;
        if (geteuid() != 0)
                skip();
        put_script("echo the provider is away; exit 3");
        make(&w);
        aw_open(&w, &none);
        assert_non_null(pic__acme_state_left(&w.e->acme->state, RECORD, "abc_-9", 1));
        aw_settle(&w);
        assert_int_equal(said("txt-clear " RECORD), 1);
        assert_int_equal(left(&w)->wait.failures, 1);
        assert_non_null(strstr(left(&w)->wait.why, "the provider is away"));
        assert_int_equal(left(&w)->wait.next, w.c.now + 300 * PIC__SECOND);
        aw_settle(&w); /* not before that */
        assert_int_equal(said("txt-clear"), 0);
        for (i = 2; i < 10; i++) {
                assert_true(pic__engine_acme_due(w.e) <= left(&w)->wait.next);
                w.c.now = left(&w)->wait.next;
                aw_settle(&w);
                assert_int_equal(said("txt-clear"), 1);
                assert_int_equal(left(&w)->wait.failures, i);
        }
        w.c.now = left(&w)->wait.next;
        aw_settle(&w);
        assert_null(left(&w));
        assert_int_equal(said("txt-clear"), 1);
        cw_drop(&w);
}

/* What stands in a file is believed as far as it is a name of the cell's. */
static void strange(void **state)
{
        static const char *const records[] = { "home.example.org", "_acme-challenge.other.example.com",
                                               "_acme-challenge.x y.home.example.org",
                                               "_acme-challenge.x\nsend\n.home.example.org" };
        certs_world w;
        size_t i;

        (void)state;
        if (geteuid() != 0)
                skip();
        put_script("exit 0");
        make(&w);
        aw_open(&w, &none);
        for (i = 0; i < PIC__COUNT(records); i++)
                assert_non_null(pic__acme_state_left(&w.e->acme->state, records[i], "abc_-9", 1));
        aw_settle(&w);
        assert_int_equal(w.e->acme->state.left.count, 0);
        assert_int_equal(said("txt-clear"), 0);
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(killed), cmocka_unit_test(cannot),
                                            cmocka_unit_test(strange) };

        return cmocka_run_group_tests(tests, up, down);
}
