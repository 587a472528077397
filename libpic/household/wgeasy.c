/* Owns: wg0.json of wg-easy up to version 14: the server's pair and address, and a map of clients. What its container
 * was told in its environment (host, DNS, keepalive, password) is in no file, so it is asked for. */
#include "household/wgeasy.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "codec/json_in.h"
#include "household/wgfile.h"
#include "model/text.h"

static pic__spot spot(const char *file, const pic__node *n)
{
        return (pic__spot){ file, n->line };
}

static pic__spot place(const char *file, const pic__node *map, const char *key)
{
        const pic__node *n = pic__node_get(map, key);

        return spot(file, n != NULL ? n : map);
}

/* What is known and says nothing that a cell wants. */
static int is_plain(const char *key)
{
        static const char *const keys[] = { "id",   "createdAt", "updatedAt", "publicKey", "privateKey", "preSharedKey",
                                            "name", "address",   "enabled",   "expiredAt", "expireAt",   "allowedIPs" };
        size_t i;

        for (i = 0; i < PIC__COUNT(keys); i++)
                if (strcmp(keys[i], key) == 0)
                        return 1;
        return 0;
}

static void tell_rest(pic__household *h, const pic__device *d, const pic__node *map, const char *file)
{
        const pic__node *n;

        for (n = map->first; n != NULL; n = n->next) {
                if (is_plain(n->key) || n->type == PIC__N_NULL)
                        continue;
                if (strncmp(n->key, "oneTimeLink", 11) == 0)
                        pic__household_tell(h, PIC__TALE_UNSAFE, spot(file, n), d, "oneTimeLink",
                                            "here: pic peer link NAME",
                                            "a link that gave its configuration to whoever had it: not taken");
                else
                        pic__household_tell(h, PIC__TALE_LOST, spot(file, n), d, NULL, NULL,
                                            "'%.*s' is not known: not taken", 60, n->key);
        }
}

static void take_expiry(pic__household *h, pic__device *d, const pic__node *map, const char *file)
{
        const char *key = pic__node_get(map, "expiredAt") != NULL ? "expiredAt" : "expireAt";
        const char *text = pic__node_str(map, key, NULL);

        if (text != NULL)
                pic__household_expiry(h, d, text, place(file, map, key), key);
}

static void take_client(pic__household *h, const pic__node *n, const char *file)
{
        pic__device *d = pic__household_add(h, spot(file, n));
        const char *name = pic__node_str(n, "name", "");

        if (d == NULL)
                return;
        if (n->type != PIC__N_MAP) {
                d->dropped = 1;
                pic__household_tell(h, PIC__TALE_LOST, d->at, NULL, NULL, NULL, "a client that is none: left out");
                return;
        }
        pic__household_call(h, d, name, strlen(name));
        (void)pic__household_key(h, pic__node_str(n, "publicKey", NULL), d, place(file, n, "publicKey"), "publicKey",
                                 &d->public_key);
        (void)pic__household_key(h, pic__node_str(n, "privateKey", NULL), d, place(file, n, "privateKey"), "privateKey",
                                 &d->private_key);
        (void)pic__household_key(h, pic__node_str(n, "preSharedKey", NULL), d, place(file, n, "preSharedKey"),
                                 "preSharedKey", &d->preshared);
        if (pic__node_str(n, "address", "")[0] != '\0')
                pic__household_allow(h, d, pic__node_str(n, "address", ""), place(file, n, "address"), "address");
        d->disabled = !pic__node_bool(n, "enabled", 1);
        take_expiry(h, d, n, file);
        tell_rest(h, d, n, file);
}

static void take_server(pic__household *h, const pic__node *server, const char *file)
{
        const char *own = pic__node_str(server, "address", "");
        char address[64];

        (void)pic__household_key(h, pic__node_str(server, "privateKey", NULL), NULL, place(file, server, "privateKey"),
                                 "privateKey", &h->private_key);
        snprintf(address, sizeof(address), "%.50s%s", own, strchr(own, '/') == NULL ? "/24" : ""); /* as wg-easy does */
        if (own[0] != '\0')
                pic__household_own(h, address, place(file, server, "address"), "address");
        tell_rest(h, NULL, server, file);
}

static void tell_environment(pic__household *h)
{
        pic__household_tell(h, PIC__TALE_LOST, h->at, NULL, "WG_HOST",
                            "say it: --endpoint HOST:PORT; look for WG_HOST and WG_PORT where the container is started",
                            "where devices find the server is in the container's environment, not in its files");
        pic__household_tell(h, PIC__TALE_LOST, h->at, NULL, "WG_DEFAULT_DNS", "pic cell set --upstreams ADDRESS,…",
                            "DNS servers, keepalive and MTU are there as well: not taken");
        pic__household_tell(h, PIC__TALE_LOST, h->at, NULL, "PASSWORD_HASH", "pic user add NAME",
                            "so is the page's password: not taken, here users have their own");
}

int pic__wgeasy_json(pic__household *h, const char *text, size_t len, const char *file, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *root, *server, *clients, *n;
        int r = pic__doc_json(text, len, file, &doc, err);

        if (r < 0)
                return r;
        root = pic__doc_root(doc);
        server = root->type == PIC__N_MAP ? pic__node_map(root, "server") : NULL;
        clients = root->type == PIC__N_MAP ? pic__node_map(root, "clients") : NULL;
        if (server == NULL || clients == NULL)
                return pic__fail(err, PIC_SYNTAX, "%s: is no wg0.json of wg-easy: it has no 'server' and 'clients'",
                                 file);
        h->at = spot(file, server);
        take_server(h, server, file);
        for (n = clients->first; n != NULL && !h->failed; n = n->next)
                take_client(h, n, file);
        for (n = root->first; n != NULL; n = n->next)
                if (n != server && n != clients)
                        pic__household_tell(h, PIC__TALE_LOST, spot(file, n), NULL, NULL, NULL,
                                            "'%.*s' is not known: not taken", 60, n->key);
        tell_environment(h);
        return 0;
}

void pic__wgeasy_conf(pic__household *h, const char *text, size_t len, const char *file)
{
        pic__wgreader in;
        pic__wgline l;
        int inside = 0;

        if (pic__wgreader_start(&in, text, len) != NULL)
                return;
        while (!h->failed && pic__wgreader_next(&in, &l)) {
                pic__spot at = { file, l.number };

                if (l.what == PIC__WG_SECTION)
                        inside = pic__same_name(l.key, "Interface");
                if (l.what != PIC__WG_PAIR || !inside)
                        continue;
                if (pic__same_name(l.key, "ListenPort")) {
                        int64_t n = pic__household_number(h, l.value, 1, 65535, at, "ListenPort");

                        h->listen_port = n > 0 ? n : 0;
                } else if (strncmp(l.key, "Post", 4) == 0 || strncmp(l.key, "Pre", 3) == 0) {
                        const char *word = pic__household_dup(h, l.key, strlen(l.key));

                        if (word != NULL)
                                pic__household_command(h, NULL, l.value, at, word);
                }
        }
        pic__wgreader_wipe(&in);
}
