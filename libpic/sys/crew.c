/* Owns: who takes the next job. */
#include "sys/crew.h"

#include <pthread.h>
#include <signal.h>

enum { MOST = 16 };

struct crew {
        pthread_mutex_t lock;
        size_t count, next;
        pic__crew_job job;
        void *arg;
        int r; /* of the first one that failed */
        pic_error *err;
};

/* The next one; `count`: there is none. */
static size_t take(struct crew *c)
{
        size_t i;

        (void)pthread_mutex_lock(&c->lock);
        i = c->r == 0 && c->next < c->count ? c->next++ : c->count;
        (void)pthread_mutex_unlock(&c->lock);
        return i;
}

static void failed(struct crew *c, int r, pic_error *err)
{
        (void)pthread_mutex_lock(&c->lock);
        if (c->r == 0) {
                c->r = r;
                c->err = pic__take(err);
        }
        (void)pthread_mutex_unlock(&c->lock);
        pic_error_free(err);
}

static void *work(void *crew)
{
        struct crew *c = crew;
        size_t i;

        while ((i = take(c)) < c->count) {
                pic_error *err = NULL;
                int r = c->job(c->arg, i, &err);

                if (r < 0)
                        failed(c, r, err);
        }
        return NULL;
}

int pic__crew_run(size_t count, unsigned threads, pic__crew_job job, void *arg, pic_error **err)
{
        struct crew c = { .lock = PTHREAD_MUTEX_INITIALIZER, .count = count, .job = job, .arg = arg };
        pthread_t thread[MOST];
        sigset_t all, before;
        size_t i, beside = 0, wanted = threads < count ? threads : count;

        (void)sigfillset(&all); /* signals are for the program's own threads */
        (void)pthread_sigmask(SIG_BLOCK, &all, &before);
        while (beside + 1 < wanted && beside < MOST && pthread_create(&thread[beside], NULL, work, &c) == 0)
                beside++;
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        (void)work(&c);
        for (i = 0; i < beside; i++)
                (void)pthread_join(thread[i], NULL);
        (void)pthread_mutex_destroy(&c.lock);
        if (c.r < 0 && err != NULL)
                *err = pic__take(c.err);
        pic_error_free(c.err);
        return c.r;
}
