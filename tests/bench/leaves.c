/* What the audit trail costs. Fills the cell in DIR up to COUNT rows like those of daily life, with a head for each
 * hundred by a key that becomes the cell's (not timed), then prints a line a figure: "name microseconds".
 *
 *     bench_leaves DIR COUNT ROUNDS
 *
 * with        a row more in a commit, on the disk of DIR: median of ROUNDS
 * without     the same row put by the same SQL alone, no leaf and no tree, in turns with it; it is taken out again
 * work        what the tree costs the processor up to the commit: median of the differences
 * verify      all of it, with the heads, in this process */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/note.h"
#include "store/inner.h"
#include "sys/crypto.h"

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double cpu_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void need(int r, pic_error *err)
{
        if (r >= 0)
                return;
        fprintf(stderr, "bench_leaves: %s\n", pic_error_message(err));
        exit(1);
}

#define needs(call)                    \
        do {                           \
                pic_error *err = NULL; \
                int r_ = (call);       \
                need(r_, err);         \
        } while (0)

static const char text[] =
        "peer anna: access internet,lan → internet,lan,192.168.1.10:tcp/445; note nothing → Anna’s phone";
static const char before[] = "{\"access\":\"internet,lan\",\"note\":null}";
static const char after[] = "{\"access\":\"internet,lan,192.168.1.10:tcp/445\",\"note\":\"Anna’s phone\"}";

static uint8_t key[32], secret[64];

static pic__journal_row row_of(int64_t revision)
{
        pic__journal_row row = { .revision = revision,
                                 .time = INT64_C(1800000000000000) + revision,
                                 .actor = "uid 1000",
                                 .way = "cli",
                                 .kind = "peer",
                                 .id = revision % 5000,
                                 .name = "anna",
                                 .verb = "change",
                                 .before = before,
                                 .after = after,
                                 .text = text };

        return row;
}

static void run(pic__store *st, const char *sql)
{
        needs(pic__db_exec(st->db, sql, &err));
}

/* --- filling --------------------------------------------------------------------------------------------------- */

static void add(pic__store *st, pic__tree *tree)
{
        pic__journal_row row = row_of((int64_t)tree->size + 1);

        needs(pic__journal_add(st->db, tree, &row, &err));
}

static void sign(pic__store *st, const pic__tree *tree)
{
        pic__auto_buf pic__buf note = PIC__BUF_INIT;
        pic__head head = { .size = tree->size };

        pic__origin(key, head.origin);
        pic__tree_root(tree, head.root);
        pic__note_sign(&head, secret, &note);
        needs(pic__store_head_put(st, tree, pic__buf_str(&note), &err));
}

static void take_over(pic__store *st)
{
        static const uint8_t seed[32] = { 1 };
        char base64[PIC__BASE64(32)], sql[128];

        needs(pic__crypto_start(&err));
        pic__sign_pair(seed, key, secret);
        pic__base64(key, sizeof(key), base64);
        snprintf(sql, sizeof(sql), "UPDATE cell SET identity_key = '%s'", base64);
        run(st, sql);
}

static void fill(pic__store *st, uint64_t count)
{
        pic__tree tree;

        take_over(st);
        run(st, "PRAGMA synchronous = OFF");
        needs(pic__tree_load(st->db, &tree, &err));
        while (tree.size < count) {
                run(st, "BEGIN IMMEDIATE");
                do
                        add(st, &tree);
                while (tree.size % 100 != 0 && tree.size < count);
                needs(pic__tree_save(st->db, &tree, &err));
                run(st, "COMMIT");
                sign(st, &tree);
                if (tree.size % 10000 == 0)
                        pic__store_tidy(st);
        }
        pic__store_tidy(st);
        run(st, "PRAGMA synchronous = FULL");
}

/* --- one row more ---------------------------------------------------------------------------------------------- */

struct times {
        double work, commit; /* processor up to the commit; all of it by the clock */
};

static void end(pic__store *st, struct times *t, double began, double cpu)
{
        t->work = cpu_us() - cpu;
        run(st, "COMMIT");
        t->commit = now_us() - began;
}

static void with(pic__store *st, struct times *t)
{
        double began = now_us(), cpu = cpu_us();
        pic__tree tree;

        run(st, "BEGIN IMMEDIATE");
        needs(pic__tree_load(st->db, &tree, &err));
        add(st, &tree);
        needs(pic__tree_save(st->db, &tree, &err));
        end(st, t, began, cpu);
}

static void without(pic__store *st, int64_t seq, struct times *t)
{
        static const uint8_t leaf[32] = { 0 };
        double began = now_us(), cpu = cpu_us();
        pic__journal_row row = row_of(seq);
        const char *const texts[] = { row.actor, row.way, row.kind, NULL, row.name, row.verb, before, after, text };
        sqlite3_stmt *s = NULL;
        char sql[80];
        int i;

        run(st, "BEGIN IMMEDIATE");
        needs(pic__db_stmt(st->db, PIC__Q_JOURNAL_ADD, &s, &err));
        (void)sqlite3_bind_int64(s, 1, seq);
        (void)sqlite3_bind_int64(s, 2, row.revision);
        (void)sqlite3_bind_int64(s, 3, row.time);
        for (i = 0; i < 9; i++)
                (void)pic__bind_text(s, 4 + i, texts[i]);
        (void)sqlite3_bind_int64(s, 7, row.id);
        (void)sqlite3_bind_blob(s, 13, leaf, sizeof(leaf), SQLITE_STATIC);
        needs(pic__db_run(st->db, s, &err));
        end(st, t, began, cpu);
        snprintf(sql, sizeof(sql), "DELETE FROM journal WHERE seq = %" PRId64, seq);
        run(st, sql);
}

static int compare(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return x < y ? -1 : x > y;
}

static void figure(const char *name, double *values, size_t count)
{
        qsort(values, count, sizeof(*values), compare);
        printf("%s %.1f\n", name, values[count / 2]);
}

static void append(pic__store *st, size_t rounds)
{
        double *all = calloc(3 * rounds + 1, sizeof(*all)), *plain = all + rounds, *work = plain + rounds;
        struct times a, b;
        size_t i;

        for (i = 0; all != NULL && i < rounds; i++) {
                without(st, pic__store_last_seq(st) + 1, &b);
                with(st, &a);
                all[i] = a.commit;
                plain[i] = b.commit;
                work[i] = a.work - b.work;
        }
        figure("with", all, rounds);
        figure("without", plain, rounds);
        figure("work", work, rounds);
        free(all);
}

/* --- all of them ----------------------------------------------------------------------------------------------- */

static int verify(pic__store *st, int64_t count)
{
        double began = now_us();
        pic__trail trail;

        needs(pic__store_trail(st, key, NULL, &trail, &err));
        printf("verify %.0f\nheads %" PRIu64 "\n", now_us() - began, trail.heads);
        if (trail.bad != 0 || (int64_t)trail.size < count)
                fprintf(stderr, "bench_leaves: %" PRIu64 " rows, row %" PRId64 ": %s\n", trail.size, trail.bad,
                        trail.what);
        return trail.bad == 0 && (int64_t)trail.size >= count;
}

int main(int argc, char **argv)
{
        pic__clock clock = pic__clock_real;
        pic__store *st = NULL;
        int good;

        if (argc < 4)
                return 2;
        needs(pic__store_open(argv[1], 1000, &clock, &st, &err));
        fill(st, strtoull(argv[2], NULL, 10));
        append(st, strtoul(argv[3], NULL, 10));
        good = verify(st, strtoll(argv[2], NULL, 10));
        pic__store_unref(st);
        return !good;
}
