/* Owns: what is asked of a copy that lives. That the machine is as wished is what the agent's own plan says: it reads
 * everything for it, and names each step that is missing. */
#include "drill/live.h"

#include <string.h>
#include <time.h>

#include "codec/json_in.h"
#include "drill/agent.h"
#include "drill/apart.h"
#include "drill/names.h"
#include "engine/drill.h"
#include "plan/item.h"

enum { LOOKS = 15 };

struct life {
        const char *dir;
        int fake;
        pic__drill_book *b;
        pic__drill_agent agent;
};

static void life_end(struct life *l)
{
        pic__drill_agent_end(&l->agent);
}

/* --- the plan ---------------------------------------------------------------------------------------------------- */

static const struct part {
        enum pic__drill_check check;
        unsigned backends;
} parts[] = {
        { PIC__DRILL_PEERS, PIC__PART(PIC__B_WG) },
        { PIC__DRILL_RULES, PIC__PART(PIC__B_NFT) },
        { PIC__DRILL_ROUTES, PIC__PART(PIC__B_ROUTE) },
        { PIC__DRILL_NAMES, PIC__PART(PIC__B_DNS) },
        { PIC__DRILL_EXITS, PIC__PART(PIC__B_EXIT) },
        { PIC__DRILL_SERVICES, PIC__PART(PIC__B_NTP) | PIC__PART(PIC__B_FRONT) },
};

static int is_of(const pic__node *step, unsigned backends)
{
        const char *name = pic__node_str(step, "backend", "");
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++)
                if (strcmp(pic__backend_names[i], name) == 0)
                        return (backends & PIC__PART(i)) != 0;
        return 0;
}

/* The first step that is missing of these subsystems, as the error. */
static int judge(const pic__node *steps, unsigned backends, pic_error **err)
{
        const pic__node *one, *first = NULL;
        size_t count = 0;

        for (one = steps->first; one != NULL; one = one->next)
                if (is_of(one, backends)) {
                        first = first != NULL ? first : one;
                        count++;
                }
        if (first == NULL)
                return 0;
        return pic__fail(err, PIC_CORRUPT, "%zu differences from what is wished; the first: %s", count,
                         pic__node_str(first, "text", pic__node_str(first, "kind", "?")));
}

/* What is issued or found at the start (certificates, say) is applied a moment later. */
static int plan(struct life *l, pic__doc **ret, pic_error **err)
{
        const struct timespec nap = { 0, 200000000L };
        const pic__node *steps = NULL;
        int i, r = 0;

        for (i = 0; r == 0 && i < LOOKS && (i == 0 || (steps != NULL && steps->count > 0)); i++) {
                if (i > 0)
                        (void)nanosleep(&nap, NULL);
                *ret = pic__doc_unref(*ret);
                r = pic__drill_agent_ask(&l->agent, "plan", NULL, ret, err);
                steps = r == 0 ? pic__node_list(pic__doc_root(*ret), "steps") : NULL;
        }
        if (r == 0 && steps == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without 'steps'");
        return r;
}

/* --- words ------------------------------------------------------------------------------------------------------- */

static int64_t count_of(const pic__node *status, const char *key)
{
        const pic__node *counts = pic__node_map(status, "counts");

        return counts != NULL ? pic__node_int_or(counts, key, 0) : 0;
}

static size_t built(const pic__node *status)
{
        const pic__node *list = pic__node_list(status, "connections"), *one;
        size_t count = 0;

        for (one = list != NULL ? list->first : NULL; one != NULL; one = one->next)
                count += pic__node_bool(one, "enabled", 0) == 1;
        return count;
}

static int say_names(struct life *l, pic_error **err)
{
        size_t asked = 0;
        int r = l->fake ? 0 : pic__drill_names(l->dir, &asked, err);

        if (r == 0 && l->fake)
                pic__book_ok(l->b, PIC__DRILL_NAMES, "as planned; nobody answers in a pretend world");
        else if (r == 0)
                pic__book_ok(l->b, PIC__DRILL_NAMES, "as planned, and %zu are answered", asked);
        return r;
}

static int say_peers(struct life *l, const pic__node *status)
{
        pic__book_ok(l->b, PIC__DRILL_PEERS, "%lld of %lld devices are active, and in WireGuard",
                     (long long)count_of(status, "active"), (long long)count_of(status, "peers"));
        return 0;
}

static int say_exits(struct life *l, const pic__node *status)
{
        size_t exits = built(status);

        if (exits == 0)
                pic__book_skip(l->b, PIC__DRILL_EXITS, "the cell has no connection that is on");
        else
                pic__book_ok(l->b, PIC__DRILL_EXITS, "%zu built, with no way to the internet", exits);
        return 0;
}

static int say(struct life *l, enum pic__drill_check check, const pic__node *status, pic_error **err)
{
        if (check == PIC__DRILL_PEERS)
                return say_peers(l, status);
        if (check == PIC__DRILL_NAMES)
                return say_names(l, err);
        if (check == PIC__DRILL_EXITS)
                return say_exits(l, status);
        pic__book_ok(l->b, check, "as planned");
        return 0;
}

/* --- a life ------------------------------------------------------------------------------------------------------ */

static int begin(struct life *l, pic_error **err)
{
        int r = pic__drill_agent_start(l->dir, l->fake, &l->agent, err);

        if (r == 0)
                r = pic__drill_agent_ready(&l->agent, err);
        if (r == 0)
                pic__book_ok(l->b, PIC__DRILL_AGENT, "it came up, and applied all of it");
        return r;
}

/* Writes failures down as it goes; 0: there was none. */
static int look(struct life *l)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *steps = NULL;
        PIC__AUTO(pic__doc_unref_p) pic__doc *status = NULL;
        pic__auto_err pic_error *bad = NULL;
        size_t i;
        int r = plan(l, &steps, &bad);

        if (r == 0)
                r = pic__drill_agent_ask(&l->agent, "status", "{\"peers\":false}", &status, &bad);
        if (r < 0)
                pic__book_fail(l->b, PIC__DRILL_AGENT, bad);
        for (i = 0; r == 0 && i < PIC__COUNT(parts); i++) {
                r = judge(pic__node_list(pic__doc_root(steps), "steps"), parts[i].backends, &bad);
                if (r == 0)
                        r = say(l, parts[i].check, pic__doc_root(status), &bad);
                if (r < 0)
                        pic__book_fail(l->b, parts[i].check, bad);
        }
        return r;
}

int pic__drill_live(const char *dir, int fake, pic__drill_book *b, pic_error **err)
{
        PIC__AUTO(life_end) struct life l = { .dir = dir, .fake = fake, .b = b, .agent = { .words = -1 } };
        pic__auto_err pic_error *bad = NULL;
        int r = fake ? 0 : pic__drill_apart(err);

        if (r < 0)
                return r;
        if (begin(&l, &bad) < 0)
                pic__book_fail(b, PIC__DRILL_AGENT, bad);
        else if (look(&l) == 0) {
                if (pic__drill_agent_down(&l.agent, &bad) < 0)
                        pic__book_fail(b, PIC__DRILL_END, bad);
                else
                        pic__book_ok(b, PIC__DRILL_END, "its agent took all of it down again");
        }
        return 0;
}
