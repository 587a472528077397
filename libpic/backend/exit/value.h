/* The item of this backend as a plain value: one way out. The text is in plan/item.h: words "k=v", values %-escaped.
 * Everything is bounded, and checked so far that no value can end a line of a configuration file: no control
 * characters but the newlines of `profile`. */
#ifndef PIC_BACKEND_EXIT_VALUE_H
#define PIC_BACKEND_EXIT_VALUE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/net.h"
#include "model/public.h"

#define PIC__EXIT_LIST_MAX 64
#define PIC__EXIT_NETS_MAX 256
#define PIC__EXIT_VALUE_MAX (64 << 10) /* of the item's text */
#define PIC__EXIT_SECRET_MAX (1 << 20) /* of its secret */

/* An address with a port. */
typedef struct pic__exit_place {
        pic__addr addr;
        unsigned port;   /* 0: not given */
        unsigned proto;  /* 6, 17; 0: as the type does */
        const char *tls; /* name of its certificate; "" when not given */
} pic__exit_place;

typedef struct pic__exit_places {
        pic__exit_place at[PIC__EXIT_LIST_MAX];
        size_t count;
} pic__exit_places;

typedef struct pic__exit_nets {
        pic__prefix at[PIC__EXIT_NETS_MAX];
        size_t count;
} pic__exit_nets;

typedef struct pic__exit_words {
        const char *at[PIC__EXIT_LIST_MAX];
        size_t count;
} pic__exit_words;

typedef struct pic__exit_publics {
        const char *at[PIC__PUBLIC_MAX];
        size_t count;
} pic__exit_publics;

/* Texts are never NULL: "" when not given. */
typedef struct pic__exit_conf {
        unsigned slot; /* the item's key */
        const char *name;
        const char *id; /* of the connection: a slot may be given to another one; "" not told */
        const char *type;
        const char *dev;                      /* the cell's end of the link: "picx1" */
        pic__addr cell4, exit4, cell6, exit6; /* of the link; family 0: not given */
        unsigned mtu;                         /* 0: the type's own */
        pic__exit_places dns;                 /* empty: from the root */
        pic__exit_words zones;                /* the cell's; without the dot at the end */
        pic__exit_words own;                  /* see model/own.h */
        pic__exit_publics public_names;       /* "public": see model/domain.h */
        const char *sieve;                    /* "yes": a filter stands before its resolver */
        int v4, v6;                           /* families that it carries */
        const char *endpoint;                 /* as wished: HOST:PORT */
        pic__exit_places remote;              /* its addresses now; empty: not known yet */
        pic__exit_nets addresses;             /* of the tunnel device */
        pic__exit_nets allowed;               /* what the far end takes; empty: everything */
        unsigned keepalive;                   /* seconds; 0: none */
        const char *peer_key, *public_key;    /* WireGuard: base64 */
        const char *user, *host_key;          /* ssh, proxy, openvpn; ssh */
        const char *protocol;                 /* proxy: socks5 or http */
        const char *remotes;                  /* openvpn: HOST:PORT/PROTO,… as in its profile */
        const char *bridges, *country;        /* tor */
        pic__exit_place probe;                /* family 0: none */
        const char *private_key, *preshared_key, *password, *key, *profile; /* secret */
        pic__arena words;                                                   /* holds the texts */
        pic__arena hidden;                                                  /* holds the secrets; wiped */
} pic__exit_conf;

/* key: the slot; secret may be NULL. PIC_VALUE with what is wrong. */
int pic__exit_parse(const char *key, const char *value, const void *secret, size_t secret_len, pic__exit_conf *ret,
                    pic_error **err);
void pic__exit_conf_free(pic__exit_conf *c);
#define pic__auto_exit_conf PIC__AUTO(pic__exit_conf_free)

#endif
