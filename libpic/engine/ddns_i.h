/* Publications from inside: shared by the files ddns*.c. */
#ifndef PIC_ENGINE_DDNS_I_H
#define PIC_ENGINE_DDNS_I_H

#include "engine/ddns.h"
#include "sys/http.h"
#include "sys/job.h"

struct pic__ddns {
        const struct pic__ddns_way *way;
        pic_obj *domain;
        char ip4[48], ip6[48];
        pic__buf secret, second;
        uint8_t seed[32];
        int has_seed;
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

/* A mode: `begin` asks, `answer` judges what came: 1 done; 0: it asked again. Of a program status is its exit's. */
struct pic__ddns_way {
        const char *mode;
        int (*begin)(pic__ddns *d, pic_error **err);
        int (*answer)(pic__ddns *d, int status, const pic__buf *text, pic_error **err);
};

/* "https://SERVER", of the domain or of its mode. To this machine itself without TLS. */
void pic__ddns_base(const pic__ddns *d, pic__buf *url);
/* Takes the place of what was asked before. headers: NULL-terminated, or NULL. */
int pic__ddns_fetch(pic__ddns *d, const char *url, const pic__http_opts *more, pic_error **err);
/* Text that may stand in a query, as %xx where it must. */
void pic__ddns_encode(const char *text, pic__buf *out);

/* ddns_cloudflare.c, ddns_ngo.c */
extern const struct pic__ddns_way pic__ddns_cloudflare, pic__ddns_ngo;

#endif
