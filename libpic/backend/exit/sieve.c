/* Owns: the filter before an exit's resolver, where there are block lists. It has the places at which devices ask, and
 * asks the resolver on loopback; its table and rules are those of the whole cell, by another name of the same files.
 * Devices come to it with their own addresses (backend/nft translates all else), so its answers have a way of their own
 * back to the cell (cable.c), whatever the tunnel's routes are. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/exit/inside.h"
#include "sieve/share.h"
#include "sys/beside.h"
#include "sys/file.h"

#define DIR_NAME "sieve"

int pic__exit_sieved(const pic__exit_conf *c)
{
        return c->sieve != NULL && c->sieve[0] != '\0';
}

char *pic__exit_sieve_hidden(void)
{
        static const char *const hidden[] = { "/run/", "/tmp/", "/var/tmp/", "/dev/shm/" }; /* space.c */
        pic__auto_free char *program = pic__beside_find(PIC__SIEVE_PROGRAM);
        size_t i;

        for (i = 0; program != NULL && i < PIC__COUNT(hidden); i++)
                if (strncmp(program, hidden[i], strlen(hidden[i])) == 0)
                        return pic__take(program);
        return NULL;
}

int pic__exit_sieve_files(const pic__exit_space *s, const pic__exit_conf *c, pic_error **err)
{
        pic__auto_free char *dir = pic__space_file(s, DIR_NAME);
        char from[600];

        if (dir == NULL)
                return pic__nomem(err);
        if (!pic__exit_sieved(c))
                return 0;
        /* <run>/exit/<n> and <run>/sieve */
        snprintf(from, sizeof(from), "%s/../../" PIC__SIEVE_DIR, s->dir);
        if (pic__sieve_dir_make(dir, err) < 0)
                return PIC_BACKEND;
        pic__sieve_share(from, dir);
        return 0;
}

int pic__exit_sieve_spec(const pic__exit_conf *c, pic__arena *arena, pic__process_spec *ret, pic_error **err)
{
        pic__auto_free char *program = pic__beside_find(PIC__SIEVE_PROGRAM), *hidden = pic__exit_sieve_hidden();
        char a[PIC__ADDR_TEXT];
        char *words[4];
        size_t i;

        if (program == NULL)
                return pic__fail(err, PIC_UNSUPPORTED, PIC__SIEVE_PROGRAM " is not beside picd, nor installed");
        words[0] = pic__arena_printf(arena, "%s", hidden != NULL ? PIC__SIEVE_BOUND : program);
        words[1] = pic__arena_printf(arena, "127.0.0.1@%u", PIC__SIEVE_PORT);
        words[2] = pic__arena_printf(arena, "%s@%d", pic__addr_print(&c->exit4, a), PIC__SIEVED_PORT);
        words[3] = pic__arena_printf(arena, "%s@%d", pic__addr_print(&c->exit6, a), PIC__SIEVED_PORT);
        for (i = 0; i < PIC__COUNT(words); i++)
                if (words[i] == NULL)
                        return pic__nomem(err);
        *ret = (pic__process_spec){ .name = "sieve",
                                    .argv = { words[0], "serve", PIC__EXIT_HOME "/" DIR_NAME, words[1], words[2],
                                              words[3], NULL },
                                    .is_resolver = PIC__IS_SIEVE };
        return 0;
}

void pic__exit_share_sieve(const char *run_dir)
{
        char from[600], dir[600];
        DIR *exits;
        const struct dirent *one;

        snprintf(from, sizeof(from), "%s/" PIC__SIEVE_DIR, run_dir);
        snprintf(dir, sizeof(dir), "%s/exit", run_dir);
        exits = opendir(dir);
        while (exits != NULL && (one = readdir(exits)) != NULL) {
                if (one->d_name[0] < '1' || one->d_name[0] > '9' ||
                    snprintf(dir, sizeof(dir), "%s/exit/%.8s/" DIR_NAME, run_dir, one->d_name) >= (int)sizeof(dir))
                        continue;
                if (access(dir, F_OK) == 0)
                        pic__sieve_share(from, dir);
        }
        if (exits != NULL)
                closedir(exits);
}
