/* Owns: lines of wg-quick files with their comments, and what a file is by its looks. */
#include "household/wgfile.h"

#include <string.h>

#include "model/key.h"
#include "model/text.h"
#include "sys/crypto.h"

static char *trim(char *text)
{
        size_t len;

        while (pic__is_space(*text))
                text++;
        len = strlen(text);
        while (len > 0 && pic__is_space(text[len - 1]))
                text[--len] = '\0';
        return text;
}

const char *pic__wgreader_start(pic__wgreader *r, const char *text, size_t len)
{
        r->text = text;
        r->left = len;
        r->line = 0;
        if (len > PIC__WGFILE_TEXT)
                return "it is longer than 8 MiB";
        if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
                return "it is UTF-16: save it as UTF-8 text";
        if (len > 0 && memchr(text, '\0', len) != NULL)
                return "there is a NUL byte in it";
        if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
                r->text += 3;
                r->left -= 3;
        }
        return NULL;
}

/* One line into the buffer. -1: it is too long for it. */
static int take_line(pic__wgreader *r)
{
        const char *end = memchr(r->text, '\n', r->left);
        size_t len = end != NULL ? (size_t)(end - r->text) : r->left;
        int fits = len <= PIC__WGFILE_LINE;

        if (fits) {
                memcpy(r->buf, r->text, len);
                r->buf[len] = '\0';
        }
        r->text += len + (end != NULL);
        r->left -= len + (end != NULL);
        r->line++;
        return fits ? 0 : -1;
}

static void split(char *text, pic__wgline *l)
{
        static const char off[] = "#[disabled]";
        char *hash, *equals;

        text = trim(text);
        if (strncmp(text, off, sizeof(off) - 1) == 0) {
                l->disabled = 1;
                text = trim(text + sizeof(off) - 1);
        }
        hash = strchr(text, '#');
        if (hash != NULL) {
                *hash++ = '\0';
                for (l->hashes = 1; *hash == '#'; hash++)
                        l->hashes++;
                l->comment = trim(hash);
                text = trim(text);
        }
        equals = strchr(text, '=');
        if (*text == '\0') {
                l->what = PIC__WG_EMPTY;
        } else if (*text == '[' && text[strlen(text) - 1] == ']') {
                l->what = PIC__WG_SECTION;
                text[strlen(text) - 1] = '\0';
                l->key = trim(text + 1);
        } else if (equals != NULL) {
                *equals = '\0';
                l->what = PIC__WG_PAIR;
                l->key = trim(text);
                l->value = trim(equals + 1);
        } else {
                l->what = PIC__WG_JUNK;
        }
}

int pic__wgreader_next(pic__wgreader *r, pic__wgline *ret)
{
        *ret = (pic__wgline){ .what = PIC__WG_END };
        if (r->left == 0)
                return 0;
        if (take_line(r) < 0)
                ret->what = PIC__WG_LONG;
        else
                split(r->buf, ret);
        ret->number = r->line;
        return 1;
}

void pic__wgreader_wipe(pic__wgreader *r)
{
        pic__wipe(r->buf, sizeof(r->buf));
}

char *pic__wgfile_word(char **at)
{
        char *word, *comma;

        while (*at != NULL) {
                word = *at;
                comma = strchr(word, ',');
                *at = comma != NULL ? comma + 1 : NULL;
                if (comma != NULL)
                        *comma = '\0';
                word = trim(word);
                if (*word != '\0')
                        return word;
        }
        return NULL;
}

/* --- what a file is ------------------------------------------------------------------------------------------- */

static void look_at(pic__wglook *l, const pic__wgline *line, int *in_peer)
{
        uint8_t key[32], public_key[32];

        if (line->what == PIC__WG_SECTION) {
                *in_peer = pic__same_name(line->key, "Peer");
                l->peers += *in_peer != 0;
                l->is_wg |= pic__same_name(line->key, "Interface");
        }
        if (line->what != PIC__WG_PAIR)
                return;
        if (!*in_peer && pic__same_name(line->key, "ListenPort"))
                l->has_port = 1;
        if (!*in_peer && pic__same_name(line->key, "PrivateKey") && pic__key_decode(line->value, key) == 0) {
                pic__wg_public(key, public_key);
                pic__key_encode(public_key, l->own_key);
                pic__wipe(key, sizeof(key));
        }
        if (*in_peer && pic__same_name(line->key, "Endpoint"))
                l->endpoints++;
        if (*in_peer && l->peers == 1 && pic__same_name(line->key, "PublicKey") &&
            pic__key_decode(line->value, key) == 0)
                pic__key_encode(key, l->peer_key);
}

void pic__wgfile_look(const char *text, size_t len, pic__wglook *ret)
{
        pic__wgreader r;
        pic__wgline line;
        int in_peer = 0;

        *ret = (pic__wglook){ 0 };
        if (pic__wgreader_start(&r, text, len) == NULL)
                while (pic__wgreader_next(&r, &line))
                        look_at(ret, &line, &in_peer);
        pic__wgreader_wipe(&r);
}

int pic__wglook_is_client(const pic__wglook *l)
{
        return l->is_wg && l->peers == 1 && l->endpoints == 1 && !l->has_port;
}

/* --- names in comments ---------------------------------------------------------------------------------------- */

/* Behind `word` and what may separate it from its value; NULL when the comment does not begin so. */
static const char *behind(const char *text, const char *word, const char *marks)
{
        size_t i;

        for (i = 0; word[i] != '\0'; i++)
                if (pic__lower(text[i]) != word[i])
                        return NULL;
        text += i;
        while (*text == '#') /* "#Name# = anna" */
                text++;
        if (*text == '\0' || (!pic__is_space(*text) && strchr(marks, *text) == NULL))
                return NULL;
        while (pic__is_space(*text))
                text++;
        if (*text != '\0' && strchr(marks, *text) != NULL)
                text++;
        while (pic__is_space(*text))
                text++;
        return *text != '\0' ? text : NULL;
}

static size_t words_of(const char *text)
{
        size_t n = 0;

        for (; *text != '\0'; text++)
                n += !pic__is_space(*text) && (text[1] == '\0' || pic__is_space(text[1]));
        return n;
}

/* Without '#' at its end ("begin anna ###") and what is an id in brackets behind it ("anna (2f1c…)"). */
static size_t end_of(const char *name, int with_id)
{
        size_t len = strlen(name), i;

        while (len > 0 && (name[len - 1] == '#' || pic__is_space(name[len - 1])))
                len--;
        if (with_id && len > 0 && name[len - 1] == ')')
                for (i = len; i > 1; i--)
                        if (name[i - 1] == '(' && pic__is_space(name[i - 2]))
                                return i - 2;
        return len;
}

int pic__wgfile_may_hold_key(const char *text)
{
        size_t run = 0;

        for (; *text != '\0'; text++) {
                run = pic__is_alnum(*text) || *text == '+' || *text == '/' ? run + 1 : 0;
                if (run >= 40)
                        return 1;
        }
        return 0;
}

enum pic__naming pic__wgfile_naming(const char *comment, int hashes, const char **ret_name, size_t *ret_len)
{
        static const struct {
                const char *word;
                const char *marks;
                int hashes; /* at least */
                enum pic__naming what;
        } forms[] = {
                { "name", "=:", 1, PIC__NAMING_FIELD },      { "friendly_name", "=:", 1, PIC__NAMING_FIELD },
                { "client", ":", 1, PIC__NAMING_STRONG },    { "peer:", "", 1, PIC__NAMING_STRONG },
                { "begin_peer", "", 1, PIC__NAMING_STRONG }, { "begin", "", 3, PIC__NAMING_STRONG },
                { "end_peer", "", 1, PIC__NAMING_END },      { "end", "", 3, PIC__NAMING_END },
        };
        const char *name;
        size_t i;

        if (pic__wgfile_may_hold_key(comment))
                return PIC__NAMING_NONE;
        for (i = 0; i < PIC__COUNT(forms); i++) {
                name = hashes >= forms[i].hashes ? behind(comment, forms[i].word, forms[i].marks) : NULL;
                if (name == NULL || (forms[i].what == PIC__NAMING_FIELD && strpbrk(comment, "=:") == NULL))
                        continue;
                *ret_name = name;
                *ret_len = end_of(name, forms[i].marks[0] == ':');
                return *ret_len > 0 ? forms[i].what : PIC__NAMING_NONE;
        }
        if (comment[0] == '\0' || strlen(comment) > 64 || words_of(comment) > 4 || strpbrk(comment, "=[]") != NULL)
                return PIC__NAMING_NONE;
        *ret_name = comment;
        *ret_len = end_of(comment, 0);
        return *ret_len > 0 ? PIC__NAMING_WEAK : PIC__NAMING_NONE;
}
