/* backend/exit/ovpn_state.c: openvpn's answers, and what a server pushed. */
#include "sample.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/exit/ovpn_state.h"

#define HELLO ">INFO:OpenVPN Management Interface Version 5 -- type 'help' for more info\r\n"
#define CONNECTED "1795669551,CONNECTED,SUCCESS,10.91.0.2,203.0.113.2,1194,,,fd91::1000\r\nEND\r\n"
#define PUSHED "1795669551,I,PUSH: Received control message: 'PUSH_REPLY"
#define END "1795669551,I,Initialization Sequence Completed\r\nEND\r\n"

static int read_state(const char *text, pic__ovpn_state *s)
{
        return pic__ovpn_state_read(text, s, NULL);
}

static const char *dns_of(const pic__ovpn_state *s)
{
        static char all[512];
        char text[PIC__ADDR_TEXT];
        size_t i, n = 0;

        all[0] = '\0';
        for (i = 0; i < s->dns_count; i++)
                n += (size_t)snprintf(all + n, sizeof(all) - n, "%s@%u ", pic__addr_print(&s->dns[i].addr, text),
                                      s->dns[i].port);
        return all;
}

/* As openvpn 2.6.14 wrote it. */
static void connected(void **state)
{
        char text[PIC__ADDR_TEXT];
        pic__ovpn_state s;

        (void)state;
        assert_int_equal(
                read_state(
                        HELLO CONNECTED
                        "1795669550,I,TUN/TAP device tun0 opened\r\n" PUSHED
                        ",redirect-gateway def1 ipv6,route 10.99.0.0 255.255.0.0,route-ipv6 "
                        "2001:db8:77::/48,dhcp-option "
                        "DNS 10.91.0.1,dhcp-option DNS6 fd91::1,dhcp-option DOMAIN corp.example,tun-mtu 1400,tun-ipv6,"
                        "route-gateway 10.91.0.1,topology subnet,ping 2,ping-restart 6,ifconfig-ipv6 fd91::1000/64 "
                        "fd91::1,ifconfig 10.91.0.2 255.255.255.0,peer-id 0,cipher AES-256-GCM,tun-mtu 1500'\r\n" END,
                        &s),
                0);
        assert_true(s.connected);
        assert_string_equal(s.why, "SUCCESS");
        assert_string_equal(pic__addr_print(&s.local4, text), "10.91.0.2");
        assert_string_equal(pic__addr_print(&s.local6, text), "fd91::1000");
        assert_string_equal(dns_of(&s), "10.91.0.1@0 fd91::1@0 ");
        assert_int_equal(s.mtu, 1500);
}

static void not_connected(void **state)
{
        pic__ovpn_state s;

        (void)state;
        assert_int_equal(read_state(HELLO "1795669572,RECONNECTING,auth-failure,,,,,\r\nEND\r\n" END, &s), 0);
        assert_false(s.connected);
        assert_string_equal(s.state, "RECONNECTING");
        assert_string_equal(s.why, "auth-failure");
        assert_int_equal(s.local4.family, 0);
        assert_int_equal(read_state(HELLO "1795669580,WAIT,,,,,,\r\nEND\r\n" END, &s), 0);
        assert_false(s.connected);
        assert_int_equal(read_state("", &s), PIC_BACKEND);
        assert_int_equal(read_state(HELLO CONNECTED, &s), PIC_BACKEND);
        assert_int_equal(read_state(HELLO "END\r\nEND\r\n", &s), PIC_BACKEND);
        assert_int_equal(read_state(HELLO "ERROR: unknown command\r\nEND\r\nEND\r\n", &s), PIC_BACKEND);
}

/* What a server pushes is read and judged; the last push counts, with its followers. */
static void pushed(void **state)
{
        pic__ovpn_state s;

        (void)state;
        assert_int_equal(read_state(HELLO CONNECTED PUSHED ",dhcp-option DNS 192.0.2.1'\r\n" PUSHED
                                                           ",dhcp-option DNS 192.0.2.2,push-continuation 2'\r\n" PUSHED
                                                           ",dns server 0 address [2001:db8::3]:5353 192.0.2.4 "
                                                           "192.0.2.5:53,push-continuation 1'\r\n" END,
                                    &s),
                         0);
        assert_string_equal(dns_of(&s), "192.0.2.2@0 2001:db8::3@5353 192.0.2.4@0 192.0.2.5@53 ");
        assert_int_equal(
                read_state(HELLO CONNECTED PUSHED
                           ",dhcp-option DNS 127.0.0.1,dhcp-option DNS 169.254.96.5,dhcp-option DNS 0.0.0.0,"
                           "dhcp-option DNS6 ::1,dhcp-option DNS6 fe80::1,dhcp-option DNS 224.0.0.1,dhcp-option "
                           "DNS `id`,dhcp-option DNS,tun-mtu 17,dhcp-option DNS 9.9.9.9\r\n" END,
                           &s),
                0);
        assert_string_equal(dns_of(&s), "9.9.9.9@0 ");
        assert_int_equal(s.mtu, 0);
        assert_int_equal(read_state("1,CONNECTED,SUCCESS,127.0.0.1,192.0.2.1,1194,,,fe80::1\r\nEND\r\nEND\r\n", &s), 0);
        assert_int_equal(s.local4.family, 0);
        assert_int_equal(s.local6.family, 0);
}

/* What is remembered of it. */
static void kept(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__ovpn_state s, t;

        (void)state;
        assert_int_equal(read_state(HELLO CONNECTED END, &s), 0);
        assert_false(s.pushed);
        assert_int_equal(read_state(HELLO CONNECTED PUSHED ",dhcp-option DNS 192.0.2.1,dns server 0 address "
                                                           "[2001:db8::3]:5353 192.0.2.4:5300,tun-mtu 1380'\r\n" END,
                                    &s),
                         0);
        assert_true(s.pushed);
        pic__ovpn_state_put(&text, &s);
        assert_int_equal(read_state(pic__buf_str(&text), &t), 0);
        assert_true(t.pushed && !t.connected);
        assert_string_equal(dns_of(&t), "192.0.2.1@0 2001:db8::3@5353 192.0.2.4@5300 ");
        assert_int_equal(t.mtu, 1380);
}

static char dir[64], path[96];

struct far {
        int fd;
        const char *says;
        unsigned pause_us;
};

/* Takes one client, reads its question, says something, and stays for a while. */
static void *speak(void *data)
{
        struct far *far = data;
        int fd = accept4(far->fd, NULL, NULL, SOCK_CLOEXEC);
        size_t half = strlen(far->says) / 2;
        char question[64];

        assert_true(write(fd, HELLO, sizeof(HELLO) - 1) > 0);
        assert_int_equal(read(fd, question, sizeof(question)), sizeof(PIC__OVPN_ASK) - 1);
        if (half > 0)
                assert_true(write(fd, far->says, half) > 0);
        usleep(far->pause_us);
        if (half > 0)
                (void)!write(fd, far->says + half, strlen(far->says) - half);
        close(fd);
        return NULL;
}

static int ask(const char *says, unsigned pause_us, pic__ovpn_state *s)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        struct far far = { socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), says, pause_us };
        pthread_t thread;
        int r;

        snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
        unlink(path);
        assert_int_equal(bind(far.fd, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(far.fd, 1), 0);
        assert_int_equal(pthread_create(&thread, NULL, speak, &far), 0);
        r = pic__ovpn_state_get(path, s, NULL);
        pthread_join(thread, NULL);
        close(far.fd);
        return r;
}

static void asked(void **state)
{
        pic__ovpn_state s;

        (void)state;
        snprintf(dir, sizeof(dir), "/tmp/pic-ovpn-XXXXXX");
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/mgmt", dir);
        assert_int_equal(pic__ovpn_state_get(path, &s, NULL), PIC_NOAGENT);
        assert_int_equal(ask(CONNECTED END, 20000, &s), 0);
        assert_true(s.connected);
        assert_int_equal(ask("", 700000, &s), PIC_TIMEOUT);
        assert_int_equal(ask("END\r\n", 0, &s), PIC_NOAGENT);
        assert_int_equal(pic__ovpn_state_get(path, &s, NULL), PIC_NOAGENT);
        unlink(path);
        rmdir(dir);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(connected), cmocka_unit_test(not_connected),
                                            cmocka_unit_test(pushed), cmocka_unit_test(kept), cmocka_unit_test(asked) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
