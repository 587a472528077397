/* <pic/domain.h>: what only public names have. The rest: kind "domain" of <pic/object.h> and <pic/edit.h>: a name of
 * the cell in the internet, and how it is kept (field mode). Inside the tunnel it leads to the cell by itself. Where
 * the mode can, the agent publishes the cell's addresses: when they change, at most each five minutes; what fails waits
 * longer each time, over restarts too, and a refused token until somebody acts. */
#ifndef PIC_DOMAIN_H
#define PIC_DOMAIN_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* {"ipv4","ipv6","behind","asked","above","router","why","domains":[{"name","mode","state","wildcard","ipv4","ipv6","changes","published","tried",
 * "next","said","error","hint"}],"modes":[{"name","publishes","dns01","wildcard","fields":[…]}]}. Above: the addresses
 * that the world sees this machine at, as found last (null: none, or nobody looked yet); behind: the IPv4 address is a
 * router's, which has to lead ports here; asked: "the router (…)", or which service of the cell's address_services said
 * so; above: the router's own address where that is none of the internet, as it is behind another one; router: as
 * pic_status_get() tells it; why: why there is none. Of each name: state "off" (it publishes nothing), "waiting",
 * "publishing", "published", "failed" (it is tried again), "refused" (a wrong token: nothing is tried before somebody
 * acts, or a day has passed), "unregistered" (they know no such name); wildcard: all names below it are the cell's too;
 * ipv4, ipv6, published: what was published last, and when; next: not before then; said: the provider's last words,
 * without secrets. modes: which there are, what each can do, and which fields it can use. The report is good when
 * nothing failed. PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED; PIC_BACKEND: an answer that makes no sense; PIC_NOTFOUND: no
 * cell; PIC_UNSUPPORTED: a store of a newer version; PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_domain_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
/* Looks for the addresses and publishes them now, whatever waits: one name, or all (NULL). Comes after seconds, 150 at
 * most whatever agent_ms is, with what pic_domain_status() tells then; what the provider refuses is told there and is
 * no error. PIC_NOTFOUND: no such name; PIC_BADSTATE: it publishes nothing, or nothing was applied yet;
 * PIC_UNSUPPORTED: in the fake world, or a store of a newer version; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND,
 * PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_domain_publish(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);

PIC_END_DECLS

#endif
