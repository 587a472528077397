/* Lines of an OpenVPN profile as openvpn 2.6 takes them apart (options_parse.c): words with '…', "…" and backslashes,
 * comments from '#' or ';' at the start of a word, a leading "--" that means nothing, inline blocks <tag> … </tag>. */
#ifndef PIC_CODEC_OVPN_SCAN_H
#define PIC_CODEC_OVPN_SCAN_H

#include "codec/import.h"

#define PIC__OVPN_LINE ((size_t)4 << 10)
#define PIC__OVPN_WORDS 15 /* behind the directive's name */

typedef struct pic__ovpn_item {
        const char *name; /* "remote", "ca" for <ca>; it may be anything */
        size_t argc;
        const char *argv[PIC__OVPN_WORDS + 1]; /* printable UTF-8; NULL behind the last */
        pic__place at;
        pic__place arg_at[PIC__OVPN_WORDS];
        const char *block; /* what is between <name> and </name>, as in the file; NULL: no block */
        size_t block_len;
        unsigned block_line; /* of its first line */
        int connection;      /* it is inside <connection> … </connection> */
        int ends;            /* it is </connection> itself, and nothing else */
} pic__ovpn_item;

typedef struct pic__ovpn_scan {
        pic__importer *imp;
        unsigned connection; /* line of the open <connection>, or 0 */
        char words[PIC__OVPN_LINE + 1];
} pic__ovpn_scan;

/* The next item, good until the next call; 0 at the end. What is no item is reported and passed over. */
int pic__ovpn_next(pic__ovpn_scan *s, pic__ovpn_item *item);
/* Takes the first words off: "setenv opt NAME …" is NAME …. */
void pic__ovpn_shift(pic__ovpn_item *item, size_t words);

#endif
