/* Owns: the connection to wireguard-go and its requests. A connection that failed is closed; the next request opens a
 * new one. */
#include "backend/wg/uapi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/wg/port.h"
#include "backend/wg/uapi_scan.h"
#include "sys/crypto.h"

#define ANSWER_MAX ((size_t)256 << 20) /* ten thousand devices are five megabytes */
#define ANSWER_SECONDS 5               /* of silence; it is a process beside us */
/* An operation ends at the first peer past this much: its answer then says which few hundred peers it is about. */
#define OPERATION ((size_t)48 << 10)

int pic__uapi_new(pic__uapi *u, pic_error **err)
{
        *u = (pic__uapi){ .fd = -1, .room = pic__alloc(PIC__UAPI_ROOM) };
        return u->room != NULL ? 0 : pic__nomem(err);
}

static void wipe(pic__uapi *u)
{
        explicit_bzero(u->room, u->len);
        u->len = 0;
}

void pic__uapi_close(pic__uapi *u)
{
        if (u->fd >= 0)
                close(u->fd);
        u->fd = -1;
        u->setting = 0;
        u->sent = 0;
        if (u->room != NULL)
                wipe(u);
}

void pic__uapi_free(pic__uapi *u)
{
        pic__uapi_close(u);
        pic__free(u->room);
        u->room = NULL;
}

int pic__uapi_name(pic__uapi *u, const char *device, pic_error **err)
{
        char path[sizeof(u->path)];

        if (snprintf(path, sizeof(path), PIC__UAPI_DIR "/%s.sock", device) >= (int)sizeof(path))
                return pic__fail(err, PIC_INVALID, "device %s: too long a name", device);
        if (strcmp(path, u->path) != 0)
                pic__uapi_close(u);
        memcpy(u->path, path, sizeof(path));
        return 0;
}

int pic__uapi_connect(pic__uapi *u, pid_t *ret_owner, pic_error **err)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        struct timeval limit = { .tv_sec = ANSWER_SECONDS };
        struct ucred owner = { 0 };
        socklen_t len = sizeof(owner);

        if (u->fd < 0) {
                u->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
                if (u->fd < 0)
                        return pic__fail_errno(err, errno, "%s: no socket", u->path);
                (void)setsockopt(u->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
                (void)setsockopt(u->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
                memcpy(to.sun_path, u->path, sizeof(to.sun_path));
                if (connect(u->fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
                        int e = errno;

                        pic__uapi_close(u);
                        return e == ECONNREFUSED || e == ENOENT
                                       ? 0
                                       : pic__fail_errno(err, e, "%s: cannot connect", u->path);
                }
        }
        if (ret_owner != NULL && getsockopt(u->fd, SOL_SOCKET, SO_PEERCRED, &owner, &len) == 0)
                *ret_owner = owner.pid;
        return 1;
}

static int broken(pic__uapi *u, int errnum, pic_error **err)
{
        pic__uapi_close(u);
        if (errnum == EAGAIN)
                return pic__fail(err, PIC_TIMEOUT, "%s: wireguard-go does not answer", u->path);
        return pic__fail_errno(err, errnum, "%s: the connection to wireguard-go broke", u->path);
}

/* Sends what waits. */
static int push(pic__uapi *u, pic_error **err)
{
        size_t at = 0;

        while (at < u->len) {
                ssize_t n = send(u->fd, u->room + at, u->len - at, MSG_NOSIGNAL);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return broken(u, errno, err);
                at += (size_t)n;
        }
        u->sent += u->len;
        wipe(u);
        return 0;
}

/* Begins a request. */
static int begin(pic__uapi *u, const char *text, pic_error **err)
{
        int r = pic__uapi_connect(u, NULL, err);

        if (r == 0)
                return pic__fail(err, PIC_BACKEND, "%s: wireguard-go does not run", u->path);
        if (r < 0)
                return r;
        u->len = strlen(text);
        memcpy(u->room, text, u->len);
        u->sent = 0;
        return 0;
}

/* One line, "word=value\n"; `value` NULL: the key in hexadecimal. */
static int put(pic__uapi *u, const char *word, const char *value, const uint8_t *key, pic_error **err)
{
        size_t len = strlen(word), vlen = value != NULL ? strlen(value) : 64;
        int r;

        if (u->len + len + vlen + 3 > PIC__UAPI_ROOM) {
                r = push(u, err);
                if (r < 0)
                        return r;
        }
        memcpy(u->room + u->len, word, len);
        u->len += len;
        u->room[u->len++] = '=';
        if (value != NULL)
                memcpy(u->room + u->len, value, vlen);
        else
                pic__hex(key, 32, u->room + u->len); /* ends in NUL, which the newline replaces */
        u->len += vlen;
        u->room[u->len++] = '\n';
        return 0;
}

static int put_number(pic__uapi *u, const char *word, unsigned n, pic_error **err)
{
        char text[16];

        snprintf(text, sizeof(text), "%u", n);
        return put(u, word, text, NULL, err);
}

/* Reads the answer to its empty line. */
static int take_answer(pic__uapi *u, pic__uapi_scan *s, pic_error **err)
{
        size_t used, total = 0;
        int r;

        while (!s->done) {
                ssize_t n = recv(u->fd, u->room + u->len, PIC__UAPI_ROOM - u->len, 0);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return broken(u, n < 0 ? errno : ECONNRESET, err);
                u->len += (size_t)n;
                r = pic__uapi_scan_lines(s, u->room, u->len, &used);
                total += (size_t)n;
                if (r == 0 && used == 0 && u->len == PIC__UAPI_ROOM)
                        r = pic__fail(err, PIC_BACKEND, "%s: too long a line", u->path);
                if (r == 0 && total > ANSWER_MAX)
                        r = pic__fail(err, PIC_BACKEND, "%s: the answer does not end", u->path);
                if (r < 0) {
                        pic__uapi_close(u); /* the rest of the answer is of no use */
                        return r;
                }
                memmove(u->room, u->room + used, u->len - used);
                explicit_bzero(u->room + u->len - used, used);
                u->len -= used;
        }
        wipe(u);
        return 0;
}

static int nothing(pic__wg_peer *peer, void *data, pic_error **err)
{
        (void)peer;
        (void)data;
        (void)err;
        return 0;
}

/* Ends a "set" operation and takes its answer: 0, a positive errno, or a negative code. */
static int finish(pic__uapi *u, pic_error **err)
{
        static const pic__wg_reader none = { .peer = nothing };
        pic__auto_uapi_scan pic__uapi_scan scan = { .reader = &none, .err = err };
        int r;

        u->setting = 0;
        if (u->len + 1 > PIC__UAPI_ROOM) {
                r = push(u, err);
                if (r < 0)
                        return r;
        }
        u->room[u->len++] = '\n';
        r = push(u, err);
        if (r == 0)
                r = take_answer(u, &scan, err);
        if (r == 0 && scan.result != 0)
                pic__uapi_close(u); /* it stopped reading in the middle: what follows would be taken for requests */
        return r < 0 ? r : scan.result;
}

static int refused(int errnum, pic_error **err)
{
        char text[100];

        pic__fail(err, PIC_BACKEND, "wireguard-go refused: %s", strerror_r(errnum, text, sizeof(text)));
        pic__detail_int(err, "errno", errnum);
        return PIC_BACKEND;
}

int pic__uapi_set_device(pic__uapi *u, const pic__wg_device *device, pic_error **err)
{
        int r = begin(u, "set=1\n", err);

        if (r == 0)
                r = put(u, "private_key", NULL, device->private_key, err);
        if (r == 0)
                r = put_number(u, "listen_port", device->port, err);
        if (r == 0)
                r = finish(u, err);
        if (r == EADDRINUSE)
                return pic__wg_port_taken(device->port, err);
        return r > 0 ? refused(r, err) : r;
}

int pic__uapi_flush(pic__uapi *u, pic_error **err)
{
        int r = u->setting ? finish(u, err) : 0;

        return r > 0 ? refused(r, err) : r;
}

/* Opens an operation, or goes on with one that has room. */
static int next_peer(pic__uapi *u, const uint8_t key[32], pic_error **err)
{
        int r = 0;

        if (u->setting && u->sent + u->len > OPERATION)
                r = pic__uapi_flush(u, err);
        if (r == 0 && !u->setting) {
                r = begin(u, "set=1\n", err);
                u->setting = r == 0;
        }
        return r < 0 ? r : put(u, "public_key", NULL, key, err);
}

int pic__uapi_remove_peer(pic__uapi *u, const uint8_t key[32], pic_error **err)
{
        int r = next_peer(u, key, err);

        return r < 0 ? r : put(u, "remove", "true", NULL, err);
}

int pic__uapi_set_peer(pic__uapi *u, const pic__wg_peer *peer, int replace, pic_error **err)
{
        char text[PIC__PREFIX_TEXT];
        size_t i;
        int r = next_peer(u, peer->key, err);

        /* All zero and 0 take the preshared key and the keepalive away; leaving the lines out would keep them. */
        if (r == 0)
                r = put(u, "preshared_key", NULL, peer->psk, err);
        if (r == 0)
                r = put_number(u, "persistent_keepalive_interval", peer->keepalive, err);
        if (r == 0 && peer->endpoint[0] != '\0')
                r = put(u, "endpoint", peer->endpoint, NULL, err);
        if (r == 0 && replace)
                r = put(u, "replace_allowed_ips", "true", NULL, err);
        for (i = 0; r == 0 && i < peer->allowed.count; i++)
                r = put(u, "allowed_ip", pic__prefix_print(&peer->allowed.at[i], text), NULL, err);
        return r;
}

int pic__uapi_read(pic__uapi *u, const pic__wg_reader *reader, pic_error **err)
{
        pic__auto_uapi_scan pic__uapi_scan scan = { .reader = reader, .err = err };
        int r = begin(u, "get=1\n\n", err);

        if (r == 0)
                r = push(u, err);
        if (r == 0)
                r = take_answer(u, &scan, err);
        return r == 0 && scan.result != 0 ? refused(scan.result, err) : r;
}
