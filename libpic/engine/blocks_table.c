/* Owns: the table of all block lists, made anew by a child whenever it is made of other copies than it should be.
 * Beside it stands what it is made of, so that a restarted agent makes none that is there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "engine/blocks_i.h"
#include "sieve/share.h"
#include "sys/beside.h"
#include "sys/file.h"

#define BUILD_MS 60000
#define AGAIN (30 * PIC__SECOND)

static pic_time mono(const pic__engine *e)
{
        return e->clock->mono(e->clock->data);
}

void pic__blocks_read_table(pic__engine *e)
{
        pic__auto_free char *path = pic__path_join(e->run_dir, PIC__SIEVE_DIR "/.made"),
                            *table = pic__path_join(e->run_dir, PIC__SIEVE_DIR "/" PIC__SIEVE_TABLE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__free(e->blocks->built);
        e->blocks->built = NULL;
        if (path != NULL && table != NULL && pic__file_exists(table) && pic__file_read(path, 65536, &text, NULL) == 0)
                e->blocks->built = pic__strdup(pic__buf_str(&text));
}

/* What it has to be made of: "3 1732650000000000" a line, in order of numbers. */
static void wanted(const pic__engine *e, pic__buf *out)
{
        const pic_obj *o;
        size_t at = 0;

        pic__buf_puts(out, "1\n"); /* the form */
        while ((o = pic__snap_next(e->snap, PIC__BLOCKLIST, &at)) != NULL) {
                const pic__block *b = pic__block_find(e, o->id);

                if (pic__obj_int(o, "enabled") != 0 && b != NULL && b->taken != 0)
                        pic__buf_putf(out, "%" PRId64 " %" PRId64 "\n", (int64_t)o->id, (int64_t)b->taken);
        }
}

/* A copy that was lost is fetched again; the table is made of the others meanwhile. */
static int add_copy(pic__engine *e, pic__block *b, pic__buf *word)
{
        pic__auto_free char *path = pic__block_path(e, b->id, "keys");

        if (path == NULL)
                return -1;
        if (!pic__file_exists(path)) {
                b->taken = b->next = b->file_time = 0;
                return 0;
        }
        pic__buf_putf(word, "%" PRId64 "=%s", (int64_t)b->id, path);
        return word->failed ? -1 : 1;
}

static int start_build(pic__engine *e, pic_error **err)
{
        pic__auto_free char *program = pic__beside_find(PIC__SIEVE_PROGRAM),
                            *dir = pic__path_join(e->run_dir, PIC__SIEVE_DIR),
                            *out = dir != NULL ? pic__path_join(dir, ".table") : NULL;
        const pic__job_opts opts = { .timeout_ms = BUILD_MS };
        const char *argv[PIC__BLOCKLISTS_MAX + 4] = { program, "build", out };
        pic__buf words[PIC__BLOCKLISTS_MAX] = { PIC__BUF_INIT };
        const pic_obj *o;
        size_t at = 0, n = 0;
        int r = out == NULL ? pic__nomem(err) : pic__sieve_dir_make(dir, err);

        if (r == 0 && program == NULL)
                r = pic__fail(err, PIC_UNSUPPORTED, PIC__SIEVE_PROGRAM " is not beside picd, nor installed");
        while (r == 0 && n < PIC__BLOCKLISTS_MAX && (o = pic__snap_next(e->snap, PIC__BLOCKLIST, &at)) != NULL) {
                pic__block *b = pic__block_find(e, o->id);
                int added =
                        pic__obj_int(o, "enabled") != 0 && b != NULL && b->taken != 0 ? add_copy(e, b, &words[n]) : 0;

                if (added < 0)
                        r = pic__nomem(err);
                else if (added > 0) {
                        argv[3 + n] = pic__buf_str(&words[n]);
                        n++;
                }
        }
        if (r == 0)
                r = pic__job_start(argv, &opts, &e->blocks->build, err);
        for (at = 0; at < PIC__BLOCKLISTS_MAX; at++)
                pic__buf_free(&words[at]);
        return r;
}

/* "3=/…/3.keys: no list": that copy is worth nothing. */
static void lose_copy(pic__engine *e, const char *said)
{
        long long id = 0;
        pic__block *b;

        if (strstr(said, ": no list") == NULL || sscanf(said, "%lld=", &id) != 1)
                return;
        b = pic__block_find(e, (pic_id)id);
        if (b == NULL || id == 0)
                return;
        pic__block_leave_files(e, b->id);
        b->taken = b->next = b->file_time = 0;
        e->blocks->build_next = 0;
}

static int publish(pic__engine *e, pic_error **err)
{
        pic__auto_free char *dir = pic__path_join(e->run_dir, PIC__SIEVE_DIR),
                            *from = dir != NULL ? pic__path_join(dir, ".table") : NULL,
                            *made = dir != NULL ? pic__path_join(dir, ".made") : NULL;
        int r = made == NULL || from == NULL || e->blocks->building == NULL
                        ? pic__nomem(err)
                        : pic__sieve_publish(from, dir, PIC__SIEVE_TABLE, err);

        if (r == 0)
                r = pic__file_write(made, e->blocks->building, strlen(e->blocks->building), 0600, err);
        if (r < 0)
                return r;
        pic__engine_share_sieve(e);
        pic__free(e->blocks->built);
        e->blocks->built = pic__take(e->blocks->building);
        pic__block_keep(&e->blocks->build_error, NULL);
        return 0;
}

static void build_failed(pic__engine *e, const pic_error *why)
{
        if (e->blocks->build_error == NULL)
                pic__log_err(e->log, PIC_LOG_WARNING, "blocks", why);
        pic__block_keep(&e->blocks->build_error, pic_error_message(why));
        e->blocks->build_next = mono(e) + AGAIN;
}

static void build_ended(pic__engine *e)
{
        struct pic__blocks *d = e->blocks;
        pic__auto_err pic_error *why = NULL;
        int status = 0, r = pic__job_go_on(d->build, &status, &why);

        if (r == 0)
                return;
        if (r > 0 && status != 0) {
                r = pic__fail(&why, PIC_BACKEND, "the table of block lists is not made: %.200s",
                              pic__buf_str(pic__job_said(d->build)));
                build_failed(e, why);
                lose_copy(e, pic__buf_str(pic__job_said(d->build)));
        } else {
                r = r > 0 ? publish(e, &why) : r;
                if (r < 0)
                        build_failed(e, why);
        }
        d->build = pic__job_unref(d->build);
}

void pic__blocks_make_table(pic__engine *e)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        struct pic__blocks *d = e->blocks;
        pic__auto_err pic_error *why = NULL;

        if (d->build != NULL)
                build_ended(e);
        wanted(e, &text);
        if (d->build != NULL || text.failed || mono(e) < d->build_next ||
            (d->built != NULL && strcmp(d->built, pic__buf_str(&text)) == 0))
                return;
        pic__free(d->building);
        d->building = pic__buf_steal(&text);
        if (start_build(e, &why) < 0)
                build_failed(e, why);
}
