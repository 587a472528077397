/* Owns: a folder of an SSH server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/web.h"

struct sftp {
        pic__far far;
        pic__web *web;
        char base[900]; /* sftp://HOST/FOLDER */
        char path[512]; /* of the folder, as SFTP's commands have it */
        int64_t now;    /* by the server's clock; 0: not asked yet */
};

enum { LINE = 1200 };

static int is_there(struct sftp *s, pic_error **err)
{
        char url[LINE];
        const pic__web_ask ask = { .url = url };
        long status;

        snprintf(url, sizeof(url), "%s/", s->base);
        return pic__web_do(s->web, &ask, &status, err);
}

/* Each folder of the path; those that are there refuse, which is fine. */
static int make(struct sftp *s, pic_error **err)
{
        char lines[16][LINE], url[LINE];
        const char *quote[17];
        const pic__web_ask ask = { .url = url, .quote = quote, .nothing = 1 };
        const char *at = s->path;
        size_t count = 0;
        long status;

        do {
                at = strchr(at + 1, '/');
                snprintf(lines[count], LINE, "*mkdir %.*s", (int)(at != NULL ? at - s->path : (long)strlen(s->path)),
                         s->path);
                quote[count] = lines[count];
                count++;
        } while (at != NULL && count < 16);
        quote[count] = NULL;
        snprintf(url, sizeof(url), "%s/", s->base);
        return pic__web_do(s->web, &ask, &status, err);
}

/* "-rw------- 1 user group 1234 Nov 27 00:40 name": what OpenSSH's server says, and nearly all others. */
static int take_line(char *line, pic__far_each each, void *arg)
{
        char *word[9], *save = NULL, *one;
        size_t count = 0;

        if (line[0] != '-')
                return 0;
        for (one = strtok_r(line, " ", &save); one != NULL && count < PIC__COUNT(word);
             one = strtok_r(NULL, " ", &save))
                word[count++] = one;
        if (count != PIC__COUNT(word) || one != NULL || !pic__far_name_ok(word[8]))
                return 0;
        return each(word[8], strtoull(word[4], NULL, 10), arg);
}

static int list(pic__far *f, pic__far_each each, void *arg, pic_error **err)
{
        struct sftp *s = (struct sftp *)f;
        pic__auto_err pic_error *none = NULL;
        pic__auto_free char *text = NULL;
        char *line, *save = NULL;
        size_t count = 0;
        int r = is_there(s, &none);

        if (r < 0 && pic_error_code(none) != PIC_DENIED && pic_error_code(none) != PIC_CANCELED && make(s, NULL) == 0)
                r = is_there(s, err);
        else if (r < 0)
                pic__err_append(err, pic__take(none));
        if (r < 0)
                return r;
        text = pic__strdup(pic__buf_str(pic__web_said(s->web)));
        if (text == NULL)
                return pic__nomem(err);
        for (line = strtok_r(text, "\r\n", &save); line != NULL && count < PIC__FAR_ENTRIES;
             line = strtok_r(NULL, "\r\n", &save), count++)
                if (take_line(line, each, arg) < 0)
                        return pic__nomem(err);
        return 0;
}

static int put(pic__far *f, const char *name, pic__far_source source, void *arg, pic_error **err)
{
        struct sftp *s = (struct sftp *)f;
        char url[LINE];
        const pic__web_ask ask = { .url = url, .source = source, .source_arg = arg };
        long status;

        snprintf(url, sizeof(url), "%s/%s", s->base, name);
        return pic__web_do(s->web, &ask, &status, err);
}

static int get(pic__far *f, const char *name, pic__far_sink sink, void *arg, pic_error **err)
{
        struct sftp *s = (struct sftp *)f;
        char url[LINE];
        const pic__web_ask ask = { .url = url, .sink = sink, .sink_arg = arg };
        long status;

        snprintf(url, sizeof(url), "%s/%s", s->base, name);
        return pic__web_do(s->web, &ask, &status, err);
}

static int command(struct sftp *s, const char *line, pic_error **err)
{
        char url[LINE];
        const char *quote[] = { line, NULL };
        const pic__web_ask ask = { .url = url, .quote = quote, .nothing = 1 };
        long status;

        snprintf(url, sizeof(url), "%s/", s->base);
        return pic__web_do(s->web, &ask, &status, err);
}

static int move(pic__far *f, const char *from, const char *to, pic_error **err)
{
        struct sftp *s = (struct sftp *)f;
        char line[2 * LINE];

        snprintf(line, sizeof(line), "rename %s/%s %s/%s", s->path, from, s->path, to);
        return command(s, line, err);
}

static int drop(pic__far *f, const char *name, pic_error **err)
{
        struct sftp *s = (struct sftp *)f;
        char line[LINE];

        snprintf(line, sizeof(line), "*rm %s/%s", s->path, name);
        return command(s, line, err);
}

static long nothing(void *arg, void *room, size_t len, pic_error **err)
{
        (void)arg, (void)room, (void)len, (void)err;
        return 0;
}

/* 0: it cannot be told. */
static int64_t changed(struct sftp *s, const char *name)
{
        char url[LINE];
        const pic__web_ask ask = { .url = url, .nothing = 1, .when = 1 };
        long status;

        snprintf(url, sizeof(url), "%s/%s", s->base, name);
        return pic__web_do(s->web, &ask, &status, NULL) == 0 ? pic__web_changed(s->web) : 0;
}

/* SFTP has no clock to ask: what was written a moment ago shows it. */
static int left(pic__far *f, const char *name, const char *own)
{
        struct sftp *s = (struct sftp *)f;
        int64_t then = changed(s, name);

        if (then != 0 && s->now == 0 && put(f, own, nothing, NULL, NULL) == 0) {
                s->now = changed(s, own);
                (void)drop(f, own, NULL);
        }
        return then != 0 && s->now - then > PIC__FAR_DEAD_S;
}

static void end(pic__far *f)
{
        struct sftp *s = (struct sftp *)f;

        pic__web_free(s->web);
        pic__free(s);
}

int pic__far_sftp(const pic__far_spec *spec, pic__far **ret, pic_error **err)
{
        static const pic__far_ops ops = { list, put, get, move, drop, left, NULL, NULL, end };
        const char *path = strcmp(spec->place.path, "/") != 0 ? spec->place.path : "";
        struct sftp *s = pic__alloc(sizeof(*s));
        int r;

        if (s == NULL)
                return pic__nomem(err);
        s->far.ops = &ops;
        snprintf(s->base, sizeof(s->base), "sftp://%s%s", spec->place.host, path);
        /* below the user's own folder: commands say it without a '/' */
        snprintf(s->path, sizeof(s->path), "%s", strncmp(path, "/~/", 3) == 0 ? path + 3 : path);
        r = pic__web_new(spec, &s->web, err);
        if (r < 0)
                end(&s->far);
        else
                *ret = &s->far;
        return r;
}
