/* Owns: the findings. What others do to our packets before us is weaken.c's. In netfilter an accept is only one table's
 * word: every other base chain at the same hook has a say, and one drop is enough. So whoever else drops by default is
 * named, with the command that lets us through in the place meant for it. */
#include "backend/nft/doctor.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <string.h>

#include "backend/nft/foreign.h"
#include "backend/nft/text.h"
#include "backend/nft/weaken.h"
#include "model/exit.h"
#include "sys/child.h"
#include "sys/file.h"

struct doctor {
        const pic__nft_ours *ours;
        const char *dev; /* for iptables */
        const char *nft_dev;
        const char *whose;
        uint16_t port;
        pic__finding_fn fn;
        void *data;
};

static void tell(const struct doctor *d, int level, const char *what, const char *fix)
{
        d->fn(level, "nft", what, fix, d->data);
}

static const char *tool_of(uint8_t family)
{
        return family == NFPROTO_IPV6 ? "ip6tables" : "iptables";
}

/* iptables-nft keeps its rules in tables of its own naming; changing those is iptables' business. */
static int is_iptables(const pic__nft_chain *c)
{
        return c->family != NFPROTO_INET && strcmp(c->table, "filter") == 0 &&
               (strcmp(c->name, "FORWARD") == 0 || strcmp(c->name, "INPUT") == 0);
}

static int has_chain(const pic__nft_chains *chains, const pic__nft_chain *of, const char *name)
{
        size_t i;

        for (i = 0; i < chains->count; i++)
                if (chains->at[i].family == of->family && strcmp(chains->at[i].table, of->table) == 0 &&
                    strcmp(chains->at[i].name, name) == 0)
                        return 1;
        return 0;
}

static void put_iptables(const struct doctor *d, const char *tool, const char *chain, int hook, pic__buf *fix)
{
        pic__buf_putf(fix, "%s -I %s -i %s -j ACCEPT; ", tool, chain, d->dev);
        if (hook == NF_INET_FORWARD)
                pic__buf_putf(fix, "%s -I %s -o %s -j ACCEPT", tool, chain, d->dev);
        else
                pic__buf_putf(fix, "%s -I %s -p udp --dport %u -j ACCEPT", tool, chain, d->port);
}

static void put_nft(const struct doctor *d, const pic__nft_chain *c, pic__buf *fix)
{
        const char *family = pic__nft_family_name(c->family);

        pic__buf_putf(fix, "nft insert rule %s %s %s iifname %s accept; ", family, c->table, c->name, d->nft_dev);
        if (c->hook == NF_INET_FORWARD)
                pic__buf_putf(fix, "nft insert rule %s %s %s oifname %s accept", family, c->table, c->name, d->nft_dev);
        else
                pic__buf_putf(fix, "nft insert rule %s %s %s udp dport %u accept", family, c->table, c->name, d->port);
}

static int is_filter(const pic__nft_chain *c)
{
        return c->hook == NF_INET_FORWARD || c->hook == NF_INET_LOCAL_IN;
}

/* What comes in by the device, or through it in both directions, is let pass already. */
static int is_open(const pic__nft_chain *c)
{
        return c->let_in > 0 && (c->hook == NF_INET_LOCAL_IN || c->let_out > 0);
}

static void tell_chain(const struct doctor *d, const pic__nft_chains *chains, const pic__nft_chain *c)
{
        pic__auto_buf pic__buf what = PIC__BUF_INIT, fix = PIC__BUF_INIT;
        int docker = c->hook == NF_INET_FORWARD && has_chain(chains, c, "DOCKER-USER");

        pic__buf_putf(&what,
                      "table %s %s, chain %s, %s %s that nothing accepted: it blocks the cell's %s on their way %s",
                      pic__nft_family_name(c->family), c->table, c->name, docker ? "(Docker)" : "(not ours)",
                      c->drops ? "drops by policy what" : "drops in its last rule what", d->whose,
                      c->hook == NF_INET_FORWARD ? "through" : "to this host");
        if (is_iptables(c))
                put_iptables(d, tool_of(c->family), docker ? "DOCKER-USER" : c->name, c->hook, &fix);
        else
                put_nft(d, c, &fix);
        tell(d, PIC_LOG_WARNING, pic__buf_str(&what), pic__buf_str(&fix));
}

static void tell_error(const struct doctor *d, const pic_error *err)
{
        const char *hint = pic_error_hint(err);

        tell(d, PIC_LOG_ERROR, pic_error_message(err), hint != NULL ? hint : "");
}

static void look_at_chains(const struct doctor *d, pic__nft_sock *s)
{
        pic__auto_err pic_error *err = NULL;
        pic__nft_chains chains = PIC__VEC_INIT;
        size_t i;

        if (pic__nft_foreign_read(s, d->ours, &chains, &err) < 0)
                tell_error(d, err);
        for (i = 0; i < chains.count; i++) {
                const pic__nft_chain *c = &chains.at[i];

                if (is_filter(c) && (c->drops || c->last_drops) && !is_open(c))
                        tell_chain(d, &chains, c);
        }
        pic__nft_weaken_tell(&chains, d->dev, d->fn, d->data);
        pic__vec_free(&chains);
}

static unsigned first_exit(char dev[PIC__EXIT_DEV])
{
        unsigned slot, index = 0;

        for (slot = 1; index == 0 && slot <= PIC__EXIT_SLOTS; slot++)
                index = if_nametoindex(pic__exit_dev(slot, dev));
        return index;
}

/* What the programs of ways out send is forwarded too; one exit stands for all. */
static void look_at_exits(const struct doctor *of, pic__nft_sock *s)
{
        char dev[PIC__EXIT_DEV];
        pic__nft_ours ours = { .dev = dev, .index = first_exit(dev), .enough = strlen("picx") };
        const struct doctor d = { &ours, "picx+", "\"picx*\"", "ways out", of->port, of->fn, of->data };
        pic__nft_chains chains = PIC__VEC_INIT;
        size_t i;

        if (ours.index != 0 && pic__nft_foreign_read(s, &ours, &chains, NULL) == 0)
                for (i = 0; i < chains.count; i++) {
                        const pic__nft_chain *c = &chains.at[i];

                        if (c->hook == NF_INET_FORWARD && (c->drops || c->last_drops) && !is_open(c))
                                tell_chain(&d, &chains, c);
                }
        pic__vec_free(&chains);
}

/* The old iptables is not seen through nftables at all; only its own tool can read it. */
static int legacy_rules(const char *tool, const char *table, const char *chain, pic__buf *rules)
{
        const char *argv[] = { tool, "-t", table, "-S", chain, NULL };

        return pic__cmd_run(argv, NULL, rules, NULL, NULL) == 0 && strncmp(pic__buf_str(rules), "-P ", 3) == 0;
}

static void look_at_legacy_filter(const struct doctor *d, const char *tool)
{
        static const struct {
                const char *name;
                int hook;
        } chains[] = { { "FORWARD", NF_INET_FORWARD }, { "INPUT", NF_INET_LOCAL_IN } };
        size_t i;

        for (i = 0; i < PIC__COUNT(chains); i++) {
                pic__auto_buf pic__buf rules = PIC__BUF_INIT, what = PIC__BUF_INIT, fix = PIC__BUF_INIT;

                if (!legacy_rules(tool, "filter", chains[i].name, &rules) ||
                    strstr(pic__buf_str(&rules), " DROP\n") == NULL || strstr(pic__buf_str(&rules), d->dev) != NULL)
                        continue;
                pic__buf_putf(&what, "%s, chain %s, drops what nothing accepted: it may block the cell's devices", tool,
                              chains[i].name);
                put_iptables(d, tool, chains[i].name, chains[i].hook, &fix);
                tell(d, PIC_LOG_WARNING, pic__buf_str(&what), pic__buf_str(&fix));
        }
}

static void look_at_legacy(const struct doctor *d, const char *names, const char *tool)
{
        static const char *const tables[] = { "raw", "mangle", "nat" };
        pic__auto_buf pic__buf used = PIC__BUF_INIT;
        size_t i;

        if (pic__file_read(names, 4096, &used, NULL) < 0)
                return;
        if (strstr(pic__buf_str(&used), "filter") != NULL)
                look_at_legacy_filter(d, tool);
        for (i = 0; i < PIC__COUNT(tables); i++) {
                pic__auto_buf pic__buf rules = PIC__BUF_INIT;

                if (strstr(pic__buf_str(&used), tables[i]) != NULL &&
                    legacy_rules(tool, tables[i], "PREROUTING", &rules))
                        pic__nft_weaken_legacy(tool, tables[i], pic__buf_str(&rules), d->dev, d->fn, d->data);
        }
}

void pic__nft_doctor(pic__finding_fn fn, void *data)
{
        const struct doctor d = { .fn = fn, .data = data };

        if (!pic__nft_text_can(NULL))
                tell(&d, PIC_LOG_ERROR, "libnftables is not installed: the firewall cannot be made",
                     "apt-get install libnftables1");
}

void pic__nft_strangers(pic__nft_sock *s, const pic__nft_shape *shape, pic__finding_fn fn, void *data)
{
        const char *dev = shape->dev[0] != '\0' ? shape->dev : "pic0";
        const pic__nft_ours ours = { dev, if_nametoindex(dev), shape->net4, shape->net6, 0 };
        const struct doctor d = { &ours, dev, dev, "devices", shape->port != 0 ? shape->port : 51820, fn, data };

        look_at_chains(&d, s);
        look_at_exits(&d, s);
        look_at_legacy(&d, "/proc/net/ip_tables_names", "iptables-legacy");
        look_at_legacy(&d, "/proc/net/ip6_tables_names", "ip6tables-legacy");
}
