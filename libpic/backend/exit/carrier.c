/* Owns: which types there are, and what a carrier may call. */
#include "backend/exit/carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/exit/hang.h"
#include "backend/exit/inside.h"
#include "sys/file.h"

#define FILE_MAX (2 << 20)
#define ASK_MS 500

static const pic__carrier *const carriers[] = { &pic__carrier_wireguard, &pic__carrier_openvpn, &pic__carrier_tor,
                                                &pic__carrier_ssh, &pic__carrier_proxy };

const pic__carrier *pic__carrier_of(const char *type)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(carriers); i++)
                if (strcmp(carriers[i]->type, type) == 0)
                        return carriers[i];
        return NULL;
}

static const pic__exit_space *space_of(const pic__carrier_env *env)
{
        return env->space;
}

const char *pic__carrier_path(const pic__carrier_env *env, const char *name)
{
        return pic__arena_printf(env->arena, "%s/%s", env->dir, name);
}

static int same_text(const char *path, const void *data, size_t len)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;

        return pic__file_read(path, FILE_MAX, &text, NULL) == 0 && text.len == len &&
               (len == 0 || memcmp(text.data, data, len) == 0);
}

/* Whose it is is set before anybody may look for it: the directory is root's, so nobody else makes files there. */
int pic__carrier_file(const pic__carrier_env *env, const char *name, const void *data, size_t len, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(env->dir, name);
        int r;

        if (path == NULL)
                return pic__nomem(err);
        if (same_text(path, data, len))
                return 0;
        r = pic__file_write(path, data, len, 0600, err);
        if (r == 0 && chown(path, env->user, env->user) < 0)
                r = pic__fail_errno(err, errno, "%s: cannot give it to user %u", path, (unsigned)env->user);
        return r;
}

int pic__carrier_run(const pic__carrier_env *env, const char *const *argv, const void *input, size_t input_len,
                     pic__buf *out, pic_error **err)
{
        return pic__inside_run(space_of(env), PIC__INSIDE_ROOT, argv, input, input_len, out, err);
}

int pic__carrier_run_as(const pic__carrier_env *env, const char *const *argv, const void *input, size_t input_len,
                        pic__buf *out, pic_error **err)
{
        return pic__inside_run(space_of(env), PIC__INSIDE_USER, argv, input, input_len, out, err);
}

int pic__carrier_ask(const pic__carrier_env *env, int as_root, const char *const *argv, pic__buf *out, pic_error **err)
{
        return pic__inside_ask(space_of(env), as_root ? PIC__INSIDE_ROOT : PIC__INSIDE_USER, argv, ASK_MS, out, err);
}

/* Where its own words begin. A log that is shorter was emptied meanwhile. */
static off_t begin_of(const pic__carrier_env *env, const char *process, off_t size)
{
        const pic__exit_space *s = space_of(env);
        size_t i;

        for (i = 0; s != NULL && i < s->processes; i++)
                if (strcmp(s->process[i].name, process) == 0)
                        return s->process[i].said <= (long long)size ? (off_t)s->process[i].said : 0;
        return 0;
}

void pic__carrier_log(const pic__carrier_env *env, const char *process, size_t max, pic__buf *out)
{
        char path[600], *room;
        struct stat st;
        off_t from;
        ssize_t n = -1;
        int fd;

        snprintf(path, sizeof(path), "%s/exit%u-%s.log", env->log_dir, env->slot, process);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return;
        room = pic__buf_room(out, max);
        if (room != NULL && fstat(fd, &st) == 0) {
                from = begin_of(env, process, st.st_size);
                n = pread(fd, room, max, st.st_size - from > (off_t)max ? st.st_size - (off_t)max : from);
        }
        close(fd);
        if (room != NULL)
                pic__buf_added(out, n > 0 ? (size_t)n : 0);
}

void pic__carrier_last_words(const pic__carrier_env *env, const char *process, size_t max, pic__buf *out)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char *from;

        pic__carrier_log(env, process, max, &text);
        while (text.len > 0 && strchr("\r\n", text.data[text.len - 1]) != NULL)
                text.data[--text.len] = '\0';
        from = strrchr(pic__buf_str(&text), '\n'); /* the last line: the ones before it are older troubles */
        pic__buf_put_shown(out, from != NULL ? from + 1 : pic__buf_str(&text), max);
}

/* Lines of /proc/net/tcp: "  0: 0100007F:0438 00000000:0000 0A …"; 0A is listening. */
static int listens_in(pid_t pid, const char *table, unsigned port)
{
        char path[64], line[256];
        int found = 0;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/net/%s", (int)pid, table);
        f = fopen(path, "re");
        if (f == NULL)
                return -1;
        while (!found && fgets(line, sizeof(line), f) != NULL) {
                const char *local = strchr(line, ':'), *at = local != NULL ? strchr(local + 1, ':') : NULL;
                unsigned number = 0, state = 0;

                if (at != NULL && sscanf(at + 1, "%x %*s %x", &number, &state) == 2)
                        found = number == port && state == 0x0a;
        }
        fclose(f);
        return found;
}

int pic__carrier_listens(const pic__carrier_env *env, unsigned port)
{
        pid_t holder = pic__child_pid(space_of(env)->holder);
        int four, six;

        if (holder <= 0)
                return -1;
        four = listens_in(holder, "tcp", port);
        six = listens_in(holder, "tcp6", port);
        return four > 0 || six > 0 ? 1 : four;
}

int pic__carrier_waits(const pic__carrier_env *env, unsigned port)
{
        pid_t holder = pic__child_pid(space_of(env)->holder);

        return holder > 0 && pic__hang_unread(holder, 1, port) > 0;
}
