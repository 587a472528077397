/* Asking the web: one request, its answer in memory. Driven from outside, so that nobody who has a loop waits: one
 * descriptor tells when to go on. https only, but to this machine itself and where the owner said otherwise; limits of
 * time and size; a redirect is followed to the same server only; no proxy, no cookie, no file of the user's. What is
 * asked here is the cell's own, never a device's: it is bound to a source where one is given, and carries no mark. */
#ifndef PIC_SYS_HTTP_H
#define PIC_SYS_HTTP_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

typedef struct pic__http pic__http;

typedef struct pic__http_opts {
        const char *method;         /* NULL: GET, or POST when there is a body */
        const char *const *headers; /* NULL-terminated "Name: value"; may be NULL. No message shows them */
        const char *user;           /* basic authentication; may be NULL */
        const char *password;
        const void *body; /* copied */
        size_t body_len;
        const char *source;  /* an address of this machine that it comes from; NULL: the kernel chooses */
        const char *ca_file; /* who vouches for the server; NULL: whom the system trusts */
        unsigned timeout_ms; /* of all of it; 0: 15,000 */
        size_t max;          /* bytes of the answer; 0: 65,536. More is an error: half a list is none */
        int to_fd;           /* the body goes to this descriptor (a file) instead; 0: into memory */
        int family;          /* 4, 6; 0: either */
        int plain;           /* http is fine to anybody */
        /* Whether it may go to this address (4 or 16 bytes); NULL: anywhere. Asked of each, after the name was found:
         * a name may lead where nobody meant. */
        int (*may)(int family, const uint8_t *bytes, void *data);
        void *data;
} pic__http_opts;

/* Begins. Only https, or http to 127.0.0.0/8, ::1 and localhost unless opts.plain: PIC_VALUE says so. */
int pic__http_start(const char *url, const pic__http_opts *opts, pic__http **ret, pic_error **err);
int pic__http_fd(const pic__http *h); /* readable: go on */
/* 0: not done yet; 1: done, then *ret_status is the answer's and its body is h's; or why nothing came, with a hint:
 * PIC_TIMEOUT, PIC_BACKEND (no such name, nobody listens, a certificate that nobody vouches for), PIC_DENIED (may said
 * no), PIC_VALUE (an answer that is too large, a redirect elsewhere). */
int pic__http_go_on(pic__http *h, int *ret_status, pic_error **err);
const pic__buf *pic__http_body(const pic__http *h);
/* What the answer says of its own version, to be asked with the next time: "etag", "last-modified"; "" without. */
const char *pic__http_version(const pic__http *h, const char *header);
/* The same, waiting for it: for who has no loop. */
int pic__http_wait(pic__http *h, int *ret_status, pic_error **err);
pic__http *pic__http_unref(pic__http *h); /* also ends what is not done */
PIC__CLEANUP(pic__http, pic__http_unref)

#endif
