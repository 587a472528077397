/* Owns: what this library is and can. */
#include <string.h>

#include "api/api.h"

const char *pic_version(void)
{
        return PIC_VERSION;
}

int pic_has_feature(const char *name)
{
        static const char *const features[] = { "world.fake",   "world.real",  "wg.kernel",
                                                "wg.userspace", "dns.unbound", "qr.png" };
        size_t i;

        for (i = 0; name != NULL && i < PIC__COUNT(features); i++)
                if (strcmp(name, features[i]) == 0)
                        return 1;
        return 0;
}
