/* What uacme's hook says to the agent: one packet on the socket that is the program's standard input. The hook itself
 * is frontends/picd/hook.c: it packs its arguments and waits for one letter. */
#ifndef PIC_ENGINE_ACME_HOOK_H
#define PIC_ENGINE_ACME_HOOK_H

#include <stddef.h>

#include "engine/acme_answer.h"

enum pic__acme_method { PIC__ACME_BEGIN, PIC__ACME_DONE, PIC__ACME_FAILED };

typedef struct pic__acme_word {
        enum pic__acme_method method;
        char type[16];   /* http-01, dns-01, tls-alpn-01 */
        char ident[256]; /* the name that is to be proved, without "*." */
        char token[PIC__ACME_TOKEN];
        char auth[512]; /* the file's text, or the TXT record's */
} pic__acme_word;

#define PIC__ACME_YES "0" /* what the hook exits with */
#define PIC__ACME_NO "1"

/* METHOD NUL TYPE NUL IDENT NUL TOKEN NUL AUTH NUL. 0: it is none of ours. */
int pic__acme_hook_read(const char *packet, size_t len, pic__acme_word *ret);
/* Where the hook is: beside the running program, or where it was installed. NULL: it is not there. The caller frees. */
char *pic__acme_hook_find(void);

#endif
