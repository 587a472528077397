/* Owns: the grammar of profiles. Words are cut out of a copy of their line; blocks stay where they are in the file. */
#include "codec/ovpn_scan.h"

#include <string.h>

#include "base/utf8.h"
#include "model/text.h"

/* Words of a line, one after the other: `in` reads, `out` writes behind what was written. */
struct cutter {
        pic__ovpn_scan *scan;
        const pic__import_line *line;
        size_t in;
        size_t out;
};

static void bad(const struct cutter *c, const char *hint, const char *what)
{
        pic__import_wrong(c->scan->imp, pic__import_at(c->line, c->in), PIC_SYNTAX, hint, "%s", what);
}

static int at_end(const struct cutter *c)
{
        return c->in >= c->line->len;
}

static char peek(const struct cutter *c)
{
        return at_end(c) ? '\0' : c->line->text[c->in];
}

/* A backslash makes the next one, a quote or a blank what it is. -1: it is none of those. */
static int escaped(struct cutter *c)
{
        char next;

        c->in++;
        next = peek(c);
        if (at_end(c) || (next != '\\' && next != '"' && !pic__is_space(next))) {
                bad(c, "is it a path of Windows? A file is given by its name, beside the profile",
                    "a backslash must have a backslash, a quotation mark or a blank behind it");
                return -1;
        }
        c->scan->words[c->out++] = next;
        c->in++;
        return 0;
}

/* Until `quote`, or until a blank when it is NUL. */
static int cut_word(struct cutter *c, char quote)
{
        while (!at_end(c)) {
                char now = peek(c);

                if (quote != '\0' ? now == quote : pic__is_space(now)) {
                        c->in++;
                        return 0;
                }
                if (now == '\\' && quote != '\'') {
                        if (escaped(c) < 0)
                                return -1;
                        continue;
                }
                c->scan->words[c->out++] = now;
                c->in++;
        }
        if (quote == '\0')
                return 0;
        bad(c, NULL, "a quotation mark has no other end");
        return -1;
}

/* The next word of the line: 1, 0 when there is none, -1 (reported). */
static int next_word(struct cutter *c, const char **ret, pic__place *at)
{
        char first;
        int r;

        while (!at_end(c) && pic__is_space(peek(c)))
                c->in++;
        first = peek(c);
        if (at_end(c) || first == '#' || first == ';')
                return 0;
        *at = pic__import_at(c->line, c->in);
        *ret = c->scan->words + c->out;
        if (first == '"' || first == '\'') {
                c->in++;
                r = cut_word(c, first);
        } else {
                r = cut_word(c, '\0');
        }
        if (r < 0)
                return -1;
        c->scan->words[c->out++] = '\0';
        if (pic__utf8_printable(*ret))
                return 1;
        pic__import_wrong(c->scan->imp, *at, PIC_SYNTAX, NULL, "a word that is no printable UTF-8");
        return -1;
}

/* 1 an item, 0 the line is empty, -1 reported. */
static int cut_line(pic__ovpn_scan *s, const pic__import_line *line, pic__ovpn_item *item)
{
        struct cutter c = { s, line, 0, 0 };
        const char *word;
        pic__place at;
        int r;

        r = next_word(&c, &item->name, &item->at);
        if (r <= 0)
                return r;
        while ((r = next_word(&c, &word, &at)) > 0) {
                if (item->argc == PIC__OVPN_WORDS) {
                        pic__import_wrong(s->imp, at, PIC_SYNTAX, NULL, "more than %d words behind a directive",
                                          PIC__OVPN_WORDS);
                        return -1;
                }
                item->arg_at[item->argc] = at;
                item->argv[item->argc++] = word;
        }
        return r < 0 ? -1 : 1;
}

/* Blanks before it do not count. */
static int begins(const pic__import_line *line, const char *what, size_t len)
{
        size_t i = 0;

        while (i < line->len && pic__is_space(line->text[i]))
                i++;
        return line->len - i >= len && memcmp(line->text + i, what, len) == 0;
}

/* "<tag>" or "</tag>" and nothing else: no line of a PEM block looks like that. */
static int is_tag(const pic__import_line *line)
{
        size_t i, len = line->len;

        while (len > 0 && pic__is_space(line->text[len - 1]))
                len--;
        if (len < 3 || line->text[0] != '<' || line->text[len - 1] != '>')
                return 0;
        for (i = line->text[1] == '/' ? 2 : 1; i < len - 1; i++)
                if (!pic__is_alnum(line->text[i]) && line->text[i] != '-')
                        return 0;
        return 1;
}

static void not_closed(pic__ovpn_scan *s, const pic__ovpn_item *item)
{
        pic__import_wrong(s->imp, item->at, PIC_SYNTAX, NULL, "the block is not closed: its end </%s> is missing",
                          item->name);
}

/* Lines until the end of the block. -1: it has none; then the next line that looks like a tag goes on. */
static int cut_block(pic__ovpn_scan *s, pic__ovpn_item *item)
{
        int may_hold_tags = strcmp(item->name, "auth-user-pass") == 0; /* a password may look like anything */
        size_t len = strlen(item->name), start = s->imp->offset;
        pic__import_line line;
        char end[72];

        memcpy(end, "</", 2);
        memcpy(end + 2, item->name, len);
        end[len + 2] = '>';
        item->block = s->imp->in->text + start;
        item->block_line = s->imp->line + 1;
        for (;;) {
                size_t offset = s->imp->offset;

                if (!pic__import_next(s->imp, &line))
                        break;
                if (begins(&line, end, len + 3)) {
                        item->block_len = offset - start;
                        return 0;
                }
                if (!may_hold_tags && is_tag(&line)) {
                        s->imp->offset = offset;
                        s->imp->line--;
                        break;
                }
        }
        not_closed(s, item);
        return -1;
}

/* 1 an item, 0 nothing (yet), -1 reported. */
static int open_tag(pic__ovpn_scan *s, pic__ovpn_item *item)
{
        size_t len = strlen(item->name), i;
        char *name = s->words; /* the line is nothing but this word */

        memmove(name, item->name + 1, len - 2);
        name[len - 2] = '\0';
        item->name = name;
        if (name[0] == '/') {
                pic__import_wrong(s->imp, item->at, PIC_SYNTAX, NULL, "the end of a block that did not begin");
                return -1;
        }
        for (i = 0; pic__is_alnum(name[i]) || name[i] == '-'; i++)
                ;
        if (i == 0 || i > 64 || name[i] != '\0') {
                pic__import_wrong(s->imp, item->at, PIC_SYNTAX, NULL, "a tag in which there is no name of a block");
                return -1;
        }
        if (strcmp(name, "connection") != 0)
                return cut_block(s, item) < 0 ? -1 : 1;
        if (s->connection != 0)
                pic__import_wrong(s->imp, item->at, PIC_SYNTAX, NULL,
                                  "a <connection> within the one that begins in line %u", s->connection);
        s->connection = item->at.line;
        return 0;
}

/* A key without the tags around it: one message for all of it, and nothing of it in any. */
static void pass_pem(pic__ovpn_scan *s, const pic__import_line *first)
{
        pic__import_line line = *first;

        pic__import_wrong(s->imp, (pic__place){ first->number, 1 }, PIC_SYNTAX,
                          "put the tags around it: <ca>, <cert>, <key>, <tls-auth> or <tls-crypt>",
                          "a PEM block outside of <…> and </…>");
        while (!begins(&line, "-----END", 8) && pic__import_next(s->imp, &line))
                ;
}

/* 1 an item, 0 nothing, -1 reported. */
static int read_line(pic__ovpn_scan *s, const pic__import_line *line, pic__ovpn_item *item)
{
        size_t len;
        int r;

        if (line->len > PIC__OVPN_LINE / 2) { /* so that each word has room for its NUL */
                pic__import_wrong(s->imp, (pic__place){ line->number, 1 }, PIC_SYNTAX, NULL,
                                  "the line is longer than %zu bytes", PIC__OVPN_LINE / 2);
                return -1;
        }
        if (begins(line, "-----BEGIN", 10)) {
                pass_pem(s, line);
                return -1;
        }
        if (s->connection != 0 && begins(line, "</connection>", 13)) {
                s->connection = 0;
                item->ends = 1;
                return 1;
        }
        r = cut_line(s, line, item);
        if (r <= 0)
                return r;
        len = strlen(item->name);
        if (item->argc == 0 && len > 2 && item->name[0] == '<' && item->name[len - 1] == '>')
                return open_tag(s, item);
        if (len >= 3 && strncmp(item->name, "--", 2) == 0)
                item->name += 2;
        return 1;
}

int pic__ovpn_next(pic__ovpn_scan *s, pic__ovpn_item *item)
{
        pic__import_line line;

        while (pic__import_next(s->imp, &line)) {
                *item = (pic__ovpn_item){ .name = "", .at = { line.number, 1 } };
                item->connection = s->connection != 0;
                if (read_line(s, &line, item) > 0)
                        return 1;
        }
        if (s->connection != 0)
                pic__import_wrong(s->imp, (pic__place){ s->connection, 1 }, PIC_SYNTAX, NULL,
                                  "the block is not closed: its end </connection> is missing");
        s->connection = 0;
        return 0;
}

void pic__ovpn_shift(pic__ovpn_item *item, size_t words)
{
        size_t i;

        item->name = item->argv[words - 1];
        item->at = item->arg_at[words - 1];
        for (i = words; i <= item->argc; i++) {
                item->argv[i - words] = item->argv[i];
                if (i < item->argc)
                        item->arg_at[i - words] = item->arg_at[i];
        }
        item->argc -= words;
}
