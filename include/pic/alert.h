/* <pic/alert.h>: who is told when something is wrong with the cell, and how that goes. An alert is an object (kind
 * "alert" of <pic/object.h> and <pic/edit.h>): where to, of what, after how long, when not. The agent looks each two
 * seconds, tells what has lasted, gathers what comes together into one message, tells that it is over, and tells what
 * flaps ever more seldom. A message that does not arrive is tried again (after 30 s, then less and less often up to
 * each hour) for two days; 32 of one alert wait at most, and a restart loses none.
 *
 * Events: exit (a connection is down), peer_new, peer_silent (nothing heard for `silent` minutes), peer_endpoint (a
 * device's address flaps: four times in ten minutes), certificate, backup, disk (and memory), drift, login (somebody
 * was refused), agent (it cannot do its work, was killed), clock, names, network.
 *
 * A webhook gets POST with a JSON object (Content-Type: application/json); each 2xx is "taken". Keys stay what they
 * are:
 * {"version":1,"id","cell","alert","time","test","level","title","text","lost","events":[{"event","state","level",
 * "about","text","fix","since","count"},…]}. id: the same when it is sent again (also header X-Pic-Id); time, since:
 * RFC 3339, UTC; level: error, warning, info; lost: so many messages before this one never arrived; state: trouble,
 * still (told again), recovered, happened (and that was all; count: so often); about, fix: null where there is none.
 * title is one line, text is for people. Header X-Pic-Signature, when the alert has a secret: "sha256=" and the
 * HMAC-SHA-256 (RFC 2104) of the body's bytes by it, in hex. A token alone goes as "Authorization: Bearer", with a user
 * by basic authentication; "{token}" in the address stands for it where the address itself is the secret. A redirect is
 * followed to the same server only. New keys may come.
 *
 * ntfy: published as JSON (https://docs.ntfy.sh/publish/) to the topic, with title, priority (5: error, 4: warning, 2:
 * over) and tags. Mail: SMTP (RFC 5321) with STARTTLS, which is required unless `tls` says no. Servers' certificates
 * are always checked. What is told has names of devices and addresses in it. */
#ifndef PIC_ALERT_H
#define PIC_ALERT_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* How alerts do: {"alerts":[{"name","way","server","state","sent","queued","lost","last_sent","tried","next","said",
 * "error","hint","troubles":[{"event","level","stage","about","text","since"},…]},…]}. way: webhook, ntfy, mail;
 * server: its host; state: off, waiting (nothing was to be told yet), ok, sending, failing (next: when it is tried
 * again); said: the server's last word; lost: so many messages never arrived since the last that did; stage of a
 * trouble: pending (it must last longer), due (it waits for others, or for the end of quiet hours), happened, told. The
 * report is good when none is failing. PIC_NOTFOUND: no cell; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND,
 * PIC_UNSUPPORTED, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_alert_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err);

/* Sends a test by this alert, whether it is enabled or not, and waits for what the server says, half a minute at most:
 * {"alert","arrived","said","error","hint","ms"}. The report is good when it arrived. PIC_NOTFOUND: no such alert, no
 * cell; PIC_UNSUPPORTED: in the fake world nothing is sent, or libcurl is not there; PIC_BADSTATE: nothing was applied
 * yet; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND, PIC_VALUE, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID,
 * PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_alert_test(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);

PIC_END_DECLS

#endif
