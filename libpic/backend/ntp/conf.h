/* The item of this backend as a plain value, and the command line that follows from it. */
#ifndef PIC_BACKEND_NTP_CONF_H
#define PIC_BACKEND_NTP_CONF_H

#include "base/buf.h"
#include "base/err.h"
#include "model/net.h"

#define PIC__NTP_LISTEN_MAX 2 /* one of each family: chronyd takes no more */
#define PIC__NTP_ALLOW_MAX 8
#define PIC__NTP_SERVERS_MAX 8

/* "listen=ADDR,… allow=PREFIX,… servers=HOST,… clock=yes". Only listen is needed. */
typedef struct pic__ntp_conf {
        pic__addr listen[PIC__NTP_LISTEN_MAX];
        size_t listens;
        pic__prefix allow[PIC__NTP_ALLOW_MAX];
        size_t allows;
        char servers[PIC__NTP_SERVERS_MAX][256];
        size_t server_count;
        int clock; /* sets the machine's clock */
} pic__ntp_conf;

/* PIC_INVALID: it is no such value. Whatever passes can be an argument of chronyd's. */
int pic__ntp_conf_parse(const char *value, pic__ntp_conf *ret, pic_error **err);

/* chronyd's arguments, each with a NUL behind it. There is no configuration file: its reader would have to get into the
 * run directory. -1: out of memory. */
int pic__ntp_conf_args(const pic__ntp_conf *c, pic__buf *out);

#endif
