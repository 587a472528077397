/* The program restic, run for one thing and waited for: a repository's door. It gets what it may not tell others
 * (passphrase, SSH key) as memory files of ours, so neither its arguments nor its environment have it; it dies with who
 * started it, and what it was sent until then is no backup. */
#ifndef PIC_KEEPER_RESTIC_H
#define PIC_KEEPER_RESTIC_H

#include "keeper/far.h"

typedef struct pic__restic pic__restic;

typedef struct pic__restic_ask {
        const char *const *words; /* behind the options that all have; ends with NULL */
        pic__far_source source;   /* its standard input, to the end of it; NULL: nothing */
        void *source_arg;
        pic__far_sink sink; /* its standard output; NULL: pic__restic_said() */
        void *sink_arg;
} pic__restic_ask;

/* PIC_UNSUPPORTED: the program is not there; PIC_IO, PIC_NOMEM. The spec is the caller's, and lives as long. */
int pic__restic_new(const pic__far_spec *spec, pic__restic **ret, pic_error **err);
void pic__restic_free(pic__restic *r); /* takes NULL */
/* PIC_CANCELED; PIC_TIMEOUT: it neither took nor gave anything for so long; what the source or the sink said; else as
 * pic__restic_why() has it. */
int pic__restic_do(pic__restic *r, const pic__restic_ask *ask, pic_error **err);
const pic__buf *pic__restic_said(const pic__restic *r);

#endif
