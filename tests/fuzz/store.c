/* A store that somebody tampered with. The first byte says how and what is asked of it then. How: bytes of the file
 * that were flipped (an offset of three bytes and what to do to it), or values of columns that were put there behind
 * the back of the checks (table, column, row, type, length, bytes). Whatever is asked of such a cell then: it works, or
 * it is refused with an error; what is JSON stays JSON. */
#include "cell.h"

#include <sqlite3.h>

#include "codec/doc.h"

static void is_json(const char *text)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_err pic_error *err = NULL;

        if (pic__doc_json(text, strlen(text), "text", &doc, &err) < 0) {
                dprintf(2, "%s: %s\n", pic_error_message(err), text);
                abort();
        }
}

/* The answer to a call, which said why if it is negative. */
static int told(int r, pic_error **err)
{
        must(r >= 0 || r == pic_error_code(*err));
        must(r >= 0 || strpbrk(pic_error_message(*err), "\n\x1b") == NULL);
        pic_error_free(*err);
        *err = NULL;
        return r;
}

/* One with a change that waits for its confirmation. */
static void make(void)
{
        pic_edit *edit = NULL;
        pic_ctx *ctx;

        if (cell_db.len > 0)
                return;
        cell_make();
        ctx = cell_open();
        must(pic_edit_new(ctx, &edit, NULL) == 0 && pic_edit_set(edit, "peer", "ben", "note", "on trial", NULL) == 0);
        pic_edit_confirm_within(edit, 600000);
        must(pic_edit_commit(edit, 0, NULL, NULL) == 0);
        pic_edit_unref(edit);
        pic_ctx_unref(ctx);
        pic__buf_clear(&cell_db);
        cell_read("cell.db", &cell_db);
}

/* ---- tampering ---- */

static void flip(const uint8_t *data, size_t size)
{
        uint8_t *db = bytes_of((const uint8_t *)cell_db.data, cell_db.len);
        size_t len = cell_db.len;

        while (size >= 4) {
                size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % cell_db.len;

                if (data[3] == 0)
                        len = at + 1; /* cut off */
                else
                        db[at] ^= data[3];
                data += 4;
                size -= 4;
        }
        cell_put_back(db, len);
        free(db);
}

static int exec(sqlite3 *db, const char *sql)
{
        return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* The n-th text that a query answers; freed with sqlite3_free. */
static char *nth(sqlite3 *db, const char *sql, unsigned n)
{
        sqlite3_stmt *s = NULL;
        char *text = NULL;
        unsigned i;

        must(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
        for (i = 0; sqlite3_step(s) == SQLITE_ROW; i++) {
                sqlite3_free(text);
                text = sqlite3_mprintf("%s", sqlite3_column_text(s, 0));
                if (i == n)
                        break;
        }
        sqlite3_finalize(s);
        return text;
}

static void bind(sqlite3_stmt *s, unsigned type, const uint8_t *data, size_t len)
{
        int64_t number = 0;
        double real = 0;

        memcpy(&number, data, len < sizeof(number) ? len : sizeof(number));
        memcpy(&real, data, len < sizeof(real) ? len : sizeof(real));
        switch (type % 5) {
        case 0: sqlite3_bind_null(s, 1); break;
        case 1: sqlite3_bind_int64(s, 1, number); break;
        case 2: sqlite3_bind_text(s, 1, (const char *)data, (int)len, SQLITE_TRANSIENT); break;
        case 3: sqlite3_bind_blob(s, 1, data, (int)len, SQLITE_TRANSIENT); break;
        default: sqlite3_bind_double(s, 1, real); break;
        }
}

static void put_value(sqlite3 *db, const uint8_t **data, size_t *size)
{
        unsigned table_no = next_byte(data, size), column_no = next_byte(data, size), row = next_byte(data, size);
        unsigned type = next_byte(data, size), len = next_byte(data, size);
        char *table = nth(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", table_no % 16),
             *columns, *column, *sql;
        sqlite3_stmt *s = NULL;

        if (len > *size)
                len = (unsigned)*size;
        columns = sqlite3_mprintf("SELECT name FROM pragma_table_info(%Q)", table);
        column = nth(db, columns, column_no % 32);
        sql = sqlite3_mprintf(
                "UPDATE \"%w\" SET \"%w\" = ?1 WHERE \"%w\" IN (SELECT \"%w\" FROM \"%w\" LIMIT 1 OFFSET %u)", table,
                column, column, column, table, row % 16);
        if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK) {
                bind(s, type, *data, len);
                (void)sqlite3_step(s); /* a strict table may refuse the type */
        }
        sqlite3_finalize(s);
        sqlite3_free(table);
        sqlite3_free(columns);
        sqlite3_free(column);
        sqlite3_free(sql);
        *data += len;
        *size -= len;
}

static void put_values(const uint8_t *data, size_t size)
{
        sqlite3 *db = NULL;
        char path[320];
        int i;

        cell_put_back(cell_db.data, cell_db.len);
        snprintf(path, sizeof(path), "%s/cell.db", fuzz_dir());
        must(sqlite3_open(path, &db) == SQLITE_OK);
        must(exec(db, "PRAGMA synchronous=OFF; PRAGMA ignore_check_constraints=ON; PRAGMA foreign_keys=OFF") ==
             SQLITE_OK);
        for (i = 0; i < 8 && size > 0; i++)
                put_value(db, &data, &size);
        must(sqlite3_close(db) == SQLITE_OK);
}

/* ---- using what is left ---- */

static void report(int r, pic_report **report, pic_error **err, int json)
{
        if (told(r, err) >= 0 && json)
                is_json(pic_report_text(*report));
        pic_report_unref(*report);
}

static void look(pic_ctx *ctx)
{
        pic_report *text[6] = { NULL };
        pic_list *list = NULL;
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        size_t i;

        if (told(pic_list_get(ctx, "peer", &list, &err), &err) >= 0) {
                is_json(pic_list_json(list));
                for (i = 0; i < pic_list_count(list); i++)
                        pic_text_free(pic_obj_get(pic_list_at(list, i), "access"));
        }
        pic_list_unref(list);
        report(pic_status_get(ctx, 0, &text[0], &err), &text[0], &err, 1);
        report(pic_doctor_run(ctx, &text[1], &err), &text[1], &err, 1);
        report(pic_export_get(ctx, 0, &text[2], &err), &text[2], &err, 0);
        report(pic_why_get(ctx, "anna", "ben:tcp/80", 0, &text[3], &err), &text[3], &err, 1);
        report(pic_export_at(ctx, 2, 0, &text[4], &err), &text[4], &err, 0);
        if (told(pic_plan_get(ctx, 0, &plan, &err), &err) >= 0)
                is_json(pic_plan_json(plan));
        pic_plan_unref(plan);
}

static void look_back(pic_ctx *ctx)
{
        pic__auto_buf pic__buf head = PIC__BUF_INIT;
        pic_history *history = NULL;
        pic_error *err = NULL;
        pic_event *event = NULL;
        pic_plan *plan = NULL;
        pic_sub *sub = NULL;
        pic_revision at = 0;
        size_t i;

        if (told(pic_history_get(ctx, NULL, &history, &err), &err) >= 0)
                for (i = 0; i < pic_history_count(history); i++)
                        is_json(pic_event_json(pic_history_at(history, i)));
        pic_history_unref(history);
        (void)told(pic_revision_at(ctx, cell_now, &at, &err), &err);
        if (told(pic_diff_get(ctx, 1, 3, &plan, &err), &err) >= 0)
                is_json(pic_plan_json(plan));
        pic_plan_unref(plan);
        if (told(pic_sub_open(ctx, 0, &sub, &err), &err) >= 0)
                for (i = 0; i < 50 && told(pic_sub_next(sub, 0, &event, &err), &err) > 0; i++)
                        event = pic_event_unref(event);
        pic_sub_unref(sub);
        if (told(pic__ctx_call(ctx, "head", NULL, 0, &head, &err), &err) >= 0)
                is_json(pic__buf_str(&head));
}

/* What the wishes lead to, or that it was refused. */
static void change(pic_ctx *ctx, int (*wish)(pic_edit *edit, pic_error **err), int commit)
{
        pic_error *err = NULL;
        pic_edit *edit = NULL;
        pic_plan *plan = NULL;

        must(pic_edit_new(ctx, &edit, NULL) == 0);
        if (told(wish(edit, &err), &err) >= 0 && told(pic_edit_plan(edit, &plan, &err), &err) >= 0)
                is_json(pic_plan_json(plan));
        if (commit)
                (void)told(pic_edit_commit(edit, 0, NULL, &err), &err);
        pic_plan_unref(plan);
        pic_edit_unref(edit);
}

static int wish_undo(pic_edit *edit, pic_error **err)
{
        return pic_edit_undo(edit, 3, err);
}

static int wish_return(pic_edit *edit, pic_error **err)
{
        return pic_edit_return(edit, 2, err);
}

static int wish_more(pic_edit *edit, pic_error **err)
{
        int r = pic_edit_add(edit, "peer", "carl", err);

        if (r >= 0)
                r = pic_edit_set(edit, "peer", "anna", "note", "other", err);
        return r < 0 ? r : pic_edit_set(edit, "peer", "ben", "name", "benno", err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size);
        pic_blob *config = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx;

        make();
        if (mode % 2 == 0)
                flip(data, size);
        else
                put_values(data, size);
        ctx = cell_open();
        switch (mode >> 1 & 3) {
        case 0: look(ctx); break;
        case 1: look_back(ctx); break;
        case 2:
                change(ctx, wish_undo, 0);
                change(ctx, wish_return, 0);
                (void)told(pic_confirm(ctx, &err), &err);
                break;
        default:
                (void)told(pic_peer_config(ctx, "anna", &config, &err), &err);
                pic_blob_unref(config);
                change(ctx, wish_more, 1);
                break;
        }
        pic_ctx_unref(ctx);
        return 0;
}
