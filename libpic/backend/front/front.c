/* Owns: the backend as plan/backend.h wants it. */
#include "backend/front/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pic/log.h>

#include "backend/front/inside.h"
#include "backend/front/socket.h"
#include "sys/file.h"

static int observe(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__front *b = (pic__front *)backend;
        int r = pic__front_find(b, err);

        b->known = r == 0;
        if (r <= 0)
                return r;
        r = pic__items_add(out, PIC__I_FRONT_SERVER, "main", b->value, NULL, NULL, err);
        if (r == 0)
                r = b->refused ? pic__front_held_tell(b, out, err) : pic__front_look(b, out, err);
        if (r < 0 && !b->refused) { /* one that cannot be asked is none */
                (void)pic__front_answers(b, NULL);
                return r;
        }
        b->known = r == 0;
        return r;
}

/* 1: it has what it was told. Somebody else has the socket too: root. */
static int as_told(pic__front *b)
{
        pic__auto_items pic__items seen = PIC__ITEMS_INIT;
        uint64_t sum = b->sum;

        return b->refused || (pic__front_look(b, &seen, NULL) == 0 && b->sum == sum);
}

static int news(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__front *b = (pic__front *)backend;
        int had = b->value != NULL, r;

        if (b->known && (pic__front_find(b, NULL) > 0) == had && (!had || b->entries > PIC__FRONT_FEW || as_told(b)))
                return 0;
        r = observe(backend, out, err);
        return r < 0 ? r : 1;
}

static int server_step(pic__front *b, const pic__step *s, pic_error **err)
{
        const pic__item *item = s->after != NULL ? s->after : s->before;

        if (strcmp(item->key, "main") != 0)
                return pic__fail(err, PIC_INVALID, "front: not a step of this backend");
        if (s->verb == PIC__REMOVE) {
                pic__front_stop(b); /* fine if it died meanwhile */
                return 0;
        }
        if (s->verb == PIC__ADD)
                return b->value == NULL ? pic__front_start(b, s->after->value, err)
                                        : pic__fail(err, PIC_CONFLICT, "the front runs already");
        return b->value != NULL ? pic__front_change(b, s->after->value, err)
                                : pic__fail(err, PIC_NOTFOUND, "the front does not run");
}

static int others(pic__front *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        if (b->value != NULL)
                return pic__front_put(b, steps, count, ret_done, err);
        *ret_done = 0;
        if (steps[0].verb != PIC__REMOVE)
                return pic__fail(err, PIC_NOTFOUND, "the front does not run");
        *ret_done = 1; /* it went with the rest */
        return 0;
}

static int apply(pic__backend *backend, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        pic__front *b = (pic__front *)backend;
        int r = pic__front_find(b, err), known = b->known;
        size_t n, done;

        r = r < 0 ? r : 0;
        for (*ret_done = 0; *ret_done < count && r == 0; *ret_done += done) {
                done = 1;
                if (steps[*ret_done].kind == PIC__I_FRONT_SERVER) {
                        r = server_step(b, &steps[*ret_done], err);
                } else {
                        for (n = 1; *ret_done + n < count && steps[*ret_done + n].kind != PIC__I_FRONT_SERVER;)
                                n++;
                        r = others(b, &steps[*ret_done], n, &done, err);
                }
                if (r < 0 && steps[*ret_done].kind == PIC__I_FRONT_SERVER)
                        done = 0;
        }
        b->known = known && r == 0; /* it is as our own steps left it */
        return r;
}

static int event_fd(pic__backend *backend)
{
        return ((pic__front *)backend)->bell.epoll;
}

/* Its ports are free now: it is missing, and comes. */
static void try_again(pic__front *b)
{
        pic__auto_free char *program = pic__cmd_find("haproxy");

        if (program == NULL || !pic__front_ports_free(b))
                return;
        pic__front_forget(b);
        pic__bell_ring(&b->bell);
}

/* Nobody has the ports of the outside any more. 1: it was looked. */
static int open_again(pic__front *b)
{
        pic__auto_free char *value = b->shut && b->ticks % PIC__FRONT_ASK_EVERY == 0 ? pic__strdup(b->value) : NULL;
        pic__auto_err pic_error *bad = NULL;
        pic__auto_buf pic__buf who = PIC__BUF_INIT;

        if (value == NULL || value[0] == '\0')
                return 0;
        if (!pic__front_outer_taken(&b->conf, &who) && pic__front_change(b, value, &bad) < 0)
                pic__log_err(b->base.log, PIC_LOG_ERROR, "front", bad);
        return 1;
}

static void tick(pic__backend *backend)
{
        pic__front *b = (pic__front *)backend;

        if (b->value == NULL)
                return;
        b->ticks++;
        if (b->refused) {
                if (b->ticks % PIC__FRONT_ASK_EVERY == 0)
                        try_again(b);
                return;
        }
        if (pic__daemon_died(&b->d)) {
                pic__front_forget(b);
                pic__bell_ring(&b->bell);
                return;
        }
        pic__front_renew(b);
        if (b->stale && b->value[0] != '\0')
                pic__front_sweep(b);
        if (open_again(b))
                return;
        if (b->ticks % PIC__FRONT_ASK_EVERY == 0 && b->value[0] != '\0' && pic__front_answers(b, NULL) == 0 &&
            b->ticks % PIC__FRONT_LOOK_EVERY == 0 && b->known && !as_told(b)) {
                b->known = 0;
                pic__bell_ring(&b->bell);
        }
}

static int64_t number_of(const pic__buf *answer, const char *name)
{
        char text[32];

        return pic__front_read_line(pic__buf_str(answer), name, text, sizeof(text)) == 0 ? strtoll(text, NULL, 10) : 0;
}

static void tell_fact(pic__backend *backend, pic__front_fact *ret)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        pic__front *b = (pic__front *)backend;

        memset(ret, 0, sizeof(*ret));
        if (b->trouble != NULL)
                snprintf(ret->trouble, sizeof(ret->trouble), "%s", b->trouble);
        if (b->mend != NULL)
                snprintf(ret->mend, sizeof(ret->mend), "%s", b->mend);
        if (pic__front_find(b, NULL) <= 0 || b->refused || b->value[0] == '\0')
                return;
        pic__buf_puts(&command, "show info\n");
        if (pic__front_ask(b->dir, &command, PIC__FRONT_TIMEOUT, &answer, NULL) < 0)
                return;
        ret->serving = 1;
        ret->outside = b->conf.outside;
        ret->shut = b->shut;
        ret->until = pic__front_own_until(b, PIC__FRONT_FIRST);
        ret->pid = (int)pic__child_pid(b->child);
        ret->connections = number_of(&answer, "CurrConns");
        ret->requests = number_of(&answer, "CumReq");
        ret->handshakes = number_of(&answer, "CumSslConns");
}

static void judge_outside(pic__front *b, pic__finding_fn fn, void *data)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_puts(&text, "nobody on the internet reaches public services: ");
        if (pic__front_outer_taken(&b->conf, &text))
                fn(PIC_LOG_WARNING, "front", pic__buf_str(&text),
                   "let it listen elsewhere, and they come within half a minute: ss -ltnp '( sport = :80 or sport = "
                   ":443 "
                   ")'",
                   data);
}

static void doctor(pic__backend *backend, pic__finding_fn fn, void *data)
{
        pic__front *b = (pic__front *)backend;
        pic__auto_err pic_error *err = NULL;
        int there = pic__front_find(b, NULL) > 0;

        if (!there || b->refused) {
                if (b->trouble != NULL) /* it was wished */
                        fn(b->mend != NULL ? PIC_LOG_WARNING : PIC_LOG_WARNING | PIC__ACT_APPLY, "front", b->trouble,
                           b->mend != NULL ? b->mend : "`pic apply` tries again; or: pic cell set --front no", data);
                return;
        }
        if (b->value[0] != '\0' && pic__front_answers(b, &err) < 0)
                fn(PIC_LOG_WARNING, "front", pic_error_message(err),
                   "it was killed and is started again: pic log front", data);
        else
                pic__front_judge_services(b, fn, data);
        if (b->shut)
                judge_outside(b, fn, data);
}

static int teardown(pic__backend *backend, int keep_block, pic_error **err)
{
        pic__front *b = (pic__front *)backend;
        int r = pic__front_find(b, err);

        (void)keep_block; /* nothing of this subsystem blocks */
        if (r < 0)
                return r;
        pic__front_stop(b);
        rmdir(b->dir);
        return 0;
}

static void free_backend(pic__backend *backend)
{
        pic__front *b = (pic__front *)backend;

        pic__front_let_all_go(b);
        pic__front_own_forget(b);
        pic__daemon_close(&b->d);
        pic__free(b->secret_file);
        pic__free(b->mend);
        pic__free(b);
}

static int drain(pic__backend *backend)
{
        pic__front *b = (pic__front *)backend;
        int died, news = pic__daemon_rung(&b->d, &died);

        if (died)
                pic__front_forget(b);
        return news;
}

static const pic__backend_ops ops = {
        .observe = observe,
        .apply = apply,
        .news = news,
        .event_fd = event_fd,
        .drain = drain,
        .front = tell_fact,
        .services = pic__front_tell_services,
        .doctor = doctor,
        .tick = tick,
        .teardown = teardown,
        .free = free_backend,
};

static int set_paths(pic__front *b, const pic__front_opts *opts, pic_error **err)
{
        b->secret_file = pic__strdup(opts->secret_file);
        return b->secret_file != NULL ? 0 : pic__nomem(err);
}

int pic__front_new(const pic__front_opts *opts, pic__backend **ret, pic_error **err)
{
        const pic__daemon_opts o = { .program = "haproxy",
                                     .area = "front",
                                     .name = "haproxy",
                                     .run_dir = opts->run_dir,
                                     .log_dir = opts->log_dir,
                                     .log = opts->log };
        pic__front *b = pic__alloc(sizeof(*b));
        int r;

        if (b == NULL)
                return pic__nomem(err);
        b->base = (pic__backend){ PIC__B_FRONT, &ops, opts->log };
        b->issue = opts->issue;
        b->now = opts->now;
        b->data = opts->data;
        r = pic__daemon_open(&b->d, &o, err);
        if (r == 0)
                r = set_paths(b, opts, err);
        if (r < 0) {
                free_backend(&b->base);
                return r;
        }
        *ret = &b->base;
        return 0;
}
