/* Owns: asking the router, and reading what the programs say that do it (of Debian 12: natpmpc 20150609, upnpc 2.2.4).
 * The libraries' own programs, not the libraries: what a hostile answer could break in them is then a process that may
 * do nothing. */
#include "engine/router.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/acme_ask.h"
#include "model/net.h"
#include "sys/child.h"
#include "sys/file.h"

#define ROUTES_MAX ((size_t)1 << 20)
#define OUTPUT_MAX 16384
#define ROUTE_UP_GATEWAY 3 /* RTF_UP | RTF_GATEWAY */

static const struct way {
        const char *name, *program;
        unsigned patience; /* ms: natpmpc asks after 0, 0.25, 0.75 and 1.75 s; upnpc listens for 2 s first */
} ways[PIC__ROUTER_WAYS] = {
        [PIC__ROUTER_NATPMP] = { "NAT-PMP", "natpmpc", 3500 },
        [PIC__ROUTER_UPNP] = { "UPnP", "upnpc", 8000 },
};

const char *pic__router_way_name(enum pic__router_way way)
{
        return ways[way].name;
}

int pic__router_gateway(const char *text, char gateway[48])
{
        const char *line;

        for (line = strchr(text, '\n'); line != NULL; line = strchr(line + 1, '\n')) {
                unsigned to, via, flags, mask, metric;
                struct in_addr a;

                if (sscanf(line + 1, "%*15s %x %x %x %*d %*d %u %x", &to, &via, &flags, &metric, &mask) != 5 ||
                    to != 0 || mask != 0 || (flags & ROUTE_UP_GATEWAY) != ROUTE_UP_GATEWAY)
                        continue;
                a.s_addr = via; /* in the order in which it lies in memory */
                return inet_ntop(AF_INET, &a, gateway, 48) != NULL;
        }
        return 0;
}

/* --- what they say -------------------------------------------------------------------------------------------- */

/* What stands behind `word` at the beginning of a line, up to its end; "" when no line begins so. */
static void behind(const char *text, const char *word, char *out, size_t size)
{
        size_t len = strlen(word), n;

        out[0] = '\0';
        for (; text != NULL; text = strchr(text, '\n')) {
                text += *text == '\n';
                if (strncmp(text, word, len) != 0)
                        continue;
                n = strcspn(text + len, "\r\n");
                (void)snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1), text + len);
                return;
        }
}

static void address_behind(const char *text, const char *word, char address[48])
{
        char said[64];
        pic__addr a;

        behind(text, word, said, sizeof(said));
        address[0] = '\0';
        if (pic__addr_parse(said, &a) == 0 && a.family == 4)
                (void)pic__addr_print(&a, address);
}

/* In one line that can be shown. */
static void refuse(pic__router_said *s, const char *words)
{
        size_t i;

        (void)snprintf(s->refusal, sizeof(s->refusal), "%.100s", words);
        for (i = 0; s->refusal[i] != '\0'; i++)
                if (s->refusal[i] < ' ' || s->refusal[i] > '~')
                        s->refusal[i] = '?';
}

static int read_natpmp(const char *text, pic__router_said *s)
{
        static const char *const theirs[] = { "network failure", "not authorized", "nat-pmp server out of resources",
                                              "unsupported nat-pmp opcode error from server" };
        char words[128], line[128];
        unsigned port, lifetime;
        size_t i;

        address_behind(text, "Public IP address : ", s->address);
        behind(text, "Mapped public port ", line, sizeof(line));
        if (sscanf(line, "%u protocol UDP to local port %*u liftime %u", &port, &lifetime) == 2 && port <= 65535) {
                s->led = lifetime > 0;
                s->port = port;
                s->lifetime = lifetime;
        }
        behind(text, "readnatpmpresponseorretry() failed : ", words, sizeof(words));
        for (i = 0; i < PIC__COUNT(theirs); i++)
                if (strcmp(words, theirs[i]) == 0)
                        refuse(s, words);
        return s->address[0] != '\0' || line[0] != '\0' || s->refusal[0] != '\0';
}

/* "http://192.168.1.1:5000/ctl" of the gateway, and of nobody else in the lan. */
static int is_gateways(const char *url, const char *gateway)
{
        static const char http[] = "http://";
        size_t len = strlen(gateway);

        return strncmp(url, http, sizeof(http) - 1) == 0 && strncmp(url + sizeof(http) - 1, gateway, len) == 0 &&
               strchr(":/", url[sizeof(http) - 1 + len]) != NULL;
}

static void read_failure(const char *text, pic__router_said *s)
{
        static const char word[] = ") failed with code ";
        const char *at = strstr(text, word);
        char words[128];
        int code;

        if (at == NULL)
                return;
        code = atoi(at + sizeof(word) - 1);
        behind(at, word, words, sizeof(words));
        s->only_for_good = code == 725;
        refuse(s, words);
}

static int read_upnp(const char *text, const char *gateway, pic__router_said *s)
{
        char url[256], line[160];
        unsigned lifetime;

        behind(text, "Found a (not connected?) IGD : ", url, sizeof(url));
        if (is_gateways(url, gateway))
                refuse(s, "it says that it is not connected");
        if (s->refusal[0] != '\0')
                return 1;
        behind(text, "Found valid IGD : ", url, sizeof(url));
        if (!is_gateways(url, gateway))
                return 0;
        address_behind(text, "ExternalIPAddress = ", s->address);
        behind(text, "external ", line, sizeof(line));
        if (sscanf(line, "%*47[0-9.]:%u UDP is redirected to internal %*47[0-9.]:%*u (duration=%u", &s->port,
                   &lifetime) == 2 &&
            s->port <= 65535) {
                s->led = 1;
                s->lifetime = lifetime;
        }
        if (!s->led)
                read_failure(text, s);
        return 1;
}

int pic__router_read(enum pic__router_way way, const char *text, const char *gateway, pic__router_said *ret)
{
        pic__router_said s = { .led = 0 };
        int r = way == PIC__ROUTER_NATPMP ? read_natpmp(text, &s) : read_upnp(text, gateway, &s);

        *ret = s;
        return r;
}

/* --- asking --------------------------------------------------------------------------------------------------- */

static int is_here(enum pic__router_way way)
{
        pic__auto_free char *found = pic__cmd_find(ways[way].program);

        return found != NULL;
}

int pic__router_can(void)
{
        return is_here(PIC__ROUTER_NATPMP) || is_here(PIC__ROUTER_UPNP);
}

/* The rest of the arguments: what is wished, in the words of each. */
static void wish(const pic__router *r, const char *port, const char *lifetime, const char **argv, size_t n)
{
        const char *const natpmp[] = { "-g", r->gateway, "-a", port, port, "udp", lifetime, NULL },
                          *const upnp[] = { "-e", "pic", "-a", "@", port, port, "udp", lifetime, NULL },
                          *const none[] = { "-d", port, "UDP", NULL }, *const status[] = { "-s", NULL };
        const char *const *words = natpmp;

        if (r->way == PIC__ROUTER_UPNP)
                words = r->port == 0 ? status : r->lifetime == 0 ? none : upnp;
        for (; *words != NULL && !(r->way == PIC__ROUTER_NATPMP && r->port == 0 && words == natpmp + 2); words++)
                argv[n++] = *words;
        argv[n] = NULL;
}

static int start(pic__router *r)
{
        const char *argv[20] = { "prlimit", "--as=134217728", "--cpu=5", "--core=0", ways[r->way].program };
        const pic__job_opts opts = { .timeout_ms = ways[r->way].patience, .max_output = OUTPUT_MAX };
        char port[16], lifetime[16];

        (void)snprintf(port, sizeof(port), "%u", r->port);
        (void)snprintf(lifetime, sizeof(lifetime), "%u", r->said.only_for_good ? 0 : r->lifetime);
        wish(r, port, lifetime, argv, 5);
        return is_here(r->way) && pic__acme_ask_run(argv, &opts, &r->job, NULL) == 0;
}

/* The next way that can be tried. 1: there is none. */
static int next_way(pic__router *r)
{
        for (; r->tried < PIC__ROUTER_WAYS; r->way = (r->way + 1) % PIC__ROUTER_WAYS) {
                r->tried++;
                if (start(r))
                        return 0;
        }
        return 1;
}

int pic__router_begin(pic__router *r, unsigned port, unsigned lifetime)
{
        pic__auto_buf pic__buf routes = PIC__BUF_INIT;

        pic__router_free(r);
        r->port = port;
        r->lifetime = lifetime;
        r->tried = r->answered = 0;
        r->gateway[0] = '\0';
        memset(&r->said, 0, sizeof(r->said));
        if (pic__file_read("/proc/net/route", ROUTES_MAX, &routes, NULL) < 0 ||
            !pic__router_gateway(pic__buf_str(&routes), r->gateway))
                return 1;
        return next_way(r);
}

int pic__router_fd(const pic__router *r)
{
        return r->job != NULL ? pic__job_fd(r->job) : -1;
}

int pic__router_go_on(pic__router *r)
{
        int status, ended = r->job == NULL || pic__job_go_on(r->job, &status, NULL) != 0, for_good;

        if (!ended)
                return 0;
        for_good = r->said.only_for_good;
        r->answered =
                r->job != NULL && pic__router_read(r->way, pic__buf_str(pic__job_said(r->job)), r->gateway, &r->said);
        r->job = pic__job_unref(r->job);
        if (r->answered && r->said.only_for_good && !for_good && r->lifetime > 0 && start(r))
                return 0;
        if (r->answered)
                return 1;
        r->way = (r->way + 1) % PIC__ROUTER_WAYS;
        return next_way(r);
}

void pic__router_free(pic__router *r)
{
        r->job = pic__job_unref(r->job);
}
