/* Owns: the one table of commands. Help, completion and the manual's list are made from it. */
#include <stddef.h>

#include "cli/cli.h"

/* clang-format off */
#define END { NULL, NULL, NULL }

const struct option_info cli_globals[] = {
        { "dir", "DIR", "the cell's directory (default /var/lib/pic, or $PIC_DIR)" },
        { "world", "real|fake", "fake: a pretend kernel, no privilege needed (or $PIC_WORLD)" },
        { "json", NULL, "answer, and errors, as JSON" },
        { "plan", NULL, "show what would change, change nothing" },
        { "exit-code", NULL, "with --plan: exit status 3 when something would change" },
        { "no-wait", NULL, "do not wait until the agent has applied the change" },
        { "confirm", "TIME", "the change goes back by itself unless 'pic confirm' comes within TIME (\"60s\")" },
        { "if-revision", "N", "refuse the change when the cell has changed since revision N" },
        { "override", "REASON", "change it although an assertion breaks; REASON is kept in the journal" },
        { "quiet", NULL, "say only what was asked for" },
        { "verbose", NULL, "say what is done; twice: debug" },
        { "help", NULL, "this" },
        END
};
static const struct option_info init_options[] = {
        END
};
static const struct option_info add_options[] = {
        { "keep-key", NULL, "keep the device's private key, so that its configuration can be shown again" },
        { "qr", NULL, "show the configuration as a QR code at once" },
        { "config", NULL, "print the configuration at once" },
        END
};
static const struct option_info set_options[] = {
        { "unset", "FIELD", "make a field absent: its default holds again" },
        END
};
static const struct option_info import_options[] = {
        { "replace", NULL, "of a connection that is there: what the file does not say becomes absent" },
        END
};
static const struct option_info household_options[] = {
        { "access", "GRANTS", "what each device may reach (default internet,lan,peers, as it was there)" },
        { "take-over", "yes|no", "whether this cell becomes that server, so that devices need not be touched (default: when it has none)" },
        END
};
static const struct option_info remove_options[] = {
        { "to", "NAME|direct", "who leaves by it leaves by that one then" },
        END
};
static const struct option_info test_options[] = {
        { "peer", "NAME", "as this device's packets would go" },
        END
};
static const struct option_info traffic_options[] = {
        { "hours", "N", "the last N hours, by hour (at most 192)" },
        { "days", "N", "the last N days, by day (default 30, at most 400)" },
        { "since", "DATE", "from then on" },
        { "until", "DATE", "until then" },
        END
};
static const struct option_info health_options[] = {
        { "lines", "N", "how many (default 100)" },
        { "since", "DATE", "what was wrong then or later" },
        { "until", "DATE", "what was wrong then or before" },
        END
};
static const struct option_info dns_log_options[] = {
        { "lines", "N", "how many (default 100)" },
        END
};
static const struct option_info block_options[] = {
        { "as", "NAME", "for this device" },
        END
};
static const struct option_info doctor_options[] = {
        { "fix", NULL, "and put right what risks nothing" },
        END
};
static const struct option_info query_options[] = {
        { "as", "NAME", "as this device would be answered" },
        END
};
static const struct option_info config_options[] = {
        { "qr", NULL, "a QR code after the text" },
        { "png", "FILE", "write the QR code as a PNG image" },
        { "output", "FILE", "write the text to a file (mode 0600)" },
        END
};
static const struct option_info qr_options[] = {
        { "png", "FILE", "write a PNG image instead ('-': standard output)" },
        { "svg", "FILE", "write an SVG image instead ('-': standard output)" },
        END
};
static const struct option_info rekey_options[] = {
        { "public-key", "KEY", "for a device that makes its own key: the new public key" },
        END
};
static const struct option_info user_add_options[] = {
        { "no-password", NULL, "without one: nobody can log in as this user yet" },
        END
};
static const struct option_info password_options[] = {
        { "file", "FILE", "read it from a file ('-': standard input)" },
        END
};
static const struct option_info reset_options[] = {
        { "totp", NULL, "and turn the second factor off" },
        END
};
static const struct option_info totp_options[] = {
        { "off", NULL, "turn it off" },
        { "secret-file", "FILE", "one that was offered before ('-': standard input), with --code" },
        { "code", "DIGITS", "what the person's program shows now" },
        END
};
static const struct option_info issue_options[] = {
        { "output", "FILE", "write certificate and key to a file (mode 0600)" },
        { "key-output", "FILE", "write the key to a file of its own" },
        END
};
static const struct option_info cert_options[] = {
        { "key", NULL, "with its private key, when the cell has it" },
        { "output", "FILE", "write to a file (mode 0600)" },
        { "key-output", "FILE", "write the key to a file of its own" },
        END
};
static const struct option_info revoke_options[] = {
        { "revoke", NULL, "have the public CA withdraw its certificate" },
        END
};
static const struct option_info root_options[] = {
        { "pem", NULL, "the root alone, in PEM" },
        { "der", NULL, "the root in DER, for Windows and Android" },
        { "profile", NULL, "a profile for iOS and macOS that installs the root" },
        { "crl", NULL, "the list of certificates that were revoked, in PEM" },
        { "qr", NULL, "the root as a QR code" },
        { "output", "FILE", "write to a file" },
        { "rotate", NULL, "make another root; the former one is trusted meanwhile" },
        END
};
static const struct option_info session_options[] = {
        { "user", "NAME", "only those of this user" },
        END
};
static const struct option_info installed_options[] = {
        { "check", NULL, "only look: status 1 when it needs another one than it has" },
        END
};
static const struct option_info link_options[] = {
        { "for", "TIME", "how long it is good (\"1h\"; default: a day)" },
        END
};
static const struct option_info status_options[] = {
        { "wait", "TIME", "wait until the agent is ready (\"10s\")" },
        END
};
static const struct option_info apply_options[] = {
        { "file", "FILE", "wish what this document says ('-': standard input)" },
        { "prune", NULL, "remove what the document does not name" },
        END
};
static const struct option_info plan_options[] = {
        { "file", "FILE", "of this document ('-': standard input)" },
        { "prune", NULL, "with --file: remove what it does not name" },
        END
};
static const struct option_info why_options[] = {
        { "family", "4|6", "which IP version to ask for" },
        END
};
static const struct option_info drift_options[] = {
        { "repair", NULL, "put right what differs" },
        END
};
static const struct option_info age_options[] = {
        { "encrypt", NULL, "encrypt (the default); -e" },
        { "decrypt", NULL, "decrypt; -d" },
        { "recipient", "age1…", "for whom it is; may stand there several times; -r" },
        { "recipients-file", "FILE", "the same, a file of them ('-': standard input); -R" },
        { "identity", "FILE", "who decrypts it: a file of identities; encrypting: for them; -i" },
        { "passphrase", NULL, "with a passphrase, which is asked for; -p" },
        { "passphrase-file", "FILE", "with the passphrase in a file ('-': standard input)" },
        { "work-factor", "N", "what each guess of a passphrase costs: 2^N KiB of memory (default 18); with --decrypt the most that is taken (22)" },
        { "armor", NULL, "as text; -a" },
        { "output", "FILE", "a file that appears when all is done (mode 0600); -o" },
        { "convert", NULL, "keygen: the recipients that belong to identities; -y" },
        END
};
static const struct option_info backup_options[] = {
        { "recipient", "age1…", "for whom it is; may stand there several times; -r" },
        { "recipients-file", "FILE", "the same, a file of them ('-': standard input); -R" },
        { "passphrase", NULL, "with a passphrase, which is asked for; -p" },
        { "passphrase-file", "FILE", "with the passphrase in a file ('-': standard input)" },
        { "work-factor", "N", "what each guess of the passphrase costs: 2^N KiB of memory (default 18)" },
        { "plain", NULL, "not encrypted: whoever reads it has the cell" },
        { "armor", NULL, "as text; -a" },
        END
};
#define OPENS \
        { "identity", "FILE", "who opens it: a file of identities; -i" }, \
        { "passphrase", NULL, "with its passphrase, which is asked for; -p" }, \
        { "passphrase-file", "FILE", "with the passphrase in a file ('-': standard input)" }, \
        { "work-factor", "N", "the highest work factor that is taken (default 22)" }
static const struct option_info open_options[] = {
        OPENS,
        END
};
static const struct option_info extract_options[] = {
        OPENS,
        { "output", "FILE", "a file that appears when all is done (mode 0600); -o" },
        END
};
static const struct option_info fetch_options[] = {
        { "output", "FILE", "a file that appears when all is done (mode 0600); -o; else standard output" },
        END
};
static const struct option_info restore_options[] = {
        OPENS,
        { "replace", NULL, "put the cell that is there aside" },
        { "copy", NULL, "to look at beside the cell that it is of: its targets, alerts, block lists, domains are off" },
        { "only", "KINDS", "some of it, as a change of the cell that is there: peers,records; dns, devices, exits, all; KIND:NAME" },
        { "exact", NULL, "with --only KINDS: what the backup does not have of them goes" },
        END
};
static const struct option_info forget_options[] = {
        { "yes", NULL, "without being asked" },
        END
};
static const struct option_info run_options[] = {
        { "background", NULL, "begin it and do not wait" },
        { "cancel", NULL, "end what is under way" },
        END
};
static const struct option_info log_options[] = {
        { "lines", "N", "how many (default 100); also -n" },
        { "follow", NULL, "go on as lines come" },
        { "text", "TEXT", "lines with this in them" },
        { "ignore-case", NULL, "of --text: small and capital letters are alike" },
        { "level", "error|warning|info|debug", "that or worse" },
        { "since", "DATE", "said then or later" },
        { "until", "DATE", "said then or before" },
        { "peer", "NAME", "about this device" },
        { "connection", "NAME", "about this connection, and of what carries it" },
        { "before", "WORD", "the lines before those of an answer, as its \"before\" says (--json)" },
        END
};
static const struct option_info events_options[] = {
        { "after", "N", "only those after the change of this number" },
        { "follow", NULL, "go on as changes come" },
        END
};
static const struct option_info up_options[] = {
        { "http", "PORT|no", "port of the web page and the API (3000); no: without them" },
        END
};
static const struct option_info down_options[] = {
        { "keep-block", NULL, "leave the rules that block in place" },
        END
};
static const struct option_info history_options[] = {
        { "lines", "N", "how many, the newest (default 100)" },
        { "actor", "WHO", "only what WHO did" },
        { "verb", "VERB", "only such: add, change, remove, reveal, undo, confirm..." },
        { "since", "DATE", "made then or later" },
        { "until", "DATE", "made then or before" },
        { "before", "N", "only events with a smaller number: the next page" },
        END
};
#define SEARCH                                                                                    \
        { "actor", "WHO", "only what WHO did" }, { "way", "WAY", "only by way of cli, http, tui, api or agent" }, \
                { "kind", "KIND", "only of this kind of thing: cell, group, peer, assertion, connection, user, token, certificate, record, forward, domain, service, blocklist, alert, target" },             \
                { "name", "NAME", "only of this one, with --kind also under its former names" },    \
                { "verb", "VERB", "only such: add, change, remove, reveal, refused, start..." },    \
                { "text", "PART", "only lines that have PART in them" },                           \
                { "since", "DATE", "made then or later" }, { "until", "DATE", "made then or before" }, \
                { "from", "REV", "of revision REV or later" }, { "to", "REV", "of revision REV or before" }, \
                { "before", "N", "only rows with a smaller number" }
static const struct option_info audit_list_options[] = {
        SEARCH,
        { "lines", "N", "how many, the newest (default 100)" },
        END
};
static const struct option_info audit_show_options[] = {
        { "proof", NULL, "the proof that it is in the signed tree, for a verifier" },
        END
};
static const struct option_info audit_export_options[] = {
        { "format", "jsonl|csv|bundle", "a JSON object a line (default), a table, or all that a verifier needs" },
        { "output", "FILE", "write to a file, which must not be there yet" },
        SEARCH,
        { "lines", "N", "at most so many, the oldest" },
        END
};
static const struct option_info audit_verify_options[] = {
        { "key", "KEY", "the verifier's key, kept elsewhere ('pic audit head --key')" },
        { "head", "FILE", "a signed head, kept elsewhere ('-': standard input)" },
        END
};
static const struct option_info audit_head_options[] = {
        { "key", NULL, "the verifier's key instead of the head" },
        { "output", "FILE", "write it to a file" },
        END
};
static const struct option_info at_options[] = {
        { "output", "FILE", "write the document to a file" },
        END
};
static const struct option_info update_options[] = {
        { "key", "FILE|KEY", "whose signature counts (of minisign; default /etc/pic/release.pub)" },
        { "check", NULL, "verify the version and try it with a copy of the cell; change nothing" },
        { "older", NULL, "also one that is older than the one that is here" },
        { "wait", "SECONDS", "how long it may take until the cell is well with it (60)" },
        { "back", NULL, "to the version before this one" },
        { "finish", NULL, "go on with an update that was cut off" },
        { "status", NULL, "which version is here, and which is kept" },
        END
};
static const struct option_info undo_options[] = {
        { "to", "REV", "everything as it was at revision REV" },
        END
};

/* noun, verb, kind, arguments, least and most words, options, help, function, which of the options that are not for every
 * command it honours */
const struct command cli_commands[] = {
        { NULL, "init", "cell", "[NAME]", 0, 1, init_options, "make a cell", cmd_init, 0 },
        { NULL, "up", NULL, "", 0, 0, up_options, "run the cell in the foreground, with its web page", cmd_up, 0 },
        { NULL, "down", NULL, "", 0, 0, down_options, "stop the cell and take it out of this machine's network", cmd_down, 0 },
        { NULL, "status", NULL, "", 0, 0, status_options, "what is true now", cmd_status, 0 },
        { "peer", "add", "peer", "NAME", 1, 1, add_options, "add a device", cmd_add, HEEDS_CHANGE },
        { "peer", "list", "peer", "", 0, 0, NULL, "list devices, and by what they leave", cmd_list, 0 },
        { "peer", "show", "peer", "NAME", 1, 1, NULL, "show a device, and by what it leaves", cmd_peer_show, 0 },
        { "peer", "set", "peer", "NAME", 1, 1, set_options, "change a device", cmd_set, HEEDS_CHANGE },
        { "peer", "remove", "peer", "NAME", 1, 1, NULL, "remove a device", cmd_remove, HEEDS_CHANGE },
        { "peer", "config", NULL, "NAME", 1, 1, config_options, "print the device's configuration (wg-quick format)", cmd_peer_config, 0 },
        { "peer", "qr", NULL, "NAME", 1, 1, qr_options, "show the configuration as a QR code", cmd_peer_qr, 0 },
        { "peer", "rekey", NULL, "NAME", 1, 1, rekey_options, "new keys for a lost or stolen device", cmd_peer_rekey, HEEDS_CHANGE },
        { "peer", "enable", NULL, "NAME", 1, 1, NULL, "let a device in", cmd_enable, HEEDS_CHANGE },
        { "peer", "disable", NULL, "NAME", 1, 1, NULL, "keep a device out", cmd_disable, HEEDS_CHANGE },
        { "peer", "installed", NULL, "NAME", 1, 1, installed_options, "say that the device has its configuration as it is now", cmd_peer_installed, 0 },
        { "peer", "link", NULL, "NAME", 1, 1, link_options, "a link that shows the device's configuration once", cmd_peer_link, 0 },
        { "peer", "history", "peer", "NAME", 1, 1, history_options, "what happened to a device", cmd_object_history, 0 },
        { "group", "add", "group", "NAME", 1, 1, NULL, "add a group", cmd_add, HEEDS_CHANGE },
        { "group", "list", "group", "", 0, 0, NULL, "list groups", cmd_list, 0 },
        { "group", "show", "group", "NAME", 1, 1, NULL, "show a group", cmd_show, 0 },
        { "group", "set", "group", "NAME", 1, 1, set_options, "change a group", cmd_set, HEEDS_CHANGE },
        { "group", "remove", "group", "NAME", 1, 1, NULL, "remove a group", cmd_remove, HEEDS_CHANGE },
        { "group", "history", "group", "NAME", 1, 1, history_options, "what happened to a group", cmd_object_history, 0 },
        { "assertion", "add", "assertion", "NAME", 1, 1, NULL, "add a rule that every state must keep", cmd_add, HEEDS_CHANGE },
        { "assertion", "list", "assertion", "", 0, 0, NULL, "list assertions", cmd_list, 0 },
        { "assertion", "show", "assertion", "NAME", 1, 1, NULL, "show an assertion", cmd_show, 0 },
        { "assertion", "set", "assertion", "NAME", 1, 1, set_options, "change an assertion", cmd_set, HEEDS_CHANGE },
        { "assertion", "remove", "assertion", "NAME", 1, 1, NULL, "remove an assertion", cmd_remove, HEEDS_CHANGE },
        { "assertion", "history", "assertion", "NAME", 1, 1, history_options, "what happened to an assertion", cmd_object_history, 0 },
        { "connection", "add", "connection", "NAME", 1, 1, NULL, "add a way out", cmd_add, HEEDS_CHANGE },
        { "connection", "import", "connection", "FILE [NAME]", 1, 2, import_options, "add a way out as a provider's file describes it (wg-quick, OpenVPN)", cmd_connection_import, HEEDS_CHANGE },
        { "connection", "list", "connection", "", 0, 0, NULL, "list ways out, and how they are", cmd_connection_list, 0 },
        { "connection", "show", "connection", "NAME", 1, 1, NULL, "show a way out, and how it is", cmd_connection_show, 0 },
        { "connection", "set", "connection", "NAME", 1, 1, set_options, "change a way out", cmd_set, HEEDS_CHANGE },
        { "connection", "remove", "connection", "NAME", 1, 1, remove_options, "remove a way out", cmd_connection_remove, HEEDS_CHANGE },
        { "connection", "enable", NULL, "NAME", 1, 1, NULL, "use a way out", cmd_enable, HEEDS_CHANGE },
        { "connection", "disable", NULL, "NAME", 1, 1, NULL, "turn a way out off: who leaves by it is cut off", cmd_disable, HEEDS_CHANGE },
        { "connection", "test", NULL, "NAME", 1, 1, test_options, "what the world sees of who leaves by it, and whether anything leaks", cmd_connection_test, 0 },
        { "connection", "policy", NULL, "[NAME|TYPE]", 0, 1, NULL, "which packets pass in which state of a connection", cmd_connection_policy, 0 },
        { "connection", "restart", NULL, "NAME", 1, 1, NULL, "take down what carries it, and make it anew", cmd_connection_restart, 0 },
        { "connection", "history", "connection", "NAME", 1, 1, history_options, "what happened to a way out", cmd_object_history, 0 },
        { "service", "add", "service", "NAME", 1, 1, NULL, "add a web server of yours behind the cell's front", cmd_service_add, HEEDS_CHANGE },
        { "service", "list", "service", "", 0, 0, NULL, "list services, and whether they answer", cmd_service_list, 0 },
        { "service", "show", "service", "NAME", 1, 1, NULL, "show a service", cmd_show, 0 },
        { "service", "set", "service", "NAME", 1, 1, set_options, "change a service", cmd_set, HEEDS_CHANGE },
        { "service", "remove", "service", "NAME", 1, 1, NULL, "remove a service", cmd_remove, HEEDS_CHANGE },
        { "service", "enable", NULL, "NAME", 1, 1, NULL, "serve a service", cmd_enable, HEEDS_CHANGE },
        { "service", "disable", NULL, "NAME", 1, 1, NULL, "serve a service no more: its grants reach nothing", cmd_disable, HEEDS_CHANGE },
        { "service", "history", "service", "NAME", 1, 1, history_options, "what happened to a service", cmd_object_history, 0 },
        { "user", "add", "user", "NAME", 1, 1, user_add_options, "add somebody who may log in to the web page", cmd_user_add, HEEDS_CHANGE },
        { "user", "list", "user", "", 0, 0, NULL, "list users", cmd_list, 0 },
        { "user", "show", "user", "NAME", 1, 1, NULL, "show a user", cmd_show, 0 },
        { "user", "set", "user", "NAME", 1, 1, set_options, "change a user", cmd_set, HEEDS_CHANGE },
        { "user", "remove", "user", "NAME", 1, 1, NULL, "remove a user", cmd_remove, HEEDS_CHANGE },
        { "user", "password", NULL, "NAME", 1, 1, password_options, "a new password, asked for twice, or from standard input", cmd_user_password, HEEDS_CHANGE },
        { "user", "reset", NULL, "NAME", 1, 1, reset_options, "a new password for one login, for who forgot it", cmd_user_reset, HEEDS_CHANGE },
        { "user", "totp", NULL, "NAME", 1, 1, totp_options, "a second factor for the login", cmd_user_totp, HEEDS_CHANGE },
        { "user", "passkey", NULL, "list|remove USER [PASSKEY]", 2, 3, NULL, "a user's passkeys; remove one, by name or number", cmd_user_passkey, 0 },
        { "user", "history", "user", "NAME", 1, 1, history_options, "what happened to a user", cmd_object_history, 0 },
        { "token", "add", "token", "NAME", 1, 1, NULL, "add a token by which a program uses the API; shown once", cmd_token_add, HEEDS_CHANGE },
        { "token", "list", "token", "", 0, 0, NULL, "list tokens", cmd_list, 0 },
        { "token", "show", "token", "NAME", 1, 1, NULL, "show a token, without its secret", cmd_show, 0 },
        { "token", "set", "token", "NAME", 1, 1, set_options, "change a token", cmd_set, HEEDS_CHANGE },
        { "token", "remove", "token", "NAME", 1, 1, NULL, "remove a token: it stops working at once", cmd_remove, HEEDS_CHANGE },
        { "token", "history", "token", "NAME", 1, 1, history_options, "what happened to a token", cmd_object_history, 0 },
        { "cert", "issue", "certificate", "NAME", 1, 1, issue_options, "issue a certificate by the cell's own CA; its key is shown once", cmd_cert_issue, HEEDS_CHANGE },
        { "cert", "list", "certificate", "", 0, 0, NULL, "list certificates", cmd_list, 0 },
        { "cert", "show", "certificate", "NAME", 1, 1, NULL, "show a certificate", cmd_cert_show, 0 },
        { "cert", "status", "certificate", "[NAME]", 0, 1, NULL, "how the asking of public CAs goes", cmd_cert_status, 0 },
        { "cert", "set", "certificate", "NAME", 1, 1, set_options, "change a certificate: it is issued anew", cmd_set, HEEDS_CHANGE },
        { "cert", "export", "certificate", "NAME", 1, 1, cert_options, "print a certificate in PEM", cmd_cert_export, 0 },
        { "cert", "renew", "certificate", "NAME", 1, 1, NULL, "renew a certificate now", cmd_cert_renew, 0 },
        { "cert", "revoke", "certificate", "NAME", 1, 1, NULL, "withdraw a certificate for good", cmd_cert_revoke, HEEDS_CHANGE },
        { "cert", "remove", "certificate", "NAME", 1, 1, revoke_options, "forget a certificate, and withdraw it", cmd_cert_remove, HEEDS_CHANGE },
        { "cert", "root", NULL, "", 0, 0, root_options, "the root that devices have to trust", cmd_cert_root, 0 },
        { "cert", "history", "certificate", "NAME", 1, 1, history_options, "what happened to a certificate", cmd_object_history, 0 },
        { "record", "add", "record", "NAME", 1, 1, NULL, "add a name of your own in the cell's zone", cmd_add, HEEDS_CHANGE },
        { "record", "list", "record", "", 0, 0, NULL, "list your own names", cmd_list, 0 },
        { "record", "show", "record", "NAME", 1, 1, NULL, "show a name of your own", cmd_show, 0 },
        { "record", "set", "record", "NAME", 1, 1, set_options, "change a name of your own", cmd_set, HEEDS_CHANGE },
        { "record", "remove", "record", "NAME", 1, 1, NULL, "remove a name of your own", cmd_remove, HEEDS_CHANGE },
        { "record", "history", "record", "NAME", 1, 1, history_options, "what happened to a name of your own", cmd_object_history, 0 },
        { "forward", "add", "forward", "ZONE", 1, 1, NULL, "add a zone of others, and whom to ask for it", cmd_add, HEEDS_CHANGE },
        { "forward", "list", "forward", "", 0, 0, NULL, "list zones of others", cmd_list, 0 },
        { "forward", "show", "forward", "ZONE", 1, 1, NULL, "show a zone of others", cmd_show, 0 },
        { "forward", "set", "forward", "ZONE", 1, 1, set_options, "change whom to ask for a zone", cmd_set, HEEDS_CHANGE },
        { "forward", "remove", "forward", "ZONE", 1, 1, NULL, "remove a zone of others", cmd_remove, HEEDS_CHANGE },
        { "forward", "history", "forward", "ZONE", 1, 1, history_options, "what happened to a zone of others", cmd_object_history, 0 },
        { "block", "add", "blocklist", "NAME", 1, 1, NULL, "add a block list: names that devices are not told", cmd_add, HEEDS_CHANGE },
        { "block", "list", "blocklist", "", 0, 0, NULL, "list block lists", cmd_list, 0 },
        { "block", "show", "blocklist", "NAME", 1, 1, NULL, "show a block list", cmd_show, 0 },
        { "block", "set", "blocklist", "NAME", 1, 1, set_options, "change a block list", cmd_set, HEEDS_CHANGE },
        { "block", "remove", "blocklist", "NAME", 1, 1, NULL, "remove a block list", cmd_remove, HEEDS_CHANGE },
        { "block", "status", NULL, "", 0, 0, NULL, "how block lists do: names, when they were fetched, what they blocked", cmd_block_status, 0 },
        { "block", "refresh", NULL, "[NAME]", 0, 1, NULL, "fetch a block list now, or all", cmd_block_refresh, 0 },
        { "block", "test", NULL, "NAME", 1, 1, block_options, "whether a name is blocked, and by which lists", cmd_block_test, 0 },
        { "block", "history", "blocklist", "NAME", 1, 1, history_options, "what happened to a block list", cmd_object_history, 0 },
        { "alert", "add", "alert", "NAME", 1, 1, NULL, "add an alert: who is told when something is wrong", cmd_add, HEEDS_CHANGE },
        { "alert", "list", "alert", "", 0, 0, NULL, "list alerts", cmd_list, 0 },
        { "alert", "show", "alert", "NAME", 1, 1, NULL, "show an alert", cmd_show, 0 },
        { "alert", "set", "alert", "NAME", 1, 1, set_options, "change an alert", cmd_set, HEEDS_CHANGE },
        { "alert", "remove", "alert", "NAME", 1, 1, NULL, "remove an alert", cmd_remove, HEEDS_CHANGE },
        { "alert", "enable", NULL, "NAME", 1, 1, NULL, "tell what is wrong", cmd_enable, HEEDS_CHANGE },
        { "alert", "disable", NULL, "NAME", 1, 1, NULL, "tell nothing more", cmd_disable, HEEDS_CHANGE },
        { "alert", "status", NULL, "", 0, 0, NULL, "what is told, what waits, and whether it arrives", cmd_alert_status, 0 },
        { "alert", "test", NULL, "NAME", 1, 1, NULL, "send a test, and tell what the server says", cmd_alert_test, 0 },
        { "alert", "history", "alert", "NAME", 1, 1, history_options, "what happened to an alert, and what was told by it", cmd_object_history, 0 },
        { "domain", "add", "domain", "NAME", 1, 1, NULL, "add a public name of the cell, and how it is kept", cmd_add, HEEDS_CHANGE },
        { "domain", "list", "domain", "", 0, 0, NULL, "list the cell's public names", cmd_list, 0 },
        { "domain", "show", "domain", "NAME", 1, 1, NULL, "show a public name", cmd_show, 0 },
        { "domain", "set", "domain", "NAME", 1, 1, set_options, "change a public name, also its mode", cmd_set, HEEDS_CHANGE },
        { "domain", "remove", "domain", "NAME", 1, 1, revoke_options, "remove a public name from the cell", cmd_cert_remove, HEEDS_CHANGE },
        { "domain", "status", NULL, "", 0, 0, NULL, "at which addresses the world sees the cell, and whether its public names lead there", cmd_domain_status, 0 },
        { "domain", "publish", NULL, "[NAME]", 0, 1, NULL, "publish the cell's addresses now", cmd_domain_publish, 0 },
        { "domain", "history", "domain", "NAME", 1, 1, history_options, "what happened to a public name", cmd_object_history, 0 },
        { "dns", "query", NULL, "NAME [TYPE]", 1, 2, query_options, "what is answered to who asks for a name, and whose word that is", cmd_dns_query, 0 },
        { "dns", "stats", NULL, "", 0, 0, NULL, "what the name server has counted, and whom it asks", cmd_dns_stats, 0 },
        { "dns", "flush", NULL, "[NAME]", 0, 1, NULL, "forget what was answered for a name and all below it, or for all names", cmd_dns_flush, 0 },
        { "dns", "log", NULL, "[DEVICE]", 0, 1, dns_log_options, "which device asked for which name, while that is written down", cmd_dns_log, 0 },
        { "session", "list", NULL, "", 0, 0, session_options, "who is logged in", cmd_session_list, 0 },
        { "session", "end", NULL, "ID", 1, 1, NULL, "log somebody out", cmd_session_end, 0 },
        { NULL, "setup", NULL, "", 0, 0, NULL, "a new setup code, while there is no admin", cmd_setup, 0 },
        { "cell", "add", "cell", "[NAME]", 0, 1, init_options, "the same as init", cmd_init, 0 },
        { "cell", "list", "cell", "", 0, 0, NULL, "the cell as a list of one", cmd_list, 0 },
        { "cell", "show", "cell", "", 0, 1, NULL, "show the cell's settings", cmd_show, 0 },
        { "cell", "set", "cell", "", 0, 1, set_options, "change the cell's settings", cmd_set, HEEDS_CHANGE },
        { "cell", "import", "cell", "PATH [NAME]", 1, 2, household_options, "take over a household: of WireGuard (wg-quick), PiVPN, wg-easy", cmd_cell_import, HEEDS_CHANGE },
        { "cell", "remove", NULL, "", 0, 1, NULL, "say how a cell is removed for good", cmd_cell_remove, 0 },
        { "cell", "history", "cell", "", 0, 1, history_options, "what happened to the cell's settings", cmd_object_history, 0 },
        { "front", "status", NULL, "", 0, 0, NULL, "how devices reach the page by HTTPS, and whether they can", cmd_front_status, 0 },
        { "ntp", "status", NULL, "", 0, 0, NULL, "the time that the cell tells, and whether the clock is right", cmd_ntp_status, 0 },
        { NULL, "plan", NULL, "", 0, 0, plan_options, "what separates the machine from the wishes", cmd_plan, HEEDS_PLAN | HEEDS_EXIT | HEEDS_WITH_FILE(HEEDS_CHANGE) },
        { NULL, "apply", NULL, "", 0, 0, apply_options, "make the machine as wished, or wish what a document says", cmd_apply, HEEDS_PLAN | HEEDS_WITH_FILE(HEEDS_CHANGE) },
        { "audit", "list", NULL, "", 0, 0, audit_list_options, "rows of the journal, the newest first", cmd_audit_list, 0 },
        { "audit", "show", NULL, "ROW", 1, 1, audit_show_options, "one row, with all that is known of it", cmd_audit_show, 0 },
        { "audit", "export", NULL, "", 0, 0, audit_export_options, "rows for others, the oldest first", cmd_audit_export, 0 },
        { "audit", "verify", NULL, "", 0, 0, audit_verify_options, "look whether the journal was changed by another hand", cmd_audit_verify, 0 },
        { "audit", "head", NULL, "", 0, 0, audit_head_options, "the signed head of the journal, to be kept elsewhere", cmd_audit_head, 0 },
        { "target", "add", "target", "NAME", 1, 1, NULL, "add a place where backups go by themselves", cmd_add, HEEDS_CHANGE },
        { "target", "list", "target", "", 0, 0, NULL, "list the places where backups go", cmd_list, 0 },
        { "target", "show", "target", "NAME", 1, 1, NULL, "show a target", cmd_show, 0 },
        { "target", "set", "target", "NAME", 1, 1, set_options, "change a target", cmd_set, HEEDS_CHANGE },
        { "target", "remove", "target", "NAME", 1, 1, NULL, "remove a target; what it holds stays there", cmd_remove, HEEDS_CHANGE },
        { "target", "enable", NULL, "NAME", 1, 1, NULL, "backups go there by themselves", cmd_enable, HEEDS_CHANGE },
        { "target", "disable", NULL, "NAME", 1, 1, NULL, "backups go there only when asked for", cmd_disable, HEEDS_CHANGE },
        { "target", "history", "target", "NAME", 1, 1, history_options, "what happened to a target", cmd_object_history, 0 },
        { "backup", "create", NULL, "FILE|DIR", 1, 1, backup_options, "the whole cell as one encrypted file", cmd_backup_create, 0 },
        { "backup", "run", NULL, "[TARGET]", 0, 1, run_options, "make a backup at a target now, or at all of them", cmd_backup_run, 0 },
        { "backup", "status", NULL, "", 0, 0, NULL, "how backups do: when the last one was made, when the next one comes, what went wrong", cmd_backup_status, 0 },
        { "backup", "fetch", NULL, "TARGET[:NAME]", 1, 1, fetch_options, "get a backup from a target, as it is there", cmd_backup_fetch, 0 },
        { "backup", "list", NULL, "DIR|FILE|TARGET[:NAME]", 1, 1, open_options, "the backups in a directory or at a target; what is in one", cmd_backup_list, 0 },
        { "backup", "show", NULL, "FILE|TARGET:NAME", 1, 1, open_options, "of which cell a backup is, and when it was made", cmd_backup_show, 0 },
        { "backup", "verify", NULL, "FILE|TARGET[:NAME]", 1, 1, open_options, "read all of a backup, and look whether it is well", cmd_backup_verify, 0 },
        { "backup", "drill", NULL, "[FILE|TARGET[:NAME]]", 0, 1, open_options, "restore a backup where nobody is, start its agent, and say whether it comes back", cmd_backup_drill, 0 },
        { "backup", "extract", NULL, "FILE|TARGET:NAME MEMBER", 2, 2, extract_options, "one file out of a backup", cmd_backup_extract, 0 },
        { "backup", "diff", "cell", "FILE|TARGET:NAME", 1, 1, open_options, "what restoring a backup would change, and what has to be answered before", cmd_backup_diff, HEEDS_EXIT },
        { "backup", "restore", "cell", "FILE|TARGET:NAME", 1, 1, restore_options, "make the cell of a backup this directory's; a field of the cell is its answer to what is asked", cmd_backup_restore, HEEDS_PLAN | HEEDS_WITH_FILE(HEEDS_CHANGE) },
        { "backup", "kept", NULL, "", 0, 0, NULL, "the cells that restores put aside", cmd_backup_kept, 0 },
        { "backup", "undo", NULL, "[NAME]", 0, 1, NULL, "take a restore back: the cell that it put aside (default: the newest) is the cell again", cmd_backup_undo, HEEDS_PLAN },
        { "backup", "forget", NULL, "NAME", 1, 1, forget_options, "remove a cell that was put aside, for good", cmd_backup_forget, 0 },
        { NULL, "age", NULL, "[FILE] | keygen [FILE]", 0, 2, age_options, "encrypt or decrypt a file as age(1) does; make a key", cmd_age, 0 },
        { NULL, "export", NULL, "", 0, 0, NULL, "the whole cell as a document", cmd_export, 0 },
        { NULL, "begin", NULL, "", 0, 0, NULL, "begin a draft: changes are collected, not made", cmd_begin, 0 },
        { NULL, "draft", NULL, "", 0, 0, NULL, "what the draft would change", cmd_draft, HEEDS_PLAN | HEEDS_EXIT | HEEDS_REVISION | HEEDS_OVERRIDE },
        { NULL, "commit", NULL, "", 0, 0, NULL, "make the draft's changes, all or none", cmd_commit, HEEDS_CHANGE },
        { NULL, "abort", NULL, "", 0, 0, NULL, "forget the draft", cmd_abort, 0 },
        { NULL, "confirm", NULL, "", 0, 0, NULL, "keep the change that waits for its confirmation", cmd_confirm, 0 },
        { NULL, "undo", NULL, "[REV]", 0, 1, undo_options, "take back what revision REV changed (default: the last)", cmd_undo, HEEDS_CHANGE },
        { NULL, "history", NULL, "", 0, 0, history_options, "what happened, the newest first", cmd_history, 0 },
        { NULL, "show", NULL, "REV", 1, 1, NULL, "what revision REV changed", cmd_show_revision, 0 },
        { NULL, "diff", NULL, "A B", 2, 2, NULL, "what separates revision A from revision B", cmd_diff, HEEDS_EXIT },
        { NULL, "at", NULL, "REV|DATE", 1, 1, at_options, "the whole cell as it was, as a document", cmd_at, 0 },
        { NULL, "why", NULL, "FROM TO", 2, 2, why_options, "may FROM reach TO, and which rule says so", cmd_why, 0 },
        { NULL, "traffic", NULL, "[DEVICE|CONNECTION]", 0, 1, traffic_options, "how much passed, by hour or day", cmd_traffic, 0 },
        { "health", "history", NULL, "", 0, 0, health_options, "what was wrong, and from when to when", cmd_health_history, 0 },
        { NULL, "doctor", NULL, "", 0, 0, doctor_options, "look for trouble, with a fix for each finding", cmd_doctor, 0 },
        { NULL, "drift", NULL, "", 0, 0, drift_options, "what others changed on this machine, and what of theirs weakens the cell", cmd_drift, HEEDS_EXIT },
        { NULL, "log", NULL, "[AREA] | level [[AREA] LEVEL]", 0, 3, log_options, "the agent's and its programs' log; how much comes into it", cmd_log, 0 },
        { NULL, "events", NULL, "", 0, 0, events_options, "the changes, newest last", cmd_events, 0 },
        { NULL, "update", NULL, "[FILE|URL]", 0, 1, update_options, "another version of these programs: signed, tried, exchanged in one step, and back by itself", cmd_update, 0 },
        { NULL, "version", NULL, "", 0, 0, NULL, "the version", cmd_version, 0 },
        { NULL, "help", NULL, "[COMMAND]", 0, 2, NULL, "this, or help on a command", cmd_help, 0 },
        { NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, 0 }
};
/* clang-format on */
