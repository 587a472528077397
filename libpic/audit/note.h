/* Heads of the tree as signed notes: C2SP tlog-checkpoint in C2SP signed-note, signed with Ed25519 (type 1).
 *
 *     pic/3f2a…/audit          origin: also the name of the key
 *     1234                     number of leaves
 *     base64(root)
 *                              (an empty line)
 *     — pic/3f2a…/audit base64(4 bytes of key id, 64 of signature)
 */
#ifndef PIC_AUDIT_NOTE_H
#define PIC_AUDIT_NOTE_H

#include "audit/tree.h"
#include "base/buf.h"
#include "base/err.h"

#define PIC__ORIGIN_TEXT 64

typedef struct pic__head {
        char origin[PIC__ORIGIN_TEXT];
        uint64_t size;
        uint8_t root[PIC__SHA256];
} pic__head;

/* The cell's origin follows from its key, so that it stays when the cell gets another name. */
void pic__origin(const uint8_t public_key[32], char origin[PIC__ORIGIN_TEXT]);
/* "origin+keyid+base64(1, key)": what verifiers of notes are given. Appends. */
void pic__note_verifier(const uint8_t public_key[32], pic__buf *out);
/* Reads such a text. PIC_SYNTAX: it is none, or not of an Ed25519 key, or not of a cell's audit tree. */
int pic__note_verifier_open(const char *text, uint8_t public_key[32], pic_error **err);
/* Appends the signed note. secret as pic__sign_pair() gives it. */
void pic__note_sign(const pic__head *head, const uint8_t secret[64], pic__buf *out);
/* Reads a note and checks the signature by this key among those it has. PIC_SYNTAX: no checkpoint; PIC_DENIED: not
 * signed by this key; PIC_NOMEM. */
int pic__note_open(const char *text, size_t len, const uint8_t public_key[32], pic__head *ret, pic_error **err);

#endif
