/* How long wireguard-go takes to tell all of a device: "get=1", read to its end, nothing done with it.
 * bench_get SOCKET COUNT   prints microseconds, one a line */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char room[64 << 10];

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int get(int fd)
{
        char last[2] = "";
        ssize_t n;

        if (write(fd, "get=1\n\n", 7) != 7)
                return -1;
        while (last[0] != '\n' || last[1] != '\n') {
                n = read(fd, room, sizeof(room));
                if (n <= 0)
                        return -1;
                last[0] = n > 1 ? room[n - 2] : last[1];
                last[1] = room[n - 1];
        }
        return 0;
}

int main(int argc, char **argv)
{
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        long i;

        if (argc < 3)
                return 2;
        snprintf(a.sun_path, sizeof(a.sun_path), "%s", argv[1]);
        if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
                return 1;
        for (i = strtol(argv[2], NULL, 10); i > 0; i--) {
                double began = now_us();

                if (get(fd) < 0)
                        return 1;
                printf("%.1f\n", now_us() - began);
        }
        return 0;
}
