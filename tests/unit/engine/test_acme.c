/* acme.c by the injected clock, with stand-ins for uacme that count how often they are started: every try fails for 60
 * days, with restarts between; the old certificate stays, warnings come, and no line of the table is passed. What is
 * wished otherwise, waits for its confirmation, or is asked for. */
#include "acme_world.h"

#include <sys/wait.h>

static char dir[64], program[128], counted[128];

static void write_program(const char *body)
{
        FILE *f = fopen(program, "w");

        assert_non_null(f);
        fprintf(f, "#!/bin/sh\necho \"$@\" >>%s\n%s\n", counted, body);
        fclose(f);
        chmod(program, 0755);
}

static int begin(void **state)
{
        FILE *f;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        chmod(dir, 0755);
        snprintf(program, sizeof(program), "%s/uacme", dir);
        snprintf(counted, sizeof(counted), "%s/counted", dir);
        f = fopen(counted, "w");
        fclose(f);
        chmod(counted, 0666);
        return 0;
}

static int end(void **state)
{
        (void)state;
        fixture_drop(dir);
        return 0;
}

/* How often a line with that word was counted. */
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

static const char *const domain[] = {
        "mode", "http01", "acme", "https://ca.example/one", "acme_fallback", "https://ca.example/two", NULL
};
static const char *const acme[] = { "issuer", "acme", NULL };
static const pic__acme_opts opts = { .program = program, .hook = "/bin/true", .rehearsal = "https://ca.example/try" };

static void make(certs_world *w)
{
        assert_int_equal(truncate(counted, 0), 0);
        cell_make(&w->c);
        w->c.clock = pic__clock_fake(&w->c.now);
        aw_put(w, PIC__DOMAIN, "home.example.org", domain);
        aw_put(w, PIC__CERTIFICATE, "home.example.org", acme);
        aw_open(w, &opts);
}

/* One that a CA has issued before: made by our own CA here. */
static void give_old(certs_world *w, pic_time from, pic_time until)
{
        static const char *const zones[] = { "example.org", NULL }, *const nets[] = { "10.0.0.0/8", NULL };
        static const char *const names[] = { "home.example.org", NULL };
        const pic__x509_scope scope = { zones, nets };
        pic__x509_key *key = NULL;
        pic__x509_issuer *issuer = NULL;
        pic__buf root = PIC__BUF_INIT, leaf = PIC__BUF_INIT, text = PIC__BUF_INIT;
        char mark[65], a[PIC__TIME_TEXT], b[PIC__TIME_TEXT], c[PIC__TIME_TEXT];
        const char *fields[] = { "chain",      NULL, "subjects",   "home.example.org",
                                 "issuer_key", mark, "not_before", a,
                                 "not_after",  b,    "renew_at",   c,
                                 NULL };

        assert_int_equal(pic__x509_key_new(&key, NULL), 0);
        assert_int_equal(pic__x509_root(key, "x", &scope, from, until, &root, NULL), 0);
        assert_int_equal(pic__x509_issuer_new(pic__der_of(&root), key, &issuer, NULL), 0);
        assert_int_equal(pic__x509_leaf(issuer, key, names, from, until, &leaf, NULL), 0);
        pic__x509_text_put(pic__der_of(&leaf), &text);
        fields[1] = pic__buf_str(&text);
        pic__acme_mark("https://ca.example/one", mark);
        pic__time_print(from, a);
        pic__time_print(until, b);
        pic__time_print(from + (until - from) / 3 * 2, c);
        cell_set(&w->c, PIC__CERTIFICATE, "home.example.org", fields);
        aw_apply(w);
        pic__x509_issuer_unref(issuer);
        pic__x509_key_unref(key);
        pic__buf_free(&root);
        pic__buf_free(&leaf);
        pic__buf_free(&text);
}

static int see_row(const pic__journal_row *row, void *data)
{
        unsigned *n = data;

        n[0] += strcmp(row->verb, "cert-late") == 0;
        n[1] += strcmp(row->verb, "cert-ended") == 0;
        n[2] += strcmp(row->verb, "cert-fail") == 0;
        return 0;
}

/* The findings of doctor that speak of certificates, by level. */
static unsigned doctor(certs_world *w, int level)
{
        pic__findings f = PIC__FINDINGS_INIT;
        unsigned n = 0;
        size_t i;

        pic__certs_look(w->e, &f);
        for (i = 0; i < f.list.count; i++)
                n += f.list.at[i].level == level && strcmp(f.list.at[i].area, "certs") == 0;
        pic__findings_free(&f);
        return n;
}

/* A certificate of 90 days; from its day 60 on all tries fail, for 60 days. */
static void sixty_days(void **state)
{
        pic_time start, until, day = PIC__DAY;
        unsigned rows[3] = { 0, 0, 0 }, tries, per_day = 0, last = 0, restarts = 0;
        char chain[4096], is[4096];
        certs_world w;

        (void)state;
        write_program("echo '{\"detail\": \"no\"}' >&2; exit 2");
        make(&w);
        start = w.c.now;
        give_old(&w, start - 60 * day, start + 30 * day);
        until = start + 60 * day;
        cw_text(&w, PIC__CERTIFICATE, "home.example.org", "chain", chain, sizeof(chain));
        w.c.now = start - 10 * PIC__SECOND;
        aw_settle(&w);
        assert_int_equal(count("uacme") + count("issue") + count("new"), 0); /* not yet due */
        assert_true(pic__engine_acme_due(w.e) > w.c.now);
        while (w.c.now < until) {
                pic_time due = pic__engine_acme_due(w.e);

                assert_true(due > w.c.now); /* it never asks to be called for nothing */
                w.c.now = due < until ? due : until;
                aw_settle(&w);
                if (w.c.now - start >= (pic_time)(per_day + 1) * day) {
                        tries = count("new");
                        assert_true(tries - last <= 6);
                        last = tries;
                        per_day = (unsigned)((w.c.now - start) / day);
                }
                if (count("new") > 10 * restarts + 5) { /* a restart makes nothing unseen */
                        restarts++;
                        w.e = pic__engine_unref(w.e);
                        aw_open(&w, &opts);
                        aw_settle(&w);
                }
                if (w.c.now < start + 14 * day)
                        assert_int_equal(doctor(&w, PIC_LOG_ERROR), 0);
        }
        tries = count("new");
        print_message("%u tries in 60 days (first %u, second %u, rehearsal %u), %u restarts\n", tries, count("/one"),
                      count("/two"), count("/try"), restarts);
        assert_true(tries >= 55 && tries <= 66 && restarts >= 5);
        assert_int_equal(count("issue"), 0);
        assert_true(count("/one") > 2 && count("/one") < 12); /* then the second CA and the rehearsal by turns */
        cw_text(&w, PIC__CERTIFICATE, "home.example.org", "chain", is, sizeof(is));
        assert_string_equal(chain, is);
        assert_int_equal(pic__store_journal_back(w.e->store, 0, see_row, rows, NULL), 0);
        assert_true(rows[0] == 1 && rows[1] == 1 && rows[2] == 1);
        assert_true(doctor(&w, PIC_LOG_ERROR) > 0 && doctor(&w, PIC_LOG_WARNING) > 0);
        cw_drop(&w);
}

static void asked(void **state)
{
        static const char *const other[] = { "mode", "http01", "email", "me@example.org", NULL };
        pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);
        pic_error *err = NULL;
        pic_obj *o;
        certs_world w;
        int i;

        (void)state;
        write_program("sleep 0.2; echo 'uacme: no' >&2; exit 2");
        make(&w);
        o = cw_get(&w, PIC__CERTIFICATE, "home.example.org");
        aw_settle(&w);
        assert_int_equal(count("new"), 1);
        assert_true(pic__engine_acme_due(w.e) > w.c.now);
        assert_int_equal(pic__engine_cert_renew(w.e, "home.example.org", "root", "cli", &err), 0); /* at once */
        assert_int_equal(pic__engine_cert_renew(w.e, "home.example.org", "root", "cli", &err), PIC_BADSTATE);
        pic_error_free(pic__take(err));
        aw_settle(&w);
        for (i = 3; i <= 4; i++) {
                assert_int_equal(pic__engine_cert_renew(w.e, "home.example.org", "root", "cli", NULL), 0);
                aw_settle(&w);
        }
        assert_int_equal(count("new"), 4);
        assert_int_equal(pic__engine_cert_renew(w.e, "home.example.org", "root", "cli", &err), PIC_BUSY);
        print_message("%s; %s\n", pic_error_message(err), pic_error_hint(err));
        pic_error_free(pic__take(err));
        assert_int_equal(pic__engine_acme_state(w.e, NULL, &j, NULL), 0);
        print_message("%s\n", pic__buf_str(&out));
        assert_non_null(strstr(pic__buf_str(&out), "\"failing\""));
        assert_int_equal(pic__engine_acme_state(w.e, "nobody", &j, &err), PIC_NOTFOUND);
        pic_error_free(pic__take(err));
        w.c.now += 3700 * PIC__SECOND;
        cell_set(&w.c, PIC__DOMAIN, "home.example.org", other); /* mended: at once */
        aw_apply(&w);
        aw_settle(&w);
        assert_int_equal(count("new"), 5);
        assert_int_equal(count("me@example.org"), 1);
        pic__obj_unref(o);
        pic__buf_free(&out);
        cw_drop(&w);
}

/* A try by a clock that was a year ahead, put right since: nobody waits for that year to pass, and what was told too
 * soon is told again in time. */
static void ran_ahead(void **state)
{
        pic_time start;
        certs_world w;

        (void)state;
        write_program("echo '{\"detail\": \"no\"}' >&2; exit 2");
        make(&w);
        start = w.c.now;
        give_old(&w, start, start + 90 * PIC__DAY);
        w.c.now = start + 365 * PIC__DAY;
        aw_settle(&w);
        assert_int_equal(count("new"), 1);
        assert_int_equal(aw_entry(&w, "home.example.org")->told, PIC__ACME_TOLD_ENDED);
        w.c.now = start + 61 * PIC__DAY;
        aw_settle(&w);
        assert_int_equal(count("new"), 2);
        assert_int_equal(aw_entry(&w, "home.example.org")->told, PIC__ACME_TOLD_NOTHING);
        cw_drop(&w);
}

#ifdef __SANITIZE_ADDRESS__
#define LIMIT "data unlimited" /* acme_ask.c */
#else
#define LIMIT "data 131072"
#endif

/* Another CA is chosen while the first one hangs: that one is asked at once. */
static void changed(void **state)
{
        static const char *const other[] = { "mode", "http01", "acme", "https://ca.example/mended", NULL };
        static const char *const note[] = { "note", "nothing to a CA", NULL };
        certs_world w;
        int i;

        (void)state;
        write_program("echo data $(ulimit -d) >>${0%/*}/counted; case $* in *mended*) exit 2;; esac; sleep 600");
        make(&w);
        pic__engine_acme_turn(w.e);
        assert_non_null(w.e->acme->ask);
        for (i = 0; i < 500 && count(LIMIT) == 0; i++)
                usleep(10000); /* it says so before it is ended */
        cell_set(&w.c, PIC__DOMAIN, "home.example.org", note);
        aw_apply(&w);
        pic__engine_acme_turn(w.e);
        assert_non_null(w.e->acme->ask);
        cell_set(&w.c, PIC__DOMAIN, "home.example.org", other);
        aw_apply(&w);
        aw_settle(&w);
        assert_int_equal(count("/mended"), 1);
        assert_int_equal(count(LIMIT), 2); /* a CA that sends on and on takes no more */
        cw_drop(&w);
}

/* A domain that nobody has, and a certificate that was revoked: nobody is asked. */
static void nothing(void **state)
{
        static const char *const off[] = { "enabled", "no", NULL }, *const revoked[] = { "revoked", "yes", NULL };
        static const char *const on[] = { "enabled", "yes", NULL };
        certs_world w;

        (void)state;
        write_program("exit 2");
        make(&w);
        cell_set(&w.c, PIC__DOMAIN, "home.example.org", off);
        aw_apply(&w);
        aw_settle(&w);
        assert_int_equal(doctor(&w, PIC_LOG_WARNING), 1);
        cell_set(&w.c, PIC__CERTIFICATE, "home.example.org", revoked);
        cell_set(&w.c, PIC__DOMAIN, "home.example.org", on);
        aw_apply(&w);
        aw_settle(&w);
        assert_int_equal(count("new"), 0);
        assert_int_equal(doctor(&w, PIC_LOG_WARNING), 0);
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(sixty_days), cmocka_unit_test(asked),
                                            cmocka_unit_test(changed), cmocka_unit_test(ran_ahead),
                                            cmocka_unit_test(nothing) };

        return cmocka_run_group_tests(tests, begin, end);
}
