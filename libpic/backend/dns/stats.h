/* What unbound counts. */
#ifndef PIC_BACKEND_DNS_STATS_H
#define PIC_BACKEND_DNS_STATS_H

#include <stdint.h>

/* The number behind "NAME=" in what `stats_noreset` answers; 0 where it is not said. */
uint64_t pic__dns_stat(const char *text, const char *name);

#endif
