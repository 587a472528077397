/* <pic/cert.h>: what only certificates have. The rest: kind "certificate" of <pic/object.h> and <pic/edit.h>.
 *
 * A cell has a certificate authority (CA) of its own: a root that devices are told to trust, which may vouch for the
 * cell's domains (field ca_zones adds some) and networks and for nothing else. A certificate is wished like anything:
 * added, changed, removed; the agent issues it at once, and again when two thirds of its time are over. Where its
 * root's key is, only the agent can open. field revoked: yes withdraws one for good; a removed one is withdrawn too.
 * Undo brings neither back: what comes back is issued anew, with another key. Its private key is shown once
 * (pic_cert_key()), or again and again with key_mode kept. While what was shown is renewed its key stays the same: the
 * host needs only pic_cert_export() again. Certificates of issuer acme are another's: see the kind "domain". */
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
 * issued has ended, and for 90 days at least. PIC_NOTFOUND; PIC_BADSTATE: it was revoked, is not of the cell's own CA,
 * or, for the root, a change waits for its confirmation; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_INVALID, PIC_NOMEM.
 */
PIC_API PIC_MUST_USE int pic_cert_renew(pic_ctx *ctx, const char *name, pic_error **err);

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
