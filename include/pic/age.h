/* <pic/age.h>: encrypted files as age v1 has them (https://c2sp.org/age): what `age` makes is opened here, and the
 * other way round. A file is for one or more recipients ("age1…", X25519), or for who knows a passphrase (scrypt).
 * Needs no cell and no context. Both ways stream, in constant memory: 1 MiB, and what a passphrase's work factor asks
 * for.
 *
 * Errors of files say in detail "part" where they are wrong: "armor", "header", "mac" or "payload". */
#ifndef PIC_AGE_H
#define PIC_AGE_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* For whom a file is, and who opens it. For one thread at a time. Secrets in it are wiped when it goes. */
typedef struct pic_age_keys pic_age_keys;

/* Makes an empty one. PIC_INVALID, PIC_NOMEM; PIC_UNSUPPORTED: the system gives no random numbers. */
PIC_API PIC_MUST_USE int pic_age_keys_new(pic_age_keys **ret_keys, pic_error **err);
/* Adds a recipient, "age1…". PIC_SYNTAX: it is none; PIC_UNSUPPORTED: of a kind that is not known (ssh, plugins,
 * post-quantum); PIC_VALUE: a key that hides nothing, or more than 1,024; PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_age_keys_recipient(pic_age_keys *keys, const char *recipient, pic_error **err);
enum { PIC_AGE_RECIPIENTS = 0, PIC_AGE_IDENTITIES = 1 };
/* Adds what a file holds, one a line: recipients, or identities ("AGE-SECRET-KEY-1…"), whose text the caller wipes and
 * no error tells; empty lines and lines that begin with '#' are skipped. what: PIC_AGE_RECIPIENTS or
 * PIC_AGE_IDENTITIES. PIC_NOTFOUND: there is none in it; PIC_SYNTAX, PIC_UNSUPPORTED (also: the file is encrypted),
 * PIC_VALUE, with detail "line"; PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_age_keys_file(pic_age_keys *keys, int what, const char *text, size_t len, pic_error **err);
/* Sets the passphrase. A file that has one has no recipients: it opens for who could have made it. PIC_VALUE: empty, or
 * there is one already; PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_age_keys_passphrase(pic_age_keys *keys, const char *passphrase, pic_error **err);
/* Makes the public half of each identity in it a recipient, as `age -e -i` does. PIC_VALUE, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_age_keys_own(pic_age_keys *keys, pic_error **err);
/* The recipients in it, one a line. PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_age_keys_text(const pic_age_keys *keys, pic_blob **ret_text, pic_error **err);
/* Wipes and gives back; returns NULL. Takes NULL. */
PIC_API pic_age_keys *pic_age_keys_unref(pic_age_keys *keys);

/* A new identity as a file of it has it: a comment with the time, one with its recipient, and the identity. Whoever
 * loses it loses all that is encrypted for it. PIC_INVALID, PIC_NOMEM, PIC_UNSUPPORTED. */
PIC_API PIC_MUST_USE int pic_age_keygen(pic_blob **ret_file, pic_error **err);

enum { PIC_AGE_ARMOR = 1 << 0 /* encrypting: as text of 7-bit lines */ };
typedef struct pic_age_opts {
        size_t size;          /* sizeof(pic_age_opts) */
        uint32_t flags;       /* PIC_AGE_* */
        uint32_t work_factor; /* encrypting for a passphrase: log2 of scrypt's N, 1 to 30; 0: 18, as age has it.
                                 Takes 2^work_factor KiB of memory. Decrypting: the highest that is taken; 0: 22 */
        const char *output;   /* a file that appears, or is replaced, when all is done and right, mode 0600; out_fd is
                                 -1 then. NULL: to out_fd */
        const pic_cancel *cancel; /* looked at between pieces; NULL: none */
} pic_age_opts;

#define PIC_AGE_OPTS_INIT                              \
        {                                              \
                sizeof(pic_age_opts), 0, 0, NULL, NULL \
        }

/* Encrypts all that in_fd gives for the recipients, or with the passphrase. Closes neither descriptor. What was written
 * to out_fd before a failure is no whole file, and says so to who decrypts it. opts NULL: all defaults. PIC_INVALID: a
 * bad argument, nobody could open it, a work factor over 30; PIC_CONFLICT: a passphrase and recipients; PIC_IO:
 * reading or writing failed (PIC_DENIED, PIC_NOTFOUND: the output cannot be made; PIC_CONFLICT: it is there, and is no
 * file); PIC_CANCELED, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_age_encrypt(const pic_age_keys *keys, int in_fd, int out_fd, const pic_age_opts *opts,
                                         pic_error **err);
/* Decrypts a file, armored or not, with the identities or the passphrase. Only what was authenticated goes to out_fd, a
 * chunk of 64 KiB at a time: what came is the beginning of the original, and all of it only when this succeeds. With
 * opts->output nothing appears unless it does. PIC_SYNTAX: this is no age file, or its header or armor is malformed or
 * cut off; PIC_UNSUPPORTED: another version, or a work factor over the bound; PIC_DENIED: none of the keys opens it (no
 * detail "errno"); PIC_CORRUPT: it was changed, cut off or continued; PIC_INVALID, PIC_IO, PIC_NOTFOUND, PIC_CONFLICT,
 * PIC_CANCELED, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_age_decrypt(const pic_age_keys *keys, int in_fd, int out_fd, const pic_age_opts *opts,
                                         pic_error **err);
PIC_END_DECLS

#endif
