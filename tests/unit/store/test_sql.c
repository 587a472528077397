/* SQL from the field tables: every field is a column, a CHECK stands for every rule a column can hold. */
#include "help.h"

static void every_field(void **state)
{
        size_t k, i;

        (void)state;
        for (k = 0; k < PIC__KINDS; k++) {
                pic__buf sql = PIC__BUF_INIT;

                pic__sql_table((enum pic__kind)k, "x", &sql);
                assert_int_equal(strncmp(sql.data, "CREATE TABLE \"x\" (id INTEGER PRIMARY KEY AUTOINCREMENT", 53), 0);
                assert_non_null(strstr(sql.data, ") STRICT"));
                for (i = 0; i < pic__kinds[k].count; i++) {
                        char column[80];

                        snprintf(column, sizeof(column), ", \"%s\" ", pic__kinds[k].fields[i].name);
                        assert_non_null(strstr(sql.data, column));
                }
                pic__buf_free(&sql);
        }
}

static void column(const pic__field *f, int later, const char *want)
{
        pic__buf sql = PIC__BUF_INIT;

        pic__sql_column(f, later, &sql);
        assert_string_equal(pic__buf_str(&sql), want);
        pic__buf_free(&sql);
}

static void columns(void **state)
{
        static const pic__field port = {
                .name = "port", .type = PIC__T_INT, .min = 1, .max = 65535, .flags = PIC__F_REQUIRED
        };
        static const pic__field on = { .name = "on", .type = PIC__T_BOOL, .def = "true", .flags = PIC__F_REQUIRED };
        static const pic__field when = { .name = "when", .type = PIC__T_TIME };
        static const pic__field way = { .name = "way", .type = PIC__T_ENUM, .choices = "full|split" };
        static const pic__field note = { .name = "note", .type = PIC__T_TEXT, .min = 0, .max = 500 };
        static const pic__field key = { .name = "key", .type = PIC__T_KEY };
        static const pic__field list = { .name = "list", .type = PIC__T_INT, .flags = PIC__F_LIST, .min = 1, .max = 9 };

        (void)state;
        column(&port, 0, "\"port\" INTEGER NOT NULL CHECK (\"port\" BETWEEN 1 AND 65535)");
        column(&port, 1, "\"port\" INTEGER CHECK (\"port\" BETWEEN 1 AND 65535)");
        column(&on, 0, "\"on\" INTEGER CHECK (\"on\" IN (0,1))");
        column(&when, 0, "\"when\" INTEGER CHECK (\"when\" >= 0)");
        column(&way, 0, "\"way\" TEXT CHECK (\"way\" IN ('full','split'))");
        column(&note, 0, "\"note\" TEXT CHECK (length(CAST(\"note\" AS BLOB)) BETWEEN 0 AND 500)");
        column(&key, 0, "\"key\" TEXT CHECK (length(CAST(\"key\" AS BLOB)) BETWEEN 1 AND 44)");
        column(&list, 0, "\"list\" TEXT CHECK (length(CAST(\"list\" AS BLOB)) BETWEEN 0 AND 262144)");
}

static void no_statement_for_no_kind(void **state)
{
        pic__buf sql = PIC__BUF_INIT;

        (void)state;
        pic__sql_made(PIC__PEER, PIC__K_COUNT, &sql);
        assert_int_equal(sql.len, 0);
        pic__sql_made(PIC__GROUP, PIC__K_REF_ADD, &sql);
        assert_string_equal(sql.data,
                            "INSERT INTO ref (from_kind, from_id, field, \"to_group\") VALUES (?1, ?2, ?3, ?4)");
        pic__buf_free(&sql);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_field),
                cmocka_unit_test(columns),
                cmocka_unit_test(no_statement_for_no_kind),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
