/* Shows: entries of the machine's journal, as whoever takes them reads them; and what happens when nobody does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/journal.h"

static char dir[64];
static char path[96];
static int server;

static int set_up(void **state)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };

        (void)state;
        strcpy(dir, "/tmp/pic-journal-XXXXXX");
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/socket", dir);
        snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
        server = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(server, (const struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(setenv("PIC_JOURNAL", path, 1), 0);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        close(server);
        (void)unlink(path);
        (void)rmdir(dir);
        unsetenv("JOURNAL_STREAM");
        return 0;
}

/* The entry's fields as "KEY=value;", by the protocol's two forms. */
static void take(char *out, size_t size)
{
        static char data[65536];
        ssize_t n = recv(server, data, sizeof(data), MSG_DONTWAIT);
        const char *at = data, *end = data + n;

        out[0] = '\0';
        assert_true(n > 0);
        while (at < end) {
                const char *line = memchr(at, '\n', (size_t)(end - at)), *equals;
                size_t used = strlen(out);
                uint64_t len = 0;
                int i;

                assert_non_null(line);
                equals = memchr(at, '=', (size_t)(line - at));
                if (equals != NULL) {
                        snprintf(out + used, size - used, "%.*s;", (int)(line - at), at);
                        at = line + 1;
                        continue;
                }
                for (i = 7; i >= 0; i--)
                        len = len << 8 | (uint8_t)line[1 + i];
                assert_true(line + 9 + len < end && line[9 + len] == '\n');
                snprintf(out + used, size - used, "%.*s=%.*s;", (int)(line - at), at, (int)len, line + 9);
                at = line + 10 + len;
        }
}

/* Standard error goes to nobody meanwhile; how much came there. */
static off_t say(const struct journal *j, int level, const char *area, const char *message)
{
        char name[128];
        int err = dup(STDERR_FILENO), to;
        struct stat st;

        snprintf(name, sizeof(name), "%s/err", dir);
        to = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        assert_true(err >= 0 && to >= 0);
        (void)!dup2(to, STDERR_FILENO);
        journal_log(level, area, message, (void *)(uintptr_t)j);
        (void)!dup2(err, STDERR_FILENO);
        assert_int_equal(fstat(to, &st), 0);
        close(err);
        close(to);
        (void)unlink(name);
        return st.st_size;
}

static void fields(void **state)
{
        struct journal j;
        char text[70000];

        (void)state;
        journal_open("picd", &j);
        assert_true(j.fd >= 0 && !j.only);
        assert_true(say(&j, 1, "exit", "connection far is down: no answer") > 0);
        take(text, sizeof(text));
        assert_string_equal(text, "PRIORITY=4;SYSLOG_IDENTIFIER=picd;PIC_AREA=exit;PIC_CONNECTION=far;MESSAGE="
                                  "connection far is down: no answer;");
        assert_true(say(&j, 2, "engine", "configuration of peer 'anna' shown to root") > 0);
        take(text, sizeof(text));
        assert_non_null(strstr(text, "PRIORITY=6;"));
        assert_non_null(strstr(text, "PIC_PEER=anna;"));
        (void)say(&j, 0, "wg", "two\nPRIORITY=7\nlines");
        take(text, sizeof(text));
        assert_string_equal(text, "PRIORITY=3;SYSLOG_IDENTIFIER=picd;PIC_AREA=wg;MESSAGE=two\nPRIORITY=7\nlines;");
        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        (void)say(&j, 3, "wg", text);
        take(text, sizeof(text));
        assert_non_null(strstr(text, "PRIORITY=7;"));
        journal_close(&j);
}

/* What programs write stands beside the agent's own words, under their own names; and can be given again later. */
static void programs(void **state)
{
        struct journal j;
        char text[1024];
        int i, given = 0;

        (void)state;
        journal_open("picd", &j);
        assert_int_equal(journal_line(1, "dns", "unbound", NULL, "connection far is\nPRIORITY=0", &j), 0);
        take(text, sizeof(text));
        assert_string_equal(text,
                            "PRIORITY=4;SYSLOG_IDENTIFIER=unbound;PIC_AREA=dns;MESSAGE=connection far is\nPRIORITY=0;");
        assert_int_equal(journal_line(2, "exit", "exit1-tor", "far", "Bootstrapped 100%", &j), 0);
        take(text, sizeof(text));
        assert_string_equal(text, "PRIORITY=6;SYSLOG_IDENTIFIER=exit1-tor;PIC_AREA=exit;PIC_CONNECTION=far;"
                                  "MESSAGE=Bootstrapped 100%;");
        for (i = 0; i < 100000 && journal_line(2, "dns", "unbound", NULL, "more", &j) == 0; i++)
                given++;
        assert_in_range(given, 1, 99999); /* nobody takes them: said so, not waited for, not lost */
        take(text, sizeof(text));
        assert_int_equal(journal_line(2, "dns", "unbound", NULL, "again", &j), 0);
        journal_close(&j);
        assert_int_not_equal(journal_line(2, "dns", "unbound", NULL, "closed", &j), 0);
}

static void standard_error_is_the_journal(void **state)
{
        char text[256], name[128];
        struct journal j;
        struct stat st;
        int err = dup(STDERR_FILENO), to;

        (void)state;
        snprintf(name, sizeof(name), "%s/stream", dir);
        to = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(fstat(to, &st), 0);
        snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
        assert_int_equal(setenv("JOURNAL_STREAM", text, 1), 0);
        (void)!dup2(to, STDERR_FILENO);
        journal_open("picd", &j);
        (void)!dup2(err, STDERR_FILENO);
        close(err);
        close(to);
        (void)unlink(name);
        assert_true(j.only);
        assert_int_equal(say(&j, 2, "wg", "once"), 0);
        take(text, sizeof(text));
        assert_non_null(strstr(text, "MESSAGE=once;"));
        (void)unlink(path); /* nobody is there any more: not lost */
        assert_true(say(&j, 2, "wg", "still said") > 0);
        journal_close(&j);
}

static void none(void **state)
{
        struct journal j;

        (void)state;
        assert_int_equal(setenv("PIC_JOURNAL", "", 1), 0);
        journal_open("picd", &j);
        assert_int_equal(j.fd, -1);
        assert_true(say(&j, 2, "wg", "said") > 0);
        assert_int_equal(setenv("PIC_JOURNAL", "/nowhere", 1), 0);
        journal_open("picd", &j);
        assert_int_equal(j.fd, -1);
        journal_close(&j);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = { TEST(fields), TEST(programs), TEST(standard_error_is_the_journal),
                                            TEST(none) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
