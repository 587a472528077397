/* Owns: acting in this process, for the fake world. The engine is opened for each call, under a lock: two processes may
 * take turns, and neither may go on with what it remembers of a world that the other has changed since. An agent of the
 * fake world holds that lock as long as it runs: then it is asked, as in the real world. */
#include <stdio.h>
#include <unistd.h>

#include "engine/link_i.h"
#include "engine/lockfile.h"
#include "engine/paths.h"
#include "engine/revert.h"
#include "sys/file.h"

#define TURN_MS 50u /* of waiting for another process, between two looks for an agent */

struct local_link {
        pic__link link;
        pic__link *agent;
        pic__engine_opts opts;
        char *dir;
        char *run_dir;
};

static void close_p(int *fd)
{
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
}

static void name_self(char actor[32])
{
        if (geteuid() == 0)
                snprintf(actor, 32, "root");
        else
                snprintf(actor, 32, "uid %u", (unsigned)geteuid());
}

/* 0: it is our turn. 1: an agent acts here, ask it. */
static int take_turn(const struct local_link *s, unsigned timeout_ms, int *ret_lock, pic_error **err)
{
        unsigned waited = 0, wait_ms = 0;

        for (;;) {
                pic__auto_err pic_error *busy = NULL;
                int r = pic__lock_take(s->run_dir, PIC__LOCAL_LOCK, wait_ms, "another process", ret_lock, &busy);

                if (r == PIC_BUSY && pic__link_reaches(s->run_dir))
                        return 1;
                waited += wait_ms;
                if (r == 0 || r != PIC_BUSY || waited >= timeout_ms) {
                        pic__err_append(err, pic__take(busy));
                        return r;
                }
                wait_ms = timeout_ms - waited < TURN_MS ? timeout_ms - waited : TURN_MS;
        }
}

static int ask(pic__link *l, const pic__buf *request, unsigned timeout_ms, pic__buf *answer, pic_error **err)
{
        const struct local_link *s = (const struct local_link *)l;
        PIC__AUTO(pic__engine_unref_p) pic__engine *e = NULL;
        PIC__AUTO(close_p) int lock = -1;
        pic_time left;
        char actor[32];
        int r;

        r = pic__cell_there(s->dir, err); /* first: where there is no cell, nothing is made */
        if (r == 0)
                r = pic__dir_make(s->run_dir, 0755, err);
        if (r == 0)
                r = take_turn(s, timeout_ms, &lock, err);
        if (r == 1)
                return s->agent->ops->ask(s->agent, request, timeout_ms, answer, err);
        if (r == 0)
                r = pic__engine_open(&s->opts, &e, err);
        if (r < 0)
                return r;
        if (pic__engine_confirm_left(e, &left) && left == 0)
                (void)pic__engine_revert(e, NULL);
        name_self(actor);
        (void)pic__verbs_handle(e, pic__buf_str(request), request->len, actor, answer);
        return 0;
}

/* A file is what a child of the agent's works on while nobody waits; nobody is here who would not. */
static int ask_along(pic__link *l, const pic__buf *request, int file, unsigned timeout_ms, pic__buf *answer,
                     pic_error **err)
{
        const struct local_link *s = (const struct local_link *)l;

        return s->agent->ops->ask_along(s->agent, request, file, timeout_ms, answer, err);
}

static void drop(pic__link *l)
{
        struct local_link *s = (struct local_link *)l;

        pic__link_unref(s->agent);
        pic__free(s->dir);
        pic__free(s->run_dir);
        pic__free(s);
}

int pic__link_local(const pic__engine_opts *opts, pic__link **ret, pic_error **err)
{
        static const pic__link_ops ops = { ask, drop, ask_along };
        struct local_link *s = pic__alloc(sizeof(*s));
        int r;

        if (s == NULL)
                return pic__nomem(err);
        s->link.ops = &ops;
        s->opts = *opts;
        s->dir = pic__strdup(opts->dir);
        s->run_dir = opts->run_dir != NULL ? pic__strdup(opts->run_dir) : pic__run_dir(opts->dir);
        if (s->dir == NULL || s->run_dir == NULL) {
                drop(&s->link);
                return pic__nomem(err);
        }
        s->opts.dir = s->dir;
        s->opts.run_dir = s->run_dir;
        r = pic__link_socket(s->run_dir, &s->agent, err);
        if (r < 0) {
                drop(&s->link);
                return r;
        }
        *ret = &s->link;
        return 0;
}
