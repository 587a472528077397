/* Owns: a device's own file, found beside its server's: it has what the server does not know, the private key. */
#include <string.h>

#include "household/wgfile.h"
#include "model/key.h"
#include "model/text.h"

struct client {
        pic__household *h;
        pic__wgreader in;
        const char *file;
        pic__device *d;
        int in_peer;
        int keepalive; /* seconds; 0: none is said */
        int full;      /* it sends everything */
        int allowed;   /* something is said of that */
        unsigned line;
};

void pic__household_index(pic__household *h)
{
        size_t i;

        for (i = 0; i < h->devices.count && !h->failed; i++) {
                pic__device *d = h->devices.at[i];

                if (d->public_key != NULL && pic__map_get(&h->by_key, d->public_key, strlen(d->public_key)) == NULL)
                        h->failed |= pic__map_set(&h->by_key, d->public_key, strlen(d->public_key), d) < 0;
        }
}

static pic__spot here(const struct client *c)
{
        return (pic__spot){ c->file, c->line };
}

/* The server's list counts; what the device thinks it is has to be in it. */
static void take_address(struct client *c, const char *text)
{
        const pic__allowed *a;
        pic__prefix p = { 0 };
        char alone[64];

        if (strlen(text) >= sizeof(alone))
                return;
        memcpy(alone, text, strlen(text) + 1);
        alone[strcspn(alone, "/")] = '\0';
        if (pic__addr_parse(alone, &p.addr) < 0) {
                pic__household_tell(c->h, PIC__TALE_LOST, here(c), c->d, "Address", NULL, "Address: '%.*s' is none", 60,
                                    text);
                return;
        }
        for (a = c->d->allowed; a != NULL; a = a->next)
                if (pic__prefix_has(&a->prefix, &p.addr))
                        return;
        pic__household_tell(c->h, PIC__TALE_NOTE, here(c), c->d, "Address", NULL,
                            "it calls itself %s, which the server did not take from it", alone);
}

static void take_list(struct client *c, char *list, void (*take)(struct client *c, const char *word))
{
        char *word;

        while ((word = pic__wgfile_word(&list)) != NULL)
                take(c, word);
}

static void take_dns(struct client *c, const char *text)
{
        pic__household_dns(c->h, text, c->d, here(c), "DNS");
}

static void take_allowed(struct client *c, const char *text)
{
        size_t len = strlen(text);

        c->allowed = 1;
        if (len > 2 && strcmp(text + len - 2, "/0") == 0)
                c->full = 1;
}

static void command(struct client *c, const pic__wgline *l)
{
        pic__household_tell(c->h, PIC__TALE_NOTE, here(c), c->d, "command", NULL,
                            "%s is a command of the device itself, and not in configurations made here: %.*s", l->key,
                            300, l->value);
}

static void interface_pair(struct client *c, const pic__wgline *l)
{
        if (pic__same_name(l->key, "PrivateKey"))
                (void)pic__household_key(c->h, l->value, c->d, here(c), "PrivateKey", &c->d->private_key);
        else if (pic__same_name(l->key, "Address"))
                take_list(c, l->value, take_address);
        else if (pic__same_name(l->key, "DNS"))
                take_list(c, l->value, take_dns);
        else if (pic__same_name(l->key, "PostUp") || pic__same_name(l->key, "PreUp") ||
                 pic__same_name(l->key, "PostDown") || pic__same_name(l->key, "PreDown"))
                command(c, l);
        else if (!pic__same_name(l->key, "MTU")) /* each device has the cell's */
                pic__household_tell(c->h, PIC__TALE_NOTE, here(c), c->d, NULL, NULL,
                                    "a setting of the device itself, which is not in configurations made here");
}

static void peer_pair(struct client *c, const pic__wgline *l)
{
        if (pic__same_name(l->key, "PresharedKey"))
                (void)pic__household_key(c->h, l->value, c->d, here(c), "PresharedKey", &c->d->preshared);
        else if (pic__same_name(l->key, "Endpoint"))
                pic__household_endpoint(c->h, l->value, c->d, here(c), "Endpoint");
        else if (pic__same_name(l->key, "AllowedIPs"))
                take_list(c, l->value, take_allowed);
        else if (pic__same_name(l->key, "PersistentKeepalive") && !pic__same_name(l->value, "off")) {
                int64_t n = pic__household_number(c->h, l->value, 0, 65535, here(c), "PersistentKeepalive");

                c->keepalive = n > 0 ? (int)n : 0;
        }
}

static void read_lines(struct client *c)
{
        pic__wgline l;

        while (!c->h->failed && pic__wgreader_next(&c->in, &l)) {
                c->line = l.number;
                if (l.what == PIC__WG_SECTION)
                        c->in_peer = pic__same_name(l.key, "Peer");
                else if (l.what == PIC__WG_PAIR && c->in_peer)
                        peer_pair(c, &l);
                else if (l.what == PIC__WG_PAIR)
                        interface_pair(c, &l);
                else if (l.what == PIC__WG_JUNK || l.what == PIC__WG_LONG)
                        pic__household_tell(c->h, PIC__TALE_LOST, here(c), c->d, NULL, NULL,
                                            "a line that cannot be understood");
        }
}

static pic__device *find(pic__household *h, const pic__wglook *look, pic__spot at)
{
        pic__device *d = pic__map_get(&h->by_key, look->own_key, strlen(look->own_key));

        if (d == NULL)
                pic__household_tell(h, PIC__TALE_LOST, at, NULL, NULL,
                                    "if that device shall be here too: pic peer add NAME",
                                    "the server knows no device with its key: it was removed there, or is another's");
        return d;
}

void pic__wgclient_read(pic__household *h, const char *text, size_t len, const char *file, const char *stem)
{
        struct client c = { .h = h, .file = file };
        pic__wglook look;

        pic__wgfile_look(text, len, &look);
        c.d = find(h, &look, (pic__spot){ file, 0 });
        if (c.d != NULL && pic__wgreader_start(&c.in, text, len) == NULL) {
                pic__household_call(h, c.d, stem, strlen(stem));
                read_lines(&c);
                c.d->keepalive = c.keepalive;
                if (c.allowed)
                        c.d->tunnel = c.full ? "full" : "split";
        }
        pic__wgreader_wipe(&c.in);
}
