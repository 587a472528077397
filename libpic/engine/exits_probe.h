/* One DNS question through an exit: sent by a socket that has the exit's mark and device, so that it takes the devices'
 * way or none, and asked again and again within its limit, so that a lost datagram is not a dead exit; an answer to any
 * of the tries counts, however late. Nothing waits: the owner has a descriptor and a time at which turn() is due. */
#ifndef PIC_ENGINE_EXITS_PROBE_H
#define PIC_ENGINE_EXITS_PROBE_H

#include <pic/types.h>

#include "base/err.h"
#include "engine/exits_query.h"
#include "engine/exits_stream.h"
#include "model/net.h"

#define PIC__PROBE_TRIES 9
#define PIC__PROBE_STREAMS 6 /* tries over TCP */

enum pic__probe_state { PIC__PROBE_IDLE, PIC__PROBE_OUT, PIC__PROBE_ANSWERED, PIC__PROBE_LOST };

typedef struct pic__probe_target {
        pic__addr to;
        uint16_t port;
} pic__probe_target;

typedef struct pic__probe_opts {
        const pic__probe_target *targets; /* who is asked: every third try another one; borrowed until the end */
        unsigned count;                   /* at least 1 */
        unsigned first;                   /* of them */
        uint32_t mark;                    /* 0: none */
        const char *device;               /* it leaves there or not at all; NULL: anywhere. Borrowed until the end */
        int tcp;                          /* each try is a connection; those before it go on */
        unsigned tries;                   /* spread over the limit, at most PIC__PROBE_TRIES, or _STREAMS */
        pic_time limit;                   /* without an answer for so long it is lost */
        int hasty;                        /* whatever the way there refuses is a loss at once */
        const pic__question *ask; /* borrowed until the end; NULL: the root's name servers, which everybody knows */
} pic__probe_opts;

typedef struct pic__probe {
        enum pic__probe_state state;
        int fd;         /* of UDP; -1: none now; another one may come with each turn. It stays: see pic__probe_rest */
        uint8_t family; /* of fd */
        pic__probe_opts opts;
        pic_time started;
        pic_time next; /* when turn() is due */
        uint16_t id;   /* of the first try; each has the next one */
        unsigned tries;
        pic_time sent[PIC__PROBE_TRIES];
        int error; /* errno that the way there gave last; 0: silence */
        /* When answered: */
        pic_time latency; /* of the try that was answered */
        unsigned missed;  /* tries before it that were not */
        int code;         /* the answer's */
        char text[PIC__QUERY_TEXT];
        pic__stream streams[PIC__PROBE_STREAMS]; /* of TCP, by their tries; there are as many as tries */
} pic__probe;

#define PIC__PROBE_INIT                            \
        {                                          \
                .state = PIC__PROBE_IDLE, .fd = -1 \
        }

/* Sends it. PIC_DENIED without the right to mark, PIC_IO without a socket, PIC_NOMEM: then there is no probe. */
int pic__probe_start(pic__probe *p, const pic__probe_opts *opts, pic_time now, pic_error **err);
/* Joins an epoll set, stays there as it is to be waited for now, or leaves it: after the start and each turn. */
void pic__probe_watch(const pic__probe *p, int epoll, uint32_t tag);
/* Reads what came, sends again what is due. Answers the state. */
enum pic__probe_state pic__probe_turn(pic__probe *p, pic_time now);
/* Nothing is waited for any more; what was learned stays to be read until the next start. The socket of UDP stays too:
 * answers that come late would else be refused by this machine, in packets that have no mark and leave by the main way.
 */
void pic__probe_rest(pic__probe *p);
void pic__probe_end(pic__probe *p); /* closes it */

#endif
