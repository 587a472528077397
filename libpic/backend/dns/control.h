/* unbound's control socket. */
#ifndef PIC_BACKEND_DNS_CONTROL_H
#define PIC_BACKEND_DNS_CONTROL_H

#include "base/buf.h"
#include "base/err.h"

/* One command, one connection: sends it with the lines of `body` (NULL: none) and reads the answer into `out` (NULL:
 * not wanted). Only bulk commands ("local_datas", "local_datas_remove") and "load_cache", with its EOF, take lines;
 * keep them under PIC__DNS_BODY_MAX. PIC_NOTFOUND: nobody listens; PIC_TIMEOUT; PIC_BACKEND: refused (detail "stderr");
 * PIC_NOMEM. */
int pic__dns_control(const char *path, const char *command, const pic__buf *body, unsigned timeout_ms, pic__buf *out,
                     pic_error **err);

/* 1: somebody listens there. */
int pic__dns_reachable(const char *path);
/* What a whole answer to a command says: 0, PIC_BACKEND, or PIC_IO when it is empty. */
int pic__dns_answer(const char *command, const pic__buf *answer, pic_error **err);

#define PIC__DNS_BODY_MAX (32 << 10)

#endif
