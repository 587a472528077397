/* Owns: names of devices: what they were called becomes what a device can be called here, each once. */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "household/household.h"
#include "model/field.h"
#include "model/obj.h"
#include "model/text.h"

enum { NAME = 64, KEEP = 52 /* leaves room for a number */ };

/* Letters of Latin-1 and Latin Extended-A without their marks, as far as names have them: two bytes of UTF-8 each. */
static const struct {
        const char *from;
        const char *to;
} plain[] = {
        { "ä", "ae" },
        { "ö", "oe" },
        { "ü", "u"
               "e" },
        { "Ä", "Ae" },
        { "Ö", "Oe" },
        { "Ü", "U"
               "e" },
        { "ß", "ss" },
        { "à", "a" },
        { "á", "a" },
        { "â", "a" },
        { "ã", "a" },
        { "å", "a" },
        { "ç", "c" },
        { "è", "e" },
        { "é", "e" },
        { "ê", "e" },
        { "ë", "e" },
        { "ì", "i" },
        { "í", "i" },
        { "î", "i" },
        { "ï", "i" },
        { "ñ", "n" },
        { "ò", "o" },
        { "ó", "o" },
        { "ô", "o" },
        { "õ", "o" },
        { "ø", "o" },
        { "ù", "u" },
        { "ú", "u" },
        { "û", "u" },
        { "ý", "y" },
        { "č", "c" },
        { "ł", "l" },
        { "ř", "r" },
        { "š", "s" },
        { "ž", "z" },
        { "ą", "a" },
        { "ę", "e" },
        { "ć", "c" },
        { "ń", "n" },
        { "ś", "s" },
        { "ź", "z" },
};

static size_t put_plain(const char *at, char *out, size_t *len)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(plain); i++)
                if (strncmp(at, plain[i].from, 2) == 0) {
                        const char *to = plain[i].to;

                        while (*to != '\0' && *len < KEEP)
                                out[(*len)++] = *to++;
                        return 2;
                }
        return 0;
}

/* What is no letter or digit becomes one '-'. "" when nothing is left. */
static void make_plain(const char *was, char out[NAME + 1])
{
        const char *at = was;
        size_t len = 0;

        while (*at != '\0' && len < KEEP) {
                size_t took = put_plain(at, out, &len);

                if (took > 0) {
                        at += took;
                        continue;
                }
                if (pic__is_alnum(*at) || (len > 0 && *at == '_') || (len > 0 && *at == '.' && out[len - 1] != '.'))
                        out[len++] = *at;
                else if (strchr("'._", *at) == NULL && len > 0 && out[len - 1] != '-')
                        out[len++] = '-';
                at++;
        }
        while (len > 0 && !pic__is_alnum(out[len - 1]))
                len--;
        out[len] = '\0';
}

static int is_refused(const char *name)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;

        return pic__obj_new(PIC__PEER, &o, NULL) < 0 || pic__obj_set(o, "name", name, 0, NULL) < 0;
}

/* Folded: names differ by more than letter case. */
static int is_taken(const pic__map *names, const char *name)
{
        char folded[NAME + 1];

        return pic__fold(name, folded, sizeof(folded)) < 0 || pic__map_get(names, folded, strlen(folded)) != NULL;
}

static void take(pic__household *h, pic__map *names, pic__device *d, const char *name)
{
        char folded[NAME + 1];
        const char *key;

        d->name = pic__household_dup(h, name, strlen(name));
        key = pic__fold(name, folded, sizeof(folded)) == 0 ? pic__household_dup(h, folded, strlen(folded)) : NULL;
        h->failed |= key == NULL || pic__map_set(names, key, strlen(key), d) < 0;
}

/* "anna", "anna-2", "anna-3"… With ten thousand of one name each begins where the last one ended. */
static void choose(pic__household *h, pic__map *names, pic__map *counts, pic__device *d)
{
        char base[NAME + 1], name[NAME + 8 + 1], folded[NAME + 1];
        size_t *next, len;

        make_plain(d->was != NULL ? d->was : "device", base);
        if (base[0] == '\0')
                snprintf(base, sizeof(base), "device");
        if (is_refused(base)) {
                len = strlen(base);
                snprintf(base + len, sizeof(base) - len, "-dev");
        }
        if (is_refused(base))
                snprintf(base, sizeof(base), "device");
        snprintf(name, sizeof(name), "%s", base);
        (void)pic__fold(base, folded, sizeof(folded));
        next = pic__map_get(counts, folded, strlen(folded));
        if (next == NULL) {
                const char *key = pic__household_dup(h, folded, strlen(folded));

                next = pic__arena_alloc(&h->arena, sizeof(*next));
                if (key == NULL || next == NULL || pic__map_set(counts, key, strlen(key), next) < 0) {
                        h->failed = 1;
                        return;
                }
                *next = 2;
        }
        while (is_taken(names, name))
                snprintf(name, sizeof(name), "%s-%zu", base, (*next)++);
        take(h, names, d, name);
}

void pic__household_names(pic__household *h)
{
        pic__map names = PIC__MAP_INIT, counts = PIC__MAP_INIT;
        size_t i;

        for (i = 0; i < h->devices.count && !h->failed; i++) {
                pic__device *d = h->devices.at[i];

                if (d->dropped)
                        continue;
                choose(h, &names, &counts, d);
                if (h->failed)
                        break;
                if (d->was == NULL)
                        pic__household_tell(h, PIC__TALE_CHANGED, d->at, NULL, "name",
                                            "pic peer set NAME --name ANOTHER",
                                            "a device has no name there: it is called %s here", d->name);
                else if (strcmp(d->was, d->name) != 0)
                        pic__household_tell(h, PIC__TALE_CHANGED, d->at, d, "name", NULL, "it is called %s here",
                                            d->name);
        }
        pic__map_free(&names);
        pic__map_free(&counts);
}
