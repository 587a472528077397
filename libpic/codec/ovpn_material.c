/* Owns: keys, certificates and the login of a profile, from blocks or from files beside it. Of a text only its PEM
 * blocks of the right kind go on, written anew line by line: providers put the certificate in words around them, and
 * nothing that a file holds can become a directive. Nothing of the text is ever in a message. */
#include <string.h>

#include "codec/ovpn_parts.h"
#include "model/text.h"

enum form { PEM, HEX, BASE64 };

static const struct material {
        const char *name;
        enum form form;
        const char *label;  /* what "-----BEGIN …-----" ends with */
        const char *wanted; /* for people */
} materials[PIC__OVPN_MATERIALS] = {
        { "ca", PEM, "CERTIFICATE", "a certificate" },
        { "cert", PEM, "CERTIFICATE", "a certificate" },
        { "extra-certs", PEM, "CERTIFICATE", "a certificate" },
        { "key", PEM, "PRIVATE KEY", "a private key" },
        { "tls-auth", HEX, "OpenVPN Static key V1", "a static key of OpenVPN" },
        { "tls-crypt", HEX, "OpenVPN Static key V1", "a static key of OpenVPN" },
        { "tls-crypt-v2", PEM, "OpenVPN tls-crypt-v2 client key", "a key for tls-crypt-v2 of a client" },
        { "crl-verify", PEM, "X509 CRL", "a list of revoked certificates" },
        { "pkcs12", BASE64, NULL, "a PKCS #12 file in base64" },
};

#define HEX_DIGITS 512 /* of a static key: 256 bytes */

/* What is read, and the line in which it begins: that of the block, or that of the directive which names the file. */
struct source {
        const char *text;
        size_t len;
        pic__place at;
        unsigned line; /* of `text`; 0: it is a file */
};

/* A line without blanks around it. */
struct line {
        const char *text;
        size_t len;
        pic__place at;
};

static int next_line(struct source *s, struct line *line)
{
        const char *end;

        if (s->len == 0)
                return 0;
        end = memchr(s->text, '\n', s->len);
        line->text = s->text;
        line->len = end != NULL ? (size_t)(end - s->text) : s->len;
        line->at = s->line != 0 ? (pic__place){ s->line++, 1 } : s->at;
        s->len -= line->len + (end != NULL);
        s->text += line->len + (end != NULL);
        while (line->len > 0 && pic__is_space(line->text[line->len - 1]))
                line->len--;
        while (line->len > 0 && pic__is_space(*line->text)) {
                line->text++;
                line->len--;
        }
        return 1;
}

/* Characters of base64 or hex, written in lines of one length. */
struct body {
        pic__ovpn_reader *r;
        enum form form;
        size_t count;
        size_t padding;
};

static int is_digit_of(enum form form, char c)
{
        char l = pic__lower(c);

        if (form == HEX)
                return (c >= '0' && c <= '9') || (l >= 'a' && l <= 'f');
        return pic__is_alnum(c) || c == '+' || c == '/';
}

/* -1: it is none of those characters. */
static int put_digits(struct body *b, const char *text, size_t len)
{
        size_t width = b->form == HEX ? 32 : 64, i;

        for (i = 0; i < len; i++) {
                if (b->form != HEX && text[i] == '=' && b->padding < 2)
                        b->padding++;
                else if (b->padding > 0 || !is_digit_of(b->form, text[i]))
                        return -1;
                pic__ovpn_put(b->r, text + i, 1);
                if (++b->count % width == 0)
                        pic__ovpn_put(b->r, "\n", 1);
        }
        return 0;
}

/* -1: some are missing. */
static int end_digits(const struct body *b)
{
        if (b->count % (b->form == HEX ? 32 : 64) != 0)
                pic__ovpn_put(b->r, "\n", 1);
        if (b->form == HEX)
                return b->count == HEX_DIGITS ? 0 : -1;
        return b->count > 0 && b->count % 4 == 0 ? 0 : -1;
}

static void put_text(pic__ovpn_reader *r, const char *text)
{
        pic__ovpn_put(r, text, strlen(text));
}

static void put_tag(pic__ovpn_reader *r, const char *open, const char *name)
{
        put_text(r, open);
        put_text(r, name);
        put_text(r, ">\n");
}

static void wrong(pic__ovpn_reader *r, pic__place at, const char *hint, const char *what)
{
        pic__import_wrong(&r->imp, at, PIC_SYNTAX, hint, "%s: %s", r->imp.key, what);
}

/* The label of "-----BEGIN LABEL-----"; its length, or 0. */
static size_t label_of(const struct line *line, const char *begin, const char **ret)
{
        size_t len = strlen(begin), i;

        if (line->len < len + 6 || memcmp(line->text, begin, len) != 0 ||
            memcmp(line->text + line->len - 5, "-----", 5) != 0)
                return 0;
        for (i = len; i < line->len - 5; i++)
                if (!pic__is_alnum(line->text[i]) && line->text[i] != ' ' && line->text[i] != '-')
                        return 0;
        *ret = line->text + len;
        return line->len - len - 5;
}

static int label_ends(const char *label, size_t len, const char *with)
{
        size_t n = strlen(with);

        return len >= n && memcmp(label + len - n, with, n) == 0;
}

static int holds(const struct line *line, const char *what)
{
        return memmem(line->text, line->len, what, strlen(what)) != NULL;
}

#define PASSPHRASE "take the passphrase off the key: openssl pkey -in KEY -out NEW"

/* From behind "BEGIN" to "END", which are written by their wanted label. 1 done, -1 reported. */
static int copy_pem(pic__ovpn_reader *r, const struct material *m, struct source *s, const struct line *begin)
{
        struct body body = { r, m->form, 0, 0 };
        const char *label;
        struct line line;

        pic__ovpn_put(r, begin->text, begin->len);
        put_text(r, "\n");
        while (next_line(s, &line)) {
                if (label_of(&line, "-----END ", &label) > 0) {
                        if (end_digits(&body) < 0) {
                                wrong(r, begin->at, NULL, "a part of it is missing");
                                return -1;
                        }
                        pic__ovpn_put(r, "-----END ", 9);
                        pic__ovpn_put(r, begin->text + 11, begin->len - 11);
                        put_text(r, "\n");
                        return 1;
                }
                if (holds(&line, "ENCRYPTED") || holds(&line, "DEK-Info")) {
                        wrong(r, line.at, PASSPHRASE, "the key has a passphrase, and nobody is there to give it");
                        return -1;
                }
                if (put_digits(&body, line.text, line.len) < 0) {
                        wrong(r, line.at, NULL,
                              m->form == HEX ? "a line that is no hexadecimal" : "a line that is no base64");
                        return -1;
                }
        }
        wrong(r, begin->at, NULL, "it has no line -----END …-----");
        return -1;
}

/* The number of PEM blocks that were written, or -1 (reported). */
static int copy_pems(pic__ovpn_reader *r, const struct material *m, struct source *s)
{
        const char *label;
        struct line line;
        int count = 0;

        while (next_line(s, &line)) {
                size_t len = label_of(&line, "-----BEGIN ", &label);

                if (len == 0 || len > 64 || !label_ends(label, len, m->label))
                        continue;
                if (label_ends(label, len, "ENCRYPTED PRIVATE KEY")) {
                        wrong(r, line.at, PASSPHRASE, "the key has a passphrase, and nobody is there to give it");
                        return -1;
                }
                if (copy_pem(r, m, s, &line) < 0)
                        return -1;
                count++;
        }
        return count;
}

/* 1, or -1 (reported). */
static int copy_base64(pic__ovpn_reader *r, struct source *s)
{
        struct body body = { r, BASE64, 0, 0 };
        pic__place at = s->at;
        struct line line;

        while (next_line(s, &line))
                if (put_digits(&body, line.text, line.len) < 0) {
                        wrong(r, line.at, NULL, "a line that is no base64");
                        return -1;
                }
        if (end_digits(&body) == 0)
                return 1;
        wrong(r, at, NULL, "a part of it is missing");
        return -1;
}

static void copy(pic__ovpn_reader *r, const struct material *m, struct source *s)
{
        pic__place at = s->at;
        int n;

        if (m->form == BASE64)
                pic__import_warn(&r->imp, at, "use <cert> and <key> without one",
                                 "%s: whether it has a passphrase is not known; with one it cannot be used", m->name);
        put_tag(r, "<", m->name);
        n = m->form == BASE64 ? copy_base64(r, s) : copy_pems(r, m, s);
        if (n == 0)
                pic__import_wrong(&r->imp, at, PIC_SYNTAX, NULL, "%s: there is no %s in it", m->name, m->wanted + 2);
        put_tag(r, "</", m->name);
}

/* A file of bytes as base64. */
static void encode(const pic__buf *bytes, pic__buf *out)
{
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const unsigned char *b = (const unsigned char *)pic__buf_str(bytes);
        size_t i, j;

        (void)pic__buf_room(out, bytes->len / 3 * 4 + 4);
        for (i = 0; i < bytes->len; i += 3) {
                size_t left = bytes->len - i < 3 ? bytes->len - i : 3;
                unsigned v =
                        (unsigned)b[i] << 16 | (left > 1 ? (unsigned)b[i + 1] << 8 : 0) | (left > 2 ? b[i + 2] : 0u);

                for (j = 0; j < 4; j++)
                        pic__buf_putc(out, j > left ? '=' : digits[v >> (18 - 6 * j) & 63]);
        }
}

static const struct material *material_of(const char *name)
{
        size_t i;

        for (i = 0; i < PIC__OVPN_MATERIALS; i++)
                if (strcmp(materials[i].name, name) == 0)
                        return &materials[i];
        return NULL;
}

unsigned pic__ovpn_material_line(const pic__ovpn_reader *r, const char *name)
{
        return r->materials[material_of(name) - materials];
}

static void from_file(pic__ovpn_reader *r, const pic__ovpn_item *item, const struct material *m)
{
        pic__auto_wipe pic__buf bytes = PIC__BUF_SECRET;
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        struct source s = { .at = item->at };
        int there = pic__ovpn_file(r, item->arg_at[0], item->argv[0], &bytes);

        if (there == 0)
                pic__ovpn_file_wrong(r, item->arg_at[0], item->argv[0], "is a file that did not come with the profile");
        if (there <= 0)
                return;
        if (m->form == BASE64)
                encode(&bytes, &text);
        s.text = pic__buf_str(m->form == BASE64 ? &text : &bytes);
        s.len = m->form == BASE64 ? text.len : bytes.len;
        if (s.len >= 3 && memcmp(s.text, "\xef\xbb\xbf", 3) == 0) {
                s.text += 3;
                s.len -= 3;
        }
        copy(r, m, &s);
}

/* "tls-auth FILE 1", and "crl-verify DIRECTORY dir". -1: reported. */
static int second_word(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        const char *word = item->argv[1];

        if (item->argc == 1)
                return 0;
        if (item->argc == 2 && strcmp(item->name, "tls-auth") == 0 &&
            (strcmp(word, "0") == 0 || strcmp(word, "1") == 0)) {
                r->direction = word[0];
                return 0;
        }
        pic__import_wrong(&r->imp, item->arg_at[1], PIC_VALUE, NULL, "%s: words behind the file that it does not take",
                          item->name);
        return -1;
}

void pic__ovpn_material(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        const struct material *m = material_of(item->name);
        unsigned *had;

        if (m == NULL) /* the table of directives has no other */
                return;
        had = &r->materials[m - materials];
        if (item->block == NULL && item->argc == 0) {
                wrong(r, item->at, NULL, "it needs a file, or a block");
                return;
        }
        if (item->block == NULL && second_word(r, item) < 0)
                return;
        if (item->block == NULL && strcmp(item->argv[0], "[inline]") == 0)
                return; /* the block is elsewhere */
        if (*had != 0) {
                pic__import_wrong(&r->imp, item->at, PIC_SYNTAX, NULL, "%s: it is there already, in line %u", m->name,
                                  *had);
                return;
        }
        *had = item->at.line;
        if (item->block == NULL) {
                from_file(r, item, m);
        } else {
                struct source s = { item->block, item->block_len, item->at, item->block_line };

                copy(r, m, &s);
        }
}

/* --- the login ------------------------------------------------------------------------------------------------- */

#define LOGIN_MAX 512

/* A line of the login as a field; nothing when it is not there or empty. Blanks inside belong to it. */
static void give_line(pic__ovpn_reader *r, struct source *s, const char *field, int secret)
{
        const char *end = s->len > 0 ? memchr(s->text, '\n', s->len) : NULL;
        size_t whole = end != NULL ? (size_t)(end - s->text) : s->len, len = whole;
        pic__place at = { s->line != 0 ? s->line++ : s->at.line, 1 };
        char text[LOGIN_MAX + 1];

        if (len > 0 && s->text[len - 1] == '\r')
                len--;
        if (len > LOGIN_MAX) {
                pic__import_wrong(&r->imp, at, PIC_VALUE, NULL, "%s: the %s is longer than %d bytes", r->imp.key, field,
                                  LOGIN_MAX);
        } else if (len > 0 && memchr(s->text, '\0', len) == NULL) {
                memcpy(text, s->text, len);
                text[len] = '\0';
                pic__import_give(&r->imp, at, field, text, secret);
                explicit_bzero(text, sizeof(text));
        }
        s->text += whole + (end != NULL);
        s->len -= whole + (end != NULL);
}

/* The user, and below it the password. */
static void give_login(pic__ovpn_reader *r, struct source s)
{
        give_line(r, &s, "user", 0);
        give_line(r, &s, "password", 1);
}

static void login_file(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        pic__auto_wipe pic__buf bytes = PIC__BUF_SECRET;
        int there = pic__ovpn_file(r, item->arg_at[0], item->argv[0], &bytes);

        if (there == 0) /* most providers name one that nobody has */
                pic__import_warn(&r->imp, item->at, "give the connection its user and its password",
                                 "%s: the file with user and password did not come with the profile", item->name);
        if (there == 1)
                give_login(r, (struct source){ pic__buf_str(&bytes), bytes.len, item->at, 0 });
}

void pic__ovpn_login(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        pic__ovpn_put_line(r, item->at, item->name, NULL, 0);
        r->login = 1;
        if (item->argc > 1) {
                wrong(r, item->at, NULL, "it takes one file at most");
                return;
        }
        if (item->block == NULL && (item->argc == 0 || strcmp(item->argv[0], "[inline]") == 0))
                return;
        if (r->login_line != 0) {
                pic__import_wrong(&r->imp, item->at, PIC_SYNTAX, NULL, "%s: it is there already, in line %u",
                                  item->name, r->login_line);
                return;
        }
        r->login_line = item->at.line;
        if (item->block != NULL)
                give_login(r, (struct source){ item->block, item->block_len, item->at, item->block_line });
        else
                login_file(r, item);
}

/* --- fingerprints of certificates ------------------------------------------------------------------------------- */

static int is_fingerprint(const char *text, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++)
                if (i % 3 == 2 ? text[i] != ':' : !is_digit_of(HEX, text[i]))
                        return 0;
        return len == 32 * 3 - 1;
}

static void put_fingerprint(pic__ovpn_reader *r, pic__place at, const char *text, size_t len)
{
        char word[32 * 3];
        const char *words[1] = { word };

        if (!is_fingerprint(text, len)) {
                pic__import_wrong(&r->imp, at, PIC_VALUE, NULL,
                                  "%s: it must be 32 bytes in hexadecimal with ':' between them", r->imp.key);
                return;
        }
        memcpy(word, text, len);
        word[len] = '\0';
        pic__ovpn_put_line(r, at, "peer-fingerprint", words, 1);
        r->checks = 1;
}

void pic__ovpn_fingerprint(pic__ovpn_reader *r, const pic__ovpn_item *item)
{
        struct source s = { item->block, item->block_len, item->at, item->block_line };
        struct line line;

        if (item->block == NULL && item->argc != 1)
                wrong(r, item->at, NULL, "it takes one word");
        else if (item->block == NULL)
                put_fingerprint(r, item->arg_at[0], item->argv[0], strlen(item->argv[0]));
        while (item->block != NULL && next_line(&s, &line))
                if (line.len > 0 && *line.text != '#' && *line.text != ';')
                        put_fingerprint(r, line.at, line.text, line.len);
}
