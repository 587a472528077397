/* Owns: api's way to what the host uses. Nothing of its own: the answer is backend/route's. */
#include "engine/hostnet.h"

#include "backend/route/route.h"

int pic__engine_host_prefixes(int (*fn)(const char *prefix, const char *ifname, void *data), void *data,
                              pic_error **err)
{
        return pic__route_host_prefixes(fn, data, err);
}

int pic__engine_host_slots(uint8_t *taken, pic_error **err)
{
        return pic__route_host_slots(taken, err);
}
