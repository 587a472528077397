/* TXT records at providers from inside: shared by the files acme_txt*.c. */
#ifndef PIC_ENGINE_ACME_TXT_I_H
#define PIC_ENGINE_ACME_TXT_I_H

#include "engine/acme_txt.h"
#include "sys/http.h"
#include "sys/job.h"

struct pic__acme_txt {
        const struct pic__acme_txt_mode *mode;
        const pic_obj *domain;
        char name[256], value[256], secret[4200];
        uint8_t seed[32]; /* of the cell's identity, where the mode signs with it */
        int has_seed;
        pic_time now;
        int clear, step;
        pic__job *job; /* one of these is under way */
        pic__http *http;
        char zone[256], zone_id[65];
};

struct pic__acme_txt_mode {
        const char *name;
        unsigned settle_ms;
        int (*begin)(pic__acme_txt *t, pic_error **err);
        int (*answer)(pic__acme_txt *t, int status, pic_error **err); /* 1: done; 0: another request is under way */
};

/* "https://SERVER", of the domain or of its mode. This machine itself is asked without TLS. */
void pic__acme_txt_base(const pic__acme_txt *t, pic__buf *url);
/* acme_txt_ngo.c */
int pic__acme_txt_ngo_begin(pic__acme_txt *t, pic_error **err);
int pic__acme_txt_ngo_answer(pic__acme_txt *t, int status, pic_error **err);

#endif
