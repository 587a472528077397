/* What a filter has counted: a file that the agent makes, the filter writes and everybody reads. */
#ifndef PIC_SIEVE_COUNTS_H
#define PIC_SIEVE_COUNTS_H

#include "sieve/table.h"

#define PIC__SIEVE_COUNTS_MAGIC 0x31746e7563636970u /* "piccunt1" */

typedef struct pic__sieve_counts {
        uint64_t magic;
        uint64_t asked, blocked, failed; /* failed: while it had no table or no rules */
        struct {
                uint64_t id, blocked; /* id 0: free */
        } list[PIC__SIEVE_LISTS];
} pic__sieve_counts;

/* <run>/sieve: of the one before the cell's own name server, and what is in the directory of each. */
#define PIC__SIEVE_DIR "sieve"
#define PIC__SIEVE_TABLE "table"
#define PIC__SIEVE_RULES "rules"
#define PIC__SIEVE_COUNTS "counts"

#define PIC__SIEVE_PROGRAM "pic-sieve"
#define PIC__SIEVE_USER 60599u       /* nobody's number, as those of exits */
#define PIC__SIEVE_INSIDE_PORT 5304u /* and where it answers from what is held here alone */
#define PIC__SIEVE_PORT 5302u /* where a name server behind a filter listens, on loopback; by the PROXY protocol */

#endif
