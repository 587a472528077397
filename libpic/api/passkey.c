/* Owns: adding a passkey, and logging in with one. What the browser said goes to the agent, which judges; that the
 * challenge was ours is known here. */
#include <stdio.h>
#include <string.h>

#include "api/enter.h"
#include "api/passkey.h"
#include "base/utf8.h"
#include "codec/json_in.h"
#include "codec/webauthn.h"
#include "model/text.h"
#include "store/passkey.h"
#include "sys/crypto.h"
#include "sys/hash.h"

#define ANSWER_MAX ((size_t)32 << 10)
#define STRANGER " a passkey that nobody has" /* no user has that name */

static pic_time mono(const pic_ctx *ctx)
{
        return ctx->clock->mono(ctx->clock->data);
}

int pic__passkey_name_check(const char *name, pic_error **err)
{
        size_t len = name != NULL ? strnlen(name, PIC__PASSKEY_NAME) : 0;

        if (len > 0 && len < PIC__PASSKEY_NAME && pic__utf8_printable(name))
                return 0;
        return pic__fail_value(err, NULL, "name", NULL, "must be printable text of 1 to 64 bytes in one line");
}

/* --- what the browser says ------------------------------------------------------------------------------------ */

/* One answer: texts are borrowed from the document. */
struct answer {
        pic__doc *doc;
        const char *id;
        const char *client; /* clientDataJSON, base64url */
        const pic__node *response;
};

static void answer_free(struct answer *a)
{
        pic__doc_unref(a->doc);
}

static int no_answer(pic_error **err)
{
        return pic__fail(err, PIC_SYNTAX, "passkey: the browser's answer is none");
}

static int read_answer(const char *text, struct answer *ret, pic_error **err)
{
        size_t len = strnlen(text, ANSWER_MAX + 1);
        const pic__node *root;
        int r;

        if (len > ANSWER_MAX)
                return no_answer(err);
        r = pic__doc_json(text, len, "answer", &ret->doc, err);
        if (r < 0)
                return r;
        root = pic__doc_root(ret->doc);
        if (root->type != PIC__N_MAP)
                return no_answer(err);
        ret->id = pic__node_str(root, "id", NULL);
        ret->response = pic__node_map(root, "response");
        if (ret->response == NULL || ret->id == NULL)
                return no_answer(err);
        ret->client = pic__node_str(ret->response, "clientDataJSON", NULL);
        return ret->client != NULL ? 0 : no_answer(err);
}

/* The challenge that it answers, if that is the one that goes with the state; it is used up then. */
static int take_challenge(pic_ctx *ctx, const pic_passkey_opts *o, int64_t session, const struct answer *a,
                          char challenge[PIC__CHALLENGE_TEXT], pic_error **err)
{
        const pic__challenge_for what = { session, o->origin };
        uint8_t client[PIC__CLIENT_DATA_MAX];
        pic__client_data said;
        size_t len = 0;
        int r;

        if (pic__unbase64url(a->client, strlen(a->client), client, sizeof(client), &len) < 0)
                return no_answer(err);
        r = pic__client_data_read(client, len, &said, err);
        if (r < 0)
                return r;
        snprintf(challenge, PIC__CHALLENGE_TEXT, "%s", said.challenge);
        r = pic__challenge_take(pic__ctx_root(ctx)->challenges, &what, mono(ctx), o->state, said.challenge, err);
        pic__client_data_free(&said);
        return r;
}

static void open_args(pic__json *j, const char *what, const pic_passkey_opts *o, const char *challenge,
                      const struct answer *a)
{
        pic__json_open(j, '{');
        pic__json_kstr(j, "do", what);
        pic__json_kstr(j, "origin", o->origin);
        pic__json_kstr(j, "challenge", challenge);
        pic__json_kstr(j, "client", a->client);
}

static int ask_agent(pic_ctx *ctx, pic__buf *args, const char *actor, pic__doc **ret, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        pic__json j = { args, 1 };
        int r;

        pic__json_kstr(&j, "actor", actor);
        pic__json_kstr(&j, "way", ctx->way);
        pic__json_close(&j, '}');
        if (args->failed)
                return pic__nomem(err);
        r = pic__ctx_call(ctx, "passkey", pic__buf_str(args), 0, &answer, err);
        if (r == 0)
                r = pic__api_answer(pic__buf_str(&answer), answer.len, ret, err);
        if (r == 0 && pic__doc_root(*ret)->type != PIC__N_MAP)
                r = pic__fail(err, PIC_BACKEND, "the agent's answer cannot be understood");
        return r;
}

static int enter(pic_ctx *ctx, const pic_passkey_opts *opts, pic_passkey_opts *known, const char *call, pic_error **err)
{
        char rp[PIC__RP_TEXT];
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || opts == NULL)
                return pic__api_bad(err, call, "ctx or opts is not valid");
        r = pic__api_opts(opts, known, sizeof(*known), call, err);
        if (r == 0 && (known->origin == NULL || known->state == NULL || known->answer == NULL))
                return pic__api_bad(err, call, "opts has no origin, state or answer");
        return r < 0 ? r : pic__rp_of(known->origin, rp, err);
}

/* --- adding --------------------------------------------------------------------------------------------------- */

int pic__passkey_person(const pic_session *session, pic_error **err)
{
        if (pic_session_id(session) != 0 && pic_session_user(session)[0] != '\0')
                return 0;
        (void)pic__fail(err, PIC_BADSTATE, "that is for a person who is logged in");
        pic__hint(err, "Log in, not with an API token.");
        return PIC_BADSTATE;
}

int pic_passkey_add(pic_ctx *ctx, const pic_session *session, const pic_passkey_opts *opts, pic_id *ret_id,
                    pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *said = NULL;
        PIC__AUTO(answer_free) struct answer a = { .doc = NULL };
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        char challenge[PIC__CHALLENGE_TEXT];
        pic__json j = PIC__JSON(&args);
        pic_passkey_opts o;
        int64_t id = 0;
        int r = enter(ctx, opts, &o, "pic_passkey_add", err);

        if (r == 0)
                r = pic__passkey_person(session, err);
        if (r == 0)
                r = pic__passkey_name_check(o.name, err);
        if (r == 0)
                r = read_answer(o.answer, &a, err);
        if (r == 0)
                r = take_challenge(ctx, &o, pic_session_id(session), &a, challenge, err);
        if (r < 0)
                return r;
        open_args(&j, "add", &o, challenge, &a);
        pic__json_kstr(&j, "user", pic_session_user(session));
        pic__json_kstr(&j, "name", o.name);
        pic__json_kstr(&j, "object", pic__node_str(a.response, "attestationObject", ""));
        r = ask_agent(ctx, &args, pic_session_user(session), &said, err);
        if (r == 0 && pic__node_int(pic__doc_root(said), "id", &id) < 0)
                r = pic__fail(err, PIC_BACKEND, "the agent's answer cannot be understood");
        if (r == 0 && ret_id != NULL)
                *ret_id = id;
        return r;
}

/* --- logging in ----------------------------------------------------------------------------------------------- */

/* One attempt. */
struct attempt {
        pic_ctx *ctx;
        const pic_passkey_opts *o;
        struct answer said;
        pic__passkey key; /* as it is kept; id 0: nobody's */
        pic_obj *user;    /* whose it is; NULL: nobody's */
        int known;        /* by a browser that logged in as this user before */
        char who[160];    /* the gates' key */
        char from[PIC__SESSION_ADDRESS];
        pic_error **err;
};

static void attempt_free(struct attempt *a)
{
        answer_free(&a->said);
        pic_obj_unref(a->user);
}

static int find_owner(struct attempt *a, pic__store *st)
{
        uint8_t id[PIC__PASSKEY_ID], device[32];
        char hex[65] = "", name[65];
        size_t len = 0;
        int r = 0;

        if (pic__unbase64url(a->said.id, strlen(a->said.id), id, sizeof(id), &len) == 0)
                r = pic__store_passkey(st, id, len, &a->key, a->err);
        snprintf(a->who, sizeof(a->who), "%s", STRANGER);
        if (r > 0)
                r = pic__store_get_id(st, PIC__USER, a->key.user, &a->user, a->err);
        if (r < 0 || a->user == NULL)
                return r;
        if (a->o->device != NULL) {
                pic__secret_hash(a->o->device, device);
                r = a->known = pic__store_device_is(st, device, a->user->id, a->err);
        }
        if (r < 0)
                return r;
        if (a->known)
                pic__hex(device, sizeof(device), hex);
        (void)pic__fold(pic__obj_name(a->user), name, sizeof(name));
        snprintf(a->who, sizeof(a->who), "%s %s", name, hex);
        return 0;
}

static int look_up(struct attempt *a)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(a->ctx, &st, a->err);

        if (r < 0)
                return r;
        r = find_owner(a, st);
        pic__ctx_unlock(a->ctx);
        pic__gate_address(a->o->address, a->from);
        return r;
}

static enum pic__gate gate(const struct attempt *a)
{
        return a->known ? PIC__GATE_DEVICE : PIC__GATE_ACCOUNT;
}

static int by_address(const struct attempt *a)
{
        return !a->known && a->from[0] != '\0';
}

/* The same buckets as for passwords. */
static int pass_gates(const struct attempt *a)
{
        pic__gates *g = pic__ctx_root(a->ctx)->gates;
        pic_time wait = by_address(a) ? pic__gate_take(g, PIC__GATE_ADDRESS, a->from, mono(a->ctx)) : 0;

        if (wait == 0)
                wait = pic__gate_take(g, gate(a), a->who, mono(a->ctx));
        return wait > 0 ? pic__gate_closed(wait, a->err) : 0;
}

static void give_back(const struct attempt *a)
{
        pic__gates *g = pic__ctx_root(a->ctx)->gates;

        if (by_address(a))
                pic__gate_give(g, PIC__GATE_ADDRESS, a->from, mono(a->ctx));
        pic__gate_give(g, gate(a), a->who, mono(a->ctx));
}

static int ask(const struct attempt *a, const char *challenge, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *said = NULL;
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);
        int r;

        open_args(&j, "login", a->o, challenge, &a->said);
        pic__json_kstr(&j, "id", a->said.id);
        pic__json_kstr(&j, "handle", pic__node_str(a->said.response, "userHandle", ""));
        pic__json_kstr(&j, "auth", pic__node_str(a->said.response, "authenticatorData", ""));
        pic__json_kstr(&j, "signature", pic__node_str(a->said.response, "signature", ""));
        r = ask_agent(a->ctx, &args, a->user != NULL ? pic__obj_name(a->user) : a->ctx->actor, &said, err);
        if (r == 0 && !pic__node_bool(pic__doc_root(said), "right", 0)) /* nothing but its very word counts */
                r = pic__fail(err, PIC_BACKEND, "the agent's answer cannot be understood");
        return r;
}

static void tell_refused(const struct attempt *a, const char *why)
{
        pic__auto_buf pic__buf what = PIC__BUF_INIT;

        if (a->user != NULL)
                pic__buf_putf(&what, "a login as '%s' with passkey '%s' was refused: ", pic__obj_name(a->user),
                              a->key.name);
        else
                pic__buf_puts(&what, "a login with a passkey was refused: ");
        pic__buf_puts(&what, why != NULL ? why : "it is not accepted");
        if (!what.failed)
                pic__session_refused(a->ctx, pic__buf_str(&what), a->o->address);
}

static int refuse(pic_error **err)
{
        (void)pic__fail(err, PIC_DENIED, "the passkey is not accepted");
        pic__hint(err, "Log in with name and password.");
        return PIC_DENIED;
}

/* An attempt that was not a bad one is given back. */
static int judge(const struct attempt *a, const char *challenge)
{
        pic_error *bad = NULL;
        int r = ask(a, challenge, &bad);

        if (r == PIC_DENIED && pic_error_detail(bad, "part") != NULL) {
                tell_refused(a, pic_error_detail(bad, "why"));
                pic_error_free(bad);
                return refuse(a->err);
        }
        give_back(a);
        if (bad != NULL)
                pic__err_append(a->err, bad);
        return r;
}

/* The passkey may have been removed in this moment. */
static int still_so(pic__store *st, const pic_obj *now, const void *data, pic_error **err)
{
        const struct attempt *a = data;
        pic__passkey key;
        int r = pic__store_passkey(st, a->key.credential, a->key.credential_len, &key, err);

        if (r <= 0)
                return r;
        return key.id == a->key.id && pic__obj_int(now, "enabled") != 0 && pic__obj_has(now, "password");
}

static int open_session(const struct attempt *a, pic_session **ret)
{
        char with[PIC__PASSKEY_NAME + 32];

        snprintf(with, sizeof(with), " with passkey '%s'", a->key.name);
        return pic__session_enter(&(pic__entry){ .ctx = a->ctx,
                                                 .user = a->user,
                                                 .address = a->o->address,
                                                 .agent = a->o->agent,
                                                 .device = a->known ? a->o->device : NULL,
                                                 .with = with,
                                                 .still = still_so,
                                                 .data = a },
                                  ret, a->err);
}

int pic_passkey_login(pic_ctx *ctx, const pic_passkey_opts *opts, pic_session **ret_session, pic_error **err)
{
        pic_passkey_opts o;
        PIC__AUTO(attempt_free) struct attempt a = { .ctx = ctx, .o = &o, .err = err };
        char challenge[PIC__CHALLENGE_TEXT];
        int r = enter(ctx, opts, &o, "pic_passkey_login", err);

        if (r == 0 && ret_session == NULL)
                return pic__api_bad(err, "pic_passkey_login", "ret_session is NULL");
        if (r == 0)
                r = read_answer(o.answer, &a.said, err);
        if (r == 0)
                r = look_up(&a);
        if (r == 0)
                r = pass_gates(&a);
        if (r == 0)
                r = take_challenge(ctx, &o, 0, &a.said, challenge, err);
        if (r == 0)
                r = judge(&a, challenge);
        if (r == 0 && a.user == NULL)
                return refuse(err);
        return r < 0 ? r : open_session(&a, ret_session);
}
