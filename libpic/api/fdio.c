/* Owns: reading and writing callers' descriptors. */
#include "api/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/crypto.h"

enum { FIRST = 16 };

int pic__fdio_start(pic__fdio *x, pic_error **err)
{
        x->piece = pic__alloc(PIC__PIECE);
        x->out = pic__alloc(PIC__PIECE);
        return x->piece != NULL && x->out != NULL ? 0 : pic__nomem(err);
}

void pic__fdio_free(pic__fdio *x)
{
        if (x->piece != NULL)
                pic__wipe(x->piece, PIC__PIECE);
        if (x->out != NULL)
                pic__wipe(x->out, PIC__PIECE);
        pic__free(x->piece);
        pic__free(x->out);
}

static int write_all(int fd, const uint8_t *data, size_t len, pic_error **err)
{
        while (len > 0) {
                ssize_t n = write(fd, data, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return pic__fail_errno(err, errno, "the output cannot be written");
                data += n;
                len -= (size_t)n;
        }
        return 0;
}

int pic__fdio_flush(pic__fdio *x, pic_error **err)
{
        size_t len = x->have;

        x->have = 0;
        return write_all(x->out_fd, x->out, len, err);
}

int pic__fdio_put(const void *data, size_t len, void *fdio, pic_error **err)
{
        pic__fdio *x = fdio;
        int large = len >= PIC__PIECE / 8; /* not worth a copy; what waits goes first */

        if (pic_cancel_raised(x->cancel))
                return pic__fail(err, PIC_CANCELED, "canceled");
        if (large || x->have + len > PIC__PIECE) {
                int r = pic__fdio_flush(x, err);

                if (r < 0 || large)
                        return r < 0 ? r : write_all(x->out_fd, data, len, err);
        }
        memcpy(x->out + x->have, data, len);
        x->have += len;
        return 0;
}

int pic__fdio_next(void *fdio, const void **ret_data, size_t *ret_len, pic_error **err)
{
        pic__fdio *x = fdio;
        size_t have = 0, least = x->begun ? 1 : FIRST;

        if (pic_cancel_raised(x->cancel))
                return pic__fail(err, PIC_CANCELED, "canceled");
        x->begun = 1;
        while (have < least) {
                ssize_t n = read(x->in_fd, x->piece + have, PIC__PIECE - have);

                if (n < 0 && errno == EINTR && pic_cancel_raised(x->cancel)) /* nothing may come for long */
                        return pic__fail(err, PIC_CANCELED, "canceled");
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return pic__fail_errno(err, errno, "the input cannot be read");
                if (n == 0)
                        break;
                have += (size_t)n;
        }
        *ret_data = x->piece;
        *ret_len = have;
        return have > 0;
}

int pic__fdio_is_open(int fd)
{
        return fd >= 0 && fcntl(fd, F_GETFD) >= 0;
}
