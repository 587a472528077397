/* Owns: from a settled household to wishes. Keys are sealed here and are never a text of a wish; a device's name is the
 * last thing that is still unsure (it may be taken in this cell), and is refused by the run like any other. */
#include "change/household.h"

#include <stdio.h>
#include <string.h>

#include "change/secret.h"
#include "household/report.h"
#include "model/key.h"
#include "sys/crypto.h"

struct taking {
        pic__wishes *w;
        pic__household *h;
        const pic__wish_household *in;
        pic__prefix net[2]; /* of the cell as it will be */
        pic__spot at;       /* of what is being wished */
        const char *file;   /* its name in the wishes' arena */
        const char *from;   /* of which `file` is a copy */
};

/* Wishes outlive the household. */
static const char *keep_file(struct taking *t)
{
        if (t->at.file != NULL && t->at.file != t->from) {
                t->from = t->at.file;
                t->file = pic__arena_dup(&t->w->arena, t->at.file, strlen(t->at.file));
        }
        return t->file;
}

static pic__op op_of(struct taking *t, enum pic__kind kind, const char *name)
{
        return (pic__op){ .kind = kind,
                          .wish = PIC__WISH_SET,
                          .name = name,
                          .mark = t->w->documents,
                          .file = keep_file(t),
                          .line = t->at.line > 0 ? t->at.line : 1,
                          .column = 1 };
}

/* text NULL: nothing is wished. */
static int set(struct taking *t, enum pic__kind kind, const char *name, const char *field, const char *text,
               pic_error **err)
{
        pic__op op = op_of(t, kind, name);
        int r;

        if (text == NULL)
                return 0;
        r = pic__wish_check(kind, field, text, err);
        if (r < 0) {
                if (name != NULL)
                        pic__prefix_msg(err, "peer %s: ", name);
                return r;
        }
        op.field = r;
        op.text = text;
        return pic__wish_push(t->w, &op, err);
}

static int set_key(struct taking *t, enum pic__kind kind, const char *name, const char *field, const char *key,
                   const char *public_key, pic_error **err)
{
        pic__op op = op_of(t, kind, name);
        uint8_t bytes[32];
        int r;

        if (key == NULL)
                return 0;
        op.field = pic__field_find(kind, field);
        r = op.field < 0 || pic__key_decode(key, bytes) < 0 ? pic__fail(err, PIC_INVALID, "%s: is no key", field) : 0;
        if (r == 0)
                r = pic__secret_push_bytes(t->w, &op, bytes, sizeof(bytes), public_key, err);
        pic__wipe(bytes, sizeof(bytes));
        return r;
}

/* --- the cell ------------------------------------------------------------------------------------------------- */

static int set_net(struct taking *t, int i, pic_error **err)
{
        char text[PIC__PREFIX_TEXT];

        if (t->h->net[i].addr.family == 0)
                return 0;
        t->net[i] = t->h->net[i];
        return set(t, PIC__CELL, NULL, i == 0 ? "net4" : "net6", pic__prefix_print(&t->net[i], text), err);
}

static int set_number(struct taking *t, const char *field, int64_t n, int64_t min, int64_t max, pic_error **err)
{
        char text[24];

        if (n == 0)
                return 0;
        if (n < min || n > max) {
                pic__household_tell(t->h, PIC__TALE_LOST, t->h->at, NULL, field, NULL,
                                    "%s: %lld is nothing that a cell can have", field, (long long)n);
                return 0;
        }
        snprintf(text, sizeof(text), "%lld", (long long)n);
        return set(t, PIC__CELL, NULL, field, text, err);
}

static int set_upstreams(struct taking *t, pic_error **err)
{
        pic__auto_buf pic__buf list = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < t->h->dns_count; i++)
                pic__buf_putf(&list, "%s%s", i > 0 ? "," : "", t->h->dns[i]);
        if (list.failed)
                return pic__nomem(err);
        return set(t, PIC__CELL, NULL, "upstreams", list.len > 0 ? pic__buf_str(&list) : NULL, err);
}

static int take_cell(struct taking *t, pic_error **err)
{
        char endpoint[300];
        int r;

        t->at = t->h->at;
        r = set_key(t, PIC__CELL, NULL, "private_key", t->h->private_key, t->h->public_key, err);
        if (r == 0)
                r = set_net(t, 0, err);
        if (r == 0)
                r = set_net(t, 1, err);
        if (r == 0)
                r = set_number(t, "listen_port", t->h->listen_port, 1, 65535, err);
        if (r == 0)
                r = set_number(t, "mtu", t->h->mtu, 1280, 9000, err);
        if (r == 0)
                r = set(t, PIC__CELL, NULL, "endpoint", pic__household_endpoint_text(t->h, endpoint), err);
        return r < 0 ? r : set_upstreams(t, err);
}

/* --- devices -------------------------------------------------------------------------------------------------- */

/* A device that had no IPv6 gets it under the number that it has in IPv4. */
static void add_address6(const struct taking *t, pic__device *d)
{
        uint64_t host;

        if (!t->in->takes_over || t->h->net[1].addr.family != 0 || d->address[1].family != 0 ||
            d->address[0].family == 0)
                return;
        host = pic__addr_sub(&d->address[0], &t->net[0].addr);
        if (host > pic__prefix_hosts(&t->net[1]) || pic__addr_add(&t->net[1].addr, host, &d->address[1]) < 0)
                d->address[1].family = 0;
}

static int set_address(struct taking *t, pic__device *d, int i, pic_error **err)
{
        char text[PIC__ADDR_TEXT];

        if (d->address[i].family == 0)
                return 0;
        pic__addr_print(&d->address[i], text);
        if (pic__prefix_has(&t->net[i], &d->address[i]))
                return set(t, PIC__PEER, d->name, i == 0 ? "address4" : "address6", text, err);
        d->changed = 1;
        pic__household_tell(t->h, PIC__TALE_CHANGED, d->at, d, "address", NULL,
                            "its address %s is not of this cell's network: it gets another", text);
        d->address[i].family = 0;
        return 0;
}

static int set_keys(struct taking *t, const pic__device *d, pic_error **err)
{
        int r = d->private_key == NULL
                        ? set(t, PIC__PEER, d->name, "public_key", d->public_key, err)
                        : set_key(t, PIC__PEER, d->name, "private_key", d->private_key, d->public_key, err);

        if (r == 0 && d->private_key != NULL)
                r = set(t, PIC__PEER, d->name, "key_mode", "kept", err);
        if (r == 0 && d->preshared == NULL)
                return set(t, PIC__PEER, d->name, "preshared", "no", err);
        return r < 0 ? r : set_key(t, PIC__PEER, d->name, "preshared_key", d->preshared, NULL, err);
}

static int set_rest(struct taking *t, const pic__device *d, pic_error **err)
{
        const char *access = d->access != NULL ? d->access : t->in->access;
        char keepalive[16];
        int r;

        snprintf(keepalive, sizeof(keepalive), "%d", d->keepalive);
        r = set(t, PIC__PEER, d->name, "access", access[0] != '\0' ? access : NULL, err);
        if (r == 0)
                r = set(t, PIC__PEER, d->name, "subnets", d->subnets, err);
        if (r == 0)
                r = set(t, PIC__PEER, d->name, "tunnel", d->tunnel, err);
        if (r == 0)
                r = set(t, PIC__PEER, d->name, "keepalive", d->keepalive >= 0 ? keepalive : NULL, err);
        if (r == 0)
                r = set(t, PIC__PEER, d->name, "expires", d->expires, err);
        if (r == 0)
                r = set(t, PIC__PEER, d->name, "enabled", d->disabled ? "no" : NULL, err);
        if (r == 0 && d->was != NULL && strcmp(d->was, d->name) != 0)
                r = set(t, PIC__PEER, d->name, "note", d->was, err);
        return r;
}

static int take_device(struct taking *t, pic__device *d, pic_error **err)
{
        pic__op add;
        int r;

        t->at = d->at;
        add = op_of(t, PIC__PEER, d->name);
        add.wish = PIC__WISH_ADD;
        r = pic__wish_check(PIC__PEER, "name", d->name, err);
        if (r >= 0)
                r = pic__wish_push(t->w, &add, err);
        add_address6(t, d);
        if (r == 0)
                r = set_keys(t, d, err);
        if (r == 0)
                r = set_address(t, d, 0, err);
        if (r == 0)
                r = set_address(t, d, 1, err);
        return r < 0 ? r : set_rest(t, d, err);
}

/* Those with addresses of their own first: what the cell chooses must not be one of theirs. */
static int rank(const pic__device *d)
{
        return 2 * (d->address[0].family == 0) + (d->address[1].family == 0);
}

static int take_devices(struct taking *t, pic_error **err)
{
        int level, r = 0;
        size_t i;

        for (level = 0; level < 4; level++)
                for (i = 0; r == 0 && i < t->h->devices.count; i++)
                        if (!t->h->devices.at[i]->dropped && t->h->devices.at[i]->name != NULL &&
                            !t->h->devices.at[i]->wished && rank(t->h->devices.at[i]) == level) {
                                t->h->devices.at[i]->wished = 1;
                                r = take_device(t, t->h->devices.at[i], err);
                        }
        return r;
}

static void tell_rights(const struct taking *t)
{
        pic__household_tell(t->h, PIC__TALE_NOTE, t->h->at, NULL, "access",
                            "less: --access GRANTS, and pic help grants; for one: pic peer set NAME --access GRANTS",
                            "there every device could reach everything; here each may reach: %s",
                            t->in->access[0] != '\0' ? t->in->access : "nothing");
        if (!t->in->takes_over)
                pic__household_tell(
                        t->h, PIC__TALE_CHANGED, t->h->at, NULL, "PrivateKey",
                        "pic peer config NAME; to be that server instead: a cell of its own, --take-over yes",
                        "this cell keeps its own key and networks: every device needs its new "
                        "configuration before it can connect");
        if (t->in->takes_over)
                pic__household_tell(t->h, PIC__TALE_NOTE, t->h->at, NULL, "PrivateKey",
                                    "systemctl disable --now wg-quick@wg0, or stop the container; then the agent "
                                    "takes its port",
                                    "the cell is that server now, with its key: the old one must not run any more");
}

int pic__wishes_household(pic__wishes *w, pic__household *h, const pic__wish_household *in, pic_error **err)
{
        struct taking t = { .w = w, .h = h, .in = in, .net = { in->net[0], in->net[1] } };
        size_t had = w->ops.count;
        unsigned documents = w->documents;
        int r = pic__crypto_start(err);

        w->documents++;
        if (r == 0 && in->access[0] != '\0')
                r = pic__wish_check(PIC__PEER, "access", in->access, err);
        if (r >= 0)
                r = in->takes_over ? take_cell(&t, err) : 0;
        if (r == 0)
                r = take_devices(&t, err);
        if (r == 0)
                tell_rights(&t);
        if (r == 0 && h->failed)
                r = pic__nomem(err);
        if (r < 0) {
                w->ops.count = had;
                w->documents = documents;
        }
        return r;
}
