/* What the parts of `pic` share: one command table, one parsed command line, one way to print. */
#ifndef PIC_CLI_H
#define PIC_CLI_H

#include <jansson.h>
#include <pic/pic.h>
#include <stdio.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_CHANGES = 3 /* a plan with --exit-code */ };

/* Options that are not for every command (heeds.c). */
enum {
        HEEDS_PLAN = 1 << 0, /* with it also HEEDS_EXIT */
        HEEDS_EXIT = 1 << 1,
        HEEDS_NOWAIT = 1 << 2,
        HEEDS_CONFIRM = 1 << 3,
        HEEDS_REVISION = 1 << 4,
        HEEDS_OVERRIDE = 1 << 5,
        HEEDS_CHANGE = HEEDS_PLAN | HEEDS_NOWAIT | HEEDS_CONFIRM | HEEDS_REVISION | HEEDS_OVERRIDE,
        HEEDS_BITS = 8
};
#define HEEDS_WITH_FILE(bits) ((unsigned)(bits) << HEEDS_BITS) /* only with its option --file, or --only */

struct option_info {
        const char *name;  /* "plan" for --plan */
        const char *value; /* "FILE", or NULL: takes none */
        const char *help;
};

struct setting {
        const char *name; /* of a field (with '_') or an option */
        const char *value;
};

struct cli {
        pic_ctx *ctx;
        const struct command *command;
        const char *dir;
        const char *world;
        int json;
        int plan;
        int draft;     /* a draft is open: changes go there */
        int committed; /* the change was made */
        int said;      /* what stands in the way was said already: a file that cannot be read */
        int exit_code; /* a plan that has changes is told by the exit status */
        int nowait;
        uint32_t confirm_ms;  /* --confirm; 0: none */
        int64_t if_revision;  /* 0: whatever it is */
        const char *override; /* why an assertion may break; NULL: it may not */
        unsigned given;       /* HEEDS_*: which of them stand there */
        int quiet;
        int verbose;
        int help;
        int plain;            /* no colours, not even where they help */
        int color;            /* on a terminal */
        const char *told;     /* what else the answer says (--json): one JSON value; NULL: nothing */
        int with_config;      /* the answer to `peer add` has the configuration in it (--json) */
        const char *words[8]; /* positional */
        size_t word_count;
        struct setting fields[64]; /* what goes into the field table */
        size_t field_count;
        struct setting options[64]; /* of the command itself */
        size_t option_count;
};

struct command {
        const char *noun; /* NULL: the verb stands alone */
        const char *verb;
        const char *kind; /* fields of this kind are options; NULL: none */
        const char *args; /* "NAME", "[FILE]" */
        size_t min_words;
        size_t max_words;
        const struct option_info *options; /* ended by a NULL name; may be NULL */
        const char *help;
        int (*run)(struct cli *cli);
        unsigned heeds; /* HEEDS_* */
};

extern const struct command cli_commands[];
extern const struct option_info cli_globals[];

/* args.c: 0, or EXIT_USAGE after having said why. */
int cli_parse(struct cli *cli, int argc, char **argv);
const char *cli_option(const struct cli *cli, const char *name); /* its value ("" if it takes none), or NULL */
int cli_takes_fields(const struct command *c);                   /* fields of its kind are options of it (help.c) */
int cli_is_option(const struct command *c, size_t field);        /* this one is */
const struct option_info *cli_find_option(const struct option_info *list, const char *name, size_t len);
/* Index of the field that --some-name means in this command, or -1. */
int cli_find_field(const struct command *command, const char *name, size_t len);
/* One of the options of every command; NULL: none, or a field of this command (NULL: of none) is called so. */
const struct option_info *cli_global(const struct command *command, const char *name, size_t len);
int cli_takes_global(const struct command *command, const struct option_info *option); /* and honours it */
/* "pic dns record add" is "pic record add": 1 when that word may stand behind "dns". */
int cli_in_dns(const char *noun);
const char *cli_noun(const char *word); /* the noun that a word is another name of, or the word */
void cli_help_entry(FILE *out, const char *left, const char *help); /* a line of help, wrapped */
int cli_domains_help(void);
/* NULL: none is called so. Else *ret_words says of how many words its name is. */
const struct command *cli_find_command(const char *first, const char *second, int *ret_words);
/* meant.c: EXIT_USAGE, after having said so, and what was meant perhaps. */
int cli_unknown_command(struct cli *cli, const char *first, const char *second);
int cli_is_noun(const char *word);
/* Of an option: -1 when it is not there. 0, or EXIT_USAGE after having said why. */
int cli_number(const struct cli *cli, const char *option, int64_t *ret);
/* history.c: a moment, 0 when it is not there. EXIT_DONE, or the exit status after having said why. */
int cli_moment(const struct cli *cli, const char *option, pic_time *ret);
size_t cli_edit_distance(const char *a, const char *b);

/* age.c: who is named by --recipient, --recipients-file, --identity; the passphrase of --passphrase-file or of who is
 * asked (twice: when nobody could tell later that it was mistyped); --work-factor. EXIT_DONE, or the exit status after
 * having said why. */
int cli_age_keys(struct cli *cli, pic_age_keys *keys);
int cli_age_passphrase(struct cli *cli, pic_age_keys *keys, int twice);
int cli_age_work(const struct cli *cli, uint32_t *ret);

/* interrupt.c: raised by Ctrl-C and its like from the first call on, once; then they end the program. NULL: out of
 * memory, and they end it. */
const pic_cancel *cli_interrupt(void);

/* backup.c: a backup that is opened: a file, standard input ("-"), or what a target holds. */
struct cli_source {
        pic_age_keys *keys;
        int fd;
        pic_backup_opts o;
};
int cli_source_open(struct cli *cli, const char *path, struct cli_source *s);
void cli_source_close(struct cli_source *s);
/* As cli_fail(); says so when there are no keys. */
int cli_source_fail(struct cli *cli, const struct cli_source *s, pic_error *err);

/* short.c: "-f" as "--file", where that is an option; the word itself otherwise. */
char *cli_lengthen(const struct command *command, char *word);
int cli_may_repeat(const char *option);

/* heeds.c: the options that some commands honour and others cannot. */
unsigned cli_heed(const char *option);                               /* HEEDS_*; 0: every command honours it */
int cli_may_heed(const struct command *command, const char *option); /* perhaps only with another option of it: */
const char *cli_heeds_with(const struct command *command);
int cli_check_heeds(struct cli *cli); /* EXIT_DONE, or EXIT_USAGE after having said which cannot be honoured */

/* secret.c: fields that are read from files. The option of any field, as it is typed: "mtu", "password-file". */
int cli_is_secret(const char *kind, size_t field);
const char *cli_field_option(const char *kind, size_t field, char name[64]);
/* What is in the file ("-": standard input), without the newline at its end; NULL after having said why. For
 * cli_wipe().
 */
char *cli_read_secret(const struct cli *cli, const char *field, const char *path);
/* One line, typed without being shown; NULL after having said why. For cli_wipe(). */
char *cli_ask_secret(const struct cli *cli, const char *what);
void cli_wipe(char *text, size_t size); /* overwrites and frees; takes NULL */

int cli_open(struct cli *cli); /* main.c: the context; EXIT_DONE, or what to exit with */
/* complete.c: candidates for the last of the words, which is being typed. */
int cli_complete(struct cli *cli, const char *const *words, size_t count);

/* out.c */
size_t cli_width(void); /* columns of the terminal, or what $COLUMNS says; 0: no limit is known */
/* What is wrong with each of several words of one command. */
struct errors {
        pic_error *at[96]; /* fields, things to unset, a name */
        size_t count;
};
int cli_fail_all(const struct cli *cli, struct errors *errors); /* one at least; as cli_fail */
int cli_fail(const struct cli *cli, pic_error *err); /* prints and frees; EXIT_REFUSED (EXIT_USAGE for PIC_INVALID) */
int cli_usage(const struct cli *cli, const char *fmt, ...) PIC_PRINTF(2, 3);
/* As cli_usage(), and what to do about it. */
int cli_misuse(const struct cli *cli, const char *hint, const char *fmt, ...) PIC_PRINTF(3, 4);
int cli_refuse(const struct cli *cli, int code, const char *fmt, ...)
        PIC_PRINTF(3, 4); /* what `pic` itself could not do; EXIT_REFUSED */
/* The same, and what to do about it (NULL: nothing is known). */
int cli_advise(const struct cli *cli, int code, const char *hint, const char *fmt, ...) PIC_PRINTF(4, 5);
void cli_note(const struct cli *cli, const char *fmt, ...) PIC_PRINTF(2, 3); /* to stderr, unless --quiet or --json */
struct table;
void cli_table_show(const struct cli *cli, struct table *table); /* as wide as the terminal; takes it */
int cli_plan_show(const struct cli *cli, pic_plan *plan);        /* takes it */
/* What becomes of connections' secrets; all: also what needs nobody's attention. */
void cli_show_secrets(FILE *out, const pic_plan *plan, int all);
void cli_show_risk(FILE *out, const pic_plan *plan);            /* says so when it cuts who makes it */
int cli_report_show(const struct cli *cli, pic_report *report); /* takes it; text as it is */

/* edit.c: plan (with --plan) or commit what the edit wishes; takes it. `kind` and `name` are shown after, NULL: none.
 */
int cli_finish(struct cli *cli, pic_edit *edit, const char *kind, const char *name);
/* The fields and --unset of the command line. What is wrong is added to `errors`, all of it. */
void cli_set_fields(struct cli *cli, pic_edit *edit, const char *kind, const char *name, struct errors *errors);

/* plan.c: a whole document ("-": standard input), at most 16 MiB; NULL after having said why. free() it. */
char *cli_read_document(const struct cli *cli, const char *path, size_t *ret_len);
char *cli_read_stream(const struct cli *cli, FILE *in, const char *path, size_t *ret_len);

/* draft.c: an edit for the wishes of this command; with a draft that is open, its wishes come first. EXIT_DONE, or the
 * exit status after having said why. */
int cli_begin(struct cli *cli, pic_edit **ret);
int cli_keep(struct cli *cli, pic_edit *edit); /* the edit is the draft now, if it could be committed */

/* history.c: what the options say of rows that are looked for. EXIT_DONE, or EXIT_USAGE after having said why. */
int cli_search(const struct cli *cli, pic_history_opts *o);
int cli_write(const struct cli *cli, const char *path, const char *text); /* a whole file */

/* commands, by file */
int cmd_init(struct cli *cli); /* cell.c */
int cmd_cell_remove(struct cli *cli);
int cmd_cell_import(struct cli *cli); /* household.c */
int cmd_add(struct cli *cli);         /* object.c */
/* A new object with the fields of the command line. EXIT_DONE, or the exit status after having said all that is wrong.
 */
int cli_wish_new(struct cli *cli, pic_edit *edit, const char *kind, const char *name);
int cmd_list(struct cli *cli);
int cmd_show(struct cli *cli);
int cmd_set(struct cli *cli);
int cmd_remove(struct cli *cli);
int cmd_peer_config(struct cli *cli); /* peer.c */
int cmd_peer_qr(struct cli *cli);
int cmd_peer_show(struct cli *cli); /* leave.c */
int cmd_peer_rekey(struct cli *cli);
int cmd_enable(struct cli *cli);
int cmd_disable(struct cli *cli);
int cmd_connection_import(struct cli *cli); /* connection.c */
int cmd_connection_list(struct cli *cli);
int cmd_connection_show(struct cli *cli);
int cmd_connection_remove(struct cli *cli);
int cmd_connection_test(struct cli *cli);
int cmd_connection_policy(struct cli *cli);
int cmd_connection_restart(struct cli *cli);
int cli_is_public(struct cli *cli, const char *name); /* 1: a certificate of a public CA */
int cmd_cert_show(struct cli *cli);
int cmd_cert_status(struct cli *cli);
int cmd_ntp_status(struct cli *cli);
int cmd_traffic(struct cli *cli);
int cmd_health_history(struct cli *cli);
int cmd_domain_status(struct cli *cli);
int cmd_domain_publish(struct cli *cli);
int cmd_alert_status(struct cli *cli); /* alert.c */
int cmd_alert_test(struct cli *cli);
int cmd_block_status(struct cli *cli); /* block.c */
int cmd_block_refresh(struct cli *cli);
int cmd_block_test(struct cli *cli);
int cmd_dns_query(struct cli *cli); /* dns.c */
int cmd_dns_stats(struct cli *cli);
int cmd_dns_flush(struct cli *cli);
int cmd_dns_log(struct cli *cli);
int cmd_front_status(struct cli *cli);
int cmd_service_add(struct cli *cli);
int cmd_service_list(struct cli *cli);
int cmd_user_add(struct cli *cli); /* user.c */
int cmd_user_password(struct cli *cli);
int cmd_user_reset(struct cli *cli);
int cmd_user_totp(struct cli *cli);
int cmd_user_passkey(struct cli *cli);
int cli_has_passkeys(struct cli *cli, const char *user);
int cmd_token_add(struct cli *cli);  /* token.c */
int cmd_cert_issue(struct cli *cli); /* cert.c */
int cmd_cert_export(struct cli *cli);
int cmd_cert_revoke(struct cli *cli);
int cmd_cert_remove(struct cli *cli);
int cmd_cert_renew(struct cli *cli);
int cmd_cert_root(struct cli *cli);
int cmd_session_list(struct cli *cli);
int cmd_session_end(struct cli *cli);
int cmd_setup(struct cli *cli);
int cmd_peer_link(struct cli *cli);
int cmd_peer_installed(struct cli *cli);
void cli_say_setup(struct cli *cli); /* the setup code, while there is no admin */
int cmd_status(struct cli *cli);     /* status.c */
int cmd_doctor(struct cli *cli);
int cmd_drift(struct cli *cli);
int cmd_why(struct cli *cli);
int cmd_log(struct cli *cli);
int cli_log_level(struct cli *cli); /* loglevel.c */
int cmd_events(struct cli *cli);
int cmd_plan(struct cli *cli); /* plan.c */
int cmd_apply(struct cli *cli);
int cmd_export(struct cli *cli);
int cmd_begin(struct cli *cli); /* draft.c */
int cmd_draft(struct cli *cli);
int cmd_commit(struct cli *cli);
int cmd_abort(struct cli *cli);
int cmd_history(struct cli *cli); /* history.c */
int cmd_object_history(struct cli *cli);
int cmd_show_revision(struct cli *cli);
int cmd_diff(struct cli *cli);
int cmd_at(struct cli *cli);
int cmd_undo(struct cli *cli);
int cmd_confirm(struct cli *cli);
int cmd_age(struct cli *cli);           /* age.c */
int cmd_backup_create(struct cli *cli); /* backup.c */
int cmd_backup_list(struct cli *cli);
int cmd_backup_show(struct cli *cli);
int cmd_backup_verify(struct cli *cli);
int cmd_backup_drill(struct cli *cli);
int cmd_backup_extract(struct cli *cli);
int cmd_backup_diff(struct cli *cli); /* restore.c */
int cmd_backup_restore(struct cli *cli);
int cmd_backup_kept(struct cli *cli);
int cmd_backup_undo(struct cli *cli);
int cmd_backup_forget(struct cli *cli);
int cmd_backup_run(struct cli *cli); /* target.c */
int cmd_backup_status(struct cli *cli);
int cmd_backup_fetch(struct cli *cli);
/* "TARGET", "TARGET:" or "TARGET:NAME". NULL: there is no such target. *ret_name: NULL without; both to be freed. */
char *cli_target_named(struct cli *cli, const char *word, char **ret_name);
/* The same of a word that may mean a file as well: a file of that name counts, a folder is none. */
char *cli_target_of(struct cli *cli, const char *word, char **ret_name);
int cli_target_list(struct cli *cli, const char *target);
int cli_target_verify(struct cli *cli, const char *target, const char *name);
int cli_target_drill(struct cli *cli, const char *target, const char *name); /* by the agent */
int cli_drill_show(struct cli *cli, const json_t *drill); /* the exit status: whether it is restorable */
/* A descriptor of what was fetched, which no other program sees; -1 with *ret_status. */
int cli_target_open(struct cli *cli, const char *target, const char *name, int *ret_status);
int cmd_audit_list(struct cli *cli); /* audit.c */
int cmd_audit_show(struct cli *cli);
int cmd_audit_export(struct cli *cli);
int cmd_audit_verify(struct cli *cli);
int cmd_audit_head(struct cli *cli);
int cmd_update(struct cli *cli); /* update.c */
int cmd_up(struct cli *cli);     /* agent.c */
int cmd_down(struct cli *cli);
int cmd_version(struct cli *cli); /* help.c */
int cmd_help(struct cli *cli);
void cli_help(FILE *out, const struct command *command); /* NULL: the overview */

/* serve.c: a program of ours, by where it may be from where this one is (the list ends with NULL); -1: nowhere. */
enum { CLI_PATH = 4096 };
int cli_beside(const char *const *places, char path[CLI_PATH]);
/* the API and the web page beside the agent (--http PORT, or no). */
int cli_serve_check(const struct cli *cli); /* EXIT_DONE, or EXIT_USAGE after having said why */
void cli_serve_start(const struct cli *cli);
void cli_serve_stop(void);

/* connection.c */
void cli_say_connection(struct cli *cli, const char *name);        /* what to do with a new one */
void cli_show_connections(struct cli *cli, const void *json_list); /* the status' "connections", as a table */

/* leave.c: by what devices leave. A cell without connections: nobody is asked. */
struct cli_leaves;
struct cli_leaves *cli_leaves_new(const struct cli *cli);
void cli_leaves_free(struct cli_leaves *l);
int cli_leaves_known(const struct cli_leaves *l);                          /* there is something to tell */
const char *cli_leaves_text(const struct cli_leaves *l, const char *name); /* borrowed; NULL: not known */
void cli_leaves_json(const struct cli_leaves *l, const pic_obj *peer);     /* the object, with "leaves" in it */
void cli_leaves_warn(const struct cli_leaves *l); /* who leaves directly though it has an exit */
void cli_warn_open(const void *json_peers);       /* the same, of the status' "peers" */

/* peer.c: the configuration, to where the options say (standard output, -o FILE, --png FILE, --qr). */
int cli_show_config(struct cli *cli, const char *name, int qr);
/* To a file of mode 0600 ("-": standard output). */
int cli_write_bytes(const struct cli *cli, const char *path, const char *bytes, size_t size);
int cli_writable(const struct cli *cli, const char *path); /* 0 after having said why not; NULL is */

#endif
