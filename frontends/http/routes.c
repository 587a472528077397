/* Owns: the table of routes. It makes dispatch, guards, the OpenAPI document and the tests' matrix of roles: what is
 * not here is not there. A table: it may be long. A path with words stands before one with {…} that would fit too. */
#include "http/http.h"

#define EDIT(more) (F_EDIT | (more))
#define OPENS "passphrase:s? identity:s?" /* a backup: one of them, or it is not encrypted */

/* The same six for each kind; `gone`: what a removal may be told. */
#define KIND(kind, path, read, write, secret, post, patch, remove, more) \
        KIND_GONE(kind, path, read, write, secret, post, patch, remove, more, "")
#define KIND_GONE(kind, path, read, write, secret, post, patch, remove, more, gone)                                     \
        { "GET", path, read, F_LIST, get_list, kind, "", NULL, "list", "all of them" },                                 \
                { "POST", path,     write, EDIT(F_CREATE | F_ADD | (secret)), post, kind, "", "name:s! @fields" more,   \
                  "one",  "add one" },                                                                                  \
                { "GET", path "/{name}", read, 0, get_one, kind, "fields:s", NULL, "one", "one, by name or number" },   \
                { "PATCH", path "/{name}",                                                                              \
                  write,   EDIT(0),                                                                                     \
                  patch,   kind,                                                                                        \
                  "",      "@fields" more,                                                                              \
                  "one",   "change some of its fields; null unsets" },                                                  \
                { "PUT", path "/{name}", write, EDIT(0), patch, kind, "", "@fields" more, "one", "the same as PATCH" }, \
        {                                                                                                               \
                "DELETE", path "/{name}", write, EDIT(0), remove, kind, gone, NULL, "object", "remove it"               \
        }

#define HISTORY "kind:s name:s actor:s verb:s first:i last:i since:s until:s before:i max:i limit:i way:s text:s"
#define LOGS_OF "service:s level:s peer:s connection:s since:s until:s before:s lines:i case:b objects:b"
#define LOGS "q:s " LOGS_OF
#define TRAFFIC "peer:s connection:s hours:i days:i since:s until:s"
#define OLD_PEER " password:s internet_access:b? service_access:a? exit_via:x? route_via:s?"

/* clang-format off */
const struct route http_routes[] = {
        { "GET", "/health", 0, F_PUBLIC, get_health_check, NULL, "", NULL, "object", "whether this server lives" },
        { "GET", "/metrics", R_METRICS | R_ADMIN, 0, get_metrics, NULL, "peers:i", NULL, "text:text/plain", "for Prometheus; peers: so many devices have series of their own (1000)" },

        /* --- coming in --- */
        { "POST", "/api/auth/login", 0, F_PUBLIC | F_NOCSRF | F_SECRET, post_login, NULL, "", "username:s! password:s! code:s?", "object", "log in: sets the session's cookie" },
        { "POST", "/api/auth/logout", R_ALL, F_NOCSRF | F_EXPIRED | F_PERSON, post_logout, NULL, "", "", "object", "log out" },
        { "GET", "/api/auth/me", R_ALL, F_SECRET | F_EXPIRED, get_me, NULL, "", NULL, "object", "who am I" },
        { "GET", "/api/auth/csrf-token", R_ALL, F_SECRET | F_EXPIRED, get_csrf, NULL, "", NULL, "object", "what a change must send along" },
        { "POST", "/api/auth/change-password", R_SELF, F_NOCSRF | F_EXPIRED | F_PERSON, post_password, NULL, "", "current_password:s! new_password:s!", "object", "one's own password" },
        { "POST", "/api/auth/admin/reset-password", R_ADMIN, F_NOCSRF | F_FRESH, post_reset_password, NULL, "", "username:s! new_password:s!", "object", "another's password, to be changed at the next login" },
        { "GET", "/api/auth/users", R_ADMIN, F_LIST, get_list, "user", "", NULL, "list", "the same as /api/users" },
        { "GET", "/api/auth/sessions", R_SELF, F_EXPIRED, get_sessions, NULL, "user:s", NULL, "array", "who is logged in; one's own, an admin sees all" },
        { "DELETE", "/api/auth/sessions/{id}", R_SELF, F_NOCSRF | F_EXPIRED | F_PERSON, delete_session, NULL, "", NULL, "object", "end a session" },
        { "POST", "/api/auth/totp", R_SELF, F_NOCSRF | F_SECRET | F_PERSON | F_FRESH, post_totp, NULL, "", "", "object", "offer a second factor" },
        { "POST", "/api/auth/totp/confirm", R_SELF, F_NOCSRF | F_SECRET | F_PERSON | F_FRESH, post_totp_confirm, NULL, "", "secret:s! code:s!", "object", "turn it on: tells the recovery codes, once" },
        { "DELETE", "/api/auth/totp", R_SELF, F_NOCSRF | F_PERSON | F_FRESH, delete_totp, NULL, "", NULL, "object", "turn it off" },
        { "GET", "/api/auth/passkeys", R_SELF, 0, get_passkeys, NULL, "user:s", NULL, "array", "passkeys; one's own, an admin sees all" },
        { "POST", "/api/auth/passkeys/offer", R_SELF, F_NOCSRF | F_SECRET | F_PERSON | F_FRESH, post_passkey_offer, NULL, "", "", "object", "what a browser makes a passkey of" },
        { "POST", "/api/auth/passkeys", R_SELF, F_NOCSRF | F_CREATE | F_PERSON, post_passkey, NULL, "", "name:s! credential:o!", "object", "add the one that it made" },
        { "PATCH", "/api/auth/passkeys/{id}", R_SELF, F_NOCSRF | F_PERSON, patch_passkey, NULL, "", "name:s!", "object", "call it otherwise" },
        { "DELETE", "/api/auth/passkeys/{id}", R_SELF, F_NOCSRF | F_PERSON, delete_passkey, NULL, "", NULL, "object", "it lets nobody in any more" },
        { "POST", "/api/auth/passkey/offer", 0, F_PUBLIC | F_NOCSRF | F_SECRET, post_passkey_ask, NULL, "", "", "object", "what a browser answers with a passkey" },
        { "POST", "/api/auth/passkey/login", 0, F_PUBLIC | F_NOCSRF | F_SECRET, post_passkey_login, NULL, "", "credential:o!", "object", "log in with that answer: sets the session's cookie" },

        /* --- the first admin --- */
        { "GET", "/api/setup/status", 0, F_PUBLIC, get_setup_status, NULL, "", NULL, "object", "whether there is an admin" },
        { "POST", "/api/setup/code", 0, F_PUBLIC | F_NOCSRF | F_SECRET, post_setup_code, NULL, "", "code:s!", "object", "open the setup with its code" },
        { "GET", "/api/setup/step", R_SETUP, 0, get_setup_step, NULL, "", NULL, "object", "where the setup is" },
        { "POST", "/api/setup/step", R_SETUP, F_NOCSRF, post_setup_step, NULL, "", "step:s! data:o?", "object", "do a step, or go to it" },
        { "POST", "/api/setup/complete", R_SETUP, F_NOCSRF | F_SECRET | F_CREATE, post_setup_complete, NULL, "", "username:s! password:s!", "object", "make the first admin, and be logged in as it" },
        { "POST", "/api/link", 0, F_PUBLIC | F_NOCSRF | F_SECRET, post_link, NULL, "", "token:s! qr:s?", "object", "take a device's configuration by its link, once" },

        /* --- the cell --- */
        { "GET", "/api/cell", R_READ | R_SETUP, 0, get_cell, "cell", "fields:s", NULL, "one", "the cell" },
        { "PATCH", "/api/cell", R_WRITE | R_SETUP, EDIT(0), patch_cell, "cell", "", "@fields", "one", "change it" },
        { "PUT", "/api/cell", R_WRITE | R_SETUP, EDIT(0), patch_cell, "cell", "", "@fields", "one", "the same as PATCH" },
        { "GET", "/api/config", R_READ, 0, get_config, "cell", "", NULL, "one", "the cell, with old names beside the new ones" },
        { "PUT", "/api/config", R_WRITE, EDIT(F_OLD), put_config, "cell", "", "@fields cell_name:s ip_range:s wireguard_port:i domain_mode:s", "one", "change it by old or new names" },

        /* --- things --- */
        KIND("peer", "/api/peers", R_READ, R_WRITE, 0, post_peer, patch_peer, delete_peer, OLD_PEER),
        { "POST", "/api/peers/{name}/config", R_ADMIN, F_SECRET, post_peer_config, "peer", "", "qr:s?", "object", "its configuration; a sealed key is shown once" },
        { "POST", "/api/peers/{name}/rekey", R_WRITE, EDIT(0), post_peer_rekey, "peer", "", "", "one", "new keys" },
        { "POST", "/api/peers/{name}/link", R_ADMIN, F_SECRET | F_CREATE, post_peer_link, "peer", "", "seconds:i?", "object", "a link that shows its configuration once" },
        { "GET", "/api/peers/{name}/reinstall", R_READ, 0, get_reinstall, "peer", "", NULL, "object", "whether the device needs its configuration anew" },
        { "POST", "/api/peers/{name}/clear-reinstall", R_WRITE, 0, post_clear_reinstall, "peer", "", "", "object", "the device has its configuration as it is now" },
        { "PUT", "/api/peers/{name}/route-via", R_WRITE, 0, put_route_via, "peer", "", "via_cell:s?", "object", "of old clients: leave through a linked cell" },
        KIND("group", "/api/groups", R_READ, R_WRITE, 0, post_one, patch_one, delete_one, ""),
        KIND("connection", "/api/connectivity/connections", R_READ, R_WRITE, 0, post_one, patch_one, delete_one, ""),
        { "GET", "/api/connectivity/connections/{name}/health", R_READ, 0, get_health, "connection", "", NULL, "object", "how it is" },
        { "POST", "/api/connectivity/connections/{name}/test", R_WRITE, 0, post_test, "connection", "", "peer:s?", "object", "what the world sees of who leaves by it" },
        { "POST", "/api/connectivity/connections/{name}/restart", R_WRITE, 0, post_restart, "connection", "", "", "object", "take it down and make it anew" },
        { "POST", "/api/connectivity/import", R_WRITE, EDIT(F_CREATE | F_BIG), post_import, "connection", "", "name:s! text:s! type:s? files:o? replace:b?", "one", "a connection from a provider's file" },
        { "GET", "/api/connectivity/policy", R_READ, 0, get_policy, NULL, "of:s", NULL, "array", "which packets pass in which state" },
        { "PUT", "/api/connectivity/peers/{name}/failopen", R_WRITE, EDIT(0), put_failopen, "peer", "", "failopen:b?!", "one", "whether it leaves directly while its exit is down" },
        { "PUT", "/api/connectivity/peers/{name}/exit", R_WRITE, EDIT(0), put_exit, "peer", "", "connection_id:x?!", "one", "by which connection it leaves" },
        KIND("assertion", "/api/assertions", R_READ, R_WRITE, 0, post_one, patch_one, delete_one, ""),
        KIND("user", "/api/users", R_ADMIN, R_ADMIN, 0, post_one, patch_one, delete_one, ""),
        KIND("token", "/api/tokens", R_ADMIN, R_ADMIN, F_SECRET, post_token, patch_one, delete_one, ""),
        KIND_GONE("certificate", "/api/certificates", R_READ, R_WRITE, 0, post_one, patch_one, delete_one, "", "revoke:b"),
        { "GET", "/api/certificates/{name}/pem", R_READ, 0, get_cert_pem, "certificate", "", NULL, "text:application/x-pem-file", "it, and what leads from it to a root" },
        { "POST", "/api/certificates/{name}/key", R_ADMIN, F_SECRET, post_cert_key, "certificate", "", "", "object", "the same with its private key; a sealed key is shown once" },
        { "GET", "/api/certificates/{name}/state", R_READ, 0, get_cert_state, "certificate", "", NULL, "object", "how the asking of a public CA for it goes" },
        { "GET", "/api/acme", R_READ, 0, get_acme, NULL, "", NULL, "object", "how the asking of public issuers goes, of all certificates; what is told to them" },
        { "POST", "/api/certificates/{name}/renew", R_WRITE, 0, post_cert_renew, "certificate", "", "", "object", "renew it now" },
        { "GET", "/api/ca", 0, F_PUBLIC, get_ca, NULL, "", NULL, "object", "the root of the cell's own CA: fingerprint, and what it may vouch for" },
        { "POST", "/api/ca/rotate", R_ADMIN, 0, post_ca_rotate, NULL, "", "", "object", "make another root; the former one is trusted meanwhile" },
        { "GET", "/api/ca.pem", 0, F_PUBLIC, get_ca_pem, NULL, "", NULL, "text:application/x-pem-file", "the root, and the former one while it is trusted" },
        { "GET", "/api/ca.crt", 0, F_PUBLIC, get_ca_der, NULL, "", NULL, "text:application/x-x509-ca-cert", "the root, for Windows and Android" },
        { "GET", "/api/ca.mobileconfig", 0, F_PUBLIC, get_ca_profile, NULL, "", NULL, "text:application/x-apple-aspen-config", "a profile with the root, for iOS and macOS" },
        { "GET", "/api/ca.crl", 0, F_PUBLIC, get_ca_crl, NULL, "", NULL, "text:application/x-pem-file", "what was revoked" },
        { "GET", "/trust", 0, F_PUBLIC, get_trust, NULL, "", NULL, "text:text/html; charset=utf-8", "a page that helps a device to trust the root" },
        { "GET", "/trust.svg", 0, F_PUBLIC, get_trust_qr, NULL, "", NULL, "text:image/svg+xml", "that page's address as a QR code" },
        { "GET", "/trust.css", 0, F_PUBLIC, get_trust_style, NULL, "", NULL, "text:text/css; charset=utf-8", "how it looks" },

        /* --- names --- */
        KIND("record", "/api/dns/records", R_READ, R_WRITE, 0, post_one, patch_one, delete_one, ""),
        KIND("forward", "/api/dns/forwards", R_READ, R_WRITE, 0, post_one, patch_one, delete_one, ""),
        KIND("blocklist", "/api/dns/blocklists", R_READ, R_WRITE, 0, post_one, patch_one, delete_one, ""),
        { "GET", "/api/domains/status", R_READ, 0, get_domains, NULL, "", NULL, "object", "the cell's addresses in the internet, and whether its public names lead there" },
        { "POST", "/api/domains/{name}/publish", R_WRITE, 0, post_publish, "domain", "", "", "object", "publish the cell's addresses now" },
        KIND_GONE("domain", "/api/domains", R_READ, R_ADMIN, 0, post_one, patch_one, delete_one, "", "revoke:b"),

        /* --- services --- */
        KIND("service", "/api/services", R_READ, R_WRITE, 0, post_one, patch_one, delete_one, ""),

        /* --- backups --- */
        { "GET", "/api/backups", R_ADMIN, 0, get_backups, NULL, "", NULL, "object", "how backups do: of each target the last, the next, what is under way, what it holds" },
        { "POST", "/api/backups", R_ADMIN, 0, post_backup, NULL, "", "target:s?", "object", "make a backup now, at one target or all; GET follows it" },
        { "POST", "/api/backups/list", R_ADMIN, 0, post_backup_list, NULL, "", "target:s?", "object", "look at what targets hold" },
        { "POST", "/api/backups/verify", R_ADMIN, 0, post_backup_verify, NULL, "", "target:s? name:s?", "object", "read a backup again, the newest or that one" },
        { "POST", "/api/backups/drill", R_ADMIN, 0, post_backup_drill, NULL, "", "target:s? name:s?", "object", "try whether a backup comes back, the newest or that one: restored where nobody is, its agent started; GET tells how it went" },
        { "POST", "/api/backups/cancel", R_ADMIN, 0, post_backup_cancel, NULL, "", "target:s?", "object", "end what is under way, and what waits" },
        { "GET", "/api/backups/kept", R_ADMIN, 0, get_backups_kept, NULL, "", NULL, "object", "the cells that restores put aside, the newest first: when, of which cell, by what; each is kept until somebody removes it (pic backup forget)" },
        { "GET", "/api/backups/kept/{id}/diff", R_ADMIN, 0, get_kept_diff, NULL, "", NULL, "object", "what bringing back one that was put aside would change" },
        { "POST", "/api/backups/kept/{id}/exchange", R_ADMIN, F_FRESH | F_PERSON, post_kept_exchange, NULL, "", "name:s!", "object", "take a restore back: one that was put aside is the cell again, and the one that is here is put aside; name: the cell's that is here, as a word that this is meant; 202: it is ordered, and this server and the agent start anew" },
        { "POST", "/api/backups/files", R_ADMIN, F_FILE | F_CREATE, post_backup_file, NULL, "", NULL, "object", "bring a backup: application/octet-stream; it is kept for an hour" },
        { "POST", "/api/backups/fetch", R_ADMIN, F_CREATE, post_backup_fetch, NULL, "", "target:s! name:s?", "object", "the same with one that a target holds (the newest without a name), got by the agent; what is not encrypted root alone may get" },
        { "DELETE", "/api/backups/files/{id}", R_ADMIN, 0, delete_backup_file, NULL, "", "", "nothing", "take it away again" },
        { "POST", "/api/backups/files/{id}/show", R_ADMIN, 0, post_backup_show, NULL, "", OPENS, "object", "of which cell it is, and when it was made" },
        { "POST", "/api/backups/files/{id}/diff", R_ADMIN, 0, post_backup_diff, NULL, "", OPENS " answers:o?", "object", "what putting it in the cell's place would change, and what that asks" },
        { "POST", "/api/backups/files/{id}/drill", R_ADMIN, 0, post_backup_file_drill, NULL, "", OPENS, "object", "try whether it comes back, as with one that a target holds; answers when it is done" },
        { "POST", "/api/backups/files/{id}/restore", R_ADMIN, EDIT(0), post_backup_restore, NULL, "", OPENS " only:s? exact:b?", "object", "all or some of it as a change of the cell" },
        { "POST", "/api/backups/files/{id}/exchange", R_ADMIN, F_FRESH | F_PERSON, post_backup_exchange, NULL, "", OPENS " name:s! answers:o?", "object", "put it in the cell's place, whole; name: the cell's that is here, as a word that this is meant; answers: fields of the cell that are to be others there; 202: it is checked and ordered, and this server and the agent start anew" },
        { "POST", "/api/config/backup", R_ADMIN, 0, post_config_backup, NULL, "", "target:s? passphrase:s?", "object", "of old clients: the same as POST /api/backups" },
        { "POST", "/api/config/restore/{id}", R_ADMIN, EDIT(0), post_config_restore, NULL, "", OPENS, "object", "of old clients: all of a backup that was brought, or that a target holds, as a change of the cell" },
        KIND("target", "/api/backups/targets", R_ADMIN, R_ADMIN, 0, post_one, patch_one, delete_one, ""),

        /* --- changes --- */
        { "POST", "/api/edit", R_WRITE, EDIT(F_RAW | F_BIG), post_edit, NULL, "prune:b", "wishes:x", "object", "several wishes, or a document, as one change" },
        { "GET", "/api/export", R_READ, 0, get_export, NULL, "format:s at:i", NULL, "any", "the whole cell as a document" },
        { "GET", "/api/plan", R_READ, 0, get_plan, NULL, "", NULL, "object", "what separates the world from the wishes" },
        { "POST", "/api/apply", R_WRITE, 0, post_apply, NULL, "", "", "object", "put that right" },
        { "POST", "/api/confirm", R_WRITE, 0, post_confirm, NULL, "", "", "object", "keep the change that waits" },
        { "POST", "/api/undo", R_WRITE, EDIT(0), post_undo, NULL, "", "revision:i?", "object", "take a change back; 0 or none: the newest" },
        { "GET", "/api/history", R_READ, 0, get_history, NULL, HISTORY, NULL, "array", "what happened, the newest first" },
        { "GET", "/api/history/{revision}/diff", R_READ, 0, get_diff, NULL, "to:i", NULL, "object", "what it changed, or what leads from it to another" },
        { "POST", "/api/history/{revision}/return", R_WRITE, EDIT(0), post_return, NULL, "", "", "object", "everything as it was then" },
        { "GET", "/api/why", R_READ, 0, get_why, NULL, "from:s! to:s! family:i", NULL, "object", "may it, and by which rule" },
        { "GET", "/api/drift", R_READ, 0, get_drift, NULL, "", NULL, "object", "what others did on this machine" },
        { "POST", "/api/drift/repair", R_WRITE, 0, post_drift_repair, NULL, "", "", "object", "put that right" },

        /* --- how it is --- */
        { "GET", "/api/status", R_READ, 0, get_status, NULL, "", NULL, "object", "the state of everything" },
        { "GET", "/api/wireguard/status", R_READ, 0, get_wireguard, NULL, "", NULL, "object", "the tunnel and its devices" },
        { "GET", "/api/doctor", R_READ, 0, get_doctor, NULL, "", NULL, "object", "trouble, and what to do about it" },
        { "POST", "/api/doctor/fix", R_ADMIN, 0, post_doctor_fix, NULL, "", "", "object", "put right what risks nothing; then as GET /api/doctor" },
        { "GET", "/api/dns/stats", R_READ, 0, get_dns_stats, NULL, "", NULL, "object", "what the name server has counted, and whom it asks" },
        { "GET", "/api/alerts/status", R_READ, 0, get_alerts, NULL, "", NULL, "object", "what is told to whom, what waits, and whether it arrives" },
        { "POST", "/api/alerts/{name}/test", R_ADMIN, 0, post_alert_test, "alert", "", "", "object", "send a test, and tell what the server says" },
        KIND("alert", "/api/alerts", R_READ, R_ADMIN, 0, post_one, patch_one, delete_one, ""),
        { "GET", "/api/dns/blocks", R_READ, 0, get_dns_blocks, NULL, "", NULL, "object", "how block lists do: names, when they were fetched, what they blocked" },
        { "GET", "/api/dns/blocks/test", R_READ, 0, get_dns_block_test, NULL, "name:s as:s", NULL, "object", "whether a name is blocked for a device, and by which lists" },
        { "POST", "/api/dns/blocks/refresh", R_WRITE, 0, post_dns_block_refresh, NULL, "", "name:s?", "object", "fetch a block list now, or all" },
        { "GET", "/api/dns/query", R_WRITE, 0, get_dns_query, NULL, "name:s type:s as:s", NULL, "object", "what is answered to who asks for a name, and whose word that is; servers of others may be asked" },
        { "GET", "/api/dns/log", R_ADMIN, 0, get_dns_log, NULL, "peer:s lines:i", NULL, "object", "which device asked for which name, while that is written down" },
        { "POST", "/api/dns/flush", R_WRITE, 0, post_dns_flush, NULL, "", "name:s?", "object", "forget what others answered for a name and all below it, or for all names" },
        { "GET", "/api/health/history", R_READ, 0, get_health_history, NULL, "limit:i since:s until:s", NULL, "object", "what was wrong, and from when to when" },
        { "GET", "/api/traffic", R_READ, 0, get_traffic, NULL, TRAFFIC, NULL, "object", "how much passed, by hour or day: of all devices, of one, or of a way out" },
        { "GET", "/api/front", R_READ, 0, get_front, NULL, "", NULL, "object", "how devices reach the page by HTTPS, and whether they can" },
        { "GET", "/api/ntp", R_READ, 0, get_ntp, NULL, "", NULL, "object", "the time that the cell tells, and whether the clock is right" },
        { "GET", "/api/events", R_READ, F_STREAM, get_events, NULL, "after:i", NULL, "text:text/event-stream", "changes and state as they come; Last-Event-ID resumes, and event reset says that it is of another past" },
        { "GET", "/api/logs", R_READ, 0, get_logs, NULL, LOGS, NULL, "object", "the last lines, of all logs by time; before: those before an answer's" },
        { "GET", "/api/logs/search", R_READ, 0, get_logs_search, NULL, "q:s! " LOGS_OF, NULL, "object", "lines with a text" },
        { "GET", "/api/logs/follow", R_READ, F_STREAM, get_logs_follow, NULL, "q:s service:s level:s peer:s connection:s case:b objects:b", NULL, "text:text/event-stream", "lines as they come" },
        { "GET", "/api/logs/verbosity", R_READ, 0, get_verbosity, NULL, "", NULL, "object", "how much comes into the log" },
        { "PUT", "/api/logs/verbosity", R_ADMIN, 0, put_verbosity, NULL, "", "python:o? containers:o?", "object", "say so; at once, and also after the agent's next start" },
        { "GET", "/api/audit", R_READ, 0, get_audit, NULL, HISTORY, NULL, "array", "rows of the journal, the newest first" },
        { "GET", "/api/audit/export", R_ADMIN, F_STREAM, get_audit_export, NULL, "format:s " HISTORY, NULL, "any", "rows as csv, jsonl, or a bundle for a verifier" },
        { "GET", "/api/audit/verify", R_READ, 0, get_audit_verify, NULL, "key:s", NULL, "object", "whether the journal is whole" },
        { "GET", "/api/audit/head", R_READ, 0, get_audit_head, NULL, "", NULL, "object", "its newest signed head" },
        { "GET", "/api/audit/{seq}", R_ADMIN, 0, get_audit_row, NULL, "proof:b", NULL, "object", "one row, with its proof" },
        { "GET", "/api/openapi.json", R_READ | R_SETUP, 0, get_openapi, NULL, "", NULL, "object", "this API, as a document" },
        { "GET", "/api/schema", R_READ | R_SETUP, 0, get_schema, NULL, "", NULL, "object", "kinds and their fields" },

        /* --- a person's own --- */
        { "GET", "/api/peer/dashboard", R_PEER, 0, get_dashboard, NULL, "", NULL, "object", "devices, exits to choose from, services" },
        { "GET", "/api/peer/devices", R_PEER, 0, get_own_devices, NULL, "", NULL, "array", "own devices" },
        { "GET", "/api/peer/services", R_PEER, 0, get_own_services, NULL, "", NULL, "array", "own services" },
        { "GET", "/api/peer/traffic", R_PEER, 0, get_own_traffic, NULL, "hours:i days:i", NULL, "array", "own traffic; with hours or days also by them" },
        { "POST", "/api/peer/devices/{name}/config", R_PEER, F_SECRET, post_own_config, NULL, "", "qr:s?", "object", "own configuration; a sealed key is shown once" },
        { "PUT", "/api/peer/devices/{name}/exit", R_PEER, 0, put_own_exit, NULL, "", "exit:s?!", "object", "choose an exit" },
        { "POST", "/api/peer/password", R_PEER, F_EXPIRED | F_PERSON, post_password, NULL, "", "current_password:s! new_password:s!", "object", "one's own password" },
        { .method = NULL }
};
/* clang-format on */
