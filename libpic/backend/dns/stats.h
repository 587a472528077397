/* What unbound counts. */
#ifndef PIC_BACKEND_DNS_STATS_H
#define PIC_BACKEND_DNS_STATS_H

#include <stdint.h>

#include "base/json.h"

/* The number behind "NAME=" in what `stats_noreset` answers; 0 where it is not said. */
uint64_t pic__dns_stat(const char *text, const char *name);
/* All that people want of it, as members of an open object. */
void pic__dns_stats_put(const char *text, pic__json *out);
/* How long a server took, in ms, as `dump_infra` has it; -1: it has not answered lately. `server`: "192.0.2.1", with
 * "@PORT" where that is not 53. */
int pic__dns_stats_ping(const char *infra, const char *server);
/* How long the oldest question waits, in ms, as `dump_requestlist` has it; 0: none does. */
unsigned pic__dns_stats_waited(const char *list);
/* "… removed 3 rrsets, 2 messages and 1 key entries" -> 5: names that are not known any more. */
int pic__dns_stats_removed(const char *text);

#endif
