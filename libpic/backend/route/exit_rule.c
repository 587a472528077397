/* Owns: the rules of ours that lead packets with an exit's mark to that exit's table (`ip rule`). They stand before the
 * main table, each at a priority of its own, which nobody else may use. */
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/route/inside.h"
#include "backend/route/rule.h"

#define SEVERAL "several" /* value of a priority that has more than one of ours */

/* "iif=pic0 mark=0x1010/0x1ff0 table=1001", "mark=0x2/0x2 table=254 suppress=0", "mark=0x2/0x2 unreachable",
 * "mark=0x1000/0xf000 to=10.1.0.0/16 table=254", "mark=0x0/0x1002 goto=4300" */
void pic__route_rule_print(const pic__route_rule *r, pic__buf *out)
{
        char to[PIC__PREFIX_TEXT];

        if (r->in[0] != '\0')
                pic__buf_putf(out, "iif=%s ", r->in);
        if (r->mark != 0 || r->mask != UINT32_MAX)
                pic__buf_putf(out, "mark=0x%x/0x%x ", r->mark, r->mask);
        if (r->to.addr.family != 0)
                pic__buf_putf(out, "to=%s ", pic__prefix_print(&r->to, to));
        if (r->action == FR_ACT_TO_TBL)
                pic__buf_putf(out, "table=%u", r->table);
        else if (r->action == FR_ACT_GOTO)
                pic__buf_putf(out, "goto=%u", r->target);
        else if (r->action == FR_ACT_UNREACHABLE)
                pic__buf_puts(out, "unreachable");
        else
                pic__buf_putf(out, "action=%u", r->action);
        if (r->suppress >= 0)
                pic__buf_putf(out, " suppress=%d", r->suppress);
        if (r->from.addr.family != 0 || r->out[0] != '\0' || r->inverted || r->vrf || r->narrow)
                pic__buf_puts(out, " other"); /* no rule that we make */
}

/* All digits of a number at `text`, which goes on with one of `ends`. */
static int number(const char *text, int base, const char *ends, uint32_t *ret, const char **ret_end)
{
        char *end = NULL;
        unsigned long n;

        if (strchr("0123456789abcdef", *text) == NULL || *text == '\0')
                return -1;
        n = strtoul(text, &end, base);
        if (n > UINT32_MAX || strchr(ends, *end) == NULL)
                return -1;
        *ret = (uint32_t)n;
        *ret_end = *end != '\0' ? end + 1 : end;
        return 0;
}

/* What a packet has to be. */
static int parse_match(const char *word, pic__route_rule *r)
{
        const char *end;

        if (strncmp(word, "iif=", 4) == 0 && word[4] != '\0' && strlen(word + 4) < sizeof(r->in)) {
                snprintf(r->in, sizeof(r->in), "%s", word + 4);
                return 0;
        }
        if (strncmp(word, "mark=0x", 7) == 0)
                return number(word + 7, 16, "/", &r->mark, &end) == 0 && strncmp(end, "0x", 2) == 0
                               ? number(end + 2, 16, "", &r->mask, &end)
                               : -1;
        if (strncmp(word, "to=", 3) != 0 || pic__prefix_parse(word + 3, &r->to) < 0)
                return -1;
        return r->to.len > 0 && r->to.addr.family == r->family ? 0 : -1;
}

static int parse_goto(const char *target, pic__route_rule *r)
{
        const char *end;

        if (number(target, 10, "", &r->target, &end) < 0 || r->target <= r->priority)
                return -1;
        r->action = FR_ACT_GOTO;
        return 0;
}

static int parse_word(const char *word, pic__route_rule *r)
{
        const char *end;
        uint32_t n;

        if (strncmp(word, "table=", 6) == 0) {
                r->action = FR_ACT_TO_TBL;
                return number(word + 6, 10, "", &r->table, &end);
        }
        if (strncmp(word, "goto=", 5) == 0)
                return parse_goto(word + 5, r);
        if (strncmp(word, "suppress=", 9) == 0 && number(word + 9, 10, "", &n, &end) == 0 && n <= 128) {
                r->suppress = (int32_t)n;
                return 0;
        }
        if (strcmp(word, "unreachable") != 0)
                return parse_match(word, r);
        r->action = FR_ACT_UNREACHABLE;
        return 0;
}

/* "4001 4" */
static int parse_key(const char *key, pic__route_rule *r)
{
        const char *end;

        if (number(key, 10, " ", &r->priority, &end) < 0 || r->priority == 0 ||
            (strcmp(end, "4") != 0 && strcmp(end, "6") != 0))
                return -1;
        r->family = *end - '0';
        return 0;
}

int pic__route_rule_parse(const pic__item *item, int whole, pic__route_rule *ret, pic_error **err)
{
        pic__route_rule r = { .mask = UINT32_MAX, .suppress = -1 };
        pic__auto_buf pic__buf again = PIC__BUF_INIT;
        char text[128], *save = NULL, *word;

        if (parse_key(item->key, &r) < 0)
                return pic__fail(err, PIC_INVALID, "'%s' is no priority and family of a rule", item->key);
        snprintf(text, sizeof(text), "%s", item->value);
        for (word = strtok_r(text, " ", &save); whole && word != NULL; word = strtok_r(NULL, " ", &save))
                if (parse_word(word, &r) < 0)
                        break;
        pic__route_rule_print(&r, &again);
        if (again.failed)
                return pic__nomem(err);
        if (whole && (strcmp(pic__buf_str(&again), item->value) != 0 ||
                      (r.in[0] == '\0' && r.mark == 0 && (r.action != FR_ACT_GOTO || r.mask == UINT32_MAX))))
                return pic__fail(err, PIC_INVALID, "rule %s: '%s' is no rule", item->key, item->value);
        *ret = r;
        return 0;
}

static int put_rule(pic__route *b, int type, int flags, const pic__route_rule *rule, pic_error **err)
{
        struct fib_rule_hdr head = { .family = rule->family == 4 ? AF_INET : AF_INET6,
                                     .action = rule->action,
                                     .dst_len = rule->to.len };
        struct nl_msg *m = pic__route_nl_msg(type, NLM_F_REQUEST | flags, &head, sizeof(head));
        char what[64];
        int bad = 0, r;

        if (m == NULL)
                return pic__nomem(err);
        bad |= nla_put_u32(m, FRA_PRIORITY, rule->priority);
        bad |= nla_put_u8(m, FRA_PROTOCOL, PIC__ROUTE_PROTOCOL);
        if (rule->in[0] != '\0')
                bad |= nla_put_string(m, FRA_IIFNAME, rule->in);
        if (rule->mark != 0 || rule->mask != UINT32_MAX) {
                bad |= nla_put_u32(m, FRA_FWMARK, rule->mark);
                bad |= nla_put_u32(m, FRA_FWMASK, rule->mask);
        }
        if (rule->to.len != 0)
                bad |= nla_put(m, FRA_DST, rule->family == 4 ? 4 : 16, rule->to.addr.bytes);
        if (rule->action == FR_ACT_TO_TBL)
                bad |= nla_put_u32(m, FRA_TABLE, rule->table);
        if (rule->action == FR_ACT_GOTO)
                bad |= nla_put_u32(m, FRA_GOTO, rule->target);
        if (rule->suppress >= 0)
                bad |= nla_put_u32(m, FRA_SUPPRESS_PREFIXLEN, (uint32_t)rule->suppress);
        snprintf(what, sizeof(what), "%s rule %u of IPv%d", type == RTM_NEWRULE ? "add" : "remove", rule->priority,
                 rule->family);
        r = bad < 0 ? pic__nomem(err) : pic__route_nl_change(&b->nl, m, what, err);
        nlmsg_free(m);
        return r;
}

int pic__route_rule_drop(pic__route *b, int family, uint32_t priority, pic_error **err)
{
        const pic__route_rule any = { .family = family, .priority = priority, .mask = UINT32_MAX, .suppress = -1 };

        return put_rule(b, RTM_DELRULE, 0, &any, err);
}

/* The kernel would put any number of them at one priority. */
static int check_priority(pic__route *b, const pic__route_rule *wanted, pic_error **err)
{
        PIC__AUTO(pic__route_rules_free) pic__route_rules all = PIC__VEC_INIT;
        size_t i;
        int r = pic__route_get_rules(&b->nl, &all, err);

        for (i = 0; i < all.count && r == 0; i++) {
                const pic__route_rule *found = &all.at[i];

                if (found->family != wanted->family || found->priority != wanted->priority)
                        continue;
                if (found->protocol == PIC__ROUTE_PROTOCOL)
                        return pic__fail(err, PIC_CONFLICT, "rule %u of IPv%d is there already", wanted->priority,
                                         wanted->family);
                r = pic__fail(err, PIC_CONFLICT,
                              "priority %u of IPv%d rules is used by somebody else (table %u, protocol %u)",
                              wanted->priority, wanted->family, found->table, found->protocol);
                pic__hint(err,
                          "look at `ip -%d rule`; give the other rule another priority, or take it away: ip -%d "
                          "rule del pref %u",
                          wanted->family, wanted->family, wanted->priority);
        }
        return r;
}

/* Each of ours that is there; `first` is the answer to the one that was taken away already. */
static int drop_rest(pic__route *b, const pic__route_rule *rule, int first, pic_error **err)
{
        int r = first;

        while (r == 0) {
                pic_error *bad = NULL;

                r = pic__route_rule_drop(b, rule->family, rule->priority, &bad);
                if (r < 0 && r != PIC_NOTFOUND && err != NULL)
                        *err = pic__take(bad);
                pic_error_free(bad);
        }
        return r == PIC_NOTFOUND ? 0 : r;
}

int pic__route_rule_step(pic__route *b, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        pic__route_rule rule;
        int r = pic__route_rule_parse(item, step->verb != PIC__REMOVE, &rule, err);

        if (r < 0)
                return r;
        if (step->verb == PIC__REMOVE) {
                r = pic__route_rule_drop(b, rule.family, rule.priority, err);
                return r < 0 ? r : drop_rest(b, &rule, r, err);
        }
        if (step->verb == PIC__CHANGE)
                r = drop_rest(b, &rule, 0, err);
        if (r == 0)
                r = check_priority(b, &rule, err);
        return r < 0 ? r : put_rule(b, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, &rule, err);
}

static int has_other(const pic__route_rules *all, size_t at, size_t from, size_t to)
{
        for (; from < to; from++)
                if (from != at && all->at[from].family == all->at[at].family &&
                    all->at[from].priority == all->at[at].priority && all->at[from].protocol == PIC__ROUTE_PROTOCOL)
                        return 1;
        return 0;
}

int pic__route_rule_observe(pic__route *b, pic__items *out, pic_error **err)
{
        PIC__AUTO(pic__route_rules_free) pic__route_rules all = PIC__VEC_INIT;
        size_t i;
        int r = pic__route_get_rules(&b->nl, &all, err);

        for (i = 0; i < all.count && r == 0; i++) {
                const pic__route_rule *rule = &all.at[i];
                pic__auto_buf pic__buf value = PIC__BUF_INIT;
                char key[32];

                if (rule->protocol != PIC__ROUTE_PROTOCOL || has_other(&all, i, 0, i))
                        continue;
                if (has_other(&all, i, i, all.count))
                        pic__buf_puts(&value, SEVERAL);
                else
                        pic__route_rule_print(rule, &value);
                snprintf(key, sizeof(key), "%u %d", rule->priority, rule->family);
                r = value.failed ? pic__nomem(err)
                                 : pic__items_add(out, PIC__I_ROUTE_RULE, key, pic__buf_str(&value), NULL, NULL, err);
        }
        return r;
}
