/* Owns: what changes while it runs, by its socket: names, who may ask, certificates. Nothing of it needs a reload, and
 * no key is ever in a file. */
#include <stdio.h>
#include <string.h>

#include <pic/log.h>

#include "backend/front/inside.h"
#include "backend/front/socket.h"
#include "sys/file.h"
#include "sys/x509.h"

#define BATCH 12000 /* bytes of one command: haproxy's buffer has 16,384 */

static int ask(pic__front *b, const pic__buf *command, pic__buf *out, pic_error **err)
{
        return pic__front_ask(b->dir, command, PIC__FRONT_TIMEOUT, out, err);
}

int pic__front_tell(pic__front *b, const pic__buf *command, const char *wanted, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT, shown = PIC__BUF_INIT;
        int r = ask(b, command, &answer, err);
        const char *text = pic__buf_str(&answer);

        if (r < 0 || (wanted != NULL ? strstr(text, wanted) != NULL : text[strspn(text, "\n")] == '\0'))
                return r;
        text += strspn(text, "\n");
        pic__buf_put_shown(&shown, text, strcspn(text, "\n"));
        return pic__fail(err, PIC_BACKEND, "haproxy refuses '%.*s': %s", (int)strcspn(pic__buf_str(command), "\n;<"),
                         pic__buf_str(command), pic__buf_str(&shown));
}

int pic__front_tellf(pic__front *b, const char *wanted, pic_error **err, const char *fmt, ...)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT;
        va_list ap;

        va_start(ap, fmt);
        pic__buf_vputf(&command, fmt, ap);
        va_end(ap);
        pic__buf_putc(&command, '\n');
        return pic__front_tell(b, &command, wanted, err);
}

/* --- maps ------------------------------------------------------------------------------------------------------- */

static const struct {
        enum pic__item_kind kind;
        const char *file;
} maps[] = {
        { PIC__I_FRONT_HOST, PIC__FRONT_HOSTS },   { PIC__I_FRONT_PEER, PIC__FRONT_PEERS },
        { PIC__I_FRONT_PLACE, PIC__FRONT_PLACES }, { PIC__I_FRONT_NAME, PIC__FRONT_NAMES },
        { PIC__I_FRONT_DOOR, PIC__FRONT_DOORS },   { PIC__I_FRONT_OUTNAME, PIC__FRONT_OUTNAMES },
};

static int is_map(const pic__step *s)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(maps); i++)
                if (maps[i].kind == s->kind)
                        return 1;
        return 0;
}

/* Of one of these kinds. */
static const char *map_of(enum pic__item_kind kind)
{
        size_t i;

        for (i = 0; i + 1 < PIC__COUNT(maps) && maps[i].kind != kind; i++)
                ;
        return maps[i].file;
}

static int check(const pic__item *item, pic_error **err)
{
        if (pic__front_key_ok(item->key) && pic__front_value_ok(item->value))
                return 0;
        return pic__fail(err, PIC_INVALID, "'%s %s' cannot be told to haproxy", item->key, item->value);
}

/* How many steps from there on are the same for the same map. */
static size_t alike(const pic__step *steps, size_t count)
{
        size_t n = 1;

        while (n < count && steps[n].verb == steps[0].verb && steps[n].kind == steps[0].kind)
                n++;
        return n;
}

/* One is added after what may stand there was taken out: haproxy would have both. */
static int add_some(pic__front *b, const pic__step *steps, size_t count, size_t *ret_taken, pic_error **err)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT;
        const char *map = map_of(steps[0].kind);
        size_t i;
        int r = 0;

        pic__buf_putf(&command, "add map %s <<\n", map);
        for (i = 0; r == 0 && i < count && command.len < BATCH; i++) {
                r = check(steps[i].after, err);
                pic__buf_putf(&command, "%s %s\n", steps[i].after->key, steps[i].after->value);
        }
        pic__buf_putc(&command, '\n');
        if (r == 0 && i == 1)
                r = pic__front_tellf(b, "", err, "del map %s %s", map, steps[0].after->key);
        if (r == 0)
                r = pic__front_tell(b, &command, NULL, err);
        *ret_taken = r == 0 ? i : 0;
        return r;
}

/* What is not there need not go. */
static int remove_some(pic__front *b, const pic__step *steps, size_t count, size_t *ret_taken, pic_error **err)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        const char *map = map_of(steps[0].kind);
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < count && command.len < BATCH; i++) {
                r = check(steps[i].before, err);
                pic__buf_putf(&command, "%sdel map %s %s", i > 0 ? ";" : "", map, steps[i].before->key);
        }
        pic__buf_putc(&command, '\n');
        if (r == 0)
                r = ask(b, &command, &answer, err);
        *ret_taken = r == 0 ? i : 0;
        for (i = 0; r == 0 && steps[0].kind == PIC__I_FRONT_OUTNAME && i < *ret_taken; i++)
                pic__front_cut(b, steps[i].before->value);
        return r;
}

static int change_one(pic__front *b, const pic__step *s, pic_error **err)
{
        int r = check(s->after, err);

        return r < 0 ? r
                     : pic__front_tellf(b, NULL, err, "set map %s %s %s", map_of(s->kind), s->after->key,
                                        s->after->value);
}

/* --- certificates ----------------------------------------------------------------------------------------------- */

static int put_pem(pic__der der, void *data)
{
        pic__x509_pem_put("CERTIFICATE", der, data);
        return 0;
}

/* The secret: the chain as a line of text, then the key as it is. */
static int make_pem(const pic__item *item, pic__buf *out, pic_error **err)
{
        const uint8_t *end = item->secret != NULL ? memchr(item->secret, '\n', item->secret_len) : NULL;
        pic__auto_free char *chain = NULL;
        pic__der key;
        int r;

        if (end == NULL)
                return pic__fail(err, PIC_INVALID, "certificate %s comes without its key", item->key);
        key = (pic__der){ end + 1, item->secret_len - (size_t)(end + 1 - item->secret) };
        chain = pic__memdup(item->secret, (size_t)(end - item->secret));
        if (chain == NULL)
                return pic__nomem(err);
        r = pic__x509_text_each(chain, put_pem, out, err);
        if (r < 0)
                return r;
        pic__x509_pem_put("PRIVATE KEY", key, out);
        return out->failed ? pic__nomem(err) : 0;
}

/* An agent that was killed in the middle leaves one begun: haproxy would begin no other. */
static void end_begun(pic__front *b)
{
        static const char mark[] = "# transaction\n*";
        pic__auto_buf pic__buf command = PIC__BUF_INIT, out = PIC__BUF_INIT;
        const char *at;

        pic__buf_puts(&command, "show ssl cert\n");
        if (ask(b, &command, &out, NULL) == 0 && (at = strstr(pic__buf_str(&out), mark)) != NULL) {
                at += sizeof(mark) - 1;
                (void)pic__front_tellf(b, "", NULL, "abort ssl cert %.*s", (int)strcspn(at, "\n"), at);
        }
}

int pic__front_exchange(pic__front *b, const char *name, const pic__buf *pem, pic_error **err)
{
        pic__auto_wipe pic__buf command = PIC__BUF_SECRET;
        int r;

        end_begun(b);
        pic__buf_putf(&command, "set ssl cert %s <<\n", name);
        pic__buf_put(&command, pem->data, pem->len);
        pic__buf_putc(&command, '\n');
        r = pic__front_tell(b, &command, "Transaction ", err);
        if (r == 0)
                r = pic__front_tellf(b, "Success!", err, "commit ssl cert %s", name);
        if (r < 0)
                (void)pic__front_tellf(b, NULL, NULL, "abort ssl cert %s", name);
        return r;
}

static int put_cert(pic__front *b, const pic__item *item, int is_new, pic_error **err)
{
        pic__auto_wipe pic__buf pem = PIC__BUF_SECRET;
        int r = pic__front_name_ok(item->key)
                        ? make_pem(item, &pem, err)
                        : pic__fail(err, PIC_INVALID, "'%s' is no name of a certificate", item->key);

        is_new = is_new && strcmp(item->key, PIC__FRONT_FIRST) != 0;
        if (r == 0 && is_new)
                r = pic__front_tellf(b, "", err, "new ssl cert %s", item->key); /* fine if somebody left one there */
        if (r == 0)
                r = pic__front_exchange(b, item->key, &pem, err);
        if (r == 0 && is_new)
                r = pic__front_tellf(b, "", err, "add ssl crt-list " PIC__FRONT_CERTS " %s", item->key);
        return r < 0 ? r : pic__front_hold(b, item, err);
}

static int remove_cert(pic__front *b, const pic__item *item, pic_error **err)
{
        pic__auto_wipe pic__buf pem = PIC__BUF_SECRET;
        int r;

        pic__front_let_go(b, item->kind, item->key);
        pic__front_own_drop(b, item->key);
        if (strcmp(item->key, PIC__FRONT_FIRST) == 0) {
                r = pic__front_nobody(&pem, err);
                return r < 0 ? r : pic__front_exchange(b, item->key, &pem, err);
        }
        r = pic__front_unshow(b, item->key, err);
        if (r < 0)
                return r;
        r = pic__front_tellf(b, "", err, "del ssl crt-list %s %s",
                             item->key[0] == '_' ? PIC__FRONT_SERVED : PIC__FRONT_CERTS, item->key);
        return r < 0 ? r : pic__front_tellf(b, "", err, "del ssl cert %s", item->key);
}

/* --- steps ------------------------------------------------------------------------------------------------------ */

static int hold_one(pic__front *b, const pic__step *s, pic_error **err)
{
        if (s->verb != PIC__REMOVE)
                return pic__front_hold(b, s->after, err);
        pic__front_let_go(b, s->kind, s->before->key);
        return 0;
}

static int some(pic__front *b, const pic__step *steps, size_t count, size_t *ret_taken, pic_error **err)
{
        size_t n = alike(steps, count);
        int r;

        *ret_taken = 1;
        if (b->refused)
                r = hold_one(b, steps, err);
        else if (is_map(steps) && steps->verb == PIC__CHANGE)
                r = change_one(b, steps, err);
        else if (is_map(steps))
                return steps->verb == PIC__ADD ? add_some(b, steps, n, ret_taken, err)
                                               : remove_some(b, steps, n, ret_taken, err);
        else if (steps->kind == PIC__I_FRONT_SERVICE)
                r = pic__front_serve(b, steps, err);
        else if (steps->kind == PIC__I_FRONT_SHOWN)
                r = pic__front_show(b, steps, err);
        else if (steps->kind != PIC__I_FRONT_CERT)
                r = pic__fail(err, PIC_INVALID, "front: not a step of this backend");
        else if (steps->verb == PIC__REMOVE)
                r = remove_cert(b, steps->before, err);
        else if (pic__front_is_own(steps->after))
                r = pic__front_own_put(b, steps->after, steps->verb == PIC__ADD, err);
        else
                r = put_cert(b, steps->after, steps->verb == PIC__ADD, err);
        if (r < 0)
                *ret_taken = 0;
        return r;
}

int pic__front_put(pic__front *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        size_t i, taken = 0;
        int r = 0;

        for (*ret_done = 0; r == 0 && *ret_done < count; *ret_done += taken) {
                r = some(b, steps + *ret_done, count - *ret_done, &taken, err);
                for (i = *ret_done; i < *ret_done + taken; i++) {
                        b->sum += steps[i].after != NULL ? pic__item_sum(steps[i].after) : 0;
                        b->sum -= steps[i].before != NULL ? pic__item_sum(steps[i].before) : 0;
                }
        }
        return r;
}

/* --- what is there ---------------------------------------------------------------------------------------------- */

struct look {
        pic__front *b;
        pic__items *out;
        enum pic__item_kind kind;
        pic_error **err;
};

static int see_entry(const char *key, const char *value, void *data)
{
        struct look *l = data;

        return pic__items_add(l->out, l->kind, key, value, NULL, NULL, l->err);
}

static int look_at_map(struct look *l, enum pic__item_kind kind)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        int r;

        l->kind = kind;
        pic__buf_putf(&command, "show map %s\n", map_of(kind));
        r = ask(l->b, &command, &answer, l->err);
        return r < 0 ? r : pic__front_read_map(answer.data, see_entry, l);
}

/* Its key is what we gave it, or nobody knows. */
static int see_cert(const char *name, void *data)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT, value = PIC__BUF_INIT;
        char serial[80] = "", small[80] = "", subject[256] = "";
        pic__item item = { .kind = PIC__I_FRONT_CERT, .key = name };
        const pic__front_held *held;
        struct look *l = data;
        int r;

        if (!pic__front_name_ok(name))
                return 0;
        pic__buf_putf(&command, "show ssl cert %s\n", name);
        r = ask(l->b, &command, &answer, l->err);
        if (r < 0)
                return r;
        (void)pic__front_read_line(pic__buf_str(&answer), "Serial", serial, sizeof(serial));
        (void)pic__front_read_line(pic__buf_str(&answer), "Subject", subject, sizeof(subject));
        if (strncmp(subject, "/CN=" PIC__FRONT_NOBODY, strlen("/CN=" PIC__FRONT_NOBODY)) == 0)
                return 0;
        pic__front_serial(serial, small, sizeof(small));
        if (strcmp(name, PIC__FRONT_FIRST) == 0 || name[0] == '_')
                pic__front_own_read(l->b, name, small, &value);
        else
                pic__buf_putf(&value, "serial=%s", small);
        held = pic__front_held_find(l->b, PIC__I_FRONT_CERT, name);
        item.value = pic__buf_str(&value);
        if (held != NULL && strcmp(held->value, item.value) == 0) {
                item.secret = held->secret;
                item.secret_len = held->secret_len;
        }
        return pic__items_add_long(l->out, &item, l->err);
}

static int look_at_certs(struct look *l, const char *list)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        int r;

        pic__buf_putf(&command, "show ssl crt-list -n %s\n", list);
        r = ask(l->b, &command, &answer, l->err);
        return r < 0 ? r : pic__front_read_names(answer.data, see_cert, l);
}

int pic__front_look(pic__front *b, pic__items *out, pic_error **err)
{
        struct look l = { b, out, PIC__I_FRONT_HOST, err };
        size_t from = out->count, i;
        int r = 0;

        for (i = 0; r == 0 && i < PIC__COUNT(maps); i++)
                r = look_at_map(&l, maps[i].kind);
        if (r == 0)
                r = pic__front_look_servers(b, out, err);
        if (r == 0)
                r = look_at_certs(&l, PIC__FRONT_CERTS);
        if (r == 0)
                r = look_at_certs(&l, PIC__FRONT_SERVED);
        if (r == 0)
                r = pic__front_look_shown(b, out, err);
        b->sum = 0;
        b->entries = out->count - from;
        for (i = from; i < out->count; i++)
                b->sum += pic__item_sum(&out->at[i]);
        return r;
}

/* The agent makes another one at each of its starts. */
int pic__front_tell_secret(pic__front *b, pic_error **err)
{
        pic__auto_wipe pic__buf secret = PIC__BUF_SECRET, command = PIC__BUF_SECRET;
        int r = pic__file_read(b->secret_file, 200, &secret, err);

        if (r == 0 && !pic__front_key_ok(pic__buf_str(&secret)))
                r = pic__fail(err, PIC_CORRUPT, "%s: no secret", b->secret_file);
        if (r == 0)
                r = pic__front_tellf(b, "", err, "del map " PIC__FRONT_FACTS " secret");
        pic__buf_putf(&command, "add map " PIC__FRONT_FACTS " secret %s\n", pic__buf_str(&secret));
        return r < 0 ? r : pic__front_tell(b, &command, NULL, err);
}
