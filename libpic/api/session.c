/* Owns: sessions: found by their secret, read, listed, ended. */
#include "api/session.h"

#include <stdio.h>
#include <string.h>

#include "api/recent.h"
#include "model/net.h"
#include "model/role.h"
#include "sys/crypto.h"
#include "sys/hash.h"

#define PREFIX "pic_"
#define SEEN_EVERY (60 * PIC__SECOND)

struct pic_session {
        pic__handle h;
        pic_id id;
        pic_time created; /* the login; 0: it is an API token's */
        int64_t age;
        char role[16];
        char csrf[PIC__BASE64URL(32)];
        char token[PIC__SECRET_TEXT];
        char device[PIC__SECRET_TEXT];
        char *user;
        char *json;
};

void pic__secret_new(char text[PIC__SECRET_TEXT])
{
        uint8_t bytes[PIC__SECRET_BYTES];

        pic__random(bytes, sizeof(bytes));
        memcpy(text, PREFIX, sizeof(PREFIX));
        pic__base64url(bytes, sizeof(bytes), text + strlen(PREFIX));
        pic__wipe(bytes, sizeof(bytes));
}

void pic__secret_hash(const char *text, uint8_t hash[32])
{
        pic__sha256(text, strlen(text), hash);
}

static int is_secret(const char *text)
{
        return strnlen(text, PIC__SECRET_TEXT) == PIC__SECRET_TEXT - 1 && strncmp(text, PREFIX, strlen(PREFIX)) == 0;
}

/* --- the handle ----------------------------------------------------------------------------------------------- */

static void free_session(pic_session *s)
{
        pic__free(s->user);
        pic__free(s->json);
        pic__wipe(s, sizeof(*s));
        pic__free(s);
}

pic_session *pic_session_unref(pic_session *session)
{
        if (pic__api_is(session, PIC__MAGIC_SESSION) && __atomic_sub_fetch(&session->h.refs, 1, __ATOMIC_ACQ_REL) == 0)
                free_session(session);
        return NULL;
}
PIC__CLEANUP(pic_session, pic_session_unref)

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

static void put_row(pic__json *j, const pic__session_row *row)
{
        put_time(j, "created", row != NULL ? row->created : 0);
        put_time(j, "seen", row != NULL ? row->seen : 0);
        put_time(j, "until", row != NULL ? row->until : 0);
        pic__json_kstr(j, "address", row != NULL && row->address[0] != '\0' ? row->address : NULL);
        pic__json_kstr(j, "agent", row != NULL && row->agent[0] != '\0' ? row->agent : NULL);
}

static char *make_json(const pic__session_is *is)
{
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        pic__json_open(&j, '{');
        pic__json_kint(&j, "id", is->row != NULL ? is->row->id : 0);
        pic__json_kstr(&j, "user", is->user != NULL ? pic__obj_name(is->user) : NULL);
        pic__json_kstr(&j, "role", is->role);
        pic__json_kstr(&j, "token", is->api_token != NULL ? pic__obj_name(is->api_token) : NULL);
        put_row(&j, is->row);
        pic__json_kbool(&j, "must_change", is->user != NULL && pic__obj_int(is->user, "must_change") != 0);
        pic__json_kbool(&j, "totp", is->user != NULL && pic__obj_has(is->user, "totp"));
        pic__json_close(&j, '}');
        return pic__buf_steal(&b);
}

/* Known to who has the session's secret, and to no other page. */
static void make_csrf(const char *text, char csrf[PIC__BASE64URL(32)])
{
        uint8_t hash[32];

        pic__sha256_tagged('c', text, strlen(text), NULL, 0, hash);
        pic__base64url(hash, sizeof(hash), csrf);
        pic__wipe(hash, sizeof(hash));
}

/* A clock that was put back makes nobody come in just now. */
static int64_t age_of(pic_time created, pic_time now)
{
        if (created == 0)
                return -1;
        return now >= created ? (now - created) / PIC__SECOND : INT64_MAX;
}

int pic__session_make(const pic__session_is *is, pic_session **ret, pic_error **err)
{
        PIC__AUTO(pic_session_unref_p) pic_session *s = pic__alloc(sizeof(*s));

        if (s == NULL)
                return pic__nomem(err);
        s->h = (pic__handle){ PIC__MAGIC_SESSION, 1 };
        s->id = is->row != NULL ? is->row->id : 0;
        s->created = is->row != NULL ? is->row->created : 0;
        s->age = is->fresh ? 0 : age_of(s->created, is->now);
        snprintf(s->role, sizeof(s->role), "%s", is->role);
        if (is->row != NULL)
                make_csrf(is->text, s->csrf);
        if (is->fresh)
                snprintf(s->token, sizeof(s->token), "%s", is->text);
        snprintf(s->device, sizeof(s->device), "%s", is->device != NULL ? is->device : "");
        s->user = pic__strdup(is->user != NULL ? pic__obj_name(is->user) : "");
        s->json = make_json(is);
        if (s->user == NULL || s->json == NULL)
                return pic__nomem(err);
        *ret = pic__take(s);
        return 0;
}

pic_session *pic__session_ref(const pic_session *s)
{
        pic_session *held = (pic_session *)(uintptr_t)s; /* the count is no part of the value */

        __atomic_add_fetch(&held->h.refs, 1, __ATOMIC_RELAXED);
        return held;
}

pic_session *pic__session_copy(const pic_session *s, pic_time now)
{
        PIC__AUTO(pic_session_unref_p) pic_session *copy = pic__alloc(sizeof(*copy));

        if (copy == NULL)
                return NULL;
        *copy = *s;
        copy->h = (pic__handle){ PIC__MAGIC_SESSION, 1 };
        copy->age = age_of(s->created, now);
        copy->user = pic__strdup(s->user);
        copy->json = pic__strdup(s->json);
        return copy->user != NULL && copy->json != NULL ? pic__take(copy) : NULL;
}

static int is_session(const pic_session *s)
{
        return pic__api_is(s, PIC__MAGIC_SESSION);
}

const char *pic_session_user(const pic_session *session)
{
        return is_session(session) ? session->user : "";
}

const char *pic_session_role(const pic_session *session)
{
        return is_session(session) ? session->role : "";
}

const char *pic_session_token(const pic_session *session)
{
        return is_session(session) ? session->token : "";
}

const char *pic_session_device(const pic_session *session)
{
        return is_session(session) ? session->device : "";
}

const char *pic_session_csrf(const pic_session *session)
{
        return is_session(session) ? session->csrf : "";
}

pic_id pic_session_id(const pic_session *session)
{
        return is_session(session) ? session->id : 0;
}

int64_t pic_session_age(const pic_session *session)
{
        return is_session(session) ? session->age : -1;
}

const char *pic_session_json(const pic_session *session)
{
        return is_session(session) ? session->json : "{}";
}

/* --- what login, setup and links share ------------------------------------------------------------------------ */

void pic__gate_address(const char *address, char key[PIC__SESSION_ADDRESS])
{
        pic__addr a;

        snprintf(key, PIC__SESSION_ADDRESS, "%s", address != NULL ? address : "");
        if (address == NULL || pic__addr_parse(address, &a) < 0 || a.family != 6)
                return;
        memset(a.bytes + 8, 0, 8); /* whoever has one address of a network has them all */
        pic__addr_print(&a, key);
}

int pic__gate_closed(pic_time wait, pic_error **err)
{
        long long ms = (long long)((wait + 999) / 1000);

        (void)pic__fail(err, PIC_BUSY, "there were too many attempts: the next one is possible in %lld s",
                        (ms + 999) / 1000);
        pic__hint(err, "Wait, and look at 'pic audit list --verb refused' if these were not yours.");
        pic__detail_int(err, "retry_ms", ms);
        return PIC_BUSY;
}

static void put_shown(char *to, size_t size, const char *text)
{
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;

        if (text != NULL)
                pic__buf_put_shown(&shown, text, size - 4); /* "…" may come behind it */
        snprintf(to, size, "%s", pic__buf_str(&shown));
}

void pic__session_say(pic__session_row *row, const char *address, const char *agent)
{
        put_shown(row->address, sizeof(row->address), address);
        put_shown(row->agent, sizeof(row->agent), agent);
}

int pic__session_note(pic__txn *t, const pic_obj *user, const char *verb, const char *text, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = user == NULL ? pic__txn_get(t, PIC__CELL, NULL, &cell, err) : 0;
        const pic_obj *about = user != NULL ? user : cell;

        r = r < 0 ? r : pic__txn_note_often(t, about, verb, text, err);
        return r < 0 ? r : 0;
}

static int write_refused(pic_ctx *ctx, pic__store *st, const char *text)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        int r = pic__txn_begin(st, ctx->actor, ctx->way, &t, NULL);

        if (r == 0)
                r = pic__txn_refused(t, text, 0, NULL);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, NULL);
}

void pic__session_refused(pic_ctx *ctx, const char *what, const char *address)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__store *st = NULL;

        pic__buf_put_shown(&text, what, 200);
        if (address != NULL) {
                pic__buf_puts(&text, " from ");
                pic__buf_put_shown(&text, address, PIC__SESSION_ADDRESS);
        }
        if (text.failed || pic__ctx_lock(ctx, &st, NULL) < 0)
                return;
        (void)write_refused(ctx, st, pic__buf_str(&text));
        pic__ctx_unlock(ctx);
}

/* --- finding -------------------------------------------------------------------------------------------------- */

static int over(pic_error **err)
{
        (void)pic__fail(err, PIC_DENIED, "there is no such session, or it is over");
        pic__hint(err, "Log in again.");
        return PIC_DENIED;
}

/* What is looked for, and what was found of it. */
struct finding {
        pic_ctx *ctx;
        pic__store *st;
        const char *text;
        uint8_t hash[32];
        pic_time now;
        int use;              /* it is used, not only watched */
        pic__session_row row; /* id 0: an API token's */
        pic_obj *user, *token;
        const char *role;
        pic_session **ret;
        pic_error **err;
};

static void finding_free(struct finding *f)
{
        pic__obj_unref(f->user);
        pic__obj_unref(f->token);
}

static void note_seen(struct finding *f)
{
        if (f->row.id == 0 || !f->use || f->now - f->row.seen < SEEN_EVERY)
                return;
        pic__store_session_seen(f->st, f->row.id);
        f->row.seen = f->now;
}

/* Nothing else would be kept up with an undo, or another program: a session is measured by its user as that is now. */
static int of_cookie(struct finding *f)
{
        int r;

        f->role = f->row.role;
        if (f->row.user == 0) {
                r = pic__store_has_admin(f->st, f->err);
                return r <= 0 ? r : over(f->err);
        }
        r = pic__store_get_id(f->st, PIC__USER, f->row.user, &f->user, f->err);
        if (r < 0)
                return r;
        if (pic__obj_int(f->user, "enabled") == 0 || strcmp(pic__obj_text(f->user, "role"), f->row.role) != 0)
                return over(f->err);
        return 0;
}

static int of_token(struct finding *f)
{
        pic_time expires = pic__obj_int(f->token, "expires");
        int r = pic__store_get(f->st, PIC__USER, pic__obj_text(f->token, "user"), &f->user, f->err);

        if (r < 0)
                return r;
        f->role = pic__role_least(pic__obj_text(f->token, "scope"), pic__obj_text(f->user, "role"));
        if (f->role == NULL || pic__obj_int(f->user, "enabled") == 0 || (expires != 0 && expires <= f->now))
                return over(f->err);
        return 0;
}

static int find(struct finding *f)
{
        char base64[PIC__BASE64(32)];
        int r = pic__store_session(f->st, f->hash, &f->row, f->err);

        if (r != 0)
                return r < 0 ? r : of_cookie(f);
        f->row.id = 0;
        pic__base64(f->hash, sizeof(f->hash), base64);
        r = pic__store_token(f->st, base64, &f->token, f->err);
        if (r < 0)
                return r;
        return f->token != NULL ? of_token(f) : over(f->err);
}

/* What was found holds until something is committed, or until a minute of its use has to be noted. */
static void keep(struct finding *f, const pic__stamp *at)
{
        pic_time until;

        if (f->row.id != 0) {
                until = f->row.seen + SEEN_EVERY;
                if (f->row.until < until)
                        until = f->row.until;
        } else {
                until = pic__obj_int(f->token, "expires") != 0 ? pic__obj_int(f->token, "expires") : INT64_MAX;
        }
        pic__recent_keep_session(pic__ctx_root(f->ctx)->recent, at, f->hash, *f->ret, f->now, until);
}

/* Session and user are read as of one moment, which costs less than two. */
static int find_at_once(struct finding *f)
{
        int r = pic__store_read_begin(f->st, f->err);

        if (r < 0)
                return r;
        r = find(f);
        pic__store_read_end(f->st);
        if (r < 0)
                return r;
        note_seen(f);
        return pic__session_make(&(pic__session_is){ .user = f->user,
                                                     .api_token = f->token,
                                                     .row = f->row.id != 0 ? &f->row : NULL,
                                                     .role = f->role,
                                                     .text = f->text,
                                                     .now = f->now },
                                 f->ret, f->err);
}

static int look_for(struct finding *f, const char *call)
{
        pic_session *found;
        pic__stamp at;
        int r, known;

        if (!pic__api_is(f->ctx, PIC__MAGIC_CTX) || f->text == NULL || f->ret == NULL)
                return pic__api_bad(f->err, call, "ctx, text or ret_session is not valid");
        if (!is_secret(f->text))
                return over(f->err);
        f->now = f->ctx->clock->now(f->ctx->clock->data);
        pic__secret_hash(f->text, f->hash);
        known = pic__ctx_stamp(f->ctx, &at) == 0;
        found = known ? pic__recent_session(pic__ctx_root(f->ctx)->recent, &at, f->hash, f->now) : NULL;
        if (found != NULL) {
                *f->ret = found;
                return 0;
        }
        r = pic__ctx_lock(f->ctx, &f->st, f->err);
        if (r < 0)
                return r;
        r = find_at_once(f);
        pic__ctx_unlock(f->ctx);
        if (r == 0 && known)
                keep(f, &at);
        return r;
}

int pic_session_find(pic_ctx *ctx, const char *text, pic_session **ret_session, pic_error **err)
{
        PIC__AUTO(finding_free)
        struct finding f = { .ctx = ctx, .text = text, .use = 1, .ret = ret_session, .err = err };

        return look_for(&f, "pic_session_find");
}

int pic_session_watch(pic_ctx *ctx, const char *text, pic_session **ret_session, pic_error **err)
{
        PIC__AUTO(finding_free) struct finding f = { .ctx = ctx, .text = text, .ret = ret_session, .err = err };

        return look_for(&f, "pic_session_watch");
}
