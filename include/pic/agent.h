/* <pic/agent.h>: be the agent. For picd and `pic up`; nobody else needs it. */
#ifndef PIC_AGENT_H
#define PIC_AGENT_H

#include <pic/cancel.h>
#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* A line that a program of the agent's (unbound, haproxy, chronyd, what carries a connection) newly wrote into its log,
 * for whoever keeps lines elsewhere too; levels as the context's log handler has them. program: "unbound", "exit1-tor";
 * connection: the name of the one that it carries, or NULL; text: what it says, without time and level, printable. All
 * borrowed for the call. Answers 0: taken; anything else: not now, it comes again two seconds later. Of a flood a part
 * comes (60 lines of a program in two seconds, 240 of all), and a line that tells how many more there were. Called on
 * the thread of the agent, which waits: it must not block, nor call back into the library. Not what devices ask for
 * (pic_dns_log()). */
typedef int (*pic_program_line_fn)(int level, const char *area, const char *program, const char *connection,
                                   const char *text, void *data);

typedef struct pic_agent_opts {
        size_t size;                  /* sizeof(pic_agent_opts) */
        uint32_t flags;               /* PIC_AGENT_* */
        uint32_t interval_ms;         /* between full looks at the world; 0: 60,000 */
        const pic_cancel *cancel;     /* raised: the loop ends; borrowed for the call */
        void (*on_ready)(void *data); /* the socket listens and the first apply was tried */
        void *data;
        pic_program_line_fn on_line; /* what programs write; NULL: their logs alone have it */
} pic_agent_opts;

#define PIC_AGENT_OPTS_INIT                                          \
        {                                                            \
                sizeof(pic_agent_opts), 0, 0, NULL, NULL, NULL, NULL \
        }

enum {
        PIC_AGENT_KEEP_PRIVILEGES = 1 << 0,
        PIC_AGENT_EXCHANGE = 1 << 1 /* only the restore that was ordered (PIC_BACKUP_AGENT), if one was; then it
                                       returns. For a unit in whose confinement picd cannot do it */
};

/* Runs the agent on this thread until it is cancelled or told to stop. It changes this machine's network. A restore
 * that was ordered is done before it starts, and when it is ordered later the agent ends, does it and starts again;
 * what is the matter with one is logged, and the cell that is here goes on. opts NULL: all defaults. PIC_INVALID;
 * PIC_BUSY: another agent runs; PIC_NOTFOUND: no cell; PIC_DENIED: no key, or no CAP_NET_ADMIN; PIC_UNSUPPORTED: a
 * store of a newer version; PIC_BADSTATE: its run directory was taken away while it ran, or a restore is ordered that
 * this process may not do: its next start does it; PIC_BACKEND: the kernel gives no netlink socket; PIC_CORRUPT,
 * PIC_IO, PIC_NOMEM. What cannot be applied (a program is missing, a port is taken) does not end it: see
 * pic_status_get(). The network is left as it is when this returns. */
PIC_API PIC_MUST_USE int pic_agent_run(pic_ctx *ctx, const pic_agent_opts *opts, pic_error **err);

enum { PIC_DOWN_KEEP_BLOCK = 1 << 0 /* leave the rules that block in place */ };
/* Tells a running agent to stop and takes the cell's objects out of the machine (device, addresses, rules, names).
 * Without an agent, does the taking out itself (PIC_DENIED without the right to). Wishes stay. flags: PIC_DOWN_*.
 * PIC_NOTFOUND: no cell; PIC_TIMEOUT: the agent does not answer; PIC_BACKEND: something could not be taken out (the
 * rest was); PIC_UNSUPPORTED: a store of a newer version; PIC_CORRUPT, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_agent_down(pic_ctx *ctx, uint32_t flags, pic_error **err);

PIC_END_DECLS

#endif
