/* One DNS question on one TCP connection (RFC 1035, 4.2.2: two bytes of length before each message). It never waits: a
 * turn does what can be done now. Whose socket it is, marked and bound, its owner knows. */
#ifndef PIC_ENGINE_EXITS_STREAM_H
#define PIC_ENGINE_EXITS_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "engine/exits_query.h"

enum pic__stream_state { PIC__STREAM_WAITS, PIC__STREAM_ANSWERED, PIC__STREAM_OVER };

typedef struct pic__stream {
        int fd;      /* -1: none */
        uint16_t id; /* of the question */
        int sent;    /* the question is, so the connection stands */
        int error;   /* errno, when it is over */
        size_t got;  /* bytes of the answer, */
        uint8_t head[2];
        uint8_t *body; /* and what follows its length */
} pic__stream;

#define PIC__STREAM_INIT \
        {                \
                .fd = -1 \
        }

/* Takes fd, connects it. A refusal that is heard at once is heard by the first turn, too. */
void pic__stream_begin(pic__stream *s, int fd, uint16_t id, const struct sockaddr *to, socklen_t size);
/* PIC__STREAM_OVER: see error; then, and when it is answered, nothing more comes. */
enum pic__stream_state pic__stream_turn(pic__stream *s, const pic__question *q);
/* The answer, without its length; borrowed. */
const uint8_t *pic__stream_answer(const pic__stream *s, size_t *ret_len);
void pic__stream_end(pic__stream *s);

#endif
