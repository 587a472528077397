/* The audit trail from inside: what its calls share. */
#ifndef PIC_API_AUDIT_H
#define PIC_API_AUDIT_H

#include "api/api.h"
#include "audit/note.h"

/* The cell's identity: 1 with it, 0: it has none. */
int pic__audit_key(pic__store *st, uint8_t key[32], pic_error **err);
/* The agent's word, else the newest head that is stored: see pic_audit_head(). `out` must be empty. */
int pic__audit_head(pic_ctx *ctx, pic__buf *out, pic_error **err);

/* Texts: audit_text.c. Each appends. */
void pic__audit_hex(const uint8_t hash[32], char text[65]);
/* The bytes of a row's leaf; what somebody put into it that no leaf can say is said as JSON would. */
void pic__audit_leaf(const pic__journal_row *row, pic__buf *out);
/* A C2SP tlog-proof, with the leaf in it. */
void pic__audit_proof(const pic__buf *leaf, uint64_t index, uint8_t path[][32], size_t count, const char *note,
                      pic__buf *out);
void pic__audit_jsonl(const pic__journal_row *row, pic__buf *out);
void pic__audit_csv_head(pic__buf *out);
void pic__audit_csv(const pic__journal_row *row, pic__buf *out);
/* A row's line in a bundle. */
void pic__audit_line(const pic__journal_row *row, pic__buf *out);

#endif
