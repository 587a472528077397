/* Owns: records of a running server. unbound can add one record but only remove whole names, so a name that loses or
 * changes one is removed and what it keeps is added again in the next breath; between the two it is answered for from
 * the file behind its zone (behind.c). Steps are gathered by name and go out as two bulk commands a piece. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/dns/control.h"
#include "backend/dns/inside.h"

#define COVER_MAX ((size_t)512 << 10) /* bytes of zone files: those of ten thousand names */

/* One row of steps. */
struct swap {
        pic__map touched; /* name -> flag */
        pic__dns_cover cover;
        int wild; /* one of them is a wildcard */
};

/* One request of each kind, about. */
struct piece {
        pic__buf removals;
        pic__buf additions;
};

static char added_flag, replaced_flag, covered_flag; /* their addresses mark names */

static void swap_free(struct swap *s)
{
        pic__map_free(&s->touched);
        pic__dns_cover_free(&s->cover);
}

static void piece_free(struct piece *p)
{
        pic__buf_free(&p->removals);
        pic__buf_free(&p->additions);
}

static int refuse(const pic__step *step, const char *present, pic_error **err)
{
        const char *key = step->after != NULL ? step->after->key : step->before->key;

        if (step->verb == PIC__ADD && present != NULL)
                return pic__fail(err, PIC_CONFLICT, "record %s is there already: %s", key, present);
        if (step->verb != PIC__ADD && present == NULL)
                return pic__fail(err, PIC_NOTFOUND, "record %s is not there", key);
        return 0;
}

int pic__dns_picture(pic__dns *b, const pic__step *step, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        const char *value = step->after != NULL ? step->after->value : NULL;
        enum pic__dns_type type;
        size_t len;
        int r = pic__dns_record_parse(item->key, value, &len, &type, err);

        if (r < 0)
                return r;
        if (value != NULL && b->server.text != NULL && !pic__dns_server_holds(&b->server, item->key, len))
                return pic__fail(err, PIC_INVALID, "record %s is in no zone of this server", item->key);
        r = refuse(step, pic__dns_names_get(&b->names, item->key, len, type), err);
        if (r < 0)
                return r;
        return pic__dns_names_set(&b->names, item->key, len, type, value) < 0 ? pic__nomem(err) : 0;
}

static int touch(struct swap *s, const pic__step *step, pic_error **err)
{
        const char *key = step->after != NULL ? step->after->key : step->before->key;
        size_t len = strcspn(key, " ");
        /* An alias has to be told before the rest: see value.h. */
        const void *flag = step->verb == PIC__ADD && strcmp(key + len, " CNAME") != 0 ? &added_flag : &replaced_flag;

        if (pic__map_get(&s->touched, key, len) == &replaced_flag)
                flag = &replaced_flag;
        s->wild |= key[0] == '*';
        return pic__map_set(&s->touched, key, len, (void *)(uintptr_t)flag) < 0 ? pic__nomem(err) : 0;
}

static int put_line(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        return pic__dns_put_lines(data, name, len, type, value);
}

/* A zone's own two records go with its name too. */
static void put_top(const pic__dns *b, pic__buf *out, const char *name, size_t len)
{
        const char *zone = pic__dns_server_zone_of(&b->server, name, len);
        int n;

        if (zone == NULL || strlen(zone) + 1 != len)
                return;
        for (n = 0; n < 2; n++) {
                pic__dns_conf_put_top(out, &b->server, zone, n);
                pic__buf_putc(out, '\n');
        }
}

static void put_name(pic__dns *b, struct piece *p, const char *name, const void *flag)
{
        size_t len = strcspn(name, " ");

        if (flag != &added_flag) {
                pic__buf_put(&p->removals, name, len);
                pic__buf_putc(&p->removals, '\n');
                put_top(b, &p->additions, name, len);
        }
        (void)pic__dns_names_each(&b->names, name, len, put_line, &p->additions);
}

/* Lines by request: one name may have more than a request takes. */
static int send_lines(pic__dns *b, const char *command, const pic__buf *lines, pic_error **err)
{
        const char *at = pic__buf_str(lines), *end = at + lines->len;
        int r = 0;

        while (r == 0 && at < end) {
                pic__auto_buf pic__buf some = PIC__BUF_INIT;
                const char *to = at, *next = at;

                while (next < end && (to == at || next - at < PIC__DNS_BODY_MAX - PIC__DNS_RDATA)) {
                        next = strchr(next, '\n') + 1;
                        to = next;
                }
                pic__buf_put(&some, at, (size_t)(to - at));
                r = some.failed ? pic__nomem(err) : pic__dns_ask(b, command, &some, NULL, err);
                at = to;
        }
        return r;
}

/* Sends what was gathered, and begins a new piece. */
static int flush(pic__dns *b, struct piece *p, pic_error **err)
{
        int r = p->removals.failed || p->additions.failed ? pic__nomem(err) : 0;

        if (r == 0)
                r = send_lines(b, "local_datas_remove", &p->removals, err);
        if (r == 0)
                r = send_lines(b, "local_datas", &p->additions, err);
        pic__buf_clear(&p->removals);
        pic__buf_clear(&p->additions);
        return r;
}

static const char *key_of(const pic__step *step)
{
        return step->after != NULL ? step->after->key : step->before->key;
}

/* The names of these steps, each once, in pieces: what is not behind a zone is gone for as short as can be. */
static int send_pieces(pic__dns *b, struct swap *s, const pic__step *steps, size_t count, pic_error **err)
{
        PIC__AUTO(piece_free) struct piece p = { PIC__BUF_INIT, PIC__BUF_INIT };
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < count; i++) {
                const char *key = key_of(&steps[i]);
                const void *flag = pic__map_remove(&s->touched, key, strcspn(key, " "));

                if (flag != NULL)
                        put_name(b, &p, key, flag);
                if (p.removals.len + p.additions.len >= PIC__DNS_BODY_MAX / 4 * 3 || i + 1 == count)
                        r = flush(b, &p, err);
        }
        return r;
}

/* What of these steps is taken out for a moment is covered first. How many steps that are. */
static size_t cover(const pic__dns *b, struct swap *s, const pic__step *steps, size_t count)
{
        size_t i;

        for (i = 0; i < count && s->cover.bytes < COVER_MAX; i++) {
                const char *key = key_of(&steps[i]);
                size_t len = strcspn(key, " ");

                if (pic__map_get(&s->touched, key, len) != &replaced_flag)
                        continue;
                pic__dns_cover_add(&s->cover, b, key, len);
                (void)pic__map_set(&s->touched, key, len, &covered_flag); /* it is there: needs no memory */
        }
        return i;
}

static int send_all(pic__dns *b, struct swap *s, const pic__step *steps, size_t count, size_t *ret_done,
                    pic_error **err)
{
        size_t from, many;
        int r = 0;

        s->cover.told[0] = (uint8_t)s->wild;
        for (from = 0; r == 0 && from < count; from += many) {
                *ret_done = from;
                many = cover(b, s, steps + from, count - from);
                r = pic__dns_cover_tell(&s->cover, b, err);
                if (r == 0)
                        r = send_pieces(b, s, steps + from, many, err);
        }
        s->cover.told[0] |= (uint8_t)s->wild;
        if (r == 0)
                r = pic__dns_cover_tell(&s->cover, b, err);
        if (r < 0)
                b->names_known = 0; /* ask when it is needed again */
        else
                *ret_done = count;
        return r;
}

int pic__dns_live(pic__dns *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        PIC__AUTO(swap_free) struct swap s = { .wild = 0 };
        pic_error *bad = NULL;
        size_t i;
        int r = 0, sent;

        for (i = 0; r == 0 && i < count; i++) {
                r = touch(&s, &steps[i], &bad);
                if (r == 0)
                        r = pic__dns_picture(b, &steps[i], &bad);
        }
        /* A step that was refused does not keep those before it from being done. */
        sent = send_all(b, &s, steps, r < 0 ? i - 1 : i, ret_done, r < 0 ? NULL : &bad);
        r = r < 0 ? r : sent;
        if (r < 0 && err != NULL)
                *err = bad;
        else
                pic_error_free(bad);
        return r;
}

/* As derived: what would end a list or a word in single quotes is written by number. Copies at most `size`. */
static void put_canonical(const char *rdata, char *out, size_t size)
{
        size_t n = 0;

        for (; *rdata != '\0' && n + 5 < size; rdata++) {
                if (*rdata == ',' || *rdata == '\'')
                        n += (size_t)snprintf(out + n, size - n, "\\%03d", *rdata);
                else
                        out[n++] = *rdata;
        }
        out[n] = '\0';
}

/* The value with one more of its data, in order. One whose lifetime differs from the others' is nobody's wish. */
static void put_sorted(const char *value, const char *rdata, unsigned ttl, pic__buf *out)
{
        const char *comma = "";
        char other[PIC__DNS_RDATA];
        unsigned others = ttl;
        int put = 0;

        while (value != NULL && pic__dns_value_next(&value, other, &others) > 0) {
                if (!put && strcmp(rdata, other) < 0) {
                        pic__buf_putf(out, "%s%s", comma, rdata);
                        comma = ",";
                        put = 1;
                }
                pic__buf_putf(out, "%s%s", comma, other);
                comma = ",";
        }
        if (!put)
                pic__buf_putf(out, "%s%s", comma, rdata);
        if (others != ttl)
                pic__buf_puts(out, " ttl=0");
        else if (ttl != PIC__DNS_TTL)
                pic__buf_putf(out, " ttl=%u", ttl);
}

/* "name.\t60\tIN\tA\t10.1.0.2"; 0 also for a line that is not about a record of ours. */
static int read_line(const pic__dns_server *server, char *line, pic__dns_names *ret, pic_error **err)
{
        pic__auto_buf pic__buf value = PIC__BUF_INIT;
        char *word[5], *save = NULL, rdata[PIC__DNS_RDATA];
        size_t n, len;
        int type;

        word[0] = strtok_r(line, "\t", &save);
        for (n = 1; n < 5 && word[n - 1] != NULL; n++)
                word[n] = strtok_r(NULL, n == 4 ? "\n" : "\t", &save);
        if (n < 5 || word[4] == NULL)
                return 0;
        type = pic__dns_type_of(word[3], strlen(word[3]));
        len = strlen(word[0]);
        if (type < 0 || !pic__dns_name_plain(word[0], len) || !pic__dns_server_holds(server, word[0], len))
                return 0;
        put_canonical(word[4], rdata, sizeof(rdata));
        put_sorted(pic__dns_names_get(ret, word[0], len, (enum pic__dns_type)type), rdata, (unsigned)atoi(word[1]),
                   &value);
        if (value.failed || pic__dns_names_set(ret, word[0], len, (enum pic__dns_type)type, pic__buf_str(&value)) < 0)
                return pic__nomem(err);
        return 0;
}

int pic__dns_read_records(const pic__dns_server *server, char *text, pic__dns_names *ret, pic_error **err)
{
        pic__dns_names names = PIC__DNS_NAMES_INIT;
        char *line, *save = NULL;
        int r = 0;

        for (line = strtok_r(text, "\n", &save); r == 0 && line != NULL; line = strtok_r(NULL, "\n", &save))
                r = read_line(server, line, &names, err);
        if (r < 0) {
                pic__dns_names_free(&names);
                return r;
        }
        *ret = names;
        return 0;
}

int pic__dns_list_records(pic__dns *b, pic__dns_names *ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = pic__dns_ask(b, "list_local_data", NULL, &text, err);

        return r < 0 ? r : pic__dns_read_records(&b->server, text.data, ret, err);
}

int pic__dns_know_names(pic__dns *b, pic_error **err)
{
        pic__dns_names names = PIC__DNS_NAMES_INIT;
        int r;

        if (b->names_known || b->server.text == NULL)
                return 0;
        r = pic__dns_list_records(b, &names, err);
        if (r < 0)
                return r;
        pic__dns_names_free(&b->names);
        b->names = names;
        b->names_known = 1;
        b->known = 0; /* observe says it when it has told them */
        r = pic__dns_behind_load(b, err);
        if (r < 0)
                b->names_known = 0;
        return r;
}
