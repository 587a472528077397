/* The one door to the heap. Every allocation of libpic goes through here, so that a test can make
 * the n-th one fail. None of these aborts: NULL means out of memory. */
#ifndef PIC_BASE_MEM_H
#define PIC_BASE_MEM_H

#include <stddef.h>

void *pic__alloc(size_t size) __attribute__((malloc));       /* zeroed */
void *pic__realloc(void *mem, size_t size);                  /* new part not zeroed */
char *pic__strdup(const char *text) __attribute__((malloc)); /* NULL in, NULL out */
char *pic__strndup(const char *text, size_t len) __attribute__((malloc));
void *pic__memdup(const void *mem, size_t len) __attribute__((malloc)); /* one NUL byte follows the copy */
void pic__free(void *mem);

/* Test hook: the n-th allocation from now (1 = the next one) fails, once. 0 turns it off.
 * Returns how many allocations were made since the last call. Process-wide; not for threads. */
unsigned long pic__mem_fail_at(unsigned long n);

static inline void pic__free_p(void *p)
{
        void **mem = p;
        pic__free(*mem);
        *mem = NULL;
}

#define PIC__AUTO(fn) __attribute__((cleanup(fn)))
#define pic__auto_free PIC__AUTO(pic__free_p)

/* Makes `name_p(type **)` for PIC__AUTO from an unref-like function. */
#define PIC__CLEANUP(type, unref)              \
        static inline void unref##_p(type **p) \
        {                                      \
                if (*p != NULL)                \
                        (void)unref(*p);       \
                *p = NULL;                     \
        }

/* Hands a pointer over: the variable becomes NULL, so that its cleanup does nothing. */
#define pic__take(p)                        \
        ({                                  \
                __typeof__(p) taken_ = (p); \
                (p) = NULL;                 \
                taken_;                     \
        })

#define PIC__COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
