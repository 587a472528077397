/* The sending of one message, by the way that the alert says. */
#ifndef PIC_ENGINE_ALERT_POST_H
#define PIC_ENGINE_ALERT_POST_H

#include "engine/alert_letter.h"
#include "engine/seals.h"

typedef struct pic__alert_post pic__alert_post;

/* Secrets are opened for it and wiped with it. PIC_CORRUPT: one does not open; PIC_UNSUPPORTED: no libcurl. */
int pic__alert_post_start(const pic_obj *alert, const pic__letter *l, const pic__letter_from *from,
                          const pic__seals *seals, const char *ca_file, pic__alert_post **ret, pic_error **err);
int pic__alert_post_fd(const pic__alert_post *p); /* readable: go on */
/* 0: not done; 1: they have taken it. PIC_DENIED: they refuse for good; else it may go well later. */
int pic__alert_post_go_on(pic__alert_post *p, pic_error **err);
const char *pic__alert_post_said(const pic__alert_post *p); /* their words, without secrets; "" */
pic__alert_post *pic__alert_post_unref(pic__alert_post *p);
PIC__CLEANUP(pic__alert_post, pic__alert_post_unref)

/* What an answer of the web means: 1: taken; or as above. Pure. */
int pic__alert_post_judge(int status, const char *said, pic_error **err);

#endif
