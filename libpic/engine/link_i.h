/* A link from inside: what its two forms share. */
#ifndef PIC_ENGINE_LINK_I_H
#define PIC_ENGINE_LINK_I_H

#include "engine/link.h"

typedef struct pic__link_ops {
        /* One request, one answer as the wire has it. */
        int (*ask)(pic__link *l, const pic__buf *request, unsigned timeout_ms, pic__buf *answer, pic_error **err);
        void (*free)(pic__link *l);
        /* As ask(), with a file of the caller's along. */
        int (*ask_along)(pic__link *l, const pic__buf *request, int file, unsigned timeout_ms, pic__buf *answer,
                         pic_error **err);
} pic__link_ops;

/* First member of each form. */
struct pic__link {
        const pic__link_ops *ops;
};

/* 1: an agent listens there (link_socket.c). */
int pic__link_reaches(const char *run_dir);

#endif
