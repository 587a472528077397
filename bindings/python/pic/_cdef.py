"""Made by generate.py from <pic/pic.h>."""
CDEF = r"""
typedef int64_t pic_id;
typedef int64_t pic_revision;
typedef int64_t pic_time;
typedef struct pic_ctx pic_ctx;
typedef struct pic_error pic_error;
typedef struct pic_cancel pic_cancel;
typedef struct pic_obj pic_obj;
typedef struct pic_list pic_list;
typedef struct pic_edit pic_edit;
typedef struct pic_plan pic_plan;
typedef struct pic_outcome pic_outcome;
typedef struct pic_sub pic_sub;
typedef struct pic_event pic_event;
typedef struct pic_history pic_history;
typedef struct pic_report pic_report;
typedef struct pic_blob pic_blob;
typedef struct pic_session pic_session;


typedef enum pic_code {
 PIC_OK = (0), PIC_INVALID = (-1), PIC_NOMEM = (-2), PIC_NOTFOUND = (-3), PIC_EXISTS = (-4), PIC_BADSTATE = (-5), PIC_STALE = (-6), PIC_BUSY = (-7), PIC_DENIED = (-8), PIC_UNSUPPORTED = (-9), PIC_SYNTAX = (-10), PIC_CONFLICT = (-11), PIC_BACKEND = (-12), PIC_CANCELED = (-13), PIC_TIMEOUT = (-14), PIC_ROLLEDBACK = (-15), PIC_BROKEN = (-16), PIC_VALUE = (-17), PIC_INUSE = (-18), PIC_IO = (-19), PIC_CORRUPT = (-20), PIC_NOAGENT = (-21),
} pic_code;
 int pic_error_code(const pic_error *err);
 const char *pic_error_message(const pic_error *err);
 const char *pic_error_hint(const pic_error *err);
 const char *pic_error_detail(const pic_error *err, const char *key);
 const pic_error *pic_error_cause(const pic_error *err);
 const pic_error *pic_error_next(const pic_error *err);
 void pic_error_free(pic_error *err);
 const char *pic_code_name(int code);
 const char *pic_code_text(int code);


typedef struct pic_age_keys pic_age_keys;
 int pic_age_keys_new(pic_age_keys **ret_keys, pic_error **err);
 int pic_age_keys_recipient(pic_age_keys *keys, const char *recipient, pic_error **err);
enum { PIC_AGE_RECIPIENTS = 0, PIC_AGE_IDENTITIES = 1 };
 int pic_age_keys_file(pic_age_keys *keys, int what, const char *text, size_t len, pic_error **err);
 int pic_age_keys_passphrase(pic_age_keys *keys, const char *passphrase, pic_error **err);
 int pic_age_keys_own(pic_age_keys *keys, pic_error **err);
 int pic_age_keys_text(const pic_age_keys *keys, pic_blob **ret_text, pic_error **err);
 pic_age_keys *pic_age_keys_unref(pic_age_keys *keys);
 int pic_age_keygen(pic_blob **ret_file, pic_error **err);
enum { PIC_AGE_ARMOR = 1 << 0 };
typedef struct pic_age_opts {
 size_t size;
 uint32_t flags;
 uint32_t work_factor;
 const char *output;
 const pic_cancel *cancel;
} pic_age_opts;
 int pic_age_encrypt(const pic_age_keys *keys, int in_fd, int out_fd, const pic_age_opts *opts,
 pic_error **err);
 int pic_age_decrypt(const pic_age_keys *keys, int in_fd, int out_fd, const pic_age_opts *opts,
 pic_error **err);


 int pic_cancel_new(pic_cancel **ret_cancel, pic_error **err);
 void pic_cancel_raise(pic_cancel *cancel);
 int pic_cancel_raised(const pic_cancel *cancel);
 pic_cancel *pic_cancel_unref(pic_cancel *cancel);


typedef int (*pic_program_line_fn)(int level, const char *area, const char *program, const char *connection,
 const char *text, void *data);
typedef struct pic_agent_opts {
 size_t size;
 uint32_t flags;
 uint32_t interval_ms;
 const pic_cancel *cancel;
 void (*on_ready)(void *data);
 void *data;
 pic_program_line_fn on_line;
} pic_agent_opts;
enum {
 PIC_AGENT_KEEP_PRIVILEGES = 1 << 0,
 PIC_AGENT_EXCHANGE = 1 << 1
};
 int pic_agent_run(pic_ctx *ctx, const pic_agent_opts *opts, pic_error **err);
enum { PIC_DOWN_KEEP_BLOCK = 1 << 0 };
 int pic_agent_down(pic_ctx *ctx, uint32_t flags, pic_error **err);


 int pic_alert_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
 int pic_alert_test(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);


typedef struct pic_history_opts {
 size_t size;
 const char *kind;
 const char *name;
 const char *actor;
 const char *verb;
 pic_revision first;
 pic_revision last;
 pic_time since;
 pic_time until;
 int64_t before;
 uint32_t max;
 uint32_t reserved;
 const char *way;
 const char *text;
} pic_history_opts;
 int pic_history_get(pic_ctx *ctx, const pic_history_opts *opts, pic_history **ret_history,
 pic_error **err);
 size_t pic_history_count(const pic_history *history);
 const pic_event *pic_history_at(const pic_history *history, size_t index);
 pic_history *pic_history_unref(pic_history *history);
 int pic_revision_at(pic_ctx *ctx, pic_time time, pic_revision *ret_revision, pic_error **err);
 int pic_export_at(pic_ctx *ctx, pic_revision revision, uint32_t flags, pic_report **ret_report,
 pic_error **err);
 int pic_diff_get(pic_ctx *ctx, pic_revision from, pic_revision to, pic_plan **ret_plan,
 pic_error **err);


 int pic_audit_head(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
typedef struct pic_audit_verify_opts {
 size_t size;
 const char *key;
 const char *head;
} pic_audit_verify_opts;
 int pic_audit_verify(pic_ctx *ctx, const pic_audit_verify_opts *opts, pic_report **ret_report,
 pic_error **err);
enum { PIC_AUDIT_PROOF = 1 << 0 };
 int pic_audit_get(pic_ctx *ctx, int64_t seq, uint32_t flags, pic_report **ret_report,
 pic_error **err);
enum {
 PIC_AUDIT_JSONL = 0,
 PIC_AUDIT_CSV = 1,
 PIC_AUDIT_BUNDLE = 2
};
 int pic_audit_export(pic_ctx *ctx, int fd, int format, const pic_history_opts *filter,
 pic_error **err);
 int pic_audit_note(pic_ctx *ctx, const char *verb, const char *text, pic_error **err);


 int pic_ctx_as(pic_ctx *ctx, const char *actor, const char *way, pic_ctx **ret_ctx,
 pic_error **err);
typedef struct pic_login_opts {
 size_t size;
 const char *user;
 const char *password;
 const char *code;
 const char *device;
 const char *address;
 const char *agent;
} pic_login_opts;
 int pic_login(pic_ctx *ctx, const pic_login_opts *opts, pic_session **ret_session,
 pic_error **err);
 int pic_password_check(pic_ctx *ctx, const pic_login_opts *opts, pic_error **err);
 int pic_session_find(pic_ctx *ctx, const char *text, pic_session **ret_session, pic_error **err);
 int pic_session_watch(pic_ctx *ctx, const char *text, pic_session **ret_session, pic_error **err);
 const char *pic_session_user(const pic_session *session);
 const char *pic_session_role(const pic_session *session);
 const char *pic_session_token(const pic_session *session);
 const char *pic_session_device(const pic_session *session);
 const char *pic_session_csrf(const pic_session *session);
 pic_id pic_session_id(const pic_session *session);
 int64_t pic_session_age(const pic_session *session);
 const char *pic_session_json(const pic_session *session);
 pic_session *pic_session_unref(pic_session *session);
 int pic_session_end(pic_ctx *ctx, pic_id id, pic_error **err);
 int pic_session_list(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err);
 int pic_edit_keep(pic_edit *edit, const pic_session *session, pic_error **err);
 int pic_edit_token(pic_edit *edit, const char *name, pic_blob **ret_secret, pic_error **err);
 int pic_totp_offer(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err);
 int pic_edit_totp(pic_edit *edit, const char *user, const char *secret, const char *code,
 pic_blob **ret_recovery, pic_error **err);
typedef struct pic_passkey_opts {
 size_t size;
 const char *origin;
 const char *state;
 const char *answer;
 const char *name;
 const char *device;
 const char *address;
 const char *agent;
} pic_passkey_opts;
 int pic_passkey_offer(pic_ctx *ctx, const pic_session *session, const char *origin,
 pic_report **ret_report, pic_error **err);
 int pic_passkey_add(pic_ctx *ctx, const pic_session *session, const pic_passkey_opts *opts,
 pic_id *ret_id, pic_error **err);
 int pic_passkey_login(pic_ctx *ctx, const pic_passkey_opts *opts, pic_session **ret_session,
 pic_error **err);
 int pic_passkey_list(pic_ctx *ctx, const char *user, pic_report **ret_report, pic_error **err);
 int pic_passkey_rename(pic_ctx *ctx, const char *user, pic_id id, const char *name,
 pic_error **err);
 int pic_passkey_remove(pic_ctx *ctx, const char *user, pic_id id, pic_error **err);
 int pic_setup_is(pic_ctx *ctx, pic_error **err);
 int pic_setup_code(pic_ctx *ctx, pic_blob **ret_code, pic_error **err);
 int pic_setup_open(pic_ctx *ctx, const char *code, const char *address, pic_session **ret_session,
 pic_error **err);
 int pic_link_make(pic_ctx *ctx, const char *peer, uint32_t seconds, pic_blob **ret_token,
 pic_error **err);
 int pic_link_take(pic_ctx *ctx, const char *token, const char *address, pic_report **ret_report,
 pic_error **err);
 int pic_front_check(pic_ctx *ctx, const char *text);


enum {
 PIC_BACKUP_ARMOR = 1 << 0,
 PIC_BACKUP_PLAIN = 1 << 1,
 PIC_BACKUP_EXACT = 1 << 2,
 PIC_BACKUP_COPY = 1 << 3,
 PIC_BACKUP_AGENT = 1 << 4
};
typedef struct pic_backup_opts {
 size_t size;
 uint32_t flags;
 uint32_t work_factor;
 const char *output;
 const pic_cancel *cancel;
 const char *const *answers;
} pic_backup_opts;
 int pic_backup_create(pic_ctx *ctx, const pic_age_keys *keys, int out_fd,
 const pic_backup_opts *opts, pic_report **ret_report, pic_error **err);
 int pic_backup_show(const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
 pic_report **ret_report, pic_error **err);
 int pic_backup_verify(const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
 pic_report **ret_report, pic_error **err);
 int pic_backup_drill(pic_ctx *ctx, const pic_age_keys *keys, int in_fd,
 const pic_backup_opts *opts, pic_report **ret_report, pic_error **err);
 int pic_backup_extract(const pic_age_keys *keys, int in_fd, const char *member, int out_fd,
 const pic_backup_opts *opts, pic_error **err);
 int pic_backup_diff(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
 pic_plan **ret_plan, pic_error **err);
 int pic_backup_restore(pic_ctx *ctx, const pic_age_keys *keys, int in_fd,
 const pic_backup_opts *opts, pic_report **ret_report, pic_error **err);
 int pic_backup_kept(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
 int pic_backup_undo(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);
 int pic_backup_undo_diff(pic_ctx *ctx, const char *name, pic_plan **ret_plan, pic_error **err);
 int pic_backup_undo_order(pic_ctx *ctx, const char *name, pic_report **ret_report,
 pic_error **err);
 int pic_backup_forget(pic_ctx *ctx, const char *name, pic_error **err);
 int pic_backup_pick(pic_edit *edit, const pic_age_keys *keys, int in_fd, const char *only,
 const pic_backup_opts *opts, pic_report **ret_told, pic_error **err);


 int pic_cell_init(pic_ctx *ctx, const char *const *fields, pic_obj **ret_cell, pic_error **err);


 int pic_cert_export(pic_ctx *ctx, const char *name, pic_blob **ret_pem, pic_error **err);
 int pic_cert_key(pic_ctx *ctx, const char *name, pic_blob **ret_pem, pic_error **err);
 int pic_cert_renew(pic_ctx *ctx, const char *name, pic_error **err);
 int pic_cert_state(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);
enum {
 PIC_CA_PEM = 0,
 PIC_CA_DER = 1,
 PIC_CA_PROFILE = 2,
 PIC_CA_CRL = 3
};
 int pic_ca_get(pic_ctx *ctx, uint32_t form, pic_blob **ret_bytes, pic_error **err);
 int pic_ca_info(pic_ctx *ctx, pic_report **ret_report, pic_error **err);


enum {
 PIC_IMPORT_REPLACE = 1 << 0
};
typedef struct pic_import_opts {
 size_t size;
 const char *type;
 const char *file;
 int (*get_file)(const char *name, const void **ret_data, size_t *ret_size, void *data);
 void *data;
 uint32_t flags;
 uint32_t reserved;
} pic_import_opts;
 int pic_connection_import(pic_edit *edit, const char *name, const char *text, size_t len,
 const pic_import_opts *opts, pic_report **ret_told, pic_error **err);
 int pic_connection_move(pic_edit *edit, const char *from, const char *to, pic_error **err);
 int pic_connection_test(pic_ctx *ctx, const char *name, const char *peer, pic_report **ret_report,
 pic_error **err);
 int pic_connection_restart(pic_ctx *ctx, const char *name, pic_error **err);
enum { PIC_POLICY_JSON = 1 << 0 };
 int pic_connection_policy(pic_ctx *ctx, const char *of, uint32_t flags, pic_report **ret_report,
 pic_error **err);


enum { PIC_LOG_ERROR = 0, PIC_LOG_WARNING = 1, PIC_LOG_INFO = 2, PIC_LOG_DEBUG = 3 };
typedef void (*pic_log_fn)(int level, const char *area, const char *message, void *data);
enum {
 PIC_LOG_FOLD = 1 << 0,
 PIC_LOG_STRINGS = 1 << 1
};
typedef struct pic_log_opts {
 size_t size;
 uint32_t flags;
 uint32_t max;
 const char *area;
 const char *level;
 const char *text;
 const char *peer;
 const char *connection;
 const char *before;
 const char *after;
 pic_time since, until;
} pic_log_opts;
 int pic_log_search(pic_ctx *ctx, const pic_log_opts *opts, pic_report **ret_report,
 pic_error **err);


typedef struct pic_ctx_opts {
 size_t size;
 const char *dir;
 const char *world;
 const char *
 way;
 const char *actor;
 uint32_t busy_ms;
 uint32_t agent_ms;
 int32_t log_level;
 uint32_t flags;
 pic_log_fn log;
 void *log_data;
} pic_ctx_opts;
enum { PIC_CTX_TRIAL = 1 << 0 };
 int pic_ctx_open(const pic_ctx_opts *opts, pic_ctx **ret_ctx, pic_error **err);
 pic_ctx *pic_ctx_unref(pic_ctx *ctx);


 int pic_dns_stats(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
 int pic_dns_flush(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);
typedef struct pic_dns_query_opts {
 size_t size;
 const char *type;
 const char *peer;
} pic_dns_query_opts;
 int pic_dns_query(pic_ctx *ctx, const char *name, const pic_dns_query_opts *opts,
 pic_report **ret_report, pic_error **err);
 int pic_dns_log(pic_ctx *ctx, const char *peer, uint32_t max, pic_report **ret_report,
 pic_error **err);
 int pic_dns_blocks(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
 int pic_dns_block_refresh(pic_ctx *ctx, const char *name, pic_report **ret_report,
 pic_error **err);
 int pic_dns_block_test(pic_ctx *ctx, const char *name, const char *peer, pic_report **ret_report,
 pic_error **err);


 int pic_domain_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
 int pic_domain_publish(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);


 int pic_edit_new(pic_ctx *ctx, pic_edit **ret_edit, pic_error **err);
 int pic_edit_add(pic_edit *edit, const char *kind, const char *name, pic_error **err);
 int pic_edit_set(pic_edit *edit, const char *kind, const char *name, const char *field,
 const char *text, pic_error **err);
 int pic_edit_unset(pic_edit *edit, const char *kind, const char *name, const char *field,
 pic_error **err);
 int pic_edit_remove(pic_edit *edit, const char *kind, const char *name, pic_error **err);
 int pic_edit_rekey(pic_edit *edit, const char *peer, pic_error **err);
enum {
 PIC_LOAD_PRUNE =
 1 << 0
};
 int pic_edit_load(pic_edit *edit, const char *text, size_t len, const char *name, uint32_t flags,
 pic_error **err);
 int pic_edit_undo(pic_edit *edit, pic_revision revision, pic_error **err);
 int pic_edit_return(pic_edit *edit, pic_revision revision, pic_error **err);
 void pic_edit_confirm_within(pic_edit *edit, uint32_t confirm_ms);
 int pic_confirm(pic_ctx *ctx, pic_error **err);
 int pic_edit_override(pic_edit *edit, const char *reason, pic_error **err);
 char *pic_edit_json(const pic_edit *edit);
 void pic_edit_if_revision(pic_edit *edit, pic_revision revision);
 int pic_edit_session(pic_edit *edit, const char *source, const char *destination, uint32_t port,
 pic_error **err);
 int pic_edit_plan(pic_edit *edit, pic_plan **ret_plan, pic_error **err);
enum { PIC_COMMIT_NOWAIT = 1 << 0 };
 int pic_edit_commit(pic_edit *edit, uint32_t flags, pic_outcome **ret_outcome, pic_error **err);
 pic_edit *pic_edit_unref(pic_edit *edit);
enum {
 PIC_OUTCOME_APPLIED = 0,
 PIC_OUTCOME_PENDING = 1,
 PIC_OUTCOME_FAILED =
 2
};
 int pic_outcome_state(const pic_outcome *outcome);
 pic_revision pic_outcome_revision(const pic_outcome *outcome);
 const pic_error *pic_outcome_error(const pic_outcome *outcome);
 const char *pic_outcome_json(const pic_outcome *outcome);
 pic_outcome *pic_outcome_unref(pic_outcome *outcome);


 int pic_sub_open(pic_ctx *ctx, int64_t after, pic_sub **ret_sub, pic_error **err);
 int pic_sub_fd(const pic_sub *sub);
 int pic_sub_next(pic_sub *sub, int timeout_ms, pic_event **ret_event, pic_error **err);
 pic_sub *pic_sub_unref(pic_sub *sub);
 int64_t pic_event_seq(const pic_event *event);
 pic_revision pic_event_revision(const pic_event *event);
 pic_time pic_event_time(const pic_event *event);
 const char *pic_event_kind(const pic_event *event);
 const char *pic_event_name(const pic_event *event);
 const char *pic_event_verb(const pic_event *event);
 const char *pic_event_actor(const pic_event *event);
 const char *pic_event_text(const pic_event *event);
 const char *pic_event_json(const pic_event *event);
 pic_event *pic_event_unref(pic_event *event);


 int pic_front_get(pic_ctx *ctx, pic_report **ret_report, pic_error **err);


enum {
 PIC_HOUSEHOLD_TAKE_OVER = 1 << 0,
 PIC_HOUSEHOLD_JOIN = 1 << 1
};
typedef struct pic_household_opts {
 size_t size;
 uint32_t flags;
 uint32_t reserved;
 const char *access;
} pic_household_opts;
 int pic_household_import(pic_edit *edit, const char *path, const pic_household_opts *opts,
 pic_report **ret_told, pic_error **err);


 int pic_ntp_get(pic_ctx *ctx, pic_report **ret_report, pic_error **err);


 int pic_get(pic_ctx *ctx, const char *kind, const char *name, pic_obj **ret_obj, pic_error **err);
 int pic_list_get(pic_ctx *ctx, const char *kind, pic_list **ret_list, pic_error **err);
 size_t pic_list_count(const pic_list *list);
 const pic_obj *pic_list_at(const pic_list *list, size_t index);
 const char *pic_list_json(pic_list *list);
 pic_list *pic_list_unref(pic_list *list);
 const char *pic_obj_kind(const pic_obj *obj);
 const char *pic_obj_name(const pic_obj *obj);
 pic_id pic_obj_id(const pic_obj *obj);
 pic_revision pic_obj_revision(const pic_obj *obj);
 char *pic_obj_get(const pic_obj *obj, const char *field);
 void pic_text_free(char *text);
 int pic_obj_has(const pic_obj *obj, const char *field);
 char *pic_obj_json(const pic_obj *obj);
 pic_obj *pic_obj_ref(const pic_obj *obj);
 pic_obj *pic_obj_unref(pic_obj *obj);


 int pic_peer_config(pic_ctx *ctx, const char *name, pic_blob **ret_config, pic_error **err);
 int pic_peer_outdated(pic_ctx *ctx, const char *name, pic_error **err);
 int pic_peer_installed(pic_ctx *ctx, const char *name, pic_error **err);
enum {
 PIC_QR_TEXT =
 0,
 PIC_QR_PNG = 1,
 PIC_QR_SVG = 2,
 PIC_QR_PLAIN = 3
};
 int pic_peer_qr(pic_ctx *ctx, const char *name, int format, pic_blob **ret_image, pic_error **err);
 int pic_qr_make(const char *text, int format, pic_blob **ret_image, pic_error **err);
 const void *pic_blob_data(const pic_blob *blob);
 size_t pic_blob_size(const pic_blob *blob);
 pic_blob *pic_blob_unref(pic_blob *blob);


enum { PIC_PLAN_REPAIR = 1 << 0 };
 int pic_plan_get(pic_ctx *ctx, uint32_t flags, pic_plan **ret_plan, pic_error **err);
 size_t pic_plan_count(const pic_plan *plan);
 const char *pic_plan_text(const pic_plan *plan, size_t index);
 size_t pic_plan_meaning_count(const pic_plan *plan);
 const char *pic_plan_meaning(const pic_plan *plan, size_t index);
enum {
 PIC_RISK_NONE = 0,
 PIC_RISK_TRAFFIC = 1,
 PIC_RISK_SESSION = 2
};
 int pic_plan_risk(const pic_plan *plan);
 const char *pic_plan_json(const pic_plan *plan);
 pic_plan *pic_plan_unref(pic_plan *plan);


 const char *pic_kind_at(size_t index);
 const char *pic_kind_plural(const char *kind);
enum {
 PIC_FIELD_LIST = 1 << 0,
 PIC_FIELD_REQUIRED = 1 << 1,
 PIC_FIELD_SYSTEM = 1 << 2,
 PIC_FIELD_SECRET =
 1 << 3,
 PIC_FIELD_FIXED = 1 << 4
};
 size_t pic_field_count(const char *kind);
 const char *pic_field_name(const char *kind, size_t index);
 const char *pic_field_type(const char *kind, size_t index);
 unsigned pic_field_flags(const char *kind, size_t index);
 const char *pic_field_help(const char *kind, size_t index);
 const char *pic_field_placeholder(const char *kind, size_t index);
 const char *pic_field_default(const char *kind, size_t index);
 const char *pic_field_choices(const char *kind, size_t index);
 const char *pic_field_ref(const char *kind, size_t index);


 int pic_status_get(pic_ctx *ctx, uint32_t wait_ms, pic_report **ret_report, pic_error **err);
 int pic_doctor_run(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
typedef struct pic_health_opts {
 size_t size;
 pic_time since, until;
 uint32_t max;
} pic_health_opts;
 int pic_health_history(pic_ctx *ctx, const pic_health_opts *opts, pic_report **ret_report,
 pic_error **err);
 int pic_doctor_fix(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
enum { PIC_DRIFT_REPAIR = 1 << 0 };
 int pic_drift_get(pic_ctx *ctx, uint32_t flags, pic_report **ret_report, pic_error **err);
 int pic_why_get(pic_ctx *ctx, const char *from, const char *to, int family,
 pic_report **ret_report, pic_error **err);
enum { PIC_EXPORT_JSON = 1 << 0 };
 int pic_export_get(pic_ctx *ctx, uint32_t flags, pic_report **ret_report, pic_error **err);
 int pic_log_get(pic_ctx *ctx, const char *area, uint32_t lines, pic_report **ret_report,
 pic_error **err);
 int pic_log_levels(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
 int pic_log_level_set(pic_ctx *ctx, const char *area, const char *level, pic_error **err);
 const char *pic_report_text(const pic_report *report);
 int pic_report_good(const pic_report *report);
 pic_report *pic_report_unref(pic_report *report);


 int pic_target_status(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
 int pic_target_do(pic_ctx *ctx, const char *what, const char *target, const char *name,
 pic_report **ret_report, pic_error **err);
 int pic_target_cancel(pic_ctx *ctx, const char *target, pic_report **ret_report, pic_error **err);
 int pic_target_fetch(pic_ctx *ctx, const char *target, const char *name, int out_fd,
 const pic_backup_opts *opts, pic_report **ret_report, pic_error **err);


typedef struct pic_traffic_opts {
 size_t size;
 const char *peer;
 const char *connection;
 uint32_t hours;
 uint32_t days;
 pic_time since, until;
} pic_traffic_opts;
 int pic_traffic_get(pic_ctx *ctx, const pic_traffic_opts *opts, pic_report **ret_report,
 pic_error **err);


 const char *pic_version(void);
 int pic_has_feature(const char *name);
"""
