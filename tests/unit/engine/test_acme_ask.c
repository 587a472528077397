/* acme_ask.c with the real uacme and pebble: http-01, dns-01 with a wildcard, a proof that fails in
 * the CA's words, a CA that has forgotten the account; nothing is left behind, and nothing is the program's but its own
 * directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <poll.h>

#include "acme_far.h"
#include "engine/acme_ask.h"
#include "sys/job.h"

#define HOOK "bin/pic-acme-hook"

static acme_far far;
static char run_dir[128], hook[512];
static int there;
static pic__buf account = PIC__BUF_SECRET;

static int begin(void **state)
{
        pic__x509_key *key = NULL;
        ssize_t n = readlink("/proc/self/exe", hook, sizeof(hook) - 64);

        (void)state;
        if (n > 0) {
                hook[n] = '\0';
                *strrchr(hook, '/') = '\0';
                strcat(hook, "/../" HOOK);
        }
        there = af_begin(&far);
        snprintf(run_dir, sizeof(run_dir), "%s/run", far.dir);
        mkdir(run_dir, 0755);
        assert_int_equal(pic__x509_key_new(&key, NULL), 0);
        assert_int_equal(pic__x509_key_write(key, &account, NULL), 0);
        pic__x509_key_unref(key);
        return 0;
}

static int end(void **state)
{
        (void)state;
        pic__buf_wipe(&account);
        af_finish(&far);
        return 0;
}

/* One that proves by http-01 and dns-01 alike; `lie`: it proves nothing. */
struct prover {
        pic__acme_ask *ask;
        pic__acme_answer *answer;
        const char *type;
        int lie, begun, ended;
};

static void hear(const pic__acme_word *w, void *data)
{
        struct prover *p = data;
        pic__acme_answer_opts o = { .token = w->token, .auth = p->lie ? "lie" : w->auth, .run_dir = run_dir };
        char host[300];

        if (strcmp(w->type, p->type) != 0) {
                pic__acme_ask_answer(p->ask, 0);
                return;
        }
        p->begun += w->method == PIC__ACME_BEGIN;
        p->ended += w->method != PIC__ACME_BEGIN;
        snprintf(host, sizeof(host), "_acme-challenge.%s", w->ident);
        p->answer = pic__acme_answer_unref(p->answer);
        if (strcmp(p->type, "http-01") == 0 && w->method == PIC__ACME_BEGIN)
                assert_int_equal(pic__acme_answer_open(&o, &p->answer, NULL), 0);
        if (strcmp(p->type, "dns-01") == 0)
                af_names(w->method == PIC__ACME_BEGIN ? "set-txt" : "clear-txt", host, w->auth);
        pic__acme_ask_answer(p->ask, 1);
}

static int attempt(struct prover *p, const char *const *names, int known, pic_error **err)
{
        pic__acme_ask_opts o = { .run_dir = run_dir,
                                 .hook = hook,
                                 .directory = ACME_DIRECTORY,
                                 .known = known,
                                 .email = "me@example.org",
                                 .account = pic__der_of(&account),
                                 .names = names,
                                 .hear = hear,
                                 .data = p,
                                 .timeout_ms = 60000 };
        int r = pic__acme_ask_start(&o, &p->ask, err);

        while (r == 0) {
                struct pollfd f[2] = { { .fd = pic__acme_ask_fd(p->ask), .events = POLLIN },
                                       { .fd = p->answer != NULL ? pic__acme_answer_fd(p->answer) : -1,
                                         .events = POLLIN } };

                assert_true(poll(f, 2, 60000) > 0);
                if (p->answer != NULL)
                        pic__acme_answer_go_on(p->answer);
                if (f[0].revents != 0)
                        r = pic__acme_ask_go_on(p->ask, err);
        }
        return r;
}

static void finish(struct prover *p)
{
        char work[160];

        pic__acme_answer_unref(p->answer);
        pic__acme_ask_unref(p->ask);
        snprintf(work, sizeof(work), "%s/" PIC__ACME_WORK, run_dir);
        assert_int_equal(access(work, F_OK), -1);
}

static int see(pic__der der, void *data)
{
        struct prover *p = data;
        pic__buf names = PIC__BUF_INIT;
        pic__x509_info info;

        assert_int_equal(pic__x509_read(der, &info, &names, NULL), 0);
        assert_true(pic__x509_key_fits(pic__acme_ask_key(p->ask), der));
        print_message("%s\n", pic__buf_str(&names));
        assert_non_null(strstr(pic__buf_str(&names), "home.example.test"));
        pic__buf_free(&names);
        return 1; /* the first is the server's own */
}

static void good(const char *type, const char *const *names, int known, int proofs)
{
        struct prover p = { .type = type };
        pic_error *err = NULL;
        int r = attempt(&p, names, known, &err);

        if (r < 0)
                fail_msg("%s", pic_error_message(err));
        assert_int_equal(pic__acme_ask_known(p.ask), 1);
        assert_int_equal(p.begun, proofs);
        assert_int_equal(p.ended, proofs);
        assert_int_equal(pic__x509_pem_each(pic__buf_str(pic__acme_ask_chain(p.ask)), pic__acme_ask_chain(p.ask)->len,
                                            see, &p, NULL),
                         1);
        finish(&p);
}

static void by_http(void **state)
{
        static const char *const names[] = { "www.home.example.test", NULL };

        (void)state;
        if (!there)
                skip();
        good("http-01", names, 0, 1);
}

static void by_dns(void **state)
{
        static const char *const names[] = { "*.home.example.test", NULL };

        (void)state;
        if (!there)
                skip();
        good("dns-01", names, 0, 1); /* the account is there already: that is fine */
}

static void lied(void **state)
{
        static const char *const names[] = { "home.example.test", NULL };
        struct prover p = { .type = "http-01", .lie = 1 };
        pic_error *err = NULL;

        (void)state;
        if (!there)
                skip();
        assert_int_equal(attempt(&p, names, 1, &err), PIC_BACKEND);
        print_message("%s\n", pic_error_message(err));
        assert_true(p.begun == 1 && p.ended == 1);
        pic_error_free(err);
        finish(&p);
}

/* pebble forgets all when it ends. */
static void forgotten(void **state)
{
        static const char *const names[] = { "home.example.test", NULL };

        (void)state;
        if (!there)
                skip();
        af_end(&far.ca);
        af_start_ca(&far);
        assert_true(af_listens(14000));
        good("http-01", names, 1, 1);
}

static void explained(void **state)
{
        static const struct {
                const char *said, *is;
        } cases[] = {
                { "", "uacme says nothing" },
                { "uacme: a\nuacme: the end\n\n", "the end" },
                { "uacme: x\n{\n \"type\": \"urn:y\",\n \"detail\": \"too many\",\n}\nuacme: failed", "too many" },
                { "{ \"detail\": \"a \\\"b\\\" c\" }", "a \"b\" c" },
        };
        pic__buf out = PIC__BUF_INIT;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__buf_clear(&out);
                pic__acme_ask_explain(cases[i].said, &out);
                assert_string_equal(pic__buf_str(&out), cases[i].is);
        }
        pic__buf_free(&out);
}

static void missing(void **state)
{
        static const char *const names[] = { "home.example.test", NULL };
        pic__acme_ask_opts o = { .run_dir = "/tmp",
                                 .program = "/no/uacme",
                                 .hook = "/bin/true",
                                 .directory = "https://x/",
                                 .account = pic__der_of(&account),
                                 .names = names,
                                 .hear = hear };
        pic__acme_ask *a = NULL;
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__acme_ask_start(&o, &a, &err), PIC_UNSUPPORTED);
        pic_error_free(err);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(by_http),   cmocka_unit_test(by_dns),
                                            cmocka_unit_test(lied),      cmocka_unit_test(forgotten),
                                            cmocka_unit_test(explained), cmocka_unit_test(missing) };

        return cmocka_run_group_tests(tests, begin, end);
}
