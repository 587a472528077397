/* The room that writes and reads backups, on files of any size: a cell is small, later volumes are not.
 *
 *     bench_backup pack RECIPIENT FILE… >BACKUP     their digests first, then tar, zstd, age
 *     bench_backup unpack KEYFILE <BACKUP           everything read, compared, thrown away */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/pack.h"
#include "backup/unpack.h"
#include "base/time.h"
#include "sys/crew.h"
#include "sys/crypto.h"
#include "sys/digest.h"

enum { PIECE = 256 << 10 };

static char room[PIECE];

static void need(int r, pic_error **err)
{
        if (r >= 0)
                return;
        fprintf(stderr, "bench_backup: %s\n", pic_error_message(*err));
        exit(1);
}

static int give(void *arg, const void **ret_data, size_t *ret_len, pic_error **err)
{
        ssize_t n = read(*(int *)arg, room, sizeof(room));

        if (n < 0)
                return pic__fail_errno(err, errno, "read");
        *ret_data = room;
        *ret_len = (size_t)n;
        return n > 0;
}

static int put(const void *data, size_t len, void *arg, pic_error **err)
{
        const char *at = data;

        (void)arg;
        while (len > 0) {
                ssize_t n = write(STDOUT_FILENO, at, len);

                if (n < 0)
                        return pic__fail_errno(err, errno, "write");
                at += n;
                len -= (size_t)n;
        }
        return 0;
}

struct files {
        char **paths;
        pic__manifest m;
};

/* As the engine does it: members beside each other, and then nobody changes them. */
static int describe(void *arg, size_t i, pic_error **err)
{
        struct files *f = arg;
        int fd = open(f->paths[i], O_RDONLY);
        char *piece = malloc(PIECE);
        pic__digesting *d = NULL;
        ssize_t n;

        need(pic__digesting_new(&d, err), err);
        while ((n = read(fd, piece, PIECE)) > 0)
                need(pic__digesting_put(d, piece, (size_t)n, err), err);
        need(n < 0 ? pic__fail_errno(err, errno, "read") : 0, err);
        need(pic__digesting_end(d, f->m.members[i].sha256, err), err);
        pic__digesting_free(d);
        free(piece);
        close(fd);
        return 0;
}

static void describe_all(struct files *f, int count)
{
        static const uint8_t none[32];
        pic_error *err = NULL;
        struct stat st;
        int i;

        for (i = 0; i < count; i++) {
                need(stat(f->paths[i], &st) < 0 ? pic__fail_errno(&err, errno, "stat") : 0, &err);
                need(pic__manifest_add(&f->m, strrchr(f->paths[i], '/') + 1, (uint64_t)st.st_size, none, &err), &err);
        }
        need(pic__crew_run((size_t)count, (unsigned)sysconf(_SC_NPROCESSORS_ONLN), describe, f, &err), &err);
}

static void pack(char **paths, int count, const pic__age_keys *keys)
{
        const pic__pack_opts o = { .keys = keys, .threads = (int)sysconf(_SC_NPROCESSORS_ONLN), .still = 1 };
        struct files f = { .paths = paths, .m = { .revision = 1, .created = 1700000000 * PIC__SECOND } };
        pic_error *err = NULL;
        pic__pack *p = NULL;
        int i;

        describe_all(&f, count);
        need(pic__pack_new(&o, &f.m, put, NULL, &p, &err), &err);
        for (i = 0; i < count; i++) {
                int fd = open(paths[i], O_RDONLY);

                need(pic__pack_put(p, give, &fd, &err), &err);
                close(fd);
        }
        need(pic__pack_end(p, &err), &err);
        pic__pack_free(p);
        pic__manifest_clear(&f.m);
}

static void unpack(const pic__age_keys *keys)
{
        int fd = STDIN_FILENO, r;
        const pic__member *m;
        pic__unpack *u = NULL;
        pic_error *err = NULL;

        need(pic__unpack_new(keys, 0, 0, give, &fd, &u, &err), &err);
        while ((r = pic__unpack_next(u, &m, &err)) > 0)
                continue;
        need(r, &err);
        pic__unpack_free(u);
}

int main(int argc, char **argv)
{
        int packs = argc > 3 && strcmp(argv[1], "pack") == 0;
        pic__age_keys keys = { .passphrase = NULL };
        pic_error *err = NULL;
        char text[4096];
        int fd;

        if (argc < 3) {
                fprintf(stderr, "usage: bench_backup pack RECIPIENT FILE… | unpack KEYFILE\n");
                return 2;
        }
        need(pic__crypto_start(&err), &err);
        if (packs) {
                need(pic__age_keys_recipient(&keys, argv[2], strlen(argv[2]), &err), &err);
                pack(argv + 3, argc - 3, &keys);
        } else {
                fd = open(argv[2], O_RDONLY);
                need(pic__age_keys_lines(&keys, text, (size_t)read(fd, text, sizeof(text)), 1, &err), &err);
                close(fd);
                unpack(&keys);
        }
        pic__age_keys_clear(&keys);
        return 0;
}
