/* Each verb's way through, and requests that are none. */
#include "fixture.h"

#include "engine/link.h"
#include "engine/wire.h"

static cell c;
static pic__engine *e;

static int set_up(void **state)
{
        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open(&c);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        pic__engine_unref(e);
        cell_drop(&c);
        return 0;
}

/* The code; text gets the result or the error's message. */
static int ask(const char *request, char *text, size_t size)
{
        pic__buf answer = PIC__BUF_INIT, result = PIC__BUF_INIT;
        pic_error *err = NULL;
        int code = pic__verbs_handle(e, request, strlen(request), "uid 7", &answer);
        int r = pic__wire_open(pic__buf_str(&answer), answer.len, &result, &err);

        assert_int_equal(r, code);
        snprintf(text, size, "%s", r == 0 ? pic__buf_str(&result) : pic_error_message(err));
        pic_error_free(err);
        pic__buf_free(&answer);
        pic__buf_free(&result);
        return r;
}

static void test_all(void **state)
{
        char text[8192];

        (void)state;
        assert_int_equal(ask("{\"verb\":\"ping\"}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"revision\":2,\"applied\":-1"));
        assert_int_equal(ask("{\"verb\":\"plan\"}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"steps\":[{"));
        assert_int_equal(ask("{\"verb\":\"apply\",\"revision\":2}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "{\"applied\":2,\"steps\":"));
        assert_int_equal(ask("{\"verb\":\"apply\"}", text, sizeof(text)), 0);
        assert_string_equal(text, "{\"applied\":2,\"steps\":0}");
        assert_int_equal(ask("{\"verb\":\"apply\",\"revision\":99}", text, sizeof(text)), PIC_STALE);
        assert_int_equal(ask("{\"verb\":\"repair\"}", text, sizeof(text)), 0);
        assert_string_equal(text, "{\"applied\":2,\"steps\":0}");
        assert_int_equal(ask("{\"verb\":\"plan\"}", text, sizeof(text)), 0);
        assert_string_equal(text, "{\"revision\":2,\"steps\":[]}");
        assert_int_equal(ask("{\"verb\":\"plan\",\"spare\":true}", text, sizeof(text)), 0);
        assert_string_equal(text, "{\"revision\":2,\"steps\":[]}");
        assert_int_equal(ask("{\"verb\":\"plan\",\"spare\":1}", text, sizeof(text)), PIC_INVALID);
        assert_int_equal(ask("{\"verb\":\"status\",\"peers\":false}", text, sizeof(text)), 0);
        assert_null(strstr(text, "anna"));
        assert_int_equal(ask("{\"verb\":\"status\",\"peers\":null}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "anna"));
        assert_int_equal(ask("{\"verb\":\"doctor\"}", text, sizeof(text)), 0);
        assert_string_equal(text, "{\"findings\":[]}");
        assert_int_equal(ask("{\"verb\":\"logs\",\"lines\":5}", text, sizeof(text)), 0);
        assert_string_equal(text, "{\"text\":\"\"}");
        assert_int_equal(ask("{\"verb\":\"logs\",\"area\":\"moon\"}", text, sizeof(text)), PIC_NOTFOUND);
}

/* An engine that was opened for one call brings the world up before it tells about it. */
static void test_settle(void **state)
{
        char text[8192];

        (void)state;
        assert_int_equal(ask("{\"verb\":\"status\"}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"ready\":true"));
        assert_int_equal(pic__engine_teardown(e, 0, NULL), 0);
        pic__fake_fail_at(e->backends[PIC__B_WG], 1);
        assert_int_equal(ask("{\"verb\":\"status\"}", text, sizeof(text)), 0);
        assert_non_null(strstr(text, "\"ready\":false"));
        assert_int_equal(ask("{\"verb\":\"repair\"}", text, sizeof(text)), 0);
        pic__fake_fail_at(e->backends[PIC__B_NFT], 1);
        assert_int_equal(pic__fake_tamper(e->backends[PIC__B_NFT], PIC__I_NFT_SHAPE, "table", NULL), 0);
        assert_int_equal(ask("{\"verb\":\"repair\"}", text, sizeof(text)), PIC_BACKEND);
        assert_int_equal(ask("{\"verb\":\"apply\"}", text, sizeof(text)), 0);
}

static int last_actor(const pic__journal_row *row, void *data)
{
        snprintf(data, 128, "%s|%s|%s", row->actor, row->way, row->verb);
        return 0;
}

static void test_reveal(void **state)
{
        char text[8192], who[128] = "";

        (void)state;
        assert_int_equal(ask("{\"verb\":\"reveal\"}", text, sizeof(text)), PIC_INVALID);
        assert_int_equal(ask("{\"verb\":\"reveal\",\"peer\":\"anna\",\"form\":\"gif\"}", text, sizeof(text)),
                         PIC_INVALID);
        assert_int_equal(ask("{\"verb\":\"reveal\",\"peer\":7}", text, sizeof(text)), PIC_INVALID);
        /* not what the journal would show to people */
        assert_int_equal(ask("{\"verb\":\"reveal\",\"peer\":\"anna\",\"way\":\"\\u001b[31m\"}", text, sizeof(text)),
                         PIC_INVALID);
        assert_int_equal(ask("{\"verb\":\"reveal\",\"peer\":\"nobody\"}", text, sizeof(text)), PIC_NOTFOUND);
        assert_int_equal(
                ask("{\"verb\":\"reveal\",\"peer\":\"anna\",\"form\":\"qr\",\"way\":\"http\",\"actor\":\"user kim\"}",
                    text, sizeof(text)),
                0);
        assert_non_null(strstr(text, "[Interface]"));
        assert_non_null(strstr(text, "PrivateKey = "));
        assert_int_equal(pic__store_journal(e->store, 0, 100, last_actor, who, NULL), 0);
        assert_string_equal(who, "user kim via uid 7|http|reveal"); /* who says so is named too */
        assert_int_equal(ask("{\"verb\":\"reveal\",\"peer\":\"anna\"}", text, sizeof(text)), PIC_BADSTATE);
}

static void test_stop(void **state)
{
        char text[512];
        pic__items left = PIC__ITEMS_INIT;

        (void)state;
        assert_int_equal(ask("{\"verb\":\"stop\",\"down\":3}", text, sizeof(text)), PIC_INVALID);
        assert_int_equal(ask("{\"verb\":\"stop\",\"keep_block\":\"true\"}", text, sizeof(text)), PIC_INVALID);
        assert_false(pic__engine_stopping(e));
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(ask("{\"verb\":\"stop\"}", text, sizeof(text)), 0);
        assert_string_equal(text, "{\"stopped\":true}");
        assert_true(pic__engine_stopping(e));
        assert_true(cell_world(e, &left) > 0);
        pic__items_wipe(&left);
        assert_int_equal(ask("{\"verb\":\"stop\",\"down\":true,\"keep_block\":false}", text, sizeof(text)), 0);
        assert_int_equal(cell_world(e, &left), 0);
        pic__items_wipe(&left);
}

static void test_nonsense(void **state)
{
        static const char *const bad[] = {
                "",
                "x",
                "[]",
                "3",
                "null",
                "{}",
                "{\"verb\":null}",
                "{\"verb\":3}",
                "{\"verb\":[]}",
                "{\"verb\":\"\"}",
                "{\"verb\":\"Ping\"}",
                "{\"verb\":\"ping\"",
                "{\"verb\":\"ping\"}{}",
                "{\"verb\":\"format-disk\"}",
                "{\"verb\":\"ping\",\"verb\":\"stop\"}",
                "{\"verb\":\"apply\",\"revision\":-1}",
                "{\"verb\":\"apply\",\"revision\":\"1\"}",
                "{\"verb\":\"apply\",\"revision\":1.5}",
                "{\"verb\":\"apply\",\"revision\":99999999999999999999}",
                "{\"verb\":\"apply\",\"revision\":{}}",
                "{\"verb\":\"status\",\"peers\":1}",
                "{\"verb\":\"logs\",\"lines\":1000000}",
                "{\"verb\":\"logs\",\"area\":3}",
                "\xff\xfe",
                "{\"verb\":\"\\ud800\"}",
        };
        char text[512], longer[400];
        pic__buf answer = PIC__BUF_INIT;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                int r = ask(bad[i], text, sizeof(text));

                if (r != PIC_INVALID && r != PIC_SYNTAX)
                        fail_msg("%s: %d", bad[i], r);
        }
        snprintf(longer, sizeof(longer), "{\"verb\":\"%0300d\"}", 1);
        assert_int_equal(ask(longer, text, sizeof(text)), PIC_INVALID);
        assert_int_equal(pic__verbs_handle(e, bad[0], PIC__WIRE_REQUEST_MAX + 1, "root", &answer), PIC_INVALID);
        pic__buf_free(&answer);
}

static void test_exits(void **state)
{
        char text[8192];

        (void)state;
        assert_int_equal(ask("{\"verb\":\"exit-restart\",\"name\":\"none\"}", text, sizeof(text)), PIC_NOTFOUND);
        assert_int_equal(ask("{\"verb\":\"exit-restart\",\"name\":1}", text, sizeof(text)), PIC_INVALID);
        assert_int_equal(ask("{\"verb\":\"exit-test\",\"name\":\"none\"}", text, sizeof(text)), PIC_NOTFOUND);
        assert_int_equal(ask("{\"verb\":\"exit-test\",\"peer\":{}}", text, sizeof(text)), PIC_INVALID);
}

/* The list in the header is the list. */
static void test_list(void **state)
{
        static const char *const names[] = {
#define X(id, name) name,
                PIC__LINK_VERBS(X)
#undef X
        };
        char request[128], text[8192];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(names); i++) {
                snprintf(request, sizeof(request), "{\"verb\":\"%s\"}", names[i]);
                (void)ask(request, text, sizeof(text));
                assert_null(strstr(text, "no such verb"));
        }
}

static void test_no_memory(void **state)
{
        static const char *const requests[] = { "{\"verb\":\"ping\"}", "{\"verb\":\"status\"}", "{\"verb\":\"plan\"}",
                                                "{\"verb\":\"reveal\",\"peer\":\"kim\",\"actor\":\"x\"}",
                                                "{\"verb\":\"logs\",\"area\":\"wg\"}" };
        unsigned long n;
        size_t i;

        (void)state;
        cell_add_peer(&c, "kim", (const char *const[]){ "key_mode", "kept", NULL });
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        for (i = 0; i < PIC__COUNT(requests); i++) {
                int r = PIC_NOMEM;

                for (n = 1; r != 0 && n < 4000; n += 1 + n / 50) {
                        pic__buf answer = PIC__BUF_INIT;

                        pic__mem_fail_at(n);
                        r = pic__verbs_handle(e, requests[i], strlen(requests[i]), "root", &answer);
                        pic__mem_fail_at(0);
                        assert_true(r == 0 || r == PIC_NOMEM);
                        assert_true(answer.len > 10 || r == PIC_NOMEM);
                        pic__buf_wipe(&answer);
                }
                assert_int_equal(r, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_all, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_settle, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_reveal, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_stop, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_nonsense, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_exits, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
