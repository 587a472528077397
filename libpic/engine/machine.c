/* Owns: looking at what the cell stands on. */
#include "engine/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/engine_i.h"
#include "engine/logfile.h"
#include "sys/child.h"
#include "sys/file.h"

#define MIB ((uint64_t)1 << 20)
#define ROOM_BYTES (64 * MIB)
#define ROOM_FILES 1000
#define MEMORY_LEAST (48 * MIB)
#define PART 20 /* of all: less than that is little */

/* --- room ------------------------------------------------------------------------------------------------------- */

void pic__machine_room(const char *path, uint64_t free, uint64_t files_free, uint64_t files, pic__findings *f)
{
        static const char fix[] = "Make room: without it no change can be kept.";

        if (free < ROOM_BYTES)
                pic__foundf(f, PIC_LOG_WARNING, "disk", fix, "less than %" PRIu64 " MiB are free for %s",
                            ROOM_BYTES / MIB, path);
        if (files > 0 && files_free < ROOM_FILES && files_free < files / PART)
                pic__foundf(f, PIC_LOG_WARNING, "disk", fix, "%s can take %" PRIu64 " more files (inodes) only", path,
                            files_free);
}

/* Two directories of one file system are one finding. */
static void look_at_room(const char *path, dev_t seen[3], size_t *count, pic__findings *f)
{
        struct statvfs fs;
        struct stat st;
        size_t i;

        if (path == NULL || stat(path, &st) < 0 || statvfs(path, &fs) < 0)
                return;
        for (i = 0; i < *count; i++)
                if (seen[i] == st.st_dev)
                        return;
        seen[(*count)++] = st.st_dev;
        pic__machine_room(path, (uint64_t)fs.f_bavail * fs.f_frsize, fs.f_favail, fs.f_files, f);
}

/* --- memory ----------------------------------------------------------------------------------------------------- */

/* "MemTotal:  2030840 kB", in bytes. */
static uint64_t amount(const char *text, const char *name)
{
        const char *at = strstr(text, name);

        return at != NULL ? strtoull(at + strlen(name), NULL, 10) << 10 : 0;
}

void pic__machine_memory(const char *text, uint64_t own, pic__findings *f)
{
        uint64_t all = amount(text, "MemTotal:"), left = amount(text, "MemAvailable:");

        left += amount(text, "SwapFree:");
        if (all == 0 || (left >= MEMORY_LEAST && left >= all / PART))
                return;
        pic__foundf(f, PIC_LOG_WARNING, "memory",
                    "Stop what is not needed, or give this machine more memory or swap: the kernel ends programs when "
                    "there is none.",
                    "%" PRIu64 " MiB of memory and swap are left of this machine's %" PRIu64
                    " MiB; the cell has %" PRIu64 " MiB",
                    left / MIB, all / MIB, own / MIB);
}

/* The pages of a process that are nobody else's to share. */
static uint64_t pages_of(const char *pid)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        unsigned long long size = 0, resident = 0, shared = 0;
        char path[64];

        snprintf(path, sizeof(path), "/proc/%.20s/statm", pid);
        if (pic__file_read(path, 256, &text, NULL) < 0 ||
            sscanf(pic__buf_str(&text), "%llu %llu %llu", &size, &resident, &shared) != 3)
                return 0;
        return (resident > shared ? resident - shared : 0) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Ours, and of those that we started. */
static uint64_t own_memory(void)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        uint64_t sum = pages_of("self");
        char path[80], *pid, *save = NULL;

        snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
        if (pic__file_read(path, 65536, &text, NULL) < 0 || text.len == 0)
                return sum;
        for (pid = strtok_r(text.data, " ", &save); pid != NULL; pid = strtok_r(NULL, " ", &save))
                sum += pages_of(pid);
        return sum;
}

static void look_at_memory(pic__findings *f)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (pic__file_read("/proc/meminfo", 65536, &text, NULL) == 0)
                pic__machine_memory(pic__buf_str(&text), own_memory(), f);
}

/* --- versions --------------------------------------------------------------------------------------------------- */

/* The oldest that this program was tried with: older ones may lack words that we write. */
static const struct {
        const char *program, *option;
        unsigned least; /* as pic__machine_version() */
        const char *least_text, *package;
} programs[] = {
        { "unbound", "-V", 1013000, "1.13", "unbound" },       { "chronyd", "--version", 4000000, "4.0", "chrony" },
        { "haproxy", "-v", 2002000, "2.2", "haproxy" },        { "nft", "--version", 9008, "0.9.8", "nftables" },
        { "openvpn", "--version", 2005000, "2.5", "openvpn" }, { "tor", "--version", 4005, "0.4.5", "tor" },
};

unsigned pic__machine_version(const char *text)
{
        unsigned a = 0, b = 0, c = 0;

        for (; *text != '\0'; text++) {
                size_t digits = strspn(text, "0123456789");

                if (digits > 0 && digits < 5 && text[digits] == '.' && sscanf(text, "%4u.%3u.%3u", &a, &b, &c) >= 2)
                        return a * 1000000 + b * 1000 + c;
                text += digits > 0 ? digits - 1 : 0;
        }
        return 0;
}

struct pic__machine {
        struct {
                struct timespec changed; /* of the file */
                ino_t inode;
                unsigned version;
        } seen[PIC__COUNT(programs)];
};

void pic__machine_drop(pic__engine *e)
{
        pic__free(e->machine);
        e->machine = NULL;
}

/* A program is asked once, until its file is another. */
static unsigned version_of(struct pic__machine *m, size_t i)
{
        pic__auto_free char *path = pic__cmd_find(programs[i].program);
        const char *const argv[] = { path, programs[i].option, NULL };
        const pic__cmd_opts opts = { .timeout_ms = 2000, .max_output = 4096 };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        struct stat st;

        if (path == NULL || stat(path, &st) < 0)
                return 0;
        if (m->seen[i].inode == st.st_ino && m->seen[i].changed.tv_sec == st.st_mtim.tv_sec &&
            m->seen[i].changed.tv_nsec == st.st_mtim.tv_nsec)
                return m->seen[i].version;
        (void)pic__cmd_run(argv, &opts, &out, NULL, NULL);
        m->seen[i].changed = st.st_mtim;
        m->seen[i].inode = st.st_ino;
        m->seen[i].version = pic__machine_version(pic__buf_str(&out));
        return m->seen[i].version;
}

static void look_at_versions(pic__engine *e, pic__findings *f)
{
        size_t i;

        if (e->machine == NULL)
                e->machine = pic__alloc(sizeof(*e->machine));
        if (e->machine == NULL) {
                f->failed = 1;
                return;
        }
        for (i = 0; i < PIC__COUNT(programs); i++) {
                unsigned version = version_of(e->machine, i);
                char fix[80];

                if (version == 0 || version >= programs[i].least)
                        continue;
                snprintf(fix, sizeof(fix), "apt-get install --only-upgrade %s", programs[i].package);
                pic__foundf(f, PIC_LOG_WARNING, "agent", fix,
                            "%s is of version %u.%u.%u, older than %s: it may not understand what it is told",
                            programs[i].program, version / 1000000, version / 1000 % 1000, version % 1000,
                            programs[i].least_text);
        }
}

/* From then on something is removed that would have been kept. */
void pic__machine_logs(long long sum, pic__findings *f)
{
        if (sum < PIC__LOGFILE_ALL / 10 * 9)
                return;
        pic__foundf(f, PIC_LOG_INFO, "agent", "",
                    "the logs have %lld MiB and reach their bound of %lld: of the programs that write much, the oldest "
                    "parts are removed",
                    sum >> 20, PIC__LOGFILE_ALL >> 20);
}

void pic__machine_look(pic__engine *e, pic__findings *f)
{
        dev_t seen[3];
        size_t count = 0;

        look_at_room(e->dir, seen, &count, f);
        look_at_room(e->run_dir, seen, &count, f);
        look_at_room(e->log_dir, seen, &count, f);
        pic__machine_logs(pic__logfile_sum(e->log_dir), f);
        if (e->fake)
                return;
        look_at_memory(f);
        look_at_versions(e, f);
}
