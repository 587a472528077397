/* Owns: judging who holds port 80. */
#include "engine/port80.h"

#include <string.h>
#include <unistd.h>

#include "model/domain.h"
#include "model/net.h"
#include "sys/holder.h"

/* Loopback, and the cell's own addresses in the tunnel, are not where a CA asks. */
static int is_outer(int family, const uint8_t *bytes, void *data)
{
        static const char *const fields[] = { "net4", "net6" };
        static const uint8_t one[16] = { [15] = 1 };
        pic__addr a = { .family = (uint8_t)family };
        pic__prefix net;
        size_t i;

        memcpy(a.bytes, bytes, family == 4 ? 4 : 16);
        if (family == 4 ? bytes[0] == 127 : memcmp(bytes, one, sizeof(one)) == 0)
                return 0;
        for (i = 0; i < PIC__COUNT(fields); i++)
                if (pic__prefix_parse(pic__obj_text(data, fields[i]), &net) == 0 && pic__prefix_has(&net, &a))
                        return 0;
        return 1;
}

int pic__port80_taken(const pic_obj *cell, pic__buf *out)
{
        pic__holder h;

        if (cell == NULL || !pic__holder_find(80, is_outer, (void *)(uintptr_t)cell, "PIC_FRONT=", &h) ||
            h.pid == getpid())
                return 0;
        if (h.pid > 0) {
                pic__buf_put_shown(out, h.name, sizeof(h.name));
                pic__buf_putf(out, " (process %d)", (int)h.pid);
        } else {
                pic__buf_puts(out, "another program");
        }
        return 1;
}

int pic__port80_wanted(const pic_obj *domain)
{
        return pic__obj_int(domain, "enabled") != 0 && (pic__domain_mode(domain)->can & PIC__MODE_DNS01) == 0;
}
