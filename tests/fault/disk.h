/* The disk, as this process sees it: the calls by which files below one directory are opened for writing, written,
 * synced, renamed and removed go through here, those of sqlite too. Each is a point. At the n-th the process ends, or
 * the call fails; or all that was done is written down, so that a power cut can be played afterwards (power.h). */
#ifndef TEST_FAULT_DISK_H
#define TEST_FAULT_DISK_H

#include <stdint.h>
#include <sys/types.h>

enum disk_fault {
        DISK_NONE,
        DISK_KILL, /* SIGKILL before it is done */
        DISK_TORN, /* SIGKILL when half of what is written is there; else before */
        DISK_ONCE, /* it fails with the error, once */
        DISK_EVER  /* it and all that come after */
};

/* What befalls a disk, or who writes to it: rows of the table. */
enum { DISK_CASES = 6 };
extern const struct disk_case {
        const char *name;
        enum disk_fault how;
        int error;
} disk_cases[DISK_CASES];

/* From now on files below `dir` are watched. at 0: nothing happens, points are only counted. */
void disk_watch(const char *dir, enum disk_fault fault, unsigned long at, int error);
void disk_unwatch(void);
unsigned long disk_points(void);

enum disk_what {
        DISK_OPEN,
        DISK_CLOSE,
        DISK_WRITE,
        DISK_SIZE,
        DISK_SYNC,
        DISK_RENAME,
        DISK_LINK,
        DISK_REMOVE,
        DISK_MARK
};

/* One call, written to the record: this, then `name` bytes of a path below the directory, then `data` bytes. */
struct disk_call {
        uint32_t what;
        int32_t fd;
        int64_t at;    /* WRITE, SIZE */
        uint32_t made; /* OPEN: the file was not there */
        uint32_t name;
        uint32_t data; /* of a RENAME, LINK: the new path */
};

/* Watched calls are written to this descriptor, which is not watched. */
void disk_record(int fd);
/* Something of the test's own in the record. */
void disk_mark(int number);

#endif
