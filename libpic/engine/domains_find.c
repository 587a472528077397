/* Owns: finding the addresses that the world sees. What the machine itself has is read from where the kernel would send
 * from: a socket that is connected and never sends. */
#include "engine/domains_find.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/net.h"
#include "model/obj.h"

#ifndef IPV6_ADDR_PREFERENCES
#define IPV6_ADDR_PREFERENCES 72
#endif
#define PREFER_PUBLIC 0x0002 /* not one of those that change each day for privacy */
#define SERVICES 8
#define ANSWER_MAX 16384
#define PATIENCE 10000
#define MUTE 12 /* times: a router that is silent is asked again in an hour */

int pic__outside_is_public(const char *address)
{
        const pic__range *internet;
        size_t count, i;
        pic__addr a;

        if (pic__addr_parse(address, &a) < 0)
                return 0;
        internet = pic__ranges_internet(a.family, &count);
        for (i = 0; i < count; i++)
                if (pic__addr_cmp(&a, &internet[i].first) >= 0 && pic__addr_cmp(&a, &internet[i].last) <= 0)
                        return 1;
        return 0;
}

int pic__outside_read(const char *text, char ip4[48])
{
        while (*text != '\0') {
                size_t len = strspn(text, "0123456789.");
                char one[20];
                pic__addr a;

                if (len > 0 && len < sizeof(one)) {
                        memcpy(one, text, len);
                        one[len] = '\0';
                        if (pic__addr_parse(one, &a) == 0) {
                                (void)pic__addr_print(&a, ip4);
                                return 1;
                        }
                }
                text += len > 0 ? len : 1;
        }
        return 0;
}

void pic__outside_own4(char text[48])
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) }, from;
        socklen_t len = sizeof(from);
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        text[0] = '\0';
        to.sin_addr.s_addr = htonl(0x01010101);
        if (fd >= 0 && connect(fd, (const void *)&to, sizeof(to)) == 0 && getsockname(fd, (void *)&from, &len) == 0)
                (void)inet_ntop(AF_INET, &from.sin_addr, text, 48);
        if (fd >= 0)
                close(fd);
}

static void own6(char text[48])
{
        struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9) }, from;
        socklen_t len = sizeof(from);
        int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), want = PREFER_PUBLIC;

        text[0] = '\0';
        (void)inet_pton(AF_INET6, "2606:4700:4700::1111", &to.sin6_addr);
        if (fd >= 0)
                (void)setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &want, sizeof(want));
        if (fd >= 0 && connect(fd, (const void *)&to, sizeof(to)) == 0 && getsockname(fd, (void *)&from, &len) == 0)
                (void)inet_ntop(AF_INET6, &from.sin6_addr, text, 48);
        if (fd >= 0)
                close(fd);
}

/* The one whose turn it is; "" none. */
static void service_of(const pic__outside *o, const char *services, char one[PIC__ITEM_MAX])
{
        const char *at = services;
        size_t count = 0, i;

        while (count < SERVICES && pic__list_next(&at, one, PIC__ITEM_MAX))
                count++;
        one[0] = '\0';
        at = services;
        for (i = 0; count > 0 && i <= o->turn % count; i++)
                (void)pic__list_next(&at, one, PIC__ITEM_MAX);
}

/* A service's name may lead nowhere inside; one that the owner gave as an address is where it is. */
static int may_go(int family, const uint8_t *bytes, void *data)
{
        char text[INET6_ADDRSTRLEN];

        return strpbrk(data, "abcdefghijklmnopqrstuvwxyz") == NULL ||
               (inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)) != NULL &&
                pic__outside_is_public(text));
}

static void give_up(pic__outside *o, pic_error *why)
{
        pic_error_free(o->why);
        o->why = why;
        o->http = pic__http_unref(o->http);
        o->turn++;
}

/* 1: done. */
static int ask_service(pic__outside *o, const char *services)
{
        pic__http_opts opts = { .family = 4, .max = ANSWER_MAX, .timeout_ms = PATIENCE, .ca_file = o->ca_file };
        char service[PIC__ITEM_MAX];
        pic_error *bad = NULL;

        service_of(o, services, service);
        if (service[0] == '\0')
                return 1;
        (void)snprintf(o->asked, sizeof(o->asked), "%.127s", service);
        o->behind = 1;
        (void)snprintf(o->host, sizeof(o->host), "%.*s", (int)strcspn(strstr(service, "//") + 2, ":/"),
                       strstr(service, "//") + 2);
        opts.may = may_go;
        opts.data = o->host;
        if (pic__http_start(service, &opts, &o->http, &bad) == 0)
                return 0;
        give_up(o, bad);
        return 1;
}

/* Carrier-grade NAT: what the provider translates once more, for many households at once (RFC 6598). */
static int is_shared(const char *address)
{
        pic__addr a;

        return pic__addr_parse(address, &a) == 0 && a.family == 4 && a.bytes[0] == 100 && (a.bytes[1] & 0xc0) == 64;
}

/* 1: the router said how it is, and nobody else need be asked. */
static int heed_router(pic__outside *o)
{
        const pic__router_said *said = &o->router.said;

        o->mute = o->router.answered ? 0 : MUTE;
        if (!o->router.answered || said->address[0] == '\0')
                return 0;
        (void)snprintf(o->asked, sizeof(o->asked), "the router (%s)", pic__router_way_name(o->router.way));
        o->behind = 1;
        if (pic__outside_is_public(said->address)) {
                (void)snprintf(o->ip4, sizeof(o->ip4), "%s", said->address);
                return 1;
        }
        (void)snprintf(o->above, sizeof(o->above), "%s", said->address);
        if (!is_shared(said->address))
                return 0; /* one of the household's own, say: the service sees the address before it */
        pic__fail(&o->why, PIC_VALUE,
                  "the router itself is behind another one: its address is %s (CGNAT); nobody reaches the cell from "
                  "outside over IPv4",
                  said->address);
        pic__hint(&o->why, "Ask the provider for a public address, or use IPv6: pic domain set NAME --families ipv6");
        return 1;
}

int pic__outside_begin(pic__outside *o, const char *services, int router)
{
        char own[48];

        pic_error_free(pic__take(o->why));
        o->ip4[0] = o->asked[0] = o->above[0] = '\0';
        o->behind = 0;
        own6(o->ip6);
        if (!pic__outside_is_public(o->ip6))
                o->ip6[0] = '\0';
        pic__outside_own4(own);
        if (pic__outside_is_public(own)) {
                (void)snprintf(o->ip4, sizeof(o->ip4), "%s", own);
                return 1;
        }
        o->mute -= o->mute > 0;
        if (router && o->mute == 0 && pic__router_begin(&o->router, 0, 0) == 0) {
                (void)snprintf(o->services, sizeof(o->services), "%s", services);
                return 0;
        }
        return ask_service(o, services);
}

int pic__outside_fd(const pic__outside *o)
{
        return o->http != NULL ? pic__http_fd(o->http) : pic__router_fd(&o->router);
}

static int go_on_router(pic__outside *o)
{
        if (!pic__router_go_on(&o->router))
                return 0;
        return heed_router(o) || ask_service(o, o->services);
}

int pic__outside_go_on(pic__outside *o)
{
        pic_error *bad = NULL;
        int status = 0, r;

        if (o->http == NULL)
                return go_on_router(o);
        r = pic__http_go_on(o->http, &status, &bad);
        if (r == 0)
                return 0;
        if (r > 0 && (status < 200 || status > 299))
                r = pic__fail(&bad, PIC_BACKEND, "%s answers with status %d", o->asked, status);
        if (r > 0 && !pic__outside_read(pic__buf_str(pic__http_body(o->http)), o->ip4))
                r = pic__fail(&bad, PIC_BACKEND, "%s tells no IPv4 address", o->asked);
        if (r > 0 && !pic__outside_is_public(o->ip4)) {
                r = pic__fail(&bad, PIC_VALUE, "%s says that we come from %s, which is no address of the internet",
                              o->asked, o->ip4);
                pic__hint(&bad,
                          "The provider translates addresses itself (CGNAT): nobody can call in over IPv4. Ask for "
                          "a public address, or use IPv6: pic domain set NAME --families ipv6");
        }
        if (r < 0) {
                o->ip4[0] = '\0';
                give_up(o, bad);
                return 1;
        }
        o->http = pic__http_unref(o->http);
        return 1;
}

void pic__outside_found(pic__outside *o, pic__outside *seen)
{
        pic_error_free(seen->why);
        seen->why = pic__take(o->why);
        seen->behind = o->behind;
        memcpy(seen->ip4, o->ip4, sizeof(seen->ip4));
        memcpy(seen->ip6, o->ip6, sizeof(seen->ip6));
        memcpy(seen->asked, o->asked, sizeof(seen->asked));
        memcpy(seen->above, o->above, sizeof(seen->above));
}

void pic__outside_free(pic__outside *o)
{
        pic_error_free(pic__take(o->why));
        o->http = pic__http_unref(o->http);
        pic__router_free(&o->router);
}
