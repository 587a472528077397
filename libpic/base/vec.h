/* A growing array of one type: PIC__VEC(int) v = PIC__VEC_INIT; if (pic__vec_push(&v, 3) < 0) …; v.at[i]; v.count */
#ifndef PIC_BASE_VEC_H
#define PIC_BASE_VEC_H

#include <stddef.h>

#include "base/mem.h"

#define PIC__VEC(type)        \
        struct {              \
                type *at;     \
                size_t count; \
                size_t room;  \
        }
#define PIC__VEC_INIT      \
        {                  \
                NULL, 0, 0 \
        }

int pic__vec_grow(void **at, size_t *room, size_t count, size_t size);

/* 0, or -1 when out of memory (nothing pushed). */
#define pic__vec_push(v, ...)                                                                               \
        ({                                                                                                  \
                int pushed_ = pic__vec_grow((void **)&(v)->at, &(v)->room, (v)->count, sizeof((v)->at[0])); \
                if (pushed_ == 0)                                                                           \
                        (v)->at[(v)->count++] = (__VA_ARGS__);                                              \
                pushed_;                                                                                    \
        })
#define pic__vec_free(v)                    \
        do {                                \
                pic__free((v)->at);         \
                (v)->at = NULL;             \
                (v)->count = (v)->room = 0; \
        } while (0)

#endif
