/* Shows: what the name server wrote, by device, the newest last; what is no such line is none. */
#include "../../api/world.h"

static void put(const world *w, const char *file, const char *text)
{
        char path[512];
        FILE *f;

        snprintf(path, sizeof(path), "%s/log", w->dir);
        (void)mkdir(path, 0750);
        snprintf(path, sizeof(path), "%s/log/%s", w->dir, file);
        f = fopen(path, "w");
        assert_non_null(f);
        fputs(text, f);
        fclose(f);
}

static void is(world *w, const char *peer, uint32_t max, const char *want)
{
        pic_error *err = NULL;
        pic_report *r = NULL;

        ok(pic_dns_log(w->ctx, peer, max, &r, &err));
        assert_string_equal(pic_report_text(r), want);
        pic_report_unref(r);
}

#define FIRST                                                                                                          \
        "{\"time\":\"2026-11-26T18:57:38Z\",\"address\":\"10.77.0.2\",\"peer\":\"anna\",\"name\":\"nas.home.internal." \
        "\","                                                                                                          \
        "\"type\":\"A\",\"status\":\"NOERROR\",\"ms\":0,\"list\":null}"
#define SECOND                                                                                                  \
        "{\"time\":\"2026-11-26T18:57:39Z\",\"address\":\"10.77.0.9\",\"peer\":null,\"name\":\"www.example.\"," \
        "\"type\":"                                                                                             \
        "\"AAAA\",\"status\":\"SERVFAIL\",\"ms\":12,\"list\":null}"
#define BLOCKED                                                                                                        \
        "{\"time\":\"2026-11-26T18:57:38Z\",\"address\":\"fd77::2\",\"peer\":null,\"name\":\"ads.example.\",\"type\":" \
        "\"AAAA\","                                                                                                    \
        "\"status\":\"NXDOMAIN\",\"ms\":0,\"list\":\"ads\"}"

static void lines(void **state)
{
        static const char *const fields[] = { "address4", "10.77.0.2", NULL };
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        is(&w, NULL, 0, "{\"on\":false,\"lines\":[]}");
        ok(world_add(&w, "peer", "anna", fields, &err));
        ok(world_set(&w, "cell", NULL, "query_log", "yes", &err));
        put(&w, "queries.log.1",
            "[1795719458] unbound[27721:0] info: start of service (unbound 1.17.1).\n"
            "[1795719458] unbound[27721:0] reply: 10.77.0.2 nas.home.internal. A IN NOERROR 0.000000 1 48\n");
        put(&w, "queries.log",
            "[1795719459] unbound[27721:0] reply: 10.77.0.9 www.example. AAAA IN SERVFAIL 0.012000 0 40\n"
            "[1795719460] unbound[27721:0] reply: 10.77.0.9 broken\n[1795719460] unbound[27721:0] reply: 10.77.0.2 un");
        is(&w, NULL, 0, "{\"on\":true,\"lines\":[" FIRST "," SECOND "]}");
        is(&w, "anna", 5, "{\"on\":true,\"lines\":[" FIRST "]}");
        is(&w, NULL, 1, "{\"on\":true,\"lines\":[" SECOND "]}");
        /* what the filter answered stands among it, by time */
        put(&w, "queries-blocked.log",
            "[1795719458] sieve: blocked fd77::2 ads.example. 28 ads\n[1795719458] sieve: blocked fd77::2 ads.example. "
            "99999 ads\n");
        is(&w, NULL, 0, "{\"on\":true,\"lines\":[" FIRST "," BLOCKED "," SECOND "]}");
        is(&w, NULL, 2, "{\"on\":true,\"lines\":[" BLOCKED "," SECOND "]}");
        refused(pic_dns_log(w.ctx, "nobody", 0, &r, &err), PIC_NOTFOUND, "nobody");
        refused(pic_dns_log(NULL, NULL, 0, &r, &err), PIC_INVALID, "ctx");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
