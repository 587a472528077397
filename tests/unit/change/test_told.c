/* Shows: a token or a password is not told another place than the one it was given for, whichever way a change takes;
 * that it may be given anew or taken away with the change; and that going back brings both back. */
#include "../../api/world.h"

static const char *const proxy[] = { "type", "proxy", "protocol", "socks5", "endpoint", "far.example.net:1080",
                                     "user", "anna",  "password", "secret", NULL };
static const char *const duck[] = { "mode", "duckdns", "token", "secret", NULL };
static const char *const ntfy[] = { "to", "ntfy://ntfy.example.org/topic", "token", "secret", NULL };
static const char *const web[] = {
        "url", "https://dav.example.org/b", "user", "anna", "plain", "yes", "password", "secret", NULL
};

/* kind, name, field, text, …; text "-": unset; kind "undo": name is a revision. One change. */
static int change(world *w, pic_error **err, const char *const *at)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        for (r = 0; r == 0 && at[0] != NULL; at += 4) {
                if (strcmp(at[0], "undo") == 0)
                        r = pic_edit_undo(e, atoi(at[1]), err);
                else if (strcmp(at[3], "-") == 0)
                        r = pic_edit_unset(e, at[0], at[1], at[2], err);
                else
                        r = pic_edit_set(e, at[0], at[1], at[2], at[3], err);
        }
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}
#define did(...) change(&w, &err, (const char *const[]){ __VA_ARGS__, NULL })

static int now(world *w)
{
        pic_revision r = 0;

        assert_int_equal(pic_revision_at(w->ctx, INT64_MAX, &r, NULL), 0);
        return (int)r;
}

static const char *undo_of(int revision)
{
        static char text[16];

        snprintf(text, sizeof(text), "%d", revision);
        return text;
}

#define ELSEWHERE \
        "connection far: password: must be given anew: with endpoint 'evil.example.net:1080' it is sent elsewhere"

static void led_elsewhere(void **state)
{
        pic_error *err = NULL;
        int r;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "connection", "far", proxy, &err));
        r = did("connection", "far", "endpoint", "evil.example.net:1080");
        assert_int_equal(r, PIC_VALUE);
        assert_string_equal(pic_error_message(err), ELSEWHERE);
        assert_string_equal(pic_error_detail(err, "field"), "password");
        assert_non_null(strstr(pic_error_hint(err), "pic connection set far … --password-file FILE"));
        pic_error_free(err);
        err = NULL;
        ok(did("connection", "far", "note", "mine", "connection", "far", "endpoint", "far.example.net:1080"));
        /* given anew, whatever is between */
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(did("connection", "far", "endpoint", "b.example.net:1080", "group", "kids", "note", "x", "connection", "far",
               "password", "another"));
        ok(did("connection", "far", "password", "third", "group", "kids", "note", "y", "connection", "far", "endpoint",
               "c.example.net:1080"));
        ok(did("connection", "far", "password", "-", "connection", "far", "endpoint", "d.example.net:1080"));
        ok(did("connection", "far", "endpoint", "e.example.net:1080")); /* nothing to tell */
        world_end(&w);
}

static void every_kind(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "domain", "home.duckdns.org", duck, &err));
        refused(did("domain", "home.duckdns.org", "server", "evil.example.net"), PIC_VALUE,
                "token: must be given anew: with server 'evil.example.net' it is sent elsewhere");
        refused(did("domain", "home.duckdns.org", "mode", "cloudflare"), PIC_VALUE, "with mode 'cloudflare'");
        ok(did("domain", "home.duckdns.org", "server", "evil.example.net", "domain", "home.duckdns.org", "token", "t"));
        refused(did("domain", "home.duckdns.org", "server", "-"), PIC_VALUE,
                "token: must be given anew: without server it is sent elsewhere");
        refused(did("domain", "home.duckdns.org", "mode", "exec", "domain", "home.duckdns.org", "script", "/bin/cat",
                    "domain", "home.duckdns.org", "server", "-"),
                PIC_VALUE, "token: must be given anew");
        ok(world_add(&w, "alert", "phone", ntfy, &err));
        refused(did("alert", "phone", "to", "ntfy://evil.example.org/topic"), PIC_VALUE,
                "alert phone: token: must be given anew");
        ok(world_add(&w, "target", "nas", web, &err));
        refused(did("target", "nas", "url", "https://evil.example.org/b"), PIC_VALUE,
                "target nas: password: must be given anew");
        ok(did("target", "nas", "keep_last", "3"));
        world_end(&w);
}

static void going_back(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        int first, moved;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "domain", "home.duckdns.org", duck, &err));
        first = now(&w);
        ok(did("domain", "home.duckdns.org", "server", "b.example.net", "domain", "home.duckdns.org", "token", "t"));
        moved = now(&w);
        ok(did("undo", undo_of(moved), "", "")); /* to the old place with the old token */
        world_is(&w, "domain", "home.duckdns.org", "server", NULL);
        ok(did("undo", undo_of(now(&w)), "", ""));
        world_is(&w, "domain", "home.duckdns.org", "server", "b.example.net");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_return(e, first, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
        ok(world_remove(&w, "domain", "home.duckdns.org", &err));
        ok(did("undo", undo_of(now(&w)), "", "")); /* it comes back as it was */
        world_end(&w);
}

/* The old token is fetched from the past to a place that it was not given for. */
static void fetched(void **state)
{
        pic_error *err = NULL;
        int off;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "domain", "home.duckdns.org", duck, &err));
        ok(did("domain", "home.duckdns.org", "enabled", "no"));
        ok(did("domain", "home.duckdns.org", "token", "-"));
        off = now(&w);
        refused(did("undo", undo_of(off), "", "", "domain", "home.duckdns.org", "server", "evil.example.net"),
                PIC_VALUE, "token: must be given anew");
        ok(did("domain", "home.duckdns.org", "server", "evil.example.net"));
        refused(did("undo", undo_of(off), "", ""), PIC_VALUE, "token: must be given anew");
        ok(did("domain", "home.duckdns.org", "server", "-"));
        ok(did("undo", undo_of(off), "", ""));
        world_end(&w);
}

static void documents(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "domain", "home.duckdns.org", duck, &err));
        /* the line to change is told, and what a document can do about it */
        assert_int_equal(world_load(&w,
                                    "domains:\n  home.duckdns.org:\n    mode: duckdns\n    server: evil.example.net\n"
                                    "    secrets: [token]\n",
                                    0, &err),
                         PIC_VALUE);
        assert_non_null(strstr(pic_error_message(err), "cell.yaml:4:"));
        assert_non_null(strstr(pic_error_message(err), ": domain home.duckdns.org: token: must be given anew"));
        assert_string_equal(
                pic_error_hint(err),
                "Write it beside (token: …), or leave server as it was. Or take it away there (token: null, "
                "enabled: no) and give it then: pic domain set home.duckdns.org --token-file FILE --enabled yes");
        pic_error_free(err);
        err = NULL;
        ok(world_load(&w,
                      "domains:\n  home.duckdns.org:\n    mode: duckdns\n    server: a.example.net\n    token: null\n"
                      "    enabled: no\n",
                      0, &err));
        ok(did("domain", "home.duckdns.org", "token", "again", "domain", "home.duckdns.org", "enabled", "yes"));
        ok(world_load(&w, "domains:\n  home.duckdns.org:\n    mode: duckdns\n    server: b.example.net\n    token: x\n",
                      0, &err));
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(led_elsewhere), cmocka_unit_test(every_kind),
                                            cmocka_unit_test(going_back), cmocka_unit_test(fetched),
                                            cmocka_unit_test(documents) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
