/* Owns: rows as text for others: JSON lines, CSV, lines of a bundle, proofs. */
#include <inttypes.h>
#include <string.h>

#include "api/audit.h"
#include "base/time.h"

void pic__audit_hex(const uint8_t hash[32], char text[65])
{
        static const char digits[] = "0123456789abcdef";
        size_t i;

        for (i = 0; i < 32; i++) {
                text[2 * i] = digits[hash[i] >> 4];
                text[2 * i + 1] = digits[hash[i] & 15];
        }
        text[64] = '\0';
}

void pic__audit_leaf(const pic__journal_row *row, pic__buf *out)
{
        pic__json j = PIC__JSON(out);

        if (pic__leaf_text(row, out) < 0 && !out->failed)
                pic__row_json(row, &j);
}

/* The leaf goes along as "extra", so that the proof is all that a verifier needs beside the key. */
void pic__audit_proof(const pic__buf *leaf, uint64_t index, uint8_t path[][32], size_t count, const char *note,
                      pic__buf *out)
{
        size_t i, len = PIC__BASE64(leaf->len) - 1;
        char text[PIC__BASE64(32)], *to;

        pic__buf_puts(out, "c2sp.org/tlog-proof@v1\nextra ");
        to = pic__buf_room(out, len);
        if (to == NULL)
                return;
        pic__base64(pic__buf_str(leaf), leaf->len, to);
        pic__buf_added(out, len);
        pic__buf_putf(out, "\nindex %" PRIu64 "\n", index);
        for (i = 0; i < count; i++) {
                pic__base64(path[i], 32, text);
                pic__buf_putf(out, "%s\n", text);
        }
        pic__buf_putf(out, "\n%s", note);
}

void pic__audit_jsonl(const pic__journal_row *row, pic__buf *out)
{
        pic__json j = PIC__JSON(out);

        pic__row_json(row, &j);
        pic__buf_putc(out, '\n');
}

/* Each row is a line, whatever somebody wrote into it. */
void pic__audit_line(const pic__journal_row *row, pic__buf *out)
{
        pic__auto_buf pic__buf leaf = PIC__BUF_INIT;
        char hash[65] = "-";

        if (row->leaf != NULL)
                pic__audit_hex(row->leaf, hash);
        pic__audit_leaf(row, &leaf);
        pic__buf_putf(out, "%s %s\n", hash, pic__buf_str(&leaf));
        out->failed |= leaf.failed;
}

/* --- CSV ------------------------------------------------------------------------------------------------------ */

/* What a spreadsheet takes for a formula, in the widths that there are. */
static int is_formula(const char *text)
{
        static const char *const begins[] = { "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠" };
        size_t i;

        for (i = 0; i < PIC__COUNT(begins); i++)
                if (strncmp(text, begins[i], strlen(begins[i])) == 0)
                        return 1;
        return 0;
}

static void put_cell(const char *text, pic__buf *out)
{
        int formula = is_formula(text), quoted = formula || strpbrk(text, "\",\r\n") != NULL;
        const char *quote;

        if (quoted)
                pic__buf_putc(out, '"');
        if (formula)
                pic__buf_putc(out, '\'');
        while ((quote = strchr(text, '"')) != NULL) {
                pic__buf_put(out, text, (size_t)(quote - text));
                pic__buf_put(out, "\"\"", 2);
                text = quote + 1;
        }
        pic__buf_puts(out, text);
        if (quoted)
                pic__buf_putc(out, '"');
}

void pic__audit_csv_head(pic__buf *out)
{
        pic__buf_puts(out, "seq,revision,time,actor,way,kind,id,name,verb,before,after,text\r\n");
}

void pic__audit_csv(const pic__journal_row *row, pic__buf *out)
{
        const char *texts[] = { row->actor,
                                row->way,
                                row->kind,
                                NULL, /* the id stands here */
                                row->name,
                                row->verb,
                                row->before != NULL ? row->before : "",
                                row->after != NULL ? row->after : "",
                                row->text };
        char when[PIC__TIME_TEXT];
        size_t i;

        pic__buf_putf(out, "%" PRId64 ",%" PRId64 ",%s", row->seq, row->revision, pic__time_print(row->time, when));
        for (i = 0; i < PIC__COUNT(texts); i++) {
                pic__buf_putc(out, ',');
                if (texts[i] != NULL)
                        put_cell(texts[i], out);
                else
                        pic__buf_putf(out, "%" PRId64, row->id);
        }
        pic__buf_puts(out, "\r\n");
}
