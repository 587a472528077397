/* Descriptors of callers, for what streams: pieces in, pieces out, and a cancel flag looked at between them. */
#ifndef PIC_API_FDIO_H
#define PIC_API_FDIO_H

#include "api/api.h"

enum { PIC__PIECE = 256 << 10 };

typedef struct pic__fdio {
        int in_fd;
        int out_fd;
        const pic_cancel *cancel;
        uint8_t *piece; /* what was read last */
        uint8_t *out;   /* what is not written yet */
        size_t have;
        int begun;
} pic__fdio;

int pic__fdio_start(pic__fdio *x, pic_error **err); /* the two buffers */
void pic__fdio_free(pic__fdio *x);                  /* wipes them */
/* 1 with a piece, 0 at the end. The first one is not shorter than 16 bytes unless the file is. A pic__flow_source. */
int pic__fdio_next(void *fdio, const void **ret_data, size_t *ret_len, pic_error **err);
/* A pic__age_sink. */
int pic__fdio_put(const void *data, size_t len, void *fdio, pic_error **err);
int pic__fdio_flush(pic__fdio *x, pic_error **err);
int pic__fdio_is_open(int fd);

#endif
