/* Owns: finding who listens at a port. */
#include "sys/holder.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"

#define LISTENS 0x0a
#define TABLE_MAX ((size_t)4 << 20)
#define WORDS_MAX ((size_t)1 << 20)

/* "0100007F:0050": words of four bytes, each in this machine's order. */
static const char *read_place(const char *text, int family, uint8_t bytes[16], unsigned *ret_port)
{
        int words = family == 4 ? 1 : 4, i, used = 0;

        for (i = 0; i < words; i++, text += 8) {
                uint32_t word;

                if (sscanf(text, "%8" SCNx32 "%n", &word, &used) != 1 || used != 8)
                        return NULL;
                memcpy(bytes + (size_t)i * 4, &word, sizeof(word));
        }
        if (sscanf(text, ":%4x%n", ret_port, &used) != 1 || used != 5)
                return NULL;
        return text + used;
}

int pic__holder_line(const char *line, int family, unsigned port, uint8_t bytes[16], unsigned long *ret_inode)
{
        const char *at = strchr(line, ':');
        unsigned here, state;

        if (at == NULL)
                return 0;
        at += 1 + strspn(at + 1, " ");
        at = read_place(at, family, bytes, &here);
        if (at == NULL || here != port)
                return 0;
        return sscanf(at, " %*s %2x %*s %*s %*s %*s %*s %lu", &state, ret_inode) == 2 && state == LISTENS;
}

static int has_socket(pid_t pid, unsigned long inode)
{
        char path[64], want[64], to[64];
        struct dirent *d;
        int found = 0;
        DIR *dir;

        snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
        snprintf(want, sizeof(want), "socket:[%lu]", inode);
        dir = opendir(path);
        while (dir != NULL && !found && (d = readdir(dir)) != NULL) {
                ssize_t n = readlinkat(dirfd(dir), d->d_name, to, sizeof(to) - 1);

                to[n > 0 ? n : 0] = '\0';
                found = strcmp(to, want) == 0;
        }
        if (dir != NULL)
                closedir(dir);
        return found;
}

static void owner_of(unsigned long inode, pic__holder *ret)
{
        DIR *dir = opendir("/proc");
        struct dirent *d;
        char path[64];
        FILE *f;

        memset(ret, 0, sizeof(*ret));
        while (dir != NULL && ret->pid == 0 && (d = readdir(dir)) != NULL) {
                pid_t pid = (pid_t)atoi(d->d_name);

                if (pid > 0 && has_socket(pid, inode))
                        ret->pid = pid;
        }
        if (dir != NULL)
                closedir(dir);
        snprintf(path, sizeof(path), "/proc/%d/comm", (int)ret->pid);
        f = ret->pid > 0 ? fopen(path, "re") : NULL;
        if (f != NULL && fgets(ret->name, sizeof(ret->name), f) != NULL)
                ret->name[strcspn(ret->name, "\n")] = '\0';
        if (f != NULL)
                (void)fclose(f);
}

static int has_word(pid_t pid, const char *word)
{
        pic__auto_buf pic__buf words = PIC__BUF_INIT;
        size_t at = 0, len = strlen(word);
        char path[64];

        snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
        if (pic__file_read(path, WORDS_MAX, &words, NULL) < 0)
                return 0;
        for (; at < words.len; at += strnlen(words.data + at, words.len - at) + 1)
                if (words.len - at >= len && memcmp(words.data + at, word, len) == 0)
                        return 1;
        return 0;
}

struct search {
        unsigned port;
        int (*counts)(int family, const uint8_t *bytes, void *data);
        void *data;
        const char *but;
};

/* 1: somebody who counts holds it. */
static int found_in(const char *table, int family, const struct search *s, pic__holder *ret)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char *line, *save = NULL;

        if (pic__file_read(table, TABLE_MAX, &text, NULL) < 0 || text.len == 0)
                return 0;
        for (line = strtok_r(text.data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
                uint8_t bytes[16] = { 0 };
                unsigned long inode = 0;

                if (!pic__holder_line(line, family, s->port, bytes, &inode) ||
                    (s->counts != NULL && !s->counts(family, bytes, s->data)))
                        continue;
                owner_of(inode, ret);
                if (s->but == NULL || ret->pid == 0 || !has_word(ret->pid, s->but))
                        return 1;
        }
        return 0;
}

int pic__holder_find(unsigned port, int (*counts)(int family, const uint8_t *bytes, void *data), void *data,
                     const char *but, pic__holder *ret)
{
        const struct search s = { port, counts, data, but };

        return found_in("/proc/net/tcp", 4, &s, ret) || found_in("/proc/net/tcp6", 6, &s, ret);
}
