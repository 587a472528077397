/* Owns: what `pic doctor` says about names. */
#include <stdio.h>
#include <string.h>

#include <pic/log.h>

#include "backend/dns/inside.h"
#include "sys/file.h"

/* As Debian's dns-root-data has it, and as unbound-anchor keeps it. */
const char *pic__dns_root_key(void)
{
        static const char *const files[] = { "/usr/share/dns/root.key", "/var/lib/unbound/root.key" };
        size_t i;

        for (i = 0; i < PIC__COUNT(files); i++)
                if (pic__file_exists(files[i]))
                        return files[i];
        return NULL;
}

static void look_server(pic__dns *b, pic__finding_fn fn, void *data)
{
        pic__auto_err pic_error *err = NULL;
        char what[300];

        if (pic__dns_find(b, NULL) <= 0) {
                fn(PIC_LOG_WARNING | PIC__ACT_APPLY, "dns", "the name server does not run: devices find no names",
                   "`pic apply` starts it; `pic log` shows why it ended", data);
                return;
        }
        if (pic__dns_ask(b, "status", NULL, NULL, &err) == 0)
                return;
        snprintf(what, sizeof(what), "the name server runs but does not answer: %s", pic_error_message(err));
        fn(PIC_LOG_ERROR, "dns", what, "`pic down` and `pic up` start it anew", data);
}

/* Of zones with several servers it is known who answers. */
static void look_zones(pic__dns *b, pic__finding_fn fn, void *data)
{
        pic__dns_group g;
        size_t i, k;

        for (i = 0; b->value != NULL && pic__dns_group_of(&b->server, i, &g); i++) {
                const pic__chooser *c = &b->choosers[i];
                char what[700], whose[300] = "upstreams";
                size_t silent = 0;

                for (k = 0; k < c->count; k++)
                        silent += c->at[k].state == PIC__FAR_SILENT;
                if (silent == 0 || g.count < 2)
                        continue;
                if (i > 0)
                        snprintf(whose, sizeof(whose), "servers of %s", g.zone);
                if (silent == c->count)
                        snprintf(what, sizeof(what), "none of the %zu %s answers", c->count, whose);
                else
                        snprintf(what, sizeof(what), "%zu of the %zu %s do not answer; others are asked", silent,
                                 c->count, whose);
                fn(silent == c->count ? PIC_LOG_WARNING : PIC_LOG_INFO, "dns", what,
                   "`pic dns stats` says which; is this machine connected, and are they right?", data);
        }
}

static void look_root(pic__dns *b, pic__finding_fn fn, void *data)
{
        if (b->root.dead)
                fn(PIC_LOG_WARNING, "dns",
                   "none of the internet's root servers answers: names of the internet fail until one does",
                   "is this machine connected? Where only the provider's name servers may be asked: `pic cell set "
                   "--upstreams`",
                   data);
}

void pic__dns_doctor(pic__backend *backend, pic__finding_fn fn, void *data)
{
        pic__auto_free char *program = pic__cmd_find("unbound");
        pic__dns *b = (pic__dns *)backend;

        if (program == NULL) {
                fn(PIC_LOG_ERROR, "dns", "unbound is not installed: devices find no names", "apt-get install unbound",
                   data);
                return;
        }
        look_server(b, fn, data);
        look_zones(b, fn, data);
        look_root(b, fn, data);
        if (pic__dns_root_key() == NULL)
                fn(PIC_LOG_INFO, "dns", "there is no root key: answers from the internet are not checked with DNSSEC",
                   "apt-get install dns-root-data", data);
}
