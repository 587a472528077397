/* Programs of exits that are there and do nothing. */
#ifndef PIC_BACKEND_EXIT_HANG_H
#define PIC_BACKEND_EXIT_HANG_H

#include <sys/types.h>

#include "backend/exit/inside.h"

/* What the kernel says of a process: its state ('T': somebody stopped it) and how long it has worked, in clock ticks.
 * 0; -1: it is not there. */
int pic__hang_state(pid_t pid, char *ret_state, unsigned long long *ret_work);
/* How much waits unread at the sockets of a port within a process's network namespace: bytes of UDP, connections of
 * TCP that nobody took. */
unsigned long pic__hang_unread(pid_t pid, int tcp, unsigned port);

/* At each tick: who was stopped is replaced at once, and a resolver that leaves questions lying without working. */
void pic__hang_tick(pic__exit *b, pic__exit_space *s);
/* The exit does not work: its carrier is replaced when by its own account it does not, either. What was done since the
 * last call is said: 1. */
int pic__hang_revive(pic__exit *b, pic__exit_space *s, int down, pic__buf *told);

#endif
