/* What a line of the log costs: `bench_log DIR N`: nanoseconds a line, each in a loop of N: its level is off; off while
 * another area's is on (so it is made before it is known that nobody wants it); on; and the same line by fprintf with a
 * time in front and a flush, as a program without a log of its own would write it. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "engine/logfile.h"

static double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double lines(const pic__log *log, int level, long n)
{
        double began = now();
        long i;

        for (i = 0; i < n; i++)
                pic__log_put(log, level, "engine", "peer %ld of '%s': revision %ld applied", i, "home", i);
        return (now() - began) / (double)n;
}

static double by_hand(FILE *f, long n)
{
        double began = now();
        char when[32];
        long i;

        for (i = 0; i < n; i++) {
                time_t t = time(NULL);
                struct tm tm;

                strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
                fprintf(f, "%s INFO engine peer %ld of '%s': revision %ld applied\n", when, i, "home", i);
                fflush(f);
        }
        return (now() - began) / (double)n;
}

int main(int argc, char **argv)
{
        long n = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
        pic__loglevels levels = PIC__LOGLEVELS_INIT;
        double off, other, on, hand;
        pic__logfile *file = NULL;
        char path[256];
        FILE *f;

        if (n <= 0 || pic__logfile_open(argv[1], &pic__clock_real, NULL, PIC__LOGFILE_MAX, &file, NULL) < 0)
                return 2;
        snprintf(path, sizeof(path), "%s/hand", argv[1]);
        f = fopen(path, "a");
        if (f == NULL)
                return 2;
        off = lines(pic__logfile_log(file), PIC_LOG_DEBUG, n);
        on = lines(pic__logfile_log(file), PIC_LOG_INFO, n);
        hand = by_hand(f, n);
        (void)!pic__loglevels_set(&levels, "wg", "debug", NULL);
        pic__logfile_levels(file, &levels);
        other = lines(pic__logfile_log(file), PIC_LOG_DEBUG, n);
        printf("%.1f %.1f %.1f %.1f\n", off, other, on, hand);
        fclose(f);
        pic__logfile_unref(file);
        return 0;
}
