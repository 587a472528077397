/* Owns: reading block lists. */
#include "sieve/parse.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sieve/name.h"

const char *const pic__sieve_formats[PIC__SIEVE_FORMATS] = { "auto", "hosts", "domains", "rpz", "adblock" };

#define WORDS 32

static void fault(pic__sieve_parse *p, const char *what)
{
        p->skipped++;
        if (p->faults == PIC__SIEVE_FAULTS)
                return;
        p->fault[p->faults].line = p->lines;
        p->fault[p->faults++].what = what;
}

static void found(pic__sieve_parse *p, const char *text, unsigned how)
{
        pic__sieve_name n;

        if (pic__sieve_name_text(text, strlen(text), &n) < 0) {
                fault(p, "no name");
                return;
        }
        p->names++;
        if (p->ended == 0)
                p->ended = p->found(pic__sieve_number(&n) | how, p->data);
}

/* Cuts a line into its words. */
static size_t split(char *line, char *word[WORDS])
{
        char *save = NULL, *at;
        size_t n = 0;

        for (at = strtok_r(line, " \t", &save); at != NULL && n < WORDS; at = strtok_r(NULL, " \t", &save))
                word[n++] = at;
        return n;
}

/* --- hosts ------------------------------------------------------------------------------------------------------ */

static int is_address(const char *text)
{
        char copy[64], bytes[16];
        size_t len = strcspn(text, "%");

        if (len >= sizeof(copy))
                return 0;
        memcpy(copy, text, len);
        copy[len] = '\0';
        return inet_pton(AF_INET, copy, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1;
}

/* This machine itself, nobody, everybody: what files of hosts begin with too. */
static int leads_nowhere(const char *text)
{
        static const char *const begin[] = { "127.", "0.0.0.0", "255.255.255.255", "ff0", "fe00::", "fe80::1%" };
        size_t i;

        for (i = 0; i < PIC__COUNT(begin); i++)
                if (strncasecmp(text, begin[i], strlen(begin[i])) == 0)
                        return 1;
        return strcmp(text, "::") == 0 || strcmp(text, "::1") == 0 || strcmp(text, "0") == 0;
}

/* "localhost" and the like have no dot, and "0.0.0.0 0.0.0.0" is in many. */
static void take_hosts(pic__sieve_parse *p, char *const *word, size_t count)
{
        size_t i;

        if (count < 2 || !(is_address(word[0]) || strcmp(word[0], "0") == 0))
                fault(p, "no line of a hosts file");
        else if (!leads_nowhere(word[0]))
                fault(p, "leads to an address");
        else
                for (i = 1; i < count; i++)
                        if (strchr(word[i], '.') != NULL && !is_address(word[i]) &&
                            strcasecmp(word[i], "localhost.localdomain") != 0)
                                found(p, word[i], PIC__SIEVE_SELF);
}

/* --- domains, adblock ------------------------------------------------------------------------------------------- */

static void take_domain(pic__sieve_parse *p, char *const *word, size_t count)
{
        if (count != 1)
                fault(p, "more than a name");
        else if (strncmp(word[0], "*.", 2) == 0)
                found(p, word[0] + 2, PIC__SIEVE_BELOW);
        else
                found(p, word[0] + (word[0][0] == '.' ? 1 : 0), PIC__SIEVE_SELF | PIC__SIEVE_BELOW);
}

static void take_adblock(pic__sieve_parse *p, char *const *word, size_t count)
{
        char *name = word[0] + 2, *end;

        if (strncmp(word[0], "||", 2) != 0) {
                if (strncmp(word[0], "@@", 2) == 0)
                        fault(p, "an exception");
                else
                        take_domain(p, word, count);
                return;
        }
        end = strchr(name, '^');
        if (count != 1 || end == NULL)
                fault(p, "more than a name");
        else if (end[1] != '\0' && strcmp(end, "^|") != 0 && strcmp(end, "^$important") != 0 &&
                 strcmp(end, "^$all") != 0)
                fault(p, "only for some pages");
        else {
                *end = '\0';
                found(p, name, PIC__SIEVE_SELF | PIC__SIEVE_BELOW);
        }
}

/* --- rpz -------------------------------------------------------------------------------------------------------- */

static int is_word(const char *text, const char *const *words)
{
        for (; *words != NULL; words++)
                if (strcasecmp(text, *words) == 0)
                        return 1;
        return 0;
}

static const char *const types[] = { "CNAME", "A", "AAAA", "TXT", "SOA", "NS", "DNAME", "MX", "SRV", NULL };

/* Where the type stands: behind the name, a lifetime and a class. 0: nowhere. */
static size_t type_at(char *const *word, size_t count)
{
        size_t i;

        for (i = 1; i < count && i < 4; i++)
                if (is_word(word[i], types))
                        return i;
        return 0;
}

/* "ads.example.rpz.zone." is "ads.example" where the zone is said. */
static void cut_origin(const pic__sieve_parse *p, char *name)
{
        size_t len = strlen(name), zone = strlen(p->origin);

        if (zone > 0 && len > zone + 1 && name[len - zone - 1] == '.' && strcasecmp(name + len - zone, p->origin) == 0)
                name[len - zone - 1] = '\0';
}

static void take_trigger(pic__sieve_parse *p, char *name)
{
        unsigned how = PIC__SIEVE_SELF;

        if (name[strlen(name) - 1] == '.')
                cut_origin(p, name);
        if (strncmp(name, "*.", 2) == 0) {
                name += 2;
                how = PIC__SIEVE_BELOW;
        }
        if (strstr(name, ".rpz-") != NULL || strncmp(name, "rpz-", 4) == 0)
                fault(p, "a rule about addresses");
        else
                found(p, name, how);
}

/* What the record says is that there is no such name, or an address that is none. */
static int blocks(char *const *word, size_t at)
{
        static const char *const acts[] = { ".", "*.", "rpz-drop.", NULL };

        if (strcasecmp(word[at], "CNAME") == 0)
                return is_word(word[at + 1], acts);
        return (strcasecmp(word[at], "A") == 0 && strcmp(word[at + 1], "0.0.0.0") == 0) ||
               (strcasecmp(word[at], "AAAA") == 0 && strcmp(word[at + 1], "::") == 0);
}

static void take_rpz(pic__sieve_parse *p, char *const *word, size_t count)
{
        static const char *const own[] = { "NS", "SOA", "IN", NULL }; /* of the zone itself; its name may be left out */
        size_t at;

        if (word[0][0] == '$') {
                if (strcasecmp(word[0], "$ORIGIN") == 0 && count > 1 && strlen(word[1]) < sizeof(p->origin))
                        memcpy(p->origin, word[1], strlen(word[1]) + 1);
                return;
        }
        if (is_word(word[0], own))
                return;
        at = type_at(word, count);
        if (at == 0 || at + 1 == count)
                fault(p, "no record");
        else if (blocks(word, at))
                take_trigger(p, word[0]);
        else if (!is_word(word[at], own))
                fault(p, "no block");
}

/* The zone's own head: "@ SOA … ( 1 2", "3 4 )". 1: the line is part of it. */
static int in_parens(pic__sieve_parse *p, const char *line)
{
        int was = p->parens;

        if (strchr(line, '(') != NULL)
                p->parens = 1;
        if (strchr(line, ')') != NULL)
                p->parens = 0;
        return was || strchr(line, '(') != NULL;
}

/* --- lines ------------------------------------------------------------------------------------------------------ */

static enum pic__sieve_format looks_of(char *const *word, size_t count)
{
        if (word[0][0] == '|' || strncmp(word[0], "@@", 2) == 0)
                return PIC__SIEVE_ADBLOCK;
        if (word[0][0] == '$' || type_at(word, count) > 0)
                return PIC__SIEVE_RPZ;
        return count > 1 && is_address(word[0]) ? PIC__SIEVE_HOSTS : PIC__SIEVE_DOMAINS;
}

static void cut_comment(char *line)
{
        char *at;

        for (at = line; (at = strpbrk(at, "#;")) != NULL; at++)
                if (at == line || at[-1] == ' ' || at[-1] == '\t') {
                        *at = '\0';
                        return;
                }
}

static void take_words(pic__sieve_parse *p, char *const *word, size_t count)
{
        static void (*const takes[])(pic__sieve_parse *, char *const *, size_t) = {
                [PIC__SIEVE_HOSTS] = take_hosts,
                [PIC__SIEVE_DOMAINS] = take_domain,
                [PIC__SIEVE_RPZ] = take_rpz,
                [PIC__SIEVE_ADBLOCK] = take_adblock,
        };
        enum pic__sieve_format f = p->format == PIC__SIEVE_AUTO ? looks_of(word, count) : p->format;

        takes[f](p, word, count);
}

static void take_line(pic__sieve_parse *p)
{
        int zone = p->format == PIC__SIEVE_AUTO || p->format == PIC__SIEVE_RPZ;
        char *word[WORDS], *line = p->line;
        size_t count;

        p->lines++;
        if (p->long_line) {
                fault(p, "a very long line");
                return;
        }
        line[p->len] = '\0';
        if (strlen(line) != p->len) {
                fault(p, "not a text");
                return;
        }
        if (p->lines == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
                line += 3;
        line[strcspn(line, "\r")] = '\0';
        if (line[0] == '!' || line[0] == '[')
                return;
        cut_comment(line);
        if (zone && in_parens(p, line))
                return;
        count = split(line, word);
        if (count > 0)
                take_words(p, word, count);
}

void pic__sieve_parse_feed(pic__sieve_parse *p, const char *text, size_t len)
{
        while (len > 0 && p->ended == 0) {
                const char *end = memchr(text, '\n', len);
                size_t n = end != NULL ? (size_t)(end - text) : len;

                if (p->len + n >= sizeof(p->line)) {
                        p->long_line = 1;
                        p->len = 0;
                } else if (!p->long_line) {
                        memcpy(p->line + p->len, text, n);
                        p->len += n;
                }
                if (end == NULL)
                        return;
                take_line(p);
                p->len = 0;
                p->long_line = 0;
                text += n + 1;
                len -= n + 1;
        }
}

void pic__sieve_parse_end(pic__sieve_parse *p)
{
        if (p->ended == 0 && (p->len > 0 || p->long_line))
                take_line(p);
        p->len = 0;
        p->long_line = 0;
}
