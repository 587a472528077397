/* Owns: the files of the filter. Table and rules are replaced by others of the same name (rename), which is heard, so
 * that nobody has to tell; what cannot be read leaves what was read before. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sieve/program/serve.h"

#define FILE_MAX_SIZE ((off_t)256 << 20)

static void *map_file(const struct sieve *s, const char *name, int write, size_t *ret_size)
{
        int fd = openat(s->dir_fd, name, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
        void *map = MAP_FAILED;
        struct stat st;

        if (fd < 0)
                return NULL;
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size < FILE_MAX_SIZE) {
                *ret_size = (size_t)st.st_size;
                map = mmap(NULL, *ret_size, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
        }
        close(fd);
        return map == MAP_FAILED ? NULL : map;
}

static void open_counts(struct sieve *s)
{
        static pic__sieve_counts nobodys;
        size_t size = 0;
        void *map = map_file(s, PIC__SIEVE_COUNTS, 1, &size);

        s->counts = map != NULL && size == sizeof(nobodys) ? map : &nobodys;
        if (s->counts->magic != PIC__SIEVE_COUNTS_MAGIC) {
                memset(s->counts, 0, sizeof(*s->counts));
                s->counts->magic = PIC__SIEVE_COUNTS_MAGIC;
        }
}

int load_open(struct sieve *s)
{
        s->dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        s->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (s->dir_fd < 0 || s->notify < 0 || inotify_add_watch(s->notify, s->dir, IN_MOVED_TO) < 0) {
                fprintf(stderr, "%s: cannot be watched\n", s->dir);
                return -1;
        }
        open_counts(s);
        return watch(s, EPOLL_CTL_ADD, s->notify, EPOLLIN, OF_NOTIFY, 0);
}

/* Where each list is counted; those that are gone leave their places. */
static void place_counts(struct sieve *s)
{
        pic__sieve_counts *c = s->counts;
        size_t i, k, free_at;

        for (k = 0; k < PIC__SIEVE_LISTS; k++) {
                for (i = 0; i < s->table.lists && s->table.id[i] != c->list[k].id; i++)
                        ;
                if (i == s->table.lists)
                        c->list[k].id = c->list[k].blocked = 0;
        }
        for (i = 0; i < s->table.lists; i++) {
                free_at = PIC__SIEVE_LISTS;
                for (k = 0; k < PIC__SIEVE_LISTS && c->list[k].id != s->table.id[i]; k++)
                        if (c->list[k].id == 0 && free_at == PIC__SIEVE_LISTS)
                                free_at = k;
                k = k < PIC__SIEVE_LISTS ? k : free_at;
                s->count_at[i] = k < PIC__SIEVE_LISTS ? (int)k : -1;
                if (s->count_at[i] >= 0)
                        c->list[k].id = s->table.id[i];
        }
}

static void load_table(struct sieve *s)
{
        pic__sieve_table t;
        size_t size = 0;
        void *map = map_file(s, PIC__SIEVE_TABLE, 0, &size);

        if (map == NULL)
                return;
        if (pic__sieve_table_read(map, size, &t) < 0) {
                fprintf(stderr, "%s: no table\n", PIC__SIEVE_TABLE);
                munmap(map, size);
                return;
        }
        if (s->map != NULL)
                munmap(s->map, s->map_size);
        s->map = map;
        s->map_size = size;
        s->table = t;
        place_counts(s);
}

/* Where names are told by rights and there are no lists, no table is needed; else it is closed without one. */
static int complete(const struct sieve *s, const pic__sieve_rules *rules)
{
        return s->map != NULL || pic__sieve_rules_bare(rules);
}

void load(struct sieve *s)
{
        pic__sieve_rules *rules;
        size_t size = 0;
        char *text;

        load_table(s);
        text = map_file(s, PIC__SIEVE_RULES, 0, &size);
        if (text == NULL)
                return;
        rules = pic__sieve_rules_read(text, size, s->table.id, s->map != NULL ? s->table.lists : 0);
        munmap(text, size);
        if (rules == NULL) /* those of another table count other lists: none is better */
                fprintf(stderr, "%s: no rules\n", PIC__SIEVE_RULES);
        if (rules != NULL && !complete(s, rules)) {
                pic__sieve_rules_free(rules);
                rules = NULL;
        }
        pic__sieve_rules_free(s->rules);
        s->rules = rules;
}

void load_heard(struct sieve *s)
{
        _Alignas(struct inotify_event) char news[4096];

        while (read(s->notify, news, sizeof(news)) > 0)
                ;
        load(s);
}
