/* The little that the filter reads and writes of DNS messages (RFC 1035, 6891, 8914), and the head by which the name
 * server is told who asks (PROXY protocol, version 2). */
#ifndef PIC_SIEVE_MSG_H
#define PIC_SIEVE_MSG_H

#include "sieve/name.h"

#define PIC__SIEVE_ANSWER 640 /* room for any answer of ours */
#define PIC__SIEVE_PROXY 52   /* the longest head */
#define PIC__SIEVE_TTL 10     /* s that "blocked" is believed: a list that is taken back is felt soon */

enum {
        PIC__SIEVE_OK = 0,
        PIC__SIEVE_FORMERR = 1,
        PIC__SIEVE_SERVFAIL = 2,
        PIC__SIEVE_NXDOMAIN = 3,
        PIC__SIEVE_NOTIMP = 4
};

typedef struct pic__sieve_question {
        pic__sieve_name name;
        size_t end;    /* of the question; 12 when it was not read */
        unsigned type; /* that is asked for */
        unsigned hide; /* how it is to be put: pic__sieve_hide(); 0: as it is */
        int edns;      /* who asks knows of it */
        int dnssec;    /* and of signatures */
} pic__sieve_question;

/* -1: no question at all, and not answered; else PIC__SIEVE_OK, or the code to refuse it with. */
int pic__sieve_ask_read(const uint8_t *m, size_t len, pic__sieve_question *ret);
/* An answer to it with this code; `said` (or NULL): that it was blocked, and by what list. Its length. */
size_t pic__sieve_answer(const uint8_t *m, const pic__sieve_question *q, int code, const char *said,
                         uint8_t out[PIC__SIEVE_ANSWER]);
/* The name of a question that was read, as text with its dot: "ads.example.com."; bytes that no host has by number. */
void pic__sieve_ask_text(const uint8_t *m, const pic__sieve_question *q, char *to, size_t size);
/* Puts the question of a message otherwise: so many labels in letters that no name has, or (PIC__SIEVE_AS_TYPE) of a
 * type that there is none of. Done twice it is as it was, so it takes back in the answer what it did to the question.
 * PIC__SIEVE_AS_NONE: both, and the answer that there is nothing of it says that there is no such name. */
void pic__sieve_hide(uint8_t *m, size_t len, unsigned how);
/* Whether an answer is about the name of this number; one without a question is about any. */
int pic__sieve_about(const uint8_t *m, size_t len, uint64_t number);

/* Addresses of 4 or 16 bytes, both alike; ports in network order. Its length. */
size_t pic__sieve_proxy(int udp, size_t size, const uint8_t *from, const uint8_t *to, const uint16_t ports[2],
                        uint8_t out[PIC__SIEVE_PROXY]);

#endif
