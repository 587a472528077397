/* backend/exit/awaited.c: whom a carrier waits for, by the kernel's own list. */
#include "sample.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/exit/awaited.h"
#include "backend/exit/carrier.h"

/* As Linux wrote them; the machine that did has its least byte first. */
#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#define REST "        0 4711 2 0000000000000000 20 4 30 10 -1\n"
#define GUARD "0A60FEA9:9C4A 020012C6:1388"

static const struct {
        const char *line;
        const char *end; /* NULL: none of ours */
        int owes;
} lines[] = {
        { "   1: " GUARD " 01 00000000:00000000 02:000000A1 00000000 60602" REST, "198.18.0.2 5000", 0 },
        { "  12: " GUARD " 01 00000212:00000000 01:0000003C 00000004 60602" REST, "198.18.0.2 5000", 1 },
        { "   1: " GUARD " 02 00000001:00000000 01:0000003C 00000001 60602" REST, NULL, 0 }, /* SYN sent */
        { "   1: " GUARD " 01 00000212:00000000 01:0000003C 00000004 60603" REST, NULL, 0 }, /* another's */
        { "   1: 0A60FEA9:3039 020012C6:1388 01 00000000:00000000 00:00000000 00000000 60602" REST, NULL,
          0 }, /* a device's */
        { "   1: 0100007F:9C4A 0100007F:0438 01 00000000:00000000 00:00000000 00000000 60602" REST, NULL, 0 },
        { "   0: 00000000:3039 00000000:0000 0A 00000000:00000000 00:00000000 00000000 60602" REST, NULL, 0 },
        { "   3: 0000000000000000FFFF00000A60FEA9:9C4A 0000000000000000FFFF0000020012C6:1388 01 00000001:00000000 "
          "01:0000003C 00000000 60602" REST,
          "198.18.0.2 5000", 1 },
        { "   3: B80D0120000000000000000001000000:9C4A B80D0120000000000000000002000000:01BB 01 00000000:00000000 "
          "00:00000000 00000000 60602" REST,
          "2001:db8::2 443", 0 },
        { "   3: 00000000000000000000000001000000:9C4A 00000000000000000000000001000000:01BB 01 00000000:00000000 "
          "00:00000000 00000000 60602" REST,
          NULL, 0 },
        { HEAD, NULL, 0 },
        { "", NULL, 0 },
        { "   1: 0A60FEA9:9C4A 020012:1388 01 00000000:00000000 00:00000000 00000000 60602" REST, NULL, 0 },
        { "   1: " GUARD " 01 00000000", NULL, 0 },
};

static void test_lines(void **state)
{
        char address[PIC__ADDR_TEXT], text[PIC__ADDR_TEXT + 8];
        size_t i;

        (void)state;
        if (htonl(1) == 1)
                skip();
        for (i = 0; i < PIC__COUNT(lines); i++) {
                pic__far_end end;
                int owes = -1, is = pic__awaited_line(lines[i].line, 60602, PIC__EXIT_TCP_PORT, &end, &owes);

                if (is != (lines[i].end != NULL))
                        fail_msg("line %zu: %d", i, is);
                if (!is)
                        continue;
                snprintf(text, sizeof(text), "%s %u", pic__addr_print(&end.addr, address), end.port);
                assert_string_equal(text, lines[i].end);
                assert_int_equal(owes, lines[i].owes);
        }
}

static int listening(const char *address)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PIC__EXIT_TCP_PORT) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
        assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(fd, 8), 0);
        return fd;
}

static int connected(const char *address)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PIC__EXIT_TCP_PORT) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
        assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        (void)fcntl(fd, F_SETFL, O_NONBLOCK);
        return fd;
}

static const char *seen(const pic__exit_conf *c)
{
        static char text[PIC__FAR_ENDS * (PIC__ADDR_TEXT + 1) + 1];
        pic__far_end out[PIC__FAR_ENDS];
        size_t n = pic__awaited(getpid(), geteuid(), c, out), i;
        char address[PIC__ADDR_TEXT];

        text[0] = '\0';
        for (i = 0; i < n; i++) {
                assert_int_equal(out[i].port, PIC__EXIT_TCP_PORT);
                strcat(strcat(text, pic__addr_print(&out[i].addr, address)), " ");
        }
        return text;
}

/* Who reads nothing leaves bytes with us: owed, as those that a dead far end never acknowledges. */
static void test_real(void **state)
{
        static char much[1 << 16];
        pic__exit_conf c = { .slot = 1 };
        int one, two, more, link, a, b;

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
                skip();
        assert_int_equal(system("ip link set lo up; for i in 1 2 3; do ip addr add 203.0.113.$i/32 dev lo; done"), 0);
        assert_int_equal(pic__addr_parse("203.0.113.3", &c.cell4), 0);
        assert_string_equal(seen(&c), "");
        one = listening("203.0.113.1");
        two = listening("203.0.113.2");
        link = listening("203.0.113.3");
        a = connected("203.0.113.1");
        more = connected("203.0.113.1");
        assert_string_equal(seen(&c), "203.0.113.1 ");
        close(more);
        close(connected("203.0.113.3")); /* the cell's end: no far end */
        more = connected("203.0.113.3");
        b = connected("203.0.113.2");
        assert_true(strstr(seen(&c), "203.0.113.1 ") != NULL && strstr(seen(&c), "203.0.113.2 ") != NULL &&
                    strstr(seen(&c), "203.0.113.3 ") == NULL);
        while (send(b, much, sizeof(much), MSG_NOSIGNAL) > 0)
                continue;
        assert_string_equal(seen(&c), "203.0.113.2 ");
        close(one);
        close(two);
        close(link);
        close(more);
        close(a);
        close(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_real) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
