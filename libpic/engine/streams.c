/* Owns: the end of the host's own streams with devices when the cell is taken down. What a device has not acknowledged
 * (the name server's answers, a shell) the kernel sends again and again, for minutes, also for a program that is gone;
 * without the tunnel and the firewall that goes out by the default route (seen: fd20::1 to fd20::2 on the outer wire).
 */

#include "engine/engine_i.h"
#include "sys/child.h"

#define PATIENCE_MS 2000

static void put_net(pic__buf *filter, const char *net, const char *open, const char *close)
{
        static const char *const ends[] = { "src", "dst" };
        size_t i;

        for (i = 0; i < PIC__COUNT(ends) && net[0] != '\0'; i++)
                pic__buf_putf(filter, "%s%s %s%s%s", filter->len > 0 ? " or " : "", ends[i], open, net, close);
}

void pic__streams_end(const pic_obj *cell, const pic__log *log)
{
        const pic__cmd_opts opts = { .timeout_ms = PATIENCE_MS };
        pic__auto_buf pic__buf filter = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        const char *argv[] = { "ss", "-K", "-H", "-n", "-t", NULL, NULL };

        put_net(&filter, pic__obj_text(cell, "net4"), "", "");
        put_net(&filter, pic__obj_text(cell, "net6"), "[", "]");
        if (filter.len == 0 || filter.failed)
                return;
        argv[5] = pic__buf_str(&filter);
        if (pic__cmd_run(argv, &opts, NULL, NULL, &err) < 0)
                pic__log_err(log, PIC_LOG_WARNING, "engine", err);
}
