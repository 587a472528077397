/* Owns: the backend as plan/backend.h wants it. */
#include "backend/dns/dns.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/dns/inside.h"
#include "sys/file.h"

struct emit {
        pic__items *out;
        pic_error **err;
};

static int emit_record(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        struct emit *e = data;
        char key[300];

        snprintf(key, sizeof(key), "%.*s %s", (int)len, name, pic__dns_types[type]);
        return pic__items_add(e->out, PIC__I_DNS_RECORD, key, value, NULL, NULL, e->err);
}

static int look(pic__dns *b, pic__items *out, pic_error **err)
{
        struct emit e = { out, err };
        pic_error *bad = NULL;
        int r = pic__dns_find(b, err);

        if (r <= 0)
                return r;
        r = pic__dns_know_names(b, &bad);
        if (r < 0 && !pic__child_alive(b->child)) { /* it hung, and is gone */
                pic_error_free(bad);
                pic__dns_forget(b);
                return 0;
        }
        if (r == 0)
                r = pic__items_add(out, PIC__I_DNS_SERVER, "main", b->value, NULL, NULL, &bad);
        if (bad != NULL && err != NULL)
                *err = pic__take(bad);
        pic_error_free(bad);
        if (r == 0)
                r = pic__dns_sieve_look(b, out, err);
        return r < 0 ? r : pic__dns_names_each(&b->names, NULL, 0, emit_record, &e);
}

static int observe(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__dns *b = (pic__dns *)backend;
        int r = look(b, out, err);

        b->known = r == 0;
        return r;
}

/* The picture is what observe would tell; tick() holds it against unbound. */
static int news(pic__backend *backend, pic__items *out, pic_error **err)
{
        pic__dns *b = (pic__dns *)backend;
        int r;

        if (pic__dns_find(b, NULL) > 0 && b->known && b->names_known)
                return 0;
        r = observe(backend, out, err);
        return r < 0 ? r : 1;
}

static size_t records_from(const pic__step *steps, size_t from, size_t count)
{
        size_t i = from;

        while (i < count && steps[i].kind == PIC__I_DNS_RECORD)
                i++;
        return i - from;
}

/* A server and the records that follow come together: it never answers with half a zone. A record that is refused ends
 * the row; those before it are in force. */
static int add_server(pic__dns *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        pic_error *refused = NULL;
        size_t i = 1;
        int r, bad = 0;

        if (b->value != NULL)
                return pic__fail(err, PIC_CONFLICT, "the name server runs already");
        for (; i < count && steps[i].kind == PIC__I_DNS_RECORD && steps[i].verb == PIC__ADD; i++) {
                bad = pic__dns_picture(b, &steps[i], &refused);
                if (bad < 0)
                        break;
        }
        r = pic__dns_begin(b, steps[0].after->value, err);
        if (r == 0)
                *ret_done = i;
        if (r == 0 && bad < 0) {
                if (err != NULL)
                        *err = pic__take(refused);
                r = bad;
        }
        pic_error_free(refused);
        return r;
}

static int server_step(pic__dns *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        const pic__step *s = &steps[0];
        const pic__item *item = s->after != NULL ? s->after : s->before;
        int r = 0;

        *ret_done = 0;
        if (strcmp(item->key, "main") != 0)
                return pic__fail(err, PIC_INVALID, "there is no name server '%s'", item->key);
        if (s->verb == PIC__ADD)
                return add_server(b, steps, count, ret_done, err);
        if (s->verb == PIC__REMOVE)
                pic__dns_stop(b); /* fine if it died meanwhile */
        else if (b->value == NULL)
                r = pic__fail(err, PIC_NOTFOUND, "the name server does not run");
        else
                r = pic__dns_change(b, s->after->value, err);
        *ret_done = r == 0 ? 1 : 0;
        return r;
}

/* Records of a server that goes at once, or has gone, need not be taken out one by one. */
static int going(const pic__dns *b, const pic__step *steps, size_t records, size_t count)
{
        size_t i;

        if (b->value != NULL && !(records < count && steps[records].verb == PIC__REMOVE))
                return 0;
        for (i = 0; i < records; i++)
                if (steps[i].verb != PIC__REMOVE)
                        return 0;
        return 1;
}

static int record_steps(pic__dns *b, const pic__step *steps, size_t records, size_t count, size_t *ret_done,
                        pic_error **err)
{
        int r;

        *ret_done = 0;
        if (going(b, steps, records, count)) {
                *ret_done = records;
                return 0;
        }
        if (b->value == NULL)
                return pic__fail(err, PIC_BADSTATE, "the name server does not run");
        r = pic__dns_know_names(b, err);
        return r < 0 ? r : pic__dns_live(b, steps, records, ret_done, err);
}

static int apply(pic__backend *backend, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        pic__dns *b = (pic__dns *)backend;
        size_t at = 0, done = 0;
        int r;

        (void)pic__dns_finish(b, NULL); /* one that fails is gone; the steps will see that */
        r = pic__dns_find(b, err);
        r = r < 0 ? r : 0;
        for (; r == 0 && at < count; at += done) {
                size_t records = records_from(steps, at, count);

                done = 0;
                b->sieve.dirty |= steps[at].kind != PIC__I_DNS_LIST && b->server.views.count > 0;
                if (records > 0)
                        r = record_steps(b, steps + at, records, count - at, &done, err);
                else if (steps[at].kind == PIC__I_DNS_SERVER)
                        r = server_step(b, steps + at, count - at, &done, err);
                else if (steps[at].kind == PIC__I_DNS_LIST || steps[at].kind == PIC__I_DNS_BARRED ||
                         steps[at].kind == PIC__I_DNS_VIEW)
                        done = (r = pic__dns_sieve_step(b, &steps[at], err)) == 0;
                else
                        r = pic__fail(err, PIC_INVALID, "dns: not a step of this backend");
        }
        *ret_done = at;
        if (r == 0)
                r = pic__dns_sieve_settle(b, err);
        b->known = b->known && r == 0;
        return r;
}

static int finish(pic__backend *backend, pic_error **err)
{
        return pic__dns_finish((pic__dns *)backend, err);
}

static int event_fd(pic__backend *backend)
{
        return ((pic__dns *)backend)->bell.epoll;
}

/* Now and then all that unbound holds is held against what we believe. It stops answering for that moment, so not at
 * each tick. */
static void tick(pic__backend *backend)
{
        pic__dns_names now = PIC__DNS_NAMES_INIT;
        pic__dns *b = (pic__dns *)backend;

        if (b->value == NULL)
                return;
        if (pic__daemon_died(&b->d)) {
                pic__dns_forget(b);
                pic__bell_ring(&b->bell);
                return;
        }
        pic__dns_sieve_mend(b);
        if (++b->ticks % PIC__DNS_ASK_EVERY == 0 && pic__dns_ask(b, "status", NULL, NULL, NULL) < 0)
                return; /* one that hung was killed, and we are rung */
        pic__dns_doubt_upstreams(b);
        if (b->ticks < PIC__DNS_LOOK_EVERY || !b->names_known)
                return;
        b->ticks = 0;
        if (pic__dns_list_records(b, &now, NULL) < 0)
                return; /* when it hung, it was killed, and we are rung */
        if (pic__dns_names_same(&now, &b->names)) {
                pic__dns_names_free(&now);
                return;
        }
        pic__log_put(b->base.log, PIC_LOG_WARNING, "dns", "records were changed by somebody else");
        pic__dns_names_free(&b->names);
        b->names = now;
        b->known = 0;
        pic__bell_ring(&b->bell);
}

static int teardown(pic__backend *backend, int keep_block, pic_error **err)
{
        pic__dns *b = (pic__dns *)backend;
        int r = pic__dns_find(b, err);

        (void)keep_block; /* nothing of this subsystem blocks */
        if (r < 0)
                return r;
        pic__dns_stop(b);
        rmdir(b->dir);
        return 0;
}

static void free_backend(pic__backend *backend)
{
        pic__dns *b = (pic__dns *)backend;
        char *const texts[] = { b->conf, b->records, b->socket, b->asked, b->queries };
        size_t i;

        pic__dns_ask_nobody(b);
        pic__dns_sieve_close(b);
        pic__daemon_close(&b->d);
        pic__dns_server_free(&b->server);
        pic__dns_names_free(&b->names);
        for (i = 0; i < PIC__COUNT(texts); i++)
                pic__free(texts[i]);
        pic__free(b);
}

static int drain(pic__backend *backend)
{
        pic__dns *b = (pic__dns *)backend;
        int died, news = pic__daemon_rung(&b->d, &died);

        pic__dns_heed_upstreams(b);
        if (died)
                pic__dns_forget(b);
        pic__dns_sieve_mend(b);
        return news;
}

static const pic__backend_ops ops = {
        .observe = observe,
        .apply = apply,
        .finish = finish,
        .news = news,
        .event_fd = event_fd,
        .drain = drain,
        .counts = pic__dns_counts,
        .flush = pic__dns_flush,
        .doctor = pic__dns_doctor,
        .tick = tick,
        .teardown = teardown,
        .free = free_backend,
};

static int set_paths(pic__dns *b, const pic__dns_opts *opts, pic_error **err)
{
        b->conf = pic__daemon_path(&b->d, "unbound.conf");
        b->records = pic__daemon_path(&b->d, "records.conf");
        b->asked = pic__daemon_path(&b->d, "asked.conf");
        b->socket = pic__daemon_path(&b->d, "control.sock");
        b->queries = pic__path_join(opts->log_dir, PIC__DNS_QUERIES);
        if (b->conf == NULL || b->records == NULL || b->asked == NULL || b->socket == NULL || b->queries == NULL)
                return pic__nomem(err);
        if (strpbrk(b->dir, "\"\n\\") != NULL || strlen(b->socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
                return pic__fail(err, PIC_INVALID, "%s: the run directory has to be a short absolute path",
                                 opts->run_dir);
        return 0;
}

int pic__dns_new(const pic__dns_opts *opts, pic__backend **ret, pic_error **err)
{
        const pic__daemon_opts o = { .program = "unbound",
                                     .area = "dns",
                                     .name = "dns",
                                     .run_dir = opts->run_dir,
                                     .log_dir = opts->log_dir,
                                     .log = opts->log };
        pic__dns *b = pic__alloc(sizeof(*b));
        int r;

        if (b == NULL)
                return pic__nomem(err);
        b->base = (pic__backend){ PIC__B_DNS, &ops, opts->log };
        r = pic__daemon_open(&b->d, &o, err);
        if (r == 0)
                r = set_paths(b, opts, err);
        if (r == 0)
                r = pic__dns_sieve_open(b, opts, err);
        if (r < 0) {
                free_backend(&b->base);
                return r;
        }
        *ret = &b->base;
        return 0;
}
