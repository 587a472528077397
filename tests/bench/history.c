/* bench_history DIR REVISIONS: makes a cell with 200 devices in DIR, then that many revisions, and tells as JSON what
 * adding, undoing and looking back cost, before and after. The library's own wishes and store, on the disk of DIR;
 * nobody applies. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "change/run.h"
#include "codec/cellfile.h"
#include "engine/newcell.h"
#include "sys/crypto.h"

enum { PEERS = 200, TIMES = 300 };

static const pic__run_opts opts = { .clock = &pic__clock_real };

static double ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fail(const pic_error *err)
{
        fprintf(stderr, "bench_history: %s\n", pic_error_message(err));
        exit(1);
}

#define NEED(call)                 \
        do {                       \
                if ((call) < 0)    \
                        fail(err); \
        } while (0)

static void commit(pic__store *st, const pic__op *op)
{
        pic__wishes w = { .ops = PIC__VEC_INIT };
        pic_error *err = NULL;
        pic__txn *t = NULL;

        NEED(pic__wish_push(&w, op, &err));
        NEED(pic__txn_begin(st, "root", "bench", &t, &err));
        NEED(pic__change_run(&w, st, t, &opts, &err));
        NEED(pic__txn_commit(t, NULL, &err));
        pic__wishes_free(&w);
}

static void add(pic__store *st, const char *prefix, unsigned n)
{
        char name[32];
        const pic__op op = { .wish = PIC__WISH_ADD, .kind = PIC__PEER, .name = name };

        snprintf(name, sizeof(name), "%s%u", prefix, n);
        commit(st, &op);
}

static void change(pic__store *st, unsigned n)
{
        static const char *const grants[] = { "internet", "lan", "internet,lan", "192.168.1.10:tcp/445", "peers" };
        char name[32], note[48];
        pic__op op = { .wish = PIC__WISH_SET, .kind = PIC__PEER, .name = name };

        snprintf(name, sizeof(name), "p%u", n * 7919 % PEERS);
        snprintf(note, sizeof(note), "the note of revision %u", n);
        op.field = pic__field_find(PIC__PEER, n % 3 == 0 ? "access" : "note");
        op.text = n % 3 == 0 ? grants[(n / 3 + n / PEERS) % 5] : note;
        commit(st, &op);
}

static int by_size(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return x < y ? -1 : x > y;
}

static double median(double *v, unsigned n)
{
        qsort(v, n, sizeof(*v), by_size);
        return v[n / 2];
}

static double adding(pic__store *st, const char *prefix)
{
        static double took[TIMES];
        unsigned i;

        for (i = 0; i < TIMES; i++) {
                double from = ms();

                add(st, prefix, i);
                took[i] = ms() - from;
        }
        return median(took, TIMES);
}

static double undoing(pic__store *st, pic_revision revision)
{
        const pic__op op = { .wish = PIC__WISH_UNDO, .kind = PIC__CELL, .revision = revision };
        double took[9];
        unsigned i;

        for (i = 0; i < 9; i++) {
                double from = ms();

                commit(st, &op); /* of the last one: back and forth */
                took[i] = ms() - from;
        }
        return median(took, 9);
}

static double looking_back(pic__store *st, pic_revision revision)
{
        double took[9];
        unsigned i;

        for (i = 0; i < 9; i++) {
                pic__buf text = PIC__BUF_INIT;
                pic_error *err = NULL;
                pic__snap *s = NULL;
                double from = ms();

                NEED(pic__snap_new(&s, &err));
                NEED(pic__store_at(st, revision, s, &err));
                NEED(pic__cellfile_write(s, &text, &err));
                took[i] = ms() - from;
                pic__snap_unref(s);
                pic__buf_free(&text);
        }
        return median(took, 9);
}

static double megabytes(const char *dir)
{
        char path[512];
        struct stat st;

        snprintf(path, sizeof(path), "%s/cell.db", dir);
        return stat(path, &st) == 0 ? (double)st.st_size / 1e6 : 0;
}

int main(int argc, char **argv)
{
        static const char *const fields[] = { "name", "bench", "net4", "10.77.0.0/16", "net6", "fd77::/48", NULL };
        unsigned revisions = argc > 2 ? (unsigned)atoi(argv[2]) : 1000, i;
        pic__newcell_opts cell = {
                .fake = 1, .actor = "root", .way = "bench", .clock = &pic__clock_real, .fields = fields
        };
        double empty, full, undo, first, middle, last;
        pic_revision now = 0;
        pic_error *err = NULL;
        pic__store *st = NULL;
        pic_obj *made = NULL;

        if (argc < 2)
                return 2;
        cell.dir = argv[1];
        NEED(pic__crypto_start(&err));
        NEED(pic__newcell_make(&cell, &made, &err));
        pic__obj_unref(made);
        NEED(pic__store_open(argv[1], 1000, &pic__clock_real, &st, &err));
        for (i = 0; i < PEERS; i++)
                add(st, "p", i);
        empty = adding(st, "a");
        for (i = 0; i < revisions; i++)
                change(st, i);
        full = adding(st, "b");
        undo = undoing(st, 0);
        first = looking_back(st, PEERS + 10);
        NEED(pic__store_revision(st, &now, &err));
        middle = looking_back(st, now / 2);
        last = looking_back(st, now - 1);
        pic__store_tidy(st);
        printf("{\"add_empty_ms\":%.4f,\"add_full_ms\":%.4f,\"undo_ms\":%.3f,\"at_first_ms\":%.3f,\"at_middle_ms\":%."
               "3f,"
               "\"at_last_ms\":%.3f,\"store_mb\":%.1f}\n",
               empty, full, undo, first, middle, last, megabytes(argv[1]));
        pic__store_unref(st);
        return 0;
}
