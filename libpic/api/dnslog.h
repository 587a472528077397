/* A line of what the name server wrote of questions: names in it are what anybody asked for. */
#ifndef PIC_API_DNSLOG_H
#define PIC_API_DNSLOG_H

#include <stdint.h>

/* "[1795719458] unbound[27721:0] reply: 10.1.0.2 nas.home.internal. A IN NOERROR 0.000521 0 40" * "[1795719458] sieve:
 * blocked 10.1.0.2 ads.example.com. 28 LIST" */
typedef struct pic__dnslog_line {
        int64_t time;
        char address[48], name[256], type[16], code[16];
        char list[64];  /* the block list that kept it from who asked; "": none */
        double seconds; /* 0 to 3600 */
} pic__dnslog_line;

int pic__dnslog_read(const char *text, pic__dnslog_line *ret); /* 0; -1: another line */

#endif
