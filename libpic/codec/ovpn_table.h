/* Every directive of openvpn 2.6 that a profile may meet, and what becomes of it. Nothing that is not here is ever
 * handed on. */
#ifndef PIC_CODEC_OVPN_TABLE_H
#define PIC_CODEC_OVPN_TABLE_H

#include "base/buf.h"
#include "model/near.h"

enum pic__ovpn_verdict {
        PIC__OVPN_KEEP,    /* goes into the normalised profile, its words checked by `words` */
        PIC__OVPN_DROP,    /* passed over, with a warning that says why */
        PIC__OVPN_QUIET,   /* passed over: nothing is lost by it */
        PIC__OVPN_REFUSE,  /* the profile is not taken */
        PIC__OVPN_SPECIAL, /* has its own reader: ovpn_special.c, ovpn_remote.c */
        PIC__OVPN_FILE     /* a file or a block: ovpn_material.c */
};

typedef struct pic__ovpn_directive {
        const char *name;
        enum pic__ovpn_verdict verdict;
        const char *words; /* KEEP: n a whole number, w any word, a an address; ? the rest may be missing; * any more */
        const char *why;   /* DROP, REFUSE */
        const char *hint;  /* REFUSE */
} pic__ovpn_directive;

const pic__ovpn_directive *pic__ovpn_find(const char *name); /* NULL: unknown */
/* By number, for whoever looks at all; NULL past the end. */
const pic__ovpn_directive *pic__ovpn_at(size_t i);
void pic__ovpn_near(pic__near *near);

/* 1 when the words fit `d->words`. */
int pic__ovpn_words_fit(const pic__ovpn_directive *d, const char *const *argv, size_t argc);
/* "keepalive NUMBER NUMBER" */
void pic__ovpn_usage(const pic__ovpn_directive *d, pic__buf *out);

#endif
