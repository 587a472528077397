/* <pic/cert.h>: what only certificates have. The rest: kind "certificate" of <pic/object.h> and <pic/edit.h>.
 *
 * A cell has a certificate authority (CA) of its own: a root that devices are told to trust, which may vouch for the
 * cell's domains (field ca_zones adds some) and networks and for nothing else. A certificate is wished like anything:
 * added, changed, removed; the agent issues it at once, and again when two thirds of its time are over. Where its
 * root's key is, only the agent can open. field revoked: yes withdraws one for good; a removed one is withdrawn too.
 * Undo brings neither back: what comes back is issued anew, with another key. Its private key is shown once
 * (pic_cert_key()), or again and again with key_mode kept. While what was shown is renewed its key stays the same: the
 * host needs only pic_cert_export() again.
 *
 * Certificates of issuer acme are a public CA's, for names of the cell's domains (kind "domain"): a domain brings one
 * with it, which goes with it; others, with chosen names, are added by hand. The agent asks for them in the background
 * and renews them when two thirds of their time are over; what is good stays until there is something better, whatever
 * fails. pic_cert_state() tells how that goes. One that is revoked is used no more, and its CA is told until it knows
 * (field withdrawn: since when), by the agent, over restarts, with those that it replaced and that have not ended. One
 * that is removed, alone or with its domain, is told only when the same edit revoked it before: pic_plan_json() says in
 * `notes` what stays good. */
#ifndef PIC_CERT_H
#define PIC_CERT_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* A certificate, and what leads from it to a root, in PEM: no secret. PIC_NOTFOUND: no such certificate; PIC_BADSTATE:
 * it is not issued yet (doctor says why); PIC_INVALID, PIC_NOMEM; of the store, codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_cert_export(pic_ctx *ctx, const char *name, pic_blob **ret_pem, pic_error **err);
/* The same with its private key, which is a row of the journal. PIC_BADSTATE: the key was shown already, or there is no
 * certificate yet; PIC_NOTFOUND; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_cert_key(pic_ctx *ctx, const char *name, pic_blob **ret_pem, pic_error **err);
/* Renews a certificate now, or, with name NULL, makes another root. The former root then vouches for the new one, so
 * that devices that have only the old one go on trusting the cell's certificates: until the last of those that it
 * issued has ended, and for 90 days at least. One of a public CA
 * is asked for now, which comes about in the background. PIC_NOTFOUND, also: a name of it is of no domain of the cell;
 * PIC_VALUE: a wildcard that nothing can prove; PIC_BADSTATE: it was revoked, is being asked for already, is a public
 * CA's in the fake world, or, for the root, a change waits for its confirmation; PIC_BUSY: the public CA's limits hold
 * it back, the hint says until when; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_cert_renew(pic_ctx *ctx, const char *name, pic_error **err);

/* How the asking of public CAs goes, of the certificate of that name, or of all (NULL): {"certificates":[{"name",
 * "state","subjects":[…],"domain","proof","directory","failures","next","tried","where","why"}],"accounts":[{
 * "directory","known","email","wished","failures","next","why"}]}. state: good; due: it will be asked for at `next`;
 * asking: now; failing: the last try failed (why), the next one is at `next`; nobody: a name of it is of no domain of
 * the cell; revoking: it was revoked, or removed so, and its CA does not know yet (why: the last try failed); revoked:
 * it does, or there was nothing to be told. proof: http-01, dns-01; where: whom the last try asked, at `tried`: first,
 * second (the domain's acme_fallback), rehearsal (what a CA has for trying out: after two failures, so that more of
 * them cost nothing). accounts: what each CA knows of us; wished: the address that it is to know. The report is good
 * when none is failing or nobody's, and no CA was told in vain. PIC_NOTFOUND; PIC_BADSTATE: that one is not
 * a public CA's; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED; PIC_BACKEND: an answer that makes no sense; PIC_INVALID,
 * PIC_NOMEM; of the store, codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_cert_state(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);

enum {
        PIC_CA_PEM = 0,     /* the root, and the former one while it is trusted */
        PIC_CA_DER = 1,     /* the root alone: what Windows and Android install */
        PIC_CA_PROFILE = 2, /* a configuration profile of Apple's with the root */
        PIC_CA_CRL = 3      /* the list of what was revoked, in PEM, good for a week; the agent signs it */
};
/* What others need of the CA. A cell from before there was a CA gets its root now. form: PIC_CA_*. PIC_INVALID,
 * PIC_NOMEM; of the store, codes as pic_get(); where the agent is needed: PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED. */
PIC_API PIC_MUST_USE int pic_ca_get(pic_ctx *ctx, uint32_t form, pic_blob **ret_bytes, pic_error **err);
/* {"subject","fingerprint","not_before","not_after","zones":[…],"networks":[…],"fits":BOOL,"former":{"subject",
 * "fingerprint","not_after","until"}|null}: fingerprint: SHA-256 in hex, to be compared with what a device shows; fits:
 * false: the cell is called otherwise by now, the next certificate brings another root. Codes as pic_ca_get(). */
PIC_API PIC_MUST_USE int pic_ca_info(pic_ctx *ctx, pic_report **ret_report, pic_error **err);

PIC_END_DECLS

#endif
