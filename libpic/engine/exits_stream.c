/* Owns: one question on one connection: its connecting, its sending, its answer in whatever pieces. */
#include "engine/exits_stream.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"

static int passes(int error)
{
        return error == EAGAIN || error == EINTR || error == EINPROGRESS;
}

static enum pic__stream_state over(pic__stream *s, int error)
{
        s->error = error;
        return PIC__STREAM_OVER;
}

void pic__stream_begin(pic__stream *s, int fd, uint16_t id, const struct sockaddr *to, socklen_t size)
{
        pic__stream_end(s);
        *s = (pic__stream){ .fd = fd, .id = id };
        if (connect(fd, to, size) < 0 && !passes(errno))
                s->error = errno;
}

/* It is far smaller than any send buffer. */
static enum pic__stream_state send_question(pic__stream *s, const pic__question *q)
{
        uint8_t msg[2 + PIC__QUERY_MAX];
        size_t n = pic__query_write(q, s->id, msg + 2);

        msg[0] = (uint8_t)(n >> 8);
        msg[1] = (uint8_t)n;
        if (send(s->fd, msg, n + 2, MSG_NOSIGNAL) == (ssize_t)(n + 2))
                s->sent = 1;
        else if (!passes(errno) && errno != ENOTCONN)
                return over(s, errno);
        return PIC__STREAM_WAITS;
}

static size_t wanted(const pic__stream *s)
{
        return (size_t)(s->head[0] << 8 | s->head[1]);
}

/* The length is known now: room for what it promises. */
static enum pic__stream_state make_room(pic__stream *s)
{
        if (wanted(s) == 0 || wanted(s) > PIC__QUERY_ANSWER)
                return over(s, EBADMSG);
        s->body = pic__alloc(wanted(s));
        return s->body != NULL ? PIC__STREAM_WAITS : over(s, ENOMEM);
}

/* One piece: of the length, or of what it promises. *ret_more: perhaps there is another one. */
static enum pic__stream_state read_piece(pic__stream *s, int *ret_more)
{
        int in_head = s->got < sizeof(s->head);
        uint8_t *to = in_head ? s->head + s->got : s->body + (s->got - sizeof(s->head));
        size_t room = in_head ? sizeof(s->head) - s->got : sizeof(s->head) + wanted(s) - s->got;
        ssize_t n = recv(s->fd, to, room, 0);

        *ret_more = n > 0;
        if (n < 0 && passes(errno))
                return PIC__STREAM_WAITS;
        if (n <= 0)
                return over(s, n < 0 ? errno : ECONNRESET);
        s->got += (size_t)n;
        if (s->got == sizeof(s->head))
                return make_room(s);
        return s->body != NULL && s->got == sizeof(s->head) + wanted(s) ? PIC__STREAM_ANSWERED : PIC__STREAM_WAITS;
}

enum pic__stream_state pic__stream_turn(pic__stream *s, const pic__question *q)
{
        enum pic__stream_state state = PIC__STREAM_WAITS;
        int more = 1;

        if (s->error != 0)
                return PIC__STREAM_OVER;
        if (!s->sent)
                state = send_question(s, q);
        while (state == PIC__STREAM_WAITS && s->sent && more)
                state = read_piece(s, &more);
        return state;
}

const uint8_t *pic__stream_answer(const pic__stream *s, size_t *ret_len)
{
        *ret_len = wanted(s);
        return s->body;
}

void pic__stream_end(pic__stream *s)
{
        if (s->fd >= 0)
                close(s->fd);
        s->fd = -1;
        pic__free(pic__take(s->body));
}
