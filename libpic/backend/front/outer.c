/* Owns: whether 80 and 443 of this machine are somebody else's. Linux gives a port of all addresses to nobody while
 * somebody listens at it on one of them, and one haproxy has all its places or none: so this is asked before. */
#include <string.h>

#include "backend/front/inside.h"
#include "sys/holder.h"

/* Where it listens itself does not count. */
static int is_other(int family, const uint8_t *bytes, void *data)
{
        const pic__front_conf *c = data;
        size_t i;

        for (i = 0; i < c->listens; i++)
                if (c->listen[i].family == family && memcmp(c->listen[i].bytes, bytes, family == 4 ? 4 : 16) == 0)
                        return 0;
        return 1;
}

int pic__front_outer_taken(const pic__front_conf *c, pic__buf *who)
{
        static const unsigned ports[] = { 443, 80 };
        pic__holder h;
        size_t i;

        for (i = 0; i < PIC__COUNT(ports); i++) {
                if (!pic__holder_find(ports[i], is_other, (void *)(uintptr_t)c, "PIC_FRONT=", &h))
                        continue;
                pic__buf_putf(who, "port %u is held by ", ports[i]);
                if (h.pid > 0)
                        pic__buf_put_shown(who, h.name, sizeof(h.name));
                else
                        pic__buf_puts(who, "another program");
                return 1;
        }
        return 0;
}
