/* A household of another product, as it was read: its server, its devices, and all that is to be told about them.
 * Readers (wgserver.h, pivpn.h, wgeasy.h) fill it in; pic__household_settle() then makes of it what a cell can have.
 * All texts live in one arena, which is wiped: there are private keys in it. No message holds a key. */
#ifndef PIC_HOUSEHOLD_HOUSEHOLD_H
#define PIC_HOUSEHOLD_HOUSEHOLD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "model/net.h"

enum {
        PIC__HOUSEHOLD_DEVICES = 10000,
        PIC__HOUSEHOLD_FINDINGS = 50000,
        PIC__HOUSEHOLD_PREFIXES = 64, /* of one device */
        PIC__HOUSEHOLD_DNS = 8,
        PIC__HOUSEHOLD_SUBNETS = 32 /* of one device: what its field holds */
};

enum pic__tale {
        PIC__TALE_UNSAFE,  /* was a danger there, and may be one still */
        PIC__TALE_LOST,    /* is there and was not taken */
        PIC__TALE_CHANGED, /* was taken as something else */
        PIC__TALE_NOTE     /* good to know */
};

/* Where something stands. file is the arena's; line 0: about the file as a whole. */
typedef struct pic__spot {
        const char *file;
        unsigned line;
} pic__spot;

typedef struct pic__finding {
        enum pic__tale tale;
        pic__spot at;
        const char *device;  /* NULL: about the whole */
        const char *field;   /* NULL, or a word of that product */
        const char *message; /* one line */
        const char *hint;    /* or NULL */
} pic__finding;

typedef struct pic__allowed {
        struct pic__allowed *next;
        pic__prefix prefix;
        pic__spot at;
} pic__allowed;

typedef struct pic__device {
        pic__spot at;
        const char *was;         /* what it is called there, as it may be shown; NULL: nothing */
        const char *name;        /* what it is called here; by settle */
        const char *public_key;  /* NULL until settle, when only the private one is said */
        const char *private_key; /* or NULL */
        const char *preshared;   /* or NULL */
        pic__allowed *allowed;   /* what the server sends to it, in order */
        size_t allowed_count;
        pic__addr address[2]; /* IPv4, IPv6; by settle. Family 0: none that could be kept */
        const char *subnets;  /* comma list; by settle; NULL: none */
        const char *tunnel;   /* "full", "split"; NULL: not known */
        const char *access;   /* what it was confined to, as grants; NULL: it was not */
        const char *expires;  /* NULL: never */
        int keepalive;        /* -1: not known */
        int disabled;
        int dropped; /* cannot be a device here: told */
        int changed; /* its own configuration does not fit any more */
        int wished;  /* by who makes wishes of it */
} pic__device;

typedef PIC__VEC(pic__device *) pic__devices;
typedef PIC__VEC(pic__finding) pic__findings;

typedef struct pic__household {
        pic__arena arena;
        const char *product; /* "wg-quick", "pivpn", "wg-easy 14", "wg-easy 15", "pic"; static */
        pic__spot at;        /* the server's file */
        const char *private_key;
        const char *public_key; /* by settle, of the private one */
        pic__prefix net[2];     /* the server's own addresses with their networks' lengths; settle masks them */
        pic__addr own[2];       /* the server's own addresses */
        int64_t listen_port;    /* 0: not known */
        int64_t mtu;            /* 0: not known */
        const char *host;       /* where devices find it: name or address; NULL: not known */
        int64_t host_port;      /* 0: the listen port */
        const char *dns[PIC__HOUSEHOLD_DNS];
        size_t dns_count;
        pic__devices devices; /* in order */
        pic__findings findings;
        size_t untold; /* findings over the limit */
        pic__map by_key;
        int64_t now;       /* microseconds: what has expired */
        const char *place; /* a directory for copies that hold keys, its caller's; NULL: /tmp */
        int too_many;      /* devices */
        int failed;        /* out of memory: sticky */
} pic__household;

void pic__household_init(pic__household *h, int64_t now);
void pic__household_free(pic__household *h); /* wipes */

/* A copy in the arena; NULL when out of memory (sticky in `failed`) or for NULL. */
const char *pic__household_dup(pic__household *h, const char *text, size_t len);
/* field and hint are static or the arena's; device may be NULL. The message is made printable. */
void pic__household_tell(pic__household *h, enum pic__tale tale, pic__spot at, const pic__device *device,
                         const char *field, const char *hint, const char *fmt, ...) PIC_PRINTF(7, 8);
/* A new device at the end; NULL: out of memory, or too many (told once, in an error). */
pic__device *pic__household_add(pic__household *h, pic__spot at);
/* What a device is called there: made printable; the first that is said counts. */
void pic__household_call(pic__household *h, pic__device *d, const char *name, size_t len);
/* A key as text, judged: 1 when it is one. d NULL: the server's. `what` is the product's word for it. */
int pic__household_key(pic__household *h, const char *text, const pic__device *d, pic__spot at, const char *what,
                       const char **ret);
/* AllowedIPs, or an address: with or without its length. What is none is told. */
void pic__household_allow(pic__household *h, pic__device *d, const char *text, pic__spot at, const char *what);
/* The server's own address, "10.8.0.1/24". */
void pic__household_own(pic__household *h, const char *text, pic__spot at, const char *what);
/* A DNS server that devices ask. What is no address is told. */
void pic__household_dns(pic__household *h, const char *text, const pic__device *d, pic__spot at, const char *what);
/* "host:port" or "host"; the first that is said counts, others are told. */
void pic__household_endpoint(pic__household *h, const char *text, const pic__device *d, pic__spot at, const char *what);
/* What was confined by a firewall there: an entry "10.0.0.0/8", "192.168.1.10:443/tcp"; what cannot be said here is
 * told, and not granted. */
void pic__household_confine(pic__household *h, pic__device *d, const char *text, pic__spot at, const char *what);
/* When it ends: a date, or a time as JavaScript and SQLite write it. What is none is told, and so is what is over. */
void pic__household_expiry(pic__household *h, pic__device *d, const char *text, pic__spot at, const char *what);
/* A whole number of that product; -1, told, when it is none or not from min to max. */
int64_t pic__household_number(pic__household *h, const char *text, int64_t min, int64_t max, pic__spot at,
                              const char *what);
/* A command that would have been run there: never run here. */
void pic__household_command(pic__household *h, const pic__device *d, const char *text, pic__spot at, const char *what);

/* Makes of it what a cell can have: see settle.c. 0 or PIC_SYNTAX (no server key, no devices at all), PIC_NOMEM. */
int pic__household_settle(pic__household *h, pic_error **err);
/* A device's name here: valid, unique among those that have one (names.c). */
void pic__household_names(pic__household *h);

#endif
