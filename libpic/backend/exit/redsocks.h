/* The transparent redirector in front of SOCKS5 and HTTP CONNECT. */
#ifndef PIC_BACKEND_EXIT_REDSOCKS_H
#define PIC_BACKEND_EXIT_REDSOCKS_H

#include "backend/exit/carrier.h"

typedef struct pic__redsocks {
        const char *protocol; /* "socks5" or "http" */
        const pic__addr *addr;
        unsigned port;
        const char *user; /* "": none, and no password then */
        const char *password;
        unsigned long files; /* how many it may have open: our own limit */
} pic__redsocks;

/* Its configuration. Failure is the buffer's. */
void pic__redsocks_put(pic__buf *out, const pic__redsocks *r);
/* Refuses, in words for people, what redsocks or its protocol cannot take. */
int pic__redsocks_check(const char *protocol, const char *user, const char *password, pic_error **err);
/* Writes redsocks.conf, with our own limit of open files. */
int pic__redsocks_file(const pic__carrier_env *env, pic__redsocks *r, pic_error **err);
void pic__redsocks_process(pic__process_spec *out);
/* What its log says; 1 when something. */
int pic__redsocks_fault(const pic__carrier_env *env, pic__buf *why);
/* The same of a text. */
int pic__redsocks_fault_in(const char *log, pic__buf *why);
/* The first address of IPv4 in `remote`: redsocks knows no other. NULL: none. */
const pic__exit_place *pic__redsocks_far(const pic__exit_conf *c);
/* Its process, when it leaves connections waiting; NULL: it does not. */
const char *pic__redsocks_silent(const pic__carrier_env *env);

#endif
