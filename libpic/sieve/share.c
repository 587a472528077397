/* Owns: what stands in the directories of filters and who may read it. Every name there changes by rename, which is
 * what a filter hears of. */
#include "sieve/share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *path, pic_error **err)
{
        return pic__fail(err, PIC_BACKEND, "block lists: %s: %s", path, strerrordesc_np(errno));
}

static int make_counts(const char *path, pic_error **err)
{
        static const pic__sieve_counts zero;
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        struct stat st;
        int r = fd >= 0 ? 0 : -1;

        if (r == 0 && fstat(fd, &st) == 0 && st.st_size != (off_t)sizeof(zero))
                r = ftruncate(fd, 0) < 0 || write(fd, &zero, sizeof(zero)) != (ssize_t)sizeof(zero) ? -1 : 0;
        if (r == 0 && geteuid() == 0)
                r = fchown(fd, PIC__SIEVE_USER, PIC__SIEVE_USER);
        if (fd >= 0)
                close(fd);
        return r < 0 ? failed(path, err) : 0;
}

int pic__sieve_dir_make(const char *dir, pic_error **err)
{
        char path[640];

        if ((mkdir(dir, 0750) < 0 && errno != EEXIST) || chmod(dir, 0750) < 0 ||
            (geteuid() == 0 && chown(dir, 0, PIC__SIEVE_USER) < 0))
                return failed(dir, err);
        if (snprintf(path, sizeof(path), "%s/" PIC__SIEVE_COUNTS, dir) >= (int)sizeof(path))
                return pic__fail(err, PIC_BACKEND, "block lists: %s: the path is too long", dir);
        return make_counts(path, err);
}

static void share(const char *from, const char *to, const char *name)
{
        char source[640], beside[640], target[640];

        if (snprintf(source, sizeof(source), "%s/%s", from, name) >= (int)sizeof(source) ||
            snprintf(beside, sizeof(beside), "%s/.%s", to, name) >= (int)sizeof(beside) ||
            snprintf(target, sizeof(target), "%s/%s", to, name) >= (int)sizeof(target))
                return;
        (void)unlink(beside);
        if (link(source, beside) < 0)
                return;
        (void)rename(beside, target);
        (void)unlink(beside); /* they were one file already: then rename does nothing */
}

void pic__sieve_share(const char *from, const char *to)
{
        share(from, to, PIC__SIEVE_TABLE);
        share(from, to, PIC__SIEVE_RULES);
}

int pic__sieve_publish(const char *written, const char *dir, const char *name, pic_error **err)
{
        char path[640];

        if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
                return pic__fail(err, PIC_BACKEND, "block lists: %s: the path is too long", dir);
        if (chmod(written, 0640) < 0 || (geteuid() == 0 && chown(written, 0, PIC__SIEVE_USER) < 0) ||
            rename(written, path) < 0)
                return failed(path, err);
        return 0;
}

static void add_list(pic__sieve_counts *to, uint64_t id, uint64_t blocked)
{
        size_t i;

        for (i = 0; i < PIC__SIEVE_LISTS; i++)
                if (to->list[i].id == id || to->list[i].id == 0) {
                        to->list[i].id = id;
                        to->list[i].blocked += blocked;
                        return;
                }
}

void pic__sieve_counts_add(const char *dir, pic__sieve_counts *to)
{
        pic__sieve_counts c = { .magic = 0 };
        char path[640];
        ssize_t n = -1;
        size_t i;
        int fd;

        if (snprintf(path, sizeof(path), "%s/" PIC__SIEVE_COUNTS, dir) >= (int)sizeof(path))
                return;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0) {
                n = read(fd, &c, sizeof(c));
                close(fd);
        }
        if (n != (ssize_t)sizeof(c) || c.magic != PIC__SIEVE_COUNTS_MAGIC)
                return;
        to->asked += c.asked;
        to->blocked += c.blocked;
        to->failed += c.failed;
        for (i = 0; i < PIC__SIEVE_LISTS; i++)
                if (c.list[i].id != 0)
                        add_list(to, c.list[i].id, c.list[i].blocked);
}
