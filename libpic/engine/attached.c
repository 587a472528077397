/* Owns: that the wishes are read beside the networks the machine is attached to: what "lan" and "internet" mean depends
 * on them. The agent's snapshot has them before anything is derived of it, or nothing is derived: what cannot be seen
 * is not taken for the internet. Those that the rules were made with stand in a file of the run directory, so that who
 * asks from elsewhere (another user, another network namespace) gets the agent's answer. */
#include <string.h>
#include <unistd.h>

#include "backend/route/route.h"
#include "engine/engine_i.h"
#include "engine/hostnet.h"
#include "engine/paths.h"
#include "sys/file.h"

#define FILE_MAX ((size_t)1 << 20)

static int look(pic__engine *e, pic__attached *out, pic_error **err)
{
        pic__backend *b = e->backends[PIC__B_ROUTE];
        int r = b->ops->attached(b, out, err);

        if (r < 0)
                (void)pic__wrap(err, "looking at the networks of this machine");
        return r;
}

int pic__engine_attach(pic__engine *e, pic__snap *s, pic_error **err)
{
        pic__auto_attached pic__attached nets = PIC__VEC_INIT;
        int r = look(e, &nets, err);

        if (r < 0)
                return r;
        r = !pic__attached_same(&nets, pic__snap_attached(s));
        pic__snap_attach(s, &nets);
        return r;
}

int pic__engine_moved(pic__engine *e)
{
        pic__auto_attached pic__attached nets = PIC__VEC_INIT;

        return e->snap == NULL || look(e, &nets, NULL) < 0 || !pic__attached_same(&nets, pic__snap_attached(e->snap));
}

static void put_line(const pic__attached *nets, pic__buf *out)
{
        char text[PIC__PREFIX_TEXT];
        size_t i;

        for (i = 0; i < nets->count; i++)
                pic__buf_putf(out, "%s%s", i > 0 ? ", " : "", pic__prefix_print(&nets->at[i], text));
        if (nets->count == 0)
                pic__buf_puts(out, "none but private ones");
}

/* A file that cannot be written is taken away: no answer is better than that of another day. */
static void note(const pic__engine *e, const char *path)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, line = PIC__BUF_INIT;
        pic__auto_err pic_error *bad = NULL;
        const pic__attached *nets = pic__snap_attached(e->snap);

        pic__attached_print(nets, &text);
        put_line(nets, &line);
        pic__log_put(e->log, PIC_LOG_INFO, "engine", "networks of this machine, which belong to lan: %s",
                     pic__buf_str(&line));
        if (text.failed || pic__file_write(path, pic__buf_str(&text), text.len, 0644, &bad) < 0) {
                pic__log_err(e->log, PIC_LOG_WARNING, "engine", bad);
                (void)unlink(path);
        }
}

void pic__engine_note_attached(pic__engine *e)
{
        pic__auto_free char *path = pic__path_join(e->run_dir, PIC__ATTACHED_FILE);
        pic__auto_attached pic__attached was = PIC__VEC_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (path == NULL)
                return;
        if (pic__file_exists(path) && pic__file_read(path, FILE_MAX, &text, NULL) == 0 &&
            pic__attached_parse(&was, pic__buf_str(&text), NULL) == 0 &&
            pic__attached_same(&was, pic__snap_attached(e->snap)))
                return;
        note(e, path);
}

void pic__engine_forget_attached(const pic__engine *e)
{
        pic__auto_free char *path = pic__path_join(e->run_dir, PIC__ATTACHED_FILE);

        if (path != NULL)
                (void)unlink(path);
}

static int difference(pic__engine *e, pic__items *before, pic__items *after, pic__steps *steps, pic_error **err)
{
        int r = pic__derive_classes(e->snap, before, err);

        if (r == 0)
                r = pic__engine_attach(e, e->snap, err);
        if (r >= 0)
                r = pic__derive_classes(e->snap, after, err);
        return r < 0 ? r : pic__plan_diff(before, after, steps, err);
}

int pic__engine_follow(pic__engine *e, size_t *ret_steps, pic_error **err)
{
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        int r;

        if (!pic__engine_moved(e))
                return 0;
        e->dirty = 1; /* until it has all gone well */
        r = difference(e, &before, &after, &steps, err);
        if (r == 0)
                r = pic__engine_run(e, &steps, err);
        if (r < 0)
                return r;
        e->dirty = 0;
        *ret_steps += steps.count;
        pic__engine_note_attached(e);
        return 0;
}

static int read_file(const char *path, pic__attached *out, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = pic__file_read(path, FILE_MAX, &text, err);

        if (r == 0)
                r = pic__attached_parse(out, pic__buf_str(&text), err);
        if (r < 0)
                (void)pic__wrap(err, "%s", path);
        return r;
}

/* And what is known of exits, as the agent keeps it. */
static int tell_exits(const char *run_dir, pic__snap *s, pic_error **err)
{
        pic__exits_known known = { .id = { 0 } };
        int r = pic__exits_known_read(run_dir, &known, err);

        if (r == 0)
                r = pic__exits_known_tell(&known, s, err);
        pic__exits_known_clear(&known);
        return r;
}

int pic__hostnet_attach(const char *run_dir, int fake, pic__snap *s, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(run_dir, PIC__ATTACHED_FILE);
        pic__auto_attached pic__attached nets = PIC__VEC_INIT;
        int r = 0;

        if (path == NULL)
                return pic__nomem(err);
        if (pic__file_exists(path))
                r = read_file(path, &nets, err);
        else if (!fake)
                r = pic__route_host_attached(&nets, err);
        if (r == 0)
                pic__snap_attach(s, &nets);
        return r < 0 ? r : tell_exits(run_dir, s, err);
}
