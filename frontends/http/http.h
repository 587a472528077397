/* What the parts of `pic-http` share: one request in, one answer out, one table of routes between them. Nothing here
 * knows of sockets: server.c carries requests, the tests and the fuzzer make their own. */
#ifndef PIC_HTTP_H
#define PIC_HTTP_H

#include <jansson.h>
#include <pic/pic.h>
#include <stddef.h>
#include <stdio.h>

struct app;
struct call;

struct pair {
        const char *name;
        const char *value;
};

/* --- what came ------------------------------------------------------------------------------------------------ */

struct req {
        const char *method;
        const char *target; /* the path as it came, without the query */
        const char *query;  /* NULL: none */
        const struct pair *headers;
        size_t header_count;
        const char *address;                              /* of the far end of the connection */
        int64_t body_size;                                /* as it was announced */
        int broken;                                       /* there may be more headers than these */
        int (*read)(void *data, char *into, size_t size); /* the next bytes of the body: 0; -1: they did not come */
        void *data;
};

/* --- what goes ------------------------------------------------------------------------------------------------ */

/* Where a stream goes. */
struct wire {
        int (*write)(void *data, const char *text, size_t len); /* 0; -1: nobody is there any more */
        int (*over)(void *data);                                /* the server ends */
        void *data;
};

enum { RES_HEAD = 2048 };

struct res {
        int status;
        const char *type;  /* NULL: application/json */
        char *text;        /* of its own, or NULL */
        const char *fixed; /* borrowed from `held`, or there as long as the program runs */
        size_t len;
        char head[RES_HEAD]; /* more header lines */
        size_t head_len;
        int cut;     /* what follows it on the connection is not to be believed */
        int wiped;   /* it holds a secret: it is overwritten when it was sent, and kept nowhere */
        int passing; /* a refusal that the caller can mend: no answer for ever to an Idempotency-Key */
        int stored;  /* may be kept by browsers: no "no-store" is added */
        int (*stream)(const struct wire *wire, void *data); /* instead of a text */
        void (*stream_free)(void *data);
        void *stream_data;
        void *held; /* what `fixed` lives in */
        void (*held_free)(void *held);
};

/* --- routes --------------------------------------------------------------------------------------------------- */

enum {
        R_VIEWER = 1 << 0,
        R_OPERATOR = 1 << 1,
        R_ADMIN = 1 << 2,
        R_PEER = 1 << 3,
        R_SETUP = 1 << 4,
        R_METRICS = 1 << 5,
        R_READ = R_VIEWER | R_OPERATOR | R_ADMIN,
        R_WRITE = R_OPERATOR | R_ADMIN,
        R_SELF = R_READ | R_PEER,
        R_ALL = R_SELF | R_SETUP
};

enum {
        F_PUBLIC = 1 << 0,  /* without a session too */
        F_NOCSRF = 1 << 1,  /* before there is a session, or to end it: wants application/json instead */
        F_BIG = 1 << 2,     /* a body of up to 9 MiB */
        F_EDIT = 1 << 3,    /* makes a change: ?plan, ?confirm, ?override, ?nowait */
        F_CREATE = 1 << 4,  /* answers 201 */
        F_SECRET = 1 << 5,  /* its answer may hold a secret */
        F_LIST = 1 << 6,    /* ?limit, ?offset, ?sort, ?q, ?fields, ?FIELD= */
        F_RAW = 1 << 7,     /* its body is a document, which need not be JSON */
        F_EXPIRED = 1 << 8, /* also for who has to choose a new password first */
        F_STREAM = 1 << 9,  /* the answer has no end */
        F_PERSON = 1 << 11, /* of a person, not of a program: no API token may */
        F_ADD = 1 << 10,    /* of a kind: its required fields are required */
        F_FILE = 1 << 14,   /* its body is a file, which its function reads in pieces */
        F_OLD = 1 << 13,    /* there for old clients only, which know 400 where it is 422 now */
        F_FRESH = 1 << 12   /* opens a way in: wants a login of just now */
};

struct route {
        const char *method;
        const char *path; /* "/api/peers/{name}" */
        unsigned roles;
        unsigned flags;
        int (*run)(struct call *c); /* its answer is in c->res; what it returns says nothing */
        const char *kind;           /* of objects it is about, or NULL */
        const char *query;          /* its parameters, "lines:i service:s" (shape.c) */
        const char *takes;          /* what its body may have, in the same words; NULL: no body */
        const char *gives;          /* "one", "list" (of the kind), "object", "array", "text:TYPE", "nothing" */
        const char *summary;
};

extern const struct route http_routes[]; /* ended by a NULL method */

/* --- a call --------------------------------------------------------------------------------------------------- */

enum { PARAMS_MAX = 24, ARGS_MAX = 3, PATH_ROOM = 1024 };

struct call {
        struct app *app;
        const struct req *req;
        struct res *res;
        const struct route *route;
        char path[PATH_ROOM];       /* decoded, cut at its slashes */
        const char *args[ARGS_MAX]; /* what stands in place of {…} */
        char *query;                /* a copy that `params` point into */
        struct pair params[PARAMS_MAX];
        size_t param_count;
        char *raw; /* the body, NUL behind it */
        size_t raw_len;
        json_t *body; /* an object, perhaps empty; NULL for F_RAW and where none is taken */
        pic_ctx *ctx; /* acts for the caller */
        pic_session *session;
        const char *user; /* "" in setup, and without a session */
        unsigned role;    /* R_*; 0: nobody */
        int bearer;       /* by an API token */
        char address[64]; /* where the caller is */
        int front;        /* the cell's own proxy carried it */
        int https;
        const char *match_kind; /* of the object that If-Match speaks of; NULL: of none */
        const char *match_name;
        unsigned tried; /* of an If-Match that lost a race */
};

struct options {
        const char *dir;
        const char *world;
        unsigned port;
        const char *hosts[16]; /* names by which this server may be called */
        size_t host_count;
        int level;
        int parent;
};

/* app.c */
struct app *app_new(pic_ctx *ctx, const struct options *o); /* NULL: out of memory; borrows both */
void app_free(struct app *app);
pic_ctx *app_ctx(const struct app *app);
const struct options *app_options(const struct app *app);
void app_count(struct app *app, int status); /* an answer, for /metrics */
unsigned long long app_answers(const struct app *app, unsigned hundreds);
int64_t app_uptime(const struct app *app); /* seconds */
void app_leave(struct app *app);           /* this answer is the last: another cell takes this one's place */
int app_leaves(const struct app *app);
struct idem *app_idem(const struct app *app);
struct lists *app_lists(const struct app *app);
struct live *app_live(const struct app *app);
struct files *app_files(const struct app *app);

/* handle.c: one request to one answer. */
void app_handle(struct app *app, const struct req *req, struct res *res);
void res_free(struct res *res);
int tags_match(const char *list, const char *tag);                                  /* of If-Match, If-None-Match */
const char *req_header(const struct req *req, const char *name, size_t *ret_count); /* the first; NULL: none */

/* route.c: NULL, with what a 405 says in `allow`, or "" for a 404. */
const struct route *route_find(struct call *c, char *allow, size_t size);
size_t route_count(void);
int route_mutates(const struct route *r);

/* guard.c: 0, or -1 after having answered. */
int guard_host(struct call *c);
int guard_origin(struct call *c);
int guard_session(struct call *c);
int guard_role(struct call *c);
int guard_csrf(struct call *c);
int guard_fresh(struct call *c);
int is_fresh(const struct call *c); /* who asks has just shown who that is */
int not_fresh(struct call *c);      /* says so */
int guard_body(struct call *c);
unsigned guard_role_of(const char *name);
int guard_aside(const struct call *c); /* a page asks by itself, no person: it is no use of the session */
int guard_secret(struct call *c, char *out, size_t size); /* what the caller shows: 0, or -1 */
/* A cookie that is there exactly once; NULL: it is not. */
const char *guard_cookie(const struct call *c, const char *name, char *out, size_t size);

/* shape.c: query and body as the route's words say. 0, or -1 after having answered. */
int shape_query(struct call *c);
int shape_body(struct call *c);
/* Parameters that many have: of changes (0), of lists (1). */
const char *shape_common(const struct route *r, int which);
struct word {
        char name[40];
        char type; /* s text, i whole number, b yes or no, a list of texts, o object, x anything */
        int required;
        int nullable;
};
int shape_next(const char **words, struct word *w); /* 0: there are no more */

/* text.c */
int text_percent(const char *in, size_t len, char *out, size_t size, int plus); /* -1: cannot be */
int text_utf8(const char *s, size_t len);
void text_clean(char *s);
int text_depth(const char *s, size_t len);   /* how deep its brackets go */
int text_same(const char *a, const char *b); /* takes as long for any b of that length */
uint64_t text_hash(const char *s, size_t len, uint64_t seed);
int text_int(const char *s, int64_t min, int64_t max, int64_t *ret);
int text_find(const char *hay, const char *needle); /* letter case does not count */
int text_is_address(const char *s);

/* res.c: answers. All return 0, or -1 for those that say no; `text` and `json` are taken. */
int answer_text(struct call *c, int status, char *text);
int answer_copy(struct call *c, int status, const char *text);
int answer_json(struct call *c, int status, json_t *json);
int answer_report(struct call *c, int status, pic_report *report);
int answer_fixed(struct call *c, const char *type, const char *data, size_t len);
/* A text in something that is given back when it was sent. */
int answer_held(struct call *c, const char *text, void *held, void (*held_free)(void *held));
int answer_typed(struct call *c, const char *type, const char *text);
int answer_none(struct call *c); /* 204 */
void answer_header(struct call *c, const char *name, const char *fmt, ...) PIC_PRINTF(3, 4);
void answer_etag(struct call *c, const char *fmt, ...) PIC_PRINTF(2, 3);
int fail(struct call *c, int status, int code, const char *hint, const char *fmt, ...) PIC_PRINTF(5, 6);
int fail_err(struct call *c, pic_error *err); /* takes it */
/* 403 with "need": what the caller can do, in one word for programs. */
int fail_need(struct call *c, const char *need, const char *hint, const char *message);
int fail_nomem(struct call *c);
int fail_field(struct call *c, const char *field, const char *rule); /* 422 */
int status_of(int code);
const char *param(const struct call *c, const char *name);     /* NULL: it is not there */
const char *body_text(const struct call *c, const char *name); /* NULL: absent, null, or no text */
int flag(const struct call *c, const char *name);              /* ?name=1 */
void wipe(char *text, size_t len);                             /* overwrites and frees; takes NULL */

/* wish.c: what is wrong with several fields at once. */
struct wrong {
        pic_error *err; /* or NULL, and: */
        const char *message;
        char field[64];
};
struct wrongs {
        struct wrong at[64];
        size_t count;
};
int fail_wrongs(struct call *c, struct wrongs *w); /* one at least; takes the errors */
/* Fields of an object by their names; those named in `skip` (ended by NULL) are somebody else's. */
void wish_fields(pic_edit *edit, const char *kind, const char *name, const json_t *fields, const char *const *skip,
                 struct wrongs *w);
void wish_field(pic_edit *edit, const char *kind, const char *name, const char *field, const json_t *value,
                struct wrongs *w);
void wish_wrong(struct wrongs *w, const char *field, const char *message); /* `message` is static */

/* change.c: the beginning and the end of every change. */
struct done {
        int status;
        const char *kind; /* of the object that is shown after; NULL: none */
        const char *name;
        const char *base; /* its path without the name, for Location; NULL: it is not new */
        json_t *more;     /* an object, what else the answer says, or NULL; taken */
};
pic_edit *change_begin(struct call *c);                                               /* NULL after having answered */
int change_finish(struct call *c, pic_edit *edit, struct done *d);                    /* takes the edit; answers */
int change_match(struct call *c, pic_edit *edit, const char *kind, const char *name); /* If-Match: 0, or -1 */
int change_clean(struct call *c, pic_edit *edit); /* an operator's edit touches no users: 0, or -1 after answering */

/* kinds.c */
int get_list(struct call *c);
int get_one(struct call *c);
int post_one(struct call *c);
int patch_one(struct call *c);
int delete_one(struct call *c);
int get_cell(struct call *c);
int patch_cell(struct call *c);
/* An object by name, or by number. 0, or -1 after having answered. */
int find_obj(struct call *c, const char *kind, const char *name, pic_obj **ret);
/* The revision of the store: 0, or -1 after having answered. */
int find_revision(struct call *c, pic_revision *ret);
const char *kind_path(const char *kind); /* "/api/peers" */

/* lists.c: lists as of one revision, for all callers. */
struct lists *lists_new(void);
void lists_free(struct lists *l);
struct list;                                             /* counted */
struct list *list_get(struct call *c, const char *kind); /* NULL after having answered */
pic_list *list_of(const struct list *l);
pic_revision list_revision(const struct list *l);
void list_unref(struct list *l);

/* idem.c: answers that are given again (Idempotency-Key). */
struct idem *idem_new(void);
void idem_free(struct idem *i);
int idem_begin(struct call *c, const char *key); /* 1: go on; 0: answered */
void idem_end(struct call *c, const char *key);

/* files.c: backups that browsers brought. */
struct files *files_new(void);
void files_free(struct files *f);
/* Takes fd, under a name that only its user knows. 0, or -1 after having answered. */
int files_put(struct call *c, int fd, int64_t size, char id[33]);
/* At its beginning, and nobody else has one until files_give(). -1 after having answered. */
int files_take(struct call *c, const char *id);
void files_give(struct call *c, int fd);
int files_open(struct call *c); /* an empty one without a name; -1 after having answered */
int post_backup_file(struct call *c);
int delete_backup_file(struct call *c);

/* restore.c */
int post_backup_show(struct call *c);
int post_backup_diff(struct call *c);
int post_backup_file_drill(struct call *c);
int post_backup_restore(struct call *c);
int post_backup_exchange(struct call *c);
int get_kept_diff(struct call *c);
int post_kept_exchange(struct call *c);
int post_backup_fetch(struct call *c);
int post_config_restore(struct call *c);
int get_backups_kept(struct call *c);

/* hear.c: whether who listens still may. */
struct hearer {
        struct app *app;
        unsigned role;
        int64_t checked;  /* seconds */
        char secret[256]; /* of the session */
};
int hear_begin(struct call *c, struct hearer *h); /* takes one of few places; 0, or -1 after having answered */
int hear_goes_on(struct hearer *h);
void hear_end(struct hearer *h);

/* live.c: one status for all who look at the same time. */
struct live *live_new(void);
void live_free(struct live *l);
int live_text(struct app *app, unsigned age_ms, char **ret_text, pic_error **err); /* the same, without a call */
int live_status(struct call *c, unsigned age_ms, char **ret_text); /* 0, or -1 after having answered; free() it */
int live_enter(struct live *l);                                    /* one more stream; 0: too many */
void live_leave(struct live *l);

/* login.c */
int post_login(struct call *c);
int login_as(struct call *c, const char *user, const char *password, const char *code, int status);
int post_logout(struct call *c);
int get_me(struct call *c);
int get_csrf(struct call *c);
int post_password(struct call *c);
int post_reset_password(struct call *c);
int get_sessions(struct call *c);
int delete_session(struct call *c);
int post_totp(struct call *c);
int post_totp_confirm(struct call *c);
int delete_totp(struct call *c);
void session_cookies(struct call *c, const pic_session *session);
json_t *session_json(const pic_session *session); /* who it is, with its CSRF token */
void set_cookie(struct call *c, const char *name, const char *value, int seconds);
void login_fill(struct call *c, pic_login_opts *o, char *room, size_t size);
void login_end_former(struct call *c, const pic_session *session); /* the same person's, in this browser */
int get_passkeys(struct call *c);
int post_passkey_offer(struct call *c);
int post_passkey(struct call *c);
int patch_passkey(struct call *c);
int delete_passkey(struct call *c);
int post_passkey_ask(struct call *c);
int post_passkey_login(struct call *c);

/* setup.c */
int get_setup_status(struct call *c);
int post_setup_code(struct call *c);
int get_setup_step(struct call *c);
int post_setup_step(struct call *c);
int post_setup_complete(struct call *c);

/* peers.c */
int post_peer(struct call *c);
int patch_peer(struct call *c);
int delete_peer(struct call *c);
int post_peer_config(struct call *c);
int post_peer_rekey(struct call *c);
int post_peer_link(struct call *c);
int get_reinstall(struct call *c);
int post_clear_reinstall(struct call *c);
int put_route_via(struct call *c);
int post_link(struct call *c);
int answer_config(struct call *c, const char *name, const char *qr); /* shows it */
json_t *qr_json(const char *text, const char *format);               /* an image as a text; JSON null for none */

/* tokens.c */
int post_token(struct call *c);

/* certs.c */
int get_cert_pem(struct call *c);
int post_cert_key(struct call *c);
int post_cert_renew(struct call *c);
int get_ca(struct call *c);
int post_ca_rotate(struct call *c);
int get_ca_pem(struct call *c);
int get_ca_der(struct call *c);
int get_ca_profile(struct call *c);
int get_ca_crl(struct call *c);

/* trust.c */
int get_trust(struct call *c);
int get_trust_qr(struct call *c);
int get_trust_style(struct call *c);

/* exits.c */
int post_import(struct call *c);
int get_health(struct call *c);
int post_test(struct call *c);
int post_restart(struct call *c);
int get_policy(struct call *c);
int put_failopen(struct call *c);
int put_exit(struct call *c);
/* A connection by name, number, or old type name; what it does not know it leaves to the library. free() it. */
char *exit_name(struct call *c, const char *word);

/* past.c */
int post_edit(struct call *c);
int get_export(struct call *c);
int get_plan(struct call *c);
int post_apply(struct call *c);
int post_confirm(struct call *c);
int post_undo(struct call *c);
int get_diff(struct call *c);
int post_return(struct call *c);

/* traffic.c */
int get_traffic(struct call *c);
int get_health_history(struct call *c);
/* "buckets" of a device, when ?hours= or ?days= want them. 0, or -1 after having answered. */
int add_buckets(struct call *c, const char *peer, json_t *to);

/* audit.c */
/* What ?NAME= says; it stays as it is when that is not there. 0, or -1 after having answered. */
int param_moment(struct call *c, const char *name, pic_time *ret);
int param_number(struct call *c, const char *name, int64_t max, int64_t *ret);
int get_history(struct call *c);
int get_audit(struct call *c);
int get_audit_export(struct call *c);
int get_audit_verify(struct call *c);
int get_audit_head(struct call *c);
int get_audit_row(struct call *c);
int history_opts(struct call *c, pic_history_opts *o); /* 0, or -1 after having answered */
int may_hear(unsigned role, const pic_event *e);

/* look.c */
int get_why(struct call *c);
int get_drift(struct call *c);
int get_cert_state(struct call *c);
int get_acme(struct call *c);
int get_ntp(struct call *c);
int get_domains(struct call *c);
int post_publish(struct call *c);
int get_alerts(struct call *c);
int post_alert_test(struct call *c);
int get_dns_blocks(struct call *c);
int get_dns_block_test(struct call *c);
int post_dns_block_refresh(struct call *c);
int get_backups(struct call *c); /* backups.c */
int post_backup(struct call *c);
int post_backup_list(struct call *c);
int post_backup_verify(struct call *c);
int post_backup_drill(struct call *c);
int post_backup_cancel(struct call *c);
int post_config_backup(struct call *c);
int get_dns_stats(struct call *c);
int get_dns_query(struct call *c);
int post_dns_flush(struct call *c);
int get_dns_log(struct call *c);
int get_front(struct call *c);
int post_drift_repair(struct call *c);
int get_doctor(struct call *c);
int post_doctor_fix(struct call *c);
int get_status(struct call *c);
int get_wireguard(struct call *c);
int get_health_check(struct call *c);
json_t *load_status(struct call *c, unsigned age_ms); /* the report, no older; NULL after having answered */

/* metrics.c */
int get_metrics(struct call *c);

/* logs.c */
int get_logs(struct call *c);
int get_logs_search(struct call *c);
int get_logs_follow(struct call *c);

/* verbosity.c */
int get_verbosity(struct call *c);
int put_verbosity(struct call *c);

/* config.c */
int get_config(struct call *c);
int put_config(struct call *c);

/* self.c: /api/peer */
int get_dashboard(struct call *c);
int get_own_devices(struct call *c);
int get_own_services(struct call *c);
int get_own_traffic(struct call *c);
int post_own_config(struct call *c);
int put_own_exit(struct call *c);

/* events.c */
int get_events(struct call *c);

/* openapi.c */
int get_openapi(struct call *c);
int get_schema(struct call *c);

/* page.c: what was built of frontends/web. */
struct page {
        const char *path; /* "/assets/index-1a2b.js" */
        const char *type;
        const char *data; /* gzip when `zipped` */
        size_t len;
        int zipped;
        const char *etag;
};
extern const struct page http_pages[]; /* ended by a NULL path */
int page_get(struct call *c);

/* host.c */
int host_become_owner(const char *dir);             /* 0, or -1 after having said why */
int host_start_again(const char *dir, char **argv); /* when no restore waits; the exit status of who cannot */
int host_give_up(int parent);                       /* parent: ends with the program that started this one */

/* server.c */
int server_run(struct app *app); /* until it is told to stop; the exit status */

#endif
