/* How late this machine is: wants to be woken each 10 ms, and says when it was not.
 *
 *   leaks_late        rows to stdout: when, by how many seconds; only what is more than 2 ms
 */
#include "marker.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#define PERIOD 0.010
#define TOLD 0.002

int main(void)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
                struct timespec nap = { .tv_nsec = (long)(PERIOD * 1e9) };
                double due = now() + PERIOD, late;

                while (nanosleep(&nap, &nap) < 0 && errno == EINTR)
                        continue;
                late = now() - due;
                if (late < TOLD)
                        continue;
                printf("%.6f %.6f\n", due + late, late);
                fflush(stdout);
        }
}
