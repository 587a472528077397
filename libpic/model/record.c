/* Owns: the texts of a record's fields, and what is wrong with a record by itself. What needs other objects is judged
 * in snap_record.c. International names are refused and not converted: what stands here is what devices ask for, and
 * an owner who sees "xn--" sees what a look-alike letter would hide. */
#include "model/record.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "model/net.h"
#include "model/text.h"
#include "model/wgconf.h"

enum { LABEL_MAX = 63, NAME_MAX_ = 253, PART_MAX = 255 };

/* What is wrong with a word between two dots; NULL: nothing. */
static const char *label_rule(const char *label, size_t len)
{
        size_t i;

        if (len == 0)
                return "must not have two dots in a row, nor begin with one";
        if (len > LABEL_MAX)
                return "must not have more than 63 bytes between two dots (a limit of DNS)";
        for (i = 0; i < len; i++) {
                if ((unsigned char)label[i] >= 0x80)
                        return "must be ASCII: an international name is written in its form with xn-- (the program "
                               "idn2 says it)";
                if (label[i] == '*')
                        return "may have '*' only as its whole first word";
                if (!pic__is_alnum(label[i]) && label[i] != '-' && label[i] != '_')
                        return "must have only letters, digits, '-' and '_' between its dots";
        }
        return label[0] == '-' || label[len - 1] == '-' ? "must not have '-' at an end of a word" : NULL;
}

/* Words with dots between, `len` bytes of them. */
static const char *labels_rule(const char *text, size_t len)
{
        const char *why = len == 0 ? label_rule(text, 0) : NULL;
        size_t at = 0, end;

        if (len > NAME_MAX_)
                return "must not be longer than 253 bytes (a limit of DNS)";
        for (; why == NULL && at <= len && len > 0; at = end + 1) {
                for (end = at; end < len && text[end] != '.'; end++)
                        ;
                why = label_rule(text + at, end - at);
        }
        return why;
}

static void put_folded(pic__buf *out, const char *text, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++)
                pic__buf_putc(out, pic__lower(text[i]));
}

/* "nas.example.com.": a name in somebody's zone, `len` bytes before its dot. */
static const char *put_outside(const char *text, size_t len, pic__buf *out)
{
        const char *why = labels_rule(text, len);

        if (text[0] == '*')
                return "must be in the cell's zone, without a dot at its end: '*' stands for names of the cell only";
        if (why == NULL && memchr(text, '.', len) == NULL)
                return "has a dot at its end, so it must be a whole name (nas.example.com.); one in the cell's zone "
                       "has none";
        if (why == NULL && len > 5 && memcmp(text + len - 5, ".arpa", 5) == 0)
                return "leads back from an address: that follows from a record's addresses by itself";
        put_folded(out, text, len + 1);
        return why;
}

/* "@" the zone itself, "*" and "*.dev" whatever is not there, "_sip._tcp", "nas". */
static const char *put_owner(const char *text, pic__buf *out)
{
        size_t len = strlen(text), star = strncmp(text, "*.", 2) == 0 ? 2 : 0;
        const char *why;
        pic__addr addr;

        if (len > PIC__RECORD_NAME_MAX)
                return "must not be longer than 64 bytes";
        if (strcmp(text, "@") == 0 || strcmp(text, "*") == 0) {
                pic__buf_puts(out, text);
                return NULL;
        }
        if (len > 0 && text[len - 1] == '.')
                return put_outside(text, len - 1, out);
        if (pic__addr_parse(text, &addr) == 0)
                return "must not look like an address";
        why = labels_rule(text + star, len - star);
        put_folded(out, text, len);
        return why;
}

/* A zone of others, with or without the dot at its end. */
static const char *put_zone(const char *text, pic__buf *out)
{
        size_t len = strlen(text);
        const char *why;

        if (strcmp(text, ".") == 0)
                return "is everything: whom the cell asks for that are its upstreams";
        len -= len > 0 && text[len - 1] == '.';
        why = len > PIC__RECORD_NAME_MAX ? "must not be longer than 64 bytes" : labels_rule(text, len);
        put_folded(out, text, len);
        return why;
}

/* A name in the internet, with or without the dot at its end. One word alone is a country's, or nobody's. */
static const char *put_public(const char *text, pic__buf *out)
{
        size_t len = strlen(text);
        char name[PIC__RECORD_NAME_MAX + 1];
        pic__addr addr;

        len -= len > 0 && text[len - 1] == '.';
        if (len > PIC__RECORD_NAME_MAX)
                return "must not be longer than 64 bytes";
        snprintf(name, sizeof(name), "%.*s", (int)len, text);
        if (pic__addr_parse(name, &addr) == 0)
                return "must not be an address";
        if (strncmp(name, "*.", 2) == 0)
                return "must be the name itself: where the mode has all names below it, they are the cell's as well";
        if (labels_rule(name, len) != NULL)
                return labels_rule(name, len);
        if (!pic__hostname_ok(name) || strchr(name, '.') == NULL)
                return "must be a whole name of the internet, of letters, digits, '-' and dots: home.example.org";
        put_folded(out, name, len);
        return NULL;
}

static const char *put_target(const char *text, pic__buf *out)
{
        size_t len = strlen(text);
        const char *why;

        if (len > 0 && text[len - 1] == '.') {
                why = labels_rule(text, len - 1);
        } else {
                why = labels_rule(text, len);
                if (why == NULL && strchr(text, '.') != NULL)
                        return "is a whole name, so it needs a dot at its end; one of the cell's is a single word, or "
                               "whole (nas.home.internal.)";
        }
        put_folded(out, text, len);
        return why;
}

static const char *put_address(const char *text, pic__buf *out)
{
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
        char canonical[PIC__ADDR_TEXT];
        pic__addr a;

        if (pic__addr_parse(text, &a) < 0)
                return "must be an IPv4 or IPv6 address";
        if (a.family == 4 ? a.bytes[0] == 0 || a.bytes[0] >= 224 : a.bytes[0] == 0xff)
                return "cannot be a host's address";
        if (a.family == 6 && memcmp(a.bytes, mapped, sizeof(mapped)) == 0)
                return "is an IPv4 address in a form for programs: write 10.0.0.1, not ::ffff:10.0.0.1";
        pic__buf_puts(out, pic__addr_print(&a, canonical));
        return NULL;
}

/* `count` numbers and a target, with blanks between. "." as a target says that there is none. */
static const char *put_numbered(const char *text, size_t count, const char *rule, pic__buf *out)
{
        char words[4][NAME_MAX_ + 2];
        int n = 0, used = 0;
        size_t i;
        long number;

        n = sscanf(text, "%254s %254s %254s %254s %n", words[0], words[1], words[2], words[3], &used);
        if (n == (int)count + 1 && count < 3) { /* used was not reached: fewer words than four */
                char extra[2];

                if (sscanf(text, count == 1 ? "%*s %*s %1s" : "%*s %*s %*s %1s", extra) == 1)
                        return rule;
        } else if (n != (int)count + 1 || text[used] != '\0') {
                return rule;
        }
        for (i = 0; i < count; i++) {
                if (pic__decimal(words[i], 0, 65535, &number) < 0)
                        return rule;
                pic__buf_putf(out, "%ld ", number);
        }
        if (strcmp(words[count], ".") != 0)
                return put_target(words[count], out);
        pic__buf_putc(out, '.');
        return NULL;
}

static const char *put_mx(const char *text, pic__buf *out)
{
        return put_numbered(text, 1, "must be PREFERENCE HOST: '10 mail'", out);
}

static const char *put_srv(const char *text, pic__buf *out)
{
        return put_numbered(text, 3, "must be PRIORITY WEIGHT PORT HOST: '0 5 5060 sip'", out);
}

/* --- texts ---------------------------------------------------------------------------------------------------- */

/* One byte of a text as zone files have it, "\"", "\\" and "\044" included; -1: a broken escape. */
static int next_byte(const char **at)
{
        const char *s = *at;
        int n;

        if (*s != '\\') {
                *at = s + 1;
                return (unsigned char)*s;
        }
        if (s[1] == '\0')
                return -1;
        if (s[1] < '0' || s[1] > '9') {
                *at = s + 2;
                return (unsigned char)s[1];
        }
        if (s[2] < '0' || s[2] > '9' || s[3] < '0' || s[3] > '9')
                return -1;
        n = (s[1] - '0') * 100 + (s[2] - '0') * 10 + s[3] - '0';
        *at = s + 4;
        return n <= 255 ? n : -1;
}

/* The bytes of what stands between quotes (several of them are one text), or of all when nothing is quoted. */
static const char *read_text(const char *text, pic__buf *out)
{
        static const char broken[] = "must be a text, or texts in quotes as zone files have them: \"a\" \"b\"";
        int quoted = text[0] == '"', inside = !quoted, byte;

        while (*text != '\0') {
                if (quoted && *text == '"') {
                        inside = !inside;
                        text++;
                } else if (!inside) {
                        if (*text++ != ' ')
                                return broken;
                } else {
                        byte = next_byte(&text);
                        if (byte < 0)
                                return "has a backslash that is followed by neither a sign nor three digits (000 to "
                                       "255)";
                        pic__buf_putc(out, (char)byte);
                }
        }
        return quoted && inside ? broken : NULL;
}

/* Kept in quotes, so that nobody takes a comma in it for one between two texts; and without commas, so that all code
 * that walks lists may. */
static const char *put_txt(const char *text, pic__buf *out)
{
        pic__auto_buf pic__buf bytes = PIC__BUF_INIT;
        const char *why = read_text(text, &bytes), *s = pic__buf_str(&bytes);
        size_t sent = 0, i; /* how long the name server's line gets */

        if (why != NULL)
                return why;
        if (bytes.len == 0 || strlen(s) != bytes.len || !pic__utf8_printable(s))
                return "must be printable UTF-8, one byte at least";
        pic__buf_putc(out, '"');
        for (i = 0; i < bytes.len; i++) {
                sent += (unsigned char)s[i] > '~' || s[i] == ',' || s[i] == '\'' ? 4 : 1;
                if (s[i] == '"' || s[i] == '\\')
                        pic__buf_putc(out, '\\');
                if (s[i] == ',')
                        pic__buf_puts(out, "\\044");
                else
                        pic__buf_putc(out, s[i]);
        }
        pic__buf_putc(out, '"');
        return sent > PIC__TXT_MAX ? "is too long: 1700 bytes, of which one beyond ASCII, a comma or ' counts as four"
                                   : NULL;
}

size_t pic__txt_bytes(const char *item, char *out)
{
        const char *at = item + 1;
        size_t n = 0;

        while (*at != '\0' && *at != '"' && n < PIC__TXT_MAX)
                out[n++] = (char)next_byte(&at);
        return n;
}

static const struct form {
        const char *name;
        const char *(*put)(const char *text, pic__buf *out); /* NULL, or the rule that is broken */
        const char *rule;
} forms[] = {
        { "owner", put_owner, "a name in the cell's zone: nas, nas.lab, _sip._tcp, *.dev, or @ for the zone itself" },
        { "zone", put_zone, "a zone: corp.example, or 168.192.in-addr.arpa" },
        { "public", put_public, "a whole name of the internet: home.example.org" },
        { "target", put_target, "the name of a device or record, or a whole name with a dot at its end" },
        { "address", put_address, "an IPv4 or IPv6 address" },
        { "mx", put_mx, "PREFERENCE HOST: '10 mail'" },
        { "srv", put_srv, "PRIORITY WEIGHT PORT HOST: '0 5 5060 sip'" },
        { "txt", put_txt, "a text; in quotes when there are several: '\"a\",\"b\"'" },
};

static const struct form *form_of(const char *name)
{
        size_t i;

        for (i = 0; i + 1 < PIC__COUNT(forms); i++)
                if (strcmp(forms[i].name, name) == 0)
                        break;
        return &forms[i];
}

int pic__rdata_parse(const char *form, const char *text, pic__buf *out, const char **ret_rule)
{
        *ret_rule = form_of(form)->put(text, out);
        return *ret_rule != NULL ? -1 : 0;
}

const char *pic__rdata_rule(const char *form)
{
        return form_of(form)->rule;
}

const char *pic__rdata_end(const char *form, const char *text)
{
        int inside = 0;

        if (strcmp(form, "txt") != 0)
                return text + strcspn(text, ",");
        if (text[strspn(text, " \t\n\v\f\r")] != '"')
                return text + strlen(text);
        for (; *text != '\0' && (inside || *text != ','); text++) {
                if (*text == '\\' && text[1] != '\0')
                        text++;
                else if (*text == '"')
                        inside = !inside;
        }
        return text;
}

/* --- a record by itself --------------------------------------------------------------------------------------- */

static void found(const pic_obj *o, const char *field, const char *rule, pic_error **list)
{
        const char *value = pic__obj_text(o, field);
        pic_error *one = NULL;
        char object[96];

        snprintf(object, sizeof(object), "%s %s", pic__kinds[o->kind].name, pic__obj_name(o));
        pic__fail_value(&one, object, field, value[0] != '\0' ? value : NULL, rule);
        pic__err_append(list, one);
}

void pic__record_check(const pic_obj *o, pic_error **list)
{
        static const char *const data[] = { "addresses", "mx", "srv", "txt" };
        const char *name = pic__obj_name(o);
        int others = 0, cname = pic__obj_text(o, "cname")[0] != '\0';
        size_t i;

        for (i = 0; i < PIC__COUNT(data); i++)
                others += pic__obj_text(o, data[i])[0] != '\0';
        if (cname && others > 0)
                found(o, "cname", "cannot stand beside other data: an alias has what it leads to, and nothing else",
                      list);
        if (!cname && others == 0)
                found(o, "addresses", "is required, or one of cname, mx, srv and txt", list);
        if (strcmp(name, "@") == 0 && pic__obj_text(o, "addresses")[0] != '\0')
                found(o, "addresses", "cannot be set for @: the zone itself leads to the cell", list);
        if (strcmp(name, "@") == 0 && cname)
                found(o, "cname", "cannot be set for @: a zone itself is no alias (a rule of DNS)", list);
        if (pic__obj_text(o, "srv")[0] != '\0' && (name[0] != '_' || strstr(name, "._") == NULL))
                found(o, "srv", "belongs to a name like _sip._tcp: _SERVICE._PROTOCOL", list);
        if (cname && pic__same_name(name, pic__obj_text(o, "cname")))
                found(o, "cname", "leads to itself", list);
}

void pic__forward_check(const pic_obj *o, pic_error **list)
{
        const char *at = pic__obj_text(o, "servers");
        char server[PIC__ITEM_MAX];
        int tls = 0, plain = 0;

        while (pic__list_next(&at, server, sizeof(server))) {
                tls += strchr(server, '#') != NULL;
                plain += strchr(server, '#') == NULL;
        }
        if (tls + plain == 0)
                found(o, "servers", "must name one server at least", list);
        if (tls > 0 && plain > 0)
                found(o, "servers",
                      "must all have a TLS name, or none: what one is asked in secret another is asked in clear", list);
}

int pic__record_inside(const pic_obj *cell, const char *target, char *name, size_t size)
{
        pic__auto_buf pic__buf zone = PIC__BUF_INIT;
        size_t len = strlen(target), end;
        const char *text;

        if (len == 0 || target[len - 1] != '.') {
                snprintf(name, size, "%s", target);
                return 1;
        }
        pic__dns_name(cell, NULL, &zone);
        text = pic__buf_str(&zone);
        end = len - 1 - zone.len; /* what stands before the zone, with its dot */
        if (len - 1 < zone.len || strncmp(target + end, text, zone.len) != 0 || (end > 0 && target[end - 1] != '.'))
                return 0;
        if (end == 0)
                snprintf(name, size, "@");
        else
                snprintf(name, size, "%.*s", (int)end - 1, target);
        return 1;
}

void pic__record_full(const pic_obj *cell, const char *target, pic__buf *out)
{
        size_t len = strlen(target);

        if (len > 0 && target[len - 1] == '.') {
                pic__buf_put(out, target, len);
                return;
        }
        if (strcmp(target, "@") != 0) {
                put_folded(out, target, len);
                pic__buf_putc(out, '.');
        }
        pic__dns_name(cell, NULL, out);
        pic__buf_putc(out, '.');
}
