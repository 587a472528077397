/* Owns: certificates that the agent makes when it is asked for one: the page's, and a service's. They are in no store,
 * and their keys in haproxy's memory alone; what is noted of each is its serial number, when it is renewed, when it
 * ends and the value of its item, so that another agent knows them again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pic/log.h>

#include "backend/front/inside.h"
#include "base/time.h"
#include "sys/file.h"
#include "sys/x509.h"

#define OWN "own " /* what its value begins with; then names=…, and of which root it is */
#define NOTE_MAX 4096

int pic__front_is_own(const pic__item *item)
{
        return strncmp(item->value, OWN, strlen(OWN)) == 0;
}

/* --- what is known of them --------------------------------------------------------------------------------------- */

static pic__front_own *find(const pic__front *b, const char *key)
{
        size_t i;

        for (i = 0; i < b->own.count; i++)
                if (strcmp(b->own.at[i].key, key) == 0)
                        return &b->own.at[i];
        return NULL;
}

static pic__front_own *need(pic__front *b, const char *key, pic_error **err)
{
        pic__front_own fresh = { pic__strdup(key), 0, 0 }, *own = find(b, key);

        if (own == NULL && fresh.key != NULL && pic__vec_push(&b->own, fresh) == 0)
                return &b->own.at[b->own.count - 1];
        pic__free(fresh.key);
        if (own == NULL)
                pic__nomem(err);
        return own;
}

pic_time pic__front_own_until(const pic__front *b, const char *key)
{
        const pic__front_own *own = find(b, key);

        return own != NULL ? own->until : 0;
}

static char *note_of(const pic__front *b, const char *key)
{
        char name[320];

        snprintf(name, sizeof(name), "%s.own", key);
        return pic__path_join(b->dir, name);
}

void pic__front_own_drop(pic__front *b, const char *key)
{
        pic__auto_free char *path = note_of(b, key);
        pic__front_own *own = find(b, key);

        if (path != NULL)
                (void)unlink(path);
        if (own == NULL)
                return;
        pic__free(own->key);
        *own = b->own.at[--b->own.count];
}

void pic__front_own_forget(pic__front *b)
{
        size_t i;

        for (i = 0; i < b->own.count; i++)
                pic__free(b->own.at[i].key);
        pic__vec_free(&b->own);
}

/* --- making one ----------------------------------------------------------------------------------------------------
 */

static int first_serial(pic__der der, void *data)
{
        pic__x509_info info;

        if (pic__x509_read(der, &info, NULL, NULL) < 0)
                return PIC_CORRUPT;
        memcpy(data, info.serial, sizeof(info.serial));
        return 1;
}

static int note(const pic__front *b, const pic__front_own *own, const char *serial, const char *value, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_free char *path = note_of(b, own->key);

        pic__buf_putf(&text, "%s %" PRId64 " %" PRId64 " %s", serial, own->renew_at, own->until, value);
        return path == NULL || text.failed ? pic__nomem(err) : pic__file_write(path, text.data, text.len, 0600, err);
}

static int issue(pic__front *b, const char *key, const char *value, pic_error **err)
{
        const char *at = strstr(value, "names=");
        char names[1024], serial[PIC__X509_HEX] = "";
        pic__auto_wipe pic__buf pem = PIC__BUF_SECRET;
        pic__front_own *own;
        pic_time until = 0;
        int r;

        if (at == NULL ||
            snprintf(names, sizeof(names), "%.*s", (int)strcspn(at + 6, " "), at + 6) >= (int)sizeof(names))
                return pic__fail(err, PIC_INVALID, "front: '%s' is no certificate", value);
        r = b->issue(names, &pem, &until, b->data, err);
        if (r == 0)
                r = pic__x509_pem_each(pem.data, pem.len, first_serial, serial, err);
        if (r >= 0)
                r = pic__front_exchange(b, key, &pem, err);
        if (r < 0)
                return r;
        own = need(b, key, err);
        if (own == NULL)
                return PIC_NOMEM;
        own->until = until;
        own->renew_at = b->now(b->data) + (until - b->now(b->data)) / 3 * 2;
        return note(b, own, serial, value, err);
}

int pic__front_own_put(pic__front *b, const pic__item *item, int is_new, pic_error **err)
{
        int r = 0, is_page = strcmp(item->key, PIC__FRONT_FIRST) == 0;

        if (!is_page && (item->key[0] != '_' || !pic__front_name_ok(item->key)))
                return pic__fail(err, PIC_INVALID, "front: '%s' is neither the page's nor a service's", item->key);
        is_new = is_new && !is_page;
        if (is_new) /* fine if there is one */
                r = pic__front_tellf(b, "", err, "new ssl cert %s", item->key);
        if (r == 0)
                r = issue(b, item->key, item->value, err);
        if (r == 0 && is_new) /* the list would have it twice */
                r = pic__front_tellf(b, "", err, "del ssl crt-list " PIC__FRONT_SERVED " %s", item->key);
        if (r == 0 && is_new)
                r = pic__front_tellf(b, "", err, "add ssl crt-list " PIC__FRONT_SERVED " %s", item->key);
        return r;
}

void pic__front_own_read(pic__front *b, const char *key, const char *serial, pic__buf *out)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_free char *path = note_of(b, key);
        size_t n = strlen(serial);
        pic__front_own *own;
        pic_time renew_at, until;
        char *at;

        if (path == NULL || pic__file_read(path, NOTE_MAX, &text, NULL) < 0 || text.len < n + 2 ||
            memcmp(text.data, serial, n) != 0 || text.data[n] != ' ')
                return;
        renew_at = strtoll(text.data + n + 1, &at, 10);
        until = strtoll(at, &at, 10);
        own = need(b, key, NULL);
        if (own == NULL)
                return;
        own->until = until;
        if (own->renew_at == 0) /* else it knows better: a renewal may have failed */
                own->renew_at = renew_at;
        if (*at == ' ')
                pic__buf_puts(out, at + 1);
}

static void renew(pic__front *b, pic__front_own *own)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_err pic_error *bad = NULL;
        pic__auto_free char *path = note_of(b, own->key);
        const char *value;

        if (path == NULL || pic__file_read(path, NOTE_MAX, &text, NULL) < 0)
                return;
        value = strstr(pic__buf_str(&text), OWN);
        if (value != NULL && issue(b, own->key, value, &bad) < 0) {
                pic__log_err(b->base.log, PIC_LOG_ERROR, "front", bad);
                own->renew_at = b->now(b->data) + 60 * PIC__SECOND;
        }
}

/* By what is noted of it, a third of its life is left at renew_at. A clock that is before the moment of issue ran ahead
 * then: nobody takes that certificate yet. */
static int is_due(const pic__front_own *o, pic_time now)
{
        return o->renew_at != 0 &&
               (now >= o->renew_at || now + 3600 * PIC__SECOND < o->until - 3 * (o->until - o->renew_at));
}

void pic__front_renew(pic__front *b)
{
        pic_time now = b->now(b->data);
        size_t i;

        for (i = 0; i < b->own.count; i++)
                if (is_due(&b->own.at[i], now))
                        renew(b, &b->own.at[i]);
}
