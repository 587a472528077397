/* Owns: reading the SERVER item, and haproxy's configuration; tests/golden/front holds samples of it. Nothing in it is
 * secret, and nothing in it changes while it runs: names, certificates and who may ask come over the socket. */
#include "backend/front/conf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/obj.h"

int pic__front_conf_parse(const char *value, pic__front_conf *ret, pic_error **err)
{
        size_t len = strcspn(value, " ");
        char list[PIC__FRONT_LISTEN_MAX * PIC__ADDR_TEXT + 8] = "", one[PIC__ADDR_TEXT];
        const char *at = list;
        int bad = len >= sizeof(list) || (value[len] != '\0' && strcmp(value + len, " outside=yes") != 0);

        memset(ret, 0, sizeof(*ret));
        ret->outside = value[len] != '\0';
        if (!bad && strncmp(value, "listen=", 7) == 0)
                memcpy(list, value + 7, len - 7);
        while (!bad && pic__list_next(&at, one, sizeof(one)))
                bad = ret->listens == PIC__FRONT_LISTEN_MAX || pic__addr_parse(one, &ret->listen[ret->listens++]) < 0;
        if (bad || ret->listens == 0)
                return pic__fail(err, PIC_INVALID, "'%s' is no front", value);
        return 0;
}

static const char global[] =
        "\tstats socket unix@" PIC__FRONT_SOCKET " mode 600 level admin\n"
        "\tstats timeout 10s\n"
        "\tmaxconn 2000\n"
        "\tno strict-limits\n"
        "\ttune.http.maxhdr 64\n" /* as many as pic-http takes; a head of 15 KiB follows from its buffer of 16 */
        "\tssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets\n"
        "\tssl-default-bind-ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
        "ECDHE-RSA-CHACHA20-POLY1305\n"
        "\tssl-default-bind-ciphersuites "
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256\n"
        "\tssl-default-bind-curves X25519:P-256:P-384\n"
        "defaults\n"
        "\tmode http\n"
        "\ttimeout connect 3s\n"
        "\ttimeout client 60s\n"
        "\ttimeout server 60s\n"
        "\ttimeout http-request 10s\n"
        "\ttimeout http-keep-alive 30s\n"
        "\ttimeout queue 10s\n"
        "\ttimeout tunnel 1h\n";

/* Who is no device of the cell is refused before a word of TLS, and one device cannot take all connections. What
 * pic-http is told (frontends/http/guard.c reads it) is a fact of the connection, worked out once for all requests. */
static const char who[] =
        "\ttcp-request connection set-var(sess.peer) src,map_ip(" PIC__FRONT_PEERS ")\n"
        "\ttcp-request connection reject unless { var(sess.peer) -m found }\n"
        "\ttcp-request connection track-sc0 src table devices\n"
        "\ttcp-request connection reject if { sc0_conn_cur gt 256 }\n"
        "\ttcp-request connection reject unless { str(secret),map(" PIC__FRONT_FACTS ") -m found }\n"
        "\ttcp-request connection set-var-fmt(sess.told) \"%%[str(secret),map(" PIC__FRONT_FACTS ")] %s %%[src] "
        "%%[var(sess.peer)]\"\n";

/* What it is asked for by. Of "page" and "public" the length says which it is: a number is kept without a copy. */
static const char asked[] =
        "\thttp-request set-var(txn.to) req.hdr(host),host_only,lower,map(" PIC__FRONT_HOSTS "),length\n"
        "\thttp-request return status 421 content-type text/plain string \"this cell has no such name\\n\" unless { "
        "var(txn.to) -m found }\n";

/* What is told of the client is told by us alone: what there was is taken out.
 * Of the page's places no device has more than a third: one connection carries a hundred requests. */
static const char told[] = "\thttp-request track-sc1 src table requests\n"
                           "\thttp-request return status 429 content-type text/plain string \"too many requests at "
                           "once\\n\" if { sc1_conn_cur gt 64 }\n"
                           "\thttp-request del-header Forwarded\n"
                           "\thttp-request del-header X-Forwarded- -m beg\n"
                           "\thttp-request del-header X-Real-IP\n"
                           "\thttp-request del-header X-Pic- -m beg\n"
                           "\thttp-request add-header X-Pic-Front %[var(sess.told)]\n"
                           "\tdefault_backend page\n";

/* The page that installs the root, and the root, are also there without TLS: who needs them has no other way. */
static const char plain[] =
        "\tacl plain path -m str /trust /trust.css /trust.svg /api/ca /api/ca.pem /api/ca.crt /api/ca.mobileconfig "
        "/api/ca.crl\n"
        "\thttp-request redirect prefix https://%[req.hdr(host),host_only] code 301 unless plain\n";

static const char tls[] = "\thttp-after-response set-header Strict-Transport-Security max-age=31536000 if { "
                          "var(txn.to) -m int 6 }\n";

/* A service is reached at its own address by its own names alone: the address was dialled because a right leads there
 * (backend/nft), and the names must be the same one's. Without a name in the handshake there is no certificate. Who
 * came by no right came to no service's address, also while the firewall is away. */
static const char by_address[] = "\ttcp-request connection set-var(sess.service) dst,map_ip(" PIC__FRONT_PLACES ")\n",
                  by_door[] = "\ttcp-request connection set-var(sess.service) dst_port,map(" PIC__FRONT_DOORS ")\n",
                  known[] = "\ttcp-request connection reject unless { var(sess.service) -m found }\n",
                  counted[] = "\ttcp-request connection set-var(sess.peer) src,map_ip(" PIC__FRONT_PEERS ")\n"
                              "\ttcp-request connection track-sc0 src table devices\n"
                              "\ttcp-request connection reject if { sc0_conn_cur gt 256 }\n";

static const char named[] = "\ttcp-request session set-var(sess.named) ssl_fc_sni,lower,map(" PIC__FRONT_NAMES ")\n"
                            "\ttcp-request session reject unless { var(sess.named),strcmp(sess.service) eq 0 }\n";

static const char served_host[] =
        "\thttp-request set-var(txn.to) req.hdr(host),host_only,lower,map(" PIC__FRONT_NAMES ")\n"
        "\thttp-request return status 421 content-type text/plain string \"this service has another name\\n\" unless { "
        "var(txn.to),strcmp(sess.service) eq 0 }\n"
        "\thttp-request set-var(txn.open) req.hdr(host),host_only,lower,map(" PIC__FRONT_OUTNAMES ")\n"
        "\thttp-after-response set-header Strict-Transport-Security max-age=31536000 if { var(txn.open) -m found }\n";

/* Which service is asked for does not matter yet. */
static const char served_plain[] =
        "\thttp-request set-var(txn.to) req.hdr(host),host_only,lower,map(" PIC__FRONT_NAMES ")\n"
        "\thttp-request return status 421 content-type text/plain string \"there is no such service\\n\" unless { "
        "var(txn.to) -m found }\n"
        "\thttp-request redirect prefix https://%[req.hdr(host),host_only] code 301\n";

/* Programs behind others know the second three. */
static const char served_told[] =
        "\thttp-request del-header X-Pic- -m beg\n"
        "\thttp-request del-header Forwarded\n"
        "\thttp-request del-header X-Forwarded- -m beg\n"
        "\thttp-request del-header X-Real-IP\n"
        "\thttp-request set-header X-Pic-Client %[src]\n"
        "\thttp-request set-header X-Pic-Peer %[var(sess.peer)] if { var(sess.peer) -m found }\n"
        "\thttp-request set-header X-Pic-Proto https\n"
        "\thttp-request set-header X-Forwarded-For %[src]\n"
        "\thttp-request set-header X-Forwarded-Proto https\n"
        "\thttp-request set-header X-Forwarded-Host %[req.hdr(host)]\n"
        "\tdefault_backend " PIC__FRONT_SERVICES "\n";

/* Everybody on the internet, by source (of IPv6 the network that a line has): so many connections at once, and new ones
 * and requests in ten seconds. They have less than half of all places, so devices always find one. */
static const char anybody[] = "\ttimeout client 30s\n"
                              "\ttcp-request connection track-sc0 src,ipmask(32,64) table callers\n"
                              "\ttcp-request connection reject if { sc0_conn_cur gt 64 } || { sc0_conn_rate gt 200 }\n";

/* Who asks for no name that is open, or for another one than in the handshake, is told nothing. */
static const char outside_tls[] =
        "\ttcp-request session set-var(sess.service) ssl_fc_sni,lower,map(" PIC__FRONT_OUTNAMES ")\n"
        "\ttcp-request session reject unless { var(sess.service) -m found }\n"
        "\thttp-request return status 429 content-type text/plain string \"too many requests\\n\" if { "
        "sc0_http_req_rate gt 1000 }\n"
        "\thttp-request set-var(txn.to) req.hdr(host),host_only,lower,map(" PIC__FRONT_OUTNAMES ")\n"
        "\thttp-request return status 421 content-type text/plain string \"ask for one name only\\n\" unless { "
        "var(txn.to),strcmp(sess.service) eq 0 }\n"
        "\thttp-after-response set-header Strict-Transport-Security max-age=31536000\n";

static const char outside_plain[] =
        "\tacl proof path_beg /.well-known/acme-challenge/\n"
        "\thttp-request set-var(txn.to) req.hdr(host),host_only,lower,map(" PIC__FRONT_OUTNAMES ")\n"
        "\thttp-request reject unless proof || { var(txn.to) -m found }\n"
        "\thttp-request redirect prefix https://%[req.hdr(host),host_only] code 301 unless proof\n"
        "\tdefault_backend acme\n";

/* Each service is a server that is added over the socket. Only the one that was asked for is ever used: the weight of
 * all is 0, so where it does not answer nobody answers in its place. */
#define WORDS "<!doctype html><meta charset=utf-8><title>%[var(sess.service)]</title><h1>%[var(sess.service)]</h1>"
static const char services[] =
        "\nbackend " PIC__FRONT_SERVICES "\n"
        "\tbalance roundrobin\n"
        "\ttimeout server 10m\n"
        "\thttp-error status 503 content-type text/html lf-string \"" WORDS
        "<p>The service %[var(sess.service)] does not answer. The cell is well: it is what stands behind it that is "
        "away.</p>\"\n"
        "\thttp-error status 502 content-type text/html lf-string \"" WORDS
        "<p>The service %[var(sess.service)] hung up without an answer.</p>\"\n"
        "\thttp-error status 504 content-type text/html lf-string \"" WORDS
        "<p>The service %[var(sess.service)] took the question and gave no answer in time.</p>\"\n"
        "\tuse-server %[var(sess.service),map(" PIC__FRONT_SERVERS ")] if TRUE\n"
        "\tserver nobody 127.0.0.1:9 weight 0 disabled\n";

static const char backends[] = "\nbackend callers\n"
                               "\tstick-table type ipv6 size 50k expire 1m store "
                               "conn_cur,conn_rate(10s),http_req_rate(10s)\n"
                               "\nbackend devices\n"
                               "\tstick-table type ipv6 size 20k expire 1m store conn_cur\n"
                               "\nbackend requests\n"
                               "\tstick-table type ipv6 size 20k expire 1m store conn_cur\n"
                               "\nbackend page\n"
                               "\tuse-server page if TRUE\n" /* to take turns is a lock of all threads */
                               "\tserver page 127.0.0.1:3000 maxconn 200 pool-purge-delay 2s\n";

/* family 0: both */
static void put_binds(const pic__front_conf *c, int family, const char *behind, pic__buf *out)
{
        char text[PIC__ADDR_TEXT];
        size_t i;

        for (i = 0; i < c->listens; i++) {
                if (family != 0 && c->listen[i].family != family)
                        continue;
                pic__addr_print(&c->listen[i], text);
                if (c->listen[i].family == 6)
                        pic__buf_putf(out, "\tbind [%s]%s\n", text, behind);
                else
                        pic__buf_putf(out, "\tbind %s%s\n", text, behind);
        }
}

static void put_frontend(const pic__front_conf *c, const char *name, const char *behind, const char *proto,
                         const char *rules, pic__buf *out)
{
        pic__buf_putf(out, "\nfrontend %s\n", name);
        put_binds(c, 0, behind, out);
        pic__buf_putf(out, who, proto);
        pic__buf_puts(out, asked);
        pic__buf_puts(out, rules);
        pic__buf_puts(out, told);
}

static void put_served(const pic__front_conf *c, int family, const char *ports, const char *by, pic__buf *out)
{
        char behind[120];

        snprintf(behind, sizeof(behind), ":%s ssl crt-list " PIC__FRONT_SERVED " strict-sni alpn h2,http/1.1", ports);
        pic__buf_putf(out, "\nfrontend service-tls%d\n", family);
        put_binds(c, family, behind, out);
        pic__buf_puts(out, by);
        pic__buf_puts(out, known);
        pic__buf_puts(out, counted);
        pic__buf_puts(out, named);
        pic__buf_puts(out, served_host);
        pic__buf_puts(out, served_told);
}

static void put_services(const pic__front_conf *c, pic__buf *out)
{
        char ports[24];

        pic__buf_puts(out, "\nfrontend service-plain\n");
        snprintf(ports, sizeof(ports), ":%d", PIC__SERVICE_PORT);
        put_binds(c, 0, ports, out);
        pic__buf_puts(out, counted);
        pic__buf_puts(out, "\ttcp-request connection reject unless { var(sess.peer) -m found }\n");
        pic__buf_puts(out, served_plain);
        snprintf(ports, sizeof(ports), "%d", PIC__SERVICE_TLS_PORT);
        put_served(c, 4, ports, by_address, out);
        snprintf(ports, sizeof(ports), "%d-%d", PIC__SERVICE_DOORS, PIC__SERVICE_DOORS + PIC__SERVICES_MAX - 1);
        put_served(c, 6, ports, by_door, out);
        pic__buf_puts(out, services);
}

/* Where it is not open they stand at sockets that nobody may dial: what they are told is the same. */
static void put_outside(const pic__front_conf *c, pic__buf *out)
{
        static const struct {
                const char *name, *port;
                unsigned places;
                const char *behind, *rules;
        } both[] = { { "outside-plain", "80", 200, "", outside_plain },
                     { "outside-tls", "443", 700, " ssl crt-list " PIC__FRONT_OUTSIDE " strict-sni alpn h2,http/1.1",
                       outside_tls } };
        size_t i;

        for (i = 0; i < PIC__COUNT(both); i++) {
                pic__buf_putf(out, "\nfrontend %s\n", both[i].name);
                if (c->outside)
                        pic__buf_putf(out, "\tbind 0.0.0.0:%s%s\n\tbind [::]:%s%s v6only\n", both[i].port,
                                      both[i].behind, both[i].port, both[i].behind);
                else
                        pic__buf_putf(out, "\tbind unix@%s mode 600%s\n", both[i].name, both[i].behind);
                pic__buf_putf(out, "\tmaxconn %u\n", both[i].places);
                pic__buf_puts(out, anybody);
                pic__buf_puts(out, both[i].rules);
        }
        pic__buf_puts(out, served_told);
        pic__buf_putf(out,
                      "\nbackend acme\n\thttp-error status 503 content-type text/plain string \"nothing is here\\n\"\n"
                      "\tserver acme 127.0.0.1:%d\n",
                      PIC__PROOF_PORT);
}

int pic__front_conf_text(const pic__front_conf *c, pic__buf *out)
{
        pic__buf_puts(out, "# Made by libpic at each start; what changes comes over the socket.\n");
        /* It begins as root, who reads these files and binds the ports, and then is a user without any capability. */
        pic__buf_putf(out, "global\n\tuid %d\n\tgid %d\n", PIC__FRONT_USER, PIC__FRONT_USER);
        pic__buf_puts(out, global);
        put_frontend(c, "plain", ":80", "http", plain, out);
        put_frontend(c, "tls", ":443 ssl crt-list " PIC__FRONT_CERTS " alpn h2,http/1.1", "https", tls, out);
        put_services(c, out);
        put_outside(c, out);
        pic__buf_puts(out, backends);
        return out->failed ? -1 : 0;
}

static int all_of(const char *text, char first, const char *but)
{
        for (; *text != '\0'; text++)
                if (*text < first || *text > '~' || strchr(but, *text) != NULL)
                        return 0;
        return 1;
}

int pic__front_key_ok(const char *key)
{
        return key[0] != '\0' && strlen(key) < 300 && all_of(key, '!', ";\\\"'#<");
}

int pic__front_value_ok(const char *value)
{
        return value[0] != '\0' && strlen(value) < 600 && all_of(value, '!', ";\\\"'#<");
}

int pic__front_name_ok(const char *name)
{
        size_t n = strlen(name);

        return n > 0 && n < 200 && name[0] != '.' && name[0] != '-' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == n;
}
