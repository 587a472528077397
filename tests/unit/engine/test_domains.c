/* Shows: a name is published when it is new, changed or leads elsewhere, and else nobody is asked; what fails waits,
 * over a restart too, until its time or a person comes; what becomes of it stands in the journal, in status and in
 * doctor. */
#include "providers_world.h"

#include "engine/domains_i.h"
#include "engine/notes.h"

static providers web;
static int apart;

struct world {
        cell c;
        pic__engine *e;
};

/* The fake world publishes nothing: this engine is taken for a real one as soon as it has applied. */
static void reopen(struct world *w)
{
        pic__engine_opts opts = { .dir = w->c.dir, .fake = 1, .clock = &w->c.clock };

        w->e = pic__engine_unref(w->e);
        assert_int_equal(pic__engine_open(&opts, &w->e, NULL), 0);
}

static void apply(struct world *w)
{
        w->e->fake = 1;
        assert_int_equal(pic__engine_apply(w->e, NULL, NULL), 0);
        w->e->fake = 0;
}

static void add(struct world *w, const char *name, const char *const *fields)
{
        pic__store *st = cell_store(&w->c);
        pic__txn *t = NULL;
        pic_obj *o = NULL;

        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__DOMAIN, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", name, 0, NULL), 0);
        cell_put(t, o, fields);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__store_unref(st);
}

static void sealed(struct world *w, const char *text, char **ret)
{
        pic__store *st = cell_store(&w->c);
        uint8_t key[32];

        assert_int_equal(pic__store_seal_key(st, key, NULL), 0);
        assert_int_equal(pic__seal(key, "domain/token", (const void *)text, strlen(text), ret, NULL), 0);
        pic__store_unref(st);
}

/* Until nothing is under way. */
static void turn(struct world *w)
{
        int i, busy = 1;
        size_t k;

        for (i = 0; busy && i < 200; i++) {
                struct pollfd p = { .events = POLLIN };

                pic__engine_domains_turn(w->e);
                p.fd = pic__engine_domains_fd(w->e);
                busy = w->e->domains != NULL && w->e->domains->looking;
                for (k = 0; w->e->domains != NULL && k < PIC__DOMAINS_MAX; k++)
                        busy |= w->e->domains->at[k].job != NULL;
                if (busy)
                        (void)poll(&p, 1, 1000);
        }
        assert_false(busy);
}

static void pass(struct world *w, int minutes)
{
        w->c.now += minutes * 60 * PIC__SECOND;
        turn(w);
}

static void open_world(struct world *w, const char *token)
{
        char services[64], server[32];
        const char *cell_fields[] = { "address_services", services, NULL };
        char *seal = NULL;
        const char *fields[] = { "mode", "duckdns", "server", server, "token", NULL, NULL };

        memset(w, 0, sizeof(*w));
        pw_start(&web);
        snprintf(services, sizeof(services), "http://127.0.0.1:%d/ip", web.port);
        snprintf(server, sizeof(server), "127.0.0.1:%d", web.port);
        cell_make(&w->c);
        w->c.clock = pic__clock_fake(&w->c.now);
        cell_set(&w->c, PIC__CELL, NULL, cell_fields);
        sealed(w, token, &seal);
        fields[5] = seal;
        add(w, "home.duckdns.org", fields);
        pic__free(seal);
        reopen(w);
        apply(w);
}

static void close_world(struct world *w)
{
        w->e->fake = 1;
        w->e = pic__engine_unref(w->e);
        cell_drop(&w->c);
        pw_stop(&web);
}

static const char *status(struct world *w)
{
        static char text[4000];
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__json j = { .out = &out };

        assert_int_equal(pic__engine_domains(w->e, &j, NULL), 0);
        snprintf(text, sizeof(text), "%s", pic__buf_str(&out));
        return text;
}

static void doctor(struct world *w, const char *want)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__json j = { .out = &out };

        pic__domains_look(w->e, &f);
        assert_int_equal(pic__findings_json(&f, &j, NULL), 0);
        if (want == NULL ? f.list.count > 0 : strstr(pic__buf_str(&out), want) == NULL)
                fail_msg("%s", pic__buf_str(&out));
}

static void on_change(void **state)
{
        static const char *const note[] = { "note", "seen", NULL }, *const off[] = { "enabled", "false", NULL };
        struct world w;

        (void)state;
        if (!apart)
                skip();
        open_world(&w, "good-token");
        assert_non_null(strstr(status(&w), "\"state\":\"waiting\""));
        turn(&w);
        assert_int_equal(pw_asked(&web, "/update"), 1);
        assert_non_null(strstr(status(&w), "\"state\":\"published\""));
        assert_non_null(strstr(status(&w), "\"ipv4\":\"198.51.100.7\""));
        assert_null(strstr(status(&w), "good-token"));
        doctor(&w, "is a router's: devices get in by it when it leads UDP port 51820 here");
        pass(&w, 4);
        assert_int_equal(pw_asked(&web, "/ip"), 1);
        pass(&w, 2);
        assert_int_equal(pw_asked(&web, "/ip"), 2); /* looked, and nothing to tell */
        assert_int_equal(pw_asked(&web, "/update"), 1);
        pw_write(&web, "ip", "198.51.100.8");
        pass(&w, 6);
        assert_int_equal(pw_asked(&web, "ip=198.51.100.8"), 1);
        cell_set(&w.c, PIC__DOMAIN, "home.duckdns.org", note);
        apply(&w);
        turn(&w);
        assert_int_equal(pw_asked(&web, "/update"), 3); /* whoever changed it may have changed where it is */
        pass(&w, 24 * 60 + 6);
        assert_int_equal(pw_asked(&web, "/update"), 4);
        w.e->fake = 1;
        reopen(&w);
        apply(&w);
        turn(&w);
        assert_int_equal(pw_asked(&web, "/update"), 4); /* a restart is no change */
        cell_set(&w.c, PIC__DOMAIN, "home.duckdns.org", off);
        apply(&w);
        turn(&w);
        assert_int_equal(pic__engine_domains_fd(w.e), -1);
        assert_non_null(strstr(status(&w), "\"state\":\"off\""));
        close_world(&w);
}

static void failing(void **state)
{
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__json j = { .out = &out };
        struct world w;
        int r;

        (void)state;
        if (!apart)
                skip();
        open_world(&w, "good-token");
        pw_write(&web, "broken", "500");
        turn(&w);
        assert_non_null(strstr(status(&w), "\"state\":\"failed\""));
        doctor(&w, "status 500");
        pass(&w, 6);
        pass(&w, 6);
        assert_int_equal(pw_asked(&web, "/update"), 2); /* 5 minutes, then 10 */
        w.e->fake = 1;
        reopen(&w);
        apply(&w);
        turn(&w);
        assert_int_equal(pw_asked(&web, "/update"), 2);
        pass(&w, 5);
        assert_int_equal(pw_asked(&web, "/update"), 3);
        pw_remove(&web, "broken");
        assert_int_equal(pic__engine_domain_publish(w.e, NULL, &j, NULL), 0); /* a person waits for nothing */
        turn(&w);
        r = pic__engine_domain_publish(w.e, NULL, &j, NULL);
        assert_int_equal(r, 1);
        assert_non_null(strstr(out.data, "\"state\":\"published\""));
        assert_int_equal(pw_asked(&web, "/update"), 4);
        assert_int_equal(pic__engine_domain_publish(w.e, "x.example.org", &j, NULL), PIC_NOTFOUND);
        assert_int_equal(pic__engine_domain_publish(w.e, NULL, &j, NULL), 0); /* who asked this hung up */
        turn(&w);
        pass(&w, 1);
        assert_int_equal(pw_asked(&web, "/update"), 5);
        assert_int_equal(pic__engine_domain_publish(w.e, NULL, &j, NULL), 0);
        turn(&w);
        assert_int_equal(pw_asked(&web, "/update"), 6);
        close_world(&w);
}

static void refused(void **state)
{
        struct world w;

        (void)state;
        if (!apart)
                skip();
        open_world(&w, "bad-token");
        turn(&w);
        assert_non_null(strstr(status(&w), "\"state\":\"refused\""));
        assert_null(strstr(status(&w), "bad-token"));
        doctor(&w, "the token is wrong");
        pass(&w, 23 * 60);
        assert_int_equal(pw_asked(&web, "/update"), 1);
        pass(&w, 61);
        assert_int_equal(pw_asked(&web, "/update"), 2);
        w.c.now -= 400 * 24 * 3600 * PIC__SECOND; /* a clock that was put back makes nothing wait for a year */
        w.e->domains->look_at = 0;
        turn(&w);
        assert_int_equal(pw_asked(&web, "/update"), 3);
        close_world(&w);
}

/* What is under way with what the domain was before says nothing of what it is now. */
static void changed_in_the_middle(void **state)
{
        const char *fields[] = { "token", NULL, NULL };
        char *seal = NULL;
        struct world w;
        int i;

        (void)state;
        if (!apart)
                skip();
        open_world(&w, "good-token");
        pic__engine_domains_turn(w.e);
        for (i = 0; i < 200 && w.e->domains->at[0].job == NULL; i++) {
                struct pollfd p = { .fd = pic__engine_domains_fd(w.e), .events = POLLIN };

                (void)poll(&p, 1, 100);
                pic__engine_domains_turn(w.e);
        }
        assert_non_null(w.e->domains->at[0].job);
        sealed(&w, "bad-token", &seal);
        fields[1] = seal;
        cell_set(&w.c, PIC__DOMAIN, "home.duckdns.org", fields);
        pic__free(seal);
        apply(&w);
        turn(&w);
        assert_int_equal(pw_asked(&web, "token=bad-token"), 1);
        assert_non_null(strstr(status(&w), "\"state\":\"refused\""));
        close_world(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(on_change), cmocka_unit_test(failing),
                                            cmocka_unit_test(refused), cmocka_unit_test(changed_in_the_middle) };

        apart = pw_apart();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
