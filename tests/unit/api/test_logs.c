/* The logs: their end, what is chosen of them, page by page and as it comes; and how much comes into them. */
#include <sys/stat.h>

#include "../../api/world.h"

static void logs(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        char path[128];
        FILE *f;
        int i;
        world w;

        (void)state;
        world_init(&w);
        snprintf(path, sizeof(path), "%s/log", w.dir);
        (void)mkdir(path, 0750);
        snprintf(path, sizeof(path), "%s/log/agent.log", w.dir);
        f = fopen(path, "a");
        assert_non_null(f);
        for (i = 0; i < 200; i++)
                fprintf(f, "2027-01-01T00:00:00Z info engine: line %d\n", i);
        fclose(f);
        ok(pic_log_get(w.ctx, "agent", 2, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "line 199"));
        assert_non_null(strstr(pic_report_text(r), "line 198"));
        assert_null(strstr(pic_report_text(r), "line 197"));
        pic_report_unref(r);
        ok(pic_log_get(w.ctx, NULL, 0, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "line 100"));
        assert_null(strstr(pic_report_text(r), "line 99\n"));
        pic_report_unref(r);
        refused(pic_log_get(w.ctx, "moon", 0, &r, &err), PIC_NOTFOUND, "moon");
        refused(pic_log_get(NULL, NULL, 0, &r, &err), PIC_INVALID, "ctx");
        world_end(&w);
}

/* Told without an agent here, for the next one to start. */
static void levels(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_log_level_set(w.ctx, "wg", "debug", &err));
        ok(pic_log_levels(w.ctx, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "{\"root\":\"info\",\"areas\":{\"agent\":\"info\""));
        assert_non_null(strstr(pic_report_text(r), "\"wg\":\"debug\"},\"own\":[\"wg\"]}"));
        pic_report_unref(r);
        ok(pic_log_level_set(w.ctx, "wg", NULL, &err));
        ok(pic_log_level_set(w.ctx, NULL, "error", &err));
        ok(pic_log_levels(w.ctx, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "\"wg\":\"error\"},\"own\":[]}"));
        pic_report_unref(r);
        refused(pic_log_level_set(w.ctx, "sea", "debug", &err), PIC_VALUE, "no area");
        refused(pic_log_level_set(w.ctx, "wg", "loud", &err), PIC_VALUE, "must be error");
        refused(pic_log_level_set(NULL, "wg", "info", &err), PIC_INVALID, "ctx");
        refused(pic_log_levels(w.ctx, NULL, &err), PIC_INVALID, "ret_report");
        world_end(&w);
}

static void write_log(const world *w, const char *name, const char *text)
{
        char path[128];
        FILE *f;

        snprintf(path, sizeof(path), "%s/log", w->dir);
        (void)mkdir(path, 0750);
        snprintf(path, sizeof(path), "%s/log/%s.log", w->dir, name);
        f = fopen(path, "a");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

/* How many lines the answer has; all of it in *ret_text (free). */
static int found(world *w, const pic_log_opts *o, char **ret_text)
{
        pic_report *r = NULL;
        pic_error *err = NULL;
        const char *at;
        int count = 0;

        ok(pic_log_search(w->ctx, o, &r, &err));
        for (at = pic_report_text(r); (at = strstr(at, "{\"time\":")) != NULL; at++)
                count++;
        if (ret_text != NULL)
                *ret_text = strdup(pic_report_text(r));
        pic_report_unref(r);
        return count;
}

static const char *const wgfields[] = { "type",        "wireguard",
                                        "endpoint",    "192.0.2.7:51820",
                                        "addresses",   "10.64.0.2/32",
                                        "peer_key",    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhw=",
                                        "private_key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8=",
                                        NULL };

static void search(void **state)
{
        pic_log_opts o = PIC_LOG_OPTS_INIT;
        pic_error *err = NULL;
        char *key, *text, line[200];
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", (const char *const[]){ "address4", "10.77.0.9", NULL }, &err));
        ok(world_add(&w, "connection", "far", wgfields, &err));
        assert_int_equal(found(&w, NULL, NULL), 0);
        key = world_get(&w, "peer", "anna", "public_key");
        write_log(&w, "agent",
                  "2026-01-01T00:00:01Z INFO engine configuration of peer 'anna' shown to root\n"
                  "2026-01-01T00:00:02Z WARNING exit connection far is down\n"
                  "2026-01-01T00:00:03Z INFO exit1-wg started as process 9\n");
        snprintf(line, sizeof(line),
                 "DEBUG: (wgpic) 2026/01/01 00:00:04 peer(%.4s…%.4s) - Handshake\nfrom 10.77.0.9 to 10.77.0.91\n", key,
                 key + 39);
        write_log(&w, "wg", line);
        write_log(&w, "exit1-wg", "whatever\n");
        free(key);
        assert_int_equal(found(&w, &o, NULL), 6);
        o.peer = "anna";
        assert_int_equal(found(&w, &o, NULL), 3);
        o.peer = NULL;
        o.connection = "far";
        assert_int_equal(found(&w, &o, NULL), 3);
        o.level = "warning";
        assert_int_equal(found(&w, &o, &text), 1);
        assert_non_null(strstr(
                text, "\"level\":\"warning\",\"area\":\"exit\",\"from\":null,\"text\":\"connection far is down\"}"));
        free(text);
        o = (pic_log_opts)PIC_LOG_OPTS_INIT;
        o.text = "HANDshake";
        assert_int_equal(found(&w, &o, NULL), 0);
        o.flags = PIC_LOG_FOLD;
        assert_int_equal(found(&w, &o, NULL), 1);
        o = (pic_log_opts)PIC_LOG_OPTS_INIT;
        o.area = "exit";
        assert_int_equal(found(&w, &o, NULL), 3);
        o.since = INT64_C(1767225602) * 1000000;
        o.until = o.since;
        assert_int_equal(found(&w, &o, NULL), 1);
        world_end(&w);
}

/* The text of a member of the answer, to free. */
static char *member(const char *answer, const char *key)
{
        const char *at = strstr(answer, key);

        assert_non_null(at);
        at += strlen(key);
        return strndup(at, strcspn(at, "\""));
}

static void pages(void **state)
{
        pic_log_opts o = PIC_LOG_OPTS_INIT;
        char *text, *before, *after;
        world w;

        (void)state;
        world_init(&w);
        write_log(&w, "agent",
                  "2026-01-01T00:00:01Z INFO wg a\n2026-01-01T00:00:01Z INFO wg b\n2026-01-01T00:00:02Z INFO wg c\n");
        o.max = 2;
        assert_int_equal(found(&w, &o, &text), 2);
        before = member(text, "\"before\":\"");
        after = member(text, "\"after\":\"");
        free(text);
        o.before = before;
        assert_int_equal(found(&w, &o, &text), 1);
        assert_non_null(strstr(text, "\"text\":\"a\""));
        assert_non_null(strstr(text, "\"before\":null"));
        free(text);
        o.before = NULL;
        o.after = after;
        assert_int_equal(found(&w, &o, NULL), 0);
        write_log(&w, "agent", "2026-01-01T00:00:03Z INFO wg d\n");
        assert_int_equal(found(&w, &o, &text), 1);
        assert_non_null(strstr(text, "\"text\":\"d\""));
        assert_non_null(strstr(text, "\"more\":false"));
        free(text);
        free(before);
        free(after);
        world_end(&w);
}

static void refuse(world *w, const pic_log_opts *o, int code, const char *what)
{
        pic_report *r = NULL;
        pic_error *err = NULL;

        refused(pic_log_search(w->ctx, o, &r, &err), code, what);
        assert_null(r);
}

static void refusals(void **state)
{
        pic_log_opts o = PIC_LOG_OPTS_INIT;
        pic_report *r = NULL;
        pic_error *err = NULL;
        char text[300];
        world w;

        (void)state;
        world_init(&w);
        memset(text, 'x', sizeof(text));
        text[299] = '\0';
#define WITH(...) refuse(&w, &(pic_log_opts){ .size = sizeof(o), __VA_ARGS__ }
        WITH(.area = "moon"), PIC_NOTFOUND, "moon");
        WITH(.level = "loud"), PIC_VALUE, "level");
        WITH(.text = "a\nb"), PIC_VALUE, "text");
        WITH(.text = text), PIC_VALUE, "text");
        WITH(.peer = "nobody"), PIC_NOTFOUND, "nobody");
        WITH(.connection = "nowhere"), PIC_NOTFOUND, "nowhere");
        WITH(.peer = "a", .connection = "b"), PIC_VALUE, "connection");
        WITH(.since = 5, .until = 4), PIC_VALUE, "until");
        WITH(.before = "x"), PIC_VALUE, "before");
        WITH(.after = "x"), PIC_VALUE, "after");
        WITH(.flags = 4), PIC_INVALID, "flags");
        refused(pic_log_search(NULL, &o, &r, &err), PIC_INVALID, "ctx");
        refused(pic_log_search(w.ctx, &o, NULL, &err), PIC_INVALID, "ret_report");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(logs), cmocka_unit_test(levels), cmocka_unit_test(search),
                                            cmocka_unit_test(pages), cmocka_unit_test(refusals) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
