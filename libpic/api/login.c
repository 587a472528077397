/* Owns: login. Who tries too often is turned away before anything dear is done; the password is hashed here, compared
 * by the agent; then a session is written. A user that there is not takes the same way. */
#include <stdio.h>
#include <string.h>

#include "api/enter.h"
#include "base/utf8.h"
#include "change/password.h"
#include "codec/json_in.h"
#include "model/text.h"
#include "sys/crypto.h"
#include "sys/hash.h"

#define NAME_MAX_BYTES 64

/* One attempt. */
struct attempt {
        pic_ctx *ctx;
        const pic_login_opts *o;
        int check;          /* the password only */
        pic_obj *user;      /* NULL: there is none of that name */
        int known;          /* by a browser that logged in as this user before */
        uint8_t device[32]; /* its hash */
        char who[160];      /* the gates' key: a user, or a user's browser */
        char from[PIC__SESSION_ADDRESS];
        char salt[PIC__SALT_TEXT];
        uint8_t proof[PIC__PROOF];
        pic_error **err;
};

static void attempt_free(struct attempt *a)
{
        pic__obj_unref(a->user);
        pic__wipe(a->proof, sizeof(a->proof));
}

static pic_time mono(const struct attempt *a)
{
        return a->ctx->clock->mono(a->ctx->clock->data);
}

/* --- who it is said to be ------------------------------------------------------------------------------------- */

static int read_user(struct attempt *a, pic__store *st)
{
        uint8_t nobody[32];
        int r = pic__store_get(st, PIC__USER, a->o->user, &a->user, NULL); /* NULL: no looking for names like it */

        if (r < 0 && r != PIC_NOTFOUND)
                return pic__fail(a->err, r, "the users cannot be read");
        r = pic__store_nobody(st, nobody, a->err);
        if (r < 0)
                return r;
        pic__salt_of_nobody(nobody, a->o->user, a->salt);
        if (a->user != NULL && pic__obj_has(a->user, "password_salt"))
                snprintf(a->salt, sizeof(a->salt), "%s", pic__obj_text(a->user, "password_salt"));
        pic__wipe(nobody, sizeof(nobody));
        if (a->user == NULL || a->o->device == NULL)
                return 0;
        pic__secret_hash(a->o->device, a->device);
        r = pic__store_device_is(st, a->device, a->user->id, a->err);
        a->known = r > 0;
        return r < 0 ? r : 0;
}

static void name_gates(struct attempt *a)
{
        char name[NAME_MAX_BYTES + 1], device[65] = "";

        pic__gate_address(a->o->address, a->from);
        (void)pic__fold(a->o->user, name, sizeof(name));
        if (a->known)
                pic__hex(a->device, sizeof(a->device), device);
        snprintf(a->who, sizeof(a->who), "%s %s", name, device);
}

static int look_up(struct attempt *a)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(a->ctx, &st, a->err);

        if (r < 0)
                return r;
        r = read_user(a, st);
        pic__ctx_unlock(a->ctx);
        if (r == 0)
                name_gates(a);
        return r;
}

/* --- gates ---------------------------------------------------------------------------------------------------- */

static enum pic__gate code_gate(const struct attempt *a)
{
        return a->known ? PIC__GATE_DEVICE_CODE : PIC__GATE_CODE;
}

static int with_code(const struct attempt *a)
{
        return !a->check && a->o->code != NULL && a->o->code[0] != '\0';
}

static int by_address(const struct attempt *a)
{
        return !a->known && a->from[0] != '\0';
}

static void give_back(const struct attempt *a)
{
        pic__gates *g = pic__ctx_root(a->ctx)->gates;

        if (by_address(a))
                pic__gate_give(g, PIC__GATE_ADDRESS, a->from, mono(a));
        pic__gate_give(g, a->known ? PIC__GATE_DEVICE : PIC__GATE_ACCOUNT, a->who, mono(a));
}

static void give_code_back(const struct attempt *a)
{
        if (with_code(a))
                pic__gate_give(pic__ctx_root(a->ctx)->gates, code_gate(a), a->who, mono(a));
}

/* Each that is passed counts until it is given back, so that many attempts at once are no way around. */
static int pass_gates(const struct attempt *a)
{
        pic__gates *g = pic__ctx_root(a->ctx)->gates;
        pic_time wait = by_address(a) ? pic__gate_take(g, PIC__GATE_ADDRESS, a->from, mono(a)) : 0;

        if (wait > 0)
                return pic__gate_closed(wait, a->err);
        wait = pic__gate_take(g, a->known ? PIC__GATE_DEVICE : PIC__GATE_ACCOUNT, a->who, mono(a));
        if (wait > 0)
                return pic__gate_closed(wait, a->err);
        wait = with_code(a) ? pic__gate_take(g, code_gate(a), a->who, mono(a)) : 0;
        if (wait == 0)
                return 0;
        give_back(a);
        return pic__gate_closed(wait, a->err);
}

/* --- the agent's word ----------------------------------------------------------------------------------------- */

/* Nothing but its very word counts. */
static int is_right(const pic__buf *answer, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        int r = pic__api_answer(pic__buf_str(answer), answer->len, &doc, err);

        if (r == 0 && (pic__doc_root(doc)->type != PIC__N_MAP || !pic__node_bool(pic__doc_root(doc), "right", 0)))
                r = pic__fail(err, PIC_BACKEND, "the agent's answer cannot be understood");
        return r;
}

static int ask_agent(const struct attempt *a, pic_error **err)
{
        pic__auto_wipe pic__buf args = PIC__BUF_SECRET;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        char proof[PIC__BASE64(PIC__PROOF)];
        pic__json j = PIC__JSON(&args);
        int r;

        pic__base64(a->proof, sizeof(a->proof), proof);
        pic__json_open(&j, '{');
        pic__json_kstr(&j, "user", a->o->user);
        pic__json_kstr(&j, "proof", proof);
        pic__json_kstr(&j, "code", a->o->code);
        pic__json_kbool(&j, "check", a->check);
        pic__json_kstr(&j, "actor", a->user != NULL ? pic__obj_name(a->user) : a->ctx->actor);
        pic__json_kstr(&j, "way", a->ctx->way);
        pic__json_close(&j, '}');
        pic__wipe(proof, sizeof(proof));
        if (args.failed)
                return pic__nomem(err);
        r = pic__ctx_call(a->ctx, "login", pic__buf_str(&args), 0, &answer, err);
        return r < 0 ? r : is_right(&answer, err);
}

/* The journal keeps it for ever and shows it to many: a name that nobody has may be a password, typed into the wrong
 * line. */
static void refused_text(const struct attempt *a, char *text, size_t size)
{
        if (a->user != NULL)
                snprintf(text, size, "a login as '%s' was refused", pic__obj_name(a->user));
        else
                snprintf(text, size, "a login by a name that no user has was refused");
}

/* Attempts that were no guesses are given back. */
static int judge(const struct attempt *a)
{
        pic_error *bad = NULL;
        int r = ask_agent(a, &bad);
        const char *part = pic_error_detail(bad, "part");
        char what[128];

        if (r != PIC_DENIED || part == NULL)
                give_back(a);
        if (r != PIC_DENIED || part == NULL || strcmp(part, "code") != 0)
                give_code_back(a);
        if (r == PIC_DENIED && part != NULL) {
                refused_text(a, what, sizeof(what));
                pic__session_refused(a->ctx, what, a->o->address);
                pic_error_free(bad);
                return pic__fail(a->err, PIC_DENIED, "user, password or code is wrong");
        }
        if (bad != NULL)
                pic__err_append(a->err, bad);
        return r;
}

static int prove(struct attempt *a)
{
        int r = pass_gates(a);

        if (r < 0)
                return r;
        r = pic__proof_make(a->salt, a->o->password, a->proof, a->err);
        if (r < 0) {
                give_back(a);
                give_code_back(a);
                return r;
        }
        return judge(a);
}

/* --- the session ---------------------------------------------------------------------------------------------- */

/* The user may have got another password in this moment. */
static int still_so(pic__store *st, const pic_obj *now, const void *data, pic_error **err)
{
        const struct attempt *a = data;
        int f = pic__field_find(PIC__USER, "password");

        (void)st;
        (void)err;
        return pic__obj_int(now, "enabled") != 0 && pic__val_equal(pic__obj_val(a->user, f), pic__obj_val(now, f));
}

static int open_session(const struct attempt *a, pic_session **ret)
{
        return pic__session_enter(&(pic__entry){ .ctx = a->ctx,
                                                 .user = a->user,
                                                 .address = a->o->address,
                                                 .agent = a->o->agent,
                                                 .device = a->known ? a->o->device : NULL,
                                                 .still = still_so,
                                                 .data = a },
                                  ret, a->err);
}

/* --- the calls ------------------------------------------------------------------------------------------------ */

static int enter(pic_ctx *ctx, const pic_login_opts *opts, pic_login_opts *known, const char *call, pic_error **err)
{
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || opts == NULL)
                return pic__api_bad(err, call, "ctx or opts is not valid");
        r = pic__api_opts(opts, known, sizeof(*known), call, err);
        if (r == 0 && (known->user == NULL || known->password == NULL))
                return pic__api_bad(err, call, "opts has no user, or no password");
        return r;
}

static int refuse(pic_error **err)
{
        return pic__fail(err, PIC_DENIED, "user, password or code is wrong");
}

/* Longer ones than there can be cost nothing: that they are wrong tells nobody anything. */
static int can_be(const pic_login_opts *o)
{
        return o->user[0] != '\0' && strnlen(o->user, NAME_MAX_BYTES + 1) <= NAME_MAX_BYTES &&
               pic__utf8_printable(o->user) && strnlen(o->password, 513) <= 512 &&
               (o->code == NULL || strnlen(o->code, 65) <= 64);
}

int pic_login(pic_ctx *ctx, const pic_login_opts *opts, pic_session **ret_session, pic_error **err)
{
        pic_login_opts o;
        PIC__AUTO(attempt_free) struct attempt a = { .ctx = ctx, .o = &o, .err = err };
        int r = enter(ctx, opts, &o, "pic_login", err);

        if (r == 0 && ret_session == NULL)
                return pic__api_bad(err, "pic_login", "ret_session is NULL");
        if (r == 0 && !can_be(&o))
                return refuse(err);
        if (r == 0)
                r = look_up(&a);
        if (r == 0)
                r = prove(&a);
        if (r == 0 && a.user == NULL)
                return refuse(err);
        return r < 0 ? r : open_session(&a, ret_session);
}

int pic_password_check(pic_ctx *ctx, const pic_login_opts *opts, pic_error **err)
{
        pic_login_opts o;
        PIC__AUTO(attempt_free) struct attempt a = { .ctx = ctx, .o = &o, .check = 1, .err = err };
        int r = enter(ctx, opts, &o, "pic_password_check", err);

        if (r == 0 && !can_be(&o))
                return refuse(err);
        if (r == 0)
                r = look_up(&a);
        return r < 0 ? r : prove(&a);
}
