/* Owns: when which block list is fetched, read and taken, and when the table is made anew. */
#include "engine/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/blocks_i.h"
#include "engine/notes.h"
#include "sieve/share.h"
#include "sys/beside.h"
#include "sys/file.h"

#define FETCH_MS 120000
#define COMPILE_MS 60000
#define HOUR (3600 * PIC__SECOND)
#define SMALL 100 /* names: fewer may become as few as they like */

static pic_time wall(const pic__engine *e)
{
        return e->clock->now(e->clock->data);
}

pic__block *pic__block_find(const pic__engine *e, pic_id id)
{
        size_t i;

        for (i = 0; e->blocks != NULL && i < PIC__BLOCKLISTS_MAX; i++)
                if (e->blocks->at[i].id == id)
                        return &e->blocks->at[i];
        return NULL;
}

char *pic__block_path(const pic__engine *e, pic_id id, const char *end)
{
        char name[64];

        snprintf(name, sizeof(name), PIC__BLOCKS_DIR "/%" PRId64 ".%s", (int64_t)id, end);
        return pic__path_join(e->dir, name);
}

void pic__engine_drop_blocks(pic__engine *e)
{
        struct pic__blocks *d = e->blocks;
        size_t i;

        if (d == NULL)
                return;
        for (i = 0; i < PIC__BLOCKLISTS_MAX; i++)
                pic__block_clear(&d->at[i]);
        pic__job_unref(d->build);
        pic__free(d->building);
        pic__free(d->built);
        pic__free(d->build_error);
        close(d->epoll);
        pic__free(d);
        e->blocks = NULL;
}

static int watch(pic__engine *e, pic_error **err)
{
        pic__auto_free char *dir = pic__path_join(e->dir, PIC__BLOCKS_DIR);
        struct pic__blocks *d;
        int r;

        if (e->blocks != NULL)
                return 0;
        r = dir != NULL ? pic__dir_make(dir, 0700, err) : pic__nomem(err);
        if (r < 0)
                return r;
        d = pic__alloc(sizeof(*d));
        if (d == NULL)
                return pic__nomem(err);
        d->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (d->epoll < 0) {
                pic__free(d);
                return pic__fail_errno(err, errno, "cannot watch block lists");
        }
        e->blocks = d;
        pic__blocks_load(e->dir, d->at);
        pic__blocks_read_table(e);
        return 0;
}

static void wait_for(const struct pic__blocks *d, int fd)
{
        struct epoll_event ev = { .events = EPOLLIN };

        if (fd >= 0)
                (void)epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static void save(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;

        if (pic__blocks_save(e->dir, e->blocks->at, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "blocks", bad);
}

/* --- which there are -------------------------------------------------------------------------------------------- */

void pic__block_leave_files(const pic__engine *e, pic_id id)
{
        static const char *const ends[] = { "keys", "new", "fresh" };
        size_t i;

        for (i = 0; i < PIC__COUNT(ends); i++) {
                pic__auto_free char *path = pic__block_path(e, id, ends[i]);

                if (path != NULL)
                        (void)unlink(path);
        }
}

static int same_source(const pic__block *b, const pic_obj *o)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "%s %s", pic__obj_text(o, "format"), pic__obj_text(o, "source"));
        return b->source != NULL && strcmp(b->source, pic__buf_str(&text)) == 0;
}

static void begin(pic__block *b, const pic_obj *o)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "%s %s", pic__obj_text(o, "format"), pic__obj_text(o, "source"));
        pic__free(b->source);
        b->source = pic__buf_steal(&text);
        b->http = pic__http_unref(b->http);
        b->job = pic__job_unref(b->job);
        pic__free(b->etag);
        pic__free(b->modified);
        b->etag = b->modified = NULL;
        b->next = b->file_time = b->file_size = b->names = 0; /* it may be much smaller: it is another */
        b->failures = 0;
}

/* What is there no more leaves nothing behind; another source begins anew, and its copy stays until then. */
static void follow(pic__engine *e)
{
        struct pic__blocks *d = e->blocks;
        const pic_obj *o;
        size_t at = 0, i;

        for (i = 0; i < PIC__BLOCKLISTS_MAX; i++)
                if (d->at[i].id != 0 && pic__snap_get(e->snap, PIC__BLOCKLIST, d->at[i].id) == NULL) {
                        pic__block_leave_files(e, d->at[i].id);
                        pic__block_clear(&d->at[i]);
                }
        while ((o = pic__snap_next(e->snap, PIC__BLOCKLIST, &at)) != NULL) {
                pic__block *b = pic__block_find(e, o->id);

                if (b == NULL)
                        b = pic__block_find(e, 0);
                if (b == NULL || (b->id == o->id && same_source(b, o)))
                        continue;
                b->id = o->id;
                begin(b, o);
        }
}

/* --- one attempt ------------------------------------------------------------------------------------------------ */

static void note(pic__engine *e, const pic__block *b, const char *verb, const char *text)
{
        const pic_obj *o = pic__snap_get(e->snap, PIC__BLOCKLIST, b->id);

        if (o == NULL)
                return;
        pic__log_put(e->log, strcmp(verb, "fetch") == 0 ? PIC_LOG_INFO : PIC_LOG_WARNING, "blocks", "block list %s: %s",
                     pic__obj_name(o), text);
        pic__engine_remark_on(e, o, verb, text, &pic__bound_exits);
}

static pic_time usual(const pic__engine *e, const pic__block *b)
{
        const pic_obj *o = pic__snap_get(e->snap, PIC__BLOCKLIST, b->id);

        return o != NULL ? pic__obj_int(o, "refresh") * HOUR : 24 * HOUR;
}

static void end_attempt(pic__engine *e, pic__block *b)
{
        pic__auto_free char *fresh = pic__block_path(e, b->id, "fresh"), *compiled = pic__block_path(e, b->id, "new");

        b->http = pic__http_unref(b->http);
        b->job = pic__job_unref(b->job);
        if (b->fd > 0)
                close(b->fd);
        b->fd = 0;
        b->forced = 0;
        b->tried = wall(e);
        if (fresh != NULL && compiled != NULL) {
                (void)unlink(fresh);
                (void)unlink(compiled);
        }
}

static void went_wrong(pic__engine *e, pic__block *b, const pic_error *why)
{
        int news = b->failures == 0;

        end_attempt(e, b);
        b->failures += b->failures < 1000;
        b->next = b->tried + pic__block_patience(b->failures, usual(e, b));
        pic__block_keep(&b->error, pic_error_message(why));
        pic__block_keep(&b->hint, pic_error_hint(why));
        if (news) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;

                pic__buf_putf(&text, "it is not fetched: %s", pic_error_message(why));
                note(e, b, "fetch-failed", pic__buf_str(&text));
        }
        save(e);
}

static void went_well(pic__engine *e, pic__block *b)
{
        end_attempt(e, b);
        b->failures = 0;
        b->checked = b->tried;
        b->next = b->tried + usual(e, b);
        pic__block_keep(&b->error, NULL);
        pic__block_keep(&b->hint, NULL);
        save(e);
}

static int start_compile(pic__engine *e, const pic_obj *o, pic__block *b, const char *from, pic_error **err)
{
        const pic__job_opts opts = { .timeout_ms = COMPILE_MS };
        pic__auto_free char *program = pic__beside_find(PIC__SIEVE_PROGRAM), *to = pic__block_path(e, b->id, "new");
        const char *argv[] = { program, "compile", pic__obj_text(o, "format"), from, to, NULL };

        if (program == NULL)
                return pic__fail(err, PIC_UNSUPPORTED, PIC__SIEVE_PROGRAM " is not beside picd, nor installed");
        return to != NULL ? pic__job_start(argv, &opts, &b->job, err) : pic__nomem(err);
}

/* One that lost nearly all its names was cut on the way, or is a page that says why there is none. */
static int refuse_small(const pic__block *was, const pic__block *now, pic_error **err)
{
        if (now->names == 0)
                pic__fail(err, PIC_VALUE, "there is no name in it (%" PRId64 " lines)", now->lines);
        else if (!was->forced && was->taken != 0 && was->names > SMALL && now->names * 10 < was->names)
                pic__fail(err, PIC_VALUE, "it has %" PRId64 " names now and had %" PRId64 ": not taken", now->names,
                          was->names);
        else
                return 0;
        pic__hint(err, "Look at it; `pic dns block refresh` takes it as it is, unless it is empty");
        return PIC_VALUE;
}

static int take(pic__engine *e, pic__block *b, const char *said, pic_error **err)
{
        pic__auto_free char *from = pic__block_path(e, b->id, "new"), *to = pic__block_path(e, b->id, "keys");
        pic__block now = { .id = b->id };
        char text[96];
        int r = from != NULL && to != NULL ? 0 : pic__nomem(err);

        if (r == 0 && pic__block_said(said, &now) < 0)
                r = pic__fail(err, PIC_BACKEND, "it could not be read: %.100s", said);
        if (r == 0)
                r = refuse_small(b, &now, err);
        if (r == 0 && rename(from, to) < 0)
                r = pic__fail_errno(err, errno, "%s", to);
        if (r < 0) {
                pic__free(now.faults);
                return r;
        }
        if (b->taken == 0 || b->names != now.names) {
                snprintf(text, sizeof(text), "%" PRId64 " names, %" PRId64 " lines passed over", now.names,
                         now.skipped);
                note(e, b, "fetch", text);
        }
        b->names = now.names;
        b->lines = now.lines;
        b->skipped = now.skipped;
        pic__free(b->faults);
        b->faults = now.faults;
        b->taken = wall(e);
        return 0;
}

static void compiled(pic__engine *e, pic__block *b)
{
        pic__auto_err pic_error *why = NULL;
        int status = 0, r = pic__job_go_on(b->job, &status, &why);

        if (r == 0)
                return;
        if (r > 0 && status != 0)
                r = pic__fail(&why, PIC_VALUE, "it cannot be read: %.100s", pic__buf_str(pic__job_said(b->job)));
        if (r > 0)
                r = take(e, b, pic__buf_str(pic__job_said(b->job)), &why);
        if (r < 0)
                went_wrong(e, b, why);
        else
                went_well(e, b);
}

static void fetched(pic__engine *e, const pic_obj *o, pic__block *b)
{
        pic__auto_free char *fresh = pic__block_path(e, b->id, "fresh");
        pic__auto_err pic_error *why = NULL;
        int status = 0, r = pic__http_go_on(b->http, &status, &why);

        if (r == 0)
                return;
        if (r > 0 && status == 304) {
                went_well(e, b);
                return;
        }
        if (r > 0 && status != 200)
                r = pic__fail(&why, PIC_BACKEND, "its server answers %d", status);
        if (r > 0) {
                pic__block_keep(&b->etag, pic__http_version(b->http, "etag"));
                pic__block_keep(&b->modified, pic__http_version(b->http, "last-modified"));
                b->http = pic__http_unref(b->http);
                r = fresh != NULL ? start_compile(e, o, b, fresh, &why) : pic__nomem(&why);
        }
        if (r < 0)
                went_wrong(e, b, why);
}

static int start_fetch(pic__engine *e, const pic_obj *o, pic__block *b, pic_error **err)
{
        pic__auto_free char *fresh = pic__block_path(e, b->id, "fresh"), *keys = pic__block_path(e, b->id, "keys");
        char match[320] = "", since[128] = "";
        const char *headers[3] = { NULL, NULL, NULL };
        pic__http_opts opts = {
                .timeout_ms = FETCH_MS, .max = PIC__BLOCKS_SOURCE_MAX, .headers = headers, .ca_file = e->web_ca
        };
        size_t n = 0;

        if (fresh == NULL || keys == NULL)
                return pic__nomem(err);
        if (b->etag != NULL && pic__file_exists(keys)) {
                snprintf(match, sizeof(match), "If-None-Match: %s", b->etag);
                headers[n++] = match;
        }
        if (b->modified != NULL && pic__file_exists(keys)) {
                snprintf(since, sizeof(since), "If-Modified-Since: %s", b->modified);
                headers[n] = since;
        }
        b->fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (b->fd < 0) {
                b->fd = 0;
                return pic__fail_errno(err, errno, "%s", fresh);
        }
        opts.to_fd = b->fd;
        return pic__http_start(pic__obj_text(o, "source"), &opts, &b->http, err);
}

/* A file is read when it is another than it was, or when somebody wants that. 1: there is nothing to do. */
static int start_file(pic__engine *e, const pic_obj *o, pic__block *b, pic_error **err)
{
        const char *path = pic__obj_text(o, "source");
        struct stat st;
        int64_t time;

        if (stat(path, &st) < 0)
                return pic__fail_errno(err, errno, "%s", path);
        if (!S_ISREG(st.st_mode) || (size_t)st.st_size > PIC__BLOCKS_SOURCE_MAX)
                return pic__fail(err, PIC_VALUE, "%s: is no file of at most %zu bytes", path, PIC__BLOCKS_SOURCE_MAX);
        time = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        if (!b->forced && b->taken != 0 && b->file_time == time && b->file_size == st.st_size)
                return 1;
        b->file_time = time;
        b->file_size = st.st_size;
        return start_compile(e, o, b, path, err);
}

static void decide(pic__engine *e, const pic_obj *o, pic__block *b)
{
        int file = pic__blocklist_is_file(o), r;
        pic__auto_err pic_error *why = NULL;
        pic_time now = wall(e);

        if (b->http != NULL || b->job != NULL)
                return;
        if (!b->forced && now < b->next && b->next - now <= 31 * 24 * HOUR && !(file && b->failures == 0))
                return;
        r = file ? start_file(e, o, b, &why) : start_fetch(e, o, b, &why);
        if (r < 0)
                went_wrong(e, b, why);
}

/* --- turns ------------------------------------------------------------------------------------------------------ */

static void one_turn(pic__engine *e, const pic_obj *o, pic__block *b)
{
        if (b->http != NULL)
                fetched(e, o, b);
        else if (b->job != NULL)
                compiled(e, b);
        decide(e, o, b);
        if (b->http != NULL)
                wait_for(e->blocks, pic__http_fd(b->http));
        if (b->job != NULL)
                wait_for(e->blocks, pic__job_fd(b->job));
}

/* What removed ones left is told by a directory that is there. */
static int any(const pic__engine *e)
{
        pic__auto_free char *dir = NULL;

        if (pic__snap_count(e->snap, PIC__BLOCKLIST) > 0 || e->blocks != NULL)
                return 1;
        dir = pic__path_join(e->dir, PIC__BLOCKS_DIR "/" PIC__BLOCKS_FILE);
        return dir != NULL && pic__file_exists(dir);
}

/* The last is gone. */
static void tidy(pic__engine *e)
{
        static const char *const files[] = { PIC__SIEVE_TABLE, ".made", ".table" };
        pic__auto_free char *dir = pic__path_join(e->dir, PIC__BLOCKS_DIR),
                            *state = dir != NULL ? pic__path_join(dir, PIC__BLOCKS_FILE) : NULL;
        size_t i;

        if (pic__snap_count(e->snap, PIC__BLOCKLIST) > 0)
                return;
        pic__engine_drop_blocks(e);
        if (state != NULL && unlink(state) == 0)
                (void)rmdir(dir);
        for (i = 0; i < PIC__COUNT(files); i++) {
                char path[640];

                if (snprintf(path, sizeof(path), "%s/" PIC__SIEVE_DIR "/%s", e->run_dir, files[i]) < (int)sizeof(path))
                        (void)unlink(path);
        }
}

void pic__engine_blocks_turn(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;
        const pic_obj *o;
        size_t at = 0;

        if (e->fake || e->snap == NULL || e->stopping || pic__snap_cell(e->snap) == NULL || !any(e)) {
                pic__engine_drop_blocks(e);
                return;
        }
        if (watch(e, &bad) < 0) {
                pic__log_err(e->log, PIC_LOG_WARNING, "blocks", bad);
                return;
        }
        follow(e);
        while ((o = pic__snap_next(e->snap, PIC__BLOCKLIST, &at)) != NULL) {
                pic__block *b = pic__block_find(e, o->id);

                if (b != NULL && pic__obj_int(o, "enabled") != 0)
                        one_turn(e, o, b);
                else if (b != NULL && (b->http != NULL || b->job != NULL))
                        end_attempt(e, b);
        }
        if (pic__blocklists_any(e->snap))
                pic__blocks_make_table(e);
        if (e->blocks->build != NULL)
                wait_for(e->blocks, pic__job_fd(e->blocks->build));
        tidy(e);
}

int pic__engine_blocks_fd(const pic__engine *e)
{
        return e->blocks != NULL ? e->blocks->epoll : -1;
}

/* --- asked for -------------------------------------------------------------------------------------------------- */

static int is_waiting(const struct pic__blocks *d)
{
        size_t i;

        for (i = 0; i < PIC__BLOCKLISTS_MAX; i++)
                if (d->at[i].forced)
                        return 1;
        return d->build != NULL;
}

static int force(pic__engine *e, const pic_obj *only, pic_error **err)
{
        const pic_obj *o;
        size_t at = 0, count = 0;

        while ((o = pic__snap_next(e->snap, PIC__BLOCKLIST, &at)) != NULL) {
                pic__block *b = pic__block_find(e, o->id);

                if (b == NULL || pic__obj_int(o, "enabled") == 0 || (only != NULL && only->id != o->id))
                        continue;
                b->forced = 1;
                count++;
        }
        if (count == 0)
                return pic__fail(err, PIC_BADSTATE, "%s: no block list that is on",
                                 only != NULL ? pic__obj_name(only) : "this cell");
        e->blocks->asked = 1;
        pic__engine_blocks_turn(e);
        return 0;
}

int pic__engine_block_refresh(pic__engine *e, const char *name, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        int r = name != NULL ? pic__store_get(e->store, PIC__BLOCKLIST, name, &o, err) : 0;

        if (r < 0)
                return r;
        if (e->fake)
                return pic__fail(err, PIC_UNSUPPORTED, "in the fake world nothing is fetched");
        if (e->snap == NULL)
                return pic__fail(err, PIC_BADSTATE, "nothing was applied yet");
        if (e->blocks == NULL || !e->blocks->asked) {
                pic__engine_blocks_turn(e);
                return force(e, o, err);
        }
        if (is_waiting(e->blocks))
                return 0;
        e->blocks->asked = 0;
        r = pic__engine_blocks(e, out, err);
        return r < 0 ? r : 1;
}
