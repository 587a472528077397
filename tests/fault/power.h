/* A power cut, played from the record of what was done to a directory (disk.h). A file's content is safe once the file
 * was synced, its name once the directory was; of what is not, any part may be there or not. */
#ifndef TEST_FAULT_POWER_H
#define TEST_FAULT_POWER_H

#include <stddef.h>

enum power_cut {
        POWER_LOST,  /* nothing is there that was not synced */
        POWER_NAMES, /* names are, contents are not */
        POWER_TORN,  /* names up to some moment; of contents, any sectors */
        POWER_CUTS
};

typedef struct power power;

/* base: the directory at rest, as it was before. record: the file that was recorded into. */
power *power_new(const char *base, const char *record);
void power_free(power *p);
/* Number of calls; and for each whether it is a sync (here a cut is most telling). */
size_t power_count(const power *p);
int power_is_sync(const power *p, size_t call);
/* The last mark before this call; 0: none yet. */
int power_marked(const power *p, size_t call);
/* Makes `dir` as it may be when power was cut before this call. seed: which of the possible ones. */
void power_cut(const power *p, size_t call, enum power_cut cut, unsigned seed, const char *dir);

#endif
