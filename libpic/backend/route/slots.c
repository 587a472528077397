/* Owns: which slots of exits somebody else on this machine uses: a rule at the slot's priority or with its table, a
 * route in that table, a device of that name. */
#include <string.h>

#include "backend/route/inside.h"
#include "backend/route/rule.h"
#include "model/exit.h"

/* The slot of a table; 0: none. */
static unsigned slot_of(uint32_t table)
{
        return pic__route_exit_table(table) ? table - pic__exit_table(0) : 0;
}

static int want_foreign(const struct nlmsghdr *h)
{
        pic__route_route route;

        return pic__route_read_route(h, &route) == 0 && slot_of(route.table) != 0 &&
               route.protocol != PIC__ROUTE_PROTOCOL;
}

static int from_links(pic__route_nl *nl, uint8_t *taken, pic_error **err)
{
        PIC__AUTO(pic__route_links_free) pic__route_links links = PIC__VEC_INIT;
        size_t i;
        int r = pic__route_get_links(nl, &links, err);

        for (i = 0; i < links.count && r == 0; i++)
                if (links.at[i].exit != 0 && !links.at[i].marked)
                        taken[links.at[i].exit] |= PIC__ROUTE_SLOT_DEVICE;
        return r;
}

static int from_rules(pic__route_nl *nl, uint8_t *taken, pic_error **err)
{
        PIC__AUTO(pic__route_rules_free) pic__route_rules rules = PIC__VEC_INIT;
        size_t i;
        int r = pic__route_get_rules(nl, &rules, err);

        for (i = 0; i < rules.count && r == 0; i++) {
                const pic__route_rule *rule = &rules.at[i];
                uint32_t n = rule->priority - pic__exit_priority(0);

                if (rule->protocol == PIC__ROUTE_PROTOCOL)
                        continue;
                if (n >= 1 && n <= PIC__EXIT_SLOTS)
                        taken[n] |= PIC__ROUTE_SLOT_PRIORITY;
                if (rule->action == FR_ACT_TO_TBL && slot_of(rule->table) != 0)
                        taken[slot_of(rule->table)] |= PIC__ROUTE_SLOT_TABLE;
        }
        return r;
}

static int from_routes(pic__route_nl *nl, uint8_t *taken, pic_error **err)
{
        PIC__AUTO(pic__route_routes_free) pic__route_routes routes = PIC__VEC_INIT;
        size_t i;
        int r = pic__route_get_some(nl, want_foreign, &routes, err);

        for (i = 0; i < routes.count && r == 0; i++)
                taken[slot_of(routes.at[i].table)] |= PIC__ROUTE_SLOT_TABLE;
        return r;
}

int pic__route_host_slots(uint8_t *taken, pic_error **err)
{
        pic__route_nl nl = { 0 };
        int r = pic__route_nl_open(&nl, err);

        memset(taken, 0, PIC__EXIT_SLOTS + 1);
        if (r == 0)
                r = from_links(&nl, taken, err);
        if (r == 0)
                r = from_rules(&nl, taken, err);
        if (r == 0)
                r = from_routes(&nl, taken, err);
        pic__route_nl_close(&nl);
        return r;
}
