/* What the machine itself does to whoever wants to run now: how late a timer wakes that fires every 200 microseconds
 * and has nothing else to do. No server on that processor can be better than that.
 *
 *   bench_timer SECONDS   prints median, 99th and 99.9th percentile in microseconds */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EVERY_US = 200 };

static double us_of(const struct timespec *t)
{
        return (double)t->tv_sec * 1e6 + (double)t->tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
        size_t count = argc == 2 ? (size_t)(strtod(argv[1], NULL) * 1e6 / EVERY_US) : 0, i;
        double *late = count > 0 ? calloc(count, sizeof(*late)) : NULL;
        struct timespec due, now;

        if (late == NULL)
                return 2;
        clock_gettime(CLOCK_MONOTONIC, &due);
        for (i = 0; i < count; i++) {
                due.tv_nsec += EVERY_US * 1000;
                if (due.tv_nsec >= 1000000000) {
                        due.tv_sec++;
                        due.tv_nsec -= 1000000000;
                }
                while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
                        ;
                clock_gettime(CLOCK_MONOTONIC, &now);
                late[i] = us_of(&now) - us_of(&due);
        }
        qsort(late, count, sizeof(*late), compare);
        printf("%.1f %.1f %.1f\n", late[count / 2], late[count * 99 / 100], late[count * 999 / 1000]);
        return 0;
}
