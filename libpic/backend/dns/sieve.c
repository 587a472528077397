/* Owns: block lists, as far as the name server is concerned: which there are and whom they hold for, written down for
 * the filters; and the life of the filter that stands before this name server.
 *
 * While the server's item says "sieve", the filter has the place at which everything is answered, and the server
 * listens on loopback behind it: whatever becomes of the filter, there is no way around it. It is started again by us,
 * at once. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backend/dns/inside.h"
#include "sieve/share.h"
#include "sys/beside.h"
#include "sys/file.h"
#include "sys/mark.h"
#include "sys/power.h"

#define GRACE 1000
#define START_LIMIT 5000 /* ms until a started one has to take connections */
#define FILE_MAX ((size_t)64 << 20)

/* --- which there are, and for whom ------------------------------------------------------------------------------ */

static pic__map *map_of(pic__dns_sieve *s, enum pic__item_kind kind)
{
        return kind == PIC__I_DNS_LIST ? &s->lists : kind == PIC__I_DNS_BARRED ? &s->barred : &s->views;
}

static void free_line(struct pic__dns_line *l)
{
        if (l == NULL)
                return;
        pic__free(l->key);
        pic__free(l->value);
        pic__free(l);
}

static int set_line(pic__dns_sieve *s, enum pic__item_kind kind, const char *key, const char *value, pic_error **err)
{
        struct pic__dns_line *l = pic__alloc(sizeof(*l)), *old;

        if (l != NULL) {
                l->kind = kind;
                l->key = pic__strdup(key);
                l->value = pic__strdup(value);
        }
        old = pic__map_get(map_of(s, kind), key, strlen(key));
        if (l == NULL || l->key == NULL || l->value == NULL ||
            pic__map_set(map_of(s, kind), l->key, strlen(l->key), l) < 0) {
                free_line(l);
                return pic__nomem(err);
        }
        free_line(old);
        s->dirty = 1;
        return 0;
}

static int digits(const char *text)
{
        return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 10;
}

/* They become lines of a file: nothing in one may end it, or be two words. */
static int check_line(enum pic__item_kind kind, const char *key, const char *value, pic_error **err)
{
        const char *allow = strstr(value, " allow=");
        pic__prefix p;
        pic__addr a;
        int ok = value[0] > ' ' && strpbrk(value, "\n\t\r") == NULL;

        if (kind == PIC__I_DNS_LIST)
                ok = ok && digits(key) && strlen(value) < 32768 && (allow == NULL || strchr(allow + 1, ' ') == NULL);
        else if (kind == PIC__I_DNS_VIEW)
                ok = ok && pic__dns_view_ok(key, value);
        else
                ok = ok && value[strspn(value, "0123456789,")] == '\0' &&
                     (pic__addr_parse(key, &a) == 0 || pic__prefix_parse(key, &p) == 0);
        return ok ? 0
                  : pic__fail(err, PIC_INVALID, "dns: '%.64s' '%.64s' is no %s", key, value,
                              pic__item_kinds[kind].name);
}

int pic__dns_sieve_step(pic__dns *b, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        pic__map *map = map_of(&b->sieve, item->kind);
        int r;

        if (step->verb == PIC__REMOVE) {
                free_line(pic__map_remove(map, item->key, strlen(item->key)));
                b->sieve.dirty = 1;
                return 0;
        }
        if (b->value == NULL)
                return pic__fail(err, PIC_BADSTATE, "the name server does not run");
        r = check_line(item->kind, item->key, item->value, err);
        return r < 0 ? r : set_line(&b->sieve, item->kind, item->key, item->value, err);
}

static int emit(const pic__map *m, pic__items *out, pic_error **err)
{
        const struct pic__dns_line *l;
        size_t at = 0;
        int r = 0;

        while (r == 0 && (l = pic__map_next(m, &at)) != NULL)
                r = pic__items_add(out, l->kind, l->key, l->value, NULL, NULL, err);
        return r;
}

int pic__dns_sieve_look(pic__dns *b, pic__items *out, pic_error **err)
{
        int r = emit(&b->sieve.lists, out, err);

        r = r < 0 ? r : emit(&b->sieve.barred, out, err);
        return r < 0 ? r : emit(&b->sieve.views, out, err);
}

static void empty(pic__map *m)
{
        struct pic__dns_line *l;
        size_t at = 0;

        while ((l = pic__map_next(m, &at)) != NULL)
                free_line(l);
        pic__map_free(m);
}

void pic__dns_sieve_forget(pic__dns *b)
{
        empty(&b->sieve.lists);
        empty(&b->sieve.barred);
        empty(&b->sieve.views);
        b->sieve.dirty = 1;
}

/* --- the files -------------------------------------------------------------------------------------------------- */

static void put_kept(const pic__map *m, pic__buf *out)
{
        const struct pic__dns_line *l;
        size_t at = 0;

        while ((l = pic__map_next(m, &at)) != NULL)
                pic__buf_putf(out, "%s\t%s\t%s\n", pic__item_kinds[l->kind].name, l->key, l->value);
}

/* What our next life takes up again. */
void pic__dns_sieve_take_up(pic__dns *b)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char *save = NULL, *line;

        if (pic__file_read(b->sieve.kept, FILE_MAX, &text, NULL) < 0 || text.data == NULL)
                return;
        for (line = strtok_r(text.data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
                char *key = strchr(line, '\t'), *value = key != NULL ? strchr(key + 1, '\t') : NULL;
                enum pic__item_kind kind;

                if (value == NULL)
                        continue;
                *key++ = '\0';
                *value++ = '\0';
                kind = strcmp(line, pic__item_kinds[PIC__I_DNS_LIST].name) == 0   ? PIC__I_DNS_LIST
                       : strcmp(line, pic__item_kinds[PIC__I_DNS_VIEW].name) == 0 ? PIC__I_DNS_VIEW
                                                                                  : PIC__I_DNS_BARRED;
                if (check_line(kind, key, value, NULL) == 0)
                        (void)set_line(&b->sieve, kind, key, value, NULL);
        }
}

static void put_list(const struct pic__dns_line *l, pic__buf *out)
{
        const char *allow = strstr(l->value, " allow="), *at;
        int all = strstr(l->value, " all") != NULL && (allow == NULL || strstr(l->value, " all ") != NULL);
        char one[PIC__ITEM_MAX];

        pic__buf_putf(out, "list %s %.*s%s\n", l->key, (int)strcspn(l->value, " "), l->value, all ? " all" : "");
        at = allow != NULL ? allow + strlen(" allow=") : "";
        while (pic__list_next(&at, one, sizeof(one)))
                pic__buf_putf(out, "allow %s %s\n", l->key, one);
}

/* The cell's own names are nobody's to block: its zone, zones of others, its names in the internet. */
static void put_passes(const pic__dns_server *s, pic__buf *out)
{
        size_t i;

        pic__buf_putf(out, "pass %s\n", s->zone.at[0]);
        for (i = 0; i < s->reverse.count; i++)
                pic__buf_putf(out, "pass %s\n", s->reverse.at[i]);
        for (i = 0; i < s->forward.count; i++)
                pic__buf_putf(out, "pass %.*s\n", (int)strcspn(s->forward.at[i], "/"), s->forward.at[i]);
        for (i = 0; i < s->outside.count; i++)
                pic__buf_putf(out, "pass %.*s\n", (int)strcspn(s->outside.at[i], "/"), s->outside.at[i]);
}

/* For the agent's own questions by an exit, no list. */
static int put_rules(pic__dns *b, pic__buf *out, pic_error **err)
{
        char text[PIC__PREFIX_TEXT];
        const struct pic__dns_line *l;
        pic__prefix links;
        size_t at = 0;
        int family, r;

        pic__buf_puts(out, "pic-sieve 1\n");
        put_passes(&b->server, out);
        if (b->server.log.count > 0)
                pic__buf_puts(out, "note\n");
        while ((l = pic__map_next(&b->sieve.lists, &at)) != NULL)
                put_list(l, out);
        for (family = 4; family <= 6; family += 2) {
                pic__exit_links(family, &links);
                pic__buf_putf(out, "none %s\n", pic__prefix_print(&links, text));
        }
        for (at = 0; (l = pic__map_next(&b->sieve.barred, &at)) != NULL;)
                pic__buf_putf(out, "from %s %s\n", l->key, l->value);
        r = pic__dns_views_put(b, out, err);
        pic__buf_puts(out, "end\n");
        return r;
}

/* No fsync: they are of this boot alone. */
static int write_beside(const char *path, const pic__buf *text, pic_error **err)
{
        FILE *f = text->failed ? NULL : fopen(path, "we");
        int bad = f == NULL || fwrite(text->data, 1, text->len, f) != text->len;

        if (f != NULL && fclose(f) != 0)
                bad = 1;
        return bad ? pic__fail(err, PIC_BACKEND, "block lists: %s cannot be written", path) : 0;
}

static int write_files(pic__dns *b, pic_error **err)
{
        pic__dns_sieve *s = &b->sieve;
        pic__auto_buf pic__buf rules = PIC__BUF_INIT, kept = PIC__BUF_INIT;
        int r;

        r = put_rules(b, &rules, err);
        if (r < 0)
                return r;
        put_kept(&s->lists, &kept);
        put_kept(&s->barred, &kept);
        put_kept(&s->views, &kept);
        pic__buf_puts(&kept, "");
        r = kept.failed ? pic__nomem(err) : pic__sieve_dir_make(s->dir, err);
        if (r == 0)
                r = pic__file_write(s->kept, pic__buf_str(&kept), kept.len, 0600, err);
        if (r == 0)
                r = write_beside(s->fresh, &rules, err);
        if (r == 0)
                r = pic__sieve_publish(s->fresh, s->dir, PIC__SIEVE_RULES, err);
        if (r < 0)
                return r;
        s->dirty = 0;
        if (b->share != NULL)
                b->share(b->share_data);
        return 0;
}

/* --- the filter ------------------------------------------------------------------------------------------------- */

#define PLACES 4

/* Its words: where it asks, and where it is asked. */
struct words {
        char up[32], inside[32], at[PLACES][PIC__ADDR_TEXT + 8];
        size_t places, first; /* `first` of them are asked of `up`, the rest of `inside` */
};

static void add_places(const pic__dns_server *s, unsigned port, struct words *w)
{
        char text[PIC__ADDR_TEXT];
        size_t i;

        for (i = 0; i < s->listen.count && w->places < PLACES; i++) {
                pic__dns_upstream p = { .tls = "" };

                (void)pic__dns_upstream_parse(s->listen.at[i], &p); /* was read before */
                if (p.port == 0)
                        snprintf(w->at[w->places++], sizeof(w->at[0]), "%s@%u", pic__addr_print(&p.addr, text), port);
        }
}

/* Where names are told by rights, the place that tells no others is behind the filter too. */
static void words_of(const pic__dns_server *s, struct words *w)
{
        w->places = 0;
        pic__dns_conf_behind(s, PIC__SIEVE_PORT, w->up, sizeof(w->up));
        add_places(s, PIC__FULL_PORT, w);
        w->first = w->places;
        if (s->views.count == 0)
                return;
        pic__dns_conf_behind(s, PIC__SIEVE_INSIDE_PORT, w->inside, sizeof(w->inside));
        add_places(s, PIC__EXIT_PORT, w);
}

static pic__mark mark_of(const pic__dns_sieve *s)
{
        return (pic__mark){ .word = "PIC_SIEVE", .program = PIC__SIEVE_PROGRAM, .dir = s->dir };
}

static int runs_as(const pic__dns_sieve *s, const struct words *w)
{
        pic__mark m = mark_of(s);

        return pic__mark_same(&m, pic__child_pid(s->child), w, sizeof(*w));
}

static int alive(pic__dns_sieve *s)
{
        pic__mark m = mark_of(s);
        int looked = s->looked;

        if (pic__child_alive(s->child))
                return 1;
        s->looked = 1; /* later ones are our own */
        return !looked && (pic__child_adopt(s->child, PIC__SIEVE_PROGRAM) || pic__mark_adopt(&m, s->child));
}

/* 1: who listens there takes connections. */
static int takes(const pic__addr *a, unsigned port)
{
        struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
        struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        int v4 = a->family == 4, fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r;

        struct pollfd p;

        memcpy(v4 ? (void *)&to4.sin_addr : (void *)&to6.sin6_addr, a->bytes, v4 ? 4 : 16);
        p = (struct pollfd){ .fd = fd, .events = POLLOUT };
        r = fd < 0 ? -1
            : v4   ? connect(fd, (const struct sockaddr *)&to4, sizeof(to4))
                   : connect(fd, (const struct sockaddr *)&to6, sizeof(to6));
        if (r < 0 && fd >= 0 && errno == EINPROGRESS)
                r = poll(&p, 1, 20) == 1 && (p.revents & (POLLERR | POLLHUP)) == 0 ? 0 : -1;
        if (fd >= 0)
                close(fd);
        return r == 0;
}

static int await(pic__dns *b, pic_error **err)
{
        static const struct timespec pause = { 0, 2000000 };
        pic__dns_upstream first = { .tls = "" };
        int left;

        (void)pic__dns_upstream_parse(b->server.listen.at[0], &first);
        for (left = START_LIMIT; left > 0 && pic__child_alive(b->sieve.child); left -= 2) {
                if (first.port != 0 || takes(&first.addr, PIC__FULL_PORT))
                        return 0;
                nanosleep(&pause, NULL);
        }
        pic__fail(err, PIC_BACKEND, "block lists: the filter does not start");
        pic__hint(err, "pic log sieve");
        return PIC_BACKEND;
}

/* It stands in its directory from the start, so nobody has to let it through those above; and is nobody. */
static int launch(pic__dns *b, const struct words *w, pic_error **err)
{
        static char reuid[24], regid[24];
        pic__dns_sieve *s = &b->sieve;
        pic__auto_free char *program = pic__beside_find(PIC__SIEVE_PROGRAM);
        const char *argv[] = { "env",
                               "-C",
                               s->dir,
                               "setpriv",
                               reuid,
                               regid,
                               "--clear-groups",
                               "--no-new-privs",
                               "--inh-caps=-all",
                               "--ambient-caps=-all",
                               "--bounding-set=-all",
                               "--",
                               program,
                               "serve",
                               ".",
                               w->up,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               NULL,
                               NULL };
        char mark[PIC__MARK_MAX];
        const char *env[] = { mark, NULL };
        size_t n = PIC__COUNT(argv) - 7, i;
        pic__mark m = mark_of(s);
        uint64_t power;
        int r;

        if (program == NULL) {
                pic__fail(err, PIC_UNSUPPORTED,
                          "block lists: " PIC__SIEVE_PROGRAM " is not beside picd, nor installed");
                return PIC_UNSUPPORTED;
        }
        for (i = 0; i < w->places; i++) {
                if (i == w->first) {
                        argv[n++] = "then";
                        argv[n++] = w->inside;
                }
                argv[n++] = w->at[i];
        }
        snprintf(reuid, sizeof(reuid), "--reuid=%u", PIC__SIEVE_USER);
        snprintf(regid, sizeof(regid), "--regid=%u", PIC__SIEVE_USER);
        if (pic__mark_make(&m, w, sizeof(*w), mark) < 0)
                return pic__fail(err, PIC_INVALID, "%s: the run directory has too long a name", s->dir);
        power = pic__power_give();
        r = pic__child_start(s->child, argv, env, err);
        pic__power_back(power);
        if (r == 0)
                r = await(b, err);
        pic__bell_child(&s->bell, s->child);
        return r;
}

static int run(pic__dns *b, pic_error **err)
{
        pic__dns_sieve *s = &b->sieve;
        struct words w;
        unsigned ms;

        memset(&w, 0, sizeof(w));
        words_of(&b->server, &w);
        if (alive(s)) {
                pic__bell_child(&s->bell, s->child);
                if (runs_as(s, &w))
                        return 0;
                pic__child_stop(s->child, GRACE);
        }
        if (w.places == 0)
                return 0;
        ms = pic__child_backoff(s->child);
        if (ms > 0) { /* it died often: names wait, and nothing else does */
                pic__bell_ring_in(&s->bell, ms);
                return 0;
        }
        return launch(b, &w, err);
}

int pic__dns_sieve_settle(pic__dns *b, pic_error **err)
{
        int r = 0;

        if (b->value == NULL || b->server.sieve.count == 0) {
                pic__dns_sieve_stop(b);
                return 0;
        }
        if (b->sieve.dirty || access(b->sieve.rules, F_OK) < 0)
                r = write_files(b, err);
        return r < 0 ? r : run(b, err);
}

void pic__dns_sieve_mend(pic__dns *b)
{
        pic__auto_err pic_error *bad = NULL;

        (void)pic__bell_rung(&b->sieve.bell);
        if (b->value == NULL || b->server.sieve.count == 0 || pic__child_alive(b->sieve.child))
                return;
        if (pic__dns_sieve_settle(b, &bad) < 0)
                pic__log_put(b->base.log, PIC_LOG_WARNING, "dns", "%s", pic_error_message(bad));
}

int pic__dns_sieve_runs(pic__dns *b)
{
        return pic__child_alive(b->sieve.child);
}

void pic__dns_sieve_stop(pic__dns *b)
{
        pic__dns_sieve *s = &b->sieve;

        if (!alive(s))
                return;
        pic__child_stop(s->child, GRACE);
        pic__bell_child(&s->bell, s->child);
        (void)unlink(s->rules);
        (void)unlink(s->kept);
}

int pic__dns_sieve_open(pic__dns *b, const pic__dns_opts *opts, pic_error **err)
{
        pic__dns_sieve *s = &b->sieve;
        struct epoll_event e = { .events = EPOLLIN };
        int r;

        s->dir = pic__path_join(opts->run_dir, PIC__SIEVE_DIR);
        s->kept = pic__path_join(b->dir, "lists");
        s->rules = s->dir != NULL ? pic__path_join(s->dir, PIC__SIEVE_RULES) : NULL;
        s->fresh = s->dir != NULL ? pic__path_join(s->dir, ".rules") : NULL;
        b->share = opts->share;
        b->share_data = opts->share_data;
        if (s->dir == NULL || s->kept == NULL || s->rules == NULL || s->fresh == NULL)
                return pic__nomem(err);
        s->dirty = 1;
        r = pic__child_new("sieve", b->dir, b->log_dir, b->base.log, &s->child, err);
        if (r == 0)
                r = pic__child_output(s->child, b->log_dir, PIC__DNS_BLOCKED, err);
        if (r == 0)
                r = pic__bell_open(&s->bell, "sieve", err);
        e.data.fd = s->bell.epoll;
        if (r == 0 && epoll_ctl(b->bell.epoll, EPOLL_CTL_ADD, s->bell.epoll, &e) < 0)
                r = pic__fail(err, PIC_BACKEND, "block lists: the filter cannot be watched");
        return r;
}

void pic__dns_sieve_close(pic__dns *b)
{
        pic__dns_sieve *s = &b->sieve;

        pic__dns_sieve_forget(b);
        pic__bell_close(&s->bell);
        pic__child_unref(s->child); /* it goes on */
        pic__free(s->dir);
        pic__free(s->kept);
        pic__free(s->rules);
        pic__free(s->fresh);
}
