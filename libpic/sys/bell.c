/* Owns: the descriptors of a bell. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "sys/bell.h"

static int watch(pic__bell *b, int fd)
{
        struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

        return epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &e);
}

int pic__bell_open(pic__bell *b, const char *who, pic_error **err)
{
        b->epoll = epoll_create1(EPOLL_CLOEXEC);
        b->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        b->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
        if (b->epoll < 0 || b->wake < 0 || b->timer < 0 || watch(b, b->wake) < 0 || watch(b, b->timer) < 0)
                return pic__fail_errno(err, errno, "%s: cannot make descriptors", who);
        return 0;
}

void pic__bell_close(pic__bell *b)
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
void pic__bell_child(pic__bell *b, const pic__child *child)
{
        int fd = pic__child_fd(child);

        if (b->watched >= 0)
                (void)epoll_ctl(b->epoll, EPOLL_CTL_DEL, b->watched, NULL);
        b->watched = fd >= 0 && watch(b, fd) == 0 ? fd : -1;
}

void pic__bell_ring(pic__bell *b)
{
        uint64_t one = 1;

        while (write(b->wake, &one, sizeof(one)) < 0 && errno == EINTR)
                ;
}

void pic__bell_ring_in(pic__bell *b, unsigned ms)
{
        struct itimerspec t = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 } };

        if (ms == 0)
                pic__bell_ring(b);
        else
                (void)timerfd_settime(b->timer, 0, &t, NULL);
}

static int emptied(int fd)
{
        uint64_t n;

        return read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n);
}

int pic__bell_rung(pic__bell *b)
{
        return emptied(b->wake) | emptied(b->timer);
}
