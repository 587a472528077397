/* Owns: what changes while it runs, by its socket: names, who may ask, certificates. Nothing of it needs a reload, and
 * no key is ever in a file. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pic/log.h>

#include "backend/front/inside.h"
#include "backend/front/socket.h"
#include "base/time.h"
#include "sys/file.h"
#include "sys/x509.h"

#define BATCH 12000 /* bytes of one command: haproxy's buffer has 16,384 */

static int ask(pic__front *b, const pic__buf *command, pic__buf *out, pic_error **err)
{
        return pic__front_ask(b->dir, command, PIC__FRONT_TIMEOUT, out, err);
}

/* wanted: what a good answer has; NULL: nothing but empty lines. */
static int tell(pic__front *b, const pic__buf *command, const char *wanted, pic_error **err)
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

static int tellf(pic__front *b, const char *wanted, pic_error **err, const char *fmt, ...) PIC_PRINTF(4, 5);

static int tellf(pic__front *b, const char *wanted, pic_error **err, const char *fmt, ...)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT;
        va_list ap;

        va_start(ap, fmt);
        pic__buf_vputf(&command, fmt, ap);
        va_end(ap);
        pic__buf_putc(&command, '\n');
        return tell(b, &command, wanted, err);
}

/* --- maps ------------------------------------------------------------------------------------------------------- */

static const char *map_of(enum pic__item_kind kind)
{
        return kind == PIC__I_FRONT_HOST ? PIC__FRONT_HOSTS : PIC__FRONT_PEERS;
}

static int is_map(const pic__step *s)
{
        return s->kind == PIC__I_FRONT_HOST || s->kind == PIC__I_FRONT_PEER;
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
                r = tellf(b, "", err, "del map %s %s", map, steps[0].after->key);
        if (r == 0)
                r = tell(b, &command, NULL, err);
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
        return r;
}

static int change_one(pic__front *b, const pic__step *s, pic_error **err)
{
        int r = check(s->after, err);

        return r < 0 ? r : tellf(b, NULL, err, "set map %s %s %s", map_of(s->kind), s->after->key, s->after->value);
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

/* The one that is there is served until the new one is whole. */
static int exchange(pic__front *b, const char *name, const pic__buf *pem, pic_error **err)
{
        pic__auto_wipe pic__buf command = PIC__BUF_SECRET;
        int r;

        pic__buf_putf(&command, "set ssl cert %s <<\n", name);
        pic__buf_put(&command, pem->data, pem->len);
        pic__buf_putc(&command, '\n');
        r = tell(b, &command, "Transaction ", err);
        if (r == 0)
                r = tellf(b, "Success!", err, "commit ssl cert %s", name);
        if (r < 0)
                (void)tellf(b, NULL, NULL, "abort ssl cert %s", name);
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
                r = tellf(b, "", err, "new ssl cert %s", item->key); /* fine if somebody left one there */
        if (r == 0)
                r = exchange(b, item->key, &pem, err);
        if (r == 0 && is_new)
                r = tellf(b, "", err, "add ssl crt-list " PIC__FRONT_CERTS " %s", item->key);
        return r < 0 ? r : pic__front_hold(b, item, err);
}

/* --- the page's own: the agent makes it when it is asked for one -------------------------------------------------- */

#define OWN "own " /* what its value begins with; then names=…, and of which root it is */

static int is_own(const pic__item *item)
{
        return strncmp(item->value, OWN, strlen(OWN)) == 0;
}

static int first_serial(pic__der der, void *data)
{
        pic__x509_info info;

        if (pic__x509_read(der, &info, NULL, NULL) < 0)
                return PIC_CORRUPT;
        memcpy(data, info.serial, sizeof(info.serial));
        return 1;
}

static int note_page(pic__front *b, const char *serial, const char *value, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__buf_putf(&text, "%s %" PRId64 " %" PRId64 " %s", serial, b->renew_at, b->until, value);
        return text.failed ? pic__nomem(err) : pic__file_write(b->page, text.data, text.len, 0600, err);
}

static int issue_own(pic__front *b, const char *value, pic_error **err)
{
        const char *at = strstr(value, "names=");
        char names[1024], serial[PIC__X509_HEX] = "";
        pic__auto_wipe pic__buf pem = PIC__BUF_SECRET;
        pic_time until = 0;
        int r;

        if (at == NULL ||
            snprintf(names, sizeof(names), "%.*s", (int)strcspn(at + 6, " "), at + 6) >= (int)sizeof(names))
                return pic__fail(err, PIC_INVALID, "front: '%s' is no certificate", value);
        r = b->issue(names, &pem, &until, b->data, err);
        if (r == 0)
                r = pic__x509_pem_each(pem.data, pem.len, first_serial, serial, err);
        if (r >= 0)
                r = exchange(b, PIC__FRONT_FIRST, &pem, err);
        if (r < 0)
                return r;
        b->until = until;
        b->renew_at = b->now(b->data) + (until - b->now(b->data)) / 3 * 2;
        return note_page(b, serial, value, err);
}

/* What its value is, if the one with this serial number is there; else "". */
static void read_page(pic__front *b, const char *serial, pic__buf *out)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char *at, *value = NULL;
        size_t n = strlen(serial);
        pic_time renew_at;

        if (pic__file_read(b->page, 4096, &text, NULL) < 0 || text.len < n + 2 || memcmp(text.data, serial, n) != 0 ||
            text.data[n] != ' ')
                return;
        renew_at = strtoll(text.data + n + 1, &at, 10);
        b->until = strtoll(at, &at, 10);
        if (b->renew_at == 0) /* else it knows better: a renewal may have failed */
                b->renew_at = renew_at;
        if (*at == ' ')
                value = at + 1;
        if (value != NULL)
                pic__buf_puts(out, value);
}

void pic__front_renew(pic__front *b)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_err pic_error *bad = NULL;
        pic_time now = b->now(b->data);
        const char *value;

        if (b->renew_at == 0 || now < b->renew_at || pic__file_read(b->page, 4096, &text, NULL) < 0)
                return;
        value = strstr(pic__buf_str(&text), OWN);
        if (value != NULL && issue_own(b, value, &bad) < 0) {
                pic__log_err(b->base.log, PIC_LOG_ERROR, "front", bad);
                b->renew_at = now + 60 * PIC__SECOND;
        }
}

static int remove_cert(pic__front *b, const pic__item *item, pic_error **err)
{
        pic__auto_wipe pic__buf pem = PIC__BUF_SECRET;
        int r;

        pic__front_let_go(b, item->kind, item->key);
        if (strcmp(item->key, PIC__FRONT_FIRST) == 0) {
                b->renew_at = b->until = 0;
                (void)unlink(b->page);
                r = pic__front_nobody(&pem, err);
                return r < 0 ? r : exchange(b, item->key, &pem, err);
        }
        r = tellf(b, "", err, "del ssl crt-list " PIC__FRONT_CERTS " %s", item->key);
        return r < 0 ? r : tellf(b, "", err, "del ssl cert %s", item->key);
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
        else if (steps->kind != PIC__I_FRONT_CERT)
                r = pic__fail(err, PIC_INVALID, "front: not a step of this backend");
        else if (steps->verb == PIC__REMOVE)
                r = remove_cert(b, steps->before, err);
        else if (is_own(steps->after))
                r = strcmp(steps->after->key, PIC__FRONT_FIRST) == 0
                            ? issue_own(b, steps->after->value, err)
                            : pic__fail(err, PIC_INVALID, "front: '%s' is not the page's", steps->after->key);
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
        if (strcmp(name, PIC__FRONT_FIRST) == 0)
                read_page(l->b, small, &value);
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

static int look_at_certs(struct look *l)
{
        pic__auto_buf pic__buf command = PIC__BUF_INIT, answer = PIC__BUF_INIT;
        int r;

        pic__buf_puts(&command, "show ssl crt-list -n " PIC__FRONT_CERTS "\n");
        r = ask(l->b, &command, &answer, l->err);
        return r < 0 ? r : pic__front_read_names(answer.data, see_cert, l);
}

int pic__front_look(pic__front *b, pic__items *out, pic_error **err)
{
        struct look l = { b, out, PIC__I_FRONT_HOST, err };
        size_t from = out->count, i;
        int r = look_at_map(&l, PIC__I_FRONT_HOST);

        if (r == 0)
                r = look_at_map(&l, PIC__I_FRONT_PEER);
        if (r == 0)
                r = look_at_certs(&l);
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
                r = tellf(b, "", err, "del map " PIC__FRONT_FACTS " secret");
        pic__buf_putf(&command, "add map " PIC__FRONT_FACTS " secret %s\n", pic__buf_str(&secret));
        return r < 0 ? r : tell(b, &command, NULL, err);
}
