/* Owns: what `pic doctor` says about ways out. */
#include <stdio.h>
#include <string.h>

#include <pic/log.h>

#include "backend/exit/inside.h"

static void need(const char *program, const char *what, const char *fix, pic__finding_fn fn, void *data)
{
        pic__auto_free char *path = pic__cmd_find(program);

        if (path == NULL)
                fn(PIC_LOG_ERROR, "exit", what, fix, data);
}

static void look(pic__exit_space *s, pic__finding_fn fn, void *data)
{
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        pic__arena arena = PIC__ARENA_INIT;
        pic__carrier_env env = pic__space_env(s, &arena);
        char what[400], fix[120];

        s->look = 1;
        if (!pic__exit_stands(s)) {
                snprintf(what, sizeof(what),
                         "connection %s (%s): what is there is not what it should be; it carries nothing", s->conf.name,
                         s->dev);
                fn(PIC_LOG_WARNING | PIC__ACT_APPLY, "exit", what, "`pic apply` makes it anew", data);
        } else if (!s->refused && s->refusal == NULL &&
                   s->carrier->fault != NULL) { /* a refusal is told with its state */
                s->carrier->fault(&s->conf, &env, &why);
        }
        if (why.len > 0) {
                snprintf(what, sizeof(what), "connection %s: %s", s->conf.name, pic__buf_str(&why));
                snprintf(fix, sizeof(fix), "`pic connection test %s` looks closer", s->conf.name);
                fn(PIC_LOG_WARNING, "exit", what, fix, data);
        }
        pic__arena_free(&arena);
}

void pic__exit_doctor(pic__backend *backend, pic__finding_fn fn, void *data)
{
        pic__exit *b = (pic__exit *)backend;
        size_t i, count = 0;

        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                count += b->at[i] != NULL;
        if (count == 0)
                return; /* without connections nothing of it is needed */
        need("nsenter", "util-linux is not installed: connections cannot be made", "apt-get install util-linux", fn,
             data);
        need("ip", "iproute2 is not installed: connections cannot be made", "apt-get install iproute2", fn, data);
        need("nft", "nft is not installed: connections cannot be made", "apt-get install nftables", fn, data);
        need("unbound", "unbound is not installed: nobody finds names through a connection", "apt-get install unbound",
             fn, data);
        for (i = 1; i <= PIC__EXIT_SLOTS; i++)
                if (b->at[i] != NULL)
                        look(b->at[i], fn, data);
}
