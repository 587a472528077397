/* Shows: the table is told whole, as text and as JSON, the same for both. */
#include "../../api/world.h"

static void table(void **state)
{
        pic_report *text = NULL, *json = NULL;
        pic_error *err = NULL;
        const char *at;
        size_t rows = 0, cells = 0;

        (void)state;
        ok(pic_connection_policy(NULL, NULL, 0, &text, &err));
        ok(pic_connection_policy(NULL, NULL, PIC_POLICY_JSON, &json, &err));
        for (at = pic_report_text(json); (at = strstr(at, "\"verdict\"")) != NULL; at++)
                cells++;
        for (at = pic_report_text(text); (at = strchr(at, '\n')) != NULL; at++)
                rows++;
        /* six tables, each with a title, the states, a row for each of 18 kinds of packets; between them an empty line
         */
        assert_int_equal(rows, 6 * 20 + 5 + 14); /* and what the words mean */
        assert_int_equal(cells, 6 * 18 * 7);
        assert_non_null(strstr(pic_report_text(text), "\ndevice udp4        reject"));
        assert_non_null(strstr(pic_report_text(json), "{\"carries\":\"block\",\"state\":\"opened\",\"packet\":\"device "
                                                      "tcp4\",\"verdict\":\"reject\"}"));
        pic_report_unref(text);
        pic_report_unref(json);
        refused(pic_connection_policy(NULL, NULL, 2, &text, &err), PIC_INVALID, "flags");
        refused(pic_connection_policy(NULL, NULL, 0, NULL, &err), PIC_INVALID, "ret_report");
}

/* What is carried by those that `of` means, as "tcp tcp4 "; NULL: refused. */
static const char *carried(pic_ctx *ctx, const char *of)
{
        static const char *const caps[] = { "full", "ipv4", "ipv6", "tcp", "tcp4", "block" };
        static char text[64];
        pic_report *json = NULL;
        char part[32];
        size_t i;

        text[0] = '\0';
        if (pic_connection_policy(ctx, of, PIC_POLICY_JSON, &json, NULL) < 0)
                return NULL;
        for (i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
                snprintf(part, sizeof(part), "\"carries\":\"%s\"", caps[i]);
                if (strstr(pic_report_text(json), part) != NULL)
                        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", caps[i]);
        }
        pic_report_unref(json);
        return text;
}

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void of_some(void **state)
{
        static const char *const tor[] = { "type", "tor", NULL };
        static const char *const v4[] = { "type", "wireguard", "endpoint",    "192.0.2.1:1", "peer_key",
                                          KEY,    "addresses", "10.5.0.2/32", NULL };
        static const char *const group[] = { "type", "group", "members", "onion,ssh", NULL };
        pic_report *text = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "connection", "onion", tor, &err));
        ok(world_add(&w, "connection", "ssh", v4, &err));
        ok(world_add(&w, "connection", "best", group, &err));
        assert_string_equal(carried(w.ctx, "onion"), "tcp ");
        assert_string_equal(carried(w.ctx, "SSH"), "ipv4 "); /* a name comes before a type */
        assert_string_equal(carried(NULL, "ssh"), "tcp4 ");
        assert_string_equal(carried(w.ctx, "best"), "ipv4 tcp ");
        assert_string_equal(carried(w.ctx, "openvpn"), "full ipv4 ipv6 ");
        assert_string_equal(carried(NULL, "block"), "block ");
        assert_string_equal(carried(NULL, "tcp4"), "tcp4 ");
        ok(pic_connection_policy(w.ctx, "onion", 0, &text, &err));
        assert_int_equal(strncmp(pic_report_text(text), "tcp: ", 5), 0);
        pic_report_unref(text);
        refused(pic_connection_policy(w.ctx, "nobody", 0, &text, &err), PIC_NOTFOUND, "nobody");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(of_some) };

        return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
