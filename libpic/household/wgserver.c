/* Owns: the file of a WireGuard server: its interface, and a device a [Peer], with the names that tools write into
 * comments. */
#include <string.h>

#include "household/wgfile.h"
#include "model/text.h"

enum section { NOWHERE, INTERFACE, PEER, FOREIGN };

struct server {
        pic__household *h;
        pic__wgreader in;
        const char *file;
        enum section section;
        pic__device *d;      /* of the section */
        const char *waiting; /* a name for the next one; the arena's */
        int weak;            /* it is only a comment */
        unsigned line;
};

static pic__spot here(const struct server *s)
{
        return (pic__spot){ s->file, s->line };
}

static void tell_comment(struct server *s, const char *text)
{
        if (text[0] != '\0')
                pic__household_tell(s->h, PIC__TALE_NOTE, here(s), s->d, "comment", NULL, "a comment is not kept: %.*s",
                                    200,
                                    pic__wgfile_may_hold_key(text) ? "(it may hold a key, and is not shown)" : text);
}

static int take_endpoint(struct server *s, const char *comment)
{
        if (strncmp(comment, "ENDPOINT ", 9) != 0 || s->section == PEER)
                return 0;
        pic__household_endpoint(s->h, comment + 9, NULL, here(s), "ENDPOINT");
        return 1;
}

static void wait_for(struct server *s, const char *name, size_t len, int weak)
{
        if (s->waiting != NULL && s->weak)
                tell_comment(s, s->waiting);
        s->waiting = pic__household_dup(s->h, name, len);
        s->weak = weak;
}

/* A name that is said inside of a section, and not for the next one. */
static int is_its_own(const struct server *s, const pic__wgline *l, enum pic__naming what)
{
        const pic__device *d = s->d;

        if (what == PIC__NAMING_NONE || d == NULL || d->was != NULL)
                return 0;
        return what == PIC__NAMING_FIELD || l->what == PIC__WG_PAIR || (d->public_key == NULL && d->allowed == NULL);
}

static void take_comment(struct server *s, const pic__wgline *l)
{
        const char *name = NULL;
        size_t len = 0;
        enum pic__naming what;

        if (take_endpoint(s, l->comment))
                return;
        what = pic__wgfile_naming(l->comment, l->hashes, &name, &len);
        if (what == PIC__NAMING_END)
                return;
        if (is_its_own(s, l, what)) {
                pic__household_call(s->h, s->d, name, len);
                return;
        }
        if (what == PIC__NAMING_STRONG || what == PIC__NAMING_FIELD)
                wait_for(s, name, len, 0);
        else if (what == PIC__NAMING_WEAK && (s->waiting == NULL || s->weak))
                wait_for(s, name, len, 1);
        else
                tell_comment(s, l->comment);
}

/* --- pairs ---------------------------------------------------------------------------------------------------- */

static void take_addresses(struct server *s, char *list, const char *key)
{
        char *word;

        while ((word = pic__wgfile_word(&list)) != NULL)
                pic__household_own(s->h, word, here(s), key);
}

static void take_allowed(struct server *s, char *list)
{
        char *word;

        while (s->d != NULL && (word = pic__wgfile_word(&list)) != NULL)
                pic__household_allow(s->h, s->d, word, here(s), "AllowedIPs");
}

static void not_taken(struct server *s, const char *field, const char *hint, const char *why)
{
        pic__household_tell(s->h, PIC__TALE_LOST, here(s), s->d, field, hint, "%s: not taken: %s", field, why);
}

/* The names of AmneziaWG's keys: Jc, Jmin, Jmax, S1…, H1…, I1…. */
static int is_amnezia(const char *key)
{
        return pic__same_name(key, "Jc") || pic__same_name(key, "Jmin") || pic__same_name(key, "Jmax") ||
               (strchr("SHIshi", key[0]) != NULL && key[0] != '\0' && key[1] >= '1' && key[1] <= '5' && key[2] == '\0');
}

static void unknown(struct server *s, const char *key)
{
        size_t i;

        if (is_amnezia(key)) {
                pic__household_tell(s->h, PIC__TALE_LOST, here(s), s->d, "AmneziaWG",
                                    "devices that use it have to be given a plain WireGuard configuration",
                                    "%s: it belongs to AmneziaWG, which plain WireGuard cannot speak with", key);
                return;
        }
        for (i = 0; pic__is_alnum(key[i]) || key[i] == '_'; i++)
                ;
        if (key[i] == '\0' && i > 0 && i <= 24)
                pic__household_tell(s->h, PIC__TALE_LOST, here(s), s->d, NULL, NULL, "'%s' is not known: not taken",
                                    key);
        else
                pic__household_tell(s->h, PIC__TALE_LOST, here(s), s->d, NULL, NULL, "a line that is not known");
}

static int is_command(const char *key)
{
        return pic__same_name(key, "PreUp") || pic__same_name(key, "PostUp") || pic__same_name(key, "PreDown") ||
               pic__same_name(key, "PostDown");
}

static const char *command_word(const char *key)
{
        static const char *const words[] = { "PreUp", "PostUp", "PreDown", "PostDown" };
        size_t i;

        for (i = 0; i + 1 < PIC__COUNT(words) && !pic__same_name(key, words[i]); i++)
                ;
        return words[i];
}

static void take_number(struct server *s, const char *value, int64_t max, const char *what, int64_t *to)
{
        int64_t n = pic__household_number(s->h, value, 1, max, here(s), what);

        if (n > 0)
                *to = n;
}

static void interface_pair(struct server *s, const pic__wgline *l)
{
        if (pic__same_name(l->key, "PrivateKey"))
                (void)pic__household_key(s->h, l->value, NULL, here(s), "PrivateKey", &s->h->private_key);
        else if (pic__same_name(l->key, "Address"))
                take_addresses(s, l->value, "Address");
        else if (pic__same_name(l->key, "ListenPort"))
                take_number(s, l->value, 65535, "ListenPort", &s->h->listen_port);
        else if (pic__same_name(l->key, "MTU"))
                take_number(s, l->value, 65535, "MTU", &s->h->mtu);
        else if (is_command(l->key))
                pic__household_command(s->h, NULL, l->value, here(s), command_word(l->key));
        else if (pic__same_name(l->key, "DNS"))
                not_taken(s, "DNS", NULL, "it is what the server's machine asked, not its devices");
        else if (pic__same_name(l->key, "SaveConfig"))
                not_taken(s, "SaveConfig", NULL, "what a cell knows is in its store");
        else if (pic__same_name(l->key, "Table"))
                not_taken(s, "Table", NULL, "a cell has routes of its own");
        else if (pic__same_name(l->key, "FwMark"))
                not_taken(s, "FwMark", NULL, "a cell has marks of its own");
        else
                unknown(s, l->key);
}

static void peer_pair(struct server *s, const pic__wgline *l)
{
        pic__device *d = s->d;

        if (d == NULL)
                return; /* one too many: all of it is refused */
        if (pic__same_name(l->key, "PublicKey"))
                (void)pic__household_key(s->h, l->value, d, here(s), "PublicKey", &d->public_key);
        else if (pic__same_name(l->key, "PresharedKey"))
                (void)pic__household_key(s->h, l->value, d, here(s), "PresharedKey", &d->preshared);
        else if (pic__same_name(l->key, "AllowedIPs"))
                take_allowed(s, l->value);
        else if (pic__same_name(l->key, "Endpoint"))
                not_taken(s, "Endpoint", "a device keeps its way open: pic peer set NAME --keepalive 25",
                          "a cell waits to be called, and calls nobody");
        else if (pic__same_name(l->key, "PersistentKeepalive"))
                not_taken(s, "PersistentKeepalive", "pic peer set NAME --keepalive SECONDS",
                          "on the server's side: here the device keeps the way open");
        else
                unknown(s, l->key);
}

static void section(struct server *s, const pic__wgline *l)
{
        s->section = pic__same_name(l->key, "Interface") ? INTERFACE : pic__same_name(l->key, "Peer") ? PEER : FOREIGN;
        s->d = NULL;
        if (s->section == FOREIGN)
                pic__household_tell(s->h, PIC__TALE_LOST, here(s), NULL, NULL, NULL,
                                    "a section that is neither [Interface] nor [Peer]: not taken");
        if (s->section == PEER)
                s->d = pic__household_add(s->h, here(s));
        if (s->d != NULL) {
                s->d->disabled = l->disabled;
                if (s->waiting != NULL)
                        pic__household_call(s->h, s->d, s->waiting, strlen(s->waiting));
        } else if (s->waiting != NULL) {
                tell_comment(s, s->waiting);
        }
        s->waiting = NULL;
}

static void pair(struct server *s, const pic__wgline *l)
{
        if (s->section == INTERFACE)
                interface_pair(s, l);
        else if (s->section == PEER)
                peer_pair(s, l);
        else
                pic__household_tell(s->h, PIC__TALE_LOST, here(s), NULL, NULL, NULL, "a line that is in no section");
}

static void line(struct server *s, const pic__wgline *l)
{
        s->line = l->number;
        if (l->what == PIC__WG_SECTION)
                section(s, l);
        else if (l->what == PIC__WG_PAIR)
                pair(s, l);
        else if (l->what == PIC__WG_JUNK)
                pic__household_tell(s->h, PIC__TALE_LOST, here(s), s->d, NULL, NULL,
                                    "a line that is no section, no KEY = VALUE and no comment");
        else if (l->what == PIC__WG_LONG)
                pic__household_tell(s->h, PIC__TALE_LOST, here(s), s->d, NULL, NULL, "a line that is too long");
        else if (l->comment == NULL && s->waiting != NULL && s->weak) { /* it stood for itself */
                tell_comment(s, s->waiting);
                s->waiting = NULL;
        }
        if (l->comment != NULL)
                take_comment(s, l);
}

void pic__wgserver_read(pic__household *h, const char *text, size_t len, const char *file)
{
        struct server s = { .h = h, .file = file };
        const char *why = pic__wgreader_start(&s.in, text, len);
        pic__wgline l;

        if (h->at.file == NULL)
                h->at = (pic__spot){ file, 0 };
        if (why != NULL)
                pic__household_tell(h, PIC__TALE_LOST, (pic__spot){ file, 0 }, NULL, NULL, NULL, "%s", why);
        else
                while (!h->failed && pic__wgreader_next(&s.in, &l))
                        line(&s, &l);
        if (s.waiting != NULL)
                tell_comment(&s, s.waiting);
        pic__wgreader_wipe(&s.in);
}
