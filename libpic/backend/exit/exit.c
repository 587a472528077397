/* Owns: the backend as plan/backend.h wants it. */
#include "backend/exit/exit.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/exit/awaited.h"
#include "backend/exit/hang.h"
#include "backend/exit/inside.h"
#include "backend/exit/keep.h"
#include "backend/exit/link.h"
#include "model/text.h"
#include "sys/file.h"

#define CHANGED "changed" /* the value of one that is not as any item says */
#define LONG ((pic_time)300000)
#define NOT_AGAIN ((pic_time)1000000)
#define LOOK_EVERY 15 /* ticks until one is looked at again though nothing was heard */

/* --- what there is ---------------------------------------------------------------------------------------------- */

static int take_up(pic__exit *b, unsigned slot, pic_error **err)
{
        pic__exit_space *s = NULL;
        size_t i;
        int r = pic__space_new(b, slot, &s, err);

        if (r == 0)
                r = pic__record_take(s, err);
        if (r < 0) {
                pic__space_free(s);
                return r;
        }
        pic__exit_watch_fd(b, &s->watched, pic__child_fd(s->holder));
        for (i = 0; i < s->processes; i++)
                pic__exit_watch_fd(b, &s->process[i].watched, pic__child_fd(s->process[i].child));
        b->at[slot] = s;
        return 0;
}

/* After our start: what an earlier life left. */
static int list(pic__exit *b, pic_error **err)
{
        struct dirent *entry;
        DIR *dir;
        int r = 0;

        if (b->listed)
                return 0;
        dir = opendir(b->dir);
        while (dir != NULL && r == 0 && (entry = readdir(dir)) != NULL) {
                long slot;

                if (pic__decimal(entry->d_name, 1, PIC__EXIT_SLOTS, &slot) == 0 && b->at[slot] == NULL)
                        r = take_up(b, (unsigned)slot, err);
        }
        if (dir != NULL)
                closedir(dir);
        b->listed = r == 0;
        return r;
}

/* Somebody took all of it away. */
static int gone(pic__exit_space *s)
{
        pic__exit_link_info link;

        return !pic__space_holds(s) && access(s->dir, F_OK) != 0 && pic__exit_link_get(s->dev, &link, NULL) == 0;
}

static void forget(pic__exit *b, unsigned slot)
{
        pic__exit_space *s = b->at[slot];
        size_t i;

        for (i = 0; i < s->processes; i++)
                pic__exit_watch_fd(b, &s->process[i].watched, -1);
        pic__exit_watch_fd(b, &s->watched, -1);
        pic__space_free(s);
        b->at[slot] = NULL;
}

static int tell(pic__exit_space *s, pic__items *out, pic_error **err)
{
        pic__item item = { .kind = PIC__I_EXIT_SPACE, .value = CHANGED };
        char key[8];

        snprintf(key, sizeof(key), "%u", s->slot);
        item.key = key;
        if (pic__exit_stands(s)) {
                item.value = s->value;
                item.secret = s->secret;
                item.secret_len = s->secret_len;
        }
        return pic__items_add_long(out, &item, err);
}

static int observe(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__exit *b = (pic__exit *)backend;
        unsigned slot;
        int r = list(b, err);

        for (slot = 1; slot <= PIC__EXIT_SLOTS && r == 0; slot++) {
                if (b->at[slot] != NULL && gone(b->at[slot]))
                        forget(b, slot);
                if (b->at[slot] != NULL)
                        r = tell(b->at[slot], out, err);
        }
        return r;
}

static int news(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__exit *b = (pic__exit *)backend;
        size_t i;
        int r;

        pic__exit_hear(b);
        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                if (b->at[i] != NULL && (b->at[i]->look || b->at[i]->value == NULL || !pic__space_holds(b->at[i])))
                        break;
        if (b->listed && i > PIC__EXIT_SLOTS)
                return 0;
        r = observe(backend, out, err);
        return r < 0 ? r : 1;
}

/* --- steps ------------------------------------------------------------------------------------------------------ */

static void drop(pic__exit *b, unsigned slot)
{
        pic__space_remove(b->at[slot]);
        forget(b, slot);
        (void)rmdir(b->dir); /* when it was the last one */
        pic__exit_hear(b);
}

static int add(pic__exit *b, unsigned slot, const pic__item *item, pic_error **err)
{
        int r;

        if (b->at[slot] != NULL)
                return pic__fail(err, PIC_CONFLICT, "exit %u is there already", slot);
        r = pic__space_new(b, slot, &b->at[slot], err);
        if (r < 0)
                return r;
        r = pic__exit_build(b, b->at[slot], item, err);
        if (r < 0)
                drop(b, slot);
        return r;
}

/* Tor's guards, as they are now. */
static void remember(const pic__exit_space *s)
{
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = pic__space_env(s, &arena);

        if (s->carrier != NULL && s->settled && (s->carrier->flags & PIC__CARRIER_ANYWHERE) != 0 &&
            s->carrier->stands != NULL)
                (void)s->carrier->stands(&s->conf, &env);
        pic__arena_free(&arena);
}

static int one_step(pic__exit *b, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        long slot;

        if (step->kind != PIC__I_EXIT_SPACE)
                return pic__fail(err, PIC_INVALID, "exit: not a step of this backend");
        if (pic__decimal(item->key, 1, PIC__EXIT_SLOTS, &slot) < 0)
                return pic__fail(err, PIC_INVALID, "exit: there is no slot '%s'", item->key);
        if (step->verb == PIC__ADD)
                return add(b, (unsigned)slot, item, err);
        if (b->at[slot] == NULL)
                return pic__fail(err, PIC_NOTFOUND, "exit %ld is not there", slot);
        if (step->verb == PIC__REMOVE) {
                remember(b->at[slot]);
                drop(b, (unsigned)slot);              /* what is kept goes with the connection: keep() */
        } else if (strcmp(item->value, CHANGED) != 0) /* nobody knows how to get back there, or wants to */
                return pic__exit_build(b, b->at[slot], item, err);
        return 0;
}

static int apply(pic__backend *backend, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        pic__exit *b = (pic__exit *)backend;
        int r = list(b, err);
        size_t i;

        for (i = 0; i < count && r == 0; i++) {
                r = one_step(b, &steps[i], err);
                if (r < 0)
                        break;
        }
        *ret_done = i;
        return r;
}

/* --- the rest --------------------------------------------------------------------------------------------------- */

static int event_fd(pic__backend *backend)
{
        return ((pic__exit *)backend)->epoll;
}

/* Where other namespaces cannot be heard, one of them is looked at with each tick. */
static void tick(pic__backend *backend)
{
        pic__exit *b = (pic__exit *)backend;
        unsigned every = b->all ? LOOK_EVERY : 1, nth;
        size_t i, count = 0;

        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                if (b->at[i] != NULL) {
                        pic__exit_mend(b, b->at[i]);
                        pic__hang_tick(b, b->at[i]);
                        count++;
                }
        if (count == 0 || ++b->ticks % every != 0)
                return;
        b->moved = 1; /* what a router says of a way is not told */
        pic__exit_fit(b);
        nth = b->ticks / every % (unsigned)count;
        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                if (b->at[i] != NULL && nth-- == 0) {
                        b->at[i]->look = 1;
                        if (!pic__exit_stands(b->at[i]))
                                pic__exit_ring(b);
                        return;
                }
}

static pic_time mono(void)
{
        return pic__clock_real.mono(pic__clock_real.data);
}

static void ask_fault(pic__exit_space *s, pic__buf *why)
{
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = pic__space_env(s, &arena);

        s->carrier->fault(&s->conf, &env, why);
        pic__arena_free(&arena);
}

static int refusal(pic__backend *backend, const char *key, pic_error **err)
{
        const pic__exit *b = (const pic__exit *)backend;
        long slot;

        if (pic__decimal(key, 1, PIC__EXIT_SLOTS, &slot) < 0 || b->at[slot] == NULL)
                return 0;
        return pic__exit_refusal(b->at[slot], err);
}

static void keep(pic__backend *backend, const uint8_t *slots)
{
        const pic__exit *b = (const pic__exit *)backend;
        uint8_t all[PIC__EXIT_SLOTS + 1];
        size_t i;

        for (i = 0; i <= PIC__EXIT_SLOTS; i++)
                all[i] = slots[i] != 0 || b->at[i] != NULL;
        pic__exit_forget_others(b->keep_dir, b->log_dir, all);
}

static int revive(pic__backend *backend, const char *key, int down, pic__buf *told)
{
        pic__exit *b = (pic__exit *)backend;
        long slot;

        if (pic__decimal(key, 1, PIC__EXIT_SLOTS, &slot) < 0 || b->at[slot] == NULL)
                return 0;
        return pic__hang_revive(b, b->at[slot], down, told);
}

static size_t awaited(pic__backend *backend, const char *key, pic__far_end *out)
{
        const pic__exit *b = (const pic__exit *)backend;
        const pic__exit_space *s;
        unsigned flags;
        size_t n;
        long slot;

        if (pic__decimal(key, 1, PIC__EXIT_SLOTS, &slot) < 0 || b->at[slot] == NULL)
                return 0;
        s = b->at[slot];
        flags = s->value != NULL && s->carrier != NULL ? s->carrier->flags : 0;
        if ((flags & PIC__CARRIER_HOLDS) == 0)
                return 0;
        n = pic__awaited(pic__child_pid(s->holder), pic__space_user(s, 0), &s->conf, out);
        if (n > 0 || (flags & PIC__CARRIER_TCP_REMOTE) == 0 || s->conf.remote.count == 0)
                return n;
        /* Between two connections (ssh ends a silent one by itself): whom it connects to. */
        *out = (pic__far_end){ s->conf.remote.at[0].addr, (uint16_t)s->conf.remote.at[0].port };
        return 1;
}

/* Who took long to say it, because its program does not answer, is not asked again at once. */
static void fault(pic__backend *backend, const char *key, pic__buf *out)
{
        pic__exit *b = (pic__exit *)backend;
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        pic__exit_space *s;
        pic_time from = mono();
        long slot;

        if (pic__decimal(key, 1, PIC__EXIT_SLOTS, &slot) < 0 || b->at[slot] == NULL)
                return;
        s = b->at[slot];
        if (s->value == NULL || s->refused || s->carrier == NULL || s->carrier->fault == NULL)
                return;
        if (s->why != NULL && from < s->why_until) {
                pic__buf_puts(out, s->why);
                return;
        }
        ask_fault(s, &why);
        pic__buf_puts(out, pic__buf_str(&why));
        pic__free(s->why);
        s->why = NULL;
        if (mono() - from >= LONG) {
                s->why = pic__buf_steal(&why);
                s->why_until = mono() + NOT_AGAIN;
        }
}

static int teardown(pic__backend *backend, int keep_block, pic_error **err)
{
        pic__exit *b = (pic__exit *)backend;
        unsigned slot;
        int r = list(b, err);

        (void)keep_block; /* what blocks are rules and routes of others */
        for (slot = 1; slot <= PIC__EXIT_SLOTS && r == 0; slot++)
                if (b->at[slot] != NULL)
                        drop(b, slot);
        (void)rmdir(b->dir);
        return r;
}

static void free_backend(pic__backend *backend)
{
        pic__exit *b = (pic__exit *)backend;
        size_t i;

        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                pic__space_free(b->at[i]); /* they go on: the next of us takes them over */
        pic__exit_watch_close(b);
        pic__free(b->dir);
        pic__free(b->log_dir);
        pic__free(b->keep_dir);
        pic__free(b);
}

static const pic__backend_ops ops = {
        .observe = observe,
        .apply = apply,
        .news = news,
        .event_fd = event_fd,
        .drain = pic__exit_drain,
        .fault = fault,
        .refusal = refusal,
        .revive = revive,
        .awaited = awaited,
        .keep = keep,
        .doctor = pic__exit_doctor,
        .tick = tick,
        .teardown = teardown,
        .free = free_backend,
};

int pic__exit_new(const pic__exit_opts *opts, pic__backend **ret, pic_error **err)
{
        pic__exit *b = pic__alloc(sizeof(*b));
        int r = 0;

        if (b == NULL)
                return pic__nomem(err);
        b->base = (pic__backend){ PIC__B_EXIT, &ops, opts->log };
        b->epoll = b->wake = b->timer = b->heard[0] = b->heard[1] = -1;
        b->moved = 1; /* an earlier life may have fitted them to other ways */
        b->dir = pic__path_join(opts->run_dir, "exit");
        b->log_dir = pic__strdup(opts->log_dir);
        b->keep_dir = opts->keep_dir != NULL ? pic__strdup(opts->keep_dir) : NULL;
        if (b->dir == NULL || b->log_dir == NULL || (opts->keep_dir != NULL && b->keep_dir == NULL))
                r = pic__nomem(err);
        if (r == 0)
                r = pic__exit_watch_open(b, err);
        if (r < 0) {
                free_backend(&b->base);
                return r;
        }
        *ret = &b->base;
        return 0;
}
