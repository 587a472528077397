/* Lines of logs: the agent's and each child's ways, and lines of nobody's way. */
#include "fixture.h"

#include <time.h>

#include "engine/logline.h"

static void expect(const char *name, const char *line, const char *when, int level, const char *area, const char *from,
                   const char *text)
{
        char told[PIC__TIME_TEXT], *copy = strdup(line);
        pic__logwriter w;
        pic__logline l;

        pic__logwriter_make(name, &w);
        w.changed = NOW; /* 2027-01-15 */
        pic__logline_read(copy, strlen(copy), &w, &l);
        assert_string_equal(l.time == PIC__LOG_TIMELESS ? "none" : pic__time_print(l.time, told), when);
        assert_int_equal(l.level, level);
        assert_string_equal(l.area, area);
        assert_int_equal(l.from_len, strlen(from));
        assert_memory_equal(l.from, from, l.from_len);
        assert_int_equal(l.text_len, strlen(text));
        assert_memory_equal(l.text, text, l.text_len);
        free(copy);
}

static void test_own(void **state)
{
        (void)state;
        expect("agent", "2026-01-31T12:00:00Z INFO engine a message", "2026-01-31T12:00:00Z", PIC_LOG_INFO, "engine",
               "", "a message");
        expect("agent", "2026-01-31T12:00:00Z WARNING exit12-tor process 9 is gone", "2026-01-31T12:00:00Z",
               PIC_LOG_WARNING, "exit", "exit12-tor", "process 9 is gone");
        expect("agent", "2026-01-31T12:00:00Z DEBUG moon x", "2026-01-31T12:00:00Z", PIC_LOG_DEBUG, "agent", "",
               "moon x");
        expect("agent", "2026-01-31T12:00:00Z LOUD wg x", "2026-01-31T12:00:00Z", PIC_LOG_INFO, "agent", "",
               "LOUD wg x");
        expect("agent", "2026-01-31T12:00:00Z ERROR wg", "2026-01-31T12:00:00Z", PIC_LOG_ERROR, "agent", "", "wg");
        expect("agent", "short", "none", PIC_LOG_INFO, "agent", "", "short");
        expect("agent", "", "none", PIC_LOG_INFO, "agent", "", "");
        expect("agent", "2026-13-31T12:00:00Z INFO wg x", "none", PIC_LOG_INFO, "agent", "",
               "2026-13-31T12:00:00Z INFO wg x");
}

static void test_children(void **state)
{
        (void)state;
        setenv("TZ", "UTC", 1);
        tzset();
        expect("unbound", "[1769860800] unbound[12:0] info: start of service", "2026-01-31T12:00:00Z", PIC_LOG_INFO,
               "dns", "unbound", "start of service");
        expect("exit3-names", "[1769860800] unbound[12:0] fatal error: no port\r", "2026-01-31T12:00:00Z",
               PIC_LOG_ERROR, "exit", "exit3-names", "no port");
        expect("wg", "DEBUG: (wgpic) 2026/01/31 12:00:00 peer(AbCd…wxyz) - up", "2026-01-31T12:00:00Z", PIC_LOG_DEBUG,
               "wg", "wg", "peer(AbCd…wxyz) - up");
        expect("chronyd", "2026-01-31T12:00:00Z Selected source 192.0.2.1", "2026-01-31T12:00:00Z", PIC_LOG_INFO, "ntp",
               "chronyd", "Selected source 192.0.2.1");
        expect("exit1-openvpn", "2026-01-31 12:00:00 VERIFY OK", "2026-01-31T12:00:00Z", PIC_LOG_INFO, "exit",
               "exit1-openvpn", "VERIFY OK");
        expect("exit1-tor", "Jan 14 12:00:00.123 [warn] text", "2027-01-14T12:00:00Z", PIC_LOG_WARNING, "exit",
               "exit1-tor", "text");
        expect("exit1-tor", "Dec 31 12:00:00.123 [notice] text", "2026-12-31T12:00:00Z", PIC_LOG_INFO, "exit",
               "exit1-tor", "text");
        expect("haproxy", "[WARNING]  (12) : a word", "none", PIC_LOG_WARNING, "front", "haproxy", "a word");
        expect("exit1-socat", "2026/01/31 12:00:00 socat[12] E no way", "2026-01-31T12:00:00Z", PIC_LOG_ERROR, "exit",
               "exit1-socat", "no way");
        expect("exit1-redsocks", "1769860800.123456 notice main.c:165 main(...) up", "2026-01-31T12:00:00Z",
               PIC_LOG_INFO, "exit", "exit1-redsocks", "main.c:165 main(...) up");
        expect("exit1-ssh", "Permission denied (publickey).", "none", PIC_LOG_INFO, "exit", "exit1-ssh",
               "Permission denied (publickey).");
        expect("stranger", "[x", "none", PIC_LOG_INFO, "agent", "stranger", "[x");
        expect("unbound", "[17698608001234567] x", "none", PIC_LOG_INFO, "dns", "unbound", "[17698608001234567] x");
        expect("unbound", "info: (", "none", PIC_LOG_INFO, "dns", "unbound", "(");
}

/* Every hour is asked for once, also across a change of summer time. */
static void test_local_time(void **state)
{
        pic__logwriter w;
        pic__logline l;
        static const char *const lines[] = { "2026/03/29 01:59:59 x", "2026/03/29 03:00:00 x",
                                             "2026/03/29 03:59:59 x" };
        static const int64_t times[] = { 1774745999, 1774746000, 1774749599 };
        size_t i;

        (void)state;
        setenv("TZ", "Europe/Berlin", 1);
        tzset();
        pic__logwriter_make("wg", &w);
        for (i = 0; i < PIC__COUNT(lines); i++) {
                pic__logline_read(lines[i], strlen(lines[i]), &w, &l);
                assert_int_equal(l.time, times[i] * PIC__SECOND);
        }
        setenv("TZ", "UTC", 1);
        tzset();
}

static void test_areas(void **state)
{
        pic__logwriter w;

        (void)state;
        assert_string_equal(pic__log_area("wg", 2), "wg");
        assert_string_equal(pic__log_area("wireguard-go", 12), "wg");
        assert_string_equal(pic__log_area("exit4-names", 11), "exit");
        assert_null(pic__log_area("moon", 4));
        pic__logwriter_make("exit12-tor", &w);
        assert_int_equal(w.slot, 12);
        pic__logwriter_make("exit12", &w);
        assert_int_equal(w.slot, 0);
        pic__logwriter_make("agent", &w);
        assert_null(w.area);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_own), cmocka_unit_test(test_children),
                                            cmocka_unit_test(test_local_time), cmocka_unit_test(test_areas) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
