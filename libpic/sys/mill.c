/* Owns: two lanes of blocks between two threads, and their one lock. A block belongs to who fills it until it is shown,
 * then to who empties it; only the counts are shared. Whoever has to wait shows first what it has begun, so that the
 * two never wait for each other. */
#include "sys/mill.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "sys/crypto.h"

enum { BLOCK = 128 << 10, BLOCKS = 4 };

struct lane {
        uint8_t *blocks;
        size_t len[BLOCKS]; /* of each block that was shown */
        size_t have;        /* in the block that is being filled */
        size_t shown;       /* blocks so far; of both threads, under the lock */
        size_t emptied;
        int held;  /* who empties has one in its hands */
        int ended; /* nothing is shown any more */
};

struct pic__mill {
        pthread_t thread;
        pthread_mutex_t lock;
        pthread_cond_t moved;
        struct lane in, out;
        pic__mill_work work;
        void *arg;
        int stop;
        int r; /* of the work, when out.ended */
        pic_error *err;
        int told;            /* the owner knows r */
        const uint8_t *rest; /* of what the source gave */
        size_t rest_len;
        int dry; /* the source is at its end */
};

/* --- one lane, under the lock ------------------------------------------------------------------------------------ */

static int has_room(const struct lane *l)
{
        return l->shown - l->emptied < BLOCKS;
}

static int has_some(const struct lane *l)
{
        return l->shown - l->emptied > (size_t)l->held;
}

static void show(pic__mill *m, struct lane *l)
{
        l->len[l->shown % BLOCKS] = l->have;
        l->shown++;
        l->have = 0;
        (void)pthread_cond_signal(&m->moved);
}

static void let_go(pic__mill *m, struct lane *l)
{
        if (!l->held)
                return;
        l->held = 0;
        l->emptied++;
        (void)pthread_cond_signal(&m->moved);
}

static void hold(struct lane *l, const void **ret_data, size_t *ret_len)
{
        l->held = 1;
        *ret_data = l->blocks + l->emptied % BLOCKS * BLOCK;
        *ret_len = l->len[l->emptied % BLOCKS];
}

/* There is room for it: it was begun. */
static void show_begun(pic__mill *m, struct lane *l)
{
        if (l->have > 0)
                show(m, l);
}

static uint8_t *begun(const struct lane *l)
{
        return l->blocks + l->shown % BLOCKS * BLOCK + l->have;
}

static void filled(pic__mill *m, struct lane *l, size_t len)
{
        l->have += len;
        if (l->have == BLOCK)
                show(m, l);
}

/* Where there is room: as much as fits into the block that is being filled. Copied without the lock, because nobody
 * else knows this block yet. */
static size_t fill(pic__mill *m, struct lane *l, const void *data, size_t len)
{
        size_t n = BLOCK - l->have < len ? BLOCK - l->have : len;

        (void)pthread_mutex_unlock(&m->lock);
        memcpy(begun(l), data, n);
        (void)pthread_mutex_lock(&m->lock);
        filled(m, l, n);
        return n;
}

/* --- the work ---------------------------------------------------------------------------------------------------- */

static int stopped(pic_error **err)
{
        return pic__fail(err, PIC_CANCELED, "nobody wants it any more");
}

int pic__mill_take(pic__mill *m, const void **ret_data, size_t *ret_len, pic_error **err)
{
        int r = 0;

        (void)pthread_mutex_lock(&m->lock);
        let_go(m, &m->in);
        while (!m->stop && !has_some(&m->in) && !m->in.ended) {
                show_begun(m, &m->out);
                (void)pthread_cond_wait(&m->moved, &m->lock);
        }
        if (m->stop)
                r = stopped(err);
        else if (has_some(&m->in)) {
                hold(&m->in, ret_data, ret_len);
                r = 1;
        }
        (void)pthread_mutex_unlock(&m->lock);
        return r;
}

int pic__mill_room(pic__mill *m, void **ret_room, size_t *ret_len, pic_error **err)
{
        int r;

        (void)pthread_mutex_lock(&m->lock);
        while (!m->stop && !has_room(&m->out))
                (void)pthread_cond_wait(&m->moved, &m->lock);
        r = m->stop ? stopped(err) : 0;
        *ret_room = begun(&m->out);
        *ret_len = BLOCK - m->out.have;
        (void)pthread_mutex_unlock(&m->lock);
        return r;
}

void pic__mill_made(pic__mill *m, size_t len)
{
        (void)pthread_mutex_lock(&m->lock);
        filled(m, &m->out, len);
        (void)pthread_mutex_unlock(&m->lock);
}

int pic__mill_give(pic__mill *m, const void *data, size_t len, pic_error **err)
{
        const uint8_t *at = data;
        size_t n = 0;
        void *room;
        int r = 0;

        while (len > 0 && (r = pic__mill_room(m, &room, &n, err)) == 0) {
                n = n < len ? n : len;
                memcpy(room, at, n);
                pic__mill_made(m, n);
                at += n;
                len -= n;
        }
        return r;
}

static void *run(void *mill)
{
        pic__mill *m = mill;
        pic_error *err = NULL;
        int r = m->work(m, m->arg, &err);

        (void)pthread_mutex_lock(&m->lock);
        show_begun(m, &m->out);
        m->r = r;
        m->err = err;
        m->out.ended = 1;
        (void)pthread_cond_signal(&m->moved);
        (void)pthread_mutex_unlock(&m->lock);
        return NULL;
}

/* --- the owner --------------------------------------------------------------------------------------------------- */

static void drop(pic__mill *m)
{
        struct lane *both[] = { &m->in, &m->out };
        size_t i;

        for (i = 0; i < PIC__COUNT(both); i++) {
                size_t used = both[i]->shown < BLOCKS ? both[i]->shown + 1 : BLOCKS;

                if (both[i]->blocks != NULL)
                        pic__wipe(both[i]->blocks, (used < BLOCKS ? used : BLOCKS) * BLOCK);
                pic__free(both[i]->blocks);
        }
        (void)pthread_cond_destroy(&m->moved);
        (void)pthread_mutex_destroy(&m->lock);
        pic_error_free(m->err);
        pic__free(m);
}

/* Signals are for the program's own threads. */
static int start(pic__mill *m)
{
        sigset_t all, before;
        int r;

        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_BLOCK, &all, &before);
        r = pthread_create(&m->thread, NULL, run, m);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        return r;
}

int pic__mill_new(pic__mill_work work, void *arg, pic__mill **ret, pic_error **err)
{
        pic__mill *m = pic__alloc(sizeof(*m));

        if (m == NULL)
                return pic__nomem(err);
        (void)pthread_mutex_init(&m->lock, NULL);
        (void)pthread_cond_init(&m->moved, NULL);
        m->work = work;
        m->arg = arg;
        m->in.blocks = pic__alloc(BLOCKS * BLOCK);
        m->out.blocks = pic__alloc(BLOCKS * BLOCK);
        if (m->in.blocks == NULL || m->out.blocks == NULL || start(m) != 0) {
                drop(m);
                return pic__nomem(err);
        }
        *ret = m;
        return 0;
}

/* The work's end, once. */
static int tell(pic__mill *m, pic_error **err)
{
        if (m->told)
                return pic__fail(err, PIC_BADSTATE, "this has ended");
        m->told = 1;
        if (m->r < 0 && err != NULL)
                *err = pic__take(m->err);
        return m->r;
}

/* What has come out goes to the sink. Without the lock: a sink may wait. */
static int drain(pic__mill *m, pic__mill_sink sink, void *arg, pic_error **err)
{
        const void *data;
        size_t len;
        int r = 0;

        while (r == 0 && has_some(&m->out)) {
                hold(&m->out, &data, &len);
                (void)pthread_mutex_unlock(&m->lock);
                r = sink(data, len, arg, err);
                (void)pthread_mutex_lock(&m->lock);
                let_go(m, &m->out);
        }
        m->told |= r < 0;
        return r;
}

int pic__mill_put(pic__mill *m, const void *data, size_t len, pic__mill_sink sink, void *arg, pic_error **err)
{
        const uint8_t *at = data;
        int r = 0;

        (void)pthread_mutex_lock(&m->lock);
        while (r == 0 && len > 0) {
                size_t n;

                if (m->told || m->out.ended)
                        r = tell(m, err);
                else if (has_some(&m->out))
                        r = drain(m, sink, arg, err);
                else if (!has_room(&m->in))
                        (void)pthread_cond_wait(&m->moved, &m->lock);
                else {
                        n = fill(m, &m->in, at, len);
                        at += n;
                        len -= n;
                }
        }
        (void)pthread_mutex_unlock(&m->lock);
        return r;
}

int pic__mill_end(pic__mill *m, pic__mill_sink sink, void *arg, pic_error **err)
{
        int r = 0;

        (void)pthread_mutex_lock(&m->lock);
        while (r == 0 && !m->told && !(m->out.ended && !has_some(&m->out))) {
                show_begun(m, &m->in);
                if (m->in.have == 0 && !m->in.ended) {
                        m->in.ended = 1;
                        (void)pthread_cond_signal(&m->moved);
                }
                if (has_some(&m->out))
                        r = drain(m, sink, arg, err);
                else if (!m->out.ended)
                        (void)pthread_cond_wait(&m->moved, &m->lock);
        }
        if (r == 0)
                r = tell(m, err);
        (void)pthread_mutex_unlock(&m->lock);
        return r;
}

/* A piece of the source goes in. */
static int feed(pic__mill *m, pic__mill_source source, void *arg, pic_error **err)
{
        const void *data = NULL;
        int r = 1;

        if (m->rest_len == 0) { /* which may take its time: the work gets what is there */
                if (m->in.shown == m->in.emptied)
                        show_begun(m, &m->in);
                (void)pthread_mutex_unlock(&m->lock);
                r = source(arg, &data, &m->rest_len, err);
                (void)pthread_mutex_lock(&m->lock);
                m->rest = data;
        }
        if (r <= 0) {
                m->rest_len = 0;
                m->dry = r == 0;
                m->told |= r < 0;
        }
        while (m->rest_len > 0 && has_room(&m->in)) {
                size_t n = fill(m, &m->in, m->rest, m->rest_len);

                m->rest += n;
                m->rest_len -= n;
        }
        return r < 0 ? r : 0;
}

/* Input is at its end, all of it. */
static void end_input(pic__mill *m)
{
        show_begun(m, &m->in);
        if (m->dry && m->in.have == 0 && !m->in.ended) {
                m->in.ended = 1;
                (void)pthread_cond_signal(&m->moved);
        }
}

int pic__mill_next(pic__mill *m, pic__mill_source source, void *arg, const void **ret_data, size_t *ret_len,
                   pic_error **err)
{
        int r = 0, found = 0;

        (void)pthread_mutex_lock(&m->lock);
        let_go(m, &m->out);
        while (r == 0 && !found && !m->told) {
                size_t waiting = m->in.shown - m->in.emptied;

                /* the work shall not run dry while what it made is used */
                if (!m->dry && !m->out.ended && waiting < (has_some(&m->out) ? BLOCKS / 2 : BLOCKS))
                        r = feed(m, source, arg, err);
                else if (has_some(&m->out))
                        found = 1;
                else if (m->out.ended)
                        break;
                else {
                        end_input(m);
                        (void)pthread_cond_wait(&m->moved, &m->lock);
                }
        }
        if (found)
                hold(&m->out, ret_data, ret_len);
        else if (r == 0)
                r = tell(m, err);
        (void)pthread_mutex_unlock(&m->lock);
        return found ? 1 : r;
}

void pic__mill_free(pic__mill *m)
{
        if (m == NULL)
                return;
        (void)pthread_mutex_lock(&m->lock);
        m->stop = 1;
        (void)pthread_cond_signal(&m->moved);
        (void)pthread_mutex_unlock(&m->lock);
        (void)pthread_join(m->thread, NULL);
        drop(m);
}
