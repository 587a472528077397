/* Owns: what all backends with one daemon do alike. */
#include "sys/daemon.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pic/log.h>

#include "sys/file.h"

int pic__daemon_open(pic__daemon *d, const pic__daemon_opts *o, pic_error **err)
{
        char file[64];
        int r;

        *d = (pic__daemon){ .program = o->program, .area = o->area, .out = o->log, .bell = PIC__BELL_INIT };
        (void)snprintf(file, sizeof(file), "%s.log", o->program);
        d->dir = pic__path_join(o->run_dir, o->name);
        d->log_dir = pic__strdup(o->log_dir);
        d->log_file = pic__path_join(o->log_dir, file);
        d->stamp = d->dir != NULL ? pic__path_join(d->dir, "server") : NULL;
        if (d->dir == NULL || d->log_dir == NULL || d->log_file == NULL || d->stamp == NULL)
                return pic__nomem(err);
        if (d->dir[0] != '/' || strlen(d->dir) > 500)
                return pic__fail(err, PIC_INVALID, "%s: the run directory has to be a short absolute path", o->run_dir);
        r = pic__child_new(d->program, d->dir, d->log_dir, o->log, &d->child, err);
        return r < 0 ? r : pic__bell_open(&d->bell, d->area, err);
}

void pic__daemon_close(pic__daemon *d)
{
        char *const texts[] = { d->dir, d->stamp, d->log_dir, d->log_file, d->value, d->trouble };
        size_t i;

        pic__bell_close(&d->bell);
        d->child = pic__child_unref(d->child);
        for (i = 0; i < PIC__COUNT(texts); i++)
                pic__free(texts[i]);
}

char *pic__daemon_path(const pic__daemon *d, const char *name)
{
        return pic__path_join(d->dir, name);
}

/* --- whether it runs ------------------------------------------------------------------------------------------ */

/* One that no pid file names would hold its ports for ever. */
static int adopt_leftover(pic__daemon *d, const pic__mark *m)
{
        if (m == NULL || !pic__mark_adopt(m, d->child))
                return 0;
        pic__log_put(d->out, PIC_LOG_WARNING, d->area, "found process %d, of which no file told",
                     (int)pic__child_pid(d->child));
        return 1;
}

int pic__daemon_found(pic__daemon *d, const pic__mark *m)
{
        return pic__child_alive(d->child) || pic__child_adopt(d->child, d->program) || adopt_leftover(d, m);
}

int pic__daemon_is(pic__daemon *d, const char *value, pic_error **err)
{
        char *copy = pic__strdup(value);

        if (copy == NULL)
                return pic__nomem(err);
        pic__free(d->value);
        d->value = copy;
        pic__bell_child(&d->bell, d->child);
        return 0;
}

void pic__daemon_forget(pic__daemon *d)
{
        pic__free(d->value);
        d->value = NULL;
        d->known = 0;
        d->ticks = 0;
        pic__bell_child(&d->bell, d->child);
}

int pic__daemon_died(pic__daemon *d)
{
        return d->value != NULL && !pic__child_alive(d->child);
}

int pic__daemon_rung(pic__daemon *d, int *ret_died)
{
        int news = pic__bell_rung(&d->bell);

        *ret_died = d->bell.watched >= 0 && !pic__child_alive(d->child);
        return news | *ret_died;
}

void pic__daemon_kill(pic__daemon *d)
{
        if (!pic__child_alive(d->child))
                return;
        pic__log_put(d->out, PIC_LOG_WARNING, d->area, "%s, process %d, does not answer: killed", d->program,
                     (int)pic__child_pid(d->child));
        pic__child_stop(d->child, 0);
        pic__bell_ring(&d->bell);
}

/* --- its start ------------------------------------------------------------------------------------------------ */

int pic__daemon_prepare(pic__daemon *d, pic_error **err)
{
        int r = pic__dir_make(d->dir, 0700, err);

        if (r == 0)
                r = pic__dir_make(d->log_dir, 0750, err);
        if (r == 0)
                (void)unlink(d->stamp);
        return r;
}

int pic__daemon_too_soon(pic__daemon *d, pic_error **err)
{
        unsigned ms = pic__child_backoff(d->child);

        if (ms == 0)
                return 0;
        pic__bell_ring_in(&d->bell, ms);
        (void)pic__fail(err, PIC_BUSY, "%s died; it is started again in %u ms", d->program, ms);
        if (d->trouble != NULL)
                pic__wrap(err, "%s", d->trouble);
        return PIC_BUSY;
}

void pic__daemon_trouble(pic__daemon *d, const pic_error *bad)
{
        pic__free(d->trouble);
        d->trouble = bad != NULL ? pic__strdup(pic_error_message(bad)) : NULL;
}

int pic__daemon_settle(pic__daemon *d, const char *value, const char *stamp, pic_error **err)
{
        const char *text = stamp != NULL ? stamp : value;
        int r = pic__file_write(d->stamp, text, strlen(text), 0600, err);

        if (r == 0)
                r = pic__daemon_is(d, value, err);
        if (r == 0)
                d->ticks = 0;
        return r;
}

/* --- what it writes ------------------------------------------------------------------------------------------- */

off_t pic__daemon_log_size(const pic__daemon *d)
{
        struct stat st;

        return stat(d->log_file, &st) == 0 ? st.st_size : 0;
}

void pic__daemon_log_since(const pic__daemon *d, off_t from, char *text, size_t size)
{
        FILE *f = fopen(d->log_file, "re");
        off_t end = pic__daemon_log_size(d);
        size_t n = 0;

        if (end - from >= (off_t)size)
                from = end - (off_t)size + 1;
        if (f != NULL && fseeko(f, from, SEEK_SET) == 0)
                n = fread(text, 1, size - 1, f);
        if (f != NULL)
                (void)fclose(f);
        text[n] = '\0';
}

const char *pic__daemon_last_line(char *text)
{
        size_t len = strlen(text);
        char *line;

        while (len > 0 && text[len - 1] == '\n')
                text[--len] = '\0';
        line = strrchr(text, '\n');
        return len == 0 ? NULL : line != NULL ? line + 1 : text;
}
