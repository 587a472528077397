/* Owns: links that show a device's configuration once. What a link says is only that its holder may ask; the showing is
 * that of pic_peer_config(), with its own rules. */
#include <string.h>

#include "api/session.h"
#include "sys/crypto.h"

#define LIFE_S 86400u
#define LIFE_MAX_S 604800u
#define ACTOR "one-time link"

static int check_peer(const pic_obj *peer, pic_error **err)
{
        const char *name = pic__obj_name(peer);

        if (strcmp(pic__obj_text(peer, "key_mode"), "client") == 0 || pic__obj_has(peer, "private_key"))
                return 0;
        (void)pic__fail(err, PIC_BADSTATE,
                        "the configuration of peer '%s' was shown already and its private key is gone from the cell",
                        name);
        pic__hint(err, "Make a new one: pic peer rekey %s", name);
        return PIC_BADSTATE;
}

static int put_link(pic_ctx *ctx, pic__store *st, const char *name, const char *text, pic_time until, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *peer = NULL;
        pic__auto_buf pic__buf line = PIC__BUF_INIT;
        char time[PIC__TIME_TEXT];
        uint8_t hash[32];
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        if (r == 0)
                r = pic__txn_get(t, PIC__PEER, name, &peer, err);
        if (r == 0)
                r = check_peer(peer, err);
        if (r < 0 || peer == NULL) /* the second for readers that see one file at a time, as gcc's analyzer does */
                return r;
        pic__secret_hash(text, hash);
        pic__buf_putf(&line, "a one-time link to the configuration of peer %s was made, good until %s",
                      pic__obj_name(peer), pic__time_print(until, time));
        r = line.failed ? pic__nomem(err) : pic__txn_link_put(t, peer->id, hash, until, err);
        if (r == 0)
                r = pic__session_note(t, peer, "link", pic__buf_str(&line), err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic_link_make(pic_ctx *ctx, const char *peer, uint32_t seconds, pic_blob **ret_token, pic_error **err)
{
        char text[PIC__SECRET_TEXT];
        pic__store *st = NULL;
        pic_time until;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || peer == NULL || ret_token == NULL)
                return pic__api_bad(err, "pic_link_make", "ctx, peer or ret_token is not valid");
        if (seconds > LIFE_MAX_S)
                return pic__fail_value(err, NULL, "seconds", NULL, "must be at most 604800: a week");
        until = ctx->clock->now(ctx->clock->data) + (pic_time)(seconds != 0 ? seconds : LIFE_S) * PIC__SECOND;
        r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        pic__secret_new(text);
        r = put_link(ctx, st, peer, text, until, err);
        pic__ctx_unlock(ctx);
        if (r == 0)
                r = pic__blob_new(text, strlen(text), ret_token, err);
        pic__wipe(text, sizeof(text));
        return r;
}

/* --- taking --------------------------------------------------------------------------------------------------- */

struct taken {
        uint8_t hash[32];
        pic_id peer;
        pic_time until;
        char name[80];
};

static int unknown(pic_error **err)
{
        (void)pic__fail(err, PIC_DENIED, "there is no such link: it was used already, or is too old");
        pic__hint(err, "Ask whoever runs the cell for a new one.");
        return PIC_DENIED;
}

static int remove_link(pic_ctx *ctx, pic__store *st, struct taken *k, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *peer = NULL;
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, err);

        if (r == 0)
                r = pic__txn_link_take(t, k->hash, &k->peer, &k->until, err);
        if (r <= 0)
                return r < 0 ? r : unknown(err);
        r = pic__store_get_id(st, PIC__PEER, k->peer, &peer, err);
        if (r < 0)
                return r;
        memcpy(k->name, pic__obj_name(peer), strnlen(pic__obj_name(peer), sizeof(k->name) - 1));
        return pic__txn_commit(pic__take(t), NULL, err);
}

static int put_back(pic_ctx *ctx, pic__store *st, const struct taken *k)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, NULL);

        if (r == 0)
                r = pic__txn_link_put(t, k->peer, k->hash, k->until, NULL);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, NULL);
}

/* It is gone before anything is shown, so that of two who come at once only one gets it; and comes back when nothing
 * was. */
static int take(pic_ctx *ctx, struct taken *k, pic_blob **ret, pic_error **err)
{
        pic__store *st = NULL;
        pic_ctx *as = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = remove_link(ctx, st, k, err);
        pic__ctx_unlock(ctx);
        if (r < 0)
                return r;
        r = pic_ctx_as(ctx, ACTOR, NULL, &as, err);
        if (r == 0)
                r = pic_peer_config(as, k->name, ret, err);
        pic_ctx_unref(as);
        if (r < 0 && pic__ctx_lock(ctx, &st, NULL) == 0) {
                (void)put_back(ctx, st, k);
                pic__ctx_unlock(ctx);
        }
        return r;
}

static int make_report(const struct taken *k, const pic_blob *config, pic_report **ret, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        pic__json j = PIC__JSON(&text);

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", k->name);
        pic__json_kstr(&j, "config", pic_blob_data(config));
        pic__json_close(&j, '}');
        return text.failed ? pic__nomem(err) : pic__report_new(&text, 1, ret, err);
}

int pic_link_take(pic_ctx *ctx, const char *token, const char *address, pic_report **ret_report, pic_error **err)
{
        struct taken k = { .peer = 0 };
        char from[PIC__SESSION_ADDRESS];
        pic_blob *config = NULL;
        pic_time wait;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || token == NULL || ret_report == NULL)
                return pic__api_bad(err, "pic_link_take", "ctx, token or ret_report is not valid");
        pic__gate_address(address, from);
        wait = pic__gate_take(pic__ctx_root(ctx)->gates, PIC__GATE_LINK, from, ctx->clock->mono(ctx->clock->data));
        if (wait > 0)
                return pic__gate_closed(wait, err);
        pic__secret_hash(token, k.hash);
        r = take(ctx, &k, &config, err);
        if (r != PIC_DENIED)
                pic__gate_give(pic__ctx_root(ctx)->gates, PIC__GATE_LINK, from, ctx->clock->mono(ctx->clock->data));
        else
                pic__session_refused(ctx, "a one-time link that is none was refused", address);
        if (r == 0)
                r = make_report(&k, config, ret_report, err);
        pic_blob_unref(config);
        return r;
}
