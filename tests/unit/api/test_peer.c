/* Shows: a device's configuration is handed out once, as text or picture, and that is written down. */
#include "../../api/world.h"
#include "base/buf.h"

static void config_and_qr(void **state)
{
        static const char *const kept[] = { "key_mode", "kept", NULL };
        pic_error *err = NULL;
        pic_blob *b = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", kept, &err));
        ok(pic_peer_config(w.ctx, "anna", &b, &err));
        assert_true(pic_blob_size(b) > 100);
        pic_blob_unref(b);
        ok(pic_peer_qr(w.ctx, "anna", PIC_QR_PNG, &b, &err));
        assert_memory_equal(pic_blob_data(b), "\x89PNG", 4);
        pic_blob_unref(b);
        refused(pic_peer_qr(w.ctx, "anna", 9, &b, &err), PIC_INVALID, "format");
        refused(pic_peer_qr(w.ctx, NULL, 0, &b, &err), PIC_INVALID, "name");
        refused(pic_peer_config(w.ctx, NULL, &b, &err), PIC_INVALID, "name");
        refused(pic_peer_config(w.ctx, "nobody", &b, &err), PIC_NOTFOUND, "nobody");
        world_end(&w);
}

static void no_endpoint(void **state)
{
        pic_error *err = NULL;
        pic_blob *b = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(world_set(&w, "cell", NULL, "endpoint", NULL, &err));
        assert_int_equal(pic_peer_config(w.ctx, "anna", &b, &err), PIC_BADSTATE);
        assert_non_null(strstr(pic_error_hint(err), "endpoint"));
        pic_error_free(err);
        err = NULL;
        ok(world_set(&w, "cell", NULL, "endpoint", "[2001:db8::1]:51820", &err));
        ok(pic_peer_config(w.ctx, "anna", &b, &err)); /* the refusal did not use the one showing up */
        pic_blob_unref(b);
        world_end(&w);
}

/* A picture that cannot be made does not use up the one showing. */
static void too_long(void **state)
{
        const char *fields[] = { "access", NULL, "tunnel", "split", NULL };
        pic__buf nets = PIC__BUF_INIT;
        pic_error *err = NULL;
        pic_blob *b = NULL;
        world w;
        int i;

        (void)state;
        world_init(&w);
        for (i = 0; i < 110; i++) /* many destinations: a long AllowedIPs */
                pic__buf_putf(&nets, "%s198.18.%d.0/28,[2001:db8:%x::]/64", i > 0 ? "," : "", i, (unsigned)i * 2 + 1);
        fields[1] = pic__buf_str(&nets);
        ok(world_add(&w, "peer", "anna", fields, &err));
        pic__buf_free(&nets);
        refused(pic_peer_qr(w.ctx, "anna", PIC_QR_PNG, &b, &err), PIC_VALUE, "too long");
        ok(pic_peer_config(w.ctx, "anna", &b, &err));
        assert_true(pic_blob_size(b) > 2953);
        pic_blob_unref(b);
        world_end(&w);
}

static void journalled(void **state)
{
        pic_event *event = NULL;
        pic_error *err = NULL;
        pic_sub *sub = NULL;
        pic_blob *b = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic_sub_open(w.ctx, -1, &sub, &err));
        ok(pic_peer_config(w.ctx, "anna", &b, &err));
        pic_blob_unref(b);
        assert_int_equal(pic_sub_next(sub, 2000, &event, &err), 1);
        assert_string_equal(pic_event_verb(event), "reveal");
        assert_string_equal(pic_event_name(event), "anna");
        assert_non_null(strstr(pic_event_actor(event), "tester"));
        pic_event_unref(event);
        pic_sub_unref(sub);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(config_and_qr),
                cmocka_unit_test(no_endpoint),
                cmocka_unit_test(too_long),
                cmocka_unit_test(journalled),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
