/* One mail to a server that takes it (SMTP, RFC 5321), driven like a request of the web (http). TLS before anything is
 * said, by a certificate that somebody vouches for, or nothing is sent; no proxy, limits of time and size. */
#ifndef PIC_SYS_MAIL_H
#define PIC_SYS_MAIL_H

#include "base/err.h"

#define PIC__MAIL_SAID 200 /* bytes of the server's last word, as it is told */

typedef struct pic__mail pic__mail;

typedef struct pic__mail_opts {
        const char *hello;      /* who we say that we are; NULL: this machine's name */
        const char *user;       /* may be NULL, */
        const char *password;   /* then this is not used */
        const char *from;       /* mail addresses of the envelope: no '<', '>' or blank in them */
        const char *recipients; /* with commas between */
        const void *text;       /* the message (RFC 5322), lines end in CR LF; copied */
        size_t len;
        int clear;           /* without TLS */
        const char *ca_file; /* as in pic__http_opts */
        unsigned timeout_ms; /* 0: 30,000 */
} pic__mail_opts;

/* url: "smtp://HOST[:PORT]" (TLS by STARTTLS) or "smtps://HOST[:PORT]". PIC_UNSUPPORTED: no libcurl. */
int pic__mail_start(const char *url, const pic__mail_opts *opts, pic__mail **ret, pic_error **err);
int pic__mail_fd(const pic__mail *m); /* readable: go on */
/* 0: not done yet; 1: the server has taken it. PIC_DENIED: it refuses for good (5xx, a wrong password); else it may go
 * well later: PIC_TIMEOUT, PIC_BACKEND (nobody answers, no TLS, 4xx). */
int pic__mail_go_on(pic__mail *m, pic_error **err);
const char *pic__mail_said(const pic__mail *m); /* the server's last word: "250 2.0.0 Ok: queued" */
pic__mail *pic__mail_unref(pic__mail *m);       /* also ends what is not done */
PIC__CLEANUP(pic__mail, pic__mail_unref)

#endif
