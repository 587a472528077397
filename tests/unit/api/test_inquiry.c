/* Shows: who may what, the whole as a document. */
#include <sys/stat.h>

#include "../../api/world.h"

static void why(void **state)
{
        static const char *const fields[] = { "access", "192.168.1.10:tcp/445", NULL };
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", fields, &err));
        ok(pic_why_get(w.ctx, "anna", "192.168.1.10:tcp/445", 0, &r, &err));
        assert_int_equal(pic_report_good(r), 1);
        assert_non_null(strstr(pic_report_text(r), "\"rule\":\"192.168.1.10:tcp/445\""));
        assert_non_null(strstr(pic_report_text(r), "\"port\":445"));
        pic_report_unref(r);
        ok(pic_why_get(w.ctx, "anna", "192.168.1.10:tcp/446", 4, &r, &err));
        assert_int_equal(pic_report_good(r), 0);
        assert_non_null(strstr(pic_report_text(r), "\"allowed\":false"));
        pic_report_unref(r);
        ok(pic_why_get(w.ctx, "anna", "192.168.1.10:udp/445", 4, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "\"proto\":\"udp\""));
        pic_report_unref(r);
        refused(pic_why_get(w.ctx, "nobody", "internet", 0, &r, &err), PIC_NOTFOUND, "nobody");
        refused(pic_why_get(w.ctx, "anna", "internet", 5, &r, &err), PIC_INVALID, "family");
        refused(pic_why_get(w.ctx, NULL, "internet", 0, &r, &err), PIC_INVALID, "from");
        world_end(&w);
}

static void origin(world *w, const char *to, const char *want)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        const char *at;

        ok(pic_why_get(w->ctx, "tim", to, 4, &r, &err));
        at = strstr(pic_report_text(r), "\"origin\":");
        assert_non_null(at);
        if (strncmp(at + 9, want, strlen(want)) != 0 && strstr(at, want) == NULL)
                fail_msg("%s: %s is not in %s", to, want, at);
        pic_report_unref(r);
}

/* The change since which it is so, whatever else was changed meanwhile; and who made it. */
static void since(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", (const char *const[]){ "access", "lan", NULL }, &err));
        ok(world_add(&w, "peer", "tim", NULL, &err)); /* 3 */
        origin(&w, "192.168.1.1", "{\"revision\":3,");
        ok(world_set(&w, "peer", "tim", "note", "x", &err));
        ok(world_set(&w, "peer", "tim", "groups", "kids", &err)); /* 5 */
        ok(world_set(&w, "peer", "tim", "note", "y", &err));
        origin(&w, "192.168.1.1", "{\"revision\":5,");
        origin(&w, "192.168.1.1", "\"actor\":\"tester\",\"way\":\"cli\",\"text\":\"peer tim: groups nothing");
        origin(&w, "internet", "{\"revision\":5,");                         /* refused since then at least */
        ok(world_set(&w, "group", "kids", "access", "lan,internet", &err)); /* 7 */
        ok(world_set(&w, "group", "kids", "note", "z", &err));
        origin(&w, "internet", "{\"revision\":7,");
        origin(&w, "192.168.1.1", "{\"revision\":5,");
        ok(world_set(&w, "peer", "tim", "access", "lan", &err)); /* 9: its own now */
        origin(&w, "192.168.1.1", "{\"revision\":9,");
        ok(world_set(&w, "group", "kids", "access", "lan", &err)); /* 10: what let it has gone */
        origin(&w, "internet", "{\"revision\":10,");
        ok(world_set(&w, "peer", "tim", "enabled", "no", &err)); /* 11 */
        ok(world_set(&w, "group", "kids", "access", "", &err));
        origin(&w, "192.168.1.1", "{\"revision\":11,");
        ok(world_set(&w, "peer", "tim", "enabled", "yes", &err));
        origin(&w, "10.77.0.1:udp/53", "null");
        /* Of a revision that changed several groups, the row of the one it is about. */
        ok(world_load(&w, "groups: {first: {access: peers}, kids: {access: internet}, last: {}}", 0, &err));
        origin(&w, "internet", "\"text\":\"group kids: ");
        world_end(&w);
}

static void exported(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic_export_get(w.ctx, 0, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "cell:\n  name: home\n"));
        assert_non_null(strstr(pic_report_text(r), "groups: {}\n"));
        assert_non_null(strstr(pic_report_text(r), "  anna:\n"));
        assert_null(strstr(pic_report_text(r), "private_key"));
        assert_null(strstr(pic_report_text(r), "public_key"));
        r = pic_report_unref(r);
        ok(pic_export_get(w.ctx, PIC_EXPORT_JSON, &r, &err));
        assert_non_null(strstr(pic_report_text(r), "{\"cell\":{\"name\":\"home\","));
        assert_non_null(strstr(pic_report_text(r), "\"groups\":{},\"peers\":{\"anna\":{"));
        pic_report_unref(r);
        refused(pic_export_get(w.ctx, 0, NULL, &err), PIC_INVALID, "ret_report");
        refused(pic_export_get(w.ctx, 2, &r, &err), PIC_INVALID, "flags");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(why),
                cmocka_unit_test(since),
                cmocka_unit_test(exported),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
