/* backend/front/socket.c */
#include "world.h"

static int ask(const char *command, unsigned ms, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char dir[128];

        snprintf(dir, sizeof(dir), "%s/haproxy", world_dir);
        pic__buf_puts(&text, command);
        return pic__front_ask(dir, &text, ms, out, err);
}

static void asks(void **state)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();
        int i;

        (void)state;
        assert_int_equal(ask("show info\n", 1000, &answer, &err), PIC_NOTFOUND);
        assert_non_null(strstr(pic_error_message(err), "does not answer"));
        must(b, SERVER, "main", NULL, VALUE);
        assert_int_equal(ask("show info\n", 5000, &answer, NULL), 0);
        assert_non_null(strstr(answer.data, "Version: 2."));
        hold(b);
        assert_int_equal(ask("show info\n", 50, &answer, NULL), PIC_TIMEOUT);
        kill(pid_of(b), SIGKILL);
        for (i = 0; i < 100 && ask("show info\n", 1000, &answer, NULL) != PIC_NOTFOUND; i++)
                usleep(20000); /* a killed one takes a moment to be dead */
        assert_true(i < 100);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(asks) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
