/* Owns: the context: what a caller opens, and the way from it to the store and to the agent. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "api/recent.h"
#include "base/utf8.h"
#include "engine/exits_facts.h"
#include "engine/hostnet.h"
#include "engine/paths.h"
#include "sys/file.h"

#define BUSY_MS 5000u
#define AGENT_MS 30000u
#define ACTOR_MAX 64

static int check_opts(const pic_ctx_opts *o, pic_error **err)
{
        if (o->dir != NULL && o->dir[0] == '\0')
                return pic__api_bad(err, "pic_ctx_open", "opts.dir is empty");
        if (o->world != NULL && strcmp(o->world, "real") != 0 && strcmp(o->world, "fake") != 0)
                return pic__api_bad(err, "pic_ctx_open", "opts.world is neither \"real\" nor \"fake\"");
        if (o->log_level < PIC_LOG_ERROR || o->log_level > PIC_LOG_DEBUG)
                return pic__api_bad(err, "pic_ctx_open", "opts.log_level is none of PIC_LOG_*");
        if ((o->flags & ~(uint32_t)PIC_CTX_TRIAL) != 0)
                return pic__api_bad(err, "pic_ctx_open", "opts.flags has an unknown bit");
        if ((o->flags & PIC_CTX_TRIAL) != 0 && o->dir != NULL)
                return pic__api_bad(err, "pic_ctx_open", "a trial has a directory of its own: opts.dir is not NULL");
        return 0;
}

static char *default_actor(void)
{
        char text[32];

        if (geteuid() == 0)
                return pic__strdup("root");
        snprintf(text, sizeof(text), "uid %u", (unsigned)geteuid());
        return pic__strdup(text);
}

static void free_ctx(pic_ctx *ctx)
{
        ctx->h.magic = 0;
        if (ctx->of != NULL) {
                pic_ctx_unref(ctx->of);
                pic__free(ctx->way);
                pic__free(ctx->actor);
                pic__free(ctx);
                return;
        }
        pic__gates_free(ctx->gates);
        pic__challenges_free(ctx->challenges);
        pic__recent_free(ctx->recent);
        pic__link_unref(ctx->link);
        pic__view_drop(&ctx->view);
        pic__store_unref(ctx->store);
        pthread_mutex_destroy(&ctx->lock);
        pic__scratch_free(&ctx->trial);
        pic__free(ctx->dir);
        pic__free(ctx->run_dir);
        pic__free(ctx->log_dir);
        pic__free(ctx->way);
        pic__free(ctx->actor);
        pic__free(ctx);
}

/* A cell's directory is not there before the cell is. */
static int set_dir(pic_ctx *ctx, const pic_ctx_opts *o, pic_error **err)
{
        int r = (o->flags & PIC_CTX_TRIAL) != 0 ? pic__scratch_anywhere(&ctx->trial, err) : 0;

        if (r < 0)
                return r;
        ctx->dir = ctx->trial.path != NULL ? pic__path_join(ctx->trial.path, "cell")
                                           : pic__strdup(o->dir != NULL ? o->dir : PIC_DEFAULT_DIR);
        return ctx->dir != NULL ? 0 : pic__nomem(err);
}

static int set_texts(pic_ctx *ctx, const pic_ctx_opts *o, pic_error **err)
{
        ctx->way = pic__strdup(o->way != NULL ? o->way : "api");
        ctx->actor = o->actor != NULL ? pic__strdup(o->actor) : default_actor();
        if (ctx->way == NULL || ctx->actor == NULL)
                return pic__nomem(err);
        ctx->run_dir = pic__run_dir(ctx->dir);
        ctx->log_dir = pic__log_dir(ctx->dir);
        return ctx->run_dir != NULL && ctx->log_dir != NULL ? 0 : pic__nomem(err);
}

void pic__ctx_engine_opts(const pic_ctx *ctx, pic__engine_opts *ret)
{
        *ret = (pic__engine_opts){
                .dir = ctx->dir, .run_dir = ctx->run_dir, .fake = ctx->fake, .clock = ctx->clock, .log = &ctx->log
        };
}

static int set_link(pic_ctx *ctx, pic_error **err)
{
        pic__engine_opts opts;

        if (!ctx->fake)
                return pic__link_socket(ctx->run_dir, &ctx->link, err);
        pic__ctx_engine_opts(ctx, &opts);
        return pic__link_local(&opts, &ctx->link, err);
}

static int place(pic__snap *s, const void *data, pic_error **err)
{
        return pic__snap_place(s, data, err);
}

int pic_ctx_open(const pic_ctx_opts *opts, pic_ctx **ret_ctx, pic_error **err)
{
        pic_ctx_opts o;
        pic_ctx *ctx;
        int r;

        if (ret_ctx == NULL)
                return pic__api_bad(err, "pic_ctx_open", "ret_ctx is NULL");
        r = pic__api_opts(opts, &o, sizeof(o), "pic_ctx_open", err);
        if (r == 0)
                r = check_opts(&o, err);
        if (r < 0)
                return r;
        ctx = pic__alloc(sizeof(*ctx));
        if (ctx == NULL)
                return pic__nomem(err);
        ctx->h = (pic__handle){ PIC__MAGIC_CTX, 1 };
        ctx->trial = (pic__scratch)PIC__SCRATCH_INIT;
        pthread_mutex_init(&ctx->lock, NULL);
        ctx->fake = o.world != NULL && strcmp(o.world, "fake") == 0;
        ctx->busy_ms = o.busy_ms != 0 ? o.busy_ms : BUSY_MS;
        ctx->agent_ms = o.agent_ms != 0 ? o.agent_ms : AGENT_MS;
        ctx->clock = &pic__clock_real;
        ctx->view.place = place;
        ctx->view.place_data = ctx;
        ctx->log = (pic__log){ o.log, o.log_data, o.log_level };
        r = set_dir(ctx, &o, err);
        if (r == 0)
                r = set_texts(ctx, &o, err);
        if (r == 0)
                r = pic__gates_new(&ctx->gates, err);
        if (r == 0)
                r = pic__challenges_new(&ctx->challenges, err);
        if (r == 0)
                r = pic__recent_new(&ctx->recent, err);
        if (r == 0)
                r = set_link(ctx, err);
        if (r < 0) {
                free_ctx(ctx);
                return r;
        }
        *ret_ctx = ctx;
        return 0;
}

/* Texts that the other one owns are borrowed from it. */
static int derive(pic_ctx *ctx, const char *actor, const char *way, pic_ctx **ret, pic_error **err)
{
        pic_ctx *as = pic__alloc(sizeof(*as));

        if (as == NULL)
                return pic__nomem(err);
        as->h = (pic__handle){ PIC__MAGIC_CTX, 1 };
        as->dir = ctx->dir;
        as->run_dir = ctx->run_dir;
        as->log_dir = ctx->log_dir;
        as->fake = ctx->fake;
        as->busy_ms = ctx->busy_ms;
        as->agent_ms = ctx->agent_ms;
        as->clock = ctx->clock;
        as->log = ctx->log;
        as->link = ctx->link;
        as->actor = pic__strdup(actor != NULL ? actor : ctx->actor);
        as->way = pic__strdup(way != NULL ? way : ctx->way);
        as->of = pic__ctx_ref(pic__ctx_root(ctx));
        if (as->actor == NULL || as->way == NULL) {
                free_ctx(as);
                return pic__nomem(err);
        }
        *ret = as;
        return 0;
}

int pic_ctx_as(pic_ctx *ctx, const char *actor, const char *way, pic_ctx **ret_ctx, pic_error **err)
{
        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_ctx == NULL)
                return pic__api_bad(err, "pic_ctx_as", "ctx or ret_ctx is not valid");
        if (way != NULL && way[0] == '\0')
                return pic__api_bad(err, "pic_ctx_as", "way is empty");
        if (actor != NULL && (actor[0] == '\0' || strlen(actor) > ACTOR_MAX || !pic__utf8_printable(actor)))
                return pic__fail_value(err, NULL, "actor", actor, "must be printable text of 1 to 64 bytes");
        return derive(ctx, actor, way, ret_ctx, err);
}

pic_ctx *pic__ctx_ref(pic_ctx *ctx)
{
        __atomic_add_fetch(&ctx->h.refs, 1, __ATOMIC_RELAXED);
        return ctx;
}

pic_ctx *pic_ctx_unref(pic_ctx *ctx)
{
        if (pic__api_is(ctx, PIC__MAGIC_CTX) && __atomic_sub_fetch(&ctx->h.refs, 1, __ATOMIC_ACQ_REL) == 0)
                free_ctx(ctx);
        return NULL;
}

int pic__ctx_lock(pic_ctx *ctx, pic__store **ret, pic_error **err)
{
        pic_ctx *root = pic__ctx_root(ctx);
        pic__store *st = NULL;
        int r = 0;

        pthread_mutex_lock(&root->lock);
        if (root->store == NULL) {
                r = pic__store_open(ctx->dir, ctx->busy_ms, ctx->clock, &st, err);
                __atomic_store_n(&root->store, st, __ATOMIC_RELEASE);
        }
        if (r < 0) {
                pthread_mutex_unlock(&root->lock);
                return r;
        }
        *ret = root->store;
        return 0;
}

void pic__ctx_unlock(pic_ctx *ctx)
{
        pthread_mutex_unlock(&pic__ctx_root(ctx)->lock);
}

void pic__ctx_let_go(pic_ctx *ctx)
{
        pic_ctx *root = pic__ctx_root(ctx);
        pic__store *st;

        pthread_mutex_lock(&root->lock);
        st = root->store;
        __atomic_store_n(&root->store, NULL, __ATOMIC_RELEASE);
        pic__view_drop(&root->view);
        pic__store_unref(st);
        pthread_mutex_unlock(&root->lock);
}

int pic__ctx_stamp(pic_ctx *ctx, pic__stamp *ret)
{
        const pic__store *st = __atomic_load_n(&pic__ctx_root(ctx)->store, __ATOMIC_ACQUIRE);

        return st != NULL ? pic__store_stamp(st, ret) : -1;
}

int pic__ctx_reader(const pic_ctx *ctx, pic__store **ret, pic_error **err)
{
        return pic__store_open(ctx->dir, ctx->busy_ms, ctx->clock, ret, err);
}

int pic__snap_clock(pic__snap *s, const pic_ctx *ctx, pic_error **err)
{
        pic__auto_free pic_id *ids = NULL;
        size_t count;

        return pic__snap_now(s, ctx->clock->now(ctx->clock->data), &ids, &count, err);
}

int pic__snap_place(pic__snap *s, const pic_ctx *ctx, pic_error **err)
{
        return pic__hostnet_attach(ctx->run_dir, ctx->fake, s, err);
}

int pic__snap_exits_told(pic__snap *s, const pic_ctx *ctx, pic_error **err)
{
        pic__exits_known k = { .facts = { .at = { { 0 } } } };
        int r = pic__exits_known_read(ctx->run_dir, &k, NULL);

        /* A file that cannot be read tells nothing: the wishes are known all the same. */
        if (r == 0)
                r = pic__exits_known_tell(&k, s, err);
        else
                r = 0;
        pic__exits_known_clear(&k);
        return r;
}

int pic__ctx_load(pic_ctx *ctx, pic__snap **ret, pic_revision *ret_revision, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic_revision revision = 0;
        pic__store *st = NULL;
        int r;

        r = pic__snap_new(&s, err);
        if (r == 0)
                r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = pic__store_load(st, s, &revision, err);
        pic__ctx_unlock(ctx);
        if (r == 0)
                r = pic__snap_clock(s, ctx, err);
        if (r < 0)
                return r;
        if (ret_revision != NULL)
                *ret_revision = revision;
        *ret = pic__take(s);
        return 0;
}

int pic__ctx_call_along(pic_ctx *ctx, const char *verb, const char *args, int file, unsigned timeout_ms,
                        pic__buf *result, pic_error **err)
{
        return pic__link_call_along(ctx->link, verb, args, file, timeout_ms, result, err);
}

int pic__ctx_call(pic_ctx *ctx, const char *verb, const char *args, unsigned timeout_ms, pic__buf *result,
                  pic_error **err)
{
        return pic__link_call(ctx->link, verb, args, timeout_ms != 0 ? timeout_ms : ctx->agent_ms, result, err);
}

void pic__ctx_let_go_back(pic_ctx *ctx)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic__store *st = NULL;
        pic__confirm c;
        int waits;

        if (!ctx->fake || pic__ctx_lock(ctx, &st, NULL) < 0)
                return;
        waits = pic__store_confirm(st, &c, NULL);
        pic__ctx_unlock(ctx);
        if (waits > 0)
                (void)pic__ctx_call(ctx, "ping", NULL, 0, &answer, NULL);
}
