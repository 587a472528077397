/* Owns: the life of the one haproxy: start, finding it again, change, stop. It reads files when it starts, and none of
 * them has a secret: names, certificates and who may ask are told to it when it runs (live.c). The stamp says by which
 * item it was started, its environment with what configuration. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/front/inside.h"
#include "backend/front/socket.h"
#include "base/time.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/mark.h"
#include "sys/power.h"
#include "sys/x509.h"

#define GRACE 1000
#define VALUE_MAX 4096

void pic__front_forget(pic__front *b)
{
        b->refused = 0;
        b->stale = 0;
        b->shut = 0;
        pic__front_own_forget(b);
        pic__front_let_all_go(b);
        pic__daemon_forget(&b->d);
}

/* --- finding it again ------------------------------------------------------------------------------------------- */

static pic__mark mark_of(const pic__front *b)
{
        return (pic__mark){ .word = "PIC_FRONT", .program = "haproxy", .dir = b->dir };
}

/* Of its configuration. */
static int put_mark(const pic__front *b, const pic__front_conf *c, char mark[PIC__MARK_MAX])
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__mark m = mark_of(b);

        return pic__front_conf_text(c, &text) < 0 ? -1 : pic__mark_make(&m, text.data, text.len, mark);
}

/* Whether it runs with what we would start for that item now: another version of this program may have started it. */
static int runs_as(const pic__front *b, const pic__front_conf *c)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__mark m = mark_of(b);

        return pic__front_conf_text(c, &text) >= 0 && pic__mark_same(&m, pic__child_pid(b->child), text.data, text.len);
}

/* As wished, or shut where it is to be open to everybody and could not be. */
static int recognize(pic__front *b, const char *value)
{
        if (pic__front_conf_parse(value, &b->conf, NULL) < 0)
                return 0;
        if (runs_as(b, &b->conf))
                return 1;
        if (!b->conf.outside)
                return 0;
        b->conf.outside = 0;
        b->shut = runs_as(b, &b->conf);
        return b->shut;
}

int pic__front_find(pic__front *b, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__mark m = mark_of(b);
        int r;

        if (b->refused)
                return 1;
        if (!pic__daemon_found(&b->d, &m)) {
                if (b->value != NULL)
                        pic__front_forget(b);
                return 0;
        }
        if (b->value != NULL)
                return 1;
        if (pic__file_read(b->stamp, VALUE_MAX, &text, NULL) < 0 || !recognize(b, pic__buf_str(&text)) ||
            pic__front_tell_secret(b, NULL) < 0)
                pic__buf_clear(&text);
        r = pic__daemon_is(&b->d, pic__buf_str(&text), err);
        return r < 0 ? r : 1;
}

/* --- whether it answers ----------------------------------------------------------------------------------------- */

static int ask(const pic__front *b, unsigned ms, pic_error **err)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT;

        pic__buf_puts(&command, "show env PIC_FRONT\n");
        return pic__front_ask(b->dir, &command, ms, &answer, err);
}

int pic__front_answers(pic__front *b, pic_error **err)
{
        int r = ask(b, PIC__FRONT_TIMEOUT, err);

        if (r < 0)
                pic__daemon_kill(&b->d);
        return r;
}

/* The last line that is an alarm: "[ALERT]    (123) : Starting frontend web: cannot bind socket (…) [10.1.0.1:443]" */
static const char *alarm_of(char *written)
{
        char *save = NULL, *line, *last = NULL, *colon;

        for (line = strtok_r(written, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
                if (strncmp(line, "[ALERT]", 7) == 0 && (last == NULL || strstr(last, "bind") == NULL))
                        last = line;
        colon = last != NULL ? strstr(last, " : ") : NULL;
        return colon != NULL ? colon + 3 : "it says nothing";
}

int pic__front_explain(char *written, pic_error **err)
{
        int taken = strstr(written, "Address already in use") != NULL;
        const char *said = alarm_of(written);

        if (taken) {
                pic__fail(err, PIC_CONFLICT, "https: a port is taken by another program: %s", said);
                pic__hint(err,
                          "find it with `ss -ltnp '( sport = :80 or sport = :443 )'`, and let it listen on its own "
                          "addresses only; or without a front: pic cell set --front no");
        } else {
                pic__fail(err, PIC_BACKEND, "https: haproxy does not start: %s", said);
                pic__hint(err, "pic log front");
        }
        return taken ? PIC_CONFLICT : PIC_BACKEND;
}

static int explain(const pic__front *b, off_t from, pic_error **err)
{
        char text[4096];

        pic__daemon_log_since(&b->d, from, text, sizeof(text));
        return pic__front_explain(text, err);
}

static int await(pic__front *b, off_t from, pic_error **err)
{
        static const struct timespec pause = { 0, 2000000 };
        int waited;

        for (waited = 0; waited < PIC__FRONT_START_LIMIT; waited += 2) {
                if (!pic__child_alive(b->child))
                        return explain(b, from, err);
                if (ask(b, 1000, NULL) == 0)
                        return 0;
                nanosleep(&pause, NULL);
        }
        return explain(b, from, err);
}

static int port_free(const pic__addr *a, uint16_t port)
{
        struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons(port) };
        int v4 = a->family == 4, one = 1, r;
        int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return 0;
        memcpy(v4 ? (void *)&to4.sin_addr : (void *)&to6.sin6_addr, a->bytes, v4 ? 4 : 16);
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        r = v4 ? bind(fd, (const struct sockaddr *)&to4, sizeof(to4))
               : bind(fd, (const struct sockaddr *)&to6, sizeof(to6));
        if (r == 0)
                r = listen(fd, 1);
        close(fd);
        return r == 0;
}

int pic__front_ports_free(const pic__front *b)
{
        size_t i;

        for (i = 0; i < b->conf.listens; i++)
                if (!port_free(&b->conf.listen[i], 80) || !port_free(&b->conf.listen[i], 443))
                        return 0;
        return 1;
}

/* --- start and end ---------------------------------------------------------------------------------------------- */

int pic__front_nobody(pic__buf *out, pic_error **err)
{
        static const char *const zones[] = { "invalid", NULL }, *const nets[] = { "192.0.2.0/24", NULL };
        static const pic__x509_scope scope = { zones, nets };
        PIC__AUTO(pic__x509_key_unref_p) pic__x509_key *key = NULL;
        pic__auto_wipe pic__buf der = PIC__BUF_SECRET;
        pic__auto_buf pic__buf cert = PIC__BUF_INIT;
        int r = pic__x509_key_new(&key, err);

        if (r == 0)
                r = pic__x509_root(key, PIC__FRONT_NOBODY, &scope, 0, (pic_time)2000000000 * PIC__SECOND, &cert, err);
        if (r == 0)
                r = pic__x509_key_write(key, &der, err);
        if (r < 0)
                return r;
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&cert), out);
        pic__x509_pem_put("PRIVATE KEY", pic__der_of(&der), out);
        return out->failed ? pic__nomem(err) : 0;
}

static int write_file(const pic__front *b, const char *name, const pic__buf *text, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(b->dir, name);

        if (path == NULL || text->failed)
                return pic__nomem(err);
        return pic__file_write(path, pic__buf_str(text), text->len, 0600, err);
}

static void leave_file(const pic__front *b, const char *name)
{
        pic__auto_free char *path = pic__path_join(b->dir, name);

        if (path != NULL)
                (void)unlink(path);
}

static int write_files(const pic__front *b, const pic__front_conf *c, pic_error **err)
{
        static const char *const empties[] = { PIC__FRONT_HOSTS,   PIC__FRONT_PEERS,  PIC__FRONT_PLACES,
                                               PIC__FRONT_DOORS,   PIC__FRONT_NAMES,  PIC__FRONT_FACTS,
                                               PIC__FRONT_SERVERS, PIC__FRONT_SERVED, PIC__FRONT_OUTNAMES,
                                               PIC__FRONT_OUTSIDE };
        pic__auto_buf pic__buf conf = PIC__BUF_INIT, list = PIC__BUF_INIT, empty = PIC__BUF_INIT;
        pic__auto_wipe pic__buf pem = PIC__BUF_SECRET;
        size_t i;
        int r = pic__front_conf_text(c, &conf) < 0 ? pic__nomem(err) : write_file(b, PIC__FRONT_CONF, &conf, err);

        pic__buf_puts(&list, PIC__FRONT_FIRST "\n");
        if (r == 0)
                r = write_file(b, PIC__FRONT_CERTS, &list, err);
        if (r == 0)
                r = pic__front_nobody(&pem, err);
        if (r == 0)
                r = write_file(b, PIC__FRONT_FIRST, &pem, err);
        for (i = 0; r == 0 && i < PIC__COUNT(empties); i++)
                r = write_file(b, empties[i], &empty, err);
        return r;
}

static int launch(pic__front *b, const pic__front_conf *c, pic_error **err)
{
        static char words[3][96];
        /* What it may at first: read our files, bind ports below 1024, become somebody else, who may nothing. */
        static const char caps[] = "-all,+net_bind_service,+setuid,+setgid,+dac_override";
        const char *argv[] = { "env", "-C",      b->dir, "setpriv", "--no-new-privs", words[0], words[1], words[2],
                               "--",  "haproxy", "-db",  "-f",      PIC__FRONT_CONF,  NULL };
        pic__auto_free char *program = pic__cmd_find("haproxy");
        const char *env[] = { NULL, NULL };
        char mark[PIC__MARK_MAX];
        off_t from = pic__daemon_log_size(&b->d);
        uint64_t power;
        int r;

        if (program == NULL) {
                pic__fail(err, PIC_UNSUPPORTED, "https: haproxy is not installed");
                pic__hint(err, "apt-get install haproxy; or without a front: pic cell set --front no");
                return PIC_UNSUPPORTED;
        }
        if (put_mark(b, c, mark) < 0)
                return pic__nomem(err);
        env[0] = mark;
        snprintf(words[0], sizeof(words[0]), "--inh-caps=%s", caps);
        snprintf(words[1], sizeof(words[1]), "--ambient-caps=%s", caps);
        snprintf(words[2], sizeof(words[2]), "--bounding-set=%s", caps);
        power = pic__power_give();
        r = pic__child_start(b->child, argv, env, err);
        pic__power_back(power);
        return r < 0 ? r : await(b, from, err);
}

static void remember_trouble(pic__front *b, const pic_error *bad)
{
        const char *hint = bad != NULL ? pic_error_hint(bad) : NULL;

        pic__daemon_trouble(&b->d, bad);
        pic__free(b->mend);
        b->mend = hint != NULL ? pic__strdup(hint) : NULL;
}

/* Whoever has the ports of a web server is one as a rule, and was here first: devices, names and rules go on. It counts
 * as if it were there, doctor and status tell, and it comes when it can. */
static int refuse(pic__front *b, const char *value, const pic_error *bad, pic_error **err)
{
        char *copy = pic__strdup(value);

        if (copy == NULL)
                return pic__nomem(err);
        pic__log_put(b->base.log, PIC_LOG_ERROR, "front", "%s", pic_error_message(bad));
        pic__front_stop(b);
        b->value = copy;
        b->refused = 1;
        return 0;
}

int pic__front_start(pic__front *b, const char *value, pic_error **err)
{
        pic__auto_buf pic__buf who = PIC__BUF_INIT;
        pic__auto_err pic_error *bad = NULL;
        pic__front_conf c;
        int r = pic__daemon_too_soon(&b->d, err);

        if (r < 0)
                return r;
        r = pic__front_conf_parse(value, &c, &bad);
        if (r == 0)
                r = pic__daemon_prepare(&b->d, &bad);
        if (r == 0) {
                b->shut = c.outside && pic__front_outer_taken(&c, &who);
                if (b->shut)
                        pic__log_put(b->base.log, PIC_LOG_ERROR, "front", "services are not open to everybody: %s",
                                     pic__buf_str(&who));
                c.outside = c.outside && !b->shut;
                b->conf = c;
                r = write_files(b, &c, &bad);
        }
        if (r == 0)
                r = launch(b, &c, &bad);
        leave_file(b, PIC__FRONT_FIRST); /* a key, though of nobody's */
        if (r == 0)
                r = pic__front_tell_secret(b, &bad);
        if (r == 0)
                r = pic__daemon_settle(&b->d, value, NULL, &bad);
        remember_trouble(b, bad);
        if (r == PIC_CONFLICT || r == PIC_UNSUPPORTED)
                return refuse(b, value, bad, err);
        if (r < 0) {
                pic__front_stop(b);
                if (err != NULL)
                        *err = pic__take(bad);
        }
        return r;
}

/* 1: the next one can be told of it: nobody tells keys of others, and what shows such a certificate waits for it. */
static int can_tell(const pic__items *had, const pic__item *item)
{
        size_t i;

        if (item->kind == PIC__I_FRONT_CERT)
                return item->secret != NULL || pic__front_is_own(item);
        for (i = 0; item->kind == PIC__I_FRONT_SHOWN && i < had->count; i++)
                if (had->at[i].kind == PIC__I_FRONT_CERT && strcmp(had->at[i].key, item->value) == 0)
                        return can_tell(had, &had->at[i]);
        return item->kind != PIC__I_FRONT_SHOWN;
}

/* What it has, to be told to the next one. */
static int tell_again(pic__front *b, const pic__items *had, pic_error **err)
{
        pic__step *steps = pic__alloc((had->count + 1) * sizeof(*steps));
        size_t i, n = 0, done;
        int r;

        if (steps == NULL)
                return pic__nomem(err);
        for (i = 0; i < had->count; i++)
                if (can_tell(had, &had->at[i]))
                        steps[n++] = (pic__step){ PIC__ADD, had->at[i].kind, NULL, &had->at[i] };
        b->sum = 0;
        r = pic__front_put(b, steps, n, &done, err);
        pic__free(steps);
        return r;
}

/* It cannot move to other addresses while it runs, and is there again in 60 ms. */
int pic__front_change(pic__front *b, const char *value, pic_error **err)
{
        pic__auto_free char *former = pic__strdup(b->value);
        pic__auto_items pic__items had = PIC__ITEMS_INIT;
        int r = former == NULL ? pic__nomem(err)
                : b->refused   ? pic__front_held_tell(b, &had, err)
                               : pic__front_look(b, &had, err);

        if (r < 0)
                return r;
        pic__items_sort(&had);
        pic__front_stop(b);
        r = pic__front_start(b, value, err);
        if (r < 0 && (former[0] == '\0' || pic__front_start(b, former, NULL) < 0))
                return r;
        if (tell_again(b, &had, r == 0 ? err : NULL) < 0 && r == 0)
                r = PIC_BACKEND;
        pic__bell_ring(&b->bell); /* a key that nobody knew is missing now */
        return r;
}

static void leave_files(pic__front *b)
{
        static const char *const files[] = { PIC__FRONT_SOCKET,  PIC__FRONT_CONF,    PIC__FRONT_CERTS,
                                             PIC__FRONT_HOSTS,   PIC__FRONT_PEERS,   PIC__FRONT_PLACES,
                                             PIC__FRONT_DOORS,   PIC__FRONT_NAMES,   PIC__FRONT_FACTS,
                                             PIC__FRONT_SERVED,  PIC__FRONT_SERVERS, PIC__FRONT_OUTNAMES,
                                             PIC__FRONT_OUTSIDE, "outside-plain",    "outside-tls" };
        size_t i;

        while (b->own.count > 0)
                pic__front_own_drop(b, b->own.at[0].key);

        for (i = 0; i < PIC__COUNT(files); i++)
                leave_file(b, files[i]);
}

void pic__front_stop(pic__front *b)
{
        pic__child_stop(b->child, GRACE);
        unlink(b->stamp);
        leave_files(b);
        pic__front_forget(b);
}
