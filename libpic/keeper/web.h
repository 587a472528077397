/* One server, over libcurl: one thing after the other on one connection where that lasts. */
#ifndef PIC_KEEPER_WEB_H
#define PIC_KEEPER_WEB_H

#include "keeper/far.h"

typedef struct pic__web pic__web;

/* One thing to be asked. What is not set is not there. */
typedef struct pic__web_ask {
        const char *url;
        const char *method;
        const char *const *headers; /* NULL-terminated */
        const char *const *quote;   /* SFTP's commands, before it; those that begin with '*' may fail */
        int nothing;                /* no transfer */
        int when;                   /* ask when it was changed: pic__web_changed() */
        const void *body;           /* sent, or */
        size_t body_len;
        pic__far_source source; /* sent; of any length */
        void *source_arg;
        pic__far_sink sink; /* what comes, when it is not an error's page; else it is kept: pic__web_said() */
        void *sink_arg;
} pic__web_ask;

int pic__web_new(const pic__far_spec *spec, pic__web **ret, pic_error **err);
void pic__web_free(pic__web *w); /* takes NULL */
/* *ret_status: HTTP's, 0 of others. */
int pic__web_do(pic__web *w, const pic__web_ask *ask, long *ret_status, pic_error **err);
const pic__buf *pic__web_said(const pic__web *w);
const char *pic__web_etag(const pic__web *w);
/* Seconds since 1970, by the server's clock: when it answered last, and when what was asked for was changed; 0: it did
 * not say. */
int64_t pic__web_date(const pic__web *w);
int64_t pic__web_changed(const pic__web *w);
/* What a status means, which is not one that was expected: always an error. `what`: "list", "store", … */
int pic__web_refused(pic__web *w, const char *what, long status, pic_error **err);
/* Signs as S3 wants it. */
int pic__web_sign(pic__web *w, const char *region, pic_error **err);

/* As much of a source as fits: *ret_end when it is all of it. */
int pic__web_gather(pic__far_source source, void *arg, char *room, size_t size, size_t *ret_len, int *ret_end,
                    pic_error **err);

#endif
