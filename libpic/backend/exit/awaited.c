/* Owns: the far ends that a carrier has connections with, as the kernel lists them: Tor's guard is nowhere else to be
 * read, and who moves from one to another is followed. A connection that owes nothing has been acknowledged all it
 * sent; when one does, the others say nothing of it (a directory that answers, say, while the guard does not). */
#include "backend/exit/awaited.h"

#include <stdio.h>
#include <string.h>

#include "backend/exit/carrier.h"

#define STANDS 0x01u /* the kernel's TCP_ESTABLISHED */
#define CAN_BE 64    /* connections that are looked at: more than any carrier holds */

struct list {
        pic__far_end at[CAN_BE];
        int owes[CAN_BE];
        size_t count;
};

/* Addresses are words of 32 bits as they lie in memory; IPv4 may come as ::ffff:a.b.c.d. */
static int parse_address(const char *hex, pic__addr *ret)
{
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
        size_t len = strspn(hex, "0123456789ABCDEF"), i;
        uint32_t word;

        if ((len != 8 && len != 32) || hex[len] != ':')
                return -1;
        *ret = (pic__addr){ .family = len == 8 ? 4 : 6 };
        for (i = 0; i < len / 8; i++) {
                if (sscanf(hex + 8 * i, "%8x", &word) != 1)
                        return -1;
                memcpy(ret->bytes + 4 * i, &word, sizeof(word));
        }
        if (ret->family != 6 || memcmp(ret->bytes, mapped, sizeof(mapped)) != 0)
                return 0;
        memmove(ret->bytes, ret->bytes + sizeof(mapped), 4);
        memset(ret->bytes + 4, 0, sizeof(mapped));
        ret->family = 4;
        return 0;
}

static int is_here(const pic__addr *a)
{
        static const uint8_t six[16] = { [15] = 1 };

        return a->family == 4 ? a->bytes[0] == 127 || a->bytes[0] == 0 : memcmp(a->bytes, six, sizeof(six)) == 0;
}

/* "  0: LOCAL:PORT REMOTE:PORT STATE UNACKNOWLEDGED:UNREAD TIMER:WHEN RETRANSMITS USER …", all but the user in hex. */
int pic__awaited_line(const char *line, uid_t user, unsigned own, pic__far_end *ret, int *ret_owes)
{
        unsigned from = 0, to = 0, state = 0, who = 0;
        unsigned long waiting = 0;
        char remote[40];

        if (sscanf(line, " %*u: %*32[0-9A-F]:%4x %32[0-9A-F]:%4x %2x %8lx:%*x %*x:%*x %*x %u", &from, remote, &to,
                   &state, &waiting, &who) != 6)
                return 0;
        (void)strcat(remote, ":");
        if (state != STANDS || who != user || from == own || parse_address(remote, &ret->addr) < 0 ||
            is_here(&ret->addr))
                return 0;
        ret->port = (uint16_t)to;
        *ret_owes = waiting > 0;
        return 1;
}

static int is_link(const pic__exit_conf *c, const pic__addr *a)
{
        return pic__addr_cmp(a, &c->cell4) == 0 || pic__addr_cmp(a, &c->cell6) == 0 ||
               pic__addr_cmp(a, &c->exit4) == 0 || pic__addr_cmp(a, &c->exit6) == 0;
}

static void add(struct list *l, const pic__far_end *end, int owes)
{
        size_t i = 0;

        while (i < l->count && (l->at[i].port != end->port || pic__addr_cmp(&l->at[i].addr, &end->addr) != 0))
                i++;
        if (i == CAN_BE)
                return;
        l->at[i] = *end;
        l->owes[i] = (i < l->count && l->owes[i]) || owes;
        l->count += i == l->count;
}

static void read_table(pid_t pid, const char *table, uid_t user, const pic__exit_conf *c, struct list *l)
{
        char path[64], line[512];
        pic__far_end end;
        int owes;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)pid, table);
        f = fopen(path, "re");
        if (f == NULL)
                return;
        while (fgets(line, sizeof(line), f) != NULL)
                if (pic__awaited_line(line, user, PIC__EXIT_TCP_PORT, &end, &owes) && !is_link(c, &end.addr))
                        add(l, &end, owes);
        fclose(f);
}

size_t pic__awaited(pid_t pid, uid_t user, const pic__exit_conf *c, pic__far_end out[PIC__FAR_ENDS])
{
        struct list l = { .count = 0 };
        size_t i, owing = 0, n = 0;

        read_table(pid, "tcp", user, c, &l);
        read_table(pid, "tcp6", user, c, &l);
        for (i = 0; i < l.count; i++)
                owing += l.owes[i] != 0;
        for (i = 0; i < l.count && n < PIC__FAR_ENDS; i++)
                if (owing == 0 || l.owes[i])
                        out[n++] = l.at[i];
        return n;
}
