/* <pic/auth.h>: who a person is. Kinds "user" and "token" (<pic/object.h>, <pic/edit.h>) say who may do what; this is
 * how they come in: login, sessions, API tokens, one-time codes. Front ends that serve others over a network need it;
 * who has the cell's directory and runs a program there needs no login.
 *
 * A password is hashed (Argon2id) in the process where it is said, by pic_edit_set() of field "password" or here, and
 * what comes out is sealed to the agent's key: a copied store gives nobody anything to guess at, and only the agent can
 * say whether a password is right. Sessions, links and codes are kept as hashes, beside the journal: it has rows
 * "login", "logout" and "refused" (so many an hour and a day; the next one tells how many had none), never a secret.
 * What an undo brings back has no password, no second factor and no token's secret: those do not come back.
 *
 * While no user is an admin who can log in (role admin, enabled, with a password) the cell is in setup: only the code
 * of pic_setup_code() opens a session, with role "setup". */
#ifndef PIC_AUTH_H
#define PIC_AUTH_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* The same cell for somebody else: a context that shares store, locks and agent with `ctx`, whose rows of the journal
 * have another actor and way. Cheap: one a request. NULL: as in `ctx`. Both may be released in any order. actor: 1 to
 * 64 bytes, printable; way: as in pic_ctx_opts. PIC_VALUE: an actor that is none; PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_ctx_as(pic_ctx *ctx, const char *actor, const char *way, pic_ctx **ret_ctx,
                                    pic_error **err);

typedef struct pic_login_opts {
        size_t size;          /* sizeof(pic_login_opts) */
        const char *user;     /* its name; letter case does not count */
        const char *password; /* in clear */
        const char *code;     /* six digits of the second factor, or a recovery code; NULL: none yet */
        const char *device;   /* what pic_session_device() said when this browser logged in before; NULL: none */
        const char *address;  /* where the person is, "192.0.2.7"; NULL: not known */
        const char *agent;    /* what program it says it is, for the list of sessions; NULL: not known */
} pic_login_opts;

#define PIC_LOGIN_OPTS_INIT                                                \
        {                                                                  \
                sizeof(pic_login_opts), NULL, NULL, NULL, NULL, NULL, NULL \
        }

/* Who knows the password, and the second factor where there is one, gets a new session. Takes some ten milliseconds of
 * a core and 19 MiB; one at a time in a process. PIC_DENIED: user, password or code is wrong, or the user is turned off
 * (which of these, is not said); PIC_BADSTATE with detail "need", "code": the password is right, a code is wanted;
 * PIC_BUSY with detail "retry_ms": too many attempts from that address or for that account, or too many at this moment
 * (another writer: without that detail). Strangers' attempts for an account do not count for a browser that logged in
 * before (`device`). PIC_NOAGENT: no agent, so nobody can tell; PIC_TIMEOUT. PIC_INVALID: a bad ctx or opts, no user or
 * password; PIC_BACKEND (an answer that makes no sense), PIC_NOTFOUND: no cell; PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO,
 * PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_login(pic_ctx *ctx, const pic_login_opts *opts, pic_session **ret_session,
                                   pic_error **err);
/* Whether that is the user's password, without a code and without a session: for who is logged in and changes something
 * that wants it said again. Counts as an attempt. Codes as pic_login(), but no PIC_BADSTATE. */
PIC_API PIC_MUST_USE int pic_password_check(pic_ctx *ctx, const pic_login_opts *opts, pic_error **err);

/* The session of a cookie, or one for an API token (`text` is what pic_session_token() or pic_edit_token() gave). Ends
 * of their own: after 8 hours without a call, after 7 days; with a new password or role of the user, or when it is
 * turned off or removed. Reads the store; notes at most once a minute that the session was used. PIC_DENIED: no such
 * session or token, or it is over; PIC_INVALID; of the store, codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_session_find(pic_ctx *ctx, const char *text, pic_session **ret_session, pic_error **err);
/* The same for what a program does by itself, as a page that listens: it does not count as use, so that a session which
 * nobody uses ends though a page is open. Codes as pic_session_find(). */
PIC_API PIC_MUST_USE int pic_session_watch(pic_ctx *ctx, const char *text, pic_session **ret_session, pic_error **err);

/* Readers. Texts are borrowed from the session; "" where there is none, and for a bad handle. */

/* The user's name; "" in setup. */
PIC_API const char *pic_session_user(const pic_session *session);
/* What it may do: "admin", "operator", "viewer", "peer", "setup", "metrics". Of an API token: the lesser one of its
 * scope and its user's role. */
PIC_API const char *pic_session_role(const pic_session *session);
/* The secret that pic_session_find() takes: "pic_" and 43 characters. Only where the session was made: "" else. */
PIC_API const char *pic_session_token(const pic_session *session);
/* What the browser keeps (for a year) and gives at its next login. Only after pic_login(). */
PIC_API const char *pic_session_device(const pic_session *session);
/* What a page must send along with each change, so that no other page can have it made. "" for an API token. */
PIC_API const char *pic_session_csrf(const pic_session *session);
/* Its number, for pic_session_end(); 0 for an API token and a bad handle. */
PIC_API pic_id pic_session_id(const pic_session *session);
/* How many seconds ago the person logged in, as of the call that found the session: who sits at somebody's open page
 * did not. -1 for an API token and a bad handle. */
PIC_API int64_t pic_session_age(const pic_session *session);
/* {"id","user","role","token","created","seen","until","address","agent","must_change","totp"}; token: the name of the
 * API token, or null; times as RFC 3339; until: when it ends at the latest, or null; must_change: the user is to choose
 * a new password; totp: whether there is a second factor. */
PIC_API const char *pic_session_json(const pic_session *session);
/* Gives the reference back; returns NULL. Takes NULL. The session itself goes on. */
PIC_API pic_session *pic_session_unref(pic_session *session);

/* Ends a session ("logout" in the journal). PIC_NOTFOUND: there is no such session (any more), or no cell; PIC_INVALID,
 * PIC_BUSY, PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_session_end(pic_ctx *ctx, pic_id id, pic_error **err);
/* Who is logged in: [{"id","user","role","created","seen","until","address","agent"}], the newest first. user: only of
 * that one; NULL: all, those of setup too (user null). PIC_NOTFOUND: no such user; PIC_INVALID,
 * PIC_NOMEM; of the store, codes as pic_list_get(). */
PIC_API PIC_MUST_USE int pic_session_list(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err);

/* This edit is made in that session: it goes on when the edit ends the user's sessions (a new password of one's own).
 * session NULL: none. PIC_INVALID, PIC_BADSTATE: a committed edit. */
PIC_API PIC_MUST_USE int pic_edit_keep(pic_edit *edit, const pic_session *session, pic_error **err);
/* Makes the secret of a token, in this edit: the text that pic_session_find() takes. It is told only here; the store
 * gets its hash. For a token that this edit adds, or one that is there: then the old secret ends. PIC_VALUE: no name;
 * PIC_INVALID, PIC_BADSTATE, PIC_NOMEM. At commit PIC_NOTFOUND: no such token. */
PIC_API PIC_MUST_USE int pic_edit_token(pic_edit *edit, const char *name, pic_blob **ret_secret, pic_error **err);

/* A new second factor (TOTP: RFC 6238, SHA-1, 30 seconds, 6 digits) to be put into a person's program:
 * {"secret","uri"}; secret: base32; uri: otpauth://…, for a QR code (pic_qr_make()). Nothing is kept: see
 * pic_edit_totp(). PIC_NOTFOUND: no such user; PIC_INVALID; of the store, codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_totp_offer(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err);
/* Wishes that this be the user's second factor: `code` shows that the program has it, and gets nobody in after that.
 * ret_recovery: ten codes, one a line, each of which counts once instead of one of the program's; told only here.
 * Turned off by pic_edit_unset() of "totp". PIC_VALUE: the secret is none, or the code is not the present one;
 * PIC_INVALID, PIC_BADSTATE, PIC_NOMEM; of the store, which has the key that secrets are sealed to, codes as pic_get().
 */
PIC_API PIC_MUST_USE int pic_edit_totp(pic_edit *edit, const char *user, const char *secret, const char *code,
                                       pic_blob **ret_recovery, pic_error **err);

/* --- passkeys (W3C WebAuthn level 2) ---
 *
 * A passkey is a key in a person's device, which answers a challenge for one page only and asks its owner first: a PIN,
 * a finger, a face. One without that is not taken, so it counts as both factors. It says itself whose it is: no name is
 * typed. The cell keeps the public half, beside the journal: no undo brings one back. The front end says where its page
 * is (`origin`), as it knows it itself and not as the browser says it; browsers do this only for https://NAME and for
 * http://localhost:PORT. Signatures are checked by libfido2, in the agent. */

typedef struct pic_passkey_opts {
        size_t size;        /* sizeof(pic_passkey_opts) */
        const char *origin; /* "http://localhost:3000" */
        const char *state;  /* "state" of the report of pic_passkey_offer(), which the browser kept in a cookie */
        const char *answer; /* what the browser says, a PublicKeyCredential as JSON (its toJSON()) */
        const char *name;   /* pic_passkey_add(): what the person calls it, up to 64 bytes, printable */
        const char *device; /* pic_passkey_login(): this and the next two as in pic_login_opts */
        const char *address;
        const char *agent;
} pic_passkey_opts;

#define PIC_PASSKEY_OPTS_INIT                                                      \
        {                                                                          \
                sizeof(pic_passkey_opts), NULL, NULL, NULL, NULL, NULL, NULL, NULL \
        }

/* What a page asks the browser for: {"state","public_key"}; public_key: what navigator.credentials takes as
 * "publicKey", with bytes in base64url. session: who adds a passkey to its own account (it opens a way in:
 * take one of just now, pic_session_age()); NULL: somebody logs in. It is good for one answer within two minutes, and
 * for this context. PIC_BADSTATE: browsers know no passkeys at that address (hint: where they do), or the session is no
 * person's; PIC_VALUE: origin is none; PIC_NOTFOUND: no cell, or the user is gone; PIC_INVALID; of the store, codes as
 * pic_get(). */
PIC_API PIC_MUST_USE int pic_passkey_offer(pic_ctx *ctx, const pic_session *session, const char *origin,
                                           pic_report **ret_report, pic_error **err);
/* Keeps the passkey that the browser made for that offer ("passkey" in the journal). *ret_id (may be NULL): its number.
 * PIC_DENIED: the offer is over or was answered; PIC_VALUE: a check failed (the message says which), or a bad name;
 * PIC_SYNTAX: the answer is none; PIC_EXISTS: the passkey is known, or the user has one of that name; PIC_BADSTATE: 20
 * are there already, or as pic_passkey_offer(); PIC_UNSUPPORTED: libfido2 is not there; PIC_NOAGENT, PIC_TIMEOUT,
 * PIC_BUSY, PIC_INVALID, PIC_NOTFOUND, PIC_BACKEND, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_passkey_add(pic_ctx *ctx, const pic_session *session, const pic_passkey_opts *opts,
                                         pic_id *ret_id, pic_error **err);
/* A new session for who has the passkey, as pic_login(); a user without a password cannot log in so either. PIC_DENIED:
 * it is not accepted, or the offer is over or was answered; a passkey whose counter went back, so that there may be a
 * copy of it, is refused too, and the doctor tells. PIC_SYNTAX: the answer is none. Attempts count as those of
 * pic_login(): PIC_BUSY. PIC_UNSUPPORTED: libfido2 is not there; else codes as pic_login() and pic_passkey_offer(). */
PIC_API PIC_MUST_USE int pic_passkey_login(pic_ctx *ctx, const pic_passkey_opts *opts, pic_session **ret_session,
                                           pic_error **err);
/* [{"id","user","name","page","created","used","suspect"}], the oldest first; page: the name that it is for; used,
 * suspect (its counter went back: there may be a copy): RFC 3339, or null. user: only of that one; NULL: of all.
 * PIC_NOTFOUND: no such user; PIC_INVALID, PIC_NOMEM; of the store, codes as pic_list_get(). */
PIC_API PIC_MUST_USE int pic_passkey_list(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err);
/* Of this user. PIC_NOTFOUND: no such user, or passkey of it; PIC_VALUE: a bad name; PIC_EXISTS: the user has one of
 * that name; PIC_INVALID, PIC_BUSY, PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_passkey_rename(pic_ctx *ctx, const char *user, pic_id id, const char *name,
                                            pic_error **err);
/* It lets nobody in any more; sessions go on. Codes as pic_passkey_rename(). */
PIC_API PIC_MUST_USE int pic_passkey_remove(pic_ctx *ctx, const char *user, pic_id id, pic_error **err);

/* 1 while the cell is in setup: no admin can log in; else 0. Codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_setup_is(pic_ctx *ctx, pic_error **err);
/* A new setup code (XXXX-XXXX-XXXX), good for a day; a former one ends. PIC_BADSTATE: the cell is not in setup;
 * PIC_NOTFOUND: no cell; PIC_INVALID, PIC_BUSY, PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_setup_code(pic_ctx *ctx, pic_blob **ret_code, pic_error **err);
/* Opens a session of role "setup" (2 hours, over as soon as there is an admin). Letter case and hyphens of the code do
 * not count. PIC_DENIED: not the code, or it is too old; PIC_BADSTATE: the cell is not in setup; PIC_BUSY with detail
 * "retry_ms": too many attempts; address: as in pic_login_opts. PIC_INVALID; of the store as pic_setup_code(). */
PIC_API PIC_MUST_USE int pic_setup_open(pic_ctx *ctx, const char *code, const char *address, pic_session **ret_session,
                                        pic_error **err);

/* A secret that shows a device's configuration once, to whoever has it: for a link that is sent. A former one for that
 * device ends. seconds: how long it is good, up to 604,800 (PIC_VALUE); 0: a day. PIC_NOTFOUND: no such peer;
 * PIC_BADSTATE: its configuration was shown already and its key is gone (hint: rekey); PIC_INVALID,
 * PIC_BUSY, PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_link_make(pic_ctx *ctx, const char *peer, uint32_t seconds, pic_blob **ret_token,
                                       pic_error **err);
/* Takes it: {"name","config"}, as by pic_peer_config(); the report holds a private key. Then it is used up; not when
 * this fails. PIC_DENIED: no such link, used up or too old; PIC_BUSY with detail "retry_ms": too many attempts; else
 * codes as pic_peer_config(). */
PIC_API PIC_MUST_USE int pic_link_take(pic_ctx *ctx, const char *token, const char *address, pic_report **ret_report,
                                       pic_error **err);

/* 1: that is the secret by which the cell's own front proxy says who it is, which the agent makes anew at each of its
 * starts (run/front, for root and the cell's group), or the one of the start before; 0: it is not, or it cannot be
 * read. */
PIC_API int pic_front_check(pic_ctx *ctx, const char *text);

PIC_END_DECLS

#endif
