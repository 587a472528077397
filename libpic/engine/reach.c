/* Owns: the word on whether devices get in from the internet. */
#include "engine/reach.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "engine/domains_i.h"
#include "engine/engine_i.h"
#include "engine/lead.h"
#include "engine/live.h"
#include "model/net.h"

#define PROVED_FOR (86400 * PIC__SECOND)

static int is_private(const pic__addr *a)
{
        const pic__range *lan;
        size_t count, i;

        lan = pic__ranges_lan(a->family, &count);
        for (i = 0; i < count; i++)
                if (pic__addr_cmp(a, &lan[i].first) >= 0 && pic__addr_cmp(a, &lan[i].last) <= 0)
                        return 1;
        return 0;
}

int pic__reach_from_outside(const char *endpoint, const pic__attached *attached, const char *outer)
{
        char host[256], text[PIC__ADDR_TEXT];
        uint16_t port;
        pic__addr a;

        if (pic__endpoint_parse(endpoint, host, &port) < 0 || pic__addr_parse(host, &a) < 0)
                return 0;
        return !is_private(&a) && pic__attached_find(attached, &a) == NULL &&
               strcmp(pic__addr_print(&a, text), outer) != 0;
}

/* The address that the house has in the internet, as far as anybody said; "" unknown. */
static void outer_of(const pic__engine *e, char outer[48])
{
        pic__engine_lead_address(e, outer);
        if (outer[0] == '\0' && e->domains != NULL && e->domains->looked)
                snprintf(outer, 48, "%s", e->domains->seen.ip4);
}

/* Asked of the tunnel once a day when it is proved, each look else. */
static int is_proved(pic__engine *e)
{
        PIC__AUTO(pic__lives_free) pic__lives lives = PIC__LIVES_INIT;
        pic_time now = e->clock->mono(e->clock->data);
        const pic_obj *peer;
        char outer[48];
        size_t at = 0;

        if (e->reached != 0 && now - e->reached < PROVED_FOR)
                return 1;
        outer_of(e, outer);
        if (pic__lives_read(e, &lives, NULL) < 0)
                return 1; /* out of memory: nothing is said */
        while ((peer = pic__snap_next(e->snap, PIC__PEER, &at)) != NULL) {
                const pic__live *live = pic__lives_of(&lives, peer);

                if (live == NULL || live->handshake == 0 ||
                    !pic__reach_from_outside(live->endpoint, pic__snap_attached(e->snap), outer))
                        continue;
                e->reached = now;
                return 1;
        }
        e->reached = 0;
        return 0;
}

static int has_devices(const pic__snap *s)
{
        const pic_obj *peer;
        size_t at = 0;

        while ((peer = pic__snap_next(s, PIC__PEER, &at)) != NULL)
                if (pic__snap_active(s, peer))
                        return 1;
        return 0;
}

/* That there is no way in is told by who knows it, as a warning. */
static int is_hopeless(const pic__engine *e)
{
        return pic__engine_lead_fails(e) ||
               (e->domains != NULL && e->domains->looked && e->domains->seen.above[0] != '\0');
}

/* What is known, and what would prove it. */
static const char *what_to_do(const pic__engine *e)
{
        char own[48];

        pic__outside_own4(own);
        if (pic__engine_lead_is(e))
                return "The router says that it leads the port here. A device that connects from elsewhere, a phone "
                       "without Wi-Fi say, proves it.";
        if (pic__outside_is_public(own))
                return "This machine's own address is of the internet. A device that connects from elsewhere proves "
                       "that nothing before it keeps them out.";
        return "Behind a router: pic cell set --router map asks it to lead the port here, or lead it by hand on its "
               "own "
               "page. A device that connects from elsewhere, a phone without Wi-Fi say, proves it.";
}

void pic__engine_reach_look(pic__engine *e, pic__findings *f)
{
        if (e->fake || e->snap == NULL || pic__snap_cell(e->snap) == NULL || !has_devices(e->snap) || is_hopeless(e) ||
            is_proved(e))
                return;
        pic__foundf(f, PIC_LOG_INFO, "reach", what_to_do(e),
                    "nobody knows whether port %" PRId64
                    " is reached from the internet: no device has come in from there",
                    pic__obj_int(pic__snap_cell(e->snap), "listen_port"));
}
