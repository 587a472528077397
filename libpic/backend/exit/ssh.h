/* The texts of an OpenSSH client: for its tests. */
#ifndef PIC_BACKEND_EXIT_SSH_H
#define PIC_BACKEND_EXIT_SSH_H

#include "backend/exit/carrier.h"

/* ssh.conf for one far end. Failure is the buffer's. */
void pic__ssh_put(pic__buf *out, const pic__exit_conf *c, const pic__exit_place *far);
/* known_hosts of "TYPE BASE64", or of a line of known_hosts. PIC_VALUE. */
int pic__ssh_put_host_key(pic__buf *out, const char *host_key, pic_error **err);
/* 1: a private key with a passphrase. */
int pic__ssh_locked(const char *key);
/* What its log says; 1 when something. */
int pic__ssh_fault_in(const char *log, pic__buf *why);

#endif
