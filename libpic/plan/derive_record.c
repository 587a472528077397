/* Owns: what follows from one of the owner's own names, and which names follow from changes of others: an alias has the
 * data of what it leads to, because unbound follows no alias inside its own zone and devices do not either. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/own.h"
#include "model/record.h"
#include "model/service.h"
#include "model/text.h"
#include "plan/derive_in.h"
#include "plan/names.h"
#include "plan/touch.h"

enum { TTL = 60, PART = 255 };

/* Data of one name and type, in order, each once. */
typedef PIC__VEC(char *) datavec;

struct record {
        pic__derive *d;
        const pic_obj *o;
        const char *why;
        pic__buf name; /* with its dot */
        pic__buf *own; /* where data go that are no items of their own; NULL: they are */
        datavec data;
};

static void record_free(struct record *r)
{
        pic__buf_free(&r->name);
        pic__vec_free(&r->data); /* texts are the arena's */
}

static int by_text(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add(struct record *r, const char *text, size_t len, pic_error **err)
{
        char *copy = pic__arena_dup(&r->d->out->arena, text, len);

        return copy == NULL || pic__vec_push(&r->data, copy) < 0 ? pic__nomem(err) : 0;
}

/* Of a name in somebody's zone: part of the server. */
static int put_aside(struct record *r, const char *type, size_t n, pic_error **err)
{
        size_t i;

        for (i = 0; i < n; i++) {
                if (i > 0 && strcmp(r->data.at[i], r->data.at[i - 1]) == 0)
                        continue;
                if (r->own->len > 0)
                        pic__buf_putc(r->own, '+');
                pic__own_put(r->own, type, r->data.at[i]);
        }
        return r->own->failed ? pic__nomem(err) : 0;
}

/* The data gathered so far as one item, if there is any. */
static int put(struct record *r, const char *type, pic_error **err)
{
        pic__derive *d = r->d;
        long long ttl = (long long)pic__obj_int(r->o, "ttl");
        size_t i, n = r->data.count;

        r->data.count = 0;
        if (n == 0)
                return 0;
        qsort(r->data.at, n, sizeof(r->data.at[0]), by_text);
        if (r->own != NULL)
                return put_aside(r, type, n, err);
        pic__buf_put(&d->key, r->name.data, r->name.len);
        pic__buf_putc(&d->key, ' ');
        pic__buf_puts(&d->key, type);
        for (i = 0; i < n; i++) {
                if (i > 0 && strcmp(r->data.at[i], r->data.at[i - 1]) == 0)
                        continue;
                if (i > 0)
                        pic__buf_putc(&d->value, ',');
                pic__buf_puts(&d->value, r->data.at[i]);
        }
        if (ttl != TTL)
                pic__buf_putf(&d->value, " ttl=%lld", ttl);
        return pic__derive_put(d, PIC__I_DNS_RECORD, NULL, r->why, err);
}

static int put_addresses(struct record *r, const pic_obj *from, int family, pic_error **err)
{
        static const char *const types[PIC__FAMILIES] = { "A", "AAAA" };
        const char *const fields[] = { family == PIC__V4 ? "address4" : "address6", "addresses" };
        const char *at = pic__obj_text(from, fields[from->kind == PIC__RECORD]);
        char one[PIC__ADDR_TEXT];
        int bad = 0;

        if (from->kind == PIC__CELL) {
                pic__addr_print(&r->d->self[family], one);
                bad = add(r, one, strlen(one), err);
                return bad < 0 ? bad : put(r, types[family], err);
        }
        while (bad == 0 && pic__list_next(&at, one, sizeof(one)))
                if ((strchr(one, ':') != NULL) == (family == PIC__V6))
                        bad = add(r, one, strlen(one), err);
        return bad < 0 ? bad : put(r, types[family], err);
}

/* "10 mail" -> "10 mail.home.internal." */
static int put_hosts(struct record *r, const pic_obj *from, const char *field, const char *type, pic_error **err)
{
        const char *at = pic__obj_text(from, field);
        char one[PIC__RDATA_TEXT];
        int bad = 0;

        while (bad == 0 && pic__list_next(&at, one, sizeof(one))) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;
                const char *host = strrchr(one, ' ') + 1; /* the parser saw to it */

                pic__buf_put(&text, one, (size_t)(host - one));
                pic__record_full(r->d->cell, host, &text);
                bad = text.failed ? pic__nomem(err) : add(r, text.data, text.len, err);
        }
        return bad < 0 ? bad : put(r, type, err);
}

/* In parts, as unbound writes them. What would end a list or a quoted word of its configuration is written by number,
 * as all is that is not ASCII. */
static void put_parts(const char *bytes, size_t len, pic__buf *out)
{
        size_t i;

        pic__buf_putc(out, '"');
        for (i = 0; i < len; i++) {
                unsigned char c = (unsigned char)bytes[i];

                if (i > 0 && i % PART == 0)
                        pic__buf_puts(out, "\" \"");
                if (c < ' ' || c > '~' || c == ',' || c == '\'')
                        pic__buf_putf(out, "\\%03u", c);
                else if (c == '"' || c == '\\')
                        pic__buf_putf(out, "\\%c", c);
                else
                        pic__buf_putc(out, (char)c);
        }
        pic__buf_putc(out, '"');
}

static int put_texts(struct record *r, const pic_obj *from, pic_error **err)
{
        const char *at = pic__obj_text(from, "txt");
        char one[PIC__RDATA_TEXT], bytes[PIC__TXT_MAX];
        int bad = 0;

        while (bad == 0 && pic__list_next(&at, one, sizeof(one))) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;

                put_parts(bytes, pic__txt_bytes(one, bytes), &text);
                bad = text.failed ? pic__nomem(err) : add(r, text.data, text.len, err);
        }
        return bad < 0 ? bad : put(r, "TXT", err);
}

/* What `from` has, under the name of the record: itself, or what its alias leads to. */
static int put_data(struct record *r, const pic_obj *from, pic_error **err)
{
        int bad = put_addresses(r, from, PIC__V4, err);

        if (bad == 0)
                bad = put_addresses(r, from, PIC__V6, err);
        if (bad < 0 || from->kind != PIC__RECORD)
                return bad;
        bad = put_hosts(r, from, "mx", "MX", err);
        if (bad == 0)
                bad = put_hosts(r, from, "srv", "SRV", err);
        return bad < 0 ? bad : put_texts(r, from, err);
}

/* The record that answers for a name that nobody has: "*.dev" for x.dev, else "*". */
static const pic_obj *wildcard(const pic__derive *d, const char *name)
{
        char star[PIC__RECORD_NAME_MAX + 1];
        const pic_obj *o = NULL;
        const char *dot;

        for (dot = strchr(name, '.'); o == NULL && dot != NULL; dot = strchr(dot + 1, '.'))
                if ((size_t)snprintf(star, sizeof(star), "*%s", dot) < sizeof(star))
                        o = pic__snap_named(d->snap, PIC__RECORD, star);
        return o != NULL ? o : pic__snap_named(d->snap, PIC__RECORD, "*");
}

/* What an alias ends at: a record, an active device, a service that is on, the cell; NULL: nothing that is there. */
static const pic_obj *follow(const pic__derive *d, const pic_obj *o)
{
        char name[PIC__RDATA_TEXT];
        const pic_obj *at = o;
        int steps;

        for (steps = 0; at != NULL && pic__obj_text(at, "cname")[0] != '\0'; steps++) {
                const pic_obj *peer;

                if (steps == PIC__ALIAS_MAX ||
                    !pic__record_inside(d->cell, pic__obj_text(at, "cname"), name, sizeof(name)))
                        return NULL;
                if (strcmp(name, "@") == 0 || strcmp(name, "cell") == 0)
                        return d->cell;
                peer = pic__snap_named(d->snap, PIC__PEER, name);
                if (peer != NULL && pic__snap_active(d->snap, peer))
                        return peer;
                at = pic__snap_named(d->snap, PIC__SERVICE, name);
                if (at != NULL)
                        return pic__service_on(d->snap, at) ? at : NULL;
                at = pic__snap_named(d->snap, PIC__RECORD, name);
                if (at == NULL)
                        at = wildcard(d, name);
        }
        return at;
}

static int put_alias(struct record *r, pic_error **err)
{
        const pic_obj *target = follow(r->d, r->o);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int bad;

        pic__record_full(r->d->cell, pic__obj_text(r->o, "cname"), &text);
        bad = text.failed ? pic__nomem(err) : add(r, text.data, text.len, err);
        if (bad == 0)
                bad = put(r, "CNAME", err);
        return bad < 0 || target == NULL ? bad : put_data(r, target, err);
}

/* Private space outside of the cell's networks: inside, addresses are devices', and lead back to them. Public addresses
 * have their owner's names. */
static int leads_back(const pic__derive *d, const pic__addr *a)
{
        int family = a->family == 4 ? PIC__V4 : PIC__V6;
        const pic__range *lan;
        size_t count, i;

        if (pic__prefix_has(&d->net[family], a) || (a->family == 6 && a->bytes[0] != 0xfd))
                return 0;
        lan = pic__ranges_lan(a->family, &count);
        for (i = 0; i < count; i++)
                if (pic__addr_cmp(a, &lan[i].first) >= 0 && pic__addr_cmp(a, &lan[i].last) <= 0)
                        return 1;
        return 0;
}

/* Of several records with one address the first that was made. */
static int put_back(struct record *r, pic_error **err)
{
        const char *at = pic__obj_text(r->o, "addresses");
        char one[PIC__ADDR_TEXT];
        int bad = 0;

        while (bad == 0 && pic__list_next(&at, one, sizeof(one))) {
                const pic_obj *first = NULL;
                size_t walk = 0;
                pic__addr a;

                if (pic__addr_parse(one, &a) < 0 || !leads_back(r->d, &a))
                        continue;
                do
                        first = pic__snap_next_pointing(r->d->snap, one, &walk);
                while (first != NULL && pic__obj_name(first)[0] == '*');
                if (first == NULL || first->id != r->o->id)
                        continue;
                pic__ptr_name(&a, &r->d->key);
                pic__buf_puts(&r->d->key, " PTR");
                pic__buf_put(&r->d->value, r->name.data, r->name.len);
                bad = pic__derive_put(r->d, PIC__I_DNS_RECORD, NULL, r->why, err);
        }
        return bad;
}

int pic__derive_record(pic__derive *d, const pic_obj *o, pic_error **err)
{
        PIC__AUTO(record_free) struct record r = { d, o, NULL, PIC__BUF_INIT, NULL, PIC__VEC_INIT };
        int bad;

        if (!pic__derive_wants(d, PIC__B_DNS))
                return 0;
        r.why = pic__derive_why(d, "record ", pic__obj_name(o));
        pic__record_full(d->cell, pic__obj_name(o), &r.name);
        if (r.why == NULL || r.name.failed)
                return pic__nomem(err);
        if (pic__own_is(pic__obj_name(o))) /* its data are the server's */
                return put_back(&r, err);
        if (pic__obj_text(o, "cname")[0] != '\0')
                return put_alias(&r, err);
        bad = put_data(&r, o, err);
        return bad < 0 ? bad : put_back(&r, err);
}

static int own_of(pic__derive *d, const pic_obj *o, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf data = PIC__BUF_INIT;
        PIC__AUTO(record_free) struct record r = { d, o, NULL, PIC__BUF_INIT, &data, PIC__VEC_INIT };
        const char *name = pic__obj_name(o);
        int bad = pic__obj_text(o, "cname")[0] != '\0' ? put_alias(&r, err) : put_data(&r, o, err);

        if (bad == 0 && data.len > 0)
                pic__buf_putf(out, "%s%.*s/%lld/%s", out->len > 0 ? "," : "", (int)strlen(name) - 1, name,
                              (long long)pic__obj_int(o, "ttl"), pic__buf_str(&data));
        return bad;
}

int pic__derive_own(pic__derive *d, pic__buf *out, pic_error **err)
{
        const pic_obj *o;
        size_t at = 0;
        int r = 0;

        while (r == 0 && (o = pic__snap_next(d->snap, PIC__RECORD, &at)) != NULL)
                if (pic__own_is(pic__obj_name(o)))
                        r = own_of(d, o, out, err);
        return r;
}

/* --- which records changes touch ------------------------------------------------------------------------------- */

struct spread {
        const pic__snap *snap;
        pic__idvec *to;
        PIC__VEC(const pic_obj *) stars; /* wildcards whose aliases were looked for */
        int depth;
};

static int touch_aliases(struct spread *s, const pic_obj *o);

static int touch_pointing(struct spread *s, const char *key, int alias)
{
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next_pointing(s->snap, key, &at)) != NULL)
                if (pic__vec_push(s->to, o->id) < 0 || (alias && touch_aliases(s, o) < 0))
                        return -1;
        return 0;
}

/* Aliases of a name, and their aliases. */
static int touch_named(struct spread *s, const char *name)
{
        pic__auto_buf pic__buf word = PIC__BUF_INIT, full = PIC__BUF_INIT;
        int r;

        if (s->depth == PIC__ALIAS_MAX)
                return 0;
        s->depth++;
        pic__buf_putc(&word, '>');
        pic__buf_puts(&word, name);
        pic__buf_putc(&full, '>');
        pic__record_full(pic__snap_cell(s->snap), name, &full);
        r = word.failed || full.failed ? -1 : touch_pointing(s, pic__buf_str(&word), 1);
        if (r == 0)
                r = touch_pointing(s, pic__buf_str(&full), 1);
        s->depth--;
        return r;
}

/* Of names that only a wildcard may have, all there are ("*.dev": those that end in ".dev"). */
static int touch_below(struct spread *s, const char *base)
{
        const pic__snap *snap = s->snap;
        char name[PIC__RDATA_TEXT];
        const pic_obj *o;
        size_t at = 0, len;

        while ((o = pic__snap_next(snap, PIC__RECORD, &at)) != NULL) {
                if (pic__obj_text(o, "cname")[0] == '\0' ||
                    !pic__record_inside(pic__snap_cell(snap), pic__obj_text(o, "cname"), name, sizeof(name)))
                        continue;
                len = strlen(name);
                if (len > strlen(base) && strcmp(name + len - strlen(base), base) == 0 &&
                    (pic__vec_push(s->to, o->id) < 0 || touch_aliases(s, o) < 0))
                        return -1;
        }
        return 0;
}

/* Each wildcard once, however deep: its circles have no end. */
static int touch_star(struct spread *s, const pic_obj *o, const char *base)
{
        int depth = s->depth, r;
        size_t i;

        for (i = 0; i < s->stars.count; i++)
                if (s->stars.at[i] == o)
                        return 0;
        s->depth = 0;
        r = pic__vec_push(&s->stars, o) < 0 ? -1 : touch_below(s, base);
        s->depth = depth;
        return r;
}

static int touch_aliases(struct spread *s, const pic_obj *o)
{
        char name[PIC__RECORD_NAME_MAX + 1];

        pic__fold(pic__obj_name(o), name, sizeof(name));
        if (name[0] == '*' && touch_star(s, o, name + 1) < 0)
                return -1;
        return touch_named(s, name);
}

static int touch_object(struct spread *s, const pic_obj *o)
{
        const char *at = o != NULL && o->kind == PIC__RECORD ? pic__obj_text(o, "addresses") : "";
        char address[PIC__ADDR_TEXT];

        if (o == NULL)
                return 0;
        while (pic__list_next(&at, address, sizeof(address)))
                if (touch_pointing(s, address, 0) < 0)
                        return -1;
        return touch_aliases(s, o);
}

static int by_id(const void *a, const void *b)
{
        const pic_id *left = a, *right = b;

        return (*left > *right) - (*left < *right);
}

/* As it is, and as it will be. */
static int touch_changed(struct spread *s, const pic__change *change)
{
        if (change->kind == PIC__RECORD && pic__vec_push(s->to, change->id) < 0)
                return -1;
        if (change->kind != PIC__RECORD && change->kind != PIC__PEER && change->kind != PIC__SERVICE)
                return 0;
        return touch_object(s, pic__snap_get(s->snap, change->kind, change->id)) < 0 ||
                               touch_object(s, change->after) < 0
                       ? -1
                       : 0;
}

static void settle(pic__idvec *v)
{
        size_t i, n = 0;

        if (v->count > 0)
                qsort(v->at, v->count, sizeof(v->at[0]), by_id);
        for (i = 0; i < v->count; i++)
                if (n == 0 || v->at[n - 1] != v->at[i])
                        v->at[n++] = v->at[i];
        v->count = n;
}

static int touch_all(struct spread *s, const pic__change *changes, size_t count, const pic__touches *peers)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (touch_changed(s, &changes[i]) < 0)
                        return -1;
        for (i = 0; i < peers->count; i++)
                if (peers->at[i].whole && touch_object(s, pic__snap_get(s->snap, PIC__PEER, peers->at[i].id)) < 0)
                        return -1;
        return 0;
}

int pic__touch_records(const pic__snap *snap, const pic__change *changes, size_t count, const pic__touches *peers,
                       pic__idvec *ret)
{
        struct spread s = { snap, ret, PIC__VEC_INIT, 0 };
        int r;

        if (pic__snap_cell(snap) == NULL || (pic__snap_count(snap, PIC__RECORD) == 0 && count == 0))
                return 0;
        r = touch_all(&s, changes, count, peers);
        pic__vec_free(&s.stars);
        settle(ret);
        return r;
}
