/* Owns: what all requests share. */
#include <stdlib.h>
#include <time.h>

#include "http/http.h"

struct app {
        pic_ctx *ctx;
        const struct options *options;
        struct idem *idem;
        struct lists *lists;
        struct live *live;
        struct files *files;
        unsigned long long answers[6]; /* by their first digit */
        time_t began;
        int leaves;
};

struct app *app_new(pic_ctx *ctx, const struct options *o)
{
        struct app *app = calloc(1, sizeof(*app));

        if (app == NULL)
                return NULL;
        app->ctx = ctx;
        app->options = o;
        app->idem = idem_new();
        app->lists = lists_new();
        app->live = live_new();
        app->files = files_new();
        app->began = time(NULL);
        if (app->idem != NULL && app->lists != NULL && app->live != NULL && app->files != NULL)
                return app;
        app_free(app);
        return NULL;
}

void app_free(struct app *app)
{
        if (app == NULL)
                return;
        idem_free(app->idem);
        lists_free(app->lists);
        live_free(app->live);
        files_free(app->files);
        free(app);
}

pic_ctx *app_ctx(const struct app *app)
{
        return app->ctx;
}

const struct options *app_options(const struct app *app)
{
        return app->options;
}

void app_count(struct app *app, int status)
{
        if (status >= 0 && status < 600)
                __atomic_add_fetch(&app->answers[status / 100], 1, __ATOMIC_RELAXED);
}

unsigned long long app_answers(const struct app *app, unsigned hundreds)
{
        return hundreds < 6 ? __atomic_load_n(&app->answers[hundreds], __ATOMIC_RELAXED) : 0;
}

int64_t app_uptime(const struct app *app)
{
        return (int64_t)(time(NULL) - app->began);
}

void app_leave(struct app *app)
{
        __atomic_store_n(&app->leaves, 1, __ATOMIC_RELAXED);
}

int app_leaves(const struct app *app)
{
        return __atomic_load_n(&app->leaves, __ATOMIC_RELAXED);
}

struct idem *app_idem(const struct app *app)
{
        return app->idem;
}

struct lists *app_lists(const struct app *app)
{
        return app->lists;
}

struct live *app_live(const struct app *app)
{
        return app->live;
}

struct files *app_files(const struct app *app)
{
        return app->files;
}
