/* Owns: the life of the server: its configuration, starting, finding it again, changing it, stopping it.
 *
 * The stamp says which item the running server is. It is taken away before the configuration is written and put back
 * when the server runs with it, so that after a crash in between nobody takes the one for the other. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/dns/control.h"
#include "backend/dns/inside.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/power.h"

#define CA_FILE "/etc/ssl/certs/ca-certificates.crt"
#define CONF_MAX (1 << 20)
#define GRACE 3000

/* One that hangs would make every look at the machine fail for as long as it does: it goes, and the next look finds
 * none and starts another. */
int pic__dns_ask(pic__dns *b, const char *command, const pic__buf *body, pic__buf *out, pic_error **err)
{
        int r = pic__dns_control(b->socket, command, body, PIC__DNS_TIMEOUT, out, err);

        if ((r == PIC_TIMEOUT || r == PIC_NOTFOUND) && pic__child_alive(b->child)) { /* or its socket is gone */
                pic__log_put(b->base.log, PIC_LOG_WARNING, "dns", "unbound, process %d, does not answer: killed",
                             (int)pic__child_pid(b->child));
                pic__child_stop(b->child, 0);
                pic__bell_ring(&b->bell);
        }
        return r;
}

void pic__dns_forget(pic__dns *b)
{
        pic__dns_server_free(&b->server);
        pic__dns_ask_nobody(b);
        pic__dns_names_free(&b->names);
        b->names_known = 0;
        b->begun = 0;
        pic__dns_sieve_forget(b);
        pic__daemon_forget(&b->d);
}

static int stamp_text(const pic__buf *conf, const char *value, pic__buf *out)
{
        uint8_t digest[32];
        char hex[65];

        pic__digest(pic__buf_str(conf), conf->len, digest);
        pic__hex(digest, sizeof(digest), hex);
        pic__buf_putf(out, "%s %s\n", hex, value);
        return out->failed ? -1 : 0;
}

/* What the stamp says, if the configuration is still the one it was made for; "" otherwise. */
static int read_stamp(pic__dns *b, char **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, conf = PIC__BUF_INIT, again = PIC__BUF_INIT;
        pic__auto_free char *value = NULL;
        const char *space;

        if (pic__file_read(b->stamp, CONF_MAX, &text, NULL) == 0 &&
            pic__file_read(b->conf, CONF_MAX, &conf, NULL) == 0) {
                space = strchr(pic__buf_str(&text), ' ');
                if (space != NULL) {
                        value = pic__strndup(space + 1, strcspn(space + 1, "\n"));
                        if (value == NULL || stamp_text(&conf, value, &again) < 0)
                                return pic__nomem(err);
                        if (strcmp(pic__buf_str(&again), pic__buf_str(&text)) == 0) {
                                *ret = pic__take(value);
                                return 0;
                        }
                }
        }
        *ret = pic__strdup("");
        return *ret != NULL ? 0 : pic__nomem(err);
}

static void put_conf(const pic__dns *b, const pic__dns_server *server, pic__buf *out)
{
        pic__dns_conf c = { b->dir,  b->socket,  b->records, pic__dns_root_key(),
                            CA_FILE, b->queries, b->asked,   pic__file_exists(CA_FILE) };

        pic__dns_conf_put(out, server, &c);
}

/* Whether it runs with what we would write for that item now: another version of this program may have started it. */
static int as_now(const pic__dns *b, const pic__dns_server *server)
{
        pic__auto_buf pic__buf conf = PIC__BUF_INIT, now = PIC__BUF_INIT;

        put_conf(b, server, &now);
        return pic__file_read(b->conf, CONF_MAX, &conf, NULL) == 0 && !now.failed &&
               strcmp(pic__buf_str(&conf), pic__buf_str(&now)) == 0;
}

int pic__dns_find(pic__dns *b, pic_error **err)
{
        pic__auto_free char *value = NULL;
        pic__dns_server server = { 0 };
        int r;

        if (!pic__daemon_found(&b->d, NULL) && !pic__dns_adopt_leftover(b)) {
                if (b->value != NULL)
                        pic__dns_forget(b);
                return 0;
        }
        if (b->value != NULL)
                return 1;
        r = read_stamp(b, &value, err);
        if (r < 0)
                return r;
        if (value[0] != '\0' && (pic__dns_server_parse(value, &server, NULL) < 0 || !as_now(b, &server))) {
                pic__dns_server_free(&server);
                value[0] = '\0';
        }
        b->value = pic__take(value);
        b->server = server;
        (void)pic__dns_choose_among(b, &b->server, NULL); /* whom it asks, it goes on asking */
        pic__dns_root_take_up(b);
        if (server.sieve.count > 0)
                pic__dns_sieve_take_up(b);
        pic__bell_child(&b->bell, b->child);
        return 1;
}

static int write_conf(pic__dns *b, const pic__dns_server *server, pic__buf *conf, pic_error **err)
{
        pic__auto_buf pic__buf records = PIC__BUF_INIT;
        int r;

        put_conf(b, server, conf);
        pic__dns_conf_put_records(&records, server, &b->names);
        if (conf->failed || records.failed)
                return pic__nomem(err);
        r = pic__daemon_prepare(&b->d, err);
        if (r < 0)
                return r;
        if (server->log.count > 0)
                pic__dns_queries_begin(b);
        r = pic__file_write(b->records, records.data, records.len, 0600, err);
        if (r == 0)
                r = pic__dns_behind_write(b, server, err);
        if (r == 0)
                r = pic__dns_write_asked(b, server, err);
        return r < 0 ? r : pic__file_write(b->conf, conf->data, conf->len, 0600, err);
}

#define TAKEN "address already in use"

/* Of TCP it says "Address already in use for 10.1.0.1 port 53", of UDP "bind: address already in use" and no more. */
static int explain_taken(const char *at, const char *written, pic_error **err)
{
        char addr[PIC__ADDR_TEXT] = "", which[64] = "sport = :53 or sport = :5300 or sport = :5301";
        unsigned port = 53;

        if (sscanf(at + sizeof(TAKEN) - 1, " for %47s port %5u", addr, &port) == 2)
                pic__fail(err, PIC_CONFLICT, "names: port %u of %s is taken by another program", port, addr);
        else
                pic__fail(err, PIC_CONFLICT, "names: UDP port 53, 5300 or 5301 is taken by another program");
        if (addr[0] != '\0')
                snprintf(which, sizeof(which), "sport = :%u", port);
        pic__hint(err,
                  "find it with `ss -tulpn %s`, and let it listen on its own addresses only (dnsmasq: "
                  "bind-dynamic, bind: listen-on, systemd-resolved: DNSStubListener=no)",
                  which);
        pic__detail(err, "stderr", written);
        return PIC_CONFLICT;
}

int pic__dns_explain(char *written, const char *log_file, pic_error **err)
{
        const char *at = strcasestr(written, TAKEN), *line = pic__daemon_last_line(written);

        if (at != NULL)
                return explain_taken(at, written, err);
        pic__fail(err, PIC_BACKEND, "names: unbound does not start: %s", line != NULL ? line : "it says nothing");
        pic__hint(err, "all it said is in %s", log_file);
        pic__detail(err, "stderr", written);
        return PIC_BACKEND;
}

/* Why it died at its start. */
static int explain(const pic__dns *b, off_t from, pic_error **err)
{
        char text[4096];

        pic__daemon_log_since(&b->d, from, text, sizeof(text));
        return pic__dns_explain(text, b->log_file, err);
}

static int await(pic__dns *b, off_t from, pic_error **err)
{
        static const struct timespec pause = { 0, 2000000 };
        int left;

        for (left = PIC__DNS_START_LIMIT; left > 0; left -= 2) {
                pic__auto_err pic_error *bad = NULL;
                int r;

                if (!pic__child_alive(b->child))
                        return explain(b, from, err);
                /* Nobody there yet, or (reloading) somebody who just goes. */
                r = pic__dns_control(b->socket, "status", NULL, PIC__DNS_START_LIMIT, NULL, &bad);
                if (r == 0)
                        return 0;
                if (r == PIC_NOMEM || r == PIC_TIMEOUT) {
                        if (err != NULL)
                                *err = pic__take(bad);
                        return r;
                }
                nanosleep(&pause, NULL);
        }
        return pic__fail(err, PIC_TIMEOUT, "names: unbound does not answer %d seconds after its start",
                         PIC__DNS_START_LIMIT / 1000);
}

/* It runs with this configuration: say so. */
static int settle(pic__dns *b, const char *value, pic__dns_server *server, const pic__buf *conf, pic_error **err)
{
        pic__auto_buf pic__buf stamp = PIC__BUF_INIT;
        /* What is in no zone any more was left out: ask. */
        int r, same_zones = b->server.text == NULL || pic__dns_server_same_zones(&b->server, server);

        if (stamp_text(conf, value, &stamp) < 0)
                return pic__nomem(err);
        r = pic__daemon_settle(&b->d, value, pic__buf_str(&stamp), err);
        if (r < 0)
                return r;
        b->sieve.dirty |= (b->server.log.count > 0) != (server->log.count > 0);
        pic__dns_server_free(&b->server);
        b->server = *server;
        memset(server, 0, sizeof(*server));
        if (b->server.log.count == 0)
                pic__dns_queries_end(b);
        b->names_known = same_zones;
        return 0;
}

/* unbound binds its ports, then the control socket, then it reads its zones: 0.4 s for those of 10,000 devices. */
static int await_ports(pic__dns *b, pic_error **err)
{
        static const struct timespec pause = { 0, 2000000 };
        int left;

        for (left = PIC__DNS_START_LIMIT; left > 0; left -= 2) {
                if (!pic__child_alive(b->child))
                        return explain(b, b->log_from, err);
                if (pic__dns_reachable(b->socket))
                        return 0;
                nanosleep(&pause, NULL);
        }
        return pic__fail(err, PIC_TIMEOUT, "names: unbound does not listen %d seconds after its start",
                         PIC__DNS_START_LIMIT / 1000);
}

static int launch(pic__dns *b, int sieved, pic_error **err)
{
        const char *argv[] = { "setpriv", pic__power_unbound(), "--", "unbound", "-d", "-p", "-c", b->conf, NULL };
        pic__auto_free char *program = pic__cmd_find("unbound");
        int r;

        if (!sieved) /* its port is wanted */
                pic__dns_sieve_stop(b);
        b->log_from = pic__daemon_log_size(&b->d);
        unlink(b->socket);
        r = pic__child_start(b->child, argv + (program == NULL || argv[1] == NULL ? 3 : 0), NULL, err);
        if (r == PIC_UNSUPPORTED)
                pic__hint(err, "apt-get install unbound");
        if (r == 0)
                r = await_ports(b, err);
        b->begun = r == 0;
        pic__daemon_trouble(&b->d, r < 0 && err != NULL ? *err : NULL); /* so that who asks while we wait learns it */
        return r;
}

/* Until it answers. */
static int land(pic__dns *b, pic_error **err)
{
        int r;

        if (!b->begun)
                return 0;
        r = await(b, b->log_from, err);
        b->begun = 0;
        pic__daemon_trouble(&b->d, r < 0 && err != NULL ? *err : NULL);
        return r;
}

int pic__dns_finish(pic__dns *b, pic_error **err)
{
        int r = land(b, err);

        if (r < 0)
                pic__dns_stop(b);
        return r;
}

int pic__dns_begin(pic__dns *b, const char *value, pic_error **err)
{
        pic__auto_buf pic__buf conf = PIC__BUF_INIT;
        pic__dns_server server = { 0 };
        int r = pic__daemon_too_soon(&b->d, err);

        if (r == 0)
                r = pic__dns_server_parse(value, &server, err);
        if (r == 0)
                r = write_conf(b, &server, &conf, err);
        if (r == 0)
                r = launch(b, server.sieve.count > 0, err);
        if (r == 0)
                r = settle(b, value, &server, &conf, err);
        if (r < 0)
                pic__dns_stop(b);
        pic__dns_server_free(&server);
        return r;
}

/* The answer to the second command comes from the reloaded server: the first is the last thing the old one does. */
static int reload(pic__dns *b, pic_error **err)
{
        off_t from = pic__daemon_log_size(&b->d);
        int r = pic__dns_ask(b, "reload_keep_cache", NULL, NULL, err);

        return r < 0 ? r : await(b, from, err);
}

static int become(pic__dns *b, const char *value, pic__dns_server *server, pic_error **err)
{
        int same = b->value[0] != '\0' && pic__dns_server_same_listen(&b->server, server) && pic__child_alive(b->child);
        pic__auto_buf pic__buf conf = PIC__BUF_INIT, known = PIC__BUF_INIT;
        int r = write_conf(b, server, &conf, err);

        if (r == 0 && same) {
                r = reload(b, err); /* no query is lost, and the cache stays */
        } else if (r == 0) {
                pic__dns_cache_take(b, &known);
                pic__child_stop(b->child, GRACE);
                r = launch(b, server->sieve.count > 0, err);
                r = r < 0 ? r : land(b, err);
                if (r == 0)
                        pic__dns_cache_give(b, &known);
        }
        return r < 0 ? r : settle(b, value, server, &conf, err);
}

static int has(const pic__dns_list *list, const char *text)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                if (strcmp(list->at[i], text) == 0)
                        return 1;
        return 0;
}

/* What was found out about zones while others, or nobody, was asked for them. A cache that is not emptied empties by
 * itself. */
static void forget_zones(pic__dns *b, const pic__dns_list *zones, const pic__dns_list *but)
{
        size_t i;

        for (i = 0; i < zones->count; i++) {
                char command[300];
                pic__dns_forward f;

                if (has(but, zones->at[i]) || pic__dns_forward_parse(zones->at[i], &f) < 0)
                        continue;
                snprintf(command, sizeof(command), "flush_zone %s.", f.zone);
                (void)pic__dns_ask(b, command, NULL, NULL, NULL);
        }
}

/* What answers there are is kept; that there was none, or nobody who would say, may be otherwise now. */
static void forget_known(pic__dns *b, const pic__dns_server *was)
{
        static const char *const commands[] = { "flush_negative", "flush_infra all" };
        size_t i;

        forget_zones(b, &was->forward, &b->server.forward);
        forget_zones(b, &b->server.forward, &was->forward);
        for (i = 0; i < PIC__COUNT(commands) && !pic__dns_server_same_upstreams(was, &b->server); i++)
                (void)pic__dns_ask(b, commands[i], NULL, NULL, NULL);
}

int pic__dns_change(pic__dns *b, const char *value, pic_error **err)
{
        pic__auto_free char *former = pic__strdup(b->value);
        pic__dns_server server = { 0 }, was = { 0 };
        int r = former != NULL ? pic__dns_server_parse(value, &server, err) : pic__nomem(err), known = 0;

        if (r == 0)
                r = pic__dns_know_names(b, err);
        if (r < 0) {
                pic__dns_server_free(&server);
                return r;
        }
        known = pic__dns_server_parse(former, &was, NULL) == 0;
        r = become(b, value, &server, err);
        pic__dns_server_free(&server);
        if (r == 0 && known)
                forget_known(b, &was);
        /* The step is not in force, so what was before has to be. */
        if (r < 0 && (!known || become(b, former, &was, NULL) < 0))
                pic__dns_stop(b);
        pic__dns_server_free(&was);
        return r;
}

void pic__dns_stop(pic__dns *b)
{
        const char *const files[] = { b->stamp, b->conf, b->records, b->asked, b->socket };
        size_t i;

        pic__dns_sieve_stop(b);
        pic__child_stop(b->child, GRACE);
        for (i = 0; i < PIC__COUNT(files); i++)
                unlink(files[i]);
        pic__dns_behind_drop(b);
        pic__dns_forget(b);
}
