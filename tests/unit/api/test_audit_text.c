/* Shows: rows as text for others, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "api/audit.h"

static pic__journal_row row(void)
{
        return (pic__journal_row){ .seq = 2,
                                   .revision = 1,
                                   .time = INT64_C(1800000000000000),
                                   .actor = "root",
                                   .way = "cli",
                                   .kind = "peer",
                                   .id = 9,
                                   .name = "anna",
                                   .verb = "add",
                                   .after = "{\"note\":\"x\"}",
                                   .text = "peer anna added" };
}

static void csv_is(const pic__journal_row *r, const char *want)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;

        pic__audit_csv(r, &b);
        assert_string_equal(pic__buf_str(&b), want);
}

static void csv(void **state)
{
        pic__auto_buf pic__buf head = PIC__BUF_INIT;
        pic__journal_row r = row();

        (void)state;
        pic__audit_csv_head(&head);
        assert_string_equal(pic__buf_str(&head), "seq,revision,time,actor,way,kind,id,name,verb,before,after,text\r\n");
        csv_is(&r,
               "2,1,2027-01-15T08:00:00Z,root,cli,peer,9,anna,add,,\"{\"\"note\"\":\"\"x\"\"}\",peer anna added\r\n");
        r.after = NULL;
        r.name = "";
        r.actor = "=cmd|' /C calc'!A0";
        r.text = "a,b\r\n\"c\"";
        csv_is(&r, "2,1,2027-01-15T08:00:00Z,\"'=cmd|' /C calc'!A0\",cli,peer,9,,add,,,\"a,b\r\n\"\"c\"\"\"\r\n");
        r.actor = "a=b";
        r.text = "-1";
        csv_is(&r, "2,1,2027-01-15T08:00:00Z,a=b,cli,peer,9,,add,,,\"'-1\"\r\n");
}

static void lines(void **state)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT, bad = PIC__BUF_INIT;
        uint8_t leaf[32];
        pic__journal_row r = row();
        size_t i;

        (void)state;
        for (i = 0; i < 32; i++)
                leaf[i] = (uint8_t)(i * 8 + 1);
        r.leaf = leaf;
        pic__audit_line(&r, &b);
        assert_string_equal(pic__buf_str(&b),
                            "0109111921293139414951596169717981899199a1a9b1b9c1c9d1d9e1e9f1f9 "
                            "{\"seq\":2,\"revision\":1,\"time\":1800000000000000,\"actor\":\"root\",\"way\":\"cli\","
                            "\"kind\":\"peer\",\"id\":9,\"name\":\"anna\",\"verb\":\"add\",\"before\":null,"
                            "\"after\":{\"note\":\"x\"},\"text\":\"peer anna added\"}\n");
        /* what somebody put there that no leaf can say: still a line, and not one of that hash */
        r.leaf = NULL;
        r.actor = "\xff";
        pic__audit_line(&r, &bad);
        assert_memory_equal(pic__buf_str(&bad), "- {\"seq\":2,", 11);
        assert_int_equal(pic__buf_str(&bad)[bad.len - 1], '\n');
        assert_ptr_equal(strchr(pic__buf_str(&bad), '\n'), pic__buf_str(&bad) + bad.len - 1);
}

static void proof(void **state)
{
        pic__auto_buf pic__buf leaf = PIC__BUF_INIT, b = PIC__BUF_INIT;
        uint8_t path[2][32] = { { 0 }, { 0xff } };

        (void)state;
        pic__buf_puts(&leaf, "leaf");
        pic__audit_proof(&leaf, 4, path, 2, "origin\n5\nroot\n\n— signature\n", &b);
        assert_string_equal(pic__buf_str(&b), "c2sp.org/tlog-proof@v1\nextra bGVhZg==\nindex 4\n"
                                              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                                              "/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                                              "\norigin\n5\nroot\n\n— signature\n");
}

static void jsonl(void **state)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__journal_row r = row();

        (void)state;
        pic__audit_jsonl(&r, &b);
        assert_string_equal(
                pic__buf_str(&b),
                "{\"seq\":2,\"revision\":1,\"time\":\"2027-01-15T08:00:00Z\",\"actor\":\"root\",\"way\":\"cli\","
                "\"kind\":\"peer\",\"id\":9,\"name\":\"anna\",\"verb\":\"add\",\"before\":null,"
                "\"after\":{\"note\":\"x\"},\"text\":\"peer anna added\"}\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(csv), cmocka_unit_test(lines), cmocka_unit_test(proof),
                                            cmocka_unit_test(jsonl) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
