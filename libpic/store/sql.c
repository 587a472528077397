/* Owns: all SQL. Columns, CHECKs and indexes of a kind come from its field table, and so do the statements on it; names
 * there are lower case words, quoted because "group" is a word of SQL too. */
#include "store/sql.h"

#include <inttypes.h>
#include <string.h>

const char *const pic__sql_base =
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"
        "CREATE TABLE journal ("
        " seq INTEGER PRIMARY KEY, revision INTEGER NOT NULL, time INTEGER NOT NULL, actor TEXT NOT NULL, way TEXT NOT "
        "NULL,"
        " kind TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, verb TEXT NOT NULL, before TEXT, after TEXT,"
        " text TEXT NOT NULL, leaf BLOB NOT NULL) STRICT;"
        "CREATE TABLE confirm (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL, back INTEGER NOT "
        "NULL,"
        " until INTEGER NOT NULL, until_mono INTEGER NOT NULL, boot TEXT NOT NULL, span INTEGER NOT NULL,"
        " actor TEXT NOT NULL) STRICT;"
        "CREATE TABLE head (size INTEGER PRIMARY KEY, time INTEGER NOT NULL, note TEXT NOT NULL) STRICT;"
        "CREATE TABLE freed ("
        " host INTEGER PRIMARY KEY, freed_at INTEGER NOT NULL, freed_mono INTEGER NOT NULL) STRICT;"
        "CREATE INDEX freed_at ON freed (freed_at);";

/* No secret is in here, only SHA-256 of some that are too long to be guessed, and of passkeys the public half. */
const char *const pic__sql_login =
        "CREATE TABLE IF NOT EXISTS session (id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE,"
        " user INTEGER REFERENCES \"user\" (id) ON DELETE CASCADE, role TEXT NOT NULL, created INTEGER NOT NULL,"
        " seen INTEGER NOT NULL, until INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL) STRICT;"
        "CREATE INDEX IF NOT EXISTS \"session.user\" ON session (user);"
        "CREATE TABLE IF NOT EXISTS device (hash BLOB PRIMARY KEY,"
        " user INTEGER NOT NULL REFERENCES \"user\" (id) ON DELETE CASCADE, seen INTEGER NOT NULL) STRICT, WITHOUT "
        "ROWID;"
        "CREATE INDEX IF NOT EXISTS \"device.user\" ON device (user);"
        "CREATE TABLE IF NOT EXISTS setup (one INTEGER PRIMARY KEY CHECK (one = 1), hash BLOB NOT NULL,"
        " until INTEGER NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS link (peer INTEGER PRIMARY KEY REFERENCES \"peer\" (id) ON DELETE CASCADE,"
        " hash BLOB NOT NULL UNIQUE, until INTEGER NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS totp_step (user INTEGER PRIMARY KEY REFERENCES \"user\" (id) ON DELETE CASCADE,"
        " step INTEGER NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS passkey (id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " user INTEGER NOT NULL REFERENCES \"user\" (id) ON DELETE CASCADE, name TEXT NOT NULL, rp TEXT NOT NULL,"
        " credential BLOB NOT NULL UNIQUE, alg INTEGER NOT NULL, key BLOB NOT NULL, count INTEGER NOT NULL,"
        " created INTEGER NOT NULL, used INTEGER NOT NULL, suspect INTEGER NOT NULL) STRICT;"
        "CREATE UNIQUE INDEX IF NOT EXISTS \"passkey.name\" ON passkey (user, name COLLATE NOCASE);";

const char *const pic__sql_fixed[PIC__Q_COUNT] = {
        [PIC__Q_BEGIN] = "BEGIN IMMEDIATE",
        [PIC__Q_COMMIT] = "COMMIT",
        [PIC__Q_ROLLBACK] = "ROLLBACK",
        [PIC__Q_SAVE] = "SAVEPOINT one",
        [PIC__Q_RELEASE] = "RELEASE one",
        [PIC__Q_BACK] = "ROLLBACK TO one",
        [PIC__Q_READ] = "BEGIN",
        [PIC__Q_META_GET] = "SELECT value FROM meta WHERE key = ?1",
        [PIC__Q_META_SET] = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        [PIC__Q_NEXT_ID] = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = ?1 RETURNING seq",
        [PIC__Q_JOURNAL_ADD] =
                "INSERT INTO journal (seq, revision, time, actor, way, kind, id, name, verb, before, after, text, leaf)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        [PIC__Q_JOURNAL_LIST] =
                "SELECT seq, revision, time, actor, way, kind, id, name, verb, before, after, text, leaf"
                " FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        [PIC__Q_JOURNAL_DOWN] =
                "SELECT seq, revision, time, actor, way, kind, id, name, verb, before, after, text, leaf"
                " FROM journal WHERE seq < ?1 ORDER BY seq DESC",
        [PIC__Q_JOURNAL_LAST] = "SELECT max(seq) FROM journal",
        [PIC__Q_JOURNAL_BACK] =
                "SELECT revision, kind, id, before IS NULL AND after IS NULL FROM journal ORDER BY seq DESC",
        [PIC__Q_JOURNAL_AT] = "SELECT revision FROM journal WHERE seq = ?1",
        [PIC__Q_JOURNAL_TIME] = "SELECT revision FROM journal WHERE time <= ?1 ORDER BY seq DESC LIMIT 1",
        /* its time is that of the last row that it vouches for */
        [PIC__Q_HEAD_ADD] = "INSERT OR IGNORE INTO head (size, time, note)"
                            " VALUES (?1, coalesce((SELECT time FROM journal WHERE seq = ?1), 0), ?2)",
        [PIC__Q_HEAD_LIST] = "SELECT size, time, note FROM head WHERE size >= ?1 ORDER BY size",
        [PIC__Q_HEAD_LAST] = "SELECT size, time, note FROM head ORDER BY size DESC LIMIT 1",
        [PIC__Q_CONFIRM_GET] = "SELECT revision, back, until, until_mono, boot, span, actor FROM confirm",
        [PIC__Q_CONFIRM_PUT] = "INSERT INTO confirm (one, revision, back, until, until_mono, boot, span, actor)"
                               " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [PIC__Q_CONFIRM_DROP] = "DELETE FROM confirm",
        [PIC__Q_HEAD_OLD] = "SELECT size FROM head ORDER BY size DESC LIMIT 2 OFFSET ?1",
        [PIC__Q_HEAD_DROP] = "DELETE FROM head WHERE size = ?1",
        [PIC__Q_LEAVES] = "SELECT seq, leaf FROM journal WHERE seq > ?1 ORDER BY seq",
        [PIC__Q_REF_DROP] = "DELETE FROM ref WHERE from_kind = ?1 AND from_id = ?2",
        [PIC__Q_FREED_PUT] = "INSERT OR REPLACE INTO freed (host, freed_at, freed_mono) VALUES (?1, ?2, ?3)",
        [PIC__Q_FREED_DROP] = "DELETE FROM freed WHERE host = ?1",
        [PIC__Q_FREED_HAS] = "SELECT 1 FROM freed WHERE host = ?1",
        [PIC__Q_FREED_FUTURE] =
                "UPDATE freed SET freed_at = ?1, freed_mono = ?2 WHERE freed_at > ?1 AND freed_mono > ?2",
        [PIC__Q_FREED_OLDEST] =
                "SELECT host FROM freed WHERE host <= ?1 AND ((freed_at <= ?3 AND freed_mono > ?4)"
                " OR (freed_mono <= ?5 AND (freed_at <= ?3 OR freed_at > ?2))) ORDER BY freed_at LIMIT 1",
        [PIC__Q_FREED_FIRST] = "SELECT freed_at FROM freed WHERE host <= ?1 ORDER BY freed_at LIMIT 1",
        [PIC__Q_PEER_AT] = "SELECT 1 FROM peer WHERE address4 = ?1 OR address6 = ?2"
                           " UNION ALL SELECT 1 FROM service WHERE address4 = ?1 OR address6 = ?2",
        [PIC__Q_ADMIN] = "SELECT 1 FROM user WHERE role = 'admin' AND enabled IS NOT 0 AND password IS NOT NULL"
                         " AND password_salt IS NOT NULL LIMIT 1",
        [PIC__Q_TOKEN] = "SELECT id FROM token WHERE hash = ?1",
        [PIC__Q_SESSION_ADD] = "INSERT INTO session (hash, user, role, created, seen, until, address, agent)"
                               " VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7) RETURNING id",
        [PIC__Q_SESSION_GET] =
                "SELECT id, user, role, created, seen, until, address, agent FROM session WHERE hash = ?1",
        [PIC__Q_SESSION_SEEN] = "UPDATE session SET seen = ?2 WHERE id = ?1",
        [PIC__Q_SESSION_LIST] = "SELECT id, user, role, created, seen, until, address, agent FROM session"
                                " WHERE (?1 IS NULL OR user = ?1) AND until > ?2 AND seen > ?3 ORDER BY id DESC",
        [PIC__Q_SESSION_END] = "DELETE FROM session WHERE id = ?1 RETURNING user",
        [PIC__Q_SESSION_END_USER] = "DELETE FROM session WHERE user = ?1 AND id <> ?2",
        [PIC__Q_SESSION_END_SETUP] = "DELETE FROM session WHERE user IS NULL",
        [PIC__Q_SESSION_TIDY] = "DELETE FROM session WHERE until <= ?1 OR seen <= ?2",
        [PIC__Q_SESSION_MANY] = "DELETE FROM session WHERE user IS ?1 AND id IN (SELECT id FROM session WHERE user IS "
                                "?1 ORDER BY id DESC LIMIT -1 OFFSET ?2)",
        [PIC__Q_DEVICE_PUT] = "INSERT INTO device (hash, user, seen) VALUES (?1, ?2, ?3)"
                              " ON CONFLICT (hash) DO UPDATE SET user = ?2, seen = ?3",
        [PIC__Q_DEVICE_IS] = "SELECT 1 FROM device WHERE hash = ?1 AND user = ?2 AND seen > ?3",
        [PIC__Q_DEVICE_TIDY] = "DELETE FROM device WHERE user = ?1 AND (seen <= ?2 OR hash IN (SELECT hash FROM device"
                               " WHERE user = ?1 ORDER BY seen DESC LIMIT -1 OFFSET ?3))",
        [PIC__Q_SETUP_PUT] = "INSERT OR REPLACE INTO setup (one, hash, until) VALUES (1, ?1, ?2)",
        [PIC__Q_SETUP_IS] = "SELECT 1 FROM setup WHERE hash = ?1 AND until > ?2",
        [PIC__Q_SETUP_DROP] = "DELETE FROM setup",
        [PIC__Q_LINK_PUT] = "INSERT OR REPLACE INTO link (peer, hash, until) VALUES (?1, ?2, ?3)",
        [PIC__Q_LINK_GET] = "SELECT peer, until FROM link WHERE hash = ?1",
        [PIC__Q_LINK_DROP] = "DELETE FROM link WHERE peer = ?1 AND hash = ?2",
        /* a step that is not newer than the last one changes no row */
        [PIC__Q_STEP_PUT] = "INSERT INTO totp_step (user, step) VALUES (?1, ?2)"
                            " ON CONFLICT (user) DO UPDATE SET step = ?2 WHERE step < ?2",
        [PIC__Q_PASSKEY_ADD] =
                "INSERT INTO passkey (user, name, rp, credential, alg, key, count, created, used, suspect)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0) ON CONFLICT DO NOTHING RETURNING id",
        [PIC__Q_PASSKEY_FIND] = "SELECT id, user, name, rp, credential, alg, key, count, created, used, suspect"
                                " FROM passkey WHERE credential = ?1",
        [PIC__Q_PASSKEY_LIST] = "SELECT id, user, name, rp, credential, alg, key, count, created, used, suspect"
                                " FROM passkey WHERE ?1 IS NULL OR user = ?1 ORDER BY id",
        [PIC__Q_PASSKEY_USED] = "UPDATE passkey SET count = ?2, used = ?3 WHERE id = ?1",
        [PIC__Q_PASSKEY_SUSPECT] = "UPDATE passkey SET suspect = ?2 WHERE id = ?1",
        [PIC__Q_PASSKEY_NAME] = "UPDATE OR IGNORE passkey SET name = ?3 WHERE id = ?1 AND user = ?2",
        [PIC__Q_PASSKEY_END] = "DELETE FROM passkey WHERE id = ?1 AND user = ?2",
};

/* ---- columns ---- */

static int is_number(const pic__field *f)
{
        if ((f->flags & PIC__F_LIST) != 0)
                return 0;
        return f->type == PIC__T_INT || f->type == PIC__T_BOOL || f->type == PIC__T_TIME;
}

/* The longest text of a type, in bytes. What it must look like is the parser's business; this keeps a column sane
 * whoever writes it. */
static int64_t longest(const pic__field *f)
{
        static const int64_t of_type[] = {
                [PIC__T_NAME] = 64,     [PIC__T_DOMAIN] = 253,   [PIC__T_ADDR4] = 15,     [PIC__T_ADDR6] = 45,
                [PIC__T_PREFIX4] = 18,  [PIC__T_PREFIX6] = 49,   [PIC__T_PREFIX] = 49,    [PIC__T_KEY] = 44,
                [PIC__T_SECRET] = 8192, [PIC__T_ENDPOINT] = 261, [PIC__T_RESOLVER] = 512, [PIC__T_GRANT] = 512,
                [PIC__T_REF] = 64,      [PIC__T_IFNAME] = 15,    [PIC__T_RULE] = 512,     [PIC__T_DNS] = 255,
                [PIC__T_SERVER] = 253,
        };

        if ((f->flags & PIC__F_LIST) != 0)
                return 262144;
        if (f->type == PIC__T_TEXT || (f->type == PIC__T_SECRET && f->max > 0))
                return f->max;
        return (size_t)f->type < PIC__COUNT(of_type) && of_type[f->type] != 0 ? of_type[f->type] : 1048576;
}

static int64_t shortest(const pic__field *f)
{
        if ((f->flags & PIC__F_LIST) != 0)
                return 0;
        return f->type == PIC__T_TEXT ? f->min : 1;
}

static void put_choices(const char *choices, pic__buf *out)
{
        const char *at = choices;

        while (*at != '\0') {
                size_t len = strcspn(at, "|");

                pic__buf_puts(out, at == choices ? "'" : ",'");
                pic__buf_put(out, at, len);
                pic__buf_putc(out, '\'');
                at += len + (at[len] == '|');
        }
}

static void put_check(const pic__field *f, pic__buf *out)
{
        pic__buf_puts(out, " CHECK (");
        if (is_number(f) && f->type == PIC__T_BOOL)
                pic__buf_putf(out, "\"%s\" IN (0,1)", f->name);
        else if (is_number(f) && f->type == PIC__T_TIME)
                pic__buf_putf(out, "\"%s\" >= 0", f->name);
        else if (is_number(f))
                pic__buf_putf(out, "\"%s\" BETWEEN %" PRId64 " AND %" PRId64, f->name, f->min, f->max);
        else if (f->type == PIC__T_ENUM && (f->flags & PIC__F_LIST) == 0) {
                pic__buf_putf(out, "\"%s\" IN (", f->name);
                put_choices(f->choices, out);
                pic__buf_putc(out, ')');
        } else
                pic__buf_putf(out, "length(CAST(\"%s\" AS BLOB)) BETWEEN %" PRId64 " AND %" PRId64, f->name,
                              shortest(f), longest(f));
        pic__buf_putc(out, ')');
}

const char *pic__sql_type(const pic__field *f)
{
        return is_number(f) ? "INTEGER" : "TEXT";
}

void pic__sql_column(const pic__field *f, int added_later, pic__buf *out)
{
        pic__buf_putf(out, "\"%s\" %s", f->name, pic__sql_type(f));
        /* Rows that are there have no value for a column added later. A default stands for a value that is absent. */
        if ((f->flags & PIC__F_REQUIRED) != 0 && f->def == NULL && !added_later)
                pic__buf_puts(out, " NOT NULL");
        put_check(f, out);
}

void pic__sql_table(enum pic__kind kind, const char *name, pic__buf *out)
{
        const pic__kind_info *k = &pic__kinds[kind];
        size_t i;

        pic__buf_putf(out, "CREATE TABLE \"%s\" (id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL",
                      name);
        for (i = 0; i < k->count; i++) {
                pic__buf_puts(out, ", ");
                pic__sql_column(&k->fields[i], 0, out);
        }
        pic__buf_puts(out, ") STRICT");
}

void pic__sql_past(enum pic__kind kind, pic__buf *out)
{
        const pic__kind_info *k = &pic__kinds[kind];
        size_t i;

        pic__buf_putf(out,
                      "CREATE TABLE IF NOT EXISTS \"%s.past\" (id INTEGER NOT NULL, since INTEGER NOT NULL,"
                      " until INTEGER NOT NULL",
                      k->name);
        for (i = 0; i < k->count; i++)
                pic__buf_putf(out, ", \"%s\" %s", k->fields[i].name, pic__sql_type(&k->fields[i]));
        pic__buf_puts(out, ", PRIMARY KEY (id, since)) STRICT, WITHOUT ROWID;");
        pic__buf_putf(out, "CREATE INDEX IF NOT EXISTS \"%s.until\" ON \"%s.past\" (until, since);", k->name, k->name);
}

void pic__sql_indexes(enum pic__kind kind, pic__buf *out)
{
        const pic__kind_info *k = &pic__kinds[kind];
        size_t i;

        /* There is one cell: an index on a constant has room for one row. */
        if (kind == PIC__CELL)
                pic__buf_putf(out, "CREATE UNIQUE INDEX IF NOT EXISTS \"%s.one\" ON \"%s\" ((1));", k->name, k->name);
        for (i = 0; i < k->count; i++) {
                const pic__field *f = &k->fields[i];

                if ((f->flags & (PIC__F_UNIQUE | PIC__F_NAME)) != 0)
                        pic__buf_putf(out, "CREATE UNIQUE INDEX IF NOT EXISTS \"%s.%s\" ON \"%s\" (\"%s\"%s);", k->name,
                                      f->name, k->name, f->name,
                                      (f->flags & PIC__F_NAME) != 0 ? " COLLATE NOCASE" : "");
        }
}

void pic__sql_ref(pic__buf *out)
{
        size_t i;

        pic__buf_puts(out, "CREATE TABLE ref (from_kind TEXT NOT NULL, from_id INTEGER NOT NULL, field TEXT NOT NULL");
        for (i = 0; i < PIC__KINDS; i++)
                pic__buf_putf(out, ", \"to_%s\" INTEGER REFERENCES \"%s\" (id) ON DELETE RESTRICT", pic__kinds[i].name,
                              pic__kinds[i].name);
        pic__buf_puts(out, ") STRICT; CREATE INDEX \"ref.from\" ON ref (from_kind, from_id);");
        for (i = 0; i < PIC__KINDS; i++)
                pic__buf_putf(out, "CREATE INDEX \"ref.to_%s\" ON ref (\"to_%s\") WHERE \"to_%s\" IS NOT NULL;",
                              pic__kinds[i].name, pic__kinds[i].name, pic__kinds[i].name);
}

/* ---- statements ---- */

static void put_fields(const pic__kind_info *k, pic__buf *out)
{
        size_t i;

        for (i = 0; i < k->count; i++)
                pic__buf_putf(out, ", \"%s\"", k->fields[i].name);
}

static void put_columns(const pic__kind_info *k, pic__buf *out)
{
        pic__buf_puts(out, "id, revision");
        put_fields(k, out);
}

/* The revision from which a past row was in force stands where a row's revision does. */
static void put_past(const pic__kind_info *k, pic__buf *out)
{
        pic__buf_puts(out, "SELECT id, since");
        put_fields(k, out);
        pic__buf_putf(out, " FROM \"%s.past\" WHERE ", k->name);
}

/* Which rows they are is known from the index alone; of a long history only those few are read. */
static void put_past_at(const pic__kind_info *k, pic__buf *out)
{
        put_past(k, out);
        pic__buf_putf(out,
                      "(id, since) IN (SELECT id, since FROM \"%s.past\" INDEXED BY \"%s.until\""
                      " WHERE until > ?1 AND since <= ?1)",
                      k->name, k->name);
}

static void put_past_get(const pic__kind_info *k, pic__buf *out)
{
        put_past(k, out);
        pic__buf_puts(out, "id = ?2 AND since <= ?1 AND until > ?1");
}

static void put_past_all(const pic__kind_info *k, pic__buf *out)
{
        put_past(k, out);
        pic__buf_puts(out, "id = ?1 ORDER BY since DESC");
}

/* A row that this transaction made already is nobody's past. */
static void put_past_put(const pic__kind_info *k, pic__buf *out)
{
        pic__buf_putf(out, "INSERT INTO \"%s.past\" (id, since, until", k->name);
        put_fields(k, out);
        pic__buf_puts(out, ") SELECT id, revision, ?2");
        put_fields(k, out);
        pic__buf_putf(out, " FROM \"%s\" WHERE id = ?1 AND revision < ?2", k->name);
}

static void put_select(const pic__kind_info *k, const char *rest, pic__buf *out)
{
        pic__buf_puts(out, "SELECT ");
        put_columns(k, out);
        pic__buf_putf(out, " FROM \"%s\" %s", k->name, rest);
}

static void put_insert(const pic__kind_info *k, pic__buf *out)
{
        size_t i;

        pic__buf_putf(out, "INSERT INTO \"%s\" (", k->name);
        put_columns(k, out);
        pic__buf_puts(out, ") VALUES (?1, ?2");
        for (i = 0; i < k->count; i++)
                pic__buf_putf(out, ", ?%zu", i + 3);
        pic__buf_putc(out, ')');
}

static void put_update(const pic__kind_info *k, pic__buf *out)
{
        size_t i;

        pic__buf_putf(out, "UPDATE \"%s\" SET revision = ?2", k->name);
        for (i = 0; i < k->count; i++)
                pic__buf_putf(out, ", \"%s\" = ?%zu", k->fields[i].name, i + 3);
        pic__buf_puts(out, " WHERE id = ?1");
}

/* Statements that are one text with the kind's name in some places. */
static const char *const by_name[PIC__K_COUNT] = {
        [PIC__K_ID] = "SELECT id FROM \"%s\" WHERE name = ?1 COLLATE NOCASE",
        [PIC__K_NAMES] = "SELECT name FROM \"%s\"",
        [PIC__K_DELETE] = "DELETE FROM \"%s\" WHERE id = ?1",
        [PIC__K_REF_ADD] = "INSERT INTO ref (from_kind, from_id, field, \"to_%s\") VALUES (?1, ?2, ?3, ?4)",
        [PIC__K_REF_USERS] = "SELECT DISTINCT from_kind, from_id FROM ref WHERE \"to_%s\" = ?1",
        [PIC__K_REF_CUT] = "DELETE FROM ref WHERE \"to_%s\" = ?1",
};

static void put_by_name(const char *text, const char *name, pic__buf *out)
{
        const char *at = strstr(text, "%s");

        pic__buf_put(out, text, (size_t)(at - text));
        pic__buf_puts(out, name);
        pic__buf_puts(out, at + 2);
}

void pic__sql_made(enum pic__kind kind, enum pic__k k, pic__buf *out)
{
        const pic__kind_info *info = &pic__kinds[kind];

        switch (k) {
        case PIC__K_GET: put_select(info, "WHERE id = ?1", out); break;
        case PIC__K_NAMED: put_select(info, "WHERE name = ?1 COLLATE NOCASE", out); break;
        case PIC__K_NEXT: put_select(info, "WHERE id > ?1 ORDER BY id LIMIT 1", out); break;
        case PIC__K_ALL: put_select(info, "ORDER BY id", out); break;
        case PIC__K_INSERT: put_insert(info, out); break;
        case PIC__K_UPDATE: put_update(info, out); break;
        case PIC__K_PAST_PUT: put_past_put(info, out); break;
        case PIC__K_PAST_AT: put_past_at(info, out); break;
        case PIC__K_PAST_GET: put_past_get(info, out); break;
        case PIC__K_PAST_ALL: put_past_all(info, out); break;
        case PIC__K_SINCE: put_select(info, "WHERE revision <= ?1", out); break;
        case PIC__K_ID:
        case PIC__K_NAMES:
        case PIC__K_DELETE:
        case PIC__K_REF_ADD:
        case PIC__K_REF_USERS:
        case PIC__K_REF_CUT: put_by_name(by_name[k], info->name, out); break;
        case PIC__K_COUNT: break;
        }
}
