/* A network namespace in which picx1, picx2 and picx3 are veths to namespaces of their own, where this test answers DNS
 * by itself for as long as an exit is to live: no thread, because nothing under test waits. */
#ifndef PIC_TEST_ENGINE_EXITS_SPACE_H
#define PIC_TEST_ENGINE_EXITS_SPACE_H

#include "exits_world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXITS_SLOTS 4

static int exits_far[EXITS_SLOTS]; /* the name server behind each exit */
static int exits_alive[EXITS_SLOTS];
static const char *exits_sees[EXITS_SLOTS]; /* what it answers to who asks for an address; NULL: no record */

static inline void exits_sh(const char *command)
{
        if (system(command) != 0)
                fail_msg("failed: %s", command);
}

static inline int exits_other_space(void)
{
        if (unshare(CLONE_NEWNET) < 0)
                return -1;
        exits_sh("ip link set lo up");
        return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static inline void exits_make_cable(int i, int there)
{
        char command[512], a[PIC__ADDR_TEXT], b[PIC__ADDR_TEXT];
        pic__addr near, exit;

        pic__exit_link((unsigned)i, 4, &near, &exit);
        snprintf(command, sizeof(command),
                 "ip link add picx%d type veth peer name cell0 netns /proc/%d/fd/%d && ip addr add %s/30 dev picx%d && "
                 "ip link set picx%d up && ip route add default via %s dev picx%d table %d && "
                 "ip rule add fwmark %d/0x1ff0 table %d",
                 i, getpid(), there, pic__addr_print(&near, a), i, i, pic__addr_print(&exit, b), i, 1000 + i,
                 0x1000 + 16 * i, 1000 + i);
        exits_sh(command);
}

static inline int exits_open_far(int i)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(53) };
        char command[512], b[PIC__ADDR_TEXT];
        pic__addr near, exit;

        pic__exit_link((unsigned)i, 4, &near, &exit);
        snprintf(command, sizeof(command),
                 "ip link set cell0 up && ip addr add %s/30 dev cell0 && ip addr add 9.9.9.9/32 dev lo && "
                 "ip addr add 208.67.222.222/32 dev lo",
                 pic__addr_print(&exit, b));
        exits_sh(command);
        exits_far[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_int_equal(setsockopt(exits_far[i], IPPROTO_IP, IP_PKTINFO, &(int){ 1 }, sizeof(int)), 0);
        return bind(exits_far[i], (struct sockaddr *)&at, sizeof(at));
}

/* The far ends live in other namespaces; a socket stays in the one it was made in. */
static inline int exits_world_make(void)
{
        int i, home, there, r = 0;

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0)
                return -1;
        exits_sh("ip link set lo up");
        home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        for (i = 1; i < EXITS_SLOTS && r == 0; i++) {
                there = exits_other_space();
                r = setns(home, CLONE_NEWNET);
                exits_make_cable(i, there);
                r |= setns(there, CLONE_NEWNET) | exits_open_far(i) | setns(home, CLONE_NEWNET);
                close(there);
        }
        close(home);
        return r;
}

/* An A record behind a question for a name that is not the root. */
static inline size_t exits_put_record(uint8_t *msg, size_t len, const char *address)
{
        static const uint8_t head[] = { 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4 };

        if (msg[12] == 0 || msg[len - 3] != 1 || address == NULL)
                return len;
        msg[7] = 1;
        memcpy(msg + len, head, sizeof(head));
        assert_int_equal(inet_pton(AF_INET, address, msg + len + sizeof(head)), 1);
        return len + sizeof(head) + 4;
}

/* Answers come from the address that was asked. */
static inline int exits_serve_one(int i)
{
        uint8_t room[512];
        char control[256];
        struct sockaddr_in from;
        struct in_pktinfo info;
        struct iovec io = { room, 400 };
        struct msghdr msg = { .msg_name = &from,
                              .msg_namelen = sizeof(from),
                              .msg_iov = &io,
                              .msg_iovlen = 1,
                              .msg_control = control,
                              .msg_controllen = sizeof(control) };
        ssize_t n = recvmsg(exits_far[i], &msg, 0);

        if (n < 17)
                return 0;
        memcpy(&info, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(info));
        info.ipi_ifindex = 0;
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &info, sizeof(info));
        room[2] |= 0x80;
        io.iov_len = exits_put_record(room, (size_t)n, exits_sees[i]);
        if (exits_alive[i])
                assert_int_equal(sendmsg(exits_far[i], &msg, 0), io.iov_len);
        return 1;
}

/* Answers what is asked behind the exits that live. */
static inline void exits_world_serve(void)
{
        int i;

        for (i = 1; i < EXITS_SLOTS; i++)
                while (exits_serve_one(i))
                        ;
}

#endif
