/* engine/fixes.c: the closed list: what is done by itself, each once, and told; and what never is. */
#include "fixture.h"

#include "engine/fixes.h"

/* Each id is another, and a number without one is none. */
static void list(void **state)
{
        int act, other;

        (void)state;
        for (act = 1; act < PIC__ACTS; act++) {
                assert_non_null(pic__act_name(act << 8));
                for (other = 1; other < act; other++)
                        assert_string_not_equal(pic__act_name(act << 8), pic__act_name(other << 8));
        }
        assert_null(pic__act_name(0));
        assert_null(pic__act_name(PIC__ACTS << 8));
        assert_string_equal(pic__act_name(PIC__ACT_PRIVATE), "private");
}

/* What is done follows from what was said with the level, never from a text. */
static void by_its_id(void **state)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);

        (void)state;
        pic__found(PIC_LOG_WARNING, "dns", "a", "`pic apply` starts it", &f);
        pic__foundf(&f, PIC_LOG_ERROR | PIC__ACT_RENEW, "certs", NULL, "%s", "b");
        assert_int_equal(pic__findings_json(&f, &j, NULL), 0);
        assert_string_equal(pic__buf_str(&text),
                            "[{\"level\":\"error\",\"area\":\"certs\",\"what\":\"b\",\"fix\":null,\"act\":\"renew\"},"
                            "{\"level\":\"warning\",\"area\":\"dns\",\"what\":\"a\",\"fix\":\"`pic apply` starts "
                            "it\",\"act\":null}]");
}

static void done_once_and_told(void **state)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        struct stat st;
        char path[128];
        pic__engine *e;
        int64_t rows;
        cell c;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        snprintf(path, sizeof(path), "%s/" PIC__KEYFILE, c.dir);
        assert_int_equal(chmod(path, 0644), 0);
        assert_int_equal(chmod(c.dir, 0755), 0);
        rows = pic__store_last_seq(e->store);
        pic__found(PIC_LOG_ERROR | PIC__ACT_PRIVATE, "key", "a", "chmod 0600 on it", &f);
        pic__found(PIC_LOG_WARNING | PIC__ACT_PRIVATE, "store", "b", "chmod 0700 on it", &f);
        pic__found(PIC_LOG_WARNING, "dns", "c", "apt-get install unbound", &f);
        assert_int_equal(pic__engine_fix(e, &f, "root", &j, NULL), 0);
        assert_string_equal(pic__buf_str(&text),
                            "[{\"act\":\"private\",\"done\":true,\"what\":\"the cell's directory and its key are "
                            "private again\",\"error\":null}]");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(stat(c.dir, &st), 0);
        assert_int_equal(st.st_mode & 07, 0);
        assert_int_equal(pic__store_last_seq(e->store), rows + 1);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(list), cmocka_unit_test(by_its_id),
                                            cmocka_unit_test(done_once_and_told) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
