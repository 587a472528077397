/* Public names of this cell: what each way (mode) of getting one needs and can do. One table; whoever publishes
 * addresses, gets certificates or leads names reads it here. */
#ifndef PIC_MODEL_DOMAIN_H
#define PIC_MODEL_DOMAIN_H

#include "model/net.h"
#include "model/obj.h"

#define PIC__DOMAINS_MAX 8 /* of one cell: each exit's resolver knows all of them */

enum {
        PIC__MODE_PUBLISHES = 1 << 0, /* addresses, when they change */
        PIC__MODE_DNS01 = 1 << 1,     /* can put the text that proves to an issuer that the name is ours */
        PIC__MODE_WILDCARD = 1 << 2   /* all names below it are the cell's too */
};

typedef struct pic__mode {
        const char *name;
        const char *needs; /* "token,zone": all of them */
        const char *may;
        unsigned can;       /* PIC__MODE_* */
        const char *server; /* who is asked when the domain says nobody; NULL: it has to */
} pic__mode;

/* All of them, one after the other; NULL past the end. */
const pic__mode *pic__domain_mode_at(size_t index);
int pic__mode_has(const pic__mode *m, const char *field); /* 1: it can use that field of a domain */
/* Of a complete domain, never NULL. */
const pic__mode *pic__domain_mode(const pic_obj *domain);
/* 1: it is in use, and its addresses are to be published. */
int pic__domain_publishes(const pic_obj *domain);
/* 1: in use, and all names below it are the cell's. */
int pic__domain_is_wild(const pic_obj *domain);
/* The domain, or for "*.home.example.org" what stands behind the star: 1 when `name` is it or (wild) below it. */
int pic__domain_has(const pic_obj *domain, const char *name);

/* Adds all that is wrong with a domain by itself to *list. */
void pic__domain_check(const pic_obj *o, pic_error **list);

/* What a public name leads to inside, as name servers are told: "home.example.org/10.1.0.1+fd..::1/wild". */
#define PIC__PUBLIC_ADDRS 4
typedef struct pic__public {
        char name[256];
        pic__addr at[PIC__PUBLIC_ADDRS];
        size_t count;
        int wild; /* whatever is below it too */
} pic__public;
int pic__public_parse(const char *text, pic__public *ret); /* 0, or -1 */

/* "HOST", "HOST:PORT", "[V6]:PORT", as the field server says; port 0 when it says none. -1: neither. */
int pic__domain_server(const char *text, char host[256], unsigned *ret_port);

#endif
