/* Owns: what the programs of an exit may take of the machine: a carrier that somebody out there has got hold of may
 * spoil its own exit and nothing else. Limits are set by prlimit(1) before it runs, since they may only go down: those
 * of the agent itself are never passed over.
 *
 * RLIMIT_DATA and not RLIMIT_AS: Go reserves far more addresses than it uses (1.6 GB for wireguard-go), and reserved
 * ones do not count as data. Processes and threads are counted by user id, which is this exit's alone. */
#include "backend/exit/limits.h"

#include <stdio.h>
#include <sys/resource.h>

#define MIB (1ull << 20)

/* Seen in use: wireguard-go 110 MiB of data, unbound 25. A file is a log or tor's directory. */
static const struct {
        const char *name;
        int resource;
        unsigned long long most;
} limits[] = {
        { "nproc", RLIMIT_NPROC, PIC__EXIT_TASKS },
        { "data", RLIMIT_DATA, 512 * MIB },
        { "fsize", RLIMIT_FSIZE, 128 * MIB },
        { "nofile", RLIMIT_NOFILE, 65536 },
        { "core", RLIMIT_CORE, 0 }, /* there are keys in it */
};

static unsigned long long most_of(size_t i, const pic__process_spec *spec)
{
        unsigned long long most = limits[i].resource == RLIMIT_NPROC && spec->tasks != 0 ? spec->tasks : limits[i].most;
        struct rlimit own;

        if (getrlimit((__rlimit_resource_t)limits[i].resource, &own) == 0 && own.rlim_max != RLIM_INFINITY &&
            own.rlim_max < most)
                return own.rlim_max;
        return most;
}

size_t pic__limits_argv(const pic__process_spec *spec, char words[PIC__EXIT_LIMITS][32],
                        const char *at[PIC__EXIT_LIMITS])
{
        size_t n = 0, i;

        at[n++] = "prlimit";
        for (i = 0; i < PIC__COUNT(limits); i++) {
                snprintf(words[i], sizeof(words[0]), "--%s=%llu", limits[i].name, most_of(i, spec));
                at[n++] = words[i];
        }
        at[n++] = "choom";
        at[n++] = "--adjust=600"; /* the agent keeps 0 */
        at[n++] = "--";
        return n;
}
