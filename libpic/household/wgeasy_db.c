/* Owns: wg-easy.db of wg-easy 15: an SQLite file that a stranger may have made. Only tables are read (a view of that
 * name would be a program), with limits on all that costs, nothing in its schema is trusted, and what SQLite says of it
 * is an answer and not a fault. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "codec/json_in.h"
#include "household/wgeasy.h"

enum { STEPS = 1000, ROUNDS = 200000 /* of STEPS: some seconds at most */ };

struct base {
        pic__household *h;
        sqlite3 *db;
        const char *file;
        const char *interface; /* whose clients are taken */
        int firewall;          /* clients are confined to what they send */
        const char *allowed;   /* what a client sends that says nothing else: JSON */
        unsigned rounds;
};

typedef void (*row_fn)(struct base *b, sqlite3_stmt *row);

static int tired(void *data)
{
        struct base *b = data;

        return ++b->rounds > ROUNDS;
}

static pic__spot here(const struct base *b)
{
        return (pic__spot){ b->file, 0 };
}

/* --- rows ----------------------------------------------------------------------------------------------------- */

/* NULL: no such column, or no value. */
static const char *col(sqlite3_stmt *row, const char *name)
{
        int i, n = sqlite3_column_count(row);

        for (i = 0; i < n; i++) {
                const char *is = sqlite3_column_name(row, i);

                if (is != NULL && strcmp(is, name) == 0)
                        return (const char *)sqlite3_column_text(row, i);
        }
        return NULL;
}

static const char *text(sqlite3_stmt *row, const char *name)
{
        const char *t = col(row, name);

        return t != NULL ? t : "";
}

static int is_table(struct base *b, const char *name)
{
        sqlite3_stmt *s = NULL;
        int yes = 0;

        if (sqlite3_prepare_v2(b->db,
                               "SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?1 AND sql NOT LIKE "
                               "'CREATE VIRTUAL%'",
                               -1, &s, NULL) == SQLITE_OK &&
            sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC) == SQLITE_OK)
                yes = sqlite3_step(s) == SQLITE_ROW;
        sqlite3_finalize(s);
        return yes;
}

/* All rows of a table, in the order in which they were made. Names are ours. -1: there is none, or it cannot be read.
 */
static int each(struct base *b, const char *table, row_fn fn)
{
        char sql[96];
        sqlite3_stmt *s = NULL;
        int r;

        if (!is_table(b, table))
                return -1;
        snprintf(sql, sizeof(sql), "SELECT * FROM main.\"%s\" ORDER BY rowid LIMIT %d", table,
                 PIC__HOUSEHOLD_DEVICES + 1);
        r = sqlite3_prepare_v2(b->db, sql, -1, &s, NULL);
        while (r == SQLITE_OK && !b->h->failed && sqlite3_step(s) == SQLITE_ROW)
                fn(b, s);
        r = sqlite3_finalize(s) == SQLITE_OK && r == SQLITE_OK ? 0 : -1;
        if (r < 0)
                pic__household_tell(b->h, PIC__TALE_LOST, here(b), NULL, NULL, NULL,
                                    "%s: cannot be read to its end: %s", table, sqlite3_errmsg(b->db));
        return r;
}

/* --- lists, which are JSON ------------------------------------------------------------------------------------ */

typedef void (*word_fn)(struct base *b, pic__device *d, const char *word, const char *what);

/* 1: it is a list. */
static int each_word(struct base *b, pic__device *d, const char *json, const char *what, word_fn fn)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *n;

        if (json == NULL || json[0] == '\0' || strcmp(json, "null") == 0)
                return 0;
        if (pic__doc_json(json, strlen(json), what, &doc, NULL) < 0 || pic__doc_root(doc)->type != PIC__N_LIST) {
                pic__household_tell(b->h, PIC__TALE_LOST, here(b), d, what, NULL, "%s: is no list: not taken", what);
                return 0;
        }
        for (n = pic__doc_root(doc)->first; n != NULL; n = n->next)
                if (n->type == PIC__N_SCALAR)
                        fn(b, d, n->text, what);
        return 1;
}

static void dns_word(struct base *b, pic__device *d, const char *word, const char *what)
{
        pic__household_dns(b->h, word, d, here(b), what);
}

static void allow_word(struct base *b, pic__device *d, const char *word, const char *what)
{
        pic__household_allow(b->h, d, word, here(b), what);
}

static void confine_word(struct base *b, pic__device *d, const char *word, const char *what)
{
        pic__household_confine(b->h, d, word, here(b), what);
}

static void tunnel_word(struct base *b, pic__device *d, const char *word, const char *what)
{
        size_t len = strlen(word);

        (void)b;
        (void)what;
        if (len > 2 && strcmp(word + len - 2, "/0") == 0)
                d->tunnel = "full";
        else if (d->tunnel == NULL)
                d->tunnel = "split";
}

/* --- the server ----------------------------------------------------------------------------------------------- */

static int64_t number(struct base *b, sqlite3_stmt *row, const char *name, int64_t max)
{
        const char *t = col(row, name);
        int64_t n = t != NULL ? pic__household_number(b->h, t, 0, max, here(b), name) : 0;

        return n > 0 ? n : 0;
}

/* A server has the first address of its network; the file says the network. */
static void take_cidr(struct base *b, sqlite3_stmt *row, const char *name)
{
        char own[PIC__ADDR_TEXT], both[PIC__PREFIX_TEXT + 8];
        pic__prefix p = { 0 };
        pic__addr first;

        if (text(row, name)[0] == '\0')
                return;
        if (pic__prefix_parse(text(row, name), &p) == -1) {
                pic__household_own(b->h, text(row, name), here(b), name);
                return;
        }
        pic__prefix_mask(&p);
        if (pic__addr_add(&p.addr, 1, &first) < 0)
                return;
        snprintf(both, sizeof(both), "%s/%u", pic__addr_print(&first, own), p.len);
        pic__household_own(b->h, both, here(b), name);
}

static void interface_row(struct base *b, sqlite3_stmt *row)
{
        pic__household *h = b->h;

        if (b->interface != NULL) {
                pic__household_tell(h, PIC__TALE_LOST, here(b), NULL, "interfaces_table",
                                    "a cell has one; make another cell of the other",
                                    "a second interface, '%.*s', and its clients: not taken", 60, text(row, "name"));
                return;
        }
        b->interface = pic__household_dup(h, text(row, "name"), strlen(text(row, "name")));
        (void)pic__household_key(h, col(row, "private_key"), NULL, here(b), "interfaces_table.private_key",
                                 &h->private_key);
        take_cidr(b, row, "ipv4_cidr");
        take_cidr(b, row, "ipv6_cidr");
        h->listen_port = number(b, row, "port", 65535);
        h->mtu = number(b, row, "mtu", 65535);
        b->firewall = strcmp(text(row, "firewall_enabled"), "1") == 0;
        if (col(row, "routing_table") != NULL && strcmp(text(row, "routing_table"), "auto") != 0)
                pic__household_tell(h, PIC__TALE_LOST, here(b), NULL, "interfaces_table.routing_table", NULL,
                                    "a routing table of its own: not taken");
        if (text(row, "h1")[0] != '\0' && strcmp(text(row, "h1"), "0") != 0)
                pic__household_tell(h, PIC__TALE_LOST, here(b), NULL, "AmneziaWG",
                                    "devices that use it have to be given a plain WireGuard configuration",
                                    "settings of AmneziaWG are there, which plain WireGuard cannot speak with");
}

static void config_row(struct base *b, sqlite3_stmt *row)
{
        if (b->interface == NULL || strcmp(text(row, "id"), b->interface) != 0)
                return;
        if (text(row, "host")[0] != '\0')
                pic__household_endpoint(b->h, text(row, "host"), NULL, here(b), "user_configs_table.host");
        b->h->host_port = number(b, row, "port", 65535);
        (void)each_word(b, NULL, col(row, "default_dns"), "user_configs_table.default_dns", dns_word);
        b->allowed =
                pic__household_dup(b->h, text(row, "default_allowed_ips"), strlen(text(row, "default_allowed_ips")));
}

static void commands(struct base *b, const pic__device *d, sqlite3_stmt *row)
{
        static const char *const names[] = { "pre_up", "post_up", "pre_down", "post_down" };
        size_t i;

        for (i = 0; i < PIC__COUNT(names); i++)
                pic__household_command(b->h, d, text(row, names[i]), here(b), names[i]);
}

static void hooks_row(struct base *b, sqlite3_stmt *row)
{
        commands(b, NULL, row);
}

/* --- clients -------------------------------------------------------------------------------------------------- */

/* With its firewall on, wg-easy lets a client reach its own list, else what it sends. */
static void confine(struct base *b, pic__device *d, sqlite3_stmt *row)
{
        const char *own = col(row, "firewall_ips");

        if (!b->firewall)
                return;
        if (own == NULL || strcmp(own, "null") == 0 || strcmp(own, "[]") == 0)
                own = col(row, "allowed_ips");
        if (own == NULL || strcmp(own, "null") == 0 || strcmp(own, "[]") == 0)
                own = b->allowed;
        if (!each_word(b, d, own, "clients_table.firewall_ips", confine_word))
                d->access = "";
        pic__household_tell(b->h, PIC__TALE_CHANGED, here(b), d, "clients_table.firewall_ips",
                            "pic peer set NAME --access GRANTS",
                            "the firewall there confined it: it may reach %s, and nothing else",
                            d->access != NULL && d->access[0] != '\0' ? d->access : "nothing");
}

static void client_keys(struct base *b, pic__device *d, sqlite3_stmt *row)
{
        (void)pic__household_key(b->h, col(row, "public_key"), d, here(b), "clients_table.public_key", &d->public_key);
        (void)pic__household_key(b->h, col(row, "private_key"), d, here(b), "clients_table.private_key",
                                 &d->private_key);
        (void)pic__household_key(b->h, col(row, "pre_shared_key"), d, here(b), "clients_table.pre_shared_key",
                                 &d->preshared);
}

static void client_row(struct base *b, sqlite3_stmt *row)
{
        pic__device *d;

        if (b->interface == NULL || strcmp(text(row, "interface_id"), b->interface) != 0)
                return; /* told with its interface */
        d = pic__household_add(b->h, here(b));
        if (d == NULL)
                return;
        pic__household_call(b->h, d, text(row, "name"), strlen(text(row, "name")));
        client_keys(b, d, row);
        if (text(row, "ipv4_address")[0] != '\0')
                pic__household_allow(b->h, d, text(row, "ipv4_address"), here(b), "clients_table.ipv4_address");
        if (text(row, "ipv6_address")[0] != '\0')
                pic__household_allow(b->h, d, text(row, "ipv6_address"), here(b), "clients_table.ipv6_address");
        (void)each_word(b, d, col(row, "server_allowed_ips"), "clients_table.server_allowed_ips", allow_word);
        (void)each_word(b, d, col(row, "dns"), "clients_table.dns", dns_word);
        if (!each_word(b, d, col(row, "allowed_ips"), "clients_table.allowed_ips", tunnel_word))
                (void)each_word(b, d, b->allowed, "user_configs_table.default_allowed_ips", tunnel_word);
        confine(b, d, row);
        d->keepalive = (int)number(b, row, "persistent_keepalive", 65535);
        d->disabled = strcmp(text(row, "enabled"), "0") == 0;
        if (text(row, "expires_at")[0] != '\0')
                pic__household_expiry(b->h, d, text(row, "expires_at"), here(b), "clients_table.expires_at");
        if (text(row, "server_endpoint")[0] != '\0')
                pic__household_tell(b->h, PIC__TALE_LOST, here(b), d, "clients_table.server_endpoint",
                                    "a device keeps its way open: pic peer set NAME --keepalive 25",
                                    "a cell waits to be called, and calls nobody: its endpoint is not taken");
        commands(b, d, row);
}

/* --- what has no place in a cell ------------------------------------------------------------------------------ */

static void user_row(struct base *b, sqlite3_stmt *row)
{
        const char *totp = text(row, "totp_key");

        pic__household_tell(b->h, PIC__TALE_LOST, here(b), NULL, "users_table", "pic user add NAME",
                            "user '%.*s'%s: not taken, with the password's hash", 60, text(row, "username"),
                            strcmp(text(row, "role"), "1") == 0 ? " (admin)" : "");
        if (totp[0] != '\0')
                pic__household_tell(
                        b->h, PIC__TALE_UNSAFE, here(b), NULL, "users_table.totp_key", "a new one: pic user totp NAME",
                        "the second factor of '%.*s' lay there in clear text: not taken", 60, text(row, "username"));
        if (text(row, "oauth_provider")[0] != '\0')
                pic__household_tell(b->h, PIC__TALE_LOST, here(b), NULL, "users_table.oauth_provider", NULL,
                                    "'%.*s' logged in by %.*s: not taken", 60, text(row, "username"), 60,
                                    text(row, "oauth_provider"));
}

static void link_row(struct base *b, sqlite3_stmt *row)
{
        pic__household_tell(b->h, PIC__TALE_UNSAFE, here(b), NULL, "one_time_links_table", "here: pic peer link NAME",
                            "a link that gives the configuration of client %.*s to whoever has it: not taken", 20,
                            text(row, "id"));
}

static void general_row(struct base *b, sqlite3_stmt *row)
{
        if (strcmp(text(row, "metrics_prometheus"), "1") == 0 || strcmp(text(row, "metrics_json"), "1") == 0)
                pic__household_tell(b->h, text(row, "metrics_password")[0] != '\0' ? PIC__TALE_LOST : PIC__TALE_UNSAFE,
                                    here(b), NULL, "general_table", NULL, "metrics%s: not taken",
                                    text(row, "metrics_password")[0] != '\0' ? " and their password"
                                                                             : " that anybody could read");
}

static void other_table(struct base *b, sqlite3_stmt *row)
{
        static const char *const known[] = { "clients_table", "interfaces_table",     "user_configs_table",
                                             "users_table",   "hooks_table",          "one_time_links_table",
                                             "general_table", "__drizzle_migrations", "sqlite_sequence" };
        const char *name = text(row, "name");
        size_t i;

        for (i = 0; i < PIC__COUNT(known) && strcmp(known[i], name) != 0; i++)
                ;
        if (i == PIC__COUNT(known))
                pic__household_tell(b->h, PIC__TALE_LOST, here(b), NULL, NULL, NULL,
                                    "table '%.*s' is not known: not taken", 60, name);
}

static void others(struct base *b)
{
        sqlite3_stmt *s = NULL;
        int left = 100;

        if (sqlite3_prepare_v2(b->db, "SELECT name FROM sqlite_schema WHERE type='table'", -1, &s, NULL) == SQLITE_OK)
                while (left-- > 0 && sqlite3_step(s) == SQLITE_ROW)
                        other_table(b, s);
        sqlite3_finalize(s);
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

static void bound(struct base *b)
{
        sqlite3_limit(b->db, SQLITE_LIMIT_LENGTH, 1 << 20);
        sqlite3_limit(b->db, SQLITE_LIMIT_SQL_LENGTH, 1 << 16);
        sqlite3_limit(b->db, SQLITE_LIMIT_COLUMN, 200);
        sqlite3_limit(b->db, SQLITE_LIMIT_EXPR_DEPTH, 20);
        sqlite3_limit(b->db, SQLITE_LIMIT_COMPOUND_SELECT, 3);
        sqlite3_limit(b->db, SQLITE_LIMIT_VDBE_OP, 25000);
        sqlite3_limit(b->db, SQLITE_LIMIT_FUNCTION_ARG, 8);
        sqlite3_limit(b->db, SQLITE_LIMIT_ATTACHED, 0);
        sqlite3_limit(b->db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
        sqlite3_progress_handler(b->db, STEPS, tired, b);
        (void)sqlite3_db_config(b->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(b->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_db_config(b->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
        (void)sqlite3_db_config(b->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        (void)sqlite3_db_config(b->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
        (void)sqlite3_exec(b->db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0", NULL,
                           NULL, NULL);
}

static int read_all(struct base *b, pic_error **err)
{
        int bad = each(b, "interfaces_table", interface_row) < 0 || b->interface == NULL ||
                  each(b, "user_configs_table", config_row) < 0 || each(b, "clients_table", client_row) < 0;

        if (b->h->failed)
                return pic__nomem(err);
        if (bad)
                return pic__fail(err, PIC_SYNTAX, "%s: is no database of wg-easy 15, or a broken one: %s", b->file,
                                 sqlite3_errcode(b->db) != SQLITE_OK && sqlite3_errcode(b->db) < SQLITE_ROW
                                         ? sqlite3_errmsg(b->db)
                                         : "its tables are not there");
        (void)each(b, "hooks_table", hooks_row);
        (void)each(b, "users_table", user_row);
        (void)each(b, "one_time_links_table", link_row);
        (void)each(b, "general_table", general_row);
        others(b);
        return 0;
}

int pic__wgeasy_db(pic__household *h, const char *path, const char *file, pic_error **err)
{
        struct base b = { .h = h, .file = file };
        int r;

        h->at = (pic__spot){ file, 0 };
        if (sqlite3_open_v2(path, &b.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE,
                            NULL) != SQLITE_OK) {
                r = pic__fail(err, PIC_SYNTAX, "%s: cannot be opened: %s", file,
                              b.db != NULL ? sqlite3_errmsg(b.db) : "no memory");
        } else {
                bound(&b);
                r = read_all(&b, err);
        }
        (void)sqlite3_close(b.db);
        return r;
}
