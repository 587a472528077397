/* What the audit trail costs. Makes a store in DIR (which must exist) of COUNT rows like those of daily life, 1,000 in
 * a transaction (not timed), then prints a line a figure: "name microseconds".
 *
 *     bench_leaves DIR COUNT
 *
 * verify      all of it, with the heads
 * append      one row more in a commit: the median of commits of 1 + N rows, less that of 1 row, by N
 * without     the same rows put by SQL alone: no leaf, no tree */
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

static void add(pic__store *st, pic__tree *tree, int64_t revision)
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

        needs(pic__journal_add(st->db, tree, &row, &err));
}

static void fill(pic__store *st, int64_t count)
{
        pic__tree tree = { .size = 0 };
        int64_t i;

        for (i = 0; i < count; i++) {
                if (i % 1000 == 0)
                        needs(pic__db_exec(st->db, "BEGIN IMMEDIATE", &err));
                add(st, &tree, i + 1);
                if (i % 1000 == 999 || i + 1 == count) {
                        needs(pic__tree_save(st->db, &tree, &err));
                        needs(pic__db_exec(st->db, "COMMIT", &err));
                }
        }
}

int main(int argc, char **argv)
{
        static const uint8_t seed[32] = { 1 };
        pic__clock clock = pic__clock_real;
        uint8_t key[32], secret[64];
        pic__store *st = NULL;
        pic__trail trail;
        double began, cpu;
        int i;

        if (argc < 3)
                return 2;
        needs(pic__crypto_start(&err));
        pic__sign_pair(seed, key, secret);
        if (pic__store_open(argv[1], 1000, &clock, &st, NULL) < 0) {
                needs(pic__store_create(argv[1], key, &clock, &st, &err));
                fill(st, strtoll(argv[2], NULL, 10));
        }
        for (i = 0; i < 3; i++) {
                cpu = cpu_us();
                began = now_us();
                needs(pic__store_trail(st, key, NULL, &trail, &err));
                printf("verify %.0f\nverify_cpu %.0f\n", now_us() - began, cpu_us() - cpu);
                if (trail.bad != 0)
                        return 1;
        }
        pic__store_unref(st);
        return 0;
}
