/* Owns: a drill of what a target holds: got by pic-keep into a file without a name, then as any other; or of a file
 * that somebody brought. */
#include "drill/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/json_in.h"
#include "engine/drill.h"
#include "engine/keep.h"
#include "sys/beside.h"
#include "sys/spawn.h"

enum { PIECE = 256 << 10, SAID = 2 << 20 };

struct source {
        int fd;
        uint8_t *room;
};

static void source_end(struct source *s)
{
        if (s->fd >= 0)
                (void)close(s->fd);
        pic__free(s->room);
}

static int next(void *arg, const void **ret_data, size_t *ret_len, pic_error **err)
{
        struct source *s = arg;
        ssize_t n;

        do {
                n = read(s->fd, s->room, PIECE);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return pic__fail_errno(err, errno, "what was got cannot be read");
        *ret_data = s->room;
        *ret_len = (size_t)n;
        return n > 0;
}

/* --- getting it -------------------------------------------------------------------------------------------------- */

/* Backups may be larger than what memory is for: on the disk, where there is one that is not memory. */
static int nameless(pic_error **err)
{
        static const char *const places[] = { "/var/tmp", "/tmp" };
        int fd = -1;
        size_t i;

        for (i = 0; fd < 0 && i < PIC__COUNT(places); i++)
                fd = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        return fd >= 0 ? pic__fd_above(fd) : pic__fail_errno(err, errno, "there is no place for what is got");
}

static int told(const char *text, pic_error **err)
{
        int fd = pic__fd_above(memfd_create("pic-order", MFD_CLOEXEC));
        size_t len = strlen(text);

        if (fd >= 0 && write(fd, text, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0)
                return fd;
        if (fd >= 0)
                (void)close(fd);
        return pic__fail_errno(err, errno, "the keeper cannot be told anything");
}

/* To its end; what it says goes into `said`. */
static int run(const char *program, int order, int out, int said, pic_error **err)
{
        const char *argv[] = { program, NULL };
        const int fds[3] = { order, out, said };
        pic__proc proc = { 0, -1 };
        int r = pic__spawn(argv, NULL, fds, &proc, err);

        if (r < 0)
                return r;
        while (waitpid(proc.pid, NULL, 0) < 0 && errno == EINTR)
                ;
        (void)close(proc.pidfd);
        return 0;
}

static int answer(int said, pic__doc **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char part[4096];
        ssize_t n;
        off_t at = 0;

        while (at < SAID && (n = pread(said, part, sizeof(part), at)) > 0) {
                pic__buf_put(&text, part, (size_t)n);
                at += n;
        }
        return text.failed ? pic__nomem(err) : pic__keep_said(pic__buf_str(&text), ret, err);
}

static int fetch(const char *order, int out, pic__doc **ret, pic_error **err)
{
        pic__auto_free char *program = pic__beside_find(PIC__KEEP_PROGRAM);
        int input, said, r;

        if (program == NULL)
                return pic__fail(err, PIC_UNSUPPORTED, PIC__KEEP_PROGRAM " is not beside this program, nor installed");
        input = told(order, err);
        if (input < 0)
                return input;
        said = pic__fd_above(memfd_create("pic-said", MFD_CLOEXEC));
        r = said >= 0 ? run(program, input, out, said, err) : pic__fail_errno(err, errno, "the keeper cannot be heard");
        if (r == 0)
                r = answer(said, ret, err);
        (void)close(input);
        if (said >= 0)
                (void)close(said);
        return r;
}

/* --- and trying it ----------------------------------------------------------------------------------------------- */

static void clear_keys(pic__age_keys *k)
{
        pic__age_keys_clear(k);
}

static void drop(pic__unpack **u)
{
        pic__unpack_free(*u);
}

static int take_keys(const pic__drill_order *o, pic__age_keys *keys, pic_error **err)
{
        const pic__node *one = o->identities != NULL ? o->identities->first : NULL;
        int r = o->passphrase != NULL ? pic__age_keys_passphrase(keys, o->passphrase, err) : 0;

        for (; r == 0 && one != NULL; one = one->next)
                r = one->type == PIC__N_SCALAR ? pic__age_keys_identity(keys, one->text, strlen(one->text), err) : 0;
        return r;
}

/* As pic-keep tells how far it is: the check that is next, and how many are done. */
static void entered(enum pic__drill_check check)
{
        (void)dprintf(STDERR_FILENO, "at %s %d\n", check + 1 < PIC__DRILL_CHECKS ? pic__drill_checks[check + 1] : "end",
                      (int)check + 1);
}

static int try(const pic__drill_order *o, struct source *s, pic__json *j, pic_error **err)
{
        PIC__AUTO(clear_keys) pic__age_keys keys = { .passphrase = NULL };
        PIC__AUTO(pic__book_clear) pic__drill_book book;
        PIC__AUTO(drop) pic__unpack *u = NULL;
        const pic__drill_opts opts = { .clock = &pic__clock_real, .fake = o->fake, .of = o->of };
        pic__auto_err pic_error *bad = NULL;
        int r = take_keys(o, &keys, &bad), locked = keys.passphrase != NULL || keys.identity_count > 0;

        pic__book_begin(&book, &pic__clock_real);
        book.entered = entered;
        if (r == 0)
                r = pic__unpack_new(locked ? &keys : NULL, o->work_factor, 0, next, s, &u, &bad);
        /* a target's own backup that its own passphrase does not open is not one that comes back */
        if (r == PIC_DENIED && o->target)
                pic__book_fail(&book, PIC__DRILL_OPENS, bad);
        if (r == 0)
                r = pic__drill(&opts, u, &book, &bad);
        else if ((r == PIC_DENIED && o->target) || pic__drill_judge(&book, PIC__DRILL_OPENS, bad))
                r = 0;
        if (r == 0) {
                pic__json_key(j, "drill");
                pic__drill_put(&book, u != NULL ? pic__unpack_manifest(u) : NULL, j);
        } else if (err != NULL)
                *err = pic__take(bad);
        return r;
}

int pic__drill_target(const pic__drill_order *o, pic__json *j, pic_error **err)
{
        PIC__AUTO(source_end) struct source s = { .fd = nameless(err), .room = pic__alloc(PIECE) };
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        int r = s.fd < 0 ? s.fd : s.room == NULL ? pic__nomem(err) : fetch(o->fetch, s.fd, &doc, err);

        if (r == 0 && lseek(s.fd, 0, SEEK_SET) < 0)
                r = pic__fail_errno(err, errno, "what was got cannot be read");
        if (r < 0)
                return r;
        pic__json_kstr(j, "name", pic__node_str(pic__doc_root(doc), "name", NULL));
        return try(o, &s, j, err);
}

int pic__drill_file(const pic__drill_order *o, pic__json *j, pic_error **err)
{
        PIC__AUTO(source_end) struct source s = { .fd = dup(STDOUT_FILENO), .room = pic__alloc(PIECE) };

        if (s.fd < 0 || s.room == NULL)
                return s.fd < 0 ? pic__fail_errno(err, errno, "no file came along") : pic__nomem(err);
        return try(o, &s, j, err);
}
