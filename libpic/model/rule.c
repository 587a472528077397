/* Owns: the text of an assertion's rule. */
#include "model/rule.h"

#include <string.h>

#include "model/text.h"

#define WORD 200 /* longer than any word of a rule */

#define BAD_FORM "must be never FROM -> TO, or always FROM -> TO"
#define BAD_WAY \
        "has something behind its TO that is none of: via CONNECTION, via direct, unless via CONNECTION (with never)"
#define BAD_FAR "has a way for a TO that has none: it must be internet, or a destination"
#define BAD_FROM "has a FROM that is no NAME of a device, group:NAME or peers"

/* The next word, in lower case; -1 when there is none, or it is too long. */
static int next_word(const char **at, char word[WORD])
{
        char raw[WORD];
        size_t len = 0;

        while (pic__is_space(**at))
                (*at)++;
        while ((*at)[len] != '\0' && !pic__is_space((*at)[len]))
                len++;
        if (len == 0 || len >= WORD)
                return -1;
        memcpy(raw, *at, len);
        raw[len] = '\0';
        *at += len;
        return pic__fold(raw, word, WORD);
}

static int take_name(const char *name, enum pic__rule_from from, pic__rule *r, const char **why)
{
        *why = pic__name_rule(name);
        if (*why != NULL)
                return -1;
        r->from = from;
        memcpy(r->name, name, strnlen(name, sizeof(r->name) - 1)); /* a name has at most 64 bytes */
        return 0;
}

static int parse_from(const char *word, pic__rule *r, const char **why)
{
        if (strcmp(word, "peers") == 0 || strcmp(word, "any") == 0) {
                r->from = PIC__FROM_PEERS;
                return 0;
        }
        if (strncmp(word, "group:", 6) == 0)
                return take_name(word + 6, PIC__FROM_GROUP, r, why);
        if (strncmp(word, "peer:", 5) == 0)
                return take_name(word + 5, PIC__FROM_PEER, r, why);
        if (strcmp(word, "internet") == 0 || strcmp(word, "lan") == 0 || pic__name_rule(word) != NULL) {
                *why = BAD_FROM;
                return -1;
        }
        return take_name(word, PIC__FROM_PEER, r, why);
}

/* What follows TO: nothing, "via NAME", "direct", "unless via NAME". */
static int parse_way(const char *text, pic__rule *r, const char **why)
{
        char word[WORD];

        *why = BAD_WAY;
        if (next_word(&text, word) < 0)
                return *text == '\0' ? 0 : -1;
        r->way = PIC__WAY_VIA;
        if (strcmp(word, "unless") == 0) {
                r->way = PIC__WAY_UNLESS;
                if (r->always || next_word(&text, word) < 0)
                        return -1;
        }
        if (strcmp(word, "via") == 0 ? next_word(&text, word) < 0 : strcmp(word, "direct") != 0)
                return -1;
        while (pic__is_space(*text))
                text++;
        if (*text != '\0')
                return -1;
        *why = pic__name_rule(word);
        if (*why != NULL)
                return -1;
        memcpy(r->via, word, strnlen(word, sizeof(r->via) - 1));
        return 0;
}

int pic__rule_parse(const char *text, pic__rule *ret, const char **ret_why)
{
        char words[4][WORD];
        size_t i;

        memset(ret, 0, sizeof(*ret));
        *ret_why = BAD_FORM;
        for (i = 0; i < PIC__COUNT(words); i++)
                if (next_word(&text, words[i]) < 0)
                        return -1;
        ret->always = strcmp(words[0], "always") == 0;
        if ((!ret->always && strcmp(words[0], "never") != 0) ||
            (strcmp(words[2], "->") != 0 && strcmp(words[2], "\xe2\x86\x92") != 0))
                return -1;
        if (parse_from(words[1], ret, ret_why) < 0 || parse_way(text, ret, ret_why) < 0)
                return -1;
        if (pic__grant_parse(words[3], &ret->to, ret_why) < 0)
                return -1;
        *ret_why = BAD_FAR;
        return ret->way == PIC__WAY_ANY || ret->to.to == PIC__TO_INTERNET || ret->to.to == PIC__TO_PREFIX ? 0 : -1;
}

void pic__rule_print(const pic__rule *r, pic__buf *out)
{
        static const char *const from[] = {
                [PIC__FROM_PEERS] = "peers", [PIC__FROM_PEER] = "peer:", [PIC__FROM_GROUP] = "group:"
        };

        pic__buf_putf(out, "%s %s%s -> ", r->always ? "always" : "never", from[r->from], r->name);
        pic__grant_print(&r->to, out);
        if (r->way != PIC__WAY_ANY)
                pic__buf_putf(out, "%s via %s", r->way == PIC__WAY_UNLESS ? " unless" : "", r->via);
}
