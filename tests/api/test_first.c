/* Shows: the first way through, as a front end goes it: a cell, a peer, its configuration, its QR code, who may what,
 * and back to nothing. */
#include "world.h"

static void whole_way(void **state)
{
        static const char *const fields[] = { "access", "internet,lan", "note", "Anna's phone", NULL };
        pic_error *err = NULL;
        pic_report *report = NULL;
        pic_blob *blob = NULL;
        pic_list *list = NULL;
        const char *text;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", fields, &err));
        world_is(&w, "peer", "anna", "address4", "10.77.0.2");
        world_is(&w, "peer", "anna", "address6", "fd77:1:2::2");
        world_is(&w, "peer", "anna", "key_mode", "sealed");
        world_is(&w, "peer", "anna", "private_key", NULL);
        ok(pic_list_get(w.ctx, "peer", &list, &err));
        assert_int_equal(pic_list_count(list), 1);
        assert_non_null(strstr(pic_list_json(list), "\"name\":\"anna\""));
        assert_null(strstr(pic_list_json(list), "private_key"));
        pic_list_unref(list);
        ok(pic_peer_config(w.ctx, "anna", &blob, &err));
        text = pic_blob_data(blob);
        assert_non_null(strstr(text, "[Interface]"));
        assert_non_null(strstr(text, "PrivateKey"));
        assert_non_null(strstr(text, "PresharedKey"));
        assert_non_null(strstr(text, "10.77.0.2"));
        assert_non_null(strstr(text, "Endpoint = vpn.example.org:51820"));
        pic_blob_unref(blob);
        refused(pic_peer_config(w.ctx, "anna", &blob, &err), PIC_BADSTATE, "anna");
        ok(pic_why_get(w.ctx, "anna", "internet", 4, &report, &err));
        assert_int_equal(pic_report_good(report), 1);
        pic_report_unref(report);
        ok(pic_status_get(w.ctx, 5000, &report, &err));
        assert_int_equal(pic_report_good(report), 1);
        assert_non_null(strstr(pic_report_text(report), "\"world\":\"fake\""));
        pic_report_unref(report);
        ok(world_remove(&w, "peer", "anna", &err));
        ok(pic_list_get(w.ctx, "peer", &list, &err));
        assert_int_equal(pic_list_count(list), 0);
        assert_string_equal(pic_list_json(list), "[]");
        pic_list_unref(list);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(whole_way) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
