/* Which of several servers of a zone are asked: unbound tries them one after the other and waits for each, so that with
 * many silent ones a question is not answered for a minute. So whoever is told to unbound has answered us a moment ago;
 * nobody is asked by us while questions are answered. */
#ifndef PIC_BACKEND_DNS_CHOOSER_H
#define PIC_BACKEND_DNS_CHOOSER_H

#include "backend/dns/value.h"

#define PIC__CHOOSER_MAX 16 /* servers of a zone; more are not asked */
#define PIC__CHOOSER_GROUPS (1 + PIC__DNS_LIST_MAX)
#define PIC__CHOOSER_WAIT 700 /* ms after which one that has not answered is silent */
#define PIC__CHOSEN_MAX 2     /* each costs a question 0.4 s when it falls silent */

enum pic__far_state { PIC__FAR_UNKNOWN, PIC__FAR_LIVE, PIC__FAR_SILENT };

/* A zone and whom to ask for it: of a server's value the upstreams (0, zone ""), then each zone of others. */
typedef struct pic__dns_group {
        char zone[256];
        char server[PIC__CHOOSER_MAX][320];
        size_t count;
        int tls;
} pic__dns_group;
int pic__dns_group_of(const pic__dns_server *s, size_t n, pic__dns_group *ret); /* 1; 0: there is none of that number */
size_t pic__dns_groups(const pic__dns_server *s);                               /* how many */

typedef struct pic__dns_far {
        pic__addr addr;
        uint16_t port;
        int fd; /* of the question to it, or -1 */
        enum pic__far_state state;
        unsigned rtt; /* ms, when live */
} pic__dns_far;

typedef struct pic__chooser {
        pic__dns_far at[PIC__CHOOSER_MAX];
        size_t count;
        int tls;   /* a connection is asked for, no question */
        int wait;  /* ms, as PIC__CHOOSER_WAIT */
        int epoll; /* whoever owns it waits for it */
        int timer;
        uint16_t id;
        int64_t begun; /* ms; 0: nobody is being asked */
        size_t chosen[PIC__CHOSEN_MAX];
        size_t chosen_count;
} pic__chooser;

int pic__chooser_open(pic__chooser *c, int epoll); /* 0, or -1 with errno */
void pic__chooser_close(pic__chooser *c);          /* also one that is all zero */
/* Whom there is to choose from (NULL: nobody); all are asked if they are others than before, and there is a choice.
 * Until then the first ones are chosen. */
void pic__chooser_set(pic__chooser *c, const pic__dns_group *g);
void pic__chooser_ask(pic__chooser *c); /* all of them; nothing when they are being asked already */
/* When something happened with the descriptors; never waits. 1: it was chosen anew. */
int pic__chooser_turn(pic__chooser *c);
/* What asking anew could change: 2: one that does not answer is chosen; 1: there could be more of them; 0: nothing. */
int pic__chooser_wants(const pic__chooser *c);
/* How long a connection may take that a question by TLS needs, in ms, so that a slow uplink is no silent server. */
unsigned pic__chooser_patience(const pic__chooser *c);

#endif
