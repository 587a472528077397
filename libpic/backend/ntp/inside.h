/* What the files of this backend share. */
#ifndef PIC_BACKEND_NTP_INSIDE_H
#define PIC_BACKEND_NTP_INSIDE_H

#include "backend/ntp/ask.h"
#include "backend/ntp/conf.h"
#include "backend/ntp/ntp.h"
#include "sys/daemon.h"

#define PIC__NTP_USER 60600u      /* of nobody else: the first of those that exits begin at is none's (backend/exit) */
#define PIC__NTP_START_LIMIT 5000 /* ms until a started server has to answer */
#define PIC__NTP_TIMEOUT 1000     /* ms, of one question */
#define PIC__NTP_ASK_EVERY 15     /* ticks between two questions whether it still answers: half a minute */

typedef struct pic__ntp {
        pic__backend base;
        PIC__DAEMON(d);
        char *own; /* <run_dir>/ntp/own: what chronyd may write into */
        pic__ntp_conf conf;
} pic__ntp;

/* server.c */
int pic__ntp_find(pic__ntp *b, pic_error **err); /* 1: one of ours runs (adopted if need be); 0: none */
/* Starts one and waits for its first answer. PIC_BUSY before the back-off is over; PIC_CONFLICT: port 123 is taken;
 * PIC_UNSUPPORTED: there is no chronyd. */
int pic__ntp_start(pic__ntp *b, const char *value, pic_error **err);
int pic__ntp_change(pic__ntp *b, const char *value, pic_error **err); /* what was runs again when it fails */
void pic__ntp_stop(pic__ntp *b);
int pic__ntp_answers(pic__ntp *b, pic_error **err);   /* one that does not is killed */
int pic__ntp_explain(char *written, pic_error **err); /* why it does not answer, by what it wrote; the code */

#endif
