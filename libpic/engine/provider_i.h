/* Errands at providers from inside: shared by the files provider*.c. */
#ifndef PIC_ENGINE_PROVIDER_I_H
#define PIC_ENGINE_PROVIDER_I_H

#include "engine/provider.h"
#include "sys/http.h"
#include "sys/job.h"

#define PIC__PROVIDER_PATIENCE 20000u

struct pic__provider {
        const struct pic__provider_way *way;
        enum pic__errand errand;
        pic_obj *domain;
        char ip4[48], ip6[48], record[256], text[256];
        pic__provider_keys by;
        pic_time now;
        char *ca_file;
        pic__http *http; /* one of these is under way */
        pic__job *job;
        pic__buf said;
        int step; /* of modes that ask several times */
        int family;
        char zone[256];
        char zone_id[65];
};

enum { PIC__CAN_ADDRESSES = 1 << 0, PIC__CAN_TXT = 1 << 1 };

/* A mode: `begin` asks, `answer` judges what came: 1 done; 0: it asked again. Of a program status is its exit's. */
struct pic__provider_way {
        const char *mode;
        unsigned can;
        const char *secret, *second; /* fields of the domain; NULL: none */
        unsigned settle_ms;
        int (*begin)(pic__provider *p, pic_error **err);
        int (*answer)(pic__provider *p, int status, const pic__buf *text, pic_error **err);
};

/* "https://SERVER", of the domain or of its mode. To this machine itself without TLS. */
void pic__provider_base(const pic__provider *p, pic__buf *url);
/* Takes the place of what was asked before. headers: NULL-terminated, or NULL. */
int pic__provider_fetch(pic__provider *p, const char *url, const pic__http_opts *more, pic_error **err);
/* Starts a program as a user without any right. */
int pic__provider_run(pic__provider *p, const char *const *words, const pic__buf *input, unsigned ms, pic_error **err);

extern const struct pic__provider_way pic__provider_cloudflare, pic__provider_ngo; /* files of their own */
extern const struct pic__provider_way pic__provider_rfc2136, pic__provider_exec;   /* provider_programs.c */
extern const struct pic__provider_way pic__provider_duckdns, pic__provider_dyndns2, pic__provider_url; /* _web.c */

#endif
