/* Owns: what is true now, asked for once for all who look at the same time: a page that is open in many places costs
 * the agent one question in two seconds. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http.h"

enum { STREAMS_MAX = 32 };

struct live {
        pthread_mutex_t lock; /* also held while the agent is asked: who comes meanwhile waits for that answer */
        char *text;
        int64_t when_ms;
        int64_t failed_ms; /* when asking last failed */
        int failed;        /* with what code */
        unsigned streams;
};

struct live *live_new(void)
{
        struct live *l = calloc(1, sizeof(*l));

        if (l != NULL)
                pthread_mutex_init(&l->lock, NULL);
        return l;
}

void live_free(struct live *l)
{
        if (l == NULL)
                return;
        pthread_mutex_destroy(&l->lock);
        free(l->text);
        free(l);
}

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int ask(struct live *l, struct app *app, pic_error **err)
{
        pic_report *report = NULL;
        int r = pic_status_get(app_ctx(app), 0, &report, err);

        if (r < 0) {
                l->failed_ms = now_ms();
                l->failed = r;
                return r;
        }
        free(l->text);
        l->text = strdup(pic_report_text(report));
        l->when_ms = now_ms();
        pic_report_unref(report);
        return 0;
}

int live_text(struct app *app, unsigned age_ms, char **ret_text, pic_error **err)
{
        struct live *l = app_live(app);
        int64_t began = now_ms();
        int r = 0;

        pthread_mutex_lock(&l->lock);
        if (l->failed != 0 && l->failed_ms >= began) /* who was asked meanwhile did not answer: not again, one by one */
                r = l->failed;
        else if (l->text == NULL || now_ms() - l->when_ms >= age_ms)
                r = ask(l, app, err);
        *ret_text = r == 0 && l->text != NULL ? strdup(l->text) : NULL;
        pthread_mutex_unlock(&l->lock);
        return r;
}

int live_status(struct call *c, unsigned age_ms, char **ret_text)
{
        pic_error *err = NULL;
        int r = live_text(c->app, age_ms, ret_text, &err);

        if (r < 0 && err != NULL)
                return fail_err(c, err);
        if (r < 0)
                return fail(c, status_of(r), r, "pic doctor", "%s", pic_code_text(r));
        return *ret_text != NULL ? 0 : fail_nomem(c);
}

int live_enter(struct live *l)
{
        int r;

        pthread_mutex_lock(&l->lock);
        r = l->streams < STREAMS_MAX;
        l->streams += (unsigned)r;
        pthread_mutex_unlock(&l->lock);
        return r;
}

void live_leave(struct live *l)
{
        pthread_mutex_lock(&l->lock);
        l->streams--;
        pthread_mutex_unlock(&l->lock);
}
