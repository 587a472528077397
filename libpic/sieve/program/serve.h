/* What the files of the filter share. One thread, one epoll; nothing here waits but the loop. */
#ifndef PIC_SIEVE_PROGRAM_SERVE_H
#define PIC_SIEVE_PROGRAM_SERVE_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "sieve/counts.h"
#include "sieve/msg.h"
#include "sieve/rules.h"

#define PLACES_MAX 4
#define UPS_MAX 2 /* places of the name server: it may answer differently at each */
#define QUESTION_MAX 4096
#define CONNS_MAX 128
#define CONNS_OF_ONE 32 /* from one address */

/* An address with its port, and the same as the PROXY protocol wants it. */
struct place {
        union {
                struct sockaddr any;
                struct sockaddr_in v4;
                struct sockaddr_in6 v6;
        } at;
        socklen_t len;
};

struct waits;
struct conns;

struct sieve {
        const char *dir;
        int dir_fd, epoll, notify;
        struct place listen[PLACES_MAX], up[UPS_MAX];
        int udp[PLACES_MAX], tcp[PLACES_MAX];
        size_t up_of[PLACES_MAX]; /* whom it asks for each place */
        size_t listens, ups;
        int up_fd[UPS_MAX]; /* UDP, connected to the name server */
        void *map;          /* the table's file; NULL: none, and then nothing is answered */
        size_t map_size;
        pic__sieve_table table;
        pic__sieve_rules *rules; /* NULL: none */
        pic__sieve_counts *counts;
        int notes; /* standard output is a file that nobody else may read: what is blocked can be written down there */
        int count_at[PIC__SIEVE_LISTS]; /* of the table's lists; -1: nowhere */
        struct waits *waits;
        struct conns *conns;
};

/* Who is told what, in epoll: one of these and a number. */
enum { OF_NOTIFY, OF_UP, OF_UDP, OF_TCP, OF_CLIENT, OF_SERVER };
int watch(const struct sieve *s, int op, int fd, uint32_t events, unsigned of, size_t number);

const uint8_t *bytes_of(const struct place *p, size_t *ret_size);
uint16_t port_of(const struct place *p); /* network order */
/* -1: no answer; 0: it may be asked (q->hide says how); else the code to answer with, and *ret_said by which list it
 * was blocked. */
int judge(struct sieve *s, const uint8_t *m, size_t len, const struct place *from, pic__sieve_question *q,
          const char **ret_said);
size_t head_of(const struct place *from, const struct place *to, int udp, uint8_t out[PIC__SIEVE_PROXY]);

/* load.c */
int load_open(struct sieve *s); /* the directory, what is heard of it, counts */
void load(struct sieve *s);     /* table and rules, as they are now */
void load_heard(struct sieve *s);

/* udp.c */
int udp_open(struct sieve *s);
void udp_asked(struct sieve *s, size_t place);
void udp_answered(struct sieve *s, size_t up);

/* tcp.c */
int tcp_open(struct sieve *s);
void tcp_comes(struct sieve *s, size_t place);
void tcp_goes_on(struct sieve *s, size_t number, int server);
int tcp_sweep(struct sieve *s); /* ms until the next sweep is due; -1: never */

/* confine.c: from here on only what serving takes; without `serve` only reading and writing what is open. */
int confine(int serve);

#endif
