/* pic-acme-hook: what uacme runs for each proof that a CA wants. It says its arguments to the agent on its standard
 * input, a socket, and exits as it is told: no file, no address, and nothing that another user could call. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET 4096
#define WORDS 5
#define REFUSED 1

int main(int argc, char **argv)
{
        char packet[PACKET], answer = 0;
        size_t len = 0;
        int i;

        if (argc != 1 + WORDS) {
                fputs("pic-acme-hook: run by uacme, which picd runs\n", stderr);
                return REFUSED;
        }
        for (i = 1; i < argc; i++) {
                size_t size = strlen(argv[i]) + 1;

                if (size > sizeof(packet) - len)
                        return REFUSED;
                memcpy(packet + len, argv[i], size);
                len += size;
        }
        if (send(STDIN_FILENO, packet, len, MSG_NOSIGNAL) != (ssize_t)len)
                return REFUSED;
        return recv(STDIN_FILENO, &answer, 1, 0) == 1 && answer == '0' ? 0 : REFUSED;
}
