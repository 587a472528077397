/* <pic/front.h>: HTTPS in front of the page, for the cell's devices. Whether there is one is the field front of the
 * cell; it begins when the cell's CA has a root (pic_cert_root() makes one), since nobody could trust it before. */
#ifndef PIC_FRONT_H
#define PIC_FRONT_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* How devices reach the page, and whether they can now:
 * {"wished","ready","name","addresses":[…],"url","trust","not_after","serving","outside","trouble",
 * "hint","connections","requests","handshakes","services":[{"name","url","target","address4","address6","enabled",
 * "public","state","why","connections","public_names":[{"url","domain","certificate"}]}]}. wished: the cell's field;
 * ready: and there is a root; url, trust (null before that): the page, and the one that installs the root, on plain
 * http; not_after: until when its certificate is good (null: it has none now); outside: whether some services are open
 * to everybody on the internet: "open", "taken" (somebody else has port 80 or 443 of this machine) or null; trouble,
 * hint: why it does not serve, and what to do; then connections now, requests and TLS handshakes since it was started;
 * then what stands behind it (kind "service"): state is "up", "down" (why: what the last look at it found), "nowhere"
 * (its host is nobody's) or null where nobody looks; public_names: what it is called below the cell's domains, and
 * whether a public CA gave a certificate that has the name (before that nothing is said under it). The report is good
 * when it serves as wished. PIC_NOTFOUND: no cell; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED; PIC_BACKEND: an answer that
 * makes no sense; PIC_UNSUPPORTED: a store of a newer version; PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM.
 */
PIC_API PIC_MUST_USE int pic_front_get(pic_ctx *ctx, pic_report **ret_report, pic_error **err);

PIC_END_DECLS

#endif
