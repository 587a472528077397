/* engine/fixes.c: the closed list: what is done by itself, each once, and told; and what never is. */
#include "fixture.h"

#include "engine/fixes.h"

static void list(void **state)
{
        static const struct {
                const char *fix, *act;
        } rows[] = {
                { "`pic apply` makes it anew", "apply" },
                { "pic apply", "apply" },
                { "`pic up` sets it; if that is not allowed here: sysctl -w net.ipv4.ip_forward=1", "apply" },
                { "pic drift --repair; or for good: pic cell set --repair yes", "repair" },
                { "pic cert renew NAME tells why", "renew" },
                { "chmod 0600 on it, then make new keys: pic peer rekey", "private" },
                { "`pic dns block refresh` tries again at once", "blocks" },
                { "pic cell set --mtu 1412", NULL },
                { "apt-get install unbound", NULL },
                { "nft insert rule ip filter FORWARD iifname pic0 accept", NULL },
                { "pic peer rekey anna", NULL },
                { "Restart: `pic apply`", NULL },
                { "", NULL },
                { NULL, NULL },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                const char *act = pic__fix_of(rows[i].fix);

                if ((act == NULL) != (rows[i].act == NULL) || (act != NULL && strcmp(act, rows[i].act) != 0))
                        fail_msg("%s: %s", rows[i].fix, act != NULL ? act : "(none)");
        }
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
        pic__found(PIC_LOG_ERROR, "key", "a", "chmod 0600 on it", &f);
        pic__found(PIC_LOG_WARNING, "store", "b", "chmod 0700 on it", &f);
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
        const struct CMUnitTest tests[] = { cmocka_unit_test(list), cmocka_unit_test(done_once_and_told) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
