/* engine/machine.c: when room and memory are little, and what a program's version is. */
#include "fixture.h"

#include "engine/machine.h"

static void room(void **state)
{
        static const struct {
                uint64_t free, files_free, files;
                const char *said;
        } rows[] = {
                { (uint64_t)65 << 20, 5000, 100000, NULL },
                { (uint64_t)63 << 20, 5000, 100000, "less than 64 MiB are free for /x" },
                { (uint64_t)65 << 20, 999, 100000, "/x can take 999 more files (inodes) only" },
                { (uint64_t)65 << 20, 900, 1000, NULL }, /* a small one that is nearly empty */
                { (uint64_t)65 << 20, 0, 0, NULL },      /* they are not counted there */
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;

                pic__machine_room("/x", rows[i].free, rows[i].files_free, rows[i].files, &f);
                assert_int_equal(f.list.count, rows[i].said != NULL);
                if (rows[i].said != NULL)
                        assert_string_equal(f.list.at[0].what, rows[i].said);
        }
}

static void logs(void **state)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;

        (void)state;
        pic__machine_logs((long long)230 << 20, &f);
        assert_int_equal(f.list.count, 0);
        pic__machine_logs((long long)231 << 20, &f);
        assert_int_equal(f.list.count, 1);
        assert_int_equal(f.list.at[0].level, PIC_LOG_INFO);
        assert_non_null(strstr(f.list.at[0].what, "231 MiB"));
}

static void memory(void **state)
{
        static const struct {
                const char *text;
                int found;
        } rows[] = {
                { "MemTotal:  2000000 kB\nMemAvailable:  900000 kB\nSwapFree: 0 kB\n", 0 },
                { "MemTotal:  2000000 kB\nMemAvailable:  90000 kB\nSwapFree: 0 kB\n", 1 },
                { "MemTotal:  2000000 kB\nMemAvailable:  90000 kB\nSwapFree: 500000 kB\n", 0 },
                { "MemTotal:  256000 kB\nMemAvailable:  40000 kB\n", 1 },
                { "nonsense", 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;

                pic__machine_memory(rows[i].text, 1 << 20, &f);
                assert_int_equal(f.list.count, rows[i].found);
        }
}

static void versions(void **state)
{
        static const struct {
                const char *text;
                unsigned version;
        } rows[] = {
                { "Version 1.17.1\n\nConfigure line: …", 1017001 },
                { "chronyd (chrony) version 4.3 (+CMDMON +NTP)", 4003000 },
                { "HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/", 2006012 },
                { "nftables v1.0.6 (Lester Gooch #5)", 1000006 },
                { "Tor version 0.4.7.16.", 4007 },
                { "OpenVPN 2.6.3 x86_64-pc-linux-gnu", 2006003 },
                { "no number 7 here", 0 },
                { "", 0 },
                { "99999999999999999999.1", 0 },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++)
                if (pic__machine_version(rows[i].text) != rows[i].version)
                        fail_msg("%s: %u", rows[i].text, pic__machine_version(rows[i].text));
}

/* Where there is room nothing is said. */
static void all_is_well(void **state)
{
        PIC__AUTO(pic__findings_free) pic__findings f = PIC__FINDINGS_INIT;
        pic__engine *e;
        cell c;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        pic__machine_look(e, &f);
        assert_int_equal(f.list.count, 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(room), cmocka_unit_test(logs), cmocka_unit_test(memory),
                                            cmocka_unit_test(versions), cmocka_unit_test(all_is_well) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
