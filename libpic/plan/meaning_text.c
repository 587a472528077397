/* Owns: a line of the meaning as a sentence and as JSON. */
#include "plan/meaning_in.h"

#define NAMES 1000 /* that a line's JSON lists */

size_t pic__meaning_count(const pic__meaning *m)
{
        return m->lines.count;
}

/* "tcp/445 to 192.168.1.10", "the rest of the internet" */
static void put_what(const pic__line *line, pic__buf *out)
{
        static const char *const only[] = { "", " over IPv4", " over IPv6", "" };
        int is_address = line->to[0] >= '0' && line->to[0] <= '9';
        const char *c;

        for (c = line->to; *c != '\0'; c++)
                is_address |= *c == ':';
        if (line->part)
                pic__buf_puts(out, "the rest of ");
        if (line->proto != NULL)
                pic__buf_putf(out, "%s%s%s to ", line->proto, line->ports != NULL ? "/" : "",
                              line->ports != NULL ? line->ports : "");
        else if (line->ports != NULL)
                pic__buf_putf(out, "ports %s to ", line->ports);
        pic__buf_puts(out, line->words);
        if (!is_address)
                pic__buf_puts(out, only[line->families & 3]);
}

static void put_by(const pic__leaves *by, pic__buf *out)
{
        if (by->id == 0)
                pic__buf_puts(out, "directly");
        else
                pic__buf_putf(out, "by %s", by->name);
}

/* "anna leaves by vpn instead of directly", "anna and bob are cut off from the internet: by off, which carries nothing"
 */
static void put_leaves(const pic__line *line, pic__buf *out)
{
        const pic__leaves *was = line->leaves[PIC__BEFORE], *is = line->leaves[PIC__AFTER];
        int one = line->who.count == 1;

        if (is->id > 0 && is->id == was->id && is->open != was->open && !is->closed && !was->closed) {
                pic__buf_putf(out, "%s %s %s while %s is down", line->who_words, one ? "is" : "are",
                              is->open ? "let out directly" : "cut off", is->name);
                return;
        }
        if (is->closed) {
                pic__buf_putf(out, "%s %s cut off from the internet: ", line->who_words, one ? "is" : "are");
                pic__buf_putf(out, "%s carries nothing", is->name);
                return;
        }
        pic__buf_putf(out, "%s %s ", line->who_words, one ? "leaves" : "leave");
        put_by(is, out);
        if (!was->closed && was->id >= 0) {
                pic__buf_puts(out, " instead of ");
                put_by(was, out);
        }
        if (is->open)
                pic__buf_puts(out, ", and directly while that is down");
}

static void put_sentence(const pic__line *line, pic__buf *out)
{
        const char *verb = line->gains ? "gain" : "lose";

        if (line->leaves[PIC__AFTER] != NULL) {
                put_leaves(line, out);
                return;
        }
        pic__buf_putf(out, "%s %s%s ", line->who_words, verb, line->who.count <= 1 ? "s" : "");
        put_what(line, out);
}

void pic__meaning_text(const pic__meaning *m, size_t index, pic__buf *out)
{
        const pic__line *line = m->lines.at[index];

        put_sentence(line, out);
        if (line->example.peer == NULL)
                return;
        pic__buf_putf(out, " (%s -> %s %s", line->example.source, line->example.destination, line->example.proto);
        if (line->example.port != 0)
                pic__buf_putf(out, "/%u", line->example.port);
        pic__buf_putc(out, ')');
}

static void put_example(const pic__line *line, pic__json *j)
{
        pic__json_key(j, "example");
        if (line->example.peer == NULL) {
                pic__json_null(j);
                return;
        }
        pic__json_open(j, '{');
        pic__json_kstr(j, "peer", line->example.peer);
        pic__json_kstr(j, "source", line->example.source);
        pic__json_kstr(j, "destination", line->example.destination);
        pic__json_kstr(j, "proto", line->example.proto);
        pic__json_key(j, "port");
        if (line->example.port != 0)
                pic__json_int(j, line->example.port);
        else
                pic__json_null(j);
        pic__json_close(j, '}');
}

void pic__meaning_json(const pic__meaning *m, size_t index, pic__json *j)
{
        const pic__line *line = m->lines.at[index];
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;

        put_sentence(line, &text);
        if (text.failed)
                j->out->failed = 1;
        pic__json_open(j, '{');
        pic__json_kstr(j, "who", line->who_words);
        pic__json_kint(j, "count", (int64_t)line->who.count);
        pic__json_key(j, "peers");
        pic__json_open(j, '[');
        for (i = 0; i < line->who.count && i < NAMES; i++)
                pic__json_str(j, line->who.at[i].name);
        pic__json_close(j, ']');
        pic__json_kstr(j, "verb", line->leaves[PIC__AFTER] != NULL ? "leaves" : line->gains ? "gains" : "loses");
        pic__json_kstr(j, "to", line->to);
        pic__json_kstr(j, "proto", line->proto);
        pic__json_kstr(j, "ports", line->ports);
        pic__json_key(j, "families");
        pic__json_open(j, '[');
        for (i = 0; i < PIC__FAMILIES; i++)
                if ((line->families >> i & 1) != 0)
                        pic__json_int(j, i == PIC__V4 ? 4 : 6);
        pic__json_close(j, ']');
        pic__json_kbool(j, "part", line->part);
        pic__json_kstr(j, "rule", line->rule);
        put_example(line, j);
        pic__json_kstr(j, "text", pic__buf_str(&text));
        pic__json_close(j, '}');
}
