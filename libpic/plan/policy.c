/* Owns: the allowed-packet table. Two pieces of data: what passes while an exit is up, by what it can carry; and what
 * becomes of each answer in the other states. Nothing is ever let through in another state that is not when up, but for
 * what a person chose with failopen. */
#include "plan/policy.h"

#define T PIC__BY_TUNNEL
#define N PIC__BY_RESOLVER
#define C PIC__BY_CELL
#define O PIC__BY_OUTSIDE
#define R PIC__REJECTED
#define D PIC__DROPPED

const char *const pic__policy_caps[PIC__CAPS] = { "full", "ipv4", "ipv6", "tcp", "tcp4", "block" };

const char *const pic__policy_states[PIC__EXIT_STATES] = { "absent", "starting",  "up",      "failed",
                                                           "opened", "switching", "stopping" };

const char *const pic__policy_kinds[PIC__PACKET_KINDS] = {
        "device tcp4",   "device udp4",   "device icmp4",      "device other4", "device tcp6",    "device udp6",
        "device icmp6",  "device other6", "device dns",        "device dot",    "device near",    "resolver query",
        "resolver cell", "carrier",       "carrier elsewhere", "carrier host",  "carrier device", "carrier exit",
};

const char *const pic__policy_verdicts[PIC__VERDICTS] = { "tunnel", "resolver", "cell", "outside", "reject", "drop" };

/* While it is up. Columns as pic__policy_kind: device TCP UDP ICMP other of IPv4, of IPv6, DNS, DoT, near; resolver's
 * queries and the cell's names; carrier to its far end, elsewhere, host, device, other exit. */
static const uint8_t up[PIC__CAPS][PIC__PACKET_KINDS] = {
        [PIC__CAP_FULL] = { T, T, T, T, T, T, T, T, N, R, C, T, C, O, D, D, D, D },
        [PIC__CAP_V4] = { T, T, T, T, R, R, R, R, N, R, C, T, C, O, D, D, D, D },
        [PIC__CAP_V6] = { R, R, R, R, T, T, T, T, N, R, C, T, C, O, D, D, D, D },
        [PIC__CAP_TCP] = { T, R, R, R, T, R, R, R, N, R, C, T, C, O, D, D, D, D },
        [PIC__CAP_TCP4] = { T, R, R, R, R, R, R, R, N, R, C, T, C, O, D, D, D, D },
        [PIC__CAP_BLOCK] = { R, R, R, R, R, R, R, R, C, R, C, D, D, D, D, D, D, D },
};

/* What an answer becomes. Columns as pic__policy_verdict: tunnel, resolver, cell, outside, reject, drop. A failed exit
 * goes on trying: what it takes is inside its carrier's packets or nowhere. */
static const uint8_t becomes[PIC__EXIT_STATES][PIC__VERDICTS] = {
        [PIC__EXIT_ABSENT] = { R, C, C, D, R, D },   [PIC__EXIT_STARTING] = { R, N, C, O, R, D },
        [PIC__EXIT_UP] = { T, N, C, O, R, D },       [PIC__EXIT_FAILED] = { T, N, C, O, R, D },
        [PIC__EXIT_OPENED] = { T, N, C, O, R, D },   [PIC__EXIT_SWITCHING] = { T, N, C, O, R, D },
        [PIC__EXIT_STOPPING] = { R, R, C, D, R, D },
};

static int of_device(enum pic__policy_kind kind)
{
        return kind <= PIC__PACKET_DOT;
}

enum pic__policy_verdict pic__policy(enum pic__policy_cap cap, enum pic__policy_state state, enum pic__policy_kind kind)
{
        /* Blocked on purpose is nothing that fails, so nothing that opens. */
        if (state == PIC__EXIT_OPENED && cap != PIC__CAP_BLOCK && of_device(kind))
                return kind == PIC__PACKET_DNS ? PIC__BY_CELL : PIC__BY_OUTSIDE;
        return (enum pic__policy_verdict)becomes[state][up[cap][kind]];
}

enum pic__policy_cap pic__policy_cap_of(int tcp_only, int v4, int v6)
{
        if (!v4 && !v6)
                return PIC__CAP_BLOCK;
        if (tcp_only)
                return v6 ? PIC__CAP_TCP : PIC__CAP_TCP4;
        return v4 && v6 ? PIC__CAP_FULL : v4 ? PIC__CAP_V4 : PIC__CAP_V6;
}

void pic__policy_each(void (*fn)(enum pic__policy_cap cap, enum pic__policy_state state, enum pic__policy_kind kind,
                                 enum pic__policy_verdict verdict, void *data),
                      void *data)
{
        int cap, state, kind;

        for (cap = 0; cap < PIC__CAPS; cap++)
                for (state = 0; state < PIC__EXIT_STATES; state++)
                        for (kind = 0; kind < PIC__PACKET_KINDS; kind++)
                                fn((enum pic__policy_cap)cap, (enum pic__policy_state)state,
                                   (enum pic__policy_kind)kind,
                                   pic__policy((enum pic__policy_cap)cap, (enum pic__policy_state)state,
                                               (enum pic__policy_kind)kind),
                                   data);
}
