/* <pic/status.h>: what is true now. A report is JSON with a few readers; front ends print it. */
#ifndef PIC_STATUS_H
#define PIC_STATUS_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* State of the cell:
 * {"cell","name","device","wg","public_key","listen_port","endpoint","net4","net6","query_log","names_shown","revision","applied","ready","world","agent":{"pid","version","since"},
 * "confirm":{"revision","back","left_ms","actor"}|null,"drift":{"count","text"}|null,"audit":{"rows","signed","error"}|null,"error","counts":{"peers","active","online"},"peers":[{"name","id","address4","address6","enabled","active","handshake","endpoint","rx","tx","leaves":{"exit","by","group","carrier","state","open","closed","direct","may","text"}}],
 * "router":{"state","way","gateway","address","port","until","why","hint"}|null,
 * "domains":[{"name","state","changes","published","next","certificate"},…],
 * "backups":[{"name","state","last","next","size","milliseconds","failures","drilled","restorable","drill_milliseconds","drill_failures"},…],
 * "connections":[{"name","id","type","slot","enabled","state","since","latency_us","loss","rx","tx","address4","address6","active","users","remote","error":{"message","hint"}|null}]}.
 * leaves: the way out of a device: exit: the connection by which it leaves (null: none), by: whose word that is: "own",
 * "group" (called `group`), "cell", or null; carrier: of an exit that is a group the member in use; state: of the exit,
 * as below, or "block"; open: fail-open was chosen for it; closed: what would leave now goes nowhere; direct: what
 * leaves now does so directly, for want of an exit or because that is down and open; may: its rights let something
 * leave at all; text: the same in words, "vpn (group kids), up".
 * A connection's state: "off", "starting", "up", "down", null when nobody answers; active: of a group the member in
 * use; users: how many devices leave by it; address4, address6: as seen from outside; loss: per cent of the last
 * questions. "drift": what others changed and is left so, because the cell's field repair says no. "audit": rows of the
 * journal, how many of them a signed head vouches for (null: not known yet), and why nothing can be signed, if so.
 * "router": whether the router before this machine leads the UDP port here, where the cell's field router says "map"
 * (else null): state "waiting", "led", "unneeded" (the machine's own address is public), "refused", "silent"; way: how
 * it was asked, "NAT-PMP" or "UPnP"; address: the router's in the internet, as it says; until: asked again before.
 * "domains": the cell's public names, state as pic_domain_status() has it; changes: how often each was led elsewhere;
 * certificate: until when the certificate lasts that it brought.
 * "backups": targets, as pic_target_status() has them; drilled: when it was last tried whether one comes back, and
 * whether it did (both null: never); drill_failures: attempts since, that came to no verdict. "query_log": which device
 * asks for which name is written down (pic_dns_log()).
 * "names_shown": the cell's field: "granted": devices are told only names of what they may reach (pic_dns_query() says
 * so of one). "wg": "kernel", "userspace", or null; "applied": -1 while
 * nothing was, null when nobody answers. wait_ms > 0: waits until an agent answers and has applied the newest revision.
 * Without an agent the report says so
 * ("agent": null, "ready": false); with wait_ms that is PIC_NOAGENT, and PIC_TIMEOUT when it answers but is not ready.
 * PIC_NOTFOUND: no cell here; PIC_TIMEOUT: the agent does not answer; PIC_BACKEND: its answer makes no sense;
 * PIC_UNSUPPORTED: a store of a newer version; PIC_CORRUPT, PIC_DENIED, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_status_get(pic_ctx *ctx, uint32_t wait_ms, pic_report **ret_report, pic_error **err);
/* Looks for trouble: {"findings":[{"level","area","what","fix","act"}]}, worst first; level: "error", "warning",
 * "info"; fix: what a person can do, null where nothing is known; act: what pic_doctor_fix() would do about it, null:
 * nothing. Works without an agent as far as it can: that none answers, or that there is no cell, is a finding.
 * PIC_INVALID, PIC_NOMEM, PIC_BACKEND (an answer that makes no sense). */
PIC_API PIC_MUST_USE int pic_doctor_run(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
typedef struct pic_health_opts {
        size_t size;
        pic_time since, until; /* what was wrong between them; 0: ever, now */
        uint32_t max;          /* 0: 100; at most 5000 */
} pic_health_opts;
#define PIC_HEALTH_OPTS_INIT                     \
        {                                        \
                sizeof(pic_health_opts), 0, 0, 0 \
        }
/* What was wrong, and when: {"findings":[{"level","area","what","fix","began","ended"},…]}: errors and warnings of
 * pic_doctor_run() as the agent has found them each minute, to the minute; first what has not ended (ended null), then
 * the newest. The newest 5,000 are kept. Reads a file, asks nobody. The report is good when nothing is wrong now that
 * is told of. PIC_NOTFOUND: no cell; PIC_VALUE: until before since; PIC_UNSUPPORTED: a newer version's file;
 * PIC_DENIED, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_health_history(pic_ctx *ctx, const pic_health_opts *opts, pic_report **ret_report,
                                            pic_error **err);
/* As pic_doctor_run(), and what risks nothing is put right before:
 * {"fixed":[{"act","done","what","error"}],"findings":[…]}, as it is then. act: "apply" (the whole machine is looked at
 * and put right: forwarding, links, programs that died), "repair" (the same for what others changed, also where the
 * cell says that it is left alone), "renew" (certificates of the own CA that are due), "private" (the cell's directory
 * and key are for their owner alone), "blocks" (block lists that failed are fetched again), "backup" (one is made where
 * it is missing or damaged), "publish" (public names that are not published, unless their provider refuses). Nothing is
 * installed, no rule of others is touched, no clock is set, no key is made, no wish is changed. Each that was done is a
 * row of the journal (verb "fix"). The report is good when no trouble is left. PIC_NOTFOUND: no cell; PIC_NOAGENT,
 * PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_doctor_fix(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
enum { PIC_DRIFT_REPAIR = 1 << 0 /* and puts right what differs */ };
/* What others did on this machine:
 * {"revision","steps":[…],"foreign":[{"level","area","what","fix","act"}],"repair","repaired"}. steps: as
 * pic_plan_json() has them, what separates the machine from the wishes (nothing is read that cannot have changed since
 * the last look); foreign: what is not ours and acts on our packets before our rules do, stops them, or leads them past
 * us, worst first; level: "error", "warning" (it weakens or stops us), "info". repair: whether the agent puts
 * differences right by itself (the cell's field); repaired: how many steps PIC_DRIFT_REPAIR took now. The report is
 * good when nothing differs (any more) and nothing foreign is more than an info. Without an agent this process looks,
 * as far as its rights go; with PIC_DRIFT_REPAIR that is PIC_NOAGENT. PIC_NOTFOUND: no cell; PIC_TIMEOUT, PIC_DENIED;
 * PIC_BACKEND: the world cannot be read, an answer makes no sense, or some steps could not be taken; PIC_UNSUPPORTED: a
 * store of a newer version; with PIC_DRIFT_REPAIR also PIC_ROLLEDBACK, PIC_BROKEN, PIC_CONFLICT; PIC_CORRUPT, PIC_BUSY,
 * PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_drift_get(pic_ctx *ctx, uint32_t flags, pic_report **ret_report, pic_error **err);
/* May FROM reach TO? {"allowed","from","to","rule","through","reason","source","destination","proto","port","class",
 * "leaves","closed","origin"}; leaves: the connection by which such packets leave (null: directly, or they do not
 * leave); closed: nothing carries them there now, so that they go nowhere; class: the number of the device's class of
 * rights in the firewall; origin: {"revision","time","actor", "way","text"} of the change since which it is so, null
 * for what every device may. from: a peer. to: NAME, ADDRESS, with :PROTO/PORT. A name of the internet is judged as
 * "internet" is, unless the device is not told what it leads to: rule "block list NAME", through the group that the
 * list holds for or "every device"; or rule "names_shown: granted". The agent knows that; without one it is not looked
 * at. family 4, 6, or 0 for the destination's own. Judged by the wishes in the store, as of now, beside the networks
 * that this machine is attached to: they are "lan", never "internet" (of when they came, origin knows nothing). Those
 * that the agent made its rules with; where none has run, those that this process sees. PIC_NOTFOUND: no such peer or
 * destination, no cell; PIC_VALUE: `to` is none of these; PIC_BACKEND: the machine's networks cannot be read;
 * PIC_CORRUPT, PIC_INVALID. Of the store, codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_why_get(pic_ctx *ctx, const char *from, const char *to, int family,
                                     pic_report **ret_report, pic_error **err);
enum { PIC_EXPORT_JSON = 1 << 0 /* JSON instead of YAML */ };
/* The whole cell as a document that pic_edit_load() takes, YAML or JSON: no secrets, but "secrets", the names of
 * those that a connection has; users without passwords, tokens that work only where they were made; public keys only of
 * devices that made their own. flags: PIC_EXPORT_*. Codes as pic_list_get(). */
PIC_API PIC_MUST_USE int pic_export_get(pic_ctx *ctx, uint32_t flags, pic_report **ret_report, pic_error **err);
/* Last lines of an area's log ("agent": all of the agent's; "wg", "dns", "exit", "ntp"…; NULL: all) as text, by time,
 * oldest first: "2026-01-31T12:00:00Z INFO dns unbound: message", without "unbound:" where the agent speaks. lines: at
 * most; 0: 100. Reads the files, asks nobody; pic_log_search() chooses among them.
 * PIC_NOTFOUND: no such area (hint names them); PIC_DENIED, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_log_get(pic_ctx *ctx, const char *area, uint32_t lines, pic_report **ret_report,
                                     pic_error **err);
/* How much comes into the agent's log: {"root","areas":{"wg":"info",…},"own":["wg"]}; levels: "error", "warning",
 * "info", "debug"; own: areas that were told one, others have root's. PIC_NOAGENT, PIC_TIMEOUT, PIC_BACKEND;
 * PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_log_levels(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
/* Tells the agent: at once, and for its next starts too. area NULL: root, for all areas that have none of their own;
 * level NULL: an area has root's again, root that of before (info). What standard error gets is another thing: it stays
 * as the agent was started. A row of the journal ("log-level") is written first. PIC_VALUE: no such area or level
 * (detail "field"); PIC_BUSY: a hundred times a minute; else as pic_log_levels(), PIC_IO, and of the store, codes as
 * pic_audit_note(). */
PIC_API PIC_MUST_USE int pic_log_level_set(pic_ctx *ctx, const char *area, const char *level, pic_error **err);

/* The report's text (JSON, YAML or log lines), borrowed, never NULL. */
PIC_API const char *pic_report_text(const pic_report *report);
/* 1 when all is well: ready; nothing found that is an error or a warning; nothing differs; allowed. */
PIC_API int pic_report_good(const pic_report *report);
PIC_API pic_report *pic_report_unref(pic_report *report);

PIC_END_DECLS

#endif
