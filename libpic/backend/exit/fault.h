/* What a program said before it failed, in words for people. A table a program: marks that its lines have, what they
 * mean, what a person can do. Tables are tried on real logs (tests/fixtures/exit). */
#ifndef PIC_BACKEND_EXIT_FAULT_H
#define PIC_BACKEND_EXIT_FAULT_H

#include <stddef.h>

#include "base/buf.h"

typedef struct pic__exit_fault {
        const char *mark;  /* in the line; words of it that may be anything: "*" */
        const char *words; /* NULL: all is well from this line on */
        const char *hint;  /* may be NULL */
        int vague;         /* a line shortly before it may say more */
} pic__exit_fault;

/* The last line of `text` that has a mark decides; of several marks in it, the first in the table. A vague one gives
 * way to one that is not, up to 12 lines before it. Puts "WORDS: HINT ("<the line from its mark on>")". 1: there was
 * one; 0: none, or all is well. What stands before the mark is left out: time, and with redsocks the device's address
 * and where it wanted to go. */
int pic__exit_fault_find(const pic__exit_fault *table, size_t count, const char *text, pic__buf *why);

#endif
