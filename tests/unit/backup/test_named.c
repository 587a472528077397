/* Shows: a cell knows its own backups by their names, and takes nothing else for one. */
#include "backup/named.h"

#include "base/time.h"
#include "help.h"

static void round_trip(void **state)
{
        pic__auto_buf pic__buf name = PIC__BUF_INIT;
        char id[PIC__BACKUP_ID], other[PIC__BACKUP_ID];
        pic_time at = 0;
        int part = 1;

        (void)state;
        pic__backup_id("key of the cell", id);
        pic__backup_id("another", other);
        assert_int_equal(strlen(id), 8);
        assert_string_not_equal(id, other);
        pic__backup_name("my home", id, 1795651200 * PIC__SECOND, 1, &name);
        assert_non_null(strstr(pic__buf_str(&name), "my-home-"));
        assert_int_equal(pic__backup_named(pic__buf_str(&name), id, &at, &part), 1);
        assert_true(at == 1795651200 * PIC__SECOND && part == 0);
        assert_int_equal(pic__backup_named(pic__buf_str(&name), other, &at, &part), 0);
        pic__buf_puts(&name, PIC__NAMED_PART);
        assert_int_equal(pic__backup_named(pic__buf_str(&name), id, &at, &part), 1);
        assert_int_equal(part, 1);
        pic__buf_clear(&name);
        pic__backup_name("my home", id, at, PIC__NAMED_TAR, &name);
        assert_int_equal(pic__backup_named_tar(pic__buf_str(&name), id, &at), 1);
        assert_int_equal(pic__backup_named_tar(pic__buf_str(&name), other, &at), 0);
}

static void names(void **state)
{
        static const struct {
                const char *name;
                int ours;
        } all[] = {
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst.age", 1 },
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst", 1 },
                { "a-b-01234567-2026-11-27T00-49-43Z.tar.zst", 1 },
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst.age.part", 1 },
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst.age.0a1b2c3d.part", 1 },
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst.0a1b2c3d.part", 1 },
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst.0a1b2c3d", 0 },
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst.0A1b2c3d.part", 0 },
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst.0a1b2c3.part", 0 },
                { "home-2026-11-27T00-49-43Z.tar.zst.age", 0 },
                { "-01234567-2026-11-27T00-49-43Z.tar.zst", 0 },
                { "home-0123456x-2026-11-27T00-49-43Z.tar.zst", 0 },
                { "home-01234567-2026-13-27T00-49-43Z.tar.zst", 0 },
                { "home-01234567-2026-11-27T00:49:43Z.tar.zst", 0 },
                { "home-01234567-2026-11-27T00-49-43.tar.zst", 0 },
                { "home-01234567-2026-11-27T00-49-43Z.tar", 0 },
                { "home-01234567-2026-11-27T00-49-43Z.tar.zst.bak", 0 },
                { "../home-01234567-2026-11-27T00-49-43Z.tar.zst", 0 },
                { "a.b-01234567-2026-11-27T00-49-43Z.tar.zst", 0 },
                { "", 0 },
                { ".part", 0 },
                { ".tar.zst", 0 },
        };
        pic_time at;
        size_t i;
        int part;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                assert_int_equal(pic__backup_named(all[i].name, "01234567", &at, &part), all[i].ours);
                /* where tars are kept, nothing else is ours */
                assert_int_equal(pic__backup_named_tar(all[i].name, "01234567", &at),
                                 strcmp(all[i].name, "home-01234567-2026-11-27T00-49-43Z.tar") == 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(round_trip), cmocka_unit_test(names) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
