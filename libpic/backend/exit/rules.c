/* Owns: the firewall inside an exit, loaded in one transaction; and digests of what is inside, by which somebody else's
 * hand is seen. */
#include <string.h>

#include "backend/exit/inside.h"
#include "plan/policy.h"
#include "sys/crypto.h"

static void fill(const pic__exit_space *s, const pic__exit_conf *c, const pic__carrier *carrier, pic__policy_inside *p,
                 pic__policy_place *places)
{
        unsigned usual = (carrier->flags & (PIC__CARRIER_TCP_REMOTE | PIC__CARRIER_TCP_ONLY)) != 0 ? 6 : 17;
        int tcp_only = (carrier->flags & PIC__CARRIER_TCP_ONLY) != 0;
        size_t i;

        *p = (pic__policy_inside){ .cap = pic__policy_cap_of(tcp_only, c->v4, c->v6),
                                   .carrier = pic__space_user(s, 0),
                                   .resolver = pic__space_user(s, 1),
                                   .cell4 = c->cell4,
                                   .exit4 = c->exit4,
                                   .cell6 = c->cell6,
                                   .exit6 = c->exit6,
                                   .remote = places,
                                   .remotes = c->remote.count,
                                   .anywhere = (carrier->flags & PIC__CARRIER_ANYWHERE) != 0,
                                   .mark = (carrier->flags & PIC__CARRIER_OWN_DEVICE) != 0 ? PIC__EXIT_MARK : 0,
                                   .tcp_port = tcp_only ? PIC__EXIT_TCP_PORT : 0,
                                   .dns_port = (carrier->flags & PIC__CARRIER_DNS) != 0 ? PIC__EXIT_DNS_PORT : 0,
                                   .sieve = pic__exit_sieved(c) ? PIC__SIEVE_USER : 0,
                                   .sieve_port = PIC__SIEVE_PORT };
        for (i = 0; i < c->remote.count; i++) {
                const pic__exit_place *r = &c->remote.at[i];

                places[i] = (pic__policy_place){ r->addr, r->port, r->proto != 0 ? r->proto : usual };
        }
}

int pic__rules_load(pic__exit_space *s, const pic__exit_conf *c, const pic__carrier *carrier, pic_error **err)
{
        static const char *const argv[] = { "nft", "-f", "-", NULL };
        pic__policy_place places[PIC__EXIT_LIST_MAX];
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__policy_inside p;
        int r;

        fill(s, c, carrier, &p, places);
        pic__policy_put_inside(&text, &p);
        if (text.failed)
                return pic__nomem(err);
        s->rules[0] = '\0';
        r = pic__inside_run(s, PIC__INSIDE_ROOT, argv, text.data, text.len, NULL, err);
        return r < 0 ? r : pic__rules_picture(s, PIC__OF_RULES, s->rules, err);
}

/* "linkdown" says whether somebody holds the tunnel's device just now, which is no change of what is there. */
static void without(char *text, const char *word)
{
        size_t len = strlen(word);
        char *at = text;

        while ((at = strstr(at, word)) != NULL)
                memmove(at, at + len, strlen(at + len) + 1);
}

int pic__rules_picture(const pic__exit_space *s, int of, char ret[65], pic_error **err)
{
        static const char *const rules[] = { "nft", "-s", "list", "ruleset", NULL };
        /* A device that was made anew looks like the one before, but for its number. */
        static const char script[] =
                "{ ip -4 rule; ip -4 route show table all; ip -4 -br addr; "
                "ip -6 rule; ip -6 route show table all; ip -6 -br addr; } | tr -s ' '; "
                "ip -o link show dev " PIC__EXIT_DEVICE " 2>/dev/null | { IFS=: read -r i x; echo \"$i\"; }";
        static const char *const routes[] = { "sh", "-c", script, NULL };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        uint8_t digest[32];
        int r = pic__inside_run(s, PIC__INSIDE_ROOT, of == PIC__OF_RULES ? rules : routes, NULL, 0, &text, err);

        ret[0] = '\0';
        if (r < 0)
                return r;
        pic__buf_putc(&text, '\n');
        if (text.failed)
                return pic__nomem(err);
        if (of == PIC__OF_ROUTES) {
                without(text.data, " linkdown");
                without(text.data, "UNKNOWN");
                without(text.data, "DOWN");
                without(text.data, "UP");
        }
        pic__digest(text.data, strlen(text.data), digest);
        pic__hex(digest, sizeof(digest), ret);
        return 0;
}
