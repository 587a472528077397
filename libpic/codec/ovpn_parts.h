/* The parts of the reader of profiles, among themselves. */
#ifndef PIC_CODEC_OVPN_PARTS_H
#define PIC_CODEC_OVPN_PARTS_H

#include "codec/ovpn.h"
#include "codec/ovpn_scan.h"
#include "codec/ovpn_table.h"

enum pic__ovpn_proto {
        PIC__OVPN_ANY, /* not said */
        PIC__OVPN_UDP,
        PIC__OVPN_UDP4,
        PIC__OVPN_UDP6,
        PIC__OVPN_TCP,
        PIC__OVPN_TCP4,
        PIC__OVPN_TCP6
};

struct pic__ovpn_where { /* what `port` and `proto` said last */
        uint16_t port;
        enum pic__ovpn_proto proto;
};

struct pic__ovpn_remote {
        char host[256];
        struct pic__ovpn_where where;
        int in_block;
        pic__place at;
};

enum pic__ovpn_dev { PIC__OVPN_NO_DEV, PIC__OVPN_TUN, PIC__OVPN_TAP, PIC__OVPN_OTHER_DEV };

#define PIC__OVPN_MATERIALS 9

typedef struct pic__ovpn_reader {
        pic__importer imp;
        pic__ovpn_scan scan;
        pic__buf out; /* the normalised text; its room is taken once, so that no copy is left behind */
        int full;     /* it did not fit */
        pic__buf dns;
        pic__place dns_at;
        pic__buf ignored; /* names that may be unknown: " one two " */
        int forward;      /* setenv FORWARD_COMPATIBLE 1: all may */

        struct pic__ovpn_remote remotes[PIC__OVPN_REMOTES];
        size_t remote_count;
        struct pic__ovpn_where where, block; /* of the profile, of the open <connection> */
        size_t block_remotes;

        enum pic__ovpn_dev dev, dev_type;
        pic__place dev_at;
        int client; /* `client` or `tls-client` */
        int login;
        unsigned login_line;                     /* of user and password, when they are there */
        int checks;                              /* something says that the far end must be a server */
        char direction;                          /* of tls-auth: '0', '1' or NUL */
        unsigned materials[PIC__OVPN_MATERIALS]; /* line of each */
} pic__ovpn_reader;

/* --- ovpn.c */
/* Into the normalised text. */
void pic__ovpn_put(pic__ovpn_reader *r, const char *text, size_t len);
/* A line of words, quoted where openvpn needs it; not twice. */
void pic__ovpn_put_line(pic__ovpn_reader *r, pic__place at, const char *name, const char *const *argv, size_t argc);
void pic__ovpn_refuse(pic__ovpn_reader *r, pic__place at, const char *why, const char *hint);

/* --- ovpn_special.c: directives with a reader of their own */
typedef void pic__ovpn_special(pic__ovpn_reader *r, const pic__ovpn_item *item);
pic__ovpn_special *pic__ovpn_special_of(const char *name);

/* --- ovpn_remote.c */
pic__ovpn_special pic__ovpn_remote, pic__ovpn_proto, pic__ovpn_port;
/* </connection> */
void pic__ovpn_end_block(pic__ovpn_reader *r, const pic__ovpn_item *item);
/* To the callback. */
void pic__ovpn_give_remotes(pic__ovpn_reader *r);

/* --- ovpn_material.c: keys and certificates */
pic__ovpn_special pic__ovpn_material, pic__ovpn_login, pic__ovpn_fingerprint;
/* Line in which it is, or 0. */
unsigned pic__ovpn_material_line(const pic__ovpn_reader *r, const char *name);

/* --- ovpn_file.c */
/* Bytes of a file beside the profile, wiped by the caller. 1; 0: it is not at hand; -1: reported. */
int pic__ovpn_file(pic__ovpn_reader *r, pic__place at, const char *name, pic__buf *out);
/* A file that cannot be had. */
void pic__ovpn_file_wrong(pic__ovpn_reader *r, pic__place at, const char *name, const char *rule);

#endif
