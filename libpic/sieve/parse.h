/* Block lists as people publish them, to numbers of names. Fed in pieces of any size; bounded; whatever is no name of a
 * list is passed over, counted, and the first few told with their lines. */
#ifndef PIC_SIEVE_PARSE_H
#define PIC_SIEVE_PARSE_H

#include <stddef.h>
#include <stdint.h>

enum pic__sieve_format {
        PIC__SIEVE_AUTO,    /* each line by its looks */
        PIC__SIEVE_HOSTS,   /* "0.0.0.0 ads.example": that name */
        PIC__SIEVE_DOMAINS, /* "ads.example": it and all below; "*.ads.example": all below */
        PIC__SIEVE_RPZ,     /* a zone file: "ads.example CNAME ." that name, "*.ads.example CNAME ." all below */
        PIC__SIEVE_ADBLOCK, /* "||ads.example^": it and all below */
        PIC__SIEVE_FORMATS
};

extern const char *const pic__sieve_formats[PIC__SIEVE_FORMATS];

#define PIC__SIEVE_FAULTS 5 /* lines that are told */

typedef struct pic__sieve_parse {
        enum pic__sieve_format format;
        int (*found)(uint64_t key, void *data); /* number with how; another answer than 0 ends it */
        void *data;
        int ended; /* that answer */
        uint64_t lines, names, skipped;
        struct {
                uint64_t line;
                const char *what;
        } fault[PIC__SIEVE_FAULTS];
        size_t faults;
        /* its own */
        char line[1024];
        size_t len;
        int long_line, parens;
        char origin[256];
} pic__sieve_parse;

/* All zero but format, found, data at the beginning. */
void pic__sieve_parse_feed(pic__sieve_parse *p, const char *text, size_t len);
void pic__sieve_parse_end(pic__sieve_parse *p); /* the last line may have no end */

#endif
