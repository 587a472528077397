/* Owns: opening seals. A secret is found again under the digest of where it stands and of its sealed text, so neither a
 * moved nor a new seal can be mistaken for an old one. */
#include "engine/seals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sys/crypto.h"

#define CONTEXT 96

struct opened {
        uint8_t digest[32];
        uint8_t secret[32];
};

static int is_given(enum pic__kind kind)
{
        return kind == PIC__CONNECTION || kind == PIC__USER || kind == PIC__DOMAIN || kind == PIC__ALERT ||
               kind == PIC__TARGET;
}

/* Secrets that a person gives (a connection's, a user's, a domain's, an alert's, a target's) are sealed when they are
 * said, before there is a row: see change/README. So are keys that came from another product, of devices and of the
 * cell: `early`.
 */
static void put_context(const pic_obj *o, const char *field, int early, char context[CONTEXT])
{
        if (early || is_given(o->kind)) {
                snprintf(context, CONTEXT, "%s/%s", pic__kinds[o->kind].name, field);
                return;
        }
        snprintf(context, CONTEXT, "%s/%" PRId64 "/%s", pic__kinds[o->kind].name, o->id, field);
}

int pic__seals_open(const pic__seals *s, const pic_obj *o, const char *field, uint8_t out[32], pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        char context[CONTEXT];
        uint8_t plain[32];
        size_t len = 0;
        int r;

        put_context(o, field, 0, context);
        r = pic__unseal_pair(s->public_key, s->key, context, pic__obj_text(o, field), plain, sizeof(plain), &len, &bad);
        if (r < 0 && (o->kind == PIC__PEER || o->kind == PIC__CELL)) {
                put_context(o, field, 1, context);
                if (pic__unseal_pair(s->public_key, s->key, context, pic__obj_text(o, field), plain, sizeof(plain),
                                     &len, NULL) == 0)
                        r = 0;
        }
        if (r < 0)
                pic__err_append(err, pic__take(bad));
        if (r == 0 && len != sizeof(plain))
                r = pic__fail(err, PIC_CORRUPT, "%zu bytes where 32 should be", len);
        if (r == 0)
                memcpy(out, plain, sizeof(plain));
        pic__wipe(plain, sizeof(plain));
        if (r < 0)
                (void)pic__wrap(err, "%s '%s': %s", pic__kinds[o->kind].name, pic__obj_name(o), field);
        return r;
}

int pic__seals_open_text(const pic__seals *s, const pic_obj *o, const char *field, pic__buf *out, pic_error **err)
{
        const char *sealed = pic__obj_text(o, field);
        size_t room = strlen(sealed), len = 0; /* more than there is inside */
        uint8_t *plain = pic__alloc(room + 1);
        char context[CONTEXT];
        int r;

        if (plain == NULL)
                return pic__nomem(err);
        put_context(o, field, 0, context);
        r = pic__unseal_pair(s->public_key, s->key, context, sealed, plain, room, &len, err);
        if (r == 0)
                pic__buf_put(out, plain, len);
        if (r == 0 && out->failed)
                r = pic__nomem(err);
        pic__wipe(plain, room);
        pic__free(plain);
        if (r < 0)
                (void)pic__wrap(err, "%s '%s': %s", pic__kinds[o->kind].name, pic__obj_name(o), field);
        return r;
}

/* -1 when out of memory. */
static int digest(const pic_obj *o, const char *field, uint8_t out[32])
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        char context[CONTEXT];

        put_context(o, field, 0, context);
        pic__buf_put(&b, context, strlen(context) + 1);
        pic__buf_puts(&b, pic__obj_text(o, field));
        if (b.failed)
                return -1;
        pic__digest(b.data, b.len, out);
        return 0;
}

int pic__seals_recall(pic__seals *s, const pic_obj *o, const char *field, uint8_t out[32], pic_error **err)
{
        struct opened *kept;
        uint8_t name[32];
        int r;

        if (digest(o, field, name) < 0)
                return pic__nomem(err);
        kept = pic__map_get(&s->opened, name, sizeof(name));
        if (kept != NULL) {
                memcpy(out, kept->secret, sizeof(kept->secret));
                return 0;
        }
        r = pic__seals_open(s, o, field, out, err);
        if (r < 0)
                return r;
        kept = pic__arena_alloc(&s->arena, sizeof(*kept));
        if (kept == NULL)
                return pic__nomem(err);
        memcpy(kept->digest, name, sizeof(name));
        memcpy(kept->secret, out, sizeof(kept->secret));
        return pic__map_set(&s->opened, kept->digest, sizeof(kept->digest), kept) < 0 ? pic__nomem(err) : 0;
}

static void forget(pic__seals *s)
{
        pic__map_free(&s->opened);
        pic__arena_wipe(&s->arena);
}

void pic__seals_bound(pic__seals *s, size_t max)
{
        if (s->opened.count > max)
                forget(s);
}

void pic__seals_wipe(pic__seals *s)
{
        forget(s);
        pic__wipe(s->key, sizeof(s->key));
}
