/* Owns: one question to a time server and the reading of its answer. */
#include "backend/ntp/ask.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EPOCH INT64_C(2208988800) /* seconds from 1900 to 1970 */

static int64_t now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_REALTIME, &t);
        return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint32_t get32(const uint8_t *p)
{
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t n)
{
        p[0] = (uint8_t)(n >> 24);
        p[1] = (uint8_t)(n >> 16);
        p[2] = (uint8_t)(n >> 8);
        p[3] = (uint8_t)n;
}

/* The turn of the seconds in 2036 is within 68 years of `near`. */
static int64_t get_time(const uint8_t *p, int64_t near)
{
        int32_t away = (int32_t)(get32(p) - (uint32_t)(near / 1000000 + EPOCH));
        int64_t fraction = (int64_t)(((uint64_t)get32(p + 4) * 1000000) >> 32);

        return (near / 1000000 + away) * 1000000 + fraction;
}

/* 16 bits of seconds, 16 of fraction. */
static int64_t get_short(const uint8_t *p)
{
        return (int64_t)(((uint64_t)get32(p) * 1000000) >> 16);
}

void pic__ntp_write(uint8_t packet[PIC__NTP_PACKET], int64_t sent)
{
        memset(packet, 0, PIC__NTP_PACKET);
        packet[0] = 0x23; /* version 4, client */
        put32(packet + 40, (uint32_t)(sent / 1000000 + EPOCH));
        put32(packet + 44, (uint32_t)(((uint64_t)(sent % 1000000) << 32) / 1000000));
}

int pic__ntp_read(const uint8_t *packet, size_t len, int64_t sent, int64_t came, pic__ntp_answer *ret)
{
        uint8_t asked[PIC__NTP_PACKET];
        int64_t received, answered;

        pic__ntp_write(asked, sent);
        if (len < PIC__NTP_PACKET || (packet[0] & 7) != 4 || memcmp(packet + 24, asked + 40, 8) != 0)
                return -1;
        received = get_time(packet + 32, sent);
        answered = get_time(packet + 40, came);
        ret->leap = packet[0] >> 6;
        ret->stratum = packet[1];
        ret->reference = get32(packet + 12);
        ret->offset_us = ((received - sent) + (answered - came)) / 2;
        ret->error_us = get_short(packet + 4) / 2 + get_short(packet + 8);
        return 0;
}

static int open_to(const pic__addr *server)
{
        struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(PIC__NTP_PORT) };
        struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons(PIC__NTP_PORT) };
        int v4 = server->family == 4, r;
        int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        if (fd < 0)
                return -1;
        memcpy(v4 ? (void *)&to4.sin_addr : (void *)&to6.sin6_addr, server->bytes, v4 ? 4 : 16);
        r = v4 ? connect(fd, (const struct sockaddr *)&to4, sizeof(to4))
               : connect(fd, (const struct sockaddr *)&to6, sizeof(to6));
        if (r < 0) {
                close(fd);
                return -1;
        }
        return fd;
}

static int silent(pic_error **err, const pic__addr *server)
{
        char text[PIC__ADDR_TEXT];

        return pic__fail(err, PIC_TIMEOUT, "the time server at %s does not answer", pic__addr_print(server, text));
}

int pic__ntp_ask(const pic__addr *server, unsigned ms, pic__ntp_answer *ret, pic_error **err)
{
        uint8_t packet[PIC__NTP_PACKET], answer[256];
        int64_t sent = now_us(), end = sent + (int64_t)ms * 1000;
        int fd = open_to(server);
        int64_t left;

        if (fd < 0)
                return silent(err, server);
        pic__ntp_write(packet, sent);
        if (send(fd, packet, sizeof(packet), MSG_NOSIGNAL) != (ssize_t)sizeof(packet)) {
                close(fd);
                return silent(err, server);
        }
        while ((left = (end - now_us()) / 1000) > 0 && left <= (int64_t)ms) { /* a clock that is set ends it */
                struct pollfd p = { .fd = fd, .events = POLLIN };
                ssize_t n = poll(&p, 1, (int)left) > 0 ? recv(fd, answer, sizeof(answer), 0) : -1;

                if (n < 0 && errno == ECONNREFUSED)
                        break;
                if (n > 0 && pic__ntp_read(answer, (size_t)n, sent, now_us(), ret) == 0) {
                        close(fd);
                        return 0;
                }
        }
        close(fd);
        return silent(err, server);
}

void pic__ntp_reference(const pic__ntp_answer *a, char text[PIC__ADDR_TEXT])
{
        uint8_t b[4];
        int i;

        put32(b, a->reference);
        if (a->reference == PIC__NTP_LOCAL) {
                snprintf(text, PIC__ADDR_TEXT, "this machine's clock");
        } else if (a->stratum > 1) {
                snprintf(text, PIC__ADDR_TEXT, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
        } else {
                for (i = 0; i < 4 && b[i] >= '!' && b[i] <= '~'; i++)
                        text[i] = (char)b[i];
                text[i] = '\0';
        }
}
