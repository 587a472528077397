/* What proves by http-01 that a name is ours: a file that a CA fetches at port 80. We listen there ourselves, on the
 * machine's outer addresses, and only while a CA is expected; nothing but that one file is answered. Where another
 * program holds the port (a web server) it may pass /.well-known/acme-challenge/ on to the socket run/acme.sock; the
 * cell's own front does to PIC__PROOF_PORT. */
#ifndef PIC_ENGINE_ACME_ANSWER_H
#define PIC_ENGINE_ACME_ANSWER_H

#include <pic/types.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/net.h"

#define PIC__ACME_PATH "/.well-known/acme-challenge/"
#define PIC__ACME_SOCKET "acme.sock"
#define PIC__ACME_REQUEST 4096 /* bytes of a request; who says more is hung up on */
#define PIC__ACME_TOKEN 256

typedef struct pic__acme_answer pic__acme_answer;

typedef struct pic__acme_answer_opts {
        const char *token; /* letters, digits, '-' and '_' */
        const char *auth;  /* what the file says */
        const char *run_dir;
        uint16_t port;           /* 0: 80 */
        const pic__prefix *skip; /* networks whose addresses are not outer ones: the cell's */
        size_t skip_count;
} pic__acme_answer_opts;

/* 1: that can be the name of a file of ours. */
int pic__acme_token_ok(const char *token);
/* Pure: appends what is answered to these bytes. 0: they are no whole request yet. */
int pic__acme_answer_to(const char *request, size_t len, const char *token, const char *auth, pic__buf *out);

/* PIC_CONFLICT: the port is taken everywhere, and there is no socket either; PIC_VALUE: a token that is none. */
int pic__acme_answer_open(const pic__acme_answer_opts *opts, pic__acme_answer **ret, pic_error **err);
int pic__acme_answer_fd(const pic__acme_answer *a); /* readable: go on */
void pic__acme_answer_go_on(pic__acme_answer *a);
size_t pic__acme_answer_places(const pic__acme_answer *a);  /* addresses that it listens on */
unsigned pic__acme_answer_asked(const pic__acme_answer *a); /* how often the file was fetched */
pic__acme_answer *pic__acme_answer_unref(pic__acme_answer *a);
PIC__CLEANUP(pic__acme_answer, pic__acme_answer_unref)

#endif
