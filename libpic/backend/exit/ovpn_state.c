/* Owns: openvpn's management socket. One question on a connection of its own: it serves one client at a time, and
 * whoever stays keeps others out. Answers are lines; each ends with a line END, and lines that begin with '>' may come
 * in between.
 *
 * Where names are asked is told to scripts only, which we do not run; but it writes down what was pushed to it, and
 * keeps that for `log all`. */
#include "backend/exit/ovpn_state.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "model/text.h"
#include "sys/clock.h"

#define TIMEOUT_MS 500
#define ANSWER_MAX ((size_t)512 << 10)
#define PUSHED "PUSH: Received control message: 'PUSH_REPLY"

/* --- reading ----------------------------------------------------------------------------------------------------- */

/* What a far end may give us: an address that packets in a tunnel can have. */
static int usable(const pic__addr *a)
{
        pic__prefix p = { *a, a->family == 4 ? 32 : 128 };

        return a->family != 0 && pic__prefix_unusable(&p) == NULL;
}

/* The next part up to `end_mark`, copied and cut to size; 0 when there is none. */
static int part(const char **at, const char *end, char mark, char *to, size_t size)
{
        const char *stop;
        size_t len;

        if (*at > end)
                return 0;
        stop = memchr(*at, mark, (size_t)(end - *at));
        if (stop == NULL)
                stop = end;
        len = (size_t)(stop - *at);
        snprintf(to, size, "%.*s", (int)(len < size ? len : size - 1), *at);
        *at = stop + 1;
        return 1;
}

/* "TIME,STATE,WHY,LOCAL4,REMOTE,PORT,FROM,PORT,LOCAL6" */
static int state_line(const char *line, const char *end, pic__ovpn_state *s)
{
        char field[64];
        int i;

        for (i = 0; i < 9 && part(&line, end, ',', field, sizeof(field)); i++) {
                pic__addr a = { 0 };

                if (i == 1)
                        snprintf(s->state, sizeof(s->state), "%.23s", field);
                else if (i == 2)
                        snprintf(s->why, sizeof(s->why), "%.47s", field);
                else if ((i == 3 || i == 8) && pic__addr_parse(field, &a) == 0 && usable(&a))
                        *(a.family == 4 ? &s->local4 : &s->local6) = a;
        }
        s->connected = strcmp(s->state, "CONNECTED") == 0;
        return i >= 3;
}

static void take_dns(pic__ovpn_state *s, const char *text)
{
        pic__exit_place p = { .tls = "" };
        char host[256];
        uint16_t port;

        if (pic__endpoint_parse(text, host, &port) == 0)
                p.port = port;
        else if (snprintf(host, sizeof(host), "%s", text) >= (int)sizeof(host))
                return;
        if (s->dns_count < PIC__OVPN_DNS_MAX && pic__addr_parse(host, &p.addr) == 0 && usable(&p.addr))
                s->dns[s->dns_count++] = p;
}

/* "tun-mtu N", "dhcp-option DNS ADDR", "dhcp-option DNS6 ADDR", "dns server N address ADDR[:PORT] …" */
static void take_option(pic__ovpn_state *s, char *option)
{
        char *word[12], *rest = NULL, *at;
        size_t n = 0, i;
        long mtu;

        for (at = strtok_r(option, " ", &rest); at != NULL && n < PIC__COUNT(word); at = strtok_r(NULL, " ", &rest))
                word[n++] = at;
        if (n >= 3 && strcmp(word[0], "dhcp-option") == 0 &&
            (strcmp(word[1], "DNS") == 0 || strcmp(word[1], "DNS6") == 0))
                take_dns(s, word[2]);
        if (n == 2 && strcmp(word[0], "tun-mtu") == 0 && pic__decimal(word[1], 576, 9000, &mtu) == 0)
                s->mtu = (unsigned)mtu;
        if (n >= 5 && strcmp(word[0], "dns") == 0 && strcmp(word[1], "server") == 0 && strcmp(word[3], "address") == 0)
                for (i = 4; i < n; i++)
                        take_dns(s, word[i]);
}

/* A long one comes in several messages; all but the last have the option "push-continuation 2". */
static void pushed(pic__ovpn_state *s, const char *at, const char *end, int *more)
{
        char option[256];
        int goes_on = 0;

        if (!*more)
                s->dns_count = s->mtu = 0;
        end = memchr(at, '\'', (size_t)(end - at)) != NULL ? memchr(at, '\'', (size_t)(end - at)) : end;
        while (part(&at, end, ',', option, sizeof(option))) {
                goes_on |= strcmp(option, "push-continuation 2") == 0;
                take_option(s, option);
        }
        *more = goes_on;
        s->pushed = 1;
}

int pic__ovpn_state_read(const char *answers, pic__ovpn_state *ret, pic_error **err)
{
        const char *line, *end;
        int ends = 0, known = 0, more = 0;

        memset(ret, 0, sizeof(*ret));
        for (line = answers; *line != '\0' && ends < 2; line = *end != '\0' ? end + 1 : end) {
                const char *stop, *found;

                end = line + strcspn(line, "\n");
                stop = end > line && end[-1] == '\r' ? end - 1 : end;
                if (*line == '>')
                        continue;
                if (stop - line == 3 && memcmp(line, "END", 3) == 0) {
                        ends++;
                        continue;
                }
                if (ends == 0)
                        known |= state_line(line, stop, ret);
                found = ends == 1 ? memmem(line, (size_t)(stop - line), PUSHED, sizeof(PUSHED) - 1) : NULL;
                if (found != NULL)
                        pushed(ret, found + sizeof(PUSHED) - 1, stop, &more);
        }
        return ends == 2 && known ? 0 : pic__fail(err, PIC_BACKEND, "openvpn's answer is not one");
}

void pic__ovpn_state_put(pic__buf *out, const pic__ovpn_state *s)
{
        char text[PIC__ADDR_TEXT];
        size_t i;

        pic__buf_puts(out, "0,KEPT,,\nEND\n0,I," PUSHED);
        for (i = 0; i < s->dns_count; i++) {
                const pic__exit_place *p = &s->dns[i];
                const char *addr = pic__addr_print(&p->addr, text);

                if (p->port == 0)
                        pic__buf_putf(out, ",dhcp-option DNS %s", addr);
                else
                        pic__buf_putf(out,
                                      p->addr.family == 4 ? ",dns server 0 address %s:%u"
                                                          : ",dns server 0 address [%s]:%u",
                                      addr, p->port);
        }
        if (s->mtu != 0)
                pic__buf_putf(out, ",tun-mtu %u", s->mtu);
        pic__buf_puts(out, "'\nEND\n");
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static pic_time mono(void)
{
        return pic__clock_real.mono(pic__clock_real.data);
}

static int open_socket(const char *path, pic_error **err)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd;

        if (snprintf(to.sun_path, sizeof(to.sun_path), "%s", path) >= (int)sizeof(to.sun_path))
                return pic__fail(err, PIC_INVALID, "%s: too long for a socket", path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return pic__fail_errno(err, errno, "socket");
        if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
                pic__fail(err, PIC_NOAGENT, "openvpn does not answer: %s", pic__errno_text(errno));
                close(fd);
                return PIC_NOAGENT;
        }
        return fd;
}

/* Both answers are there. */
static int complete(const pic__buf *b)
{
        const char *first = strstr(pic__buf_str(b), "\nEND\r\n");

        return first != NULL && strstr(first + 1, "\nEND\r\n") != NULL;
}

static int read_answers(int fd, pic__buf *out, pic_error **err)
{
        struct pollfd p = { .fd = fd, .events = POLLIN };
        pic_time until = mono() + TIMEOUT_MS * 1000;

        while (!complete(out)) {
                char *room = pic__buf_room(out, 16384);
                pic_time left;
                ssize_t n;

                if (room == NULL)
                        return pic__nomem(err);
                if (out->len > ANSWER_MAX)
                        return pic__fail(err, PIC_BACKEND, "openvpn's answer has no end");
                left = until - mono();
                if (left <= 0 || poll(&p, 1, (int)(left / 1000) + 1) <= 0)
                        return pic__fail(err, PIC_TIMEOUT, "openvpn does not answer in time");
                n = read(fd, room, 16384);
                if (n <= 0)
                        return pic__fail(err, PIC_NOAGENT, "openvpn hung up");
                pic__buf_added(out, (size_t)n);
        }
        return 0;
}

int pic__ovpn_state_get(const char *socket_path, pic__ovpn_state *ret, pic_error **err)
{
        pic__auto_buf pic__buf answers = PIC__BUF_INIT;
        int fd = open_socket(socket_path, err), r;

        if (fd < 0)
                return fd;
        r = send(fd, PIC__OVPN_ASK, sizeof(PIC__OVPN_ASK) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(PIC__OVPN_ASK) - 1
                    ? read_answers(fd, &answers, err)
                    : pic__fail(err, PIC_NOAGENT, "openvpn hung up");
        close(fd);
        return r < 0 ? r : pic__ovpn_state_read(pic__buf_str(&answers), ret, err);
}
