/* Who listens at a TCP port of this machine, as the kernel says (proc(5): net/tcp, net/tcp6, PID/fd). */
#ifndef PIC_SYS_HOLDER_H
#define PIC_SYS_HOLDER_H

#include <stdint.h>
#include <sys/types.h>

typedef struct pic__holder {
        pid_t pid;     /* 0: it cannot be told, for want of privilege, or as it is in another container */
        char name[64]; /* of the program; "" where that cannot be told */
} pic__holder;

/* The first that listens there at an address that counts (4 or 16 bytes; NULL: any), and whose environment has no word
 * that begins with `but` (NULL: any). 1, or 0: nobody. */
int pic__holder_find(unsigned port, int (*counts)(int family, const uint8_t *bytes, void *data), void *data,
                     const char *but, pic__holder *ret);

/* One line of net/tcp or net/tcp6 (family 4 or 6). 1: somebody listens at that port; fills the address and the
 * socket's number. */
int pic__holder_line(const char *line, int family, unsigned port, uint8_t bytes[16], unsigned long *ret_inode);

#endif
