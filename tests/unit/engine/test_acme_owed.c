/* What public CAs are told, with real programs (uacme, pebble, whose management interface says what it has revoked): of
 * a certificate that was revoked and then removed, and of its predecessor that has not ended, while the CA is not
 * there, over restarts; another e-mail address; by the certificate's own key where no account is known. */
#include "acme_world.h"

#include "acme_far.h"
#include "change/ca.h"

#define NAME "home.example.test"

static acme_far far;
static char hook[512], counted[128], program[128], down[128];
static int there;

static const char *const domain[] = { "mode", "http01", "acme", ACME_DIRECTORY, "email", "old@example.test", NULL };
static const char *const acme[] = { "issuer", "acme", NULL }, *const yes[] = { "revoked", "yes", NULL };

/* uacme, which says what it is asked, and can do without a CA. */
static void write_program(void)
{
        FILE *f;

        snprintf(program, sizeof(program), "%s/said", far.dir);
        snprintf(counted, sizeof(counted), "%s/counted", far.dir);
        f = fopen(program, "w");
        snprintf(down, sizeof(down), "%s/down", far.dir);
        fprintf(f,
                "#!/bin/sh\necho \"$@\" >>%s\n[ -e %s ] && { echo 'uacme: nobody is there' >&2; exit 2; }\nexec uacme "
                "\"$@\"\n",
                counted, down);
        fclose(f);
        fclose(fopen(counted, "w"));
        chmod(program, 0755);
        chmod(counted, 0666);
        chmod(far.dir, 0755);
}

static int begin(void **state)
{
        ssize_t n = readlink("/proc/self/exe", hook, sizeof(hook) - 64);

        (void)state;
        if (n > 0) {
                hook[n] = '\0';
                *strrchr(hook, '/') = '\0';
                strcat(hook, "/../bin/pic-acme-hook");
        }
        setenv("PEBBLE_AUTHZREUSE", "100", 1); /* a second certificate needs no second proof */
        there = af_begin(&far);
        if (there)
                write_program();
        return 0;
}

static int end(void **state)
{
        (void)state;
        af_finish(&far);
        return 0;
}

static unsigned count(const char *word)
{
        char line[512];
        FILE *f = fopen(counted, "r");
        unsigned n = 0;

        while (fgets(line, sizeof(line), f) != NULL)
                n += strstr(line, word) != NULL;
        fclose(f);
        return n;
}

static const pic__acme_opts opts = { .program = program, .hook = hook };

/* A cell with a certificate of pebble's. */
static void make_one(certs_world *w)
{
        cell_make(&w->c);
        w->c.now = pic__clock_real.now(NULL);
        w->c.clock = pic__clock_fake(&w->c.now);
        aw_put(w, PIC__DOMAIN, NAME, domain);
        aw_put(w, PIC__CERTIFICATE, NAME, acme);
        aw_open(w, &opts);
        aw_settle(w);
        assert_true(cw_int(w, NAME, "not_after") > 0);
}

static int is_revoked(const char *serial)
{
        char command[256];

        snprintf(command, sizeof(command),
                 "curl -sk https://127.0.0.1:15000/cert-status-by-serial/%s | grep -q '\"Status\": *\"Revoked\"'",
                 serial);
        return system(command) == 0;
}

static void again(certs_world *w)
{
        w->e = pic__engine_unref(w->e);
        aw_open(w, &opts);
        aw_settle(w);
}

static unsigned doctor(certs_world *w, const char *word)
{
        pic__findings f = PIC__FINDINGS_INIT;
        unsigned n = 0;
        size_t i;

        pic__certs_look(w->e, &f);
        for (i = 0; i < f.list.count; i++)
                n += strstr(f.list.at[i].what, word) != NULL;
        pic__findings_free(&f);
        return n;
}

static void has_state(certs_world *w, const char *word)
{
        pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);

        assert_int_equal(pic__engine_acme_state(w->e, NAME, &j, NULL), 0);
        if (strstr(pic__buf_str(&out), word) == NULL)
                fail_msg("%s: %s", word, pic__buf_str(&out));
        pic__buf_free(&out);
}

static void set_down(int on)
{
        if (on)
                fclose(fopen(down, "w"));
        else
                unlink(down);
}

/* As `pic domain remove` has it. */
static void remove_both(certs_world *w)
{
        const char *owed[] = { "ca_owed", NULL, NULL };
        pic_obj *cert = cw_get(w, PIC__CERTIFICATE, NAME);
        pic__store *st = cell_store(&w->c);
        pic__buf list = PIC__BUF_INIT;
        pic__txn *t = NULL;
        pic__owed o;

        assert_true(pic__owed_of(cert, w->c.now, &o));
        pic__owed_put(&o, &list);
        owed[1] = pic__buf_str(&list);
        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_true(pic__txn_remove(t, PIC__CERTIFICATE, NAME, NULL) >= 0);
        assert_true(pic__txn_remove(t, PIC__DOMAIN, NAME, NULL) >= 0);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__store_unref(st);
        cell_set(&w->c, PIC__CELL, NULL, owed);
        aw_apply(w);
        pic__obj_unref(cert);
        pic__buf_free(&list);
}

static void removed(void **state)
{
        char first[128], second[128], left[4096];
        certs_world w;

        (void)state;
        if (!there)
                skip();
        make_one(&w);
        cw_text(&w, PIC__CERTIFICATE, NAME, "serial", first, sizeof(first));
        assert_int_equal(pic__engine_cert_renew(w.e, NAME, "root", "cli", NULL), 0);
        aw_settle(&w);
        cw_text(&w, PIC__CERTIFICATE, NAME, "serial", second, sizeof(second));
        assert_string_not_equal(first, second);
        assert_int_equal(w.e->acme->state.papers.count, 1);
        set_down(1);
        cell_set(&w.c, PIC__CERTIFICATE, NAME, yes);
        aw_apply(&w);
        aw_settle(&w);
        assert_int_equal(count("revoke leaf.pem"), 2); /* each is told, and doctor says it once */
        assert_int_equal(doctor(&w, "its CA does not know yet"), 1);
        has_state(&w, "\"revoking\"");
        assert_true(pic__engine_acme_due(w.e) == w.c.now + 10 * PIC__SECOND);
        again(&w); /* killing the agent makes it not ask more often */
        assert_int_equal(count("revoke"), 2);
        remove_both(&w);
        w.c.now += 60 * PIC__SECOND;
        again(&w);
        again(&w);
        assert_int_equal(count("revoke leaf.pem"), 4);
        has_state(&w, "nobody is there");
        assert_false(is_revoked(first) || is_revoked(second));
        set_down(0);
        w.c.now += 300 * PIC__SECOND;
        aw_settle(&w);
        aw_settle(&w);
        assert_true(is_revoked(first) && is_revoked(second));
        aw_settle(&w);
        cw_text(&w, PIC__CELL, NULL, "ca_owed", left, sizeof(left));
        assert_string_equal(left, "");
        aw_settle(&w); /* and nothing is left to do */
        assert_false(pic__acme_owes_any(w.e->snap));
        assert_int_equal(w.e->acme->state.papers.count, 0);
        assert_int_equal(count("revoke"), 6);
        cw_drop(&w);
}

static void tell_address(certs_world *w, const char *email)
{
        const char *fields[] = { "email", email, NULL };

        cell_set(&w->c, PIC__DOMAIN, NAME, fields);
        aw_apply(w);
        aw_settle(w);
}

static void address(certs_world *w)
{
        pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);

        assert_int_equal(count("update"), 0); /* it was told with the account */
        set_down(1);
        tell_address(w, "new@example.test");
        assert_int_equal(count("update new@example.test"), 1);
        assert_int_equal(doctor(w, "does not know the e-mail address"), 1);
        pic__engine_acme_accounts(w->e, &j);
        assert_non_null(strstr(pic__buf_str(&out), "\"wished\":\"new@example.test\""));
        set_down(0);
        again(w);
        assert_int_equal(count("update new@example.test"), 1);
        w->c.now += 60 * PIC__SECOND;
        aw_settle(w);
        assert_int_equal(count("update new@example.test"), 2);
        assert_int_equal(doctor(w, "does not know the e-mail address"), 0);
        again(w);
        assert_int_equal(count("update"), 2);
        tell_address(w, "");
        assert_int_equal(count("update"), 3);
        again(w);
        assert_int_equal(count("update"), 3);
        pic__buf_free(&out);
}

/* What was remembered is lost: no account is known, so the certificate speaks for itself. */
static void by_own_key(certs_world *w)
{
        char serial[128], path[256], key[8192];
        pic__buf pem = PIC__BUF_INIT;
        pic_error *err = NULL;

        cw_text(w, PIC__CERTIFICATE, NAME, "serial", serial, sizeof(serial));
        w->e = pic__engine_unref(w->e);
        snprintf(path, sizeof(path), "%s/" PIC__ACME_STATE, w->c.dir);
        assert_int_equal(unlink(path), 0);
        cell_set(&w->c, PIC__CERTIFICATE, NAME, yes);
        aw_open(w, &opts);
        aw_settle(w);
        assert_int_equal(count("revoke leaf.pem leaf.key"), 1);
        assert_true(is_revoked(serial));
        aw_settle(w);
        assert_true(cw_int(w, NAME, "withdrawn") > 0);
        cw_text(w, PIC__CERTIFICATE, NAME, "key", key, sizeof(key));
        assert_string_equal(key, "");
        assert_int_equal(pic__engine_cert_key(w->e, NAME, "root", "cli", &pem, &err), PIC_BADSTATE);
        assert_non_null(strstr(pic_error_message(err), "was revoked"));
        pic_error_free(err);
        has_state(w, "\"revoked\"");
}

static void told(void **state)
{
        certs_world w;

        (void)state;
        if (!there)
                skip();
        make_one(&w);
        address(&w);
        by_own_key(&w);
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(removed), cmocka_unit_test(told) };

        return cmocka_run_group_tests(tests, begin, end);
}
