/* Any bytes as a datagram of rtnetlink: an answer, whole or refused; links, addresses and routes in it; notifications.
 * What is read is what the rest relies on: names end, lengths fit their family. */
#include "fuzz.h"

#include "backend/route/inside.h"
#include "backend/route/rule.h"

static void prefix_fits(const pic__prefix *p)
{
        char text[PIC__PREFIX_TEXT];
        pic__prefix masked = *p, again;

        must((p->addr.family == 4 && p->len <= 32) || (p->addr.family == 6 && p->len <= 128));
        pic__prefix_mask(&masked);
        must(pic__prefix_parse(pic__prefix_print(&masked, text), &again) == 0);
        must(pic__route_parse(pic__prefix_print(p, text), &again) == 0);
}

static void look(const struct nlmsghdr *h, pic__route_links *links)
{
        pic__route_route route;
        pic__route_rule rule;
        pic__route_link link;
        pic__route_addr addr;
        pic__auto_buf pic__buf what = PIC__BUF_INIT;
        char text[128];

        if (pic__route_read_link(h, &link) == 0) {
                must(memchr(link.name, '\0', sizeof(link.name)) != NULL);
                must(!(link.ours && link.aliased));
                must(pic__vec_push(links, link) == 0);
        }
        if (pic__route_read_addr(h, &addr) == 0)
                prefix_fits(&addr.at);
        if (pic__route_read_rule(h, &rule) == 0) {
                must(memchr(rule.in, '\0', sizeof(rule.in)) != NULL &&
                     memchr(rule.out, '\0', sizeof(rule.out)) != NULL);
                if (rule.from.addr.family != 0)
                        prefix_fits(&rule.from);
                if (rule.to.addr.family != 0)
                        prefix_fits(&rule.to);
                pic__route_rule_print(&rule, &what);
                must(!what.failed);
        }
        if (pic__route_read_route(h, &route) == 0) {
                prefix_fits(&route.to);
                must(route.via.family == 0 || route.via.family == route.to.addr.family);
                pic__route_entry_print(&route, "pic0", text, sizeof(text));
                must(strlen(text) < sizeof(text) - 1);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        PIC__AUTO(pic__route_links_free) pic__route_links links = PIC__VEC_INIT;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        struct nlmsghdr *first = bytes_of(data, size);
        const struct nlmsghdr *h = NULL;
        pic__route_answer a = { .out = &out };
        pic__route b = { .links = PIC__VEC_INIT };

        a.seq = size >= sizeof(*first) ? first->nlmsg_seq : 0;
        pic__route_nl_take(&a, first, size);
        must(memchr(a.extack, '\0', sizeof(a.extack)) != NULL);
        must(a.errnum == 0 || a.done);
        while ((h = pic__route_nl_next(&out, h)) != NULL)
                look(h, &links);
        b.links = links; /* as if they were ours */
        must(pic__route_hear(&b, first, size) <= (PIC__ROUTE_OPEN << 1) - 1);
        free(first);
        return 0;
}
