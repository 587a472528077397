/* <pic/dns.h>: names, as the running name server has them. The owner's own names and zones of others are objects: kinds
 * "record" and "forward" of <pic/object.h> and <pic/edit.h>. */
#ifndef PIC_DNS_H
#define PIC_DNS_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* What the name server has counted since it was started or told a new configuration:
 * {"answers","since_s","queries","cache_hits","cache_misses","waiting","validated","bogus","memory","average_ms",
 * "median_ms","types":{TYPE:N,…},"codes":{CODE:N,…},"blocked":{ACTION:N,…},"names","servers":[{"zone","server","state",
 * "ping_ms"},…],"lists":{NAME:N,…}}. lists: of each block list, where there are any, how many questions it has blocked;
 * such questions never come to the name server. answers: it runs and says so, else nothing else is there; cache_hits:
 * answered without asking anybody, the cell's own names among them; average_ms, median_ms: of those for which somebody
 * was asked; names: records that it holds; servers: whom it asks for a zone ("." is everything); state: asked, spare
 * (it would answer, others are quicker), silent, unknown; ping_ms: how long its last answers took, null where that is
 * not known. Nothing here says who asked for what. The report is good when the name server answers. PIC_NOTFOUND: no
 * cell; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED; PIC_BACKEND: an answer that makes no sense; PIC_UNSUPPORTED: a store of a
 * newer version; PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_dns_stats(pic_ctx *ctx, pic_report **ret_report, pic_error **err);

/* Makes the name server forget what it was told of a name and of all below it; name NULL: of everything, and which
 * servers are quick. The cell's own names are no answers of others: they stay. {"forgotten":N}: so many answers.
 * PIC_VALUE: no name; PIC_NOTFOUND: no name server runs, or no cell; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED; PIC_BACKEND:
 * the name server refuses; PIC_UNSUPPORTED, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_dns_flush(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);

typedef struct pic_dns_query_opts {
        size_t size;
        const char *type; /* "AAAA", "TYPE257"; NULL: "A", and of an address "PTR" */
        const char *peer; /* as this device would be answered; NULL: as the cell itself */
} pic_dns_query_opts;
#define PIC_DNS_QUERY_OPTS_INIT                        \
        {                                              \
                sizeof(pic_dns_query_opts), NULL, NULL \
        }

/* What is answered to who asks for a name, whose word that is, and whether it was proved. A name without a dot is one
 * of the cell's zone; an address stands for the name that leads back from it. The name server that would answer is
 * really asked, from this machine, for 5 seconds at most:
 * {"name","type","peer","from","why","object","asked","server","status","answers":[{"name","type","ttl","data"},…],
 * "signed","reason","ms","error"}. from: blocked (object: a block list, which keeps it from the device; nobody is
 * asked), cell, device, record (object says which), nothing (the cell's zone, where nobody has that name), forward
 * (object: the zone), domain (object: a public name of the cell, which leads to it inside), exit (the resolver of
 * object, a connection), closed (nothing carries its exit), upstream, root, hidden (the cell's field names_shown is
 * "granted", and the device may not reach what the name leads to: it is told that there is none; nobody is asked), off
 * (the device may not connect: nobody answers it); why: the same in words; asked: false where there is nobody to ask,
 * as in the fake world; server: who was, "ADDRESS PORT"; status: NOERROR, NXDOMAIN, SERVFAIL…, null when there was no
 * answer (error says why); signed: validated, no, bogus (there is an answer, but its signatures are wrong, so devices
 * are not given it), null where that cannot be told; reason: why there is no better answer, where the name server says
 * so, or the signatures themselves: "a signature has expired". A look changes no state, but a server of others may
 * learn that somebody asks. The report is good when there was an answer, be it "no such name", or nobody to ask.
 * PIC_VALUE: no name, no type; PIC_NOTFOUND: no such device, no cell; PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT,
 * PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_dns_query(pic_ctx *ctx, const char *name, const pic_dns_query_opts *opts,
                                       pic_report **ret_report, pic_error **err);

/* Who asked for what, the newest last, while the cell's field query_log is on (it is off unless somebody turned it on;
 * turning it off deletes what was written): {"on","lines":[{"time","address","peer","name","type","status","ms",
 * "list"},…]}.
 * list: the block list that kept it from who asked, null: none; peer: the device that has that address now, null: none;
 * of those that leave by an exit only questions for the cell's own names are there, asked by that exit's resolver. peer
 * NULL: of all devices. max 0: 100, at most 10,000. What is kept is bounded, a few days of a household. PIC_NOTFOUND:
 * no such device, no cell; PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_dns_log(pic_ctx *ctx, const char *peer, uint32_t max, pic_report **ret_report,
                                     pic_error **err);

/* Block lists are objects (kind "blocklist" of <pic/object.h> and <pic/edit.h>); this is how they do:
 * {"filter","asked","blocked","error","lists":[{"name","source","state","names","lines","skipped","faults":[{"line",
 * "what"},…],"blocked","taken","checked","tried","next","error","hint"},…]}. filter: there is one that blocks, so
 * questions of devices are looked at; asked, blocked: so many since the machine was started; error: why filters have
 * not got the lists as they are; state: off, waiting, fetching, ok, old (the last good copy blocks, a newer one did not
 * come), failed (there is no copy); skipped: lines that say nothing to block, of which faults are the first few; taken:
 * when the copy was read; checked: when it was the newest. The report is good when none is old or failed. PIC_NOTFOUND:
 * no cell; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_BUSY, PIC_IO,
 * PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_dns_blocks(pic_ctx *ctx, pic_report **ret_report, pic_error **err);

/* Fetches a block list now (name NULL: all that are on), and takes it also when it has become much smaller; waits for
 * that, two minutes at most. The answer is pic_dns_blocks'. PIC_NOTFOUND: no such list, no cell; PIC_BADSTATE: none
 * that is on; PIC_UNSUPPORTED: in the fake world nothing is fetched; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND,
 * PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_dns_block_refresh(pic_ctx *ctx, const char *name, pic_report **ret_report,
                                               pic_error **err);

/* Which block lists have a name, or one above it with all that is below, and whether they keep it from a device (peer
 * NULL: from one that is in no group):
 * {"name","peer","lists":[{"name","holds","allowed","blocks"},…],"blocked","hidden"}. holds: it is for this device;
 * allowed: by its own list of exceptions, or because the name is the cell's own. hidden: the device is told that there
 * is no such name, because it may not reach what it leads to (names_shown). Nobody is asked. The report is good when
 * the name is not blocked. PIC_VALUE: no name; PIC_NOTFOUND: no such device, no cell; PIC_NOAGENT, PIC_TIMEOUT,
 * PIC_DENIED, PIC_BACKEND, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_dns_block_test(pic_ctx *ctx, const char *name, const char *peer, pic_report **ret_report,
                                            pic_error **err);

PIC_END_DECLS

#endif
