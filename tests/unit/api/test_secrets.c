/* Shows: no secret gets out, in any form. A cell lives through random changes, showings, refusals and heads; every
 * secret it ever had is opened and looked for, as bytes, hex, base64 of each kind and as its sealed text, in everything
 * that can be read: the journal's columns, events, lists, exports of each format, documents, plans, status, doctor,
 * logs, and the store's file for what should be sealed. */
#include "../../api/world.h"

#include <fcntl.h>
#include <time.h>

#include "engine/keyfile.h"
#include "store/inner.h"
#include "sys/crypto.h"
#include "sys/hash.h"

struct secret {
        char field[64];
        uint8_t bytes[32];
        char sealed[512]; /* "": it never was */
};

struct run {
        world w;
        unsigned seed;
        struct secret secrets[2000];
        size_t count;
        int last;       /* what the last call answered: it may be refused */
        pic__buf all;   /* what can be read */
        pic__buf shown; /* configurations: the one place where secrets are meant to be */
};

static unsigned any(struct run *r, unsigned below)
{
        return (unsigned)rand_r(&r->seed) % below;
}

#define P256_AT 36

/* --- every secret that there is ------------------------------------------------------------------------------- */

static void keep(struct run *r, const char *field, const uint8_t bytes[32], const char *sealed)
{
        size_t i;

        for (i = 0; i < r->count; i++)
                if (memcmp(r->secrets[i].bytes, bytes, 32) == 0 && strcmp(r->secrets[i].sealed, sealed) == 0)
                        return;
        assert_true(r->count < PIC__COUNT(r->secrets));
        snprintf(r->secrets[i].field, sizeof(r->secrets[i].field), "%s", field);
        memcpy(r->secrets[i].bytes, bytes, 32);
        snprintf(r->secrets[i].sealed, sizeof(r->secrets[i].sealed), "%s", sealed);
        r->count++;
}

static void open_one(struct run *r, const uint8_t key[32], const char *kind, pic_id id, const char *field,
                     const char *text)
{
        char context[96];
        uint8_t plain[512];
        size_t len = 0;

        snprintf(context, sizeof(context), "%s/%lld/%s", kind, (long long)id, field);
        if (pic__unseal(key, context, text, plain, sizeof(plain), &len, NULL) < 0)
                fail_msg("%s does not open", context);
        assert_true(len == 32 || len > P256_AT + 32); /* of a certificate's key in PKCS #8 the number itself */
        keep(r, context, len == 32 ? plain : plain + P256_AT, text);
}

/* What the tables have now: objects and their past. */
static void collect(struct run *r)
{
        pic__store *st = NULL;
        uint8_t key[32];
        size_t k, f;
        int past;

        assert_int_equal(pic__keyfile_read(r->w.dir, key, NULL), 0);
        keep(r, "the agent's key", key, "");
        assert_int_equal(pic__store_open(r->w.dir, 1000, &pic__clock_real, &st, NULL), 0);
        for (k = 0; k < PIC__KINDS; k++) {
                const pic__kind_info *kind = &pic__kinds[k];

                for (f = 0; f < kind->count; f++) {
                        if (kind->fields[f].type != PIC__T_SECRET)
                                continue;
                        for (past = 0; past < 2; past++) {
                                sqlite3_stmt *s = NULL;
                                char sql[160];

                                snprintf(sql, sizeof(sql), "SELECT id, \"%s\" FROM \"%s%s\" WHERE \"%s\" IS NOT NULL",
                                         kind->fields[f].name, kind->name, past ? ".past" : "", kind->fields[f].name);
                                assert_int_equal(pic__db_once(st->db, sql, &s, NULL), 0);
                                while (sqlite3_step(s) == SQLITE_ROW)
                                        open_one(r, key, kind->name, sqlite3_column_int64(s, 0), kind->fields[f].name,
                                                 pic__col_text(s, 1));
                                sqlite3_finalize(s);
                        }
                }
        }
        pic__store_unref(st);
}

/* --- a life --------------------------------------------------------------------------------------------------- */

static void live_once(struct run *r)
{
        static const char *const access[] = { "", "internet", "lan,peers", "192.168.1.0/24:tcp/445" };
        pic_error *err = NULL;
        pic_blob *blob = NULL;
        pic_report *report = NULL;
        pic_edit *e = NULL;
        char name[8], note[32];
        world *w = &r->w;

        snprintf(name, sizeof(name), "p%u", any(r, 8));
        snprintf(note, sizeof(note), "note %u", any(r, 1000));
        switch (any(r, 11)) {
        case 0: (void)world_add(w, "peer", name, NULL, NULL); break;
        case 1: {
                const char *const kept[] = { "key_mode", "kept", "note", note, NULL };

                (void)world_add(w, "peer", name, kept, NULL);
                break;
        }
        case 2: (void)world_remove(w, "peer", name, NULL); break;
        case 3: (void)world_set(w, "peer", name, "access", access[any(r, 4)], NULL); break;
        case 4:
        case 5:
                if (pic_peer_config(w->ctx, name, &blob, NULL) == 0)
                        pic__buf_puts(&r->shown, pic_blob_data(blob));
                pic_blob_unref(blob);
                break;
        case 6:
                r->last = pic_peer_qr(w->ctx, name, PIC_QR_TEXT, &blob, NULL);
                pic_blob_unref(blob);
                break;
        case 7:
                assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
                if (pic_edit_rekey(e, name, NULL) == 0)
                        r->last = pic_edit_commit(e, 0, NULL, NULL);
                pic_edit_unref(e);
                break;
        case 8:
                (void)world_set(w, "peer", name, "private_key",
                                "c2VjcmV0IHRoYXQgc29tZWJvZHkgdHlwZWQgaW4gdmFpbg==", &err);
                break;
        case 9: r->last = pic_audit_note(w->ctx, "login", note, NULL); break;
        default: r->last = pic_audit_head(w->ctx, &report, NULL); pic_report_unref(report);
        }
        pic_error_free(err);
}

/* --- everything that can be read ------------------------------------------------------------------------------ */

static void take(struct run *r, pic_report *report)
{
        pic__buf_puts(&r->all, pic_report_text(report));
        pic_report_unref(report);
}

static void read_journal(struct run *r)
{
        pic__store *st = NULL;
        sqlite3_stmt *s = NULL;
        int c;

        assert_int_equal(pic__store_open(r->w.dir, 1000, &pic__clock_real, &st, NULL), 0);
        assert_int_equal(pic__db_once(st->db, "SELECT * FROM journal", &s, NULL), 0);
        while (sqlite3_step(s) == SQLITE_ROW)
                for (c = 0; c < sqlite3_column_count(s); c++)
                        pic__buf_put(&r->all, sqlite3_column_blob(s, c), (size_t)sqlite3_column_bytes(s, c));
        sqlite3_finalize(s);
        assert_int_equal(pic__db_once(st->db, "SELECT note FROM head", &s, NULL), 0);
        while (sqlite3_step(s) == SQLITE_ROW)
                pic__buf_puts(&r->all, pic__col_text(s, 0));
        sqlite3_finalize(s);
        pic__store_unref(st);
}

static void read_events(struct run *r)
{
        pic_event *e = NULL;
        pic_sub *sub = NULL;

        assert_int_equal(pic_sub_open(r->w.ctx, 0, &sub, NULL), 0);
        while (pic_sub_next(sub, 0, &e, NULL) > 0) {
                pic__buf_puts(&r->all, pic_event_json(e));
                pic__buf_puts(&r->all, pic_event_text(e));
                pic_event_unref(e);
        }
        pic_sub_unref(sub);
}

static void read_exports(struct run *r)
{
        char path[] = "/tmp/pic-secrets-XXXXXX";
        int format, fd = mkstemp(path);
        off_t len;

        assert_int_equal(unlink(path), 0);
        for (format = PIC_AUDIT_JSONL; format <= PIC_AUDIT_BUNDLE; format++)
                assert_int_equal(pic_audit_export(r->w.ctx, fd, format, NULL, NULL), 0);
        len = lseek(fd, 0, SEEK_CUR);
        assert_int_equal(pread(fd, pic__buf_room(&r->all, (size_t)len), (size_t)len, 0), len);
        pic__buf_added(&r->all, (size_t)len);
        close(fd);
}

static void read_reports(struct run *r)
{
        world *w = &r->w;
        pic_report *report = NULL;
        pic_revision revision = 0, i;
        pic_list *list = NULL;
        pic_plan *plan = NULL;
        int64_t seq;

        assert_int_equal(pic_status_get(w->ctx, 0, &report, NULL), 0);
        take(r, report);
        assert_int_equal(pic_doctor_run(w->ctx, &report, NULL), 0);
        take(r, report);
        assert_int_equal(pic_export_get(w->ctx, 0, &report, NULL), 0);
        take(r, report);
        assert_int_equal(pic_log_get(w->ctx, NULL, 100000, &report, NULL), 0);
        take(r, report);
        assert_int_equal(pic_audit_verify(w->ctx, NULL, &report, NULL), 0);
        assert_true(pic_report_good(report));
        take(r, report);
        for (seq = 1; pic_audit_get(w->ctx, seq, PIC_AUDIT_PROOF, &report, NULL) == 0; seq++)
                take(r, report);
        assert_int_equal(pic_list_get(w->ctx, "peer", &list, NULL), 0);
        pic__buf_puts(&r->all, pic_list_json(list));
        pic_list_unref(list);
        assert_int_equal(pic_revision_at(w->ctx, INT64_MAX, &revision, NULL), 0);
        for (i = 1; i <= revision; i += 7) {
                assert_int_equal(pic_export_at(w->ctx, i, 0, &report, NULL), 0);
                take(r, report);
                assert_int_equal(pic_diff_get(w->ctx, i, revision, &plan, NULL), 0);
                pic__buf_puts(&r->all, pic_plan_json(plan));
                pic_plan_unref(plan);
        }
}

/* --- looking -------------------------------------------------------------------------------------------------- */

static void absent(const struct run *r, const pic__buf *in, const void *form, size_t len, const char *what,
                   const struct secret *s)
{
        if (len > 0 && memmem(in->data, in->len, form, len) != NULL)
                fail_msg("seed %u: %s is there as %s", r->seed, s->field, what);
}

/* Each way to write 32 bytes; `sealed` too. */
static void look_for(const struct run *r, const pic__buf *in, const struct secret *s, int sealed)
{
        char hex[65], base64[PIC__BASE64(32)], url[PIC__BASE64(32)];
        size_t i;

        absent(r, in, s->bytes, 32, "bytes", s);
        pic__hex(s->bytes, 32, hex);
        absent(r, in, hex, 64, "hex", s);
        for (i = 0; hex[i] != '\0'; i++)
                hex[i] = (char)(hex[i] >= 'a' ? hex[i] - 32 : hex[i]);
        absent(r, in, hex, 64, "HEX", s);
        pic__base64(s->bytes, 32, base64);
        absent(r, in, base64, 43, "base64", s);
        for (i = 0; i < sizeof(url); i++)
                url[i] = (char)(base64[i] == '+' ? '-' : base64[i] == '/' ? '_' : base64[i]);
        absent(r, in, url, 43, "base64url", s);
        if (!sealed || s->sealed[0] == '\0')
                return;
        absent(r, in, s->sealed, strlen(s->sealed), "sealed text", s);
        absent(r, in, s->sealed + 4, strlen(s->sealed) - 8, "a part of its sealed text", s);
}

static void read_file(const char *path, pic__buf *out)
{
        FILE *f = fopen(path, "re");
        char buf[65536];
        size_t n;

        while (f != NULL && (n = fread(buf, 1, sizeof(buf), f)) > 0)
                pic__buf_put(out, buf, n);
        if (f != NULL)
                fclose(f);
}

static void no_secret_gets_out(void **state)
{
        static struct run r;
        pic__buf file = PIC__BUF_INIT;
        char path[128];
        unsigned i, first;
        size_t n;

        (void)state;
        first = r.seed = (unsigned)time(NULL);
        print_message("seed %u\n", first);
        assert_int_equal(pic__crypto_start(NULL), 0);
        world_init(&r.w);
        for (i = 0; i < 250; i++) {
                live_once(&r);
                collect(&r);
        }
        read_journal(&r);
        read_events(&r);
        read_exports(&r);
        read_reports(&r);
        assert_false(r.all.failed);
        snprintf(path, sizeof(path), "%s/cell.db", r.w.dir);
        read_file(path, &file);
        strcat(path, "-wal");
        read_file(path, &file);
        for (n = 0; n < r.count; n++) {
                look_for(&r, &r.all, &r.secrets[n], 1);
                look_for(&r, &file, &r.secrets[n], 0); /* in the file it is sealed */
        }
        print_message("%zu secrets, %zu bytes that can be read, %zu bytes of file\n", r.count, r.all.len, file.len);
        assert_true(r.count > 30 && r.shown.len > 0);
        /* that the search finds what is there: in the configurations that were shown */
        for (n = i = 0; n < r.count; n++) {
                char base64[PIC__BASE64(32)];

                pic__base64(r.secrets[n].bytes, 32, base64);
                i += memmem(r.shown.data, r.shown.len, base64, 43) != NULL;
        }
        assert_true(i > 0);
        pic__buf_free(&r.all);
        pic__buf_free(&r.shown);
        pic__buf_free(&file);
        world_end(&r.w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(no_secret_gets_out) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
