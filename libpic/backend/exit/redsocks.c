/* Owns: redsocks 0.5: its configuration, how it is started, what its log means.
 *
 * What it cannot: IPv6 at either side (its addresses are sockaddr_in throughout: a redirected IPv6 connection is
 * refused, a proxy at an IPv6 address cannot be written), and UDP. What devices send of that the namespace refuses.
 * It takes a connection before the proxy has answered: who asks whether the exit works has to exchange data.
 * With HTTP, a proxy that wants a password is asked once without: of connections that come at that very moment all but
 * one are cut. The health probe is the first one. */
#include "backend/exit/redsocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "backend/exit/fault.h"
#include "backend/exit/needs.h"

#define NAME "redsocks"
#define CONF "redsocks.conf"
#define FILES_MAX 65536ul
#define LOG_TAIL 16384
#define FRESH 60 /* seconds */
#define MOMENT 2 /* seconds */
#define AUTH_FAILED "HTTP Proxy auth failed"
#define SOCKS_WORD_MAX 255 /* RFC 1929 */

/* Each warning of its begins with the device's address and where that wanted to go, and an HTTP proxy may repeat the
 * latter in its answer: who visits what is nobody's to read in a log. Its words go through a filter that leaves no
 * IPv4 address (it knows no others and no names) and of an HTTP answer the number alone. The filter ends with it, and
 * is in no group with it: whoever sweeps that would cut its last words off. */
#define WORDS                                                   \
        "s/[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+(:[0-9]+)?/…/g; " \
        "s/(HTTP Proxy [a-z]+[^:]*: HTTP\\/[0-9.]+ [0-9]+).*/\\1/"
static const char script[] =
        "exec " NAME " -c " PIC__EXIT_HOME "/" CONF " > >(exec setsid -- sed -u -E '" WORDS "') 2>&1";

/* A string of its configuration. Its reader goes line by line and knows these two escapes; all other bytes but controls
 * are themselves. */
static void put_quoted(pic__buf *out, const char *text)
{
        pic__buf_putc(out, '"');
        for (; *text != '\0'; text++) {
                if (*text == '"' || *text == '\\')
                        pic__buf_putc(out, '\\');
                pic__buf_putc(out, *text);
        }
        pic__buf_putc(out, '"');
}

void pic__redsocks_put(pic__buf *out, const pic__redsocks *r)
{
        char addr[PIC__ADDR_TEXT];

        /* log_info would write down where each device goes. */
        pic__buf_puts(out, "base {\n"
                           "        log = stderr;\n"
                           "        log_info = off;\n"
                           "        log_debug = off;\n"
                           "        daemon = off;\n"
                           "        redirector = iptables;\n"
                           "        tcp_keepalive_time = 60;\n"
                           "        tcp_keepalive_intvl = 10;\n"
                           "        tcp_keepalive_probes = 6;\n");
        pic__buf_putf(out,
                      "        rlimit_nofile = %lu;\n"
                      "}\n\n"
                      "redsocks {\n"
                      "        local_ip = 0.0.0.0;\n"
                      "        local_port = %d;\n"
                      "        ip = %s;\n"
                      "        port = %u;\n"
                      "        type = %s;\n",
                      r->files, PIC__EXIT_TCP_PORT, pic__addr_print(r->addr, addr), r->port,
                      strcmp(r->protocol, "http") == 0 ? "http-connect" : "socks5");
        if (r->user[0] != '\0') {
                pic__buf_puts(out, "        login = ");
                put_quoted(out, r->user);
                pic__buf_puts(out, ";\n        password = ");
                put_quoted(out, r->password);
                pic__buf_puts(out, ";\n");
        }
        pic__buf_puts(out, "}\n");
}

static int plain(const char *text)
{
        for (; *text != '\0'; text++)
                if ((unsigned char)*text < ' ' || *text == 0x7f)
                        return 0;
        return 1;
}

int pic__redsocks_check(const char *protocol, const char *user, const char *password, pic_error **err)
{
        if (user[0] == '\0' && password[0] != '\0')
                return pic__fail(err, PIC_VALUE, "a password without a user");
        if (!plain(user) || !plain(password))
                return pic__fail(err, PIC_VALUE, "user and password may not have line ends or control characters");
        if (strcmp(protocol, "http") == 0 && strchr(user, ':') != NULL)
                return pic__fail(err, PIC_VALUE, "the user of an HTTP proxy may not have a colon");
        if (strcmp(protocol, "http") != 0 && (strlen(user) > SOCKS_WORD_MAX || strlen(password) > SOCKS_WORD_MAX))
                return pic__fail(err, PIC_VALUE, "user and password of a SOCKS5 proxy have at most %d bytes",
                                 SOCKS_WORD_MAX);
        return pic__exit_program(NAME, NAME, err);
}

/* What it may open is what we may: it sets both limits, and as a user without rights it could not raise them. */
static unsigned long own_limit(void)
{
        struct rlimit l;

        if (getrlimit(RLIMIT_NOFILE, &l) < 0)
                return 1024;
        return l.rlim_max < FILES_MAX ? (unsigned long)l.rlim_max : FILES_MAX;
}

int pic__redsocks_file(const pic__carrier_env *env, pic__redsocks *r, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;

        r->files = own_limit();
        pic__redsocks_put(&text, r);
        return text.failed ? pic__nomem(err) : pic__carrier_file(env, CONF, text.data, text.len, err);
}

static int listens(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        (void)c;
        (void)err;
        return pic__carrier_listens(env, PIC__EXIT_TCP_PORT) == 1;
}

void pic__redsocks_process(pic__process_spec *out)
{
        *out = (pic__process_spec){
                .name = NAME, .argv = { "bash", "-c", script }, .program = NAME, .reads = { CONF }, .ready = listens
        };
}

const char *pic__redsocks_silent(const pic__carrier_env *env)
{
        return pic__carrier_waits(env, PIC__EXIT_TCP_PORT) ? NAME : NULL;
}

static const pic__exit_fault faults[] = {
        { "redsocks started", NULL, NULL, 0 }, /* with another configuration */
        { "Socks5 auth failure", "the proxy does not take user and password", "set user and password anew", 0 },
        { "Socks5 server refused all our auth methods", "the proxy wants a user and a password",
          "set user and password", 0 },
        { "Socks5 server requested unexpected auth method", "the proxy wants a user and a password",
          "set user and password", 0 },
        { "Socks5 server reported unexpected", "what answers there is no SOCKS5 proxy",
          "is it one for HTTP (protocol http), or another port?", 0 },
        { "Socks5 server status: connection not allowed", "the proxy forbids where devices want to go",
          "it has to allow the ports they use, and 53 for names", 0 },
        { "Socks5 server status: command not supported", "the proxy does not carry connections", NULL, 0 },
        { AUTH_FAILED, "the proxy does not take user and password", "set user and password anew", 0 },
        { "HTTP Proxy auth required, but no <", "the proxy wants a user in a way that is not known here",
          "Basic and Digest are", 0 },
        { "HTTP Proxy auth required", "the proxy wants a user and a password", "set user and password", 0 },
        { "HTTP Proxy error: HTTP/* 401", "the proxy does not take user and password", "set user and password anew",
          0 },
        { "HTTP Proxy error: HTTP/* 403", "the proxy forbids where devices want to go",
          "it has to allow CONNECT to the ports they use, and to 53 for names", 0 },
        { "HTTP Proxy error: HTTP/* 405", "the proxy carries web pages only", "it has to allow CONNECT", 0 },
        { "HTTP Proxy error: HTTP/* 400", "the proxy carries web pages only", "it has to allow CONNECT", 0 },
        { "HTTP Proxy bad firstline", "what answers there is no HTTP proxy",
          "is it one for SOCKS5 (protocol socks5), or another port?", 0 },
        { "red_is_socket_connected_ok: Connection refused", "nobody listens at the proxy's address and port",
          "is it running, and is the port right?", 0 },
        { "red_is_socket_connected_ok: Connection timed out", "the proxy's address does not answer",
          "is it reachable from here?", 0 },
        { "red_is_socket_connected_ok: No route to host", "the proxy's address does not answer",
          "is it reachable from here?", 0 },
        { "red_is_socket_connected_ok: Network is unreachable", "there is no way to the proxy", "is the internet up?",
          0 },
        { "bind: Address already in use", "another program has the redirector's port", NULL, 0 },
        { "Too many open files", "more connections than the agent's limit of open files allows", "raise LimitNOFILE",
          0 },
        { "file parsing error", "the redirector does not understand its configuration", "please report it", 0 },
        { "setrlimit(RLIMIT_NOFILE*", "the redirector may not have that many open files", "please report it", 0 },
};

/* Its lines begin with seconds since 1970. It does not say when all is well again, so what is older says nothing of
 * now: who looks does so while connections are tried. */
static const char *fresh(const char *log, time_t now)
{
        const char *line;

        for (line = log; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
                if (strtoll(line, NULL, 10) >= (long long)now - FRESH)
                        break;
        return line;
}

static const char *line_end(const char *line)
{
        return line + strcspn(line, "\n");
}

static int says(const char *line, const char *word)
{
        return memmem(line, (size_t)(line_end(line) - line), word, strlen(word)) != NULL;
}

/* Of connections that begin at the moment when the first one learns that a password is wanted, all others are logged as
 * not let in, though it is right. If it is wrong, that goes on. */
static int goes_on(const char *log, const char *word)
{
        long long first = -1, last = -1;
        const char *line;

        for (line = log; *line != '\0'; line = line_end(line), line += *line == '\n')
                if (says(line, word)) {
                        last = strtoll(line, NULL, 10);
                        first = first < 0 ? last : first;
                }
        return last - first >= MOMENT;
}

int pic__redsocks_fault_in(const char *log, pic__buf *why)
{
        pic__auto_buf pic__buf rest = PIC__BUF_INIT;
        const char *line;

        if (goes_on(log, AUTH_FAILED))
                return pic__exit_fault_find(faults, PIC__COUNT(faults), log, why);
        for (line = log; *line != '\0'; line = line_end(line), line += *line == '\n')
                if (!says(line, AUTH_FAILED))
                        pic__buf_putf(&rest, "%.*s\n", (int)(line_end(line) - line), line);
        return pic__exit_fault_find(faults, PIC__COUNT(faults), pic__buf_str(&rest), why);
}

int pic__redsocks_fault(const pic__carrier_env *env, pic__buf *why)
{
        pic__auto_buf pic__buf log = PIC__BUF_INIT;

        pic__carrier_log(env, NAME, LOG_TAIL, &log);
        return pic__redsocks_fault_in(fresh(pic__buf_str(&log), time(NULL)), why);
}

const pic__exit_place *pic__redsocks_far(const pic__exit_conf *c)
{
        size_t i;

        for (i = 0; i < c->remote.count; i++)
                if (c->remote.at[i].addr.family == 4)
                        return &c->remote.at[i];
        return NULL;
}
