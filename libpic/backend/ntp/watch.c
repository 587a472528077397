/* Owns: one descriptor that tells all: the server has died, its next start is due, we rang ourselves. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "backend/ntp/inside.h"

static int watch(pic__ntp *b, int fd)
{
        struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

        return epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &e);
}

int pic__ntp_watch_open(pic__ntp *b, pic_error **err)
{
        b->epoll = epoll_create1(EPOLL_CLOEXEC);
        b->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        b->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
        if (b->epoll < 0 || b->wake < 0 || b->timer < 0 || watch(b, b->wake) < 0 || watch(b, b->timer) < 0)
                return pic__fail_errno(err, errno, "dns: cannot make descriptors");
        return 0;
}

void pic__ntp_watch_close(pic__ntp *b)
{
        int *const fds[] = { &b->epoll, &b->wake, &b->timer };
        size_t i;

        for (i = 0; i < PIC__COUNT(fds); i++) {
                if (*fds[i] >= 0)
                        close(*fds[i]);
                *fds[i] = -1;
        }
}

/* A closed pidfd leaves epoll by itself; a number may come again with another process behind it. */
void pic__ntp_watch_child(pic__ntp *b)
{
        int fd = pic__child_fd(b->child);

        if (b->watched >= 0)
                (void)epoll_ctl(b->epoll, EPOLL_CTL_DEL, b->watched, NULL);
        b->watched = fd >= 0 && watch(b, fd) == 0 ? fd : -1;
}

void pic__ntp_ring(pic__ntp *b)
{
        uint64_t one = 1;

        while (write(b->wake, &one, sizeof(one)) < 0 && errno == EINTR)
                ;
}

void pic__ntp_ring_in(pic__ntp *b, unsigned ms)
{
        struct itimerspec t = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 } };

        if (ms == 0)
                pic__ntp_ring(b);
        else
                (void)timerfd_settime(b->timer, 0, &t, NULL);
}

static int emptied(int fd)
{
        uint64_t n;

        return read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n);
}

int pic__ntp_drain(pic__backend *backend)
{
        pic__ntp *b = (pic__ntp *)backend;
        int news = emptied(b->wake) | emptied(b->timer);

        if (b->watched >= 0 && !pic__child_alive(b->child)) {
                pic__ntp_forget(b);
                news = 1;
        }
        return news;
}
