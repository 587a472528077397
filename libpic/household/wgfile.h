/* Files for wg-quick, as servers and their tools write them: lines, and what a file as a whole is. */
#ifndef PIC_HOUSEHOLD_WGFILE_H
#define PIC_HOUSEHOLD_WGFILE_H

#include "household/household.h"

#define PIC__WGFILE_TEXT ((size_t)8 << 20)
#define PIC__WGFILE_LINE ((size_t)8192)

enum pic__wgline_what { PIC__WG_END, PIC__WG_EMPTY, PIC__WG_SECTION, PIC__WG_PAIR, PIC__WG_JUNK, PIC__WG_LONG };

typedef struct pic__wgline {
        enum pic__wgline_what what;
        char *key;     /* of a pair; of a section its name without brackets */
        char *value;   /* of a pair */
        char *comment; /* behind the first '#' of the line, trimmed, without its own '#'; NULL: none */
        int hashes;    /* how many '#' it began with */
        int disabled;  /* the line stood behind "#[disabled]" */
        unsigned number;
} pic__wgline;

typedef struct pic__wgreader {
        const char *text;
        size_t left;
        unsigned line;
        char buf[PIC__WGFILE_LINE + 1];
} pic__wgreader;

/* NULL: it can be read; else why not. A byte order mark is passed over. */
const char *pic__wgreader_start(pic__wgreader *r, const char *text, size_t len);
/* The next line; its texts live until the next call. 0 at the end. */
int pic__wgreader_next(pic__wgreader *r, pic__wgline *ret);
void pic__wgreader_wipe(pic__wgreader *r);

/* What a file is, without a judgement of its values. */
typedef struct pic__wglook {
        int is_wg;         /* there is an [Interface] */
        int has_port;      /* ListenPort */
        size_t peers;      /* also those that are turned off */
        size_t endpoints;  /* peers with one */
        char own_key[45];  /* public, of the interface's private one; "" */
        char peer_key[45]; /* of the first peer; "" */
} pic__wglook;

void pic__wgfile_look(const char *text, size_t len, pic__wglook *ret);
/* By itself it is a device's: one far end, which it calls. */
int pic__wglook_is_client(const pic__wglook *l);

/* The words of a comma list, trimmed, one after the other: *at is moved on. NULL at the end. Changes the text. */
char *pic__wgfile_word(char **at);

/* Reads a server's file. What it says goes into h; what it does not take is told. */
void pic__wgserver_read(pic__household *h, const char *text, size_t len, const char *file);
/* Reads a device's own file, which goes with a device of h that has its key (see pic__household_index()). stem: what
 * the file is called, without its ending. */
void pic__wgclient_read(pic__household *h, const char *text, size_t len, const char *file, const char *stem);
/* Devices by their public keys, for the files that go with them. */
void pic__household_index(pic__household *h);

/* What a comment says of a device's name. */
enum pic__naming {
        PIC__NAMING_NONE,
        PIC__NAMING_WEAK,   /* "anna" */
        PIC__NAMING_STRONG, /* "Client anna", "BEGIN_PEER anna": of the section that follows */
        PIC__NAMING_FIELD,  /* "Name = anna": of the section that it stands in */
        PIC__NAMING_END     /* the end of one */
};
/* Nobody knows what else stands in a comment: what could be a key is not told, and is no name. */
int pic__wgfile_may_hold_key(const char *text);
/* name: a part of the comment. */
enum pic__naming pic__wgfile_naming(const char *comment, int hashes, const char **ret_name, size_t *ret_len);

#endif
