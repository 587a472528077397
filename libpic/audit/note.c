/* Owns: the text of signed heads, written and read. */
#include "audit/note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ED25519 1
#define DASH "\xe2\x80\x94 " /* an em dash and a space begin a signature line */
#define LINE_MAX 4096

void pic__origin(const uint8_t public_key[32], char origin[PIC__ORIGIN_TEXT])
{
        size_t i, at;

        at = (size_t)snprintf(origin, PIC__ORIGIN_TEXT, "pic/");
        for (i = 0; i < 8; i++)
                at += (size_t)snprintf(origin + at, PIC__ORIGIN_TEXT - at, "%02x", public_key[i]);
        snprintf(origin + at, PIC__ORIGIN_TEXT - at, "/audit");
}

/* The first four bytes of SHA-256(name, newline, type, key). */
static void key_id(const char *name, const uint8_t public_key[32], uint8_t id[4])
{
        uint8_t text[PIC__ORIGIN_TEXT + 34], hash[PIC__SHA256];
        size_t len = strlen(name);

        memcpy(text, name, len);
        text[len++] = '\n';
        text[len++] = ED25519;
        memcpy(text + len, public_key, 32);
        pic__sha256(text, len + 32, hash);
        memcpy(id, hash, 4);
}

void pic__note_verifier(const uint8_t public_key[32], pic__buf *out)
{
        char origin[PIC__ORIGIN_TEXT], text[PIC__BASE64(33)];
        uint8_t id[4], typed[33] = { ED25519 };

        memcpy(typed + 1, public_key, 32);
        pic__origin(public_key, origin);
        key_id(origin, public_key, id);
        pic__base64(typed, sizeof(typed), text);
        pic__buf_putf(out, "%s+%02x%02x%02x%02x+%s", origin, id[0], id[1], id[2], id[3], text);
}

/* The name and the id follow from the key, so there is one text for each key. */
int pic__note_verifier_open(const char *text, uint8_t public_key[32], pic_error **err)
{
        const char *plus = strchr(text, '+');
        pic__auto_buf pic__buf want = PIC__BUF_INIT;
        uint8_t typed[33];
        size_t len = 0;

        /* base64 has a plus too: the key begins after the second one */
        plus = plus != NULL ? strchr(plus + 1, '+') : NULL;
        if (plus != NULL && pic__unbase64(plus + 1, strlen(plus + 1), typed, sizeof(typed), &len) == 0 &&
            len == sizeof(typed) && typed[0] == ED25519) {
                pic__note_verifier(typed + 1, &want);
                if (want.failed)
                        return pic__nomem(err);
                if (strcmp(pic__buf_str(&want), text) == 0) {
                        memcpy(public_key, typed + 1, 32);
                        return 0;
                }
        }
        return pic__fail(err, PIC_SYNTAX, "this is no verifier's key of a cell's audit trail");
}

void pic__note_sign(const pic__head *head, const uint8_t secret[64], pic__buf *out)
{
        char root[PIC__BASE64(PIC__SHA256)], line[PIC__BASE64(4 + PIC__SIGNATURE)], body[PIC__ORIGIN_TEXT + 96];
        uint8_t signed_id[4 + PIC__SIGNATURE];
        int len;

        pic__base64(head->root, PIC__SHA256, root);
        len = snprintf(body, sizeof(body), "%s\n%" PRIu64 "\n%s\n", head->origin, head->size, root);
        key_id(head->origin, secret + 32, signed_id);
        pic__sign(body, (size_t)len, secret, signed_id + 4);
        pic__base64(signed_id, sizeof(signed_id), line);
        pic__buf_putf(out, "%s\n" DASH "%s %s\n", body, head->origin, line);
}

/* --- reading ------------------------------------------------------------------------------------------------ */

/* The next line of [*at, end), without its newline; it must have one. */
static int next_line(const char **at, const char *end, char line[LINE_MAX])
{
        const char *stop = memchr(*at, '\n', (size_t)(end - *at));
        size_t len = stop != NULL ? (size_t)(stop - *at) : LINE_MAX;

        if (len >= LINE_MAX || memchr(*at, '\0', len) != NULL)
                return -1;
        memcpy(line, *at, len);
        line[len] = '\0';
        *at = stop + 1;
        return 0;
}

/* A number as the specification wants it: no sign, no leading zero. */
static int read_size(const char *text, uint64_t *ret)
{
        uint64_t n = 0;

        if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
                return -1;
        for (; *text >= '0' && *text <= '9'; text++) {
                if (n > (UINT64_MAX - 9) / 10)
                        return -1;
                n = n * 10 + (uint64_t)(*text - '0');
        }
        *ret = n;
        return *text == '\0' ? 0 : -1;
}

static int read_body(const char *text, const char *end, pic__head *ret)
{
        char line[LINE_MAX];
        size_t len = 0;

        if (next_line(&text, end, line) < 0 || line[0] == '\0' || strlen(line) >= PIC__ORIGIN_TEXT)
                return -1;
        snprintf(ret->origin, sizeof(ret->origin), "%.*s", PIC__ORIGIN_TEXT - 1, line);
        if (next_line(&text, end, line) < 0 || read_size(line, &ret->size) < 0 || next_line(&text, end, line) < 0)
                return -1;
        return pic__unbase64(line, strlen(line), ret->root, PIC__SHA256, &len) == 0 && len == PIC__SHA256 ? 0 : -1;
}

/* One signature line: 1 when it is by this key and good, 0 when it is by another or bad, -1 when it is no signature. */
static int read_signature(const char *line, const pic__head *head, const char *body, size_t body_len,
                          const uint8_t public_key[32])
{
        uint8_t bytes[LINE_MAX], id[4];
        const char *name = line + strlen(DASH), *space;
        size_t len = 0;

        if (strncmp(line, DASH, strlen(DASH)) != 0)
                return -1;
        space = strchr(name, ' ');
        if (space == NULL || space == name ||
            pic__unbase64(space + 1, strlen(space + 1), bytes, sizeof(bytes), &len) < 0 || len < 5)
                return -1;
        if (strlen(head->origin) != (size_t)(space - name) || strncmp(name, head->origin, (size_t)(space - name)) != 0)
                return 0;
        key_id(head->origin, public_key, id);
        if (len != 4 + PIC__SIGNATURE || memcmp(bytes, id, 4) != 0)
                return 0;
        return pic__sign_check(body, body_len, public_key, bytes + 4);
}

int pic__note_open(const char *text, size_t len, const uint8_t public_key[32], pic__head *ret, pic_error **err)
{
        const char *end = text + len, *gap = NULL, *at;
        char line[LINE_MAX];
        int good = 0, one;
        pic__head head;

        for (at = text; at + 1 < end; at++) /* the last empty line: signatures have none */
                if (at[0] == '\n' && at[1] == '\n')
                        gap = at;
        if (gap == NULL || read_body(text, gap + 1, &head) < 0)
                return pic__fail(err, PIC_SYNTAX, "this is no signed tree head");
        at = gap + 2;
        while (at < end) {
                if (next_line(&at, end, line) < 0)
                        return pic__fail(err, PIC_SYNTAX, "this is no signed tree head: a signature line is cut off");
                one = read_signature(line, &head, text, (size_t)(gap + 1 - text), public_key);
                if (one < 0)
                        return pic__fail(err, PIC_SYNTAX, "this is no signed tree head: not a signature: %.60s", line);
                good |= one;
        }
        if (!good)
                return pic__fail(err, PIC_DENIED, "the tree head is not signed by this cell's key");
        *ret = head;
        return 0;
}
