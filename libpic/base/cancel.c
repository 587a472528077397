/* Owns: the cancel flag: an atomic and an eventfd, so that both a loop and a wait see it. */
#include "base/cancel.h"

#include <errno.h>
#include <pic/cancel.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"

struct pic_cancel {
        int raised;
        int fd;
        int refs;
};

int pic_cancel_new(pic_cancel **ret_cancel, pic_error **err)
{
        pic_cancel *c;

        if (ret_cancel == NULL)
                return pic__fail(err, PIC_INVALID, "pic_cancel_new: ret_cancel is NULL");
        c = pic__alloc(sizeof(*c));
        if (c == NULL)
                return pic__nomem(err);
        c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (c->fd < 0) {
                pic__free(c);
                return pic__fail(err, PIC_BACKEND, "no eventfd: errno %d", errno);
        }
        c->refs = 1;
        *ret_cancel = c;
        return 0;
}

void pic_cancel_raise(pic_cancel *cancel)
{
        uint64_t one = 1;

        if (cancel == NULL)
                return;
        __atomic_store_n(&cancel->raised, 1, __ATOMIC_RELEASE);
        if (write(cancel->fd, &one, sizeof(one)) < 0)
                return; /* full means it is raised already */
}

int pic_cancel_raised(const pic_cancel *cancel)
{
        return cancel != NULL && __atomic_load_n(&cancel->raised, __ATOMIC_ACQUIRE);
}

int pic__cancel_fd(const pic_cancel *cancel)
{
        return cancel != NULL ? cancel->fd : -1;
}

pic_cancel *pic_cancel_unref(pic_cancel *cancel)
{
        if (cancel != NULL && __atomic_sub_fetch(&cancel->refs, 1, __ATOMIC_ACQ_REL) == 0) {
                close(cancel->fd);
                pic__free(cancel);
        }
        return NULL;
}
