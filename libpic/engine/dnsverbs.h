/* Names, as the running name server has them. */
#ifndef PIC_ENGINE_DNSVERBS_H
#define PIC_ENGINE_DNSVERBS_H

#include "engine/engine.h"

/* As pic_dns_stats() has it. PIC_NOTFOUND: no cell. */
int pic__engine_dns_stats(pic__engine *e, pic__json *out, pic_error **err);
/* {"forgotten":N}. name NULL: everything. PIC_VALUE: no name; PIC_NOTFOUND: no name server runs. */
int pic__engine_dns_flush(pic__engine *e, const char *name, pic__json *out, pic_error **err);

#endif
