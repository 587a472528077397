/* What the agent does with a caller's file: which files it takes, and for whom. What a child makes of them is tried by
 * tests/scenario/test_favour.py, with a real agent. */
#include "fixture.h"

#include <fcntl.h>

#include "engine/favour.h"
#include "engine/link.h"
#include "engine/wire.h"

#define FETCH "{\"verb\":\"backup-fetch\",\"target\":\"open\"}"
#define TRY "{\"verb\":\"backup-try\"}"

static cell c;
static pic__engine *e;
static char path[128];

static void add_target(const char *name, const char *url, const char *plain)
{
        const char *fields[] = { "name", name, "url", url, "plain", plain, "every", "never", NULL };
        pic__store *st = cell_store(&c);
        pic__txn *t = NULL;
        pic_obj *o = NULL;

        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__TARGET, &o, NULL), 0);
        assert_int_equal(pic__txn_new_id(t, PIC__TARGET, &o->id, NULL), 0);
        cell_put(t, o, fields);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__store_unref(st);
}

static int set_up(void **state)
{
        (void)state;
        cell_make(&c);
        add_target("open", "/nonexistent/kept", "yes");
        e = cell_open(&c);
        snprintf(path, sizeof(path), "%s/file", c.dir);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        pic__engine_unref(e);
        cell_drop(&c);
        return 0;
}

static int ask(const char *request, int file, const char *actor, char *text, size_t size)
{
        pic__buf answer = PIC__BUF_INIT, result = PIC__BUF_INIT;
        pic_error *err = NULL;
        int r = pic__verbs_handle_along(e, request, strlen(request), file, actor, &answer);

        snprintf(text, size, "%s", "");
        if (r <= 0) {
                assert_int_equal(pic__wire_open(pic__buf_str(&answer), answer.len, &result, &err), r);
                snprintf(text, size, "%s", r == 0 ? pic__buf_str(&result) : pic_error_message(err));
        } else {
                assert_int_equal(answer.len, 0);
        }
        pic_error_free(err);
        pic__buf_free(&answer);
        pic__buf_free(&result);
        return r;
}

static void files(void **state)
{
        char text[512];
        int pair[2], r = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600), w = open(path, O_WRONLY | O_CLOEXEC);

        (void)state;
        assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
        assert_int_equal(ask(FETCH, -1, "root", text, sizeof(text)), PIC_INVALID);
        assert_string_equal(text, "a file comes along that can be written");
        assert_int_equal(ask(FETCH, r, "root", text, sizeof(text)), PIC_INVALID);
        assert_int_equal(ask(FETCH, pair[1], "root", text, sizeof(text)), PIC_INVALID);
        assert_int_equal(ask(FETCH, 9999, "root", text, sizeof(text)), PIC_INVALID);
        assert_int_equal(ask(TRY, w, "root", text, sizeof(text)), PIC_INVALID);
        assert_string_equal(text, "a file comes along that can be read");
        assert_int_equal(pic__engine_favour_fd(e), -1);
        pic__engine_favour_turn(e); /* nothing is under way */
        close(pair[0]);
        close(pair[1]);
        close(r);
        close(w);
}

static void for_whom(void **state)
{
        char text[512];
        int w = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        (void)state;
        assert_int_equal(ask(FETCH, w, "uid 7", text, sizeof(text)), PIC_DENIED);
        assert_non_null(strstr(text, "target open are not encrypted"));
        assert_int_equal(ask("{\"verb\":\"backup-fetch\",\"target\":\"none\"}", w, "uid 7", text, sizeof(text)),
                         PIC_NOTFOUND);
        assert_int_equal(ask("{\"verb\":\"backup-try\",\"work_factor\":30}", w, "uid 7", text, sizeof(text)),
                         PIC_INVALID);
        close(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(files, set_up, tear_down),
                                            cmocka_unit_test_setup_teardown(for_whom, set_up, tear_down) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
